import { type HyperError, userError } from '@hyper/core/error'
import { Extensions } from '@hyper/core/http'
import type { Io } from '@hyper/core/rt'
import { CONNECT_PHASE, type ConnectContext } from '../connect/connector.ts'
import { hostPort } from '../connect/address.ts'
import { withDeadline } from '../connect/deadline.ts'
import type { Destination } from '../connect/destination.ts'
import { connectError } from '../connect/failure.ts'
import { time } from '../connect/options.ts'
import { nodeConnector } from './node-connector.ts'
import { nodeResolver } from './node-resolver.ts'
import { nodeRuntime } from './node-runtime.ts'
import type { ConnectTls } from './secure.ts'

// connectTcp: one connection, said in one call, by TCP or a unix path, with or without TLS. The parts are those of
// nodeConnector; nothing is remembered from one call to the next.

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

const resolver = /* @__PURE__ */ nodeResolver()

/**
 * Connects, and hands the connection over half-open and past its TLS handshake. The addresses of a name are raced
 * (RFC 8305).
 * Rejects with a HyperError: `DNS`, `CONNECT`, `TLS` (phase `dns`, `connect`, `tls`; `cause` is Node's error),
 * `CONNECT_TIMEOUT`, or `CANCELED` when the signal fired; all of them `retryable`. `INVALID_OPTION` for what cannot be.
 */
export async function connectTcp(options: ConnectOptions): Promise<Io> {
  const { path, port = 0, tls = false } = options
  if (path === undefined && !(Number.isInteger(port) && port > 0 && port < 65_536))
    throw userError('INVALID_OPTION', `port must be a whole number from 1 to 65535, not ${String(port)}`)
  const timeout = time('timeout', options.timeout, 0)
  const connector = nodeConnector({
    resolver,
    socketPath: path,
    tls: typeof tls === 'object' ? tls : undefined,
    maxSessions: 0,
    handshakeTimeout: null,
  })
  const info = new Extensions()
  return withDeadline(
    { runtime: nodeRuntime, timeout, signal: options.signal ?? new AbortController().signal },
    (signal) => connector(destinationOf(options, tls !== false), { signal, info }),
    () => expired(options, timeout, info),
  )
}

function destinationOf({ host = 'localhost', port = 0 }: ConnectOptions, secure: boolean): Destination {
  const authority = hostPort(host, port)
  return { origin: `${secure ? 'https' : 'http'}://${authority}`, secure, host, port, authority }
}

function expired(options: ConnectOptions, elapsedMs: number, info: ConnectContext['info']): HyperError {
  const address = options.path ?? destinationOf(options, false).authority
  return connectError('CONNECT_TIMEOUT', `no connection to ${address} within ${elapsedMs} ms`, {
    phase: info.get(CONNECT_PHASE) ?? 'connect',
    address,
    elapsedMs,
  })
}
