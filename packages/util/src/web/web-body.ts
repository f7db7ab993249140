import { type Body, type BodySink, IterableBody, type PullOptions } from '@hyper/core/body'
import { userError } from '@hyper/core/error'
import type { HyperError } from '@hyper/core/error'

// Bodies and web streams, both ways. Neither direction keeps more than one chunk.

/**
 * The data of a body as a web stream; it is pulled only as fast as it is read. Cancelling the stream cancels the body,
 * an error of the body (a HyperError) errors the stream. Trailers do not fit into a stream: ask `body.trailers`.
 * The body counts as used from the first read on.
 */
export function toReadableStream(body: Body): ReadableStream<Uint8Array<ArrayBuffer>> {
  return new ReadableStream(new BodyStreamSource(body), { highWaterMark: 0 })
}

/**
 * A web stream as a body. Strings in it become UTF-8; anything but strings and bytes fails the body with `INVALID_BODY`,
 * an error of the stream with `BODY_FAILED`. The stream is locked at once; cancelling the body cancels it.
 * @param options `length` when the exact number of bytes is known.
 * @throws HyperError `INVALID_BODY` when the stream is locked.
 */
export function fromReadableStream(stream: ReadableStream<Uint8Array | string>, options?: PullOptions): Body {
  if (stream.locked) throw userError('INVALID_BODY', 'the given stream is locked: somebody else reads it')
  return new WebStreamBody(stream.getReader(), options)
}

type StreamBytes = Uint8Array<ArrayBuffer>

class BodyStreamSource implements BodySink {
  private readonly body: Body
  private controller: ReadableStreamDefaultController<StreamBytes> | null
  private isStarted: boolean
  private isOver: boolean

  constructor(body: Body) {
    this.body = body
    this.controller = null
    this.isStarted = false
    this.isOver = false
  }

  start(controller: ReadableStreamDefaultController<StreamBytes>): void {
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
    this.controller?.error(error)
  }
}

class WebStreamBody extends IterableBody {
  private readonly reader: ReadableStreamDefaultReader<Uint8Array | string>

  constructor(reader: ReadableStreamDefaultReader<Uint8Array | string>, options?: PullOptions) {
    super(new ReaderIterable(reader), options)
    this.reader = reader
  }

  override cancel(reason?: unknown): void {
    // First, because what ends the iterator knows no reason. On a stream that is over it does nothing.
    this.reader.cancel(reason).catch(ignore)
    super.cancel(reason)
  }
}

/** What `for await` would do with the stream, also where streams are not iterable. */
class ReaderIterable implements AsyncIterable<Uint8Array | string> {
  private readonly reader: ReadableStreamDefaultReader<Uint8Array | string>

  constructor(reader: ReadableStreamDefaultReader<Uint8Array | string>) {
    this.reader = reader
  }

  [Symbol.asyncIterator](): AsyncIterator<Uint8Array | string, undefined> {
    const reader = this.reader
    return {
      async next() {
        const { done, value } = await reader.read()
        return done ? { done: true, value: undefined } : { done: false, value }
      },
      async return() {
        await reader.cancel().catch(ignore)
        return { done: true, value: undefined }
      },
    }
  }
}

function ignore(): void {}
