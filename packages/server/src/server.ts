import type { Alarm, Io, Runtime } from '@hyper/core/rt'
import { AddressCounts, clientOf } from './address-counts.ts'
import { limit } from './check.ts'
import { type Connection, type ConnectionConfig, openConnection } from './connection.ts'
import { SwitchedIo } from './switched-io.ts'

// Server: what `serve` gives. It knows which connections there are and how to end them; it accepts none itself.

/** How {@link Server.close} goes about it. */
export interface CloseOptions {
  /** Milliseconds until what still runs is aborted; 0 is at once. Default: no deadline, as Infinity. */
  readonly deadline?: number | undefined
}

/** Where a server listens. */
export interface Binding {
  /** 0 for a unix socket. */
  readonly port: number
  /** The address, or the path of a unix socket. */
  readonly hostname: string
  readonly isPath: boolean
}

/** What accepts connections for a server. */
export interface Accepting {
  close(): Promise<void> | void
  ref(): void
  unref(): void
}

/** How a server is set up; fixed for its life. */
export interface ServerConfig extends ConnectionConfig {
  readonly runtime: Runtime
  readonly maxConnections: number
  readonly maxConnectionsPerAddress: number
  /** Milliseconds; Infinity is off. */
  readonly connectionAge: number
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
  private isDone: boolean
  private deadline: Alarm | null
  private deadlineAt: number
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
    this.binding = { port: 0, hostname: '', isPath: false }
    this.isClosing = false
    this.isDone = false
    this.deadline = null
    this.deadlineAt = Infinity
  }

  /** The port; 0 for a unix socket. */
  get port(): number {
    return this.binding.port
  }

  /** The address listened on; the path, for a unix socket. */
  get hostname(): string {
    return this.binding.hostname
  }

  /** `host:port` (an IPv6 address in brackets), or the path of a unix socket. */
  get address(): string {
    const { hostname, isPath, port } = this.binding
    return isPath ? hostname : `${bracketed(hostname)}:${port}`
  }

  /** Where a client on this machine finds the server; a unix socket is `unix:` and its path. */
  get url(): string {
    const { hostname, isPath, port } = this.binding
    if (isPath) return `unix:${hostname}`
    const name = hostname === '::' || hostname === '0.0.0.0' ? 'localhost' : bracketed(hostname)
    return `${this.config.secure ? 'https' : 'http'}://${name}:${port}/`
  }

  /** Connections that are open now, those among them that were upgraded. */
  get connections(): number {
    return this.open.size
  }

  /**
   * Stops accepting; idle connections close at once, what runs is finished and its answer says `connection: close`. An
   * upgraded connection and a tunnel run until their streams close. The deadline aborts what is left by then. May be
   * called again, with an earlier deadline for example.
   * @returns {@link closed}
   * @throws HyperError `INVALID_OPTION`; nothing is closed then
   */
  close(options?: CloseOptions): Promise<void> {
    const deadline = limit('deadline', options?.deadline)
    if (!this.isClosing) {
      this.isClosing = true
      // Listening ends at once; when the listener is done with its own part is its own concern.
      Promise.resolve(this.accepting?.close()).catch(this.onError)
      for (const connection of this.open.values()) connection.gracefulShutdown()
    }
    if (deadline === 0) this.onAlarm()
    else if (deadline !== Infinity) this.moveDeadline(deadline)
    this.check()
    return this.closed
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
      this.isClosing ||
      this.open.size >= this.config.maxConnections ||
      (client !== null && !this.clients.enter(client))
    ) {
      io.abort()
      return
    }
    const connection = openConnection(io, this.config)
    const age = this.limitAge(connection)
    this.open.set(io, connection)
    void connection.closed.then(() => {
      age?.cancel()
      const heir = this.open.get(io)
      if (heir instanceof SwitchedIo) void heir.closed.then(() => this.gone(io, client))
      else this.gone(io, client)
    })
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
    const alarm = runtime.timer.alarm({ onAlarm: () => connection.gracefulShutdown() })
    alarm.move(runtime.clock.now() + connectionAge)
    return alarm
  }

  /** @internal */
  listening(binding: Binding, accepting: Accepting): void {
    this.binding = binding
    this.accepting = accepting
  }

  /** @internal */
  waitUntil(work: Promise<unknown>): void {
    const done = work.then(ignore, this.onError).then(() => {
      this.work.delete(done)
      if (this.isClosing) this.check()
    })
    this.work.add(done)
  }

  /** @internal */
  onAlarm(): void {
    for (const connection of this.open.values()) connection.abort()
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
  }

  private check(): void {
    if (this.isDone || this.open.size > 0 || this.work.size > 0) return
    this.isDone = true
    this.deadline?.cancel()
    this.resolveClosed()
  }
}

function bracketed(hostname: string): string {
  return hostname.includes(':') ? `[${hostname}]` : hostname
}

function ignore(): void {}
