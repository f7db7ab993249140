import { Body, EMPTY_BODY, withTrailers } from '@hyper/core/body'
import { HeaderMap, type HeadersInit } from '@hyper/core/http'
import { fromReadableStream } from '@hyper/util/web'
import type { RequestBody, RequestOptions } from './options.ts'

// The message that is sent: header section and body, of what a caller gave. Nothing that was given is changed, since it
// may be needed for a second attempt.

/** `host`, then the caller's fields, then those of the client that the caller has not set. */
export function requestHeaders(
  authority: string,
  given: HeadersInit | HeaderMap | undefined,
  defaults: HeaderMap | null,
): HeaderMap {
  const own = given === undefined ? null : HeaderMap.from(given)
  const map = new HeaderMap()
  // RFC 9110 §7.2: Host comes first where that is possible.
  if (own === null || !own.has('host')) map.append('host', authority)
  if (own !== null) copyInto(map, own, null)
  if (defaults !== null) copyInto(map, defaults, own)
  return map
}

// With spelling and marks; without the names that `but` has.
function copyInto(map: HeaderMap, from: HeaderMap, but: HeaderMap | null): void {
  for (let i = 0; i < from.size; i++) {
    const name = from.nameAt(i)
    if (but !== null && but.has(name)) continue
    const spelled = from.caseAt(i)
    const sensitive = from.isSensitive(i)
    if (spelled === name && !sensitive) map.append(name, from.valueAt(i))
    else map.append(spelled, from.valueAt(i), { originalCase: spelled !== name, sensitive })
  }
}

/** A body for one attempt. @throws HyperError `INVALID_BODY` */
export function requestBody(options: RequestOptions | undefined): Body {
  if (options === undefined) return EMPTY_BODY
  const { body, trailers } = options
  const made =
    body === undefined || body === null
      ? EMPTY_BODY
      : isStream(body)
        ? fromReadableStream(body)
        : Body.from(body)
  return trailers === undefined ? made : withTrailers(made, trailers)
}

/** Whether {@link requestBody} makes the same body a second time. */
export function isReplayable(options: RequestOptions | undefined): boolean {
  const body = options?.body
  return body === undefined || body === null || typeof body === 'string' || body instanceof Uint8Array
}

function isStream(body: RequestBody): body is ReadableStream<Uint8Array> {
  return typeof body === 'object' && 'getReader' in body && typeof body.getReader === 'function'
}
