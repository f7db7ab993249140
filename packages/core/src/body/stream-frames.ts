import { HeaderMap } from '../http/header-map.ts'
import { isBytes, nameOf } from './check.ts'
import type { Frame } from './frame.ts'
import { PullBody } from './pull.ts'

// StreamFramesBody: a body from anything that yields frames, held to their order.

/**
 * A body from an iterable of frames, for example another body's `frames()`. Several trailer frames are merged into one
 * section. Frames of an unknown type are left out; data after trailers fails the body with `INVALID_BODY`.
 */
export class StreamFramesBody extends PullBody<Frame> {
  protected accept(item: unknown): void {
    if (!isFrameLike(item)) this.reject(`the given body yielded ${nameOf(item)}, which is no frame`)
    else if (item.type === 'data') this.acceptData(item.data)
    else if (item.type === 'trailers') this.acceptTrailers(item.trailers)
  }

  protected ended(): void {
    this.finish(null)
  }

  private acceptData(data: unknown): void {
    if (this.hasTail) this.reject('the given body yielded data after its trailers')
    else if (typeof data === 'string') this.deliver(this.encode(data))
    else if (isBytes(data)) this.deliver(data)
    else this.reject(`the given body yielded a data frame with ${nameOf(data)}`)
  }

  private acceptTrailers(trailers: unknown): void {
    if (trailers instanceof HeaderMap) this.trail(trailers)
    else this.reject(`the given body yielded a trailers frame with ${nameOf(trailers)}`)
  }
}

interface FrameLike {
  readonly type: string
  readonly data?: unknown
  readonly trailers?: unknown
}

function isFrameLike(item: unknown): item is FrameLike {
  return typeof item === 'object' && item !== null && 'type' in item && typeof item.type === 'string'
}
