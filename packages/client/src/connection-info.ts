import { type ExtensionKey, type Extensions, extensionKey } from '@hyper/core/http'
import type { PeerInfo } from '@hyper/core/rt'
import type { PooledConnection } from '@hyper/util/pool'

// What a response tells of the connection that it came over.

/** Under `response.extensions.get(CONNECTION)`. */
export interface ConnectionInfo {
  /** The other end. */
  readonly peer: PeerInfo
  /** What the connector has said of the connection: timings, the proxy, … */
  readonly info: Extensions
  readonly protocol: 'http1' | 'http2'
  /** True when the connection had answered a request before this one. */
  readonly isReused: boolean
  /** How often the request was sent, this time included: more than 1 when it was sent again. */
  readonly attempts: number
  /** The connection serves no further request: it ends when what is under way on it is complete. */
  readonly retire: () => void
}

/** Under which a response's {@link ConnectionInfo} is found. */
export const CONNECTION: ExtensionKey<ConnectionInfo> = extensionKey('connection')

/** What a response on `connection` tells. Nearly all responses of a connection tell the same: it is said once. */
export function infoOf(connection: PooledConnection, isReused: boolean, attempts: number): ConnectionInfo {
  if (!isReused || attempts > 1) return describe(connection, isReused, attempts)
  if (connection.note === null) connection.note = describe(connection, true, 1)
  return connection.note as ConnectionInfo
}

function describe(connection: PooledConnection, isReused: boolean, attempts: number): ConnectionInfo {
  const { info, io, protocol } = connection
  return { peer: io.peer, info, protocol, isReused, attempts, retire: () => connection.close() }
}
