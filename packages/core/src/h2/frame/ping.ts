import type { ByteWriter } from '../../bytes/byte-writer.ts'
import { type Frame, readU32, writeHead } from './head.ts'
import { ACK, PING } from './kind.ts'

// PING (RFC 9113 §6.7): eight octets that come back as they are.

/** Answers a PING with its own octets. */
export function writePong(out: ByteWriter, ping: Frame): void {
  writeHead(out, 8, PING, ACK, 0)
  out.copy(ping.bytes, ping.start, ping.end)
}

/** @param high the first four octets; @param low the last four */
export function writePing(out: ByteWriter, high: number, low: number): void {
  writeHead(out, 8, PING, 0, 0)
  out.u32(high)
  out.u32(low)
}

/** Whether a PING has the octets of `writePing(out, high, low)`. */
export function isPing(frame: Frame, high: number, low: number): boolean {
  return readU32(frame.bytes, frame.start) === high && readU32(frame.bytes, frame.start + 4) === low
}
