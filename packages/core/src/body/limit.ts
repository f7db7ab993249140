import type { Body } from './body.ts'
import { checkedLimit, tooLarge } from './collect.ts'
import type { SizeHint } from './sink.ts'
import { ThroughBody } from './through.ts'

// limitBody: a body that fails where it goes over a number of bytes. It holds nothing back and copies nothing.

/**
 * The same body, cut off with `BODY_TOO_LARGE` by the first chunk that goes over `max` bytes; the chunks before it, and
 * trailers, pass. The body below is cancelled then.
 * @throws HyperError `BODY_USED`, `INVALID_OPTION`.
 */
export function limitBody(body: Body, max: number): Body {
  return new LimitBody(body, max)
}

class LimitBody extends ThroughBody {
  private readonly max: number
  private left: number

  constructor(inner: Body, max: number) {
    super(inner)
    this.max = checkedLimit(max)
    this.left = max
  }

  override get sizeHint(): SizeHint {
    const { lower, upper } = this.inner.sizeHint
    const most = Math.max(this.left, 0)
    return { lower: Math.min(lower, most), upper: upper === null ? most : Math.min(upper, most) }
  }

  override onData(chunk: Uint8Array): void {
    if (!this.isOpen) return
    this.left -= chunk.length
    if (this.left >= 0) {
      this.deliver(chunk)
      return
    }
    // The error goes up first: cancelling the body below comes back as an error too.
    const error = tooLarge(this.max)
    this.fail(error)
    this.inner.cancel(error)
  }
}
