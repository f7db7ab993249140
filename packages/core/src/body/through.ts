// ThroughBody: a body over another one. What comes from below goes up at once, what pauses above pauses below. The body
// below may be anybody's: whatever it does, the sink above hears one call at a time, one end or one error, and nothing
// after it.

import { userError } from '../error/index.ts'
import type { HyperError } from '../error/index.ts'
import type { HeaderMap } from '../http/header-map.ts'
import type { TextCodec } from '../rt/runtime.ts'
import type { Body } from './body.ts'
import { FlowBody } from './flow.ts'
import type { BodySink, SizeHint } from './sink.ts'

/**
 * A body over another one: what comes from below goes up at once, what pauses above pauses below. Extend it to look at
 * a body, or to change it, on its way: override `onData`, `onTrailers`, `onEnd` or `onError`, and deliver what is to go
 * up. Only the body below calls them.
 */
export class ThroughBody extends FlowBody implements BodySink {
  protected readonly inner: Body
  private hasBegun: boolean

  /** @throws HyperError `BODY_USED` when `inner` was started or cancelled before. */
  constructor(inner: Body) {
    super()
    if (inner.used) throw userError('BODY_USED', null)
    this.inner = inner
    this.hasBegun = false
  }

  get sizeHint(): SizeHint {
    return this.inner.sizeHint
  }

  override get mayHaveTrailers(): boolean {
    return this.inner.mayHaveTrailers
  }

  override start(sink: BodySink): void {
    if (!this.hasBegun && this.inner.used) throw userError('BODY_USED', null)
    super.start(sink)
  }

  override pause(): void {
    super.pause()
    if (this.hasBegun) this.inner.pause()
  }

  override resume(): void {
    super.resume()
    // From within a call of the sink, `moved` does not come.
    if (this.hasBegun && this.isFlowing) this.inner.resume()
  }

  onData(chunk: Uint8Array): void {
    this.deliver(chunk)
  }

  onTrailers(trailers: HeaderMap): void {
    this.trail(trailers)
  }

  onEnd(): void {
    this.finish(null)
  }

  onError(error: HyperError): void {
    this.fail(error)
  }

  /** @internal */
  encodeUtf8(text: string): Uint8Array {
    return this.encode(text)
  }

  /** @internal */
  override codec(): TextCodec {
    return this.inner.codec()
  }

  protected moved(): void {
    if (!this.hasBegun) {
      this.hasBegun = true
      if (!this.isFlowing) this.inner.pause()
      this.inner.start(this)
    } else if (this.isFlowing) this.inner.resume()
  }

  protected dropped(reason: unknown): void {
    this.inner.cancel(reason)
  }
}
