import { Body } from '@hyper/core/body'
import { protocolKey } from '@hyper/core/h2'
import type { HeaderMap, HttpRequest, HttpResponse } from '@hyper/core/http'
import type { PeerInfo } from '@hyper/core/rt'
import type { Exchange, IoParts } from '@hyper/core/service'
import { type FetchHeadersInit, toHeaderMap } from '@hyper/util/web'
import { withAccept } from './accept.ts'
import { type Completion, failureOf, newCompletion } from './completion.ts'
import { offeredProtocol } from './offers-upgrade.ts'
import { asRequest, LazyRequest } from './request.ts'
import type { RequestUrls } from './request-url.ts'
import { asResponse, LazyResponse } from './response.ts'

// FetchContext: what a fetch handler may ask and do besides answering. In: the engine's request and exchange. Out: the
// members that the Fetch Server API draft of TC55 has, under its names, and `trailers` and `upgrade`, which it lacks for
// HTTP/1.

/** Trailers as values, or made once the body has been sent. */
export type TrailersInit = FetchHeadersInit | (() => FetchHeadersInit | Promise<FetchHeadersInit>)

/** What {@link FetchContext.upgrade} gives. */
export interface Upgrade {
  /** Answer with this one: 101 and the protocol, or 200 to a CONNECT. */
  readonly response: Response
  /** The connection, once the head of the answer is written. Rejects with a HyperError when it came to nothing. */
  readonly parts: Promise<IoParts>
}

/** What a server shares among its contexts. */
export interface Shared {
  readonly urls: RequestUrls
  /** As the runtime's. */
  defer(task: () => void): void
  /** Work that `close()` waits for. */
  waitUntil(work: Promise<unknown>): void
}

/** What a context is made of, for the rooms beside it. */
export interface ContextParts {
  readonly request: HttpRequest
  readonly exchange: Exchange
}

/** The second argument of a fetch handler: what it may ask and do besides answering. */
export class FetchContext {
  readonly #incoming: HttpRequest
  readonly #exchange: Exchange
  readonly #shared: Shared
  #request: LazyRequest | null
  #trailers: TrailersInit | null
  #answer: HttpResponse | null
  #completion: Completion | null
  #isDenied: boolean

  /** @internal */
  constructor(incoming: HttpRequest, exchange: Exchange, shared: Shared) {
    this.#incoming = incoming
    this.#exchange = exchange
    this.#shared = shared
    this.#request = null
    this.#trailers = null
    this.#answer = null
    this.#completion = null
    this.#isDenied = false
  }

  /**
   * What `context` is made of.
   * @internal
   */
  static partsOf(context: FetchContext): ContextParts {
    return { request: context.#incoming, exchange: context.#exchange }
  }

  /**
   * Whether {@link deny} was called: there is nothing to answer any more.
   * @internal
   */
  static isDenied(context: FetchContext): boolean {
    return context.#isDenied
  }

  /**
   * What {@link trailers} was given; null when it was not called.
   * @internal
   */
  static trailersOf(context: FetchContext): (() => Promise<HeaderMap>) | null {
    const given = context.#trailers
    if (given === null) return null
    return async () => toHeaderMap(typeof given === 'function' ? await given() : given)
  }

  /**
   * The handler's answer, on its way to the engine.
   * @internal
   */
  static answered(context: FetchContext, answer: HttpResponse): HttpResponse {
    context.#answer = answer
    if (context.#completion !== null) context.#watch(answer, context.#completion)
    return answer
  }

  /**
   * The handler gave no answer.
   * @internal
   */
  static failed(context: FetchContext, error: unknown): void {
    context.#completion?.reject(error)
  }

  /** The request, the same object that the handler was given. */
  get request(): Request {
    this.#request ??= new LazyRequest(this.#incoming, this.#exchange, this.#shared.urls)
    return asRequest(this.#request)
  }

  /** The other end: addresses and ports, TLS, ALPN, SNI. */
  get peer(): PeerInfo {
    return this.#exchange.peer
  }

  /** The client's address without its port; null where the transport has none (a unix socket). */
  get remoteAddress(): string | null {
    return this.#exchange.peer.remoteAddress ?? null
  }

  /** Our address without its port; null where the transport has none. */
  get localAddress(): string | null {
    return this.#exchange.peer.localAddress ?? null
  }

  /** True when the bytes travel by TLS. */
  get encrypted(): boolean {
    return this.#exchange.peer.encrypted
  }

  /** What ALPN agreed on; null without TLS, or when the client offered nothing. */
  get alpnProtocol(): string | null {
    return this.#exchange.peer.alpnProtocol ?? null
  }

  /** The name that the client asked for by SNI; null when it named none. */
  get serverName(): string | null {
    return this.#exchange.peer.serverName ?? null
  }

  /** The version of the request's message: `'1.0'`, `'1.1'` or `'2'`. */
  get httpVersion(): string {
    return this.#incoming.version
  }

  /** What an extended CONNECT of HTTP/2 is for (RFC 8441), for example `'websocket'`; null for any other request. */
  get connectProtocol(): string | null {
    return this.#incoming.method === 'CONNECT' ? (this.#exchange.extensions.get(protocolKey) ?? null) : null
  }

  /**
   * Resolves when the whole answer has been handed to the transport. Rejects when it was not: with the HyperError that
   * ended it, or with what the handler has thrown. Never unhandled.
   */
  get completed(): Promise<void> {
    if (this.#completion === null) {
      const made = newCompletion()
      this.#completion = made
      made.promise.catch(ignore)
      this.#exchange.onCancel(made.reject)
      if (this.#answer !== null) this.#watch(this.#answer, made)
    }
    return this.#completion.promise
  }

  /** The trailers of the request, once its body has been read to the end; null when it had none. */
  get requestTrailers(): Promise<Headers | null> {
    return this.#incoming.body.trailers.then((map) =>
      map === null ? null : new globalThis.Headers([...map]),
    )
  }

  /**
   * Sends an interim response (RFC 9110 §15.2) now, for example 103 with `link` fields.
   * @param status 100 or 102 to 199.
   * @returns false when it was not sent: the client speaks HTTP/1.0, or the answer has begun.
   * @throws HyperError `INVALID_STATUS`; TypeError for headers that cannot be sent.
   */
  sendInformational(status: number, headers?: FetchHeadersInit): boolean {
    return this.#exchange.informational(status, toHeaderMap(headers))
  }

  /**
   * Sets the trailers of the answer; the last call before the handler returns counts. A function is called when the body
   * has been sent. On HTTP/1.1 they are sent when the request had `te: trailers`, on HTTP/2 always.
   */
  trailers(trailers: TrailersInit): void {
    this.#trailers = typeof trailers === 'function' ? trailers : toHeaderMap(trailers)
  }

  /** Work that goes on after the answer: `server.close()` waits for it, and a rejection goes to `onError`. */
  waitUntil(work: Promise<unknown>): void {
    this.#shared.waitUntil(work)
  }

  /**
   * Refuses the request as one that was not processed, at once: the client may send it again, to another server. On
   * HTTP/1 that is 503 with `connection: close`, on HTTP/2 a reset of the stream with REFUSED_STREAM.
   * @returns what the handler answers with: `return context.deny()`
   */
  deny(): Response {
    this.#isDenied = true
    this.#exchange.refuse()
    return asResponse(new LazyResponse(null, { status: 503 }))
  }

  /**
   * Takes the connection after the answer, which must be the `response` that this gives. On HTTP/2, which knows no other
   * switch than CONNECT, it is the stream that is taken.
   * @param headers more fields for it; `upgrade` defaults to the first protocol that the client offered, and to a WebSocket
   *   `sec-websocket-accept` says what it must (RFC 6455 §4.2.2).
   */
  upgrade(headers?: FetchHeadersInit): Upgrade {
    const map = toHeaderMap(headers)
    const parts = this.#exchange.upgrade()
    if (this.#incoming.method === 'CONNECT') return { response: LazyResponse.switching(200, map), parts }
    const offered = offeredProtocol(this.#incoming.headers)
    if (!map.has('upgrade') && offered !== '') map.append('upgrade', offered)
    if (!map.has('connection')) map.append('connection', 'upgrade')
    withAccept(map, this.#incoming.headers)
    return { response: LazyResponse.switching(101, map), parts }
  }

  // A cancelled exchange has rejected by the time its body is over. Text and bytes are written in the turn in which the
  // answer was given; any other body knows its own end.
  #watch(answer: HttpResponse, completion: Completion): void {
    const settle = (): void => {
      const failure = failureOf(this.#exchange)
      if (failure === null) completion.resolve()
      else completion.reject(failure)
    }
    if (answer.payload instanceof Body) void answer.payload.trailers.then(settle)
    else this.#shared.defer(settle)
  }
}

function ignore(): void {}
