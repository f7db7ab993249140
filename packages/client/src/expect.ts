import { Body, type BodySink, type SizeHint } from '@hyper/core/body'
import { HyperError } from '@hyper/core/error'
import type { HeaderMap } from '@hyper/core/http'
import type { Alarm, AlarmTarget, Runtime, TextCodec } from '@hyper/core/rt'

// Expect: 100-continue (RFC 9110 §10.1.1): a body that is held back until the server asks for it. Three things end the
// wait: the server's 100; the time, since some servers have never heard of it; and a final answer, after which the body is
// not sent at all.

/** How long a server is given, in milliseconds, where nothing else is said. */
export const EXPECT_TIME = 1_000

export class HeldBody extends Body implements AlarmTarget {
  private readonly inner: Body
  private readonly runtime: Runtime
  private readonly time: number
  private alarm: Alarm | null
  private sink: BodySink | null
  private isReleased: boolean
  private isRefused: boolean

  /** @param time milliseconds; Infinity for no limit */
  constructor(inner: Body, runtime: Runtime, time: number) {
    super()
    this.inner = inner
    this.runtime = runtime
    this.time = time
    this.alarm = null
    this.sink = null
    this.isReleased = false
    this.isRefused = false
  }

  get sizeHint(): SizeHint {
    return this.inner.sizeHint
  }

  get isEnd(): boolean {
    return false
  }

  override get mayHaveTrailers(): boolean {
    return this.inner.mayHaveTrailers
  }

  override get trailers(): Promise<HeaderMap | null> {
    return this.inner.trailers
  }

  start(sink: BodySink): void {
    this.take()
    this.sink = sink
    if (this.isReleased) this.inner.start(sink)
    else if (this.time !== Infinity) {
      this.alarm = this.runtime.timer.alarm(this)
      this.alarm.move(this.runtime.clock.now() + this.time)
    }
  }

  /** The server wants it. */
  release(): void {
    if (this.isReleased || this.isRefused) return
    this.isReleased = true
    this.alarm?.cancel()
    if (this.sink !== null) this.inner.start(this.sink)
  }

  /** The server has answered: what it has not asked for it does not get. */
  answered(): void {
    if (this.isReleased) return
    const detail = 'the server has answered before it was sent'
    const reason = new HyperError('CANCELED', detail, { by: 'library', phase: 'write' })
    // A connection that ended with the answer has let go of it already, and knew no better than that it may be sent again.
    const { isRefused } = this
    this.forget()
    this.inner.cancel(reason)
    if (!isRefused) this.sink?.onError(reason)
  }

  pause(): void {
    this.inner.pause()
  }

  resume(): void {
    this.inner.resume()
  }

  cancel(reason?: unknown): void {
    // What was not begun can be sent over another connection.
    if (this.isReleased) this.inner.cancel(reason)
    else this.forget()
  }

  /** @internal */
  onAlarm(): void {
    this.release()
  }

  /** @internal */
  override codec(): TextCodec {
    return this.inner.codec()
  }

  private forget(): void {
    this.isRefused = true
    this.alarm?.cancel()
    this.settle(null)
  }
}
