import type { Clock } from '../rt/index.ts'

// The text of `date` fields (IMF-fixdate, RFC 9110 §5.6.7), made once a second and shared by all connections of a clock:
// the wall is looked at when a second of monotonic time is over, not for every response (benchmarks/src/micro).

let clock: Clock | null = null
let until = Number.NEGATIVE_INFINITY
let text = ''

/** The text for the monotonic time `now` of `by`. */
export function httpDate(by: Clock, now: number): string {
  if (clock !== by || now >= until || now < until - 1000) {
    clock = by
    const wall = by.wall()
    until = now + 1000 - (wall % 1000)
    // Formats an instant that was given: no clock is read here.
    // oxlint-disable-next-line no-restricted-globals
    text = new Date(wall).toUTCString()
  }
  return text
}
