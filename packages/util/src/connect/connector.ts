import type { ErrorPhase } from '@hyper/core/error'
import { type ExtensionKey, type Extensions, extensionKey, type HeaderMap } from '@hyper/core/http'
import type { Io } from '@hyper/core/rt'
import type { Destination } from './destination.ts'

// Connector: how a stream of bytes to a destination is made. A layer is a connector round a connector: a proxy, a
// counter. Types only, and the names of what layers tell one another and the transport above them.

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
  /** Looking the name up. */
  readonly dnsMs: number | null
  /** Until a transport was there, all attempts together. */
  readonly connectMs: number | null
  /** Asking a proxy for the way. */
  readonly proxyMs: number | null
  /** TLS; with a proxy that is spoken to by TLS, both handshakes together. */
  readonly tlsMs: number | null
}

/** Under which a connection's {@link ConnectTimings} are found. */
export const CONNECT_TIMINGS: ExtensionKey<ConnectTimings> = extensionKey('connect timings')

/** What is being waited for at present, `dns`, `connect` or `tls`: whoever gives an attempt up can tell where it was. */
export const CONNECT_PHASE: ExtensionKey<ErrorPhase> = extensionKey('connect phase')

/** What TLS has agreed on. */
export interface TlsInfo {
  /** For example `'TLSv1.3'`. */
  readonly protocol: string
  /** The cipher suite by its standard name. */
  readonly cipher: string
  /** True when an earlier session was resumed, which saves the certificates. */
  readonly isResumed: boolean
  /** False when the certificate was not the right one, and that was allowed. */
  readonly isAuthorized: boolean
}

/** The TLS of the connection to the destination; where there is none, of that to the proxy. */
export const TLS_INFO: ExtensionKey<TlsInfo> = extensionKey('tls')

/** The proxy that a connection goes through, as a URL without user name and password. */
export const PROXY: ExtensionKey<string> = extensionKey('proxy')

/** What requests to a proxy have to say that the origin is not told. */
export interface ForwardProxy {
  /** Fields for every request on the connection that does not have them itself; `proxy-authorization` is sensitive. */
  readonly headers: HeaderMap
}

/**
 * There when the other end of a connection is a proxy that forwards requests itself, without a tunnel: their targets are
 * to be in absolute form (RFC 9112 §3.2.2).
 */
export const FORWARD_PROXY: ExtensionKey<ForwardProxy> = extensionKey('forward proxy')
