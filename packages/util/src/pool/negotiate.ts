import { HyperError } from '@hyper/core/error'
import { Cache } from './cache.ts'
import type { MakeContext } from './dial.ts'
import { type Limits, unlimited } from './limits.ts'
import { Singleton } from './singleton.ts'
import type { PoolRuntime, TakeOptions, Waiter } from './waiter.ts'

// Negotiate: what a value is, for one user at a time or for many, is known only once it is made. Until then one is made,
// however many wait; then many share it, or each of them has its own made. Later ones may turn out otherwise: a server
// that has changed its mind.

/** What connects, what looks at the connection, and what is made of it. */
export interface NegotiateOptions<C, T> {
  readonly connect: (context: MakeContext) => Promise<C>
  /** True when the connection is one for many, for example because ALPN agreed on `h2`. */
  readonly inspect: (connection: C) => boolean
  /** Makes of it a value for one user at a time. */
  readonly fallback: (connection: C) => T
  /** Makes of it a value for many. */
  readonly upgrade: (connection: C) => T
  /** Clock and timer. */
  readonly runtime: PoolRuntime
  /** What is expected of the first connection: one is made if it may be for many. Default `'shared'`. */
  readonly expect?: Mode | undefined
  /** What was learnt of a connection that differs from what was expected. */
  readonly onLearn?: ((mode: Mode) => void) | undefined
  /** As of {@link Singleton}. */
  readonly capacityOf?: ((value: T) => number) | undefined
  /** As of {@link Singleton}. */
  readonly isDead?: ((value: T) => boolean) | undefined
  /** As of {@link Cache}. */
  readonly isUsable?: ((value: T) => boolean) | undefined
  /** As of both. */
  readonly onTake?: ((value: T) => void) | undefined
  /** As of both. */
  readonly dispose?: ((value: T) => void) | undefined
  /** As of both, in milliseconds. */
  readonly idleTimeout?: number | null | undefined
  /** As of both. */
  readonly diesAt?: ((value: T) => number) | undefined
  /** As of both, which count together. */
  readonly limits?: Limits | undefined
  /** As of both. */
  readonly onBlocked?: (() => void) | undefined
  /** How many shared values there may be, once the others are full. Default 1. */
  readonly maxShared?: number | undefined
}

/** One user at a time, or many. */
export type Mode = 'exclusive' | 'shared'

/** What one may ask for besides. */
export interface NegotiatedTakeOptions extends TakeOptions {
  /** True for a value with one user at a time, whatever the others are. */
  readonly isExclusive?: boolean | undefined
}

/** A {@link Cache} or a {@link Singleton}, as the values turn out that are made. */
export class Negotiated<C, T> {
  /** What came last, or what is expected. */
  mode: Mode
  /** Those with one user at a time. */
  readonly cache: Cache<T>
  /** Those with many. */
  readonly singleton: Singleton<T>
  private readonly options: NegotiateOptions<C, T>

  /** @throws HyperError `INVALID_OPTION` */
  constructor(options: NegotiateOptions<C, T>) {
    const { maxShared, onBlocked, runtime } = options
    const { capacityOf, isDead, isUsable, onTake, dispose, idleTimeout, diesAt } = options
    this.options = options
    this.mode = options.expect ?? 'shared'
    const shared = { runtime, onTake, dispose, idleTimeout, diesAt, onBlocked }
    const limits = options.limits ?? unlimited()
    this.cache = new Cache<T>({
      ...shared,
      isUsable,
      limits,
      make: (context) => this.makeExclusive(context),
    })
    this.singleton = new Singleton<T>({
      ...shared,
      capacityOf,
      isDead,
      max: maxShared,
      limits,
      // Both kinds count as connections of one origin.
      sibling: this.cache.share,
      make: (context) => this.makeShared(context),
    })
  }

  /** A value, at once when there is one. Rejects as those of {@link Cache} and {@link Singleton}. */
  take(options?: NegotiatedTakeOptions): T | Promise<T> {
    if (options?.isExclusive === true) return this.cache.takeIdle() ?? this.cache.wait(options, true)
    return this.mode === 'shared' ? this.singleton.take(options) : this.cache.take(options)
  }

  /** True when nothing is there, nothing is being made, and nobody waits. */
  get isEmpty(): boolean {
    return this.cache.isEmpty && this.singleton.isEmpty
  }

  /** Counts as an origin no more. */
  leave(): void {
    this.cache.share.leave()
    this.singleton.share.leave()
  }

  /**
   * As of {@link Cache}.
   * @internal
   */
  drain(): void {
    this.cache.drain()
    this.singleton.drain()
  }

  /** As of {@link Cache}. */
  async close(): Promise<void> {
    // Who waits for one kind may be given the other.
    do await Promise.all([this.cache.close(), this.singleton.close()])
    while (!this.isEmpty)
  }

  /** As of {@link Cache}. */
  abort(reason: HyperError): void {
    this.cache.abort(reason)
    this.singleton.abort(reason)
  }

  private async makeShared(context: MakeContext): Promise<T | null> {
    const connection = await this.options.connect(context)
    if (this.options.inspect(connection)) {
      this.learn('shared')
      return this.options.upgrade(connection)
    }
    const value = this.options.fallback(connection)
    // Who has given up gets it back, and drops it.
    if (context.signal.aborted) return value
    this.turnExclusive(value)
    return null
  }

  private async makeExclusive(context: MakeContext): Promise<T | null> {
    const connection = await this.options.connect(context)
    if (!this.options.inspect(connection)) {
      // Who asked for nothing else has learnt nothing of what there is.
      if (!context.isExclusive) this.learn('exclusive')
      return this.options.fallback(connection)
    }
    const value = this.options.upgrade(connection)
    if (context.signal.aborted) return value
    if (context.isExclusive) {
      this.options.dispose?.(value)
      const detail = 'asked for a connection of its own, and was given one for many'
      throw new HyperError('CONNECT', detail, {
        by: 'peer',
        phase: 'connect',
        retryable: true,
        statusHint: 502,
      })
    }
    this.turnShared(value, context)
    return null
  }

  // Who waits for the one that is for many gets one of their own each: the first has it already.
  private turnExclusive(value: T): void {
    this.learn('exclusive')
    const { cache, singleton } = this
    const moved: Waiter<T>[] = []
    for (let waiter = singleton.queue.first; waiter !== null; waiter = singleton.queue.first) {
      cache.queue.push(waiter)
      moved.push(waiter)
    }
    cache.add(value)
    for (const waiter of moved)
      if (waiter.queue === cache.queue && waiter.dial === null) cache.dialFor(waiter)
  }

  // Who waits for one of their own is served by the one that is for many; what is being made for them is not needed.
  private turnShared(value: T, made: MakeContext): void {
    this.learn('shared')
    this.cache.letGo(this.singleton.queue, made)
    this.singleton.add(value)
  }

  private learn(mode: Mode): void {
    if (this.mode === mode) return
    this.mode = mode
    this.options.onLearn?.(mode)
  }
}
