import { type ErrorPhase, type HyperError, time, userError } from '@hyper/core/error'
import type { Alarm } from '@hyper/core/rt'
import { Dial, type MakeContext } from './dial.ts'
import { type Limits, type Share, unlimited } from './limits.ts'
import { type PoolRuntime, type TakeOptions, Waiter, WaitQueue } from './waiter.ts'

// Cache: values that have one user at a time, such as connections of HTTP/1. What comes back is handed out again, the one
// used last first: it is the likeliest to live, and what is not needed grows old at the bottom. Who finds none waits, and
// has one made: the first of the two that is there is taken, and a value that came too late stays for the next.

/** How a {@link Cache} makes, keeps and drops values. */
export interface CacheOptions<T> {
  /** Makes a value. Null says that it was put somewhere else: nobody is served, and nobody fails. */
  readonly make: (context: MakeContext) => Promise<T | null>
  /** Clock and timer. */
  readonly runtime: PoolRuntime
  /** Asked before an idle value is handed out; false drops it. Default: it is usable. */
  readonly isUsable?: ((value: T) => boolean) | undefined
  /** Told of every value that is handed out. */
  readonly onTake?: ((value: T) => void) | undefined
  /** Told of every value that is kept no more: too old, too many, or the cache is closed. */
  readonly dispose?: ((value: T) => void) | undefined
  /** How long a value may be idle, in milliseconds. Default 90,000; 0, null and Infinity for no limit. */
  readonly idleTimeout?: number | null | undefined
  /** Until when a value may be used, by the clock. Default: no limit. */
  readonly diesAt?: ((value: T) => number) | undefined
  /** How many values there may be; may be shared with others. Default: no limit. */
  readonly limits?: Limits | undefined
  /** Somebody waits because a limit forbids to make a value. */
  readonly onBlocked?: (() => void) | undefined
}

/** What is known of one value. */
interface Entry<T> {
  readonly value: T
  isIdle: boolean
  /** While idle: since when, and for how long, by the clock. */
  since: number
  until: number
}

/**
 * Keeps values that have one user at a time, and has new ones made. Who finds no idle one waits for the one that is there
 * first: one that comes back, or one that is made.
 */
// A DialHost, a WaitingRoom, a ShareHolder and an AlarmTarget, which is nothing to whoever uses it.
export class Cache<T> {
  readonly options: CacheOptions<T>
  /**
   * Those who wait, the longest waiting first.
   * @internal
   */
  readonly queue: WaitQueue<T>
  /** @internal */
  readonly share: Share
  /** Values that were begun to be made. */
  dialed: number = 0
  /** Values that were handed out after they came back. */
  reused: number = 0
  private readonly runtime: PoolRuntime
  private readonly idleTimeout: number
  private readonly values: Map<T, Entry<T>>
  /** A stack: the last one used is the first to be used again. */
  private readonly idle: Entry<T>[]
  private readonly dials: Set<Dial<T>>
  private alarm: Alarm | null = null
  private alarmAt: number = Infinity
  /** Nothing that comes back is kept. */
  private isClosing: boolean = false
  /** Nothing is made for who comes. */
  private isRefusing: boolean = false
  private whenEmpty: (() => void)[] = []

  /** @throws HyperError `INVALID_OPTION` */
  constructor(options: CacheOptions<T>) {
    const { limits } = options
    this.options = options
    this.queue = new WaitQueue(this)
    this.share = (limits ?? unlimited()).share(this)
    this.runtime = options.runtime
    this.idleTimeout = time('idleTimeout', options.idleTimeout, 90_000)
    this.values = new Map()
    this.idle = []
    this.dials = new Set()
  }

  /** Values that there are, idle or not. */
  get size(): number {
    return this.values.size
  }

  /** Values that nobody uses. */
  get idleCount(): number {
    return this.idle.length
  }

  /** How many wait. */
  get pending(): number {
    return this.queue.size
  }

  /**
   * How many wait for whom nothing is being made.
   * @internal
   */
  get blockedCount(): number {
    return Math.max(0, this.queue.size - this.dials.size)
  }

  /** True when nothing is there, nothing is being made, and nobody waits. */
  get isEmpty(): boolean {
    return this.values.size === 0 && this.dials.size === 0 && this.queue.size === 0
  }

  /**
   * A value: at once when one is idle. It is given back with {@link give}, or dropped with {@link drop}.
   * Rejects with what the maker fails with, `CANCELED`, `CONNECT_TIMEOUT`, `POOL_TIMEOUT`, `POOL_FULL`.
   */
  take(options?: TakeOptions): T | Promise<T> {
    if (options?.isFresh !== true) {
      const value = this.takeIdle()
      if (value !== null) return value
    }
    return this.wait(options, false)
  }

  /**
   * As `take`, but for an idle one.
   * @internal
   * @param isExclusive nothing else will do, whatever a negotiation says
   */
  wait(options: TakeOptions | undefined, isExclusive: boolean): Promise<T> {
    let waiter: Waiter<T>
    try {
      if (this.isRefusing) throw userError('CLOSED', 'the pool is closed')
      waiter = new Waiter(this.runtime, this.share, options, isExclusive)
    } catch (error) {
      return Promise.reject(error)
    }
    this.queue.push(waiter)
    this.dialFor(waiter)
    return waiter.promise
  }

  /**
   * An idle value, or null.
   * @internal
   */
  takeIdle(): T | null {
    const { idle } = this
    if (idle.length === 0) return null
    const now = this.runtime.clock.now()
    for (let entry = idle.pop(); entry !== undefined; entry = idle.pop()) {
      const { value } = entry
      entry.isIdle = false
      if (now < entry.until && this.isUsable(value)) {
        this.reused++
        this.options.onTake?.(value)
        return value
      }
      this.discard(value)
    }
    return null
  }

  /** A value comes back. @param keepFor milliseconds that it may be idle, where that is less than `idleTimeout` */
  give(value: T, keepFor: number = Infinity): void {
    const entry = this.values.get(value)
    if (entry === undefined || entry.isIdle) return
    if (this.isClosing || !this.isUsable(value)) this.discard(value)
    else if (this.queue.size > 0) this.giveToOther(value)
    else if (this.share.mustYield(false)) this.discard(value)
    else this.rest(entry, keepFor)
  }

  private giveToOther(value: T): void {
    const waiter = this.queue.find(takesUsed)
    // Where all who wait want a fresh one, its place is worth more than it is.
    if (waiter === null || this.share.mustYield(true)) this.discard(value)
    else {
      this.reused++
      this.serve(waiter, value)
    }
  }

  /** It is known only now how long a value that is idle already may be. */
  keep(value: T, keepFor: number): void {
    const entry = this.values.get(value)
    if (entry === undefined || !entry.isIdle) return
    this.unlist(entry)
    this.rest(entry, keepFor)
  }

  /** A value is of no use any more. Does nothing for one that is not known. */
  drop(value: T): void {
    const entry = this.values.get(value)
    if (entry === undefined) return
    this.values.delete(value)
    if (entry.isIdle) this.unlist(entry)
    this.share.release()
    this.settled()
  }

  /** A value that was made elsewhere, under a permit of this cache's share: serves the first who waits, or becomes idle. */
  add(value: T): void {
    const entry = { value, isIdle: false, since: 0, until: 0 }
    this.values.set(value, entry)
    this.offer(entry)
  }

  /** Drops every value for which `keep` is false: idle ones now, those in use without another word. */
  retain(keep: (value: T) => boolean): void {
    for (const value of [...this.values.keys()]) if (!keep(value)) this.discard(value)
  }

  // ------------------------------------------------------------------ making

  /**
   * Has a value made for someone who waits, as far as the limits allow.
   * @internal
   */
  dialFor(waiter: Waiter<T>): void {
    if (!this.acquire(waiter)) {
      waiter.waitFor('pool')
      this.share.want(true)
      this.options.onBlocked?.()
      return
    }
    waiter.waitFor('connect')
    const dial = new Dial(this, this.runtime, waiter, waiter.isExclusive)
    waiter.dial = dial
    this.dialed++
    this.dials.add(dial)
    dial.begin(this.options.make)
  }

  /**
   * Nothing that is being made is waited for any more.
   * @internal
   */
  abandon(reason: HyperError): void {
    for (const dial of [...this.dials]) this.giveUp(dial, reason)
  }

  /**
   * Who waits and does not need a value of their own waits elsewhere from now on; nothing is made for them any more.
   * @internal
   * @param but what has just been made, and was put somewhere else
   */
  letGo(into: WaitQueue<T>, but: MakeContext): void {
    for (let waiter = this.queue.first; waiter !== null;) {
      const { dial, next } = waiter
      if (!waiter.isExclusive) {
        waiter.dial = null
        if (dial !== null) dial.waiter = null
        into.push(waiter)
      }
      waiter = next
    }
    if (this.queue.find(hasNoDial) === null) this.share.want(false)
    const reason = userError('CANCELED', 'another connection serves all')
    for (const dial of [...this.dials]) if (dial !== but && !dial.isExclusive) this.giveUp(dial, reason)
  }

  private giveUp(dial: Dial<T>, reason: HyperError): void {
    if (!this.dials.delete(dial)) return
    dial.waiter = null
    dial.giveUp(reason)
    this.share.release()
  }

  private acquire(waiter: Waiter<T>): boolean {
    if (this.share.acquire()) return true
    if (!waiter.isFresh || this.idle.length === 0) return false
    this.evict()
    return this.share.acquire()
  }

  /** @internal */
  arrived(dial: Dial<T>, value: T | null): void {
    this.dials.delete(dial)
    const { waiter } = dial
    dial.waiter = null
    if (waiter !== null) waiter.dial = null
    if (value !== null) this.add(value)
    // Somebody else was first: who began this one has to wait for another.
    if (waiter !== null && waiter.queue === this.queue && waiter.dial === null) this.settleFor(waiter)
    this.settled()
  }

  /** @internal */
  failed(dial: Dial<T>, error: unknown): void {
    this.dials.delete(dial)
    const { waiter } = dial
    dial.waiter = null
    if (waiter !== null) {
      waiter.dial = null
      waiter.fail(error)
    }
    this.share.release()
    this.settled()
  }

  /** @internal */
  unwanted(value: T): void {
    this.options.dispose?.(value)
  }

  /** @internal */
  permitted(): void {
    const waiter = this.queue.find(hasNoDial)
    if (waiter === null) return
    this.dialFor(waiter)
    if (this.queue.find(hasNoDial) !== null) this.share.want(true)
  }

  // ------------------------------------------------------------------ serving

  private offer(entry: Entry<T>): void {
    const waiter = this.queue.first
    if (waiter !== null) this.serve(waiter, entry.value)
    else if (this.isClosing || this.share.mustYield(false)) this.discard(entry.value)
    else this.rest(entry, Infinity)
  }

  private serve(waiter: Waiter<T>, value: T): void {
    const { dial } = waiter
    waiter.dial = null
    this.options.onTake?.(value)
    waiter.serve(value)
    if (dial !== null) this.passOn(dial, waiter.connectTimeout)
    else if (this.queue.find(hasNoDial) === null) this.share.want(false)
  }

  /** @internal */
  phaseOf(waiter: Waiter<T>): ErrorPhase {
    return waiter.dial?.phase ?? 'connect'
  }

  /** @internal */
  left(waiter: Waiter<T>, error: HyperError): void {
    const { dial } = waiter
    waiter.dial = null
    if (dial !== null && !this.adopted(dial)) this.giveUp(dial, error)
    if (this.queue.find(hasNoDial) === null) this.share.want(false)
    this.settled()
  }

  // Its waiter has been served by another: what it brings is for the next, or for later.
  private passOn(dial: Dial<T>, limit: number): void {
    if (!this.adopted(dial)) dial.orphan(limit)
  }

  private adopted(dial: Dial<T>): boolean {
    const next = this.queue.find(hasNoDial)
    if (next === null) return false
    next.waitFor('connect')
    dial.adopt(next)
    return true
  }

  private settleFor(waiter: Waiter<T>): void {
    for (const dial of this.dials) {
      if (dial.waiter !== null) continue
      dial.adopt(waiter)
      return
    }
    this.dialFor(waiter)
  }

  // ------------------------------------------------------------------ idling

  private rest(entry: Entry<T>, keepFor: number): void {
    const { value } = entry
    const now = this.runtime.clock.now()
    const dies = this.options.diesAt?.(value) ?? Infinity
    const life = keepFor < this.idleTimeout ? keepFor : this.idleTimeout
    const until = now + life < dies ? now + life : dies
    if (until <= now) {
      this.discard(value)
      return
    }
    entry.isIdle = true
    entry.since = now
    entry.until = until
    this.idle.push(entry)
    if (until >= this.alarmAt) return
    this.alarmAt = until
    this.alarm ??= this.runtime.timer.alarm(this)
    this.alarm.move(until)
  }

  private unlist(entry: Entry<T>): void {
    entry.isIdle = false
    this.idle.splice(this.idle.lastIndexOf(entry), 1)
  }

  private isUsable(value: T): boolean {
    return this.options.isUsable?.(value) ?? true
  }

  private discard(value: T): void {
    this.drop(value)
    this.options.dispose?.(value)
  }

  /** @internal */
  onAlarm(now: number): void {
    let next = Infinity
    for (const entry of [...this.idle]) {
      if (entry.until <= now) this.discard(entry.value)
      else next = Math.min(next, entry.until)
    }
    this.alarmAt = next
    this.alarm?.move(next)
  }

  /** @internal */
  get idleSince(): number {
    return this.idle[0]?.since ?? Infinity
  }

  /** @internal */
  evict(): void {
    const oldest = this.idle[0]
    if (oldest !== undefined) this.discard(oldest.value)
  }

  // ------------------------------------------------------------------ the end

  /**
   * Drops what is idle, and keeps nothing that comes back. Who comes is served all the same.
   * @internal
   */
  drain(): void {
    this.isClosing = true
    for (const entry of [...this.idle]) this.discard(entry.value)
  }

  /**
   * Drops what is idle, keeps nothing that comes back, and makes nothing for who comes from now on.
   * @returns a promise that resolves when nobody waits and nothing is in use.
   */
  close(): Promise<void> {
    this.isRefusing = true
    this.drain()
    return new Promise((resolve) => {
      this.whenEmpty.push(resolve)
      this.settled()
    })
  }

  /** As `close`, but for who waits, who fails with `reason`, and what is being made, which is given up. */
  abort(reason: HyperError): void {
    this.isClosing = true
    this.isRefusing = true
    this.queue.abortAll(reason)
    this.abandon(reason)
    for (const value of [...this.values.keys()]) this.discard(value)
  }

  private settled(): void {
    if (!this.isEmpty) return
    this.alarm?.move(Infinity)
    this.alarmAt = Infinity
    if (!this.isRefusing) return
    this.share.leave()
    for (const resolve of this.whenEmpty.splice(0)) resolve()
  }
}

function takesUsed<T>(waiter: Waiter<T>): boolean {
  return !waiter.isFresh
}

function hasNoDial<T>(waiter: Waiter<T>): boolean {
  return waiter.dial === null
}
