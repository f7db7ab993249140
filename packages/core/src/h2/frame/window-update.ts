import type { ByteWriter } from '../../bytes/byte-writer.ts'
import { connectionFault, streamFault } from './fault.ts'
import { type Frame, readU31, appendHead } from './head.ts'
import { WINDOW_UPDATE } from './kind.ts'
import { PROTOCOL_ERROR } from './reason.ts'

// WINDOW_UPDATE (RFC 9113 §6.9).

/** The increment, at least 1; or a fault of the stream, on stream 0 of the connection, where it is 0. */
export function parseWindowUpdate(frame: Frame): number {
  const increment = readU31(frame.bytes, frame.start)
  if (increment > 0) return increment
  return frame.stream === 0 ? connectionFault(PROTOCOL_ERROR) : streamFault(PROTOCOL_ERROR)
}

/** @param stream 0 for the connection; @param increment 1 to 2^31-1 */
export function writeWindowUpdate(out: ByteWriter, stream: number, increment: number): void {
  appendHead(out, 4, WINDOW_UPDATE, 0, stream)
  out.u32(increment)
}
