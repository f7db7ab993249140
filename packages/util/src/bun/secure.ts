import { count, HyperError, userError } from '@hyper/core/error'
import type { Io } from '@hyper/core/rt'
import { checkServerIdentity, type PeerCertificate } from 'node:tls'
import { ipFamily } from '../connect/address.ts'
import { TLS_INFO } from '../connect/connector.ts'
import { Deferred } from '../connect/deferred.ts'
import { addressOf } from '../connect/destination.ts'
import { canceled } from '../connect/failure.ts'
import type { Secure } from '../connect/secure.ts'
import type { ConnectTls, NodeSecureOptions, SecureIoOptions } from '../node/secure.ts'
import { SessionCache } from '../node/session-cache.ts'
import { tlsError } from '../node/tls-failure.ts'
import type { BunSocketHandler } from './bun-api.ts'
import { BunIo, IO_HANDLERS, type IoSocket } from './bun-io.ts'
import { secureStream } from './tls-over-stream.ts'
import { alpnOf, contextOf, ensureNone, nativeContext } from './tls.ts'

// TLS over any Io. In: a stream that nobody has started. Out: the stream inside, past the handshake. Over a socket of Bun's it is
// BoringSSL on that socket; over anything else, TLS within TLS among it, node:tls of Bun on a Duplex.

/** What node:tls takes, and Bun would ignore. */
const CANNOT = [
  'pskCallback',
  'enableTrace',
  'requestOCSP',
  'minDHSize',
  'ALPNCallback',
  'SNICallback',
] as const

/** Sessions that are kept. */
const MAX_SESSIONS = 100

/**
 * Puts TLS round a stream, and owns it. The stream must not have been started, or be paused.
 * Rejects with a HyperError: `TLS` (`cause` is Bun's error), or `CANCELED`; both `retryable`.
 * @throws HyperError (as a rejection) `INVALID_OPTION` for what Bun cannot do
 */
export async function secure(io: Io, options: SecureIoOptions): Promise<Io> {
  ensureNone('tls.', options, CANNOT)
  const context = nativeContext(options.secureContext) ?? contextOf(options)
  return overSocket(io, options, context)?.run() ?? secureStream(io, options)
}

/** How {@link bunSecure} does TLS: the options of `nodeSecure`. */
export type BunSecureOptions = NodeSecureOptions

/**
 * TLS by Bun for connectors. Certificates and keys are read once, at the first handshake. Sessions are kept by origin.
 * @throws HyperError `INVALID_OPTION`
 */
export function bunSecure(options: BunSecureOptions = {}): Secure {
  const { maxSessions, ...tls } = options
  ensureNone('tls.', tls, CANNOT)
  const sessions = new SessionCache(count('maxSessions', maxSessions, MAX_SESSIONS, 0))
  let native: unknown = nativeContext(tls.secureContext)
  return async (io, destination, context) => {
    const { alpn = tls.alpn, host, origin } = destination
    native ??= contextOrAbort(io, tls)
    const session = sessions.get(origin)
    const how: SecureIoOptions = {
      ...tls,
      ...(session === undefined ? {} : { session }),
      alpn,
      host,
      address: addressOf(destination),
      signal: context.signal,
      onSession: (made) => sessions.put(origin, made as Buffer),
    }
    const attempt = overSocket(io, how, native)
    if (attempt === null) return secureStream(io, how)
    try {
      const secured = await attempt.run()
      const { socket } = secured
      context.info.set(TLS_INFO, {
        protocol: socket.getTLSVersion() ?? '',
        cipher: socket.getCipher()?.standardName ?? '',
        isResumed: socket.isSessionReused(),
        isAuthorized: attempt.isAuthorized,
      })
      return secured
    } catch (error) {
      // It may have been the session that the server did not like.
      if (session !== undefined && error instanceof HyperError && error.code === 'TLS') sessions.drop(origin)
      throw error
    }
  }
}

function contextOrAbort(io: Io, tls: ConnectTls): unknown {
  try {
    return contextOf(tls)
  } catch (error) {
    io.abort()
    throw error
  }
}

/** Null when there is no socket below, or one that Bun cannot put TLS on. */
function overSocket(io: Io, options: SecureIoOptions, context: unknown): TlsAttempt | null {
  const below = io instanceof BunIo ? io.release() : null
  return below === null ? null : new TlsAttempt(below, options, context)
}

class TlsAttempt {
  /** The certificate is the right one. */
  isAuthorized: boolean
  private readonly below: IoSocket
  private readonly options: SecureIoOptions
  private readonly context: unknown
  private readonly address: string
  private readonly name: string
  private readonly result: Deferred<BunIo>
  private readonly beganAt: number
  private socket: IoSocket | null
  private isOver: boolean
  /** What came before the certificate was found to be right. */
  private session: Uint8Array | null

  constructor(below: IoSocket, options: SecureIoOptions, context: unknown) {
    this.isAuthorized = false
    this.below = below
    this.options = options
    this.context = context
    this.address = options.address ?? options.host
    // RFC 6066 §3: no dot ends a name.
    this.name = options.servername || options.host.replace(/\.$/, '')
    this.result = new Deferred()
    this.beganAt = performance.now()
    this.socket = null
    this.isOver = false
    this.session = null
  }

  run(): Promise<BunIo> {
    const { signal } = this.options
    if (signal?.aborted === true) {
      this.below.terminate()
      return Promise.reject(canceled(signal, 'tls', this.address))
    }
    signal?.addEventListener('abort', this.onAbort)
    try {
      const [raw] = this.below.upgradeTLS<BunIo>({
        data: this.below.data,
        tls: {
          secureContext: this.context,
          // RFC 6066 §3: an address is no server name. Bun would send it, and nothing for an empty one.
          serverName: ipFamily(this.name) === 0 ? this.name : '',
          rejectUnauthorized: this.rejects && this.options.checkServerIdentity === undefined,
          ...alpnOf(this.options.alpn),
        },
        socket: this.handlers(),
      })
      // It would be told of every encrypted byte, with a copy.
      raw.reload({ socket: { drain: ignore } })
    } catch (error) {
      this.below.terminate()
      this.fail(() => userError('INVALID_OPTION', `tls: ${(error as Error).message}`, error))
    }
    return this.result.promise
  }

  private get rejects(): boolean {
    return this.options.rejectUnauthorized !== false
  }

  private handlers(): BunSocketHandler<BunIo> {
    return {
      ...IO_HANDLERS,
      open: (socket) => {
        this.socket = socket
        socket.data = new BunIo(socket, true)
        const { session } = this.options
        if (session !== undefined) socket.setSession(session as Uint8Array)
      },
      handshake: (socket, success, error) => this.onHandshake(socket, success, error),
      session: (_socket, session) => this.onSession(session),
      close: (socket, error) => {
        // A server that hangs up during the handshake may cause no error at all.
        this.onError(error ?? Object.assign(new Error('the connection was closed'), { code: 'ECONNRESET' }))
        socket.data.takeClose(error ?? null)
      },
      error: (socket, error) => {
        this.onError(error)
        socket.data.takeError(error)
      },
    }
  }

  private onHandshake(socket: IoSocket, success: boolean, error: Error | null): void {
    if (this.isOver) return
    const wrong = this.whatIsWrong(socket, success, error)
    this.isAuthorized = wrong === null
    if (wrong !== null && (this.rejects || isNoHandshake(wrong))) {
      this.onError(wrong)
      return
    }
    this.settle()
    if (this.session !== null) this.options.onSession?.(this.session as Buffer)
    this.result.resolve(socket.data)
  }

  /** The certificate is good, and for whom we wanted. */
  private whatIsWrong(socket: IoSocket, success: boolean, error: Error | null): Error | null {
    const { checkServerIdentity: check = checkServerIdentity } = this.options
    const isName = codeOf(error) === 'ERR_TLS_CERT_ALTNAME_INVALID'
    if (error !== null && !isName) return error
    if (!success && error === null) return new Error('the handshake has failed')
    const certificate = socket.getPeerCertificate() as PeerCertificate | null | undefined
    return check(this.name, certificate ?? ({} as PeerCertificate)) ?? null
  }

  /** TLS 1.2 brings its session before we know whom it is with; what fails then must not be resumed. */
  private onSession(session: Uint8Array): void {
    if (this.isOver) this.options.onSession?.(session as Buffer)
    else this.session = session
  }

  private onError(error: Error): void {
    this.fail(() => tlsError(asNode(error), this.address, performance.now() - this.beganAt))
  }

  private readonly onAbort = (): void => {
    const { signal } = this.options
    if (signal !== undefined) this.fail(() => canceled(signal, 'tls', this.address))
  }

  private fail(errorOf: () => Error): void {
    if (this.isOver) return
    this.settle()
    this.session = null
    this.socket?.terminate()
    this.result.reject(errorOf())
  }

  private settle(): void {
    this.isOver = true
    this.options.signal?.removeEventListener('abort', this.onAbort)
  }
}

/** Without keys there is no connection, whoever it would be with. */
function isNoHandshake(error: Error): boolean {
  const code = codeOf(error)
  return code === '' || code === 'EPROTO' || code === 'ECONNRESET' || /^ERR_(?:SSL|OSSL)_/.test(code)
}

/** BoringSSL's reason is in the message; Node has it in the code. */
function asNode(error: Error): Error {
  const reason = codeOf(error) === 'EPROTO' ? /:([A-Z\d_]+)$/.exec(error.message)?.[1] : undefined
  if (reason === undefined) return error
  return Object.assign(new Error(error.message, { cause: error }), { code: `ERR_SSL_${reason}` })
}

function codeOf(error: Error | null): string {
  const code: unknown = error !== null && 'code' in error ? error.code : undefined
  return typeof code === 'string' ? code : ''
}

function ignore(): void {}
