import { HyperError, HyperError as HyperError$1 } from "@hyper/core/error";
import { H1ClientOptions } from "@hyper/core/h1";
import { ExtensionKey, Extensions, HeaderMap, HeadersInit, HttpRequest, HttpResponse } from "@hyper/core/http";
import { LimitOptions, PoolStats, PoolStats as PoolStats$1, PooledH2Options } from "@hyper/util/pool";
import { ConnectContext, Connector, Connector as Connector$1, Destination, ProxyChoice } from "@hyper/util/connect";
import { ConnectTls } from "@hyper/util/node";
import { BodyInit, TrailersInit } from "@hyper/core/body";
import { Exchange, IoParts } from "@hyper/core/service";
import { AbortSignalLike, Io, PeerInfo, Runtime } from "@hyper/core/rt";
import { Tracer } from "@hyper/core/trace";
import { Duplex } from "node:stream";
/** Timeouts of a client. */
interface ClientTimeouts {
  /** Until a connection is made, name lookup and TLS included; then `CONNECT_TIMEOUT`. Default 10,000. */
  readonly connect?: number | null | undefined;
  /** From the end of the request to the response head; then `HEADERS_TIMEOUT`. Default off. */
  readonly headers?: number | null | undefined;
  /** The longest silence inside a response body; then `BODY_TIMEOUT`. Default off. */
  readonly idle?: number | null | undefined;
  /** How long a connection that is not in use is kept; what the server's `Keep-Alive` says is shorter wins. Default 90,000. */
  readonly keepAlive?: number | null | undefined;
  /** The whole exchange, the response body included; then `TOTAL_TIMEOUT`. Default off. */
  readonly total?: number | null | undefined;
  /** While a limit forbids a connection to be made, or all streams are in use; then `POOL_TIMEOUT`. Default off. */
  readonly pool?: number | null | undefined;
}
/** Limits of a client's connections. Infinity turns one off. */
interface ClientPoolOptions extends LimitOptions {
  /** How old a connection may become, in milliseconds; then it serves no further request. Default off. */
  readonly maxAge?: number | null | undefined;
  /** Origins of which it is remembered whether they speak HTTP/2. Default 1,000. */
  readonly maxKnownOrigins?: number | undefined;
  /**
   * While requests wait for a connection because of a limit: how long a response body that nobody has begun to read may
   * keep one, in milliseconds; then reading it fails with `CANCELED`. Default 10,000.
   */
  readonly unreadTimeout?: number | null | undefined;
}
/** How a client is made. Everything has a default. */
interface ClientOptions {
  /** How long each phase of a request may take. */
  readonly timeouts?: ClientTimeouts | undefined;
  /** Certificate authorities to trust, instead of the system's. */
  readonly ca?: ConnectTls["ca"] | undefined;
  /** False accepts any certificate: for tests. Default true. */
  readonly rejectUnauthorized?: boolean | undefined;
  /** The name to ask for by SNI and to check the certificate against. Default: the host of the URL. */
  readonly servername?: string | undefined;
  /** Connect to this unix socket, whatever host the URL names. */
  readonly socketPath?: string | undefined;
  /** Sent with every request that does not have a field of that name itself. */
  readonly headers?: HeadersInit | HeaderMap | undefined;
  /**
   * What HTTP/1 alone has; see `H1ClientOptions` of the core. What `timeouts` says wins. False: it is not spoken. Default:
   * it is.
   */
  readonly http1?: H1ClientOptions | false | undefined;
  /** Makes connections, instead of the platform's sockets. TLS is its own concern then. */
  readonly connector?: Connector | undefined;
  /** Hooks for observers. Default: none. */
  readonly tracer?: Tracer | undefined;
  /** Clock and timers. Default: those of Node. */
  readonly runtime?: Runtime | undefined;
  /**
   * The proxy for everything, by its URL (`http:`, `https:`, `socks4:`, `socks4a:`, `socks5:`, `socks5h:`, with user name and
   * password where it wants them), or rules; null for none. Default: what `HTTP_PROXY`, `HTTPS_PROXY`, `ALL_PROXY` and
   * `NO_PROXY` say when the client is made.
   */
  readonly proxy?: ProxyChoice | string | URL | null | undefined;
  /**
   * What HTTP/2 alone has. False: it is not spoken. Default true: it is, where ALPN agrees on it, and with
   * `priorKnowledge: true` also without TLS.
   */
  readonly http2?: PooledH2Options | boolean | undefined;
  /** How many connections there may be, how many requests may wait, how old a connection may become. */
  readonly pool?: ClientPoolOptions | undefined;
  /**
   * How often in a row a request that was certainly not processed is sent again when its connections answered nobody else
   * either. Default 5.
   */
  readonly maxReplays?: number | undefined;
}
/** What a request body may be made of; text is sent as UTF-8. */
type RequestBody = BodyInit | ReadableStream<Uint8Array> | (() => BodyInit | ReadableStream<Uint8Array>);
/** One request, apart from its URL. */
interface RequestOptions {
  /** Default `'GET'`. Case-sensitive (RFC 9110 §9.1). */
  readonly method?: string | undefined;
  /** `host` is added. A {@link HeaderMap} is not changed. */
  readonly headers?: HeadersInit | HeaderMap | undefined;
  /** What is sent as content. Default: none. */
  readonly body?: RequestBody | null | undefined;
  /** Sent after the body. A function is called when the body has been sent. */
  readonly trailers?: TrailersInit | undefined;
  /** Gives the request up: `CANCELED`, by the user, in whatever phase it is. */
  readonly signal?: AbortSignal | undefined;
  /** Gets every 1xx response, 101 excepted, before the final one. */
  readonly onInformational?: ((status: number, headers: HeaderMap) => void) | undefined;
  /** For this request alone, in place of the client's. */
  readonly timeouts?: Omit<ClientTimeouts, "keepAlive"> | undefined;
  /** Bytes of the response head; more is `HEAD_TOO_LARGE`. Default 417,792. */
  readonly maxHeaderSize?: number | undefined;
  /**
   * Whether processing the request twice does the same as once, so that it may be sent again when a connection is lost
   * before an answer. Default: what its method says (RFC 9110 §9.2.2).
   */
  readonly idempotent?: boolean | undefined;
  /**
   * Sends `expect: 100-continue` with a body, and holds the body back until the server asks for it, or for so many
   * milliseconds: some servers never do (RFC 9110 §10.1.1). A server that answers instead gets no body. True for 1,000.
   * Default false.
   */
  readonly expectContinue?: boolean | number | undefined;
}
/** A request whose method is said already. */
type VerbOptions = Omit<RequestOptions, "method">;
/** What to ask for in an upgrade. */
interface UpgradeOptions extends VerbOptions {
  /** What the `Upgrade` field says, for example `'websocket'`. */
  readonly protocol: string;
  /**
   * True to ask over HTTP/2, by an extended CONNECT (RFC 8441), where the server speaks it and offers that: the answer is
   * a 2xx then, and the stream one of many on its connection. Default false: over a connection of HTTP/1 of its own.
   */
  readonly http2?: boolean | undefined;
}
/** A connection that speaks another protocol now. It belongs to the caller: no client closes it. */
declare class Upgraded {
  /** The 101, or the 2xx to a CONNECT. */
  readonly response: HttpResponse;
  readonly io: Io;
  /** Bytes of the new protocol that came with the answer; `io.start` delivers what comes after them. */
  readonly leftover: Uint8Array;
  constructor(response: HttpResponse, parts: IoParts);
  /** The same as a Duplex of Node, which gives the leftover first. Call it once, and leave `io` alone then. */
  duplex(): Duplex;
}
/** A response to a client: `await using response = …` gives up what was not read of its body at the end of the block. */
type ClientResponse = HttpResponse & AsyncDisposable;
/**
 * Sends requests over connections that are kept and shared. A response comes as soon as its head is there; read its body
 * to the end, or cancel it.
 *
 * Every method rejects with a {@link HyperError} whose `phase`, `address`, `attempts`, `elapsedMs` and `retryable` say
 * what happened.
 */
declare class Client {
  private readonly config;
  private readonly places;
  private readonly service;
  private isClosed;
  /** @throws HyperError `INVALID_OPTION` */
  constructor(options?: ClientOptions);
  /** Connections that are open, idle or not. */
  get connections(): number;
  /** How many connections there are, and what they do. */
  stats(): PoolStats;
  /** The same for each origin, by `URL.origin`. */
  statsByOrigin(): Map<string, PoolStats>;
  /** Sends a request. @throws HyperError (as a rejection) */
  request(url: string | URL, options?: RequestOptions): Promise<ClientResponse>;
  get(url: string | URL, options?: VerbOptions): Promise<ClientResponse>;
  head(url: string | URL, options?: VerbOptions): Promise<ClientResponse>;
  post(url: string | URL, options?: VerbOptions): Promise<ClientResponse>;
  put(url: string | URL, options?: VerbOptions): Promise<ClientResponse>;
  patch(url: string | URL, options?: VerbOptions): Promise<ClientResponse>;
  delete(url: string | URL, options?: VerbOptions): Promise<ClientResponse>;
  /**
   * Asks for another protocol on a connection of its own (RFC 9110 §7.8), and takes it over.
   * @throws HyperError (as a rejection) `NO_UPGRADE` when the server answers with anything but 101.
   */
  upgrade(url: string | URL, options: UpgradeOptions): Promise<Upgraded>;
  /**
   * Opens a tunnel through a proxy (CONNECT, RFC 9110 §9.3.6).
   * @param proxy the URL of the proxy; only its scheme, host and port count.
   * @param authority where the proxy is to connect to, as `host:port`.
   * @throws HyperError (as a rejection) `NO_UPGRADE` when the proxy refuses.
   */
  tunnel(proxy: string | URL, authority: string, options?: VerbOptions): Promise<Upgraded>;
  /** Refuses new requests, closes idle connections, and resolves when those under way are complete. */
  close(): Promise<void>;
  /** Refuses new requests and resets every connection now. */
  abort(): void;
  /** As {@link close}. */
  [Symbol.asyncDispose](): Promise<void>;
  private requestOf;
  private send;
  private lifetimeOf;
  private switched;
}
/** Under `response.extensions.get(CONNECTION)`. */
interface ConnectionInfo {
  /** The other end. */
  readonly peer: PeerInfo;
  /** What the connector has said of the connection: timings, the proxy, … */
  readonly info: Extensions;
  readonly protocol: "http1" | "http2";
  /** True when the connection had answered a request before this one. */
  readonly isReused: boolean;
  /** How often the request was sent, this time included: more than 1 when it was sent again. */
  readonly attempts: number;
  /** The connection serves no further request: it ends when what is under way on it is complete. */
  readonly retire: () => void;
}
/** Under which a response's {@link ConnectionInfo} is found. */
declare const CONNECTION: ExtensionKey<ConnectionInfo>;
/** Under which the options of a request are found in an exchange that is not a client's own. */
declare const REQUEST_OPTIONS: ExtensionKey<RequestOptions>;
/** One request of a client, seen by its layers. */
declare class ClientExchange implements Exchange {
  /** What the caller has said of this request; undefined when nothing. */
  readonly options: RequestOptions | undefined;
  /** Gives the request up; null when nobody can. */
  readonly signal: AbortSignalLike | null;
  /** The other end, once there is a connection. A transport sets it. */
  peer: PeerInfo;
  private bag;
  constructor(options: RequestOptions | undefined, signal: AbortSignalLike | null);
  get extensions(): Extensions;
  get cancelled(): HyperError | null;
  onCancel(fn: (reason: HyperError) => void): void;
  /** Hands an interim response to the caller. @returns false when nobody wants it */
  informational(status: number, headers?: HeadersInit | HeaderMap): boolean;
  /** A layer refuses the request, which is not sent: the caller gets the 503 that a server would have answered with. */
  refuse(): HttpResponse;
  /** A client takes the connection from its response: `upgraded(response)` of the core. */
  upgrade(): Promise<IoParts>;
}
/** What the caller has said of the request that `exchange` belongs to. */
declare function optionsOf(exchange: Exchange): RequestOptions | undefined;
/** What gives the request up, as a signal; null when nobody can. */
declare function signalOf(exchange: Exchange): AbortSignalLike | null;
/**
 * What makes the same request once more, whatever has become of the body of this one; null when its body cannot be had
 * again.
 */
declare function replayOf(request: HttpRequest): (() => HttpRequest) | null;
export { CONNECTION, Client, ClientExchange, ClientOptions, ClientPoolOptions, ClientResponse, ClientTimeouts, type ConnectContext, ConnectionInfo, type Connector$1 as Connector, type Destination, HyperError$1 as HyperError, type PoolStats$1 as PoolStats, REQUEST_OPTIONS, RequestBody, RequestOptions, UpgradeOptions, Upgraded, VerbOptions, optionsOf, replayOf, signalOf };
