import { HyperError, userError } from '@hyper/core/error'
import { type SendOptions, upgraded } from '@hyper/core/h1'
import { HeaderMap, HttpRequest, type HttpResponse, isIdempotent, isMethod } from '@hyper/core/http'
import type { Alarm } from '@hyper/core/rt'
import { type Config, configOf, timeoutOf } from './config.ts'
import { failureOf } from './failure.ts'
import type { Kept } from './kept.ts'
import { isReplayable, requestBody, requestHeaders } from './message.ts'
import type { ClientOptions, RequestOptions, VerbOptions } from './options.ts'
import { Origin } from './origin.ts'
import { Places } from './place.ts'
import { Upgraded, type UpgradeOptions } from './upgraded.ts'

/** What one attempt sends, and where; the same for a second attempt. */
interface Call {
  readonly origin: Origin
  readonly method: string
  readonly target: string
  readonly headers: HeaderMap
  readonly options: RequestOptions | undefined
}

/** Origins without connections are forgotten when there are more than this. */
const MANY_ORIGINS = 1000

/**
 * Sends requests over connections that are kept alive. A response comes as soon as its head is there; read its body to
 * the end, or cancel it: until then its connection serves nobody else.
 *
 * Every method rejects with a {@link HyperError} whose `phase`, `address`, `attempts`, `elapsedMs` and `retryable` say
 * what happened.
 */
export class Client {
  private readonly config: Config
  private readonly places: Places
  private readonly origins: Map<string, Origin>
  private alarm: Alarm | null
  private alarmAt: number
  private isClosed: boolean

  /** @throws HyperError `INVALID_OPTION` */
  constructor(options: ClientOptions = {}) {
    this.config = configOf(options)
    this.places = new Places()
    this.origins = new Map()
    this.alarm = null
    this.alarmAt = Infinity
    this.isClosed = false
  }

  /** Connections that are open, idle or not. */
  get connections(): number {
    let count = 0
    for (const origin of this.origins.values()) count += origin.size
    return count
  }

  /** Sends a request. @throws HyperError (as a rejection) */
  request(url: string | URL, options?: RequestOptions): Promise<HttpResponse> {
    try {
      return this.run(this.callOf(url, options))
    } catch (error) {
      return Promise.reject(error)
    }
  }

  get(url: string | URL, options?: VerbOptions): Promise<HttpResponse> {
    return this.request(url, options)
  }

  head(url: string | URL, options?: VerbOptions): Promise<HttpResponse> {
    return this.request(url, { ...options, method: 'HEAD' })
  }

  post(url: string | URL, options?: VerbOptions): Promise<HttpResponse> {
    return this.request(url, { ...options, method: 'POST' })
  }

  put(url: string | URL, options?: VerbOptions): Promise<HttpResponse> {
    return this.request(url, { ...options, method: 'PUT' })
  }

  patch(url: string | URL, options?: VerbOptions): Promise<HttpResponse> {
    return this.request(url, { ...options, method: 'PATCH' })
  }

  delete(url: string | URL, options?: VerbOptions): Promise<HttpResponse> {
    return this.request(url, { ...options, method: 'DELETE' })
  }

  /**
   * Asks for another protocol on the connection (RFC 9110 §7.8), and takes it over.
   * @throws HyperError (as a rejection) `NO_UPGRADE` when the server answers with anything but 101.
   */
  async upgrade(url: string | URL, options: UpgradeOptions): Promise<Upgraded> {
    const { protocol, ...rest } = options
    const headers = HeaderMap.from(rest.headers).clone()
    headers.set('connection', 'upgrade')
    headers.set('upgrade', protocol)
    return this.switched(await this.request(url, { ...rest, headers }))
  }

  /**
   * Opens a tunnel through a proxy (CONNECT, RFC 9110 §9.3.6).
   * @param proxy the URL of the proxy; only its scheme, host and port count.
   * @param authority where the proxy is to connect to, as `host:port`.
   * @throws HyperError (as a rejection) `NO_UPGRADE` when the proxy refuses.
   */
  async tunnel(proxy: string | URL, authority: string, options?: VerbOptions): Promise<Upgraded> {
    const { destination } = this.places.find(proxy)
    const origin = this.originOf(destination.origin, proxy)
    const headers = requestHeaders(authority, options?.headers, null)
    // Validates the target, which no URL has gone through.
    const { target } = new HttpRequest('CONNECT', authority)
    return this.switched(await this.run({ origin, method: 'CONNECT', target, headers, options }))
  }

  /** Refuses new requests, closes idle connections, and resolves when those under way are complete. */
  async close(): Promise<void> {
    this.isClosed = true
    await Promise.all(Array.from(this.origins.values(), (origin) => origin.close()))
    this.alarm?.cancel()
  }

  /** Refuses new requests and resets every connection now. */
  abort(): void {
    this.isClosed = true
    for (const origin of this.origins.values()) origin.abort()
    this.alarm?.cancel()
  }

  /** As {@link close}. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  /** @internal */
  idles(until: number): void {
    if (until >= this.alarmAt) return
    this.alarmAt = until
    this.alarm ??= this.config.runtime.timer.alarm(this)
    this.alarm.move(until)
  }

  /** @internal */
  onAlarm(now: number): void {
    this.alarmAt = Infinity
    let next = Infinity
    for (const [key, origin] of this.origins) {
      next = Math.min(next, origin.expire(now))
      if (origin.isEmpty) this.origins.delete(key)
    }
    if (next !== Infinity) this.idles(next)
  }

  private callOf(url: string | URL, options: RequestOptions | undefined): Call {
    const method = options === undefined ? 'GET' : (options.method ?? 'GET')
    if (method === 'CONNECT' || !isMethod(method))
      throw userError('INVALID_METHOD', `${method} cannot be requested`)
    const { destination, target } = this.places.find(url)
    const origin = this.originOf(destination.origin, url)
    const given = options?.headers
    const headers =
      given === undefined ? origin.headers : requestHeaders(destination.authority, given, this.config.headers)
    return { origin, method, target, headers, options }
  }

  private async run(call: Call): Promise<HttpResponse> {
    const { clock } = this.config.runtime
    const began = clock.now()
    for (let attempts = 1; ; attempts++) {
      let kept: Kept | null = call.origin.take(began)
      const isReused = kept !== null
      let request: HttpRequest | null = null
      try {
        const { headers, method, options, target } = call
        if (kept === null) kept = await call.origin.connect(options?.signal, this.connectTimeout(options))
        request = HttpRequest.fromParsed(method, target, '1.1', headers, requestBody(options))
        const response = await kept.sender.send(request, sendOptions(options))
        kept.answered(response.headers)
        return response
      } catch (error) {
        kept?.moved()
        if (attempts === 1 && isReused && mayRepeat(error, call, request)) continue
        dropBody(call.options, request, error)
        throw failureOf(error, { address: addressOf(call, kept), attempts, elapsedMs: clock.now() - began })
      }
    }
  }

  private async switched(response: HttpResponse): Promise<Upgraded> {
    try {
      return new Upgraded(response, await upgraded(response))
    } catch (cause) {
      response.body.cancel(cause)
      const detail = `the server answered ${response.status} and did not switch protocols`
      throw new HyperError('NO_UPGRADE', detail, {
        by: 'peer',
        phase: 'upgrade',
        statusHint: response.status,
        cause,
      })
    }
  }

  private connectTimeout(options: RequestOptions | undefined): number {
    return timeoutOf('connect', options?.timeouts?.connect, this.config.connectTimeout)
  }

  private originOf(key: string, url: string | URL): Origin {
    if (this.isClosed) throw userError('CLOSED', 'the client is closed')
    const found = this.origins.get(key)
    if (found !== undefined) return found
    if (this.origins.size >= MANY_ORIGINS) this.forgetEmpty()
    const made = new Origin(this.places.find(url).destination, this.config, this)
    this.origins.set(key, made)
    return made
  }

  private forgetEmpty(): void {
    for (const [key, origin] of this.origins) if (origin.isEmpty) this.origins.delete(key)
  }
}

// Most requests have none of these.
function sendOptions(options: RequestOptions | undefined): SendOptions | undefined {
  if (options === undefined) return undefined
  const { maxHeaderSize, onInformational, signal, timeouts } = options
  const headers = timeouts?.headers
  if (
    signal === undefined &&
    onInformational === undefined &&
    headers === undefined &&
    maxHeaderSize === undefined
  ) {
    return undefined
  }
  const headersTimeout = headers === undefined ? undefined : timeoutOf('headers', headers, Infinity)
  return { signal, onInformational, headersTimeout, maxHeadSize: maxHeaderSize }
}

/**
 * Whether a request that failed on a connection which had served before may be sent once more: when nothing of it can
 * have been processed; or when the connection went away without a byte of an answer (the server closed it as the
 * request was on its way), doing it twice is the same as once (RFC 9110 §9.2.2), and the body can be had again.
 */
function mayRepeat(error: unknown, call: Call, request: HttpRequest | null): boolean {
  if (!(error instanceof HyperError) || error.by === 'user') return false
  const replayable = isReplayable(call.options)
  if (error.retryable) return replayable || request === null || !request.body.used
  return replayable && isIdempotent(call.method) && error.unanswered
}

/** A body of which nothing was sent will not be read any more: its source is told. */
function dropBody(options: RequestOptions | undefined, request: HttpRequest | null, reason: unknown): void {
  try {
    const body = request === null ? requestBody(options) : request.body
    if (!body.used) body.cancel(reason)
  } catch {
    // What cannot be sent has no source to be told.
  }
}

function addressOf(call: Call, kept: Kept | null): string {
  const peer = kept?.io.peer
  if (peer?.remoteAddress === undefined) return call.origin.destination.authority
  const { remoteAddress, remotePort } = peer
  return `${remoteAddress.includes(':') ? `[${remoteAddress}]` : remoteAddress}:${remotePort ?? ''}`
}
