// #region io
// An Io over any Duplex of Node: what an SSH channel, a multiplexer or a test gives. It has no reset.
import type { Duplex } from 'node:stream'
import { FULL, plainText, TAKEN } from '@hyper/core/rt'
import type { Io, IoSink, PeerInfo, WriteResult } from '@hyper/core/rt'

export function streamIo(stream: Duplex): Io {
  return new StreamIo(stream)
}

class StreamIo implements Io {
  readonly peer: PeerInfo = { transport: 'stream', encrypted: false }
  private readonly stream: Duplex
  private sink: IoSink | null = null
  private isPaused = false
  /** The end of the peer's half: 0 not yet, 1 arrived, 2 told. */
  private ending: 0 | 1 | 2 = 0
  private hasEnded = false
  private hasLeft = false
  private error: Error | null = null
  private isGone = false
  private isOver = false

  constructor(stream: Duplex) {
    this.stream = stream
    // `readable` comes from a later turn, never from within a call: sink calls cannot overlap.
    stream.on('readable', () => this.deliver())
    stream.on('end', () => {
      this.ending = 1
      this.deliver()
    })
    stream.on('drain', () => {
      if (!this.hasLeft) this.sink?.onDrain()
    })
    stream.on('error', (error: Error) => (this.error = error))
    stream.on('close', () => {
      this.isGone = true
      this.deliver()
    })
  }

  start(sink: IoSink): void {
    this.sink = sink
    this.isOver = false // a sink that comes after the close hears of it too
    this.resume()
  }

  pause(): void {
    this.isPaused = true // the stream goes on up to its high-water mark: that is the read-ahead
  }

  resume(): void {
    this.isPaused = false
    process.nextTick(() => this.deliver()) // never within a call
  }

  write(data: Uint8Array | string): WriteResult {
    if (this.hasEnded || this.hasLeft || this.isGone || data.length === 0) return TAKEN
    // A copy: a stream keeps what it is given, and may hand the very object to its reader.
    const bytes = typeof data === 'string' ? plainText.encodeLatin1(data) : data.slice()
    return this.stream.write(bytes) ? TAKEN : FULL
  }

  end(): void {
    if (this.hasEnded || this.hasLeft) return
    this.hasEnded = true
    this.stream.end()
  }

  close(): void {
    if (this.hasLeft) return
    this.hasLeft = true
    if (this.stream.writableFinished) this.stream.destroy()
    else this.stream.end(() => this.stream.destroy())
    this.deliver() // drops what was read ahead
  }

  abort(): void {
    this.hasLeft = true
    this.stream.destroy()
  }

  ref(): void {}

  unref(): void {}

  private deliver(): void {
    if (this.sink === null || this.isOver) return
    while (!this.isPaused || this.hasLeft) {
      const chunk = this.stream.read() as Uint8Array | null
      if (chunk === null) break
      // A call may bring another sink. The memory is the sink's: a stream allocates every chunk anew.
      if (!this.hasLeft) this.sink.onData(chunk)
    }
    if (this.ending === 1 && !this.isPaused && !this.hasLeft) {
      this.ending = 2
      this.sink.onEnd()
    }
    // A clean close waits behind an end that was not told yet; a failure does not.
    const waits = this.isPaused && this.ending === 1 && !this.hasLeft && this.error === null
    if (!this.isGone || waits) return
    this.isOver = true
    this.sink.onClose(this.hasLeft ? null : this.error)
  }
}
// #endregion io
