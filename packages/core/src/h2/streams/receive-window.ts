// ReceiveWindow: how much a peer may send us (RFC 9113 §5.2), for one stream or the connection. Credit is used by what
// arrives and earned back by what is consumed; it is announced in steps of half the window, so that a body costs few
// WINDOW_UPDATE frames.

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
    return this.owed * 2 >= this.target ? this.announce() : 0
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
