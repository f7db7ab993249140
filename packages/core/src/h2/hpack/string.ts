import type { ByteWriter } from '../../bytes/byte-writer.ts'
import type { TextCodec } from '../../rt/index.ts'
import { HPACK_TRUNCATED } from './fault.ts'
import { decodeHuffman, encodeHuffman, huffmanLength, huffmanRoom } from './huffman.ts'
import { cursor, readInteger, writeInteger } from './integer.ts'

// String literals (RFC 7541 §5.2). Reading gives a range of octets, which stands in the block itself or, decoded, in a
// scratch buffer; a string is made of it only where somebody keeps it.

const HUFFMAN = 0x80
const LENGTH_MASK = 0x7f
/** Octets that one character may take. */
const LONGEST_CODE = 4
const FIRST_SCRATCH = 2048
/** A larger scratch buffer is let go after its block. */
const KEEP_SCRATCH = 65_536
/** Up to here characters by hand are faster than a call into the platform (benchmarks/src/micro/hpack.ts). */
const SHORT = 8

let scratch = new Uint8Array(0)
let scratchUsed = 0

/** A new field: what earlier strings left in the scratch buffer may be overwritten. */
export function beginStrings(): void {
  scratchUsed = 0
  if (scratch.length > KEEP_SCRATCH) scratch = new Uint8Array(0)
}

/**
 * Reads the string at `at`.
 * @returns 0, with its octets in `cursor.bytes[cursor.start, cursor.end)` and `cursor.at` behind it, or a fault
 */
export function readString(bytes: Uint8Array, at: number, end: number): number {
  if (at >= end) return HPACK_TRUNCATED
  const first = bytes[at]!
  let length = first & LENGTH_MASK
  let start = at + 1
  if (length === LENGTH_MASK) {
    length = readInteger(bytes, start, end, LENGTH_MASK)
    if (length < 0) return length
    start = cursor.at
  }
  const stop = start + length
  if (stop > end) return HPACK_TRUNCATED
  cursor.at = stop
  if (first < HUFFMAN) {
    cursor.bytes = bytes
    cursor.start = start
    cursor.end = stop
    return 0
  }
  const room = scratchUsed + huffmanRoom(length)
  if (room > scratch.length) growScratch(room)
  const decoded = decodeHuffman(bytes, start, stop, scratch, scratchUsed)
  if (decoded < 0) return decoded
  cursor.bytes = scratch
  cursor.start = scratchUsed
  cursor.end = decoded
  scratchUsed = decoded
  return 0
}

/** A field has two strings: what the first one decoded to stays in the old buffer, which its range still names. */
function growScratch(room: number): void {
  scratch = new Uint8Array(Math.max(FIRST_SCRATCH, room, scratch.length * 2))
}

/** One character per octet. */
export function textOf(bytes: Uint8Array, start: number, end: number, codec: TextCodec): string {
  return end - start > SHORT ? codec.latin1(bytes, start, end) : shortText(bytes, start, end)
}

function shortText(bytes: Uint8Array, start: number, end: number): string {
  const a = bytes[start]!
  const b = bytes[start + 1]!
  const c = bytes[start + 2]!
  const d = bytes[start + 3]!
  switch (end - start) {
    case 0:
      return ''
    case 1:
      return String.fromCharCode(a)
    case 2:
      return String.fromCharCode(a, b)
    case 3:
      return String.fromCharCode(a, b, c)
    case 4:
      return String.fromCharCode(a, b, c, d)
    default:
      return String.fromCharCode(a, b, c, d) + shortText(bytes, start + 4, end)
  }
}

/** Writes `text` in the shorter of the two forms. All its characters are below U+0100. */
export function writeString(out: ByteWriter, text: string): void {
  const { length } = text
  if (length < LENGTH_MASK) writeShort(out, text)
  else {
    const packed = huffmanLength(text)
    const isPacked = packed < length
    writeInteger(out, isPacked ? HUFFMAN : 0, LENGTH_MASK, isPacked ? packed : length)
    out.ensure(isPacked ? packed : length)
    if (isPacked) encodeHuffman(text, out)
    else out.latin1(text)
  }
}

/** The length takes one octet: packing without measuring first is faster, since it nearly always pays. */
function writeShort(out: ByteWriter, text: string): void {
  const { length } = text
  out.ensure(1 + length * LONGEST_CODE)
  const at = out.length
  out.length = at + 1
  encodeHuffman(text, out)
  const packed = out.length - at - 1
  if (packed < length) {
    out.bytes[at] = HUFFMAN | packed
    return
  }
  out.bytes[at] = length
  out.length = at + 1
  out.latin1(text)
}
