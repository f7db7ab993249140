import type { Alarm, AlarmTarget, Clock, Runtime, TextCodec, Timer } from '@hyper/core/rt'

// A Runtime whose time stands still until the test moves it. In: `advance` and `turn`. Out: alarms in the order of
// their times, deferred tasks in the order they came. It never looks at the machine's clock and starts no timer.

/**
 * The runtime that protocol tests bring.
 * - `advance(ms)` moves the time and fires what is due on the way, each alarm at its own time.
 * - `turn()` runs the deferred tasks, as the end of an event-loop turn does.
 * - `settle()` goes on with both microtasks and turns until nothing is left to do, without moving the time.
 */
export class VirtualRuntime implements Runtime {
  readonly clock: VirtualClock
  readonly timer: VirtualTimer
  readonly text: TextCodec
  /** What `onError` was given, oldest first. */
  readonly errors: unknown[]
  private tasks: (() => void)[]

  constructor(startAt: number = 1_000) {
    this.clock = new VirtualClock(startAt)
    this.timer = new VirtualTimer(this.clock)
    this.text = nodeText
    this.errors = []
    this.tasks = []
  }

  defer(task: () => void): void {
    this.tasks.push(task)
  }

  onError(error: unknown): void {
    this.errors.push(error)
  }

  /** How many deferred tasks are waiting. */
  get pendingTasks(): number {
    return this.tasks.length
  }

  /**
   * Runs what was deferred before this call; what those tasks defer waits for the next turn.
   * @returns how many tasks ran.
   */
  turn(): number {
    const tasks = this.tasks
    this.tasks = []
    for (const task of tasks) {
      try {
        task()
      } catch (error) {
        this.onError(error)
      }
    }
    return tasks.length
  }

  /** Moves the time on by `ms`, firing alarms on the way. Deferred tasks wait for `turn`. */
  advance(ms: number): void {
    this.timer.runUntil(this.clock.now() + ms)
  }

  /**
   * Microtasks and turns, until 3 rounds in a row had no deferred task to run.
   * @throws Error when there is still work after `rounds` rounds: something defers itself for ever.
   */
  async settle(rounds: number = 10_000): Promise<void> {
    for (let idle = 0, round = 0; idle < 3; round++) {
      if (round === rounds) throw new Error(`still busy after ${rounds} turns`)
      // A macrotask of the real loop lets every chain of microtasks run dry first.
      await new Promise<void>((resolve) => setImmediate(resolve))
      idle = this.turn() === 0 ? idle + 1 : 0
    }
  }
}

/** Time that only the test moves. `wall` starts at 2026-01-01T00:00:00Z. */
export class VirtualClock implements Clock {
  private time: number
  private readonly wallOffset: number

  constructor(startAt: number) {
    this.time = startAt
    this.wallOffset = Date.UTC(2026, 0, 1) - startAt
  }

  now(): number {
    return this.time
  }

  wall(): number {
    return this.time + this.wallOffset
  }

  /** Sets the time without firing anything; it must not go back. */
  moveTo(time: number): void {
    if (time < this.time) throw new RangeError(`time cannot go back from ${this.time} to ${time}`)
    this.time = time
  }
}

/** A timer without granularity: an alarm fires at exactly its time, those of one time in the order they were set. */
export class VirtualTimer implements Timer {
  private readonly clock: VirtualClock
  private readonly armed: Set<VirtualAlarm>

  constructor(clock: VirtualClock) {
    this.clock = clock
    this.armed = new Set()
  }

  alarm(target: AlarmTarget): Alarm {
    return new VirtualAlarm(target, this.armed)
  }

  /** How many alarms are armed; a connection that is gone must leave none. */
  get pending(): number {
    return this.armed.size
  }

  /** When the next alarm fires, or Infinity. */
  get next(): number {
    return this.first()?.at ?? Infinity
  }

  /** Moves the clock to `end`, firing on the way. What was armed for the past fires at once, at the present time. */
  runUntil(end: number): void {
    for (let alarm = this.first(); alarm !== null && alarm.at <= end; alarm = this.first()) {
      this.clock.moveTo(Math.max(this.clock.now(), alarm.at))
      alarm.fire(this.clock.now())
    }
    this.clock.moveTo(end)
  }

  private first(): VirtualAlarm | null {
    let first: VirtualAlarm | null = null
    for (const alarm of this.armed) if (first === null || alarm.at < first.at) first = alarm
    return first
  }
}

class VirtualAlarm implements Alarm {
  at: number
  private readonly target: AlarmTarget
  private readonly armed: Set<VirtualAlarm>
  private cancelled: boolean

  constructor(target: AlarmTarget, armed: Set<VirtualAlarm>) {
    this.at = Infinity
    this.target = target
    this.armed = armed
    this.cancelled = false
  }

  move(at: number): void {
    if (this.cancelled) return
    this.armed.delete(this)
    this.at = at
    if (at !== Infinity) this.armed.add(this)
  }

  cancel(): void {
    this.move(Infinity)
    this.cancelled = true
  }

  fire(now: number): void {
    this.armed.delete(this)
    this.at = Infinity
    this.target.onAlarm(now)
  }
}

const utf8 = new TextDecoder()
const encoder = new TextEncoder()

const nodeText: TextCodec = {
  latin1(bytes, start, end) {
    return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1', start, end)
  },
  utf8(bytes, start, end) {
    return utf8.decode(bytes.subarray(start, end))
  },
  encodeUtf8(text) {
    return encoder.encode(text)
  },
  utf8Length(text) {
    return Buffer.byteLength(text)
  },
  encodeLatin1(text) {
    return new Uint8Array(Buffer.from(text, 'latin1'))
  },
}
