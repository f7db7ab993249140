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
  let held = 0
  let bits = 0
  let write = at
  for (let read = start; read < end; read++) {
    held = (held << 8) | bytes[read]!
    bits += 8
    while (bits >= LOOKUP_BITS) {
      const row = PAIRS[(held >>> (bits - LOOKUP_BITS)) & LOOKUP_MASK]!
      const used = row >>> PAIR_BITS_SHIFT
      if (used === 0) {
        // A code of more than 12 bits: down the tree, bit by bit, and on into the following bytes.
        let node = row
        bits -= LOOKUP_BITS
        while (node >= 0) {
          if (bits === 0) {
            // 12 bits or more are begun: no padding is that long.
            if (++read === end) return HPACK_HUFFMAN
            held = bytes[read]!
            bits = 8
          }
          bits--
          node = TREE[2 * node + ((held >>> bits) & 1)]!
        }
        if (node === -1 - EOS) return HPACK_HUFFMAN
        out[write++] = -1 - node
        continue
      }
      out[write] = row
      out[write + 1] = row >>> 8
      write += (row >>> PAIR_COUNT_SHIFT) & COUNT_MASK
      bits -= used
    }
  }
  return decodeTail(held, bits, out, write)
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

/** How many bytes `text` has as a Huffman string, padding included. All characters are below U+0100. */
export function huffmanLength(text: string): number {
  let bits = 7
  for (let i = 0; i < text.length; i++) bits += CODE_LENGTHS[text.charCodeAt(i)]!
  return bits >>> 3
}

/** Writes `text` as a Huffman string of `length` bytes, which is its {@link huffmanLength}. */
export function encodeHuffman(text: string, length: number, out: ByteWriter): void {
  out.ensure(length)
  const { bytes } = out
  let at = out.length
  let held = 0
  let bits = 0
  for (let i = 0; i < text.length; i++) {
    const symbol = text.charCodeAt(i)
    let code = CODES[symbol]!
    let size = CODE_LENGTHS[symbol]!
    if (size > 24) {
      // With the 7 bits that may be waiting it would not fit into 32: the upper part goes first.
      held = (held << (size - 16)) | (code >>> 16)
      bits += size - 16
      while (bits >= 8) bytes[at++] = held >>> (bits -= 8)
      code &= 0xffff
      size = 16
    }
    held = (held << size) | code
    bits += size
    while (bits >= 8) bytes[at++] = held >>> (bits -= 8)
  }
  if (bits > 0) bytes[at++] = (held << (8 - bits)) | (0xff >>> bits)
  out.length = at
}
