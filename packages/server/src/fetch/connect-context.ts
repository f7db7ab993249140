import { type HttpRequest, type HttpResponse, HeaderMap } from '@hyper/core/http'
import type { Exchange, IoParts } from '@hyper/core/service'
import { type FetchHeadersInit, toHeaderMap } from '@hyper/util/web'
import { FetchContext, type Shared } from './context.ts'
import { offeredProtocol } from './offers-upgrade.ts'
import { LazyResponse } from './response.ts'
import { invalidState, notSupported, Tunnel } from './tunnel.ts'

// ConnectContext: what a `connect` handler of the Fetch Server API draft gets for a CONNECT, an extended CONNECT and an
// HTTP/1 upgrade, which are one thing to it. In: the engine's request and exchange. Out: a tunnel, once the handler accepts;
// that is the answer, whatever the handler returns later.

/** For {@link ConnectContext.deny}: declines the upgrade, and lets `fetch` answer the request. */
export const FALLTHROUGH: unique symbol = Symbol.for('wintertc.server.fallthrough')

/** What the answer that accepts says besides; a status is what it must be. */
export interface AcceptInit {
  readonly headers?: FetchHeadersInit
}

const UNDECIDED = 0
const ACCEPTED = 1
const FALLEN = 2

/** The argument of a `connect` handler. */
export class ConnectContext extends FetchContext {
  readonly #parts: { readonly request: HttpRequest; readonly exchange: Exchange }
  readonly #commit: (answer: HttpResponse) => void
  #state: number
  #tunnel: Tunnel | null
  /** What the handler has failed with before the tunnel was there. */
  #failure: { readonly error: unknown } | null

  /** @internal */
  constructor(
    incoming: HttpRequest,
    exchange: Exchange,
    shared: Shared,
    commit: (answer: HttpResponse) => void,
  ) {
    super(incoming, exchange, shared)
    this.#parts = { request: incoming, exchange }
    this.#commit = commit
    this.#state = UNDECIDED
    this.#tunnel = null
    this.#failure = null
  }

  /** @internal */
  static isAccepted(context: ConnectContext): boolean {
    return context.#state === ACCEPTED
  }

  /** @internal */
  static isFallen(context: ConnectContext): boolean {
    return context.#state === FALLEN
  }

  /**
   * Whether the tunnel was lost by this: its client's doing, or the end of the server, and not the handler's.
   * @internal
   */
  static isLostBy(context: ConnectContext, error: unknown): boolean {
    return context.#tunnel !== null && Tunnel.isLostBy(context.#tunnel, error)
  }

  /**
   * The handler has failed after it had accepted.
   * @internal
   */
  static broke(context: ConnectContext, error: unknown): void {
    context.#failure = { error }
    context.#tunnel?.destroy(error)
  }

  /**
   * What the tunnel is for, in lower case, for example `'websocket'`: of an extended CONNECT (RFC 8441), or the first
   * protocol of `upgrade` on HTTP/1. Null for a plain CONNECT.
   */
  override get connectProtocol(): string | null {
    const { request } = this.#parts
    if (request.method === 'CONNECT') return super.connectProtocol?.toLowerCase() ?? null
    return offeredProtocol(request.headers).toLowerCase()
  }

  /**
   * Accepts, with 200, or with 101 on an HTTP/1 upgrade, and resolves with the tunnel once that is written. Rejects with what
   * happened when the client has gone.
   * @throws DOMException `InvalidStateError` after the first call, and after {@link deny}; TypeError for headers that cannot
   *   be sent, and nothing is decided then.
   */
  accept(init?: AcceptInit): Promise<Tunnel> {
    this.#decide()
    // Fields that cannot be sent decide nothing.
    const headers = toHeaderMap(init?.headers)
    this.#state = ACCEPTED
    if (this.#parts.request.method !== 'CONNECT' && !headers.has('upgrade'))
      headers.set('upgrade', this.connectProtocol ?? '')
    const { parts, response } = this.upgrade(headers.size === 0 ? undefined : headersOf(headers))
    const answer = LazyResponse.toHttp(response)
    if (answer !== null) this.#commit(FetchContext.answered(this, answer))
    const tunnel = parts.then((given) => this.#open(given))
    // A client that goes is no reason to end the process, where the handler does not wait for the tunnel.
    tunnel.catch(ignore)
    return tunnel
  }

  /**
   * Declines: as {@link FetchContext.deny}, or, given {@link FALLTHROUGH}, the upgrade alone. `fetch` is asked then, as soon
   * as this handler has returned.
   * @throws DOMException `InvalidStateError` after {@link accept} and after the first call, and for FALLTHROUGH when the
   *   request is a CONNECT, which is nothing else.
   */
  override deny(reason?: unknown): Response {
    this.#decide()
    if (reason !== FALLTHROUGH) return super.deny()
    if (this.#parts.request.method === 'CONNECT')
      throw invalidState('a CONNECT is no request that fetch could answer')
    this.#state = FALLEN
    return LazyResponse.error()
  }

  /**
   * A WebSocket as the platform has it is not supported: its frames are the business of a library, which
   * `@hyper/server/websocket` gives the tunnel to.
   * @throws DOMException `NotSupportedError`
   */
  upgradeWebSocket(): never {
    throw notSupported('upgradeWebSocket(): see @hyper/server/websocket')
  }

  /** WebTransport is not supported. Rejects with a DOMException, `NotSupportedError`. */
  upgradeWebTransport(): Promise<never> {
    return Promise.reject(notSupported('upgradeWebTransport()'))
  }

  #open(parts: IoParts): Tunnel {
    const tunnel = new Tunnel(parts)
    this.#tunnel = tunnel
    if (this.#failure !== null) tunnel.destroy(this.#failure.error)
    return tunnel
  }

  #decide(): void {
    if (this.#state !== UNDECIDED || FetchContext.isDenied(this))
      throw invalidState('the request was accepted or denied before')
  }
}

function headersOf(map: HeaderMap): [string, string][] {
  return [...map] as [string, string][]
}

function ignore(): void {}
