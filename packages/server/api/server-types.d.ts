import { HyperError } from "@hyper/core/error";
import { H1ServerOptions } from "@hyper/core/h1";
import { H2ServerOptions } from "@hyper/core/h2";
import { ListenTls, ReloadTls } from "@hyper/util/platform";
import { Body } from "@hyper/core/body";
import { HeaderMap, HttpRequest, HttpResponse } from "@hyper/core/http";
import { FetchHeadersInit } from "@hyper/util/web";
import { Io, PeerInfo, Runtime } from "@hyper/core/rt";
import { ProxyProtocolOptions } from "@hyper/util/server";
import { Exchange, IoParts, Service } from "@hyper/core/service";
import { Tracer } from "@hyper/core/trace";
/** Trailers as values, or made once the body has been sent. */
type TrailersInit = FetchHeadersInit | (() => FetchHeadersInit | Promise<FetchHeadersInit>);
/** What {@link FetchContext.upgrade} gives. */
interface Upgrade {
  /** Answer with this one: 101 and the protocol, or 200 to a CONNECT. */
  readonly response: Response;
  /** The connection, once the head of the answer is written. Rejects with a HyperError when it came to nothing. */
  readonly parts: Promise<IoParts>;
}
/** The second argument of a fetch handler: what it may ask and do besides answering. */
declare class FetchContext {
  #private;
  /** The request, the same object that the handler was given. */
  get request(): Request;
  /** The other end: addresses and ports, TLS, ALPN, SNI. */
  get peer(): PeerInfo;
  /** The client's address without its port; null where the transport has none (a unix socket). */
  get remoteAddress(): string | null;
  /** Our address without its port; null where the transport has none. */
  get localAddress(): string | null;
  /** True when the bytes travel by TLS. */
  get encrypted(): boolean;
  /** What ALPN agreed on; null without TLS, or when the client offered nothing. */
  get alpnProtocol(): string | null;
  /** The name that the client asked for by SNI; null when it named none. */
  get serverName(): string | null;
  /** The version of the request's message: `'1.0'`, `'1.1'` or `'2'`. */
  get httpVersion(): string;
  /** What an extended CONNECT of HTTP/2 is for (RFC 8441), for example `'websocket'`; null for any other request. */
  get connectProtocol(): string | null;
  /**
   * Resolves when the whole answer has been handed to the transport. Rejects when it was not: with the HyperError that
   * ended it, or with what the handler has thrown. Never unhandled.
   */
  get completed(): Promise<void>;
  /** The trailers of the request, once its body has been read to the end; null when it had none. */
  get requestTrailers(): Promise<Headers | null>;
  /**
   * Sends an interim response (RFC 9110 §15.2) now, for example 103 with `link` fields.
   * @param status 100 or 102 to 199.
   * @returns false when it was not sent: the client speaks HTTP/1.0, or the answer has begun.
   * @throws HyperError `INVALID_STATUS`; TypeError for headers that cannot be sent.
   */
  sendInformational(status: number, headers?: FetchHeadersInit): boolean;
  /**
   * Sets the trailers of the answer; the last call before the handler returns counts. A function is called when the body
   * has been sent. On HTTP/1.1 they are sent when the request had `te: trailers`, on HTTP/2 always.
   */
  trailers(trailers: TrailersInit): void;
  /** Work that goes on after the answer: `server.close()` waits for it, and a rejection goes to `onError`. */
  waitUntil(work: Promise<unknown>): void;
  /**
   * Refuses the request as one that was not processed, at once: the client may send it again, to another server. On
   * HTTP/1 that is 503 with `connection: close`, on HTTP/2 a reset of the stream with REFUSED_STREAM.
   * @returns what the handler answers with: `return context.deny()`
   */
  deny(): Response;
  /**
   * Takes the connection after the answer, which must be the `response` that this gives. On HTTP/2, which knows no other
   * switch than CONNECT, it is the stream that is taken.
   * @param headers more fields for it; `upgrade` defaults to the first protocol that the client offered, and to a WebSocket
   *   `sec-websocket-accept` says what it must (RFC 6455 §4.2.2).
   */
  upgrade(headers?: FetchHeadersInit): Upgrade;
}
/** A tunnel that a `connect` handler has accepted. */
declare class Tunnel implements AsyncDisposable {
  #private;
  /** Resolves once both directions have ended; rejects with what broke the tunnel. Never unhandled. */
  readonly closed: Promise<void>;
  /** What the client sends. Cancelling it breaks the tunnel. */
  get readable(): ReadableStream<Uint8Array<ArrayBuffer>>;
  /** What the client gets: bytes, which are copied. Closing it ends our direction; aborting it breaks the tunnel. */
  get writable(): WritableStream<Uint8Array>;
  /**
   * The same stream as the engine has it, in place of `readable` and `writable`: for `duplexFrom`, and for what is pushed.
   * Its owner sees its end; `closed` does not settle then.
   * @throws DOMException `InvalidStateError` when the streams were asked for before, and the second time.
   */
  detach(): IoParts;
  /**
   * Ends our direction once what was written is sent; the client's goes on. Does nothing where that has ended.
   * @throws DOMException `InvalidStateError` when a writer has `writable` locked (close it by that one), and after
   *   {@link detach}.
   */
  close(): void;
  /** Breaks the tunnel at once, with a reset: both streams, and `closed`, fail with `error`. */
  destroy(error?: unknown): void;
  /** Capsules (RFC 9297) are not supported. @throws DOMException `NotSupportedError` */
  capsules(): never;
  /** HTTP datagrams (RFC 9297) are not supported. @throws DOMException `NotSupportedError` */
  datagrams(): never;
  /**
   * As {@link close}, and then waits until the client has ended, too. What it still sends is dropped, unless somebody reads.
   * Does nothing to a tunnel that was detached: it is its owner's.
   */
  [Symbol.asyncDispose](): Promise<void>;
}
/** For {@link ConnectContext.deny}: declines the upgrade, and lets `fetch` answer the request. */
declare const FALLTHROUGH: unique symbol;
/** What the answer that accepts says besides; a status is what it must be. */
interface AcceptInit {
  readonly headers?: FetchHeadersInit;
}
/** The argument of a `connect` handler. */
declare class ConnectContext extends FetchContext {
  #private;
  /**
   * What the tunnel is for, in lower case, for example `'websocket'`: of an extended CONNECT (RFC 8441), or the first
   * protocol of `upgrade` on HTTP/1. Null for a plain CONNECT.
   */
  override get connectProtocol(): string | null;
  /**
   * Accepts, with 200, or with 101 on an HTTP/1 upgrade, and resolves with the tunnel once that is written. Rejects with what
   * happened when the client has gone.
   * @throws DOMException `InvalidStateError` after the first call, and after {@link deny}; TypeError for headers that cannot
   *   be sent, and nothing is decided then.
   */
  accept(init?: AcceptInit): Promise<Tunnel>;
  /**
   * Declines: as {@link FetchContext.deny}, or, given {@link FALLTHROUGH}, the upgrade alone. `fetch` is asked then, as soon
   * as this handler has returned.
   * @throws DOMException `InvalidStateError` after {@link accept} and after the first call, and for FALLTHROUGH when the
   *   request is a CONNECT, which is nothing else.
   */
  override deny(reason?: unknown): Response;
  /**
   * A WebSocket as the platform has it is not supported: its frames are the business of a library, which
   * `@hyper/server/websocket` gives the tunnel to.
   * @throws DOMException `NotSupportedError`
   */
  upgradeWebSocket(): never;
  /** WebTransport is not supported. Rejects with a DOMException, `NotSupportedError`. */
  upgradeWebTransport(): Promise<never>;
}
/** What answers requests in the Fetch standard's terms. */
type FetchHandler = (request: Request, context: FetchContext) => Response | Promise<Response>;
/** A module or an application that has its handler as a member, as in `export default { fetch }`. */
interface FetchObject {
  fetch: FetchHandler;
}
/** A Response, or nothing after `context.deny()`. */
type MaybeResponse = Response | undefined | void;
/**
 * The handler object of the TC55 Fetch Server draft: it is given the context alone, has requests for tunnels apart, and may
 * answer failures.
 */
interface FetchServerObject {
  readonly [PROTOCOL]: 1;
  fetch(context: FetchContext): MaybeResponse | Promise<MaybeResponse>;
  /**
   * Answers CONNECT, extended CONNECT (which is offered to HTTP/2 clients then) and HTTP/1 upgrades: accepts, denies, or
   * returns a Response. What it throws is 502. Default: 501 to a CONNECT; an upgrade goes to `fetch` as a plain request.
   */
  connect?(context: ConnectContext): MaybeResponse | Promise<MaybeResponse>;
  /** Answers in place of one that has failed; undefined leaves the default answer. */
  error?(context: FetchContext, error: unknown): MaybeResponse | Promise<MaybeResponse>;
}
/** The mark of a {@link FetchServerObject}: `Symbol.for('wintertc.server.protocol')`. */
declare const PROTOCOL: unique symbol;
/** How {@link Server.inject} asks, besides what `Request` takes. */
interface InjectInit extends RequestInit {
  /** Default `'http1'`, where that is served. */
  readonly protocol?: "http1" | "http2" | undefined;
  /** Sent after the body. Default: none. */
  readonly trailers?: Readonly<Record<string, string>> | undefined;
  /** Called for each interim response (1xx). */
  readonly onInformational?: ((status: number, headers: Headers) => void) | undefined;
  /** Whom the server takes the client for: addresses, TLS. Default: a stream in memory, without an address. */
  readonly peer?: Partial<PeerInfo> | undefined;
}
/** A response, and what the Fetch standard has no room for. */
interface InjectedResponse extends Response {
  /** Resolves with the trailers when the body has been read to its end; null when there are none. Never rejects. */
  readonly trailers: Promise<Headers | null>;
}
/** How {@link Server.close} goes about it. */
interface CloseOptions {
  /** Milliseconds until what still runs is aborted; 0 is at once. Default: no deadline, as Infinity. */
  readonly deadline?: number | undefined;
  /**
   * Milliseconds for which a connection without a request still waits for one that is on its way, handshakes among them; it
   * is answered, and then the connection closes. 0 closes them at once, and what is on its way then is lost. Default 500.
   */
  readonly grace?: number | undefined;
}
/** A server that listens: made by `serve`. */
declare class Server {
  /** Resolves once the server was closed: no connection is left, and no work given to `waitUntil`. Never rejects. */
  readonly closed: Promise<void>;
  /**
   * True to shed load: requests are refused, without asking the handler. On HTTP/1 that is 503 with `connection: close`, on
   * HTTP/2 REFUSED_STREAM, and the connection goes on; either way the client may send the request again, to another
   * server. Nobody knows for how long, hence no `retry-after`. Connections are still accepted, so that the refusal is
   * seen, and what runs is finished. False serves again. Default false.
   */
  busy: boolean;
  private readonly config;
  /** What became of each stream that was accepted, until it is gone. */
  private readonly open;
  private readonly clients;
  private readonly work;
  private accepting;
  private binding;
  private isClosing;
  /** Connections may still come, even while it closes: those whose handshake is under way. */
  private isAccepting;
  private grace;
  private isLeaving;
  private isDone;
  private deadline;
  private deadlineAt;
  /** Whoever waits for the deadline is not to be left without an answer by a process that finds nothing to do. */
  private release;
  private resolveClosed;
  /** The port; 0 for a unix socket, and where there is no place to listen on. */
  get port(): number;
  /** The address listened on; the path, for a unix socket; empty where there is no place to listen on. */
  get hostname(): string;
  /** `host:port` (an IPv6 address in brackets), or the path of a unix socket. */
  get address(): string;
  /**
   * Where a client on this machine finds the server; a unix socket is `unix:` and its path, and `http://localhost/` is for
   * {@link inject} where there is no place to listen on.
   */
  get url(): string;
  /** Connections that are open now, those among them that were upgraded. */
  get connections(): number;
  /**
   * True while new requests are wanted: not while it is {@link busy}, nor once it closes or has been told to by a signal. For
   * the route that a load balancer asks.
   */
  get ready(): boolean;
  /**
   * Stops accepting, and finishes what runs; the next answer on a connection says `connection: close`, and on HTTP/2 the end
   * is announced (GOAWAY) before it comes. Connections without a request close after `grace`, or with the answer to one that
   * was on its way. An upgraded connection and a tunnel run until their streams close. The deadline aborts what is left by
   * then. May be called again, with an earlier deadline or less grace for example.
   * @returns {@link closed}
   * @throws HyperError `INVALID_OPTION`; nothing is closed then
   */
  close(options?: CloseOptions): Promise<void>;
  /**
   * Answers a request without a port: for tests, and for calls within a process. The whole engine runs, both ends of it,
   * over a stream in memory that the request has to itself; it counts as a connection. A path is enough for a URL. Bodies
   * are streams both ways; up to 64 KiB of the response are read before anybody asks for them.
   * Rejects with a HyperError: `INVALID_STATE` once the server closes, `INVALID_OPTION`, `CANCELED` when the request's
   * signal aborts, `MANUAL_UPGRADE` when the answer opens a tunnel, or what became of the connection; with a TypeError for what
   * `Request` does not take.
   */
  inject(input: string | URL | Request | HttpRequest, init?: InjectInit): Promise<InjectedResponse>;
  /**
   * A new certificate, without a restart: for connections from now on; those that are open go on with theirs. What `tls`
   * does not name stays as it was. `contexts` and `SNICallback` can be changed as well.
   * @throws HyperError `INVALID_OPTION`, and nothing is changed; `INVALID_STATE` when the server was made without `tls`
   */
  reloadTls(tls: ReloadTls): void;
  /**
   * Ends everything at once: every connection is reset, and what handlers still do is not waited for. They hear of it as of a
   * client that has gone, with a HyperError `CANCELED`.
   * @param error the `cause` of that
   */
  destroy(error?: unknown): void;
  private drain;
  private allAccepted;
  /** Whether listening keeps the process alive (default yes). Connections do so by themselves. */
  ref(): void;
  unref(): void;
  /** As {@link close} without a deadline. */
  [Symbol.asyncDispose](): Promise<void>;
  /** @throws what a stream of somebody's own throws, and then nothing is left of it */
  private opened;
  private gone;
  /** Null when clients are not counted, or this one has no address: a unix socket. */
  private countedAs;
  private limitAge;
  private limitWork;
  private abortAll;
  private readonly onError;
  private moveDeadline;
  private check;
}
/** What {@link ServeOptions.signals} may say. */
interface ServerSignals {
  /** Default `['SIGTERM', 'SIGINT']`. */
  readonly names?: readonly string[] | undefined;
  /** As of `close()`: milliseconds until what still runs is aborted. Default 10,000; Infinity is none. */
  readonly deadline?: number | undefined;
  /** As of `close()`. Default 500. */
  readonly grace?: number | undefined;
  /**
   * Milliseconds between the signal and the drain, in which everything is served as before, but `server.ready` says no: as
   * long as it takes until whoever sends requests here has noticed. Default 0.
   */
  readonly delay?: number | undefined;
}
/** Milliseconds each; 0, null or Infinity turn one off. */
interface ServerTimeouts {
  /**
   * From accepting a connection to its first byte, the TLS handshake included; then a silent close. On HTTP/2 also until
   * the client has acknowledged our SETTINGS. Default 10,000.
   */
  readonly handshake?: number | null | undefined;
  /**
   * From the first byte of a request head to its last; then 408, on HTTP/2 GOAWAY. Default 30,000, on HTTP/2 10,000.
   */
  readonly headers?: number | null | undefined;
  /**
   * Between an answer and the next request on the connection; then a silent close, on HTTP/2 GOAWAY. Default 75,000, on
   * HTTP/2 300,000.
   */
  readonly idle?: number | null | undefined;
  /** The longest silence inside a request body; then 408, or a reset of the connection or stream. Default 30,000. */
  readonly receive?: number | null | undefined;
  /** The longest time in which the client takes none of our bytes; then a reset. Default 30,000. */
  readonly send?: number | null | undefined;
  /**
   * From the first byte of a request to the last of its answer that the transport takes; on HTTP/2 from the head of the
   * request. Then 408 while the client is being waited for, 503 while the handler is, and a reset of the connection (on
   * HTTP/2 of the stream) once the head of the answer is out; the handler hears of it as it does of a client that has
   * gone. Upgrades and tunnels that are open have no such time. Default off.
   */
  readonly total?: number | null | undefined;
  /**
   * How long an HTTP/1 connection that we close goes on reading, so that the client sees our last answer; 0 is not at
   * all. Default 2,000.
   */
  readonly linger?: number | undefined;
  /**
   * How long a tunnel (an upgraded connection, a stream of CONNECT) may be silent both ways; then it is reset, and its owner
   * hears `IDLE_TIMEOUT`. Pings of its protocol are no silence. Default off.
   */
  readonly tunnelIdle?: number | null | undefined;
  /**
   * How long work given to `waitUntil` is waited for when the server closes, from when it was given; then `onError` is told.
   * Default off.
   */
  readonly waitUntil?: number | null | undefined;
  /**
   * How long a connection may live; then it takes no further request, and closes with the answer to the present one.
   * Spreads clients anew over several processes. Default off.
   */
  readonly connectionAge?: number | null | undefined;
}
/** Infinity turns a limit off. */
interface ServerLimits {
  /** Bytes of a request head, request line and all; on HTTP/2 as RFC 9113 §6.5.2 counts. More is 431. Default 65,536. */
  readonly maxHeaderSize?: number | undefined;
  /** Fields of a request head; more is 431. Default 100. */
  readonly maxHeaders?: number | undefined;
  /** Bytes of a request target on HTTP/1; more is 414. Default 32,768. */
  readonly maxTargetLength?: number | undefined;
  /** Bytes of a method on HTTP/1; more is 501. Default 64. */
  readonly maxMethodLength?: number | undefined;
  /** Bytes of a trailer section on HTTP/1; more is 431, and ends the connection where the answer has begun. Default 16,384. */
  readonly maxTrailerSize?: number | undefined;
  /**
   * Bytes of the chunk extensions of one body on HTTP/1; more is 400, and ends the connection where the answer has begun.
   * Default 16,384.
   */
  readonly maxChunkExtensionSize?: number | undefined;
  /** Bytes of a request body; more is 413, and `BODY_TOO_LARGE` for who reads it. Default off. */
  readonly maxRequestBodySize?: number | undefined;
  /** Requests on one connection; the last answer says `connection: close`, on HTTP/2 GOAWAY. Default off. */
  readonly maxRequestsPerConnection?: number | undefined;
  /** Requests that an HTTP/2 client may have open on one connection; more are refused, to be sent again. Default 100. */
  readonly maxConcurrentStreams?: number | undefined;
  /** Connections at a time; a further one is reset before it is read. Default off. */
  readonly maxConnections?: number | undefined;
  /**
   * Connections of one client at a time: an IPv4 address, or an IPv6 /64; a further one is reset before it is read. Not
   * behind a proxy, where all come from one address. Default off.
   */
  readonly maxConnectionsPerAddress?: number | undefined;
  /** Slowest request body accepted, bytes per second on average after the first 5 s; then 408. Default 240; 0 is off. */
  readonly minBodyRate?: number | undefined;
  /** How long a body may be slower than that at its beginning, milliseconds. Default 5,000. */
  readonly minBodyRateGrace?: number | undefined;
}
/** Whose word is taken for where a connection comes from. */
type ServerProxyProtocol = Omit<ProxyProtocolOptions, "timeout">;
/** Certificate, key and whatever else `node:tls` takes. */
type ServerTls = Omit<ListenTls, "alpn" | "handshakeTimeout">;
/** What HTTP/1 alone has; see `H1ServerOptions` of the core. What `timeouts` and `limits` say wins. */
type Http1Options = H1ServerOptions;
/** What HTTP/2 alone has; see `H2ServerOptions` of the core. What `timeouts` and `limits` say wins. */
type Http2Options = H2ServerOptions;
/** How {@link serve} serves. One of `fetch` and `service` is needed; everything else has a default. */
interface ServeOptions {
  /** Default 0: the system chooses a free one; `server.port` says which. One place at most can be given. */
  readonly port?: number | undefined;
  /** The address to listen on. Default: all. */
  readonly hostname?: string | undefined;
  /** Listen on a unix socket, instead of `port` and `hostname`. */
  readonly path?: string | undefined;
  /**
   * A listening descriptor that was inherited, instead of a port: 3 for the first that systemd gives (`LISTEN_FDS`). In a
   * worker of `node:cluster` it is one of the primary.
   */
  readonly fd?: number | undefined;
  /**
   * What listens already, instead of a port: a `net.Server`, as a parent process sends it, or its handle. It is taken over,
   * and closed with the server.
   */
  readonly handle?: object | undefined;
  /**
   * Connections that something else accepts, instead of a port: a `Listener` of `@hyper/util/memory`, or whatever yields
   * streams, TLS under them if there is any. When it ends, the server closes, as by `close()`; what it throws goes to
   * `onError`, and then the server closes. Closing the server ends the iteration.
   */
  readonly connections?: AsyncIterable<Io> | undefined;
  /** False: no place to listen on at all; requests come by `server.inject()`. Default true. */
  readonly listen?: boolean | undefined;
  /**
   * Connections come by proxies that say for whom (PROXY protocol, versions 1 and 2): `{ trusted: ['10.0.0.0/8'] }`. Peers,
   * `limits.maxConnectionsPerAddress` and all are of the client then. The header comes before TLS, and has
   * `timeouts.handshake`. Default: they do not.
   */
  readonly proxyProtocol?: ServerProxyProtocol | undefined;
  /** Lets several processes bind one port, and the system spread connections over them. Default false. */
  readonly reusePort?: boolean | undefined;
  /** Connections that may wait to be accepted. Default 511. */
  readonly backlog?: number | undefined;
  /** Serve by TLS. */
  readonly tls?: ServerTls | undefined;
  /** Answers requests in the Fetch standard's terms. Either this or `service`. */
  readonly fetch?: FetchHandler | FetchObject | FetchServerObject | undefined;
  /** Answers requests in the engine's terms, which costs least. */
  readonly service?: Service | undefined;
  /** How long anything may take; most are on. */
  readonly timeouts?: ServerTimeouts | undefined;
  /** How much of anything there may be; most are on. */
  readonly limits?: ServerLimits | undefined;
  /** HTTP/1.1 and 1.0, and their options. Default true. */
  readonly http1?: boolean | Http1Options | undefined;
  /** HTTP/2, by ALPN under TLS and by prior knowledge without, and its options. Default true. */
  readonly http2?: boolean | Http2Options | undefined;
  /**
   * Takes what a handler throws, and what background work does. Default: a process warning (on Deno a line on stderr), one per
   * distinct failure.
   */
  readonly onError?: ((error: unknown) => void) | undefined;
  /** Hooks for observers. Default: none. */
  readonly tracer?: Tracer | undefined;
  /** Closes the server when it aborts, as `close()` does. */
  readonly signal?: AbortSignal | undefined;
  /**
   * Signals that close the server: true for SIGTERM and SIGINT, a list of others, or how. The first one drains, with a
   * deadline of 10 s; the second ends everything at once. Once the server is closed nobody listens for them any more, and a
   * process that has nothing else to do ends by itself, with 0. Default: none.
   */
  readonly signals?: boolean | readonly string[] | ServerSignals | undefined;
  /** Clock, timers, text, and where background errors go. Default: those of the platform. */
  readonly runtime?: Runtime | undefined;
}
/**
 * Starts a server: HTTP/2, HTTP/1.1 and 1.0 in one place, by TLS when `tls` is given. Resolves once it listens.
 * @throws HyperError `INVALID_OPTION`; the system's error (`EADDRINUSE` and the like) when it cannot listen; the reason of
 *   `signal` when that has aborted by then.
 */
declare function serve(options: ServeOptions): Promise<Server>;
/** Status, reason phrase and headers, as for the platform's. */
type FetchResponseInit = NonNullable<ConstructorParameters<typeof globalThis.Response>[1]>;
/**
 * The platform's class. It takes whatever yields bytes or text, a generator or a stream of Node, which the declarations of
 * the DOM do not know.
 */
type ResponseClass = typeof globalThis.Response & {
  new (body: AsyncIterable<Uint8Array | string>, init?: FetchResponseInit): InstanceType<typeof globalThis.Response>;
};
/**
 * A `Response` that costs next to nothing: what it is made of is written as it is. `instanceof` the platform's
 * `Response` holds, and everything that a platform Response does works.
 *
 * What only the platform's own objects can do, since they are read through private fields: be given to `cache.put`, or
 * to a method borrowed from `globalThis.Response.prototype`.
 */
declare const Response$1: ResponseClass;
/**
 * Makes platform requests. Needed for one thing: `new Request(request)` of the request that a handler was given, which
 * the platform's own constructor cannot read, as `fetch(request)` cannot. `fetch(new Request(request))` works.
 */
declare const Request$1: typeof globalThis.Request;
export { AcceptInit, CloseOptions, ConnectContext, FALLTHROUGH, FetchContext, FetchHandler, FetchObject, FetchServerObject, Http1Options, Http2Options, InjectInit, InjectedResponse, MaybeResponse, PROTOCOL, Request$1 as Request, Response$1 as Response, ResponseClass, ServeOptions, Server, ServerLimits, ServerProxyProtocol, ServerSignals, ServerTimeouts, ServerTls, TrailersInit, Tunnel, Upgrade, serve };
