// #region runtime
// A Runtime whose time stands still until a test moves it.
import { plainText } from '@hyper/core/rt'
import type { AlarmTarget, Runtime } from '@hyper/core/rt'

export class VirtualRuntime implements Runtime {
  /** What background work has thrown. */
  readonly errors: unknown[] = []
  readonly text = plainText
  readonly clock = { now: () => this.time, wall: () => Date.UTC(2026, 0, 1) + this.time }
  readonly timer = {
    alarm: (target: AlarmTarget) => ({
      move: (at: number) => void this.alarms.set(target, at),
      cancel: () => void this.alarms.delete(target),
    }),
  }
  private readonly alarms = new Map<AlarmTarget, number>()
  private tasks: (() => void)[] = []
  private time = 0

  defer(task: () => void): void {
    this.tasks.push(task)
  }

  onError(error: unknown): void {
    this.errors.push(error)
  }

  /** Runs promises and deferred tasks until there are none. */
  async settle(): Promise<void> {
    for (let idle = 0; idle < 3; idle++) {
      await new Promise((resolve) => setImmediate(resolve))
      if (this.tasks.length > 0) idle = -1
      for (const task of this.tasks.splice(0)) task()
    }
  }

  /** Lets `ms` milliseconds pass, alarm by alarm; what each sets going is done before the next. */
  async advance(ms: number): Promise<void> {
    const end = this.time + ms
    for (;;) {
      await this.settle()
      const due = [...this.alarms].filter(([, at]) => at <= end).toSorted(([, a], [, b]) => a - b)[0]
      this.time = due === undefined ? end : Math.max(this.time, due[1])
      if (due === undefined) return
      this.alarms.set(due[0], Infinity)
      due[0].onAlarm(this.time)
    }
  }
}
// #endregion runtime
