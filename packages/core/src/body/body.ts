// Body: the stream that a user holds. In goes one sink, once; out come data, trailers and the end, pushed and held back
// by pause and resume. On top of that stand the readers with promises: an iterator, frames, bytes, text, JSON. A body
// does nothing before it is started, and never knows which message it belongs to.

import { userError } from '../error/index.ts'
import type { HeaderMap } from '../http/header-map.ts'
import { plainText } from '../rt/text.ts'
import type { TextCodec } from '../rt/runtime.ts'
import { AS_BYTES, AS_COLLECTED, AS_JSON, AS_TEXT, collectInto } from './collect.ts'
import type { Collected, CollectOptions } from './collect.ts'
import type { Frame } from './frame.ts'
import { BodyReader } from './reader.ts'
import type { BodySink, SizeHint } from './sink.ts'

/** Found and called by the `console.log` of Node, Deno and Bun. */
const INSPECT = Symbol.for('nodejs.util.inspect.custom')

/**
 * One message body. It can be read once: by `start`, or by one of the readers on top of it.
 *
 * Who writes a body of their own extends this class, calls `take` first in `start`, and `settle` when the body is over.
 */
export abstract class Body implements AsyncIterable<Uint8Array> {
  private isTaken: boolean
  private isSettled: boolean
  private lastTrailers: HeaderMap | null
  private trailersPromise: Promise<HeaderMap | null> | null
  private resolveTrailers: ((trailers: HeaderMap | null) => void) | null

  // A body of a connection holds the connection: nothing that a log should show.
  static {
    Object.defineProperty(this.prototype, INSPECT, {
      value: function inspect(this: Body): string {
        const { lower, upper } = this.sizeHint
        return `Body { used: ${this.used}, bytes: ${lower === upper ? lower : `${lower} or more`} }`
      },
    })
  }

  constructor() {
    this.isTaken = false
    this.isSettled = false
    this.lastTrailers = null
    this.trailersPromise = null
    this.resolveTrailers = null
  }

  /** What is known of the bytes that are still to come. */
  abstract get sizeHint(): SizeHint

  /** True when it is known that nothing is to come: no data, no trailers, no error. False decides nothing. */
  abstract get isEnd(): boolean

  /**
   * True when trailers may follow although the length is known, so that an encoder must choose a framing that has room
   * for them.
   */
  get mayHaveTrailers(): boolean {
    return false
  }

  /**
   * Begins delivery. Data that is there already is pushed before this returns.
   * @throws HyperError `BODY_USED` when the body was started or cancelled before.
   */
  abstract start(sink: BodySink): void

  /** Holds everything back, the end and an error too, until `resume`. May be called before `start` and in a callback. */
  abstract pause(): void

  /** Delivery goes on; what was held may come before this returns. */
  abstract resume(): void

  /**
   * Gives the body up: its source is told, what is held is dropped. A sink that has begun hears `onError` before this
   * returns (`reason` itself when that is a HyperError, else `CANCELED` with `reason` as its cause).
   * Does nothing when the body is over. A body that was cancelled cannot be started.
   */
  abstract cancel(reason?: unknown): void

  /**
   * The same content once more, as a body of its own, whatever has become of this one; null where it cannot be had again.
   */
  again(): Body | null {
    return null
  }

  /** True once the body was started or cancelled. */
  get used(): boolean {
    return this.isTaken
  }

  /**
   * The trailers, once the body has been read to its end; null when it had none, was cancelled, or failed. Waiting for
   * it reads nothing. Never rejects.
   */
  get trailers(): Promise<HeaderMap | null> {
    if (this.trailersPromise === null) {
      this.trailersPromise = this.isSettled
        ? Promise.resolve(this.lastTrailers)
        : new Promise((resolve) => {
            this.resolveTrailers = resolve
          })
    }
    return this.trailersPromise
  }

  /** The data, chunk by chunk; at most one chunk is held beyond what was asked for. Leaving the loop early cancels. */
  [Symbol.asyncIterator](): AsyncIterableIterator<Uint8Array, undefined> {
    return new BodyReader<Uint8Array>(this, asChunk, null)
  }

  /** As iterating the body, but with the trailers, as frames. */
  frames(): AsyncIterableIterator<Frame, undefined> {
    return new BodyReader<Frame>(this, asDataFrame, asTrailersFrame)
  }

  /**
   * Reads everything.
   * @throws HyperError (as a rejection) `BODY_TOO_LARGE` past `limit` bytes, `BODY_USED`, `INVALID_OPTION`, and what the
   *   body fails with.
   */
  collect(options?: CollectOptions): Promise<Collected> {
    return collectInto(this, AS_COLLECTED, this.codec(), options)
  }

  /** Reads everything into one array. Rejects as `collect`. */
  bytes(options?: CollectOptions): Promise<Uint8Array> {
    return collectInto(this, AS_BYTES, this.codec(), options)
  }

  /** Reads everything as UTF-8; malformed bytes become U+FFFD, a leading byte order mark is dropped. Rejects as `collect`. */
  text(options?: CollectOptions): Promise<string> {
    return collectInto(this, AS_TEXT, this.codec(), options)
  }

  /** Reads everything as JSON. Rejects as `collect`, and with a SyntaxError. */
  json(options?: CollectOptions): Promise<unknown> {
    return collectInto(this, AS_JSON, this.codec(), options)
  }

  /**
   * What `text` decodes with.
   * @internal
   */
  codec(): TextCodec {
    return plainText
  }

  /**
   * Takes the body, when all of it is there, in one piece and without trailers; else null, and nothing has happened.
   * @internal
   */
  takeWhole(): Uint8Array | null {
    return null
  }

  /** Marks the body as used. @throws HyperError `BODY_USED` when it was before. */
  protected take(): void {
    if (this.isTaken) throw userError('BODY_USED', null)
    this.isTaken = true
  }

  /** The body is over: keeps its trailers for who asks. */
  protected settle(trailers: HeaderMap | null): void {
    this.isTaken = true
    this.tellTrailers(trailers)
  }

  /** The trailers are known, or that none will come, although the body may still hold data for its reader. */
  protected tellTrailers(trailers: HeaderMap | null): void {
    this.isSettled = true
    this.lastTrailers = trailers
    if (this.resolveTrailers !== null) {
      this.resolveTrailers(trailers)
      this.resolveTrailers = null
    }
  }
}

function asChunk(chunk: Uint8Array): Uint8Array {
  return chunk
}

function asDataFrame(data: Uint8Array): Frame {
  return { type: 'data', data }
}

function asTrailersFrame(trailers: HeaderMap): Frame {
  return { type: 'trailers', trailers }
}
