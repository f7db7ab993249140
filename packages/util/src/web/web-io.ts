import type { Io, PeerInfo } from '@hyper/core/rt'
import { type ByteSource, PromiseIo } from '../runtime/promise-io.ts'

// A pair of web streams (WebTransport, Workers' sockets, WebSocketStream, a pipe in a tab) as an Io.

/** A readable and a writable half, as `connect()` of Workers-like runtimes and `WebTransport` streams have them. */
export interface WebStreamPair {
  readonly readable: ReadableStream<Uint8Array>
  readonly writable: WritableStream<Uint8Array>
  readonly peer?: PeerInfo | undefined
}

/** Makes an {@link Io} of two web streams, locks both, and owns them from then on. `abort` cancels and aborts them. */
export function webIo(pair: WebStreamPair): Io {
  return new PromiseIo(new WebSource(pair))
}

class WebSource implements ByteSource {
  readonly peer: PeerInfo
  private readonly reader: ReadableStreamDefaultReader<Uint8Array>
  private readonly writer: WritableStreamDefaultWriter<Uint8Array>

  constructor(pair: WebStreamPair) {
    this.peer = pair.peer ?? { transport: 'web', encrypted: false }
    this.reader = pair.readable.getReader()
    this.writer = pair.writable.getWriter()
    // Failures are told by the read or write that meets them.
    this.reader.closed.catch(ignore)
    this.writer.closed.catch(ignore)
    this.writer.ready.catch(ignore)
  }

  read(done: (chunk: Uint8Array | null) => void, failed: (error: unknown) => void): void {
    this.next().then(done, failed)
  }

  release(): void {}

  write(bytes: Uint8Array, done: () => void, failed: (error: unknown) => void): void {
    this.send(bytes).then(done, failed)
  }

  private async next(): Promise<Uint8Array | null> {
    const { done, value } = await this.reader.read()
    if (done) return null
    if (!(value instanceof Uint8Array))
      throw new TypeError('the readable stream gave something that is no Uint8Array')
    return value
  }

  private async send(bytes: Uint8Array): Promise<void> {
    // A copy: a stream may hand the very object on to its reader, and `write` of Io gives the memory back.
    await this.writer.write(bytes.slice())
    // The promise of `ready` is replaced whenever the stream pushes back, and rejects unheard when it fails.
    this.writer.ready.catch(ignore)
  }

  async closeWrite(): Promise<void> {
    await this.writer.close()
  }

  close(): void {
    this.reader.cancel().catch(ignore)
  }

  abort(): void {
    const reason = new Error('the connection was aborted')
    this.reader.cancel(reason).catch(ignore)
    this.writer.abort(reason).catch(ignore)
  }
}

function ignore(): void {}
