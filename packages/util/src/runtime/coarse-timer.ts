import type { Alarm, AlarmTarget, Timer } from '@hyper/core/rt'

// CoarseTimer: every deadline of a process in one hashed wheel. In: alarms that move with every request. Out: `onAlarm`
// calls, never early, at most one slot (and the platform timer's own delay) late. One platform timer at a time drives
// it, and only while something is armed. Moving an alarm later is a store: it stays where it is linked, and is linked
// anew when that slot comes up. It reads no clock but the one it was given.

/** The platform under a {@link CoarseTimer}: where time comes from, and what wakes the wheel up. */
export interface CoarseTimerPlatform {
  /** Monotonic milliseconds. */
  now(): number
  /** Calls `task` once, `ms` milliseconds from now or later. Must not keep the process alive. */
  schedule(task: () => void, ms: number): unknown
  /** Takes back what `schedule` returned. */
  unschedule(handle: unknown): void
  /** Takes what an `onAlarm` has thrown; the other alarms fire all the same. */
  onError(error: unknown): void
}

const SLOT_MS = 50
/** 51.2 s for one turn of the wheel; an alarm beyond that is looked at once per turn. */
const SLOTS = 1024
const MASK = SLOTS - 1

/** The one timer of a runtime: 50 ms slots, O(1) for arming, moving and cancelling. */
export class CoarseTimer implements Timer {
  private readonly platform: CoarseTimerPlatform
  private readonly slots: Link[]
  /** What is due and has not fired yet; empty between ticks. */
  private readonly due: Link
  private readonly onTick: () => void
  private linked: number
  /** The last tick whose slot was emptied; tick `n` is due at `n * SLOT_MS`. */
  private tick: number
  /** The tick the platform timer is set for, Infinity when it is not set. */
  private wake: number
  private handle: unknown

  constructor(platform: CoarseTimerPlatform) {
    this.platform = platform
    this.slots = []
    this.due = new Link()
    this.onTick = () => this.run()
    this.linked = 0
    this.tick = 0
    this.wake = Infinity
    this.handle = null
  }

  alarm(target: AlarmTarget): Alarm {
    // Not before it is needed: a runtime is made wherever its module is loaded.
    while (this.slots.length < SLOTS) this.slots.push(new Link())
    return new CoarseAlarm(this, target)
  }

  /** How many alarms the wheel holds, those that were disarmed and not yet let go included. */
  get size(): number {
    return this.linked
  }

  /** @internal Links an alarm at the first tick that is not before its time. */
  link(alarm: CoarseAlarm): void {
    if (this.linked === 0) this.tick = Math.max(this.tick, Math.floor(this.platform.now() / SLOT_MS))
    this.linked++
    this.place(alarm)
    if (alarm.tick < this.wake) this.setWake(alarm.tick)
  }

  /** @internal */
  unlink(alarm: CoarseAlarm): void {
    this.linked--
    alarm.remove()
    if (this.linked === 0) this.setWake(Infinity)
  }

  private place(alarm: CoarseAlarm): void {
    const wanted = Math.ceil(alarm.at / SLOT_MS)
    alarm.tick = Math.min(Math.max(wanted, this.tick + 1), this.tick + SLOTS)
    this.slot(alarm.tick).insertBefore(alarm)
  }

  private slot(tick: number): Link {
    // The mask is below the length, so the slot exists.
    return this.slots[tick & MASK] as Link
  }

  private setWake(tick: number): void {
    if (this.handle !== null) this.platform.unschedule(this.handle)
    this.wake = tick
    this.handle = null
    if (tick === Infinity) return
    const delay = Math.max(1, Math.ceil(tick * SLOT_MS - this.platform.now()))
    this.handle = this.platform.schedule(this.onTick, delay)
  }

  private run(): void {
    this.handle = null
    this.wake = Infinity
    const now = this.platform.now()
    const last = Math.floor(now / SLOT_MS)
    // After a long sleep of the machine one turn of the wheel has seen every slot.
    for (let tick = Math.max(this.tick + 1, last - MASK); tick <= last; tick++) {
      this.due.takeAll(this.slot(tick))
    }
    this.tick = Math.max(this.tick, last)
    this.fireDue(now)
    if (this.linked === 0) return
    const next = this.nextTick()
    if (next !== this.wake) this.setWake(next)
  }

  /** One at a time from the head, because an `onAlarm` may move or cancel any other alarm. */
  private fireDue(now: number): void {
    for (let link = this.due.next; link !== this.due; link = this.due.next) {
      const alarm = link as CoarseAlarm
      alarm.remove()
      if (alarm.at > now) {
        if (alarm.at === Infinity) this.linked--
        else this.place(alarm)
        continue
      }
      this.linked--
      alarm.at = Infinity
      try {
        alarm.target.onAlarm(now)
      } catch (error) {
        this.platform.onError(error)
      }
    }
  }

  private nextTick(): number {
    let tick = this.tick + 1
    while (tick < this.tick + SLOTS && this.slot(tick).isEmpty()) tick++
    return tick
  }
}

/** A place in a circular list; a slot is one that holds no alarm. */
class Link {
  next: Link
  previous: Link

  constructor() {
    this.next = this
    this.previous = this
  }

  isEmpty(): boolean {
    return this.next === this
  }

  /** At the end of the list whose head this is. */
  insertBefore(link: Link): void {
    link.previous = this.previous
    link.next = this
    this.previous.next = link
    this.previous = link
  }

  remove(): void {
    this.previous.next = this.next
    this.next.previous = this.previous
    this.next = this
    this.previous = this
  }

  /** Moves everything in `other` to the end of this list. */
  takeAll(other: Link): void {
    if (other.next === other) return
    this.previous.next = other.next
    other.next.previous = this.previous
    this.previous = other.previous
    other.previous.next = this
    other.next = other
    other.previous = other
  }
}

class CoarseAlarm extends Link implements Alarm {
  at: number
  /** Where the alarm is linked; means nothing while it is not. */
  tick: number
  readonly target: AlarmTarget
  private readonly timer: CoarseTimer
  private cancelled: boolean

  constructor(timer: CoarseTimer, target: AlarmTarget) {
    super()
    this.at = Infinity
    this.tick = 0
    this.target = target
    this.timer = timer
    this.cancelled = false
  }

  move(at: number): void {
    if (this.cancelled) return
    this.at = at
    if (this.next === this) {
      if (at !== Infinity) this.timer.link(this)
    } else if (at <= (this.tick - 1) * SLOT_MS) {
      this.timer.unlink(this)
      this.timer.link(this)
    }
  }

  cancel(): void {
    this.cancelled = true
    this.at = Infinity
    if (this.next !== this) this.timer.unlink(this)
  }
}
