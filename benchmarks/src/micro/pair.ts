// Two machines joined in memory, no IO: one exchange, sixteen pipelined ones, 10 MiB in chunks from client to server.
import { h1 } from '@hyper/core'
import { HeaderMap } from '@hyper/core/http'
import { nodeRuntime } from '@hyper/util/node'
import type { Work } from './measure.ts'
import { SMALL_REQUEST } from './messages.ts'
import { ServerSide } from './server-side.ts'

const LARGE = 10 * 1024 * 1024
const PIECE = new Uint8Array(65_536)
const { text } = nodeRuntime

export const cases: Readonly<Record<string, () => Work>> = {
  hello: () => {
    const pair = new Pair()
    return (times) => {
      for (let time = 0; time < times; time += 1) pair.hello()
    }
  },
  // Requests as bytes: a client machine sends none before it has its answer.
  'pipeline-16': () => {
    const server = new ServerSide()
    const batch = new Uint8Array(SMALL_REQUEST.length * 16)
    for (let count = 0; count < 16; count += 1) batch.set(SMALL_REQUEST, count * SMALL_REQUEST.length)
    return (times) => {
      for (let time = 0; time < times; time += 1) {
        server.receive(batch)
        server.machine.output.clear()
      }
    }
  },
  '10-mib': () => {
    const pair = new Pair()
    return (times) => {
      for (let time = 0; time < times; time += 1) pair.upload()
    }
  },
}

class Pair {
  private readonly client: h1.ClientMachine
  private readonly server: ServerSide

  constructor() {
    this.client = new h1.ClientMachine({ text })
    this.server = new ServerSide()
  }

  hello(): void {
    const headers = new HeaderMap({ host: '127.0.0.1' })
    this.client.sendHead('GET', '/', '1.1', headers, 0)
    this.carry()
    this.expectAnswer()
  }

  upload(): void {
    this.server.received = 0
    const headers = new HeaderMap({ host: '127.0.0.1' })
    this.client.sendHead('POST', '/', '1.1', headers, h1.UNKNOWN_LENGTH)
    for (let sent = 0; sent < LARGE; sent += PIECE.length) {
      this.client.sendData(PIECE)
      this.carry()
    }
    this.client.sendEnd(null)
    this.carry()
    if (this.server.received !== LARGE) throw new Error(`${this.server.received} bytes came`)
    this.expectAnswer()
  }

  private carry(): void {
    const { output } = this.client
    for (let piece = output.take(); piece !== null; piece = output.take()) {
      this.server.receive(typeof piece === 'string' ? text.encodeLatin1(piece) : piece)
    }
  }

  private expectAnswer(): void {
    this.client.receive(text.encodeLatin1(this.server.take()), 0)
    let bytes = 0
    for (;;) {
      switch (this.client.nextEvent()) {
        case h1.HEAD_EVENT:
          break
        case h1.DATA_EVENT:
          bytes += this.client.data.length
          break
        case h1.END_EVENT:
          if (bytes !== 13) throw new Error(`an answer of ${bytes} bytes`)
          return
        default:
          throw this.client.error ?? new Error('no whole answer')
      }
    }
  }
}
