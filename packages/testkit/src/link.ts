import {
  FULL,
  TAKEN,
  type Alarm,
  type Io,
  type IoSink,
  type PeerInfo,
  type WriteResult,
} from '@hyper/core/rt'
import type { VirtualRuntime } from './virtual-clock.ts'
import { concatBytes, toBytes } from './chunkings.ts'

// Two Ios joined by a link with a bandwidth and a delay, on a virtual clock: what a protocol does with a long and fat path,
// to the millisecond and the same on every machine. In: `write` on one end. Out: sink calls on the other, as late as the
// link makes them. Nothing is lost, and the link has no window of its own: what a paused reader leaves is held for it.

/** What a link is like, either way. */
export interface LinkOptions {
  /** Bits per second. */
  readonly bandwidth: number
  /** Milliseconds from one end to the other: half a round trip. */
  readonly delay: number
  /** Bytes that an end holds before it says FULL, as a socket's send buffer does. Default 1 MiB. */
  readonly sendBuffer?: number
}

/** Bytes travel in pieces of this size at most. */
const PIECE = 16_384
const SEND_BUFFER = 1_048_576
const PEER: PeerInfo = { transport: 'link', encrypted: false }

/** The two ends of one link. */
export function link(runtime: VirtualRuntime, options: LinkOptions): [LinkIo, LinkIo] {
  const a = new LinkIo(runtime)
  const b = new LinkIo(runtime)
  a.join(new Lane(runtime, options, a, b))
  b.join(new Lane(runtime, options, b, a))
  return [a, b]
}

/** One end. */
export class LinkIo implements Io {
  readonly peer: PeerInfo = PEER
  /** Bytes that have arrived here. */
  received: number = 0
  private readonly runtime: VirtualRuntime
  private lane: Lane | null = null
  private sink: IoSink | null = null
  private isPaused: boolean = true
  private isEnded: boolean = false
  private isLeft: boolean = false
  private isFull: boolean = false
  private hasEnd: boolean = false
  private isEndTold: boolean = false
  private isClosed: boolean = false
  private closing: { readonly error: Error | null } | null = null
  private held: Uint8Array[] = []
  private isWaking: boolean = false

  constructor(runtime: VirtualRuntime) {
    this.runtime = runtime
  }

  /** @internal */
  join(lane: Lane): void {
    this.lane = lane
  }

  start(sink: IoSink): void {
    this.sink = sink
    this.resume()
  }

  pause(): void {
    this.isPaused = true
  }

  resume(): void {
    this.isPaused = false
    this.wake()
  }

  write(data: Uint8Array | string): WriteResult {
    if (this.isLeft || this.isClosed) return TAKEN
    if (this.isEnded) throw new Error('write after end')
    // A copy: what is written may change as soon as this says TAKEN.
    const held = this.lane!.send(typeof data === 'string' ? toBytes(data) : data.slice())
    this.isFull = held >= this.lane!.sendBuffer
    return this.isFull ? FULL : TAKEN
  }

  end(): void {
    if (this.isEnded || this.isLeft) return
    this.isEnded = true
    this.lane!.sendEnd()
    this.closeWhenDone()
  }

  close(): void {
    if (this.isLeft) return
    this.end()
    this.leave(null)
  }

  abort(): void {
    if (this.isLeft) return
    this.lane!.reset()
    this.leave(null)
  }

  ref(): void {}

  unref(): void {}

  /** @internal Bytes have come over. */
  arrive(bytes: Uint8Array): void {
    this.received += bytes.length
    if (this.isLeft) return
    this.held.push(bytes)
    this.deliver()
  }

  /** @internal The peer's end has come over. */
  arriveEnd(): void {
    if (this.isLeft) return
    this.hasEnd = true
    this.deliver()
  }

  /** @internal The peer has torn the link down. */
  arriveReset(): void {
    this.leave(Object.assign(new Error('read ECONNRESET'), { code: 'ECONNRESET' }))
  }

  /** @internal The lane has room again. */
  drained(): void {
    if (!this.isFull || this.isLeft) return
    this.isFull = false
    this.sink?.onDrain()
  }

  private leave(error: Error | null): void {
    if (this.closing !== null) return
    this.isLeft = true
    this.held = []
    this.closing = { error }
    this.wake()
  }

  // Never from within a call of the sink's.
  private wake(): void {
    if (this.isWaking) return
    this.isWaking = true
    this.runtime.defer(() => {
      this.isWaking = false
      this.deliver()
    })
  }

  private deliver(): void {
    const { sink } = this
    if (sink === null || this.isClosed || this.isWaking) return
    if (this.held.length > 1) this.held = [concatBytes(this.held)]
    const [chunk] = this.held
    if (chunk !== undefined && !this.isPaused) {
      this.held = []
      sink.onData(chunk)
    }
    if (this.hasEnd && !this.isEndTold && !this.isPaused && this.held.length === 0 && !this.isLeft) {
      this.isEndTold = true
      sink.onEnd()
      this.closeWhenDone()
    }
    if (this.closing !== null) {
      this.isClosed = true
      sink.onClose(this.closing.error)
    }
  }

  private closeWhenDone(): void {
    if (this.isEnded && this.isEndTold) this.leave(null)
  }
}

/** What is on its way: bytes, or null for the end. */
interface Parcel {
  readonly bytes: Uint8Array | null
  /** When its last bit has left. */
  readonly leaves: number
}

/** One direction: bytes leave at the bandwidth, one after the other, and arrive after the delay. */
class Lane {
  readonly sendBuffer: number
  private readonly runtime: VirtualRuntime
  private readonly msPerByte: number
  private readonly delay: number
  private readonly from: LinkIo
  private readonly to: LinkIo
  private readonly alarm: Alarm
  private readonly leaving: Parcel[] = []
  private readonly travelling: Parcel[] = []
  private freeAt: number = 0
  private held: number = 0
  private resetAt: number = Infinity

  constructor(runtime: VirtualRuntime, options: LinkOptions, from: LinkIo, to: LinkIo) {
    this.runtime = runtime
    this.msPerByte = 8_000 / options.bandwidth
    this.delay = options.delay
    this.sendBuffer = options.sendBuffer ?? SEND_BUFFER
    this.from = from
    this.to = to
    this.alarm = runtime.timer.alarm(this)
  }

  /** @returns the bytes that have not left yet */
  send(bytes: Uint8Array): number {
    for (let at = 0; at < bytes.length; at += PIECE) this.add(bytes.subarray(at, at + PIECE))
    this.held += bytes.length
    this.arm()
    return this.held
  }

  sendEnd(): void {
    this.add(null)
    this.arm()
  }

  reset(): void {
    this.leaving.length = 0
    this.held = 0
    this.resetAt = this.runtime.clock.now() + this.delay
    this.arm()
  }

  onAlarm(now: number): void {
    const before = this.held
    for (let next = this.leaving[0]; next !== undefined && next.leaves <= now; next = this.leaving[0]) {
      this.leaving.shift()
      this.travelling.push(next)
      this.held -= next.bytes?.length ?? 0
    }
    if (before * 2 >= this.sendBuffer && this.held * 2 < this.sendBuffer) this.from.drained()
    this.bringOver(now)
    this.arm()
  }

  private bringOver(now: number): void {
    for (let next = this.travelling[0]; next !== undefined; next = this.travelling[0]) {
      if (next.leaves + this.delay > now) break
      this.travelling.shift()
      if (next.bytes === null) this.to.arriveEnd()
      else this.to.arrive(next.bytes)
    }
    if (this.resetAt <= now) {
      this.resetAt = Infinity
      this.travelling.length = 0
      this.to.arriveReset()
    }
  }

  private add(bytes: Uint8Array | null): void {
    const from = Math.max(this.freeAt, this.runtime.clock.now())
    this.freeAt = from + (bytes?.length ?? 0) * this.msPerByte
    this.leaving.push({ bytes, leaves: this.freeAt })
  }

  private arm(): void {
    const leaves = this.leaving[0]?.leaves ?? Infinity
    const arrives = (this.travelling[0]?.leaves ?? Infinity) + this.delay
    this.alarm.move(Math.min(leaves, arrives, this.resetAt))
  }
}
