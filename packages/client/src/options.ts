import type { BodyInit, TrailersInit } from '@hyper/core/body'
import type { H1ClientOptions } from '@hyper/core/h1'
import type { HeaderMap, HeadersInit } from '@hyper/core/http'
import type { Runtime } from '@hyper/core/rt'
import type { Layer } from '@hyper/core/service'
import type { Tracer } from '@hyper/core/trace'
import type { Connector, ProxyChoice, Resolver } from '@hyper/util/connect'
import type { ConnectTls, TcpOptions } from '@hyper/util/platform'
import type { LimitOptions, PooledH2Options } from '@hyper/util/pool'
import type { FormInit } from './body/form.ts'
import type { Multipart } from './body/multipart.ts'
import type { Auth } from './layers/auth.ts'
import type { CookieJar } from './layers/cookies.ts'
import type { DecompressOptions } from './layers/decompress.ts'
import type { DownloadProgress, UploadProgress } from './layers/progress.ts'
import type { Redirects } from './layers/redirect.ts'
import type { RetryLayerOptions, RetryOptions } from './layers/retry.ts'

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
  /**
   * All else that TLS to origins can be made with: a client certificate (`cert`, `key`, `pfx`), `minVersion`, `ciphers`. What
   * `ca`, `rejectUnauthorized` and `servername` say wins.
   */
  readonly tls?: Omit<ConnectTls, 'alpn'> | undefined
  /** What TCP connections are made with: our own address, `keepAlive` of the system, `noDelay`. */
  readonly tcp?: TcpOptions | undefined
  /** Knows the addresses of names. Default: the system's resolver, with a cache of 10 s in front of it. */
  readonly resolver?: Resolver | undefined
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
  /** Clock and timers. Default: those of the platform. */
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
   * How often in a row a request that was certainly not processed is sent again when its connections served nobody else
   * either. Default 5.
   */
  readonly maxReplays?: number | undefined
  /** Whether redirects are followed, and how. Default: up to 10. */
  readonly redirect?: Redirects | undefined
  /** Where cookies are kept. Default: nowhere. */
  readonly cookies?: CookieJar | undefined
  /** Whether content codings are asked for and undone, and within which limits. Default true. */
  readonly decompress?: boolean | DecompressOptions | undefined
  /** Whether requests are sent again when that is safe and may help, and how. Default false. */
  readonly retry?: boolean | Omit<RetryLayerOptions, 'runtime'> | undefined
  /** Who the caller is, for every request, whatever its origin; a redirect to another origin takes it away. */
  readonly auth?: Auth | undefined
  /** Layers of one's own, outside of all others, the first one outermost; or what makes all of them of the usual ones. */
  readonly layers?: readonly Layer[] | ((usual: readonly Layer[]) => readonly Layer[]) | undefined
}

/** What one request body may be made of; text is sent as UTF-8. */
export type BodySource =
  | BodyInit
  | ReadableStream<Uint8Array>
  | ArrayBuffer
  | ArrayBufferView
  | Blob
  | FormData
  | URLSearchParams
  | Multipart

/** What a request body may be made of. A function makes it anew for each attempt, so that it can be sent again. */
export type RequestBody = BodySource | (() => BodySource)

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
  /** Sent as JSON, with its content type; in place of `body`. */
  readonly json?: unknown
  /** Sent as `application/x-www-form-urlencoded`, with its content type; in place of `body`. */
  readonly form?: FormInit | undefined
  /** Whether redirects are followed, and how. What is left out is as the client's `redirect`. */
  readonly redirect?: Redirects | undefined
  /** Where cookies are kept, in place of the client's jar; null for no cookies. */
  readonly cookies?: CookieJar | null | undefined
  /** True decodes in spite of an `accept-encoding` of one's own, false asks for no coding; an object has other limits. */
  readonly decompress?: boolean | DecompressOptions | undefined
  /** True sends the request again when that is safe and may help, false does not; an object says how. */
  readonly retry?: boolean | RetryOptions | undefined
  /** Who the caller is, in place of the client's `auth`; null sends none of the client's. */
  readonly auth?: Auth | null | undefined
  /** Is told for every chunk of the body that goes out. */
  readonly onUploadProgress?: ((progress: UploadProgress) => void) | undefined
  /** Is told for every chunk of the body that comes in. */
  readonly onDownloadProgress?: ((progress: DownloadProgress) => void) | undefined
}

/** A request whose method is said already. */
export type VerbOptions = Omit<RequestOptions, 'method'>
