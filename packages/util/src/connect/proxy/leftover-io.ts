import type { Io, IoSink, PeerInfo, Runtime, WriteResult } from '@hyper/core/rt'

// leftoverIo: a stream of which some bytes were read too early. In: a paused stream and those bytes. Out: a stream that
// delivers them first. Once they are delivered every call goes through.

/** Puts bytes back before a stream that is paused, or was never started. */
export function leftoverIo(io: Io, leftover: Uint8Array, runtime: Pick<Runtime, 'defer'>): Io {
  return new LeftoverIo(io, leftover, runtime)
}

class LeftoverIo implements Io, IoSink {
  private readonly io: Io
  private readonly runtime: Pick<Runtime, 'defer'>
  /** Null once delivered. */
  private leftover: Uint8Array | null
  private sink: IoSink | null
  private isPaused: boolean
  private isWaking: boolean
  /** The stream below has closed cleanly while nobody took the leftover, and nobody was told. */
  private isClosed: boolean

  constructor(io: Io, leftover: Uint8Array, runtime: Pick<Runtime, 'defer'>) {
    this.io = io
    this.runtime = runtime
    this.leftover = leftover
    this.sink = null
    this.isPaused = false
    this.isWaking = false
    this.isClosed = false
  }

  get peer(): PeerInfo {
    return this.io.peer
  }

  start(sink: IoSink): void {
    if (this.leftover === null) {
      this.io.start(sink)
      return
    }
    this.sink = sink
    this.isPaused = false
    this.io.start(this)
    this.io.pause()
    this.wake()
  }

  pause(): void {
    this.isPaused = true
    this.io.pause()
  }

  resume(): void {
    this.isPaused = false
    if (this.leftover === null) this.io.resume()
    else this.wake()
  }

  write(data: Uint8Array | string, more?: boolean): WriteResult {
    return this.io.write(data, more)
  }

  end(): void {
    this.io.end()
  }

  close(): void {
    this.leave()
    this.io.close()
  }

  abort(): void {
    this.leave()
    this.io.abort()
  }

  ref(): void {
    this.io.ref()
  }

  unref(): void {
    this.io.unref()
  }

  // Called by the stream below, as long as it has this as its sink.

  onData(chunk: Uint8Array): boolean {
    this.deliver()
    return this.sink?.onData(chunk) ?? false
  }

  onEnd(): void {
    this.deliver()
    this.sink?.onEnd()
  }

  onDrain(): void {
    this.sink?.onDrain()
  }

  onWriteError(error: Error, lost?: number): void {
    this.sink?.onWriteError(error, lost)
  }

  onClose(error: Error | null): void {
    // A reset is seen at once; a clean end waits for what comes before it.
    if (error === null && this.leftover !== null && this.isPaused) {
      this.isClosed = true
      return
    }
    if (error === null) this.deliver()
    this.leftover = null
    this.tellClose(error)
  }

  private wake(): void {
    if (this.isWaking) return
    this.isWaking = true
    this.runtime.defer(() => {
      this.isWaking = false
      if (this.leftover === null ? !this.isClosed : this.isPaused) return
      this.deliver()
      if (this.isClosed) this.tellClose(null)
      else if (!this.isPaused) this.io.resume()
    })
  }

  private deliver(): void {
    const { leftover } = this
    this.leftover = null
    if (leftover !== null) this.sink?.onData(leftover)
  }

  private tellClose(error: Error | null): void {
    this.isClosed = false
    this.sink?.onClose(error)
  }

  private leave(): void {
    this.leftover = null
    if (this.isClosed) this.wake()
  }
}
