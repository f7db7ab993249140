import { time } from '@hyper/core/error'

// What listeners of every runtime have in common.

/** Where a listener listens: `hostname` and `port`, or `path`. */
export interface ListenAddress {
  /** The address; null for a path. */
  readonly hostname: string | null
  /** Null for a path. */
  readonly port: number | null
  /** Of a unix socket; null for an address. */
  readonly path: string | null
}

/** How a {@link Listener} is closed. */
export interface ListenerCloseOptions {
  /** Milliseconds that handshakes which are under way still have. Default 0. */
  readonly grace?: number | undefined
}

/** What `tls.handshakeTimeout` says: milliseconds, Infinity for no limit. @throws HyperError `INVALID_OPTION` */
export function handshakeTimeOf(given: number | null | undefined): number {
  return time('tls.handshakeTimeout', given, 10_000)
}
