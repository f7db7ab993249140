import { type HyperError, userError } from '@hyper/core/error'
import type { Io } from '@hyper/core/rt'
import { TLS_INFO } from '../connect/connector.ts'
import { addressOf, type Destination } from '../connect/destination.ts'
import { canceled, connectError } from '../connect/failure.ts'
import type { Secure } from '../connect/secure.ts'
import { denoApi, type StartTls, type TcpConn, type TlsConn } from './deno-api.ts'
import { denoIo, releaseConn } from './deno-io.ts'
import { pem, refuse } from './refuse.ts'
import { TLS_FAILURES } from './tls-failure-table.ts'

// TLS of a client by Deno (rustls). In: a TCP connection that nobody uses. Out: the stream inside, past the handshake.

/** TLS of a client, as far as Deno has it. Certificates and keys are PEM. */
export interface ConnectTls {
  /** Protocols for ALPN (RFC 7301), best first. Default: none is offered. */
  readonly alpn?: readonly string[] | undefined
  /** Authorities to trust **beside** Deno's own: Deno has no way to trust no others (`DENO_TLS_CA_STORE` chooses its own). */
  readonly ca?: string | Uint8Array | readonly (string | Uint8Array)[] | undefined
  /** A certificate of ours, with its chain. Straight to the destination only: neither through a proxy nor with `servername`. */
  readonly cert?: string | Uint8Array | undefined
  /** The key of `cert`. */
  readonly key?: string | Uint8Array | undefined
  /** The name to ask for by SNI and to check the certificate against. Default: the host. */
  readonly servername?: string | undefined
  /** Only true: Deno leaves out the check when it is started with `--unsafely-ignore-certificate-errors`. */
  readonly rejectUnauthorized?: boolean | undefined
}

/** What {@link ConnectTls} is, once it is read. */
export interface ReadTls {
  readonly alpn: readonly string[]
  readonly caCerts: string[]
  readonly servername: string | undefined
  readonly pair: { readonly cert: string; readonly key: string } | null
}

/** @throws HyperError `INVALID_OPTION` */
export function readTls(place: string, tls: ConnectTls): ReadTls {
  refuse(place, tls, ['alpn', 'ca', 'cert', 'key', 'servername', 'rejectUnauthorized'])
  const { alpn = [], ca, cert, key, rejectUnauthorized = true, servername } = tls
  if (!rejectUnauthorized) {
    throw userError(
      'INVALID_OPTION',
      `${place}.rejectUnauthorized: false is not Deno's to do for one client; deno run --unsafely-ignore-certificate-errors=HOST does`,
    )
  }
  if ((cert === undefined) !== (key === undefined))
    throw userError('INVALID_OPTION', `${place}: cert and key go together`)
  return {
    alpn,
    caCerts: ca === undefined ? [] : [pem(`${place}.ca`, ca)],
    servername,
    pair: cert === undefined ? null : { cert: pem(`${place}.cert`, cert), key: pem(`${place}.key`, key) },
  }
}

/**
 * TLS by `Deno.startTls` for connectors: over TCP connections of Deno's, and over nothing else.
 * @throws HyperError `INVALID_OPTION`
 */
export function denoSecure(tls: ConnectTls = {}): Secure {
  const read = readTls('tls', tls)
  if (read.pair !== null)
    throw userError('INVALID_OPTION', 'tls.cert: Deno.startTls sends no certificate of ours')
  return secureWith(read)
}

/** @internal */
export function secureWith(tls: ReadTls): Secure {
  return async (io, destination, context) => {
    const address = addressOf(destination)
    const conn = releaseConn(io)
    if (conn === null || !('setNoDelay' in conn)) {
      if (conn === null) io.abort()
      else conn.close()
      throw userError(
        'INVALID_OPTION',
        `TLS with ${address}: Deno has TLS over TCP only, and none inside of TLS`,
      )
    }
    const options = startTlsOptions(tls, destination)
    const begin = (): Promise<TlsConn> => denoApi().startTls(conn as TcpConn, options)
    const secured = await shaken(begin, address, context.signal, () => conn.close())
    context.info.set(TLS_INFO, UNTOLD)
    return secured
  }
}

/** Deno tells neither version nor cipher. */
export const UNTOLD = { protocol: '', cipher: '', isResumed: false, isAuthorized: true } as const

export function startTlsOptions(tls: ReadTls, destination: Destination): StartTls {
  const { alpn = tls.alpn, host } = destination
  return {
    // RFC 6066 §3: no dot ends a server name.
    hostname: tls.servername ?? host.replace(/\.$/, ''),
    caCerts: tls.caCerts,
    ...(alpn.length === 0 ? {} : { alpnProtocols: [...alpn] }),
  }
}

/** The handshake, as far as the signal lets it. */
export async function shaken(
  begin: () => Promise<TlsConn>,
  address: string,
  signal: AbortSignal,
  giveUp: () => void,
): Promise<Io> {
  const beganAt = performance.now()
  let conn: TlsConn | null = null
  const close = (): void => {
    try {
      if (conn === null) giveUp()
      else conn.close()
    } catch {
      // It is closed already.
    }
  }
  signal.addEventListener('abort', close)
  try {
    signal.throwIfAborted()
    conn = await begin()
    signal.throwIfAborted()
    const { alpnProtocol } = await conn.handshake()
    signal.throwIfAborted()
    return denoIo(conn, { alpnProtocol })
  } catch (error) {
    close()
    throw signal.aborted
      ? canceled(signal, 'tls', address)
      : tlsError(error, address, performance.now() - beganAt)
  } finally {
    signal.removeEventListener('abort', close)
  }
}

/** Why a handshake failed, said so that one knows what to do; `cause` is Deno's error. */
export function tlsError(cause: unknown, address: string, elapsedMs: number): HyperError {
  const said = cause instanceof Error ? cause.message : String(cause)
  const words = TLS_FAILURES.find(([pattern]) => pattern.test(said))?.[1]
  const detail = words === undefined ? said : `${words} (${said.slice(0, 200)})`
  return connectError('TLS', `TLS with ${address} failed: ${detail}`, {
    phase: 'tls',
    address,
    elapsedMs,
    cause,
  })
}
