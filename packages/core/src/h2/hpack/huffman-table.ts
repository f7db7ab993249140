// The Huffman code of RFC 7541 Appendix B. It is canonical: among codes of one length they follow each other in the
// order of their symbols, so that the lengths below say everything. From them stand, built once at load: the codes for
// encoding, a tree for the rare long codes, and a table that decodes the next 12 bits into up to two symbols at a time.

export const EOS = 256

/** How many bits the code of each symbol has; the last one is EOS. */
export const CODE_LENGTHS: Uint8Array = /* @__PURE__ */ Uint8Array.from([
  13, 23, 28, 28, 28, 28, 28, 28, 28, 24, 30, 28, 28, 30, 28, 28, 28, 28, 28, 28, 28, 28, 30, 28, 28, 28, 28,
  28, 28, 28, 28, 28, 6, 10, 10, 12, 13, 6, 8, 11, 10, 10, 8, 11, 8, 6, 6, 6, 5, 5, 5, 6, 6, 6, 6, 6, 6, 6, 7,
  8, 15, 6, 12, 10, 13, 6, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 8, 7, 8, 13, 19,
  13, 14, 6, 15, 5, 6, 5, 6, 5, 6, 6, 6, 5, 7, 7, 6, 6, 6, 5, 6, 7, 6, 5, 5, 6, 7, 7, 7, 7, 7, 15, 11, 14, 13,
  28, 20, 22, 20, 20, 22, 22, 22, 23, 22, 23, 23, 23, 23, 23, 24, 23, 24, 24, 22, 23, 24, 23, 23, 23, 23, 21,
  22, 23, 22, 23, 23, 24, 22, 21, 20, 22, 22, 23, 23, 21, 23, 22, 22, 24, 21, 22, 23, 23, 21, 21, 22, 21, 23,
  22, 23, 23, 20, 22, 22, 22, 23, 22, 22, 23, 26, 26, 20, 19, 22, 23, 22, 25, 26, 26, 26, 27, 27, 26, 24, 25,
  19, 21, 26, 27, 27, 26, 27, 24, 21, 21, 26, 26, 28, 27, 27, 27, 20, 24, 20, 21, 22, 21, 21, 23, 22, 22, 25,
  25, 24, 24, 26, 23, 26, 27, 26, 26, 27, 27, 27, 27, 27, 28, 27, 27, 27, 27, 27, 26, 30,
])

const SHORTEST = 5
const LONGEST = 30

/** The code of each symbol, its last bit lowest. */
export const CODES: Uint32Array = /* @__PURE__ */ codes()

/**
 * The tree for decoding bit by bit: `TREE[2 * node + bit]` is the next node, or -1 - symbol. Node 0 is the root, and
 * no child.
 */
export const TREE: Int16Array = /* @__PURE__ */ tree()

/** How many bits a look-up in {@link PAIRS} takes: enough for all of ASCII but control characters and eight marks. */
export const LOOKUP_BITS = 12

// One row of PAIRS: the symbols in bits 0–7 and 8–15, how many there are in 16–17, the bits of the first in 20–23, and
// the bits of all in 24–27. With no symbol at all the low 16 bits hold the tree node that 12 bits lead to.
export const PAIR_COUNT_SHIFT = 16
export const PAIR_FIRST_SHIFT = 20
export const PAIR_BITS_SHIFT = 24

/** What the next 12 bits decode to. */
export const PAIRS: Int32Array = /* @__PURE__ */ pairs()

function codes(): Uint32Array {
  const out = new Uint32Array(257)
  let code = 0
  for (let length = SHORTEST; length <= LONGEST; length++) {
    for (let symbol = 0; symbol <= EOS; symbol++) if (CODE_LENGTHS[symbol] === length) out[symbol] = code++
    code *= 2
  }
  return out
}

function tree(): Int16Array {
  const out = new Int16Array(257 * 2)
  let nodes = 1
  for (let symbol = 0; symbol <= EOS; symbol++) {
    let node = 0
    for (let bit = CODE_LENGTHS[symbol]! - 1; bit >= 0; bit--) {
      const slot = 2 * node + ((CODES[symbol]! >>> bit) & 1)
      if (bit === 0) out[slot] = -1 - symbol
      else if (out[slot] === 0) out[slot] = nodes++
      node = out[slot]!
    }
  }
  return out
}

function pairs(): Int32Array {
  const out = new Int32Array(1 << LOOKUP_BITS)
  for (let bits = 0; bits < out.length; bits++) {
    const first = walk(bits, LOOKUP_BITS)
    if (first >= 0) {
      out[bits] = first
      continue
    }
    const one = -1 - first
    const length = CODE_LENGTHS[one]!
    const second = walk(bits, LOOKUP_BITS - length)
    const two = second < 0 ? -1 - second : 0
    const total = second < 0 ? length + CODE_LENGTHS[two]! : length
    const count = second < 0 ? 2 : 1
    out[bits] =
      one |
      (two << 8) |
      (count << PAIR_COUNT_SHIFT) |
      (length << PAIR_FIRST_SHIFT) |
      (total << PAIR_BITS_SHIFT)
  }
  return out
}

/** Down the tree by the lowest `count` bits: -1 - symbol, or the node where the bits end. */
function walk(bits: number, count: number): number {
  let node = 0
  for (let bit = count - 1; bit >= 0; bit--) {
    node = TREE[2 * node + ((bits >>> bit) & 1)]!
    if (node < 0) return node
  }
  return node
}
