import { EMPTY_BODY, FullBody } from '@hyper/core/body'
import { HyperError, userError } from '@hyper/core/error'
import { upgraded } from '@hyper/core/h1'
import { HeaderMap, HttpRequest, HttpResponse, isMethod } from '@hyper/core/http'
import type { Service } from '@hyper/core/service'
import { stayAlive } from '@hyper/util/platform'
import type { PoolStats } from '@hyper/util/pool'
import { giveUpContent } from './body/content.ts'
import { checkClose, checkRequestOptions, checkUpgradeOptions } from './check.ts'
import { amountOf, type Config, configOf, totalOf } from './config.ts'
import { CONNECTION } from './connection-info.ts'
import { ClientExchange, type Pauses } from './exchange.ts'
import { addressOf } from './failure.ts'
import { type FetchFunction, fetchOver } from './fetch/fetch.ts'
import { Lifetime } from './lifetime.ts'
import { requestOf } from './message.ts'
import { shown } from './option.ts'
import type { ClientOptions, RequestOptions, VerbOptions } from './options.ts'
import { type Place, Places } from './place.ts'
import { defaultStack } from './stack.ts'
import { EXTENDED, VIA } from './switching.ts'
import { Transport } from './transport.ts'
import { dropBody } from './trip.ts'
import { Upgraded, type UpgradeOptions } from './upgraded.ts'
import { isForeignClient, isForeignRequest, whileWanted } from './wanted.ts'

/** A response to a client: `await using response = …` gives up what was not read of its body at the end of the block. */
export type ClientResponse = HttpResponse & AsyncDisposable

/** How {@link Client.close} goes about it. */
export interface CloseOptions {
  /** Milliseconds until what is still under way is aborted; 0 is at once. Default: no deadline, as Infinity. */
  readonly deadline?: number | undefined
}

/** What a client is made of, for the other doors of this package. */
export interface ClientParts {
  readonly config: Config
  readonly places: Places
  readonly transport: Transport
  /** As {@link Client.upgrade}, with the answer as it came, switched or not. */
  askUpgrade(url: string | URL, options: UpgradeOptions): Promise<HttpResponse>
}

/** What `client` is made of. */
export function partsOf(client: Client): ClientParts {
  return reveal(client)
}

let reveal: (client: Client) => ClientParts

/**
 * Sends requests over connections that are kept and shared. A response comes as soon as its head is there; read its body
 * to the end, or cancel it.
 *
 * Every method rejects with a {@link HyperError} whose `phase`, `address`, `attempts`, `elapsedMs` and `retryable` say
 * what happened.
 */
export class Client {
  /** A drop-in for the global `fetch` over this client. It needs no `this`. */
  readonly fetch: FetchFunction
  private readonly config: Config
  private readonly places: Places
  private readonly transport: Transport
  private readonly service: Service
  /** Layers of others: one that writes into the fields of a request must not write into those that all requests share. */
  private readonly hasOwnLayers: boolean
  /** Somebody else's code stands between the caller and the connections. */
  private readonly isForeign: boolean
  /** Requests without a response so far: a redirect, or a retry, may still need a connection. */
  private underWay: number
  private whenAnswered: (() => void)[]
  private readonly pauses: Pauses
  private isClosed: boolean

  static {
    reveal = (client) => ({
      config: client.config,
      places: client.places,
      transport: client.transport,
      askUpgrade: (url, options) => client.askUpgrade(url, options),
    })
  }

  /** @throws HyperError `INVALID_OPTION` */
  constructor(options: ClientOptions = {}) {
    this.config = configOf(options)
    this.places = new Places()
    this.transport = new Transport(this.config, this.places)
    this.service = defaultStack(options, this.transport.service)
    this.hasOwnLayers = options.layers !== undefined
    this.isForeign = isForeignClient(options)
    this.underWay = 0
    this.whenAnswered = []
    this.pauses = new Set()
    this.isClosed = false
    this.fetch = fetchOver(this, { headers: this.config.headers, redirect: options.redirect })
  }

  /** Connections that are open, idle or not. */
  get connections(): number {
    return this.config.pool.connections
  }

  /** How many connections there are, and what they do. */
  stats(): PoolStats {
    return this.config.pool.stats()
  }

  /** The same for each origin, by `URL.origin`. */
  statsByOrigin(): Map<string, PoolStats> {
    return this.config.pool.statsByOrigin()
  }

  /**
   * Sends a request; resolves with the head of its response.
   * @param url absolute, `http:` or `https:`. User name and password in it are sent as credentials.
   * @throws HyperError (as a rejection)
   */
  request(url: string | URL, options?: RequestOptions): Promise<ClientResponse> {
    try {
      return this.send(this.requestOf(url, options), options)
    } catch (error) {
      return Promise.reject(error)
    }
  }

  /** {@link request} with the method GET. */
  get(url: string | URL, options?: VerbOptions): Promise<ClientResponse> {
    return this.request(url, options === undefined ? undefined : withMethod('GET', options))
  }

  /** {@link request} with the method HEAD. */
  head(url: string | URL, options?: VerbOptions): Promise<ClientResponse> {
    return this.request(url, withMethod('HEAD', options))
  }

  /** {@link request} with the method POST. */
  post(url: string | URL, options?: VerbOptions): Promise<ClientResponse> {
    return this.request(url, withMethod('POST', options))
  }

  /** {@link request} with the method PUT. */
  put(url: string | URL, options?: VerbOptions): Promise<ClientResponse> {
    return this.request(url, withMethod('PUT', options))
  }

  /** {@link request} with the method PATCH. */
  patch(url: string | URL, options?: VerbOptions): Promise<ClientResponse> {
    return this.request(url, withMethod('PATCH', options))
  }

  /** {@link request} with the method DELETE. */
  delete(url: string | URL, options?: VerbOptions): Promise<ClientResponse> {
    return this.request(url, withMethod('DELETE', options))
  }

  /**
   * Asks for another protocol on a connection of its own (RFC 9110 §7.8), and takes it over.
   * @throws HyperError (as a rejection) `NO_UPGRADE` when the server answers with anything but 101, or a 2xx over HTTP/2.
   */
  async upgrade(url: string | URL, options: UpgradeOptions): Promise<Upgraded> {
    return this.switched(await this.askUpgrade(url, options))
  }

  /**
   * Opens a tunnel through a proxy (CONNECT, RFC 9110 §9.3.6).
   * @param proxy the URL of the proxy; only its scheme, host and port count.
   * @param authority where the proxy is to connect to, as `host:port`.
   * @throws HyperError (as a rejection) `NO_UPGRADE` when the proxy refuses.
   */
  async tunnel(proxy: string | URL, authority: string, options?: VerbOptions): Promise<Upgraded> {
    if (options !== undefined) checkRequestOptions(options)
    const { destination } = this.places.find(proxy)
    // What the client sends with every request is for origins, not for a proxy.
    const headers = HeaderMap.from(options?.headers)
    // Validates the target, which no URL has gone through.
    const request = new HttpRequest('CONNECT', authority, { headers })
    request.extensions.set(VIA, destination)
    return this.switched(await this.send(request, options))
  }

  /**
   * Refuses new requests, closes idle connections, and resolves when those under way are complete; after the deadline, what is
   * left is ended as by {@link abort}. A deadline holds the process open until then.
   * @throws HyperError (as a rejection) `INVALID_OPTION` for options that are none; nothing is closed then.
   */
  async close(options?: CloseOptions): Promise<void> {
    if (options !== undefined) checkClose(options)
    const deadline = amountOf('deadline', options?.deadline)
    this.isClosed = true
    this.config.pool.drain()
    if (deadline === Infinity) return this.whenDone()
    const { clock, timer } = this.config.runtime
    const alarm = timer.alarm({ onAlarm: () => this.abort() })
    alarm.move(clock.now() + deadline)
    const release = stayAlive()
    await this.whenDone()
    alarm.cancel()
    release()
  }

  /** Refuses new requests, ends those that wait, also for a retry, and resets every connection now. */
  abort(): void {
    this.isClosed = true
    const reason = userError('CANCELED', 'the client was aborted')
    this.config.pool.abort(reason)
    for (const pause of [...this.pauses]) pause.giveUp(reason)
  }

  /** As {@link close}. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  private async whenDone(): Promise<void> {
    if (this.underWay > 0) await new Promise<void>((resolve) => this.whenAnswered.push(resolve))
    await this.config.pool.close()
  }

  private requestOf(url: string | URL, options: RequestOptions | undefined): HttpRequest {
    let place: Place
    let method: string
    try {
      if (options !== undefined) checkRequestOptions(options)
      method = methodOf(options)
      place = this.places.find(url)
    } catch (error) {
      giveUpContent(options, error)
      throw error
    }
    const request = requestOf(place, method, options, this.config.headers)
    return this.hasOwnLayers ? request.with({ headers: request.headers.clone() }) : request
  }

  private askUpgrade(url: string | URL, options: UpgradeOptions): Promise<ClientResponse> {
    const { http2, protocol, ...rest }: Partial<UpgradeOptions> = options ?? {}
    if (protocol === undefined) throw userError('INVALID_OPTION', 'protocol must be the name of a protocol')
    checkUpgradeOptions(options)
    const headers = HeaderMap.from(rest.headers).clone()
    headers.set('connection', 'upgrade')
    headers.set('upgrade', protocol)
    const request = this.requestOf(url, { ...rest, headers })
    if (http2 === true) request.extensions.set(EXTENDED, protocol)
    return this.send(request, rest)
  }

  private send(request: HttpRequest, options: RequestOptions | undefined): Promise<ClientResponse> {
    if (this.isClosed) {
      const error = userError('CLOSED', 'the client is closed')
      dropBody(request, error)
      throw error
    }
    const lifetime = this.lifetimeOf(request, options)
    const exchange = new ClientExchange(options, lifetime)
    exchange.pauses = this.pauses
    const answer = this.answerTo(request, exchange)
    const isForeign = this.isForeign || isForeignRequest(options)
    const wanted = isForeign ? whileWanted(answer, request, exchange, this.config.runtime) : answer
    const followed = lifetime === null ? wanted : lifetime.follow(wanted)
    this.underWay++
    const { body } = request
    if (body === EMPTY_BODY || body instanceof FullBody) return followed.then(this.onAnswer, this.onFailure)
    return followed.then(this.onAnswer, (error: unknown) => {
      // A layer may have refused it before its source was told.
      dropBody(request, error)
      return this.onFailure(error)
    })
  }

  // What a layer throws at once is a rejection as well, so that nothing is left of the lifetime.
  private answerTo(request: HttpRequest, exchange: ClientExchange): Promise<ClientResponse> {
    try {
      const answer = this.service(request, exchange) as ClientResponse | Promise<ClientResponse>
      return answer instanceof Promise ? answer : Promise.resolve(answer)
    } catch (error) {
      return Promise.reject(error)
    }
  }

  private readonly onAnswer = (response: ClientResponse): ClientResponse => {
    this.settled()
    if (response instanceof HttpResponse) return response
    throw userError('SERVICE_FAILED', `a layer gave ${shown(response)}, not an HttpResponse`)
  }

  private readonly onFailure = (error: unknown): never => {
    this.settled()
    throw error
  }

  private settled(): void {
    if (--this.underWay > 0 || this.whenAnswered.length === 0) return
    for (const resolve of this.whenAnswered.splice(0)) resolve()
  }

  // Most requests have neither a signal nor a time of their own.
  private lifetimeOf(request: HttpRequest, options: RequestOptions | undefined): Lifetime | null {
    const { runtime, timeouts } = this.config
    const signal = options?.signal
    try {
      const total = totalOf(options, timeouts)
      return signal === undefined && total === Infinity ? null : new Lifetime(runtime, signal ?? null, total)
    } catch (error) {
      dropBody(request, error)
      throw error
    }
  }

  private async switched(response: HttpResponse): Promise<Upgraded> {
    try {
      return new Upgraded(response, await upgraded(response))
    } catch (cause) {
      response.body.cancel(cause)
      const connection = response.extensions.get(CONNECTION)
      const detail = `the server answered ${response.status} and did not switch protocols`
      throw new HyperError('NO_UPGRADE', detail, {
        by: 'peer',
        phase: 'upgrade',
        statusHint: 502,
        address: addressOf(connection?.peer),
        attempts: connection?.attempts,
        reason: String(response.status),
        cause,
      })
    }
  }
}

function methodOf(options: RequestOptions | undefined): string {
  const method = options?.method ?? 'GET'
  if (method === 'CONNECT')
    throw userError('INVALID_METHOD', 'CONNECT is for tunnels: client.tunnel() opens one')
  if (!isMethod(method)) throw userError('INVALID_METHOD', `${method} is not a method`)
  return method
}

// What is no object stays what it is, and is refused as such: spread, a text would be an object of its letters.
function withMethod(method: string, options: VerbOptions | undefined): RequestOptions {
  if (options === undefined) return { method }
  return typeof options === 'object' && options !== null ? { ...options, method } : options
}
