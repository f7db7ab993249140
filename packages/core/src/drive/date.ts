// The text of `date` fields (IMF-fixdate, RFC 9110 §5.6.7), made once a second and shared by all connections.

let second = Number.NaN
let text = ''

/** The text for a time in milliseconds since 1970. */
export function httpDate(wall: number): string {
  const now = Math.floor(wall / 1000)
  if (now !== second) {
    second = now
    // Formats an instant that was given: no clock is read here.
    // oxlint-disable-next-line no-restricted-globals
    text = new Date(now * 1000).toUTCString()
  }
  return text
}
