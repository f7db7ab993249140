import { channel } from 'node:diagnostics_channel'
import type { Server as HttpServer } from 'node:http'
import { getDefaultHighWaterMark } from 'node:stream'
import type { ConnectionEnd } from '@hyper/core/h1'
import type { Io, Runtime } from '@hyper/core/rt'
import type { Exchange, Service } from '@hyper/core/service'
import type { HttpRequest } from '@hyper/core/http'
import { type AutoConnection, type AutoOptions, serveAuto } from '@hyper/util/server'
import { listen, type Listener } from '@hyper/util/node'
import { limitedService } from '../body-limit.ts'
import { limit } from '../check.ts'
import type { Connection } from '../connection.ts'
import { checkGroups } from '../option-names.ts'
import { isOff } from '../options.ts'
import { bindingOf, listenOptions } from '../place.ts'
import { autoOptions, runtimeOf } from '../serve.ts'
import { Server } from '../server.ts'
import { withTunnelIdle } from '../tunnel-idle.ts'
import type { Place } from './listen-arguments.ts'
import { type LiveOptions, type NodeServerOptions, serveOptions } from './options.ts'
import { isSecure } from './options.ts'
import { NodeSocket } from './socket.ts'
import { type DriverExchange, Turn } from './turn.ts'

// Host: what runs behind a node-shaped server. In: its options and properties, connections. Out: a turn for each request.
// The engine's own server counts connections and ends them; each time of listening has one, since it can be closed but once.

/** As Node publishes them: what observers of `node:http` (APM agents) listen to. */
const FINISHED = channel('http.server.response.finish')

export class Host {
  readonly server: HttpServer
  readonly options: NodeServerOptions
  readonly runtime: Runtime
  readonly highWaterMark: number
  readonly uniqueHeaders: ReadonlySet<string>
  private readonly sockets: Map<NodeSocket, AutoConnection>
  private engine: Server | null
  private listener: Listener | null
  private isReffed: boolean
  private live: LiveOptions | null
  private auto: AutoOptions | null
  /** Answers that are with the transport at the end of this turn. */
  private done: Turn[]
  private readonly complete: () => void

  /** @throws HyperError `INVALID_OPTION` */
  constructor(server: HttpServer, options: NodeServerOptions) {
    checkGroups(options)
    this.server = server
    this.options = options
    this.runtime = runtimeOf(serveOptions(options, this.properties()))
    this.highWaterMark = options.highWaterMark ?? getDefaultHighWaterMark(false)
    this.uniqueHeaders = new Set(options.uniqueHeaders?.flat().map((name) => name.toLowerCase()))
    this.sockets = new Map()
    this.engine = null
    this.listener = null
    this.isReffed = true
    this.live = null
    this.auto = null
    this.done = []
    this.complete = () => this.completeAll()
    // Mistakes are told now.
    this.connectionOptions()
    limit('timeouts.tunnelIdle', options.timeouts?.tunnelIdle ?? Infinity)
    limit('limits.maxRequestBodySize', options.limits?.maxRequestBodySize)
  }

  // ------------------------------------------------------------------ listening

  get isListening(): boolean {
    return this.listener !== null
  }

  get address(): Listener['address'] {
    return this.listener?.address ?? null
  }

  get connections(): number {
    return this.engine?.connections ?? 0
  }

  listen(place: Place, onListening: () => void, onError: (error: Error) => void): void {
    const { backlog, exclusive, fd, host, ipv6Only, path, port, reusePort } = place
    const options = serveOptions(this.options, this.properties())
    const engine = this.newEngine()
    const listener = listen(
      {
        ...listenOptions({ ...options, hostname: host, path, backlog }, this.runtime),
        port: path === undefined && fd === undefined ? (port ?? 0) : undefined,
        fd,
        reusePort,
        exclusive,
        ipv6Only,
      },
      (io) => engine.accept(io),
    )
    this.engine = engine
    this.listener = listener
    if (!this.isReffed) listener.unref()
    listener.ready.then(
      () => {
        if (this.listener !== listener) return
        engine.listening(bindingOf(listener.address), listener)
        process.nextTick(onListening)
      },
      (error: Error) => {
        if (this.listener !== listener) return
        this.listener = null
        process.nextTick(onError, error)
      },
    )
  }

  private newEngine(): Server {
    const { limits, timeouts } = this.options
    const { server } = this
    const age = timeouts?.connectionAge ?? null
    return new Server({
      service: unasked,
      auto: this.connectionOptions(),
      open: (io) => this.open(io),
      runtime: this.runtime,
      get maxConnections() {
        return server.maxConnections > 0
          ? server.maxConnections
          : limit('limits.maxConnections', limits?.maxConnections)
      },
      maxConnectionsPerAddress: limit('limits.maxConnectionsPerAddress', limits?.maxConnectionsPerAddress),
      connectionAge: limit('timeouts.connectionAge', isOff(age) ? Infinity : age),
      waitUntil: Infinity,
      secure: isSecure(this.options),
    })
  }

  /** @returns what resolves once no connection is left, null when it was not listening */
  close(): Promise<void> | null {
    const { engine, listener } = this
    if (engine === null || listener === null) return null
    this.listener = null
    // An engine that has not begun to listen does not know its listener.
    void listener.close()
    return engine.close()
  }

  closeAll(): void {
    for (const connection of this.sockets.values()) connection.abort()
  }

  closeIdle(): void {
    for (const connection of this.sockets.values()) if (connection.isIdle) connection.gracefulShutdown()
  }

  setRef(isReffed: boolean): void {
    this.isReffed = isReffed
    if (isReffed) this.listener?.ref()
    else this.listener?.unref()
  }

  // ------------------------------------------------------------------ connections

  private open(io: Io): Connection {
    const socket = new NodeSocket(this, io, false)
    const service = this.serviceOf(socket)
    const connection = serveAuto(io, service, this.connectionOptions())
    socket.link = connection
    this.sockets.set(socket, connection)
    void connection.closed.then((end) => this.closed(socket, end))
    this.run(() => {
      if (this.server.timeout > 0) socket.setTimeout(this.server.timeout)
      this.server.emit('connection', socket)
      if (socket.encrypted === true) this.server.emit('secureConnection', socket)
    })
    return connection
  }

  /** As `serve` has it: limits around, and turns within. */
  private serviceOf(socket: NodeSocket): Service {
    const { limits, timeouts } = this.options
    const max = limit('limits.maxRequestBodySize', limits?.maxRequestBodySize)
    const silence = timeouts?.tunnelIdle ?? null
    const begin = (
      request: HttpRequest,
      exchange: Exchange,
      driver: Exchange = exchange,
    ): ReturnType<Service> => {
      const own = request.version === '2' ? socket.stream() : socket
      return new Turn(this, own, request, exchange, driver as DriverExchange).begin()
    }
    if (max === Infinity && isOff(silence)) return (request, exchange) => begin(request, exchange)
    return (given, driver) => {
      const inner: Service = (request, exchange) => begin(request, exchange, driver)
      const limited = max === Infinity ? inner : limitedService(inner, max)
      const service = isOff(silence) ? limited : withTunnelIdle(limited, silence, this.runtime)
      return service(given, driver)
    }
  }

  private closed(socket: NodeSocket, { error }: ConnectionEnd): void {
    this.sockets.delete(socket)
    // The engine has answered; who listens learns of it, and finds a socket that takes nothing.
    socket.destroyed = true
    if (error !== null && error.by === 'peer' && this.server.listenerCount('clientError') > 0)
      this.run(() => this.server.emit('clientError', error, socket))
    socket.gone(error)
  }

  /** Those of the connections to come; made anew when a property has changed. */
  private connectionOptions(): AutoOptions {
    const live = this.properties()
    if (this.auto === null || this.live === null || !isSame(live, this.live)) {
      const onSwitched = (io: Io): Io => this.engine?.switched(io) ?? io
      this.auto = { ...autoOptions(serveOptions(this.options, live), this.runtime), onSwitched }
      this.live = live
    }
    return this.auto
  }

  private properties(): LiveOptions {
    const { server } = this
    return {
      headersTimeout: server.headersTimeout,
      keepAliveTimeout: server.keepAliveTimeout,
      maxHeadersCount: server.maxHeadersCount,
      maxRequestsPerSocket: server.maxRequestsPerSocket,
      hasUpgrade: server.listenerCount('upgrade') > 0,
    }
  }

  // ------------------------------------------------------------------ what turns need

  /** The answer of a turn is with the transport when this turn of the event loop ends. */
  later(turn: Turn): void {
    if (this.done.push(turn) === 1) this.runtime.defer(this.complete)
  }

  private completeAll(): void {
    const { done } = this
    this.done = []
    for (const turn of done) turn.complete()
  }

  finished({ req, res, socket }: Turn): void {
    if (FINISHED.hasSubscribers)
      FINISHED.publish({ request: req, response: res, socket, server: this.server })
  }

  /** Calls what is not ours from where the engine must go on: what it throws goes to `onError`. */
  run(task: () => void): void {
    try {
      task()
    } catch (error) {
      this.report(error)
    }
  }

  report(error: unknown): void {
    this.runtime.onError(error)
  }
}

function isSame(a: LiveOptions, b: LiveOptions): boolean {
  return (
    a.headersTimeout === b.headersTimeout &&
    a.keepAliveTimeout === b.keepAliveTimeout &&
    a.maxHeadersCount === b.maxHeadersCount &&
    a.maxRequestsPerSocket === b.maxRequestsPerSocket &&
    a.hasUpgrade === b.hasUpgrade
  )
}

function unasked(): never {
  throw new Error('every connection has a service of its own')
}
