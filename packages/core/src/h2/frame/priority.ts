import type { ByteWriter } from '../../bytes/byte-writer.ts'
import { streamFault } from './fault.ts'
import { type Frame, readU31, appendHead } from './head.ts'
import { PRIORITY } from './kind.ts'
import { PROTOCOL_ERROR } from './reason.ts'

// PRIORITY (RFC 9113 §6.3): the deprecated signal. It is read, so that what is malformed is refused, and then ignored.

export class PriorityFields {
  /** The stream depended on. */
  dependency: number = 0
  isExclusive: boolean = false
  /** 1 to 256. */
  weight: number = 0
}

/** @returns 0, or a stream fault where a stream depends on itself (RFC 7540 §5.3.1) */
export function parsePriority(frame: Frame, into: PriorityFields): number {
  readPriority(frame.bytes, frame.start, into)
  return into.dependency === frame.stream ? streamFault(PROTOCOL_ERROR) : 0
}

/** The five octets of a priority, of PRIORITY or HEADERS. */
export function readPriority(bytes: Uint8Array, at: number, into: PriorityFields): void {
  into.dependency = readU31(bytes, at)
  into.isExclusive = bytes[at]! >= 0x80
  into.weight = bytes[at + 4]! + 1
}

/** @param weight 1 to 256 */
export function writePriority(
  out: ByteWriter,
  stream: number,
  dependency: number,
  isExclusive: boolean,
  weight: number,
): void {
  appendHead(out, 5, PRIORITY, 0, stream)
  out.u32(isExclusive ? dependency | 0x80000000 : dependency)
  out.u8(weight - 1)
}
