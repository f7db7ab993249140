import type { ErrorCode, HyperError } from '@hyper/core/error'
import type { HeaderMap } from '@hyper/core/http'

// When another attempt may help, and when it is due. Rules only: they take values and return values.

/**
 * Statuses of a server that may answer otherwise in a moment: 408 it has waited too long, 425 it is too early for it (RFC
 * 8470), 429 too often, 500, 502, 503, 504 it or who stands behind it is not well.
 */
export const RETRY_STATUSES: readonly number[] = [408, 425, 429, 500, 502, 503, 504]

/** Failures that another attempt may not meet. A certificate is as wrong the second time, and a busy pool gets busier. */
const PASSING: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
  'CLOSED',
  'CONNECT',
  'CONNECT_TIMEOUT',
  'DNS',
  'GOAWAY',
  'H2_CONNECTION',
  'HEADERS_TIMEOUT',
  'IDLE_TIMEOUT',
  'INCOMPLETE_MESSAGE',
  'IO',
  'PING_TIMEOUT',
  'PROXY',
  'SEND_TIMEOUT',
  'STREAM_RESET',
])

/** Whether another attempt may not fail as this one did. */
export function isPassing(error: HyperError): boolean {
  return error.by !== 'user' && PASSING.has(error.code)
}

/**
 * How long the server asks to wait (RFC 9110 §10.2.3), in milliseconds: seconds, or a date. Null when it says nothing
 * that can be understood.
 * @param wall milliseconds since 1970, now.
 */
export function retryAfterOf(headers: HeaderMap, wall: number): number | null {
  const value = headers.first('retry-after')
  if (value === null) return null
  if (/^\d+$/.test(value)) return Number(value) * 1000
  const date = HTTP_DATE.test(value) ? Date.parse(value) : NaN
  return Number.isNaN(date) ? null : Math.max(0, date - wall)
}

/** RFC 9110 §5.6.7: the one form that is generated; `Date.parse` alone takes nearly anything for a date. */
const HTTP_DATE = /^\w{3}, \d{2} \w{3} \d{4} \d{2}:\d{2}:\d{2} GMT$/

/**
 * The pause before an attempt: twice as long each time, and then a random part of its second half, so that those who
 * failed together do not come back together.
 * @param retry 1 for the first one. @param random from 0 to 1.
 */
export function backoffOf(retry: number, delay: number, maxDelay: number, random: number): number {
  // Beyond that a power is Infinity, and no delay times that is no number.
  const most = Math.min(maxDelay, delay * 2 ** Math.min(retry - 1, 1_000))
  return most / 2 + (most / 2) * random
}
