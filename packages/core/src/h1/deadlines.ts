// Deadlines of one connection: a slot per reason, in monotonic milliseconds, Infinity when off. The driver needs one
// alarm for all.

/** First byte, idle, or head: whichever is being waited for. */
export const HEAD_SLOT = 0
export const BODY_SLOT = 1
export const SEND_SLOT = 2
export const LINGER_SLOT = 3

export type Slot = typeof HEAD_SLOT | typeof BODY_SLOT | typeof SEND_SLOT | typeof LINGER_SLOT

export class Deadlines {
  private readonly slots: [number, number, number, number] = [Infinity, Infinity, Infinity, Infinity]

  set(slot: Slot, at: number): void {
    this.slots[slot] = at
  }

  clear(slot: Slot): void {
    this.slots[slot] = Infinity
  }

  clearAll(): void {
    this.slots.fill(Infinity)
  }

  isDue(slot: Slot, now: number): boolean {
    return this.slots[slot] <= now
  }

  /** The earliest, or Infinity. */
  get next(): number {
    const [a, b, c, d] = this.slots
    return Math.min(a, b, c, d)
  }
}
