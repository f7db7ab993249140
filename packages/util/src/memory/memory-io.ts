import { amount } from '@hyper/core/error'
import { FULL, plainText, TAKEN } from '@hyper/core/rt'
import type { Io, IoSink, PeerInfo, Runtime, TextCodec, WriteResult } from '@hyper/core/rt'

// An Io pair without a transport: what one end writes, the other is given. It behaves as a TCP connection does: bytes
// are copied when they are written (as a kernel does), up to a high-water mark per direction; beyond it they are held
// and the writer waits. EOF and close are two events, `abort` is a reset that reaches the other end behind the bytes
// that it is still willing to read. Deliveries never happen inside a call of either side.

/** How a {@link duplex} is made. */
export interface DuplexOptions {
  /** Bytes in flight per direction before `write` answers FULL; 0 is none. Default 65,536. */
  readonly highWaterMark?: number | undefined
  /**
   * Whose `defer` runs the deliveries and whose `text` encodes strings: give it to run the pair on a virtual clock. By
   * default deliveries run in a microtask.
   */
  readonly runtime?: Pick<Runtime, 'defer' | 'text'> | undefined
  /** What the second end is told of the first: addresses, TLS. Default: nothing but the transport, `'memory'`. */
  readonly peer?: Partial<PeerInfo> | undefined
}

/** Two ends of one stream in memory. @throws HyperError `INVALID_OPTION` */
export function duplex(options: DuplexOptions = {}): [Io, Io] {
  const runtime = options.runtime
  const shared: Shared = {
    highWaterMark: amount('highWaterMark', options.highWaterMark, 65_536, 0),
    text: runtime?.text ?? plainText,
    defer: runtime === undefined ? queueMicrotask : (task) => runtime.defer(task),
  }
  const left = new MemoryIo(shared, PEER)
  const right = new MemoryIo(shared, options.peer === undefined ? PEER : { ...PEER, ...options.peer })
  left.connect(right)
  right.connect(left)
  return [left, right]
}

interface Shared {
  readonly highWaterMark: number
  readonly text: TextCodec
  readonly defer: (task: () => void) => void
}

const PEER: PeerInfo = { transport: 'memory', encrypted: false }

class MemoryIo implements Io {
  readonly peer: PeerInfo
  private readonly shared: Shared
  private other: MemoryIo | null
  private sink: IoSink | null
  private paused: boolean
  /** Bytes on their way to this end: copies, in order, then what the writer still owns. */
  private readonly inbox: Uint8Array[]
  private inboxBytes: number
  /** The first chunk of `inbox` that is not copied yet; as long as `inbox` when there is none. */
  private lentFrom: number
  private endArrived: boolean
  private endTold: boolean
  private ended: boolean
  private drainOwed: boolean
  private drained: boolean
  private closeArrived: boolean
  private error: Error | null
  private closed: boolean
  private scheduled: boolean
  /** This end was closed without a reset: nobody will read what arrives. */
  private left: boolean
  private readonly run: () => void

  constructor(shared: Shared, peer: PeerInfo) {
    this.peer = peer
    this.shared = shared
    this.other = null
    this.sink = null
    this.paused = false
    this.inbox = []
    this.inboxBytes = 0
    this.lentFrom = 0
    this.endArrived = false
    this.endTold = false
    this.ended = false
    this.drainOwed = false
    this.drained = false
    this.closeArrived = false
    this.error = null
    this.closed = false
    this.scheduled = false
    this.left = false
    this.run = () => this.deliver()
  }

  connect(other: MemoryIo): void {
    this.other = other
  }

  start(sink: IoSink): void {
    // Who comes after the close hears of it too, rather than waiting for ever.
    if (sink !== this.sink) this.closed = false
    this.sink = sink
    this.paused = false
    this.wake()
  }

  pause(): void {
    this.paused = true
  }

  resume(): void {
    this.paused = false
    this.wake()
  }

  write(data: Uint8Array | string): WriteResult {
    const other = this.other
    if (other === null || this.ended || this.closeArrived || data.length === 0) return TAKEN
    if (typeof data === 'string') return other.arrive(this.shared.text.encodeLatin1(data), true)
    const fits = other.inboxBytes + data.length <= this.shared.highWaterMark
    return other.arrive(fits ? data.slice() : data, fits)
  }

  end(): void {
    if (this.ended || this.closeArrived) return
    this.ended = true
    if (this.other !== null) {
      this.other.endArrived = true
      this.other.wake()
    }
    this.closeWhenDone()
  }

  abort(): void {
    if (this.closeArrived) return
    this.leave(null)
    if (this.other === null) return
    this.other.dropLent()
    this.other.arriveClose(reset())
  }

  close(): void {
    if (this.closeArrived) return
    const isUnread = this.inbox.length > 0
    this.end()
    this.other?.ownLent()
    this.leave(null)
    this.left = true
    // As with TCP: bytes that nobody will read reset the peer, those that wait now and those that arrive later.
    if (isUnread) this.other?.arriveClose(reset())
  }

  ref(): void {}

  unref(): void {}

  private leave(error: Error | null): void {
    this.inbox.length = 0
    this.inboxBytes = 0
    this.lentFrom = 0
    this.endArrived = false
    this.arriveClose(error)
  }

  /** From the other end; `copied` when the memory is ours. */
  private arrive(chunk: Uint8Array, copied: boolean): WriteResult {
    if (this.left) {
      this.other?.arriveClose(reset())
      return TAKEN
    }
    this.inbox.push(chunk)
    this.inboxBytes += chunk.length
    if (copied && this.lentFrom === this.inbox.length - 1) this.lentFrom++
    this.wake()
    if (this.inboxBytes <= this.shared.highWaterMark) return TAKEN
    if (this.other !== null) this.other.drainOwed = true
    return FULL
  }

  private dropLent(): void {
    this.inbox.length = this.lentFrom
    if (this.other !== null) this.other.drainOwed = false
  }

  /** The writer leaves, and its memory with it. */
  private ownLent(): void {
    for (let at = this.lentFrom; at < this.inbox.length; at++)
      this.inbox[at] = (this.inbox[at] as Uint8Array).slice()
    this.lentFrom = this.inbox.length
  }

  private arriveClose(error: Error | null): void {
    if (this.closeArrived) return
    this.closeArrived = true
    this.error = error
    this.wake()
  }

  private wake(): void {
    if (this.scheduled || this.closed || this.sink === null) return
    this.scheduled = true
    this.shared.defer(this.run)
  }

  private deliver(): void {
    this.scheduled = false
    if (this.drained) {
      this.drained = false
      if (!this.closeArrived) this.sink?.onDrain()
    }
    while (!this.paused && this.inbox.length > 0) this.deliverChunk(this.sink)
    if (!this.paused && this.endArrived && !this.endTold && this.error === null) this.deliverEnd(this.sink)
    // A reset is seen at once; a clean close waits for what comes before it.
    const waits =
      this.paused && this.error === null && (this.inbox.length > 0 || (this.endArrived && !this.endTold))
    if (!this.closeArrived || waits || this.closed || this.sink === null) return
    this.closed = true
    this.inbox.length = 0
    this.sink.onClose(this.error)
  }

  private deliverChunk(sink: IoSink | null): void {
    const chunk = this.inbox.shift() as Uint8Array
    this.inboxBytes -= chunk.length
    const lent = this.lentFrom === 0
    if (!lent) this.lentFrom--
    this.takeLent()
    // The writer may use lent memory again as soon as it hears of the drain, and the sink may keep what it is given.
    sink?.onData(lent ? chunk.slice() : chunk)
  }

  /** Copies what fits under the mark now; once nothing is lent any more the writer hears of it. */
  private takeLent(): void {
    let copied = 0
    for (let at = 0; at < this.inbox.length; at++) {
      const chunk = this.inbox[at] as Uint8Array
      copied += chunk.length
      if (copied > this.shared.highWaterMark) break
      if (at < this.lentFrom) continue
      this.inbox[at] = chunk.slice()
      this.lentFrom++
    }
    const other = this.other
    if (other === null || !other.drainOwed || this.lentFrom < this.inbox.length) return
    if (this.inboxBytes > this.shared.highWaterMark) return
    other.drainOwed = false
    other.drained = true
    other.wake()
    other.closeWhenDone()
  }

  private deliverEnd(sink: IoSink | null): void {
    this.endTold = true
    sink?.onEnd()
    this.closeWhenDone()
  }

  private closeWhenDone(): void {
    if (this.ended && this.endTold && !this.drainOwed && !this.closeArrived) this.arriveClose(null)
  }
}

function reset(): Error {
  return Object.assign(new Error('read ECONNRESET'), { code: 'ECONNRESET' })
}
