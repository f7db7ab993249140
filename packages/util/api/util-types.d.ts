import { ErrorPhase, HyperError } from "@hyper/core/error";
import { ExtensionKey, Extensions, HeaderMap, HeadersInit, HttpRequest, HttpResponse } from "@hyper/core/http";
import { ConnectionEnd, H1ClientOptions, H1ServerOptions } from "@hyper/core/h1";
import { AbortSignalLike, Alarm, AlarmTarget, Clock, Io, IoSink, PeerInfo, Runtime, Timer, WriteResult } from "@hyper/core/rt";
import { Body, BodyInit, BodyMapping, CollectOptions, Collected, Frame, PullOptions, TrailersInit, channel, fuse } from "@hyper/core/body";
import { H2ClientOptions, H2ServerOptions, SendOptions } from "@hyper/core/h2";
import { Tracer } from "@hyper/core/trace";
import { Service } from "@hyper/core/service";
/**
 * Reads everything that a body can be made of.
 * @throws HyperError (as a rejection) `BODY_TOO_LARGE` past `limit` bytes, `BODY_USED`, and what the body fails with.
 */
declare function collect(init: BodyInit, options?: CollectOptions): Promise<Collected>;
/**
 * A body that is the JSON of `value`. Sets no content-type: that is the message's.
 * @throws HyperError `INVALID_BODY` for what JSON cannot say: undefined, functions, symbols, cycles, big integers.
 */
declare function jsonBody(value: unknown): Body;
/** A body with the JSON of one value per line, made as fast as it is sent. */
declare function jsonLines(values: AsyncIterable<unknown> | Iterable<unknown>): Body;
/**
 * Reads a body as JSON.
 * @throws HyperError (as a rejection) as `collect`; a SyntaxError when the text is no JSON.
 */
declare function readJson(init: BodyInit, options?: CollectOptions): Promise<unknown>;
/**
 * Cuts a body off with `BODY_TOO_LARGE` at the first chunk that goes over `max` bytes.
 * @throws HyperError `BODY_USED`, `INVALID_BODY`.
 */
declare function limit(init: BodyInit, max: number): Body;
/**
 * Changes each chunk, or with an object the trailers and the error too, without a promise per chunk.
 * @throws HyperError `BODY_USED`, `INVALID_BODY`.
 */
declare function map(init: BodyInit, mapping: BodyMapping | ((chunk: Uint8Array) => Uint8Array | string)): Body;
/** What {@link transform} runs: reads chunks, yields others. */
type Transformer = (chunks: AsyncIterable<Uint8Array>) => AsyncIterable<Uint8Array | string>;
/**
 * Sends a body through an async generator. Its trailers follow the new data; leaving the generator early cancels it,
 * and then there are none. What the generator throws becomes `BODY_FAILED`.
 * @throws HyperError `INVALID_BODY`.
 */
declare function transform(init: BodyInit, transformer: Transformer): Body;
/**
 * A body from an iterable of bytes and text, pulled as fast as it is sent. With `length`, it is sent with a
 * Content-Length of that many bytes; a source that gives more or fewer fails the message.
 * @throws HyperError `INVALID_OPTION`.
 */
declare function fromIterable(source: AsyncIterable<Uint8Array | string> | Iterable<Uint8Array | string>, options?: PullOptions): Body;
/** A body from an iterable of data and trailers frames. */
declare function fromFrames(frames: AsyncIterable<Frame> | Iterable<Frame>, options?: PullOptions): Body;
/** The chunks of anything that a body can be made of. Leaving the loop early cancels. @throws HyperError `INVALID_BODY`. */
declare function chunks(init: BodyInit): AsyncIterableIterator<Uint8Array, undefined>;
/** As {@link chunks}, with the trailers, as frames. */
declare function frames(init: BodyInit): AsyncIterableIterator<Frame, undefined>;
/** Trailers as fields, or what makes them once the data has gone out. */
type TrailerFields = TrailersInit;
/**
 * Puts trailers after a body, behind those that it has itself. A function is called once, after the last byte; if it
 * throws or rejects, or gives fields that cannot be sent, the body fails with `BODY_FAILED`.
 * @throws HyperError `BODY_USED`, `INVALID_BODY`, and for fields that cannot be sent.
 */
declare function withTrailers$1(init: BodyInit, trailers: TrailerFields): Body;
/** One scheme, host and port. */
interface Destination {
  /** As `URL.origin`: names the destination among others. */
  readonly origin: string;
  /** True when the bytes are to travel by TLS. */
  readonly secure: boolean;
  /** A name or an address, without brackets around an IPv6 address. */
  readonly host: string;
  readonly port: number;
  /** What the Host field says (RFC 9110 §7.2): the port only where it is not the scheme's own. */
  readonly authority: string;
  /** Protocols for ALPN (RFC 7301), best first, in place of those that the connector offers by itself. */
  readonly alpn?: readonly string[] | undefined;
  /**
   * True when the stream itself is wanted, for something that no proxy could forward request by request: HTTP/2, an
   * upgrade, a handshake of one's own. A proxy then makes a tunnel, also for `http:`. Default false.
   */
  readonly needsTunnel?: boolean | undefined;
}
/** The destination of an `http:` or `https:` URL. @throws HyperError `INVALID_TARGET` for any other */
declare function destinationOf(url: URL): Destination;
/** What goes with one attempt to connect. One object for all layers of the attempt. */
interface ConnectContext {
  /** Aborts when the attempt is given up: everything is to be torn down, and the promise rejected. */
  readonly signal: AbortSignal;
  /**
   * What each layer has to say of the connection; a later value of the same key replaces the one before. It stays with
   * the connection, and responses that came over it show it.
   */
  readonly info: Extensions;
}
/**
 * Makes a stream of bytes to a destination, past every handshake that is needed before HTTP: when `destination.secure`,
 * TLS as well. The stream has not been started.
 * Rejects with a HyperError: `DNS`, `CONNECT`, `TLS`, `PROXY` (phases `dns`, `connect`, `tls`), all of them `retryable`,
 * or `CANCELED` when the signal has fired.
 */
type Connector = (destination: Destination, context: ConnectContext) => Promise<Io>;
/** A connector round a connector. */
type ConnectLayer = (inner: Connector) => Connector;
/** How long the parts of connecting took, in milliseconds; null for what was not needed. */
interface ConnectTimings {
  /** Looking the name up. */
  readonly dnsMs: number | null;
  /** Until a transport was there, all attempts together. */
  readonly connectMs: number | null;
  /** Asking a proxy for the way. */
  readonly proxyMs: number | null;
  /** TLS; with a proxy that is spoken to by TLS, both handshakes together. */
  readonly tlsMs: number | null;
}
/** Under which a connection's {@link ConnectTimings} are found. */
declare const CONNECT_TIMINGS: ExtensionKey<ConnectTimings>;
/** What is being waited for at present, `dns`, `connect` or `tls`: whoever gives an attempt up can tell where it was. */
declare const CONNECT_PHASE: ExtensionKey<ErrorPhase>;
/** What TLS has agreed on. */
interface TlsInfo {
  /** For example `'TLSv1.3'`. */
  readonly protocol: string;
  /** The cipher suite by its standard name. */
  readonly cipher: string;
  /** True when an earlier session was resumed, which saves the certificates. */
  readonly isResumed: boolean;
  /** False when the certificate was not the right one, and that was allowed. */
  readonly isAuthorized: boolean;
}
/** The TLS of the connection to the destination; where there is none, of that to the proxy. */
declare const TLS_INFO: ExtensionKey<TlsInfo>;
/** The proxy that a connection goes through, as a URL without user name and password. */
declare const PROXY: ExtensionKey<string>;
/** What requests to a proxy have to say that the origin is not told. */
interface ForwardProxy {
  /** Fields for every request on the connection that does not have them itself; `proxy-authorization` is sensitive. */
  readonly headers: HeaderMap;
}
/**
 * There when the other end of a connection is a proxy that forwards requests itself, without a tunnel: their targets are
 * to be in absolute form (RFC 9112 §3.2.2).
 */
declare const FORWARD_PROXY: ExtensionKey<ForwardProxy>;
/**
 * Puts TLS round a stream that nobody has started, and resolves once the handshake is done and the certificate is that of
 * `destination.host`. Rejects with `TLS` or `CANCELED`; the stream is torn down then.
 */
type Secure = (io: Io, destination: Destination, context: ConnectContext) => Promise<Io>;
/** What every connector that can do TLS takes. */
interface SecureOptions {
  /** Clock and timers. */
  readonly runtime: Pick<Runtime, "clock" | "timer">;
  /** Does TLS: `nodeSecure` of `@hyper/util/node`. Without it, destinations that want TLS are refused. */
  readonly secure?: Secure | undefined;
  /** Milliseconds for one handshake, TLS or of a proxy; then `CONNECT_TIMEOUT`. 0 and null are no limit. Default 30,000. */
  readonly handshakeTimeout?: number | null | undefined;
}
/** One addition of a header of version 2. */
interface ProxyTlv {
  /** `PP2_TYPE_…`: 0x02 is the name that the client has asked for, 0x20 what the proxy knows of its TLS. */
  readonly type: number;
  readonly value: Uint8Array;
}
/** What the proxy says of the connection. */
interface ProxyHeader {
  readonly version: 1 | 2;
  /**
   * False: the proxy speaks for itself (LOCAL: a health check), or does not know the client (UNKNOWN, UNSPEC). There are no
   * addresses then.
   */
  readonly isProxied: boolean;
  /** The client's address, as the proxy sees it. */
  readonly remoteAddress?: string | undefined;
  readonly remotePort?: number | undefined;
  /** The address that the client has connected to. */
  readonly localAddress?: string | undefined;
  readonly localPort?: number | undefined;
  /** In order; empty for version 1. */
  readonly tlvs: readonly ProxyTlv[];
}
/** Reads one header. */
declare class ProxyHeaderReader {
  private readonly maxSize;
  private bytes;
  private size;
  /** How many bytes there must be before it is worth looking again. */
  private wanted;
  /** @param maxSize bytes of a header of version 2; longer ones are an error. Default 4,096 */
  constructor(maxSize?: number);
  /**
   * Takes bytes of the header out of `chunk`, never more.
   * @returns how many were taken, and the header once it is complete
   * @throws HyperError `PROXY`: there is no header, or it is malformed
   */
  receive(chunk: Uint8Array): {
    readonly used: number;
    readonly header: ProxyHeader | null;
  };
  private add;
  private version1;
  private version2;
}
/** Peers that may say for whom they speak. */
declare class TrustedPeers {
  private readonly networks;
  private readonly hasUnix;
  /**
   * @param entries `'10.1.2.3'`, `'10.0.0.0/8'`, `'fd00::/8'`, or `'unix'` for peers without an address
   * @throws HyperError `INVALID_OPTION`
   */
  constructor(entries: readonly string[]);
  has(address: string | undefined): boolean;
}
/** Whose word is taken for where a connection comes from (PROXY protocol, versions 1 and 2). */
interface ProxyProtocolOptions {
  /**
   * Addresses and networks of the proxies: `['10.0.0.0/8', 'fd00::/8']`; `'unix'` for connections without an address. They
   * must send a header, on every connection.
   */
  readonly trusted: readonly string[];
  /**
   * What becomes of connections from elsewhere: `'refuse'` resets them, `'serve'` takes them as they are, and a header of
   * theirs for the garbage that it is. Default `'refuse'`.
   */
  readonly others?: "refuse" | "serve" | undefined;
  /** Bytes of a header of version 2, its additions among them; at least 232. Default 4,096. */
  readonly maxSize?: number | undefined;
  /** Milliseconds for the header; 0, null and Infinity turn it off. Default 10,000. */
  readonly timeout?: number | null | undefined;
}
/** Options as connections need them. */
interface ProxyPlan {
  readonly trusted: TrustedPeers;
  readonly servesOthers: boolean;
  readonly maxSize: number;
  readonly timeout: number;
}
/** @throws HyperError `INVALID_OPTION` */
declare function proxyPlan(options: ProxyProtocolOptions): ProxyPlan;
/** What a connection is behind its header; without one where nobody believes its peer, and it is served as it is. */
interface Proxied {
  /** Paused, or never started. */
  readonly io: Io;
  /** Came along with the header. */
  readonly leftover: Uint8Array;
  readonly header: ProxyHeader | null;
}
/**
 * Reads the header of a stream. Rejects with a HyperError, and the stream is reset: `PROXY` for a header that is malformed or
 * missing and for a peer that is not trusted, `IDLE_TIMEOUT`, `IO`, `INCOMPLETE_MESSAGE`.
 */
declare function readProxyHeader(io: Io, plan: ProxyPlan, runtime: Runtime): Promise<Proxied>;
/**
 * A stream that a proxy may have sent, as a server wants it: behind its header, its peer the client. Rejects as
 * {@link readProxyHeader} does.
 */
declare function acceptProxied(io: Io, plan: ProxyPlan, runtime: Runtime): Promise<Io>;
/** Where a listener listens: `hostname` and `port`, or `path`. */
interface ListenAddress {
  /** The address; null for a path. */
  readonly hostname: string | null;
  /** Null for a path. */
  readonly port: number | null;
  /** Of a unix socket; null for an address. */
  readonly path: string | null;
}
/** How a {@link Listener} is closed. */
interface ListenerCloseOptions {
  /** Milliseconds that handshakes which are under way still have. Default 0. */
  readonly grace?: number | undefined;
}
/** One place to connect to. */
interface SocketAddress {
  /** An IP address, without brackets. */
  readonly address: string;
  readonly family: 4 | 6;
  readonly port: number;
}
/** Opens one connection to one address. Heeds the signal, and has torn everything down when it rejects. */
type Dial = (address: SocketAddress, signal: AbortSignal) => Promise<Io>;
/** How a race is run. */
interface RaceOptions {
  readonly runtime: Pick<Runtime, "clock" | "timer">;
  /** Gives all attempts up: `CANCELED`. */
  readonly signal: AbortSignal;
  /** Milliseconds from one attempt to the next; at least 10, Infinity for one after the other. Default 250 (RFC 8305 §8). */
  readonly attemptDelay?: number | undefined;
  /** How many are tried at most, both families among them. Default 16. */
  readonly maxAddresses?: number | undefined;
  /** Who is being connected to, for messages. Default: the first address. */
  readonly name?: string | undefined;
}
/**
 * Connects to the first address that answers. The families take turns, that of the first address begins.
 *
 * Rejects with a HyperError: that of the only attempt; or, after several, `CONNECT` with the message of the first one that
 * says something about the destination (rather than that we have no route for its family), and an `AggregateError` of
 * all attempts as `cause`. `CANCELED` when the signal has fired.
 * @throws HyperError `INVALID_OPTION`
 */
declare function raceAddresses(addresses: readonly SocketAddress[], dial: Dial, options: RaceOptions): Promise<Io>;
/**
 * Addresses by name, or by name and port (`'example.org:443'`), which wins. An address may have a port of its own
 * (`'127.0.0.1:8443'`, `'[::1]:8443'`); without one the port of the destination stays.
 */
type Overrides = Readonly<Record<string, string | readonly string[]>>;
/** One address of a name. */
interface ResolvedAddress {
  readonly address: string;
  readonly family: 4 | 6;
  /** Seconds for which the answer may be kept, where the name server has said so. */
  readonly ttl?: number | undefined;
  /** A port to use where the URL names none, in place of the scheme's own. */
  readonly port?: number | undefined;
}
/** Who knows the addresses of names. Bring your own, or take `nodeResolver` of `@hyper/util/node`. */
interface Resolver {
  /**
   * The addresses of a name, best first; at least one.
   * Rejects with `DNS` when there are none, and with `CANCELED` when the signal fires.
   */
  resolve(host: string, signal: AbortSignal): Promise<readonly ResolvedAddress[]>;
  /** What was given for this name was of no use: nothing of it is to be given again from memory. */
  forget?(host: string): void;
}
/** What a {@link directConnector} is made of. */
interface DirectOptions extends SecureOptions {
  readonly resolver: Resolver;
  /** Opens one connection to one address. */
  readonly dial: Dial;
  /** Addresses that are said rather than looked up. */
  readonly overrides?: Overrides | undefined;
  /** Use addresses of this family only. Default: both, that of the resolver's first address before the other. */
  readonly family?: 4 | 6 | undefined;
  /** Milliseconds from one attempt to the next (RFC 8305 §5). Default 250. */
  readonly attemptDelay?: number | undefined;
  /** Addresses of one name that are tried at most. Default 16. */
  readonly maxAddresses?: number | undefined;
}
/**
 * Makes a connector that goes straight to the destination. An address in the URL needs no resolver; a port in the URL wins
 * over one that the resolver names.
 * @throws HyperError `INVALID_OPTION`
 */
declare function directConnector(options: DirectOptions): Connector;
/** How a proxy is spoken to. With `socks4` and `socks5` names are looked up here, with `socks4a` and `socks5h` there. */
type ProxyScheme = "http" | "https" | "socks4" | "socks4a" | "socks5" | "socks5h";
/** One proxy. */
interface ProxyServer {
  readonly scheme: ProxyScheme;
  /** Where the proxy itself is. */
  readonly destination: Destination;
  /** Percent-decoded; null when none is given. */
  readonly username: string | null;
  /** Percent-decoded; null when none is given. */
  readonly password: string | null;
  /** The URL without user name and password: for logs. */
  readonly url: string;
}
/**
 * Reads the URL of a proxy. Without a scheme it is `http:`; a path, query and fragment count for nothing.
 * @throws HyperError `INVALID_OPTION`, whose message does not repeat what was given
 */
declare function parseProxy(url: string | URL): ProxyServer;
/** What every layer for a proxy takes. */
interface ProxyOptions extends SecureOptions {
  /** Clock, timers, and what runs when a turn ends. */
  readonly runtime: Pick<Runtime, "clock" | "timer" | "defer">;
}
/** Who says which proxy leads where: `ProxyRules`, or a function of one's own. */
interface ProxyChoice {
  /** The proxy for a destination; null for the direct way. */
  find(destination: Destination): ProxyServer | null;
}
/** How {@link proxied} asks proxies. */
interface ProxiedOptions extends ProxyOptions {
  readonly runtime: Pick<Runtime, "clock" | "timer" | "defer" | "text">;
  /** Looks names up for proxies of `socks4:` and `socks5:`. */
  readonly resolver: Resolver;
  /** Fields for HTTP proxies: with CONNECT, and with every request that a proxy forwards. */
  readonly headers?: HeadersInit | HeaderMap | undefined;
  /** Reaches proxies. Default: as destinations are reached. */
  readonly toProxy?: Connector | undefined;
  /** The `user-agent` of CONNECT; requests that a proxy forwards have their own. Default: none. */
  readonly userAgent?: string | undefined;
}
/**
 * Goes through the proxy that the rules name. What a proxy forwards itself (`http:` through an HTTP proxy) is a connection
 * to the proxy with {@link FORWARD_PROXY} among its info: requests need absolute targets then.
 */
declare function proxied(rules: ProxyChoice, options: ProxiedOptions): ConnectLayer;
/** What {@link completionIo} drives. No two reads and no two writes are under way at the same time. */
interface CompletionSource {
  /**
   * Reads into `buffer`, which belongs to the source until the promise settles.
   * @returns how many bytes were read; null at the end. 0 is no end: it is asked again.
   */
  read(buffer: Uint8Array): Promise<number | null>;
  /** Writes at least one byte of `bytes`, which belong to the source until the promise settles; returns how many. */
  write(bytes: Uint8Array): Promise<number>;
  /** Ends our half; a source without it keeps its half open until both are done. */
  closeWrite?(): Promise<void> | void;
  /** Closes the stream, which makes a read or write under way settle. */
  close(): void;
  /** Closes with a reset where the transport has one; `close` is called where there is none. */
  abort?(): void;
  readonly peer?: PeerInfo | undefined;
}
/** How {@link completionIo} reads. */
interface CompletionOptions {
  /** Size of the read buffer in bytes, at least 1. Default 65,536. */
  readonly bufferSize?: number | undefined;
}
/**
 * Makes an {@link Io} of a completion-based source, and owns it from then on.
 * @throws HyperError `INVALID_OPTION`
 */
declare function completionIo(source: CompletionSource, options?: CompletionOptions): Io;
/** How a {@link cachedResolver} remembers. Times are milliseconds. */
interface CachedResolverOptions {
  /** Says how old an answer is. */
  readonly runtime: {
    readonly clock: Pick<Clock, "now">;
  };
  /** The least time for which an answer is kept, whatever its TTL says. Default 0. */
  readonly minTtl?: number | undefined;
  /** The longest. Default 300,000. */
  readonly maxTtl?: number | undefined;
  /** For answers without a TTL, as those of the system's own resolver. Default 10,000. */
  readonly defaultTtl?: number | undefined;
  /**
   * How long a failure is kept. Default 0: those who wait for a lookup share its failure, and whoever comes later asks
   * again. A name that has just been added is found at once.
   */
  readonly negativeTtl?: number | undefined;
  /** Names that are kept; beyond it, the one that was not asked for the longest is dropped. Default 1,000. */
  readonly maxEntries?: number | undefined;
}
/** A resolver that remembers. */
interface CachedResolver extends Resolver {
  /** Names that are kept at present. */
  readonly size: number;
  /** Drops what is known of one name. */
  forget(host: string): void;
  /** Drops everything. */
  clear(): void;
}
/**
 * Puts a memory in front of a resolver. Lookups of one name at one time are one; giving up one of those who wait does not
 * disturb the others, and the lookup is given up with the last of them.
 * @throws HyperError `INVALID_OPTION`
 */
declare function cachedResolver(resolver: Resolver, options: CachedResolverOptions): CachedResolver;
/** How an {@link httpTunnel} asks. */
interface HttpTunnelOptions extends ProxyOptions {
  readonly runtime: Pick<Runtime, "clock" | "timer" | "defer" | "text">;
  /** The value of `proxy-authorization`. Default: `Basic`, when the URL of the proxy has a user name. Sensitive. */
  readonly authorization?: string | undefined;
  /** Sent with CONNECT, beside `host`. */
  readonly headers?: HeadersInit | HeaderMap | undefined;
  /** The `user-agent` of CONNECT. Default: none. */
  readonly userAgent?: string | undefined;
}
/**
 * Goes through an `http:` or `https:` proxy. Any 2xx is a way. Another status, an answer that is none, a head of more than
 * 8,192 bytes or the end of the connection is `PROXY`, with the status as `reason` (`'407'` where credentials are wanted).
 * @throws HyperError `INVALID_OPTION`, `INVALID_HEADER_NAME`, `INVALID_HEADER_VALUE`
 */
declare function httpTunnel(proxy: string | URL | ProxyServer, options: HttpTunnelOptions): ConnectLayer;
/** Where names are looked up here. */
interface LocalNames {
  readonly resolver: Resolver;
}
/** How SOCKS5 is spoken. */
interface Socks5Options extends ProxyOptions {
  /**
   * Everything is sent before the first answer is read, which saves two round trips; a proxy that has to choose the way of
   * authentication first may not take it. Default false.
   */
  readonly optimistic?: boolean | undefined;
}
/** A SOCKS4 proxy; names are looked up here, and only IPv4 addresses can be asked for. A user name in the URL is sent. */
declare function socks4(proxy: string | URL | ProxyServer, options: ProxyOptions & LocalNames): ConnectLayer;
/** A SOCKS4a proxy, which looks names up itself. IPv6 addresses are `PROXY`. */
declare function socks4a(proxy: string | URL | ProxyServer, options: ProxyOptions): ConnectLayer;
/** A SOCKS5 proxy; names are looked up here. User name and password in the URL are offered. */
declare function socks5(proxy: string | URL | ProxyServer, options: Socks5Options & LocalNames): ConnectLayer;
/** A SOCKS5 proxy, which looks names up itself: none is asked for here. */
declare function socks5h(proxy: string | URL | ProxyServer, options: Socks5Options): ConnectLayer;
/** Proxies by what they are for; each is a URL, or a host and port for an HTTP proxy. Empty text is none. */
interface ProxyRulesInit {
  /** For what neither `http` nor `https` is said of. */
  readonly all?: string | null | undefined;
  /** For `http:` destinations. */
  readonly http?: string | null | undefined;
  /** For `https:` destinations. */
  readonly https?: string | null | undefined;
  /**
   * What is reached directly, between commas: names (those below them too), addresses, networks (`10.0.0.0/8`), each with a
   * port or without; `*` for everything.
   */
  readonly no?: string | null | undefined;
}
/** The variables of a process: `process.env`, `Deno.env.toObject()`. */
type Environment = Readonly<Record<string, string | undefined>>;
/** Says which proxy leads to a destination. */
declare class ProxyRules {
  private readonly http;
  private readonly https;
  private readonly no;
  /**
   * @throws HyperError `INVALID_OPTION` for what is no URL of a proxy, and for a name that is none of these: nothing is passed
   * over in silence, and sent past a proxy
   */
  constructor(init: ProxyRulesInit);
  /**
   * The rules of an environment: `HTTP_PROXY`, `HTTPS_PROXY`, `ALL_PROXY` and `NO_PROXY`, each in upper case before lower
   * case. Under CGI (`REQUEST_METHOD` is set) `HTTP_PROXY` counts for nothing: there a client sets it, with a field named
   * `Proxy` (CVE-2016-5385).
   * @throws HyperError `INVALID_OPTION`
   */
  static fromEnvironment(environment: Environment): ProxyRules;
  /** True when no destination has a proxy. */
  get isEmpty(): boolean;
  /** The proxy for a destination; null for the direct way. */
  find({ host, port, secure }: Destination): ProxyServer | null;
}
/** How a {@link duplex} is made. */
interface DuplexOptions {
  /** Bytes in flight per direction before `write` answers FULL; 0 is none. Default 65,536. */
  readonly highWaterMark?: number | undefined;
  /**
   * Whose `defer` runs the deliveries and whose `text` encodes strings: give it to run the pair on a virtual clock. By
   * default deliveries run in a microtask.
   */
  readonly runtime?: Pick<Runtime, "defer" | "text"> | undefined;
  /** What the second end is told of the first: addresses, TLS. Default: nothing but the transport, `'memory'`. */
  readonly peer?: Partial<PeerInfo> | undefined;
}
/** Two ends of one stream in memory. @throws HyperError `INVALID_OPTION` */
declare function duplex(options?: DuplexOptions): [Io, Io];
/** A listener without a port: every `connect` gives the client's end, and the server's end to whoever iterates. */
declare class MemoryListener implements AsyncIterable<Io> {
  private readonly options;
  private readonly waiting;
  private readonly takers;
  private closed;
  constructor(options?: DuplexOptions);
  /**
   * The client's end of a new connection. The server's end waits until it is taken.
   * @throws HyperError `INVALID_STATE` after `close`.
   */
  connect(): Io;
  /** Ends the iteration, and resets what was connected and not taken. Connections that were taken go on. */
  close(): void;
  [Symbol.asyncIterator](): AsyncIterator<Io, undefined, undefined>;
  private next;
}
/** The platform under a {@link CoarseTimer}: where time comes from, and what wakes the wheel up. */
interface CoarseTimerPlatform {
  /** Monotonic milliseconds. */
  now(): number;
  /** Calls `task` once, `ms` milliseconds from now or later. Must not keep the process alive. */
  schedule(task: () => void, ms: number): unknown;
  /** Takes back what `schedule` returned. */
  unschedule(handle: unknown): void;
  /** Takes what an `onAlarm` has thrown; the other alarms fire all the same. */
  onError(error: unknown): void;
}
/** The one timer of a runtime: 50 ms slots, O(1) for arming, moving and cancelling. */
declare class CoarseTimer implements Timer {
  private readonly platform;
  private readonly slots;
  /** What is due and has not fired yet; empty between ticks. */
  private readonly due;
  private readonly onTick;
  private linked;
  /** The last tick whose slot was emptied; tick `n` is due at `n * SLOT_MS`. */
  private tick;
  /** The tick the platform timer is set for, Infinity when it is not set. */
  private wake;
  private handle;
  constructor(platform: CoarseTimerPlatform);
  alarm(target: AlarmTarget): Alarm;
  /** How many alarms the wheel holds, those that were disarmed and not yet let go included. */
  get size(): number;
  private place;
  private slot;
  private setWake;
  private run;
  /** One at a time from the head, because an `onAlarm` may move or cancel any other alarm. */
  private fireDue;
  private nextTick;
}
/**
 * Keeps the process alive: deadlines do not, nor does a connection that nobody reads.
 * @returns ends that
 */
declare function stayAlive(): () => void;
/** How much there may be. Infinity turns a limit off. */
interface LimitOptions {
  /** Connections in all. Default 1,024: what a process may have open on many systems. */
  readonly maxConnections?: number | undefined;
  /** Connections of one origin. Default 256. */
  readonly maxConnectionsPerOrigin?: number | undefined;
  /** Requests that wait for a connection, in all; one more is `POOL_FULL`. Default 100,000. */
  readonly maxPending?: number | undefined;
}
/** Who holds a {@link Share}. */
interface ShareHolder {
  /** A permit may be had now: `acquire` it, if it is still wanted. */
  permitted(): void;
  /** When its oldest idle value became so; Infinity when none is idle. */
  readonly idleSince: number;
  /** Closes that value, and releases its permit. */
  evict(): void;
}
/** How many values there may be, in all and of one origin, and how many may wait. For any number of pools together. */
declare class Limits {
  readonly maxConnections: number;
  readonly maxConnectionsPerOrigin: number;
  readonly maxPending: number;
  /** Permits that are held. */
  open: number;
  /** How many wait. */
  pending: number;
  private readonly shares;
  /** Those who want a permit, the longest waiting first. */
  private readonly ring;
  /** For whom somebody else has made room. */
  private favoured;
  private isGranting;
  /** @throws HyperError `INVALID_OPTION` */
  constructor(options?: LimitOptions);
  /**
   * For one origin. Give it back with {@link Share.leave}.
   * @param sibling counts together with the new one, as one origin does that keeps connections of two kinds.
   */
  share(holder: ShareHolder, sibling?: Share): Share;
  /** One more waits. @throws HyperError `POOL_FULL` */
  enter(): void;
  private evict;
  private grant;
  private next;
}
/** Permits that the shares of one origin hold together. */
interface Group {
  open: number;
}
/** The part of one origin, or of one kind of its connections. */
declare class Share {
  readonly holder: ShareHolder;
  private readonly limits;
  constructor(limits: Limits, holder: ShareHolder, group: Group);
  /** Takes a permit; false when there is none. */
  acquire(): boolean;
  /** Gives a permit back. */
  release(): void;
  /** Whether the holder is to be told of the next permit. */
  want(isWanted: boolean): void;
  /**
   * Whether a value that has just come free should make room for another origin.
   * @param isWaitedFor somebody waits for it here
   */
  mustYield(isWaitedFor: boolean): boolean;
  /** Values of all origins that make room as soon as nobody uses them. */
  get leaving(): number;
  set leaving(count: number);
  /** One more waits. @throws HyperError `POOL_FULL` */
  enter(): void;
  /** One less waits. */
  exit(): void;
  /** The origin is gone. */
  leave(): void;
}
/** What a pool needs of a runtime. */
type PoolRuntime = Pick<Runtime, "clock" | "timer" | "onError">;
/** How long one may wait, and for what. */
interface TakeOptions {
  /** Gives the wait up: `CANCELED`. */
  readonly signal?: AbortSignalLike | null | undefined;
  /** Milliseconds until one is made, once that has begun; then `CONNECT_TIMEOUT`. Default: no limit. */
  readonly connectTimeout?: number | undefined;
  /** Milliseconds until one is free, where a limit forbids to make one; then `POOL_TIMEOUT`. Default: no limit. */
  readonly poolTimeout?: number | undefined;
  /** True for one that was never used before. Has a meaning only where a value has one user at a time. */
  readonly isFresh?: boolean | undefined;
}
/** What goes with making one value. */
interface MakeContext {
  /** Aborts when nobody wants the value any more. */
  readonly signal: AbortSignal;
  /** True when the value must be one that has one user at a time. */
  readonly isExclusive: boolean;
  /** The maker may say here how to ask it what it waits for at present. */
  phaseOf: (() => ErrorPhase) | null;
}
/** How a {@link Cache} makes, keeps and drops values. */
interface CacheOptions<T> {
  /** Makes a value. Null says that it was put somewhere else: nobody is served, and nobody fails. */
  readonly make: (context: MakeContext) => Promise<T | null>;
  /** Clock and timer. */
  readonly runtime: PoolRuntime;
  /** Asked before an idle value is handed out; false drops it. Default: it is usable. */
  readonly isUsable?: ((value: T) => boolean) | undefined;
  /** Told of every value that is handed out. */
  readonly onTake?: ((value: T) => void) | undefined;
  /** Told of every value that is kept no more: too old, too many, or the cache is closed. */
  readonly dispose?: ((value: T) => void) | undefined;
  /** How long a value may be idle, in milliseconds. Default 90,000; 0, null and Infinity for no limit. */
  readonly idleTimeout?: number | null | undefined;
  /** Until when a value may be used, by the clock. Default: no limit. */
  readonly diesAt?: ((value: T) => number) | undefined;
  /** How many values there may be; may be shared with others. Default: no limit. */
  readonly limits?: Limits | undefined;
  /** Somebody waits because a limit forbids to make a value. */
  readonly onBlocked?: (() => void) | undefined;
}
/**
 * Keeps values that have one user at a time, and has new ones made. Who finds no idle one waits for the one that is there
 * first: one that comes back, or one that is made.
 */
declare class Cache<T> {
  readonly options: CacheOptions<T>;
  /** Values that were begun to be made. */
  dialed: number;
  /** Values that were handed out after they came back. */
  reused: number;
  private readonly runtime;
  private readonly idleTimeout;
  private readonly values;
  /** A stack: the last one used is the first to be used again. */
  private readonly idle;
  private readonly dials;
  private alarm;
  private alarmAt;
  /** Nothing that comes back is kept. */
  private isClosing;
  /** Nothing is made for who comes. */
  private isRefusing;
  private whenEmpty;
  /** @throws HyperError `INVALID_OPTION` */
  constructor(options: CacheOptions<T>);
  /** Values that there are, idle or not. */
  get size(): number;
  /** Values that nobody uses. */
  get idleCount(): number;
  /** How many wait. */
  get pending(): number;
  /** True when nothing is there, nothing is being made, and nobody waits. */
  get isEmpty(): boolean;
  /**
   * A value: at once when one is idle. It is given back with {@link give}, or dropped with {@link drop}.
   * Rejects with what the maker fails with, `CANCELED`, `CONNECT_TIMEOUT`, `POOL_TIMEOUT`, `POOL_FULL`.
   */
  take(options?: TakeOptions): T | Promise<T>;
  /** A value comes back. @param keepFor milliseconds that it may be idle, where that is less than `idleTimeout` */
  give(value: T, keepFor?: number): void;
  private giveToOther;
  /** It is known only now how long a value that is idle already may be. */
  keep(value: T, keepFor: number): void;
  /** A value is of no use any more. Does nothing for one that is not known. */
  drop(value: T): void;
  /** A value that was made elsewhere, under a permit of this cache's share: serves the first who waits, or becomes idle. */
  add(value: T): void;
  /** Drops every value for which `keep` is false: idle ones now, those in use without another word. */
  retain(keep: (value: T) => boolean): void;
  private giveUp;
  private acquire;
  private offer;
  private serve;
  private passOn;
  private adopted;
  private settleFor;
  private rest;
  private unlist;
  private isUsable;
  private discard;
  /**
   * Drops what is idle, keeps nothing that comes back, and makes nothing for who comes from now on.
   * @returns a promise that resolves when nobody waits and nothing is in use.
   */
  close(): Promise<void>;
  /** As `close`, but for who waits, who fails with `reason`, and what is being made, which is given up. */
  abort(reason: HyperError): void;
  private settled;
}
/** A connection that a pool has handed out: call `send` or `release` once. */
declare abstract class PooledConnection {
  abstract readonly protocol: "http1" | "http2";
  readonly io: Io;
  /** What its connector has said of it. */
  readonly info: Extensions;
  /** When it was made, by the clock. */
  readonly madeAt: number;
  /** Requests that were answered. */
  answers: number;
  /** Room for whoever sends to keep what it knows of this connection. */
  note: unknown;
  /** Nobody uses it. */
  protected isResting: boolean;
  private hint;
  protected promised: number;
  private readonly runtime;
  /** It holds the process open. */
  private isHeld;
  private isLettingGo;
  private readonly letGo;
  /** True when something was answered on it before: it may have been closed since then. */
  get isReused(): boolean;
  /** How many more may take it now. */
  abstract get capacity(): number;
  /** True when no request will ever be sent on it again. */
  abstract get isUsedUp(): boolean;
  /** True when it is over. */
  abstract get isClosed(): boolean;
  /** Requests under way. */
  abstract get active(): number;
  /** True when extended CONNECT (RFC 8441) may be sent on it. */
  abstract get canExtendConnect(): boolean;
  /**
   * Sends a request, as the sender of its protocol does. Once for each time that the connection was taken.
   * @see SendRequest.send and H2SendRequest.send of the core
   */
  abstract send(request: HttpRequest, options?: SendOptions): Promise<HttpResponse>;
  /** Gives it back without having sent anything. */
  abstract release(): void;
  /** The head of a response has come: counts it, and learns how long the server keeps a connection that rests. */
  answered(headers: HeaderMap): void;
  /**
   * Whether somebody waits for the response that comes over it: a connection whose response nobody reads holds no process
   * open. Of HTTP/1 alone, since over HTTP/2 others may wait for theirs.
   */
  abstract awaited(isAwaited: boolean): void;
  /** Ends it once what is under way is complete. */
  abstract close(): void;
  /** Ends it now. */
  abstract abort(reason?: HyperError): void;
  protected rest(): void;
  protected wake(): void;
  protected hold(isHeld: boolean): void;
}
/** How a {@link PoolMap} makes and forgets. */
interface PoolMapOptions<D, V> {
  /** What two destinations that share a value have in common. */
  readonly keyOf: (destination: D) => unknown;
  readonly make: (destination: D) => V;
  /** True when nothing is lost by forgetting the value. Default: never. */
  readonly isEmpty?: ((value: V) => boolean) | undefined;
  /** Told of each value that is forgotten. */
  readonly onForget?: ((value: V) => void) | undefined;
  /** Empty values are forgotten when there would be more than this. Default 1,000. */
  readonly max?: number | undefined;
}
/** One value for each key, made when first asked for. */
declare class PoolMap<D, V> {
  private readonly options;
  private readonly entries;
  private readonly max;
  /** Looks for empty ones beyond this; more than `max` while most are in use. */
  private sweepAt;
  /** @throws HyperError `INVALID_OPTION` */
  constructor(options: PoolMapOptions<D, V>);
  /** How many values there are. */
  get size(): number;
  /** The value for a destination; made when there is none. */
  get(destination: D): V;
  /** The value for a key; undefined when there is none. */
  peek(key: unknown): V | undefined;
  values(): IterableIterator<V>;
  /** Forgets every value for which `keep` is false. */
  retain(keep: (value: V) => boolean): void;
  /** Forgets all. */
  clear(): void;
  private make;
}
/** How a {@link Singleton} makes, keeps and drops its value. */
interface SingletonOptions<T> {
  /** Makes a value. Null says that it was put somewhere else: nobody is served, and nobody fails. */
  readonly make: (context: MakeContext) => Promise<T | null>;
  /** Clock and timer. */
  readonly runtime: PoolRuntime;
  /**
   * How many more may use the value now, less those it was handed to and who have not begun. Whenever that has changed,
   * call {@link Singleton.changed}. Default: any number.
   */
  readonly capacityOf?: ((value: T) => number) | undefined;
  /** True when nobody new can ever use the value. Default: never. */
  readonly isDead?: ((value: T) => boolean) | undefined;
  /** Told whenever the value is handed out. */
  readonly onTake?: ((value: T) => void) | undefined;
  /** Told of every value that is kept no more. Who uses it may go on. */
  readonly dispose?: ((value: T) => void) | undefined;
  /** How many values there may be, once the others are full. Default 1. */
  readonly max?: number | undefined;
  /** How long nobody may use a value, in milliseconds. Default 90,000; 0, null and Infinity for no limit. */
  readonly idleTimeout?: number | null | undefined;
  /** Until when a value may be used, by the clock. Default: no limit. */
  readonly diesAt?: ((value: T) => number) | undefined;
  /** How many values there may be; may be shared with others. Default: no limit. */
  readonly limits?: Limits | undefined;
  /** Counts together with this one, as one origin. */
  readonly sibling?: Share | undefined;
  /** Somebody waits because a limit forbids to make a value, or because all values are full. */
  readonly onBlocked?: (() => void) | undefined;
}
/** Has one value made for all who ask, and a new one when that is dead. Who finds it full waits. */
declare class Singleton<T> {
  readonly options: SingletonOptions<T>;
  /** Values that were begun to be made. */
  dialed: number;
  /** How often a value was handed out that had been handed out before. */
  reused: number;
  private readonly runtime;
  private readonly idleTimeout;
  private readonly max;
  /** All that there is: what is handed out, and what only finishes what it does. */
  private readonly entries;
  /** What is handed out. */
  private readonly live;
  private dial;
  private alarm;
  private alarmAt;
  /** What everybody waits for who waits. */
  private phase;
  /** Nothing that comes free is kept. */
  private isClosing;
  /** Nothing is made for who comes. */
  private isRefusing;
  private whenEmpty;
  /** @throws HyperError `INVALID_OPTION` */
  constructor(options: SingletonOptions<T>);
  /** Values that there are, those included that only finish what they do. */
  get size(): number;
  /** Values that nobody uses. */
  get idleCount(): number;
  /** How many wait. */
  get pending(): number;
  /** True when nothing is there, nothing is being made, and nobody waits. */
  get isEmpty(): boolean;
  /**
   * The value: at once when it is there and not full. Tell {@link give} when nobody uses it any more.
   * Rejects with what the maker fails with, which all who wait share; `CANCELED`, `CONNECT_TIMEOUT`, `POOL_TIMEOUT`,
   * `POOL_FULL`.
   */
  take(options?: TakeOptions): T | Promise<T>;
  /** The capacity of a value has changed, or it has died: serves those who wait, or has another made. */
  changed(value: T): void;
  /** Nobody uses a value now. @param keepFor milliseconds that it may stay so, where that is less than `idleTimeout` */
  give(value: T, keepFor?: number): void;
  /** A value is gone. Does nothing for one that is not known. */
  drop(value: T): void;
  /** A value that was made elsewhere, under a permit of this singleton's share. One too many is dropped. */
  add(value: T): void;
  /** Drops every value for which `keep` is false; who uses it may go on. */
  retain(keep: (value: T) => boolean): void;
  private ensure;
  private begin;
  private serve;
  private usable;
  private handOut;
  private isDead;
  private retire;
  private dismiss;
  private leave;
  private setAlarm;
  /**
   * Drops what nobody uses, keeps nothing that comes free, and makes nothing for who comes from now on.
   * @returns a promise that resolves when nobody waits and nothing is in use.
   */
  close(): Promise<void>;
  /** As `close`, but for who waits, who fails with `reason`, and what is being made, which is given up. */
  abort(reason: HyperError): void;
  private settled;
}
/** What connects, what looks at the connection, and what is made of it. */
interface NegotiateOptions<C, T> {
  readonly connect: (context: MakeContext) => Promise<C>;
  /** True when the connection is one for many, for example because ALPN agreed on `h2`. */
  readonly inspect: (connection: C) => boolean;
  /** Makes of it a value for one user at a time. */
  readonly fallback: (connection: C) => T;
  /** Makes of it a value for many. */
  readonly upgrade: (connection: C) => T;
  /** Clock and timer. */
  readonly runtime: PoolRuntime;
  /** What is expected of the first connection: one is made if it may be for many. Default `'shared'`. */
  readonly expect?: Mode | undefined;
  /** What was learnt of a connection that differs from what was expected. */
  readonly onLearn?: ((mode: Mode) => void) | undefined;
  /** As of {@link Singleton}. */
  readonly capacityOf?: ((value: T) => number) | undefined;
  /** As of {@link Singleton}. */
  readonly isDead?: ((value: T) => boolean) | undefined;
  /** As of {@link Cache}. */
  readonly isUsable?: ((value: T) => boolean) | undefined;
  /** As of both. */
  readonly onTake?: ((value: T) => void) | undefined;
  /** As of both. */
  readonly dispose?: ((value: T) => void) | undefined;
  /** As of both, in milliseconds. */
  readonly idleTimeout?: number | null | undefined;
  /** As of both. */
  readonly diesAt?: ((value: T) => number) | undefined;
  /** As of both, which count together. */
  readonly limits?: Limits | undefined;
  /** As of both. */
  readonly onBlocked?: (() => void) | undefined;
  /** How many shared values there may be, once the others are full. Default 1. */
  readonly maxShared?: number | undefined;
}
/** One user at a time, or many. */
type Mode = "exclusive" | "shared";
/** What one may ask for besides. */
interface NegotiatedTakeOptions extends TakeOptions {
  /** True for a value with one user at a time, whatever the others are. */
  readonly isExclusive?: boolean | undefined;
}
/** A {@link Cache} or a {@link Singleton}, as the values turn out that are made. */
declare class Negotiated<C, T> {
  /** What came last, or what is expected. */
  mode: Mode;
  /** Those with one user at a time. */
  readonly cache: Cache<T>;
  /** Those with many. */
  readonly singleton: Singleton<T>;
  private readonly options;
  /** @throws HyperError `INVALID_OPTION` */
  constructor(options: NegotiateOptions<C, T>);
  /** A value, at once when there is one. Rejects as those of {@link Cache} and {@link Singleton}. */
  take(options?: NegotiatedTakeOptions): T | Promise<T>;
  /** True when nothing is there, nothing is being made, and nobody waits. */
  get isEmpty(): boolean;
  /** Counts as an origin no more. */
  leave(): void;
  /** As of {@link Cache}. */
  close(): Promise<void>;
  /** As of {@link Cache}. */
  abort(reason: HyperError): void;
  private makeShared;
  private makeExclusive;
  private turnExclusive;
  private turnShared;
  private learn;
}
/** HTTP/2 as a pool speaks it. */
interface PooledH2Options extends H2ClientOptions {
  /**
   * True to speak HTTP/2 without TLS, too, to every server (prior knowledge, RFC 9113 §3.3). Default false: without TLS,
   * HTTP/1.1 is spoken.
   */
  readonly priorKnowledge?: boolean | undefined;
  /**
   * How many connections an origin may have once all streams of the others are in use. Default 1: requests wait for a
   * stream, since a server that limits streams wants no more of them.
   */
  readonly maxConnections?: number | undefined;
}
/** How a {@link Pool} makes, keeps and closes connections. Times are milliseconds. */
interface PoolOptions extends LimitOptions {
  /** Makes streams of bytes. */
  readonly connector: Connector;
  /** Clock, timer, deferral, text, and where background errors go. */
  readonly runtime: Runtime;
  /** Hooks for observers of connections and requests. Default: none. */
  readonly tracer?: Tracer | undefined;
  /** What HTTP/1 alone has; false to speak HTTP/2 only. Default: HTTP/1 is spoken. */
  readonly http1?: H1ClientOptions | false | undefined;
  /** What HTTP/2 alone has; false to speak HTTP/1 only. Default: HTTP/2 is spoken where ALPN agrees on it. */
  readonly http2?: PooledH2Options | boolean | undefined;
  /**
   * How long a connection that is not in use is kept; a shorter promise of the server (`Keep-Alive: timeout`) wins. 0,
   * null and Infinity: no limit. Default 90,000.
   */
  readonly idleTimeout?: number | null | undefined;
  /** How old a connection may become; then it serves no further request. 0, null and Infinity: no limit. Default: off. */
  readonly maxAge?: number | null | undefined;
  /** Origins of which it is remembered whether they speak HTTP/2, also when no connection is left. Default 1,000. */
  readonly maxKnownOrigins?: number | undefined;
  /** A request for this origin waits because a limit forbids one more connection, or all streams are in use. */
  readonly onBlocked?: ((origin: string) => void) | undefined;
}
/** What is counted, of one origin or of all. */
interface PoolStats {
  /** Connections that are open. */
  readonly open: number;
  /** Connections that nobody uses. */
  readonly idle: number;
  /** Requests under way. */
  readonly active: number;
  /** Requests that wait for a connection. */
  readonly pending: number;
  /** Connections that were begun to be made, so far. */
  readonly dials: number;
  /** Requests that found a connection which had served before, so far. */
  readonly reuses: number;
}
/** Connections to any number of origins. */
declare class Pool {
  private readonly settings;
  private readonly handshakes;
  private readonly origins;
  /** What origins have turned out to speak, oldest first. */
  private readonly known;
  /** Of origins that are forgotten. */
  private dials;
  private reuses;
  private isClosed;
  /** @throws HyperError `INVALID_OPTION` */
  constructor(options: PoolOptions);
  /** Connections that are open. */
  get connections(): number;
  /**
   * A connection to `destination`: at once when there is one that can be used. Call its `send` or its `release` once.
   * Rejects with what the connector fails with, `CANCELED`, `CONNECT_TIMEOUT`, `POOL_TIMEOUT`, `POOL_FULL`,
   * `VERSION_UNSUPPORTED`; all are `retryable`, since nothing was sent.
   * @throws HyperError `CLOSED` after `close` or `abort`
   */
  take(destination: Destination, options?: NegotiatedTakeOptions): PooledConnection | Promise<PooledConnection>;
  /** The counts of all origins together. */
  stats(): PoolStats;
  /** The counts of each origin that is remembered, by `Destination.origin`. */
  statsByOrigin(): Map<string, PoolStats>;
  /**
   * Takes no further request, closes idle connections, and resolves when all others are done; those who wait for a
   * connection are still served.
   */
  close(): Promise<void>;
  /** Takes no further request, fails those who wait, and resets every connection. */
  abort(reason?: HyperError): void;
  private originOf;
  private learn;
  private forgotten;
}
/** What a connection may speak. */
type AutoProtocol = "http1" | "http2";
/** What {@link serveAuto} needs besides the connection and the service. */
interface AutoOptions {
  /** Clock, timer, deferral, text, and where background errors go. */
  readonly runtime: Runtime;
  /** Hooks for observers; they hear of a connection once its protocol is known. Default: none. */
  readonly tracer?: Tracer | undefined;
  /** For connections that speak HTTP/1. */
  readonly http1?: H1ServerOptions | undefined;
  /** For connections that speak HTTP/2. */
  readonly http2?: H2ServerOptions | undefined;
  /** Serves this one whatever the client wants: the other ends as a protocol error does. Default: both. */
  readonly only?: AutoProtocol | undefined;
  /**
   * Milliseconds until the first bytes must have told the protocol; then the connection is closed without a word. 0, null
   * and Infinity turn it off. Default 10,000.
   */
  readonly sniffTimeout?: number | null | undefined;
  /**
   * Called with the stream of an HTTP/1 connection that has switched protocols, just before the service gets what this
   * gives: the same stream, or one around it. Default: none.
   */
  readonly onSwitched?: ((io: Io) => Io) | undefined;
}
/** A connection that speaks HTTP/1 or HTTP/2: made by {@link serveAuto}. */
declare class AutoConnection implements IoSink, AlarmTarget {
  private readonly io;
  private readonly service;
  private readonly plan;
  private inner;
  private speaks;
  /** Bytes of the preface of HTTP/2 that have come. */
  private matched;
  private alarm;
  /** What `gracefulShutdown` was told before the protocol was known; -1 when it was not called. */
  private grace;
  private ending;
  private closedPromise;
  private resolveClosed;
  /** What is spoken; null while that is not known. */
  get protocol(): AutoProtocol | null;
  /** True while no request is being read or answered. */
  get isIdle(): boolean;
  /** Resolves once the connection is over; never rejects. */
  get closed(): Promise<ConnectionEnd>;
  /**
   * Finishes what runs, takes nothing new, and ends the connection.
   * @param grace milliseconds for which a connection without requests still waits for one that is on its way; also one
   *   whose protocol is not known yet. Default 0.
   */
  gracefulShutdown(grace?: number): void;
  /** Ends the connection at once, with a reset where the transport has one. */
  abort(reason?: HyperError): void;
  onData(chunk: Uint8Array): boolean;
  onEnd(): void;
  onDrain(): void;
  onWriteError(): void;
  onClose(cause: Error | null): void;
  onAlarm(): void;
  private open;
  private drained;
  private leave;
  private finish;
  private forgetAlarm;
}
/**
 * Serves HTTP/1 or HTTP/2 on a byte stream, until it ends. What ALPN has agreed on decides (RFC 9113 §3.2): `h2` is
 * HTTP/2, anything else is HTTP/1, and so is TLS without ALPN. Without TLS the first bytes decide: a client that begins
 * with the preface of HTTP/2 knew what it did (RFC 9113 §3.3). The same `options` object should be given for every
 * connection: what is made of it is kept.
 * @throws HyperError `INVALID_OPTION`; that of the protocols when the first connection speaks them
 */
declare function serveAuto(io: Io, service: Service, options: AutoOptions): AutoConnection;
/** What is known of a client that has come by a proxy, and what the proxy has said. */
interface ProxiedPeer extends PeerInfo {
  /** The header, with its additions. */
  readonly proxy: ProxyHeader;
}
/** How {@link joinIo} watches. */
interface JoinOptions {
  /**
   * Milliseconds in which no byte goes either way; then both are reset. Holds until both are closed: an end that does not
   * take the last bytes is let go. 0, null and Infinity turn it off. Needs `runtime`. Default: off.
   */
  readonly idleTimeout?: number | null | undefined;
  /** Clock and timers, for `idleTimeout`. */
  readonly runtime?: Pick<Runtime, "clock" | "timer"> | undefined;
}
/** How it went. */
interface TunnelEnd {
  /** Bytes that the first has sent to the second. */
  readonly sent: number;
  /** Bytes that the second has sent to the first. */
  readonly received: number;
  /** What broke the tunnel; null when both directions have ended. */
  readonly error: Error | null;
}
/** One end, as it was handed over: paused, or never started. */
interface End {
  readonly io: Io;
  readonly leftover?: Uint8Array | undefined;
}
/**
 * Joins two streams, and owns both from then on.
 * @returns how it went, once it is over; never rejects.
 * @throws HyperError `INVALID_OPTION`, and nothing is touched then
 */
declare function joinIo(first: End, second: End, options?: JoinOptions): Promise<TunnelEnd>;
/** Who speaks in place of a stream that is not there yet. The owner's calls reach it as they are made. */
interface LateIoHost {
  /** The owner has written; the bytes are the host's. It waits for {@link LateIo.drained} or {@link LateIo.bind}. */
  onWrite(bytes: Uint8Array): void;
  /** The owner has ended its half. */
  onEnd(): void;
  /** The owner has let go, or torn down. */
  onGone(): void;
  /** The owner wants more, after {@link LateIo.isPaused}. */
  onResume(): void;
}
/** A stream that is used before it is there: by an owner, as any `Io`; by a host, until {@link LateIo.bind}. */
declare class LateIo implements Io {
  /** The owner wants no more bytes for now. */
  isPaused: boolean;
  private readonly host;
  private readonly runtime;
  private readonly knownPeer;
  private target;
  private sink;
  private isEnded;
  private isGone;
  /** What it is gone with. */
  private error;
  /** The owner wants it to keep no process alive. */
  private isUnref;
  /** @param peer what is known of the other end as long as the stream is not there */
  constructor(host: LateIoHost, peer: PeerInfo, runtime: Pick<Runtime, "defer">);
  /** Gives the owner, who has started, bytes as though they had come. */
  feed(bytes: Uint8Array): void;
  /** The other end, as though it had come. */
  feedEnd(): void;
  /** The owner may write again. */
  drained(): void;
  /** There will be no stream. */
  finish(error: Error | null): void;
  /**
   * The stream is there, paused.
   * @param leftover bytes that it has brought already
   * @param early what the owner has written for it
   */
  bind(io: Io, leftover: Uint8Array, early: readonly Uint8Array[]): void;
  get peer(): PeerInfo;
  start(sink: IoSink): void;
  pause(): void;
  resume(): void;
  write(data: Uint8Array | string, more?: boolean): WriteResult;
  end(): void;
  close(): void;
  abort(): void;
  ref(): void;
  unref(): void;
  private leave;
  private tellClose;
}
/** A readable and a writable half, as `connect()` of Workers-like runtimes and `WebTransport` streams have them. */
interface WebStreamPair {
  readonly readable: ReadableStream<Uint8Array>;
  readonly writable: WritableStream<Uint8Array>;
  readonly peer?: PeerInfo | undefined;
}
/** Makes an {@link Io} of two web streams, locks both, and owns them from then on. `abort` cancels and aborts them. */
declare function webIo(pair: WebStreamPair): Io;
/** Options of {@link createWebRuntime}. */
interface WebRuntimeOptions {
  /** Takes what background work throws; by default `reportError` where there is one, else a new task throws it. */
  readonly onError?: ((error: unknown) => void) | undefined;
}
/** A runtime of one's own; {@link webRuntime} does for nearly everybody. */
declare function createWebRuntime(options?: WebRuntimeOptions): Runtime;
/** Clock, timer, deferral and text codec of the web's globals, one for the whole process or tab. */
declare const webRuntime: Runtime;
/** How {@link ReadAhead.body} makes its body. */
interface StreamBodyOptions extends PullOptions {
  /** What the stream is cancelled with when the body is given up. Default: the reason that the body was given. */
  readonly reasonOf?: ((reason: unknown) => unknown) | undefined;
}
type Chunk = Uint8Array | string;
type Step = IteratorResult<Chunk, undefined>;
/** A web stream that was looked into. It is locked, and read from the first call on. */
declare class ReadAhead implements AsyncIterable<Chunk> {
  private readonly stream;
  private readonly owner;
  private readonly reader;
  /** What was read and not given yet. */
  private readonly held;
  /** A read that is under way, or was not asked for its result. */
  private pending;
  /** The last read. */
  private last;
  private hasLeft;
  /**
   * @param owner the headers of the platform's Request or Response whose body the stream is, where it is one: such a
   *   stream is given up with care.
   * @throws HyperError `INVALID_BODY` when the stream is locked.
   */
  constructor(stream: ReadableStream<Chunk>, owner?: Headers | null);
  /**
   * Reads what is there, and no more than 64 KiB of it. A stream that has nothing yet is not waited for: a head must go
   * out, and whoever wants the body may leave.
   * @returns the whole content, or null when more is to come; then {@link body} gives everything. Rejects with what the
   *   stream fails with, when that comes before any data.
   */
  whole(): Promise<Uint8Array | null>;
  /** Everything, as a body that is pulled no faster than it is taken. Cancelling it cancels the stream. */
  body(options?: StreamBodyOptions): Body;
  /** Gives the stream up. */
  cancel(reason?: unknown): void;
  [Symbol.asyncIterator](): AsyncIterator<Chunk, undefined>;
  next(): Promise<Step>;
  return(): Promise<Step>;
  private read;
  private leave;
  private joined;
}
/** How {@link toReadableStream} makes its stream. */
interface BodyStreamOptions {
  /**
   * `'bytes'` makes a byte stream, which `getReader({ mode: 'byob' })` reads too. Such a stream takes the memory of what
   * goes through it: every chunk is copied. Default: a stream of chunks, as they come.
   */
  readonly type?: "bytes" | undefined;
  /** What the stream fails with when the body fails. Default: the HyperError itself. */
  readonly errorOf?: ((error: HyperError) => unknown) | undefined;
}
/**
 * The data of a body as a web stream; it is pulled only as fast as it is read. Cancelling the stream cancels the body,
 * an error of the body (a HyperError) errors the stream. Trailers do not fit into a stream: ask `body.trailers`.
 * The body counts as used from the first read on.
 */
declare function toReadableStream(body: Body, options?: BodyStreamOptions): ReadableStream<Uint8Array<ArrayBuffer>>;
/**
 * A web stream as a body. Strings in it become UTF-8; anything but strings and bytes fails the body with `INVALID_BODY`,
 * an error of the stream with `BODY_FAILED`. The stream is locked at once; cancelling the body cancels it.
 * @param options `length` when the exact number of bytes is known.
 * @throws HyperError `INVALID_BODY` when the stream is locked.
 */
declare function fromReadableStream(stream: ReadableStream<Uint8Array | string>, options?: StreamBodyOptions): Body;
/** Whose content it is. */
interface FetchContentHost {
  /** The value of `content-type`, asked for when the content becomes a stream, a Blob or a FormData. */
  contentType(): string | null;
  /** What readers reject with, and the stream fails with, when the body has failed. Default: the HyperError itself. */
  errorOf?(error: HyperError): unknown;
}
/** The content of a Request or Response whose body is the engine's. */
declare class FetchContent {
  #private;
  constructor(body: Body | null, host: FetchContentHost);
  /** The content as the platform's byte stream, the same one each time; null for a null body. */
  get stream(): Response["body"];
  get bodyUsed(): boolean;
  text(): Promise<string>;
  /** Rejects with a SyntaxError for what is no JSON. */
  json(): Promise<unknown>;
  bytes(): Promise<Uint8Array<ArrayBuffer>>;
  arrayBuffer(): Promise<ArrayBuffer>;
  blob(): Promise<Blob>;
  formData(): Promise<FormData>;
  /**
   * A second content of the same body: what is read of one is kept for the other. Throws a TypeError when the content has
   * been read, in part or in whole.
   */
  clone(): FetchContent;
}
/** What a `Headers` may be made of. */
type FetchHeadersInit = ConstructorParameters<typeof globalThis.Headers>[0];
/** Whose the map is: the view's own, one that others read too, or one that nobody may change through the view. */
type FetchHeadersGuard = "own" | "shared" | "immutable";
type Pair = [string, string];
/** A `Headers` over a HeaderMap; `instanceof` the platform's holds for what {@link asHeaders} gives. */
declare class FetchHeaders {
  #private;
  /** @param guard what a change does: to the map itself, to a copy, or throw a TypeError. Default `'own'`. */
  constructor(map: HeaderMap, guard?: FetchHeadersGuard);
  /** True for what this class made, whatever its prototype says. */
  static is(value: object): value is FetchHeaders;
  /** The map beneath, for a reader that does not change it. */
  static mapOf(headers: FetchHeaders): HeaderMap;
  append(name: string, value: string): void;
  set(name: string, value: string): void;
  delete(name: string): void;
  get(name: string): string | null;
  has(name: string): boolean;
  getSetCookie(): string[];
  forEach(callback: (value: string, name: string, parent: Headers) => void, thisArg?: unknown): void;
  entries(): Generator<Pair>;
  keys(): Generator<string>;
  values(): Generator<string>;
  [Symbol.iterator](): Generator<Pair>;
}
/** The same object under the platform's type; `standIn` has made it one. */
declare function asHeaders(headers: FetchHeaders): Headers;
/** A map of anything that `new Headers()` takes. Throws a TypeError for what it would refuse. */
declare function toHeaderMap(init: FetchHeadersInit): HeaderMap;
/** A class of the platform, as far as it matters to {@link standIn}. */
interface PlatformClass {
  readonly prototype: object;
}
/**
 * Puts `lazy` below `platform` in the prototype chain, for instances and for static members, and forwards every
 * instance member that `lazy` lacks to what `realOf` makes of the instance; those that only tell something to what
 * `plainOf` makes, where that is less. Call it once per class, before the first instance is handed out.
 */
declare function standIn(lazy: PlatformClass, platform: PlatformClass, realOf: (self: object) => object, plainOf?: (self: object) => object): void;
export { AutoConnection, AutoOptions, AutoProtocol, BodyStreamOptions, CONNECT_PHASE, CONNECT_TIMINGS, Cache, CacheOptions, CachedResolver, CachedResolverOptions, CoarseTimer, CoarseTimerPlatform, CompletionOptions, CompletionSource, ConnectContext, ConnectLayer, ConnectTimings, Connector, Destination, Dial, DirectOptions, DuplexOptions, Environment, FORWARD_PROXY, FetchContent, FetchContentHost, FetchHeaders, FetchHeadersGuard, FetchHeadersInit, ForwardProxy, HttpTunnelOptions, JoinOptions, LateIo, LateIoHost, LimitOptions, Limits, ListenAddress, ListenerCloseOptions, LocalNames, MakeContext, MemoryListener, Mode, NegotiateOptions, Negotiated, NegotiatedTakeOptions, Overrides, PROXY, PlatformClass, Pool, PoolMap, PoolMapOptions, PoolOptions, PoolRuntime, PoolStats, PooledConnection, PooledH2Options, Proxied, ProxiedOptions, ProxiedPeer, ProxyChoice, ProxyHeader, ProxyHeaderReader, ProxyOptions, ProxyPlan, ProxyProtocolOptions, ProxyRules, ProxyRulesInit, ProxyScheme, ProxyServer, ProxyTlv, RaceOptions, ReadAhead, ResolvedAddress, Resolver, Secure, SecureOptions, Singleton, SingletonOptions, SocketAddress, Socks5Options, StreamBodyOptions, TLS_INFO, TakeOptions, TlsInfo, TrailerFields, Transformer, TunnelEnd, WebRuntimeOptions, WebStreamPair, acceptProxied, asHeaders, cachedResolver, channel, chunks, collect, completionIo, createWebRuntime, destinationOf, directConnector, duplex, frames, fromFrames, fromIterable, fromReadableStream, fuse, httpTunnel, joinIo, jsonBody, jsonLines, limit, map, parseProxy, proxied, proxyPlan, raceAddresses, readJson, readProxyHeader, serveAuto, socks4, socks4a, socks5, socks5h, standIn, stayAlive, toHeaderMap, toReadableStream, transform, webIo, webRuntime, withTrailers$1 as withTrailers };
