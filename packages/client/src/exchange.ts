import { type HyperError, userError } from '@hyper/core/error'
import { type ExtensionKey, Extensions, extensionKey, HeaderMap, HttpResponse } from '@hyper/core/http'
import type { HeadersInit } from '@hyper/core/http'
import type { AbortSignalLike, PeerInfo } from '@hyper/core/rt'
import type { Exchange, IoParts } from '@hyper/core/service'
import { canceledBy } from './failure.ts'
import { Lifetime } from './lifetime.ts'
import type { RequestOptions } from './options.ts'

// ClientExchange: one request of a client as the layers around its transport see it. The same interface as a server's, so
// that a layer is a layer on both sides, and a server may hand its own exchange to a client (a reverse proxy). Here it is
// the caller who may cancel, and an interim response travels towards the caller.

/** Under which the options of a request are found in an exchange that is not a client's own. */
export const REQUEST_OPTIONS: ExtensionKey<RequestOptions> = extensionKey('request options')

/** Waits of a client's requests that no connection would end when the client is aborted. */
export type Pauses = Set<{ giveUp(reason: HyperError): void }>

/** One request of a client, seen by its layers. */
export class ClientExchange implements Exchange {
  /** What the caller has said of this request; undefined when nothing. */
  readonly options: RequestOptions | undefined
  /** Gives the request up; null when nobody can. */
  readonly signal: AbortSignalLike | null
  /** The other end, once there is a connection. A transport sets it. */
  peer: PeerInfo
  /** @internal Those of its client; null where it has none. */
  pauses: Pauses | null
  private bag: Extensions | null

  constructor(options: RequestOptions | undefined, signal: AbortSignalLike | null) {
    this.options = options
    this.signal = signal
    this.peer = NOBODY
    this.pauses = null
    this.bag = null
  }

  get extensions(): Extensions {
    this.bag ??= new Extensions()
    return this.bag
  }

  get cancelled(): HyperError | null {
    const { signal } = this
    if (signal instanceof Lifetime) return signal.cancelled
    return signal?.aborted === true ? canceledBy(signal, null) : null
  }

  onCancel(fn: (reason: HyperError) => void): void {
    const { signal } = this
    if (signal === null) return
    if (signal instanceof Lifetime) {
      signal.onCancel(fn)
      return
    }
    const told = (): void => fn(canceledBy(signal, null))
    if (signal.aborted) told()
    else signal.addEventListener('abort', told)
  }

  /** Whether anybody wants to hear of interim responses. */
  get hears(): boolean {
    return this.options?.onInformational !== undefined
  }

  /** Hands an interim response to the caller. @returns false when nobody wants it */
  informational(status: number, headers?: HeadersInit | HeaderMap): boolean {
    const hook = this.options?.onInformational
    if (hook === undefined) return false
    hook(status, HeaderMap.from(headers))
    return true
  }

  /** A layer refuses the request, which is not sent: the caller gets the 503 that a server would have answered with. */
  refuse(): HttpResponse {
    return new HttpResponse(null, { status: 503 })
  }

  /** A client takes the connection from its response: `upgraded(response)` of the core. */
  upgrade(): Promise<IoParts> {
    return Promise.reject(userError('NO_UPGRADE', 'a client takes the connection from the response'))
  }
}

/** What the caller has said of the request that `exchange` belongs to. */
export function optionsOf(exchange: Exchange): RequestOptions | undefined {
  return exchange instanceof ClientExchange ? exchange.options : exchange.extensions.get(REQUEST_OPTIONS)
}

/** What gives the request up, as a signal; null when nobody can. */
export function signalOf(exchange: Exchange): AbortSignalLike | null {
  return exchange instanceof ClientExchange ? exchange.signal : new ExchangeSignal(exchange)
}

/** The cancellation of any exchange, as a signal. */
class ExchangeSignal implements AbortSignalLike {
  private readonly exchange: Exchange
  private listeners: Set<() => void> | null

  constructor(exchange: Exchange) {
    this.exchange = exchange
    this.listeners = null
  }

  get aborted(): boolean {
    return this.exchange.cancelled !== null
  }

  get reason(): unknown {
    return this.exchange.cancelled
  }

  addEventListener(_type: 'abort', listener: () => void): void {
    if (this.listeners === null) {
      this.listeners = new Set()
      this.exchange.onCancel(() => {
        for (const told of this.listeners ?? []) told()
      })
    }
    this.listeners.add(listener)
  }

  removeEventListener(_type: 'abort', listener: () => void): void {
    this.listeners?.delete(listener)
  }
}

const NOBODY: PeerInfo = { transport: 'none', encrypted: false }
