import type { Io } from '@hyper/core/rt'
import { HyperError, userError } from '@hyper/core/error'
import { createServer, Server, type Socket } from 'node:net'
import { proxiedIo } from '../server/proxied/proxied-io.ts'
import type { ProxyHeader } from '../server/proxied/proxy-header.ts'
import {
  acceptProxied,
  type ProxyPlan,
  type ProxyProtocolOptions,
  readProxyHeader,
} from '../server/proxied/read-proxy-header.ts'
import type { ListenAddress, ListenerCloseOptions } from '../runtime/listen-types.ts'
import { Listening, nextTurn } from '../runtime/listening.ts'
import { nodeIo, releaseSocket } from './node-io.ts'
import { nodeRuntime } from './node-runtime.ts'
import { PendingSockets } from './pending-sockets.ts'
import { type ListenTls, type ReloadTls, TlsAcceptor } from './tls-acceptor.ts'

// listen: a TCP port, a unix path, an inherited descriptor or a handle, with or without TLS. In: options. Out: one Io per
// connection, half-open, past its TLS handshake. It reads nothing, and touches no connection that it has given away.

/** Where {@link listen} listens, and how. */
export interface ListenOptions {
  /** TCP port; 0, the default, takes a free one. */
  readonly port?: number | undefined
  /** Address to bind; default every address of the machine. */
  readonly hostname?: string | undefined
  /** A unix socket (or a named pipe on Windows) in place of a port. */
  readonly path?: string | undefined
  /**
   * A listening descriptor that was inherited, in place of a port: 3 under systemd. A worker of `node:cluster` names a
   * descriptor of the primary.
   */
  readonly fd?: number | undefined
  /**
   * What listens already, in place of a port: a `net.Server`, as `process.on('message', (message, handle))` gives it to a
   * child process, or the handle of one. It is taken over: its own listeners get no further connection, and it is closed
   * with the listener.
   */
  readonly handle?: object | undefined
  /** How many connections the kernel holds before they are accepted; default 511. */
  readonly backlog?: number | undefined
  /** Lets several processes bind one port, where the system can. Default false. */
  readonly reusePort?: boolean | undefined
  /** In a worker of `node:cluster`: a port of its own, not shared with the other workers. Default false. */
  readonly exclusive?: boolean | undefined
  /** An IPv6 address takes IPv6 alone. Default false. */
  readonly ipv6Only?: boolean | undefined
  /** How many accepted connections wait for the loop before the next are reset; default 1024. Not for the callback form. */
  readonly maxPending?: number | undefined
  /** Serve by TLS. Default: plain. */
  readonly tls?: ListenTls | undefined
  /**
   * Connections come by proxies that say for whom, before anything else, TLS included (PROXY protocol, versions 1 and 2).
   * Default: they do not.
   */
  readonly proxyProtocol?: ProxyProtocolOptions | undefined
  /** Closes the listener. */
  readonly signal?: AbortSignal | undefined
  /**
   * Takes what goes wrong with a single connection before it is given away: `accept` errors such as EMFILE (listening
   * goes on), failed TLS handshakes (a HyperError `TLS`), and PROXY headers that are missing or malformed (`PROXY` and others,
   * with `phase: 'connect'`). Default: {@link nodeRuntime}'s `onError` for accept errors; the others, which any scanner causes,
   * are dropped.
   */
  readonly onError?: ((error: Error) => void) | undefined
}

export type { ListenAddress, ListenerCloseOptions } from '../runtime/listen-types.ts'

/** A loop over it takes connections; leaving the loop closes it. */
export interface Listener extends AsyncIterable<Io>, AsyncDisposable {
  /** Resolves when connections can be made; rejects when the address cannot be bound. */
  readonly ready: Promise<void>
  /** Null before `ready` and after `close`. */
  readonly address: ListenAddress | null
  /**
   * Stops accepting; resolves when the port is free again, and no handshake is under way. Connections that were given away
   * go on; those that wait for the loop are still given to it. Handshakes that are under way are ended, at once or after
   * `grace`; what is through in time is given away as ever. With `grace`, what the system had connected before is accepted,
   * too. May be called again, with less.
   */
  close(options?: ListenerCloseOptions): Promise<void>
  /**
   * Certificates for connections from now on; what `tls` does not name stays as it was, and so do connections.
   * @throws HyperError `INVALID_OPTION`, and nothing is changed; `INVALID_STATE` where there is no TLS
   */
  reloadTls(tls: ReloadTls): void
  /** Whether listening keeps the process alive (default yes). */
  ref(): void
  /** The opposite of {@link ref}. */
  unref(): void
}

/**
 * Listens at once.
 * @param onIo takes each connection as it comes, without a queue or a promise: what a fast server uses. What it throws
 *   goes to `onError`, and the connection is reset. Without it the listener is iterated.
 * @throws HyperError `INVALID_OPTION` when more than one of `port`, `path`, `fd` and `handle` is given, `handle` does not
 *   listen, or an option has a value that it cannot have.
 */
export function listen(options: ListenOptions = {}, onIo?: (io: Io) => void): Listener {
  const places = [options.port, options.path, options.fd, options.handle]
  if (places.filter((place) => place !== undefined).length > 1)
    throw userError('INVALID_OPTION', 'only one of port, path, fd and handle can be given')
  return new NodeListener(options, onIo ?? null)
}

class NodeListener extends Listening implements Listener {
  readonly ready: Promise<void>
  private readonly options: ListenOptions
  private readonly server: Server
  private readonly tls: TlsAcceptor | null
  /** What a proxy has said of connections whose TLS handshake is under way. */
  private readonly headers: WeakMap<Socket, ProxyHeader>
  /** Connections whose handshake is under way. */
  protected readonly pending: PendingSockets

  constructor(options: ListenOptions, onIo: ((io: Io) => void) | null) {
    super(options, onIo, nodeRuntime)
    this.options = options
    this.pending = new PendingSockets()
    this.headers = new WeakMap()
    this.tls =
      options.tls === undefined
        ? null
        : new TlsAcceptor(options.tls, {
            onSecure: (socket) => this.secured(socket),
            onFailure: (error) => this.options.onError?.(error),
            onFault: (error) => this.report(error),
          })
    this.server = this.createServer(options.handle)
    this.ready = this.bind()
    this.heed(this.ready)
  }

  get address(): ListenAddress | null {
    const address = this.server.address()
    if (address === null) return null
    if (typeof address === 'string') return { hostname: null, port: null, path: address }
    return { hostname: address.address, port: address.port, path: null }
  }

  reloadTls(tls: ReloadTls): void {
    if (this.tls === null) throw userError('INVALID_STATE', 'the listener has no TLS')
    this.tls.reload(tls)
  }

  ref(): void {
    this.server.ref()
  }

  unref(): void {
    this.server.unref()
  }

  private createServer(handle: object | undefined): Server {
    const accept = (socket: Socket): void => this.connected(socket)
    // Half-open, so that EOF and close stay two events; without Nagle, since a driver gathers its writes itself.
    if (!(handle instanceof Server)) return createServer({ allowHalfOpen: true, noDelay: true }, accept)
    if (!handle.listening) throw userError('INVALID_OPTION', 'handle: the server does not listen')
    handle.removeAllListeners('connection')
    // Read for each connection.
    Object.assign(handle, { allowHalfOpen: true })
    return handle.on('connection', (socket: Socket) => accept(socket.setNoDelay(true)))
  }

  private bind(): Promise<void> {
    const { port, hostname, path, fd, backlog, handle, reusePort, exclusive, ipv6Only } = this.options
    if (this.server === handle) {
      this.server.on('error', (error: Error) => this.report(error))
      return Promise.resolve()
    }
    return new Promise((resolve, reject) => {
      const failed = (error: Error): void => {
        this.queue.close(error)
        reject(error)
      }
      this.server.once('error', failed)
      this.server.once('close', () => reject(new Error('the listener was closed before it was ready')))
      const listening = (): void => {
        this.server.off('error', failed)
        this.server.on('error', (error: Error) => this.report(error))
        resolve()
      }
      if (handle !== undefined) {
        this.server.listen(handle, listening)
        return
      }
      this.server.listen(
        {
          ...(fd !== undefined ? { fd } : path !== undefined ? { path } : { port: port ?? 0 }),
          ...(hostname === undefined ? {} : { host: hostname }),
          ...(backlog === undefined ? {} : { backlog }),
          ...(reusePort === undefined ? {} : { reusePort }),
          ...(exclusive === undefined ? {} : { exclusive }),
          ...(ipv6Only === undefined ? {} : { ipv6Only }),
        },
        listening,
      )
    })
  }

  private connected(socket: Socket): void {
    this.accepted++
    if (this.proxies === null && this.tls === null) {
      this.accept(nodeIo(socket))
      return
    }
    this.pending.add(socket)
    if (this.proxies === null) this.tls?.accept(socket)
    else this.proxied(socket, this.proxies).catch((error: Error) => this.options.onError?.(error))
  }

  private async proxied(socket: Socket, plan: ProxyPlan): Promise<void> {
    const { tls } = this
    if (tls === null) {
      const io = await acceptProxied(nodeIo(socket), plan, nodeRuntime)
      this.pending.delete(socket)
      this.accept(io)
      return
    }
    const { header, io, leftover } = await readProxyHeader(nodeIo(socket), plan, nodeRuntime)
    // OpenSSL works on the socket itself; what came behind the header is put back.
    const released = releaseSocket(io)
    if (released === null) {
      io.abort()
      throw new HyperError('TLS', 'the connection ended before its TLS handshake', {
        by: 'peer',
        phase: 'tls',
      })
    }
    if (leftover.length > 0) released.unshift(leftover)
    if (header !== null) this.headers.set(socket, header)
    tls.accept(released)
  }

  private secured(socket: Socket & { _parent?: Socket | null }): void {
    this.pending.delete(socket)
    const header = this.proxies === null ? undefined : this.headers.get(socket._parent ?? socket)
    this.accept(header === undefined ? nodeIo(socket) : proxiedIo(nodeIo(socket), header))
  }

  /** `Server.close` calls back when the last connection has ended; the port is free as soon as the handle is closed. */
  protected async stop(acceptsFirst: boolean): Promise<void> {
    // While the name of `hostname` is being looked up there is no handle yet to close.
    if (!this.server.listening) await this.ready.catch(ignore)
    // One comes per turn of the loop.
    if (acceptsFirst) await this.acceptWaiting(nextTurn)
    if (this.server.listening) this.server.close()
  }
}

function ignore(): void {}
