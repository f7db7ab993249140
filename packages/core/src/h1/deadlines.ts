// Deadlines of one connection: a slot per reason, in monotonic milliseconds, Infinity when off. The driver needs one
// alarm for all.

/** First byte, idle, or head: whichever is being waited for. */
export const HEAD_SLOT = 0
export const BODY_SLOT = 1
export const SEND_SLOT = 2
export const LINGER_SLOT = 3
/** The whole of one exchange. */
export const TOTAL_SLOT = 4

export class Deadlines {
  private readonly slots: number[]

  constructor(count: number = 5) {
    this.slots = []
    for (let i = 0; i < count; i++) this.slots.push(Infinity)
  }

  set(slot: number, at: number): void {
    this.slots[slot] = at
  }

  clear(slot: number): void {
    this.slots[slot] = Infinity
  }

  clearAll(): void {
    this.slots.fill(Infinity)
  }

  isDue(slot: number, now: number): boolean {
    return this.slots[slot]! <= now
  }

  at(slot: number): number {
    return this.slots[slot]!
  }

  isOff(slot: number): boolean {
    return this.slots[slot] === Infinity
  }

  /** The earliest, or Infinity. */
  get next(): number {
    const { slots } = this
    let next = slots[0]!
    for (let i = 1; i < slots.length; i++) if (slots[i]! < next) next = slots[i]!
    return next
  }
}
