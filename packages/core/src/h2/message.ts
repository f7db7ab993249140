import { parseLength } from '../h1/framing.ts'
import { isHostValid } from '../http/host.ts'
import { parseTarget } from '../http/target.ts'
import {
  SEEN_CONTENT_LENGTH,
  SEEN_COOKIE,
  SEEN_HOST,
  SEEN_PSEUDO,
  SEEN_STATUS,
  type HpackDecoder,
} from './hpack/index.ts'
import { NO_LENGTH } from './streams/stream.ts'

// Decoded field blocks to heads (RFC 9113 §8.3), and the rules that make a message malformed (§8.1.1). Characters and
// single fields were judged by HPACK; what is left is what the fields say together.

/** What a request head says; one object is used for every head, and read at once. */
export class RequestHead {
  method: string = ''
  /** For `HttpRequest.target`: a path, an authority for CONNECT, or an asterisk. */
  target: string = ''
  /** Of extended CONNECT (RFC 8441 §4), or null. */
  protocol: string | null = null
  /** The fields, with `host` in front. */
  flat: string[] = []
  /** Content-Length, or NO_LENGTH. */
  length: number = NO_LENGTH
}

/** Fills `head` from the decoder. @returns false for a malformed request */
export function readRequest(head: RequestHead, d: HpackDecoder, connectProtocol: boolean): boolean {
  const { method, path, authority, flat, seen, repeated } = d
  if (d.malformed !== 0 || method === null || (seen & SEEN_STATUS) !== 0) return false
  head.method = method
  head.protocol = d.protocol
  head.flat = flat
  head.length = NO_LENGTH
  if (method === 'CONNECT' && d.protocol === null) {
    // RFC 9113 §8.5: only :authority.
    if (authority === null || path !== null || d.scheme !== null) return false
    if (parseTarget(authority, 'CONNECT') === null) return false
    head.target = authority
  } else {
    if (path === null || d.scheme === null) return false
    if (d.protocol !== null && (method !== 'CONNECT' || !connectProtocol || authority === null)) return false
    if (path === '*' && method !== 'OPTIONS') return false
    head.target = path
  }
  if (!readHost(flat, seen, repeated, authority)) return false
  if ((repeated & SEEN_COOKIE) !== 0) joinCookies(flat)
  if ((seen & SEEN_CONTENT_LENGTH) === 0) return true
  head.length = lengthOf(flat, repeated)
  if (method !== 'CONNECT') return head.length !== BAD_LENGTH
  // RFC 9110 §9.3.6: CONNECT has no content; what follows is the tunnel's.
  const isEmpty = head.length === 0
  head.length = NO_LENGTH
  return isEmpty
}

/** What a response head says. */
export class ResponseHead {
  status: number = 0
  flat: string[] = []
  length: number = NO_LENGTH
}

/** Fills `head` from the decoder. @returns false for a malformed response */
export function readResponse(head: ResponseHead, d: HpackDecoder): boolean {
  const { status, seen, flat, repeated } = d
  if (d.malformed !== 0 || status === null || (seen & SEEN_PSEUDO) !== SEEN_STATUS) return false
  head.status = Number(status)
  head.flat = flat
  head.length = NO_LENGTH
  // RFC 9113 §8.6: there is no 101.
  if (head.status === 101) return false
  if ((seen & SEEN_CONTENT_LENGTH) === 0) return true
  head.length = lengthOf(flat, repeated)
  return head.length !== BAD_LENGTH
}

/** Whether a block may be a trailer section: no pseudo-header fields (RFC 9113 §8.1). */
export function areTrailers(d: HpackDecoder): boolean {
  return d.malformed === 0 && (d.seen & SEEN_PSEUDO) === 0
}

const BAD_LENGTH = -2

function lengthOf(flat: readonly string[], repeated: number): number {
  if ((repeated & SEEN_CONTENT_LENGTH) !== 0) return BAD_LENGTH
  const value = valueOf(flat, 'content-length')
  const length = value === null ? -1 : parseLength(value)
  return length < 0 ? BAD_LENGTH : length
}

// RFC 9113 §8.3.1: one host, whether it comes as :authority or as Host. Services find it in `host`, as with HTTP/1.
function readHost(flat: string[], seen: number, repeated: number, authority: string | null): boolean {
  if ((seen & SEEN_HOST) === 0) {
    if (authority !== null) flat.unshift('host', authority)
    return true
  }
  if ((repeated & SEEN_HOST) !== 0) return false
  const host = valueOf(flat, 'host')!
  // RFC 9110 §7.2; :authority was judged when it was decoded.
  return authority === null ? isHostValid(host) : host.toLowerCase() === authority.toLowerCase()
}

// RFC 9113 §8.2.3: crumbs are put together again.
function joinCookies(flat: string[]): void {
  let first = -1
  let kept = 0
  for (let i = 0; i < flat.length; i += 2) {
    if (flat[i] === 'cookie') {
      if (first >= 0) {
        flat[first + 1] += `; ${flat[i + 1]!}`
        continue
      }
      first = kept
    }
    flat[kept] = flat[i]!
    flat[kept + 1] = flat[i + 1]!
    kept += 2
  }
  flat.length = kept
}

function valueOf(flat: readonly string[], name: string): string | null {
  for (let i = 0; i < flat.length; i += 2) if (flat[i] === name) return flat[i + 1]!
  return null
}
