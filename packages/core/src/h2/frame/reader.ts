import { connectionFault, isStreamFault } from './fault.ts'
import { checkHead, Frame, MIN_MAX_FRAME_SIZE } from './head.ts'
import { FRAME_HEAD_SIZE, DATA, isKnownKind, PADDED } from './kind.ts'
import { isPaddingFit } from './padding.ts'
import { PROTOCOL_ERROR } from './reason.ts'

// The frame reader: bytes in any cuts come in, frames go out, one per call. DATA is handed on in parts as it arrives, so
// that no large frame is ever held; every other frame is whole, as a view of the chunk it came in where possible, else
// of a small buffer. What the nine octets of a head say is checked before anything is held. It knows no streams, no
// settings and no order of frames; it never throws, copies no DATA, and allocates nothing per frame.

/** Nothing more in the bytes received: the reader holds no view of them any more. */
export const NEED_MORE = 0
/** `reader.frame` is the next frame or part of one, valid until the next call. */
export const FRAME = 1

const EMPTY = new Uint8Array(0)
const FIRST_SIZE = 64
/** A larger buffer is let go with its frame. */
const KEEP_SIZE = 512

// What is read next.
const HEAD = 0
/** The octet that says how much of a DATA frame is padding. */
const PAD_LENGTH = 1
const BODY = 2
/** The payload of any other frame. */
const PAYLOAD = 3
/** A payload that nobody wants. */
const SKIP = 4
const FAILED = 5

export class FrameReader {
  readonly frame: Frame = new Frame()
  /** Our SETTINGS_MAX_FRAME_SIZE, once it is acknowledged. */
  maxFrameSize: number
  private input: Uint8Array = EMPTY
  private at: number = 0
  private limit: number = 0
  private state: number = HEAD
  /** Octets of a head that have come. */
  private headAt: number = 0
  /** Octets that are still to come: of a payload, or of the data in it. */
  private rest: number = 0
  private padding: number = 0
  private buffer: Uint8Array = EMPTY
  private held: number = 0
  private fault: number = 0
  /** A part of this DATA frame is out already. */
  private isBegun: boolean = false

  constructor(maxFrameSize: number = MIN_MAX_FRAME_SIZE) {
    this.maxFrameSize = maxFrameSize
  }

  /** Octets received and not read yet. */
  get pending(): number {
    return this.limit - this.at
  }

  /** True between frames: the connection may end here without cutting one. */
  get isBetweenFrames(): boolean {
    return this.state === HEAD && this.headAt === 0
  }

  /** The next bytes, once `next` has said NEED_MORE. They must not change until it says so again. */
  receive(bytes: Uint8Array, start: number = 0, end: number = bytes.length): void {
    this.input = bytes
    this.at = start
    this.limit = end
  }

  /**
   * Passes over the client's preface (RFC 9113 §3.4), `seen` characters of which were there before.
   * @returns how much of it has come, or -1 where the bytes differ
   */
  skipPreface(preface: string, seen: number): number {
    let place = seen
    while (place < preface.length && this.at < this.limit) {
      if (this.input[this.at] !== preface.charCodeAt(place)) return -1
      this.at++
      place++
    }
    return place
  }

  /** Takes back what was received and not read yet. */
  takeRest(): Uint8Array {
    const rest = this.input.subarray(this.at, this.limit)
    this.starve()
    return rest
  }

  /**
   * Reads on.
   * @returns FRAME, NEED_MORE, or a fault: of a stream, `frame.stream`, whose frame is skipped by the next call; or of
   * the connection, which every further call repeats
   */
  next(): number {
    for (;;) {
      switch (this.state) {
        case HEAD: {
          if (!this.readHead()) return this.starve()
          const result = this.enter()
          if (result !== 0) return result
          break
        }
        case PAD_LENGTH:
          if (this.at === this.limit) return this.starve()
          if (!this.readPadLength()) return this.fail(connectionFault(PROTOCOL_ERROR))
          break
        case BODY:
          return this.readBody() ? FRAME : this.starve()
        case PAYLOAD:
          return this.readPayload() ? FRAME : this.starve()
        case SKIP:
          this.rest -= this.consume(this.rest)
          if (this.rest > 0) return this.starve()
          this.state = HEAD
          break
        default:
          return this.fault
      }
    }
  }

  /** Nine octets, at once or as they come. */
  private readHead(): boolean {
    const { frame, input } = this
    const at = this.at
    if (this.headAt === 0 && this.limit - at >= FRAME_HEAD_SIZE) {
      frame.length = (input[at]! << 16) | (input[at + 1]! << 8) | input[at + 2]!
      frame.kind = input[at + 3]!
      frame.flags = input[at + 4]!
      frame.stream =
        ((input[at + 5]! & 0x7f) << 24) | (input[at + 6]! << 16) | (input[at + 7]! << 8) | input[at + 8]!
      this.at = at + FRAME_HEAD_SIZE
      return true
    }
    while (this.at < this.limit) {
      this.addHeadOctet(input[this.at++]!)
      if (this.headAt === FRAME_HEAD_SIZE) {
        this.headAt = 0
        return true
      }
    }
    return false
  }

  private addHeadOctet(octet: number): void {
    const { frame } = this
    const place = this.headAt++
    if (place < 3) frame.length = place === 0 ? octet : (frame.length << 8) | octet
    else if (place === 3) frame.kind = octet
    else if (place === 4) frame.flags = octet
    // The reserved bit is ignored (RFC 9113 §4.1).
    else frame.stream = place === 5 ? octet & 0x7f : (frame.stream << 8) | octet
  }

  /** A head is complete: what its payload is to become. @returns 0 to read on, FRAME, or a fault */
  private enter(): number {
    const { frame } = this
    frame.isFirst = true
    frame.isLast = true
    this.rest = frame.length
    const fault = checkHead(frame, this.maxFrameSize)
    if (fault !== 0) {
      if (!isStreamFault(fault)) return this.fail(fault)
      this.state = SKIP
      return fault
    }
    if (frame.kind === DATA) {
      this.padding = 0
      frame.padding = 0
      this.state = frame.has(PADDED) ? PAD_LENGTH : BODY
      return 0
    }
    if (isKnownKind(frame.kind)) {
      this.state = PAYLOAD
      return 0
    }
    // An unknown frame is told of, since none may stand inside a field block (RFC 9113 §5.5), but not held.
    this.state = SKIP
    this.show(EMPTY, 0, 0)
    return FRAME
  }

  private readPadLength(): boolean {
    const padding = this.input[this.at++]!
    if (!isPaddingFit(padding, this.frame.length, 0)) return false
    this.padding = padding
    this.frame.padding = 1 + padding
    this.rest = this.frame.length - 1 - padding
    this.state = BODY
    return true
  }

  /** A part of a DATA frame: what has come of the data; the last part only when the padding has come too. */
  private readBody(): boolean {
    const { frame } = this
    const start = this.at
    const size = this.consume(this.rest)
    this.rest -= size
    if (this.rest === 0) this.padding -= this.consume(this.padding)
    const isComplete = this.rest === 0 && this.padding === 0
    if (size === 0 && !isComplete) return false
    frame.isFirst = !this.isBegun
    frame.isLast = isComplete
    this.isBegun = !isComplete
    if (isComplete) this.state = HEAD
    this.show(this.input, start, start + size)
    return true
  }

  /** A payload that is handed on as a whole. */
  private readPayload(): boolean {
    const start = this.at
    const { length } = this.frame
    const size = this.consume(this.rest)
    this.rest -= size
    if (size === length) this.show(this.input, start, start + size)
    else {
      this.hold(start, size, length)
      if (this.rest > 0) return false
      this.show(this.buffer, 0, length)
      this.held = 0
      if (this.buffer.length > KEEP_SIZE) this.buffer = EMPTY
    }
    this.state = HEAD
    return true
  }

  /** Grows with what has really come, not with what a head promises. */
  private hold(start: number, size: number, length: number): void {
    const need = this.held + size
    if (need > this.buffer.length) {
      const grown = new Uint8Array(Math.max(Math.min(length, this.buffer.length * 2), need, FIRST_SIZE))
      grown.set(this.buffer.subarray(0, this.held))
      this.buffer = grown
    }
    this.buffer.set(this.input.subarray(start, start + size), this.held)
    this.held = need
  }

  private show(bytes: Uint8Array, start: number, end: number): void {
    const { frame } = this
    frame.bytes = bytes
    frame.start = start
    frame.end = end
  }

  /** Up to `count` octets. @returns how many */
  private consume(count: number): number {
    const there = this.limit - this.at
    const size = count < there ? count : there
    this.at += size
    return size
  }

  /** Lets go of the chunk. */
  private starve(): number {
    this.input = EMPTY
    this.at = 0
    this.limit = 0
    this.show(EMPTY, 0, 0)
    return NEED_MORE
  }

  private fail(fault: number): number {
    this.state = FAILED
    this.fault = fault
    return fault
  }
}
