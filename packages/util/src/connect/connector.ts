import { type ExtensionKey, type Extensions, extensionKey } from '@hyper/core/http'
import type { Io } from '@hyper/core/rt'
import type { Destination } from './destination.ts'

// Connector: how a stream of bytes to a destination is made. A layer is a connector round a connector: a proxy, TLS, a
// counter. Types only, and the names of what layers tell one another.

/** What goes with one attempt to connect. One object for all layers of the attempt. */
export interface ConnectContext {
  /** Aborts when the attempt is given up: everything is to be torn down, and the promise rejected. */
  readonly signal: AbortSignal
  /**
   * What each layer has to say of the connection; a later value of the same key replaces the one before. It stays with
   * the connection, and responses that came over it show it.
   */
  readonly info: Extensions
}

/**
 * Makes a stream of bytes to a destination, past every handshake that is needed before HTTP: when `destination.secure`,
 * TLS as well. The stream has not been started.
 * Rejects with a HyperError: `DNS`, `CONNECT`, `TLS`, `PROXY` (phases `dns`, `connect`, `tls`), all of them `retryable`,
 * or `CANCELED` when the signal has fired.
 */
export type Connector = (destination: Destination, context: ConnectContext) => Promise<Io>

/** A connector round a connector. */
export type ConnectLayer = (inner: Connector) => Connector

/** How long the parts of connecting took, in milliseconds; null for what was not needed. */
export interface ConnectTimings {
  readonly dnsMs: number | null
  readonly connectMs: number | null
  readonly tlsMs: number | null
}

/** Under which a connection's {@link ConnectTimings} are found. */
export const CONNECT_TIMINGS: ExtensionKey<ConnectTimings> = extensionKey('connect timings')

/** The proxy that a connection goes through, as a URL without user name and password. */
export const PROXY: ExtensionKey<string> = extensionKey('proxy')
