import { HyperError, userError } from '@hyper/core/error'
import type { Alarm, Io } from '@hyper/core/rt'
import { count } from '../connect/options.ts'
import { AcceptQueue } from '../runtime/accept-queue.ts'
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
  /** Milliseconds from accept to the end of the handshake; default 10000. */
  readonly handshakeTimeout?: number | undefined
}

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
  /** How many accepted connections wait for the loop before the next are closed; default 1024. Not for the callback form. */
  readonly maxPending?: number | undefined
  /** Serve by TLS. Default: plain. */
  readonly tls?: ListenTls | undefined
  /** Closes the listener. */
  readonly signal?: AbortSignal | undefined
  /**
   * Takes what goes wrong with a single connection before it is given away: `accept` errors such as EMFILE (listening goes on)
   * and failed TLS handshakes (a HyperError `TLS`). Default: {@link denoRuntime}'s `onError` for accept errors; failed
   * handshakes, which any scanner causes, are dropped.
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
   * Stops accepting; resolves when the port is free again. Connections that were given away go on; those that wait for the
   * loop are still given to it.
   */
  close(): Promise<void>
  /** Whether listening keeps the process alive (default yes). */
  ref(): void
  /** The opposite of {@link ref}. */
  unref(): void
}

const KNOWN: readonly string[] = [
  ...['port', 'hostname', 'path', 'backlog', 'reusePort', 'maxPending', 'tls', 'signal', 'onError'],
]

/**
 * Listens at once.
 * @param onIo takes each connection as it comes, without a queue or a promise: what a fast server uses. What it throws goes to
 *   `onError`, and the connection is closed. Without it the listener is iterated.
 * @throws HyperError `INVALID_OPTION` when both `port` and `path` are given, and for what Deno cannot do
 */
export function listen(options: ListenOptions = {}, onIo?: (io: Io) => void): Listener {
  refuse('', options, KNOWN)
  const { path, port, reusePort, tls } = options
  if (path !== undefined && port !== undefined)
    throw userError('INVALID_OPTION', 'only one of port and path can be given')
  if (path !== undefined && tls !== undefined)
    throw userError('INVALID_OPTION', 'path with tls: Deno has no TLS over a unix socket')
  // Deno does not throw for it: it ends the process.
  if (reusePort === true && denoApi().listenDatagram === undefined)
    throw userError('INVALID_OPTION', 'reusePort: Deno wants to be started with --unstable-net')
  return new DenoListening(options, onIo ?? null)
}

/** After an error of accepting, such as having no descriptor left: long enough for one to become free. */
const ACCEPT_PAUSE = 100

class DenoListening implements Listener {
  readonly ready: Promise<void>
  private readonly options: ListenOptions
  private readonly onIo: ((io: Io) => void) | null
  private readonly queue: AcceptQueue
  private readonly tls: OpenTls | null
  private readonly shaking: Set<DenoConn>
  private listener: DenoListener | null
  private loop: Promise<void>
  private closing: Promise<void> | null
  private readonly onAbort: () => void

  constructor(options: ListenOptions, onIo: ((io: Io) => void) | null) {
    this.options = options
    this.onIo = onIo
    this.queue = new AcceptQueue(count('maxPending', options.maxPending, 1024, 1))
    this.tls = options.tls === undefined ? null : openTls(options.tls)
    this.shaking = new Set()
    this.listener = null
    this.loop = Promise.resolve()
    this.closing = null
    this.onAbort = () => void this.close()
    this.ready = this.bind()
    // Whoever iterates, or only closes, hears of the failure elsewhere or does not care.
    this.ready.catch(ignore)
    if (options.signal?.aborted === true) this.onAbort()
    else options.signal?.addEventListener('abort', this.onAbort, { once: true })
  }

  get address(): ListenAddress | null {
    if (this.listener === null) return null
    const { hostname = null, path = null, port = null } = this.listener.addr
    return { hostname, port, path }
  }

  close(): Promise<void> {
    this.closing ??= this.closeOnce()
    return this.closing
  }

  ref(): void {
    this.listener?.ref()
  }

  unref(): void {
    this.listener?.unref()
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
        if (this.tls === null) this.acceptPlain(conn)
        else void this.acceptTls(conn as TlsConn, this.tls)
      } catch (error) {
        // Closing makes the one that waits fail.
        if (this.listener !== listener) return
        this.report(error)
        await this.pauseOf(ACCEPT_PAUSE)
      }
    }
  }

  private acceptPlain(conn: DenoConn): void {
    if (isTcp(conn)) conn.setNoDelay(true)
    this.giveAway(denoIo(conn))
  }

  private async acceptTls(conn: TlsConn, { timeout }: OpenTls): Promise<void> {
    this.shaking.add(conn)
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
      if (this.shaking.delete(conn)) this.giveAway(denoIo(conn, { alpnProtocol }))
    } catch (error) {
      close(conn)
      if (this.shaking.delete(conn))
        this.handshakeFailed(isLate ? `not done within ${timeout} ms` : '', error)
    } finally {
      alarm.cancel()
    }
  }

  private giveAway(io: Io): void {
    if (this.onIo === null) {
      this.queue.push(io)
      return
    }
    try {
      this.onIo(io)
    } catch (error) {
      io.abort()
      this.report(error)
    }
  }

  private handshakeFailed(why: string, cause: unknown): void {
    const said = why === '' && cause instanceof Error ? cause.message : why
    this.options.onError?.(
      new HyperError('TLS', `the TLS handshake failed: ${said}`, { by: 'peer', phase: 'tls', cause }),
    )
  }

  private report(error: unknown): void {
    const one = error instanceof Error ? error : new Error(String(error), { cause: error })
    if (this.options.onError === undefined) denoRuntime.onError(one)
    else this.options.onError(one)
  }

  private pauseOf(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const alarm: Alarm = denoRuntime.timer.alarm({ onAlarm: () => resolve() })
      alarm.move(denoRuntime.clock.now() + ms)
    })
  }

  private async closeOnce(): Promise<void> {
    this.options.signal?.removeEventListener('abort', this.onAbort)
    const { listener } = this
    this.listener = null
    if (listener !== null) {
      close(listener)
      this.unlink()
      // The one that waits is told at once, and the port is free then.
      await this.loop
    }
    // Nobody would take them any more, and until their timeout they would keep the process alive.
    for (const conn of this.shaking) close(conn)
    this.shaking.clear()
    this.queue.close(null)
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
    timeout: tls.handshakeTimeout ?? 10_000,
  }
}

function isTcp(conn: DenoConn): conn is TcpConn {
  return 'setNoDelay' in conn
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

function ignore(): void {}
