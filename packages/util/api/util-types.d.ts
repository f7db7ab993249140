import { HyperError } from "@hyper/core/error";
import { Alarm, AlarmTarget, Io, IoSink, PeerInfo, Runtime, Timer } from "@hyper/core/rt";
import { Body, BodyInit, BodyMapping, CollectOptions, Collected, Frame, PullOptions, channel, fuse } from "@hyper/core/body";
import { ExtensionKey, Extensions, HeaderMap, HeadersInit } from "@hyper/core/http";
import { ConnectionEnd, H1ServerOptions } from "@hyper/core/h1";
import { H2ServerOptions } from "@hyper/core/h2";
import { Service } from "@hyper/core/service";
import { Tracer } from "@hyper/core/trace";
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
type TrailerFields = HeadersInit | HeaderMap | (() => HeadersInit | HeaderMap | null | PromiseLike<HeadersInit | HeaderMap | null>);
/**
 * Puts trailers after a body, behind those that it has itself. A function is called once, after the last byte; if it
 * throws or rejects, the body fails with `BODY_FAILED`.
 * @throws HyperError `BODY_USED`, `INVALID_BODY`, and for fields that cannot be sent.
 */
declare function withTrailers$1(init: BodyInit, trailers: TrailerFields): Body;
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
  /** Size of the read buffer in bytes; default 65536. */
  readonly bufferSize?: number | undefined;
}
/** Makes an {@link Io} of a completion-based source, and owns it from then on. */
declare function completionIo(source: CompletionSource, options?: CompletionOptions): Io;
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
}
/** The destination of an `http:` or `https:` URL. */
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
  readonly dnsMs: number | null;
  readonly connectMs: number | null;
  readonly tlsMs: number | null;
}
/** Under which a connection's {@link ConnectTimings} are found. */
declare const CONNECT_TIMINGS: ExtensionKey<ConnectTimings>;
/** The proxy that a connection goes through, as a URL without user name and password. */
declare const PROXY: ExtensionKey<string>;
/** How a {@link duplex} is made. */
interface DuplexOptions {
  /** Bytes in flight per direction before `write` answers FULL; default 65536. */
  readonly highWaterMark?: number | undefined;
  /**
   * Whose `defer` runs the deliveries and whose `text` encodes strings: give it to run the pair on a virtual clock. By
   * default deliveries run in a microtask.
   */
  readonly runtime?: Pick<Runtime, "defer" | "text"> | undefined;
}
/** Two ends of one stream in memory. */
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
  private ending;
  private closedPromise;
  private resolveClosed;
  /** What is spoken; null while that is not known. */
  get protocol(): AutoProtocol | null;
  /** True while no request is being read or answered. */
  get isIdle(): boolean;
  /** Resolves once the connection is over; never rejects. */
  get closed(): Promise<ConnectionEnd>;
  /** Finishes what runs, takes nothing new, and ends the connection; at once when its protocol is not known yet. */
  gracefulShutdown(): void;
  /** Ends the connection at once, with a reset where the transport has one. */
  abort(reason?: HyperError): void;
  onData(chunk: Uint8Array): boolean;
  onEnd(): void;
  onDrain(): void;
  onWriteError(): void;
  onClose(cause: Error | null): void;
  onAlarm(): void;
  private open;
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
/**
 * The data of a body as a web stream; it is pulled only as fast as it is read. Cancelling the stream cancels the body,
 * an error of the body (a HyperError) errors the stream. Trailers do not fit into a stream: ask `body.trailers`.
 * The body counts as used from the first read on.
 */
declare function toReadableStream(body: Body): ReadableStream<Uint8Array<ArrayBuffer>>;
/**
 * A web stream as a body. Strings in it become UTF-8; anything but strings and bytes fails the body with `INVALID_BODY`,
 * an error of the stream with `BODY_FAILED`. The stream is locked at once; cancelling the body cancels it.
 * @param options `length` when the exact number of bytes is known.
 * @throws HyperError `INVALID_BODY` when the stream is locked.
 */
declare function fromReadableStream(stream: ReadableStream<Uint8Array | string>, options?: PullOptions): Body;
export { AutoConnection, AutoOptions, AutoProtocol, CONNECT_TIMINGS, CoarseTimer, CoarseTimerPlatform, CompletionOptions, CompletionSource, ConnectContext, ConnectLayer, ConnectTimings, Connector, Destination, DuplexOptions, MemoryListener, PROXY, TrailerFields, Transformer, WebRuntimeOptions, WebStreamPair, channel, chunks, collect, completionIo, createWebRuntime, destinationOf, duplex, frames, fromFrames, fromIterable, fromReadableStream, fuse, jsonBody, jsonLines, limit, map, readJson, serveAuto, toReadableStream, transform, webIo, webRuntime, withTrailers$1 as withTrailers };
