// The floor on Bun: a bare `Bun.listen` server that looks for the end of each head and answers canned bytes, as `floor.ts` does on
// `node:net`. Runs under Bun alone. It knows `/` only, and requests that come whole.
import { announce, HELLO } from './common.ts'

interface Socket {
  write(text: string, encoding: 'latin1'): number
  end(): void
}

interface BunRuntime {
  listen(options: {
    hostname: string
    port: number
    allowHalfOpen: boolean
    socket: {
      data: (socket: Socket, chunk: Buffer) => void
      end: (socket: Socket) => void
      drain: () => void
    }
  }): { port: number }
}

let hello = ''
stamp()
setInterval(stamp, 1000).unref()

const { Bun } = globalThis as unknown as { Bun: BunRuntime }
const server = Bun.listen({
  hostname: '127.0.0.1',
  port: 0,
  allowHalfOpen: true,
  socket: {
    data(socket, chunk) {
      let answers = 0
      for (let at = chunk.indexOf('\r\n\r\n'); at >= 0; at = chunk.indexOf('\r\n\r\n', at + 4)) answers += 1
      if (answers > 0) socket.write(answers === 1 ? hello : hello.repeat(answers), 'latin1')
    },
    end: (socket) => socket.end(),
    drain() {},
  },
})
announce(server.port)

function stamp(): void {
  hello = `HTTP/1.1 200 OK\r\ncontent-type: text/plain\r\ncontent-length: ${HELLO.length}\r\ndate: ${new Date().toUTCString()}\r\n\r\n${HELLO}`
}
