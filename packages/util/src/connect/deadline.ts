import type { HyperError } from '@hyper/core/error'
import type { Alarm, AlarmTarget, Io, Runtime } from '@hyper/core/rt'
import { Deferred } from './deferred.ts'

// A time limit round a part of connecting. In: work that heeds a signal. Out: its stream, or the error of whoever was
// first: the work, or the clock. A stream that comes too late is torn down.

/** What {@link withDeadline} needs. */
export interface DeadlineOptions {
  readonly runtime: Pick<Runtime, 'clock' | 'timer'>
  /** Milliseconds; Infinity for no limit. */
  readonly timeout: number
  /** Of the whole attempt: aborts the work as well, which has to reject then. */
  readonly signal: AbortSignal
}

/**
 * Does `work` with a signal that also fires when the time is over.
 * @param expired makes the error for that case
 */
export function withDeadline(
  options: DeadlineOptions,
  work: (signal: AbortSignal) => Promise<Io>,
  expired: () => HyperError,
): Promise<Io> {
  if (options.timeout === Infinity) return work(options.signal)
  return new Deadline(options, expired).run(work)
}

class Deadline implements AlarmTarget {
  private readonly options: DeadlineOptions
  private readonly expired: () => HyperError
  private readonly controller: AbortController
  private readonly alarm: Alarm
  private readonly result: Deferred<Io>
  private readonly onAbort: () => void
  private isOver: boolean

  constructor(options: DeadlineOptions, expired: () => HyperError) {
    this.options = options
    this.expired = expired
    this.controller = new AbortController()
    this.alarm = options.runtime.timer.alarm(this)
    this.result = new Deferred()
    this.onAbort = () => this.controller.abort(options.signal.reason)
    this.isOver = false
  }

  run(work: (signal: AbortSignal) => Promise<Io>): Promise<Io> {
    const { runtime, signal, timeout } = this.options
    if (signal.aborted) this.onAbort()
    else signal.addEventListener('abort', this.onAbort)
    this.alarm.move(runtime.clock.now() + timeout)
    begun(work, this.controller.signal).then(
      (io) => this.done(io),
      (error: unknown) => {
        this.settle()
        this.result.reject(error)
      },
    )
    return this.result.promise
  }

  onAlarm(): void {
    if (this.isOver) return
    const error = this.expired()
    this.settle()
    this.result.reject(error)
    this.controller.abort(error)
  }

  private done(io: Io): void {
    if (this.isOver) {
      io.abort()
      return
    }
    this.settle()
    this.result.resolve(io)
  }

  private settle(): void {
    this.isOver = true
    this.alarm.cancel()
    this.options.signal.removeEventListener('abort', this.onAbort)
  }
}

/** What is thrown at once is a rejection as well. */
async function begun(work: (signal: AbortSignal) => Promise<Io>, signal: AbortSignal): Promise<Io> {
  return work(signal)
}
