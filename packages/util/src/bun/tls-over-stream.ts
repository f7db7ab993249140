import { FULL, type Io, type IoSink, type PeerInfo, type WriteResult } from '@hyper/core/rt'
import type { SecureIoOptions } from '../node/secure.ts'

// TLS over what is no socket of Bun's: a tunnel through a proxy that is spoken to by TLS itself, a stream of HTTP/2. In: any Io. Out:
// the stream inside, by what Bun has of node:tls. That takes every write, however much waits below: the two halves here see to
// it that who writes hears of it. And it closes with the end of the peer: there is no half-open connection.

/** As `secure` of `@hyper/util/node`. Loaded where it is needed: with it comes what Bun has of Node's sockets. */
export async function secureStream(io: Io, options: SecureIoOptions): Promise<Io> {
  const { secure } = await import('../node/secure.ts')
  const below = new Below(io)
  return new Above(await secure(below, options), below)
}

/** The stream that carries the records. It remembers whether it is full. */
class Below implements Io, IoSink {
  isFull: boolean
  above: Above | null
  private readonly io: Io
  private sink: IoSink | null

  constructor(io: Io) {
    this.isFull = false
    this.above = null
    this.io = io
    this.sink = null
  }

  get peer(): PeerInfo {
    return this.io.peer
  }

  start(sink: IoSink): void {
    this.sink = sink
    this.io.start(this)
  }

  pause(): void {
    this.io.pause()
  }

  resume(): void {
    this.io.resume()
  }

  write(data: Uint8Array | string, more?: boolean): WriteResult {
    const result = this.io.write(data, more)
    this.isFull = result === FULL
    return result
  }

  end(): void {
    this.io.end()
  }

  close(): void {
    this.io.close()
  }

  abort(): void {
    this.io.abort()
  }

  ref(): void {
    this.io.ref()
  }

  unref(): void {
    this.io.unref()
  }

  onData(chunk: Uint8Array): boolean {
    return this.sink?.onData(chunk) ?? false
  }

  onEnd(): void {
    this.sink?.onEnd()
  }

  onDrain(): void {
    this.isFull = false
    // What waited goes on, and may fill it again.
    this.sink?.onDrain()
    if (!this.isFull) this.above?.onBelowDrained()
  }

  onWriteError(error: Error, lost?: number): void {
    this.isFull = false
    this.sink?.onWriteError(error, lost)
  }

  onClose(error: Error | null): void {
    this.sink?.onClose(error)
  }
}

/** The stream inside. Full when either is; empty again when both are. */
class Above implements Io {
  private readonly io: Io
  private readonly below: Below
  private sink: IoSink | null
  /** The stream inside has answered FULL. */
  private isFull: boolean
  /** We have. */
  private owesDrain: boolean

  constructor(io: Io, below: Below) {
    this.io = io
    this.below = below
    this.sink = null
    this.isFull = false
    this.owesDrain = false
    below.above = this
  }

  get peer(): PeerInfo {
    return this.io.peer
  }

  start(sink: IoSink): void {
    this.sink = sink
    // A new one each time: who starts after the close is told of it only when it is another sink.
    this.io.start(new Teller(this, sink))
  }

  pause(): void {
    this.io.pause()
  }

  resume(): void {
    this.io.resume()
  }

  write(data: Uint8Array | string, more?: boolean): WriteResult {
    const result = this.io.write(data, more)
    this.isFull ||= result === FULL
    if (!this.isFull && !this.below.isFull) return result
    this.owesDrain = true
    return FULL
  }

  end(): void {
    this.io.end()
  }

  close(): void {
    this.io.close()
  }

  abort(): void {
    this.io.abort()
  }

  ref(): void {
    this.io.ref()
  }

  unref(): void {
    this.io.unref()
  }

  onDrain(): void {
    this.isFull = false
    this.tellDrain()
  }

  onBelowDrained(): void {
    this.tellDrain()
  }

  forgetDrain(): void {
    this.owesDrain = false
  }

  private tellDrain(): void {
    if (!this.owesDrain || this.isFull || this.below.isFull) return
    this.owesDrain = false
    this.sink?.onDrain()
  }
}

/** Tells one sink, but for drains. */
class Teller implements IoSink {
  private readonly above: Above
  private readonly sink: IoSink

  constructor(above: Above, sink: IoSink) {
    this.above = above
    this.sink = sink
  }

  onData(chunk: Uint8Array): boolean {
    return this.sink.onData(chunk)
  }

  onEnd(): void {
    this.sink.onEnd()
  }

  onDrain(): void {
    this.above.onDrain()
  }

  onWriteError(error: Error): void {
    this.above.forgetDrain()
    this.sink.onWriteError(error)
  }

  onClose(error: Error | null): void {
    this.above.forgetDrain()
    this.sink.onClose(error)
  }
}
