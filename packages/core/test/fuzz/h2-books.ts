import {
  DATA,
  END_STREAM,
  FRAME,
  FrameReader,
  HEADERS,
  RST_STREAM,
  type Frame,
} from '../../src/h2/frame/index.ts'
import { MAX_WINDOW } from '../../src/h2/core.ts'
import type { H2Machine } from '../../src/h2/machine.ts'
import { CLOSED } from '../../src/h2/streams/state.ts'

// The books of an HTTP/2 peer, kept from the wire alone: the credit it has given by SETTINGS and WINDOW_UPDATE, and what
// the machine has used of it. In: the bytes that go to the machine, and the frames that come from it. Out: an error for
// what no machine may do, and for sums inside of the machine that do not add up.

/** What no reader of frames may hold: one frame, and what it grows by. */
const MAX_HELD = 2 * 16_384 + 64

export class Books {
  private readonly machine: H2Machine
  /** Bytes of the peer's, frame by frame, whatever they are cut into. */
  private readonly reader: FrameReader = new FrameReader(16_777_215)
  private connection: number = 65_535
  /** The initial window, as it was acknowledged, and as each SETTINGS that was not has it. */
  private readonly initial: number[] = [65_535]
  private readonly extra: Map<number, number> = new Map()
  private readonly used: Map<number, number> = new Map()
  private readonly ended: Set<number> = new Set()
  private skip: number

  constructor(machine: H2Machine) {
    this.machine = machine
    this.skip = machine.settings.isServer ? 24 : 0
  }

  /** Bytes are about to reach the machine. Credit counts from here on: sooner than the machine may know it, never later. */
  given(wire: Uint8Array): void {
    const from = Math.min(this.skip, wire.length)
    this.skip -= from
    this.reader.receive(wire, from, wire.length)
    for (let result = this.reader.next(); result !== 0; result = this.reader.next()) {
      if (result === FRAME) this.credit(this.reader.frame)
      else if (result > -0x100) return
    }
  }

  private credit(frame: Frame): void {
    const { bytes, start, end, stream, kind } = frame
    const view = new DataView(bytes.buffer, bytes.byteOffset)
    if (kind === 8) {
      const increment = view.getUint32(start) & MAX_WINDOW
      if (stream === 0) this.connection += increment
      else this.extra.set(stream, (this.extra.get(stream) ?? 0) + increment)
    } else if (kind === 4 && (frame.flags & 1) === 0) {
      let initial = this.initial.at(-1)!
      for (let at = start; at + 6 <= end; at += 6) {
        if (view.getUint16(at) === 4) initial = view.getUint32(at + 2)
      }
      this.initial.push(initial)
    }
  }

  /** The machine has written a frame. */
  sent(frame: Frame): void {
    const { stream, kind } = frame
    // RFC 9113 §6.5.3: from here on a smaller one counts.
    if (kind === 4 && (frame.flags & 1) !== 0 && this.initial.length > 1) this.initial.shift()
    if (kind !== DATA && kind !== HEADERS && kind !== RST_STREAM) return
    if (this.ended.has(stream) && kind !== RST_STREAM)
      throw new Error(`kind ${kind} after the end of stream ${stream}`)
    if (kind === RST_STREAM || (frame.isLast && frame.has(END_STREAM))) this.ended.add(stream)
    if (kind !== DATA || !frame.isFirst) return
    this.connection -= frame.length
    const used = (this.used.get(stream) ?? 0) + frame.length
    this.used.set(stream, used)
    if (this.connection < 0) throw new Error('more DATA than the connection’s window')
    if (frame.length > 0 && used > Math.max(...this.initial) + (this.extra.get(stream) ?? 0)) {
      throw new Error(`more DATA than the window of stream ${stream}`)
    }
  }

  /** Everything inside adds up. */
  check(): void {
    const { machine } = this
    const { settings, streams, receiveWindow } = machine
    let unconsumed = 0
    let queued = 0
    for (const stream of streams.values()) {
      if (stream.state === CLOSED) throw new Error(`stream ${stream.id} is closed and kept`)
      unconsumed += stream.unconsumed
      queued += stream.queued
      const held = (stream.queue ?? []).reduce((sum, chunk) => sum + chunk.length, 0)
      if (held !== stream.queued) throw new Error(`stream ${stream.id} holds ${held}, not ${stream.queued}`)
      if (stream.unconsumed < 0 || stream.receiveOwed < 0)
        throw new Error(`stream ${stream.id} owes less than nothing`)
      if (stream.sendWindow > MAX_WINDOW || stream.receiveWindow > MAX_WINDOW)
        throw new Error('a window above 2^31-1')
      if (stream.isScheduled && (stream.queued === 0 || stream.sendWindow <= 0))
        throw new Error('scheduled for nothing')
    }
    if (unconsumed !== machine.unconsumed)
      throw new Error(`${machine.unconsumed} unconsumed, not ${unconsumed}`)
    if (queued !== machine.queued) throw new Error(`${machine.queued} queued, not ${queued}`)
    if (machine.failure === null) this.checkOpen()
    const own = settings.isServer ? machine.peerStreams : machine.ownStreams
    if (own !== streams.size) throw new Error(`${streams.size} streams, counted ${own}`)
    if (settings.isServer && own > settings.maxConcurrentStreams) throw new Error('more streams than allowed')
    if (receiveWindow.target > Math.max(settings.maxWindow, settings.connectionWindow))
      throw new Error('a window above its limit')
    if (this.held() > MAX_HELD) throw new Error('the reader holds too much')
  }

  // Between frames, while the connection lives: all credit is somewhere.
  private checkOpen(): void {
    const { machine } = this
    if (!(machine as unknown as { reader: FrameReader }).reader.isBetweenFrames) return
    const { receiveWindow } = machine
    const owed =
      (receiveWindow as unknown as { owed: number }).owed + (machine as unknown as { owed: number }).owed
    if (receiveWindow.available + owed !== receiveWindow.target) {
      throw new Error(
        `the connection’s window: ${receiveWindow.available} + ${owed}, not ${receiveWindow.target}`,
      )
    }
    for (const stream of machine.streams.values()) {
      const sum = stream.receiveWindow + stream.receiveOwed + stream.unconsumed
      if ((stream.state === 1 || stream.state === 3) && sum !== stream.receiveTarget) {
        throw new Error(`the window of stream ${stream.id}: ${sum}, not ${stream.receiveTarget}`)
      }
    }
  }

  private held(): number {
    return ((this.machine as unknown as { reader: FrameReader }).reader as unknown as { buffer: Uint8Array })
      .buffer.length
  }

  /** After the last stream is gone nothing is left. */
  empty(): void {
    const { machine } = this
    if (machine.streams.size + machine.unconsumed + machine.queued !== 0) throw new Error('something is left')
    if (machine.peerStreams + machine.ownStreams !== 0)
      throw new Error('streams are counted that are not there')
    if (!machine.schedule.isEmpty) throw new Error('something is scheduled')
  }
}
