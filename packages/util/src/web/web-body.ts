import type { Body, BodySink } from '@hyper/core/body'
import type { HyperError } from '@hyper/core/error'
import { noteMade } from './made-streams.ts'
import { ReadAhead, type StreamBodyOptions } from './read-ahead.ts'

// Bodies and web streams, both ways. Neither direction keeps more than one chunk.

/** How {@link toReadableStream} makes its stream. */
export interface BodyStreamOptions {
  /**
   * `'bytes'` makes a byte stream, which `getReader({ mode: 'byob' })` reads too. Such a stream takes the memory of what
   * goes through it: every chunk is copied. Default: a stream of chunks, as they come.
   */
  readonly type?: 'bytes' | undefined
  /** What the stream fails with when the body fails. Default: the HyperError itself. */
  readonly errorOf?: ((error: HyperError) => unknown) | undefined
}

/**
 * The data of a body as a web stream; it is pulled only as fast as it is read. Cancelling the stream cancels the body,
 * an error of the body (a HyperError) errors the stream. Trailers do not fit into a stream: ask `body.trailers`.
 * The body counts as used from the first read on.
 */
export function toReadableStream(
  body: Body,
  options: BodyStreamOptions = {},
): ReadableStream<Uint8Array<ArrayBuffer>> {
  const source = new BodyStreamSource(body, options)
  const stream =
    options.type === 'bytes'
      ? // The platform's types do not say that what is given to a byte stream is what comes out of it.
        (new ReadableStream(new ByteStreamSource(source)) as ReadableStream<StreamBytes>)
      : new ReadableStream(source, { highWaterMark: 0 })
  noteMade(stream)
  return stream
}

/**
 * A web stream as a body. Strings in it become UTF-8; anything but strings and bytes fails the body with `INVALID_BODY`,
 * an error of the stream with `BODY_FAILED`. The stream is locked at once; cancelling the body cancels it.
 * @param options `length` when the exact number of bytes is known.
 * @throws HyperError `INVALID_BODY` when the stream is locked.
 */
export function fromReadableStream(
  stream: ReadableStream<Uint8Array | string>,
  options?: StreamBodyOptions,
): Body {
  return new ReadAhead(stream).body(options)
}

type StreamBytes = Uint8Array<ArrayBuffer>

/** What both kinds of controllers have. */
interface StreamController {
  readonly desiredSize: number | null
  enqueue(chunk: StreamBytes): void
  close(): void
  error(reason: unknown): void
}

class BodyStreamSource implements BodySink {
  private readonly body: Body
  private readonly errorOf: ((error: HyperError) => unknown) | null
  private controller: StreamController | null
  private isStarted: boolean
  private isOver: boolean

  constructor(body: Body, options: BodyStreamOptions) {
    this.body = body
    this.errorOf = options.errorOf ?? null
    this.controller = null
    this.isStarted = false
    this.isOver = false
  }

  start(controller: StreamController): void {
    this.controller = controller
  }

  pull(): void {
    if (this.isStarted) {
      this.body.resume()
      return
    }
    this.isStarted = true
    this.body.start(this)
  }

  cancel(reason: unknown): void {
    this.isOver = true
    this.body.cancel(reason)
  }

  onData(chunk: Uint8Array): void {
    if (this.controller === null || this.isOver) return
    // Chunks belong to the sink. No adapter reads into shared memory, which streams would refuse.
    this.controller.enqueue(chunk as StreamBytes)
    if ((this.controller.desiredSize ?? 0) <= 0) this.body.pause()
  }

  onTrailers(): void {}

  onEnd(): void {
    if (this.isOver) return
    this.isOver = true
    this.controller?.close()
  }

  onError(error: HyperError): void {
    if (this.isOver) return
    this.isOver = true
    this.controller?.error(this.errorOf === null ? error : this.errorOf(error))
  }
}

/** The same for a byte stream. */
class ByteStreamSource {
  readonly type: 'bytes'
  private readonly source: BodyStreamSource

  constructor(source: BodyStreamSource) {
    this.type = 'bytes'
    this.source = source
  }

  start(controller: ReadableByteStreamController): void {
    this.source.start(new ByteController(controller))
  }

  pull(): void {
    this.source.pull()
  }

  cancel(reason: unknown): void {
    this.source.cancel(reason)
  }
}

class ByteController implements StreamController {
  private readonly controller: ReadableByteStreamController

  constructor(controller: ReadableByteStreamController) {
    this.controller = controller
  }

  get desiredSize(): number | null {
    return this.controller.desiredSize
  }

  enqueue(chunk: StreamBytes): void {
    // The stream detaches the buffer of what it is given, and a chunk may be a view of what others read too.
    this.controller.enqueue(new Uint8Array(chunk))
  }

  close(): void {
    try {
      this.controller.close()
      // A read into a buffer of the reader's own waits until its request is answered, the end included.
      this.controller.byobRequest?.respond(0)
    } catch {
      // The reader's buffer is made of larger elements, and the last one is not complete: the stream has failed by itself.
    }
  }

  error(reason: unknown): void {
    this.controller.error(reason)
  }
}
