import { IS_VALUE } from '../../bytes/char-table.ts'
import { DONE, FAULT_STATUS, NEED_MORE } from '../fault.ts'
import { CR, FIELDS, LF, SP, START, type LineState } from './line-state.ts'
import { parseVersion, VERSION_LENGTH } from './version.ts'

// status-line = HTTP-version SP status-code SP [ reason-phrase ] CRLF (RFC 9112 §4). The space before an absent reason
// may be absent too, as many servers send it.

const CODE = 1
const REASON = 2
const CODE_LENGTH = 5 // SP, three digits, and what follows them
const ZERO = 0x30

/** @returns DONE when the line is complete and the fields follow */
export function parseStatusLine(p: LineState, bytes: Uint8Array, base: number, stop: number): number {
  let pos = base + p.at
  if (p.phase === START) {
    const result = parseVersion(p, bytes, pos, stop)
    if (result !== DONE) return result
    pos += VERSION_LENGTH
    p.at = pos - base
    p.phase = CODE
  }
  if (p.phase === CODE) {
    if (stop - pos < CODE_LENGTH) return NEED_MORE
    if (bytes[pos] !== SP) return FAULT_STATUS
    p.status = 0
    for (let i = 1; i <= 3; i++) {
      const digit = bytes[pos + i]! - ZERO
      if (digit < 0 || digit > 9) return FAULT_STATUS
      p.status = p.status * 10 + digit
    }
    if (p.status < 100) return FAULT_STATUS
    pos += 4
    if (bytes[pos] === SP) pos++
    else if (bytes[pos] !== CR && bytes[pos] !== LF) return FAULT_STATUS
    p.at = pos - base
    p.markA = p.at
    p.phase = REASON
  }
  while (pos < stop && IS_VALUE[bytes[pos]!] !== 0) pos++
  p.at = pos - base
  if (pos === stop) return NEED_MORE
  p.markB = p.at
  if (bytes[pos] === LF && p.settings.lenient.bareLf) pos--
  else if (bytes[pos] !== CR) return FAULT_STATUS
  // The CR is looked at again when the LF is missing.
  if (pos + 1 === stop) return NEED_MORE
  if (bytes[pos + 1] !== LF) return FAULT_STATUS
  p.at = pos + 2 - base
  p.phase = FIELDS
  return DONE
}
