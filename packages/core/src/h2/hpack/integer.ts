import type { ByteWriter } from '../../bytes/byte-writer.ts'
import { HPACK_INTEGER, HPACK_TRUNCATED } from './fault.ts'

// Integers with a prefix (RFC 7541 §5.1): up to 2^31-1, in at most six octets, so that endless continuation bytes end.

/** Where reading a primitive has come to. One for all decoders: decoding is synchronous and calls nobody. */
export class Cursor {
  /** Behind what was read last. */
  at: number = 0
  /** Where the octets of the last string stand, decoded. */
  bytes: Uint8Array = new Uint8Array(0)
  start: number = 0
  end: number = 0
}

export const cursor: Cursor = new Cursor()

const CONTINUATIONS = 5
const MAX = 0x7fffffff

/**
 * Goes on with an integer whose prefix was all ones.
 * @param prefix the value of the prefix
 * @returns the integer, with `cursor.at` behind it, or a fault
 */
export function readInteger(bytes: Uint8Array, at: number, end: number, prefix: number): number {
  let value = prefix
  let weight = 1
  for (let i = 0; i < CONTINUATIONS; i++) {
    if (at + i >= end) return HPACK_TRUNCATED
    const byte = bytes[at + i]!
    value += (byte & 0x7f) * weight
    if (byte < 0x80) {
      cursor.at = at + i + 1
      return value > MAX ? HPACK_INTEGER : value
    }
    weight *= 128
  }
  return HPACK_INTEGER
}

/** @param pattern the bits above the prefix; @param mask the greatest value of the prefix, for example 0x7f */
export function writeInteger(out: ByteWriter, pattern: number, mask: number, value: number): void {
  if (value < mask) {
    out.u8(pattern | value)
    return
  }
  out.u8(pattern | mask)
  let rest = value - mask
  while (rest >= 0x80) {
    out.u8((rest & 0x7f) | 0x80)
    rest >>>= 7
  }
  out.u8(rest)
}
