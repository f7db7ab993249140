import { type ErrorPhase, HyperError } from '@hyper/core/error'
import type { Alarm, AlarmTarget } from '@hyper/core/rt'
import type { PoolRuntime, Waiter } from './waiter.ts'

// Dial: one value being made. It belongs to no request: whoever waits first gets what comes of it, and what nobody waits
// for any more joins the pool. Given up, it tells its maker, and drops what comes all the same.

/** What goes with making one value. */
export interface MakeContext {
  /** Aborts when nobody wants the value any more. */
  readonly signal: AbortSignal
  /** True when the value must be one that has one user at a time. */
  readonly isExclusive: boolean
  /** The maker may say here how to ask it what it waits for at present. */
  phaseOf: (() => ErrorPhase) | null
}

/** Who is told how a {@link Dial} ended, once. */
export interface DialHost<T> {
  /** `value` is null when the maker has put it somewhere else. */
  arrived(dial: Dial<T>, value: T | null): void
  failed(dial: Dial<T>, error: unknown): void
  /** Came after the dial was given up. */
  unwanted(value: T): void
}

export class Dial<T> implements AlarmTarget, MakeContext {
  /** On whose behalf it was begun, or who has taken it over; null when nobody waits for it. */
  waiter: Waiter<T> | null
  readonly isExclusive: boolean
  phaseOf: (() => ErrorPhase) | null = null
  private readonly host: DialHost<T>
  private readonly runtime: PoolRuntime
  private readonly controller: AbortController
  private readonly beganAt: number
  private alarm: Alarm | null = null
  private isOver: boolean = false

  constructor(host: DialHost<T>, runtime: PoolRuntime, waiter: Waiter<T> | null, isExclusive: boolean) {
    this.host = host
    this.runtime = runtime
    this.waiter = waiter
    this.isExclusive = isExclusive
    this.controller = new AbortController()
    this.beganAt = runtime.clock.now()
  }

  /** Where it is, for an error. */
  get phase(): ErrorPhase {
    return this.phaseOf?.() ?? 'connect'
  }

  get signal(): AbortSignal {
    return this.controller.signal
  }

  begin(make: (context: MakeContext) => Promise<T | null>): void {
    let made: Promise<T | null>
    try {
      made = make(this)
    } catch (error) {
      made = Promise.reject(error)
    }
    made.then(
      (value) => this.arrived(value),
      (error: unknown) => this.end(() => this.host.failed(this, error)),
    )
  }

  /** Nobody waits for it: it may go on for as long as who began it would have waited. */
  orphan(limit: number): void {
    this.waiter = null
    if (limit === Infinity || this.isOver) return
    this.alarm ??= this.runtime.timer.alarm(this)
    this.alarm.move(this.beganAt + limit)
  }

  /** Somebody waits for it again, and keeps the time. */
  adopt(waiter: Waiter<T>): void {
    this.waiter = waiter
    waiter.dial = this
    this.alarm?.move(Infinity)
  }

  /** Stops it; the host is not told. */
  giveUp(reason: HyperError): void {
    this.end(() => this.controller.abort(reason))
  }

  /** @internal */
  onAlarm(now: number): void {
    const elapsedMs = now - this.beganAt
    const error = new HyperError('CONNECT_TIMEOUT', null, {
      by: 'peer',
      phase: this.phase,
      statusHint: 504,
      elapsedMs,
    })
    this.end(() => {
      this.host.failed(this, error)
      this.controller.abort(error)
    })
  }

  private arrived(value: T | null): void {
    if (this.isOver) {
      if (value !== null) this.host.unwanted(value)
    } else this.end(() => this.host.arrived(this, value))
  }

  private end(then: () => void): void {
    if (this.isOver) return
    this.isOver = true
    this.alarm?.cancel()
    then()
  }
}
