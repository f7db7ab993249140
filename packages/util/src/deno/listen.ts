import { HyperError, userError } from '@hyper/core/error'
import type { Io } from '@hyper/core/rt'
import { ioBehind, type ProxyPlan, type ProxyProtocolOptions } from '../server/proxied/read-proxy-header.ts'
import { handshakeTimeOf, type ListenAddress, type ListenerCloseOptions } from '../runtime/listen-types.ts'
import { Listening } from '../runtime/listening.ts'
import { Pending } from '../runtime/pending.ts'
import { denoApi, type DenoConn, type DenoListener, type TcpConn, type TlsConn } from './deno-api.ts'
import { denoIo } from './deno-io.ts'
import { denoRuntime } from './deno-runtime.ts'
import { pem, refuse } from './refuse.ts'

// listen: a TCP port or a unix path, with or without TLS. In: options. Out: one Io per connection, past its TLS handshake. It reads
// nothing, and touches no connection that it has given away.

/** TLS for {@link listen}, as far as Deno has it: one certificate, and ALPN. */
export interface ListenTls {
  /** The certificate with its chain, PEM. It must not be one of an authority. */
  readonly cert: string | Uint8Array
  /** Its key, PEM. */
  readonly key: string | Uint8Array
  /** Protocols for ALPN (RFC 7301), best first, for example `['h2', 'http/1.1']`. Default: none is negotiated. */
  readonly alpn?: readonly string[] | undefined
  /** Milliseconds from accept to the end of the handshake; 0, null and Infinity are no limit. Default 10,000. */
  readonly handshakeTimeout?: number | null | undefined
}

/** What {@link Listener.reloadTls} would take. */
export type ReloadTls = Partial<Pick<ListenTls, 'cert' | 'key'>>

/** Where {@link listen} listens, and how. */
export interface ListenOptions {
  /** TCP port; 0, the default, takes a free one. */
  readonly port?: number | undefined
  /** Address to bind; default every address of the machine. */
  readonly hostname?: string | undefined
  /** A unix socket in place of a port. Without TLS. */
  readonly path?: string | undefined
  /** How many connections the kernel holds before they are accepted; default 511. */
  readonly backlog?: number | undefined
  /** Lets several processes bind one port, on Linux. Deno wants to be started with `--unstable-net` for it. */
  readonly reusePort?: boolean | undefined
  /** In a worker of a cluster: a port of its own. Deno shares none, whatever is said here. */
  readonly exclusive?: boolean | undefined
  /** Not true: Deno binds an IPv6 address as the system does by default. */
  readonly ipv6Only?: false | undefined
  /** How many accepted connections wait for the loop before the next are closed; default 1024. Not for the callback form. */
  readonly maxPending?: number | undefined
  /** Serve by TLS. Default: plain. */
  readonly tls?: ListenTls | undefined
  /**
   * Connections come by proxies that say for whom, before anything else (PROXY protocol, versions 1 and 2). Default: they do
   * not. Without `tls`: Deno begins TLS where it accepts, and nowhere else.
   */
  readonly proxyProtocol?: ProxyProtocolOptions | undefined
  /** Closes the listener. */
  readonly signal?: AbortSignal | undefined
  /**
   * Takes what goes wrong with a single connection before it is given away: `accept` errors such as EMFILE (listening goes on
   * after 100 ms), failed TLS handshakes (a HyperError `TLS`), and PROXY headers that are missing or malformed (`PROXY` and others, with
   * `phase: 'connect'`). Default: {@link denoRuntime}'s `onError` for accept errors; the others, which any scanner causes, are
   * dropped.
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
   * Not on Deno, which reads certificates once: a new listener, with `reusePort` beside the old one, takes new ones.
   * @throws HyperError `INVALID_OPTION`; `INVALID_STATE` where there is no TLS
   */
  reloadTls(tls: ReloadTls): void
  /** Whether listening keeps the process alive (default yes). */
  ref(): void
  /** The opposite of {@link ref}. With TLS it changes nothing: Deno's listeners keep the process alive then. */
  unref(): void
}

const KNOWN: readonly string[] = [
  ...['port', 'hostname', 'path', 'backlog', 'reusePort', 'exclusive', 'ipv6Only', 'maxPending', 'tls'],
  ...['proxyProtocol', 'signal', 'onError'],
]

/**
 * Listens at once.
 * @param onIo takes each connection as it comes, without a queue or a promise: what a fast server uses. What it throws goes to
 *   `onError`, and the connection is closed. Without it the listener is iterated.
 * @throws HyperError `INVALID_OPTION` when both `port` and `path` are given, and for what Deno cannot do
 */
export function listen(options: ListenOptions = {}, onIo?: (io: Io) => void): Listener {
  refuse('', options, KNOWN, HINTS)
  const { path, port, proxyProtocol, reusePort, tls } = options
  if (path !== undefined && port !== undefined)
    throw userError('INVALID_OPTION', 'only one of port and path can be given')
  if (path !== undefined && tls !== undefined)
    throw userError('INVALID_OPTION', 'path with tls: Deno has no TLS over a unix socket')
  if (proxyProtocol !== undefined && tls !== undefined)
    throw userError(
      'INVALID_OPTION',
      'proxyProtocol with tls: Deno begins TLS where it accepts, not behind a header',
    )
  const ipv6Only: unknown = options.ipv6Only
  if (ipv6Only !== undefined && ipv6Only !== false)
    throw userError('INVALID_OPTION', 'ipv6Only: Deno has no such thing')
  // Deno does not throw for it: it ends the process.
  if (reusePort === true && denoApi().listenDatagram === undefined)
    throw userError('INVALID_OPTION', 'reusePort: Deno wants to be started with --unstable-net')
  return new DenoListening(options, onIo ?? null)
}

const HINTS = {
  fd: 'Deno takes no descriptor that listens',
  handle: 'Deno takes nothing that listens already',
}

/** After an error of accepting, such as having no descriptor left: long enough for one to become free. */
const ACCEPT_PAUSE = 100

/** What accepting fails with for a client that has reset its connection already. */
const GONE: ReadonlySet<unknown> = new Set(['ENOTCONN', 'ECONNABORTED', 'ECONNRESET', 'EINVAL'])

class DenoListening extends Listening implements Listener {
  readonly ready: Promise<void>
  private readonly options: ListenOptions
  private readonly tls: OpenTls | null
  /** What has a handshake under way, or its header to come. */
  protected readonly pending: Pending<TlsConn | Io>
  private listener: DenoListener | null
  private loop: Promise<void>

  constructor(options: ListenOptions, onIo: ((io: Io) => void) | null) {
    super(options, onIo, denoRuntime)
    this.options = options
    this.tls = options.tls === undefined ? null : openTls(options.tls)
    this.pending = new Pending()
    this.listener = null
    this.loop = Promise.resolve()
    this.ready = this.bind()
    this.heed(this.ready)
  }

  get address(): ListenAddress | null {
    if (this.listener === null) return null
    const { hostname = null, path = null, port = null } = this.listener.addr
    return { hostname, port, path }
  }

  reloadTls(): void {
    if (this.tls === null) throw userError('INVALID_STATE', 'the listener has no TLS')
    throw userError('INVALID_OPTION', 'reloadTls: Deno reads the certificate of a listener once')
  }

  ref(): void {
    this.listener?.ref()
  }

  unref(): void {
    this.listener?.unref()
  }

  private async bind(): Promise<void> {
    try {
      this.listener = this.open()
    } catch (error) {
      const cause = error instanceof Error ? error : new Error(String(error))
      this.queue.close(cause)
      throw cause
    }
    this.loop = this.acceptAll(this.listener)
  }

  private open(): DenoListener {
    const { hostname, path } = this.options
    if (path !== undefined) return denoApi().listen({ path, transport: 'unix' })
    if (hostname !== undefined) return this.openTcp(hostname)
    try {
      // Both families, as the machine has them.
      return this.openTcp('::')
    } catch (error) {
      if (codeOf(error) === 'EADDRINUSE' || error instanceof HyperError) throw error
      return this.openTcp('0.0.0.0')
    }
  }

  private openTcp(hostname: string): DenoListener {
    const { backlog, port = 0, reusePort } = this.options
    const place = {
      hostname,
      port,
      ...(backlog === undefined ? {} : { tcpBacklog: backlog }),
      ...(reusePort === undefined ? {} : { reusePort }),
    }
    const { tls } = this
    if (tls === null) return denoApi().listen(place)
    try {
      return denoApi().listenTls({ ...place, ...tls.pair, ...tls.alpn })
    } catch (error) {
      if (codeOf(error) !== undefined) throw error
      throw userError(
        'INVALID_OPTION',
        `tls: ${error instanceof Error ? error.message : String(error)}`,
        error,
      )
    }
  }

  private async acceptAll(listener: DenoListener): Promise<void> {
    while (this.listener === listener) {
      try {
        const conn = await listener.accept()
        this.accepted++
        if (this.tls === null) this.acceptPlain(conn)
        else void this.acceptTls(conn as TlsConn, this.tls)
      } catch (error) {
        // Closing makes the one that waits fail.
        if (this.listener !== listener) return
        // The client was gone before it was accepted: that is its own affair, and nobody else shall wait for it.
        if (GONE.has(codeOf(error))) continue
        this.report(error)
        // A timer that keeps the process alive: nothing else does now.
        await new Promise((resolve) => setTimeout(resolve, ACCEPT_PAUSE))
      }
    }
  }

  private acceptPlain(conn: DenoConn): void {
    if (isTcp(conn)) noDelay(conn)
    const io = denoIo(conn)
    if (this.proxies === null) this.accept(io)
    else void this.acceptBehindHeader(io, this.proxies)
  }

  private async acceptBehindHeader(io: Io, plan: ProxyPlan): Promise<void> {
    const proxied = await this.behindHeader(io, plan, this.pending)
    if (proxied !== null) this.accept(ioBehind(proxied, denoRuntime))
  }

  private async acceptTls(conn: TlsConn, { timeout }: OpenTls): Promise<void> {
    if (!this.pending.add(conn, () => close(conn))) return
    let isLate = false
    const alarm = denoRuntime.timer.alarm({
      onAlarm: () => {
        isLate = true
        close(conn)
      },
    })
    alarm.move(denoRuntime.clock.now() + timeout)
    try {
      const { alpnProtocol } = await conn.handshake()
      if (this.pending.delete(conn)) this.accept(denoIo(conn, { alpnProtocol }))
    } catch (error) {
      close(conn)
      if (this.pending.delete(conn))
        this.handshakeFailed(isLate ? `not done within ${timeout} ms` : '', error)
    } finally {
      alarm.cancel()
    }
  }

  private handshakeFailed(why: string, cause: unknown): void {
    const said = why === '' && cause instanceof Error ? cause.message : why
    this.options.onError?.(
      new HyperError('TLS', `the TLS handshake failed: ${said}`, { by: 'peer', phase: 'tls', cause }),
    )
  }

  protected async stop(acceptsFirst: boolean): Promise<void> {
    const { listener } = this
    if (acceptsFirst && listener !== null) await this.acceptWaiting(timerTurn)
    this.listener = null
    if (listener === null) return
    close(listener)
    this.unlink()
    // The one that waits is told at once, and the port is free then.
    await this.loop
  }

  /** As Node does it: who listens next finds the place free. */
  private unlink(): void {
    const { path } = this.options
    if (path === undefined) return
    try {
      denoApi().removeSync(path)
    } catch {
      // Somebody else has.
    }
  }
}

/** `setImmediate` does not let Deno look for connections. */
function timerTurn(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 0))
}

interface OpenTls {
  readonly pair: { readonly cert: string; readonly key: string }
  readonly alpn: { readonly alpnProtocols?: string[] }
  readonly timeout: number
}

function openTls(tls: ListenTls): OpenTls {
  refuse('tls', tls, ['cert', 'key', 'alpn', 'handshakeTimeout'])
  return {
    pair: { cert: pem('tls.cert', tls.cert), key: pem('tls.key', tls.key) },
    alpn: tls.alpn === undefined ? {} : { alpnProtocols: [...tls.alpn] },
    timeout: handshakeTimeOf(tls.handshakeTimeout),
  }
}

function isTcp(conn: DenoConn): conn is TcpConn {
  return 'setNoDelay' in conn
}

function noDelay(conn: TcpConn): void {
  try {
    conn.setNoDelay(true)
  } catch {
    // It was reset already: whoever reads it will see.
  }
}

function close(one: { close(): void }): void {
  try {
    one.close()
  } catch {
    // It is closed already.
  }
}

function codeOf(error: unknown): unknown {
  return typeof error === 'object' && error !== null && 'code' in error ? error.code : undefined
}
