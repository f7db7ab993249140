import { Body, EMPTY_BODY, repeat, withTrailers } from '@hyper/core/body'
import { HeaderMap, type HeadersInit } from '@hyper/core/http'
import { fromReadableStream } from '@hyper/util/web'
import type { RequestBody, RequestOptions } from './options.ts'

// The message that a caller wants sent: header section and body, of what was given. Nothing that was given is changed,
// since it may be needed for a second attempt.

/** The caller's fields, then those of the client that the caller has not set. `defaults` itself when there are none. */
export function requestHeaders(given: HeadersInit | HeaderMap | undefined, defaults: HeaderMap): HeaderMap {
  if (given === undefined) return defaults
  const own = HeaderMap.from(given)
  if (defaults.size === 0) return own
  const map = own.clone()
  copyInto(map, defaults, own)
  return map
}

/** With Host in front (RFC 9110 §7.2), unless there is one. */
export function withHost(headers: HeaderMap, authority: string): HeaderMap {
  if (headers.has('host')) return headers
  const map = new HeaderMap()
  map.append('host', authority)
  copyInto(map, headers, null)
  return map
}

/** Adds the fields of `from` whose names `but` does not have, with their spelling and marks. */
export function copyInto(map: HeaderMap, from: HeaderMap, but: HeaderMap | null): void {
  for (let i = 0; i < from.size; i++) {
    const name = from.nameAt(i)
    if (but !== null && but.has(name)) continue
    const spelled = from.caseAt(i)
    const sensitive = from.isSensitive(i)
    if (spelled === name && !sensitive) map.append(name, from.valueAt(i))
    else map.append(spelled, from.valueAt(i), { originalCase: spelled !== name, sensitive })
  }
}

/** The body that was given. @throws HyperError `INVALID_BODY`, `BODY_USED` */
export function requestBody(options: RequestOptions | undefined): Body {
  if (options === undefined) return EMPTY_BODY
  const { body, trailers } = options
  const made = body === undefined || body === null ? EMPTY_BODY : bodyOf(body)
  return trailers === undefined ? made : withTrailers(made, trailers)
}

function bodyOf(body: RequestBody): Body {
  if (typeof body === 'function') return repeat(() => bodyOf(body()))
  return isStream(body) ? fromReadableStream(body) : Body.from(body)
}

function isStream(body: RequestBody): body is ReadableStream<Uint8Array> {
  return typeof body === 'object' && 'getReader' in body && typeof body.getReader === 'function'
}
