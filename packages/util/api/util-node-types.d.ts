import { ExtensionKey, Extensions, HeaderMap, HeadersInit } from "@hyper/core/http";
import { ErrorPhase, HyperError } from "@hyper/core/error";
import { Socket } from "node:net";
import { Alarm, AlarmTarget, Io, IoSink, PeerInfo, Runtime, Timer } from "@hyper/core/rt";
import { Duplex } from "node:stream";
import { ConnectionOptions, TLSSocket, TlsOptions } from "node:tls";
/** Options of {@link createNodeRuntime}. */
interface NodeRuntimeOptions {
  /**
   * Takes what background work throws. By default a process warning with the error, its stack and its causes: once for
   * each distinct failure (the same codes from the same lines), so that a hook that always fails does not flood the log,
   * and for 100 of them at most.
   */
  readonly onError?: ((error: unknown) => void) | undefined;
}
/** A runtime of one's own; {@link nodeRuntime} does for nearly everybody. */
declare function createNodeRuntime(options?: NodeRuntimeOptions): Runtime;
/** Clock, timer, deferral and text codec of Node. One for the whole process: all connections share its wheel. */
declare const nodeRuntime: Runtime;
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
/**
 * Addresses by name, or by name and port (`'example.org:443'`), which wins. An address may have a port of its own
 * (`'127.0.0.1:8443'`, `'[::1]:8443'`); without one the port of the destination stays.
 */
type Overrides = Readonly<Record<string, string | readonly string[]>>;
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
/** TLS of a client: what `node:tls` takes, and `alpn`. */
interface ConnectTls extends Omit<ConnectionOptions, "ALPNProtocols" | "host" | "port" | "path" | "socket" | "timeout"> {
  /** Protocols for ALPN (RFC 7301), best first. Default: none is offered. */
  readonly alpn?: readonly string[] | undefined;
}
/** Whom TLS is with, and how. */
interface SecureIoOptions extends ConnectTls {
  /** Whom the certificate has to name; asked for by SNI unless it is an address or `servername` says otherwise. */
  readonly host: string;
  /** Whom errors name, as `host:port`. Default `host`. */
  readonly address?: string | undefined;
  /** Gives the handshake up: `CANCELED`. */
  readonly signal?: AbortSignal | undefined;
  /** Takes sessions that can be resumed later, as `session`; they may come at any time after the handshake. */
  readonly onSession?: ((session: NonNullable<ConnectTls["session"]>) => void) | undefined;
}
/**
 * Puts TLS round a stream, and owns it. The stream must not have been started, or be paused.
 * Rejects with a HyperError: `TLS` (`cause` is Node's error), or `CANCELED`; both `retryable`.
 */
declare function secure$1(io: Io, options: SecureIoOptions): Promise<Io>;
/** How {@link nodeSecure} does TLS. */
interface NodeSecureOptions extends ConnectTls {
  /** Origins whose last TLS session is kept, so that the next connection resumes it. 0 keeps none. Default 100. */
  readonly maxSessions?: number | undefined;
}
/**
 * TLS by `node:tls` for connectors. Certificates and keys are read once, at the first handshake. Sessions are kept by
 * origin.
 * @throws HyperError `INVALID_OPTION`
 */
declare function nodeSecure(options?: NodeSecureOptions): Secure;
/** Where {@link connectTcp} connects to, and how long it may take. */
interface ConnectOptions {
  /** Name or address; default `'localhost'`. */
  readonly host?: string | undefined;
  /** TCP port, 1 to 65,535. */
  readonly port?: number | undefined;
  /** A unix socket in place of host and port. */
  readonly path?: string | undefined;
  /** True for TLS with Node's defaults; the server's name is `host` unless `servername` says otherwise. */
  readonly tls?: ConnectTls | boolean | undefined;
  /** Gives the attempt up: `CANCELED`. */
  readonly signal?: AbortSignal | undefined;
  /** Milliseconds for everything, TLS included; off by default. */
  readonly timeout?: number | undefined;
}
/**
 * Connects, and hands the connection over half-open and past its TLS handshake. The addresses of a name are raced
 * (RFC 8305).
 * Rejects with a HyperError: `DNS`, `CONNECT`, `TLS` (phase `dns`, `connect`, `tls`; `cause` is Node's error),
 * `CONNECT_TIMEOUT`, or `CANCELED` when the signal fired; all of them `retryable`.
 */
declare function connectTcp(options: ConnectOptions): Promise<Io>;
/** What a TCP connection is made with. */
interface TcpOptions {
  /** Sends small writes at once (TCP_NODELAY). Default true: drivers gather what they write. */
  readonly noDelay?: boolean | undefined;
  /** Milliseconds of silence after which the system asks whether the peer is still there. Default off: null, 0. */
  readonly keepAlive?: number | null | undefined;
  /** Our own address; a list may have one of each family, and that of the destination's is taken. */
  readonly localAddress?: string | readonly string[] | undefined;
  /** Our own port. Default: any that is free. */
  readonly localPort?: number | undefined;
}
/** How {@link dialTcp} and {@link dialUnix} can be given up. */
interface DialOptions extends TcpOptions {
  /** Gives the attempt up: `CANCELED`. */
  readonly signal?: AbortSignal | undefined;
}
/**
 * Connects to an IP address, without brackets.
 * Rejects with a HyperError: `CONNECT` (`cause` is Node's error), or `CANCELED`; both `retryable`.
 * @throws HyperError (as a rejection) `INVALID_OPTION` when `address` is a name
 */
declare function dialTcp(address: string, port: number, options?: DialOptions): Promise<Io>;
/** Connects to a unix socket, or to a named pipe on Windows. Rejects as {@link dialTcp}. */
declare function dialUnix(path: string, options?: Pick<DialOptions, "signal">): Promise<Io>;
/**
 * Makes a Duplex of an Io, and owns the Io from then on.
 *
 * The callback of a write means that the Io has the bytes or holds them: their memory must not change before `finish`
 * or the next drain. A failed write destroys the stream, as it does with Node's own sockets.
 * @param leftover bytes that have arrived before, and are read first.
 */
declare function duplexFrom(io: Io, leftover?: Uint8Array): IoDuplex;
/** What {@link duplexFrom} gives: a Duplex that also knows its peer. */
declare class IoDuplex extends Duplex implements IoSink {
  private readonly io;
  /** The callback of the write (or of the end) that waits for the drain. */
  private waiting;
  private writeError;
  private hasEnded;
  private peerEnded;
  private gone;
  constructor(io: Io, leftover?: Uint8Array);
  get peer(): PeerInfo;
  get remoteAddress(): string | undefined;
  get remotePort(): number | undefined;
  ref(): this;
  unref(): this;
  /** For those who take this for a net.Socket. Does nothing: `listen` and `connectTcp` have set it. */
  setNoDelay(): this;
  /** As {@link setNoDelay}. Does nothing. */
  setKeepAlive(): this;
  /** As {@link setNoDelay}. Does nothing: whoever wants a deadline brings a timer. */
  setTimeout(): this;
  /** Read to its end, the stream stays open for writing, where Node 22 and 26 would destroy it. Left early, it is destroyed. */
  override [Symbol.asyncIterator](): ReturnType<Duplex[typeof Symbol.asyncIterator]>;
  onData(chunk: Uint8Array): boolean;
  onEnd(): void;
  onDrain(): void;
  onWriteError(error: Error): void;
  onClose(error: Error | null): void;
  override _read(): void;
  override _write(chunk: Uint8Array | string, encoding: BufferEncoding, callback: (error?: Error | null) => void): void;
  override _writev(chunks: {
    chunk: Uint8Array | string;
    encoding: BufferEncoding;
  }[], callback: (error?: Error | null) => void): void;
  override _final(callback: (error?: Error | null) => void): void;
  override _destroy(error: Error | null, callback: (error?: Error | null) => void): void;
}
/** TLS for {@link listen}: what `node:tls` takes, and `alpn`. */
interface ListenTls extends Omit<TlsOptions, "ALPNProtocols" | "handshakeTimeout" | "allowHalfOpen"> {
  /** Protocols for ALPN (RFC 7301), best first, for example `['h2', 'http/1.1']`. Default: none is negotiated. */
  readonly alpn?: readonly string[] | undefined;
  /** Milliseconds from accept to the end of the handshake; default 10000. */
  readonly handshakeTimeout?: number | undefined;
}
/** Where {@link listen} listens, and how. */
interface ListenOptions {
  /** TCP port; 0, the default, takes a free one. */
  readonly port?: number | undefined;
  /** Address to bind; default every address of the machine. */
  readonly hostname?: string | undefined;
  /** A unix socket (or a named pipe on Windows) in place of a port. */
  readonly path?: string | undefined;
  /** A listening descriptor that was inherited, in place of a port. */
  readonly fd?: number | undefined;
  /** How many connections the kernel holds before they are accepted; default 511. */
  readonly backlog?: number | undefined;
  /** Lets several processes bind one port, where the system can. */
  readonly reusePort?: boolean | undefined;
  /** How many accepted connections wait for the loop before the next are reset; default 1024. Not for the callback form. */
  readonly maxPending?: number | undefined;
  /** Serve by TLS. Default: plain. */
  readonly tls?: ListenTls | undefined;
  /** Closes the listener. */
  readonly signal?: AbortSignal | undefined;
  /**
   * Takes what goes wrong with a single connection before it is given away: `accept` errors such as EMFILE (listening
   * goes on) and failed TLS handshakes (a HyperError `TLS`). Default: {@link nodeRuntime}'s `onError` for accept errors;
   * failed handshakes, which any scanner causes, are dropped.
   */
  readonly onError?: ((error: Error) => void) | undefined;
}
/** Where a listener listens: `hostname` and `port`, or `path`. */
interface ListenAddress {
  /** The address; null for a path. */
  readonly hostname: string | null;
  /** Null for a path. */
  readonly port: number | null;
  /** Of a unix socket; null for an address. */
  readonly path: string | null;
}
/** A loop over it takes connections; leaving the loop closes it. */
interface Listener extends AsyncIterable<Io>, AsyncDisposable {
  /** Resolves when connections can be made; rejects when the address cannot be bound. */
  readonly ready: Promise<void>;
  /** Null before `ready` and after `close`. */
  readonly address: ListenAddress | null;
  /**
   * Stops accepting; resolves when the port is free again. Connections that were given away go on; those that wait for
   * the loop are still given to it.
   */
  close(): Promise<void>;
  /** Whether listening keeps the process alive (default yes). */
  ref(): void;
  /** The opposite of {@link ref}. */
  unref(): void;
}
/**
 * Listens at once.
 * @param onIo takes each connection as it comes, without a queue or a promise: what a fast server uses. What it throws
 *   goes to `onError`, and the connection is reset. Without it the listener is iterated.
 * @throws HyperError `INVALID_OPTION` when more than one of `port`, `path` and `fd` is given.
 */
declare function listen(options?: ListenOptions, onIo?: (io: Io) => void): Listener;
/** How a {@link nodeConnector} connects. Everything has a default. Times are milliseconds. */
interface NodeConnectorOptions extends Pick<DirectOptions, "overrides" | "family" | "attemptDelay" | "maxAddresses" | "handshakeTimeout"> {
  /** Knows the addresses of names. Default: the system's resolver, with a cache of 10 s in front of it. */
  readonly resolver?: Resolver | undefined;
  /** What TCP connections are made with. */
  readonly tcp?: TcpOptions | undefined;
  /** TLS to destinations. `alpn` is what is offered to destinations that say nothing themselves. */
  readonly tls?: ConnectTls | undefined;
  /** Origins whose last TLS session is kept for resumption; 0 keeps none. Default 100. */
  readonly maxSessions?: number | undefined;
  /** A unix socket in place of every host and port; no proxy is asked then. */
  readonly socketPath?: string | undefined;
  /**
   * The proxy for everything, by its URL, or rules: `ProxyRules.fromEnvironment(process.env)`. Default: none.
   */
  readonly proxy?: ProxyChoice | string | URL | null | undefined;
  /** TLS to `https:` proxies. Default: Node's own. */
  readonly proxyTls?: ConnectTls | undefined;
  /** Fields for HTTP proxies, beside those that are needed. */
  readonly proxyHeaders?: HeadersInit | HeaderMap | undefined;
  /** The `user-agent` of CONNECT. Default: none. */
  readonly proxyUserAgent?: string | undefined;
  /** Clock and timers. Default: those of Node. */
  readonly runtime?: Runtime | undefined;
}
/**
 * Makes the connector that Node programs want. It keeps a cache of names and of TLS sessions: make one, and use it for all
 * connections.
 * @throws HyperError `INVALID_OPTION`
 */
declare function nodeConnector(options?: NodeConnectorOptions): Connector;
/** Dials IP addresses with these options, for a `directConnector` of one's own. */
declare function nodeDial(tcp?: TcpOptions): Dial;
/**
 * Makes an {@link Io} of a socket, and owns it from then on. The socket should have been made with
 * `allowHalfOpen: true` (as `listen` and `connectTcp` do): otherwise Node ends our half as soon as the peer ends its.
 *
 * - `write` answers `TAKEN` exactly when the kernel (for TLS: OpenSSL and the kernel) has the bytes.
 * - `abort` resets TCP connections (RST); TLS and unix sockets are destroyed.
 * - `close` sends what is queued and FIN. Bytes of the peer that nobody has read by then make the kernel send RST.
 * - `onClose` has the socket's error; after a failed write that one; null when both halves ended, or after `close` and
 *   `abort`.
 * - A reset right behind bytes is no end, but for TLS on lines of Node whose libuv is older than 1.52 (22 among them).
 */
declare function nodeIo(socket: Socket | TLSSocket): Io;
/** Whom a {@link nodeResolver} asks. */
interface NodeResolverOptions {
  /**
   * `'system'` asks as other programs do (getaddrinfo, in one of libuv's threads), and orders by RFC 6724; `'dns'` asks the name
   * servers, which tell for how long an answer holds. Default `'system'`, or `'dns'` with `servers`.
   */
  readonly from?: "system" | "dns" | undefined;
  /** Name servers, as `'192.0.2.1'` or `'192.0.2.1:5353'`, in place of the system's. */
  readonly servers?: readonly string[] | undefined;
  /** Addresses of this family only. Default: both. */
  readonly family?: 4 | 6 | undefined;
  /** Clock and timers. Default: those of Node. */
  readonly runtime?: Pick<Runtime, "clock" | "timer"> | undefined;
}
/**
 * A resolver of Node's. It remembers nothing: put `cachedResolver` in front of it.
 * @throws HyperError `INVALID_OPTION`
 */
declare function nodeResolver(options?: NodeResolverOptions): Resolver;
export { CONNECT_PHASE, CONNECT_TIMINGS, CoarseTimer, CoarseTimerPlatform, ConnectContext, ConnectLayer, ConnectOptions, ConnectTimings, ConnectTls, Connector, Destination, Dial, DialOptions, DirectOptions, FORWARD_PROXY, ForwardProxy, IoDuplex, ListenAddress, ListenOptions, ListenTls, Listener, NodeConnectorOptions, NodeResolverOptions, NodeRuntimeOptions, NodeSecureOptions, Overrides, PROXY, ProxiedOptions, ProxyChoice, ProxyOptions, ProxyScheme, ProxyServer, RaceOptions, ResolvedAddress, Resolver, Secure, SecureIoOptions, SecureOptions, SocketAddress, TLS_INFO, TcpOptions, TlsInfo, connectTcp, createNodeRuntime, destinationOf, dialTcp, dialUnix, directConnector, duplexFrom, listen, nodeConnector, nodeDial, nodeIo, nodeResolver, nodeRuntime, nodeSecure, parseProxy, proxied, raceAddresses, secure$1 as secure };
