// Ways to read and write a socket on Node, with nothing else: what an adapter can save. Canned answers to every 64-connection GET.
// Argument: how bytes are read, then how they are written. `data`: the event; `push`: an own `push` property that takes the
// bytes before the stream does. `string`: one Latin-1 string; `buffer`: bytes made per answer; `two`: head and body, corked.
import { createServer } from 'node:net'
import type { AddressInfo, Socket } from 'node:net'
import { announce, HELLO } from '../servers/common.ts'

const [, , reading = 'data', writing = 'string'] = process.argv
const date = new Date().toUTCString()
const head = `HTTP/1.1 200 OK\r\ncontent-type: text/plain\r\ncontent-length: ${HELLO.length}\r\ndate: ${date}\r\n\r\n`
const answer = writerOf(writing)

const server = createServer({ noDelay: true }, (socket) => {
  socket.on('error', () => socket.destroy())
  const receive = (chunk: Uint8Array): void => {
    // The load sends one request at a time and waits: a chunk that ends a head is one request.
    if (chunk[chunk.length - 1] === 0x0a) answer(socket)
  }
  if (reading === 'data') {
    socket.on('data', receive)
    return
  }
  Object.assign(socket, {
    push: (chunk: Uint8Array | null): boolean => {
      if (chunk === null) socket.end()
      else receive(chunk)
      return true
    },
  })
  socket.resume()
})
server.listen({ port: 0, host: '127.0.0.1', backlog: 4096 }, () =>
  announce((server.address() as AddressInfo).port),
)

function writerOf(name: string): (socket: Socket) => void {
  switch (name) {
    case 'string':
      return (socket) => void socket.write(head + HELLO, 'latin1')
    case 'buffer':
      return (socket) => void socket.write(Buffer.from(head + HELLO, 'latin1'))
    case 'two':
      return (socket) => {
        socket.cork()
        socket.write(head, 'latin1')
        socket.write(HELLO, 'latin1')
        socket.uncork()
      }
    default:
      throw new Error(`no way to write is called ${name}`)
  }
}
