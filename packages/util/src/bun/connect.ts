import type { Io } from '@hyper/core/rt'
import { connectOnce } from '../connect/connect-once.ts'
import type { ConnectOptions } from '../node/connect.ts'
import { bunConnector } from './bun-connector.ts'
import { bunResolver } from './bun-resolver.ts'
import { bunRuntime } from './bun-runtime.ts'

// connectTcp: one connection, said in one call, by TCP or a unix path, with or without TLS. The parts are those of
// bunConnector; nothing is remembered from one call to the next.

const resolver = /* @__PURE__ */ bunResolver()

/**
 * Connects, and hands the connection over half-open and past its TLS handshake. The addresses of a name are raced
 * (RFC 8305).
 * Rejects with a HyperError: `DNS`, `CONNECT`, `TLS` (phase `dns`, `connect`, `tls`; `cause` is Bun's error),
 * `CONNECT_TIMEOUT`, or `CANCELED` when the signal fired; all of them `retryable`. `INVALID_OPTION` for what cannot be.
 */
export async function connectTcp(options: ConnectOptions): Promise<Io> {
  const { tls = false } = options
  const connector = bunConnector({
    resolver,
    socketPath: options.path,
    tls: typeof tls === 'object' ? tls : undefined,
    maxSessions: 0,
    handshakeTimeout: null,
  })
  return connectOnce(connector, options, { runtime: bunRuntime, secure: tls !== false })
}
