import { IS_TARGET, IS_VALUE } from '../../bytes/char-table.ts'
import { isHostValid } from '../../http/host.ts'
import { isToken } from '../../http/header-name.ts'

// Facts: what a message layer asks of every field, as bits. They are found once, when a literal is decoded, and stay
// with its table entry, so that an indexed field costs no look at its characters. A block's facts are the union of its
// fields' facts; those that occurred twice have a union of their own.

// Pseudo-header fields (RFC 9113 §8.3, RFC 8441 §4).
export const SEEN_METHOD = 0x1
export const SEEN_SCHEME = 0x2
export const SEEN_AUTHORITY = 0x4
export const SEEN_PATH = 0x8
export const SEEN_STATUS = 0x10
export const SEEN_PROTOCOL = 0x20
/** Any pseudo-header field. */
export const SEEN_PSEUDO = 0x3f
/** Any field that is not a pseudo-header field. */
export const SEEN_REGULAR = 0x40
export const SEEN_CONTENT_LENGTH = 0x80
export const SEEN_HOST = 0x100
export const SEEN_COOKIE = 0x200
export const SEEN_EXPECT = 0x400
export const SEEN_PRIORITY = 0x800
export const SEEN_TRAILER = 0x1000
/** `te`, which may say nothing but `trailers` (RFC 9113 §8.2.2). */
export const SEEN_TE = 0x2000
export const SEEN_DATE = 0x4000
/** A field of HTTP/1 connections: connection, keep-alive, proxy-connection, transfer-encoding, upgrade (RFC 9113 §8.2.2). */
export const BAD_CONNECTION = 0x8000
/** A name that is empty, no token, or has upper-case letters (RFC 9113 §8.2.1). */
export const BAD_NAME = 0x10000
/** A value with a control character, or a blank at one end (RFC 9113 §8.2.1, RFC 9110 §5.5). */
export const BAD_VALUE = 0x20000
/** A pseudo-header field that is not defined. */
export const BAD_PSEUDO = 0x40000
/** A pseudo-header field whose value cannot be: no token, no path, no host, no three digits. */
export const BAD_PSEUDO_VALUE = 0x80000
/** A `te` that says more than `trailers`. */
export const BAD_TE = 0x100000
/** A pseudo-header field after a regular one. */
export const BAD_ORDER = 0x200000
/** The same pseudo-header field twice. */
export const BAD_TWICE = 0x400000
/** Every reason to call a block malformed (RFC 9113 §8.1.1). */
export const MALFORMED = 0x7f8000
/** What belongs to the value, not to the name. */
export const VALUE_FACTS: number = BAD_VALUE | BAD_PSEUDO_VALUE | BAD_TE

const NAMED: Readonly<Record<string, number>> = {
  ':method': SEEN_METHOD,
  ':scheme': SEEN_SCHEME,
  ':authority': SEEN_AUTHORITY,
  ':path': SEEN_PATH,
  ':status': SEEN_STATUS,
  ':protocol': SEEN_PROTOCOL,
  'content-length': SEEN_REGULAR | SEEN_CONTENT_LENGTH,
  host: SEEN_REGULAR | SEEN_HOST,
  cookie: SEEN_REGULAR | SEEN_COOKIE,
  expect: SEEN_REGULAR | SEEN_EXPECT,
  priority: SEEN_REGULAR | SEEN_PRIORITY,
  trailer: SEEN_REGULAR | SEEN_TRAILER,
  te: SEEN_REGULAR | SEEN_TE,
  date: SEEN_REGULAR | SEEN_DATE,
  connection: SEEN_REGULAR | BAD_CONNECTION,
  'keep-alive': SEEN_REGULAR | BAD_CONNECTION,
  'proxy-connection': SEEN_REGULAR | BAD_CONNECTION,
  'transfer-encoding': SEEN_REGULAR | BAD_CONNECTION,
  upgrade: SEEN_REGULAR | BAD_CONNECTION,
}

/** The facts of a well-known name. */
export function factsOfKnown(name: string): number {
  return NAMED[name] ?? SEEN_REGULAR
}

/** Whether `bytes[start, end)` may be a field value: characters, and no blank at either end. */
export function isValueValid(bytes: Uint8Array, start: number, end: number): boolean {
  for (let i = start; i < end; i++) if (IS_VALUE[bytes[i]!] === 0) return false
  if (start === end) return true
  return !isBlank(bytes[start]!) && !isBlank(bytes[end - 1]!)
}

/** What there is to say about a value whose name has facts of its own; its characters are looked at elsewhere. */
export function factsOfValue(nameFacts: number, value: string): number {
  if ((nameFacts & (SEEN_PSEUDO | SEEN_TE)) === 0) return 0
  switch (nameFacts & (SEEN_PSEUDO | SEEN_TE)) {
    case SEEN_METHOD:
    case SEEN_PROTOCOL:
      return isToken(value) ? 0 : BAD_PSEUDO_VALUE
    case SEEN_SCHEME:
      return /^[A-Za-z][A-Za-z0-9+.-]*$/.test(value) ? 0 : BAD_PSEUDO_VALUE
    case SEEN_AUTHORITY:
      return isHostValid(value) ? 0 : BAD_PSEUDO_VALUE
    case SEEN_PATH:
      return isPathValid(value) ? 0 : BAD_PSEUDO_VALUE
    case SEEN_STATUS:
      return /^[1-9][0-9]{2}$/.test(value) ? 0 : BAD_PSEUDO_VALUE
    default:
      // RFC 9110 §10.1.4 compares the keyword without regard to case.
      return value === 'trailers' || value.toLowerCase() === 'trailers' ? 0 : BAD_TE
  }
}

/** Begins with a slash or is an asterisk, in the characters that a target may have (RFC 9113 §8.3.1). */
function isPathValid(path: string): boolean {
  if (path.charCodeAt(0) !== 0x2f && path !== '*') return false
  for (let i = 1; i < path.length; i++) if (IS_TARGET[path.charCodeAt(i)] !== 1) return false
  return true
}

function isBlank(byte: number): boolean {
  return byte === 0x20 || byte === 0x09
}
