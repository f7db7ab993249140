// #region runtime
// A Runtime of Node's timers in forty lines. `nodeRuntime` does the same with one wheel for all connections.
import { plainText } from '@hyper/core/rt'
import type { Alarm, AlarmTarget, Runtime } from '@hyper/core/rt'

class TimeoutAlarm implements Alarm {
  private readonly target: AlarmTarget
  private at = Infinity
  private timeout: NodeJS.Timeout | null = null
  private firesAt = Infinity

  constructor(target: AlarmTarget) {
    this.target = target
  }

  move(at: number): void {
    this.at = at
    // A timeout that fires too early looks again: moving later, as every request does, costs a store.
    if (at < this.firesAt) this.schedule()
  }

  cancel(): void {
    this.at = Infinity
    if (this.timeout !== null) clearTimeout(this.timeout)
  }

  private schedule(): void {
    if (this.timeout !== null) clearTimeout(this.timeout)
    this.firesAt = this.at
    this.timeout = setTimeout(() => this.look(), Math.max(0, this.at - performance.now())).unref()
  }

  private look(): void {
    this.firesAt = Infinity
    const now = performance.now()
    if (now >= this.at) {
      this.at = Infinity
      this.target.onAlarm(now)
    } else if (this.at !== Infinity) this.schedule()
  }
}

export const smallRuntime: Runtime = {
  clock: { now: () => performance.now(), wall: () => Date.now() },
  timer: { alarm: (target) => new TimeoutAlarm(target) },
  text: plainText, // slow, and right everywhere
  defer: (task) => void setImmediate(task), // the end of the turn: a microtask would be too early
  onError: (error) => console.error(error),
}
// #endregion runtime
