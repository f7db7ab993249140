import { bodyFrom, IterableBody, StreamFramesBody } from '@hyper/core/body'
import type { Body, BodyInit, Frame, PullOptions } from '@hyper/core/body'

/**
 * A body from an iterable of bytes and text, pulled as fast as it is sent. With `length`, it is sent with a
 * Content-Length of that many bytes; a source that gives more or fewer fails the message.
 * @throws HyperError `INVALID_OPTION`.
 */
export function fromIterable(
  source: AsyncIterable<Uint8Array | string> | Iterable<Uint8Array | string>,
  options?: PullOptions,
): Body {
  return new IterableBody(source, options)
}

/** A body from an iterable of data and trailers frames. */
export function fromFrames(frames: AsyncIterable<Frame> | Iterable<Frame>, options?: PullOptions): Body {
  return new StreamFramesBody(frames, options)
}

/** The chunks of anything that a body can be made of. Leaving the loop early cancels. @throws HyperError `INVALID_BODY`. */
export function chunks(init: BodyInit): AsyncIterableIterator<Uint8Array, undefined> {
  return bodyFrom(init)[Symbol.asyncIterator]()
}

/** As {@link chunks}, with the trailers, as frames. */
export function frames(init: BodyInit): AsyncIterableIterator<Frame, undefined> {
  return bodyFrom(init).frames()
}
