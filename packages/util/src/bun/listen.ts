import { HyperError, userError } from '@hyper/core/error'
import type { Io } from '@hyper/core/rt'
import type { ListenAddress, Listener, ListenOptions } from '../node/listen.ts'
import type { ReloadTls } from '../node/tls-acceptor.ts'
import { Listening, nextTurn } from '../runtime/listening.ts'
import { Pending } from '../runtime/pending.ts'
import { proxiedIo } from '../server/proxied/proxied-io.ts'
import { ioBehind, type Proxied, type ProxyPlan } from '../server/proxied/read-proxy-header.ts'
import { bun, type BunListener, type BunSocketHandler } from './bun-api.ts'
import { BunIo, IO_HANDLERS, type IoSocket } from './bun-io.ts'
import { bunRuntime } from './bun-runtime.ts'
import { TlsAcceptor } from './tls-acceptor.ts'

// listen: a TCP port, a unix path or an inherited descriptor on Bun's sockets, with or without TLS. In: options, as on Node. Out:
// one Io per connection, half-open, past its TLS handshake. It reads nothing, and touches no connection that it has given away.

/**
 * Listens at once.
 * @param onIo takes each connection as it comes, without a queue or a promise: what a fast server uses. What it throws
 *   goes to `onError`, and the connection is reset. Without it the listener is iterated.
 * @throws HyperError `INVALID_OPTION` when more than one of `port`, `path` and `fd` is given, and for what Bun cannot do:
 *   `backlog`, which it sets to 512 itself, and `handle`.
 */
export function listen(options: ListenOptions = {}, onIo?: (io: Io) => void): Listener {
  const places = [options.port, options.path, options.fd].filter((place) => place !== undefined)
  if (places.length > 1) throw userError('INVALID_OPTION', 'only one of port, path and fd can be given')
  refuse(options)
  return new SocketListener(options, onIo ?? null)
}

/** @throws HyperError `INVALID_OPTION` */
function refuse({ backlog, handle }: ListenOptions): void {
  const what =
    backlog !== undefined
      ? 'backlog is nothing that Bun can do: it is 512'
      : handle !== undefined
        ? 'handle is nothing that Bun can do: it takes nothing that listens already, but for fd'
        : null
  if (what !== null) throw userError('INVALID_OPTION', what)
}

class SocketListener extends Listening implements Listener {
  readonly ready: Promise<void>
  private readonly options: ListenOptions
  private readonly server: BunListener | null
  private readonly tls: TlsAcceptor | null
  /** Connections whose header has not come yet, or whose TLS handshake is under way. */
  protected readonly pending: Pending<Io>
  private isClosed: boolean

  constructor(options: ListenOptions, onIo: ((io: Io) => void) | null) {
    super(options, onIo, bunRuntime)
    this.options = options
    this.tls = options.tls === undefined ? null : new TlsAcceptor(options.tls, (error) => this.report(error))
    this.pending = new Pending()
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

  reloadTls(tls: ReloadTls): void {
    if (this.tls === null) throw userError('INVALID_STATE', 'the listener has no TLS')
    this.tls.reload(tls)
  }

  ref(): void {
    this.server?.ref()
  }

  unref(): void {
    this.server?.unref()
  }

  private bind(): BunListener {
    const { path, port = 0, hostname, fd, ipv6Only, reusePort } = this.options
    const common = {
      allowHalfOpen: true,
      socket: this.handlers(),
      ...(reusePort === undefined ? {} : { reusePort }),
      ...(ipv6Only === undefined ? {} : { ipv6Only }),
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

  private handlers(): BunSocketHandler<BunIo> {
    const open = (socket: IoSocket): void => {
      const io = new BunIo(socket, false)
      socket.data = io
      this.accepted++
      if (this.proxies !== null) void this.acceptBehindHeader(io, this.proxies)
      else if (this.tls !== null) this.acceptTls(this.tls, io, UNPROXIED)
      else this.accept(io)
    }
    // Below TLS Bun would tell of all that is encrypted as well, with a copy; behind a header it does.
    const isTold = this.tls === null || this.proxies !== null
    return isTold ? { ...IO_HANDLERS, open } : { open, drain() {}, error() {} }
  }

  private async acceptBehindHeader(io: BunIo, plan: ProxyPlan): Promise<void> {
    const proxied = await this.behindHeader(io, plan, this.pending)
    if (proxied === null) return
    if (this.tls === null) this.accept(ioBehind(proxied, bunRuntime))
    else this.acceptTls(this.tls, io, proxied)
  }

  private acceptTls(tls: TlsAcceptor, io: BunIo, { header, leftover }: Omit<Proxied, 'io'>): void {
    const handshake = tls.handshake(io, leftover, {
      onSecure: (inside) => {
        if (this.pending.delete(io)) this.accept(header === null ? inside : proxiedIo(inside, header))
      },
      onFailure: (error) => {
        if (this.pending.delete(io)) this.options.onError?.(error)
      },
    })
    if (this.pending.add(io, () => handshake.giveUp())) handshake.begin()
  }

  /** Bun takes all connections that it finds in a turn. */
  protected async stop(acceptsFirst: boolean): Promise<void> {
    if (acceptsFirst) await this.acceptWaiting(nextTurn)
    this.isClosed = true
    this.server?.stop()
  }
}

/** What comes by no proxy. */
const UNPROXIED = { header: null, leftover: new Uint8Array(0) } as const

const NO_FAMILY: ReadonlySet<string> = new Set(['EAFNOSUPPORT', 'EADDRNOTAVAIL', 'EINVAL'])
