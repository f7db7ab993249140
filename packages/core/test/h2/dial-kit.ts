import { frames, MockIo, VirtualRuntime } from '@hyper/testkit'
import type { Body } from '../../src/body/index.ts'
import type { ConnectionEnd } from '../../src/drive/connection.ts'
import type { H2SendOptions } from '../../src/drive/h2-call.ts'
import type { H2ClientConnection } from '../../src/drive/h2-client-connection.ts'
import { handshake, type H2HandshakeOptions, type H2SendRequest } from '../../src/drive/h2-handshake.ts'
import type { HyperError } from '../../src/error/index.ts'
import { HttpRequest } from '../../src/http/request.ts'
import { HttpResponse } from '../../src/http/response.ts'
import { FrameLog } from './read-frames.ts'

// A client's driver over a MockIo, in virtual time, and the server that talks to it; the counterpart of serve-kit.ts.

/** What has become of a request so far. */
export class Box {
  out: HttpResponse | HyperError | null = null

  constructor(promise: Promise<HttpResponse>) {
    promise.then(
      (answer) => (this.out = answer),
      (error: HyperError) => (this.out = error),
    )
  }

  get isAnswered(): boolean {
    return this.out instanceof HttpResponse
  }

  get response(): HttpResponse {
    if (this.out instanceof HttpResponse) return this.out
    throw new Error('no response')
  }

  get error(): HyperError {
    if (this.out === null || this.out instanceof HttpResponse) throw new Error('no error')
    return this.out
  }
}

export interface RequestParts {
  readonly method?: string
  readonly body?: Body | string
  readonly headers?: Record<string, string>
  readonly target?: string
}

export class Dialled {
  readonly io: MockIo = new MockIo()
  readonly runtime: VirtualRuntime = new VirtualRuntime()
  readonly connection: H2ClientConnection
  readonly sender: H2SendRequest
  readonly log: FrameLog = new FrameLog()
  end: ConnectionEnd | null = null
  private skip: number = 24

  constructor(options: Omit<H2HandshakeOptions, 'runtime'> = {}) {
    const { io, runtime } = this
    const made = handshake(io, { adaptiveWindow: false, ...options, runtime })
    this.connection = made.connection
    this.sender = made.sender
    void this.connection.closed.then((end) => (this.end = end))
  }

  async open(wire: Uint8Array = frames.settings()): Promise<this> {
    await this.receive(wire, frames.settingsAck())
    return this
  }

  /** Bytes from the server. @returns what was written once nothing is left to do */
  receive(...parts: Uint8Array[]): Promise<string[]> {
    this.io.feed(frames.join(...parts))
    return this.written()
  }

  async written(): Promise<string[]> {
    await this.runtime.settle()
    const { bytes } = this.io
    this.io.take()
    const from = Math.min(this.skip, bytes.length)
    this.skip -= from
    return this.log.read(bytes.subarray(from))
  }

  after(ms: number): Promise<string[]> {
    this.runtime.advance(ms)
    return this.written()
  }

  /** Sends; the promise's answer or error appears in the box. */
  request(init: RequestParts = {}, options?: H2SendOptions): Box {
    const { method = 'GET', target = '/', headers = { host: 'a' }, body } = init
    const message = new HttpRequest(method, target, { headers, ...(body === undefined ? {} : { body }) })
    return new Box(this.sender.send(message, options))
  }
}

export function dialled(options?: Omit<H2HandshakeOptions, 'runtime'>, wire?: Uint8Array): Promise<Dialled> {
  return new Dialled(options).open(wire)
}

/** The whole of a response, without a body. */
export const DONE = (id: number): Uint8Array => frames.response(id, 200, [], { endStream: true })
