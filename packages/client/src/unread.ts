import { Body, type BodySink, Incoming, type SizeHint, ThroughBody } from '@hyper/core/body'
import { HyperError, userError } from '@hyper/core/error'
import type { HeaderMap, HttpResponse } from '@hyper/core/http'
import type { Alarm, AlarmTarget, Runtime, TextCodec } from '@hyper/core/rt'
import type { Destination } from '@hyper/util/connect'
import type { Pool, PooledConnection } from '@hyper/util/pool'
import { BoundSink, contextOf } from './context.ts'
import { addressOf, bodyFailureOf } from './failure.ts'

// Unread: response bodies that nobody reads must cost neither a connection nor a place in the queue for ever. What is
// small arrives by itself (core reads ahead); what is not is handed out as a WatchedBody, which only its holder keeps
// alive. Two things end it: when its holder is gone, the garbage collector tells; and when a request waits for a
// connection, a body that nobody has begun to read for a while makes room.
//
//   holder ──► WatchedBody ──► Relay ◄── the connection's body ◄── connection
//                   ▲            │
//                   └── weakly, while nobody waits for the next chunk

/** How long a body that nobody has begun to read may keep others waiting, in milliseconds, where nothing else is said. */
export const UNREAD_TIME = 10_000

/** Watches the response bodies of one client. */
export class UnreadBodies implements AlarmTarget {
  private readonly runtime: Runtime
  /** Milliseconds; Infinity for ever. */
  private readonly patience: number
  /** Knows how many requests wait for a connection. */
  private readonly pool: () => Pick<Pool, 'isFull' | 'blockedOf'>
  /** Not begun, the oldest first. */
  private readonly untouched: Set<Relay>
  /** Origins for which somebody waits. */
  private readonly blocked: Set<string>
  private alarm: Alarm | null
  private young: Relay[]
  private readonly flush: () => void

  constructor(runtime: Runtime, patience: number, pool: () => Pick<Pool, 'isFull' | 'blockedOf'>) {
    this.runtime = runtime
    this.patience = patience
    this.pool = pool
    this.untouched = new Set()
    this.blocked = new Set()
    this.alarm = null
    this.young = []
    this.flush = () => this.watch()
  }

  /**
   * The response, or one whose body may be forgotten, where not all of it has arrived yet. What reading that fails with says
   * to whom, how often and since when its request was sent.
   */
  guard(
    response: HttpResponse,
    destination: Destination,
    connection: PooledConnection,
    attempts: number,
    beganAt: number,
  ): HttpResponse {
    const { payload } = response
    if (!(payload instanceof Incoming) || payload.used) return response
    if (payload.hasArrived && !payload.hasFailed) return response
    const relay = new Relay(this, payload, destination, connection, attempts, beganAt)
    const body = new WatchedBody(new RelayedBody(payload, relay), this.runtime)
    relay.hold(body)
    // What has failed already needs no watching: only its failure is to be told.
    if (payload.hasFailed) return response.with({ body })
    this.untouched.add(relay)
    if (this.blocked.size > 0) this.wake()
    // Most are read in the turn in which they come, and to watch one costs a microsecond.
    if (this.young.push(relay) === 1) this.runtime.defer(this.flush)
    return response.with({ body })
  }

  /** Requests to this origin wait, and no connection can be made for them. */
  wanted(origin: string): void {
    // One that is noted has its alarm, or gets one with the next body that nobody has begun to read.
    if (this.patience === Infinity || this.blocked.has(origin)) return
    this.blocked.add(origin)
    this.wake()
  }

  /** @internal */
  now(): number {
    return this.runtime.clock.now()
  }

  /** @internal Somebody reads it, or it is over. */
  touched(relay: Relay): void {
    this.untouched.delete(relay)
  }

  /** @internal */
  onAlarm(now: number): void {
    for (const origin of this.blocked) this.reclaim(origin, now)
    if (this.blocked.size > 0) this.wake()
  }

  // As many as there are who wait. Only a full pool gains from those of another origin.
  private reclaim(origin: string, now: number): void {
    const pool = this.pool()
    let missing = pool.blockedOf(origin)
    if (missing === 0) this.blocked.delete(origin)
    for (const relay of this.untouched) {
      if (missing === 0 || relay.since + this.patience > now) return
      if (relay.inner.hasArrived) this.untouched.delete(relay)
      else if (relay.origin === origin || pool.isFull) {
        missing--
        relay.giveUp(this.impatience())
      }
    }
  }

  private impatience(): HyperError {
    const detail = `nobody had begun to read the response body for ${this.patience} ms, and others waited for its connection`
    return new HyperError('CANCELED', detail, { by: 'library', phase: 'body', elapsedMs: this.patience })
  }

  private wake(): void {
    const [oldest] = this.untouched
    if (oldest === undefined) {
      this.sweep()
      return
    }
    this.alarm ??= this.runtime.timer.alarm(this)
    this.alarm.move(Math.max(oldest.since + this.patience, this.runtime.clock.now() + 1))
  }

  // Those who wait still may have to be made room for by a body that is yet to come.
  private sweep(): void {
    const pool = this.pool()
    for (const origin of this.blocked) if (pool.blockedOf(origin) === 0) this.blocked.delete(origin)
  }

  private watch(): void {
    const { young } = this
    this.young = []
    for (const relay of young) if (this.untouched.has(relay)) relay.release()
  }
}

/** Where the connection's body delivers to. It holds the {@link WatchedBody} only while somebody waits for more. */
class Relay implements BodySink {
  readonly inner: Incoming
  /** When its response came. */
  readonly since: number
  private readonly home: UnreadBodies
  private readonly connection: PooledConnection
  private readonly destination: Destination
  private readonly attempts: number
  private readonly beganAt: number
  private strong: WatchedBody | null = null
  private weak: WeakRef<WatchedBody> | null = null
  private isOver: boolean = false

  constructor(
    home: UnreadBodies,
    inner: Incoming,
    destination: Destination,
    connection: PooledConnection,
    attempts: number,
    beganAt: number,
  ) {
    this.home = home
    this.inner = inner
    this.destination = destination
    this.connection = connection
    this.attempts = attempts
    this.beganAt = beganAt
    this.since = home.now()
  }

  /** Its holder waits for what comes next. */
  hold(body: WatchedBody | undefined): void {
    if (this.isOver || this.strong !== null || body === undefined) return
    this.strong = body
    if (this.weak !== null) this.connection.awaited(true)
  }

  /** Nobody waits: it may be forgotten, and the connection holds no process open for it. */
  release(): void {
    const body = this.strong
    if (this.isOver || body === null) return
    if (this.weak === null) {
      this.weak = new WeakRef(body)
      registry.register(body, this, this)
    }
    this.strong = null
    this.connection.awaited(false)
  }

  /** Somebody has begun to read. */
  begin(): void {
    this.home.touched(this)
  }

  /** Waits for what comes next, for the first time or as before a pause. */
  resume(): void {
    this.hold(this.body)
  }

  /** Nobody will read it: the connection's body is given up, and whoever holds it all the same is told why. */
  giveUp(reason: HyperError): void {
    const { body } = this
    this.over()
    this.inner.cancel(reason)
    body?.onError(this.explained(reason))
  }

  /** Everything has come, or nothing more will. */
  over(): void {
    if (this.isOver) return
    this.isOver = true
    this.strong = null
    this.home.touched(this)
    if (this.weak !== null) registry.unregister(this)
  }

  onData(chunk: Uint8Array): void {
    this.body?.onData(chunk)
  }

  onTrailers(trailers: HeaderMap): void {
    this.body?.onTrailers(trailers)
  }

  onEnd(): void {
    const { body } = this
    this.over()
    body?.onEnd()
  }

  onError(error: HyperError): void {
    const { body } = this
    this.over()
    body?.onError(this.explained(error))
  }

  get origin(): string {
    return this.destination.origin
  }

  private explained(error: HyperError): HyperError {
    const { attempts, beganAt, connection, destination, home } = this
    const address = addressOf(connection.io.peer) ?? destination.authority
    return bodyFailureOf(error, address, attempts, home.now() - beganAt)
  }

  private get body(): WatchedBody | undefined {
    return this.strong ?? this.weak?.deref()
  }
}

/** The connection's body, as the watched one sees it: through its relay. */
class RelayedBody extends Body {
  private readonly inner: Incoming
  private readonly relay: Relay
  private isPaused: boolean = false

  constructor(inner: Incoming, relay: Relay) {
    super()
    this.inner = inner
    this.relay = relay
  }

  get sizeHint(): SizeHint {
    return this.inner.sizeHint
  }

  get isEnd(): boolean {
    return this.inner.isEnd
  }

  start(): void {
    this.take()
    this.relay.begin()
    if (!this.isPaused) this.relay.resume()
    this.inner.start(this.relay)
  }

  pause(): void {
    this.isPaused = true
    this.inner.pause()
    this.relay.release()
  }

  resume(): void {
    this.isPaused = false
    this.relay.resume()
    this.inner.resume()
  }

  cancel(reason?: unknown): void {
    this.relay.over()
    this.inner.cancel(reason)
  }

  /** @internal */
  override codec(): TextCodec {
    return this.inner.codec()
  }
}

/** The body that a caller holds. */
class WatchedBody extends ThroughBody {
  private readonly runtime: Runtime

  constructor(inner: RelayedBody, runtime: Runtime) {
    super(inner)
    this.runtime = runtime
  }

  override start(sink: BodySink): void {
    const run = contextOf(this.runtime)
    super.start(run === null ? sink : new BoundSink(sink, run))
  }
}

const registry: FinalizationRegistry<Relay> = new FinalizationRegistry((relay) => {
  relay.giveUp(userError('CANCELED', 'nobody reads the response body'))
})
