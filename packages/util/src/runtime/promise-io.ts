import { FULL, plainText, QUEUED, TAKEN } from '@hyper/core/rt'
import type { Io, IoSink, PeerInfo, TextCodec, WriteResult } from '@hyper/core/rt'
import { type Gathered, giveBuffer, takeBuffer } from './write-buffers.ts'

// PromiseIo: an Io over a source whose reads and writes complete later. In: a ByteSource. Out: sink calls, each from a
// promise job, so that they never overlap. One read is under way at a time, also while paused: its chunk is the
// read-ahead, and its failure tells of a lost peer. Nothing is read before `start`. Small writes are copied together.

/** What {@link PromiseIo} needs of its adapter. No two reads and no two writes are under way at the same time. */
export interface ByteSource {
  readonly peer: PeerInfo
  /** The fast way to bytes, where there is one. */
  readonly text?: Pick<TextCodec, 'encodeLatin1'> | undefined
  /**
   * Puts off the read-ahead of a stream that was paused, so that who has paused it can take what is below it away within
   * the turn. Where it is left out the read begins at once.
   */
  defer?(task: () => void): void
  ref?(): void
  unref?(): void
  /** The next bytes (empty ones are skipped), null at the end. Answers later, from a job of its own. */
  read(done: (chunk: Uint8Array | null) => void, failed: (error: unknown) => void): void
  /** The chunk that `read` gave has been used; `kept` when its memory belongs to somebody else now. */
  release(kept: boolean): void
  /** Answers later, when all bytes are taken and the memory is free. */
  write(bytes: Uint8Array, done: () => void, failed: (error: unknown) => void): void
  /** Ends our half. */
  closeWrite(): Promise<void>
  /** Both halves are done, or ours is and nothing more will be read. Must not throw. */
  close(): void
  /** Gives up at once: a read or write under way may settle in any way. Must not throw. */
  abort(): void
}

const HIGH_WATER_MARK = 65_536
/** The way to a microtask: `queueMicrotask` takes two microseconds on Deno. */
const SETTLED = Promise.resolve()
/** Bytes that are read of a paused stream, and what the last read brings beyond. */
const READ_AHEAD = 16_384
/** Writes up to this size are copied together: allocating costs more than copying. */
const SMALL = 8_192

export class PromiseIo implements Io {
  readonly peer: PeerInfo
  private readonly source: ByteSource
  private sink: IoSink | null
  private paused: boolean
  private reading: boolean
  private held: Uint8Array | null
  /** Whether `held` is memory of ours, so that more can be read behind it. */
  private ownsHeld: boolean
  private endArrived: boolean
  private endTold: boolean
  private readonly text: Pick<TextCodec, 'encodeLatin1'>
  private queue: Uint8Array[]
  /** Small writes behind `queue`, which are not sent yet. */
  private gathered: Gathered | null
  /** The buffer of small writes that is being sent. */
  private sending: Gathered | null
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
  private willPull: boolean
  private willFlush: boolean
  private readonly run: () => void
  private readonly onPull: () => void
  private readonly onFlush: () => void
  private readonly onSent: () => void
  private readonly onSendError: (error: unknown) => void
  private readonly onChunk: (chunk: Uint8Array | null) => void
  private readonly onReadError: (error: unknown) => void

  constructor(source: ByteSource) {
    this.peer = source.peer
    this.source = source
    this.sink = null
    this.paused = false
    this.reading = false
    this.held = null
    this.ownsHeld = false
    this.endArrived = false
    this.endTold = false
    this.text = source.text ?? plainText
    this.queue = []
    this.gathered = null
    this.sending = null
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
    this.willPull = false
    this.willFlush = false
    this.run = () => this.deliver()
    this.onPull = () => {
      this.willPull = false
      this.pull()
    }
    this.onFlush = () => {
      this.willFlush = false
      this.flush()
    }
    this.onSent = () => this.sent()
    this.onSendError = (error) => this.sendFailed(error)
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
    const { length } = data
    if (this.ended || this.gone || this.writeError !== null || length === 0) return TAKEN
    const isSmall = length <= SMALL
    if (isSmall) this.gather(data)
    else {
      this.closeGathered()
      this.queue.push(typeof data === 'string' ? this.text.encodeLatin1(data) : data)
    }
    this.queuedBytes += length
    if (this.queuedBytes >= HIGH_WATER_MARK) this.full = true
    if (!more || this.full) this.flushSoon()
    if (this.full) return FULL
    return isSmall ? TAKEN : QUEUED
  }

  end(): void {
    if (this.ended || this.gone) return
    this.ended = true
    if (this.writeError === null) this.flushSoon()
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

  ref(): void {
    this.source.ref?.()
  }

  unref(): void {
    this.source.unref?.()
  }

  /**
   * Lets the source go, for who speaks to it directly: nothing was written that is not sent, nothing read that is not
   * told, and nothing is under way. The stream is dead from then on.
   * @returns false when that is not so
   */
  protected release(): boolean {
    if (this.reading || this.writing || this.willFlush || this.ended || this.gone || this.writeError !== null)
      return false
    if (this.held !== null || this.endArrived || this.queuedBytes > 0) return false
    this.gone = true
    this.closed = true
    return true
  }

  private wake(): void {
    if (this.scheduled || this.closed || this.sink === null) return
    this.scheduled = true
    void SETTLED.then(this.run)
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
    if (this.paused && this.source.defer !== undefined) this.pullLater(this.source)
    else this.pull()
  }

  private deliverInput(): void {
    const chunk = this.held
    if (chunk !== null && !this.paused && this.error === null) {
      this.held = null
      const isKept = this.sink?.onData(chunk) ?? true
      if (!this.ownsHeld) this.source.release(isKept)
      this.ownsHeld = false
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
    if (
      this.reading ||
      (this.held !== null && !this.readsAhead(this.held)) ||
      this.endArrived ||
      this.gone ||
      this.left ||
      this.sink === null
    )
      return
    this.reading = true
    this.source.read(this.onChunk, this.onReadError)
  }

  /** One read brings little of what a peer has sent: where reads are small, some more are done to see it go. */
  private readsAhead(held: Uint8Array): boolean {
    return this.paused && this.ownsHeld && held.length < READ_AHEAD
  }

  private hold(chunk: Uint8Array): void {
    if (this.held === null && !(this.paused && this.source.defer !== undefined)) {
      this.held = chunk
      return
    }
    this.source.release(true)
    this.held = this.held === null ? chunk : join([this.held, chunk])
    this.ownsHeld = true
  }

  private pullLater(source: ByteSource): void {
    if (this.willPull || this.gone) return
    this.willPull = true
    source.defer?.(this.onPull)
  }

  private arrive(chunk: Uint8Array | null): void {
    this.reading = false
    if (this.gone || this.left) return
    if (chunk !== null) {
      if (chunk.length > 0) this.hold(chunk)
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

  private gather(data: Uint8Array | string): void {
    if (this.gathered !== null && !this.gathered.hasRoom(data.length)) this.closeGathered()
    this.gathered ??= takeBuffer()
    this.gathered.add(data, this.text)
  }

  /** What was gathered is full, or something comes that is not to be copied. */
  private closeGathered(): void {
    const { gathered } = this
    if (gathered === null) return
    this.gathered = null
    // A copy, which is rare: only who does not heed FULL, or mixes small with large, has more than one at a time.
    this.queue.push(gathered.bytes.slice())
    giveBuffer(gathered)
  }

  /** In a microtask, so that the writes of one call chain leave together. */
  private flushSoon(): void {
    if (this.writing || this.willFlush) return
    this.willFlush = true
    void SETTLED.then(this.onFlush)
  }

  private flush(): void {
    if (this.writing || this.gone) return
    const bytes = this.nextBytes()
    if (bytes !== null) {
      this.writing = true
      this.source.write(bytes, this.onSent, this.onSendError)
      return
    }
    if (this.full) {
      this.full = false
      this.drained = true
    }
    if (this.ended && !this.writeClosed) void this.finish()
    else if (this.drained) this.wake()
  }

  private nextBytes(): Uint8Array | null {
    if (this.queue.length > 0) {
      this.closeGathered()
      const bytes = join(this.queue)
      this.queue = []
      return bytes
    }
    this.sending = this.gathered
    this.gathered = null
    return this.sending?.bytes ?? null
  }

  private sent(): void {
    this.writing = false
    this.queuedBytes = this.queue.reduce((sum, { length }) => sum + length, this.gathered?.length ?? 0)
    this.recycle()
    this.flush()
  }

  private recycle(): void {
    if (this.sending !== null) giveBuffer(this.sending)
    this.sending = null
  }

  private sendFailed(error: unknown): void {
    this.writing = false
    // Who knows what a source that has failed still does with the memory.
    this.sending = null
    if (this.writeError === null) this.writeError = toError(error)
    // Of what it was given, nobody knows how much it has passed on.
    for (const bytes of this.queue) this.lost += bytes.length
    this.lost += this.gathered?.length ?? 0
    this.queue = []
    this.gathered = null
    this.queuedBytes = 0
    this.full = false
    this.closeWhenDone()
    this.wake()
  }

  private async finish(): Promise<void> {
    this.writing = true
    try {
      await this.source.closeWrite()
    } catch (error) {
      this.sendFailed(error)
      return
    }
    this.writing = false
    this.writeClosed = true
    this.closeWhenDone()
    this.wake()
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
    this.gathered = null
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
