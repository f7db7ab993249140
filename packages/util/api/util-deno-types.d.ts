import { Connector, Dial, DirectOptions, ListenAddress, ListenerCloseOptions, ProxyChoice, ProxyProtocolOptions, Resolver, Secure } from "./util-types.js";
import { HyperError } from "@hyper/core/error";
import { HeaderMap, HeadersInit } from "@hyper/core/http";
import { Io, Runtime } from "@hyper/core/rt";
/** A connection of Deno's: `TcpConn`, `TlsConn` or `UnixConn`. */
interface DenoConn {
  read(buffer: Uint8Array): Promise<number | null>;
  write(bytes: Uint8Array): Promise<number>;
  closeWrite(): Promise<void>;
  close(): void;
  ref(): void;
  unref(): void;
  readonly localAddr: DenoAddress;
  readonly remoteAddr: DenoAddress;
}
/** An address of Deno's: `NetAddr` or `UnixAddr`. */
interface DenoAddress {
  readonly transport: string;
}
/** What a TCP connection is made with. */
interface TcpOptions {
  /** Sends small writes at once (TCP_NODELAY). Default true: drivers gather what they write. */
  readonly noDelay?: boolean | undefined;
  /** True: the system asks, in its own time, whether a silent peer is still there. Default off. */
  readonly keepAlive?: boolean | undefined;
}
/** How {@link dialTcp} and {@link dialUnix} can be given up. */
interface DialOptions extends TcpOptions {
  /** Gives the attempt up: `CANCELED`. */
  readonly signal?: AbortSignal | undefined;
}
/**
 * Connects to an IP address, without brackets.
 * Rejects with a HyperError: `CONNECT` (`cause` is Deno's error), or `CANCELED`; both `retryable`.
 * @throws HyperError (as a rejection) `INVALID_OPTION` when `address` is a name, and for what Deno cannot do
 */
declare function dialTcp(address: string, port: number, options?: DialOptions): Promise<Io>;
/** Connects to a unix socket. Rejects as {@link dialTcp}. */
declare function dialUnix(path: string, options?: Pick<DialOptions, "signal">): Promise<Io>;
/** TLS of a client, as far as Deno has it. Certificates and keys are PEM. */
interface ConnectTls {
  /** Protocols for ALPN (RFC 7301), best first. Default: none is offered. */
  readonly alpn?: readonly string[] | undefined;
  /** Authorities to trust **beside** Deno's own: Deno has no way to trust no others (`DENO_TLS_CA_STORE` chooses its own). */
  readonly ca?: string | Uint8Array | readonly (string | Uint8Array)[] | undefined;
  /** A certificate of ours, with its chain. Straight to the destination only: neither through a proxy nor with `servername`. */
  readonly cert?: string | Uint8Array | undefined;
  /** The key of `cert`. */
  readonly key?: string | Uint8Array | undefined;
  /** The name to ask for by SNI and to check the certificate against. Default: the host. */
  readonly servername?: string | undefined;
  /** Only true: Deno leaves out the check when it is started with `--unsafely-ignore-certificate-errors`. */
  readonly rejectUnauthorized?: boolean | undefined;
}
/**
 * TLS by `Deno.startTls` for connectors: over TCP connections of Deno's, and over nothing else.
 * @throws HyperError `INVALID_OPTION`
 */
declare function denoSecure(tls?: ConnectTls): Secure;
/** How a {@link denoConnector} connects. Everything has a default. Times are milliseconds. */
interface DenoConnectorOptions extends Pick<DirectOptions, "overrides" | "family" | "attemptDelay" | "maxAddresses" | "handshakeTimeout"> {
  /** Knows the addresses of names. Default: the system's resolver, with a cache of 10 s in front of it. */
  readonly resolver?: Resolver | undefined;
  /** What TCP connections are made with. */
  readonly tcp?: TcpOptions | undefined;
  /** TLS to destinations. `alpn` is what is offered to destinations that say nothing themselves. */
  readonly tls?: ConnectTls | undefined;
  /** A unix socket in place of every host and port; no proxy is asked then. Without TLS, which Deno has over TCP only. */
  readonly socketPath?: string | undefined;
  /**
   * The proxy for everything, by its URL, or rules. Default: none. Through an `https:` proxy Deno reaches no `https:` URL: it
   * has no TLS inside of TLS.
   */
  readonly proxy?: ProxyChoice | string | URL | null | undefined;
  /** TLS to `https:` proxies. */
  readonly proxyTls?: ConnectTls | undefined;
  /** Fields for HTTP proxies, beside those that are needed. */
  readonly proxyHeaders?: HeadersInit | HeaderMap | undefined;
  /** The `user-agent` of CONNECT. Default: none. */
  readonly proxyUserAgent?: string | undefined;
  /** Clock and timers. Default: those of Deno. */
  readonly runtime?: Runtime | undefined;
}
/**
 * Makes the connector that Deno programs want. It keeps a cache of names: make one, and use it for all connections.
 * @throws HyperError `INVALID_OPTION`, also for what Deno cannot do
 */
declare function denoConnector(options?: DenoConnectorOptions): Connector;
/** Dials IP addresses with these options, for a `directConnector` of one's own. */
declare function denoDial(tcp?: TcpOptions): Dial;
/** What {@link denoIo} is told of a connection. */
interface DenoIoOptions {
  /** What `handshake()` of a `TlsConn` has said. */
  readonly alpnProtocol?: string | null | undefined;
}
/**
 * Makes an {@link Io} of a connection, and owns it from then on. A `TlsConn` should be past its handshake.
 *
 * - `abort` closes the connection: Deno offers no reset, so the peer may see an end. What it has sent and nobody has read makes
 *   the system send one.
 * - `onClose` has Deno's error, and null when both halves have ended, or after `close` and `abort`.
 */
declare function denoIo(conn: DenoConn, options?: DenoIoOptions): Io;
/** A resolver of Deno's. It remembers nothing: put `cachedResolver` in front of it. */
declare function denoResolver(): Resolver;
/** Options of {@link createDenoRuntime}. */
interface DenoRuntimeOptions {
  /**
   * Takes what background work throws. By default it is printed, with its stack and its causes: once for each distinct
   * failure (the same codes from the same lines), and 100 of them at most.
   */
  readonly onError?: ((error: unknown) => void) | undefined;
}
/** A runtime of one's own; {@link denoRuntime} does for nearly everybody. */
declare function createDenoRuntime(options?: DenoRuntimeOptions): Runtime;
/** Clock, timer, deferral and text codec of Deno. One for the whole process: all connections share its wheel. */
declare const denoRuntime: Runtime;
/** TLS for {@link listen}, as far as Deno has it: one certificate, and ALPN. */
interface ListenTls {
  /** The certificate with its chain, PEM. It must not be one of an authority. */
  readonly cert: string | Uint8Array;
  /** Its key, PEM. */
  readonly key: string | Uint8Array;
  /** Protocols for ALPN (RFC 7301), best first, for example `['h2', 'http/1.1']`. Default: none is negotiated. */
  readonly alpn?: readonly string[] | undefined;
  /** Milliseconds from accept to the end of the handshake; 0, null and Infinity are no limit. Default 10,000. */
  readonly handshakeTimeout?: number | null | undefined;
}
/** What {@link Listener.reloadTls} would take. */
type ReloadTls = Partial<Pick<ListenTls, "cert" | "key">>;
/** Where {@link listen} listens, and how. */
interface ListenOptions {
  /** TCP port; 0, the default, takes a free one. */
  readonly port?: number | undefined;
  /** Address to bind; default every address of the machine. */
  readonly hostname?: string | undefined;
  /** A unix socket in place of a port. Without TLS. */
  readonly path?: string | undefined;
  /** How many connections the kernel holds before they are accepted; default 511. */
  readonly backlog?: number | undefined;
  /** Lets several processes bind one port, on Linux. Deno wants to be started with `--unstable-net` for it. */
  readonly reusePort?: boolean | undefined;
  /** In a worker of a cluster: a port of its own. Deno shares none, whatever is said here. */
  readonly exclusive?: boolean | undefined;
  /** Not true: Deno binds an IPv6 address as the system does by default. */
  readonly ipv6Only?: false | undefined;
  /** How many accepted connections wait for the loop before the next are closed; default 1024. Not for the callback form. */
  readonly maxPending?: number | undefined;
  /** Serve by TLS. Default: plain. */
  readonly tls?: ListenTls | undefined;
  /**
   * Connections come by proxies that say for whom, before anything else (PROXY protocol, versions 1 and 2). Default: they do
   * not. Without `tls`: Deno begins TLS where it accepts, and nowhere else.
   */
  readonly proxyProtocol?: ProxyProtocolOptions | undefined;
  /** Closes the listener. */
  readonly signal?: AbortSignal | undefined;
  /**
   * Takes what goes wrong with a single connection before it is given away: `accept` errors such as EMFILE (listening goes on
   * after 100 ms), failed TLS handshakes (a HyperError `TLS`), and PROXY headers that are missing or malformed (`PROXY` and others, with
   * `phase: 'connect'`). Default: {@link denoRuntime}'s `onError` for accept errors; the others, which any scanner causes, are
   * dropped.
   */
  readonly onError?: ((error: Error) => void) | undefined;
}
/** A loop over it takes connections; leaving the loop closes it. */
interface Listener extends AsyncIterable<Io>, AsyncDisposable {
  /** Resolves when connections can be made; rejects when the address cannot be bound. */
  readonly ready: Promise<void>;
  /** Null before `ready` and after `close`. */
  readonly address: ListenAddress | null;
  /**
   * Stops accepting; resolves when the port is free again, and no handshake is under way. Connections that were given away
   * go on; those that wait for the loop are still given to it. Handshakes that are under way are ended, at once or after
   * `grace`; what is through in time is given away as ever. With `grace`, what the system had connected before is accepted,
   * too. May be called again, with less.
   */
  close(options?: ListenerCloseOptions): Promise<void>;
  /**
   * Not on Deno, which reads certificates once: a new listener, with `reusePort` beside the old one, takes new ones.
   * @throws HyperError `INVALID_OPTION`; `INVALID_STATE` where there is no TLS
   */
  reloadTls(tls: ReloadTls): void;
  /** Whether listening keeps the process alive (default yes). */
  ref(): void;
  /** The opposite of {@link ref}. With TLS it changes nothing: Deno's listeners keep the process alive then. */
  unref(): void;
}
/**
 * Listens at once.
 * @param onIo takes each connection as it comes, without a queue or a promise: what a fast server uses. What it throws goes to
 *   `onError`, and the connection is closed. Without it the listener is iterated.
 * @throws HyperError `INVALID_OPTION` when both `port` and `path` are given, and for what Deno cannot do
 */
declare function listen(options?: ListenOptions, onIo?: (io: Io) => void): Listener;
/**
 * The environment as far as it may be read: a variable that Deno was not allowed to show is not there, and nobody is asked for it.
 */
declare const environment: Readonly<Record<string, string | undefined>>;
/**
 * Calls back for each of these signals that the process gets (`'SIGTERM'`), in place of what the platform does by itself.
 * @returns ends that
 * @throws HyperError `INVALID_OPTION` for what Deno takes for no signal that can be heard
 */
declare function onSignals(names: readonly string[], heard: (name: string) => void): () => void;
export { ConnectTls, DenoAddress, DenoConn, DenoConnectorOptions, DenoIoOptions, DenoRuntimeOptions, DialOptions, ListenOptions, ListenTls, Listener, ReloadTls, TcpOptions, createDenoRuntime, denoConnector, denoDial, denoIo, denoResolver, denoRuntime, denoSecure, dialTcp, dialUnix, environment, listen, onSignals };
