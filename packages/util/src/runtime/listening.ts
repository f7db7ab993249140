import { count } from '@hyper/core/error'
import type { Io, Runtime } from '@hyper/core/rt'
import {
  type Proxied,
  type ProxyPlan,
  type ProxyProtocolOptions,
  proxyPlan,
  readProxyHeader,
} from '../server/proxied/read-proxy-header.ts'
import { AcceptQueue } from './accept-queue.ts'
import type { ListenerCloseOptions } from './listen-types.ts'
import type { Pending } from './pending.ts'

// Listening: what listeners of every runtime have in common. In: connections that were accepted, and options. Out: each of them to
// its taker or to the loop; and an end in order: accepting first, then what is under way, then the loop. It knows no sockets.

/** What {@link Listening} is told, of the options of `listen`. */
export interface ListeningOptions {
  readonly maxPending?: number | undefined
  readonly proxyProtocol?: ProxyProtocolOptions | undefined
  readonly signal?: AbortSignal | undefined
  readonly onError?: ((error: Error) => void) | undefined
}

export abstract class Listening implements AsyncIterable<Io>, AsyncDisposable {
  protected readonly queue: AcceptQueue
  protected readonly proxies: ProxyPlan | null
  /** What was accepted and is not given away yet. */
  protected abstract readonly pending: Pick<Pending<object>, 'endAfter' | 'whenEmpty'>
  /** How many connections there have been. */
  protected accepted: number
  private readonly about: ListeningOptions
  private readonly onIo: ((io: Io) => void) | null
  private readonly runtime: Runtime
  private readonly onAbort: () => void
  private closing: Promise<void> | null

  /** @throws HyperError `INVALID_OPTION` */
  constructor(options: ListeningOptions, onIo: ((io: Io) => void) | null, runtime: Runtime) {
    this.queue = new AcceptQueue(count('maxPending', options.maxPending, 1024, 0))
    this.proxies = options.proxyProtocol === undefined ? null : proxyPlan(options.proxyProtocol)
    this.accepted = 0
    this.about = options
    this.onIo = onIo
    this.runtime = runtime
    this.onAbort = () => void this.close()
    this.closing = null
  }

  close(options: ListenerCloseOptions = {}): Promise<void> {
    const { grace = 0 } = options
    this.closing ??= this.closeOnce(grace > 0)
    this.pending.endAfter(grace)
    return this.closing
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  [Symbol.asyncIterator](): AsyncIterator<Io, undefined, undefined> {
    return {
      next: () => this.queue.next(),
      return: async () => {
        await this.close()
        this.queue.clear()
        return { done: true, value: undefined }
      },
    }
  }

  /** Accepts no more; resolves when the port is free. What waits in the backlog is accepted first, where that is wanted. */
  protected abstract stop(acceptsFirst: boolean): Promise<void>

  /** The signal counts from now on. To be called at the end of a constructor, when there is something to close. */
  protected heed(ready: Promise<void>): void {
    // Whoever iterates, or only closes, hears of the failure elsewhere or does not care.
    const { signal } = this.about
    ready.catch(() => signal?.removeEventListener('abort', this.onAbort))
    if (signal?.aborted === true) this.onAbort()
    else signal?.addEventListener('abort', this.onAbort, { once: true })
  }

  protected accept(io: Io): void {
    if (this.onIo === null) {
      this.queue.push(io)
      return
    }
    try {
      this.onIo(io)
    } catch (error) {
      io.abort()
      this.report(error)
    }
  }

  /** A stream behind its header; null when it has none, which is told, and when it was ended before. */
  protected async behindHeader(io: Io, plan: ProxyPlan, pending: Pending<object>): Promise<Proxied | null> {
    if (!pending.add(io, () => io.abort())) return null
    try {
      const proxied = await readProxyHeader(io, plan, this.runtime)
      return pending.delete(io) ? proxied : null
    } catch (error) {
      pending.delete(io)
      this.about.onError?.(error as Error)
      return null
    }
  }

  /** What somebody has to hear of: `onError`, or the runtime where there is none. */
  protected report(error: unknown): void {
    const one = error instanceof Error ? error : new Error(String(error), { cause: error })
    if (this.about.onError === undefined) this.runtime.onError(one)
    else this.about.onError(one)
  }

  /**
   * What waits in the backlog would be reset by a close: it is accepted first.
   * @param turn waits for as long as the platform takes to look for connections
   */
  protected async acceptWaiting(turn: () => Promise<unknown>): Promise<void> {
    let before = -1
    for (let turns = 0; this.accepted > before && turns < MOST_TURNS; turns++) {
      before = this.accepted
      // The first may come before this turn has looked for connections.
      for (let i = 0; i < 2; i++) await turn()
    }
  }

  private async closeOnce(acceptsFirst: boolean): Promise<void> {
    this.about.signal?.removeEventListener('abort', this.onAbort)
    await this.stop(acceptsFirst)
    await this.pending.whenEmpty()
    this.queue.close(null)
    await nextTurn()
  }
}

/** The next turn of the event loop. */
export function nextTurn(): Promise<void> {
  return new Promise((resolve) => void setImmediate(resolve))
}

/** As many as a backlog holds by default, and some: they may come as fast as they are accepted. */
const MOST_TURNS = 1_024
