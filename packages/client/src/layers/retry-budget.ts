import type { Clock } from '@hyper/core/rt'

// RetryBudget: how many retries a client may send beside its requests. When a server is down, everybody's retries are
// what keeps it down; a budget makes them a share of the traffic, whatever each request may do by itself.

/** Seconds that are looked back on. */
const WINDOW = 10

/** Counts the requests and retries of the last ten seconds. */
export class RetryBudget {
  private readonly clock: Clock
  private readonly share: number
  private readonly perSecond: number
  /** Per second of the window, in a ring. */
  private readonly requests: number[]
  private readonly retries: number[]
  private second: number

  /**
   * @param share retries for each request.
   * @param perSecond retries per second that need no request beside them, so that a client that sends few can retry.
   */
  constructor(clock: Clock, share: number, perSecond: number) {
    this.clock = clock
    this.share = share
    this.perSecond = perSecond
    this.requests = new Array<number>(WINDOW).fill(0)
    this.retries = new Array<number>(WINDOW).fill(0)
    this.second = Math.floor(clock.now() / 1000)
  }

  /** A request is sent. */
  deposit(): void {
    this.add(this.requests)
  }

  /** @returns whether a retry may be sent; it is counted then. */
  withdraw(): boolean {
    this.turn()
    if (sum(this.retries) + 1 > sum(this.requests) * this.share + this.perSecond * WINDOW) return false
    this.add(this.retries)
    return true
  }

  private add(counts: number[]): void {
    this.turn()
    const at = this.second % WINDOW
    counts[at] = (counts[at] ?? 0) + 1
  }

  /** Empties the seconds that have gone by. */
  private turn(): void {
    const now = Math.floor(this.clock.now() / 1000)
    for (let second = Math.max(this.second, now - WINDOW) + 1; second <= now; second++) {
      this.requests[second % WINDOW] = 0
      this.retries[second % WINDOW] = 0
    }
    this.second = Math.max(this.second, now)
  }
}

function sum(counts: readonly number[]): number {
  return counts.reduce((total, count) => total + count, 0)
}
