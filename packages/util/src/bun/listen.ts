import { HyperError, userError } from '@hyper/core/error'
import type { Alarm, AlarmTarget, Io } from '@hyper/core/rt'
import type { ListenAddress, Listener, ListenOptions } from '../node/listen.ts'
import type { ListenTls, ReloadTls } from '../node/tls-acceptor.ts'
import { Listening, nextTurn } from '../runtime/listening.ts'
import { Pending } from '../runtime/pending.ts'
import { ioBehind, type ProxyPlan } from '../server/proxied/read-proxy-header.ts'
import { bun, type BunListener, type BunSocketHandler } from './bun-api.ts'
import { BunIo, IO_HANDLERS, type IoSocket } from './bun-io.ts'
import { bunRuntime } from './bun-runtime.ts'
import { listenTls, serverNameHandler } from './listen-tls.ts'

// listen: a TCP port, a unix path or an inherited descriptor on Bun's sockets, with or without TLS. In: options, as on Node. Out:
// one Io per connection, half-open, past its TLS handshake. It reads nothing, and touches no connection that it has given away.

/**
 * Listens at once.
 * @param onIo takes each connection as it comes, without a queue or a promise: what a fast server uses. What it throws
 *   goes to `onError`, and the connection is reset. Without it the listener is iterated.
 * @throws HyperError `INVALID_OPTION` when more than one of `port`, `path` and `fd` is given, and for what Bun cannot do:
 *   `backlog`, which it sets to 512 itself, `handle`, and `proxyProtocol` with
 *   `tls`.
 */
export function listen(options: ListenOptions = {}, onIo?: (io: Io) => void): Listener {
  const places = [options.port, options.path, options.fd].filter((place) => place !== undefined)
  if (places.length > 1) throw userError('INVALID_OPTION', 'only one of port, path and fd can be given')
  refuse(options)
  return new SocketListener(options, onIo ?? null)
}

/** @throws HyperError `INVALID_OPTION` */
function refuse({ backlog, handle, proxyProtocol, tls }: ListenOptions): void {
  const what =
    backlog !== undefined
      ? 'backlog is nothing that Bun can do: it is 512'
      : handle !== undefined
        ? 'handle is nothing that Bun can do: it takes nothing that listens already, but for fd'
        : proxyProtocol !== undefined && tls !== undefined
          ? 'proxyProtocol with tls is nothing that Bun can do: it begins TLS with the first byte'
          : null
  if (what !== null) throw userError('INVALID_OPTION', what)
}

/** Milliseconds. */
const HANDSHAKE_TIMEOUT = 10_000

class SocketListener extends Listening implements Listener {
  readonly ready: Promise<void>
  private readonly options: ListenOptions
  private readonly server: BunListener | null
  /** Connections whose TLS handshake is under way. */
  private readonly shaking: Map<BunIo, Shaking>
  /** Those, and connections whose header has not come yet. */
  protected readonly pending: Pending<Io>
  private readonly handshakeTimeout: number
  private readonly rejects: boolean
  private isClosed: boolean

  constructor(options: ListenOptions, onIo: ((io: Io) => void) | null) {
    super(options, onIo, bunRuntime)
    this.options = options
    this.shaking = new Map()
    this.pending = new Pending()
    this.handshakeTimeout = options.tls?.handshakeTimeout ?? HANDSHAKE_TIMEOUT
    this.rejects = options.tls?.requestCert === true && options.tls.rejectUnauthorized !== false
    this.isClosed = false
    let failure: Error | null = null
    let server: BunListener | null = null
    try {
      server = this.bind()
    } catch (error) {
      if (error instanceof HyperError) throw error
      failure = error instanceof Error ? error : new Error(String(error))
      this.queue.close(failure)
    }
    this.server = server
    this.ready = failure === null ? Promise.resolve() : Promise.reject(failure)
    this.heed(this.ready)
  }

  get address(): ListenAddress | null {
    const { server } = this
    if (server === null || this.isClosed) return null
    if (this.options.path !== undefined) return { hostname: null, port: null, path: this.options.path }
    const at: { address?: string; port?: number } = {}
    server.getsockname?.(at)
    if (at.port === undefined && server.unix !== undefined)
      return { hostname: null, port: null, path: server.unix }
    return { hostname: at.address ?? server.hostname, port: at.port ?? server.port, path: null }
  }

  reloadTls(_tls: ReloadTls): void {
    if (this.options.tls === undefined) throw userError('INVALID_STATE', 'the listener has no TLS')
    throw userError(
      'INVALID_OPTION',
      'reloadTls is nothing that Bun can do: it reads the certificate of a listener once',
    )
  }

  ref(): void {
    this.server?.ref()
  }

  unref(): void {
    this.server?.unref()
  }

  private bind(): BunListener {
    const { path, port = 0, hostname, fd, ipv6Only, reusePort, tls } = this.options
    const common = {
      allowHalfOpen: true,
      socket: tls === undefined ? this.plainHandlers() : this.tlsHandlers(tls),
      ...(reusePort === undefined ? {} : { reusePort }),
      ...(ipv6Only === undefined ? {} : { ipv6Only }),
      ...(tls === undefined ? {} : { tls: listenTls(tls) }),
    }
    if (fd !== undefined) return bun().listen<BunIo>({ ...common, fd })
    if (path !== undefined) return bun().listen<BunIo>({ ...common, unix: path })
    if (hostname !== undefined) return bun().listen<BunIo>({ ...common, hostname, port })
    try {
      return bun().listen<BunIo>({ ...common, hostname: '::', port })
    } catch (error) {
      // A machine without IPv6.
      if (!NO_FAMILY.has((error as NodeJS.ErrnoException).code ?? '')) throw error
      return bun().listen<BunIo>({ ...common, hostname: '0.0.0.0', port })
    }
  }

  private plainHandlers(): BunSocketHandler<BunIo> {
    return {
      ...IO_HANDLERS,
      open: (socket) => {
        const io = new BunIo(socket, false)
        socket.data = io
        this.accepted++
        if (this.proxies === null) this.accept(io)
        else void this.acceptBehindHeader(io, this.proxies)
      },
    }
  }

  private async acceptBehindHeader(io: Io, plan: ProxyPlan): Promise<void> {
    const proxied = await this.behindHeader(io, plan, this.pending)
    if (proxied !== null) this.accept(ioBehind(proxied, bunRuntime))
  }

  private tlsHandlers(tls: ListenTls): BunSocketHandler<BunIo> {
    return {
      ...IO_HANDLERS,
      ...serverNameHandler(tls),
      open: (socket) => {
        const io = new BunIo(socket, true)
        socket.data = io
        this.accepted++
        if (!this.pending.add(io, () => io.abort())) return
        this.shaking.set(io, new Shaking(this, io, this.handshakeTimeout))
      },
      handshake: (socket, success, error) => this.shaken(socket, success, error),
      close: (socket, error) => {
        this.shakingEnds(socket.data, error ?? new Error('the connection was closed'))
        socket.data.takeClose(error ?? null)
      },
    }
  }

  private shaken(socket: IoSocket, success: boolean, error: Error | null): void {
    const io = socket.data
    const refused = this.rejects && error !== null
    if (success && !refused) {
      this.shakingEnds(io, null)
      this.accept(io)
    } else {
      this.shakingEnds(io, error ?? new Error('the certificate was refused'))
      // Behind the alert that says why, not by a reset that would take it back.
      io.close()
    }
  }

  /** @internal The handshake is over: with `cause` for a failure. */
  shakingEnds(io: BunIo, cause: Error | null): void {
    const isWanted = this.pending.delete(io)
    const shaking = this.shaking.get(io)
    if (shaking === undefined) return
    shaking.end()
    this.shaking.delete(io)
    if (cause === null || !isWanted) return
    this.options.onError?.(
      new HyperError('TLS', `the TLS handshake failed: ${cause.message}`, {
        by: 'peer',
        phase: 'tls',
        cause,
      }),
    )
  }

  /** Bun takes all connections that it finds in a turn. */
  protected async stop(acceptsFirst: boolean): Promise<void> {
    if (acceptsFirst) await this.acceptWaiting(nextTurn)
    this.isClosed = true
    this.server?.stop()
  }
}

/** A handshake under way, with its time. */
class Shaking implements AlarmTarget {
  private readonly listener: SocketListener
  private readonly io: BunIo
  private readonly alarm: Alarm

  constructor(listener: SocketListener, io: BunIo, timeout: number) {
    this.listener = listener
    this.io = io
    this.alarm = bunRuntime.timer.alarm(this)
    this.alarm.move(bunRuntime.clock.now() + timeout)
  }

  onAlarm(): void {
    this.listener.shakingEnds(this.io, new Error('it took too long'))
    this.io.abort()
  }

  end(): void {
    this.alarm.cancel()
  }
}

const NO_FAMILY: ReadonlySet<string> = new Set(['EAFNOSUPPORT', 'EADDRNOTAVAIL', 'EINVAL'])
