import type { ByteWriter } from '../../bytes/byte-writer.ts'
import { appendHead, type Frame } from './head.ts'
import { ACK, PING } from './kind.ts'

// PING (RFC 9113 §6.7): eight octets that come back as they are.

const SIZE = 8

/** @param payload eight octets, at `start` */
export function writePing(out: ByteWriter, payload: Uint8Array, isAck: boolean, start: number = 0): void {
  appendHead(out, SIZE, PING, isAck ? ACK : 0, 0)
  out.copy(payload, start, start + SIZE)
}

/** Whether a PING has the octets of `payload`. */
export function isPing(frame: Frame, payload: Uint8Array): boolean {
  for (let i = 0; i < SIZE; i++) if (frame.bytes[frame.start + i] !== payload[i]) return false
  return true
}
