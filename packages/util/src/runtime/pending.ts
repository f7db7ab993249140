// Pending: connections that were accepted and are not given away yet, since something comes first on them. In: connections, each
// with what ends it, as they come and as they are through. Out: a promise for the time when there are none.

/** The longest that a timer can wait. */
const LONGEST = 2_147_483_647

export class Pending<Connection extends object> {
  private readonly ends: Map<Connection, () => void>
  private timer: ReturnType<typeof setTimeout> | undefined
  private waiting: (() => void) | null
  private isEnding: boolean

  constructor() {
    this.ends = new Map()
    this.timer = undefined
    this.waiting = null
    this.isEnding = false
  }

  /** @returns false for one that comes after they were ended: it is ended, too */
  add(connection: Connection, end: () => void): boolean {
    if (this.isEnding) {
      end()
      return false
    }
    this.ends.set(connection, end)
    return true
  }

  /** It is through, or gone. @returns whether it was there */
  delete(connection: Connection): boolean {
    const wasThere = this.ends.delete(connection)
    if (wasThere) this.settle()
    return wasThere
  }

  /** Those that are still here then are ended: until their timeout they would keep the process alive. */
  endAfter(ms: number): void {
    if (this.isEnding) return
    clearTimeout(this.timer)
    if (ms > 0) this.timer = setTimeout(() => this.end(), Math.min(ms, LONGEST))
    else this.end()
  }

  /** Resolves when there are none, and nobody will come. */
  async whenEmpty(): Promise<void> {
    if (this.ends.size > 0) await new Promise<void>((resolve) => (this.waiting = resolve))
    // A timer keeps the process alive: one that somebody sets after this would wait for nothing.
    this.isEnding = true
    clearTimeout(this.timer)
  }

  private end(): void {
    this.isEnding = true
    const ends = [...this.ends.values()]
    this.ends.clear()
    for (const end of ends) end()
    this.settle()
  }

  private settle(): void {
    if (this.ends.size > 0) return
    this.waiting?.()
    this.waiting = null
  }
}
