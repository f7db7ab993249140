// ReceiveWindow: how much a peer may send us (RFC 9113 §5.2), for one stream or the connection. Credit is used by what
// arrives and earned back by what is consumed; it is announced in steps, so that a body costs few WINDOW_UPDATE frames.

const SMALL = 65_535

/**
 * Whether credit is worth a WINDOW_UPDATE: half of a window no larger than the default, a quarter of a larger one. With
 * quarters a path that is longer than the window carries three quarters of it in a round trip, enough for bandwidth.ts to
 * see that the window is the limit; with halves it would not always (test/h2/wan.test.ts).
 */
export function isWorthTelling(owed: number, target: number): boolean {
  return owed * (target > SMALL ? 4 : 2) >= target
}

export class ReceiveWindow {
  /** What the peer may still send. */
  available: number
  /** What the window should be when everything is consumed. */
  target: number
  /** Consumed, and not announced yet. */
  private owed: number

  constructor(size: number) {
    this.available = size
    this.target = size
    this.owed = 0
  }

  /** Bytes have arrived. @returns false when the peer has gone beyond its credit */
  take(bytes: number): boolean {
    this.available -= bytes
    return this.available >= 0
  }

  /** Bytes have been consumed. @returns the increment to announce now, or 0 */
  release(bytes: number): number {
    this.owed += bytes
    return isWorthTelling(this.owed, this.target) ? this.announce() : 0
  }

  /** Makes the window larger from now on. @returns the increment to announce now, or 0 */
  grow(target: number): number {
    if (target <= this.target) return 0
    this.owed += target - this.target
    this.target = target
    return this.announce()
  }

  /** Our initial window was changed by SETTINGS that the peer has acknowledged; may go negative. */
  shift(difference: number): void {
    this.available += difference
    this.target += difference
  }

  private announce(): number {
    const increment = this.owed
    this.owed = 0
    this.available += increment
    return increment
  }
}
