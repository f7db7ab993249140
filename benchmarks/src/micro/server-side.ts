// A server machine that is driven by hand. In: bytes. Out: the answer's text. No IO, no driver, no timers.
import { h1 } from '@hyper/core'
import { HeaderMap } from '@hyper/core/http'
import { nodeRuntime } from '@hyper/util/node'

const ANSWER = 'Hello, World!'

/** Answers each request at once with 13 bytes, after its body. */
export class ServerSide {
  readonly machine: h1.ServerMachine
  /** Body bytes that came. */
  received: number
  requests: number
  private readonly now: number

  constructor() {
    this.machine = new h1.ServerMachine({ text: nodeRuntime.text })
    this.received = 0
    this.requests = 0
    this.now = 0
  }

  receive(bytes: Uint8Array): void {
    this.machine.receive(bytes, this.now)
    for (;;) {
      switch (this.machine.nextEvent()) {
        case h1.HEAD_EVENT:
          this.requests += 1
          if (!this.machine.hasBody) this.answer()
          break
        case h1.DATA_EVENT:
          this.received += this.machine.data.length
          break
        case h1.END_EVENT:
          this.answer()
          break
        case h1.NEED_DATA:
          return
        default:
          throw this.machine.error ?? new Error('the machine stopped')
      }
    }
  }

  /** Everything there is to write, gathered. */
  take(): string {
    let text = ''
    for (let piece = this.machine.output.take(); piece !== null; piece = this.machine.output.take()) {
      text += typeof piece === 'string' ? piece : Buffer.from(piece).toString('latin1')
    }
    return text
  }

  private answer(): void {
    const headers = new HeaderMap({ 'content-type': 'text/plain' })
    if (this.machine.sendHead(200, null, headers, ANSWER.length, false)) {
      this.machine.sendText(ANSWER)
      this.machine.sendEnd(null)
    }
  }
}
