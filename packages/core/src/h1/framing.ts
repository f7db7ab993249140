import {
  FAULT_CODING,
  FAULT_CODING_UNEXPECTED,
  FAULT_CODING_UNSUPPORTED,
  FAULT_CONTENT_LENGTH,
} from './fault.ts'
import { listTokens, trimBlanks } from './list.ts'
import type { Leniency } from './options.ts'
import { SEEN_CONTENT_LENGTH, SEEN_TRANSFER_ENCODING } from './parse/well-known.ts'

// Message length (RFC 9112 §6.3), for both directions, in the RFC's order. The only room that reads Content-Length and
// Transfer-Encoding of a received message. Answers a length in bytes (0 and up), CHUNKED, UNTIL_CLOSE, or a fault.

export const CHUNKED = -100
export const UNTIL_CLOSE = -101

const FRAMED = SEEN_CONTENT_LENGTH | SEEN_TRANSFER_ENCODING

/** The length of a request body. Without either field there is none. */
export function requestLength(
  flat: readonly string[],
  seen: number,
  minor: number,
  lenient: Leniency,
): number {
  if ((seen & FRAMED) === 0) return 0
  if ((seen & SEEN_TRANSFER_ENCODING) === 0) return contentLength(flat, lenient.repeatedLength)
  // RFC 9112 §6.1: a request with both is an attempt at smuggling until shown otherwise.
  if ((seen & SEEN_CONTENT_LENGTH) !== 0 && !lenient.chunkedWithLength) return FAULT_CODING_UNEXPECTED
  if (minor === 0) return FAULT_CODING_UNEXPECTED
  return transferCoding(flat)
}

/** The length of a response body, to a request with the given method. */
export function responseLength(
  flat: readonly string[],
  seen: number,
  minor: number,
  status: number,
  method: string,
  lenient: Leniency,
): number {
  if (method === 'HEAD' || status === 204 || status === 304 || status < 200) return 0
  if (method === 'CONNECT' && status < 300) return 0
  if ((seen & FRAMED) === 0) return UNTIL_CLOSE
  if ((seen & SEEN_TRANSFER_ENCODING) === 0) return contentLength(flat, lenient.repeatedLength)
  if ((seen & SEEN_CONTENT_LENGTH) !== 0 || minor === 0) return FAULT_CODING_UNEXPECTED
  return transferCoding(flat)
}

// RFC 9112 §7: only chunked is spoken, once and last. What comes before a final chunked is a coding we lack (501);
// anything else leaves the length unknown (400).
function transferCoding(flat: readonly string[]): number {
  let codings: string[] | null = null
  for (let i = 0; i < flat.length; i += 2) {
    if (flat[i] !== 'transfer-encoding') continue
    if (codings === null && flat[i + 1] === 'chunked') codings = CHUNKED_ONLY
    else codings = [...(codings ?? NO_CODINGS), ...listTokens(flat[i + 1]!)]
  }
  if (codings === null || codings.length === 0) return FAULT_CODING
  if (codings.length === 1) return codings[0] === 'chunked' ? CHUNKED : FAULT_CODING
  if (codings[codings.length - 1] !== 'chunked') return FAULT_CODING
  return codings.includes('') || codings.indexOf('chunked') !== codings.length - 1
    ? FAULT_CODING
    : FAULT_CODING_UNSUPPORTED
}

const CHUNKED_ONLY: string[] = ['chunked']
const NO_CODINGS: string[] = []

// RFC 9110 §8.6: 1*DIGIT. Several equal ones are refused unless allowed.
function contentLength(flat: readonly string[], repeated: boolean): number {
  let length = -1
  for (let i = 0; i < flat.length; i += 2) {
    if (flat[i] !== 'content-length') continue
    for (const part of repeated ? flat[i + 1]!.split(',') : [flat[i + 1]!]) {
      const value = parseLength(repeated ? trimBlanks(part) : part)
      if (value < 0 || (length !== -1 && !(repeated && value === length))) return FAULT_CONTENT_LENGTH
      length = value
    }
  }
  return length === -1 ? FAULT_CONTENT_LENGTH : length
}

/** RFC 9112 §6.3: where chunked decides, a Content-Length beside it is not passed on. */
export function dropLength(flat: string[]): void {
  for (let i = flat.length - 2; i >= 0; i -= 2) if (flat[i] === 'content-length') flat.splice(i, 2)
}

/** A decimal number of bytes, or -1: digits only, at most 2^53 - 1. */
export function parseLength(text: string): number {
  const digits = text.length
  if (digits === 0) return -1
  let value = 0
  for (let i = 0; i < digits; i++) {
    const digit = text.charCodeAt(i) - 0x30
    if (digit < 0 || digit > 9) return -1
    value = value * 10 + digit
    if (value > Number.MAX_SAFE_INTEGER) return -1
  }
  return value
}
