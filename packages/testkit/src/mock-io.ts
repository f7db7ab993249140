import { FULL, QUEUED, TAKEN, type Io, type IoSink, type PeerInfo, type WriteResult } from '@hyper/core/rt'
import { concatBytes, toBytes, toText } from './chunkings.ts'

// An Io that the test plays by hand. In: `feed`, `feedEnd`, `feedClose`, `failWrites`, `hold`, `drain`. Out: what the
// other side wrote and asked for. It keeps the contract of `Io` (start and resume deliver asynchronously, sink calls
// never overlap, nothing follows onClose), and it punishes breaches of it: memory that the sink gave back is
// overwritten, and memory that was lent to `write` must not have changed by `drain`.

/** One call of {@link Io.write}. */
export interface MockWrite {
  /** A copy, taken at the call. */
  readonly bytes: Uint8Array
  readonly text: string
  readonly more: boolean
  readonly kind: 'text' | 'bytes'
}

type Incoming = { readonly kind: 'data'; readonly chunk: Uint8Array } | { readonly kind: 'end' }

interface Lent {
  readonly given: Uint8Array
  readonly copy: Uint8Array
}

export class MockIo implements Io {
  readonly peer: PeerInfo
  /** Every accepted write in order; {@link take} empties it. */
  readonly writes: MockWrite[]
  /** `start pause resume end close abort ref unref`, in the order they were called. */
  readonly calls: string[]
  /** What `write` answers, until changed: see also {@link hold}. */
  answer: WriteResult
  /** True after `end()`. */
  ended: boolean
  /** True after `abort()`. */
  aborted: boolean
  /** True after `close()`. */
  released: boolean
  /** True once `onClose` was called. */
  closed: boolean
  /** True between `pause` and `resume`. */
  paused: boolean
  private sink: IoSink | null
  private readonly incoming: Incoming[]
  private readonly lent: Lent[]
  private readonly notices: ((sink: IoSink) => void)[]
  private busy: boolean
  private scheduled: boolean
  private endFed: boolean
  private writeFailed: boolean
  private closing: boolean
  /** The present sink was told of the close. */
  private closeTold: boolean
  private closeError: Error | null

  constructor(peer: PeerInfo = { transport: 'mock', encrypted: false }) {
    this.peer = peer
    this.writes = []
    this.calls = []
    this.answer = TAKEN
    this.ended = false
    this.aborted = false
    this.released = false
    this.closed = false
    this.paused = false
    this.sink = null
    this.incoming = []
    this.lent = []
    this.notices = []
    this.busy = false
    this.scheduled = false
    this.endFed = false
    this.writeFailed = false
    this.closing = false
    this.closeTold = false
    this.closeError = null
  }

  // What the code under test calls.

  start(sink: IoSink): void {
    this.calls.push('start')
    // Who comes after the close hears of it too.
    if (this.closeTold && sink !== this.sink) this.notifyClose(this.closeError)
    this.sink = sink
    this.paused = false
    this.schedule()
  }

  pause(): void {
    this.calls.push('pause')
    this.paused = true
  }

  resume(): void {
    this.calls.push('resume')
    this.paused = false
    this.schedule()
  }

  write(data: Uint8Array | string, more: boolean = false): WriteResult {
    if (this.ended && !this.aborted && !this.released) throw new Error('write after end')
    if (this.closing || this.writeFailed) return TAKEN
    const bytes = typeof data === 'string' ? latin1(data) : data.slice()
    this.writes.push({ bytes, text: toText(bytes), more, kind: typeof data === 'string' ? 'text' : 'bytes' })
    if (this.answer !== TAKEN && typeof data !== 'string') this.lent.push({ given: data, copy: bytes })
    return this.answer
  }

  end(): void {
    this.calls.push('end')
    this.ended = true
    this.closeWhenBothEnded()
  }

  close(): void {
    this.calls.push('close')
    this.released = true
    if (!this.closing) this.notifyClose(null)
    this.schedule()
  }

  abort(): void {
    this.calls.push('abort')
    this.aborted = true
    if (!this.closing) this.notifyClose(null)
    this.schedule()
  }

  ref(): void {
    this.calls.push('ref')
  }

  unref(): void {
    this.calls.push('unref')
  }

  // What the test calls.

  /** Bytes from the peer, delivered before this returns unless nobody reads, or a sink call is under way. */
  feed(chunk: Uint8Array | string): void {
    const bytes = toBytes(chunk)
    if (bytes.length > 0) this.incoming.push({ kind: 'data', chunk: bytes.slice() })
    this.pump()
  }

  /** The peer ends its half. */
  feedEnd(): void {
    this.endFed = true
    this.incoming.push({ kind: 'end' })
    this.pump()
  }

  /**
   * Writing fails from now on: what is written later is dropped, and reading goes on.
   * @param lost how many of the bytes that were written last were certainly not taken
   */
  failWrites(
    error: Error = Object.assign(new Error('write EPIPE'), { code: 'EPIPE' }),
    lost: number = 0,
  ): void {
    if (this.writeFailed) return
    this.writeFailed = true
    this.lent.length = 0
    this.notify((sink) => sink.onWriteError(error, lost))
  }

  /** The transport goes: `onClose` is the last call. What was fed and not delivered is lost. */
  feedClose(error: Error | null = null): void {
    if (!this.closing) this.notifyClose(error)
    this.pump()
  }

  /** From now on writes are held, and answered with {@link FULL} (or {@link QUEUED}). */
  hold(answer: typeof FULL | typeof QUEUED = FULL): void {
    this.answer = answer
  }

  /**
   * What was held has been taken: writes are answered with {@link TAKEN} again, and `onDrain` is called.
   * @throws Error when held memory was changed by its owner in the meantime.
   */
  drain(): void {
    for (const { given, copy } of this.lent) {
      if (toText(given) !== toText(copy)) throw new Error('memory was changed while write() held it')
    }
    this.lent.length = 0
    const wasFull = this.answer === FULL
    this.answer = TAKEN
    if (wasFull) this.notify((sink) => sink.onDrain())
    this.closeWhenBothEnded()
  }

  /** Delivers what is waiting now, instead of in the microtask that `start` and `resume` ask for. */
  deliver(): void {
    this.pump()
  }

  /** Everything written since the last {@link take}, as Latin-1 text. */
  get text(): string {
    return toText(this.bytes)
  }

  /** Everything written since the last {@link take}. */
  get bytes(): Uint8Array {
    return concatBytes(this.writes.map((write) => write.bytes))
  }

  /** As {@link text}, and forgets it. */
  take(): string {
    const text = this.text
    this.writes.length = 0
    return text
  }

  /** Whether chunks or the end wait for `start` or `resume`. */
  get unread(): number {
    return this.incoming.length
  }

  private notify(notice: (sink: IoSink) => void): void {
    if (this.closing) return
    this.notices.push(notice)
    this.pump()
  }

  private notifyClose(error: Error | null): void {
    this.closing = true
    this.closeTold = false
    this.closeError = error
    this.incoming.length = 0
    this.notices.push((sink) => {
      this.closed = true
      this.closeTold = true
      sink.onClose(error)
    })
  }

  private closeWhenBothEnded(): void {
    if (this.closing || !this.ended || this.answer !== TAKEN) return
    if (!this.endFed || this.incoming.length > 0) return
    this.notifyClose(null)
    this.schedule()
  }

  private schedule(): void {
    if (this.scheduled) return
    this.scheduled = true
    queueMicrotask(() => {
      this.scheduled = false
      this.pump()
    })
  }

  /** Notices (drain, write error, close) first: they do not wait for `resume`. */
  private pump(): void {
    if (this.busy || this.sink === null) return
    this.busy = true
    try {
      while (this.step(this.sink));
    } finally {
      this.busy = false
    }
  }

  private step(sink: IoSink): boolean {
    if (this.closeTold) return false
    const notice = this.notices.shift()
    if (notice !== undefined) {
      notice(sink)
      return true
    }
    if (this.paused) return false
    const next = this.incoming.shift()
    if (next === undefined) return false
    if (next.kind === 'end') {
      sink.onEnd()
      this.closeWhenBothEnded()
    } else if (!sink.onData(next.chunk)) next.chunk.fill(0xdb)
    return true
  }
}

function latin1(text: string): Uint8Array {
  for (let at = 0; at < text.length; at++) {
    if (text.charCodeAt(at) > 0xff) throw new RangeError(`character at ${at} is above U+00FF`)
  }
  return toBytes(text)
}
