import { connect, type Socket } from 'node:net'
import { once } from 'node:events'

// A client that speaks in bytes: what a test sends and what came back, as Latin-1 text.

export class Wire {
  readonly socket: Socket
  /** Everything received so far. */
  received: string
  /** True once the server has ended its half. */
  isEnded: boolean
  isClosed: boolean
  error: Error | null
  private waiting: (() => void) | null

  constructor(socket: Socket) {
    this.socket = socket
    this.received = ''
    this.isEnded = false
    this.isClosed = false
    this.error = null
    this.waiting = null
    socket.setEncoding('latin1')
    socket.on('data', (text: string) => this.moved(() => (this.received += text)))
    socket.on('end', () => this.moved(() => (this.isEnded = true)))
    socket.on('error', (error) => this.moved(() => (this.error = error)))
    socket.on('close', () => this.moved(() => (this.isClosed = true)))
  }

  static async open(port: number): Promise<Wire> {
    const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true })
    const wire = new Wire(socket)
    await once(socket, 'connect')
    return wire
  }

  /** Opens, sends, and gives everything until the server has ended. */
  static async exchange(port: number, text: string): Promise<string> {
    const wire = await Wire.open(port)
    wire.send(text)
    await wire.ended()
    wire.socket.destroy()
    return wire.received
  }

  send(text: string): void {
    this.socket.write(text, 'latin1')
  }

  /** Waits until what came contains `text`, `times` times. */
  async until(text: string, times: number = 1): Promise<string> {
    await this.when(() => this.received.split(text).length > times)
    return this.received
  }

  ended(): Promise<void> {
    return this.when(() => this.isEnded || this.isClosed)
  }

  closed(): Promise<void> {
    return this.when(() => this.isClosed)
  }

  async when(test: () => boolean): Promise<void> {
    while (!test()) {
      if (this.isClosed) throw new Error(`closed, having received: ${JSON.stringify(this.received)}`)
      await new Promise<void>((resolve) => (this.waiting = resolve))
    }
  }

  private moved(change: () => void): void {
    change()
    const { waiting } = this
    this.waiting = null
    waiting?.()
  }
}

/** Resolves as soon as `test` holds; asked again at every turn of the event loop. */
export async function eventually(test: () => boolean): Promise<void> {
  while (!test()) await new Promise<void>((resolve) => setImmediate(resolve))
}

/** The body of one response with a Content-Length or in chunks, taken off the wire's text. */
export function bodyOf(response: string): string {
  return response.slice(response.indexOf('\r\n\r\n') + 4)
}

export function headOf(response: string): string {
  return response.slice(0, response.indexOf('\r\n\r\n'))
}
