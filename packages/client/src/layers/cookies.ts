import { HyperError } from '@hyper/core/error'
import { type ExtensionKey, extensionKey, type HttpRequest, type HttpResponse } from '@hyper/core/http'
import type { Layer, Service } from '@hyper/core/service'
import { optionsOf } from '../exchange.ts'
import { type Check, check, type Checks, has, HOOK, named } from '../option.ts'

// cookies: a layer between requests and a jar. The jar knows the rules (RFC 6265); here stands what HTTP has to do with
// it: one Cookie field out, every Set-Cookie line in, before the response goes up.

/**
 * Keeps cookies, and says which of them go where. The jar of `tough-cookie` is one as it is. Both calls may answer at
 * once or by a promise.
 */
export interface CookieJar {
  /** What the Cookie field of a request to `url` says; empty or absent for none. */
  getCookieString(url: string): string | undefined | Promise<string | undefined>
  /** Takes one Set-Cookie line of a response from `url`. A throw or a rejection means that it is not kept. */
  setCookie(cookie: string, url: string): unknown
}

/** How cookies are kept. */
export interface CookieOptions {
  /** Where they are kept, unless a request brings a jar of its own. Default: nowhere. */
  readonly jar?: CookieJar | null | undefined
  /** Hears of every cookie that the jar would not keep, besides {@link COOKIE_ERRORS}. What it throws rejects the request. */
  readonly onRefused?: ((error: unknown, cookie: string, url: string) => void) | undefined
}

/** What the jar has thrown about cookies of this response, which were not kept. Absent where it took them all. */
export const COOKIE_ERRORS: ExtensionKey<readonly unknown[]> = extensionKey('cookie errors')

/**
 * A layer that sends the cookies of a jar and keeps those that come back. It belongs inside of `redirect`, so that each
 * URL on the way gets its own, and inside of `retry`.
 *
 * Reads `cookies` of the request's options: another jar, or null for none. A `cookie` field of the caller's goes first,
 * and wins over cookies of the same name. A cookie that the jar refuses does not fail the request: see `onRefused`.
 *
 * Rejects with `SERVICE_FAILED`, by the user, when the jar cannot say what to send: a request without its cookies would
 * be another request.
 * @throws HyperError `INVALID_OPTION`
 */
export function cookies(options: CookieOptions = {}): Layer {
  check('cookies', 'cookies.', options, OPTIONS)
  const { jar = null, onRefused } = options
  return (inner) => (request, exchange) => {
    const given = optionsOf(exchange)?.cookies
    const used = given === undefined ? jar : given
    if (used === null || request.method === 'CONNECT') return inner(request, exchange)
    return exchangeCookies(request, (next) => inner(next, exchange), used, onRefused)
  }
}

/** What a cookie jar must have. */
export const JAR: Check = [
  (value) => value === null || has(value, 'getCookieString', 'setCookie'),
  'a cookie jar (getCookieString and setCookie), or null',
]
const OPTIONS: Checks = /* @__PURE__ */ named<CookieOptions>({ jar: JAR, onRefused: HOOK })

type Send = (request: HttpRequest) => ReturnType<Service>

async function exchangeCookies(
  request: HttpRequest,
  send: Send,
  jar: CookieJar,
  onRefused: CookieOptions['onRefused'],
): Promise<HttpResponse> {
  const url = request.target
  const response = await send(withCookies(request, await cookiesFor(jar, url)))
  try {
    const errors = await keepCookies(response, url, jar, onRefused)
    if (errors.length > 0) response.extensions.set(COOKIE_ERRORS, errors)
    return response
  } catch (error) {
    response.body.cancel(error)
    throw error
  }
}

async function keepCookies(
  response: HttpResponse,
  url: string,
  jar: CookieJar,
  onRefused: CookieOptions['onRefused'],
): Promise<unknown[]> {
  const errors: unknown[] = []
  // One after the other: a later line of the same name wins.
  for (const cookie of response.headers.getSetCookie()) {
    try {
      await jar.setCookie(cookie, url)
    } catch (error) {
      errors.push(error)
      onRefused?.(error, cookie, url)
    }
  }
  return errors
}

async function cookiesFor(jar: CookieJar, url: string): Promise<string> {
  try {
    return (await jar.getCookieString(url)) ?? ''
  } catch (cause) {
    throw new HyperError('SERVICE_FAILED', 'the cookie jar could not say which cookies to send', {
      by: 'user',
      cause,
    })
  }
}

function withCookies(request: HttpRequest, kept: string): HttpRequest {
  if (kept === '') return request
  const headers = request.headers.clone()
  const given = headers.getAll('cookie')
  // RFC 6265 §5.4: there is one Cookie field.
  headers.set('cookie', given.length === 0 ? kept : merged(given.join('; '), kept))
  return request.with({ headers })
}

function merged(given: string, kept: string): string {
  const names = new Set(given.split(';').map(nameOf))
  const others = kept.split(';').filter((pair) => !names.has(nameOf(pair)))
  return [given, ...others.map((pair) => pair.trim())].join('; ')
}

function nameOf(pair: string): string {
  return pair.split('=', 1)[0]?.trim() ?? ''
}
