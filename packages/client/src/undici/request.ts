import { stringify } from 'node:querystring'
import { EMPTY_BODY } from '@hyper/core/body'
import { userError } from '@hyper/core/error'
import { HttpRequest, isMethod } from '@hyper/core/http'
import type { RequestOptions } from '../options.ts'
import type { Place } from '../place.ts'
import type { Link } from './link.ts'
import type { Recent, RecentOrigin } from './recent.ts'
import { requestContent } from './request-body.ts'
import { requestFields } from './request-fields.ts'
import type { DispatchOptions } from './types.ts'

// What is sent, of what undici has said: where, which request, and the options of the exchange. Nothing is sent here.

export interface DispatchedRequest {
  readonly place: Place
  readonly request: HttpRequest
  /** Undefined when nothing is said that the client does not say. */
  readonly options: RequestOptions | undefined
  /** The connection is to become something else: an upgrade, or a CONNECT. */
  readonly isSwitch: boolean
}

/**
 * Reads the options of a dispatch.
 * @param isPrivate nobody else sees the request: its fields may be those of another one
 * @throws HyperError `INVALID_OPTION`, `INVALID_METHOD`, `INVALID_TARGET`, and what headers and body are refused with
 */
export function dispatchedRequest(
  given: DispatchOptions,
  recent: Recent,
  link: Link,
  isPrivate: boolean,
): DispatchedRequest {
  if (typeof given !== 'object' || given === null)
    throw userError('INVALID_OPTION', 'the options of a dispatch must be an object')
  const { body, maxRedirections, method, origin, upgrade } = given
  if (method !== 'GET' && (typeof method !== 'string' || !isMethod(method)))
    throw userError('INVALID_METHOD', `${String(method)} is not a method`)
  if (maxRedirections !== undefined && maxRedirections !== null && maxRedirections !== 0) {
    const detail =
      'maxRedirections is not for a dispatcher: compose it with the redirect interceptor of undici'
    throw userError('INVALID_OPTION', detail)
  }
  if (typeof origin !== 'string' && !(origin instanceof URL))
    throw userError('INVALID_OPTION', 'the origin of a dispatch must be a string or a URL')
  const at = recent.find(origin)
  const isConnect = method === 'CONNECT'
  const protocol = protocolOf(upgrade, isConnect)
  const place = placeOf(given, at, isConnect)
  const options = requestOptions(given)
  const isSwitch = isConnect || protocol !== null
  if (isPrivate && !isSwitch && given.reset !== true && (body === undefined || body === null)) {
    const { headers, wantsClose } = at.fieldsOf(given.headers)
    if (wantsClose) headers.append('connection', 'close')
    // In the form that a server wants already: it is sent as it is, unless a proxy wants another.
    const request = HttpRequest.fromParsed(method, place.target, '1.1', headers, EMPTY_BODY)
    return { place, request, options, isSwitch }
  }
  const fields = requestFields(given.headers, isConnect ? place.target : place.destination.authority)
  const { headers } = fields
  const content = requestContent(body, fields, link)
  if (content.type !== null && !headers.has('content-type')) headers.append('content-type', content.type)
  if (protocol !== null) headers.append('connection', 'upgrade').append('upgrade', protocol)
  else if (fields.wantsClose || given.reset === true) headers.append('connection', 'close')
  const target = isConnect ? place.target : place.url
  const request = HttpRequest.fromParsed(method, target, '1.1', headers, content.body)
  return { place, request, options, isSwitch }
}

function requestOptions(given: DispatchOptions): RequestOptions | undefined {
  const { bodyTimeout, expectContinue, headersTimeout, idempotent } = given
  if ((bodyTimeout ?? headersTimeout ?? idempotent ?? expectContinue ?? null) === null) return undefined
  return {
    expectContinue: expectContinue ?? undefined,
    idempotent: idempotent ?? undefined,
    timeouts: { headers: time('headersTimeout', headersTimeout), idle: time('bodyTimeout', bodyTimeout) },
  }
}

function time(name: string, given: number | null | undefined): number | undefined {
  if (given === null || given === undefined) return undefined
  if (!Number.isFinite(given) || given < 0)
    throw userError('INVALID_OPTION', `${name} must be a number of milliseconds, not ${String(given)}`)
  return given
}

function protocolOf(upgrade: string | boolean | null | undefined, isConnect: boolean): string | null {
  if (isConnect || upgrade === undefined || upgrade === null || upgrade === false || upgrade === '')
    return null
  if (typeof upgrade !== 'string') throw userError('INVALID_OPTION', 'upgrade must be the name of a protocol')
  return upgrade
}

// ------------------------------------------------------------------ where it goes

function placeOf(given: DispatchOptions, at: RecentOrigin, isConnect: boolean): Place {
  const { path, query } = given
  const isPlain = !isConnect && (query === undefined || query === null)
  const found = isPlain ? at.place(path) : undefined
  if (found !== undefined) return found
  const { destination } = at
  const target = targetOf(given, isConnect)
  // What is absolute already is for a proxy, which the origin is then.
  const url = target.startsWith('/') ? destination.origin + target : target
  const place: Place = { destination, target, url, fragment: '', authorization: null, hosted: null }
  return isPlain ? at.keep(path, place) : place
}

function targetOf(given: DispatchOptions, isConnect: boolean): string {
  const { path, query } = given
  if (typeof path !== 'string') throw userError('INVALID_TARGET', 'the path of a dispatch must be a string')
  if (!path.startsWith('/') && !isConnect && !ABSOLUTE.test(path))
    throw userError('INVALID_TARGET', 'the path of a dispatch must begin with a slash, or be an absolute URL')
  const target = query === undefined || query === null ? path : withQuery(path, query)
  if (SENDABLE.test(target)) return target
  if (!VISIBLE.test(target)) throw userError('INVALID_TARGET', 'the path has characters that cannot be sent')
  return target.replace(/[^\x21-\x7e]+/g, encodeURI).replace(/[#\\<>]/g, encodeURIComponent)
}

const ABSOLUTE = /^https?:\/\//
/** What a request target may have. */
const SENDABLE = /^[!-"$-;=?-[\]-~]+$/
/** What undici lets pass besides: it is encoded as a URL has it. */
const VISIBLE = /^[\u0021-\u00ff]+$/

function withQuery(path: string, query: Readonly<Record<string, unknown>>): string {
  if (path.includes('?') || path.includes('#'))
    throw userError('INVALID_TARGET', 'the path has a query already, and query is given too')
  const text = stringify(query as Record<string, string>)
  return text === '' ? path : `${path}?${text}`
}
