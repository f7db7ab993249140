import type { ByteWriter } from '../../bytes/byte-writer.ts'
import { type Frame, readU31, readU32, appendHead } from './head.ts'
import { GOAWAY } from './kind.ts'

// GOAWAY (RFC 9113 §6.8).

export class GoAwayFields {
  lastStream: number = 0
  /** An error code, maybe one that is not known. */
  reason: number = 0
  /** `frame.bytes[start, end)` is the debug data. */
  start: number = 0
  end: number = 0
}

/** Reads a complete frame, whose length the reader has checked. */
export function parseGoAway(frame: Frame, into: GoAwayFields): void {
  into.lastStream = readU31(frame.bytes, frame.start)
  into.reason = readU32(frame.bytes, frame.start + 4)
  into.start = frame.start + 8
  into.end = frame.end
}

/** @param debug Latin-1 text for whoever reads the peer's logs */
export function writeGoAway(out: ByteWriter, lastStream: number, reason: number, debug: string): void {
  appendHead(out, 8 + debug.length, GOAWAY, 0, 0)
  out.u32(lastStream)
  out.u32(reason)
  out.latin1(debug)
}
