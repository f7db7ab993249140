import { count, type ErrorPhase, type HyperError, time, userError } from '@hyper/core/error'
import type { Alarm } from '@hyper/core/rt'
import { Dial, type MakeContext } from './dial.ts'
import { type Limits, type Share, unlimited } from './limits.ts'
import { type PoolRuntime, type TakeOptions, Waiter, type WaitPhase, WaitQueue } from './waiter.ts'

// Singleton: a value that many use at once, such as a connection of HTTP/2. It is made once, however many ask at the
// same time, and again when it is dead. When it is full, who comes waits; only where `max` says so, one more is made.

/** How a {@link Singleton} makes, keeps and drops its value. */
export interface SingletonOptions<T> {
  /** Makes a value. Null says that it was put somewhere else: nobody is served, and nobody fails. */
  readonly make: (context: MakeContext) => Promise<T | null>
  /** Clock and timer. */
  readonly runtime: PoolRuntime
  /**
   * How many more may use the value now, less those it was handed to and who have not begun. Whenever that has changed,
   * call {@link Singleton.changed}. Default: any number.
   */
  readonly capacityOf?: ((value: T) => number) | undefined
  /** True when nobody new can ever use the value. Default: never. */
  readonly isDead?: ((value: T) => boolean) | undefined
  /** Told whenever the value is handed out. */
  readonly onTake?: ((value: T) => void) | undefined
  /** Told of every value that is kept no more. Who uses it may go on. */
  readonly dispose?: ((value: T) => void) | undefined
  /** How many values there may be, once the others are full. Default 1. */
  readonly max?: number | undefined
  /** How long nobody may use a value, in milliseconds. Default 90,000; 0, null and Infinity for no limit. */
  readonly idleTimeout?: number | null | undefined
  /** Until when a value may be used, by the clock. Default: no limit. */
  readonly diesAt?: ((value: T) => number) | undefined
  /** How many values there may be; may be shared with others. Default: no limit. */
  readonly limits?: Limits | undefined
  /** Counts together with this one, as one origin. */
  readonly sibling?: Share | undefined
  /** Somebody waits because a limit forbids to make a value, or because all values are full. */
  readonly onBlocked?: (() => void) | undefined
}

/** What is known of one value. */
interface Entry<T> {
  readonly value: T
  wasUsed: boolean
  /** It makes room for another origin as soon as nobody uses it. */
  isLeaving: boolean
  /** While nobody uses it: since when, and for how long, by the clock; Infinity while it is used. */
  since: number
  until: number
}

/** Has one value made for all who ask, and a new one when that is dead. Who finds it full waits. */
// A DialHost, a WaitingRoom, a ShareHolder and an AlarmTarget, which is nothing to whoever uses it.
export class Singleton<T> {
  readonly options: SingletonOptions<T>
  /**
   * Those who wait, the longest waiting first.
   * @internal
   */
  readonly queue: WaitQueue<T>
  /** @internal */
  readonly share: Share
  /** Values that were begun to be made. */
  dialed: number = 0
  /** How often a value was handed out that had been handed out before. */
  reused: number = 0
  private readonly runtime: PoolRuntime
  private readonly idleTimeout: number
  private readonly max: number
  /** All that there is: what is handed out, and what only finishes what it does. */
  private readonly entries: Map<T, Entry<T>>
  /** What is handed out. */
  private readonly live: Entry<T>[]
  private dial: Dial<T> | null = null
  private alarm: Alarm | null = null
  private alarmAt: number = Infinity
  /** What everybody waits for who waits. */
  private phase: WaitPhase = 'connect'
  /** Nothing that comes free is kept. */
  private isClosing: boolean = false
  /** Nothing is made for who comes. */
  private isRefusing: boolean = false
  private whenEmpty: (() => void)[] = []

  /** @throws HyperError `INVALID_OPTION` */
  constructor(options: SingletonOptions<T>) {
    this.options = options
    this.queue = new WaitQueue(this)
    this.share = (options.limits ?? unlimited()).share(this, options.sibling)
    this.runtime = options.runtime
    this.idleTimeout = time('idleTimeout', options.idleTimeout, 90_000)
    this.max = count('max', options.max, 1, 1)
    this.entries = new Map()
    this.live = []
  }

  /** Values that there are, those included that only finish what they do. */
  get size(): number {
    return this.entries.size
  }

  /** Values that nobody uses. */
  get idleCount(): number {
    let idle = 0
    for (const entry of this.live) if (entry.since !== Infinity) idle++
    return idle
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
    return this.dial === null ? this.queue.size : 0
  }

  /** True when nothing is there, nothing is being made, and nobody waits. */
  get isEmpty(): boolean {
    return this.entries.size === 0 && this.dial === null && this.queue.size === 0
  }

  /**
   * The value: at once when it is there and not full. Tell {@link give} when nobody uses it any more.
   * Rejects with what the maker fails with, which all who wait share; `CANCELED`, `CONNECT_TIMEOUT`, `POOL_TIMEOUT`,
   * `POOL_FULL`.
   */
  take(options?: TakeOptions): T | Promise<T> {
    // Whoever waits was here before.
    const entry = this.queue.size > 0 ? null : this.usable()
    if (entry !== null) return this.handOut(entry)
    let waiter: Waiter<T>
    try {
      if (this.isRefusing) throw userError('CLOSED', 'the pool is closed')
      waiter = new Waiter(this.runtime, this.share, options)
    } catch (error) {
      return Promise.reject(error)
    }
    this.enter(waiter)
    return waiter.promise
  }

  /**
   * Somebody waits, who perhaps has waited elsewhere so far.
   * @internal
   */
  enter(waiter: Waiter<T>): void {
    this.queue.push(waiter)
    waiter.waitFor(this.phase)
    this.serve()
  }

  /** The capacity of a value has changed, or it has died: serves those who wait, or has another made. */
  changed(value: T): void {
    const entry = this.entries.get(value)
    if (entry === undefined || !this.live.includes(entry)) return
    if (this.isDead(value)) this.retire(entry)
    else if (this.share.mustYield(this.queue.size > 0)) this.leave(entry)
    if (this.queue.size > 0) this.serve()
  }

  /** Nobody uses a value now. @param keepFor milliseconds that it may stay so, where that is less than `idleTimeout` */
  give(value: T, keepFor: number = Infinity): void {
    const entry = this.entries.get(value)
    if (entry === undefined || !this.live.includes(entry)) return
    const now = this.runtime.clock.now()
    const dies = this.options.diesAt?.(value) ?? Infinity
    entry.since = now
    entry.until = Math.min(now + Math.min(keepFor, this.idleTimeout), dies)
    if (this.isClosing || entry.until <= now || this.share.mustYield(this.queue.size > 0)) this.dismiss(entry)
    else if (entry.until < this.alarmAt) this.setAlarm(entry.until)
  }

  /** A value is gone. Does nothing for one that is not known. */
  drop(value: T): void {
    const entry = this.entries.get(value)
    if (entry === undefined) return
    this.retire(entry)
    this.entries.delete(value)
    if (entry.isLeaving) this.share.leaving--
    this.share.release()
    if (this.queue.size > 0) this.serve()
    this.settled()
  }

  /** A value that was made elsewhere, under a permit of this singleton's share. One too many is dropped. */
  add(value: T): void {
    const entry = { value, wasUsed: false, isLeaving: false, since: Infinity, until: Infinity }
    this.entries.set(value, entry)
    const isSurplus = this.live.length >= this.max
    this.live.push(entry)
    if (isSurplus) this.dismiss(entry)
    else if (this.queue.size === 0) this.give(value)
    this.serve()
  }

  /** Drops every value for which `keep` is false; who uses it may go on. */
  retain(keep: (value: T) => boolean): void {
    for (const entry of [...this.live]) if (!keep(entry.value)) this.dismiss(entry)
  }

  // ------------------------------------------------------------------ making

  private ensure(): void {
    if (this.dial === null && this.live.length < this.max) this.begin()
    const phase = this.dial !== null && this.live.length === 0 ? 'connect' : 'pool'
    if (phase === 'pool') this.options.onBlocked?.()
    if (phase === this.phase) return
    this.phase = phase
    for (let waiter = this.queue.first; waiter !== null; waiter = waiter.next) waiter.waitFor(phase)
  }

  private begin(): void {
    if (!this.share.acquire()) {
      this.share.want(true)
      return
    }
    this.share.want(false)
    const dial = new Dial<T>(this, this.runtime, null, false)
    this.dial = dial
    this.dialed++
    dial.begin(this.options.make)
  }

  /**
   * Gives up what is being made.
   * @internal
   */
  abandon(reason: HyperError): void {
    const { dial } = this
    this.dial = null
    if (dial === null) return
    dial.giveUp(reason)
    this.share.release()
  }

  /** @internal */
  arrived(_dial: Dial<T>, value: T | null): void {
    this.dial = null
    if (value !== null) this.add(value)
    this.settled()
  }

  /** @internal */
  failed(_dial: Dial<T>, error: unknown): void {
    this.dial = null
    // With one that is there, those who wait do so for room in it.
    if (this.live.length === 0) this.queue.failAll(error)
    this.share.release()
    this.settled()
  }

  /** @internal */
  unwanted(value: T): void {
    this.options.dispose?.(value)
  }

  /** @internal */
  permitted(): void {
    this.serve()
  }

  // ------------------------------------------------------------------ serving

  private serve(): void {
    while (this.queue.first !== null) {
      const entry = this.usable()
      if (entry === null) {
        this.ensure()
        return
      }
      const waiter = this.queue.first
      waiter.serve(this.handOut(entry))
    }
    this.share.want(false)
  }

  private usable(): Entry<T> | null {
    const { capacityOf, diesAt } = this.options
    for (let at = 0; at < this.live.length; at++) {
      const entry = this.live[at] as Entry<T>
      const { value } = entry
      if (this.isDead(value)) this.retire(entry)
      else if (diesAt !== undefined && diesAt(value) <= this.runtime.clock.now()) this.dismiss(entry)
      else if (capacityOf === undefined || capacityOf(value) > 0) return entry
      else continue
      at--
    }
    return null
  }

  private handOut(entry: Entry<T>): T {
    if (entry.wasUsed) this.reused++
    entry.wasUsed = true
    entry.since = Infinity
    entry.until = Infinity
    this.options.onTake?.(entry.value)
    return entry.value
  }

  private isDead(value: T): boolean {
    return this.options.isDead?.(value) ?? false
  }

  /** @internal */
  phaseOf(): ErrorPhase {
    return this.dial?.phase ?? 'connect'
  }

  /** @internal */
  left(_waiter: Waiter<T>, error: HyperError): void {
    if (this.queue.size > 0) return
    this.share.want(false)
    this.abandon(error)
    this.settled()
  }

  // ------------------------------------------------------------------ the end

  // Handed out no more; who uses it goes on.
  private retire(entry: Entry<T>): void {
    const at = this.live.indexOf(entry)
    if (at >= 0) this.live.splice(at, 1)
  }

  private dismiss(entry: Entry<T>): void {
    this.retire(entry)
    this.options.dispose?.(entry.value)
    // Nobody will say of an unused one that it is gone.
    if (entry.since !== Infinity || !entry.wasUsed) this.drop(entry.value)
  }

  private leave(entry: Entry<T>): void {
    entry.isLeaving = true
    this.share.leaving++
    this.dismiss(entry)
  }

  private setAlarm(at: number): void {
    this.alarmAt = at
    this.alarm ??= this.runtime.timer.alarm(this)
    this.alarm.move(at)
  }

  /** @internal */
  onAlarm(now: number): void {
    for (const entry of [...this.live]) if (entry.until <= now) this.dismiss(entry)
    let next = Infinity
    for (const entry of this.live) next = Math.min(next, entry.until)
    if (!this.isEmpty) this.setAlarm(next)
  }

  /** @internal */
  get idleSince(): number {
    let since = Infinity
    for (const entry of this.live) since = Math.min(since, entry.since)
    return since
  }

  /** @internal */
  evict(): void {
    const { idleSince } = this
    const oldest = this.live.find((entry) => entry.since === idleSince)
    if (oldest !== undefined) this.dismiss(oldest)
  }

  /**
   * Drops what nobody uses, and keeps nothing that comes free. Who comes is served all the same.
   * @internal
   */
  drain(): void {
    this.isClosing = true
    for (const entry of [...this.live]) if (entry.since !== Infinity) this.dismiss(entry)
  }

  /**
   * Drops what nobody uses, keeps nothing that comes free, and makes nothing for who comes from now on.
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
    for (const { value } of [...this.entries.values()]) {
      this.options.dispose?.(value)
      this.drop(value)
    }
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
