import { FlowBody, type SizeHint } from '@hyper/core/body'
import type { HeaderMap } from '@hyper/core/http'

// AnswerBody: what a response writes, as a body. In: `write`, `end`. Out: to the engine, as fast as the client takes it;
// what is written beyond that is held, and counted, so that the writer can be told to wait.

/** Who writes. */
export interface AnswerWriter {
  /** Everything that was held is taken, and more is wanted. */
  answerWanted(): void
  /** Nothing more will be taken: it is all out, or nobody wants it. */
  answerOver(): void
}

export class AnswerBody extends FlowBody {
  /** Bytes that wait for the client. */
  waiting: number
  private readonly writer: AnswerWriter
  private readonly length: number | null
  private readonly canTrail: boolean

  /** @param length of the whole, or null */
  constructor(writer: AnswerWriter, length: number | null, canTrail: boolean) {
    super()
    this.waiting = 0
    this.writer = writer
    this.length = length
    this.canTrail = canTrail
  }

  get sizeHint(): SizeHint {
    const { length } = this
    return length === null ? UNKNOWN : { lower: length, upper: length }
  }

  override get mayHaveTrailers(): boolean {
    return this.canTrail
  }

  write(chunk: Uint8Array): void {
    if (!this.isFlowing) this.waiting += chunk.length
    this.deliver(chunk)
  }

  end(trailers: HeaderMap | null): void {
    this.finish(trailers)
  }

  /** What is written now goes straight to the client. */
  override get isFlowing(): boolean {
    return super.isFlowing
  }

  protected moved(): void {
    if (!this.isFlowing) return
    this.waiting = 0
    this.writer.answerWanted()
  }

  protected dropped(): void {}

  protected override settle(trailers: HeaderMap | null): void {
    super.settle(trailers)
    this.waiting = 0
    this.writer.answerOver()
  }
}

const UNKNOWN: SizeHint = { lower: 0, upper: null }
