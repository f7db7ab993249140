import { isHostValid, parseTarget } from '../http/target.ts'
import { FAULT_METHOD, FAULT_TARGET } from './fault.ts'
import type { Leniency } from './options.ts'
import { SEEN_HOST, SEEN_TWICE } from './parse/well-known.ts'

// What a request line and its Host must satisfy once their characters are known to be allowed (RFC 9112 §3.2).

const SLASH = 0x2f

/** The method of a head, as a shared string where it is a usual one. */
export function methodOf(head: string, start: number, end: number): string {
  const method = head.slice(start, end)
  switch (method) {
    case 'GET':
      return 'GET'
    case 'POST':
      return 'POST'
    default:
      return method
  }
}

/** 0 when the target has the form that its method wants, else a fault. */
export function targetFits(method: string, target: string): number {
  // origin-form, the usual one: its characters were checked by the parser.
  if (target.charCodeAt(0) === SLASH && method !== 'CONNECT') return 0
  if (method === '') return FAULT_METHOD
  return parseTarget(target, method) === null ? FAULT_TARGET : 0
}

/**
 * The Host of a request, '' where none is needed, or null when the request must be refused: exactly one valid Host with
 * HTTP/1.1 (RFC 9112 §3.2), at most one with HTTP/1.0.
 */
export function hostFits(
  flat: readonly string[],
  seen: number,
  minor: number,
  lenient: Leniency,
): string | null {
  if ((seen & SEEN_HOST) === 0) return minor === 0 || lenient.missingHost ? '' : null
  let host: string | null = null
  for (let i = 0; i < flat.length; i += 2) {
    if (flat[i] !== 'host') continue
    if (host !== null) return null
    host = flat[i + 1]!
    if ((seen & SEEN_TWICE) === 0) break
  }
  return host !== null && isHostValid(host) ? host : null
}
