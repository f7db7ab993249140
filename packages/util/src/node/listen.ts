import type { Io } from '@hyper/core/rt'
import { HyperError, userError } from '@hyper/core/error'
import { constants } from 'node:crypto'
import { createServer as createTcpServer, type Server, type Socket } from 'node:net'
import { createServer as createTlsServer, type TlsOptions } from 'node:tls'
import { count } from '../connect/options.ts'
import { AcceptQueue } from './accept-queue.ts'
import { nodeIo } from './node-io.ts'
import { nodeRuntime } from './node-runtime.ts'

// listen: a TCP port, a unix path or an inherited descriptor, with or without TLS. In: options. Out: one Io per
// connection, half-open, past its TLS handshake. It reads nothing, and touches no connection that it has given away.

/** TLS for {@link listen}: what `node:tls` takes, and `alpn`. */
export interface ListenTls extends Omit<TlsOptions, 'ALPNProtocols' | 'handshakeTimeout' | 'allowHalfOpen'> {
  /** Protocols for ALPN (RFC 7301), best first, for example `['h2', 'http/1.1']`. Default: none is negotiated. */
  readonly alpn?: readonly string[] | undefined
  /** Milliseconds from accept to the end of the handshake; default 10000. */
  readonly handshakeTimeout?: number | undefined
}

/** Where {@link listen} listens, and how. */
export interface ListenOptions {
  /** TCP port; 0, the default, takes a free one. */
  readonly port?: number | undefined
  /** Address to bind; default every address of the machine. */
  readonly hostname?: string | undefined
  /** A unix socket (or a named pipe on Windows) in place of a port. */
  readonly path?: string | undefined
  /** A listening descriptor that was inherited, in place of a port. */
  readonly fd?: number | undefined
  /** How many connections the kernel holds before they are accepted; default 511. */
  readonly backlog?: number | undefined
  /** Lets several processes bind one port, where the system can. */
  readonly reusePort?: boolean | undefined
  /** In a worker of `node:cluster`: a port of its own, not shared with the other workers. */
  readonly exclusive?: boolean | undefined
  /** An IPv6 address takes IPv6 alone. */
  readonly ipv6Only?: boolean | undefined
  /** How many accepted connections wait for the loop before the next are reset; default 1024. Not for the callback form. */
  readonly maxPending?: number | undefined
  /** Serve by TLS. Default: plain. */
  readonly tls?: ListenTls | undefined
  /** Closes the listener. */
  readonly signal?: AbortSignal | undefined
  /**
   * Takes what goes wrong with a single connection before it is given away: `accept` errors such as EMFILE (listening
   * goes on) and failed TLS handshakes (a HyperError `TLS`). Default: {@link nodeRuntime}'s `onError` for accept errors;
   * failed handshakes, which any scanner causes, are dropped.
   */
  readonly onError?: ((error: Error) => void) | undefined
}

/** Where a listener listens: `hostname` and `port`, or `path`. */
export interface ListenAddress {
  /** The address; null for a path. */
  readonly hostname: string | null
  /** Null for a path. */
  readonly port: number | null
  /** Of a unix socket; null for an address. */
  readonly path: string | null
}

/** A loop over it takes connections; leaving the loop closes it. */
export interface Listener extends AsyncIterable<Io>, AsyncDisposable {
  /** Resolves when connections can be made; rejects when the address cannot be bound. */
  readonly ready: Promise<void>
  /** Null before `ready` and after `close`. */
  readonly address: ListenAddress | null
  /**
   * Stops accepting; resolves when the port is free again. Connections that were given away go on; those that wait for
   * the loop are still given to it.
   */
  close(): Promise<void>
  /** Whether listening keeps the process alive (default yes). */
  ref(): void
  /** The opposite of {@link ref}. */
  unref(): void
}

/**
 * Listens at once.
 * @param onIo takes each connection as it comes, without a queue or a promise: what a fast server uses. What it throws
 *   goes to `onError`, and the connection is reset. Without it the listener is iterated.
 * @throws HyperError `INVALID_OPTION` when more than one of `port`, `path` and `fd` is given, or `maxPending` is no number.
 */
export function listen(options: ListenOptions = {}, onIo?: (io: Io) => void): Listener {
  const places = [options.port, options.path, options.fd].filter((place) => place !== undefined)
  if (places.length > 1) throw userError('INVALID_OPTION', 'only one of port, path and fd can be given')
  return new NodeListener(options, onIo ?? null)
}

class NodeListener implements Listener {
  readonly ready: Promise<void>
  private readonly options: ListenOptions
  private readonly onIo: ((io: Io) => void) | null
  private readonly queue: AcceptQueue
  private readonly server: Server
  /** Connections whose TLS handshake is under way; null where there are none, or they cannot be told from the others. */
  private shaking: Set<Socket> | null
  private closing: Promise<void> | null
  private readonly onAbort: () => void

  constructor(options: ListenOptions, onIo: ((io: Io) => void) | null) {
    this.options = options
    this.onIo = onIo
    this.queue = new AcceptQueue(count('maxPending', options.maxPending, 1024, 0))
    this.shaking = options.tls === undefined ? null : new Set()
    this.closing = null
    this.onAbort = () => void this.close()
    this.server = this.createServer(options.tls)
    this.ready = this.bind()
    // Whoever iterates, or only closes, hears of the failure elsewhere or does not care.
    this.ready.catch(ignore)
    if (options.signal?.aborted === true) this.onAbort()
    else options.signal?.addEventListener('abort', this.onAbort, { once: true })
  }

  get address(): ListenAddress | null {
    const address = this.server.address()
    if (address === null) return null
    if (typeof address === 'string') return { hostname: null, port: null, path: address }
    return { hostname: address.address, port: address.port, path: null }
  }

  close(): Promise<void> {
    this.closing ??= this.closeOnce()
    return this.closing
  }

  ref(): void {
    this.server.ref()
  }

  unref(): void {
    this.server.unref()
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  [Symbol.asyncIterator](): AsyncIterator<Io, undefined, undefined> {
    return {
      next: () => this.queue.next(),
      return: async () => {
        await this.close()
        this.queue.clear()
        return { done: true, value: undefined }
      },
    }
  }

  private createServer(tls: ListenTls | undefined): Server {
    const accept = (socket: Socket): void => this.accept(socket)
    // Half-open, so that EOF and close stay two events; without Nagle, since a driver gathers its writes itself.
    if (tls === undefined) return createTcpServer({ allowHalfOpen: true, noDelay: true }, accept)
    const { alpn, handshakeTimeout, secureOptions, ...rest } = tls
    const server = createTlsServer(
      {
        ...rest,
        secureOptions: withoutRenegotiation(secureOptions ?? 0),
        ...(alpn === undefined ? {} : { ALPNProtocols: [...alpn] }),
        handshakeTimeout: handshakeTimeout ?? 10_000,
        allowHalfOpen: true,
        noDelay: true,
      },
      accept,
    )
    server.on('connection', (socket: Socket) => {
      this.shaking?.add(socket)
      socket.once('close', () => this.shaking?.delete(socket))
    })
    server.on('tlsClientError', (cause, socket) => {
      // Node leaves that to the listener of this event; without it a timed-out handshake stays open for ever.
      socket.destroy()
      this.handshakeFailed(cause)
    })
    return server
  }

  private bind(): Promise<void> {
    const { port, hostname, path, fd, backlog, reusePort, exclusive, ipv6Only } = this.options
    return new Promise((resolve, reject) => {
      const failed = (error: Error): void => {
        this.queue.close(error)
        reject(error)
      }
      this.server.once('error', failed)
      this.server.once('close', () => reject(new Error('the listener was closed before it was ready')))
      this.server.listen(
        {
          ...(fd !== undefined ? { fd } : path !== undefined ? { path } : { port: port ?? 0 }),
          ...(hostname === undefined ? {} : { host: hostname }),
          ...(backlog === undefined ? {} : { backlog }),
          ...(reusePort === undefined ? {} : { reusePort }),
          ...(exclusive === undefined ? {} : { exclusive }),
          ...(ipv6Only === undefined ? {} : { ipv6Only }),
        },
        () => {
          this.server.off('error', failed)
          this.server.on('error', (error: Error) => this.report(error))
          resolve()
        },
      )
    })
  }

  private accept(socket: Socket): void {
    if (this.shaking !== null) this.shaken(socket)
    const io = nodeIo(socket)
    if (this.onIo === null) {
      this.queue.push(io)
      return
    }
    try {
      this.onIo(io)
    } catch (error) {
      io.abort()
      this.report(error instanceof Error ? error : new Error(String(error), { cause: error }))
    }
  }

  // Node names the connection below a TLS socket only here; without it, none may be taken for unfinished.
  private shaken(socket: Socket & { _parent?: Socket | null }): void {
    if (socket._parent == null) this.shaking = null
    else this.shaking?.delete(socket._parent)
  }

  private handshakeFailed(cause: Error): void {
    this.options.onError?.(
      new HyperError('TLS', `the TLS handshake failed: ${cause.message}`, {
        by: 'peer',
        phase: 'tls',
        cause,
      }),
    )
  }

  private report(error: Error): void {
    if (this.options.onError === undefined) nodeRuntime.onError(error)
    else this.options.onError(error)
  }

  /** `Server.close` calls back when the last connection has ended; the port is free as soon as the handle is closed. */
  private async closeOnce(): Promise<void> {
    this.options.signal?.removeEventListener('abort', this.onAbort)
    // While the name of `hostname` is being looked up there is no handle yet to close.
    if (!this.server.listening) await this.ready.catch(ignore)
    if (this.server.listening) this.server.close()
    // Nobody would take them any more, and until their timeout they would keep the process alive.
    for (const socket of this.shaking ?? []) socket.destroy()
    this.queue.close(null)
    await new Promise<void>((resolve) => setImmediate(resolve))
  }
}

/**
 * A client of TLS 1.2 could have a handshake done again and again, each dearer for us than for it (CVE-2011-1473), and HTTP/2
 * forbids it (RFC 9113 §9.2.1). Node counts, and tells by an event, but goes on. TLS 1.3 has none.
 */
function withoutRenegotiation(options: number): number {
  // Some options are beyond what `|` keeps positive.
  return (options & constants.SSL_OP_NO_RENEGOTIATION) !== 0
    ? options
    : options + constants.SSL_OP_NO_RENEGOTIATION
}

function ignore(): void {}
