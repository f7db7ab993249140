import { TOKEN_LOWER } from '../../bytes/char-table.ts'
import { WELL_KNOWN } from '../../http/header-names-table.ts'
import { BAD_NAME, BAD_PSEUDO, factsOfKnown, SEEN_REGULAR } from './facts.ts'

// Field names from octets: well-known names and pseudo-header names come out as the one string that stands for them,
// found by a hash without making a string first. Case counts: an upper-case letter makes a name malformed.

const PSEUDO: readonly string[] = [':method', ':scheme', ':authority', ':path', ':status', ':protocol']
/** What {@link findName} answers for a name that can be but is not known. */
export const NAME_OTHER = -1
/** For one that cannot be. */
export const NAME_BAD = -2
/** For a pseudo-header field that is not defined. */
export const NAME_BAD_PSEUDO = -3

const COLON = 0x3a
const SIZE = 1024
const SLOTS: Int16Array = /* @__PURE__ */ new Int16Array(SIZE).fill(-1)

/** By id. */
export const KNOWN_NAMES: readonly string[] = [...PSEUDO, ...WELL_KNOWN]
const OCTETS: readonly Uint8Array[] = KNOWN_NAMES.map((name) => Uint8Array.from(name, (c) => c.charCodeAt(0)))
const FACTS: Int32Array = Int32Array.from(KNOWN_NAMES, factsOfKnown)

for (let id = 0; id < OCTETS.length; id++) {
  let slot = hashOf(OCTETS[id]!) & (SIZE - 1)
  while (SLOTS[slot] !== -1) slot = (slot + 1) & (SIZE - 1)
  SLOTS[slot] = id
}

/** The id of the name in `bytes[start, end)`, or one of the negative answers above. */
export function findName(bytes: Uint8Array, start: number, end: number): number {
  const isPseudo = start < end && bytes[start] === COLON
  let hash = isPseudo ? COLON : 0
  for (let i = isPseudo ? start + 1 : start; i < end; i++) {
    const byte = bytes[i]!
    // The table answers 0 for what is no token, and so for NUL itself.
    if (TOKEN_LOWER[byte] !== byte || byte === 0) return isPseudo ? NAME_BAD_PSEUDO : NAME_BAD
    hash = (Math.imul(hash, 31) + byte) | 0
  }
  let slot = hash & (SIZE - 1)
  for (let id = SLOTS[slot]!; id !== -1; id = SLOTS[slot]!) {
    // Equal hashes are not taken for equal names.
    if (isSame(OCTETS[id]!, bytes, start, end)) return id
    slot = (slot + 1) & (SIZE - 1)
  }
  if (isPseudo) return NAME_BAD_PSEUDO
  return start === end ? NAME_BAD : NAME_OTHER
}

/** The facts of a name, from what {@link findName} said. */
export function factsOfName(id: number): number {
  if (id >= 0) return FACTS[id]!
  if (id === NAME_OTHER) return SEEN_REGULAR
  return id === NAME_BAD ? SEEN_REGULAR | BAD_NAME : BAD_PSEUDO
}

function hashOf(octets: Uint8Array): number {
  let hash = 0
  for (const byte of octets) hash = (Math.imul(hash, 31) + byte) | 0
  return hash
}

function isSame(name: Uint8Array, bytes: Uint8Array, start: number, end: number): boolean {
  if (name.length !== end - start) return false
  for (let i = 0; i < name.length; i++) if (name[i] !== bytes[start + i]) return false
  return true
}
