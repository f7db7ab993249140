import { utf8Length } from '../rt/text.ts'
import { encodeFor, FlowBody } from './flow.ts'
import type { BodySink, SizeHint } from './sink.ts'

// FullBody: text or bytes that are there already. An encoder may take them as they are; a reader gets them in one chunk.

/** A body that is there already: text, sent as UTF-8, or bytes. The bytes are not copied. */
export class FullBody extends FlowBody {
  /**
   * The text, when that is what was given; an encoder may take it as it is.
   * @internal
   */
  readonly chars: string | null
  /**
   * The bytes, when those were given, or once the text was turned into them.
   * @internal
   */
  data: Uint8Array | null
  private size: number

  constructor(content: string | Uint8Array) {
    super()
    this.chars = typeof content === 'string' ? content : null
    this.data = typeof content === 'string' ? null : content
    this.size = -1
  }

  /** Bytes in all. */
  get length(): number {
    if (this.size < 0) this.size = this.data === null ? utf8Length(this.chars ?? '') : this.data.length
    return this.size
  }

  /** Exact until the body is started. */
  get sizeHint(): SizeHint {
    const rest = this.used ? 0 : this.length
    return { lower: rest, upper: rest }
  }

  override get isEnd(): boolean {
    return this.chars === '' || this.data?.length === 0 || super.isEnd
  }

  override again(): FullBody {
    return new FullBody(this.chars ?? this.data ?? '')
  }

  override start(sink: BodySink): void {
    this.take()
    if (this.data === null) this.data = encodeFor(sink, this.chars ?? '')
    this.deliver(this.data)
    this.finish(null)
    this.attach(sink)
  }

  protected moved(): void {}

  protected dropped(): void {}
}
