import type { ByteWriter } from '../../bytes/byte-writer.ts'
import { type Frame, readU32, appendHead } from './head.ts'
import { RST_STREAM } from './kind.ts'

// RST_STREAM (RFC 9113 §6.4).

/** The error code, which may be one that is not known. */
export function parseRstStream(frame: Frame): number {
  return readU32(frame.bytes, frame.start)
}

/** @param reason an error code */
export function writeRstStream(out: ByteWriter, stream: number, reason: number): void {
  appendHead(out, 4, RST_STREAM, 0, stream)
  out.u32(reason)
}
