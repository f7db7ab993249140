import { HyperError, userError } from '@hyper/core/error'
import { constants } from 'node:crypto'
import type { Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import {
  createSecureContext,
  createServer,
  type SecureContextOptions,
  type Server,
  type TlsOptions,
  type TLSSocket,
} from 'node:tls'
import { handshakeTimeOf } from '../runtime/listen-types.ts'
import { answerName, namesCallback, type NameCallback } from './server-names.ts'

// TlsAcceptor: TLS for the side that accepts. In: connections, each as a socket or a Duplex. Out: sockets past their
// handshake. It listens nowhere: a server of `node:tls` is given what others have accepted. Certificates can be changed at
// any time; connections that have theirs keep it.

/** TLS for `listen`: what `node:tls` takes, and `alpn` and `contexts`. */
export interface ListenTls extends Omit<TlsOptions, 'ALPNProtocols' | 'handshakeTimeout' | 'allowHalfOpen'> {
  /** Protocols for ALPN (RFC 7301), best first, for example `['h2', 'http/1.1']`. Default: none is negotiated. */
  readonly alpn?: readonly string[] | undefined
  /** Milliseconds from accept to the end of the handshake; 0, null and Infinity are no limit. Default 10,000. */
  readonly handshakeTimeout?: number | null | undefined
  /**
   * Certificates by the name that a client asks for (SNI, RFC 6066 §3): `{ 'a.example': { cert, key } }`. `*.a.example` is
   * for all names with one label more. What an entry lacks (`ca`, `ciphers`, …) it has from the options beside it. A client
   * that asks for none of the names gets `cert`. Instead of `SNICallback`.
   */
  readonly contexts?: Readonly<Record<string, SecureContextOptions>> | undefined
}

/** What may be changed while listening: {@link ListenTls} but for what a handshake is told once and for all. */
export type ReloadTls = Omit<ListenTls, 'alpn' | 'handshakeTimeout'>

export interface TlsAcceptorEvents {
  onSecure(socket: TLSSocket): void
  /** The connection is gone by then. */
  onFailure(error: HyperError): void
  /** What `SNICallback` has thrown, or rejected with. Its connection fails as well. */
  onFault(error: unknown): void
}

export class TlsAcceptor {
  private readonly server: Server
  private readonly events: TlsAcceptorEvents
  private options: ListenTls
  /** What answers SNI now. */
  private names: NameCallback | null

  /** @throws HyperError `INVALID_OPTION`, with Node's own error as its cause where there is one */
  constructor(options: ListenTls, events: TlsAcceptorEvents) {
    this.events = events
    this.options = options
    this.names = namesOf(options)
    const { alpn, contexts: _, handshakeTimeout, secureOptions, SNICallback: __, ...rest } = options
    this.server = serverOf({
      ...rest,
      secureOptions: withoutRenegotiation(secureOptions ?? 0),
      ...(alpn === undefined ? {} : { ALPNProtocols: [...alpn] }),
      // Always there, so that names may come with a reload.
      SNICallback: (name, answer) => this.answer(name, answer),
      handshakeTimeout: Math.min(handshakeTimeOf(handshakeTimeout), LONGEST),
    })
    this.server.on('secureConnection', (socket) => {
      socket.allowHalfOpen = true
      events.onSecure(socket)
    })
    this.server.on('tlsClientError', (cause, socket) => {
      // Node leaves that to the listener of this event; without it a timed-out handshake stays open for ever.
      socket.destroy()
      events.onFailure(handshakeFailed(cause))
    })
  }

  /** Begins the handshake. */
  accept(connection: Socket | Duplex): void {
    // Who ends before its handshake is through wants nothing: load balancers that only look whether the port is open would be
    // held until the timeout, each with a descriptor.
    connection.allowHalfOpen = false
    // What Node documents for streams that it has not accepted itself.
    this.server.emit('connection', connection)
  }

  /**
   * Certificates, keys and what goes with them, for connections from now on; what is not named stays as it was.
   * @throws HyperError `INVALID_OPTION`; nothing is changed then
   */
  reload(given: ReloadTls): void {
    const options = reloaded(this.options, given)
    const names = namesOf(options)
    const secureOptions = withoutRenegotiation(options.secureOptions ?? 0)
    try {
      // Node's own way changes part of the server before it finds the mistake.
      createSecureContext({ ...options, secureOptions })
      this.server.setSecureContext({ ...options, secureOptions })
    } catch (error) {
      throw misfit(error)
    }
    this.options = options
    this.names = names
  }

  private answer(name: string, answer: Parameters<NameCallback>[1]): void {
    if (this.names === null) answer(null)
    else answerName(this.names, name, answer, (error) => this.events.onFault(error))
  }
}

function serverOf(options: TlsOptions): Server {
  try {
    return createServer(options)
  } catch (error) {
    throw misfit(error)
  }
}

function misfit(cause: unknown): HyperError {
  return userError('INVALID_OPTION', `tls: ${(cause as Error).message}`, cause)
}

/** What answers SNI; null when nothing does. @throws HyperError `INVALID_OPTION` */
export function namesOf(options: ListenTls): NameCallback | null {
  const { contexts, SNICallback } = options
  // It would be found out by the first client.
  if (SNICallback !== undefined && typeof SNICallback !== 'function')
    throw userError('INVALID_OPTION', 'tls.SNICallback must be a function')
  if (contexts === undefined) return SNICallback ?? null
  if (SNICallback !== undefined)
    throw userError('INVALID_OPTION', 'tls takes `contexts` or `SNICallback`, not both')
  if (typeof contexts !== 'object' || contexts === null)
    throw userError('INVALID_OPTION', 'tls.contexts must be an object: { name: { cert, key } }')
  const { cert: _, key: __, pfx: ___, passphrase: ____, ...common } = options
  return namesCallback(contexts, common)
}

/**
 * The options of before, with what a reload names.
 * @throws HyperError `INVALID_OPTION`
 */
export function reloaded(old: ListenTls, given: ReloadTls): ListenTls {
  const changes = named(given)
  return { ...withoutReplaced(old, changes), ...changes }
}

/**
 * What `changes` names. What is undefined is not named: a `ca` that is not there would have any client of a public authority
 * let in. Node takes what is empty (a file that is being written) for what is not there, and no handshake would succeed.
 * @throws HyperError `INVALID_OPTION`
 */
function named(changes: ReloadTls): ReloadTls {
  const entries = Object.entries(changes).filter(([, value]) => value !== undefined)
  for (const [name, value] of entries) {
    if (IS_CREDENTIAL.has(name) && (value === null || (value as ArrayLike<unknown>).length === 0))
      throw userError('INVALID_OPTION', `tls.${name} is empty`)
    if (name === 'SNICallback' && typeof value !== 'function')
      throw userError('INVALID_OPTION', 'tls.SNICallback must be a function')
  }
  return Object.fromEntries(entries) as ReloadTls
}

const IS_CREDENTIAL: ReadonlySet<string> = new Set(['cert', 'key', 'pfx'])

/**
 * A certificate in one form takes the place of that in the other; the key stays where only the certificate is new, and Node
 * finds out whether they fit. New names take the place of old ones.
 */
function withoutReplaced(old: ListenTls, changes: ReloadTls): ListenTls {
  let rest = old
  if (changes.pfx !== undefined) {
    const { cert: _, key: __, pfx: ___, passphrase: ____, ...others } = rest
    rest = others
  } else if (changes.cert !== undefined && rest.pfx !== undefined) {
    const { pfx: _, passphrase: __, ...others } = rest
    rest = others
  }
  if (changes.contexts !== undefined || changes.SNICallback !== undefined) {
    const { contexts: _, SNICallback: __, ...others } = rest
    rest = others
  }
  return rest
}

/** The longest that a timer of Node can wait; of what is longer the process is warned. */
const LONGEST = 2_147_483_647

function handshakeFailed(cause: Error): HyperError {
  return new HyperError('TLS', `the TLS handshake failed: ${cause.message}`, {
    by: 'peer',
    phase: 'tls',
    cause,
  })
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
