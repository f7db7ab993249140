import { frames, MockIo, VirtualRuntime } from '@hyper/testkit'
import type { H2ServerConnection } from '../../src/drive/h2-server-connection.ts'
import type { ConnectionEnd } from '../../src/drive/connection.ts'
import { serveConnection, type H2ServeOptions } from '../../src/drive/serve-h2-connection.ts'
import { HttpResponse } from '../../src/http/response.ts'
import type { Service } from '../../src/service/service.ts'
import { FrameLog } from './read-frames.ts'

// A served HTTP/2 connection over a MockIo, in virtual time, and what became of it.

const ok: Service = () => new HttpResponse('ok')

export class Served {
  readonly io: MockIo = new MockIo()
  readonly runtime: VirtualRuntime = new VirtualRuntime()
  readonly connection: H2ServerConnection
  readonly log: FrameLog = new FrameLog()
  end: ConnectionEnd | null = null

  constructor(service: Service = ok, options: Omit<H2ServeOptions, 'runtime'> = {}) {
    const { io, runtime } = this
    this.connection = serveConnection(io, service, {
      autoDateHeader: false,
      adaptiveWindow: false,
      ...options,
      runtime,
    })
    void this.connection.closed.then((end) => (this.end = end))
  }

  /** Preface and settings, both ways. */
  async open(settings: Uint8Array = frames.settings()): Promise<this> {
    await this.send(frames.preface, settings, frames.settingsAck())
    return this
  }

  /** @returns what was written once nothing is left to do now */
  send(...parts: readonly Uint8Array[]): Promise<string[]> {
    this.io.feed(frames.join(...parts))
    return this.written()
  }

  after(ms: number): Promise<string[]> {
    this.runtime.advance(ms)
    return this.written()
  }

  async written(): Promise<string[]> {
    await this.runtime.settle()
    const lines = this.log.read(this.io.bytes)
    this.io.take()
    return lines
  }

  /** The code it ended with; '' for a clean end, null while it is open. */
  get code(): string | null {
    return this.end === null ? null : (this.end.error?.code ?? '')
  }
}

export function served(service?: Service, options?: Omit<H2ServeOptions, 'runtime'>): Promise<Served> {
  return new Served(service, options).open()
}
