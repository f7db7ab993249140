// The HTTP/2 floor: a bare `node:net` server that takes frames apart by their heads and answers canned ones: SETTINGS, and for each
// request HEADERS of four indexed fields and DATA. No header is decoded, no credit counted, so that nothing that speaks HTTP/2 on
// Node's sockets can cost less. Its answers hold the same bytes as the engine's. It would be wrong for a request with a body.
import { createServer } from 'node:net'
import type { AddressInfo, Socket } from 'node:net'
import {
  ACK,
  DATA,
  END_HEADERS,
  END_STREAM,
  frame,
  HEAD_SIZE,
  HEADERS,
  literal,
  PING,
  PREFACE,
  settings,
  SETTINGS,
} from '../load/h2-frames.ts'
import { announce, HELLO } from './common.ts'

const MAX_CONCURRENT_STREAMS = 3
const data = frame(DATA, END_STREAM, 0, Buffer.from(HELLO, 'latin1'))
// The three newest entries of the table (RFC 7541 §2.3.3): date, length, type.
const INDEXED = Buffer.of(0x88, 0x80 | 64, 0x80 | 63, 0x80 | 62)
const answer = Buffer.concat([frame(HEADERS, END_HEADERS, 0, INDEXED), data])
const DATA_AT = HEAD_SIZE + INDEXED.length
let first = answer
let second = 0
stamp()
setInterval(stamp, 1000).unref()

const server = createServer({ noDelay: true }, (socket) => {
  const connection = new Connection(socket)
  socket.on('data', (chunk: Buffer) => connection.receive(chunk))
  socket.on('error', () => socket.destroy())
})
server.listen({ port: 0, host: '127.0.0.1', backlog: 4096 }, () =>
  announce((server.address() as AddressInfo).port),
)

// Once a second the fields are put into the table anew, by the first answer of each connection.
function stamp(): void {
  const fields = [
    literal(31, 'text/plain'),
    literal(28, String(HELLO.length)),
    literal(33, new Date().toUTCString()),
  ]
  first = Buffer.concat([frame(HEADERS, END_HEADERS, 0, Buffer.concat([Buffer.of(0x88), ...fields])), data])
  second += 1
}

class Connection {
  private readonly socket: Socket
  private rest: Buffer | null
  private skip: number
  private out: Buffer
  private length: number
  private stamped: number

  constructor(socket: Socket) {
    this.socket = socket
    this.rest = null
    this.skip = PREFACE.length
    this.out = Buffer.alloc(0)
    this.length = 0
    this.stamped = 0
    socket.write(settings([MAX_CONCURRENT_STREAMS, 256]))
  }

  receive(chunk: Buffer): void {
    const bytes = this.rest === null ? chunk : Buffer.concat([this.rest, chunk])
    let at = this.skip
    while (at + HEAD_SIZE <= bytes.length) {
      const length = ((bytes[at] ?? 0) << 16) | ((bytes[at + 1] ?? 0) << 8) | (bytes[at + 2] ?? 0)
      const end = at + HEAD_SIZE + length
      if (end > bytes.length) break
      this.take(bytes, at, end)
      at = end
    }
    this.skip = Math.max(0, at - bytes.length)
    this.rest = at >= bytes.length ? null : bytes.subarray(at)
    if (this.length === 0) return
    this.socket.write(this.out.subarray(0, this.length))
    this.out = Buffer.alloc(0)
    this.length = 0
  }

  private take(bytes: Buffer, at: number, end: number): void {
    const kind = bytes[at + 3]
    const isAck = ((bytes[at + 4] ?? 0) & ACK) !== 0
    if (kind === HEADERS) this.answer(bytes, at + 5)
    else if (kind === SETTINGS && !isAck) this.put(frame(SETTINGS, ACK, 0))
    else if (kind === PING && !isAck) this.put(frame(PING, ACK, 0, bytes.subarray(at + HEAD_SIZE, end)))
  }

  private answer(bytes: Buffer, id: number): void {
    const isFirst = this.stamped !== second
    this.stamped = second
    const from = this.length
    this.put(isFirst ? first : answer)
    const { out } = this
    const dataAt = from + (isFirst ? first.length - answer.length + DATA_AT : DATA_AT)
    for (let byte = 0; byte < 4; byte += 1) {
      const value = bytes[id + byte] ?? 0
      out[from + 5 + byte] = value
      out[dataAt + 5 + byte] = value
    }
  }

  private put(piece: Buffer): void {
    if (this.length + piece.length > this.out.length) {
      const grown = Buffer.allocUnsafe(Math.max(2048, this.out.length * 2, this.length + piece.length))
      grown.set(this.out.subarray(0, this.length))
      this.out = grown
    }
    this.out.set(piece, this.length)
    this.length += piece.length
  }
}
