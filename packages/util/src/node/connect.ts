import type { Io } from '@hyper/core/rt'
import { type ErrorCode, type ErrorPhase, HyperError } from '@hyper/core/error'
import { connect, isIP, type Socket } from 'node:net'
import { connect as connectTls, type ConnectionOptions } from 'node:tls'
import { nodeIo } from './node-io.ts'

// connectTcp: one connection to one address, by TCP or a unix path, with or without TLS. It resolves names as Node does,
// and tries the addresses in the order that Node does.

/** TLS for {@link connectTcp}: what `node:tls` takes, and `alpn`. */
export interface ConnectTls extends Omit<
  ConnectionOptions,
  'ALPNProtocols' | 'host' | 'port' | 'path' | 'socket' | 'timeout'
> {
  /** Protocols for ALPN (RFC 7301), best first. Default: none is offered. */
  readonly alpn?: readonly string[] | undefined
}

/** Where {@link connectTcp} connects to, and how long it may take. */
export interface ConnectOptions {
  /** Name or address; default `'localhost'`. */
  readonly host?: string | undefined
  /** TCP port, 1 to 65,535. */
  readonly port?: number | undefined
  /** A unix socket in place of host and port. */
  readonly path?: string | undefined
  /** True for TLS with Node's defaults; the server's name is `host` unless `servername` says otherwise. */
  readonly tls?: ConnectTls | boolean | undefined
  /** Gives the attempt up: `CANCELED`. */
  readonly signal?: AbortSignal | undefined
  /** Milliseconds for everything, TLS included; off by default. */
  readonly timeout?: number | undefined
}

/**
 * Connects, and hands the connection over half-open and past its TLS handshake.
 * Rejects with a HyperError: `DNS`, `CONNECT`, `TLS` (phase `dns`, `connect`, `tls`; `cause` is Node's error),
 * `CONNECT_TIMEOUT`, or `CANCELED` when the signal fired; all of them `retryable`.
 */
export function connectTcp(options: ConnectOptions): Promise<Io> {
  return new Promise((resolve, reject) => {
    if (options.signal?.aborted === true) {
      reject(failure('CANCELED', 'connect', options, 0, options.signal.reason))
      return
    }
    new Attempt(options, resolve, reject).begin()
  })
}

class Attempt {
  private readonly options: ConnectOptions
  private readonly resolve: (io: Io) => void
  private readonly reject: (error: HyperError) => void
  private readonly beganAt: number
  private phase: ErrorPhase
  private socket: Socket | null
  private alarm: NodeJS.Timeout | null

  constructor(options: ConnectOptions, resolve: (io: Io) => void, reject: (error: HyperError) => void) {
    this.options = options
    this.resolve = resolve
    this.reject = reject
    this.beganAt = performance.now()
    this.phase = 'connect'
    this.socket = null
    this.alarm = null
  }

  begin(): void {
    const { host = 'localhost', port = 0, path, tls, timeout, signal } = this.options
    if (path === undefined && isIP(host) === 0) this.phase = 'dns'
    const raw = connect({
      ...(path === undefined ? { host, port } : { path }),
      allowHalfOpen: true,
      noDelay: true,
    })
    const secure = tls === undefined || tls === false ? null : this.secure(raw, tls === true ? {} : tls)
    this.socket = secure ?? raw
    raw.once('lookup', this.onLookup)
    raw.once('connect', this.onTcp)
    raw.once('error', this.onError)
    secure?.once('error', this.onError)
    secure?.once('secureConnect', this.onReady)
    // A server that hangs up during the handshake may cause no error at all.
    this.socket.once('close', this.onClose)
    if (timeout !== undefined && timeout > 0 && timeout !== Infinity)
      this.alarm = setTimeout(this.onTimeout, timeout)
    signal?.addEventListener('abort', this.onAbort)
  }

  private secure(raw: Socket, { alpn, ...rest }: ConnectTls): Socket {
    const host = this.options.host ?? 'localhost'
    return connectTls({
      // RFC 6066 §3: an address is no server name.
      ...(isIP(host) === 0 ? { servername: host } : {}),
      ...rest,
      ...(alpn === undefined ? {} : { ALPNProtocols: [...alpn] }),
      host,
      socket: raw,
      allowHalfOpen: true,
    } as ConnectionOptions)
  }

  private readonly onLookup = (error: Error | null): void => {
    if (error === null) this.phase = 'connect'
  }

  private readonly onTcp = (): void => {
    if (this.options.tls === undefined || this.options.tls === false) this.onReady()
    else this.phase = 'tls'
  }

  private readonly onReady = (): void => {
    const socket = this.socket
    this.settle()
    if (socket !== null) this.resolve(nodeIo(socket))
  }

  private readonly onError = (error: Error): void => {
    this.fail(this.phase === 'dns' ? 'DNS' : this.phase === 'tls' ? 'TLS' : 'CONNECT', error)
  }

  private readonly onClose = (): void => {
    this.fail(this.phase === 'tls' ? 'TLS' : 'CONNECT', new Error('the connection was closed'))
  }

  private readonly onTimeout = (): void => this.fail('CONNECT_TIMEOUT', undefined)

  private readonly onAbort = (): void => this.fail('CANCELED', this.options.signal?.reason)

  private fail(code: ErrorCode, cause: unknown): void {
    const socket = this.socket
    if (socket === null) return
    this.settle()
    // Errors of a socket that is given up have nobody to go to.
    socket.on('error', ignore)
    socket.destroy()
    this.reject(failure(code, this.phase, this.options, performance.now() - this.beganAt, cause))
  }

  private settle(): void {
    this.socket?.off('close', this.onClose)
    this.socket?.off('error', this.onError)
    this.socket = null
    if (this.alarm !== null) clearTimeout(this.alarm)
    this.options.signal?.removeEventListener('abort', this.onAbort)
  }
}

function failure(
  code: ErrorCode,
  phase: ErrorPhase,
  options: ConnectOptions,
  elapsedMs: number,
  cause: unknown,
): HyperError {
  const address = options.path ?? `${options.host ?? 'localhost'}:${options.port ?? 0}`
  const why = cause instanceof Error ? `: ${cause.message}` : ''
  const detail =
    code === 'CONNECT_TIMEOUT'
      ? `no connection to ${address} after ${Math.round(elapsedMs)} ms`
      : `connecting to ${address} failed${why}`
  const by = code === 'CANCELED' ? 'user' : 'io'
  return new HyperError(code, detail, { by, phase, address, elapsedMs, retryable: true, attempts: 1, cause })
}

function ignore(): void {}
