// The floor: a bare `node:net` server that looks for the end of each head and answers canned bytes. It parses nothing, so
// nothing that speaks HTTP on Node's sockets can cost less. Its answers hold the same bytes as the engine's.
// It knows the exact requests the load sends (`/` without a body, `/json` with one) and would be wrong for any other.
import { createServer } from 'node:net'
import type { AddressInfo, Socket } from 'node:net'
import { announce, HELLO } from './common.ts'

const HEAD_END = '\r\n\r\n'
let hello = ''
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

function stamp(): void {
  hello = head('text/plain', HELLO.length) + HELLO
}

function head(type: string, length: number): string {
  return `HTTP/1.1 200 OK\r\ncontent-type: ${type}\r\ncontent-length: ${length}\r\ndate: ${new Date().toUTCString()}${HEAD_END}`
}

class Connection {
  private readonly socket: Socket
  private rest: Buffer | null

  constructor(socket: Socket) {
    this.socket = socket
    this.rest = null
  }

  receive(chunk: Buffer): void {
    const bytes = this.rest === null ? chunk : Buffer.concat([this.rest, chunk])
    let at = 0
    let answers = 0
    while (at < bytes.length) {
      const end = bytes.indexOf(HEAD_END, at, 'latin1')
      if (end < 0) break
      // `P` of POST.
      if (bytes[at] === 0x50) {
        const after = this.json(bytes, at, end + 4)
        if (after < 0) break
        at = after
      } else {
        answers += 1
        at = end + 4
      }
    }
    if (answers > 0) this.socket.write(answers === 1 ? hello : hello.repeat(answers), 'latin1')
    this.rest = at === bytes.length ? null : bytes.subarray(at)
  }

  // A POST is always a JSON document here. Returns where the next request begins, or -1 when the body is not all there.
  private json(bytes: Buffer, from: number, bodyFrom: number): number {
    const text = bytes.toString('latin1', from, bodyFrom)
    const field = text.search(/content-length: /i)
    const bodyEnd = bodyFrom + Number.parseInt(text.slice(field + 16), 10)
    if (bytes.length < bodyEnd) return -1
    const answer = JSON.stringify(JSON.parse(bytes.toString('utf8', bodyFrom, bodyEnd)))
    this.socket.write(head('application/json', answer.length) + answer, 'latin1')
    return bodyEnd
  }
}
