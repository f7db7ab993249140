import { Body, type BodySink, type SizeHint } from '@hyper/core/body'
import type { HyperError } from '@hyper/core/error'

// GivenUpBody: the body of a response whose signal had fired before anybody asked for it (Fetch, "abort a fetch() call"). What
// had come by then is not given: whoever reads is told, however fast the network was.

export class GivenUpBody extends Body {
  private readonly error: HyperError

  constructor(error: HyperError) {
    super()
    this.error = error
  }

  get sizeHint(): SizeHint {
    return { lower: 0, upper: null }
  }

  get isEnd(): boolean {
    return false
  }

  start(sink: BodySink): void {
    this.take()
    this.settle(null)
    sink.onError(this.error)
  }

  pause(): void {}

  resume(): void {}

  cancel(): void {
    this.settle(null)
  }
}
