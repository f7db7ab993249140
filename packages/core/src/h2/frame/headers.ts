import type { ByteWriter } from '../../bytes/byte-writer.ts'
import { splitBlock } from './continuation.ts'
import { streamFault } from './fault.ts'
import { type Frame, writeFrameHead } from './head.ts'
import { FRAME_HEAD_SIZE, END_HEADERS, END_STREAM, HAS_PRIORITY, HEADERS, PADDED } from './kind.ts'
import { paddingOf } from './padding.ts'
import { PriorityFields, readPriority } from './priority.ts'
import { PROTOCOL_ERROR } from './reason.ts'

// HEADERS (RFC 9113 §6.2). We write neither padding nor priority.

/** Where the field block fragment stands, and the old priority signal where there is one. */
export class HeadersFields {
  /** `frame.bytes[start, end)`. */
  start: number = 0
  end: number = 0
  hasPriority: boolean = false
  readonly priority: PriorityFields = new PriorityFields()
}

/**
 * Takes a complete frame apart.
 * @returns 0; a connection fault; or a stream fault, with the fragment set, since it must be decoded all the same
 */
export function parseHeaders(frame: Frame, into: HeadersFields): number {
  into.hasPriority = frame.has(HAS_PRIORITY)
  const padding = paddingOf(frame, into.hasPriority ? 5 : 0)
  if (padding < 0) return padding
  let at = frame.has(PADDED) ? frame.start + 1 : frame.start
  into.end = frame.end - padding
  into.start = at
  if (!into.hasPriority) return 0
  readPriority(frame.bytes, at, into.priority)
  at += 5
  into.start = at
  // RFC 7540 §5.3.1: a stream cannot depend on itself.
  return into.priority.dependency === frame.stream ? streamFault(PROTOCOL_ERROR) : 0
}

/** Leaves room for a head; the field block is to be written behind it. @returns the place for `endHeaders` */
export function beginHeaders(out: ByteWriter): number {
  out.ensure(FRAME_HEAD_SIZE)
  const at = out.length
  out.length = at + FRAME_HEAD_SIZE
  return at
}

/**
 * Makes frames of the field block written since `beginHeaders`: one HEADERS, and CONTINUATIONs where it is longer than
 * `maxFrameSize`.
 */
export function endHeaders(
  out: ByteWriter,
  at: number,
  stream: number,
  endStream: boolean,
  maxFrameSize: number,
): void {
  const length = out.length - at - FRAME_HEAD_SIZE
  const flags = endStream ? END_STREAM : 0
  if (length <= maxFrameSize) {
    writeFrameHead(out, at, length, HEADERS, flags | END_HEADERS, stream)
    return
  }
  splitBlock(out, at, stream, maxFrameSize)
  writeFrameHead(out, at, maxFrameSize, HEADERS, flags, stream)
}
