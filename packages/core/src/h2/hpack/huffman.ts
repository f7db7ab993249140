import type { ByteWriter } from '../../bytes/byte-writer.ts'
import { HPACK_HUFFMAN } from './fault.ts'
import {
  CODE_LENGTHS,
  CODES,
  EOS,
  LOOKUP_BITS,
  PAIR_BITS_SHIFT,
  PAIR_COUNT_SHIFT,
  PAIR_FIRST_SHIFT,
  PAIRS,
  TREE,
} from './huffman-table.ts'

// Huffman strings (RFC 7541 §5.2): bytes in, bytes out. Decoding is strict: EOS, padding of more than 7 bits, and
// padding that is not all ones are refused. It writes no byte before `at` of its target, and at most
// `huffmanRoom(input)` from there.

const LOOKUP_MASK = (1 << LOOKUP_BITS) - 1
const COUNT_MASK = 3
const LONG_SHIFT = 8
/** Codes up to this size fit beside 15 bits that wait. */
const SHORT_CODE = 15
const LENGTH_MASK = 15

/** The bytes that decoding `length` bytes may write: the shortest code has 5 bits, and a pair is written in one go. */
export function huffmanRoom(length: number): number {
  return ((length * 8) / 5 + 2) >>> 0
}

/**
 * Decodes `bytes[start, end)` into `out` from `at` on, where there must be {@link huffmanRoom}.
 * @returns where the decoded text ends in `out`, or a fault
 */
export function decodeHuffman(
  bytes: Uint8Array,
  start: number,
  end: number,
  out: Uint8Array,
  at: number,
): number {
  let read = start
  let held = 0
  let bits = 0
  let write = at
  for (;;) {
    while (bits >= LOOKUP_BITS) {
      const row = PAIRS[(held >>> (bits - LOOKUP_BITS)) & LOOKUP_MASK]!
      const used = row >>> PAIR_BITS_SHIFT
      if (used > 0) {
        out[write] = row
        out[write + 1] = row >>> 8
        write += (row >>> PAIR_COUNT_SHIFT) & COUNT_MASK
        bits -= used
        continue
      }
      const long = decodeLong(bytes, read, end, held, bits - LOOKUP_BITS, row)
      if (long < 0) return HPACK_HUFFMAN
      out[write++] = long
      bits -= long >>> LONG_SHIFT
      for (; bits < 0; bits += 8) held = bytes[read++]!
    }
    // Two octets at a time: twice as fast as one (benchmarks/src/micro/hpack.ts).
    if (read + 1 < end) {
      held = (held << 16) | (bytes[read]! << 8) | bytes[read + 1]!
      read += 2
      bits += 16
    } else if (read < end) {
      held = (held << 8) | bytes[read++]!
      bits += 8
    } else return decodeTail(held, bits, out, write)
  }
}

/**
 * A code of more than 12 bits: from the node that those lead to down the tree, through the bits that wait and on into
 * the following octets.
 * @returns the symbol, and from LONG_SHIFT on how many bits its code has; or a fault
 */
function decodeLong(
  bytes: Uint8Array,
  at: number,
  end: number,
  held: number,
  bits: number,
  first: number,
): number {
  let node = first
  let read = at
  let octet = held
  let left = bits
  let length = LOOKUP_BITS
  while (node >= 0) {
    if (left === 0) {
      // 12 bits or more are begun: no padding is that long.
      if (read === end) return HPACK_HUFFMAN
      octet = bytes[read++]!
      left = 8
    }
    left--
    length++
    node = TREE[2 * node + ((octet >>> left) & 1)]!
  }
  return node === -1 - EOS ? HPACK_HUFFMAN : (-1 - node) | (length << LONG_SHIFT)
}

/** The last bits, fewer than a look-up takes: symbols, then the padding. */
function decodeTail(held: number, bits: number, out: Uint8Array, at: number): number {
  let write = at
  let left = bits
  for (;;) {
    const padded = ((held << (LOOKUP_BITS - left)) | (LOOKUP_MASK >>> left)) & LOOKUP_MASK
    const row = PAIRS[padded]!
    const length = (row >>> PAIR_FIRST_SHIFT) & LENGTH_MASK
    if (length === 0 || length > left) return isPadding(held, left) ? write : HPACK_HUFFMAN
    out[write++] = row
    left -= length
  }
}

/** Seven bits at most, all of them ones: the beginning of EOS. */
function isPadding(held: number, bits: number): boolean {
  const ones = (1 << bits) - 1
  return bits < 8 && (held & ones) === ones
}

/** How many octets `text` has as a Huffman string, padding included. All characters are below U+0100. */
export function huffmanLength(text: string): number {
  let bits = 7
  for (let i = 0; i < text.length; i++) bits += CODE_LENGTHS[text.charCodeAt(i)]!
  return bits >>> 3
}

/** Writes `text` as a Huffman string without its length. The caller has made room for its {@link huffmanLength}. */
export function encodeHuffman(text: string, out: ByteWriter): void {
  const { bytes } = out
  const { length } = text
  let at = out.length
  let held = 0
  let bits = 0
  for (let i = 0; i < length; i++) {
    const symbol = text.charCodeAt(i)
    let code = CODES[symbol]!
    let size = CODE_LENGTHS[symbol]!
    if (size > SHORT_CODE) {
      // Together with what waits it would not fit into 32 bits: whole octets go first, then the upper part of it.
      if (bits >= 8) bytes[at++] = held >>> (bits -= 8)
      held = (held << (size - SHORT_CODE)) | (code >>> SHORT_CODE)
      bits += size - SHORT_CODE
      while (bits >= 8) bytes[at++] = held >>> (bits -= 8)
      code &= (1 << SHORT_CODE) - 1
      size = SHORT_CODE
    }
    held = (held << size) | code
    bits += size
    if (bits >= 16) {
      bits -= 16
      bytes[at] = held >>> (bits + 8)
      bytes[at + 1] = held >>> bits
      at += 2
    }
  }
  if (bits >= 8) bytes[at++] = held >>> (bits -= 8)
  if (bits > 0) bytes[at++] = (held << (8 - bits)) | (0xff >>> bits)
  out.length = at
}
