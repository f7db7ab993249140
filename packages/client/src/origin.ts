import { userError } from '@hyper/core/error'
import { handshake } from '@hyper/core/h1'
import type { HeaderMap } from '@hyper/core/http'
import type { Destination } from '@hyper/util/connect'
import type { Config } from './config.ts'
import { Dial } from './dial.ts'
import { type Home, Kept } from './kept.ts'
import { requestHeaders } from './message.ts'

// Origin: the connections to one destination. The idle ones are a stack: the one used last is the likeliest to live, and
// what is not needed grows old at the bottom. There is no limit and no queue here; those are a pool's.

/** Who keeps time for the idle ones. */
export interface IdleKeeper {
  /** A connection has become idle; it is to be closed at `until` at the latest. */
  idles(until: number): void
}

export class Origin implements Home {
  readonly destination: Destination
  /** The fields of a request that names none itself; shared, so that they are encoded once. */
  readonly headers: HeaderMap
  private readonly config: Config
  private readonly keeper: IdleKeeper
  private readonly idle: Kept[]
  private readonly all: Set<Kept>
  /** Connections being made, and what gives each of them up. */
  private readonly dials: Map<Promise<Kept>, Dial>
  private isClosing: boolean

  constructor(destination: Destination, config: Config, keeper: IdleKeeper) {
    this.destination = destination
    this.headers = requestHeaders(destination.authority, undefined, config.headers)
    this.config = config
    this.keeper = keeper
    this.idle = []
    this.all = new Set()
    this.dials = new Map()
    this.isClosing = false
  }

  /** Connections that are open. */
  get size(): number {
    return this.all.size
  }

  /** True when there is no connection, and none is being made: nothing is lost when it is forgotten. */
  get isEmpty(): boolean {
    return this.all.size === 0 && this.dials.size === 0
  }

  /** An idle connection that can be used, or null. */
  take(now: number): Kept | null {
    for (let kept = this.idle.pop(); kept !== undefined; kept = this.idle.pop()) {
      if (kept.isUsable(now)) {
        kept.take()
        return kept
      }
      kept.close()
    }
    return null
  }

  /** A new connection. Rejects as {@link Dial.run}. */
  connect(signal: AbortSignal | undefined, timeout: number): Promise<Kept> {
    const { connector, runtime } = this.config
    const dial = new Dial({ connector, runtime, timeout, signal })
    const made = this.made(dial)
    this.dials.set(made, dial)
    const over = (): void => void this.dials.delete(made)
    made.then(over, over)
    return made
  }

  private async made(dial: Dial): Promise<Kept> {
    const io = await dial.run(this.destination)
    const { connection, sender } = handshake(io, this.config.h1)
    const kept = new Kept(io, sender, connection, this)
    this.all.add(kept)
    return kept
  }

  /** Takes a connection back. */
  release(kept: Kept, promised: number): void {
    this.idle.push(kept)
    this.keep(kept, promised)
  }

  /** Sets how long an idle connection is kept. */
  keep(kept: Kept, promised: number): void {
    const { keepAlive, runtime } = this.config
    const life = promised < keepAlive ? promised : keepAlive
    if (this.isClosing || life <= 0) {
      this.drop(kept)
      kept.close()
      return
    }
    kept.idleUntil = runtime.clock.now() + life
    this.keeper.idles(kept.idleUntil)
  }

  /** The connection can serve no more. */
  drop(kept: Kept): void {
    if (kept.sender.isClosed) this.all.delete(kept)
    const at = this.idle.indexOf(kept)
    if (at >= 0) this.idle.splice(at, 1)
  }

  /**
   * Closes what has been idle for too long.
   * @returns when the next one is due; Infinity when none is left.
   */
  expire(now: number): number {
    let next = Infinity
    let write = 0
    for (const kept of this.idle) {
      if (kept.idleUntil <= now || kept.sender.isClosed) {
        kept.close()
        continue
      }
      next = Math.min(next, kept.idleUntil)
      this.idle[write++] = kept
    }
    this.idle.length = write
    return next
  }

  /**
   * Closes the idle ones now and the others when they are done, also those that are still being made; a new one is
   * refused to go idle.
   */
  close(): Promise<unknown> {
    this.isClosing = true
    this.idle.length = 0
    const ends: Promise<unknown>[] = []
    for (const kept of this.all) {
      ends.push(kept.connection.closed)
      kept.close()
    }
    for (const made of this.dials.keys()) ends.push(made.then((kept) => kept.connection.closed, ignore))
    return Promise.all(ends)
  }

  abort(): void {
    this.isClosing = true
    for (const dial of this.dials.values()) dial.giveUp(userError('CANCELED', 'the client was aborted'))
    for (const kept of this.all) kept.connection.abort()
  }
}

function ignore(): void {}
