import { ConnectOptions, DialOptions, ListenOptions, Listener, NodeConnectorOptions, NodeResolverOptions, NodeSecureOptions, SecureIoOptions, TcpOptions } from "./util-node-types.js";
import { Connector, Dial, Resolver, Secure } from "./util-types.js";
import { AlarmTarget, Io, IoSink, PeerInfo, Runtime, WriteResult } from "@hyper/core/rt";
/** How a {@link bunConnector} connects: the options of `nodeConnector`. */
type BunConnectorOptions = NodeConnectorOptions;
/**
 * Makes the connector that Bun programs want. It keeps a cache of names and of TLS sessions: make one, and use it for all
 * connections.
 * @throws HyperError `INVALID_OPTION`
 */
declare function bunConnector(options?: BunConnectorOptions): Connector;
/** Dials IP addresses with these options, for a `directConnector` of one's own. */
declare function bunDial(tcp?: TcpOptions): Dial;
/**
 * Handlers for `Bun.listen` and `Bun.connect`, which must be given `allowHalfOpen: true`. Every connection becomes an `Io`.
 *
 * - `write` answers `TAKEN` exactly when the kernel (for TLS: BoringSSL and the kernel) has the bytes.
 * - `abort` resets TCP connections (RST), those with TLS as well.
 * - `close` sends what is queued and FIN. Bytes of the peer that nobody has read by then make the kernel send RST.
 * - After a failed write what has arrived is still read, but no end is told: Bun does not tell FIN from a reset then.
 *
 * @param onIo takes each connection; with TLS once its handshake is done, not before. What it throws resets the connection.
 */
declare function bunHandlers(onIo: (io: Io) => void): BunHandlers;
/** What `Bun.listen` and `Bun.connect` take as `socket`. */
interface BunHandlers {
  readonly open: (socket: never) => void;
  readonly data: (socket: never, chunk: Uint8Array) => void;
  readonly drain: (socket: never) => void;
  readonly end: (socket: never) => void;
  readonly close: (socket: never, error?: Error) => void;
  readonly error: (socket: never, error: Error) => void;
}
/** Whom a {@link bunResolver} asks: the options of `nodeResolver`. */
type BunResolverOptions = NodeResolverOptions;
/**
 * A resolver of Bun's. It remembers nothing: put `cachedResolver` in front of it.
 * @throws HyperError `INVALID_OPTION`
 */
declare function bunResolver(options?: BunResolverOptions): Resolver;
/** Options of {@link createBunRuntime}. */
interface BunRuntimeOptions {
  /** Takes what background work throws. By default a process warning: once for each distinct failure, 100 at most. */
  readonly onError?: ((error: unknown) => void) | undefined;
}
/** A runtime of one's own; {@link bunRuntime} does for nearly everybody. */
declare function createBunRuntime(options?: BunRuntimeOptions): Runtime;
/** Clock, timer, deferral and text codec of Bun. One for the whole process: all connections share its wheel. */
declare const bunRuntime: Runtime;
/**
 * Connects, and hands the connection over half-open and past its TLS handshake. The addresses of a name are raced
 * (RFC 8305).
 * Rejects with a HyperError: `DNS`, `CONNECT`, `TLS` (phase `dns`, `connect`, `tls`; `cause` is Bun's error),
 * `CONNECT_TIMEOUT`, or `CANCELED` when the signal fired; all of them `retryable`. `INVALID_OPTION` for what cannot be.
 */
declare function connectTcp(options: ConnectOptions): Promise<Io>;
/**
 * Connects to an IP address, without brackets.
 * Rejects with a HyperError: `CONNECT` (`cause` is Bun's error), or `CANCELED`; both `retryable`.
 * @throws HyperError (as a rejection) `INVALID_OPTION` when `address` is a name
 */
declare function dialTcp(address: string, port: number, options?: DialOptions): Promise<Io>;
/** Connects to a unix socket. Rejects as {@link dialTcp}. */
declare function dialUnix(path: string, options?: Pick<DialOptions, "signal">): Promise<Io>;
/**
 * Listens at once.
 * @param onIo takes each connection as it comes, without a queue or a promise: what a fast server uses. What it throws
 *   goes to `onError`, and the connection is reset. Without it the listener is iterated.
 * @throws HyperError `INVALID_OPTION` when more than one of `port`, `path` and `fd` is given, and for what Bun cannot do:
 *   `backlog`, which it sets to 512 itself, and `handle`.
 */
declare function listen(options?: ListenOptions, onIo?: (io: Io) => void): Listener;
/**
 * Puts TLS round a stream, and owns it. The stream must not have been started, or be paused.
 * Rejects with a HyperError: `TLS` (`cause` is Bun's error), or `CANCELED`; both `retryable`.
 * @throws HyperError (as a rejection) `INVALID_OPTION` for what Bun cannot do
 */
declare function secure(io: Io, options: SecureIoOptions): Promise<Io>;
/** How {@link bunSecure} does TLS: the options of `nodeSecure`. */
type BunSecureOptions = NodeSecureOptions;
/**
 * TLS by Bun for connectors. Certificates and keys are read once, at the first handshake. Sessions are kept by origin.
 * @throws HyperError `INVALID_OPTION`
 */
declare function bunSecure(options?: BunSecureOptions): Secure;
export { BunConnectorOptions, BunHandlers, BunResolverOptions, BunRuntimeOptions, BunSecureOptions, bunConnector, bunDial, bunHandlers, bunResolver, bunRuntime, bunSecure, connectTcp, createBunRuntime, dialTcp, dialUnix, listen, secure };
