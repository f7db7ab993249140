import type { ByteWriter } from '../../bytes/byte-writer.ts'
import { connectionFault } from './fault.ts'
import { type Frame, readU31, appendHead } from './head.ts'
import { PRIORITY_UPDATE } from './kind.ts'
import { PROTOCOL_ERROR } from './reason.ts'

// PRIORITY_UPDATE (RFC 9218 §7.1): a new value of the Priority field for one stream.

export class PriorityUpdateFields {
  /** The stream it is about. */
  target: number = 0
  /** `frame.bytes[start, end)` is the field value. */
  start: number = 0
  end: number = 0
}

/** @returns 0, or a connection fault where it is about stream 0 */
export function parsePriorityUpdate(frame: Frame, into: PriorityUpdateFields): number {
  into.target = readU31(frame.bytes, frame.start)
  into.start = frame.start + 4
  into.end = frame.end
  return into.target === 0 ? connectionFault(PROTOCOL_ERROR) : 0
}

/** @param value a structured field in ASCII, for example `u=1, i` */
export function writePriorityUpdate(out: ByteWriter, target: number, value: string): void {
  appendHead(out, 4 + value.length, PRIORITY_UPDATE, 0, 0)
  out.u32(target)
  out.latin1(value)
}
