import { EventEmitter } from 'node:events'
import { userError } from '@hyper/core/error'
import { Client, partsOf } from '../client.ts'
import type { ClientOptions } from '../options.ts'
import { Dispatch, type DispatchHome } from './dispatch.ts'
import { CLOSED_KIND, DESTROYED_KIND } from './error-table.ts'
import { type DispatchCodes, dispatchErrorOf } from './errors.ts'
import { Population } from './population.ts'
import { bothGenerations } from './generation.ts'
import { Recent } from './recent.ts'
import type { DispatchFunction, DispatchHandler, DispatchInterceptor, DispatchOptions } from './types.ts'

// A dispatcher: what undici, and the fetch of Node, send their requests to. Each becomes a request on the transport of a
// client: its pool, its timeouts, its replays. What undici does itself (redirects, content codings, cookies) is not done
// again beneath it.

/** How a dispatcher is made. */
export interface DispatcherOptions {
  /** Whose codes errors have. Default `'undici'`. */
  readonly codes?: DispatchCodes | undefined
}

/** Called when something is done; without one, a promise tells. */
export type DispatcherCallback = (error: Error | null, data: null) => void

/** What undici takes as a `Dispatcher`. It is always ready for more: `'drain'` is never needed, and never emitted. */
export abstract class HyperDispatcher extends EventEmitter {
  /**
   * True lets a fetch hand over its body as it was given, text or bytes, in place of a generator that can be read once:
   * only what was given can be sent again.
   */
  abstract readonly isMockActive: boolean

  /** True once {@link close} or {@link destroy} was called. */
  abstract readonly closed: boolean
  /** True once {@link destroy} was called. */
  abstract readonly destroyed: boolean

  /**
   * Sends a request. What goes wrong, the handler hears.
   * @returns false when the request was refused at once
   * @throws HyperError `INVALID_OPTION` when the handler is none, so that it can hear of nothing
   */
  abstract dispatch(options: DispatchOptions, handler: DispatchHandler): boolean

  /** Refuses further requests, and is done when those under way are complete. The client is closed if it was made here. */
  abstract close(): Promise<void>
  abstract close(callback: DispatcherCallback): void

  /** Refuses further requests, and ends those under way. The client is ended if it was made here. */
  abstract destroy(error?: Error | null): Promise<void>
  abstract destroy(callback: DispatcherCallback): void
  abstract destroy(error: Error | null, callback: DispatcherCallback): void

  /** A dispatcher whose requests go through interceptors first, those of undici for example; the last one is outermost. */
  compose(...interceptors: (DispatchInterceptor | readonly DispatchInterceptor[])[]): HyperDispatcher {
    let dispatch: DispatchFunction = (options, handler) => this.dispatch(options, handler)
    for (const interceptor of interceptors.flat()) {
      if (interceptor === null || interceptor === undefined) continue
      if (typeof interceptor !== 'function') throw notAn('interceptor')
      const next: unknown = interceptor(dispatch)
      if (typeof next !== 'function') throw notAn('interceptor')
      const through = next as DispatchFunction
      dispatch = (options, handler) => through(options, bothGenerations(handler))
    }
    return new ComposedDispatcher(this, dispatch)
  }

  /** Not of a dispatcher by itself. @throws HyperError `INVALID_OPTION`, which says what to call */
  request(..._arguments: unknown[]): never {
    throw ofUndici('request')
  }

  /** As {@link request}. */
  stream(..._arguments: unknown[]): never {
    throw ofUndici('stream')
  }

  /** As {@link request}. */
  pipeline(..._arguments: unknown[]): never {
    throw ofUndici('pipeline')
  }

  /** As {@link request}. */
  connect(..._arguments: unknown[]): never {
    throw ofUndici('connect')
  }

  /** As {@link request}. */
  upgrade(..._arguments: unknown[]): never {
    throw ofUndici('upgrade')
  }

  override listeners(name: string | symbol): ((...values: unknown[]) => void)[] {
    return super.listeners(name) as ((...values: unknown[]) => void)[]
  }

  override rawListeners(name: string | symbol): ((...values: unknown[]) => void)[] {
    return super.rawListeners(name) as ((...values: unknown[]) => void)[]
  }
}

/**
 * Makes a dispatcher of a client, for `setGlobalDispatcher` and for the `dispatcher` option of undici and of fetch, of any
 * version. Requests go to the client's transport: its connections, `timeouts`, `proxy`, TLS options and hooks count, its
 * layers and headers do not. A client that is given stays open when the dispatcher is closed.
 * @param client default: one of its own; options make it another one of its own.
 * @throws HyperError `INVALID_OPTION`
 */
export function toDispatcher(client?: Client | ClientOptions, options?: DispatcherOptions): HyperDispatcher {
  return new ClientDispatcher(client, options)
}

export class ClientDispatcher extends HyperDispatcher {
  readonly isMockActive = true
  private readonly client: Client
  private readonly ownsClient: boolean
  private readonly home: DispatchHome
  private isClosed: boolean = false
  private isDestroyed: boolean = false

  constructor(client: Client | ClientOptions = {}, { codes = 'undici' }: DispatcherOptions = {}) {
    super()
    if (codes !== 'undici' && codes !== 'hyper')
      throw userError('INVALID_OPTION', `codes must be 'undici' or 'hyper', not ${String(codes)}`)
    this.ownsClient = !(client instanceof Client)
    this.client = client instanceof Client ? client : new Client(client)
    const parts = partsOf(this.client)
    const recent = new Recent(parts.places)
    this.home = { parts, codes, population: new Population(), recent, isFound: false }
  }

  /** A handler of undici 8, or of Node 26, has come. */
  get isFound(): boolean {
    return this.home.isFound
  }

  get closed(): boolean {
    return this.isClosed
  }

  get destroyed(): boolean {
    return this.isDestroyed
  }

  dispatch(options: DispatchOptions, handler: DispatchHandler): boolean {
    const dispatch = new Dispatch(this.home, handler)
    return this.isClosed ? dispatch.refuse(this.closedError()) : dispatch.start(options)
  }

  override close(): Promise<void>
  override close(callback: DispatcherCallback): void
  override close(callback?: DispatcherCallback): Promise<void> | void {
    return told(this.shut(), callback)
  }

  override destroy(error?: Error | null): Promise<void>
  override destroy(callback: DispatcherCallback): void
  override destroy(error: Error | null, callback: DispatcherCallback): void
  override destroy(
    error?: Error | null | DispatcherCallback,
    callback?: DispatcherCallback,
  ): Promise<void> | void {
    if (typeof error === 'function') return told(this.end(null), error)
    return told(this.end(error ?? null), callback)
  }

  private async shut(): Promise<void> {
    this.isClosed = true
    await this.home.population.empty()
    if (this.ownsClient) await this.client.close()
  }

  private async end(error: Error | null): Promise<void> {
    this.isClosed = true
    this.isDestroyed = true
    const reason = error ?? this.closedError()
    // Handlers hear of it when this has returned.
    await Promise.resolve()
    for (const dispatch of this.home.population.all()) if (dispatch instanceof Dispatch) dispatch.end(reason)
    if (this.ownsClient) this.client.abort()
  }

  private closedError(): Error {
    const { codes } = this.home
    const what = this.isDestroyed ? 'destroyed' : 'closed'
    const error = userError('CLOSED', `the dispatcher was ${what}`)
    return dispatchErrorOf(error, codes, this.isDestroyed ? DESTROYED_KIND : CLOSED_KIND)
  }
}

/** A dispatcher behind interceptors. */
class ComposedDispatcher extends HyperDispatcher {
  // Interceptors of undici take a body for what can be iterated, and a form would come apart.
  readonly isMockActive = false
  private readonly inner: HyperDispatcher
  private readonly through: DispatchFunction

  constructor(inner: HyperDispatcher, through: DispatchFunction) {
    super()
    this.inner = inner
    this.through = through
  }

  get closed(): boolean {
    return this.inner.closed
  }

  get destroyed(): boolean {
    return this.inner.destroyed
  }

  dispatch(options: DispatchOptions, handler: DispatchHandler): boolean {
    return this.through(options, handler)
  }

  override close(): Promise<void>
  override close(callback: DispatcherCallback): void
  override close(callback?: DispatcherCallback): Promise<void> | void {
    return told(this.inner.close(), callback)
  }

  override destroy(error?: Error | null): Promise<void>
  override destroy(callback: DispatcherCallback): void
  override destroy(error: Error | null, callback: DispatcherCallback): void
  override destroy(
    error?: Error | null | DispatcherCallback,
    callback?: DispatcherCallback,
  ): Promise<void> | void {
    if (typeof error === 'function') return told(this.inner.destroy(), error)
    return told(this.inner.destroy(error), callback)
  }
}

function told(done: Promise<void>, callback: DispatcherCallback | undefined): Promise<void> | void {
  if (callback === undefined) return done
  done.then(
    () => callback(null, null),
    (error: unknown) => callback(error as Error, null),
  )
}

function notAn(what: string): Error {
  return userError('INVALID_OPTION', `an ${what} must be a function that takes a dispatch and returns one`)
}

function ofUndici(name: string): Error {
  return userError(
    'INVALID_OPTION',
    `call undici.${name}(url, { dispatcher }): a dispatcher has no ${name} of its own`,
  )
}
