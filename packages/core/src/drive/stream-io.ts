import type { BodySink } from '../body/sink.ts'
import type { HyperError } from '../error/index.ts'
import { FULL, TAKEN, type Io, type IoSink, type PeerInfo, type WriteResult } from '../rt/index.ts'

// StreamIo: an HTTP/2 stream as an Io, for tunnels (CONNECT, RFC 9113 §8.5; extended CONNECT, RFC 8441). In: the body
// that is received, and the stream's way out. Out: the sink's calls, never from inside of a call of ours.

/** The stream's way out. */
export interface StreamPort {
  /** @returns false when the caller should wait until `drained` */
  write(chunk: Uint8Array): boolean
  end(): void
  reset(): void
  /** Nobody reads any more. */
  stop(): void
  /** Received bytes were delivered. */
  consumed(bytes: number): void
  /** Output was added. */
  wrote(): void
  defer(task: () => void): void
  encode(text: string): Uint8Array
}

export class StreamIo implements Io {
  readonly peer: PeerInfo
  /** Takes the received body. */
  readonly sink: BodySink
  private readonly port: StreamPort
  private target: IoSink | null = null
  private isPaused: boolean = false
  private held: Uint8Array[] = []
  private hasEnd: boolean = false
  private endTold: boolean = false
  private isEnded: boolean = false
  private isFull: boolean = false
  private isGone: boolean = false
  private closeTold: boolean = false
  private error: HyperError | null = null
  private isWaking: boolean = false

  constructor(peer: PeerInfo, port: StreamPort) {
    this.peer = peer
    this.port = port
    this.sink = {
      onData: (chunk) => this.arrive(chunk),
      onTrailers: () => {},
      onEnd: () => this.arriveEnd(),
      onError: (error) => this.gone(error),
    }
  }

  start(sink: IoSink): void {
    this.target = sink
    this.isPaused = false
    // Who takes over a stream that is gone hears of that too.
    this.closeTold = false
    this.wake()
  }

  pause(): void {
    this.isPaused = true
  }

  resume(): void {
    this.isPaused = false
    this.wake()
  }

  write(data: Uint8Array | string): WriteResult {
    if (this.isGone || this.isEnded || data.length === 0) return TAKEN
    const goesOn = this.port.write(typeof data === 'string' ? this.port.encode(data) : data.slice())
    this.port.wrote()
    if (!goesOn) this.isFull = true
    return goesOn ? TAKEN : FULL
  }

  end(): void {
    if (this.isGone || this.isEnded) return
    this.isEnded = true
    this.port.end()
    this.port.wrote()
    this.closeWhenDone()
  }

  close(): void {
    if (this.isGone) return
    this.end()
    this.port.stop()
    this.held = []
    this.hasEnd = false
    this.leave(null)
  }

  abort(): void {
    if (this.isGone) return
    this.port.reset()
    this.port.wrote()
    this.leave(null)
  }

  ref(): void {}

  unref(): void {}

  /** The stream has taken what it held. */
  drained(): void {
    if (!this.isFull || this.isGone) return
    this.isFull = false
    this.target?.onDrain()
  }

  /** The stream is gone. */
  gone(error: HyperError): void {
    this.leave(error)
  }

  private arrive(chunk: Uint8Array): void {
    if (this.isGone) return
    this.held.push(chunk)
    this.wake()
  }

  private arriveEnd(): void {
    if (this.isGone) return
    this.hasEnd = true
    this.wake()
  }

  private leave(error: HyperError | null): void {
    if (this.isGone) return
    this.isGone = true
    this.error = error
    this.wake()
  }

  private closeWhenDone(): void {
    if (this.isEnded && this.endTold) this.leave(null)
  }

  private wake(): void {
    if (this.isWaking || this.target === null) return
    this.isWaking = true
    this.port.defer(() => this.deliver())
  }

  private deliver(): void {
    this.isWaking = false
    const { target } = this
    if (target === null || this.closeTold) return
    while (this.held.length > 0 && !this.isPaused && target === this.target) {
      const chunk = this.held.shift()!
      this.port.consumed(chunk.length)
      target.onData(chunk)
    }
    this.port.wrote()
    if (this.held.length === 0 && this.hasEnd && !this.endTold && !this.isPaused) {
      this.endTold = true
      target.onEnd()
      this.closeWhenDone()
    }
    if (!this.isGone) return
    this.closeTold = true
    this.held = []
    this.hasEnd = false
    target.onClose(this.error)
  }
}
