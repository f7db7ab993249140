import { HyperError, userError } from '@hyper/core/error'
import type { HandshakeOptions } from '@hyper/core/h1'
import type { HandshakeOptions as H2HandshakeOptions } from '@hyper/core/h2'
import { Extensions } from '@hyper/core/http'
import type { Io } from '@hyper/core/rt'
import { CONNECT_PHASE } from '../connect/connector.ts'
import type { Destination } from '../connect/destination.ts'
import {
  type ConnectionHome,
  H1PooledConnection,
  H2PooledConnection,
  type PooledConnection,
} from './connection.ts'
import type { MakeContext } from './dial.ts'
import { type Mode, Negotiated, type NegotiatedTakeOptions } from './negotiate.ts'
import type { PoolSettings } from './options.ts'

// OriginPool: the connections to one destination: some with one request at a time, or one with many, as ALPN says.

/** What is counted, of one origin or of all. */
export interface PoolStats {
  /** Connections that are open. */
  readonly open: number
  /** Connections that nobody uses. */
  readonly idle: number
  /** Requests under way. */
  readonly active: number
  /** Requests that wait for a connection. */
  readonly pending: number
  /** Connections that were begun to be made, so far. */
  readonly dials: number
  /** Requests that found a connection which had served before, so far. */
  readonly reuses: number
}

/** What every connection of a pool is made with; the same object for all. */
export interface Handshakes {
  readonly h1: HandshakeOptions
  readonly h2: H2HandshakeOptions
}

interface Raw {
  readonly io: Io
  readonly info: Extensions
  readonly isExclusive: boolean
}

export class OriginPool implements ConnectionHome {
  readonly destination: Destination
  private readonly settings: PoolSettings
  private readonly handshakes: Handshakes
  private readonly pool: Negotiated<Raw, PooledConnection>
  /** Every connection that is open, those included that only finish what they do. */
  private readonly open: Set<PooledConnection>
  private readonly any: Destination
  private readonly h1Only: Destination
  private whenClosed: (() => void)[] = []

  constructor(
    destination: Destination,
    settings: PoolSettings,
    handshakes: Handshakes,
    expect: Mode | undefined,
    onLearn: (mode: Mode) => void,
  ) {
    const { h1, h2, idleTimeout, limits, maxAge, maxShared, onBlocked, runtime } = settings
    this.destination = destination
    this.settings = settings
    this.handshakes = handshakes
    this.open = new Set()
    const mayBeH2 = h2 !== null && (destination.secure || settings.priorKnowledge)
    const offers = [...(h2 === null ? [] : ['h2']), ...(h1 === null ? [] : ['http/1.1'])]
    this.any = withAlpn(destination, offers, mayBeH2)
    this.h1Only = withAlpn(destination, ['http/1.1'], true)
    this.pool = new Negotiated({
      runtime,
      limits,
      maxShared,
      idleTimeout,
      expect: mayBeH2 ? expect : 'exclusive',
      onLearn,
      connect: (context) => this.connect(context),
      inspect: (raw) => this.isH2(raw),
      fallback: (raw) => this.h1(raw),
      upgrade: (raw) => this.h2(raw),
      capacityOf: (connection) => connection.capacity,
      isDead: (connection) => connection.isUsedUp,
      isUsable: (connection) => connection.capacity > 0,
      onTake: (connection) => connection.taken(),
      dispose: (connection) => connection.close(),
      ...(maxAge === Infinity ? {} : { diesAt: (connection) => connection.madeAt + maxAge }),
      ...(onBlocked === null ? {} : { onBlocked: () => onBlocked(destination.origin) }),
    })
  }

  /** A connection, at once when there is one. */
  take(options: NegotiatedTakeOptions | undefined): PooledConnection | Promise<PooledConnection> {
    return this.pool.take(options)
  }

  /** True when nothing is lost by forgetting this origin. */
  get isEmpty(): boolean {
    return this.open.size === 0 && this.pool.isEmpty
  }

  /** Connections that are open. */
  get size(): number {
    return this.open.size
  }

  /** Requests that wait because of a limit, and not for a connection that is being made. */
  get blocked(): number {
    return this.pool.cache.blockedCount + this.pool.singleton.blockedCount
  }

  get stats(): PoolStats {
    const { cache, singleton } = this.pool
    let active = 0
    for (const connection of this.open) active += connection.active
    return {
      open: this.open.size,
      idle: cache.idleCount + singleton.idleCount,
      active,
      pending: cache.pending + singleton.pending,
      dials: cache.dialed + singleton.dialed,
      reuses: cache.reused + singleton.reused,
    }
  }

  /** The origin is forgotten. */
  leave(): void {
    this.pool.leave()
  }

  /** Closes what is idle, and whatever comes free; who comes is served. */
  drain(): void {
    this.pool.drain()
  }

  /** Closes what is idle, and resolves when everything is complete. Who waits is still served. */
  async close(): Promise<void> {
    await this.pool.close()
    for (const connection of this.open) connection.close()
    if (this.open.size > 0) await new Promise<void>((resolve) => this.whenClosed.push(resolve))
  }

  abort(reason: HyperError): void {
    const open = [...this.open]
    this.pool.abort(reason)
    for (const connection of open) connection.abort(reason)
  }

  // ------------------------------------------------------------------ connections

  private async connect(context: MakeContext): Promise<Raw> {
    const info = new Extensions()
    context.phaseOf = () => info.get(CONNECT_PHASE) ?? 'connect'
    const destination = context.isExclusive ? this.h1Only : this.any
    if (context.isExclusive && this.settings.h1 === null) throw notSpoken('HTTP/1.1 is switched off')
    const io = await this.settings.connector(destination, { signal: context.signal, info })
    ensureIo(io)
    const raw = { io, info, isExclusive: context.isExclusive }
    if (this.settings.h1 === null && !this.isH2(raw)) {
      io.abort()
      throw notSpoken('the server does not speak HTTP/2')
    }
    return raw
  }

  private isH2({ io, isExclusive }: Raw): boolean {
    if (this.settings.h2 === null) return false
    const { alpnProtocol } = io.peer
    if (alpnProtocol === 'h2') return true
    // What is asked for of its own is HTTP/1, as ALPN would have it: nothing was said yet.
    return this.settings.priorKnowledge && !this.destination.secure && !isExclusive
  }

  private h1({ io, info }: Raw): PooledConnection {
    const { clock } = this.settings.runtime
    return this.opened(new H1PooledConnection(io, info, clock.now(), this, this.handshakes.h1))
  }

  private h2({ io, info }: Raw): PooledConnection {
    const { clock } = this.settings.runtime
    return this.opened(new H2PooledConnection(io, info, clock.now(), this, this.handshakes.h2))
  }

  private opened(connection: PooledConnection): PooledConnection {
    this.open.add(connection)
    return connection
  }

  /** @internal */
  rested(connection: PooledConnection, keepFor: number): void {
    if (connection.protocol === 'http1') this.pool.cache.give(connection, keepFor)
    else this.pool.singleton.give(connection, keepFor)
  }

  /** @internal */
  keptFor(connection: PooledConnection, keepFor: number): void {
    if (connection.protocol === 'http1') this.pool.cache.keep(connection, keepFor)
  }

  /** @internal */
  changed(connection: PooledConnection): void {
    this.pool.singleton.changed(connection)
  }

  /** @internal */
  closed(connection: PooledConnection): void {
    if (!this.open.delete(connection)) return
    if (connection.protocol === 'http1') this.pool.cache.drop(connection)
    else this.pool.singleton.drop(connection)
    if (this.open.size > 0) return
    for (const resolve of this.whenClosed.splice(0)) resolve()
  }
}

/** A socket of the platform, for one, is none: `nodeIo` makes it one. */
function ensureIo(given: Io): void {
  const io: Partial<Io> | null | undefined = given
  if (typeof io?.start !== 'function' || typeof io.peer !== 'object')
    throw userError('INVALID_OPTION', `the connector gave ${io === null ? 'null' : typeof io}, not an Io`)
}

function withAlpn(destination: Destination, offers: readonly string[], needsTunnel: boolean): Destination {
  if (destination.secure) return { ...destination, alpn: offers }
  return needsTunnel ? { ...destination, needsTunnel } : destination
}

function notSpoken(detail: string): HyperError {
  return new HyperError('VERSION_UNSUPPORTED', detail, {
    by: 'peer',
    phase: 'connect',
    retryable: true,
    statusHint: 502,
  })
}
