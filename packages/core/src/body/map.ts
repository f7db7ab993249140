import { type HyperError, userError } from '../error/index.ts'
import type { HeaderMap } from '../http/header-map.ts'
import type { Body } from './body.ts'
import { isBytes, nameOf } from './check.ts'
import { sourceFailed } from './pull.ts'
import type { SizeHint } from './sink.ts'
import { ThroughBody } from './through.ts'

// mapBody: a body whose chunks, trailers or error are changed on the way, without a promise.

/** What to do with each part of a body; what is left out passes as it is. */
export interface BodyMapping {
  /** Text becomes UTF-8; an empty result drops the chunk. */
  data?(chunk: Uint8Array): Uint8Array | string
  trailers?(trailers: HeaderMap): HeaderMap
  error?(error: HyperError): HyperError
}

/**
 * The body with its parts changed on their way. A function that throws fails it with `BODY_FAILED`, one that answers
 * with anything but bytes or text with `INVALID_BODY`; the body below is cancelled then.
 * @throws HyperError `BODY_USED`.
 */
export function mapBody(
  body: Body,
  mapping: BodyMapping | ((chunk: Uint8Array) => Uint8Array | string),
): Body {
  return new MapBody(body, typeof mapping === 'function' ? { data: mapping } : mapping)
}

class MapBody extends ThroughBody {
  private readonly mapping: BodyMapping

  constructor(inner: Body, mapping: BodyMapping) {
    super(inner)
    this.mapping = mapping
  }

  /** Unknown where data is mapped: it may grow and shrink. */
  override get sizeHint(): SizeHint {
    return this.mapping.data === undefined ? this.inner.sizeHint : { lower: 0, upper: null }
  }

  override get isEnd(): boolean {
    return super.isEnd || (!this.used && this.inner.isEnd)
  }

  override onData(chunk: Uint8Array): void {
    if (!this.isOpen) return
    try {
      const mapped: unknown = this.mapping.data === undefined ? chunk : this.mapping.data(chunk)
      if (typeof mapped === 'string') this.deliver(this.encode(mapped))
      else if (isBytes(mapped)) this.deliver(mapped)
      else this.give(userError('INVALID_BODY', `the chunk was mapped to ${nameOf(mapped)}`))
    } catch (error) {
      this.give(sourceFailed(error))
    }
  }

  override onTrailers(trailers: HeaderMap): void {
    if (!this.isOpen) return
    try {
      super.onTrailers(this.mapping.trailers === undefined ? trailers : this.mapping.trailers(trailers))
    } catch (error) {
      this.give(sourceFailed(error))
    }
  }

  override onError(error: HyperError): void {
    if (!this.isOpen) return
    try {
      super.onError(this.mapping.error === undefined ? error : this.mapping.error(error))
    } catch (failure) {
      super.onError(sourceFailed(failure))
    }
  }

  private give(error: HyperError): void {
    this.fail(error)
    this.inner.cancel(error)
  }
}
