import type { HeaderMap } from '@hyper/core/http'
import { originForm } from '../place.ts'

// What a redirect does to a request (RFC 9110 §15.4). Rules only: they take values and return values. Who follows, how
// often and whether at all stands in redirect.ts.

/** The statuses that redirect by a Location. 300 offers a choice, 304 is about a cache, 305 and 306 are history. */
export function isRedirect(status: number): boolean {
  return status === 301 || status === 302 || status === 303 || status === 307 || status === 308
}

/**
 * The method of the next request. 303 asks for a representation of the result; 301 and 302 turn POST into GET because
 * everybody does (RFC 9110 §15.4.2, §15.4.3); 307 and 308 change nothing.
 */
export function redirectedMethod(status: number, method: string): string {
  if (status === 303) return method === 'HEAD' ? 'HEAD' : 'GET'
  if ((status === 301 || status === 302) && method === 'POST') return 'GET'
  return method
}

/**
 * Where a response leads: its one Location, against the URL that was asked for. User name and password in it are left
 * out: they are there to make a URL look like another one (RFC 9110 §4.2.4). Null when there is none, or several, or
 * when it is no URL.
 */
export function locationOf(headers: HeaderMap, base: string): URL | null {
  const values = headers.getAll('location')
  const [value] = values
  if (value === undefined || values.length > 1) return null
  try {
    const url = new URL(value.replace(RAW, percentEncoded), base)
    url.username = ''
    url.password = ''
    return url
  } catch {
    return null
  }
}

/** The text of a URL as a request target: without fragment. */
export function targetOf(url: URL): string {
  return url.origin + originForm(url)
}

/** What is known of a step from one URL to another. */
export interface Step {
  readonly from: URL
  readonly to: URL
  /** The method has become another, so that the content is gone. */
  readonly isContentGone: boolean
  /** Whether a referer is made. */
  readonly referer: boolean
}

/** The fields of the next request: a copy. */
export function redirectedHeaders(given: HeaderMap, step: Step): HeaderMap {
  const headers = given.clone()
  if (step.isContentGone) dropContent(headers)
  if (step.from.origin !== step.to.origin) dropSecrets(headers)
  if (step.referer) {
    const referer = refererOf(step.from, step.to)
    if (referer === null) headers.delete('referer')
    else headers.set('referer', referer)
  } else if (isDowngrade(step.from, step.to)) headers.delete('referer')
  return headers
}

/** From an encrypted connection to one that anybody on the way can read. */
export function isDowngrade(from: URL, to: URL): boolean {
  return from.protocol === 'https:' && to.protocol === 'http:'
}

/**
 * RFC 9110 §10.1.3, and what browsers do (strict-origin-when-cross-origin): the whole URL within one origin, the origin
 * alone across, nothing where the connection is less safe.
 */
function refererOf(from: URL, to: URL): string | null {
  if (isDowngrade(from, to)) return null
  return from.origin === to.origin ? targetOf(from) : `${from.origin}/`
}

/** RFC 9110 §15.4: fields about content go with the content. */
function dropContent(headers: HeaderMap): void {
  for (const name of new Set(headers.keys())) {
    if (name.startsWith('content-') || ABOUT_CONTENT.has(name)) headers.delete(name)
  }
}

/** Nothing that is meant for one origin goes to another: credentials, the Host, and what was marked as a secret. */
function dropSecrets(headers: HeaderMap): void {
  const secret = new Set(CREDENTIALS)
  for (let i = 0; i < headers.size; i++) if (headers.isSensitive(i)) secret.add(headers.nameAt(i))
  for (const name of secret) headers.delete(name)
}

const ABOUT_CONTENT: ReadonlySet<string> = new Set([
  'digest',
  'expect',
  'last-modified',
  'repr-digest',
  'trailer',
  'transfer-encoding',
])

const CREDENTIALS = ['authorization', 'cookie', 'cookie2', 'host', 'proxy-authorization', 'www-authenticate']

/** Octets that a field value may have and a URL may not; they are kept as they came, mostly UTF-8. */
const RAW = /[\u0080-\u00ff]/g

function percentEncoded(character: string): string {
  return `%${character.charCodeAt(0).toString(16).toUpperCase()}`
}
