import { type HyperError, userError } from '@hyper/core/error'
import { ClientMachine } from '@hyper/core/h1'
import { ClientMachine as H2ClientMachine } from '@hyper/core/h2'
import type { Destination } from '../connect/destination.ts'
import type { PooledConnection } from './connection.ts'
import { PoolMap } from './map.ts'
import type { Mode, NegotiatedTakeOptions } from './negotiate.ts'
import { type PoolOptions, type PoolSettings, poolSettings } from './options.ts'
import { type Handshakes, OriginPool, type PoolStats } from './origin-pool.ts'

// Pool: the pieces of this folder put together for HTTP: one OriginPool per origin, under one set of limits. It hands out
// connections; what is sent on them, and whether it is sent again, is somebody else's business.

/** Connections to any number of origins. */
export class Pool {
  private readonly settings: PoolSettings
  private readonly handshakes: Handshakes
  private readonly origins: PoolMap<Destination, OriginPool>
  /** What origins have turned out to speak, oldest first. */
  private readonly known: Map<string, Mode>
  /** Of origins that are forgotten. */
  private dials: number = 0
  private reuses: number = 0
  /** @internal True once {@link drain} was called. */
  isDraining: boolean = false
  private isClosed: boolean = false

  /** @throws HyperError `INVALID_OPTION` */
  constructor(options: PoolOptions) {
    const settings = poolSettings(options)
    const { runtime, tracer } = settings
    this.settings = settings
    this.handshakes = {
      h1: { ...settings.h1, runtime, tracer },
      h2: { ...settings.h2, runtime, tracer },
    }
    // A mistake is to be told now: a machine checks what it is made with.
    void new ClientMachine(settings.h1 ?? {})
    void new H2ClientMachine(settings.h2 ?? {})
    this.known = new Map()
    this.origins = new PoolMap<Destination, OriginPool>({
      keyOf: (destination) => destination.origin,
      make: (destination) => this.originOf(destination),
      isEmpty: (origin) => origin.isEmpty,
      onForget: (origin) => this.forgotten(origin),
    })
  }

  /** Connections that are open. */
  get connections(): number {
    let count = 0
    for (const origin of this.origins.values()) count += origin.size
    return count
  }

  /**
   * A connection to `destination`: at once when there is one that can be used. Call its `send` or its `release` once.
   * Rejects with what the connector fails with, `CANCELED`, `CONNECT_TIMEOUT`, `POOL_TIMEOUT`, `POOL_FULL`,
   * `VERSION_UNSUPPORTED`; all are `retryable`, since nothing was sent.
   * @throws HyperError `CLOSED` after `close` or `abort`
   */
  take(
    destination: Destination,
    options?: NegotiatedTakeOptions,
  ): PooledConnection | Promise<PooledConnection> {
    if (this.isClosed) throw userError('CLOSED', 'the pool is closed')
    return this.origins.get(destination).take(options)
  }

  /** The counts of all origins together. */
  stats(): PoolStats {
    const sum = { open: 0, idle: 0, active: 0, pending: 0, dials: this.dials, reuses: this.reuses }
    for (const { stats } of this.origins.values()) {
      sum.open += stats.open
      sum.idle += stats.idle
      sum.active += stats.active
      sum.pending += stats.pending
      sum.dials += stats.dials
      sum.reuses += stats.reuses
    }
    return sum
  }

  /** The counts of each origin that is remembered, by `Destination.origin`. */
  statsByOrigin(): Map<string, PoolStats> {
    const all = new Map<string, PoolStats>()
    for (const { destination, stats } of this.origins.values()) all.set(destination.origin, stats)
    return all
  }

  /**
   * True when there are as many connections as `maxConnections` allows.
   * @internal
   */
  get isFull(): boolean {
    const { maxConnections, open } = this.settings.limits
    return open >= maxConnections
  }

  /**
   * How many requests to this origin wait because of a limit.
   * @internal
   */
  blockedOf(origin: string): number {
    return this.origins.peek(origin)?.blocked ?? 0
  }

  /**
   * Closes idle connections, and others as soon as they come free. Requests are served all the same: those of who has begun
   * something before, and has yet to come for the rest of it.
   * @internal
   */
  drain(): void {
    this.isDraining = true
    for (const origin of this.origins.values()) origin.drain()
  }

  /**
   * Takes no further request, closes idle connections, and resolves when all others are done; those who wait for a
   * connection are still served.
   */
  async close(): Promise<void> {
    this.isClosed = true
    await Promise.all(Array.from(this.origins.values(), (origin) => origin.close()))
  }

  /** Takes no further request, fails those who wait, and resets every connection. */
  abort(reason: HyperError = userError('CANCELED', 'the pool was aborted')): void {
    this.isClosed = true
    for (const origin of this.origins.values()) origin.abort(reason)
  }

  private originOf(destination: Destination): OriginPool {
    const { origin } = destination
    const known = this.known.get(origin)
    const pool = new OriginPool(destination, this.settings, this.handshakes, known, (mode) =>
      this.learn(origin, mode),
    )
    if (this.isDraining) pool.drain()
    return pool
  }

  private learn(origin: string, mode: Mode): void {
    const { known } = this
    known.delete(origin)
    known.set(origin, mode)
    if (known.size <= this.settings.maxKnownOrigins) return
    const [oldest] = known.keys()
    if (oldest !== undefined) known.delete(oldest)
  }

  private forgotten(origin: OriginPool): void {
    const { dials, reuses } = origin.stats
    this.dials += dials
    this.reuses += reuses
    origin.leave()
  }
}
