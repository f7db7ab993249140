import { once } from 'node:events'
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net'

// A server that answers in bytes: the test says what is written for the n-th request of each connection.

/** What a connection does with a request; requests are counted from 0, over all connections of the server. */
export type Script = (socket: Socket, request: string, index: number) => void

export class RawServer {
  readonly sockets: Socket[]
  /** Every request head with the body bytes that came with it, in the order of arrival. */
  readonly requests: string[]
  /** True to keep no requests: for many. */
  forgets: boolean = false
  private readonly server: Server
  private readonly script: Script

  constructor(script: Script) {
    this.sockets = []
    this.requests = []
    this.script = script
    this.server = createServer({ allowHalfOpen: true }, (socket) => this.accept(socket))
  }

  static async start(script: Script): Promise<RawServer> {
    const made = new RawServer(script)
    made.server.listen(0, '127.0.0.1')
    await once(made.server, 'listening')
    return made
  }

  get port(): number {
    return (this.server.address() as AddressInfo).port
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}/`
  }

  close(): void {
    for (const socket of this.sockets) socket.destroy()
    this.server.close()
  }

  private accept(socket: Socket): void {
    this.sockets.push(socket)
    socket.setEncoding('latin1')
    socket.on('error', () => undefined)
    socket.on('end', () => socket.end())
    let held = ''
    socket.on('data', (text: string) => {
      held += text
      if (!held.includes('\r\n\r\n')) return
      const request = held
      held = ''
      if (!this.forgets) this.requests.push(request)
      this.script(socket, request, this.requests.length - 1)
    })
  }
}

export const OK = 'HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok'

/** Resolves as soon as `test` holds; asked again at every turn of the event loop. */
export async function eventually(test: () => boolean): Promise<void> {
  while (!test()) await new Promise<void>((resolve) => setImmediate(resolve))
}

/** Lets bytes that are on their way arrive. */
export async function quiet(): Promise<void> {
  for (let i = 0; i < 20; i++) await new Promise((resolve) => setTimeout(resolve, 1))
}
