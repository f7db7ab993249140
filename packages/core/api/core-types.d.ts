/** What a {@link HeaderMap} can be made of: pairs, a `Map`, a `Headers`, or an object (a list makes several lines). */
type HeadersInit = Iterable<readonly [string, string]> | Readonly<Record<string, string | readonly string[]>>;
/** How a field is added. */
interface AppendOptions {
  /** Marks the name as by {@link HeaderMap.markSensitive}. Default false. */
  readonly sensitive?: boolean | undefined;
  /** Keeps the spelling of the name for an encoder that preserves case. Default false. */
  readonly originalCase?: boolean | undefined;
}
/**
 * An ordered multimap of fields, with the methods of the platform's `Headers`; `new Headers(map)` works. Iterating
 * gives one pair per field line, in order. At most 32,768 fields.
 */
declare class HeaderMap implements Iterable<[string, string]> {
  /** Name, value, name, value, …; a name of `''` is a hole, which only a map with an index has. */
  private flat;
  /** The spelling of every field's name, where one at least is kept. */
  private cases;
  private sensitive;
  private index;
  /**
   * @throws HyperError `INVALID_OPTION` for what is no fields at all, else `INVALID_HEADER_NAME`, `INVALID_HEADER_VALUE` or
   * `TOO_MANY_HEADERS`.
   */
  constructor(init?: HeadersInit | HeaderMap);
  /** A {@link HeaderMap} itself, not a copy; a new one of anything else. Throws as the constructor. */
  static from(init: HeadersInit | HeaderMap | undefined): HeaderMap;
  /** The number of field lines. */
  get size(): number;
  /** The values of all lines of a name, joined with `', '` (RFC 9110 §5.3); null when there is none. */
  get(name: string): string | null;
  /** The value of the first line of a name; null when there is none. */
  first(name: string): string | null;
  /** The values of all lines of a name, in order. */
  getAll(name: string): string[];
  /** The values of all `set-cookie` lines: the one field whose lines cannot be joined (RFC 9110 §5.3). */
  getSetCookie(): string[];
  /** Whether there is a field of that name, in any case. */
  has(name: string): boolean;
  /**
   * Makes `value` the only one of its name: in place of the first line, or at the end.
   * @throws HyperError as {@link append}.
   */
  set(name: string, value: string): this;
  /**
   * Adds a line at the end.
   * @throws HyperError `INVALID_HEADER_NAME`, `INVALID_HEADER_VALUE` or `TOO_MANY_HEADERS`; the map is unchanged then.
   */
  append(name: string, value: string, options?: AppendOptions): this;
  /**
   * Removes all lines of a name; the others keep their order.
   * @returns whether there was one.
   */
  delete(name: string): boolean;
  /** Removes all lines of a name and returns their values, in order. */
  take(name: string): string[];
  /** Removes every field, and forgets which names were sensitive. */
  clear(): void;
  /** Empties the map at once, and returns an iterator over what it held, whether or not anybody runs it. */
  drain(): IterableIterator<[string, string]>;
  /** One `[name, value]` per line, in order. As with `Headers`, changes while iterating move what comes next. */
  entries(): IterableIterator<[string, string]>;
  /** The name of each line, in order; names repeat. */
  keys(): IterableIterator<string>;
  /** The value of each line, in order. */
  values(): IterableIterator<string>;
  [Symbol.iterator](): IterableIterator<[string, string]>;
  /** Calls `fn(value, name, map)` for each line, in order. */
  forEach(fn: (value: string, name: string, map: HeaderMap) => void): void;
  /**
   * The lower-case name of line `i`, counted from 0.
   * @throws RangeError when there is no such line.
   */
  nameAt(i: number): string;
  /**
   * The value of line `i`, counted from 0.
   * @throws RangeError when there is no such line.
   */
  valueAt(i: number): string;
  /**
   * The name of line `i` as it was spelled, where that was kept, else in lower case.
   * @throws RangeError when there is no such line.
   */
  caseAt(i: number): string;
  /** Whether any field has its original spelling kept. */
  get hasCases(): boolean;
  /**
   * From now on fields of this name are secrets: hidden from logs, and never put into a compression table (RFC 7541
   * §7.1). Lasts until `clear`; holds for lines added later too.
   * @throws HyperError `INVALID_HEADER_NAME`.
   */
  markSensitive(name: string): this;
  /** Whether line `i` has a name that was marked as sensitive. */
  isSensitive(i: number): boolean;
  /** The same names with the same values. The order counts among lines of one name only; spelling and marks do not. */
  equals(other: HeaderMap): boolean;
  /** A copy, with spelling and marks. */
  clone(): HeaderMap;
  /** The pairs, as `JSON.stringify` shows them; sensitive values are hidden. */
  toJSON(): [string, string][];
  /** For logs: names with quoted, escaped values (`describeValue`); sensitive ones are hidden. */
  toString(): string;
  /** Where the first line of a name stands in the flat list, -1 when there is none. */
  private find;
  private at;
  private push;
  private makeRoom;
  private keepCase;
  /** With an index: makes holes, and closes them once they are most of the list, so that each costs O(1) on average. */
  private cut;
  /** Closes the holes. */
  private settle;
  /** Removes the lines of a name from position `from` on. */
  private compact;
  private grouped;
  private fill;
}
/** Whose doing it was. */
type ErrorBy = "peer" | "user" | "library" | "io";
/** What was going on. */
type ErrorPhase = "dns" | "connect" | "tls" | "pool" | "write" | "headers" | "body" | "upgrade" | "close";
/** Every code with what it means. The docs' table is checked against this one. */
declare const ERROR_CODES: {
  readonly PARSE_METHOD: "the method is missing or not a token";
  readonly PARSE_TARGET: "the request target fits none of the four forms for its method";
  readonly PARSE_VERSION: "the version is malformed";
  readonly PARSE_VERSION_H2: "an HTTP/2 preface reached an HTTP/1 connection";
  readonly VERSION_UNSUPPORTED: "an HTTP version that is not spoken here";
  readonly PARSE_STATUS: "the status line is malformed";
  readonly PARSE_HEADER: "a field line is malformed";
  readonly PARSE_CHUNK: "the chunked coding is malformed";
  readonly CONTENT_LENGTH_INVALID: "Content-Length is not one decimal number, or the body does not match it";
  readonly TRANSFER_ENCODING_INVALID: "Transfer-Encoding is not one final chunked";
  readonly TRANSFER_ENCODING_UNSUPPORTED: "a transfer coding that is not spoken here";
  readonly TRANSFER_ENCODING_UNEXPECTED: "Transfer-Encoding where it must not be: HTTP/1.0, or together with Content-Length";
  readonly HOST_INVALID: "not exactly one valid Host";
  readonly METHOD_TOO_LONG: "the method is longer than the limit";
  readonly TARGET_TOO_LONG: "the request target is longer than the limit";
  readonly HEAD_TOO_LARGE: "the header section has more bytes or fields than the limit";
  readonly TRAILERS_TOO_LARGE: "the trailer section has more bytes or fields than the limit";
  readonly CHUNK_EXTENSIONS_TOO_LARGE: "the chunk extensions of one body have more bytes than the limit";
  readonly BODY_TOO_LARGE: "the body has more bytes than the limit";
  readonly CONTENT_CODING_INVALID: "the content coding of a body is malformed";
  readonly TOO_MANY_INFORMATIONAL: "more 1xx responses than the limit";
  readonly TOO_MANY_REDIRECTS: "more redirects than the limit";
  readonly STREAM_RESET: "the stream was reset";
  readonly GOAWAY: "the peer has ended the connection";
  readonly H2_CONNECTION: "a connection error of HTTP/2";
  readonly HEADERS_TIMEOUT: "a head was not complete in time";
  readonly IDLE_TIMEOUT: "nothing happened on the connection for too long";
  readonly BODY_TIMEOUT: "a body stalled or came too slowly";
  readonly SEND_TIMEOUT: "the peer did not take our bytes in time";
  readonly CONNECT_TIMEOUT: "no connection in time";
  readonly SETTINGS_TIMEOUT: "the peer did not acknowledge our settings in time";
  readonly PING_TIMEOUT: "the peer did not answer a ping in time";
  readonly TOTAL_TIMEOUT: "the whole exchange took too long";
  readonly INCOMPLETE_MESSAGE: "the connection ended inside a message";
  readonly UNEXPECTED_MESSAGE: "bytes arrived that belong to no request";
  readonly CANCELED: "the exchange was given up before it was done";
  readonly CLOSED: "the connection is closed";
  readonly IO: "the transport failed";
  readonly SHUTDOWN: "closing the transport failed";
  readonly CONNECT: "no connection could be made";
  readonly DNS: "the name could not be resolved";
  readonly TLS: "the TLS handshake failed";
  readonly PROXY: "the proxy refused to connect, or what it said makes no sense";
  readonly POOL_TIMEOUT: "no connection became free in time";
  readonly POOL_FULL: "too many requests wait for a connection";
  readonly INVALID_METHOD: "the given method is not a token";
  readonly INVALID_TARGET: "the given target or URL cannot be sent";
  readonly INVALID_STATUS: "the given status is not an integer from 100 to 999, or not allowed here";
  readonly INVALID_REASON: "the given reason phrase has characters that cannot be sent";
  readonly INVALID_HEADER_NAME: "the given field name is not a token";
  readonly INVALID_HEADER_VALUE: "the given field value has characters that cannot be sent";
  readonly INVALID_OPTION: "an option has a value it cannot have";
  readonly INVALID_BODY: "the given body cannot be sent";
  readonly TOO_MANY_HEADERS: "a header map may hold at most 32768 fields";
  readonly UNEXPECTED_HEADER: "the given framing fields contradict each other or the message";
  readonly BODY_USED: "the body was taken before";
  readonly BODY_FAILED: "the given body failed";
  readonly BODY_WRITE_ABORTED: "the given body ended before its declared length, or its sender was dropped";
  readonly SERVICE_FAILED: "the service failed";
  readonly NO_UPGRADE: "the message offers no upgrade";
  readonly REDIRECT_REFUSED: "a redirect that may not be followed";
  readonly MANUAL_UPGRADE: "the peer switched protocols and nobody took the connection";
  readonly NOT_READY: "the connection is busy with another request";
  readonly INVALID_STATE: "a call that the present state does not allow";
};
/** Stable name of what went wrong. */
type ErrorCode = keyof typeof ERROR_CODES;
/** What a {@link HyperError} is made of; everything but `by` has a default. */
interface HyperErrorInit {
  readonly by: ErrorBy;
  readonly phase?: ErrorPhase | null | undefined;
  readonly retryable?: boolean | undefined;
  readonly statusHint?: number | undefined;
  readonly address?: string | null | undefined;
  readonly attempts?: number | undefined;
  readonly elapsedMs?: number | null | undefined;
  readonly reason?: string | null | undefined;
  readonly unanswered?: boolean | undefined;
  readonly cause?: unknown;
}
/** What {@link HyperError.with} may change: what is left out, or undefined, stays as it is. */
interface HyperErrorChanges extends Partial<HyperErrorInit> {
  readonly code?: ErrorCode | undefined;
  readonly message?: string | undefined;
}
/**
 * The one error class. Ask `code` or a predicate, never the text of `message`: the text may change in any release.
 */
declare class HyperError extends Error {
  override readonly name: string;
  /** Stable name of what went wrong. */
  readonly code: ErrorCode;
  /** Whose doing it was. */
  readonly by: ErrorBy;
  /** What was going on, or null where no phase applies. */
  readonly phase: ErrorPhase | null;
  /** True when no byte of the request can have been processed, so that it may be sent again, whatever its method. */
  readonly retryable: boolean;
  /**
   * The status a server should answer with; 0 when the error cannot be answered. What a client finds wrong has the status
   * of a service that has asked in its turn: 504 for what took too long, 502 for all else that is not the caller's doing
   * (RFC 9110 §15.6.3, §15.6.5).
   */
  readonly statusHint: number;
  /** The peer, as `host:port` or a path, where known. */
  readonly address: string | null;
  /** How often it was tried, the first time included; 0 where nothing is tried. */
  readonly attempts: number;
  /** Whole milliseconds from the beginning of the request, or of what failed or timed out in it, where measured. */
  readonly elapsedMs: number | null;
  /**
   * Why, in the peer's terms: the HTTP/2 error code by its name, for example `'REFUSED_STREAM'` (RFC 9113 §7); or the status
   * of an answer that gives no way, `'407'` of a proxy (`PROXY`). Null where there is none.
   */
  readonly reason: string | null;
  /**
   * True when a client's connection was lost before anything of the answer had come, not even an interim response: the
   * server may have processed the request or not. Where that makes no difference (RFC 9110 §9.2.2), it may be sent again;
   * for any other request see `retryable`.
   */
  readonly unanswered: boolean;
  constructor(code: ErrorCode, detail: string | null, init: HyperErrorInit);
  /**
   * The same error with some of it told otherwise, for who hands it on and knows more: a layer that has sent the request
   * several times, a gateway that has another status for it. `stack` stays that of the place where it arose, and `cause`
   * what was underneath: a copy never stands on top of what it was made of.
   */
  with(changes: HyperErrorChanges): HyperError;
  /** The peer's bytes could not be understood, or went over a limit of their syntax. */
  isParse(): boolean;
  /** A part of the peer's message was larger than its limit. */
  isParseTooLarge(): boolean;
  /** The status line was malformed. */
  isParseStatus(): boolean;
  /** An HTTP/2 preface reached an HTTP/1 connection. */
  isParseVersionH2(): boolean;
  /** The caller broke the contract: nothing is wrong with the peer. */
  isUser(): boolean;
  /** Something took too long; `phase` says what. */
  isTimeout(): boolean;
  /** The connection ended inside a message. */
  isIncompleteMessage(): boolean;
  /** The exchange was given up, by either side, before it was done. */
  isCanceled(): boolean;
  /** The connection was closed already. */
  isClosed(): boolean;
  /** The body given by the caller ended before its declared length. */
  isBodyWriteAborted(): boolean;
  /** Closing the transport failed. */
  isShutdown(): boolean;
}
/** A mistake of the caller. */
declare function userError(code: ErrorCode, detail: string | null, cause?: unknown): HyperError;
/** Where time comes from. */
interface Clock {
  /** Monotonic milliseconds; only differences have a meaning. May be coarse, but never goes back. */
  now(): number;
  /** Milliseconds since 1970-01-01T00:00:00Z, for `date` fields. */
  wall(): number;
}
/** Who is woken by an {@link Alarm}. An object rather than a closure: a connection has one, for life. */
interface AlarmTarget {
  /** The alarm is due; it is disarmed until the next `move`. */
  onAlarm(now: number): void;
}
/** One movable deadline. Moving it later must cost no more than a store: it happens for every request. */
interface Alarm {
  /** Sets the time, in {@link Clock.now} milliseconds; `Infinity` disarms. */
  move(at: number): void;
  /** Releases the alarm; it never fires again. */
  cancel(): void;
}
/** Makes alarms. Granularity is 50 ms or finer, never early; an alarm alone does not keep a process alive. */
interface Timer {
  /** A new alarm, disarmed. */
  alarm(target: AlarmTarget): Alarm;
}
/** Bytes to strings and back, with the platform's fast way. */
interface TextCodec {
  /** One character per byte (ISO 8859-1) of `bytes[start, end)`. */
  latin1(bytes: Uint8Array, start: number, end: number): string;
  /** UTF-8 with replacement characters, of `bytes[start, end)`; a leading byte order mark is dropped. */
  utf8(bytes: Uint8Array, start: number, end: number): string;
  /** The UTF-8 bytes of a string; lone surrogates become U+FFFD. */
  encodeUtf8(text: string): Uint8Array;
  /** How many bytes `encodeUtf8` gives. */
  utf8Length(text: string): number;
  /** One byte per character; the caller guarantees that all are below U+0100. */
  encodeLatin1(text: string): Uint8Array;
}
/** Runs work in the background and reports what it throws: hyper's `Executor`, seen as a pair. */
interface Executor {
  /**
   * Calls `task` once, at the end of the current turn of the event loop: after all IO that is ready now, so that the
   * answers of one turn leave in one write. A microtask is too early.
   */
  defer(task: () => void): void;
  /** Takes what background work has thrown (a hook, a listener, a service after its answer). Must not throw. */
  onError(error: unknown): void;
}
/** What the embedder brings. */
interface Runtime extends Executor {
  /** Monotonic and wall time. */
  readonly clock: Clock;
  /** Movable deadlines. */
  readonly timer: Timer;
  /** Bytes to strings and back; `plainText` where the platform has no faster way. */
  readonly text: TextCodec;
  /**
   * Remembers the asynchronous context of its caller (what `AsyncLocalStorage` tells), and returns what calls a function
   * in it. Left out where a platform has no such thing.
   */
  snapshot?(): <R>(fn: () => R) => R;
}
/**
 * Who takes a body: data frames, then at most one trailer section, then the end; or an error at any point.
 * Exactly one of `onEnd` and `onError` comes last, and nothing after it. Calls never overlap, with one exception: when
 * the body is cancelled, by this sink or by anybody else, `onError` (`CANCELED`) comes before `cancel` returns.
 * Chunks are never empty, and belong to the sink. A sink must not throw.
 */
interface BodySink {
  /** Data, at least one byte. */
  onData(chunk: Uint8Array): void;
  /** The trailers, at most once, after all data. */
  onTrailers(trailers: HeaderMap): void;
  /** The body is complete. */
  onEnd(): void;
  /** The body is over, and not complete. */
  onError(error: HyperError): void;
  /** The platform's fast way to turn the text of a body into bytes. Left out, core's own is used. */
  encodeUtf8?(text: string): Uint8Array;
}
/** The upper bound is null when nothing is known. `lower === upper` is an exact length. Bytes, without trailers. */
interface SizeHint {
  readonly lower: number;
  readonly upper: number | null;
}
/** A piece of a body as {@link Body.frames} yields it. More types may come: leave out what you do not know. */
type Frame$1 = DataFrame | TrailersFrame;
/** Bytes; never empty. */
interface DataFrame {
  readonly type: "data";
  readonly data: Uint8Array;
}
/** The trailer section (RFC 9110 §6.5); nothing follows it. */
interface TrailersFrame {
  readonly type: "trailers";
  readonly trailers: HeaderMap;
}
/** The push side of a body: all that the readers on top of it need. */
interface BodySource {
  readonly sizeHint: SizeHint;
  start(sink: BodySink): void;
  pause(): void;
  resume(): void;
  cancel(reason?: unknown): void;
}
/** How a body is collected. */
interface CollectOptions {
  /** The most bytes to take; one more fails with `BODY_TOO_LARGE` and cancels the body. Default: no limit. */
  readonly limit?: number | undefined;
}
/** What a body held, all of it. */
declare class Collected {
  /** Bytes in all. */
  readonly length: number;
  readonly trailers: HeaderMap | null;
  private pieces;
  private readonly textCodec;
  constructor(pieces: readonly Uint8Array[], length: number, trailers: HeaderMap | null, codec: TextCodec);
  /** The bytes in one array, the same at every call. */
  bytes(): Uint8Array;
  /** As UTF-8, malformed bytes as U+FFFD, without a leading byte order mark. */
  text(): string;
  /** @throws SyntaxError when the text is no JSON. */
  json(): unknown;
}
/**
 * One message body. It can be read once: by `start`, or by one of the readers on top of it.
 *
 * Who writes a body of their own extends this class, calls `take` first in `start`, and `settle` when the body is over.
 */
declare abstract class Body$1 implements AsyncIterable<Uint8Array> {
  private isTaken;
  private isSettled;
  private lastTrailers;
  private trailersPromise;
  private resolveTrailers;
  constructor();
  /** What is known of the bytes that are still to come. */
  abstract get sizeHint(): SizeHint;
  /** True when it is known that nothing is to come: no data, no trailers, no error. False decides nothing. */
  abstract get isEnd(): boolean;
  /**
   * True when trailers may follow although the length is known, so that an encoder must choose a framing that has room
   * for them.
   */
  get mayHaveTrailers(): boolean;
  /**
   * Begins delivery. Data that is there already is pushed before this returns.
   * @throws HyperError `BODY_USED` when the body was started or cancelled before.
   */
  abstract start(sink: BodySink): void;
  /** Holds everything back, the end and an error too, until `resume`. May be called before `start` and in a callback. */
  abstract pause(): void;
  /** Delivery goes on; what was held may come before this returns. */
  abstract resume(): void;
  /**
   * Gives the body up: its source is told, what is held is dropped. A sink that has begun hears `onError` before this
   * returns (`reason` itself when that is a HyperError, else `CANCELED` with `reason` as its cause).
   * Does nothing when the body is over. A body that was cancelled cannot be started.
   */
  abstract cancel(reason?: unknown): void;
  /**
   * The same content once more, as a body of its own, whatever has become of this one; null where it cannot be had again.
   */
  again(): Body$1 | null;
  /** True once the body was started or cancelled. */
  get used(): boolean;
  /**
   * The trailers, once the body has been read to its end; null when it had none, was cancelled, or failed. Waiting for
   * it reads nothing. Never rejects.
   */
  get trailers(): Promise<HeaderMap | null>;
  /** The data, chunk by chunk; at most one chunk is held beyond what was asked for. Leaving the loop early cancels. */
  [Symbol.asyncIterator](): AsyncIterableIterator<Uint8Array, undefined>;
  /** As iterating the body, but with the trailers, as frames. */
  frames(): AsyncIterableIterator<Frame$1, undefined>;
  /**
   * Reads everything.
   * @throws HyperError (as a rejection) `BODY_TOO_LARGE` past `limit` bytes, `BODY_USED`, `INVALID_OPTION`, and what the
   *   body fails with.
   */
  collect(options?: CollectOptions): Promise<Collected>;
  /** Reads everything into one array. Rejects as `collect`. */
  bytes(options?: CollectOptions): Promise<Uint8Array>;
  /** Reads everything as UTF-8; malformed bytes become U+FFFD, a leading byte order mark is dropped. Rejects as `collect`. */
  text(options?: CollectOptions): Promise<string>;
  /** Reads everything as JSON. Rejects as `collect`, and with a SyntaxError. */
  json(options?: CollectOptions): Promise<unknown>;
  /** Marks the body as used. @throws HyperError `BODY_USED` when it was before. */
  protected take(): void;
  /** The body is over: keeps its trailers for who asks. */
  protected settle(trailers: HeaderMap | null): void;
  /** The trailers are known, or that none will come, although the body may still hold data for its reader. */
  protected tellTrailers(trailers: HeaderMap | null): void;
}
/**
 * A body whose producer pushes, for who makes a kind of their own: `deliver`, `trail`, then `finish` or `fail`, as things
 * come. The sink hears of it in order, one call at a time, and never while it is paused. `moved` says that the sink has
 * taken something, or begun; `dropped` that it has given up.
 */
declare abstract class FlowBody extends Body$1 {
  private sink;
  private state;
  private isPaused;
  /** A call of the sink is running; what arrives meanwhile is held. */
  private isBusy;
  private held;
  /** What is held beyond `held`; null while there is nothing. */
  private more;
  private tail;
  /** The error, or what makes it once somebody is told. */
  private failure;
  constructor();
  get isEnd(): boolean;
  start(sink: BodySink): void;
  pause(): void;
  resume(): void;
  cancel(reason?: unknown): void;
  /** The sink has taken something, or begun; `isFlowing` says whether it wants more now. Never after the end. */
  protected abstract moved(): void;
  /** The body was cancelled before its producer had ended it. Nothing that is delivered after this arrives. */
  protected abstract dropped(reason: unknown): void;
  /** True when the next chunk goes straight to the sink. */
  protected get isFlowing(): boolean;
  /** True until the producer has ended or failed the body, or it was cancelled. */
  protected get isOpen(): boolean;
  /**
   * What the producer still has to bring, where it has said `left`: nothing after the end, and nobody knows once it has
   * failed, since what is held must not pass for the whole.
   */
  protected toCome(left: number): number;
  /** True when the sink has begun and nothing is held for it, so that one chunk can be read ahead even while paused. */
  protected get hasRoom(): boolean;
  /** Chunks that wait for the sink. */
  protected get heldCount(): number;
  /** Bytes that wait for the sink. */
  protected get heldBytes(): number;
  /** Gives the body its sink, once it is taken, and lets what is there flow. */
  protected attach(sink: BodySink): void;
  /** Text as the sink would have it encoded. */
  protected encode(text: string): Uint8Array;
  protected deliver(chunk: Uint8Array): void;
  /** True when trailers wait for the end. */
  protected get hasTail(): boolean;
  /** Trailers have arrived. The sink gets them, merged into one section, with the end. */
  protected trail(trailers: HeaderMap | null): void;
  /** Everything has been delivered. */
  protected finish(trailers: HeaderMap | null): void;
  /**
   * No more will come. What has been delivered still reaches the sink, before the error; a function makes the error for the
   * sink, if there ever is one.
   */
  protected fail(error: HyperError | (() => HyperError)): void;
  private get isOver();
  private hold;
  private drain;
  private conclude;
  private close;
}
/** How a {@link channel} is made. */
interface ChannelOptions {
  /** Chunks that are held for the reader. Default 1. */
  readonly capacity?: number | undefined;
  /** The exact number of bytes that will be sent, where it is known. Default: not known. */
  readonly length?: number | undefined;
  /** True keeps the sender from being ready until the body is read: nothing is made for a reader who never comes. */
  readonly onDemand?: boolean | undefined;
}
/** Both ends of a channel. */
interface Channel {
  /** Writes. */
  readonly sender: BodySender;
  /** Is read, once. */
  readonly body: ChannelBody;
}
/** @throws HyperError `INVALID_OPTION` for a capacity below 1 or a length below 0. */
declare function channel(options?: ChannelOptions): Channel;
/** The end of a channel that writes. */
declare class BodySender {
  private readonly body;
  /** Chunks that `trySend` would take now, one after the other, if the reader took none. */
  get capacity(): number;
  /** The `capacity` that the channel was made with. */
  get maxCapacity(): number;
  /** True once nothing can be sent any more: ended, aborted, or given up by the reader. */
  get isClosed(): boolean;
  /** Resolves when the body is over: read to its end, failed, or given up by the reader. Never rejects. */
  get closed(): Promise<void>;
  /** Resolves with true when a chunk would be taken at once, with false when the channel is closed. Never rejects. */
  ready(): Promise<boolean>;
  /**
   * Sends bytes, or text as UTF-8. Resolves once the chunk is taken, in the order of the calls; an empty one is left
   * out. The memory belongs to the body from the call on.
   * @throws HyperError (as a rejection) `CANCELED` when the reader has given up, `INVALID_STATE` after the end,
   *   `INVALID_BODY`. A rejection that nobody waits for is not reported as unhandled.
   */
  send(chunk: Uint8Array | string): Promise<void>;
  /**
   * Sends a chunk if there is room for it and nobody waits in front.
   * @returns false when it was not taken; the chunk is still the caller's.
   * @throws HyperError `INVALID_BODY`.
   */
  trySend(chunk: Uint8Array | string): boolean;
  /**
   * Adds trailers, which the reader gets after all data; no data can follow.
   * @throws HyperError `INVALID_STATE`, and for fields that cannot be sent.
   */
  sendTrailers(trailers: HeadersInit | HeaderMap): void;
  /**
   * Ends the body, after what is still waiting to be sent. Does nothing on a closed channel.
   * @throws HyperError for trailers that cannot be sent.
   */
  end(trailers?: HeadersInit | HeaderMap | null): void;
  /** Fails the body with `BODY_WRITE_ABORTED`; the reader first gets what was taken before. No-op on a closed channel. */
  abort(cause?: unknown): void;
}
/** The end of a channel that is read. */
declare class ChannelBody extends FlowBody {
  private left;
  private readonly onDemand;
  private readonly waiting;
  private readonly readyWaiting;
  private isEnding;
  private reason;
  get sizeHint(): SizeHint;
  protected moved(): void;
  protected dropped(reason: unknown): void;
  private toBytes;
  private hasRoomForWaiting;
  private pass;
  /** Nothing more will be taken: whoever waits hears why. */
  private shut;
  private answerReady;
}
/** No body. It has no state, so one object serves every message, and it can be read any number of times. */
declare class EmptyBody extends Body$1 {
  constructor();
  override get used(): boolean;
  get sizeHint(): SizeHint;
  get isEnd(): boolean;
  override again(): Body$1;
  start(sink: BodySink): void;
  pause(): void;
  resume(): void;
  cancel(): void;
}
/** The shared {@link EmptyBody}. */
declare const EMPTY_BODY: EmptyBody;
/** What a body can be made of. Text is sent as UTF-8. */
type BodyInit = string | Uint8Array | Body | AsyncIterable<Uint8Array | string> | Iterable<Uint8Array | string>;
type Body = Body$1;
/** The class of every body; {@link bodyFrom} is its `from`. */
declare const Body: typeof Body$1 & {
  from(init: BodyInit | null | undefined): Body;
};
/**
 * Makes a body. Null, undefined and the empty string or array give the empty body; a Body comes back as it is.
 * @throws HyperError `INVALID_BODY` for anything else.
 */
declare function bodyFrom(init: BodyInit | null | undefined): Body;
/**
 * Guards against a body of somebody else's that does not know when to stop: nothing passes after its end or its error,
 * nothing while paused, and a body that says that it is at its end is not asked at all.
 * @throws HyperError `BODY_USED`.
 */
declare function fuse(body: Body$1): Body$1;
/** A body that is there already: text, sent as UTF-8, or bytes. The bytes are not copied. */
declare class FullBody extends FlowBody {
  private size;
  constructor(content: string | Uint8Array);
  /** Bytes in all. */
  get length(): number;
  /** Exact until the body is started. */
  get sizeHint(): SizeHint;
  override get isEnd(): boolean;
  override again(): FullBody;
  override start(sink: BodySink): void;
  protected moved(): void;
  protected dropped(): void;
}
/**
 * What an {@link Incoming} tells its driver. Nothing is called once the driver has called `pushEnd` or `pushError`, so
 * that one object may serve every message of a connection in turn.
 */
interface IncomingControl {
  /** The reader has begun, or has room again after `push` said false. Comes from any call of the reader's. */
  wanted(): void;
  /** The reader has given up; what is pushed from now on is dropped. */
  cancelled(reason: unknown): void;
}
/** The body of a received message. Its connection pushes; it is read as any body is. */
declare class Incoming extends FlowBody {
  private readonly control;
  private readonly textCodec;
  /** Bytes that are still to come from the driver; -1 when that is not known. */
  private left;
  private readonly isSized;
  /** `wanted` is owed: at the beginning, and whenever `push` said false. */
  private isOwed;
  /** @param length from Content-Length, or null when not known. */
  constructor(control: IncomingControl, length: number | null, codec: TextCodec);
  /** Exact when the length is known, or once the end has arrived. */
  get sizeHint(): SizeHint;
  /** Whoever passes a body on whose length nobody has said must leave room for trailers, also once all of it is here. */
  override get mayHaveTrailers(): boolean;
  /**
   * Bytes have arrived; the memory belongs to the body from here on.
   * @returns true to go on. False when the one chunk of look-ahead is held: stop until `control.wanted` (a chunk that is
   *   pushed all the same is held too).
   */
  push(chunk: Uint8Array): boolean;
  /** The message is complete. */
  pushEnd(trailers: HeaderMap | null): void;
  /**
   * The message will not be completed. What is held reaches the reader before the error does; a function makes the error
   * when there is a reader.
   */
  pushError(error: HyperError | (() => HyperError)): void;
  protected moved(): void;
  protected dropped(reason: unknown): void;
}
/** Anything that `for await` takes. */
type Pullable<T> = AsyncIterable<T> | Iterable<T>;
/** What is known of a source that is pulled. */
interface PullOptions {
  /** The exact number of bytes that will come, where it is known. Default: not known. */
  readonly length?: number | undefined;
}
declare abstract class PullBody<T> extends FlowBody {
  private readonly source;
  /** Bytes that are still to come from the source; -1 when that is not known. */
  private left;
  private iterator;
  /** A `next` is under way, or its result is being delivered. */
  private isPulling;
  private readonly onStep;
  private readonly onFailure;
  /** @throws HyperError `INVALID_OPTION` for a length that is no number of bytes. */
  constructor(source: Pullable<T>, options?: PullOptions);
  get sizeHint(): SizeHint;
  /** Delivers one item. Calls `reject` for what is none. */
  protected abstract accept(item: unknown): void;
  /** The source is at its end. */
  protected abstract ended(): void;
  protected moved(): void;
  protected dropped(): void;
  protected override deliver(chunk: Uint8Array): void;
  /** The source gave something that cannot be sent. */
  protected reject(what: string): void;
  private pull;
  private handleStep;
  /** Lets the source clean up, begun or not; what that throws is nobody's concern any more. */
  private release;
}
/**
 * A body from anything that `for await` takes: generators, streams of the platform, arrays. Strings become UTF-8, empty
 * items are skipped. It is pulled only as fast as it is taken. A source that throws fails the body with `BODY_FAILED`
 * and the thrown value as `cause`; an item that is neither bytes nor text with `INVALID_BODY`.
 */
declare class IterableBody extends PullBody<Uint8Array | string> {
  protected accept(item: unknown): void;
  protected ended(): void;
}
/**
 * The same body, cut off with `BODY_TOO_LARGE` by the first chunk that goes over `max` bytes; the chunks before it, and
 * trailers, pass. The body below is cancelled then.
 * @throws HyperError `BODY_USED`, `INVALID_OPTION`.
 */
declare function limitBody(body: Body$1, max: number): Body$1;
/** What to do with each part of a body; what is left out passes as it is. */
interface BodyMapping {
  /** Text becomes UTF-8; an empty result drops the chunk. */
  data?(chunk: Uint8Array): Uint8Array | string;
  trailers?(trailers: HeaderMap): HeaderMap;
  error?(error: HyperError): HyperError;
}
/**
 * The body with its parts changed on their way. A function that throws fails it with `BODY_FAILED`, one that answers
 * with anything but bytes or text with `INVALID_BODY`; the body below is cancelled then.
 * @throws HyperError `BODY_USED`.
 */
declare function mapBody(body: Body$1, mapping: BodyMapping | ((chunk: Uint8Array) => Uint8Array | string)): Body$1;
/**
 * A body that calls `make` when it is first needed, and that can be had again (`again`): `make` is called once more then.
 * What it throws fails the body with `BODY_FAILED`.
 */
declare function repeat(make: () => BodyInit): Body$1;
/**
 * A body from an iterable of frames, for example another body's `frames()`. Several trailer frames are merged into one
 * section. Frames of an unknown type are left out; data after trailers fails the body with `INVALID_BODY`.
 */
declare class StreamFramesBody extends PullBody<Frame$1> {
  protected accept(item: unknown): void;
  protected ended(): void;
  private acceptData;
  private acceptTrailers;
}
/**
 * A body over another one: what comes from below goes up at once, what pauses above pauses below. Extend it to look at
 * a body, or to change it, on its way: override `onData`, `onTrailers`, `onEnd` or `onError`, and deliver what is to go
 * up. Only the body below calls them.
 */
declare class ThroughBody extends FlowBody implements BodySink {
  protected readonly inner: Body$1;
  private hasBegun;
  /** @throws HyperError `BODY_USED` when `inner` was started or cancelled before. */
  constructor(inner: Body$1);
  get sizeHint(): SizeHint;
  override get mayHaveTrailers(): boolean;
  override start(sink: BodySink): void;
  override pause(): void;
  override resume(): void;
  onData(chunk: Uint8Array): void;
  onTrailers(trailers: HeaderMap): void;
  onEnd(): void;
  onError(error: HyperError): void;
  protected moved(): void;
  protected dropped(reason: unknown): void;
}
/** Trailers as fields, or what makes them once the data has gone out: a checksum, say. */
type TrailersInit = HeadersInit | HeaderMap | (() => HeadersInit | HeaderMap | null | PromiseLike<HeadersInit | HeaderMap | null>);
/**
 * The same body with trailers after it. They are added to those that it has itself. A function is called once, after
 * the last byte; if it throws or rejects, or gives fields that cannot be sent, the body fails with `BODY_FAILED`.
 * @throws HyperError `BODY_USED`, and for fields that cannot be sent.
 */
declare function withTrailers(body: Body$1, trailers: TrailersInit): Body$1;
declare const VALUE: unique symbol;
/** Names one kind of value. Two keys are never the same, whatever their names. */
interface ExtensionKey<T> {
  readonly name: string;
  /** Only for the compiler: the type of the value. */
  readonly [VALUE]?: T;
}
/** Makes a key. Make it once, in the module that owns the value. */
declare function extensionKey<T>(name: string): ExtensionKey<T>;
/** At most one value per key. */
declare class Extensions {
  private key;
  private value;
  private more;
  constructor();
  /** How many values there are. */
  get size(): number;
  get<T>(key: ExtensionKey<T>): T | undefined;
  has(key: ExtensionKey<unknown>): boolean;
  /** Stores a value in place of the one before. */
  set<T>(key: ExtensionKey<T>, value: T): this;
  /** @returns whether there was a value. */
  delete(key: ExtensionKey<unknown>): boolean;
  /** Takes over every value of `other`, in place of its own where both have one. */
  extend(other: Extensions): this;
  /** A copy: later changes to one are not seen in the other. The values themselves are shared. */
  clone(): Extensions;
}
/** The form of RFC 9112 §3.2 that the text has. */
type UriForm = "origin" | "absolute" | "authority" | "asterisk";
/** What {@link Uri.from} takes; null and absent mean the same. A {@link Uri} will do. */
interface UriParts {
  readonly scheme?: string | null | undefined;
  readonly authority?: string | null | undefined;
  /** Begins with a slash, or is `*`. Default `/`, where there is a scheme. */
  readonly path?: string | null | undefined;
  /** Without the question mark. */
  readonly query?: string | null | undefined;
}
/** A request target or URI. Made by {@link parseUri}, `parseTarget` or {@link Uri.from}. */
declare class Uri {
  readonly form: UriForm;
  /** In lower case, without the colon. */
  readonly scheme: string | null;
  /** As written: userinfo, host and port. */
  readonly authority: string | null;
  /** As written, with the brackets of an IPv6 address. */
  readonly host: string | null;
  /** Null when there is none, or nothing after its colon. */
  readonly port: number | null;
  /** The digits as written; null without a colon. */
  readonly portText: string | null;
  /** `/` where the text has none but needs one; `*` in asterisk form; `''` in authority form. */
  readonly path: string;
  /** Without the question mark; null when there is none. */
  readonly query: string | null;
  /**
   * Makes a URI of parts, which are checked one by one and together.
   * @throws HyperError `INVALID_TARGET`: a malformed part, or parts that do not go together.
   */
  static from(parts: UriParts): Uri;
  /**
   * A URI that differs in what is named; null removes a part.
   * @throws HyperError as {@link Uri.from}.
   */
  with(changes: UriParts): Uri;
  /** What stands before the `@` of the authority. */
  get userinfo(): string | null;
  /** Path and query as in a request line. */
  get pathAndQuery(): string;
  /** Whether the authority is `text`, whatever the case of either. */
  hasAuthority(text: string): boolean;
  /**
   * The same scheme and authority whatever their case, ports as numbers, path and query as they stand; an empty query
   * is as none. Default ports are not filled in.
   */
  equals(other: Uri | string): boolean;
  /** An order that agrees with {@link equals}: below zero when this comes first. */
  compare(other: Uri): number;
  /** The text again. A `*` about a server is the URI of that server (RFC 9112 §3.2.4). */
  toString(): string;
}
/**
 * Reads a URI in any of the four forms: `/path?query`, `scheme://authority/path?query`, `authority`, `*`. A fragment is
 * dropped.
 * @throws HyperError `INVALID_TARGET`: another form, a character that must be percent-encoded, more than 65,534
 * characters, a scheme of more than 64.
 */
declare function parseUri(text: string): Uri;
/** An authority in its parts. */
interface Authority {
  readonly text: string;
  readonly host: string;
  /** The digits after the colon, null without a colon. */
  readonly port: string | null;
}
/** The version of a message. */
type HttpVersion = "0.9" | "1.0" | "1.1" | "2" | "3";
/** Below zero when `a` is the older version, above when it is the newer, 0 when they are the same. */
declare function compareVersions(a: HttpVersion, b: HttpVersion): number;
/** What a request has besides its method and target. */
interface HttpRequestInit {
  /** A {@link HeaderMap} is used as it is, not copied. Default: none. */
  readonly headers?: HeadersInit | HeaderMap | undefined;
  /** Default: no body. */
  readonly body?: BodyInit | null | undefined;
  /** Default `'1.1'`. */
  readonly version?: HttpVersion | undefined;
  /** Sent after the body. A function is called once the body has ended. Default: those of the body, if any. */
  readonly trailers?: TrailersInit | undefined;
}
/** What {@link HttpRequest.with} may replace. */
interface HttpRequestChanges extends HttpRequestInit {
  readonly method?: string | undefined;
  readonly target?: string | undefined;
}
/**
 * A request. `method`, `target` and `version` are replaced by {@link with}, so that they stay valid; the headers may be
 * changed in place.
 */
declare class HttpRequest {
  /** A token, case-sensitive (RFC 9110 §9.1). */
  readonly method: string;
  /** The request target as it stands in the request line (RFC 9112 §3.2). */
  readonly target: string;
  readonly version: HttpVersion;
  readonly headers: HeaderMap;
  readonly body: Body;
  private parsed;
  private bag;
  /**
   * @param target visible ASCII without `#`, `\`, `<` and `>`.
   * @throws HyperError `INVALID_METHOD`, `INVALID_TARGET`, or what {@link HeaderMap} throws.
   */
  constructor(method: string, target: string, init?: HttpRequestInit);
  /**
   * The target in its parts; parsed when first asked for.
   * @throws HyperError `INVALID_TARGET` when it fits none of the four forms for the method (RFC 9112 §3.2).
   */
  get uri(): Uri;
  /** Resolves with the trailers when the body has ended; null when there are none. Never rejects. */
  get trailers(): Promise<HeaderMap | null>;
  /** Typed side values; made when first asked for. They never reach the wire. */
  get extensions(): Extensions;
  /**
   * A request that differs in what is named. It shares headers and body with this one where they are not replaced;
   * the extensions are copied.
   * @throws HyperError as the constructor.
   */
  with(changes: HttpRequestChanges): HttpRequest;
  /** The whole body as bytes. Rejects as the body does. */
  bytes(): Promise<Uint8Array>;
  /** The whole body, decoded as UTF-8. */
  text(): Promise<string>;
  /** The whole body, parsed as JSON; a SyntaxError when it is none. */
  json(): Promise<unknown>;
}
/** Nothing to report before more bytes come. */
declare const NEED_DATA$1 = 0;
/** A head: `request` or `response`. A body follows when `hasBody`. */
declare const HEAD_EVENT$1 = 1;
/** `data`: bytes of the body, a view of what was received. */
declare const DATA_EVENT$1 = 2;
/** The body is complete; `trailers` or null. Comes only when there was a body. */
declare const END_EVENT$1 = 3;
/** An interim response: `status`, `headers`. Client only. */
declare const INFORMATIONAL_EVENT$1 = 4;
/** The next message is not read before the present exchange is done (parity row 105). */
declare const PAUSED = 5;
/** `error`: what came is wrong or too late. Comes once; CLOSED follows. */
declare const FAILED$1 = 6;
/** The protocol was switched: take the rest with `takeLeftover`. */
declare const SWITCHED_EVENT = 7;
/** Nothing more will be read. */
declare const CLOSED_EVENT$1 = 8;
/** One of the numbers above. */
type EventKind = typeof NEED_DATA$1 | typeof HEAD_EVENT$1 | typeof DATA_EVENT$1 | typeof END_EVENT$1 | typeof INFORMATIONAL_EVENT$1 | typeof PAUSED | typeof FAILED$1 | typeof SWITCHED_EVENT | typeof CLOSED_EVENT$1;
declare class Deadlines {
  private readonly slots;
  constructor(count?: number);
  set(slot: number, at: number): void;
  clear(slot: number): void;
  clearAll(): void;
  isDue(slot: number, now: number): boolean;
  at(slot: number): number;
  isOff(slot: number): boolean;
  /** The earliest, or Infinity. */
  get next(): number;
}
/** The bytes were handed to the transport; the memory belongs to the caller again. */
declare const TAKEN = 0;
/** The bytes are held until the transport takes them; the caller must not change them. */
declare const QUEUED = 1;
/** As {@link QUEUED}, and the caller should write no more before `onDrain`. */
declare const FULL = 2;
/** What {@link Io.write} answers: {@link TAKEN}, {@link QUEUED} or {@link FULL}. */
type WriteResult = typeof TAKEN | typeof QUEUED | typeof FULL;
/** What is known of the other end. Every member may be read lazily; an adapter leaves out what it cannot know. */
interface PeerInfo {
  /** `'tcp'`, `'tls'`, `'unix'`, `'memory'`, or a name of the adapter's own. */
  readonly transport: string;
  /** The address of the other end, without its port. */
  readonly remoteAddress?: string | undefined;
  readonly remotePort?: number | undefined;
  /** Our own address, without its port. */
  readonly localAddress?: string | undefined;
  readonly localPort?: number | undefined;
  /** True when the bytes travel encrypted (TLS). */
  readonly encrypted: boolean;
  /** The protocol that ALPN (RFC 7301) agreed on, for example `'h2'`. */
  readonly alpnProtocol?: string | undefined;
  /** The name the client asked for by SNI (RFC 6066 §3). */
  readonly serverName?: string | undefined;
}
/** The receiving side of an {@link Io}. Calls never overlap, and none comes before `start` has returned. */
interface IoSink {
  /**
   * Bytes have arrived. The chunk is never empty.
   * @returns true when the sink keeps the memory; false lets the adapter use it again as soon as this returns.
   */
  onData(chunk: Uint8Array): boolean;
  /** The peer has ended its half: no `onData` follows. Writing may go on. Comes at most once. */
  onEnd(): void;
  /** After {@link FULL}: everything that was held has been taken. */
  onDrain(): void;
  /**
   * Writing has failed and will not work again; reading goes on, so that an early answer can still be read.
   * @param lost how many of the bytes that were written last the transport has certainly not taken one of, those included
   * that are written from now on; left out, or 0, where nothing is certain. A client sends a request again of which
   * nothing was taken, whatever it asks for: an adapter that does not know must not guess.
   */
  onWriteError(error: Error, lost?: number): void;
  /** The transport is gone: nothing is called after this. Comes exactly once. `error` is null for a clean end. */
  onClose(error: Error | null): void;
}
/** One duplex byte stream. An adapter passes the suite of `packages/conformance` (`ioSuite`). */
interface Io {
  /** What is known of the other end. */
  readonly peer: PeerInfo;
  /**
   * Begins delivery to `sink`, asynchronously. A second `start` (after an upgrade) replaces the sink; what has arrived
   * since the pause goes to the new one, and so does the close, when the stream is gone already.
   */
  start(sink: IoSink): void;
  /** Stops `onData` and `onEnd` until `resume`. A bounded read-ahead may be kept, so that a lost peer is noticed. */
  pause(): void;
  /** Delivery goes on, never from within this call. */
  resume(): void;
  /**
   * Writes bytes, or text whose characters are all below U+0100 (one byte each).
   * @param more true when another write follows in the same turn, so that the adapter may gather them.
   */
  write(data: Uint8Array | string, more?: boolean): WriteResult;
  /** Ends our half after everything written so far. Reading goes on. */
  end(): void;
  /**
   * Lets go of the transport without a reset: what was written is still delivered by the platform, nothing more is read.
   * `onClose` follows.
   */
  close(): void;
  /** Tears the transport down now, with a reset (RST) where it has one; what is queued is dropped. `onClose` follows. */
  abort(): void;
  /** Whether the stream keeps the process alive (default yes). No-ops where the platform has no such notion. */
  ref(): void;
  unref(): void;
}
/** A {@link TextCodec} that needs nothing of a platform. A platform's own is several times faster. */
declare const plainText: TextCodec;
/** What core needs of the platform's `AbortSignal`; any object of this shape will do. */
interface AbortSignalLike {
  readonly aborted: boolean;
  readonly reason: unknown;
  /** What the exchange fails with. Left out or null: `CANCELED`, with `reason` as its cause. */
  readonly failure?: HyperError | null | undefined;
  addEventListener(type: "abort", listener: () => void): void;
  removeEventListener(type: "abort", listener: () => void): void;
}
/** What both roles of HTTP/1 share. */
interface H1Options {
  /** `Content-Type` instead of `content-type` on the wire. Default false. */
  readonly titleCaseHeaders?: boolean | undefined;
  /** Keep the spelling of received field names, and send it again with the same `HeaderMap`. Default false. */
  readonly preserveHeaderCase?: boolean | undefined;
  /** Fields in a header or trailer section. Default 100. */
  readonly maxHeaders?: number | undefined;
  /** Bytes of a head, start line and all. Default 65,536 for a server, 417,792 for a client. */
  readonly maxHeadSize?: number | undefined;
  /** Bytes of a trailer section. Default 16,384. */
  readonly maxTrailerSize?: number | undefined;
  /** Bytes of the chunk extensions of one body, together. Default 16,384. */
  readonly maxChunkExtensionSize?: number | undefined;
  /** Longest silence inside a body that we wait for. Default 30,000 for a server, off for a client. */
  readonly bodyIdleTimeout?: number | null | undefined;
  /** Longest time in which the peer takes none of our bytes. Default 30,000. */
  readonly sendTimeout?: number | null | undefined;
  /** Lenient: a line may end with LF alone (RFC 9112 §2.2). Default false. */
  readonly allowBareLf?: boolean | undefined;
  /** Lenient: a field line that is not one is skipped. Default false. */
  readonly ignoreInvalidHeaders?: boolean | undefined;
  /** How bytes become strings; default a portable one. Drivers give the runtime's. */
  readonly text?: TextCodec | undefined;
}
/** Options of an HTTP/1 server connection. */
interface H1ServerOptions extends H1Options {
  /** A client that ends its half while its request is being answered still gets the answer. Default false. */
  readonly halfClose?: boolean | undefined;
  /** Serve more than one request per connection. Default true. */
  readonly keepAlive?: boolean | undefined;
  /** Say `keep-alive: timeout=…` when the connection stays open. Default true. */
  readonly keepAliveHint?: boolean | undefined;
  /** Add `date` to responses (RFC 9110 §6.6.1). Default true. */
  readonly autoDateHeader?: boolean | undefined;
  /** Bytes of a request target; longer is 414. Default 32,768. */
  readonly maxTargetLength?: number | undefined;
  /** Bytes of a method; longer is 501. Default 64. */
  readonly maxMethodLength?: number | undefined;
  /** Requests on one connection; the last answer says `connection: close`. Default off. */
  readonly maxRequests?: number | undefined;
  /** From accepting to the first byte; then a silent close. Default 10,000. */
  readonly firstByteTimeout?: number | null | undefined;
  /** From the first byte of a head to its last; then 408. Default 30,000. */
  readonly headerReadTimeout?: number | null | undefined;
  /** Between an answer and the first byte of the next request; then a silent close. Default 75,000. */
  readonly keepAliveTimeout?: number | null | undefined;
  /**
   * From the first byte of a request to the last of its answer that the transport takes; that of a pipelined one counts
   * from where it is read. Then the exchange is cancelled, `TOTAL_TIMEOUT`: with 408 while the client is being waited for,
   * with 503 while the service is, with a reset once the head of the answer is out. What has switched protocols has no
   * such time. Default off.
   */
  readonly requestTimeout?: number | null | undefined;
  /** Slowest body accepted, bytes per second on average, after the grace time; then 408. Default 240; 0 is off. */
  readonly bodyMinRate?: number | undefined;
  /** How long a body may be slower than that at its beginning. Default 5,000. */
  readonly bodyMinRateGrace?: number | undefined;
  /** How long a closing connection goes on reading, so that the peer can read our last answer. Default 2,000. */
  readonly lingerTimeout?: number | undefined;
  /** How many bytes it reads at most, then; also how much of an unread body is skipped for reuse. Default 65,536. */
  readonly lingerSize?: number | undefined;
  /** Lenient: more than one space between the parts of a request line. Default false. */
  readonly allowMultipleSpaces?: boolean | undefined;
  /** Lenient: Transfer-Encoding wins over Content-Length, and the connection closes after (RFC 9112 §6.1). */
  readonly allowChunkedWithContentLength?: boolean | undefined;
  /** Lenient: an HTTP/1.1 request without Host. Default false. */
  readonly allowMissingHost?: boolean | undefined;
  /** Lenient: equal Content-Length values count as one. Default false. */
  readonly allowRepeatedContentLength?: boolean | undefined;
}
/** Options of an HTTP/1 client connection. */
interface H1ClientOptions extends H1Options {
  /** 1xx responses before a final one. Default 32. */
  readonly maxInformational?: number | undefined;
  /** From the request's end to the response head. Default off. */
  readonly headersTimeout?: number | null | undefined;
  /** Lenient: an answer without a status line is HTTP/0.9. Default false. */
  readonly http09Responses?: boolean | undefined;
  /** Lenient: space between a field name and its colon. Default false. */
  readonly allowSpaceBeforeColon?: boolean | undefined;
  /** Lenient: folded lines (RFC 9112 §5.2) are joined with one space. Default false. */
  readonly allowObsFold?: boolean | undefined;
  /** Lenient: equal Content-Length values count as one. Default false. */
  readonly allowRepeatedContentLength?: boolean | undefined;
}
/** Options with every default filled in; one shape for both roles, so that shared rooms see one hidden class. */
interface Settings {
  readonly text: TextCodec;
  readonly titleCaseHeaders: boolean;
  readonly preserveHeaderCase: boolean;
  readonly maxHeaders: number;
  readonly maxHeadSize: number;
  readonly maxTrailerSize: number;
  readonly maxChunkExtensionSize: number;
  readonly bodyIdleTimeout: number;
  readonly sendTimeout: number;
  readonly halfClose: boolean;
  readonly keepAlive: boolean;
  readonly autoDateHeader: boolean;
  readonly maxTargetLength: number;
  readonly maxMethodLength: number;
  readonly maxRequests: number;
  readonly firstByteTimeout: number;
  readonly headTimeout: number;
  readonly keepAliveTimeout: number;
  readonly requestTimeout: number;
  readonly bodyMinRate: number;
  readonly bodyMinRateGrace: number;
  readonly lingerTimeout: number;
  readonly lingerSize: number;
  readonly maxInformational: number;
  readonly http09Responses: boolean;
  readonly lenient: Leniency;
  /** The fields that say that the connection stays open, ready to be written. */
  readonly keepAliveText: string;
}
/** What the head parser and the framing rules let pass. */
interface Leniency {
  readonly bareLf: boolean;
  readonly invalidFields: boolean;
  readonly multipleSpaces: boolean;
  readonly chunkedWithLength: boolean;
  readonly missingHost: boolean;
  readonly repeatedLength: boolean;
  readonly spaceBeforeColon: boolean;
  readonly obsFold: boolean;
}
interface LineState {
  phase: number;
  /** How far the scan has come, from the head's first byte. */
  at: number;
  /** Blank lines skipped before a start line. */
  blanks: number;
  /** Where the start line's first byte is: after blank lines. */
  lineStart: number;
  /** Request: end of the method. Response: start of the reason. */
  markA: number;
  /** Request: start of the target. Response: end of the reason. */
  markB: number;
  /** Request: end of the target. */
  markC: number;
  /** Minor version: 0, or 1 for all later ones. */
  minor: number;
  status: number;
  readonly settings: Settings;
}
declare const REQUEST = 0;
declare const RESPONSE = 1;
declare const TRAILERS = 2;
type HeadKind = typeof REQUEST | typeof RESPONSE | typeof TRAILERS;
declare class HeadParser implements LineState {
  kind: HeadKind;
  phase: number;
  at: number;
  blanks: number;
  lineStart: number;
  markA: number;
  markB: number;
  markC: number;
  minor: number;
  status: number;
  fields: number;
  /** SEEN_ bits of the fields read so far. */
  seen: number;
  settings: Settings;
  private lenient;
  private marks;
  private ids;
  private nameStart;
  private nameEnd;
  private valueStart;
  private hash;
  private folding;
  /** The last line was passed over; a fold belongs to it. */
  private skipped;
  private maxSize;
  constructor(settings: Settings);
  /** Begins another head. `maxSize` is its limit in bytes. */
  begin(kind: HeadKind, maxSize: number, settings: Settings): void;
  /**
   * Goes on with `bytes[base, end)`, where `base` is the head's first byte.
   * @returns DONE (the head's length is `at`), NEED_MORE, or a fault
   */
  parse(bytes: Uint8Array, base: number, end: number): number;
  private parseFields;
  private beginLine;
  private scanName;
  private done;
  private oddLine;
  private oddName;
  private oddValue;
  private toSkip;
  private toNameSpace;
  private skip;
  private skipNameSpace;
  private record;
  private grow;
  /** The fields as `[name, value, …]`, names lower-cased. `head` is the text of the whole head. */
  takeFields(head: string): string[];
  /** The spelling of each name as it came. */
  takeCases(head: string): string[];
  /** True while nothing but blank lines has come. */
  get isBlank(): boolean;
}
declare class HeadReader {
  readonly parser: HeadParser;
  /** How far the last `feed` has used the input. */
  used: number;
  /** Where the complete head stands. */
  bytes: Uint8Array;
  base: number;
  private buffer;
  private held;
  private maxSize;
  private constructor();
  /** A reader at the start of a head of at most `maxSize` bytes. */
  static take(kind: HeadKind, maxSize: number, settings: Settings): HeadReader;
  /** Gives the reader back; its head must not be read any more. */
  release(): void;
  /** Goes on with `input` from `start`. @returns DONE, NEED_MORE or a fault; `used` says how far the input is used */
  feed(input: Uint8Array, start: number): number;
  private feedHeld;
  private hold;
  /** True when nothing but blank lines has come. */
  get isBlank(): boolean;
  /** The text of the complete head. */
  text(codec: TextCodec): string;
}
declare class BodyReading {
  /** How far the input is used. */
  pos: number;
  data: Uint8Array;
  /** The last chunk was read; the trailer section follows. */
  inTrailers: boolean;
  /** What `bodyError` takes for an end that came too early. */
  readonly incomplete: number;
  /** Bytes that are still to come, or CHUNKED or UNTIL_CLOSE. */
  private left;
  private chunked;
  private readonly settings;
  constructor(settings: Settings);
  /** Begins a body of `length` bytes (more than 0), CHUNKED or UNTIL_CLOSE. */
  begin(length: number): void;
  /** What is left of a counted body; Infinity when the length is not known. */
  get remaining(): number;
  /** @returns DATA_EVENT, END_EVENT, NEED_DATA or a fault */
  read(input: Uint8Array, start: number, eof: boolean): number;
  private readChunked;
  private give;
  trailerReader(): HeadReader;
  /** The fault of a trailer section, from that of its field lines. */
  trailerFault(fault: number): number;
}
type Writer$1 = Pick<Io, "write">;
declare class Output {
  /** Bytes held. */
  size: number;
  private text;
  private readonly queue;
  private readonly codec;
  constructor(codec: TextCodec);
  get isEmpty(): boolean;
  /** One byte per character. */
  addText(text: string): void;
  addBytes(bytes: Uint8Array): void;
  /**
   * Hands to the transport what it takes, as gathered writes; what is left waits for the next call.
   * @returns its last answer; TAKEN when there was nothing
   */
  writeTo(io: Writer$1): WriteResult;
  private writeQueue;
  /** The next piece, or null: for who pulls. */
  take(): string | Uint8Array | null;
  clear(): void;
}
/** The name of one reason. */
type CloseReason = "peer-close" | "our-close" | "keep-alive-off" | "max-requests" | "until-close" | "body-unread" | "body-unfinished" | "odd-framing" | "tunnel-refused" | "eof" | "peer-error" | "timeout" | "aborted" | "switched";
declare const HEAD = 0;
declare const BODY = 1;
declare const DONE = 2;
declare const SWITCHED = 3;
declare const CLOSED$1 = 4;
type HalfState = typeof HEAD | typeof BODY | typeof DONE | typeof SWITCHED | typeof CLOSED$1;
/** A head with a body after it. */
declare const BEGIN = 0;
/** A head that is a whole message. */
declare const ALONE = 1;
/** The body is complete. */
declare const END = 2;
declare const RECYCLE = 3;
declare const SWITCH = 4;
declare const CLOSE = 5;
type HalfEvent = typeof BEGIN | typeof ALONE | typeof END | typeof RECYCLE | typeof SWITCH | typeof CLOSE;
declare class ConnectionState {
  read: HalfState;
  write: HalfState;
  /** Whether the protocol will be switched once both halves are done. */
  switching: boolean;
  /** Why there will be no further message; empty while there may be one. */
  reasons: CloseReason[];
  /** Speaks against reuse. */
  addReason(reason: CloseReason): void;
  get reusable(): boolean;
  moveRead(event: HalfEvent): void;
  moveWrite(event: HalfEvent): void;
  private joint;
}
/** No body follows. */
declare const BODY_NONE = 0;
/** Exactly `length` bytes. */
declare const BODY_LENGTH = 1;
declare const BODY_CHUNKED = 2;
/** The body ends with the connection. */
declare const BODY_UNTIL_CLOSE = 3;
type BodyMode = typeof BODY_NONE | typeof BODY_LENGTH | typeof BODY_CHUNKED | typeof BODY_UNTIL_CLOSE;
/** The length of a body that has none that is known. */
declare const UNKNOWN_LENGTH = -1;
declare class BodyWriting {
  mode: BodyMode;
  private left;
  private readonly output;
  private readonly settings;
  constructor(output: Output, settings: Settings);
  begin(mode: BodyMode, length: number): void;
  /** Latin-1 text: one byte per character. */
  text(text: string): void;
  bytes(chunk: Uint8Array): void;
  /** True when `end` may be called. */
  get isComplete(): boolean;
  /** @throws HyperError `BODY_WRITE_ABORTED` when bytes that were announced are missing */
  end(trailers: HeaderMap | null): void;
}
/** What a machine may ask of who runs it. */
interface MachineHost {
  /** The stream for the body of a message whose head has come. `length` is null when it is not known. */
  makeBody(length: number | null): Body$1;
  /** The text for a `date` field, at a monotonic time. */
  httpDate(now: number): string;
}
/** What the machines of both roles share. */
declare abstract class Machine {
  /** The options, with every default filled in. */
  readonly settings: Settings;
  /** Where both halves are, and what speaks against reuse. */
  readonly state: ConnectionState;
  /** What there is to write: `take()` it piece by piece, or `writeTo` an Io. */
  readonly output: Output;
  /** Of a DATA event. */
  data: Uint8Array;
  /** Of an END event. */
  trailers: HeaderMap | null;
  /** Of a FAILED event. */
  error: HyperError | null;
  /** Whether a body follows the last head. */
  hasBody: boolean;
  /** Its length in bytes, or null when that is not known. */
  bodyLength: number | null;
  /** True once received bytes were handed out, so that the memory given to `receive` is no longer the caller's. */
  gaveData: boolean;
  /** Who runs the machine; null when the caller reads the events itself: messages get no streams, heads no date. */
  host: MachineHost | null;
  protected readonly deadlines: Deadlines;
  /** Made with the first body. */
  protected reading: BodyReading | null;
  protected readonly writing: BodyWriting;
  protected reader: HeadReader | null;
  protected input: Uint8Array;
  protected pos: number;
  protected now: number;
  protected eof: boolean;
  private pending;
  constructor(settings: Settings);
  /** Bytes have arrived. Call `nextEvent` until it wants more. */
  receive(bytes: Uint8Array, now: number): void;
  /** The peer has ended its half. */
  receiveEnd(now: number): void;
  /** The present message ends with the connection: cut short, it would look complete. */
  get endsByClosing(): boolean;
  /** Lets go of what was received once it is used up: an idle connection holds no chunk. */
  releaseInput(): void;
  /** Tells the time, before a call that sets a clock going. */
  touch(now: number): void;
  /** True while received bytes are not used up. */
  get isHolding(): boolean;
  /** The received bytes that are not used up. */
  get held(): Uint8Array;
  /** What has come behind the present message; nothing until that is complete. */
  get behind(): Uint8Array;
  /** What happened next; the values are on the machine. */
  nextEvent(): EventKind;
  /** The bytes after a switch of protocols. */
  takeLeftover(): Uint8Array;
  /** When `handleDeadline` wants to be called; Infinity when there is nothing to wait for. */
  get nextDeadline(): number;
  /** Lets time pass; what has run out becomes an event. */
  abstract handleDeadline(now: number): void;
  /** Nothing follows: the transport is gone, or the driver gives the connection up. */
  close(): void;
  /** The role's part of a complete head. @returns the event, or a fault */
  protected abstract takeHead(reader: HeadReader): number;
  /** Takes a reader for the next head, or says what stands in its place. */
  protected abstract beginHead(): EventKind | null;
  /** EOF where a head may begin or has begun. */
  protected abstract endInHead(): EventKind;
  /** What follows while this side is done and the other is not. */
  protected abstract betweenMessages(): EventKind;
  /** What follows once this side is closed, whatever came in. */
  protected abstract afterReading(): EventKind;
  /** A failure of the peer: what the role has to say to it. */
  protected abstract answerFailure(error: HyperError): void;
  /** Time has run out: the next event is a failure. */
  get hasFailed(): boolean;
  /** Makes `error` the next event. */
  protected failLater(error: HyperError): void;
  private takeFailure;
  protected fail(error: HyperError): EventKind;
  private readHead;
  private readBody;
  private readTrailers;
  private endBody;
  private failBody;
  /** Body bytes have arrived. */
  protected abstract progress(bytes: number): void;
  /** The body is complete, and the state has moved. */
  protected abstract bodyEnded(): void;
  protected dropReader(): void;
}
/** HTTP/1 for a server, without IO: requests in, responses out. */
declare class ServerMachine extends Machine {
  /** Of the last HEAD event. With `hasBody`, its body is what the host gave, or the empty one. */
  request: HttpRequest | null;
  /** The client waits for 100 before it sends its body (RFC 9110 §10.1.1). */
  expectsContinue: boolean;
  /** The request is CONNECT, or has a valid Upgrade offer (RFC 9110 §7.8). */
  offersUpgrade: boolean;
  /** The client takes trailers (RFC 9110 §10.1.4). */
  acceptsTrailers: boolean;
  /** Messages begun. */
  requests: number;
  private method;
  private minor;
  private bodyStarted;
  private bodyBytes;
  private bodyHeldAt;
  /** When the present exchange must be over, its answer handed to the transport. */
  private totalAt;
  /** A request has begun, and its answer is not complete. */
  private isUnderWay;
  /** The transport holds bytes that the peer does not take. */
  private isStalled;
  /** How long an idle connection that is to end still waits for a request; -1 while it may go on. */
  private drainTime;
  /** @throws HyperError `INVALID_OPTION` */
  constructor(options?: H1ServerOptions | Settings, now?: number);
  protected beginHead(): EventKind | null;
  protected takeHead(reader: HeadReader): number;
  private noteReuse;
  private noteFields;
  private beginBody;
  /** What is left of the request body, Infinity when not known; 0 when it is complete. */
  get bodyRemaining(): number;
  /**
   * The whole body has come with its head, and would be read to its end in any case: one DATA event brings it, and END
   * follows.
   */
  get hasWholeBody(): boolean;
  protected progress(bytes: number): void;
  protected bodyEnded(): void;
  private moveBodyDeadline;
  /** We do not read at present: the body's clocks stand still. */
  holdBody(now: number): void;
  /** The body's clocks stand still. */
  get isBodyHeld(): boolean;
  resumeBody(now: number): void;
  protected endInHead(): EventKind;
  protected betweenMessages(): EventKind;
  protected afterReading(): EventKind;
  private clientGone;
  /** Lets time pass. What has run out becomes an event: take events after this. */
  handleDeadline(now: number): void;
  private totalRunOut;
  private tooLong;
  /** The linger time is over. */
  lingered: boolean;
  /** The transport holds bytes that the peer does not take (true), or has taken them all (false). */
  setSending(stalled: boolean, now: number): void;
  /** A failure has stopped all clocks, and the transport still holds what was to be said before the end. */
  keepSending(now: number): void;
  private holdWait;
  /** The rest of the request body is being skipped: for as long as we linger, at most. */
  setDropping(now: number): void;
  /** The rest of the request body is not worth reading: the connection ends with the answer. */
  stopReading(): void;
  /** Nothing more will be written. */
  stopWriting(): void;
  /** The peer has ended its half. */
  get isEof(): boolean;
  /** The client has ended its half within its request, and means by that that it is gone: nobody waits for a reader. */
  get isLeft(): boolean;
  setLinger(now: number): void;
  /**
   * An interim response.
   * @returns false when it was not sent: HTTP/1.0, or the final response has begun
   * @throws HyperError `INVALID_STATUS`
   */
  sendInformational(status: number, headers: HeaderMap): boolean;
  /**
   * The head of the final response. `length` is the body's in bytes, or UNKNOWN_LENGTH.
   * @returns true when a body is to follow (sendData, sendEnd); false when the message is complete
   * @throws HyperError `UNEXPECTED_HEADER`, `INVALID_STATUS`, `INVALID_REASON`, `INVALID_STATE`; nothing is written then
   */
  sendHead(status: number, reason: string | null, headers: HeaderMap, length: number, trailers: boolean): boolean;
  private unreadable;
  /** Body text, one byte per character. */
  sendText(text: string): void;
  /** Body bytes. The memory must not change before the output was taken. */
  sendData(chunk: Uint8Array): void;
  /** @throws HyperError `BODY_WRITE_ABORTED`: the connection must be aborted then */
  sendEnd(trailers: HeaderMap | null): void;
  private messageSent;
  private becomeIdle;
  /** A message may have ended on the reading side after the answer was sent: sets the idle clock. */
  noteRecycled(): void;
  protected answerFailure(error: HyperError): void;
  private date;
  /** No further request after the present one. */
  disableKeepAlive(): void;
  /**
   * The connection ends with the next answer whose head is not out yet, and that says so. One that is idle still waits
   * `grace` ms for a request that is on its way; so does one whose answer has not said it.
   */
  drain(grace: number, now: number): void;
  /** True between messages. */
  get isIdle(): boolean;
  private get hasBegunHead();
}
/** What a response has besides its payload. */
interface HttpResponseInit {
  /** 100 to 999. Default 200. */
  readonly status?: number | undefined;
  /** A {@link HeaderMap} is used as it is, not copied, and what an encoder made of it is kept. Default: none. */
  readonly headers?: HeadersInit | HeaderMap | undefined;
  /** The reason phrase for HTTP/1; later versions have none. Default: the registered one. */
  readonly reason?: string | null | undefined;
  /** Default `'1.1'`. */
  readonly version?: HttpVersion | undefined;
  /** Sent after the body. A function is called once the body has ended. Default: those of the body, if any. */
  readonly trailers?: TrailersInit | undefined;
}
/** What {@link HttpResponse.with} may replace. */
interface HttpResponseChanges extends HttpResponseInit {
  readonly body?: BodyInit | null | undefined;
}
/**
 * A response. Its status, reason and version are replaced by {@link with}, so that they stay valid; the headers may be
 * changed in place.
 */
declare class HttpResponse {
  readonly status: number;
  readonly headers: HeaderMap;
  readonly version: HttpVersion;
  /** The phrase that was given or received; null means the registered one (`reasonPhrase`). */
  readonly reason: string | null;
  private bag;
  /**
   * @throws HyperError `INVALID_STATUS`, `INVALID_REASON`, or what {@link HeaderMap} throws.
   */
  constructor(payload?: BodyInit | null, init?: HttpResponseInit);
  /** The body; made of what was given when first asked for. */
  get body(): Body;
  /** Resolves with the trailers when the body has ended; null when there are none. Never rejects. */
  get trailers(): Promise<HeaderMap | null>;
  /** Typed side values; made when first asked for. They never reach the wire. */
  get extensions(): Extensions;
  /**
   * A response that differs in what is named. It shares headers and body with this one where they are not replaced;
   * the extensions are copied. A new status drops the phrase of the old one.
   * @throws HyperError as the constructor.
   */
  with(changes: HttpResponseChanges): HttpResponse;
  /** The whole body as bytes. Rejects as the body does. */
  bytes(): Promise<Uint8Array>;
  /** The whole body, decoded as UTF-8. */
  text(): Promise<string>;
  /** The whole body, parsed as JSON; a SyntaxError when it is none. */
  json(): Promise<unknown>;
  private complete;
}
/** What is left of a connection after a switch of protocols: the stream, and what was read past the switch byte. */
interface IoParts {
  /** Paused: `start` it with a sink of your own, after the leftover was handled. */
  readonly io: Io;
  /** Bytes of the new protocol that have arrived already; `io.start` delivers what comes after them. */
  readonly leftover: Uint8Array;
}
/** What a service may ask and do besides answering. One object per request. */
interface Exchange {
  /** The other end: addresses and ports, TLS, ALPN, SNI. */
  readonly peer: PeerInfo;
  /** Typed side values, shared by the layers of one exchange. */
  readonly extensions: Extensions;
  /** Null while the peer may still want the answer; set once it has gone, or the connection failed. */
  readonly cancelled: HyperError | null;
  /** Calls `fn` once when the exchange is cancelled (at once when it is already), never after it has succeeded. */
  onCancel(fn: (reason: HyperError) => void): void;
  /**
   * Sends an interim response (RFC 9110 §15.2), for example 103.
   * @returns false when it was not sent: the peer speaks HTTP/1.0, or the final response has begun.
   * @throws HyperError `INVALID_STATUS` for 101 and for anything outside 100–199.
   */
  informational(status: number, headers?: HeadersInit | HeaderMap): boolean;
  /**
   * Refuses the request as one that was not processed, at once: the client may send it again, to another server. On
   * HTTP/1 that is 503 with `connection: close`, on HTTP/2 a reset of the stream with REFUSED_STREAM (RFC 9113 §8.7).
   * After an answer has begun it does nothing.
   * @returns what the service answers with: `return exchange.refuse()`
   */
  refuse(): HttpResponse;
  /**
   * Takes the connection after the answer: 101 to a request with `Upgrade`, or 2xx to a CONNECT. Call it before
   * answering; it resolves once the head of the answer is written.
   * Rejects with `NO_UPGRADE` when the request offers none or the answer declines it, with what happened when the client has gone.
   */
  upgrade(): Promise<IoParts>;
}
/**
 * Answers requests. May answer at once, which costs no promise. A throw or a rejection becomes a 500, or an abort when
 * the head is out already, and a call of the runtime's `onError`.
 */
type Service = (request: HttpRequest, exchange: Exchange) => HttpResponse | Promise<HttpResponse>;
/** A service around a service. */
type Layer = (inner: Service) => Service;
/**
 * Hooks that the drivers call. All optional; none costs anything when absent. They run synchronously and must not
 * throw (what they throw goes to `Runtime.onError`). Those of a client about one request run in the asynchronous context
 * in which it was sent, where the runtime knows of such (`Runtime.snapshot`).
 */
interface Tracer {
  onConnectionStart?(connection: object, peer: PeerInfo): void;
  /** `reasons` are the names of all that kept the connection from being reused. */
  onConnectionEnd?(connection: object, reasons: readonly string[], error: HyperError | null): void;
  onRequestStart?(request: HttpRequest, connection: object): void;
  onInformational?(request: HttpRequest, status: number): void;
  onResponseStart?(request: HttpRequest, response: HttpResponse): void;
  /** A client sends the request again, for the `attempts`th time; `error` is why the last time was in vain. */
  onReplay?(request: HttpRequest, error: HyperError, attempts: number): void;
  /** The exchange is over; `error` is null when it succeeded. */
  onRequestEnd?(request: HttpRequest, error: HyperError | null): void;
}
/** Where the body goes. */
interface BodyTarget {
  /** @returns false when the transport has enough for now: the body is held until `resume` */
  writeData(chunk: Uint8Array): boolean;
  writeEnd(trailers: HeaderMap | null): void;
  bodyFailed(error: HyperError): void;
  encodeUtf8(text: string): Uint8Array;
}
/** What may be said of one request. */
interface SendOptions {
  /** Called for each interim response (RFC 9110 §15.2) but 101. */
  readonly onInformational?: ((status: number, headers: HeaderMap) => void) | undefined;
  /**
   * Gives the exchange up; over HTTP/1 that costs the connection, over HTTP/2 the stream. The listener is removed when the
   * exchange ends.
   */
  readonly signal?: AbortSignalLike | undefined;
  /** Milliseconds from the request's end to the response head; overrides the connection's. */
  readonly headersTimeout?: number | null | undefined;
  /** Milliseconds of silence inside the response body; overrides the connection's. */
  readonly bodyIdleTimeout?: number | null | undefined;
  /**
   * Bytes of the response head; overrides the connection's. Over HTTP/2 they are counted as RFC 9113 §6.5.2 does: names,
   * values, and 32 for each field. More is `HEAD_TOO_LARGE`, and costs what `signal` costs. 64 at least.
   */
  readonly maxHeadSize?: number | undefined;
}
/** Call: one request on a client connection, from `send` to the end of both bodies. */
declare class Call {
  readonly request: HttpRequest;
  readonly promise: Promise<HttpResponse>;
  response: HttpResponse | null;
  /** Runs a function in the asynchronous context in which it was sent; null where nobody needs that, or there is none. */
  context: (<R>(fn: () => R) => R) | null;
  private readonly options;
  private readonly onAbort;
  private resolve;
  private reject;
  constructor(request: HttpRequest, options: SendOptions | null, abort: ((error: HyperError) => void) | null);
  /** Where the exchange is, for an error that ends it; null before it has begun. */
  get phase(): ErrorPhase | null;
  informational(status: number, headers: HeaderMap): void;
  answer(response: HttpResponse): void;
  /** The response will not come. */
  fail(error: HyperError): void;
  /** Nothing more can be given up. */
  over(): void;
}
/** How a connection ended. */
interface ConnectionEnd {
  /** Null when it ended as it should. */
  readonly error: HyperError | null;
  /** The names of all that kept it from being reused (`CloseReason`). */
  readonly reasons: readonly string[];
}
/** What a driver needs of a machine, whatever it speaks. */
interface DrivenMachine {
  readonly output: {
    readonly isEmpty: boolean;
    readonly size: number;
    writeTo(io: Io): WriteResult;
    clear(): void;
  };
  readonly nextDeadline: number;
  readonly gaveData: boolean;
  readonly isHolding: boolean;
  readonly state: {
    readonly reasons: readonly string[];
  };
  receive(bytes: Uint8Array, now: number): void;
  receiveEnd(now: number): void;
  releaseInput(): void;
  handleDeadline(now: number): void;
  takeLeftover(): Uint8Array;
  close(): void;
}
declare abstract class Connection implements IoSink, AlarmTarget {
  readonly io: Io;
  protected readonly runtime: Runtime;
  protected readonly tracer: Tracer | null;
  protected abstract readonly machine: DrivenMachine;
  /** The transport wants no more before it has drained. */
  protected isFull: boolean;
  /** Our half is ended, or the transport is gone: nothing can be written. */
  protected isEnded: boolean;
  protected isPumping: boolean;
  /** Bytes that the transport was given so far. */
  protected written: number;
  /** Our half ends as soon as the output is written. */
  private endPending;
  private isPaused;
  private flushPending;
  /** Made when first needed: an idle connection holds no closure. */
  private flushTask;
  private readonly alarm;
  private ending;
  private closedPromise;
  private resolveClosed;
  constructor(io: Io, runtime: Runtime, tracer: Tracer | null);
  /** Resolves once the connection is over; never rejects. */
  get closed(): Promise<ConnectionEnd>;
  /** True once `closed` has its answer. */
  get isClosed(): boolean;
  onData(chunk: Uint8Array): boolean;
  onEnd(): void;
  abstract onDrain(): void;
  abstract onWriteError(error: Error, lost?: number): void;
  abstract onClose(error: Error | null): void;
  onAlarm(now: number): void;
  /**
   * Time has run out for something.
   * @param isLate puts it off to the end of the turn. What is waited for may have come, and the transport has not told us of
   *   it, since the process was busy: to end an idle connection now would lose a request
   */
  protected expire(now: number, isLate: boolean): void;
  /** Takes the machine's events until it wants more, writes what it has to say, and sets the alarm. */
  protected pump(): void;
  /** Every event that may be taken now. */
  protected abstract takeEvents(): void;
  /** After the events: what the new state asks of the transport. */
  protected abstract settle(): void;
  /** What the transport's state means for the machine's clocks. */
  protected abstract stalled(isStalled: boolean): void;
  /** Output was added: writes it at the end of the turn or of `pump`, or now when it is much. */
  protected wrote(): void;
  private flushDeferred;
  /** Hands the output to the transport. */
  protected flush(): void;
  /** Where the next byte of the output stands in all that is written. */
  protected get position(): number;
  /** The transport has taken what it held: writes on. */
  protected drained(): void;
  encodeUtf8(text: string): Uint8Array;
  /** Ends our half after everything that was written. */
  protected endOutput(): void;
  /** Reads, or stops reading. */
  protected setReading(isReading: boolean): void;
  /** The connection is over for us, whatever the transport does. */
  protected finish(error: HyperError | null): void;
  /** After a switch of protocols: the stream for somebody else. */
  protected takeParts(): IoParts;
  /** Calls hooks of an observer. */
  protected trace(call: (tracer: Tracer) => void): void;
  /** Calls hooks about one request, in the context in which it was sent, and not that of who has opened the transport. */
  protected traceCall({ context }: Pick<Call, "context">, call: (tracer: Tracer) => void): void;
  /** What a hook throws is the embedder's to hear of. */
  protected callHook(hook: () => void): void;
}
/** What the exchange needs of its connection. */
interface ExchangeHost {
  readonly peer: PeerInfo;
  sendInformational(exchange: ServerExchange, status: number, headers: HeaderMap): boolean;
  /** Whether the request offers a switch of protocols. */
  offersUpgrade(exchange: ServerExchange): boolean;
  /** What has come behind the request by now, and is the new protocol's once the connection is switched. */
  behind(): Uint8Array;
  /** Answers that the request was not processed. Nothing was answered before. */
  refuse(exchange: ServerExchange): void;
  /** Answers, from outside of the service. */
  answer(exchange: ServerExchange, response: HttpResponse): void;
  /** Gives the exchange up, without an answer or in the middle of one. */
  abandon(exchange: ServerExchange, reason: HyperError): void;
  onHookError(error: unknown): void;
}
declare class ServerExchange implements Exchange {
  readonly request: HttpRequest;
  cancelled: HyperError | null;
  /** The answer is complete, or was given up. */
  isOver: boolean;
  /** The head of the answer is written. */
  isAnswered: boolean;
  /** What the service has failed with, or its answer was refused for: the one in its place is our own. Null while it has not. */
  failure: HyperError | null;
  private readonly host;
  private bag;
  private listeners;
  private switched;
  private declined;
  constructor(host: ExchangeHost, request: HttpRequest);
  get peer(): PeerInfo;
  get extensions(): Extensions;
  onCancel(fn: (reason: HyperError) => void): void;
  informational(status: number, headers?: HeadersInit | HeaderMap): boolean;
  refuse(): HttpResponse;
  upgrade(): Promise<IoParts>;
  /** Whether somebody waits for the connection. */
  get wantsUpgrade(): boolean;
  /** The answer has switched protocols. */
  hand(parts: IoParts): void;
  /** The answer is complete and switched nothing. */
  over(): void;
  /** The answer declined the upgrade. */
  decline(): void;
  /** The exchange will not be completed. */
  cancel(reason: HyperError): void;
}
/** One HTTP/1 connection being served: made by `serveConnection`. */
declare class ServerConnection extends Connection implements IncomingControl, MachineHost, ExchangeHost, BodyTarget {
  protected readonly machine: ServerMachine;
  private readonly service;
  private exchange;
  private incoming;
  private writer;
  /** The reader of the request body is behind. */
  private isBehind;
  /** The rest of the request body is dropped. */
  private isDropping;
  private dropped;
  /** The last message is written; what still comes is dropped. */
  private isLingering;
  private failure;
  /** As `ServeOptions` has it. */
  onSwitched: ((io: Io) => Io) | null;
  constructor(io: Io, service: Service, runtime: Runtime, tracer: Tracer | null, settings: Settings);
  /** Begins to read. */
  start(): void;
  get peer(): PeerInfo;
  /** True between messages. */
  get isIdle(): boolean;
  /**
   * Finishes the request that is being answered, if any, with `connection: close`, and ends the connection.
   * @param grace milliseconds for which an idle connection still waits for a request: one that is on its way would be lost
   *   otherwise. So does one whose answer began before, without a word of the end. Default 0.
   */
  gracefulShutdown(grace?: number): void;
  /** Ends the connection at once, with a reset where the transport has one. */
  abort(reason?: HyperError): void;
  protected takeEvents(): void;
  private serve;
  private await;
  private respond;
  writeData(chunk: Uint8Array): boolean;
  writeEnd(trailers: HeaderMap | null): void;
  bodyFailed(error: HyperError): void;
  private answered;
  private endExchange;
  private serviceFailed;
  makeBody(length: number | null): Incoming;
  httpDate(now: number): string;
  private takeData;
  private setBehind;
  private endIncoming;
  wanted(): void;
  private inform;
  cancelled(): void;
  private dropIncoming;
  private drop;
  sendInformational(exchange: ServerExchange, status: number, headers: HeaderMap): boolean;
  offersUpgrade(exchange: ServerExchange): boolean;
  behind(): Uint8Array;
  onHookError(error: unknown): void;
  refuse(exchange: ServerExchange): void;
  answer(exchange: ServerExchange, response: HttpResponse): void;
  abandon(exchange: ServerExchange, reason: HyperError): void;
  private switchOver;
  private failed;
  protected settle(): void;
  private linger;
  private lingerOn;
  private letGo;
  override onData(chunk: Uint8Array): boolean;
  override onAlarm(now: number): void;
  override onEnd(): void;
  onDrain(): void;
  protected stalled(isStalled: boolean): void;
  onWriteError(error: Error): void;
  onClose(error: Error | null): void;
  private tearDown;
  private cancelAll;
}
/** What {@link serveConnection} needs besides the connection and the service. */
interface ServeOptions extends H1ServerOptions {
  /** Clock, timer, deferral, text, and where background errors go. */
  readonly runtime: Runtime;
  /** Hooks for observers. Default: none. */
  readonly tracer?: Tracer | undefined;
  /**
   * Called with the stream of a connection that has switched protocols, just before the service gets what this gives: the
   * same stream, or one around it. For whoever must know how long the connection lives on. Default: none.
   */
  readonly onSwitched?: ((io: Io) => Io) | undefined;
}
/**
 * Serves HTTP/1 on a byte stream, until it ends. The same `options` object should be given for every connection: what
 * is made of it is kept.
 * @throws HyperError `INVALID_OPTION`
 */
declare function serveConnection$1(io: Io, service: Service, options: ServeOptions): ServerConnection;
/** HTTP/1 for a client, without IO: requests out, responses in. */
declare class ClientMachine extends Machine {
  /** Of the last HEAD event. With `hasBody`, its body is what the host gave, or the empty one. */
  response: HttpResponse | null;
  /** Of the last INFORMATIONAL event. */
  status: number;
  headers: HeaderMap | null;
  /** Requests begun. */
  requests: number;
  /** Something of the answer to the last request has come. */
  hasAnswer: boolean;
  private method;
  private offersUpgrade;
  private informational;
  private maxHeadSize;
  private headTimeout;
  private bodyTimeout;
  /** @throws HyperError `INVALID_OPTION` */
  constructor(options?: H1ClientOptions | Settings);
  /**
   * Limits of the next response only; undefined is the connection's.
   * @throws HyperError `INVALID_OPTION`
   */
  setLimits(maxHeadSize: number | undefined, headersTimeout: number | null | undefined, bodyIdleTimeout?: number | null): void;
  /**
   * The head of a request. `length` is the body's in bytes, or UNKNOWN_LENGTH. With `trailers`, the framing has room for
   * them where the caller's fields leave the choice.
   * @returns true when a body is to follow (sendData, sendEnd); false when the message is complete
   * @throws HyperError `INVALID_METHOD`, `INVALID_TARGET`, `UNEXPECTED_HEADER`, `INVALID_BODY`, `INVALID_STATE`; nothing
   * is written then
   */
  sendHead(method: string, target: string, version: HttpVersion, headers: HeaderMap, length: number, trailers?: boolean): boolean;
  /** Body text, one byte per character. */
  sendText(text: string): void;
  /** Body bytes. The memory must not change before the output was taken. */
  sendData(chunk: Uint8Array): void;
  /** @throws HyperError `BODY_WRITE_ABORTED`: the connection must be aborted then */
  sendEnd(trailers: HeaderMap | null): void;
  private requestSent;
  /** The rest of the request is not sent: the connection ends with the response. */
  stopWriting(): void;
  /** No further request. */
  disableKeepAlive(): void;
  protected beginHead(): EventKind | null;
  private looksLikeHttp1;
  private beginHttp09;
  protected takeHead(reader: HeadReader): number;
  private respond;
  private interim;
  private beginBody;
  /** What is left of the response body, Infinity when not known; 0 when it is complete. */
  get bodyRemaining(): number;
  protected progress(): void;
  protected bodyEnded(): void;
  /** We do not read at present: the body's clock stands still. */
  holdBody(): void;
  resumeBody(now: number): void;
  /** The rest of the response body is being skipped, for so long at most: nobody waits for it. */
  setDropping(now: number): void;
  protected override fail(error: HyperError): EventKind;
  protected endInHead(): EventKind;
  protected betweenMessages(): EventKind;
  protected afterReading(): EventKind;
  protected answerFailure(): void;
  /** Lets time pass. What has run out becomes an event: take events after this. */
  handleDeadline(now: number): void;
  private timeOut;
  /** The transport holds bytes that the peer does not take (true), or has taken them all (false). */
  setSending(stalled: boolean, now: number): void;
  /** True when a request may be sent. */
  get isIdle(): boolean;
}
/** One HTTP/1 connection to a server: made by `handshake`. Requests are sent by its `SendRequest`. */
declare class ClientConnection extends Connection implements IncomingControl, MachineHost, BodyTarget {
  protected readonly machine: ClientMachine;
  /** Called whenever another request may be sent, and once when none may be any more; for pools. */
  onReady: (() => void) | null;
  private call;
  /** Where it begins in all that is written. */
  private callAt;
  private incoming;
  private writer;
  private isBehind;
  private isDropping;
  private failure;
  /** Writing has failed; what the peer has said may still be read. */
  private writeFailure;
  private handOver;
  private waiters;
  constructor(io: Io, runtime: Runtime, tracer: Tracer | null, settings: Settings);
  /** Begins to read. */
  start(): void;
  /** True when a request may be sent now. */
  get isReady(): boolean;
  /** Resolves when a request may be sent. @throws HyperError (as a rejection) `CLOSED` */
  ready(): Promise<void>;
  send(request: HttpRequest, options: SendOptions | null): Promise<HttpResponse>;
  private pushBody;
  private giveUp;
  /** Finishes the exchange that is under way, if any, and ends the connection. */
  gracefulShutdown(): void;
  /** Ends the connection at once, with a reset where the transport has one. */
  abort(reason?: HyperError): void;
  writeData(chunk: Uint8Array): boolean;
  writeEnd(trailers: HeaderMap | null): void;
  bodyFailed(error: HyperError): void;
  protected takeEvents(): void;
  private interim;
  private respond;
  private switchOver;
  makeBody(length: number | null): Incoming;
  httpDate(): string;
  private takeData;
  private mayReadAhead;
  private endIncoming;
  wanted(): void;
  cancelled(reason: unknown): void;
  private exchangeMoved;
  private endTrace;
  private failed;
  protected settle(): void;
  private releaseWaiters;
  onDrain(): void;
  protected stalled(isStalled: boolean): void;
  onWriteError(error: Error, lost?: number): void;
  onClose(error: Error | null): void;
  private tearDown;
}
/** What {@link handshake} needs besides the connection. */
interface HandshakeOptions extends H1ClientOptions {
  /** Clock, timer, deferral, text, and where background errors go. */
  readonly runtime: Runtime;
  /** Hooks for observers. Default: none. */
  readonly tracer?: Tracer | undefined;
}
/** The sending side of a client connection. */
declare class SendRequest {
  private readonly connection;
  constructor(connection: ClientConnection);
  /** True when `send` may be called now. */
  get isReady(): boolean;
  /** True when no request can be sent any more. */
  get isClosed(): boolean;
  /** Called whenever another request may be sent, and once when none may be any more; for pools. */
  set onReady(fn: (() => void) | null);
  /** Resolves when `send` may be called. Rejects with `CLOSED` when it never will. */
  ready(): Promise<void>;
  /**
   * Sends a request as it is: target and Host are the caller's business. The response's body is read from the
   * connection as it is consumed.
   * Rejects with a HyperError: `NOT_READY`, `CLOSED` (both `retryable`: nothing was sent), `CANCELED`, what the head's
   * encoding throws, or what became of the connection.
   */
  send(request: HttpRequest, options?: SendOptions): Promise<HttpResponse>;
}
/** Both ends of what a {@link handshake} gives. */
interface Handshake {
  /** Sends requests. */
  readonly sender: SendRequest;
  /** Says when the connection is over, and ends it. */
  readonly connection: ClientConnection;
}
/**
 * Makes an HTTP/1 client of a byte stream. The same `options` object should be given for every connection: what is made
 * of it is kept.
 * @throws HyperError `INVALID_OPTION`
 */
declare function handshake$1(io: Io, options: HandshakeOptions): Handshake;
/**
 * The byte stream behind a 101, or a 2xx to CONNECT: the connection itself over HTTP/1, one stream over HTTP/2.
 * Rejects with `NO_UPGRADE` for any other response.
 */
declare function upgraded(response: HttpResponse): Promise<IoParts>;
declare namespace index_d_exports$1 {
  export { CLOSED_EVENT$1 as CLOSED_EVENT, ClientConnection, ClientMachine, CloseReason, ConnectionEnd, DATA_EVENT$1 as DATA_EVENT, END_EVENT$1 as END_EVENT, EventKind, FAILED$1 as FAILED, H1ClientOptions, H1Options, H1ServerOptions, HEAD_EVENT$1 as HEAD_EVENT, Handshake, HandshakeOptions, INFORMATIONAL_EVENT$1 as INFORMATIONAL_EVENT, Machine, MachineHost, NEED_DATA$1 as NEED_DATA, PAUSED, SWITCHED_EVENT, SendOptions, SendRequest, ServeOptions, ServerConnection, ServerMachine, UNKNOWN_LENGTH, handshake$1 as handshake, serveConnection$1 as serveConnection, upgraded };
}
/**
 * What both roles of HTTP/2 share. Sizes are bytes, times milliseconds. 0, null and Infinity turn a timeout off, Infinity
 * a limit. A value that cannot be is `INVALID_OPTION`, when the options are first used.
 */
interface H2Options {
  /**
   * Bytes that the peer may send on a stream before they are read (RFC 9113 §5.2), up to 2^31-1; more resets the stream.
   * Default 1 MiB for a server, 2 MiB for a client.
   */
  readonly initialStreamWindowSize?: number | undefined;
  /**
   * The same for all streams together, from 65,535; given back when bytes are buffered, as long as no more than this is.
   * More than it allows ends the connection. Default 4 MiB for a server, 8 MiB for a client.
   */
  readonly initialConnectionWindowSize?: number | undefined;
  /** Windows grow with the measured bandwidth-delay product, up to `maxWindowSize`. Default true. */
  readonly adaptiveWindow?: boolean | undefined;
  /** As far as they grow. Default 16 MiB. */
  readonly maxWindowSize?: number | undefined;
  /**
   * Bytes of a frame's payload that we accept (RFC 9113 §4.2): 16,384 to 16,777,215; more ends the connection. Default
   * 16,384.
   */
  readonly maxFrameSize?: number | undefined;
  /**
   * Size of a header list, 32 bytes for each field included (RFC 9113 §6.5.2). A request over it is answered with 431, a
   * response over it is reset; four times it ends the connection. Default 65,536.
   */
  readonly maxHeaderListSize?: number | undefined;
  /** Fields of a header list, or of trailers; more is 431, or a reset. Default 100. */
  readonly maxHeaders?: number | undefined;
  /** Size of the HPACK table that the peer's encoder may use (RFC 7541 §4.2). Default 4,096. */
  readonly headerTableSize?: number | undefined;
  /**
   * Bytes of a body that a stream holds for a peer that does not take them; then its source is paused. All streams
   * together hold four times that. Default 256 KiB.
   */
  readonly maxSendBufferSize?: number | undefined;
  /**
   * Streams that we reset or refuse for the peer's mistakes, in all; one more ends the connection (CVE-2025-8671).
   * Default 1,024.
   */
  readonly maxLocalErrorResetStreams?: number | undefined;
  /** From the first frame of a field block to its last; then the connection ends: `HEADERS_TIMEOUT`. Default 10,000. */
  readonly headerBlockTimeout?: number | null | undefined;
  /**
   * Until our SETTINGS are acknowledged (RFC 9113 §6.5.3); then the connection ends: `SETTINGS_TIMEOUT`. Default 10,000.
   */
  readonly settingsTimeout?: number | null | undefined;
  /** Silence after which a PING asks whether the peer is alive (RFC 9113 §6.7). Default off. */
  readonly keepAliveInterval?: number | null | undefined;
  /** How long such a PING waits for its answer; then the connection ends, `PING_TIMEOUT`. Default 20,000. */
  readonly keepAliveTimeout?: number | null | undefined;
  /**
   * Longest silence inside a body that somebody reads; then the stream is reset, `BODY_TIMEOUT`. Default 30,000 for a
   * server, off for a client.
   */
  readonly bodyIdleTimeout?: number | null | undefined;
  /**
   * Longest time in which the peer takes none of our bytes, `SEND_TIMEOUT`: a stream that gets no credit is reset, a
   * transport that takes nothing ends the connection. Default 30,000.
   */
  readonly sendTimeout?: number | null | undefined;
  /** How bytes become strings; default a portable one. Drivers give the runtime's. */
  readonly text?: TextCodec | undefined;
}
/** Options of an HTTP/2 server connection. */
interface H2ServerOptions extends H2Options {
  /** Requests at a time (RFC 9113 §5.1.2); more are refused, REFUSED_STREAM. Default 100. */
  readonly maxConcurrentStreams?: number | undefined;
  /** Add `date` to responses (RFC 9110 §6.6.1). Default true. */
  readonly autoDateHeader?: boolean | undefined;
  /** Accept extended CONNECT (RFC 8441). Default false. */
  readonly enableConnectProtocol?: boolean | undefined;
  /** No streams for this long: GOAWAY, and the connection ends. Default 300,000. */
  readonly idleTimeout?: number | null | undefined;
  /**
   * From the head of a request to the end of its answer. Then the exchange is cancelled, `TOTAL_TIMEOUT`: with 408 while
   * the client is being waited for, with 503 while the service is, with a reset of the stream once the head of the answer
   * is out. A tunnel that is open has no such time. Default off.
   */
  readonly requestTimeout?: number | null | undefined;
  /** Slowest body accepted, bytes per second on average, after the grace time; then a reset. Default 240; 0 is off. */
  readonly bodyMinRate?: number | undefined;
  /** How long a body may be slower than that at its beginning, in milliseconds. Default 5,000. */
  readonly bodyMinRateGrace?: number | undefined;
  /**
   * Streams that the client may reset before they are answered (CVE-2023-44487), at once; one more ends the connection.
   * Default 200.
   */
  readonly maxResetBurst?: number | undefined;
  /** How many of them come back per second. Default 33. */
  readonly maxResetRate?: number | undefined;
  /** Requests on one connection; then GOAWAY, and what runs is finished. Default off. */
  readonly maxRequests?: number | undefined;
}
/** Options of an HTTP/2 client connection. */
interface H2ClientOptions extends H2Options {
  /** Requests at a time before the server has said how many. Default 100. */
  readonly initialMaxSendStreams?: number | undefined;
  /** `keepAliveInterval` counts also while there are no streams. Default false. */
  readonly keepAliveWhileIdle?: boolean | undefined;
  /** From the request's end to the response head; then the stream is reset, `HEADERS_TIMEOUT`. Default off. */
  readonly headersTimeout?: number | null | undefined;
  /** Interim responses before a final one; more reset the stream. Default 32. */
  readonly maxInformational?: number | undefined;
}
/** Options with every default filled in; one shape for both roles. */
interface H2Settings {
  readonly isServer: boolean;
  readonly text: TextCodec;
  readonly streamWindow: number;
  readonly connectionWindow: number;
  readonly adaptiveWindow: boolean;
  readonly maxWindow: number;
  readonly maxFrameSize: number;
  readonly maxHeaderListSize: number;
  readonly maxHeaders: number;
  readonly headerTableSize: number;
  readonly maxSendBuffer: number;
  readonly maxLocalErrorResets: number;
  readonly headerBlockTimeout: number;
  readonly settingsTimeout: number;
  readonly keepAliveInterval: number;
  readonly keepAliveTimeout: number;
  readonly keepAliveWhileIdle: boolean;
  readonly bodyIdleTimeout: number;
  readonly sendTimeout: number;
  readonly maxConcurrentStreams: number;
  readonly autoDateHeader: boolean;
  readonly connectProtocol: boolean;
  readonly idleTimeout: number;
  readonly requestTimeout: number;
  readonly bodyMinRate: number;
  readonly bodyMinRateGrace: number;
  readonly maxResetBurst: number;
  readonly maxResetRate: number;
  readonly maxRequests: number;
  readonly initialMaxSendStreams: number;
  readonly headersTimeout: number;
  readonly maxInformational: number;
}
declare class AbuseBudgets {
  private readonly settings;
  private emptyData;
  private readonly fullBudget;
  private dataBudget;
  private control;
  private controlAt;
  private resets;
  private resetsAt;
  private localResets;
  constructor(settings: H2Settings);
  /** A DATA frame without END_STREAM. @returns false when the budget is used up */
  takeData(length: number): boolean;
  /** Received bytes were consumed, or dropped by our own will: small messages that are honest are no attack. */
  returnData(bytes: number): void;
  /** A frame without data that is not part of a message. */
  takeControl(now: number): boolean;
  /** The peer has reset a stream before it was answered (CVE-2023-44487, rapid reset). */
  takeReset(now: number): boolean;
  /** The peer has made us reset a stream (CVE-2025-8671, MadeYouReset). */
  takeLocalReset(): boolean;
}
declare class BandwidthEstimate {
  /** What the windows should be by now. */
  window: number;
  private readonly maxWindow;
  private bytes;
  private sentAt;
  private rtt;
  private fastest;
  private stable;
  private delay;
  private notBefore;
  constructor(window: number, maxWindow: number);
  /** DATA has arrived, perhaps the last of its body. @returns true when a PING should be sent to begin a sample */
  take(bytes: number, now: number, isLast: boolean): boolean;
  /** The PING was answered. @returns true when `window` has grown */
  sample(now: number): boolean;
}
/** What one field list may be; either limit makes it `overLimit`. */
interface ListLimits {
  /** Octets of names and values, and 32 for each field (RFC 9113 §6.5.2). */
  readonly maxListSize: number;
  readonly maxFields: number;
}
declare class HpackDecoder {
  /** Regular fields in order: name, value, name, value, …; a new list for each block, to be kept or changed at will. */
  flat: string[];
  method: string | null;
  scheme: string | null;
  authority: string | null;
  path: string | null;
  status: string | null;
  protocol: string | null;
  /** Names of fields that must never be indexed (RFC 7541 §7.1.3); a name is here once for each of its fields. */
  sensitive: string[] | null;
  /** Bits of `facts.ts`: the union over all fields of the block. */
  seen: number;
  /** The same for what occurred more than once. */
  repeated: number;
  /** The BAD_ bits: 0 for a well-formed block. */
  malformed: number;
  /** The size of the list as RFC 9113 §6.5.2 counts it, whether or not it was kept. */
  listSize: number;
  fieldCount: number;
  /** The list went over a limit: `flat` is empty, and pseudo-header fields are there as far as they came before. */
  overLimit: boolean;
  private readonly table;
  private readonly text;
  /** Our SETTINGS_HEADER_TABLE_SIZE: what an update may ask for. */
  private maxTableSize;
  /** The lowest limit since the last block where it is below the table's size, which an update must follow; or -1. */
  private required;
  private at;
  private maxListSize;
  private maxFields;
  /** @param maxTableSize our SETTINGS_HEADER_TABLE_SIZE in octets; @param text how octets become strings */
  constructor(maxTableSize?: number, text?: TextCodec);
  /** Octets in the dynamic table now (RFC 7541 §4.1). */
  get tableSize(): number;
  /** Our SETTINGS_HEADER_TABLE_SIZE has been acknowledged. A lower one must be answered in the next block. */
  setMaxTableSize(size: number): void;
  /** Decodes the block `bytes[start, end)`. @returns 0, or a fault of `fault.ts` */
  decode(bytes: Uint8Array, start: number, end: number, limits: ListLimits): number;
  private begin;
  /** Table size updates at the start of the block (RFC 7541 §4.2, §6.3). */
  private readUpdates;
  /** The integer at `at`, whose prefix has the bits of `mask`. */
  private readPrefixed;
  private readIndexed;
  private entryAt;
  /** A literal field (RFC 7541 §6.2): its name, then its value. */
  private readLiteral;
  /** A literal with a name of its own. */
  private readNamed;
  /** The value, whose octets the cursor has, and the place of the field in the list and the table. */
  private takeLiteral;
  /** An entry that is indexed and has room in the table must be made even of a list that is not kept. */
  private canInsert;
  /** A field of a list that is not kept; too large an entry still empties the table (RFC 7541 §4.4). */
  private drop;
  private markSensitive;
  private take;
  /** Every field counts, the smallest cookie crumb too. */
  private count;
  private keep;
  private keepPseudo;
}
/** Grows by doubling; `bytes` is replaced when it does. */
declare class ByteWriter {
  bytes: Uint8Array;
  /** How many bytes are written. */
  length: number;
  /** @param size bytes of room from the start, default 0: nothing is allocated before the first write */
  constructor(size?: number);
  /** Makes room for `count` more bytes. */
  ensure(count: number): void;
  u8(value: number): void;
  u16(value: number): void;
  u32(value: number): void;
  /** Copies `source[start, end)`. */
  copy(source: Uint8Array, start: number, end: number): void;
  /** One byte per character; the caller guarantees that all are below U+0100. */
  latin1(text: string): void;
  zeros(count: number): void;
  /** What is written, without a copy: valid until the next write. */
  view(): Uint8Array;
  /** Forgets what is written and keeps the room. */
  reset(): void;
  /** Hands over what is written; the writer begins anew without memory. */
  take(): Uint8Array;
  private grow;
}
declare class HpackEncoder {
  private readonly table;
  private readonly slots;
  private out;
  /** The size that the peer's table has now, as far as it was told. */
  private told;
  /** The size that the table may have. */
  private allowed;
  /** @param maxTableSize octets; at most 4,096 are used */
  constructor(maxTableSize?: number);
  /** Octets in the dynamic table now. */
  get tableSize(): number;
  /** The peer's SETTINGS_HEADER_TABLE_SIZE. What follows from it is said at the start of the next block. */
  setPeerTableSize(size: number): void;
  /**
   * Begins a block. Where the table size has changed it says so first: the lowest size since the last block (RFC 7541
   * §4.2). A higher one waits for the block after that: RFC 7541 would have it as a second update at once, which Go's
   * decoder refuses while there are entries.
   */
  begin(out: ByteWriter): void;
  /** `:status`. @param code 100 to 999 */
  status(code: number): void;
  /** One field of the block. @param isSensitive whether it must not be indexed, here and on the way */
  field(name: string, value: string, isSensitive: boolean): void;
  /** The entry of a name with this value; entries that are gone are cut off on the way. */
  private find;
  /** A field that is in no table. */
  private miss;
  private isWorthIndexing;
  private literal;
  private addSlot;
  /** Names are the application's choice, and may be without number. */
  private forget;
}
type Writer = Pick<Io, "write">;
declare class H2Output {
  /** Where frames are written; get it by `begin`. */
  private readonly writer;
  /** Pieces before what is in the writer. */
  private queue;
  private queued;
  /** So much of what is in the writer stands in the queue already; 0 while there is none. */
  private cutAt;
  /** Bytes held. */
  get size(): number;
  get isEmpty(): boolean;
  /** The writer, with memory. */
  begin(): ByteWriter;
  /** So many bytes of data may follow in this turn: finds memory for them at once. */
  expect(bytes: number): void;
  /** A payload; large ones are not copied, and must not change until they are taken. */
  addBytes(bytes: Uint8Array, start: number, end: number): void;
  private cut;
  private forget;
  private recycle;
  private push;
  /** Hands to the transport what it takes; what is left waits for the next call. @returns its last answer */
  writeTo(io: Writer): WriteResult;
  private writeQueue;
  /** The next piece, or null: for who pulls. */
  take(): Uint8Array | null;
  clear(): void;
}
declare class RecentResets {
  private ids;
  private at;
  add(id: number): void;
  has(id: number): boolean;
}
declare class ReceiveWindow {
  /** What the peer may still send. */
  available: number;
  /** What the window should be when everything is consumed. */
  target: number;
  /** Consumed, and not announced yet. */
  private owed;
  constructor(size: number);
  /** Bytes have arrived. @returns false when the peer has gone beyond its credit */
  take(bytes: number): boolean;
  /** Bytes have been consumed. @returns the increment to announce now, or 0 */
  release(bytes: number): number;
  /** Makes the window larger from now on. @returns the increment to announce now, or 0 */
  grow(target: number): number;
  /** Our initial window was changed by SETTINGS that the peer has acknowledged; may go negative. */
  shift(difference: number): void;
  private announce;
}
declare const IDLE = 0;
declare const OPEN = 1;
declare const HALF_CLOSED_REMOTE = 2;
declare const HALF_CLOSED_LOCAL = 3;
declare const CLOSED = 4;
type StreamState = typeof IDLE | typeof OPEN | typeof HALF_CLOSED_REMOTE | typeof HALF_CLOSED_LOCAL | typeof CLOSED;
/** HEADERS, in either direction. */
declare const OPENED = 0;
/** END_STREAM received. */
declare const RECEIVED_END = 1;
/** END_STREAM sent. */
declare const SENT_END = 2;
/** RST_STREAM, in either direction. */
declare const RESET = 3;
type StreamEvent = typeof OPENED | typeof RECEIVED_END | typeof SENT_END | typeof RESET;
declare class Stream {
  readonly id: number;
  state: StreamState;
  /** Whose handle it is: the driver's exchange. Opaque to the machine. */
  owner: unknown;
  /** What the peer may still send here. */
  receiveWindow: number;
  /** What the window is when all is consumed. */
  receiveTarget: number;
  /** Received and consumed, not announced yet. */
  receiveOwed: number;
  /** Received and not consumed. */
  unconsumed: number;
  /** What small DATA frames that are not consumed have taken of a budget (abuse.ts). */
  smallCost: number;
  /** Of a message with content-length: what is still to come; NO_LENGTH without. */
  expected: number;
  /** The head of the message has been received. */
  gotHead: boolean;
  /** The request is HEAD: its response has no body. */
  isHead: boolean;
  /** The request is a CONNECT: what follows its answer is no message. */
  isTunnel: boolean;
  /** Interim responses so far. */
  informational: number;
  /** Milliseconds to the response head, for this stream only; null for the connection's. */
  headersTimeout: number | null;
  /** What the response head may be, for this stream only; null for the connection's. */
  headLimits: ListLimits | null;
  /** Milliseconds of silence inside the response body, for this stream only; null for the connection's. */
  bodyIdleTimeout: number | null;
  /** We ask for no more of the body at present: its clocks stand still. */
  isHeld: boolean;
  /** Received DATA is dropped: since when, and how much. */
  isDropping: boolean;
  droppingSince: number;
  dropped: number;
  /** What we may still send here; may be negative (RFC 9113 §6.9.2). */
  sendWindow: number;
  /** What waits for credit, in order; null when nothing does. */
  queue: Uint8Array[] | null;
  queued: number;
  /** END_STREAM follows the queue. */
  endQueued: boolean;
  /** Trailers follow the queue. */
  trailers: HeaderMap | null;
  sentHead: boolean;
  /** Of a message that announces its length: what is still to be sent; NO_LENGTH without. */
  toSend: number;
  /** The producer was told to wait. */
  isBlocked: boolean;
  /** Urgency 0–7 (RFC 9218 §4.1). */
  urgency: number;
  /** Shares its turn. The RFC's default is no; streams that gave no signal take turns all the same, which is fair. */
  incremental: boolean;
  /** In the scheduler's ring. */
  next: Stream | null;
  isScheduled: boolean;
  /** In its table: the next one of the same chain. */
  beside: Stream | null;
  /** For timeouts: when the request began, when bytes last came and went, and how many have come. */
  beganAt: number;
  receivedAt: number;
  sentAt: number;
  receivedBytes: number;
  /** When the whole exchange must be over; 0 when it may take as long as it likes. */
  dueAt: number;
  constructor(id: number, receiveWindow: number, sendWindow: number);
  /** @throws Error for an event that the state does not allow: a mistake of this library */
  move(event: StreamEvent): void;
}
declare class Schedule {
  /** The last of each ring, whose `next` is the first. */
  private readonly rings;
  private count;
  get isEmpty(): boolean;
  /** Puts a stream at the end of its ring; does nothing when it is there. */
  add(stream: Stream): void;
  /** The stream whose turn it is, or null. It stays where it is. */
  first(): Stream | null;
  /** The first stream has had its turn. */
  rotate(stream: Stream): void;
  /** Takes a stream out, wherever it is. */
  remove(stream: Stream): void;
  /** Changes a stream's priority, keeping its place among those that write if it has one. */
  reprioritize(stream: Stream, urgency: number, incremental: boolean): void;
}
declare class StreamTable {
  size: number;
  /**
   * Chains by the id; a power of two of them. Ids of one side go up by two. A peer may choose ids that share a chain, which
   * is then as long as the streams it may have at once.
   */
  private chains;
  get(id: number): Stream | undefined;
  has(id: number): boolean;
  /** Adds a stream whose id is not there yet. */
  add(stream: Stream): void;
  /** @returns whether it was there */
  delete(id: number): boolean;
  /** All of them, in the order of their ids, as they are now: they may be deleted while they are looked at. */
  values(): Stream[];
  private grow;
}
/** What a machine may ask of who runs it. */
interface H2Host {
  /** The stream for the body of a message. `length` is null when it is not known. */
  makeBody(stream: Stream, length: number | null): Body$1;
  /** The text for a `date` field, at a monotonic time. */
  httpDate(now: number): string;
}
declare class H2Core {
  readonly settings: H2Settings;
  readonly output: H2Output;
  readonly decoder: HpackDecoder;
  readonly encoder: HpackEncoder;
  readonly streams: StreamTable;
  readonly schedule: Schedule;
  readonly abuse: AbuseBudgets;
  readonly deadlines: Deadlines;
  readonly listLimits: ListLimits;
  readonly receiveWindow: ReceiveWindow;
  readonly recentResets: RecentResets;
  readonly bandwidth: BandwidthEstimate | null;
  host: H2Host | null;
  now: number;
  /** What new streams may receive: the default until our SETTINGS are acknowledged. */
  streamWindow: number;
  sendWindow: number;
  peerWindow: number;
  peerFrameSize: number;
  peerMaxStreams: number;
  peerConnectProtocol: boolean;
  /** Our SETTINGS that were not acknowledged yet. */
  settingsPending: number;
  /** The first of them was. */
  settingsApply: boolean;
  gotSettings: boolean;
  /** When bytes last came. */
  heardAt: number;
  /** When the keep-alive ping that waits for its answer was sent; -1 for none. */
  pingSentAt: number;
  goAwayReason: number;
  /** The final GOAWAY is sent: the connection ends with its last stream. */
  isShutDown: boolean;
  /** The highest stream of the peer's that was opened. */
  lastPeerId: number;
  /** The next stream of ours. */
  nextId: number;
  /** The whole length of the DATA frame that is coming in was given back already. */
  isCredited: boolean;
  /** Streams the peer has open now. */
  peerStreams: number;
  /** Streams we have open now. */
  ownStreams: number;
  /** What our GOAWAY named as last; -1 before one. */
  goAwaySent: number;
  /** What the peer's GOAWAY named as last; -1 before one. */
  goAwayReceived: number;
  /** Streams that are reset, for the driver to hear of. */
  readonly resets: {
    stream: Stream;
    error: HyperError;
  }[];
  /** Received on all streams and not consumed. */
  unconsumed: number;
  /** Credit of the connection that was not given back yet. */
  private owed;
  /** Bytes of bodies that all streams hold for the peer. */
  queued: number;
  /** Streams that had enough and may be written to again; the driver is told after each turn. */
  readonly drained: Stream[];
  /** What has ended the connection. */
  failure: HyperError | null;
  /** The failure has been told. */
  failureTold: boolean;
  readonly reasons: string[];
  constructor(settings: H2Settings);
  /** Forgets a stream that is closed, and gives back what it held. */
  release(stream: Stream): void;
  /** The last stream is gone. */
  protected emptied(): void;
  /** We have sent END_STREAM: what follows for the stream. */
  sentEnd(stream: Stream): void;
  /** Whether the id belongs to streams that the peer opens. */
  isPeers(id: number): boolean;
  /** Whether our GOAWAY has said that the stream will not be processed. */
  isBeyondGoAway(id: number): boolean;
  /** A stream that is gone without a frame of ours. */
  forget(stream: Stream): void;
  /** Resets a stream for a reason of our own or of the caller's; the driver is not told. */
  sendReset(stream: Stream, reason: number): void;
  /** The peer has broken a rule on one stream: it is reset, and the driver is told. */
  streamError(stream: Stream, reason: number, detail: string): void;
  /** One stream is reset, and the driver is told why. @returns false when it was closed already */
  giveUp(stream: Stream, reason: number, error: HyperError): boolean;
  /** What the peer has done, with the status that our role makes of it. */
  forRole(error: HyperError): HyperError;
  /** A stream that we never made is reset. */
  refuse(id: number, reason: number): void;
  protected countLocalReset(): void;
  /**
   * Nobody wants the rest of a message. It is dropped as it comes; a peer to whom all was said is told to stop (RFC 9113
   * §8.1) when it goes on for long, and not at once, since most have ended by then.
   */
  stopReceiving(stream: Stream): void;
  /** Looks at a stream whose data is dropped. */
  protected stopSlowly(stream: Stream): void;
  /** The peer sends what nobody wants, and has heard all that we have to say (RFC 9113 §8.1). */
  stopPeer(stream: Stream): void;
  /** Ends the connection: GOAWAY, and an error for everybody. */
  fail(reason: number, detail: string): void;
  /** Ends the connection for an error that is known. */
  end(error: HyperError, reason: number, detail: string): void;
  goAway(last: number, reason: number, debug: string): void;
  ping(payload: Uint8Array): void;
  /** Bytes of a stream are buffered: they count against the budget of the connection until they are consumed. */
  buffer(stream: Stream, bytes: number): void;
  /** Bytes that nobody will read, of a stream that is gone or of padding. */
  drop(bytes: number): void;
  private payConnection;
  /** The reader of a stream has consumed bytes: credit for the stream. */
  consume(stream: Stream, bytes: number): void;
  /** Bytes that a stream has received are done with: credit for it, in steps that cost few frames. */
  owe(stream: Stream, bytes: number): void;
  /** Gives a stream the credit that it is owed, little as it may be. */
  payStream(stream: Stream): void;
  /** Makes the connection's window larger. */
  growConnectionWindow(target: number): void;
  /** The peer has given us credit for the connection. */
  growSendWindow(increment: number): void;
}
/** One frame, or a part of a DATA frame. A reader has one and fills it again and again. */
declare class Frame {
  /** Octets of the whole payload, padding included: what flow control counts. */
  length: number;
  /** Of a DATA frame: octets of it that are no data, the pad length itself among them. */
  padding: number;
  kind: number;
  flags: number;
  stream: number;
  /** `bytes[start, end)`: the payload as it came; of DATA a part of the data, without padding. */
  bytes: Uint8Array;
  start: number;
  end: number;
  /** False from the second part of a DATA frame on. */
  isFirst: boolean;
  /** False for all but the last part of a DATA frame; END_STREAM counts from here. */
  isLast: boolean;
  has(flag: number): boolean;
}
declare class FrameReader {
  readonly frame: Frame;
  /** Our SETTINGS_MAX_FRAME_SIZE, once it is acknowledged. */
  maxFrameSize: number;
  private input;
  private at;
  private limit;
  private state;
  /** Octets of a head that have come. */
  private headAt;
  /** Octets that are still to come: of a payload, or of the data in it. */
  private rest;
  private padding;
  private buffer;
  private held;
  private fault;
  /** A part of this DATA frame is out already. */
  private isBegun;
  constructor(maxFrameSize?: number);
  /** Octets received and not read yet. */
  get pending(): number;
  /** True between frames: the connection may end here without cutting one. */
  get isBetweenFrames(): boolean;
  /** The next bytes, once `next` has said NEED_MORE. They must not change until it says so again. */
  receive(bytes: Uint8Array, start?: number, end?: number): void;
  /**
   * Passes over the client's preface (RFC 9113 §3.4), `seen` characters of which were there before.
   * @returns how much of it has come, or -1 where the bytes differ
   */
  skipPreface(preface: string, seen: number): number;
  /** Takes back what was received and not read yet. */
  takeRest(): Uint8Array;
  /**
   * Reads on.
   * @returns FRAME, NEED_MORE, or a fault: of a stream, `frame.stream`, whose frame is skipped by the next call; or of
   * the connection, which every further call repeats
   */
  next(): number;
  /** Nine octets, at once or as they come. */
  private readHead;
  private addHeadOctet;
  /** A head is complete: what its payload is to become. @returns 0 to read on, FRAME, or a fault */
  private enter;
  private readPadLength;
  /** A part of a DATA frame: what has come of the data; the last part only when the padding has come too. */
  private readBody;
  /** A payload that is handed on as a whole. */
  private readPayload;
  /** Grows with what has really come, not with what a head promises. */
  private hold;
  private show;
  /** Up to `count` octets. @returns how many */
  private consume;
  /** Lets go of the chunk. */
  private starve;
  private fail;
}
/** What a frame's events say; the machine has these fields. */
interface StreamEvents extends H2Core {
  stream: Stream | null;
  data: Uint8Array;
  error: HyperError | null;
  /** The stream whose END event follows a DATA event. */
  endPending: Stream | null;
  gaveData: boolean;
}
declare abstract class H2Machine extends H2Core implements StreamEvents {
  /** Of the last event. */
  stream: Stream | null;
  data: Uint8Array;
  trailers: HeaderMap | null;
  error: HyperError | null;
  hasBody: boolean;
  /** Its length in bytes, or null when that is not known. */
  bodyLength: number | null;
  endPending: Stream | null;
  gaveData: boolean;
  /** The linger time after a GOAWAY is over. */
  lingered: boolean;
  readonly state: {
    readonly reasons: readonly string[];
  };
  protected readonly reader: FrameReader;
  protected eof: boolean;
  /** A field block that is not complete (RFC 9113 §4.3): nothing else may come before its end. */
  private readonly block;
  private blockStream;
  private blockFlags;
  private blockFault;
  private continuations;
  constructor(settings: H2Settings, now: number);
  /** Sends our SETTINGS; the first thing to do. */
  protected begin(): void;
  receive(bytes: Uint8Array, now: number): void;
  private joined;
  receiveEnd(now: number): void;
  get isHolding(): boolean;
  get isEof(): boolean;
  releaseInput(): void;
  takeLeftover(): Uint8Array;
  touch(now: number): void;
  /** What happened next; the values are on the machine. */
  nextEvent(): number;
  private tellFailure;
  private tellEnd;
  /** Whether the connection has nothing more to do. */
  get isFinished(): boolean;
  /** The role's preface is complete (RFC 9113 §3.4). */
  protected abstract isReady(): boolean;
  /** A complete field block was decoded. @returns an event or NONE */
  protected abstract takeBlock(id: number, endStream: boolean, fault: number): number;
  /** The message on a stream is complete. */
  protected abstract noteEnd(stream: Stream): void;
  /** The peer has ended its half. */
  protected abstract ended(): void;
  private takeFrame;
  private takeSignal;
  /** A priority signal for a stream that may be there. */
  protected setPriority(stream: Stream | undefined, value: string): void;
  private takeFault;
  private faultOn;
  private takeHeaders;
  private takeContinuation;
  private decodeBlock;
  /** What the next field list on a stream may be. */
  protected limitsOf(_id: number): ListLimits;
  /** A block behind the head: trailers, and the end of the message (RFC 9113 §8.1). */
  protected takeTrailers(stream: Stream, endStream: boolean): number;
  /** A field list is over its limit. The reset counts as the peer's mistake where the limit was announced. */
  protected tooLarge(stream: Stream, code: "HEAD_TOO_LARGE" | "TRAILERS_TOO_LARGE", phase: "headers" | "body", reason: number): void;
  /** Writes what streams hold, as far as it may go. @returns true when there is more that could be written */
  writeStreams(): boolean;
  /** The transport holds bytes that the peer does not take (true), or has taken them all (false). */
  setSending(stalled: boolean, now: number): void;
  setLinger(now: number, ms: number): void;
  /**
   * Ends the connection once the streams that are open are done.
   * @param grace milliseconds for which a server without open streams waits until its client has heard of it, so that
   *   requests which are on their way are taken. Default 0.
   */
  shutdown(grace?: number): void;
  get nextDeadline(): number;
  handleDeadline(now: number): void;
  private timeOut;
  /** A stream has begun whose progress must be watched. */
  protected watch(): void;
  /** Looks at the clocks of all streams. */
  protected abstract watchStreams(): void;
  /** The transport is gone, or the driver gives the connection up. */
  close(): void;
}
/**
 * HTTP/2 for a server, without IO: requests in, responses out, many at once. It begins with SETTINGS in its output; see
 * the events for what comes after.
 */
declare class H2ServerMachine extends H2Machine {
  /** Of the last HEAD event. With `hasBody`, its body is what the host gave, or the empty one. */
  request: HttpRequest | null;
  /** Of extended CONNECT (RFC 8441): what it is for; null otherwise. */
  protocol: string | null;
  /** Requests begun. */
  requests: number;
  private prefaceAt;
  /** @throws HyperError `INVALID_OPTION` */
  constructor(options?: H2ServerOptions | H2Settings, now?: number);
  protected isReady(): boolean;
  protected takeBlock(id: number, endStream: boolean, fault: number): number;
  private open;
  private answerTooLarge;
  protected noteEnd(stream: Stream): void;
  protected ended(): void;
  /**
   * An interim response.
   * @returns false when it was not sent: the final response has begun, or the stream is gone
   * @throws HyperError `INVALID_STATUS`
   */
  sendInformational(stream: Stream, status: number, headers: HeaderMap): boolean;
  /**
   * The head of the final response. `length` is the body's in bytes, or negative when it is not known.
   * @returns true when a body is to follow (sendData, sendEnd); false when the message is complete
   * @throws HyperError `UNEXPECTED_HEADER`, `INVALID_STATUS`, `INVALID_STATE`; nothing is written then
   */
  sendHead(stream: Stream, status: number, headers: HeaderMap, length: number, tunnel: boolean): boolean;
  /** @returns false when the caller should wait until the stream has drained */
  sendData(stream: Stream, chunk: Uint8Array): boolean;
  /** A body that is there as a whole, and its end. Text has one byte per character. */
  sendWhole(stream: Stream, body: string | Uint8Array): void;
  /** @throws HyperError `BODY_WRITE_ABORTED`: the stream must be reset then */
  sendEnd(stream: Stream, trailers: HeaderMap | null): void;
  /** Gives a stream up; what it holds is dropped. @param reason an error code, CANCEL by default */
  reset(stream: Stream, reason?: number): void;
  protected override emptied(): void;
  protected watchStreams(): void;
  private isSlow;
  private runOut;
  private timeOutStream;
}
/** Who runs a stream: a server's exchange, a client's call. */
interface StreamOwner {
  takeData(chunk: Uint8Array): void;
  takeEnd(trailers: HeaderMap | null): void;
  /** The stream has taken what it held. */
  drained(): void;
  /** The reader of the body has begun, or has room again. */
  bodyWanted(): void;
  /** The reader of the body has given up. */
  dropIncoming(reason: unknown): void;
  /** The stream is gone, and not because its owner wanted that. */
  gone(error: HyperError): void;
}
declare abstract class H2Connection extends Connection implements H2Host {
  abstract override readonly machine: H2Machine;
  /** Requests that are not over. */
  protected live: number;
  /** The last words are written, or wait for the transport. */
  protected isEnding: boolean;
  protected failure: HyperError | null;
  private holdUpTo;
  /** Of the message whose head comes next. */
  private pendingIncoming;
  private pendingControl;
  /** Begins to read, and sends what stands at the beginning. */
  start(): void;
  get peer(): PeerInfo;
  get text(): TextCodec;
  now(): number;
  defer(task: () => void): void;
  onHookError(error: unknown): void;
  /**
   * Takes no new requests, finishes those that run, and ends the connection (GOAWAY, RFC 9113 §6.8). A server announces
   * that first, while it has requests, and takes those that are on their way.
   * @param grace milliseconds for which a server without requests waits for them, too. Default 0.
   */
  gracefulShutdown(grace?: number): void;
  /** Ends the connection at once, with a reset where the transport has one. */
  abort(reason?: HyperError): void;
  protected takeEvents(): void;
  /** A head, or what else the role has. */
  protected abstract takeRoleEvent(event: number): void;
  private owner;
  makeBody(_stream: Stream, length: number | null): Incoming;
  /** The body of the message whose head has come, joined to the owner of its stream; null when there is none. */
  protected takeBody(owner: StreamOwner): Incoming | null;
  abstract httpDate(now: number): string;
  override wrote(): void;
  /** Streams write in turns until the transport has enough. */
  protected override flush(): void;
  /** Streams may have ended with what was written. */
  protected flushed(): void;
  onDrain(): void;
  protected stalled(isStalled: boolean): void;
  /**
   * The transport takes nothing, and so much waits for it that no more is read: pings and settings of a peer that does not
   * read would pile up answers. Up to there it is read: two sides that send bodies to each other, and each read only what
   * they have written off, would wait for each other for ever.
   */
  protected get isBehind(): boolean;
  /** The transport has our last words. After a failure they are not waited for. */
  protected get isFlushed(): boolean;
  private failed;
  protected tearDown(error: HyperError | null, reset: boolean): void;
  /** Every stream is gone. */
  protected cancelAll(error: HyperError): void;
}
/** What the exchange needs of its connection. */
interface H2ExchangeHost extends ExchangeHost {
  readonly machine: H2ServerMachine;
  readonly text: TextCodec;
  /** Output was added: it is written at the end of the turn. */
  wrote(): void;
  now(): number;
  defer(task: () => void): void;
  ended(exchange: H2Exchange, error: HyperError | null): void;
  responding(exchange: H2Exchange, response: HttpResponse): void;
}
declare class H2Exchange extends ServerExchange implements BodyTarget, StreamOwner {
  readonly stream: Stream;
  private readonly connection;
  private readonly machine;
  /** The body of the request, while it comes. */
  incoming: Incoming | null;
  private writer;
  private tunnel;
  /** Text or bytes of an answer that is there as a whole, until its end is known. */
  private whole;
  /** Received bytes that the body holds for its reader. */
  private owed;
  constructor(connection: H2ExchangeHost, request: HttpRequest, stream: Stream);
  respond(response: HttpResponse): void;
  private begin;
  private beginTunnel;
  private stopTunnel;
  get settings(): {
    readonly text: TextCodec;
  };
  /** What a service has thrown becomes a 500, or the reset of a stream whose head is out. */
  failed(error: unknown): void;
  sendHead(response: HttpResponse, length: number): boolean;
  sendText(text: string): void;
  sendData(chunk: Uint8Array): void;
  sendEnd(trailers: HeaderMap | null): void;
  writeData(chunk: Uint8Array): boolean;
  writeEnd(trailers: HeaderMap | null): void;
  bodyFailed(error: HyperError): void;
  encodeUtf8(text: string): Uint8Array;
  /** The stream has taken what it held. */
  drained(): void;
  private answered;
  /** The service has refused the request (RFC 9113 §8.7). */
  refused(): void;
  /** The client sees that there will be no answer, or no more of it (RFC 9113 §8.1). */
  giveUp(error: HyperError): void;
  takeData(chunk: Uint8Array): void;
  takeEnd(trailers: HeaderMap | null): void;
  /** The body's reader has begun, or has room again. */
  bodyWanted(): void;
  /** Nobody reads the rest: it is dropped as it comes, and once the answer is complete the client is told to stop. */
  dropIncoming(): void;
  /** The stream is gone. */
  gone(cause: HyperError): void;
}
/** What an extended CONNECT request is for (RFC 8441 §4), for example `'websocket'`: in the exchange's extensions. */
declare const protocolKey: ExtensionKey<string>;
/** One HTTP/2 connection that is served: made by `serveConnection`. */
declare class H2ServerConnection extends H2Connection implements H2ExchangeHost {
  readonly machine: H2ServerMachine;
  private readonly service;
  /** The last words are with the transport: the client is given time to read them. */
  private isLingering;
  private lingerBytes;
  constructor(io: Io, service: Service, runtime: Runtime, tracer: Tracer | null, settings: H2Settings);
  /** True while no stream is open. */
  get isIdle(): boolean;
  protected takeRoleEvent(): void;
  private await;
  httpDate(now: number): string;
  sendInformational(exchange: ServerExchange, status: number, headers: HeaderMap): boolean;
  offersUpgrade(exchange: ServerExchange): boolean;
  behind(): Uint8Array;
  refuse(exchange: ServerExchange): void;
  answer(exchange: ServerExchange, response: HttpResponse): void;
  abandon(exchange: ServerExchange, reason: HyperError): void;
  responding(exchange: H2Exchange, response: HttpResponse): void;
  ended(exchange: H2Exchange, error: HyperError | null): void;
  protected settle(): void;
  private linger;
  private letGo;
  override onData(chunk: Uint8Array): boolean;
  override onEnd(): void;
  onWriteError(error: Error): void;
  onClose(error: Error | null): void;
}
/** What {@link serveConnection} needs besides the connection and the service. */
interface H2ServeOptions extends H2ServerOptions {
  /** Clock, timer, deferral, text, and where background errors go. */
  readonly runtime: Runtime;
  /** Hooks for observers. Default: none. */
  readonly tracer?: Tracer | undefined;
}
/**
 * Serves HTTP/2 (RFC 9113) on a byte stream, until it ends: cleartext with prior knowledge, or what TLS has agreed on as
 * `h2`. The service is called for each request as soon as its head is there, many at once. The same `options` object
 * should be given for every connection: what is made of it is kept.
 * @throws HyperError `INVALID_OPTION`
 */
declare function serveConnection(io: Io, service: Service, options: H2ServeOptions): H2ServerConnection;
/** What a request's pseudo-header fields say (RFC 9113 §8.3.1). */
interface RequestLine {
  readonly method: string;
  /** `http` or `https`; null for a plain CONNECT (RFC 9113 §8.5). */
  readonly scheme: string | null;
  /** Host and port; null when the request has none. */
  readonly authority: string | null;
  /** Path and query; null for a plain CONNECT. */
  readonly path: string | null;
  /** Of extended CONNECT (RFC 8441 §4), or null. */
  readonly protocol: string | null;
}
/**
 * HTTP/2 for a client, without IO: requests out, responses in, many at once. It begins with the preface and SETTINGS in
 * its output, and may open streams before the server has said anything (RFC 9113 §3.4).
 */
declare class H2ClientMachine extends H2Machine {
  /** Of the last HEAD event. With `hasBody`, its body is what the host gave, or the empty one. */
  response: HttpResponse | null;
  /** Of the last INFORMATIONAL event. */
  status: number;
  headers: HeaderMap | null;
  /** Requests begun. */
  requests: number;
  /** A stream is gone since the caller has looked. */
  hasFreed: boolean;
  /** Some request has had a limit of its own. */
  private hasHeadLimits;
  /** @throws HyperError `INVALID_OPTION` */
  constructor(options?: H2ClientOptions | H2Settings, now?: number);
  /** How many streams may be opened now. */
  get capacity(): number;
  /** True when no stream will ever be opened again. */
  get isUsedUp(): boolean;
  /**
   * Opens a stream with the head of a request. `length` is the body's in bytes, or negative when it is not known.
   * @throws HyperError `INVALID_STATE` when there is no capacity, `INVALID_TARGET`, `UNEXPECTED_HEADER`; nothing is written then
   */
  open(line: RequestLine, headers: HeaderMap, length: number, tunnel: boolean): Stream;
  private encodeHead;
  /** @returns false when the caller should wait until the stream has drained */
  sendData(stream: Stream, chunk: Uint8Array): boolean;
  /** A body that is there as a whole, and its end. Text has one byte per character. */
  sendWhole(stream: Stream, body: string | Uint8Array): void;
  /** @throws HyperError `BODY_WRITE_ABORTED`: the stream must be reset then */
  sendEnd(stream: Stream, trailers: HeaderMap | null): void;
  /** Gives a stream up; what it holds is dropped. @param reason an error code, CANCEL by default */
  reset(stream: Stream, reason?: number): void;
  /** The response head of one stream may be so large, as RFC 9113 §6.5.2 counts, instead of `maxHeaderListSize`. */
  limitHead(stream: Stream, maxListSize: number): void;
  override release(stream: Stream): void;
  protected override emptied(): void;
  protected isReady(): boolean;
  protected takeBlock(id: number, endStream: boolean, fault: number): number;
  protected override limitsOf(id: number): ListLimits;
  private isTooLarge;
  private headTooLarge;
  private blockForNobody;
  private takeInterim;
  private takeResponse;
  protected noteEnd(stream: Stream): void;
  override get isFinished(): boolean;
  protected ended(): void;
  protected watchStreams(): void;
  private hasSent;
  private timeOutStream;
}
/** What may be said of one request over HTTP/2. */
interface H2SendOptions extends SendOptions {
  /** Overrides `http` or `https`, which come from the connection or from an absolute target. */
  readonly scheme?: string | undefined;
  /**
   * Makes a CONNECT an extended one (RFC 8441), for example `'websocket'`. The server must have offered it in its SETTINGS;
   * before these have arrived, the request waits for them.
   */
  readonly protocol?: string | undefined;
}
/** What a call needs of its connection. */
interface H2CallHost {
  readonly machine: H2ClientMachine;
  readonly text: TextCodec;
  readonly peer: PeerInfo;
  /** Output was added: it is written at the end of the turn. */
  wrote(): void;
  now(): number;
  defer(task: () => void): void;
  ended(call: H2Call, error: HyperError | null): void;
  onHookError(error: unknown): void;
}
declare class H2Call extends Call implements BodyTarget, StreamOwner {
  stream: Stream | null;
  /** Where the request begins in all that is written on its connection. */
  position: number;
  private readonly connection;
  private readonly machine;
  /** What a tunnel is for (RFC 8441 §4), or null. */
  readonly protocol: string | null;
  private readonly scheme;
  private readonly sendOptions;
  private incoming;
  private writer;
  private tunnel;
  /** Text or bytes of a request that is there as a whole, until its end is known. */
  private whole;
  /** Received bytes that the body holds for its reader. */
  private owed;
  private isOver;
  /** Writing has failed. */
  private isMute;
  /** The body of the request will not be sent: the server has answered without it. */
  private isWithheld;
  constructor(connection: H2CallHost, request: HttpRequest, options: H2SendOptions | null);
  /**
   * Opens the stream.
   * @returns the body that is still to be sent, or null
   * @throws HyperError what the head's encoding throws; nothing was written then
   */
  open(): Body$1 | null;
  pushBody(rest: Body$1): void;
  get settings(): {
    readonly text: TextCodec;
  };
  sendHead(length: number, trailers: boolean): boolean;
  sendText(text: string): void;
  sendData(chunk: Uint8Array): void;
  sendEnd(trailers: HeaderMap | null): void;
  writeData(chunk: Uint8Array): boolean;
  writeEnd(trailers: HeaderMap | null): void;
  bodyFailed(error: HyperError): void;
  encodeUtf8(text: string): Uint8Array;
  /** The stream has taken what it held. */
  drained(): void;
  /** The head is here. @param incoming its body, null when there is none */
  takeResponse(response: HttpResponse, incoming: Incoming | null): void;
  private beginTunnel;
  private stopTunnel;
  private endTunnel;
  takeInformational(status: number, headers: HeaderMap): void;
  takeData(chunk: Uint8Array): void;
  takeEnd(trailers: HeaderMap | null): void;
  /** The body's reader has begun, or has room again. */
  bodyWanted(): void;
  /** The response's reader has given up: so does the request. */
  dropIncoming(cause: unknown): void;
  private finishWhenDone;
  private finish;
  /** Nothing can be written any more. The answer may still come, and be whole. */
  stopWriting(error: HyperError): void;
  /** It will not be sent. */
  refuse(error: HyperError): void;
  /** The caller, or its body, gives the exchange up. */
  private giveUp;
  override get phase(): ErrorPhase | null;
  /** The stream is gone. */
  gone(cause: HyperError): void;
}
/** One HTTP/2 connection to a server: made by `handshake`. Requests are sent by its `SendRequest`. */
declare class H2ClientConnection extends H2Connection implements H2CallHost {
  /** What it runs; shared with its calls. */
  readonly machine: H2ClientMachine;
  /** Called whenever the number of streams that may be opened has changed; for pools. */
  onReady: (() => void) | null;
  /** Those that wait for the server's SETTINGS. */
  private early;
  private readonly waiters;
  /** Places that were promised to who asked, until the end of the turn or until they are used. */
  private promised;
  private isLapsing;
  constructor(io: Io, runtime: Runtime, tracer: Tracer | null, settings: H2Settings);
  /** How many requests may be sent now. */
  get capacity(): number;
  /** Requests under way, those included that wait for the server's SETTINGS. */
  get active(): number;
  /** True when no further request will ever be sent here. */
  get isUsedUp(): boolean;
  /** Resolves when a request may be sent. Rejects with `CLOSED` when none ever will. */
  ready(): Promise<void>;
  private wake;
  private promise;
  send(request: HttpRequest, options: H2SendOptions | null): Promise<HttpResponse>;
  private isEarly;
  private begin;
  /** @throws what the request cannot be sent for */
  private open;
  private began;
  private openEarly;
  private refuseEarly;
  ended(call: H2Call, error: HyperError | null): void;
  /** Takes no new requests, finishes those that run, and ends the connection (GOAWAY, RFC 9113 §6.8). */
  override gracefulShutdown(): void;
  protected takeRoleEvent(event: number): void;
  private respond;
  private interim;
  httpDate(): string;
  protected override flushed(): void;
  protected settle(): void;
  onWriteError(error: Error, lost?: number): void;
  onClose(error: Error | null): void;
  protected override finish(error: HyperError | null): void;
}
/** What {@link handshake} needs besides the connection. */
interface H2HandshakeOptions extends H2ClientOptions {
  /** Clock, timer, deferral, text, and where background errors go. */
  readonly runtime: Runtime;
  /** Hooks for observers. Default: none. */
  readonly tracer?: Tracer | undefined;
}
/** The sending side of an HTTP/2 client connection. Any number of requests may run at once, up to `capacity`. */
declare class H2SendRequest {
  private readonly connection;
  constructor(connection: H2ClientConnection);
  /** How many requests may be sent now: what the server allows (RFC 9113 §5.1.2), less what runs; 0 once it is closed. */
  get capacity(): number;
  /** True when `send` may be called now. */
  get isReady(): boolean;
  /** True when no request can be sent any more. */
  get isClosed(): boolean;
  /** Called whenever `capacity` may have changed; for pools. */
  set onReady(fn: (() => void) | null);
  /**
   * Resolves when `send` may be called: for one caller per free place, in the order in which they asked. The place is kept
   * until the end of the turn; who has not sent by then leaves it to the next one. `send` itself does not ask whose turn it
   * is. Rejects with `CLOSED` when no request will ever be sent here.
   */
  ready(): Promise<void>;
  /**
   * Sends a request: scheme and authority come from an absolute target, else from the connection and the `host` field
   * (RFC 9113 §8.3.1). Resolves with the head of the response; its body comes after.
   * Rejects with a HyperError: `NOT_READY`, `CLOSED` (both `retryable`: nothing was sent), `CANCELED`, `STREAM_RESET`
   * (`retryable` for REFUSED_STREAM; `reason` says why), `GOAWAY` (`retryable`), `HEADERS_TIMEOUT`, `SEND_TIMEOUT`,
   * `HEAD_TOO_LARGE`, `NO_UPGRADE` for `protocol` when the server does not offer extended CONNECT (`retryable`: nothing was
   * sent), what the head's encoding throws, or what became of the connection: `H2_CONNECTION`, `SETTINGS_TIMEOUT`,
   * `PING_TIMEOUT`, `INCOMPLETE_MESSAGE`, `IO`.
   * What is `retryable` can be sent again, elsewhere, while `request.body.used` is false: so it is with text and bytes, and
   * with any body where nothing was sent.
   */
  send(request: HttpRequest, options?: H2SendOptions): Promise<HttpResponse>;
}
/** Both ends of what a {@link handshake} gives. */
interface H2Handshake {
  readonly sender: H2SendRequest;
  readonly connection: H2ClientConnection;
}
/**
 * Makes an HTTP/2 client of a byte stream, with prior knowledge or after ALPN. The same `options` object should be given
 * for every connection: what is made of it is kept.
 * @throws HyperError `INVALID_OPTION`
 */
declare function handshake(io: Io, options: H2HandshakeOptions): H2Handshake;
/** Nothing to report before more bytes come. */
declare const NEED_DATA = 0;
/** A head on `stream`: `request` or `response`. A body follows when `hasBody`. */
declare const HEAD_EVENT = 1;
/** `data` on `stream`: bytes of the body, a view of what was received. */
declare const DATA_EVENT = 2;
/** The message on `stream` is complete; `trailers` or null. */
declare const END_EVENT = 3;
/** An interim response on `stream`: `status`, `headers`. Client only. */
declare const INFORMATIONAL_EVENT = 4;
/** `stream` is gone: `error`. */
declare const RESET_EVENT = 5;
/** The connection has failed: `error`. Comes once; CLOSED follows. */
declare const FAILED = 6;
/** The peer takes no new streams, or has changed how many it takes. Client only. */
declare const CAPACITY_EVENT = 7;
/** Nothing more will be read. */
declare const CLOSED_EVENT = 8;
/** No event: read on. */
declare const NONE = -1;
declare namespace index_d_exports {
  export { CAPACITY_EVENT, CLOSED_EVENT, H2ClientConnection as ClientConnection, H2ClientMachine as ClientMachine, ConnectionEnd, DATA_EVENT, END_EVENT, FAILED, H2ClientOptions, H2Options, H2ServerOptions, HEAD_EVENT, H2Handshake as Handshake, H2HandshakeOptions as HandshakeOptions, INFORMATIONAL_EVENT, H2Host as MachineHost, NEED_DATA, NONE, RESET_EVENT, RequestLine, H2SendOptions as SendOptions, H2SendRequest as SendRequest, H2ServeOptions as ServeOptions, H2ServerConnection as ServerConnection, H2ServerMachine as ServerMachine, Stream, handshake, protocolKey, serveConnection, upgraded };
}
/**
 * Checks a field name and folds it to lower case.
 * @throws HyperError `INVALID_HEADER_NAME` when it is empty, not a token, or longer than 65,535 characters.
 */
declare function headerName(text: string): string;
/** Whether `text` is a token: one or more of the characters of RFC 9110 §5.6.2. */
declare function isToken(text: string): boolean;
/** Field names that are interned: a map holds this very string object for them. */
declare const WELL_KNOWN: readonly string[];
/**
 * Checks a field value and trims SP and TAB at both ends. Allowed are TAB, U+0020 to U+007E and U+0080 to U+00FF
 * (one byte each on the wire).
 * @throws HyperError `INVALID_HEADER_VALUE` for anything else.
 */
declare function headerValue(text: string, name?: string): string;
/**
 * A value as a log may show it: in quotes, with `"` and `\` escaped, and everything but visible ASCII and SP as `\xNN`.
 */
declare function describeValue(value: string): string;
/** The methods of RFC 9110 §9.3, and PATCH (RFC 5789). */
declare const METHODS: readonly string[];
/** Whether `text` can be a method: a token, extension methods included. */
declare function isMethod(text: string): boolean;
/** Asks for no change on the server (RFC 9110 §9.2.1): GET, HEAD, OPTIONS, TRACE. */
declare function isSafe(method: string): boolean;
/** Doing it twice has the effect of doing it once (RFC 9110 §9.2.2): the safe ones, PUT and DELETE. */
declare function isIdempotent(method: string): boolean;
/** The registered phrase of a status, `''` when there is none. */
declare function reasonPhrase(status: number): string;
/** An integer from 100 to 999, the range that three digits can carry (RFC 9110 §15 defines 100 to 599). */
declare function isStatus(status: number): boolean;
/** 1xx: an interim response. */
declare function isInformational(status: number): boolean;
/** 2xx. */
declare function isSuccess(status: number): boolean;
/** 3xx. */
declare function isRedirection(status: number): boolean;
/** 4xx. */
declare function isClientError(status: number): boolean;
/** 5xx. */
declare function isServerError(status: number): boolean;
/** The status that exactly three digits spell, 0 when they spell none: another length, a sign, a leading zero. */
declare function parseStatus(text: string | Uint8Array): number;
/** Whether `text` is `uri-host [ ":" port ]` with a host that is not empty: what a Host field may say (RFC 9110 §7.2). */
declare function isHostValid(text: string): boolean;
/** A request target in its parts. */
type Target = Uri;
/** Reads a request target; null when it is malformed or has a form that the method does not allow. */
declare function parseTarget(text: string, method: string): Target | null;
/**
 * Puts layers around a service, once, at construction: a request then costs one call per layer and nothing else. The
 * first layer is the outermost.
 * @throws HyperError `INVALID_OPTION` for a layer that gives no function.
 */
declare function stack(layers: readonly Layer[], service: Service): Service;
/** What stands around a service; `inner` is the rest of the stack. */
type Around = (request: HttpRequest, exchange: Exchange, inner: Service) => HttpResponse | Promise<HttpResponse>;
/** A layer from a function that does something before and after, or instead. */
declare function layer(around: Around): Layer;
/** A layer that changes requests, or replaces them. It answers as synchronously as the service and `change` do. */
declare function mapRequest(change: (request: HttpRequest, exchange: Exchange) => HttpRequest | Promise<HttpRequest>): Layer;
/** A layer that changes responses, or replaces them. It answers as synchronously as the service and `change` do. */
declare function mapResponse(change: (response: HttpResponse, request: HttpRequest) => HttpResponse | Promise<HttpResponse>): Layer;
/** What a handler may answer with: a response, or what the body of a 200 is made of; null is an empty one. */
type Answer = HttpResponse | BodyInit | null;
/**
 * A service from a handler that may answer with a mere body. A handler that answers at once stays synchronous.
 * A rejected or thrown answer is the service's.
 */
declare function serviceFn(handler: (request: HttpRequest, exchange: Exchange) => Answer | Promise<Answer>): Service;
export { AbortSignalLike, Alarm, AlarmTarget, Answer, AppendOptions, Around, Authority, Body, BodyInit, BodyMapping, BodySender, BodySink, BodySource, CAPACITY_EVENT, CLOSED_EVENT, CLOSED_EVENT$1, Channel, ChannelBody, ChannelOptions, ClientConnection, ClientMachine, Clock, CloseReason, CollectOptions, Collected, ConnectionEnd, DATA_EVENT, DATA_EVENT$1, DataFrame, EMPTY_BODY, END_EVENT, END_EVENT$1, ERROR_CODES, EmptyBody, ErrorBy, ErrorCode, ErrorPhase, EventKind, Exchange, Executor, ExtensionKey, Extensions, FAILED, FAILED$1, FULL, FlowBody, Frame$1 as Frame, FullBody, H1ClientOptions, H1Options, H1ServerOptions, H2ClientConnection, H2ClientMachine, H2ClientOptions, H2Handshake, H2HandshakeOptions, H2Host, H2Options, H2SendOptions, H2SendRequest, H2ServeOptions, H2ServerConnection, H2ServerMachine, H2ServerOptions, HEAD_EVENT, HEAD_EVENT$1, Handshake, HandshakeOptions, HeaderMap, HeadersInit, HttpRequest, HttpRequestChanges, HttpRequestInit, HttpResponse, HttpResponseChanges, HttpResponseInit, HttpVersion, HyperError, HyperErrorChanges, HyperErrorInit, INFORMATIONAL_EVENT, INFORMATIONAL_EVENT$1, Incoming, IncomingControl, Io, IoParts, IoSink, IterableBody, Layer, METHODS, Machine, MachineHost, NEED_DATA, NEED_DATA$1, NONE, PAUSED, PeerInfo, PullOptions, QUEUED, RESET_EVENT, RequestLine, Runtime, SWITCHED_EVENT, SendOptions, SendRequest, ServeOptions, ServerConnection, ServerMachine, Service, SizeHint, Stream, StreamFramesBody, TAKEN, Target, TextCodec, ThroughBody, Timer, Tracer, TrailersFrame, TrailersInit, UNKNOWN_LENGTH, Uri, UriForm, UriParts, WELL_KNOWN, WriteResult, bodyFrom, channel, compareVersions, describeValue, extensionKey, fuse, handshake, handshake$1, headerName, headerValue, index_d_exports, index_d_exports$1, isClientError, isHostValid, isIdempotent, isInformational, isMethod, isRedirection, isSafe, isServerError, isStatus, isSuccess, isToken, layer, limitBody, mapBody, mapRequest, mapResponse, parseStatus, parseTarget, parseUri, plainText, protocolKey, reasonPhrase, repeat, serveConnection, serveConnection$1, serviceFn, stack, upgraded, userError, withTrailers };
