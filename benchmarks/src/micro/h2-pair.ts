// HTTP/2 client and server machine joined in memory, no IO: 32 exchanges side by side, and 10 MiB from client to server.
// From the core's own files, whose events no door names.
import { EMPTY_BODY } from '../../../packages/core/src/body/empty.ts'
import {
  CAPACITY_EVENT,
  DATA_EVENT,
  END_EVENT,
  FAILED,
  HEAD_EVENT,
  RESET_EVENT,
} from '../../../packages/core/src/h2/event.ts'
import { H2ClientMachine } from '../../../packages/core/src/h2/client-machine.ts'
import { H2ServerMachine } from '../../../packages/core/src/h2/server-machine.ts'
import { HeaderMap } from '../../../packages/core/src/http/header-map.ts'
import type { Work } from './measure.ts'

const LARGE = 10 * 1024 * 1024
const PIECE = new Uint8Array(65_536)
const STREAMS = 32
const HOST = { makeBody: () => EMPTY_BODY, httpDate: () => 'Mon, 06 Jul 2026 12:00:00 GMT' }
const LINE = { method: 'GET', scheme: 'http', authority: '127.0.0.1', path: '/', protocol: null }
const NOTHING = new HeaderMap()

export const cases: Readonly<Record<string, () => Work>> = {
  'hello-32': () => {
    const pair = new Pair()
    return (times) => {
      for (let time = 0; time < times; time += 1) pair.hello()
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
  private readonly client: H2ClientMachine
  private readonly server: H2ServerMachine
  private received: number
  private answered: number

  constructor() {
    this.client = new H2ClientMachine()
    this.server = new H2ServerMachine({ maxRequests: Infinity })
    this.client.host = HOST
    this.server.host = HOST
    this.received = 0
    this.answered = 0
    this.exchange()
  }

  hello(): void {
    this.answered = 0
    for (let stream = 0; stream < STREAMS; stream += 1) this.client.open(LINE, NOTHING, 0, false)
    this.exchange()
    if (this.answered !== STREAMS) throw new Error(`${this.answered} answers`)
  }

  upload(): void {
    this.received = 0
    this.answered = 0
    const stream = this.client.open({ ...LINE, method: 'POST' }, NOTHING, LARGE, false)
    for (let sent = 0; sent < LARGE; sent += PIECE.length) {
      this.client.sendData(stream, PIECE)
      if (sent % (4 * PIECE.length) === 0) this.exchange()
    }
    this.client.sendEnd(stream, null)
    this.exchange()
    if (this.received !== LARGE || this.answered !== 1) throw new Error(`${this.received} bytes came`)
  }

  // Until neither has anything to say.
  private exchange(): void {
    for (;;) {
      const went = carry(this.client, this.server, () => this.serve())
      const came = carry(this.server, this.client, () => this.take())
      if (!went && !came) return
    }
  }

  private serve(): void {
    const { server } = this
    for (;;) {
      switch (server.nextEvent()) {
        case HEAD_EVENT:
          if (!server.hasBody) this.answer()
          break
        case DATA_EVENT:
          this.received += server.data.length
          server.consume(server.stream!, server.data.length)
          break
        case END_EVENT:
          this.answer()
          break
        case FAILED:
        case RESET_EVENT:
          throw server.error ?? new Error('failed')
        default:
          return
      }
    }
  }

  private answer(): void {
    const { server } = this
    const stream = server.stream!
    server.sendHead(stream, 200, new HeaderMap({ 'content-type': 'text/plain' }), 13, false)
    server.sendWhole(stream, 'Hello, World!')
  }

  private take(): void {
    const { client } = this
    for (;;) {
      switch (client.nextEvent()) {
        case HEAD_EVENT:
        case CAPACITY_EVENT:
          break
        case DATA_EVENT:
          client.consume(client.stream!, client.data.length)
          break
        case END_EVENT:
          this.answered += 1
          break
        case FAILED:
        case RESET_EVENT:
          throw client.error ?? new Error('failed')
        default:
          return
      }
    }
  }
}

type Machine = H2ClientMachine | H2ServerMachine

function carry(from: Machine, to: Machine, look: () => void): boolean {
  let moved = false
  for (let more = true; more;) {
    more = from.writeStreams()
    for (let piece = from.output.take(); piece !== null; piece = from.output.take()) {
      moved = true
      to.receive(piece, 0)
      look()
    }
  }
  return moved
}
