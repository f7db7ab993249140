import { HeaderMap, type HeadersInit } from '../http/header-map.ts'
import type { Body } from './body.ts'
import { isThenable } from './check.ts'
import { sourceFailed } from './pull.ts'
import { ThroughBody } from './through.ts'

// withTrailers: a body with trailers behind it, which may be made once the data has gone out.

/** Trailers as fields, or what makes them once the data has gone out: a checksum, say. */
export type TrailersInit =
  | HeadersInit
  | HeaderMap
  | (() => HeadersInit | HeaderMap | null | PromiseLike<HeadersInit | HeaderMap | null>)

/**
 * The same body with trailers after it. They are added to those that it has itself. A function is called once, after
 * the last byte; if it throws or rejects, or gives fields that cannot be sent, the body fails with `BODY_FAILED`.
 * @throws HyperError `BODY_USED`, and for fields that cannot be sent.
 */
export function withTrailers(body: Body, trailers: TrailersInit): Body {
  return new TrailersBody(body, trailers)
}

type Made = HeadersInit | HeaderMap | null
type Maker = () => Made | PromiseLike<Made>

class TrailersBody extends ThroughBody {
  override get mayHaveTrailers(): boolean {
    return true
  }

  private readonly init: HeaderMap | Maker

  constructor(inner: Body, init: TrailersInit) {
    super(inner)
    this.init = typeof init === 'function' ? init : HeaderMap.from(init)
  }

  /** With the same trailers, or once more those that the function makes. */
  override again(): Body | null {
    const again = this.inner.again()
    return again === null ? null : new TrailersBody(again, this.init)
  }

  override onEnd(): void {
    if (!this.isOpen) return
    if (typeof this.init !== 'function') {
      this.finish(this.init)
      return
    }
    try {
      const made = this.init()
      if (isThenable(made)) made.then(this.takeMade.bind(this), this.refuse.bind(this))
      else this.takeMade(made)
    } catch (error) {
      this.refuse(error)
    }
  }

  private takeMade(made: Made): void {
    let trailers: HeaderMap | null
    try {
      trailers = made === null ? null : HeaderMap.from(made)
    } catch (error) {
      this.refuse(error)
      return
    }
    this.finish(trailers)
  }

  private refuse(error: unknown): void {
    this.fail(sourceFailed(error))
  }
}
