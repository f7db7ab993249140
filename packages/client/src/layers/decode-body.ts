import { type Body, type BodySink, FlowBody, type SizeHint } from '@hyper/core/body'
import { HyperError, userError } from '@hyper/core/error'
import type { HeaderMap } from '@hyper/core/http'
import type { TextCodec } from '@hyper/core/rt'
import type { CreateDecoder, Decoder } from './decoder.ts'

// DecodedBody: a body with one coding undone. In: the coded body, one chunk at a time. Out: decoded chunks as fast as they
// are taken, the trailers, the end; or CONTENT_CODING_INVALID, or BODY_TOO_LARGE when it is a bomb, or BODY_FAILED when a
// decoder throws.

/** How much may come of how little. */
export interface BombLimits {
  /** Decoded bytes in all. */
  readonly maxSize: number
  /** Decoded bytes for each coded one, once there are more than {@link UNSUSPECTED} of them. */
  readonly maxRatio: number
}

/** Decoded bytes that may come of anything: a short body of nothing but zeros is no bomb yet. */
export const UNSUSPECTED: number = 16 * 1024 * 1024

/** Coded bytes of one message; every one of its codings is held to them. */
export class CodedBytes {
  count: number = 0
}

export class DecodedBody extends FlowBody implements BodySink {
  private readonly inner: Body
  private readonly create: CreateDecoder
  private readonly limits: BombLimits
  private readonly coded: CodedBytes
  /** Whether the body below is the one that came over the wire. */
  private readonly isFirst: boolean
  private decoder: Decoder | null
  private decoded: number
  private hasBegun: boolean
  /** The decoder has a chunk that it is not done with. */
  private isWriting: boolean
  private isEnding: boolean
  /** What came although the body below was paused. */
  private readonly waiting: Uint8Array[]

  /** @throws HyperError `BODY_USED` */
  constructor(inner: Body, create: CreateDecoder, limits: BombLimits, coded: CodedBytes, isFirst: boolean) {
    super()
    if (inner.used) throw userError('BODY_USED', null)
    this.inner = inner
    this.create = create
    this.limits = limits
    this.coded = coded
    this.isFirst = isFirst
    this.decoder = null
    this.decoded = 0
    this.hasBegun = false
    this.isWriting = false
    this.isEnding = false
    this.waiting = []
  }

  get sizeHint(): SizeHint {
    return { lower: this.heldBytes, upper: this.isEnd ? 0 : null }
  }

  override get isEnd(): boolean {
    return super.isEnd || (!this.used && this.inner.isEnd)
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
    this.steer()
  }

  override resume(): void {
    super.resume()
    // From within a call of the sink, `moved` does not come.
    this.steer()
  }

  onData(chunk: Uint8Array): void {
    if (!this.isOpen) return
    if (this.isFirst) this.coded.count += chunk.length
    if (this.isWriting) this.waiting.push(chunk)
    else this.write(chunk)
  }

  onTrailers(trailers: HeaderMap): void {
    this.trail(trailers)
  }

  onEnd(): void {
    this.isEnding = true
    // No byte at all is no bad coding: many servers say so of what is empty.
    if (this.decoder === null) this.finish(null)
    else if (!this.isWriting) this.endDecoder()
  }

  onError(error: HyperError): void {
    this.closeDecoder()
    this.fail(error)
  }

  /** @internal */
  override codec(): TextCodec {
    return this.inner.codec()
  }

  protected moved(): void {
    this.steer()
  }

  protected dropped(reason: unknown): void {
    this.closeDecoder()
    this.inner.cancel(reason)
  }

  /** What is wanted above goes on below: the decoder delivers, and once it has room it is fed. */
  private steer(): void {
    if (!this.isOpen) return
    const wants = this.isFlowing
    try {
      if (wants) this.decoder?.resume()
      else this.decoder?.pause()
    } catch (cause) {
      this.thrown(cause)
      return
    }
    if (this.isEnding) return
    if (!wants || this.isWriting) {
      if (this.hasBegun) this.inner.pause()
    } else if (this.hasBegun) this.inner.resume()
    else {
      this.hasBegun = true
      this.inner.start(this)
    }
  }

  private write(chunk: Uint8Array): void {
    this.isWriting = true
    this.inner.pause()
    try {
      this.decoder ??= this.open(chunk)
      this.decoder.write(chunk)
    } catch (cause) {
      this.thrown(cause)
    }
  }

  private endDecoder(): void {
    try {
      this.decoder?.end()
    } catch (cause) {
      this.thrown(cause)
    }
  }

  private closeDecoder(): void {
    try {
      this.decoder?.close()
    } catch {
      // It is given up, for what has been told already.
    }
  }

  // One of the caller's own: what calls it is a connection, which knows nothing of it.
  private thrown(cause: unknown): void {
    this.give(userError('BODY_FAILED', 'the decoder of its content coding has thrown', cause))
  }

  private open(first: Uint8Array): Decoder {
    return this.create(
      {
        onData: (chunk) => this.pass(chunk),
        onDrain: () => this.drained(),
        onEnd: () => this.finish(null),
        onError: (cause) => this.give(codingInvalid('the body does not hold to its content coding', cause)),
      },
      first,
    )
  }

  private pass(chunk: Uint8Array): void {
    if (!this.isOpen) return
    this.decoded += chunk.length
    const { maxRatio, maxSize } = this.limits
    if (this.decoded > maxSize) this.give(tooLarge(`is longer than ${maxSize} bytes once it is decoded`))
    else if (this.decoded > UNSUSPECTED && this.decoded > maxRatio * this.coded.count)
      this.give(tooLarge(`has become more than ${maxRatio} times as long by its decoding`))
    else this.deliver(chunk)
  }

  private drained(): void {
    this.isWriting = false
    const next = this.waiting.shift()
    if (next !== undefined) this.write(next)
    else if (this.isEnding) this.endDecoder()
    else this.steer()
  }

  private give(error: HyperError): void {
    this.fail(error)
    this.closeDecoder()
    this.inner.cancel(error)
  }
}

/** The peer has coded a body badly, or too often. */
export function codingInvalid(detail: string, cause?: unknown): HyperError {
  return new HyperError('CONTENT_CODING_INVALID', detail, {
    by: 'peer',
    phase: 'body',
    statusHint: 502,
    cause,
  })
}

function tooLarge(what: string): HyperError {
  return new HyperError('BODY_TOO_LARGE', `the body ${what}`, { by: 'peer', phase: 'body', statusHint: 502 })
}
