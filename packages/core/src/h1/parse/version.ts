import { DONE, FAULT_VERSION, FAULT_VERSION_UNSUPPORTED, NEED_MORE } from '../fault.ts'
import type { LineState } from './line-state.ts'

// HTTP-version = "HTTP/" DIGIT "." DIGIT (RFC 9112 §2.3), case-sensitive. 1.2 to 1.9 are handled as 1.1 (RFC 9110 §2.5).

export const VERSION_LENGTH = 8
const PREFIX = [0x48, 0x54, 0x54, 0x50, 0x2f]
const ZERO = 0x30
const DOT = 0x2e

/** Reads the version at `pos` into `p.minor`; compares what is there, so that nonsense is refused early. */
export function parseVersion(p: LineState, bytes: Uint8Array, pos: number, stop: number): number {
  const have = stop - pos < VERSION_LENGTH ? stop - pos : VERSION_LENGTH
  for (let i = 0; i < have; i++) {
    const byte = bytes[pos + i]!
    if (i < 5) {
      if (byte !== PREFIX[i]) return FAULT_VERSION
    } else if (i === 6) {
      if (byte !== DOT) return FAULT_VERSION
    } else if (byte < ZERO || byte > ZERO + 9) return FAULT_VERSION
  }
  if (have < VERSION_LENGTH) return NEED_MORE
  if (bytes[pos + 5] !== ZERO + 1) return FAULT_VERSION_UNSUPPORTED
  p.minor = bytes[pos + 7] === ZERO ? 0 : 1
  return DONE
}
