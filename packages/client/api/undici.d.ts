import { Client, ClientOptions } from "./client-types.js";
import { ErrorCode, HyperError } from "@hyper/core/error";
import { EventEmitter } from "node:events";
import { Duplex, Readable } from "node:stream";
/**
 * Whose codes errors have. `'undici'`: `UND_ERR_HEADERS_TIMEOUT`, `ECONNREFUSED`, …, which programs and interceptors that
 * are made for undici compare with; `'hyper'`: those of {@link HyperError}.
 */
type DispatchCodes = "undici" | "hyper";
/** A failure with a code of undici or of the system. It is a {@link HyperError} otherwise; its `cause` is that error. */
interface DispatchError extends Omit<HyperError, "code" | "cause"> {
  /** For example `'UND_ERR_SOCKET'` or `'ECONNREFUSED'`; the one of hyper where undici has none. */
  readonly code: string;
  /** The same failure with the code of hyper. */
  readonly cause: HyperError;
}
/**
 * The {@link HyperError} behind whatever a fetch, or a call of undici, has failed with: that of hyper's own code. Null
 * where there is none.
 */
declare function hyperErrorOf(error: unknown): HyperError | null;
/** The fields of a request: names and values in turn, pairs, or an object. A list makes several lines; undefined, none. */
type DispatchHeaders = readonly (string | readonly string[])[] | Iterable<readonly [string, DispatchValue]> | Readonly<Record<string, DispatchValue>>;
/** The value of a field; null is the empty one. */
type DispatchValue = string | number | boolean | readonly string[] | null | undefined;
/** A form of anybody's, told by its tag: the compiler takes the one of undici and that of a browser for different things. */
interface DispatchForm {
  append(name: string, value: never): void;
  has(name: string): boolean;
  getAll(name: string): unknown[];
}
/** What a request body may be. Text is sent as UTF-8. */
type DispatchBody = string | ArrayBuffer | ArrayBufferView | Readable | Blob | DispatchForm | AsyncIterable<Uint8Array | string> | Iterable<Uint8Array | string>;
/** One request, as undici hands it to a dispatcher. */
interface DispatchOptions {
  /** The origin to ask: `https://example.org`. */
  readonly origin?: string | URL | undefined;
  /** Path and query, sent as they are; of a CONNECT the host and port to connect to; or an absolute URL, for a proxy. */
  readonly path: string;
  readonly method: string;
  readonly body?: DispatchBody | null | undefined;
  readonly headers?: DispatchHeaders | null | undefined;
  /** Added to a path that has no query. */
  readonly query?: Readonly<Record<string, unknown>> | null | undefined;
  /** Whether doing it twice is the same as doing it once. Default: what the method says (RFC 9110 §9.2.2). */
  readonly idempotent?: boolean | null | undefined;
  /** Asks for another protocol by that name, for example `'websocket'`. */
  readonly upgrade?: string | boolean | null | undefined;
  /** Milliseconds until the response head; 0 is no limit. Default: `timeouts.headers` of the client, which is off. */
  readonly headersTimeout?: number | null | undefined;
  /** Milliseconds of silence inside the response body; 0 is no limit. Default: `timeouts.idle` of the client, which is off. */
  readonly bodyTimeout?: number | null | undefined;
  /** Closes the connection after the response. */
  readonly reset?: boolean | null | undefined;
  /** The body waits until the server asks for it. */
  readonly expectContinue?: boolean | null | undefined;
  /** Redirects are followed above a dispatcher: anything but 0 is refused. */
  readonly maxRedirections?: number | null | undefined;
}
/** What a handler may do with its request while it is under way. */
interface DispatchController {
  /** True once it was given up. */
  readonly aborted: boolean;
  /** Why it was given up; null while it was not. */
  readonly reason: Error | null;
  /** True while no data is wanted. */
  readonly paused: boolean;
  /** The fields of the response as they came: names and values in turn; null before. */
  rawHeaders: Buffer[] | null;
  /** The trailers, likewise. */
  rawTrailers: Buffer[] | null;
  /** Gives the request up: the handler hears of it as of an error, before this returns. */
  abort(reason?: Error): void;
  /** No data until {@link resume}. */
  pause(): void;
  resume(): void;
}
/** Fields of a response, by their names in lower case; a list where a name has several lines. */
type DispatchFields = Record<string, string | string[]>;
/** Who hears of a request: the methods of one generation. Handlers that have `onRequestStart` are of the later one. */
interface DispatchHandler {
  onRequestStart?(controller: DispatchController, context: unknown): void;
  /** Comes once for each 1xx response, and then for the final one. */
  onResponseStart?(controller: DispatchController, statusCode: number, headers: DispatchFields, statusMessage?: string): void;
  onResponseData?(controller: DispatchController, chunk: Buffer): void;
  onResponseEnd?(controller: DispatchController, trailers: DispatchFields): void;
  onResponseError?(controller: DispatchController, error: Error): void;
  onRequestUpgrade?(controller: DispatchController, statusCode: number, headers: DispatchFields, socket: Duplex): void;
  onConnect?(abort: (reason?: Error) => void, context?: unknown): void;
  /** As `onResponseStart`; false holds the data back until `resume` is called. */
  onHeaders?(statusCode: number, rawHeaders: Buffer[], resume: () => void, statusText: string): boolean | void;
  /** False holds further data back. */
  onData?(chunk: Buffer): boolean | void;
  /** Gets bytes, as the headers are: undici says otherwise in its types. */
  onComplete?(trailers: Buffer[] | string[] | null): void;
  onError?(error: Error): void;
  onUpgrade?(statusCode: number, rawHeaders: Buffer[], socket: Duplex): void;
  /** The response begins. */
  onResponseStarted?(): void;
  /** A part of the request body was handed to the connection: gets the bytes. The versions of undici declare it differently. */
  onBodySent?(...chunk: never[]): void;
  /** All of the request body was. */
  onRequestSent?(): void;
}
/** Sends a request. As a method, so that it goes with the types of every undici. */
type DispatchFunction = {
  dispatch(options: DispatchOptions, handler: DispatchHandler): boolean;
}["dispatch"];
/** What stands between undici and a dispatcher, for example one of `undici.interceptors`. */
type DispatchInterceptor = {
  intercept(dispatch: DispatchFunction): DispatchFunction;
}["intercept"];
/** How a dispatcher is made. */
interface DispatcherOptions {
  /** Whose codes errors have. Default `'undici'`. */
  readonly codes?: DispatchCodes | undefined;
}
/** Called when something is done; without one, a promise tells. */
type DispatcherCallback = (error: Error | null, data: null) => void;
/** What undici takes as a `Dispatcher`. It is always ready for more: `'drain'` is never needed, and never emitted. */
declare abstract class HyperDispatcher extends EventEmitter {
  /**
   * True lets a fetch hand over its body as it was given, text or bytes, in place of a generator that can be read once:
   * only what was given can be sent again.
   */
  abstract readonly isMockActive: boolean;
  /** True once {@link close} or {@link destroy} was called. */
  abstract readonly closed: boolean;
  /** True once {@link destroy} was called. */
  abstract readonly destroyed: boolean;
  /**
   * Sends a request. What goes wrong, the handler hears.
   * @returns false when the request was refused at once
   * @throws HyperError `INVALID_OPTION` when the handler is none, so that it can hear of nothing
   */
  abstract dispatch(options: DispatchOptions, handler: DispatchHandler): boolean;
  /** Refuses further requests, and is done when those under way are complete. The client is closed if it was made here. */
  abstract close(): Promise<void>;
  abstract close(callback: DispatcherCallback): void;
  /** Refuses further requests, and ends those under way. The client is ended if it was made here. */
  abstract destroy(error?: Error | null): Promise<void>;
  abstract destroy(callback: DispatcherCallback): void;
  abstract destroy(error: Error | null, callback: DispatcherCallback): void;
  /** A dispatcher whose requests go through interceptors first, those of undici for example; the last one is outermost. */
  compose(...interceptors: (DispatchInterceptor | readonly DispatchInterceptor[])[]): HyperDispatcher;
  /** Not of a dispatcher by itself. @throws HyperError `INVALID_OPTION`, which says what to call */
  request(..._arguments: unknown[]): never;
  /** As {@link request}. */
  stream(..._arguments: unknown[]): never;
  /** As {@link request}. */
  pipeline(..._arguments: unknown[]): never;
  /** As {@link request}. */
  connect(..._arguments: unknown[]): never;
  /** As {@link request}. */
  upgrade(..._arguments: unknown[]): never;
  override listeners(name: string | symbol): ((...values: unknown[]) => void)[];
  override rawListeners(name: string | symbol): ((...values: unknown[]) => void)[];
}
/**
 * Makes a dispatcher of a client, for `setGlobalDispatcher` and for the `dispatcher` option of undici and of fetch, of any
 * version. Requests go to the client's transport: its connections, `timeouts`, `proxy`, TLS options and hooks count, its
 * layers and headers do not. A client that is given stays open when the dispatcher is closed.
 * @param client default: one of its own; options make it another one of its own.
 * @throws HyperError `INVALID_OPTION`
 */
declare function toDispatcher(client?: Client | ClientOptions, options?: DispatcherOptions): HyperDispatcher;
/** What is installed, and for how long. */
interface InstallOptions extends DispatcherOptions {
  /** Who sends the requests. Default: a client of its own; options make it another one of its own. */
  readonly client?: Client | ClientOptions | undefined;
}
/** What {@link install} has done. */
interface Installation {
  readonly dispatcher: HyperDispatcher;
  /**
   * Puts back what was there before, where nobody has put something else there meanwhile. Requests under way go on. An
   * undici 8 that was loaded meanwhile on Node 22, where nothing was there for it, and has sent requests, keeps this
   * dispatcher: it has no other.
   */
  uninstall(): void;
  /** As {@link uninstall}: `using installation = install()`. */
  [Symbol.dispose](): void;
}
/**
 * Makes this engine the global dispatcher: Node's `fetch`, `WebSocket` and `EventSource` run on it from now on, and so does
 * every copy of undici in this process that is not told otherwise.
 * @throws HyperError `INVALID_OPTION`
 */
declare function install(given?: InstallOptions): Installation;
export { type DispatchBody, type DispatchCodes, type DispatchController, type DispatchError, type DispatchFields, type DispatchForm, type DispatchFunction, type DispatchHandler, type DispatchHeaders, type DispatchInterceptor, type DispatchOptions, type DispatchValue, type DispatcherCallback, type DispatcherOptions, HyperDispatcher, type InstallOptions, type Installation, hyperErrorOf, install, toDispatcher };
