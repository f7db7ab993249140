import { userError } from '@hyper/core/error'
import type { H1ServerOptions } from '@hyper/core/h1'
import type { H2ServerOptions } from '@hyper/core/h2'
import type { Io, Runtime } from '@hyper/core/rt'
import type { Service } from '@hyper/core/service'
import type { Tracer } from '@hyper/core/trace'
import type { ListenTls } from '@hyper/util/platform'
import type { ProxyProtocolOptions } from '@hyper/util/server'
import { type FetchHandler, type FetchObject, type FetchServerObject, takesTunnels } from './fetch/service.ts'
import type { ServerSignals } from './signals.ts'

// Options of `serve`, and how they become the engine's. The names of `timeouts` and `limits` are those of the TC55 Fetch
// Server draft where it has them. The engine checks every value when the server is made.

/** Milliseconds each; 0, null or Infinity turn one off. */
export interface ServerTimeouts {
  /**
   * From accepting a connection to its first byte, the TLS handshake included; then a silent close. On HTTP/2 also until
   * the client has acknowledged our SETTINGS. Default 10,000.
   */
  readonly handshake?: number | null | undefined
  /**
   * From the first byte of a request head to its last; then 408, on HTTP/2 GOAWAY. Default 30,000, on HTTP/2 10,000.
   */
  readonly headers?: number | null | undefined
  /**
   * Between an answer and the next request on the connection; then a silent close, on HTTP/2 GOAWAY. Default 75,000, on
   * HTTP/2 300,000.
   */
  readonly idle?: number | null | undefined
  /** The longest silence inside a request body; then 408, or a reset of the connection or stream. Default 30,000. */
  readonly receive?: number | null | undefined
  /** The longest time in which the client takes none of our bytes; then a reset. Default 30,000. */
  readonly send?: number | null | undefined
  /**
   * From the first byte of a request to the last of its answer that the transport takes; on HTTP/2 from the head of the
   * request. Then 408 while the client is being waited for, 503 while the handler is, and a reset of the connection (on
   * HTTP/2 of the stream) once the head of the answer is out; the handler hears of it as it does of a client that has
   * gone. Upgrades and tunnels that are open have no such time. Default off.
   */
  readonly total?: number | null | undefined
  /**
   * How long an HTTP/1 connection that we close goes on reading, so that the client sees our last answer; 0 is not at
   * all. Default 2,000.
   */
  readonly linger?: number | undefined
  /**
   * How long a tunnel (an upgraded connection, a stream of CONNECT) may be silent both ways; then it is reset, and its owner
   * hears `IDLE_TIMEOUT`. Pings of its protocol are no silence. Default off.
   */
  readonly tunnelIdle?: number | null | undefined
  /**
   * How long work given to `waitUntil` is waited for when the server closes, from when it was given; then `onError` is told.
   * Default off.
   */
  readonly waitUntil?: number | null | undefined
  /**
   * How long a connection may live; then it takes no further request, and closes with the answer to the present one.
   * Spreads clients anew over several processes. Default off.
   */
  readonly connectionAge?: number | null | undefined
}

/** Infinity turns a limit off. */
export interface ServerLimits {
  /** Bytes of a request head, request line and all; on HTTP/2 as RFC 9113 §6.5.2 counts. More is 431. Default 65,536. */
  readonly maxHeaderSize?: number | undefined
  /** Fields of a request head; more is 431. Default 100. */
  readonly maxHeaders?: number | undefined
  /** Bytes of a request target on HTTP/1; more is 414. Default 32,768. */
  readonly maxTargetLength?: number | undefined
  /** Bytes of a method on HTTP/1; more is 501. Default 64. */
  readonly maxMethodLength?: number | undefined
  /** Bytes of a trailer section on HTTP/1; more is 431, and ends the connection where the answer has begun. Default 16,384. */
  readonly maxTrailerSize?: number | undefined
  /**
   * Bytes of the chunk extensions of one body on HTTP/1; more is 400, and ends the connection where the answer has begun.
   * Default 16,384.
   */
  readonly maxChunkExtensionSize?: number | undefined
  /** Bytes of a request body; more is 413, and `BODY_TOO_LARGE` for who reads it. Default off. */
  readonly maxRequestBodySize?: number | undefined
  /** Requests on one connection; the last answer says `connection: close`, on HTTP/2 GOAWAY. Default off. */
  readonly maxRequestsPerConnection?: number | undefined
  /** Requests that an HTTP/2 client may have open on one connection; more are refused, to be sent again. Default 100. */
  readonly maxConcurrentStreams?: number | undefined
  /** Connections at a time; a further one is reset before it is read. Default off. */
  readonly maxConnections?: number | undefined
  /**
   * Connections of one client at a time: an IPv4 address, or an IPv6 /64; a further one is reset before it is read. Not
   * behind a proxy, where all come from one address. Default off.
   */
  readonly maxConnectionsPerAddress?: number | undefined
  /** Slowest request body accepted, bytes per second on average after the first 5 s; then 408. Default 240; 0 is off. */
  readonly minBodyRate?: number | undefined
  /** How long a body may be slower than that at its beginning, milliseconds. Default 5,000. */
  readonly minBodyRateGrace?: number | undefined
}

/** Whose word is taken for where a connection comes from. */
export type ServerProxyProtocol = Omit<ProxyProtocolOptions, 'timeout'>

/** Certificate, key and whatever else `node:tls` takes. */
export type ServerTls = Omit<ListenTls, 'alpn' | 'handshakeTimeout'>

/** What HTTP/1 alone has; see `H1ServerOptions` of the core. What `timeouts` and `limits` say wins. */
export type Http1Options = H1ServerOptions

/** What HTTP/2 alone has; see `H2ServerOptions` of the core. What `timeouts` and `limits` say wins. */
export type Http2Options = H2ServerOptions

/** How {@link serve} serves. One of `fetch` and `service` is needed; everything else has a default. */
export interface ServeOptions {
  /** Default 0: the system chooses a free one; `server.port` says which. One place at most can be given. */
  readonly port?: number | undefined
  /** The address to listen on. Default: all. */
  readonly hostname?: string | undefined
  /** Listen on a unix socket, instead of `port` and `hostname`. */
  readonly path?: string | undefined
  /**
   * A listening descriptor that was inherited, instead of a port: 3 for the first that systemd gives (`LISTEN_FDS`). In a
   * worker of `node:cluster` it is one of the primary.
   */
  readonly fd?: number | undefined
  /**
   * What listens already, instead of a port: a `net.Server`, as a parent process sends it, or its handle. It is taken over,
   * and closed with the server.
   */
  readonly handle?: object | undefined
  /**
   * Connections that something else accepts, instead of a port: a `Listener` of `@hyper/util/memory`, or whatever yields
   * streams, TLS under them if there is any. When it ends, the server closes, as by `close()`; what it throws goes to
   * `onError`, and then the server closes. Closing the server ends the iteration.
   */
  readonly connections?: AsyncIterable<Io> | undefined
  /** False: no place to listen on at all; requests come by `server.inject()`. Default true. */
  readonly listen?: boolean | undefined
  /**
   * Connections come by proxies that say for whom (PROXY protocol, versions 1 and 2): `{ trusted: ['10.0.0.0/8'] }`. Peers,
   * `limits.maxConnectionsPerAddress` and all are of the client then. The header comes before TLS, and has
   * `timeouts.handshake`. Default: they do not.
   */
  readonly proxyProtocol?: ServerProxyProtocol | undefined
  /** Lets several processes bind one port, and the system spread connections over them. Default false. */
  readonly reusePort?: boolean | undefined
  /** Connections that may wait to be accepted. Default 511. */
  readonly backlog?: number | undefined
  /** Serve by TLS. */
  readonly tls?: ServerTls | undefined
  /** Answers requests in the Fetch standard's terms. Either this or `service`. */
  readonly fetch?: FetchHandler | FetchObject | FetchServerObject | undefined
  /** Answers requests in the engine's terms, which costs least. */
  readonly service?: Service | undefined
  /** How long anything may take; most are on. */
  readonly timeouts?: ServerTimeouts | undefined
  /** How much of anything there may be; most are on. */
  readonly limits?: ServerLimits | undefined
  /** HTTP/1.1 and 1.0, and their options. Default true. */
  readonly http1?: boolean | Http1Options | undefined
  /** HTTP/2, by ALPN under TLS and by prior knowledge without, and its options. Default true. */
  readonly http2?: boolean | Http2Options | undefined
  /**
   * Takes what a handler throws, and what background work does. Default: a process warning (on Deno a line on stderr), one per
   * distinct failure.
   */
  readonly onError?: ((error: unknown) => void) | undefined
  /** Hooks for observers. Default: none. */
  readonly tracer?: Tracer | undefined
  /** Closes the server when it aborts, as `close()` does. */
  readonly signal?: AbortSignal | undefined
  /**
   * Signals that close the server: true for SIGTERM and SIGINT, a list of others, or how. The first one drains, with a
   * deadline of 10 s; the second ends everything at once. Once the server is closed nobody listens for them any more, and a
   * process that has nothing else to do ends by itself, with 0. Default: none.
   */
  readonly signals?: boolean | readonly string[] | ServerSignals | undefined
  /** Clock, timers, text, and where background errors go. Default: those of the platform. */
  readonly runtime?: Runtime | undefined
}

/** The engine's options for every HTTP/1 connection of a server. */
export function h1Options(options: ServeOptions): H1ServerOptions {
  const { timeouts = {}, limits = {} } = options
  const http1 = ownOptions(options.http1)
  return {
    ...http1,
    firstByteTimeout: either(timeouts.handshake, http1.firstByteTimeout),
    headerReadTimeout: either(timeouts.headers, http1.headerReadTimeout),
    keepAliveTimeout: either(timeouts.idle, http1.keepAliveTimeout),
    bodyIdleTimeout: either(timeouts.receive, http1.bodyIdleTimeout),
    sendTimeout: either(timeouts.send, http1.sendTimeout),
    requestTimeout: either(timeouts.total, http1.requestTimeout),
    lingerTimeout: either(timeouts.linger, http1.lingerTimeout),
    maxHeadSize: either(limits.maxHeaderSize, http1.maxHeadSize),
    maxHeaders: either(limits.maxHeaders, http1.maxHeaders),
    maxTargetLength: either(limits.maxTargetLength, http1.maxTargetLength),
    maxMethodLength: either(limits.maxMethodLength, http1.maxMethodLength),
    maxTrailerSize: either(limits.maxTrailerSize, http1.maxTrailerSize),
    maxChunkExtensionSize: either(limits.maxChunkExtensionSize, http1.maxChunkExtensionSize),
    maxRequests: either(limits.maxRequestsPerConnection, http1.maxRequests),
    bodyMinRate: either(limits.minBodyRate, http1.bodyMinRate),
    bodyMinRateGrace: either(limits.minBodyRateGrace, http1.bodyMinRateGrace),
  }
}

/** The engine's options for every HTTP/2 connection of a server. */
export function h2Options(options: ServeOptions): H2ServerOptions {
  const { timeouts = {}, limits = {} } = options
  const http2 = ownOptions(options.http2)
  return {
    ...http2,
    enableConnectProtocol: http2.enableConnectProtocol ?? takesTunnels(options.fetch),
    settingsTimeout: either(timeouts.handshake, http2.settingsTimeout),
    headerBlockTimeout: either(timeouts.headers, http2.headerBlockTimeout),
    idleTimeout: either(timeouts.idle, http2.idleTimeout),
    bodyIdleTimeout: either(timeouts.receive, http2.bodyIdleTimeout),
    sendTimeout: either(timeouts.send, http2.sendTimeout),
    requestTimeout: either(timeouts.total, http2.requestTimeout),
    maxHeaderListSize: either(limits.maxHeaderSize, http2.maxHeaderListSize),
    maxHeaders: either(limits.maxHeaders, http2.maxHeaders),
    maxConcurrentStreams: either(limits.maxConcurrentStreams, http2.maxConcurrentStreams),
    maxRequests: either(limits.maxRequestsPerConnection, http2.maxRequests),
    bodyMinRate: either(limits.minBodyRate, http2.bodyMinRate),
    bodyMinRateGrace: either(limits.minBodyRateGrace, http2.bodyMinRateGrace),
  }
}

/** The protocol that alone is served, if there is only one. @throws HyperError `INVALID_OPTION` for none */
export function onlyProtocol({ http1, http2 }: ServeOptions): 'http1' | 'http2' | undefined {
  if (http1 !== false) return http2 === false ? 'http1' : undefined
  if (http2 !== false) return 'http2'
  throw userError('INVALID_OPTION', 'serve() needs one of `http1` and `http2`')
}

/** Of a timeout. */
export function isOff(timeout: number | null): timeout is null {
  return timeout === null || timeout === 0 || timeout === Infinity
}

/** The options of a protocol, where there are any. */
function ownOptions<T extends object>(given: boolean | T | undefined): Partial<T> {
  return typeof given === 'object' ? given : {}
}

/** The first that was given; null is a value: it turns a timeout off. */
function either<T>(given: T | undefined, other: T | undefined): T | undefined {
  return given === undefined ? other : given
}
