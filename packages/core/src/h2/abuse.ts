import type { H2Settings } from './options.ts'

// Budgets of one connection, each with the attack it stops. A budget that is used up ends the connection with
// ENHANCE_YOUR_CALM and the name given here as debug data.

/** DATA without data and without END_STREAM costs a peer nothing and us a frame (CVE-2019-9518). */
const MAX_EMPTY_DATA = 100
/**
 * A small DATA frame costs the difference to this size, until it is consumed (RUSTSEC-2026-0258). The budget goes with
 * the connection's window, half of it: a burst of small messages fits into one packet, and no reader is faster than
 * that.
 */
const FULL_DATA = 256
const LEAST_DATA_BUDGET = 25_600
/** What a DATA frame with so many bytes of data takes of the budget. */
export function smallDataCost(length: number): number {
  return length > 0 && length < FULL_DATA ? FULL_DATA - length : 0
}

/**
 * Frames that ask for work or an answer and bring no data: PING, SETTINGS, PRIORITY, unknown ones, RST_STREAM of closed
 * streams (CVE-2019-9512, 9513, 9515). A burst, and what comes back per second. WINDOW_UPDATE is not among them: honest
 * readers send many, and each is an addition.
 */
const CONTROL_BURST = 10_000
const CONTROL_RATE = 330

export class AbuseBudgets {
  private readonly settings: H2Settings
  private emptyData: number = 0
  private readonly fullBudget: number
  private dataBudget: number
  private control: number = CONTROL_BURST
  private controlAt: number = 0
  private resets: number
  private resetsAt: number = 0
  private localResets: number = 0

  constructor(settings: H2Settings) {
    this.settings = settings
    this.fullBudget = Math.max(LEAST_DATA_BUDGET, settings.connectionWindow / 2)
    this.dataBudget = this.fullBudget
    this.resets = settings.maxResetBurst
  }

  /** A DATA frame without END_STREAM. @returns false when the budget is used up */
  takeData(length: number): boolean {
    if (length === 0) return ++this.emptyData <= MAX_EMPTY_DATA
    if (length < FULL_DATA) this.dataBudget -= smallDataCost(length)
    else this.returnData(FULL_DATA)
    return this.dataBudget >= 0
  }

  /** Received bytes were consumed, or dropped by our own will: small messages that are honest are no attack. */
  returnData(bytes: number): void {
    this.dataBudget = Math.min(this.fullBudget, this.dataBudget + Math.max(bytes, FULL_DATA))
  }

  /** A frame without data that is not part of a message. */
  takeControl(now: number): boolean {
    if (this.control < CONTROL_BURST) {
      this.control = Math.min(CONTROL_BURST, this.control + ((now - this.controlAt) * CONTROL_RATE) / 1000)
    }
    this.controlAt = now
    return --this.control >= 0
  }

  /** The peer has reset a stream before it was answered (CVE-2023-44487, rapid reset). */
  takeReset(now: number): boolean {
    const { maxResetBurst, maxResetRate } = this.settings
    if (maxResetBurst === Infinity || maxResetRate === Infinity) return true
    this.resets = Math.min(maxResetBurst, this.resets + ((now - this.resetsAt) * maxResetRate) / 1000)
    this.resetsAt = now
    return --this.resets >= 0
  }

  /** The peer has made us reset a stream (CVE-2025-8671, MadeYouReset). */
  takeLocalReset(): boolean {
    return ++this.localResets <= this.settings.maxLocalErrorResets
  }
}
