// Bandwidth: measures the bandwidth-delay product, so that windows become as large as the path needs (the trap of
// 64 KiB windows: 256 KB/s at 250 ms). A PING goes out with the first DATA; what arrives until its answer is one sample.

const FIRST_DELAY = 100
const MAX_DELAY = 10_000
/** A sample of this share of the window says that the window may have been the limit. */
const NEAR = 2 / 3

export class BandwidthEstimate {
  /** What the windows should be by now. */
  window: number
  private readonly maxWindow: number
  private bytes: number = 0
  private sentAt: number = -1
  private rtt: number = 0
  private fastest: number = 0
  private stable: number = 0
  private delay: number = FIRST_DELAY
  private notBefore: number = 0

  constructor(window: number, maxWindow: number) {
    this.window = window
    this.maxWindow = maxWindow
  }

  /** DATA has arrived, perhaps the last of its body. @returns true when a PING should be sent to begin a sample */
  take(bytes: number, now: number, isLast: boolean): boolean {
    if (this.window >= this.maxWindow) return false
    if (this.sentAt >= 0) {
      this.bytes += bytes
      return false
    }
    if (isLast || now < this.notBefore) return false
    this.bytes = bytes
    this.sentAt = now
    return true
  }

  /** The PING was answered. @returns true when `window` has grown */
  sample(now: number): boolean {
    if (this.sentAt < 0) return false
    const rtt = now - this.sentAt
    this.sentAt = -1
    this.rtt = this.rtt === 0 ? rtt : this.rtt + (rtt - this.rtt) / 8
    const rate = this.bytes / Math.max(this.rtt * 1.5, 1)
    const grows = this.bytes >= this.window * NEAR && rate >= this.fastest
    if (grows) {
      this.fastest = rate
      this.window = Math.min(this.bytes * 2, this.maxWindow)
      this.stable = 0
      this.delay = Math.max(this.delay / 2, FIRST_DELAY)
    } else if (++this.stable >= 2) {
      this.stable = 0
      this.delay = Math.min(this.delay * 4, MAX_DELAY)
    }
    this.notBefore = now + (grows ? 0 : this.delay)
    return grows
  }
}
