import type { ByteWriter } from '../../bytes/byte-writer.ts'
import { connectionFault, streamFault } from './fault.ts'
import {
  ACK,
  CONTINUATION,
  DATA,
  FRAME_HEAD_SIZE,
  GOAWAY,
  HAS_PRIORITY,
  HEADERS,
  PADDED,
  PING,
  PRIORITY,
  PRIORITY_UPDATE,
  PUSH_PROMISE,
  RST_STREAM,
  SETTINGS,
  WINDOW_UPDATE,
} from './kind.ts'
import { FRAME_SIZE_ERROR, PROTOCOL_ERROR } from './reason.ts'

// Frame heads (RFC 9113 §4.1): nine octets, and everything that they alone say is wrong, so that a frame that cannot be
// is refused before its payload is waited for.

/** What every endpoint must take, and the default of SETTINGS_MAX_FRAME_SIZE. */
export const MIN_MAX_FRAME_SIZE = 16_384
export const MAX_MAX_FRAME_SIZE = 16_777_215

const EMPTY = new Uint8Array(0)
const ON_CONNECTION = connectionFault(PROTOCOL_ERROR)
const SIZE = connectionFault(FRAME_SIZE_ERROR)

/** One frame, or a part of a DATA frame. A reader has one and fills it again and again. */
export class Frame {
  /** Octets of the whole payload, padding included: what flow control counts. */
  length: number = 0
  /** Of a DATA frame: octets of it that are no data, the pad length itself among them. */
  padding: number = 0
  kind: number = 0
  flags: number = 0
  stream: number = 0
  /** `bytes[start, end)`: the payload as it came; of DATA a part of the data, without padding. */
  bytes: Uint8Array = EMPTY
  start: number = 0
  end: number = 0
  /** False from the second part of a DATA frame on. */
  isFirst: boolean = true
  /** False for all but the last part of a DATA frame; END_STREAM counts from here. */
  isLast: boolean = true

  has(flag: number): boolean {
    return (this.flags & flag) !== 0
  }
}

/** Checks the length and the stream of a head (RFC 9113 §4.2, §6). @returns 0 or a fault */
export function checkHead(frame: Frame, maxFrameSize: number): number {
  // RFC 9113 §4.2 lets some of these be stream errors; a peer that breaks its promise is not worth the difference.
  if (frame.length > maxFrameSize) return SIZE
  switch (frame.kind) {
    case DATA:
    case HEADERS:
    case CONTINUATION:
    case PUSH_PROMISE:
      if (frame.stream === 0) return ON_CONNECTION
      return frame.length < leastLength(frame) ? SIZE : 0
    case PRIORITY:
      if (frame.stream === 0) return ON_CONNECTION
      return frame.length === 5 ? 0 : streamFault(FRAME_SIZE_ERROR)
    case RST_STREAM:
      if (frame.stream === 0) return ON_CONNECTION
      return frame.length === 4 ? 0 : SIZE
    case SETTINGS:
      if (frame.stream !== 0) return ON_CONNECTION
      return frame.length % 6 !== 0 || (frame.has(ACK) && frame.length > 0) ? SIZE : 0
    case PING:
      if (frame.stream !== 0) return ON_CONNECTION
      return frame.length === 8 ? 0 : SIZE
    case GOAWAY:
      if (frame.stream !== 0) return ON_CONNECTION
      return frame.length >= 8 ? 0 : SIZE
    case WINDOW_UPDATE:
      return frame.length === 4 ? 0 : SIZE
    case PRIORITY_UPDATE:
      // RFC 9218 §7.1
      if (frame.stream !== 0) return ON_CONNECTION
      return frame.length >= 4 ? 0 : SIZE
    default:
      return 0
  }
}

/** The octets that the flags promise. */
function leastLength(frame: Frame): number {
  if (frame.kind === CONTINUATION) return 0
  const padding = frame.has(PADDED) ? 1 : 0
  if (frame.kind === PUSH_PROMISE) return padding + 4
  return frame.kind === HEADERS && frame.has(HAS_PRIORITY) ? padding + 5 : padding
}

/** Adds a head at the end. */
export function appendHead(
  out: ByteWriter,
  length: number,
  kind: number,
  flags: number,
  stream: number,
): void {
  out.ensure(FRAME_HEAD_SIZE)
  const at = out.length
  out.length = at + FRAME_HEAD_SIZE
  writeFrameHead(out, at, length, kind, flags, stream)
}

/** Writes a head at `at`, where room was left for it. */
export function writeFrameHead(
  out: ByteWriter,
  at: number,
  length: number,
  kind: number,
  flags: number,
  stream: number,
): void {
  const { bytes } = out
  bytes[at] = length >>> 16
  bytes[at + 1] = length >>> 8
  bytes[at + 2] = length
  bytes[at + 3] = kind
  bytes[at + 4] = flags
  bytes[at + 5] = stream >>> 24
  bytes[at + 6] = stream >>> 16
  bytes[at + 7] = stream >>> 8
  bytes[at + 8] = stream
}

/** An unsigned number of 32 bits. */
export function readU32(bytes: Uint8Array, at: number): number {
  return ((bytes[at]! << 24) | (bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!) >>> 0
}

/** A number of 31 bits; the reserved bit in front of it is ignored (RFC 9113 §4.1). */
export function readU31(bytes: Uint8Array, at: number): number {
  return ((bytes[at]! & 0x7f) << 24) | (bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!
}
