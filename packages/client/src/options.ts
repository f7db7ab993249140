import type { BodyInit, TrailersInit } from '@hyper/core/body'
import type { H1ClientOptions } from '@hyper/core/h1'
import type { HeaderMap, HeadersInit } from '@hyper/core/http'
import type { Runtime } from '@hyper/core/rt'
import type { Tracer } from '@hyper/core/trace'
import type { Connector, ProxyChoice } from '@hyper/util/connect'
import type { ConnectTls } from '@hyper/util/node'
import type { LimitOptions, PooledH2Options } from '@hyper/util/pool'

// Options of a client and of one request. Times are milliseconds; 0, null and Infinity turn one off. There is no other
// timeout beneath these.

/** Timeouts of a client. */
export interface ClientTimeouts {
  /** Until a connection is made, name lookup and TLS included; then `CONNECT_TIMEOUT`. Default 10,000. */
  readonly connect?: number | null | undefined
  /** From the end of the request to the response head; then `HEADERS_TIMEOUT`. Default off. */
  readonly headers?: number | null | undefined
  /** The longest silence inside a response body; then `BODY_TIMEOUT`. Default off. */
  readonly idle?: number | null | undefined
  /** How long a connection that is not in use is kept; what the server's `Keep-Alive` says is shorter wins. Default 90,000. */
  readonly keepAlive?: number | null | undefined
  /** The whole exchange, the response body included; then `TOTAL_TIMEOUT`. Default off. */
  readonly total?: number | null | undefined
  /** While a limit forbids a connection to be made, or all streams are in use; then `POOL_TIMEOUT`. Default off. */
  readonly pool?: number | null | undefined
}

/** Limits of a client's connections. Infinity turns one off. */
export interface ClientPoolOptions extends LimitOptions {
  /** How old a connection may become, in milliseconds; then it serves no further request. Default off. */
  readonly maxAge?: number | null | undefined
  /** Origins of which it is remembered whether they speak HTTP/2. Default 1,000. */
  readonly maxKnownOrigins?: number | undefined
  /**
   * While requests wait for a connection because of a limit: how long a response body that nobody has begun to read may
   * keep one, in milliseconds; then reading it fails with `CANCELED`. Default 10,000.
   */
  readonly unreadTimeout?: number | null | undefined
}

/** How a client is made. Everything has a default. */
export interface ClientOptions {
  /** How long each phase of a request may take. */
  readonly timeouts?: ClientTimeouts | undefined
  /** Certificate authorities to trust, instead of the system's. */
  readonly ca?: ConnectTls['ca'] | undefined
  /** False accepts any certificate: for tests. Default true. */
  readonly rejectUnauthorized?: boolean | undefined
  /** The name to ask for by SNI and to check the certificate against. Default: the host of the URL. */
  readonly servername?: string | undefined
  /** Connect to this unix socket, whatever host the URL names. */
  readonly socketPath?: string | undefined
  /** Sent with every request that does not have a field of that name itself. */
  readonly headers?: HeadersInit | HeaderMap | undefined
  /**
   * What HTTP/1 alone has; see `H1ClientOptions` of the core. What `timeouts` says wins. False: it is not spoken. Default:
   * it is.
   */
  readonly http1?: H1ClientOptions | false | undefined
  /** Makes connections, instead of the platform's sockets. TLS is its own concern then. */
  readonly connector?: Connector | undefined
  /** Hooks for observers. Default: none. */
  readonly tracer?: Tracer | undefined
  /** Clock and timers. Default: those of Node. */
  readonly runtime?: Runtime | undefined
  /**
   * The proxy for everything, by its URL (`http:`, `https:`, `socks4:`, `socks4a:`, `socks5:`, `socks5h:`, with user name and
   * password where it wants them), or rules; null for none. Default: what `HTTP_PROXY`, `HTTPS_PROXY`, `ALL_PROXY` and
   * `NO_PROXY` say when the client is made.
   */
  readonly proxy?: ProxyChoice | string | URL | null | undefined
  /**
   * What HTTP/2 alone has. False: it is not spoken. Default true: it is, where ALPN agrees on it, and with
   * `priorKnowledge: true` also without TLS.
   */
  readonly http2?: PooledH2Options | boolean | undefined
  /** How many connections there may be, how many requests may wait, how old a connection may become. */
  readonly pool?: ClientPoolOptions | undefined
  /**
   * How often in a row a request that was certainly not processed is sent again when its connections answered nobody else
   * either. Default 5.
   */
  readonly maxReplays?: number | undefined
}

/** What a request body may be made of; text is sent as UTF-8. */
export type RequestBody =
  | BodyInit
  | ReadableStream<Uint8Array>
  /** Called for each time that the body is sent: such a body can be had again. */
  | (() => BodyInit | ReadableStream<Uint8Array>)

/** One request, apart from its URL. */
export interface RequestOptions {
  /** Default `'GET'`. Case-sensitive (RFC 9110 §9.1). */
  readonly method?: string | undefined
  /** `host` is added. A {@link HeaderMap} is not changed. */
  readonly headers?: HeadersInit | HeaderMap | undefined
  /** What is sent as content. Default: none. */
  readonly body?: RequestBody | null | undefined
  /** Sent after the body. A function is called when the body has been sent. */
  readonly trailers?: TrailersInit | undefined
  /** Gives the request up: `CANCELED`, by the user, in whatever phase it is. */
  readonly signal?: AbortSignal | undefined
  /** Gets every 1xx response, 101 excepted, before the final one. */
  readonly onInformational?: ((status: number, headers: HeaderMap) => void) | undefined
  /** For this request alone, in place of the client's. */
  readonly timeouts?: Omit<ClientTimeouts, 'keepAlive'> | undefined
  /** Bytes of the response head; more is `HEAD_TOO_LARGE`. Default 417,792. */
  readonly maxHeaderSize?: number | undefined
  /**
   * Whether processing the request twice does the same as once, so that it may be sent again when a connection is lost
   * before an answer. Default: what its method says (RFC 9110 §9.2.2).
   */
  readonly idempotent?: boolean | undefined
  /**
   * Sends `expect: 100-continue` with a body, and holds the body back until the server asks for it, or for so many
   * milliseconds: some servers never do (RFC 9110 §10.1.1). A server that answers instead gets no body. True for 1,000.
   * Default false.
   */
  readonly expectContinue?: boolean | number | undefined
}

/** A request whose method is said already. */
export type VerbOptions = Omit<RequestOptions, 'method'>
