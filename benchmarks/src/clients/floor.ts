// The client floor: bare `node:net`, a canned request, and a look for the end of the head and 13 bytes after it.
import { connect } from 'node:net'
import type { Socket } from 'node:net'
import { connections, fail, HELLO, meter, port } from './common.ts'

const request = `GET / HTTP/1.1\r\nhost: 127.0.0.1:${port}\r\n\r\n`

class Line {
  private readonly socket: Socket
  private rest: Buffer | null
  private startedAt: number

  constructor() {
    this.socket = connect({ host: '127.0.0.1', port, noDelay: true })
    this.rest = null
    this.startedAt = 0
    this.socket.on('connect', () => this.send())
    this.socket.on('data', (chunk: Buffer) => this.receive(chunk))
    this.socket.on('error', fail)
    this.socket.on('close', () => fail('the server closed a connection'))
  }

  private send(): void {
    this.startedAt = performance.now()
    this.socket.write(request, 'latin1')
  }

  private receive(chunk: Buffer): void {
    const bytes = this.rest === null ? chunk : Buffer.concat([this.rest, chunk])
    const end = bytes.indexOf('\r\n\r\n', 0, 'latin1')
    this.rest = bytes
    if (end < 0 || bytes.length < end + 4 + HELLO.length) return
    if (bytes.toString('latin1', end + 4) !== HELLO) fail('another answer')
    this.rest = null
    meter.answered(this.startedAt)
    this.send()
  }
}

for (let count = 0; count < connections; count += 1) new Line()
meter.run()
