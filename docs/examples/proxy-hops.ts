// What every proxy must do to the fields of a message (RFC 9110 §7.6).
// #region hops
import { HeaderMap, type HttpRequest } from '@hyper/core/http'

/** Fields that are about one connection, whether `connection` names them or not (RFC 9110 §7.6.1). */
const OF_ONE_HOP = [
  'connection',
  'http2-settings',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authorization',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
]
/** Fields that decide where a message goes or ends: nobody may have them taken away by naming them. */
const NOT_TO_BE_NAMED = new Set(['content-length', 'host'])

/** The fields that go on to the next hop; `via` is the name of this one. */
export function passedOn(headers: HeaderMap, version: string, via: string): HeaderMap {
  const passed = headers.clone()
  for (const name of headers.get('connection')?.split(',') ?? []) {
    const named = name.trim().toLowerCase()
    if (named !== '' && !NOT_TO_BE_NAMED.has(named)) passed.delete(named)
  }
  for (const name of OF_ONE_HOP) passed.delete(name)
  passed.append('via', `${version} ${via}`) // RFC 9110 §7.6.3
  return passed
}

/** The same for a request, which may take trailers, and expects what the client of the proxy asks for anew. */
export function requestFields(request: HttpRequest, via: string): HeaderMap {
  const passed = passedOn(request.headers, request.version, via)
  passed.delete('expect')
  if (hasMember(request.headers, 'te', 'trailers')) passed.set('te', 'trailers')
  return passed
}

/** Whether a request has been here before (RFC 9110 §7.6.3). */
export function hasLooped(headers: HeaderMap, via: string): boolean {
  return (
    headers
      .get('via')
      ?.split(',')
      .some((hop) => hop.trim().split(/\s+/)[1] === via) ?? false
  )
}

export function hasMember(headers: HeaderMap, name: string, member: string): boolean {
  return (
    headers
      .get(name)
      ?.split(',')
      .some((one) => one.trim().toLowerCase() === member) ?? false
  )
}
// #endregion hops
