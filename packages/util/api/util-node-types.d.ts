import { Connector, Dial, DirectOptions, ListenAddress, ListenerCloseOptions, ProxyChoice, ProxyProtocolOptions, Resolver, Secure } from "./util-types.js";
import { HyperError } from "@hyper/core/error";
import { HeaderMap, HeadersInit } from "@hyper/core/http";
import { Socket } from "node:net";
import { ConnectionOptions, SecureContextOptions, TLSSocket, TlsOptions } from "node:tls";
import { Io, IoSink, PeerInfo, Runtime } from "@hyper/core/rt";
import { Duplex } from "node:stream";
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
  private silence;
  constructor(io: Io, leftover?: Uint8Array);
  get peer(): PeerInfo;
  get remoteAddress(): string | undefined;
  get remotePort(): number | undefined;
  /** As a `TLSSocket` has it. */
  get encrypted(): boolean;
  ref(): this;
  unref(): this;
  /** For those who take this for a net.Socket. Does nothing: `listen` and `connectTcp` have set it. */
  setNoDelay(): this;
  /** As {@link setNoDelay}. Does nothing. */
  setKeepAlive(): this;
  /**
   * As that of a net.Socket: `timeout` is emitted after so many milliseconds in which nothing was read or written; 0 is off.
   * What is to become of the stream is its listeners' business.
   */
  setTimeout(milliseconds?: number, listener?: () => void): this;
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
  /** Lets go of an Io whose halves have not both ended. */
  protected leave(io: Io): void;
  override _destroy(error: Error | null, callback: (error?: Error | null) => void): void;
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
 * Rejects with a HyperError: `TLS` (`cause` is Node's error), or `CANCELED`, both `retryable`; or `INVALID_OPTION`.
 */
declare function secure(io: Io, options: SecureIoOptions): Promise<Io>;
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
 * `CONNECT_TIMEOUT`, or `CANCELED` when the signal fired; all of them `retryable`. `INVALID_OPTION` for what cannot be.
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
/** TLS for `listen`: what `node:tls` takes, and `alpn` and `contexts`. */
interface ListenTls extends Omit<TlsOptions, "ALPNProtocols" | "handshakeTimeout" | "allowHalfOpen"> {
  /** Protocols for ALPN (RFC 7301), best first, for example `['h2', 'http/1.1']`. Default: none is negotiated. */
  readonly alpn?: readonly string[] | undefined;
  /** Milliseconds from accept to the end of the handshake; 0, null and Infinity are no limit. Default 10,000. */
  readonly handshakeTimeout?: number | null | undefined;
  /**
   * Certificates by the name that a client asks for (SNI, RFC 6066 §3): `{ 'a.example': { cert, key } }`. `*.a.example` is
   * for all names with one label more. What an entry lacks (`ca`, `ciphers`, …) it has from the options beside it. A client
   * that asks for none of the names gets `cert`. Instead of `SNICallback`.
   */
  readonly contexts?: Readonly<Record<string, SecureContextOptions>> | undefined;
}
/** What may be changed while listening: {@link ListenTls} but for what a handshake is told once and for all. */
type ReloadTls = Omit<ListenTls, "alpn" | "handshakeTimeout">;
/** Where {@link listen} listens, and how. */
interface ListenOptions {
  /** TCP port; 0, the default, takes a free one. */
  readonly port?: number | undefined;
  /** Address to bind; default every address of the machine. */
  readonly hostname?: string | undefined;
  /** A unix socket (or a named pipe on Windows) in place of a port. */
  readonly path?: string | undefined;
  /**
   * A listening descriptor that was inherited, in place of a port: 3 under systemd. A worker of `node:cluster` names a
   * descriptor of the primary.
   */
  readonly fd?: number | undefined;
  /**
   * What listens already, in place of a port: a `net.Server`, as `process.on('message', (message, handle))` gives it to a
   * child process, or the handle of one. It is taken over: its own listeners get no further connection, and it is closed
   * with the listener.
   */
  readonly handle?: object | undefined;
  /** How many connections the kernel holds before they are accepted; default 511. */
  readonly backlog?: number | undefined;
  /** Lets several processes bind one port, where the system can. Default false. */
  readonly reusePort?: boolean | undefined;
  /** In a worker of `node:cluster`: a port of its own, not shared with the other workers. Default false. */
  readonly exclusive?: boolean | undefined;
  /** An IPv6 address takes IPv6 alone. Default false. */
  readonly ipv6Only?: boolean | undefined;
  /** How many accepted connections wait for the loop before the next are reset; default 1024. Not for the callback form. */
  readonly maxPending?: number | undefined;
  /** Serve by TLS. Default: plain. */
  readonly tls?: ListenTls | undefined;
  /**
   * Connections come by proxies that say for whom, before anything else, TLS included (PROXY protocol, versions 1 and 2).
   * Default: they do not.
   */
  readonly proxyProtocol?: ProxyProtocolOptions | undefined;
  /** Closes the listener. */
  readonly signal?: AbortSignal | undefined;
  /**
   * Takes what goes wrong with a single connection before it is given away: `accept` errors such as EMFILE (listening
   * goes on), failed TLS handshakes (a HyperError `TLS`), and PROXY headers that are missing or malformed (`PROXY` and others,
   * with `phase: 'connect'`). Default: {@link nodeRuntime}'s `onError` for accept errors; the others, which any scanner causes,
   * are dropped.
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
   * Certificates for connections from now on; what `tls` does not name stays as it was, and so do connections.
   * @throws HyperError `INVALID_OPTION`, and nothing is changed; `INVALID_STATE` where there is no TLS
   */
  reloadTls(tls: ReloadTls): void;
  /** Whether listening keeps the process alive (default yes). */
  ref(): void;
  /** The opposite of {@link ref}. */
  unref(): void;
}
/**
 * Listens at once.
 * @param onIo takes each connection as it comes, without a queue or a promise: what a fast server uses. What it throws
 *   goes to `onError`, and the connection is reset. Without it the listener is iterated.
 * @throws HyperError `INVALID_OPTION` when more than one of `port`, `path`, `fd` and `handle` is given, `handle` does not
 *   listen, or an option has a value that it cannot have.
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
/**
 * Makes an {@link Io} of a socket, and owns it from then on. The socket should have been made with
 * `allowHalfOpen: true` (as `listen` and `connectTcp` do): otherwise Node ends our half as soon as the peer ends its.
 *
 * - `write` answers `TAKEN` exactly when the kernel (for TLS: OpenSSL and the kernel) has the bytes.
 * - `onWriteError` says that nothing of a write was taken where the system has refused it at once.
 * - `abort` resets TCP connections (RST); TLS and unix sockets are destroyed.
 * - `close` sends what is queued and FIN, within 30 s. Bytes of the peer that nobody has read by then make the kernel send RST.
 * - `onClose` has the socket's error; after a failed write that one; null when both halves ended, or after `close` and
 *   `abort`.
 * - A reset right behind bytes is no end, but for TLS on lines of Node whose libuv is older than 1.52 (22 among them).
 */
declare function nodeIo(socket: Socket | TLSSocket): Io;
/**
 * The socket below a {@link nodeIo}, for what it knows besides the `peer`: certificates, ciphers. It must not be read,
 * written or ended.
 * @returns null when it is no Io of ours
 */
declare function socketOf(io: Io): Socket | null;
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
/**
 * Calls back for each of these signals that the process gets (`'SIGTERM'`), in place of what the platform does by itself.
 * @returns ends that. After a signal the last one lets go of the primary too, in a worker of `node:cluster`: it would keep
 *   the process alive
 */
declare function onSignals(names: readonly string[], heard: (name: string) => void): () => void;
export { ConnectOptions, ConnectTls, DialOptions, IoDuplex, ListenOptions, ListenTls, Listener, NodeConnectorOptions, NodeResolverOptions, NodeRuntimeOptions, NodeSecureOptions, ReloadTls, SecureIoOptions, TcpOptions, connectTcp, createNodeRuntime, dialTcp, dialUnix, duplexFrom, listen, nodeConnector, nodeDial, nodeIo, nodeResolver, nodeRuntime, nodeSecure, onSignals, secure, socketOf };
