import { Body } from './body.ts'
import type { BodySink, SizeHint } from './sink.ts'

// The empty body: nothing but an end. One object serves all messages, so that it can be read any number of times.

const NOTHING: SizeHint = { lower: 0, upper: 0 }

/** No body. It has no state, so one object serves every message, and it can be read any number of times. */
export class EmptyBody extends Body {
  constructor() {
    super()
    this.settle(null)
  }

  override get used(): boolean {
    return false
  }

  get sizeHint(): SizeHint {
    return NOTHING
  }

  get isEnd(): boolean {
    return true
  }

  override again(): Body {
    return this
  }

  start(sink: BodySink): void {
    sink.onEnd()
  }

  /** @internal */
  override takeWhole(): Uint8Array {
    return new Uint8Array(0)
  }

  pause(): void {}

  resume(): void {}

  cancel(): void {}
}

/** The shared {@link EmptyBody}. */
export const EMPTY_BODY: EmptyBody = new EmptyBody()
