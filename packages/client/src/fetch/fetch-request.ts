import { HeaderMap } from '@hyper/core/http'
import { ReadAhead, toHeaderMap } from '@hyper/util/web'
import type { RequestOptions } from '../options.ts'
import { type Extracted, extractBody } from './fetch-body.ts'
import {
  abortSignalOf,
  checkInit,
  type FetchInit,
  informationalOf,
  initOf,
  methodOf,
  trailersOf,
} from './fetch-init.ts'
import type { FetchRedirects } from './fetch-redirect.ts'
import { type FetchUrl, fetchUrl } from './fetch-url.ts'
import { hasIntegrity } from './integrity.ts'
import { refererOf } from './referrer.ts'

// FetchRequest: what was asked of fetch, as the client takes it. In: the two arguments of fetch. Out: a URL and the options
// of a request. No Request of the platform is made on the way; one that was given is read by its public members.

/** What fetch does with one request. */
export interface FetchRequest {
  readonly url: FetchUrl
  readonly options: RequestOptions
  readonly signal: AbortSignal | null
  readonly redirect: Request['redirect']
  /** Metadata that the response has to match; empty when nothing was promised. */
  readonly integrity: string
  /** The body of a Request, which does not tell what it is made of: the option is still to be set. */
  readonly source: ReadAhead | null
}

/** The fields of requests that do not set them themselves. */
export interface CommonFields {
  /** Those that fetch adds. */
  readonly own: HeaderMap
  /** Those of the client too: of a request that sets none. The map is never changed. */
  readonly all: HeaderMap
}

/** Reads the arguments of fetch. Throws a TypeError for whatever the standard refuses. */
export function readRequest(
  input: unknown,
  given: unknown,
  fields: CommonFields,
  redirects: FetchRedirects,
): FetchRequest {
  const init = initOf(given)
  const base = isRequest(input) ? input : null
  const url = fetchUrl(base === null ? `${input as string}` : base.url)
  if (init !== null) checkInit(init)
  else if (base === null) {
    const options = { headers: fields.all, redirect: redirects.follow }
    return { url, options, signal: null, redirect: 'follow', integrity: '', source: null }
  }
  const signal = abortSignalOf(pick('signal', init, base))
  const named = pick('method', init, base)
  const method = named === undefined ? 'GET' : methodOf(named)
  const redirect = pick('redirect', init, base) ?? 'follow'
  const credentials = pick('credentials', init, base)
  const content = contentOf(init, signal)
  const source = content === null ? sourceOf(base) : null
  if ((content !== null || source !== null) && (method === 'GET' || method === 'HEAD'))
    throw new TypeError(`a ${method} cannot be fetched with a body`)
  return {
    url,
    options: {
      method,
      headers: headersOf(init, base, url, content, fields),
      body: content === null ? undefined : content.content,
      trailers: trailersOf(init?.trailers),
      signal: signal ?? undefined,
      onInformational: informationalOf(init?.onInformational),
      timeouts: init?.timeouts,
      maxHeaderSize: init?.maxHeaderSize,
      redirect: redirects.optionOf(redirect),
      ...(credentials === 'omit' ? NOBODY : {}),
    },
    signal,
    redirect,
    integrity: integrityOf(pick('integrity', init, base)),
    source,
  }
}

/** Neither cookies nor who the caller is. */
const NOBODY: Pick<RequestOptions, 'auth' | 'cookies'> = { auth: null, cookies: null }

type Member =
  | 'credentials'
  | 'signal'
  | 'method'
  | 'headers'
  | 'redirect'
  | 'integrity'
  | 'cache'
  | 'referrer'
  | 'referrerPolicy'

function pick<Name extends Member>(
  name: Name,
  init: FetchInit | null,
  base: Request | null,
): FetchInit[Name] | Request[Name] | undefined {
  const own = init === null ? undefined : init[name]
  return own === undefined && base !== null ? base[name] : own
}

// Also one of another realm, or of the undici package, which is not this platform's.
function isRequest(input: unknown): input is Request {
  if (typeof input !== 'object' || input === null || input instanceof URL) return false
  return 'url' in input && typeof input.url === 'string' && 'method' in input && 'headers' in input
}

function contentOf(init: FetchInit | null, signal: AbortSignal | null): Extracted | null {
  const given: unknown = init?.body
  if (given === undefined || given === null) return null
  const content = extractBody(given, signal)
  if (content.isStream && init?.duplex === undefined)
    throw new TypeError("a body that is a stream is sent with duplex: 'half'")
  return content
}

function sourceOf(base: Request | null): ReadAhead | null {
  if (base === null) return null
  const { body } = base
  if (body === null) return null
  if (base.bodyUsed || body.locked)
    throw new TypeError('the body of the given request was used before, or somebody reads it')
  return new ReadAhead(body, base.headers)
}

function integrityOf(metadata: unknown): string {
  const text = metadata === undefined ? '' : `${metadata as string}`
  return hasIntegrity(text) ? text : ''
}

function headersOf(
  init: FetchInit | null,
  base: Request | null,
  url: FetchUrl,
  content: Extracted | null,
  fields: CommonFields,
): HeaderMap {
  const given = pick('headers', init, base)
  const cache = pick('cache', init, base)
  const referrer = pick('referrer', init, base)
  const policy = pick('referrerPolicy', init, base) ?? ''
  const type = content === null ? null : content.type
  const referer = referrer === undefined ? null : refererOf(`${referrer}`, policy, url.href)
  if (
    given === undefined &&
    type === null &&
    referer === null &&
    (cache === undefined || cache === 'default')
  )
    return fields.all
  const headers = toHeaderMap(given)
  dropFields(headers)
  if (type !== null) addField(headers, 'content-type', type)
  if (referer !== null) addField(headers, 'referer', referer)
  for (const [name, value] of fields.own) addField(headers, name, value)
  if (cache !== undefined) askCaches(headers, cache)
  return headers
}

/** What belongs to one connection, which the standard forbids too; and Host, which the URL says. */
const OF_THE_CONNECTION: readonly string[] = [
  'host',
  'keep-alive',
  'proxy-connection',
  'transfer-encoding',
  'upgrade',
]

function dropFields(headers: HeaderMap): void {
  for (const name of OF_THE_CONNECTION) headers.delete(name)
  if (headers.get('connection')?.toLowerCase() !== 'close') headers.delete('connection')
}

// Fetch, "HTTP-network-or-cache fetch": what asks the caches on the way.
function askCaches(headers: HeaderMap, cache: Request['cache']): void {
  if (cache === 'no-cache') addField(headers, 'cache-control', 'max-age=0')
  else if (cache === 'no-store' || cache === 'reload') {
    addField(headers, 'pragma', 'no-cache')
    addField(headers, 'cache-control', 'no-cache')
  }
}

function addField(headers: HeaderMap, name: string, value: string): void {
  if (!headers.has(name)) headers.append(name, value)
}
