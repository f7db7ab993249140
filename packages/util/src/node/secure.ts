import { count, HyperError, userError } from '@hyper/core/error'
import type { Io } from '@hyper/core/rt'
import { isIP } from 'node:net'
import type { Duplex } from 'node:stream'
import {
  connect,
  type ConnectionOptions,
  createSecureContext,
  type SecureContext,
  type TLSSocket,
} from 'node:tls'
import { TLS_INFO } from '../connect/connector.ts'
import { Deferred } from '../connect/deferred.ts'
import { addressOf } from '../connect/destination.ts'
import { canceled } from '../connect/failure.ts'
import type { Secure } from '../connect/secure.ts'
import { duplexFrom } from './duplex-from.ts'
import { nodeIo, releaseSocket } from './node-io.ts'
import { SessionCache } from './session-cache.ts'
import { tlsError } from './tls-failure.ts'

// TLS over any Io. In: a stream that nobody has started. Out: the stream inside, past the handshake. Over a socket it is
// OpenSSL on that socket; over anything else a Duplex stands in between.

/** TLS of a client: what `node:tls` takes, and `alpn`. */
export interface ConnectTls extends Omit<
  ConnectionOptions,
  'ALPNProtocols' | 'host' | 'port' | 'path' | 'socket' | 'timeout'
> {
  /** Protocols for ALPN (RFC 7301), best first. Default: none is offered. */
  readonly alpn?: readonly string[] | undefined
}

/** Whom TLS is with, and how. */
export interface SecureIoOptions extends ConnectTls {
  /** Whom the certificate has to name; asked for by SNI unless it is an address or `servername` says otherwise. */
  readonly host: string
  /** Whom errors name, as `host:port`. Default `host`. */
  readonly address?: string | undefined
  /** Gives the handshake up: `CANCELED`. */
  readonly signal?: AbortSignal | undefined
  /** Takes sessions that can be resumed later, as `session`; they may come at any time after the handshake. */
  readonly onSession?: ((session: NonNullable<ConnectTls['session']>) => void) | undefined
}

/**
 * Puts TLS round a stream, and owns it. The stream must not have been started, or be paused.
 * Rejects with a HyperError: `TLS` (`cause` is Node's error), or `CANCELED`, both `retryable`; or `INVALID_OPTION`.
 */
export function secure(io: Io, options: SecureIoOptions): Promise<Io> {
  return handshake(io, options).then(nodeIo)
}

/** How {@link nodeSecure} does TLS. */
export interface NodeSecureOptions extends ConnectTls {
  /** Origins whose last TLS session is kept, so that the next connection resumes it. 0 keeps none. Default 100. */
  readonly maxSessions?: number | undefined
}

/** Sessions that are kept. */
export const MAX_SESSIONS = 100

/**
 * TLS by `node:tls` for connectors. Certificates and keys are read once, at the first handshake. Sessions are kept by
 * origin.
 * @throws HyperError `INVALID_OPTION`
 */
export function nodeSecure(options: NodeSecureOptions = {}): Secure {
  const { maxSessions, ...tls } = options
  const sessions = new SessionCache(count('maxSessions', maxSessions, MAX_SESSIONS, 0))
  let secureContext: SecureContext | undefined = tls.secureContext
  return async (io, destination, context) => {
    const { alpn = tls.alpn, host, origin } = destination
    try {
      secureContext ??= createSecureContext(tls)
    } catch (error) {
      io.abort()
      throw userError('INVALID_OPTION', `tls: ${(error as Error).message}`, error)
    }
    const session = sessions.get(origin)
    try {
      const socket = await handshake(io, {
        ...tls,
        secureContext,
        ...(session === undefined ? {} : { session }),
        alpn,
        host,
        address: addressOf(destination),
        signal: context.signal,
        onSession: (made) => sessions.put(origin, made),
      })
      context.info.set(TLS_INFO, {
        protocol: socket.getProtocol() ?? '',
        cipher: socket.getCipher().standardName,
        isResumed: socket.isSessionReused(),
        isAuthorized: socket.authorized,
      })
      return nodeIo(socket)
    } catch (error) {
      // It may have been the session that the server did not like.
      if (session !== undefined && error instanceof HyperError && error.code === 'TLS') sessions.drop(origin)
      throw error
    }
  }
}

function handshake(io: Io, options: SecureIoOptions): Promise<TLSSocket> {
  return new TlsAttempt(io, options).run()
}

class TlsAttempt {
  private readonly io: Io
  private readonly options: SecureIoOptions
  private readonly address: string
  private readonly result: Deferred<TLSSocket>
  private readonly beganAt: number
  private below: Duplex | null
  private socket: TLSSocket | null
  /** What came before the certificate was found to be right. */
  private session: Buffer | null

  constructor(io: Io, options: SecureIoOptions) {
    this.io = io
    this.options = options
    this.address = options.address ?? options.host
    this.result = new Deferred()
    this.beganAt = performance.now()
    this.below = null
    this.socket = null
    this.session = null
  }

  run(): Promise<TLSSocket> {
    const { signal } = this.options
    if (signal?.aborted === true) {
      this.io.abort()
      return Promise.reject(canceled(signal, 'tls', this.address))
    }
    this.below = releaseSocket(this.io) ?? duplexFrom(this.io)
    let socket: TLSSocket
    try {
      socket = this.connect(this.below)
    } catch (error) {
      // An option that Node looks at only now; nobody else would close what is below.
      this.below.on('error', ignore)
      this.below.destroy()
      return Promise.reject(userError('INVALID_OPTION', `tls: ${(error as Error).message}`, error))
    }
    this.socket = socket
    socket.once('secureConnect', this.onSecure)
    socket.once('error', this.onError)
    // A server that hangs up during the handshake may cause no error at all.
    socket.once('close', this.onClose)
    if (this.options.onSession !== undefined) socket.on('session', this.onSession)
    signal?.addEventListener('abort', this.onAbort)
    return this.result.promise
  }

  private connect(below: Duplex): TLSSocket {
    const { address: _, alpn, host, onSession: __, signal: ___, ...rest } = this.options
    return connect({
      // RFC 6066 §3: an address is no server name, and no dot ends one.
      ...(isIP(host) === 0 ? { servername: host.replace(/\.$/, '') } : {}),
      ...rest,
      ...(alpn === undefined || alpn.length === 0 ? {} : { ALPNProtocols: [...alpn] }),
      host,
      socket: below,
      allowHalfOpen: true,
    } as ConnectionOptions)
  }

  private readonly onSecure = (): void => {
    const { session, socket } = this
    this.settle()
    if (socket === null) return
    if (session !== null) this.options.onSession?.(session)
    this.result.resolve(socket)
  }

  /** TLS 1.2 brings its session before we know whom it is with; what fails then must not be resumed. */
  private readonly onSession = (session: Buffer): void => {
    if (this.socket === null) this.options.onSession?.(session)
    else this.session = session
  }

  private readonly onError = (error: Error): void => {
    this.fail(() => tlsError(error, this.address, performance.now() - this.beganAt))
  }

  private readonly onClose = (): void => {
    this.onError(Object.assign(new Error('the connection was closed'), { code: 'ECONNRESET' }))
  }

  private readonly onAbort = (): void => {
    const { signal } = this.options
    if (signal !== undefined) this.fail(() => canceled(signal, 'tls', this.address))
  }

  private fail(errorOf: () => Error): void {
    const { below, socket } = this
    if (socket === null) return
    this.settle()
    socket.off('session', this.onSession)
    // Errors of a socket that is given up have nobody to go to.
    socket.on('error', ignore)
    below?.on('error', ignore)
    socket.destroy()
    below?.destroy()
    this.result.reject(errorOf())
  }

  private settle(): void {
    this.socket?.off('close', this.onClose)
    this.socket?.off('error', this.onError)
    this.socket?.off('secureConnect', this.onSecure)
    this.socket = null
    this.below = null
    this.options.signal?.removeEventListener('abort', this.onAbort)
  }
}

function ignore(): void {}
