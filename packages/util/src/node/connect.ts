import type { Io } from '@hyper/core/rt'
import { connectOnce } from '../connect/connect-once.ts'
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
  const { path, tls = false } = options
  const connector = nodeConnector({
    resolver,
    socketPath: path,
    tls: typeof tls === 'object' ? tls : undefined,
    maxSessions: 0,
    handshakeTimeout: null,
  })
  return connectOnce(connector, options, { runtime: nodeRuntime, secure: tls !== false })
}
