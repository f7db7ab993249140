// repeat: a body that can be had any number of times, since its maker is kept and not what it has made.

import type { HyperError } from '../error/index.ts'
import { userError } from '../error/index.ts'
import type { HeaderMap } from '../http/header-map.ts'
import type { TextCodec } from '../rt/runtime.ts'
import { Body } from './body.ts'
import { bodyFrom, type BodyInit } from './from.ts'
import { sourceFailed } from './pull.ts'
import type { BodySink, SizeHint } from './sink.ts'

/**
 * A body that calls `make` when it is first needed, and that can be had again (`again`): `make` is called once more then.
 * What it throws fails the body with `BODY_FAILED`.
 */
export function repeat(make: () => BodyInit): Body {
  return new RepeatedBody(make)
}

class RepeatedBody extends Body {
  private readonly make: () => BodyInit
  private made: Body | null
  private failure: HyperError | null

  constructor(make: () => BodyInit) {
    super()
    this.make = make
    this.made = null
    this.failure = null
  }

  get sizeHint(): SizeHint {
    return this.inner()?.sizeHint ?? UNKNOWN
  }

  get isEnd(): boolean {
    return this.inner()?.isEnd ?? false
  }

  override get mayHaveTrailers(): boolean {
    return this.inner()?.mayHaveTrailers ?? false
  }

  override get used(): boolean {
    return super.used || (this.made?.used ?? false)
  }

  override get trailers(): Promise<HeaderMap | null> {
    return this.inner()?.trailers ?? Promise.resolve(null)
  }

  override again(): Body {
    return new RepeatedBody(this.make)
  }

  start(sink: BodySink): void {
    const inner = this.inner()
    this.take()
    if (inner === null) sink.onError(this.failure!)
    else inner.start(sink)
  }

  pause(): void {
    this.inner()?.pause()
  }

  resume(): void {
    this.inner()?.resume()
  }

  cancel(reason?: unknown): void {
    // What was never made has no source to be told.
    if (this.made !== null) this.made.cancel(reason)
    else this.settle(null)
  }

  /** @internal */
  override codec(): TextCodec {
    return this.made?.codec() ?? super.codec()
  }

  private inner(): Body | null {
    if (this.made !== null || this.failure !== null || super.used) return this.made
    try {
      const made = bodyFrom(this.make())
      if (made.used) throw userError('BODY_USED', null)
      this.made = made
    } catch (error) {
      this.failure = sourceFailed(error)
    }
    return this.made
  }
}

const UNKNOWN: SizeHint = { lower: 0, upper: null }
