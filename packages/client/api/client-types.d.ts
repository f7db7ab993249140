import { Body, BodyInit, TrailersInit } from "@hyper/core/body";
import { ErrorBy, ErrorCode, ErrorPhase, HyperError, HyperError as HyperError$1 } from "@hyper/core/error";
import { H1ClientOptions } from "@hyper/core/h1";
import { ExtensionKey, Extensions, HeaderMap, HeadersInit, HttpRequest, HttpResponse } from "@hyper/core/http";
import { ConnectTls, TcpOptions } from "@hyper/util/platform";
import { FetchContent, FetchHeadersInit } from "@hyper/util/web";
import { LimitOptions, Pool, PoolStats, PoolStats as PoolStats$1, PooledH2Options } from "@hyper/util/pool";
import { ConnectContext, Connector, Connector as Connector$1, Destination, ProxyChoice, Resolver } from "@hyper/util/connect";
import { Exchange, IoParts, Layer } from "@hyper/core/service";
import { Duplex } from "node:stream";
import { AbortSignalLike, Io, PeerInfo, Runtime } from "@hyper/core/rt";
import { Tracer } from "@hyper/core/trace";
/** A value of a field of a form; a list is one field for each. Null and undefined leave it out. */
type FormValue = string | number | boolean | null | undefined;
/** The fields of a form. */
type FormInit = URLSearchParams | Iterable<readonly [string, FormValue]> | Readonly<Record<string, FormValue | readonly FormValue[]>>;
/** What a part may hold. Text is sent as UTF-8. */
type PartValue = string | Uint8Array | Blob | ReadableStream<Uint8Array> | AsyncIterable<Uint8Array | string> | (() => ReadableStream<Uint8Array> | AsyncIterable<Uint8Array | string>);
/** One field of a form. */
interface Part {
  readonly name: string;
  /** A function makes a stream anew for every attempt. */
  readonly value: PartValue;
  /** Makes it a file. Default: the name of a `File`, and `blob` for a Blob. */
  readonly filename?: string | undefined;
  /** The media type. Default: none for text, that of a Blob, else `application/octet-stream`. */
  readonly type?: string | undefined;
  /** The exact number of bytes of a stream, where it is known; another number fails the body with `INVALID_BODY`. */
  readonly length?: number | undefined;
  /** More fields of the part. */
  readonly headers?: HeadersInit | HeaderMap | undefined;
}
/** A form that is ready to be sent: `body` of a request takes it. Made by {@link multipart}. */
declare class Multipart {
  /** What stands between the parts. */
  readonly boundary: string;
  /** What the Content-Type field says. */
  readonly contentType: string;
  /** Bytes in all; null when that is not known. */
  readonly length: number | null;
  /** False when a part is a stream that can be read once. */
  readonly isReplayable: boolean;
  private readonly parts;
  private readonly end;
  /** The body; another one at each call, where the parts can be had again. */
  body(): Body;
}
/**
 * A form of a FormData, or of parts. The boundary is random, so that no content can contain it by intent.
 * @throws HyperError `INVALID_BODY` for a part that is none, `INVALID_OPTION` for what no part has, or what
 * {@link HeaderMap} throws.
 */
declare function multipart(form: FormData | Iterable<Part>): Multipart;
/** Basic (RFC 7617). Name and password are sent as UTF-8. */
interface BasicAuth {
  /** Without a colon. */
  readonly username: string;
  /** Default: empty. */
  readonly password?: string | undefined;
}
/** Bearer (RFC 6750). */
interface BearerAuth {
  readonly bearer: string;
}
/** Credentials of a caller. */
type Auth = BasicAuth | BearerAuth;
/**
 * A layer that says who the caller is. It belongs outside of `redirect`, which drops the field where it leads to another
 * origin.
 *
 * Reads `auth` of the request's options: it replaces an `authorization` field, and null adds none. Without it,
 * `credentials` is for requests that have no such field.
 * @param credentials for every request. Whatever its origin: give a client of many origins none.
 * @throws HyperError `INVALID_OPTION`, at once or when a request brings what cannot be sent.
 */
declare function auth(credentials?: Auth | null): Layer;
/** Makes `value` the Authorization field, as a secret. */
declare function setAuthorization(headers: HeaderMap, value: string): void;
/** The value of an Authorization field. @throws HyperError `INVALID_OPTION` for what no field can carry. */
declare function authorizationOf(credentials: Auth): string;
/** What the user name and password of a URL mean (RFC 7617); null when it has none. */
declare function authorizationIn(url: URL): string | null;
/**
 * Keeps cookies, and says which of them go where. The jar of `tough-cookie` is one as it is. Both calls may answer at
 * once or by a promise.
 */
interface CookieJar {
  /** What the Cookie field of a request to `url` says; empty or absent for none. */
  getCookieString(url: string): string | undefined | Promise<string | undefined>;
  /** Takes one Set-Cookie line of a response from `url`. A throw or a rejection means that it is not kept. */
  setCookie(cookie: string, url: string): unknown;
}
/** How cookies are kept. */
interface CookieOptions {
  /** Where they are kept, unless a request brings a jar of its own. Default: nowhere. */
  readonly jar?: CookieJar | null | undefined;
  /** Hears of every cookie that the jar would not keep, besides {@link COOKIE_ERRORS}. What it throws rejects the request. */
  readonly onRefused?: ((error: unknown, cookie: string, url: string) => void) | undefined;
}
/** What the jar has thrown about cookies of this response, which were not kept. Absent where it took them all. */
declare const COOKIE_ERRORS: ExtensionKey<readonly unknown[]>;
/**
 * A layer that sends the cookies of a jar and keeps those that come back. It belongs inside of `redirect`, so that each
 * URL on the way gets its own, and inside of `retry`.
 *
 * Reads `cookies` of the request's options: another jar, or null for none. A `cookie` field of the caller's goes first,
 * and wins over cookies of the same name. A cookie that the jar refuses does not fail the request: see `onRefused`.
 *
 * Rejects with `SERVICE_FAILED`, by the user, when the jar cannot say what to send: a request without its cookies would
 * be another request.
 * @throws HyperError `INVALID_OPTION`
 */
declare function cookies(options?: CookieOptions): Layer;
/** Who takes what is decoded. Calls come in order; nothing comes after `onEnd` or `onError`. */
interface DecoderSink {
  /** Decoded bytes, at least one; they belong to the sink. */
  onData(chunk: Uint8Array): void;
  /** The decoder has room again, after `write`. */
  onDrain(): void;
  /** Everything was decoded, after `end`. */
  onEnd(): void;
  /** The bytes are not what the coding says, or end too early, or go on behind its end. */
  onError(cause: unknown): void;
}
/** Undoes one coding of one body. Everything may be called from within the sink. */
interface Decoder {
  /** Takes bytes. The next ones only after `onDrain`, which may come before this returns. */
  write(chunk: Uint8Array): void;
  /** There are no more. Called when the decoder has room. */
  end(): void;
  /** Asks for nothing more to be delivered; a chunk may still come. */
  pause(): void;
  resume(): void;
  /** Gives up, and frees what is held; nothing is delivered any more. */
  close(): void;
}
/** Makes a decoder. It is made when the first byte is there, and gets `first` to look at before it is written. */
type CreateDecoder = (sink: DecoderSink, first: Uint8Array) => Decoder;
/** Decoders by the name of their coding (RFC 9110 §8.4.1), in lower case. They are asked for in this order. */
type Decoders = Readonly<Record<string, CreateDecoder>>;
/** How bodies are decoded. */
interface DecompressOptions {
  /** Bytes of a decoded body; more is `BODY_TOO_LARGE`. Default: no limit, since a body is read as a stream. */
  readonly maxSize?: number | undefined;
  /**
   * Decoded bytes for each byte that came, once there are more than 16 MiB of them; more is `BODY_TOO_LARGE`. Infinity is
   * no limit. Default 100.
   */
  readonly maxRatio?: number | undefined;
  /** What codings are undone with. Default: zlib of Node. */
  readonly decoders?: Decoders | undefined;
}
/**
 * A layer that undoes content codings: gzip, deflate (with and without the zlib format), br, and zstd where the runtime
 * has it, several in a row too. Bodies are decoded as they are read. `content-encoding` and `content-length`, which speak
 * of the coded body, are removed; trailers pass.
 *
 * `accept-encoding` is added where it is missing. A request that brings another one is answered as it asked: its response
 * stays as it came, and so do responses to requests with a `range`, to HEAD, with status 204, 206 or 304, and those with
 * an unknown coding. Reads `decompress` of the request's options: true decodes in spite of an `accept-encoding` of one's
 * own, false asks for no coding and decodes none, an object has options for this request.
 *
 * The body fails with `CONTENT_CODING_INVALID` when it is malformed, ends too early or goes on behind its end, and with
 * `BODY_TOO_LARGE` when it is a bomb; with `BODY_FAILED`, by the user, when one of the `decoders` throws.
 * @throws HyperError `INVALID_OPTION`
 */
declare function decompress(options?: DecompressOptions): Layer;
/**
 * A body with its content codings undone, as `decompress` does it.
 * @param contentEncoding what the Content-Encoding field says.
 * @returns null when a coding is unknown; the body itself when there is none.
 * @throws HyperError `CONTENT_CODING_INVALID` for more than 5 codings, `INVALID_OPTION`, `BODY_USED`
 */
declare function decodeBody(body: Body, contentEncoding: string, options?: DecompressOptions): Body | null;
/** What `decompress` asks for. Old names are understood, and not asked for (RFC 9110 §8.4.1.3). */
declare function acceptEncoding(decoders?: Decoders): string;
/** How far a request body has gone out. */
interface UploadProgress {
  /** Bytes given to the connection. */
  readonly sent: number;
  /** Bytes in all; null when that is not known. */
  readonly total: number | null;
}
/** How far a response body has come in. */
interface DownloadProgress {
  /** Bytes that were received, still coded where there is a content coding. */
  readonly received: number;
  /** Bytes in all; null when that is not known. */
  readonly total: number | null;
}
/**
 * A layer that calls hooks with the progress of bodies, once per chunk. It belongs inside of `decompress`, so that it
 * counts what travels, and inside of `redirect` and `retry`: each attempt begins at 0.
 *
 * Reads `onUploadProgress` and `onDownloadProgress` of the request's options, which are called in the async context of the
 * request. A hook that throws fails the body with
 * `BODY_FAILED`.
 */
declare function progress(): Layer;
/** What is done with a redirect: it is followed, its response is returned as it is, or the request fails. */
type RedirectMode = "follow" | "manual" | "error";
/** A redirect that is about to be followed. */
interface RedirectAttempt {
  /** 301, 302, 303, 307 or 308. */
  readonly status: number;
  /** The absolute URL that was asked for last. */
  readonly from: string;
  /** The absolute URL that it leads to. */
  readonly to: string;
  /** The method that the next request would have. */
  readonly method: string;
  /** Every URL that was asked for so far, oldest first. */
  readonly urls: readonly string[];
}
/** Decides about one redirect. What it throws rejects the request; anything but a mode is `INVALID_OPTION`. */
type RedirectPolicy = (attempt: RedirectAttempt) => RedirectMode | Promise<RedirectMode>;
/** How redirects are followed. */
interface RedirectOptions {
  /** Default `'follow'`. */
  readonly policy?: RedirectMode | RedirectPolicy | undefined;
  /** Redirects of one request; one more is `TOO_MANY_REDIRECTS`. Infinity is no limit. Default 10. */
  readonly maxRedirects?: number | undefined;
  /** Lenient: follows from `https:` to `http:`, where anybody on the way can read what is sent. Default false: `REDIRECT_REFUSED`. */
  readonly allowDowngrade?: boolean | undefined;
  /**
   * Says where it comes from: the URL within one origin, the origin alone across (RFC 9110 §10.1.3). Default false: URLs
   * tell things that other sites need not know. A `referer` of the caller stays, but for a step from `https:` to `http:`.
   */
  readonly referer?: boolean | undefined;
}
/** What a caller may say of redirects. */
type Redirects = RedirectMode | RedirectPolicy | RedirectOptions;
/** Every URL that was asked for, the last one being that of the response. Absent where no redirect was followed. */
declare const URL_LIST: ExtensionKey<readonly string[]>;
/** The fragment of the URL of a request, with its `#`; never sent, and passed on to where a redirect leads. */
declare const FRAGMENT: ExtensionKey<string>;
/**
 * A layer that follows redirects: 303 becomes GET (HEAD stays), 301 and 302 turn POST into GET, and the fields about
 * content go with it; 307 and 308 keep method and body, and are returned as they are when the body cannot be had again.
 * Across origins `authorization`, `cookie`, `proxy-authorization`, `www-authenticate`, `host`, all fields that were marked
 * as sensitive and the extensions are dropped. A 3xx without a Location, or with one that is no URL, is returned.
 *
 * Reads `redirect` of the request's options, which wins over what the layer was made with. Layers that add what belongs
 * to one URL (cookies) go inside of it, layers that add what the caller said once (credentials) outside.
 *
 * Rejects with `TOO_MANY_REDIRECTS`, or with `REDIRECT_REFUSED` by the caller's policy (`by: 'user'`), for a scheme that
 * is not HTTP, and from `https:` to `http:`. An error after a redirect is never `retryable`.
 * @throws HyperError `INVALID_OPTION`
 */
declare function redirect(options?: Redirects): Layer;
/** An attempt that has failed, one way or the other. */
interface RetryAttempt {
  /** What was sent; its body may be gone. */
  readonly request: HttpRequest;
  /** The response, or null when there is none. Its body is not to be read. */
  readonly response: HttpResponse | null;
  /** The error, or null when there is a response. */
  readonly error: HyperError | null;
  /** Retries so far: 0 after the first attempt. */
  readonly retries: number;
}
/** When and how often a request is sent again. Times are milliseconds. */
interface RetryOptions {
  /** Retries of one request. Default 2. */
  readonly maxRetries?: number | undefined;
  /** The longest pause before the first retry; it doubles with each. A random share of up to a half is left out. Default 250. */
  readonly delay?: number | undefined;
  /** The longest pause that the doubling leads to. Default 10,000. */
  readonly maxDelay?: number | undefined;
  /** The longest `Retry-After` that is waited for; a longer one gives the response to the caller. Default 60,000. */
  readonly maxRetryAfter?: number | undefined;
  /** Responses that count as failures. Default 408, 425, 429, 500, 502, 503, 504. */
  readonly statuses?: readonly number[] | undefined;
  /**
   * Says whether a failure is worth a retry, in place of `statuses` and of what is known of errors. It cannot make one safe.
   * What it throws rejects the request.
   */
  readonly when?: ((attempt: RetryAttempt) => boolean) | undefined;
}
/** What a `retry` layer is made with. */
interface RetryLayerOptions extends RetryOptions {
  /** Clock and timers. */
  readonly runtime: Pick<Runtime, "clock" | "timer">;
  /** Retries for each request of the last ten seconds, over all requests of the layer. Infinity is no budget. Default 0.2. */
  readonly budgetShare?: number | undefined;
  /** Retries per second that need no request beside them. Default 10. */
  readonly budgetPerSecond?: number | undefined;
  /** Default `Math.random`. */
  readonly random?: (() => number) | undefined;
}
/** How often the request of this response was sent again by `retry`. Absent where it was not. */
declare const RETRIES: ExtensionKey<number>;
/**
 * A layer that retries. A failure is a response with one of the `statuses`, or an error that may pass.
 *
 * It is sent again only when nothing of it can have been processed (the error is `retryable`), or when the method is
 * idempotent (RFC 9110 §9.2.2) or `idempotent` of the request's options says so; and only when its body can be had again:
 * none, text, bytes, or one made by a function. A pause comes first, at least as long as a `Retry-After` asks for; giving
 * the request up ends it. All retries together stay within a budget.
 *
 * Reads `retry` and `idempotent` of the request's options. With `retry: false` in them it is one call.
 * @throws HyperError `INVALID_OPTION`
 */
declare function retry(options: RetryLayerOptions): Layer;
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
  /**
   * All else that TLS to origins can be made with: a client certificate (`cert`, `key`, `pfx`), `minVersion`, `ciphers`. What
   * `ca`, `rejectUnauthorized` and `servername` say wins.
   */
  readonly tls?: Omit<ConnectTls, "alpn"> | undefined;
  /** What TCP connections are made with: our own address, `keepAlive` of the system, `noDelay`. */
  readonly tcp?: TcpOptions | undefined;
  /** Knows the addresses of names. Default: the system's resolver, with a cache of 10 s in front of it. */
  readonly resolver?: Resolver | undefined;
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
  /** Clock and timers. Default: those of the platform. */
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
   * How often in a row a request that was certainly not processed is sent again when its connections served nobody else
   * either. Default 5.
   */
  readonly maxReplays?: number | undefined;
  /** Whether redirects are followed, and how. Default: up to 10. */
  readonly redirect?: Redirects | undefined;
  /** Where cookies are kept. Default: nowhere. */
  readonly cookies?: CookieJar | undefined;
  /** Whether content codings are asked for and undone, and within which limits. Default true. */
  readonly decompress?: boolean | DecompressOptions | undefined;
  /** Whether requests are sent again when that is safe and may help, and how. Default false. */
  readonly retry?: boolean | Omit<RetryLayerOptions, "runtime"> | undefined;
  /** Who the caller is, for every request, whatever its origin; a redirect to another origin takes it away. */
  readonly auth?: Auth | undefined;
  /** Layers of one's own, outside of all others, the first one outermost; or what makes all of them of the usual ones. */
  readonly layers?: readonly Layer[] | ((usual: readonly Layer[]) => readonly Layer[]) | undefined;
}
/** What one request body may be made of; text is sent as UTF-8. */
type BodySource = BodyInit | ReadableStream<Uint8Array> | ArrayBuffer | ArrayBufferView | Blob | FormData | URLSearchParams | Multipart;
/** What a request body may be made of. A function makes it anew for each attempt, so that it can be sent again. */
type RequestBody = BodySource | (() => BodySource);
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
  /** Sent as JSON, with its content type; in place of `body`. */
  readonly json?: unknown;
  /** Sent as `application/x-www-form-urlencoded`, with its content type; in place of `body`. */
  readonly form?: FormInit | undefined;
  /** Whether redirects are followed, and how. What is left out is as the client's `redirect`. */
  readonly redirect?: Redirects | undefined;
  /** Where cookies are kept, in place of the client's jar; null for no cookies. */
  readonly cookies?: CookieJar | null | undefined;
  /** True decodes in spite of an `accept-encoding` of one's own, false asks for no coding; an object has other limits. */
  readonly decompress?: boolean | DecompressOptions | undefined;
  /** True sends the request again when that is safe and may help, false does not; an object says how. */
  readonly retry?: boolean | RetryOptions | undefined;
  /** Who the caller is, in place of the client's `auth`; null sends none of the client's. */
  readonly auth?: Auth | null | undefined;
  /** Is told for every chunk of the body that goes out. */
  readonly onUploadProgress?: ((progress: UploadProgress) => void) | undefined;
  /** Is told for every chunk of the body that comes in. */
  readonly onDownloadProgress?: ((progress: DownloadProgress) => void) | undefined;
}
/** A request whose method is said already. */
type VerbOptions = Omit<RequestOptions, "method">;
/** Trailers as values, or made once the body has been sent. */
type FetchTrailersInit = FetchHeadersInit | (() => FetchHeadersInit | Promise<FetchHeadersInit>);
/** What fetch may be told: all that the standard has, and what it lacks. */
interface FetchInit extends RequestInit {
  /** Must be given with a body that is a stream. The response may come before all of it is sent. */
  readonly duplex?: "half";
  /** For this request alone, in place of the client's. Milliseconds; 0, null and Infinity turn one off. */
  readonly timeouts?: RequestOptions["timeouts"];
  /** Bytes of the response head; more is `HEAD_TOO_LARGE`. Default 417,792. */
  readonly maxHeaderSize?: number | undefined;
  /** Gets every 1xx response, 101 excepted, before the final one. */
  readonly onInformational?: ((status: number, headers: Headers) => void) | undefined;
  /** Sent after the body. A function is called when the body has been sent. */
  readonly trailers?: FetchTrailersInit | undefined;
}
/** A response, as the standard has it, and what it lacks. */
interface FetchResponse extends Response {
  /** Resolves with the trailers when the body has been read to its end; null when there are none. Never rejects. */
  readonly trailers: Promise<Headers | null>;
}
/**
 * The engine's response behind one that fetch gave: its version, its extensions with what is known of the connection. Its
 * body is the same one; leave it alone. Null for any other Response.
 */
declare function httpResponseOf(response: Response): HttpResponse | null;
/**
 * Fetches as the standard says. Rejects with the reason of the signal when that gives the request up, with a
 * {@link FetchError} when something goes wrong, and with another TypeError for what cannot be asked for.
 */
type FetchFunction = (input: string | URL | Request, init?: FetchInit) => Promise<FetchResponse>;
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
/** How {@link Client.close} goes about it. */
interface CloseOptions {
  /** Milliseconds until what is still under way is aborted; 0 is at once. Default: no deadline, as Infinity. */
  readonly deadline?: number | undefined;
}
/**
 * Sends requests over connections that are kept and shared. A response comes as soon as its head is there; read its body
 * to the end, or cancel it.
 *
 * Every method rejects with a {@link HyperError} whose `phase`, `address`, `attempts`, `elapsedMs` and `retryable` say
 * what happened.
 */
declare class Client {
  /** A drop-in for the global `fetch` over this client. It needs no `this`. */
  readonly fetch: FetchFunction;
  private readonly config;
  private readonly places;
  private readonly transport;
  private readonly service;
  /** Layers of others: one that writes into the fields of a request must not write into those that all requests share. */
  private readonly hasOwnLayers;
  /** Somebody else's code stands between the caller and the connections. */
  private readonly isForeign;
  /** Requests without a response so far: a redirect, or a retry, may still need a connection. */
  private underWay;
  private whenAnswered;
  private readonly pauses;
  private isClosed;
  /** @throws HyperError `INVALID_OPTION` */
  constructor(options?: ClientOptions);
  /** Connections that are open, idle or not. */
  get connections(): number;
  /** How many connections there are, and what they do. */
  stats(): PoolStats;
  /** The same for each origin, by `URL.origin`. */
  statsByOrigin(): Map<string, PoolStats>;
  /**
   * Sends a request; resolves with the head of its response.
   * @param url absolute, `http:` or `https:`. User name and password in it are sent as credentials.
   * @throws HyperError (as a rejection)
   */
  request(url: string | URL, options?: RequestOptions): Promise<ClientResponse>;
  /** {@link request} with the method GET. */
  get(url: string | URL, options?: VerbOptions): Promise<ClientResponse>;
  /** {@link request} with the method HEAD. */
  head(url: string | URL, options?: VerbOptions): Promise<ClientResponse>;
  /** {@link request} with the method POST. */
  post(url: string | URL, options?: VerbOptions): Promise<ClientResponse>;
  /** {@link request} with the method PUT. */
  put(url: string | URL, options?: VerbOptions): Promise<ClientResponse>;
  /** {@link request} with the method PATCH. */
  patch(url: string | URL, options?: VerbOptions): Promise<ClientResponse>;
  /** {@link request} with the method DELETE. */
  delete(url: string | URL, options?: VerbOptions): Promise<ClientResponse>;
  /**
   * Asks for another protocol on a connection of its own (RFC 9110 §7.8), and takes it over.
   * @throws HyperError (as a rejection) `NO_UPGRADE` when the server answers with anything but 101, or a 2xx over HTTP/2.
   */
  upgrade(url: string | URL, options: UpgradeOptions): Promise<Upgraded>;
  /**
   * Opens a tunnel through a proxy (CONNECT, RFC 9110 §9.3.6).
   * @param proxy the URL of the proxy; only its scheme, host and port count.
   * @param authority where the proxy is to connect to, as `host:port`.
   * @throws HyperError (as a rejection) `NO_UPGRADE` when the proxy refuses.
   */
  tunnel(proxy: string | URL, authority: string, options?: VerbOptions): Promise<Upgraded>;
  /**
   * Refuses new requests, closes idle connections, and resolves when those under way are complete; after the deadline, what is
   * left is ended as by {@link abort}. A deadline holds the process open until then.
   * @throws HyperError (as a rejection) `INVALID_OPTION` for options that are none; nothing is closed then.
   */
  close(options?: CloseOptions): Promise<void>;
  /** Refuses new requests, ends those that wait, also for a retry, and resets every connection now. */
  abort(): void;
  /** As {@link close}. */
  [Symbol.asyncDispose](): Promise<void>;
  private whenDone;
  private requestOf;
  private askUpgrade;
  private send;
  private answerTo;
  private readonly onAnswer;
  private readonly onFailure;
  private settled;
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
  /** Whether anybody wants to hear of interim responses. */
  get hears(): boolean;
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
/**
 * Why a fetch, or the reading of its response, has failed: a TypeError, as the standard asks, with what the
 * {@link HyperError} that is its `cause` knows.
 */
declare class FetchError extends TypeError {
  readonly cause: HyperError;
  /** Stable name of what went wrong. */
  readonly code: ErrorCode;
  /** Whose doing it was. */
  readonly by: ErrorBy;
  /** What was going on, or null where no phase applies. */
  readonly phase: ErrorPhase | null;
  /** True when no byte of the request can have been processed, so that it may be sent again, whatever its method. */
  readonly retryable: boolean;
  /** The peer, as `host:port` or a path, where known. */
  readonly address: string | null;
  /** How often the request was sent. */
  readonly attempts: number;
  /** Milliseconds that were waited, where measured. */
  readonly elapsedMs: number | null;
  constructor(cause: HyperError);
}
/**
 * A drop-in for the global `fetch`, over a client with default options that all its callers share. It holds no process
 * open. With options of one's own: `new Client(options).fetch`.
 */
declare const fetch: FetchFunction;
/**
 * The fetch of a client, which needs no `this`: hand it to whatever takes a fetch. The same as `client.fetch`.
 * @throws HyperError `INVALID_OPTION` for what is no client, such as the options of one.
 */
declare function createFetch(client: Client): FetchFunction;
/**
 * The layers of a client that was made with these options, outermost first. Their order has reasons:
 * - the caller's own come first: they see what was asked for, and what comes of it;
 * - credentials are given once, and `redirect` takes them away where it leads to another origin;
 * - `retry` inside of `redirect` repeats the step that has failed, and not the whole way: a POST that was answered with
 *   303 is not sent again because the GET after it has failed;
 * - `cookies` inside of both, since each URL has its own, and a refusal may bring some;
 * - `progress` inside of `decompress` counts the bytes that travel.
 * @throws HyperError `INVALID_OPTION`
 */
declare function defaultLayers(options?: ClientOptions): Layer[];
/**
 * The fields of a request that says nothing of them itself: `accept`, the `accept-encoding` of `decompress`, and what the
 * client was given. There is no `user-agent`: it names a program, and that is the caller's to say. They belong to the
 * request before it goes through the layers, so that a redirect to another origin takes away what is secret.
 */
declare function defaultHeaders(options: ClientOptions): HeaderMap;
/** What the runtime has: gzip, deflate, br, and zstd from Node 22.15 on. */
declare const nodeDecoders: Decoders;
/** What a client is asked for besides; `headers` are those of the library. */
interface WebSocketConnectionOptions extends Omit<VerbOptions, "headers" | "body"> {
  /**
   * True to ask over HTTP/2 (RFC 8441) where the server offers that: a WebSocket is one stream of a shared connection then.
   * Default false: over a connection of HTTP/1 of its own.
   */
  readonly http2?: boolean | undefined;
  /** Whether to ask by TLS. Default: as the library says, by its default port. */
  readonly secure?: boolean | undefined;
}
/** What `http.request` gives to its `createConnection`. */
interface NodeConnectionOptions {
  readonly defaultPort?: number | string | undefined;
  /** As that of `net.connect`: after so many milliseconds of silence the socket emits `timeout`. */
  readonly timeout?: number | undefined;
}
/**
 * A `createConnection` for the client of `ws`, and for `http.request`: `new WebSocket(url, { createConnection })`. What the
 * client has of its own (proxies, TLS, timeouts until the answer) counts.
 */
declare function webSocketConnection(client: Client, options?: WebSocketConnectionOptions): (given: NodeConnectionOptions) => Duplex;
export { Auth, BasicAuth, BearerAuth, BodySource, CONNECTION, COOKIE_ERRORS, Client, ClientExchange, ClientOptions, ClientPoolOptions, ClientResponse, ClientTimeouts, CloseOptions, type ConnectContext, ConnectionInfo, type Connector$1 as Connector, CookieJar, CookieOptions, CreateDecoder, Decoder, DecoderSink, Decoders, DecompressOptions, type Destination, DownloadProgress, FRAGMENT, FetchError, FetchFunction, FetchInit, FetchResponse, FetchTrailersInit, FormInit, FormValue, HyperError$1 as HyperError, Multipart, NodeConnectionOptions, Part, PartValue, type PoolStats$1 as PoolStats, REQUEST_OPTIONS, RETRIES, RedirectAttempt, RedirectMode, RedirectOptions, RedirectPolicy, Redirects, RequestBody, RequestOptions, RetryAttempt, RetryLayerOptions, RetryOptions, URL_LIST, UpgradeOptions, Upgraded, UploadProgress, VerbOptions, WebSocketConnectionOptions, acceptEncoding, auth, authorizationIn, authorizationOf, cookies, createFetch, decodeBody, decompress, defaultHeaders, defaultLayers, fetch, httpResponseOf, multipart, nodeDecoders, optionsOf, progress, redirect, replayOf, retry, setAuthorization, signalOf, webSocketConnection };
