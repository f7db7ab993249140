import { CoarseTimer, CoarseTimerPlatform } from "./util-types.js";
import { Socket } from "node:net";
import { ConnectionOptions, TLSSocket, TlsOptions } from "node:tls";
import { Io, IoSink, PeerInfo, Runtime } from "@hyper/core/rt";
import { Duplex } from "node:stream";
/** TLS for {@link connectTcp}: what `node:tls` takes, and `alpn`. */
interface ConnectTls extends Omit<ConnectionOptions, "ALPNProtocols" | "host" | "port" | "path" | "socket" | "timeout"> {
  /** Protocols for ALPN (RFC 7301), best first. Default: none is offered. */
  readonly alpn?: readonly string[] | undefined;
}
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
 * Connects, and hands the connection over half-open and past its TLS handshake.
 * Rejects with a HyperError: `DNS`, `CONNECT`, `TLS` (phase `dns`, `connect`, `tls`; `cause` is Node's error),
 * `CONNECT_TIMEOUT`, or `CANCELED` when the signal fired; all of them `retryable`.
 */
declare function connectTcp(options: ConnectOptions): Promise<Io>;
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
/**
 * Makes an {@link Io} of a socket, and owns it from then on. The socket should have been made with
 * `allowHalfOpen: true` (as `listen` and `connectTcp` do): otherwise Node ends our half as soon as the peer ends its.
 *
 * - `write` answers `TAKEN` exactly when the kernel (for TLS: OpenSSL and the kernel) has the bytes.
 * - `abort` resets TCP connections (RST); TLS and unix sockets are destroyed.
 * - `close` sends what is queued and FIN. Bytes of the peer that nobody has read by then make the kernel send RST.
 * - `onClose` has the socket's error; after a failed write that one; null when both halves ended, or after `close` and
 *   `abort`.
 */
declare function nodeIo(socket: Socket | TLSSocket): Io;
/** Options of {@link createNodeRuntime}. */
interface NodeRuntimeOptions {
  /**
   * Takes what background work throws. By default a process warning, one for each distinct `code` (or error name), so
   * that a hook that always fails does not flood the log.
   */
  readonly onError?: ((error: unknown) => void) | undefined;
}
/** A runtime of one's own; {@link nodeRuntime} does for nearly everybody. */
declare function createNodeRuntime(options?: NodeRuntimeOptions): Runtime;
/** Clock, timer, deferral and text codec of Node. One for the whole process: all connections share its wheel. */
declare const nodeRuntime: Runtime;
export { CoarseTimer, type CoarseTimerPlatform, type ConnectOptions, type ConnectTls, IoDuplex, type ListenAddress, type ListenOptions, type ListenTls, type Listener, type NodeRuntimeOptions, connectTcp, createNodeRuntime, duplexFrom, listen, nodeIo, nodeRuntime };
