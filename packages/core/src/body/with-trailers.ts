import type { HeaderMap } from '../http/header-map.ts'
import type { Body } from './body.ts'
import { isThenable } from './check.ts'
import { sourceFailed } from './pull.ts'
import { ThroughBody } from './through.ts'

// withTrailers: a body with trailers behind it, which may be made once the data has gone out.

/** Trailers, or what makes them once the data has gone out: a checksum, say. */
export type TrailersInit = HeaderMap | (() => HeaderMap | null | PromiseLike<HeaderMap | null>)

/**
 * The same body with trailers after it. They are added to those that it has itself. A function is called once, after
 * the last byte; if it throws or rejects, the body fails with `BODY_FAILED`.
 * @throws HyperError `BODY_USED`.
 */
export function withTrailers(body: Body, trailers: TrailersInit): Body {
  return new TrailersBody(body, trailers)
}

class TrailersBody extends ThroughBody {
  override get mayHaveTrailers(): boolean {
    return true
  }

  private readonly init: TrailersInit

  constructor(inner: Body, init: TrailersInit) {
    super(inner)
    this.init = init
  }

  override onEnd(): void {
    if (!this.isOpen) return
    if (typeof this.init !== 'function') {
      this.finish(this.init)
      return
    }
    try {
      const made = this.init()
      if (isThenable(made)) made.then(this.finish.bind(this), this.refuse.bind(this))
      else this.finish(made)
    } catch (error) {
      this.refuse(error)
    }
  }

  private refuse(error: unknown): void {
    this.fail(sourceFailed(error))
  }
}
