import { HyperError, userError } from '@hyper/core/error'
import type { HttpRequest } from '@hyper/core/http'
import type { Alarm, Io, Runtime } from '@hyper/core/rt'
import { type ReloadTls, stayAlive } from '@hyper/util/platform'
import { AddressCounts, clientOf } from './address-counts.ts'
import { limit } from './check.ts'
import { checkClose } from './option-names.ts'
import { type Connection, type ConnectionConfig, openConnection } from './connection.ts'
import { injected, type InjectedResponse, type InjectInit } from './inject.ts'
import { SwitchedIo } from './switched-io.ts'

// Server: what `serve` gives. It knows which connections there are and how to end them; it accepts none itself.

/** How {@link Server.close} goes about it. */
export interface CloseOptions {
  /** Milliseconds until what still runs is aborted; 0 is at once. Default: no deadline, as Infinity. */
  readonly deadline?: number | undefined
  /**
   * Milliseconds for which a connection without a request still waits for one that is on its way, handshakes among them; it
   * is answered, and then the connection closes. 0 closes them at once, and what is on its way then is lost. Default 500.
   */
  readonly grace?: number | undefined
}

/** Where a server listens. */
export interface Binding {
  readonly kind: 'port' | 'path' | 'none'
  /** 0 where there is none. */
  readonly port: number
  /** The address, or the path of a unix socket. */
  readonly hostname: string
}

/** What accepts connections for a server. */
export interface Accepting {
  /** Stops accepting. What is still under way (handshakes) has `grace` ms; resolves when nothing is. */
  close(options: { readonly grace: number }): Promise<void> | void
  ref(): void
  unref(): void
  /** Null where TLS is not its affair. */
  reloadTls: ((tls: ReloadTls) => void) | null
}

/** How a server is set up; fixed for its life. */
export interface ServerConfig extends ConnectionConfig {
  readonly runtime: Runtime
  readonly maxConnections: number
  readonly maxConnectionsPerAddress: number
  /** Milliseconds; Infinity is off. */
  readonly connectionAge: number
  readonly waitUntil: number
  readonly secure: boolean
}

/** A server that listens: made by `serve`. */
export class Server {
  /** Resolves once the server was closed: no connection is left, and no work given to `waitUntil`. Never rejects. */
  readonly closed: Promise<void>
  /**
   * True to shed load: requests are refused, without asking the handler. On HTTP/1 that is 503 with `connection: close`, on
   * HTTP/2 REFUSED_STREAM, and the connection goes on; either way the client may send the request again, to another
   * server. Nobody knows for how long, hence no `retry-after`. Connections are still accepted, so that the refusal is
   * seen, and what runs is finished. False serves again. Default false.
   */
  busy: boolean
  private readonly config: ServerConfig
  /** What became of each stream that was accepted, until it is gone. */
  private readonly open: Map<Io, Connection>
  private readonly clients: AddressCounts
  private readonly work: Set<Promise<unknown>>
  private accepting: Accepting | null
  private binding: Binding
  private isClosing: boolean
  /** Connections may still come, even while it closes: those whose handshake is under way. */
  private isAccepting: boolean
  private grace: number
  private isLeaving: boolean
  private isDone: boolean
  private deadline: Alarm | null
  private deadlineAt: number
  /** Whoever waits for the deadline is not to be left without an answer by a process that finds nothing to do. */
  private release: (() => void) | null
  private resolveClosed!: () => void

  /** @internal */
  constructor(config: ServerConfig) {
    this.closed = new Promise((resolve) => {
      this.resolveClosed = resolve
    })
    this.busy = false
    this.config = config
    this.open = new Map()
    this.clients = new AddressCounts(config.maxConnectionsPerAddress)
    this.work = new Set()
    this.accepting = null
    this.binding = { kind: 'none', port: 0, hostname: '' }
    this.isClosing = false
    this.isAccepting = true
    this.grace = GRACE
    this.isLeaving = false
    this.isDone = false
    this.deadline = null
    this.deadlineAt = Infinity
    this.release = null
  }

  /** The port; 0 for a unix socket, and where there is no place to listen on. */
  get port(): number {
    return this.binding.port
  }

  /** The address listened on; the path, for a unix socket; empty where there is no place to listen on. */
  get hostname(): string {
    return this.binding.hostname
  }

  /** `host:port` (an IPv6 address in brackets), or the path of a unix socket. */
  get address(): string {
    const { hostname, kind, port } = this.binding
    return kind === 'port' ? `${bracketed(hostname)}:${port}` : hostname
  }

  /**
   * Where a client on this machine finds the server; a unix socket is `unix:` and its path, and `http://localhost/` is for
   * {@link inject} where there is no place to listen on.
   */
  get url(): string {
    const { hostname, kind, port } = this.binding
    if (kind === 'path') return `unix:${hostname}`
    if (kind === 'none') return 'http://localhost/'
    const name = hostname === '::' || hostname === '0.0.0.0' ? 'localhost' : bracketed(hostname)
    return `${this.config.secure ? 'https' : 'http'}://${name}:${port}/`
  }

  /** Connections that are open now, those among them that were upgraded. */
  get connections(): number {
    return this.open.size
  }

  /**
   * True while new requests are wanted: not while it is {@link busy}, nor once it closes or has been told to by a signal. For
   * the route that a load balancer asks.
   */
  get ready(): boolean {
    return !(this.busy || this.isLeaving || this.isClosing)
  }

  /**
   * Stops accepting, and finishes what runs; the next answer on a connection says `connection: close`, and on HTTP/2 the end
   * is announced (GOAWAY) before it comes. Connections without a request close after `grace`, or with the answer to one that
   * was on its way. An upgraded connection and a tunnel run until their streams close. The deadline aborts what is left by
   * then. May be called again, with an earlier deadline or less grace for example.
   * @returns {@link closed}
   * @throws HyperError `INVALID_OPTION`; nothing is closed then
   */
  close(options?: CloseOptions): Promise<void> {
    if (options !== undefined) checkClose(options)
    const deadline = limit('deadline', options?.deadline)
    const grace = Math.min(limit('grace', options?.grace ?? GRACE), deadline)
    if (!this.isClosing || grace < this.grace) this.drain(grace)
    if (deadline === 0) this.onAlarm()
    else if (deadline !== Infinity) this.moveDeadline(deadline)
    this.check()
    return this.closed
  }

  /**
   * Answers a request without a port: for tests, and for calls within a process. The whole engine runs, both ends of it,
   * over a stream in memory that the request has to itself; it counts as a connection. A path is enough for a URL. Bodies
   * are streams both ways; up to 64 KiB of the response are read before anybody asks for them.
   * Rejects with a HyperError: `INVALID_STATE` once the server closes, `INVALID_OPTION`, `CANCELED` when the request's
   * signal aborts, `MANUAL_UPGRADE` when the answer opens a tunnel, or what became of the connection; with a TypeError for what
   * `Request` does not take.
   */
  inject(input: string | URL | Request | HttpRequest, init: InjectInit = {}): Promise<InjectedResponse> {
    if (this.isClosing) return Promise.reject(userError('INVALID_STATE', 'the server is closed'))
    const { auto, runtime } = this.config
    const protocol = init.protocol ?? auto.only
    return injected(input, { ...init, protocol }, (io) => this.accept(io), runtime)
  }

  /**
   * A new certificate, without a restart: for connections from now on; those that are open go on with theirs. What `tls`
   * does not name stays as it was. `contexts` and `SNICallback` can be changed as well.
   * @throws HyperError `INVALID_OPTION`, and nothing is changed; `INVALID_STATE` when the server was made without `tls`
   */
  reloadTls(tls: ReloadTls): void {
    if (typeof tls !== 'object' || tls === null)
      throw userError('INVALID_OPTION', 'reloadTls() takes an object: reloadTls({ cert, key })')
    if (!this.config.secure || this.accepting?.reloadTls == null)
      throw userError('INVALID_STATE', 'the server was made without `tls`')
    this.accepting.reloadTls(tls)
  }

  /**
   * Ends everything at once: every connection is reset, and what handlers still do is not waited for. They hear of it as of a
   * client that has gone, with a HyperError `CANCELED`.
   * @param error the `cause` of that
   */
  destroy(error?: unknown): void {
    void this.close({ grace: 0 })
    this.abortAll(new HyperError('CANCELED', 'the server was destroyed', { by: 'user', cause: error }))
  }

  private drain(grace: number): void {
    const isFirst = !this.isClosing
    this.isClosing = true
    this.grace = grace
    // Listening ends at once. What `accept` is given after that had been accepted before.
    const closing = Promise.resolve(this.accepting?.close({ grace }))
    if (isFirst) void closing.catch(this.onError).then(() => this.allAccepted())
    for (const connection of this.open.values()) connection.gracefulShutdown(grace)
  }

  private allAccepted(): void {
    this.isAccepting = false
    this.check()
  }

  /**
   * Requests are still served, but {@link ready} says no.
   * @internal
   */
  leave(): void {
    this.isLeaving = true
  }

  /** Whether listening keeps the process alive (default yes). Connections do so by themselves. */
  ref(): void {
    this.accepting?.ref()
  }

  unref(): void {
    this.accepting?.unref()
  }

  /** As {@link close} without a deadline. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  /**
   * Takes a connection that was accepted.
   * @internal
   */
  accept(io: Io): void {
    const client = this.countedAs(io)
    if (
      !this.isAccepting ||
      this.open.size >= this.config.maxConnections ||
      (client !== null && !this.clients.enter(client))
    ) {
      io.abort()
      return
    }
    const connection = this.opened(io, client)
    const age = this.limitAge(connection)
    this.open.set(io, connection)
    if (this.isClosing) connection.gracefulShutdown(this.grace)
    void connection.closed.then(() => {
      age?.cancel()
      const heir = this.open.get(io)
      if (heir instanceof SwitchedIo) void heir.closed.then(() => this.gone(io, client))
      else this.gone(io, client)
    })
  }

  /** @throws what a stream of somebody's own throws, and then nothing is left of it */
  private opened(io: Io, client: string | null): Connection {
    try {
      return openConnection(io, this.config)
    } catch (error) {
      if (client !== null) this.clients.leave(client)
      io.abort()
      throw error
    }
  }

  private gone(io: Io, client: string | null): void {
    if (client !== null) this.clients.leave(client)
    this.open.delete(io)
    if (this.isClosing) this.check()
  }

  /**
   * A stream has left HTTP; what its service gets in its place is watched until it closes.
   * @internal
   */
  switched(io: Io): Io {
    const heir = new SwitchedIo(io, this.config.runtime)
    this.open.set(io, heir)
    return heir
  }

  /** Null when clients are not counted, or this one has no address: a unix socket. */
  private countedAs(io: Io): string | null {
    // An address is a system call.
    if (this.config.maxConnectionsPerAddress === Infinity) return null
    const { remoteAddress } = io.peer
    return remoteAddress === undefined ? null : clientOf(remoteAddress)
  }

  private limitAge(connection: Connection): Alarm | null {
    const { connectionAge, runtime } = this.config
    if (connectionAge === Infinity) return null
    const alarm = runtime.timer.alarm({ onAlarm: () => connection.gracefulShutdown(GRACE) })
    alarm.move(runtime.clock.now() + connectionAge)
    return alarm
  }

  /** @internal */
  listening(binding: Binding, accepting: Accepting): void {
    this.binding = binding
    this.accepting = accepting
  }

  /** @internal */
  waitUntil(given: Promise<unknown>): void {
    // What is no promise is over at once.
    const work = Promise.resolve(given)
    const alarm = this.limitWork(() => over(true))
    const over = (isLate: boolean): void => {
      alarm?.cancel()
      if (!this.work.delete(work)) return
      if (isLate)
        this.onError(new HyperError('TOTAL_TIMEOUT', 'work given to waitUntil took too long', { by: 'user' }))
      if (this.isClosing) this.check()
    }
    this.work.add(work)
    // It may be anything, and what never ends would hold up the close.
    void Promise.resolve(work)
      .then(ignore, this.onError)
      .then(() => over(false))
  }

  private limitWork(onAlarm: () => void): Alarm | null {
    const { runtime, waitUntil } = this.config
    if (waitUntil === Infinity) return null
    const alarm = runtime.timer.alarm({ onAlarm })
    alarm.move(runtime.clock.now() + waitUntil)
    return alarm
  }

  /** @internal */
  onAlarm(): void {
    this.abortAll()
  }

  private abortAll(reason?: HyperError): void {
    this.isAccepting = false
    Promise.resolve(this.accepting?.close({ grace: 0 })).catch(this.onError)
    for (const connection of this.open.values()) connection.abort(reason)
    this.work.clear()
    this.check()
  }

  private readonly onError: (error: unknown) => void = (error) => this.config.runtime.onError(error)

  private moveDeadline(deadline: number): void {
    const { clock, timer } = this.config.runtime
    const at = clock.now() + deadline
    if (this.isDone || at >= this.deadlineAt) return
    this.deadlineAt = at
    this.deadline ??= timer.alarm(this)
    this.deadline.move(at)
    this.release ??= stayAlive()
  }

  private check(): void {
    if (this.isDone || this.isAccepting || this.open.size > 0 || this.work.size > 0) return
    this.isDone = true
    this.deadline?.cancel()
    this.release?.()
    this.resolveClosed()
  }
}

/** As long as a request may be on its way. */
const GRACE = 500

function bracketed(hostname: string): string {
  return hostname.includes(':') ? `[${hostname}]` : hostname
}

function ignore(): void {}
