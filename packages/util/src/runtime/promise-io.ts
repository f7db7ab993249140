import { FULL, plainText, QUEUED, TAKEN } from '@hyper/core/rt'
import type { Io, IoSink, PeerInfo, WriteResult } from '@hyper/core/rt'

// PromiseIo: an Io over a source whose reads and writes are promises. In: a ByteSource. Out: sink calls, each from a
// promise job, so that they never overlap. One read is under way at a time, also while paused: its chunk is the
// read-ahead, and its failure tells of a lost peer. Nothing is read before `start`. Writes of one turn are joined.

/** What {@link PromiseIo} needs of its adapter. No two reads and no two writes are under way at the same time. */
export interface ByteSource {
  readonly peer: PeerInfo
  /** The next bytes (empty ones are skipped), null at the end. */
  read(): Promise<Uint8Array | null>
  /** The chunk that `read` gave has been used; `kept` when its memory belongs to somebody else now. */
  release(kept: boolean): void
  /** Resolves when all bytes are taken and the memory is free. */
  write(bytes: Uint8Array): Promise<void>
  /** Ends our half. */
  closeWrite(): Promise<void>
  /** Both halves are done, or ours is and nothing more will be read. Must not throw. */
  close(): void
  /** Gives up at once: a read or write under way may settle in any way. Must not throw. */
  abort(): void
}

const HIGH_WATER_MARK = 65_536

export class PromiseIo implements Io {
  readonly peer: PeerInfo
  private readonly source: ByteSource
  private sink: IoSink | null
  private paused: boolean
  private reading: boolean
  private held: Uint8Array | null
  private endArrived: boolean
  private endTold: boolean
  private queue: Uint8Array[]
  private queuedBytes: number
  private writing: boolean
  private full: boolean
  private drained: boolean
  private ended: boolean
  /** After `close`: nothing is read any more, and the end of our writes is the end. */
  private left: boolean
  private writeClosed: boolean
  private writeError: Error | null
  private writeErrorTold: boolean
  /** Bytes that the source was never given. */
  private lost: number
  private gone: boolean
  private error: Error | null
  private closed: boolean
  private scheduled: boolean
  private readonly run: () => void
  private readonly onChunk: (chunk: Uint8Array | null) => void
  private readonly onReadError: (error: unknown) => void

  constructor(source: ByteSource) {
    this.peer = source.peer
    this.source = source
    this.sink = null
    this.paused = false
    this.reading = false
    this.held = null
    this.endArrived = false
    this.endTold = false
    this.queue = []
    this.queuedBytes = 0
    this.writing = false
    this.full = false
    this.drained = false
    this.ended = false
    this.left = false
    this.writeClosed = false
    this.writeError = null
    this.writeErrorTold = false
    this.lost = 0
    this.gone = false
    this.error = null
    this.closed = false
    this.scheduled = false
    this.run = () => this.deliver()
    this.onChunk = (chunk) => this.arrive(chunk)
    this.onReadError = (error) => {
      this.reading = false
      this.fail(toError(error))
    }
  }

  start(sink: IoSink): void {
    // Who comes after the close hears of it too, rather than waiting for ever.
    if (sink !== this.sink) this.closed = false
    this.sink = sink
    this.paused = false
    this.writeErrorTold = false
    this.wake()
  }

  pause(): void {
    this.paused = true
  }

  resume(): void {
    this.paused = false
    this.wake()
  }

  write(data: Uint8Array | string, more: boolean = false): WriteResult {
    if (this.writeError !== null) this.lost += data.length
    if (this.ended || this.gone || this.writeError !== null || data.length === 0) return TAKEN
    this.queue.push(typeof data === 'string' ? plainText.encodeLatin1(data) : data)
    this.queuedBytes += data.length
    if (this.queuedBytes >= HIGH_WATER_MARK) this.full = true
    if (!more || this.full) this.startFlush()
    return this.full ? FULL : QUEUED
  }

  end(): void {
    if (this.ended || this.gone) return
    this.ended = true
    if (this.writeError === null) this.startFlush()
    else this.closeWhenDone()
  }

  close(): void {
    if (this.gone) return
    this.held = null
    this.left = true
    this.end()
    this.closeWhenDone()
  }

  abort(): void {
    if (this.gone) return
    this.held = null
    this.leave(null)
    this.source.abort()
  }

  ref(): void {}

  unref(): void {}

  private wake(): void {
    if (this.scheduled || this.closed || this.sink === null) return
    this.scheduled = true
    queueMicrotask(this.run)
  }

  /** Everything that the sink is told is told here. */
  private deliver(): void {
    this.scheduled = false
    if (this.writeError !== null && !this.writeErrorTold && !this.gone) {
      this.writeErrorTold = true
      this.sink?.onWriteError(this.writeError, this.lost)
    }
    if (this.drained) {
      this.drained = false
      if (!this.gone) this.sink?.onDrain()
    }
    this.deliverInput()
    this.deliverClose()
    this.pull()
  }

  private deliverInput(): void {
    const chunk = this.held
    if (chunk !== null && !this.paused && this.error === null) {
      this.held = null
      this.source.release(this.sink?.onData(chunk) ?? true)
    }
    if (this.paused || this.held !== null || !this.endArrived || this.endTold) return
    if (this.error !== null || this.left || (this.gone && !this.ended)) return
    this.endTold = true
    this.sink?.onEnd()
    this.closeWhenDone()
  }

  private deliverClose(): void {
    if (!this.gone || this.closed || this.sink === null) return
    this.closed = true
    this.sink.onClose(this.error)
  }

  private pull(): void {
    if (this.reading || this.held !== null || this.endArrived || this.gone || this.left || this.sink === null)
      return
    this.reading = true
    this.source.read().then(this.onChunk, this.onReadError)
  }

  private arrive(chunk: Uint8Array | null): void {
    this.reading = false
    if (this.gone || this.left) return
    if (chunk !== null) {
      if (chunk.length > 0) this.held = chunk
    } else if (this.writeError !== null && codeOf(this.writeError) === 'ECONNRESET') {
      // The write has seen the reset first; what has come may be cut off, and must not look complete.
      this.fail(this.writeError)
      return
    } else {
      this.endArrived = true
    }
    // Delivered from this promise job, unless a delivery is due anyway.
    if (!this.scheduled) this.deliver()
  }

  private startFlush(): void {
    if (this.writing) return
    this.writing = true
    // In a microtask, so that the writes of one call chain leave together.
    void Promise.resolve().then(() => this.flush())
  }

  private async flush(): Promise<void> {
    try {
      while (this.queue.length > 0 && !this.gone) {
        const bytes = join(this.queue)
        this.queue = []
        await this.source.write(bytes)
        this.queuedBytes -= bytes.length
      }
      this.writing = false
      if (this.full) {
        this.full = false
        this.drained = true
      }
      if (this.ended && !this.writeClosed && !this.gone) await this.finish()
    } catch (error) {
      this.writing = false
      if (this.writeError === null) this.writeError = toError(error)
      // Of what it was given, nobody knows how much it has passed on.
      for (const bytes of this.queue) this.lost += bytes.length
      this.queue = []
      this.full = false
    }
    this.closeWhenDone()
    this.wake()
  }

  private async finish(): Promise<void> {
    this.writing = true
    await this.source.closeWrite()
    this.writing = false
    this.writeClosed = true
  }

  private closeWhenDone(): void {
    if (this.gone || (!this.endTold && !this.left)) return
    if (!this.writeClosed && this.writeError === null) return
    this.leave(this.writeError)
    this.source.close()
  }

  private fail(error: Error): void {
    if (this.gone) return
    this.leave(error)
    this.source.abort()
  }

  private leave(error: Error | null): void {
    this.gone = true
    this.error = error
    this.queue = []
    this.wake()
  }
}

function join(chunks: Uint8Array[]): Uint8Array {
  const first = chunks[0]
  if (chunks.length === 1 && first !== undefined) return first
  let length = 0
  for (const chunk of chunks) length += chunk.length
  const joined = new Uint8Array(length)
  let at = 0
  for (const chunk of chunks) {
    joined.set(chunk, at)
    at += chunk.length
  }
  return joined
}

function toError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error), { cause: error })
}

function codeOf(error: Error): unknown {
  return 'code' in error ? error.code : undefined
}
