import { TOKEN_LOWER } from '../../bytes/char-table.ts'
import { WELL_KNOWN } from '../../http/header-names-table.ts'

// Field names to ids while they are scanned: the parser folds each byte into a hash, and one probe here finds the
// interned name, so that a common name costs no string. Equal hashes are never taken for equal names: the bytes are
// compared, or a crafted name could pass for `transfer-encoding`.

const SIZE = 1024
const SLOTS = new Int16Array(SIZE).fill(-1)
const NAMES: readonly Uint8Array[] = WELL_KNOWN.map((name) => Uint8Array.from(name, (c) => c.charCodeAt(0)))

/** The next hash, from the last one (0 at first) and a lower-cased byte. */
export function hashStep(hash: number, byte: number): number {
  return (Math.imul(hash, 31) + byte) | 0
}

for (let id = 0; id < NAMES.length; id++) {
  let hash = 0
  for (const byte of NAMES[id]!) hash = hashStep(hash, byte)
  let slot = hash & (SIZE - 1)
  while (SLOTS[slot] !== -1) slot = (slot + 1) & (SIZE - 1)
  SLOTS[slot] = id
}

/** The id of the name in `bytes[start, end)`, any case, or -1. */
export function findName(bytes: Uint8Array, start: number, end: number, hash: number): number {
  let slot = hash & (SIZE - 1)
  for (let id = SLOTS[slot]!; id !== -1; id = SLOTS[slot]!) {
    if (same(NAMES[id]!, bytes, start, end)) return id
    slot = (slot + 1) & (SIZE - 1)
  }
  return -1
}

function same(name: Uint8Array, bytes: Uint8Array, start: number, end: number): boolean {
  if (name.length !== end - start) return false
  for (let i = 0; i < name.length; i++) {
    if (name[i] !== TOKEN_LOWER[bytes[start + i]!]) return false
  }
  return true
}

// The names that decide about framing, routing and reuse. Each has a bit, so that a head without them is known at once.
export const SEEN_HOST = 1
export const SEEN_CONTENT_LENGTH = 2
export const SEEN_TRANSFER_ENCODING = 4
export const SEEN_CONNECTION = 8
export const SEEN_EXPECT = 16
export const SEEN_UPGRADE = 32
export const SEEN_TE = 64
export const SEEN_DATE = 128
/** Transfer-Encoding written in an unusual way (tabs, padding): such a connection is not reused. */
export const SEEN_ODD_CODING = 256
/** A field that RFC 9112 §5.2 folds over several lines. */
export const SEEN_FOLD = 512
/** A field with more than one line among those above. */
export const SEEN_TWICE = 1024

const BITS: Readonly<Record<string, number>> = {
  host: SEEN_HOST,
  'content-length': SEEN_CONTENT_LENGTH,
  'transfer-encoding': SEEN_TRANSFER_ENCODING,
  connection: SEEN_CONNECTION,
  expect: SEEN_EXPECT,
  upgrade: SEEN_UPGRADE,
  te: SEEN_TE,
  date: SEEN_DATE,
}

/** The bit of a well-known id, 0 for most. */
export const SEEN_BIT: Int16Array = Int16Array.from(WELL_KNOWN, (name) => BITS[name] ?? 0)
