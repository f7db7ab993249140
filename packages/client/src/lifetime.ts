import { HyperError, type ErrorPhase } from '@hyper/core/error'
import type { AbortSignalLike, Alarm, AlarmTarget, Runtime } from '@hyper/core/rt'
import { canceledBy } from './failure.ts'

// Lifetime: how long one request may take in all, and who may end it. In: the caller's signal, and the time. Out: one
// signal for everything that is done for the request, its body included. It leaves nothing behind: once the answer is
// complete, or has failed, no listener is left on the caller's signal, and no alarm.

/** A listener that was added, which somebody will remove. */
type Listener = () => void

export class Lifetime implements AbortSignalLike, AlarmTarget {
  aborted: boolean = false
  reason: unknown = undefined
  failure: HyperError | null = null
  private readonly runtime: Runtime
  private readonly signal: AbortSignalLike | null
  private readonly total: number
  private readonly beganAt: number
  private readonly alarm: Alarm | null
  private readonly onAbort: Listener
  /** Those of exchanges under way. */
  private readonly listeners: Set<Listener>
  /** Those who are told, and who hold nothing open. */
  private told: ((reason: HyperError) => void)[] = []
  /** What is being done at present, for the error; null until something was sent. */
  phase: 'headers' | 'body' | null = null
  private isAnswered: boolean = false
  private isOver: boolean = false

  /** @param total milliseconds; Infinity for no limit */
  constructor(runtime: Runtime, signal: AbortSignalLike | null, total: number) {
    this.runtime = runtime
    this.signal = signal
    this.total = total
    this.beganAt = runtime.clock.now()
    this.listeners = new Set()
    this.onAbort = () => this.end(this.signal?.reason, null)
    this.alarm = total === Infinity ? null : runtime.timer.alarm(this)
    this.alarm?.move(this.beganAt + total)
    if (signal?.aborted === true) this.onAbort()
    else signal?.addEventListener('abort', this.onAbort)
  }

  /** Follows an answer: the lifetime is over when it fails, or when its body is complete. */
  async follow<T>(answer: T | Promise<T>): Promise<T> {
    try {
      return await answer
    } catch (error) {
      this.finish()
      throw error
    } finally {
      this.isAnswered = true
      if (this.listeners.size === 0) this.finish()
    }
  }

  /** What is being done from now on. */
  enter(phase: 'headers' | 'body'): void {
    this.phase = phase
  }

  /** An error that came of its end says more than that somebody gave up. */
  explain(error: HyperError): HyperError {
    const { failure } = this
    if (failure === null || !error.isCanceled()) return error
    return this.phase === null ? this.expired(error.phase, failure.elapsedMs) : failure
  }

  /** Null while nobody has ended it. */
  get cancelled(): HyperError | null {
    return this.aborted ? (this.failure ?? canceledBy(this, null)) : null
  }

  /** Calls `fn` when the request is ended early; never after it is complete. */
  onCancel(fn: (reason: HyperError) => void): void {
    if (this.cancelled !== null) fn(this.cancelled)
    else if (!this.isOver) this.told.push(fn)
  }

  addEventListener(_type: 'abort', listener: Listener): void {
    if (!this.isOver) this.listeners.add(listener)
  }

  removeEventListener(_type: 'abort', listener: Listener): void {
    if (this.listeners.delete(listener) && this.isAnswered && this.listeners.size === 0) this.finish()
  }

  /** @internal */
  onAlarm(now: number): void {
    const failure = this.expired(this.phase, Math.round(now - this.beganAt))
    this.end(failure, failure)
  }

  private expired(phase: ErrorPhase | null, elapsedMs: number | null): HyperError {
    return new HyperError('TOTAL_TIMEOUT', `not complete within ${this.total} ms`, {
      by: phase === 'pool' ? 'library' : 'peer',
      statusHint: 504,
      phase,
      elapsedMs,
      retryable: this.phase === null,
    })
  }

  private end(reason: unknown, failure: HyperError | null): void {
    if (this.isOver) return
    this.aborted = true
    this.reason = reason
    this.failure = failure
    const { listeners, told } = this
    const cancelled = this.failure ?? canceledBy(this, null)
    this.finish()
    for (const listener of [...listeners]) this.call(listener)
    for (const fn of told) this.call(() => fn(cancelled))
  }

  private finish(): void {
    if (this.isOver) return
    this.isOver = true
    this.told = []
    this.alarm?.cancel()
    this.signal?.removeEventListener('abort', this.onAbort)
  }

  private call(fn: () => void): void {
    try {
      fn()
    } catch (error) {
      this.runtime.onError(error)
    }
  }
}
