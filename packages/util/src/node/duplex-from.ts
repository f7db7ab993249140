import { Duplex } from 'node:stream'
import { FULL, type Io, type IoSink, type PeerInfo } from '@hyper/core/rt'

// duplexFrom: a node:stream Duplex over any Io, for what speaks Node streams: ws, undici, TLS inside a tunnel. In: an Io
// that nobody else has started (or that was paused at a switch of protocols). Out: a half-open Duplex with backpressure
// both ways. Destroying it before both halves have ended aborts the Io.

/**
 * Makes a Duplex of an Io, and owns the Io from then on.
 *
 * The callback of a write means that the Io has the bytes or holds them: their memory must not change before `finish`
 * or the next drain. A failed write destroys the stream, as it does with Node's own sockets.
 * @param leftover bytes that have arrived before, and are read first.
 */
export function duplexFrom(io: Io, leftover?: Uint8Array): IoDuplex {
  return new IoDuplex(io, leftover)
}

/** What {@link duplexFrom} gives: a Duplex that also knows its peer. */
export class IoDuplex extends Duplex implements IoSink {
  private readonly io: Io
  /** The callback of the write (or of the end) that waits for the drain. */
  private waiting: ((error?: Error | null) => void) | null
  private writeError: Error | null
  private hasEnded: boolean
  private peerEnded: boolean
  private gone: boolean
  private silence: ReturnType<typeof setTimeout> | undefined

  constructor(io: Io, leftover?: Uint8Array) {
    super({ allowHalfOpen: true, decodeStrings: false, emitClose: true })
    this.io = io
    this.waiting = null
    this.writeError = null
    this.hasEnded = false
    this.peerEnded = false
    this.gone = false
    this.silence = undefined
    const isBehind = leftover !== undefined && leftover.length > 0 && !this.push(leftover)
    io.start(this)
    if (isBehind) io.pause()
  }

  get peer(): PeerInfo {
    return this.io.peer
  }

  get remoteAddress(): string | undefined {
    return this.io.peer.remoteAddress
  }

  get remotePort(): number | undefined {
    return this.io.peer.remotePort
  }

  /** As a `TLSSocket` has it. */
  get encrypted(): boolean {
    return this.io.peer.encrypted
  }

  ref(): this {
    this.io.ref()
    return this
  }

  unref(): this {
    this.io.unref()
    return this
  }

  /** For those who take this for a net.Socket. Does nothing: `listen` and `connectTcp` have set it. */
  setNoDelay(): this {
    return this
  }

  /** As {@link setNoDelay}. Does nothing. */
  setKeepAlive(): this {
    return this
  }

  /**
   * As that of a net.Socket: `timeout` is emitted after so many milliseconds in which nothing was read or written; 0 is off.
   * What is to become of the stream is its listeners' business.
   */
  setTimeout(milliseconds: number = 0, listener?: () => void): this {
    clearTimeout(this.silence)
    this.silence = undefined
    if (milliseconds > 0) {
      this.silence = setTimeout(() => this.emit('timeout'), milliseconds).unref()
      if (listener !== undefined) this.once('timeout', listener)
    } else if (listener !== undefined) this.removeListener('timeout', listener)
    return this
  }

  /** Read to its end, the stream stays open for writing, where Node 22 and 26 would destroy it. Left early, it is destroyed. */
  override async *[Symbol.asyncIterator](): ReturnType<Duplex[typeof Symbol.asyncIterator]> {
    let isWhole = false
    try {
      yield* this.iterator({ destroyOnReturn: false })
      isWhole = true
    } finally {
      if (!isWhole) this.destroy()
    }
  }

  // Called by the Io.

  onData(chunk: Uint8Array): boolean {
    this.silence?.refresh()
    if (!this.push(chunk)) this.io.pause()
    return true
  }

  onEnd(): void {
    this.peerEnded = true
    this.push(null)
    // As a net.Socket: who listens for `end` hears of it without reading, where there is nothing to read.
    this.read(0)
  }

  onDrain(): void {
    const waiting = this.waiting
    this.waiting = null
    waiting?.()
  }

  onWriteError(error: Error): void {
    this.writeError = error
    const waiting = this.waiting
    this.waiting = null
    waiting?.(error)
  }

  onClose(error: Error | null): void {
    this.gone = true
    if (error !== null) this.destroy(error)
    // A clean close after both halves ended is what the stream does by itself, once its end is read.
    else if (!this.hasEnded || !this.peerEnded) this.destroy()
  }

  // Called by the stream.

  override _read(): void {
    this.io.resume()
  }

  override _write(
    chunk: Uint8Array | string,
    encoding: BufferEncoding,
    callback: (error?: Error | null) => void,
  ): void {
    this.silence?.refresh()
    if (this.writeError !== null) {
      callback(this.writeError)
      return
    }
    const bytes = typeof chunk === 'string' && encoding !== 'latin1' ? Buffer.from(chunk, encoding) : chunk
    // Latin-1 text may hold characters above U+00FF, of which Buffer keeps the low byte; Io does not allow them.
    if (this.io.write(typeof bytes === 'string' ? Buffer.from(bytes, 'latin1') : bytes) === FULL)
      this.waiting = callback
    else callback()
  }

  override _writev(
    chunks: { chunk: Uint8Array | string; encoding: BufferEncoding }[],
    callback: (error?: Error | null) => void,
  ): void {
    this.silence?.refresh()
    if (this.writeError !== null) {
      callback(this.writeError)
      return
    }
    let isFull = false
    chunks.forEach(({ chunk, encoding }, index) => {
      const bytes = typeof chunk === 'string' ? Buffer.from(chunk, encoding) : chunk
      isFull = this.io.write(bytes, index < chunks.length - 1) === FULL || isFull
    })
    if (isFull) this.waiting = callback
    else callback()
  }

  override _final(callback: (error?: Error | null) => void): void {
    this.hasEnded = true
    this.io.end()
    callback()
  }

  /** Lets go of an Io whose halves have not both ended. */
  protected leave(io: Io): void {
    io.abort()
  }

  override _destroy(error: Error | null, callback: (error?: Error | null) => void): void {
    clearTimeout(this.silence)
    if (!this.gone && !(this.hasEnded && this.peerEnded)) this.leave(this.io)
    const waiting = this.waiting
    this.waiting = null
    waiting?.(error ?? new Error('the stream was destroyed'))
    callback(error)
  }
}
