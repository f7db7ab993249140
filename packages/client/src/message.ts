import { withTrailers } from '@hyper/core/body'
import { userError } from '@hyper/core/error'
import { HeaderMap, HttpRequest, isHostValid } from '@hyper/core/http'
import { type Content, contentOf, NO_CONTENT } from './body/content.ts'
import { setAuthorization } from './layers/auth.ts'
import { FRAGMENT } from './layers/redirect.ts'
import type { RequestOptions } from './options.ts'
import type { Place } from './place.ts'

// The message that a caller wants sent: header section and body, of what was given. Nothing that was given is changed,
// since it may be needed for a second attempt.

/** Maps that have all that a request needs, and that nobody changes: what is made of them is kept. */
const constants: WeakSet<HeaderMap> = new WeakSet()

/** The map itself, from now on sent as it is: it has the client's fields already, and is never changed. */
export function constantHeaders(map: HeaderMap): HeaderMap {
  constants.add(map)
  return map
}

/** Whether {@link constantHeaders} has had it. */
export function isConstant(map: HeaderMap): boolean {
  return constants.has(map)
}

/** The caller's fields, then those of the client that the caller has not set. `defaults` itself when there are none. */
function requestHeaders(own: HeaderMap | undefined, defaults: HeaderMap): HeaderMap {
  if (own === undefined) return defaults
  ensureOneHost(own)
  if (defaults.size === 0 || isConstant(own)) return own
  const map = own.clone()
  copyInto(map, defaults, own)
  return map
}

/** RFC 9112 §3.2: a server refuses a request that has two, and who forwards it may take another one than it does. */
function ensureOneHost(headers: HeaderMap): void {
  const host = headers.get('host')
  if (host !== null && !isHostValid(host))
    throw userError('UNEXPECTED_HEADER', 'Host must be one host, and a port where it needs one')
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

/**
 * The request of a caller, with an absolute target, as the layers see it.
 * @throws HyperError `INVALID_BODY`, `BODY_USED`, `INVALID_OPTION`, or what {@link HeaderMap} throws.
 */
export function requestOf(
  place: Place,
  method: string,
  options: RequestOptions | undefined,
  defaults: HeaderMap,
): HttpRequest {
  const content = options === undefined ? NO_CONTENT : contentOf(options)
  try {
    return requestWith(content, place, method, options, defaults)
  } catch (error) {
    // Nobody else knows of it yet.
    content.body.cancel(error)
    throw error
  }
}

function requestWith(
  { body, type }: Content,
  place: Place,
  method: string,
  options: RequestOptions | undefined,
  defaults: HeaderMap,
): HttpRequest {
  // Once: what can be iterated may be gone then.
  const own = options?.headers === undefined ? undefined : HeaderMap.from(options.headers)
  let headers = requestHeaders(own, defaults)
  const { authorization, fragment, url } = place
  if (authorization !== null && own?.has('authorization') !== true) {
    headers = headers.clone()
    setAuthorization(headers, authorization)
  }
  if (type !== null && !headers.has('content-type')) headers = headers.clone().set('content-type', type)
  const trailers = options?.trailers
  const whole = trailers === undefined ? body : withTrailers(body, trailers)
  const request = HttpRequest.fromParsed(method, url, '1.1', headers, whole)
  if (fragment !== '') request.extensions.set(FRAGMENT, fragment)
  return request
}
