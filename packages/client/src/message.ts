import { EMPTY_BODY, withTrailers } from '@hyper/core/body'
import { HeaderMap, type HeadersInit, HttpRequest } from '@hyper/core/http'
import { contentOf } from './body/content.ts'
import { setAuthorization } from './layers/auth.ts'
import { FRAGMENT } from './layers/redirect.ts'
import type { RequestOptions } from './options.ts'
import type { Place } from './place.ts'

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

/** The request of a caller, with an absolute target, as the layers see it. Throws as `contentOf` and {@link HeaderMap}. */
export function requestOf(
  place: Place,
  method: string,
  options: RequestOptions | undefined,
  defaults: HeaderMap,
): HttpRequest {
  const headers = layeredHeaders(place, options, defaults)
  if (options === undefined)
    return finished(HttpRequest.fromParsed(method, place.url, '1.1', headers, EMPTY_BODY), place)
  const { body, type } = contentOf(options)
  const { trailers } = options
  const whole = trailers === undefined ? body : withTrailers(body, trailers)
  const isTyped = type === null || headers.has('content-type')
  const sent = isTyped ? headers : headers.clone().set('content-type', type)
  return finished(HttpRequest.fromParsed(method, place.url, '1.1', sent, whole), place)
}

function layeredHeaders(place: Place, options: RequestOptions | undefined, defaults: HeaderMap): HeaderMap {
  const given = options?.headers
  const { authorization } = place
  if (given === undefined && authorization === null) return defaults
  const headers = HeaderMap.from(given).clone()
  if (authorization !== null && !headers.has('authorization')) setAuthorization(headers, authorization)
  copyInto(headers, defaults, HeaderMap.from(given))
  return headers
}

function finished(request: HttpRequest, { fragment }: Place): HttpRequest {
  if (fragment !== '') request.extensions.set(FRAGMENT, fragment)
  return request
}
