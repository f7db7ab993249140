import type { Body } from './body.ts'
import { ThroughBody } from './through.ts'

// fuse: anybody's body, held to the contract of a sink: one end or one error, and nothing after it.

/**
 * Guards against a body of somebody else's that does not know when to stop: nothing passes after its end or its error,
 * nothing while paused, and a body that says that it is at its end is not asked at all.
 * @throws HyperError `BODY_USED`.
 */
export function fuse(body: Body): Body {
  return new FusedBody(body)
}

class FusedBody extends ThroughBody {
  override get isEnd(): boolean {
    return super.isEnd || (!this.used && this.inner.isEnd)
  }

  protected override moved(): void {
    if (this.inner.isEnd && !this.inner.used) this.finish(null)
    else super.moved()
  }
}
