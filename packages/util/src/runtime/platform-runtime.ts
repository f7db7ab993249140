import type { Clock, Runtime, TextCodec, Timer } from '@hyper/core/rt'
import { CoarseTimer } from './coarse-timer.ts'
import { TurnQueue } from './turn-queue.ts'

// PlatformRuntime: a Runtime of what a platform has. In: its clock, its text, two ways to run something later. Out: one
// coarse wheel and one task per turn. It holds no process open by itself, apart from deferred tasks that are about to run.

/** What a platform brings. */
export interface Platform {
  readonly clock: Clock
  readonly text: TextCodec
  /** Calls `task` once, at the end of the turn. */
  nextTurn(task: () => void): void
  /** As `CoarseTimerPlatform.schedule`. */
  schedule(task: () => void, ms: number): unknown
  /** Takes back what `schedule` returned. */
  unschedule(handle: unknown): void
  /** As `Runtime.snapshot`; left out where there is no asynchronous context. */
  snapshot?(): <R>(fn: () => R) => R
}

export class PlatformRuntime implements Runtime {
  readonly clock: Clock
  readonly timer: Timer
  readonly text: TextCodec
  readonly snapshot?: () => <R>(fn: () => R) => R
  private readonly report: (error: unknown) => void
  private readonly queue: TurnQueue

  constructor(platform: Platform, report: (error: unknown) => void) {
    const { clock, text } = platform
    this.clock = clock
    this.text = text
    const snapshot = platform.snapshot?.bind(platform)
    if (snapshot !== undefined) this.snapshot = snapshot
    this.report = report
    const onError = (error: unknown): void => this.onError(error)
    this.queue = new TurnQueue((task) => platform.nextTurn(task), onError)
    this.timer = new CoarseTimer({
      now: () => clock.now(),
      schedule: (task, ms) => platform.schedule(task, ms),
      unschedule: (handle) => platform.unschedule(handle),
      onError,
    })
  }

  defer(task: () => void): void {
    this.queue.defer(task)
  }

  onError(error: unknown): void {
    try {
      this.report(error)
    } catch {
      // Contract of Executor: it must not throw, and there is nobody left to tell.
    }
  }
}
