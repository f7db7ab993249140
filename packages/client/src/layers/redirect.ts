import { HyperError, userError } from '@hyper/core/error'
import { type ExtensionKey, extensionKey, HttpRequest, type HttpResponse } from '@hyper/core/http'
import type { Exchange, Layer, Service } from '@hyper/core/service'
import { optionsOf } from '../exchange.ts'
import { atLeast, check, type Checks, flag, named, shown } from '../option.ts'
import { replayOf } from '../replay.ts'
import {
  isDowngrade,
  isRedirect,
  locationOf,
  redirectedHeaders,
  redirectedMethod,
  targetOf,
} from './redirect-rules.ts'

// redirect: a layer that goes where a 3xx leads (RFC 9110 §15.4). In: a request with an absolute URL as its target. Out:
// the first response that leads nowhere, or that may not be followed. A secret that was dropped on the way to another
// origin never comes back, since each request is made of the one before it.

/** What is done with a redirect: it is followed, its response is returned as it is, or the request fails. */
export type RedirectMode = 'follow' | 'manual' | 'error'

/** A redirect that is about to be followed. */
export interface RedirectAttempt {
  /** 301, 302, 303, 307 or 308. */
  readonly status: number
  /** The absolute URL that was asked for last. */
  readonly from: string
  /** The absolute URL that it leads to. */
  readonly to: string
  /** The method that the next request would have. */
  readonly method: string
  /** Every URL that was asked for so far, oldest first. */
  readonly urls: readonly string[]
}

/** Decides about one redirect. What it throws rejects the request; anything but a mode is `INVALID_OPTION`. */
export type RedirectPolicy = (attempt: RedirectAttempt) => RedirectMode | Promise<RedirectMode>

/** How redirects are followed. */
export interface RedirectOptions {
  /** Default `'follow'`. */
  readonly policy?: RedirectMode | RedirectPolicy | undefined
  /** Redirects of one request; one more is `TOO_MANY_REDIRECTS`. Infinity is no limit. Default 10. */
  readonly maxRedirects?: number | undefined
  /** Lenient: follows from `https:` to `http:`, where anybody on the way can read what is sent. Default false: `REDIRECT_REFUSED`. */
  readonly allowDowngrade?: boolean | undefined
  /**
   * Says where it comes from: the URL within one origin, the origin alone across (RFC 9110 §10.1.3). Default false: URLs
   * tell things that other sites need not know. A `referer` of the caller stays, but for a step from `https:` to `http:`.
   */
  readonly referer?: boolean | undefined
}

/** What a caller may say of redirects. */
export type Redirects = RedirectMode | RedirectPolicy | RedirectOptions

/** Every URL that was asked for, the last one being that of the response. Absent where no redirect was followed. */
export const URL_LIST: ExtensionKey<readonly string[]> = extensionKey('url list')

/** The fragment of the URL of a request, with its `#`; never sent, and passed on to where a redirect leads. */
export const FRAGMENT: ExtensionKey<string> = extensionKey('url fragment')

/** Redirects of one request. */
export const MAX_REDIRECTS = 10

/**
 * A layer that follows redirects: 303 becomes GET (HEAD stays), 301 and 302 turn POST into GET, and the fields about
 * content go with it; 307 and 308 keep method and body, and are returned as they are when the body cannot be had again.
 * Across origins `authorization`, `cookie`, `proxy-authorization`, `www-authenticate`, `host`, all fields that were marked
 * as sensitive and the extensions are dropped. A 3xx without a Location, or with one that is no URL, is returned.
 *
 * Reads `redirect` of the request's options, which wins over what the layer was made with. Layers that add what belongs
 * to one URL (cookies) go inside of it, layers that add what the caller said once (credentials) outside.
 *
 * Rejects with `TOO_MANY_REDIRECTS`, or with `REDIRECT_REFUSED` by the caller's policy (`by: 'user'`), for a scheme that
 * is not HTTP, and from `https:` to `http:`. An error after a redirect is never `retryable`.
 * @throws HyperError `INVALID_OPTION`
 */
export function redirect(options: Redirects = {}): Layer {
  const defaults = rulesOf(options, DEFAULTS)
  return (inner) => (request, exchange) => {
    const given = optionsOf(exchange)?.redirect
    // What is wrong is told before anything is sent, and whether or not anything redirects.
    const rules = given === undefined ? defaults : rulesOf(given, defaults)
    const response = inner(request, exchange)
    if (request.method === 'CONNECT') return response
    const settle = (answer: HttpResponse): HttpResponse | Promise<HttpResponse> =>
      isRedirect(answer.status) ? new Journey(request, exchange, inner, rules).follow(answer) : answer
    return response instanceof Promise ? response.then(settle) : settle(response)
  }
}

type Rules = Required<{ [Name in keyof RedirectOptions]: NonNullable<RedirectOptions[Name]> }>

const DEFAULTS: Rules = {
  policy: 'follow',
  maxRedirects: MAX_REDIRECTS,
  allowDowngrade: false,
  referer: false,
}

/** @throws HyperError `INVALID_OPTION` */
function rulesOf(given: Redirects, defaults: Rules): Rules {
  const options = typeof given === 'object' ? given : { policy: given }
  if (options === given) check('redirect', 'redirect.', options, OPTIONS)
  const policy = options.policy ?? defaults.policy
  if (typeof policy !== 'function' && !MODES.has(policy))
    throw userError('INVALID_OPTION', `redirect must be 'follow', 'manual' or 'error', not ${String(policy)}`)
  return {
    policy,
    maxRedirects: atLeast('redirect.maxRedirects', options.maxRedirects, defaults.maxRedirects, 0),
    allowDowngrade: flag('redirect.allowDowngrade', options.allowDowngrade, defaults.allowDowngrade),
    referer: flag('redirect.referer', options.referer, defaults.referer),
  }
}

const OPTIONS: Checks = /* @__PURE__ */ named<RedirectOptions>({
  policy: true,
  maxRedirects: true,
  allowDowngrade: true,
  referer: true,
})
const MODES: ReadonlySet<string> = new Set(['follow', 'manual', 'error'])

/** One request on its way from URL to URL. */
class Journey {
  private request: HttpRequest
  private readonly exchange: Exchange
  private readonly inner: Service
  private readonly rules: Rules
  private readonly urls: string[]
  private fragment: string

  constructor(request: HttpRequest, exchange: Exchange, inner: Service, rules: Rules) {
    this.request = request
    this.exchange = exchange
    this.inner = inner
    this.rules = rules
    this.fragment = request.extensions.get(FRAGMENT) ?? ''
    this.urls = [request.target + this.fragment]
  }

  async follow(first: HttpResponse): Promise<HttpResponse> {
    let response = first
    while (isRedirect(response.status)) {
      const next = await this.next(response)
      if (next === null) break
      // RFC 9110 §10.2.2: a Location without a fragment inherits it.
      this.urls.push(next.target + this.fragment)
      this.request = next
      response = await this.send()
    }
    if (this.urls.length > 1) response.extensions.set(URL_LIST, this.urls)
    return response
  }

  /** The request that comes next, or null when the response is to be returned; what is left of that is given up. */
  private async next(response: HttpResponse): Promise<HttpRequest | null> {
    try {
      const from = new URL(this.request.target)
      const to = locationOf(response.headers, this.request.target)
      if (to === null || this.rules.policy === 'manual') return null
      const method = redirectedMethod(response.status, this.request.method)
      if (!(await this.wants(response.status, from, to, method))) return null
      const next = this.requestTo(from, to, method)
      if (next === null) return null
      if (to.hash !== '') this.fragment = to.hash
      // The connection reads a short rest, so that it can go on; a long one costs it.
      response.body.cancel()
      return next
    } catch (error) {
      response.body.cancel(error)
      throw error
    }
  }

  /** @throws HyperError when the redirect must not be followed. */
  private async wants(status: number, from: URL, to: URL, method: string): Promise<boolean> {
    const { allowDowngrade, maxRedirects, policy } = this.rules
    if (policy !== 'error' && this.urls.length > maxRedirects) throw this.tooMany(to)
    const attempt = { status, from: from.href, to: to.href, method, urls: this.urls }
    const mode = typeof policy === 'function' ? await policy(attempt) : policy
    // A policy that says `false`, or nothing, has hardly meant to follow.
    if (!MODES.has(mode))
      throw userError(
        'INVALID_OPTION',
        `a policy for redirects says 'follow', 'manual' or 'error', not ${shown(mode)}`,
      )
    if (mode === 'manual') return false
    if (mode === 'error') throw this.refused('user', from, to, 'and redirects are not wanted')
    if (to.protocol !== 'http:' && to.protocol !== 'https:')
      throw this.refused('peer', from, to, `and ${to.protocol} is not a scheme that can be requested`)
    if (isDowngrade(from, to) && !allowDowngrade)
      throw this.refused('peer', from, to, 'where nothing is encrypted (allowDowngrade lets it)')
    return true
  }

  private requestTo(from: URL, to: URL, method: string): HttpRequest | null {
    const isContentGone = method !== this.request.method
    const again = isContentGone ? () => this.request.with({ method, body: null }) : replayOf(this.request)
    if (again === null) return null
    const headers = redirectedHeaders(this.request.headers, {
      from,
      to,
      isContentGone,
      referer: this.rules.referer,
    })
    const target = targetOf(to)
    const request = again()
    if (from.origin === to.origin) return request.with({ target, headers })
    // A new one: side values may hold secrets too.
    return new HttpRequest(method, target, { headers, body: request.body, version: request.version })
  }

  private async send(): Promise<HttpResponse> {
    const { cancelled } = this.exchange
    if (cancelled !== null) throw cancelled
    try {
      return await this.inner(this.request, this.exchange)
    } catch (error) {
      throw error instanceof HyperError ? this.afterRedirects(error) : error
    }
  }

  /** The same error, for who sent the first request: that one has been processed. */
  private afterRedirects(error: HyperError): HyperError {
    const count = this.urls.length - 1
    return error.with({
      message: `${error.message}, after ${count} ${count === 1 ? 'redirect' : 'redirects'}`,
      retryable: false,
      unanswered: false,
      attempts: error.attempts + count,
    })
  }

  private tooMany(to: URL): HyperError {
    const way = [...this.urls, to.href].map(visible)
    // Eleven URLs tell where it goes round; hundreds tell no more.
    if (way.length > 12) way.splice(6, way.length - 12, '…')
    const detail = `redirected more than ${this.rules.maxRedirects} times: ${way.join(' → ')}`
    const { length: attempts } = this.urls
    return new HyperError('TOO_MANY_REDIRECTS', detail, {
      by: 'peer',
      phase: 'headers',
      statusHint: 502,
      address: this.address,
      attempts,
    })
  }

  private refused(by: 'peer' | 'user', from: URL, to: URL, why: string): HyperError {
    const detail = `${visible(from.href)} redirects to ${visible(to.href)}, ${why}`
    const { length: attempts } = this.urls
    return new HyperError('REDIRECT_REFUSED', detail, {
      by,
      phase: 'headers',
      statusHint: by === 'user' ? 0 : 502,
      address: this.address,
      attempts,
    })
  }

  private get address(): string {
    return new URL(this.request.target).host
  }
}

/** Without query and fragment, which may hold secrets. */
function visible(url: string): string {
  return url.replace(/[?#].*$/s, '')
}
