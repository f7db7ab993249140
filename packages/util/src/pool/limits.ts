import { count, HyperError } from '@hyper/core/error'

// Limits: how many connections there may be, of one origin and in all, and how many may wait. Who is refused a permit
// stands in a ring of origins, so that the burst of one never keeps another waiting for ever. A permit is held from the
// beginning of a dial to the end of the connection.

/** How much there may be. Infinity turns a limit off. */
export interface LimitOptions {
  /** Connections in all. Default 1,024: what a process may have open on many systems. */
  readonly maxConnections?: number | undefined
  /** Connections of one origin. Default 256. */
  readonly maxConnectionsPerOrigin?: number | undefined
  /** Requests that wait for a connection, in all; one more is `POOL_FULL`. Default 100,000. */
  readonly maxPending?: number | undefined
}

/** Who holds a {@link Share}. */
export interface ShareHolder {
  /** A permit may be had now: `acquire` it, if it is still wanted. */
  permitted(): void
  /** When its oldest idle value became so; Infinity when none is idle. */
  readonly idleSince: number
  /** Closes that value, and releases its permit. */
  evict(): void
}

/** How many values there may be, in all and of one origin, and how many may wait. For any number of pools together. */
export class Limits {
  readonly maxConnections: number
  readonly maxConnectionsPerOrigin: number
  readonly maxPending: number
  /** Permits that are held. */
  open: number = 0
  /** How many wait. */
  pending: number = 0
  /** @internal Permits that are about to come free. */
  leaving: number = 0
  private readonly shares: Set<Share>
  /** Those who want a permit, the longest waiting first. */
  private readonly ring: Set<Share>
  /** For whom somebody else has made room. */
  private favoured: Share | null = null
  private isGranting: boolean = false

  /** @throws HyperError `INVALID_OPTION` */
  constructor(options: LimitOptions = {}) {
    this.maxConnections = count('maxConnections', options.maxConnections, 1_024, 1)
    this.maxConnectionsPerOrigin = count('maxConnectionsPerOrigin', options.maxConnectionsPerOrigin, 256, 1)
    this.maxPending = count('maxPending', options.maxPending, 100_000, 0)
    this.shares = new Set()
    this.ring = new Set()
  }

  /**
   * For one origin. Give it back with {@link Share.leave}.
   * @param sibling counts together with the new one, as one origin does that keeps connections of two kinds.
   */
  share(holder: ShareHolder, sibling?: Share): Share {
    const share = new Share(this, holder, sibling?.group ?? { open: 0 })
    this.shares.add(share)
    return share
  }

  /** @internal */
  leave(share: Share): void {
    this.shares.delete(share)
    this.ring.delete(share)
    if (this.favoured === share) this.favoured = null
  }

  /** @internal */
  want(share: Share, isWanted: boolean): void {
    if (isWanted) this.ring.add(share)
    else this.ring.delete(share)
  }

  /** @internal */
  acquire(share: Share): boolean {
    if (share.group.open >= this.maxConnectionsPerOrigin) return false
    if (this.open >= this.maxConnections && !this.evict()) return false
    share.group.open++
    this.open++
    return true
  }

  /** @internal */
  release(share: Share): void {
    share.group.open--
    this.open--
    this.grant()
  }

  /** @internal The one for whom it must is the next to get a permit. */
  mustYield(share: Share, isWaitedFor: boolean): boolean {
    if (this.ring.size <= this.leaving || this.open < this.maxConnections) return false
    const { group } = share
    for (const other of this.ring) {
      const { open } = other.group
      if (other.group === group || open >= this.maxConnectionsPerOrigin) continue
      // One that has none must get its turn. Otherwise only a difference of two: a smaller one would come back at once.
      if (isWaitedFor && open > 0 && open + 1 >= group.open) continue
      this.favoured = other
      return true
    }
    return false
  }

  /** One more waits. @throws HyperError `POOL_FULL` */
  enter(): void {
    if (this.pending >= this.maxPending) {
      const detail = `${this.pending} requests wait for a connection already`
      throw new HyperError('POOL_FULL', detail, {
        by: 'library',
        phase: 'pool',
        retryable: true,
        statusHint: 503,
      })
    }
    this.pending++
  }

  // An idle connection of somebody else makes room: the one that has been idle for longest.
  private evict(): boolean {
    let oldest: Share | null = null
    for (const share of this.shares) {
      if (share.holder.idleSince < (oldest?.holder.idleSince ?? Infinity)) oldest = share
    }
    if (oldest === null) return false
    const isGranting = this.isGranting
    // What it frees is for who asks.
    this.isGranting = true
    oldest.holder.evict()
    this.isGranting = isGranting
    return this.open < this.maxConnections
  }

  private grant(): void {
    if (this.isGranting) return
    this.isGranting = true
    // In turn: who wants more than one goes to the end.
    for (let share = this.next(); share !== null; share = this.next()) {
      this.ring.delete(share)
      const before = this.open
      share.holder.permitted()
      if (this.open === before && this.ring.has(share)) break
    }
    this.isGranting = false
  }

  private next(): Share | null {
    if (this.open >= this.maxConnections) return null
    const { favoured } = this
    this.favoured = null
    if (favoured !== null && this.ring.has(favoured)) return favoured
    for (const share of this.ring) if (share.group.open < this.maxConnectionsPerOrigin) return share
    return null
  }
}

/** Limits that forbid nothing. */
export function unlimited(): Limits {
  return new Limits({ maxConnections: Infinity, maxConnectionsPerOrigin: Infinity, maxPending: Infinity })
}

/** Permits that the shares of one origin hold together. */
interface Group {
  open: number
}

/** The part of one origin, or of one kind of its connections. */
export class Share {
  readonly holder: ShareHolder
  /** @internal */
  readonly group: Group
  private readonly limits: Limits

  constructor(limits: Limits, holder: ShareHolder, group: Group) {
    this.limits = limits
    this.holder = holder
    this.group = group
  }

  /** Takes a permit; false when there is none. */
  acquire(): boolean {
    return this.limits.acquire(this)
  }

  /** Gives a permit back. */
  release(): void {
    this.limits.release(this)
  }

  /** Whether the holder is to be told of the next permit. */
  want(isWanted: boolean): void {
    this.limits.want(this, isWanted)
  }

  /**
   * Whether a value that has just come free should make room for another origin.
   * @param isWaitedFor somebody waits for it here
   */
  mustYield(isWaitedFor: boolean): boolean {
    return this.limits.mustYield(this, isWaitedFor)
  }

  /** Values of all origins that make room as soon as nobody uses them. */
  get leaving(): number {
    return this.limits.leaving
  }

  set leaving(count: number) {
    this.limits.leaving = count
  }

  /** One more waits. @throws HyperError `POOL_FULL` */
  enter(): void {
    this.limits.enter()
  }

  /** One less waits. */
  exit(): void {
    this.limits.pending--
  }

  /** The origin is gone. */
  leave(): void {
    this.limits.leave(this)
  }
}
