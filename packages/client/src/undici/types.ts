import type { Duplex, Readable } from 'node:stream'

// What undici and a dispatcher say to each other, in both generations: that of undici 6 and 7 and of the fetch in Node 22
// and 24, and that of undici 8 and of the fetch in Node 26. Types only.

/** The fields of a request: names and values in turn, pairs, or an object. A list makes several lines; undefined, none. */
export type DispatchHeaders =
  | readonly (string | readonly string[])[]
  | Iterable<readonly [string, DispatchValue]>
  | Readonly<Record<string, DispatchValue>>

/** The value of a field; null is the empty one. */
export type DispatchValue = string | number | boolean | readonly string[] | null | undefined

/** A form of anybody's, told by its tag: the compiler takes the one of undici and that of a browser for different things. */
export interface DispatchForm {
  append(name: string, value: never): void
  has(name: string): boolean
  getAll(name: string): unknown[]
}

/** What a request body may be. Text is sent as UTF-8. */
export type DispatchBody =
  | string
  | ArrayBuffer
  | ArrayBufferView
  | Readable
  | Blob
  | DispatchForm
  | AsyncIterable<Uint8Array | string>
  | Iterable<Uint8Array | string>

/** One request, as undici hands it to a dispatcher. */
export interface DispatchOptions {
  /** The origin to ask: `https://example.org`. */
  readonly origin?: string | URL | undefined
  /** Path and query, sent as they are; of a CONNECT the host and port to connect to; or an absolute URL, for a proxy. */
  readonly path: string
  readonly method: string
  readonly body?: DispatchBody | null | undefined
  readonly headers?: DispatchHeaders | null | undefined
  /** Added to a path that has no query. */
  readonly query?: Readonly<Record<string, unknown>> | null | undefined
  /** Whether doing it twice is the same as doing it once. Default: what the method says (RFC 9110 §9.2.2). */
  readonly idempotent?: boolean | null | undefined
  /** Asks for another protocol by that name, for example `'websocket'`. */
  readonly upgrade?: string | boolean | null | undefined
  /** Milliseconds until the response head; 0 is no limit. Default: `timeouts.headers` of the client, which is off. */
  readonly headersTimeout?: number | null | undefined
  /** Milliseconds of silence inside the response body; 0 is no limit. Default: `timeouts.idle` of the client, which is off. */
  readonly bodyTimeout?: number | null | undefined
  /** Closes the connection after the response. */
  readonly reset?: boolean | null | undefined
  /** The body waits until the server asks for it. */
  readonly expectContinue?: boolean | null | undefined
  /** Redirects are followed above a dispatcher: anything but 0 is refused. */
  readonly maxRedirections?: number | null | undefined
}

/** What a handler may do with its request while it is under way. */
export interface DispatchController {
  /** True once it was given up. */
  readonly aborted: boolean
  /** Why it was given up; null while it was not. */
  readonly reason: Error | null
  /** True while no data is wanted. */
  readonly paused: boolean
  /** The fields of the response as they came: names and values in turn; null before. */
  rawHeaders: Buffer[] | null
  /** The trailers, likewise. */
  rawTrailers: Buffer[] | null
  /** Gives the request up: the handler hears of it as of an error, before this returns. */
  abort(reason?: Error): void
  /** No data until {@link resume}. */
  pause(): void
  resume(): void
}

/** Fields of a response, by their names in lower case; a list where a name has several lines. */
export type DispatchFields = Record<string, string | string[]>

/** Who hears of a request: the methods of one generation. Handlers that have `onRequestStart` are of the later one. */
export interface DispatchHandler {
  onRequestStart?(controller: DispatchController, context: unknown): void
  /** Comes once for each 1xx response, and then for the final one. */
  onResponseStart?(
    controller: DispatchController,
    statusCode: number,
    headers: DispatchFields,
    statusMessage?: string,
  ): void
  onResponseData?(controller: DispatchController, chunk: Buffer): void
  onResponseEnd?(controller: DispatchController, trailers: DispatchFields): void
  onResponseError?(controller: DispatchController, error: Error): void
  onRequestUpgrade?(
    controller: DispatchController,
    statusCode: number,
    headers: DispatchFields,
    socket: Duplex,
  ): void

  onConnect?(abort: (reason?: Error) => void, context?: unknown): void
  /** As `onResponseStart`; false holds the data back until `resume` is called. */
  onHeaders?(statusCode: number, rawHeaders: Buffer[], resume: () => void, statusText: string): boolean | void
  /** False holds further data back. */
  onData?(chunk: Buffer): boolean | void
  /** Gets bytes, as the headers are: undici says otherwise in its types. */
  onComplete?(trailers: Buffer[] | string[] | null): void
  onError?(error: Error): void
  onUpgrade?(statusCode: number, rawHeaders: Buffer[], socket: Duplex): void

  /** The response begins. */
  onResponseStarted?(): void
  /** A part of the request body was handed to the connection: gets the bytes. The versions of undici declare it differently. */
  onBodySent?(...chunk: never[]): void
  /** All of the request body was. */
  onRequestSent?(): void
}

/** Sends a request. As a method, so that it goes with the types of every undici. */
export type DispatchFunction = {
  dispatch(options: DispatchOptions, handler: DispatchHandler): boolean
}['dispatch']

/** What stands between undici and a dispatcher, for example one of `undici.interceptors`. */
export type DispatchInterceptor = {
  intercept(dispatch: DispatchFunction): DispatchFunction
}['intercept']
