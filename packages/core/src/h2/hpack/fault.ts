// Faults of a field block, as negative numbers. Each ends the connection with COMPRESSION_ERROR (RFC 9113 §4.3), since
// the tables of both ends may differ from then on; only a list far over its limit is answered ENHANCE_YOUR_CALM.

/** The block ends inside a representation. */
export const HPACK_TRUNCATED = -1
/** Index 0, or one beyond both tables (RFC 7541 §2.3.3). */
export const HPACK_INDEX = -2
/** An integer above 2^31-1, or with more octets than that takes (RFC 7541 §5.1). */
export const HPACK_INTEGER = -3
/** EOS in a string, or padding that is longer than 7 bits or not the beginning of EOS (RFC 7541 §5.2). */
export const HPACK_HUFFMAN = -4
/** A table size update after the first field, the third in a row, or above the limit (RFC 7541 §4.2, §6.3). */
export const HPACK_SIZE_UPDATE = -5
/** The table had to shrink, and the block does not begin with the update that says so (RFC 7541 §4.2). */
export const HPACK_SIZE_UPDATE_MISSING = -6
/** The decoded list is more than four times as large as allowed: decoding stopped. */
export const HPACK_LIST_TOO_LARGE = -7

const NAMES: readonly string[] = [
  'truncated field block',
  'index outside of the tables',
  'integer too large',
  'malformed Huffman string',
  'table size update out of place or out of bounds',
  'table size update missing',
  'field list far too large',
]

/** What a fault means, for a log or a GOAWAY's debug data. */
export function hpackFaultText(fault: number): string {
  return NAMES[-fault - 1] ?? 'unknown fault'
}
