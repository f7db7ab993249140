import { connect, type Socket } from 'node:net'
import { once } from 'node:events'
import type { Io } from '@hyper/core/rt'
import { lacks, toText } from '@hyper/testkit'
import { nodeIo } from '@hyper/util/node'
import { expect } from 'vitest'

// A client that speaks in bytes: what a test sends and what came back, as Latin-1 text.

export class Wire {
  readonly socket: Socket
  readonly io: Io
  /** Everything received so far. */
  received: string
  /** True once the server has ended its half. */
  isEnded: boolean
  isClosed: boolean
  error: Error | null
  private waiting: (() => void) | null

  constructor(socket: Socket) {
    this.socket = socket
    // The events of the socket would do, but that older lines of Node take a reset behind bytes for an end.
    this.io = nodeIo(socket)
    this.received = ''
    this.isEnded = false
    this.isClosed = false
    this.error = null
    this.waiting = null
    this.io.start({
      onData: (chunk) => {
        this.moved(() => (this.received += toText(chunk)))
        return false
      },
      onEnd: () => this.moved(() => (this.isEnded = true)),
      onDrain: () => {},
      onWriteError: (error) => this.moved(() => (this.error = error)),
      onClose: (error) =>
        this.moved(() => {
          this.error = error
          this.isClosed = true
        }),
    })
  }

  static async open(port: number): Promise<Wire> {
    const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true })
    await once(socket, 'connect')
    return new Wire(socket)
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

  /** The server has torn the connection down: by a reset, where its platform has one. */
  async cut(): Promise<void> {
    await this.ended()
    if (lacks.reset !== null) {
      this.io.end()
      return
    }
    await this.closed()
    expect(this.error).toMatchObject({ code: 'ECONNRESET' })
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
