import { type ErrorPhase, HyperError } from '@hyper/core/error'
import type { AbortSignalLike, Alarm, AlarmTarget, Runtime } from '@hyper/core/rt'
import type { Dial } from './dial.ts'
import type { Share } from './limits.ts'

// Waiter: one who waits for a value of a pool, and the queue where that happens. First come, first served; who gives up
// leaves at once, and leaves nothing behind: no place, no alarm, no listener.

/** What a pool needs of a runtime. */
export type PoolRuntime = Pick<Runtime, 'clock' | 'timer' | 'onError'>

/** How long one may wait, and for what. */
export interface TakeOptions {
  /** Gives the wait up: `CANCELED`. */
  readonly signal?: AbortSignalLike | null | undefined
  /** Milliseconds until one is made, once that has begun; then `CONNECT_TIMEOUT`. Default: no limit. */
  readonly connectTimeout?: number | undefined
  /** Milliseconds until one is free, where a limit forbids to make one; then `POOL_TIMEOUT`. Default: no limit. */
  readonly poolTimeout?: number | undefined
  /** True for one that was never used before. Has a meaning only where a value has one user at a time. */
  readonly isFresh?: boolean | undefined
}

/** Where a {@link Waiter} waits. */
export interface WaitingRoom<T> {
  /** A waiter has given up; it is out of the queue already. */
  left(waiter: Waiter<T>, error: HyperError): void
  /** What is being done for it, while something is made. */
  phaseOf(waiter: Waiter<T>): ErrorPhase
}

export type WaitPhase = 'connect' | 'pool'

export class Waiter<T> implements AlarmTarget {
  readonly promise: Promise<T>
  readonly isFresh: boolean
  /** True for one who can use only what has one user at a time. */
  readonly isExclusive: boolean
  /** What is being made on its behalf. */
  dial: Dial<T> | null = null
  /** @internal Neighbours in the queue. */
  next: Waiter<T> | null = null
  /** @internal */
  previous: Waiter<T> | null = null
  /** @internal */
  queue: WaitQueue<T> | null = null
  /** Milliseconds; Infinity for no limit. */
  readonly connectTimeout: number
  private readonly poolTimeout: number
  private readonly runtime: PoolRuntime
  private readonly share: Share
  private readonly signal: AbortSignalLike | null
  private readonly onAbort: (() => void) | null
  private phase: WaitPhase = 'pool'
  private since: number
  private alarm: Alarm | null = null
  private resolve!: (value: T) => void
  private reject!: (error: unknown) => void

  /** @throws HyperError `POOL_FULL`, `CANCELED` */
  constructor(
    runtime: PoolRuntime,
    share: Share,
    options: TakeOptions | undefined,
    isExclusive: boolean = false,
  ) {
    const signal = options?.signal ?? null
    if (signal?.aborted === true) throw canceled(signal, 'connect')
    share.enter()
    this.share = share
    this.promise = new Promise((resolve, reject) => {
      this.resolve = resolve
      this.reject = reject
    })
    this.isFresh = options?.isFresh === true
    this.isExclusive = isExclusive
    this.connectTimeout = options?.connectTimeout ?? Infinity
    this.poolTimeout = options?.poolTimeout ?? Infinity
    this.runtime = runtime
    this.since = runtime.clock.now()
    this.signal = signal
    this.onAbort = signal === null ? null : () => this.giveUp(canceled(signal, this.where))
    if (this.onAbort !== null) signal?.addEventListener('abort', this.onAbort)
  }

  /** What it waits for from now on; each of the two has its time. */
  waitFor(phase: WaitPhase): void {
    const isNew = this.phase !== phase
    if (isNew) {
      this.phase = phase
      this.since = this.runtime.clock.now()
    }
    const limit = this.limit
    if (limit === Infinity) this.alarm?.move(Infinity)
    else {
      this.alarm ??= this.runtime.timer.alarm(this)
      this.alarm.move(this.since + limit)
    }
  }

  /** It has what it waited for. */
  serve(value: T): void {
    this.settle()
    this.resolve(value)
  }

  /** It will not get one. */
  fail(error: unknown): void {
    this.settle()
    this.reject(error)
  }

  /** Nobody will get one any more. */
  abort(reason: HyperError): void {
    // Nothing was sent, and only who waits knows what for.
    this.fail(reason.phase === null ? reason.with({ phase: this.where, retryable: true }) : reason)
  }

  /** @internal */
  onAlarm(now: number): void {
    const elapsedMs = now - this.since
    this.giveUp(timeout(this.where, this.limit, elapsedMs))
  }

  private get where(): ErrorPhase {
    return this.phase === 'connect' ? (this.queue?.room.phaseOf(this) ?? 'connect') : 'pool'
  }

  private get limit(): number {
    return this.phase === 'connect' ? this.connectTimeout : this.poolTimeout
  }

  private giveUp(error: HyperError): void {
    const { queue } = this
    this.settle()
    this.reject(error)
    queue?.room.left(this, error)
  }

  private settle(): void {
    this.share.exit()
    this.queue?.remove(this)
    this.alarm?.cancel()
    if (this.onAbort !== null) this.signal?.removeEventListener('abort', this.onAbort)
  }
}

/** Waiters in the order of their arrival. */
export class WaitQueue<T> {
  readonly room: WaitingRoom<T>
  size: number = 0
  first: Waiter<T> | null = null
  private last: Waiter<T> | null = null

  constructor(room: WaitingRoom<T>) {
    this.room = room
  }

  /** At the end; out of the queue where it has waited so far. */
  push(waiter: Waiter<T>): void {
    waiter.queue?.remove(waiter)
    waiter.queue = this
    waiter.previous = this.last
    if (this.last === null) this.first = waiter
    else this.last.next = waiter
    this.last = waiter
    this.size++
  }

  remove(waiter: Waiter<T>): void {
    const { next, previous } = waiter
    if (previous === null) this.first = next
    else previous.next = next
    if (next === null) this.last = previous
    else next.previous = previous
    waiter.next = null
    waiter.previous = null
    waiter.queue = null
    this.size--
  }

  /** The first for whom `test` holds, or null. */
  find(test: (waiter: Waiter<T>) => boolean): Waiter<T> | null {
    for (let waiter = this.first; waiter !== null; waiter = waiter.next) if (test(waiter)) return waiter
    return null
  }

  /** Nobody gets anything. */
  failAll(error: unknown): void {
    while (this.first !== null) this.first.fail(error)
  }

  /** Nobody gets anything, and each is told where it was. */
  abortAll(reason: HyperError): void {
    while (this.first !== null) this.first.abort(reason)
  }
}

/** Nothing was sent, whoever gave up and why. */
export function canceled(signal: AbortSignalLike, phase: ErrorPhase): HyperError {
  const detail = 'given up by its signal before it was sent'
  return new HyperError('CANCELED', detail, { by: 'user', phase, retryable: true, cause: signal.reason })
}

function timeout(phase: ErrorPhase, limit: number, elapsedMs: number): HyperError {
  const [code, detail, by] =
    phase === 'pool'
      ? (['POOL_TIMEOUT', `no connection came free within ${limit} ms`, 'library'] as const)
      : (['CONNECT_TIMEOUT', `no connection within ${limit} ms`, 'peer'] as const)
  return new HyperError(code, detail, { by, phase, retryable: true, statusHint: 504, elapsedMs })
}
