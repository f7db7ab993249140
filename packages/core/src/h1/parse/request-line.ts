import { IS_TARGET, TOKEN_LOWER } from '../../bytes/char-table.ts'
import {
  DONE,
  FAULT_METHOD,
  FAULT_METHOD_TOO_LONG,
  FAULT_TARGET,
  FAULT_TARGET_TOO_LONG,
  FAULT_VERSION,
  FAULT_VERSION_H2,
  NEED_MORE,
} from '../fault.ts'
import { BLANK_LF, CR, FIELDS, LF, SP, START, type LineState } from './line-state.ts'
import { parseVersion, VERSION_LENGTH } from './version.ts'

// request-line = method SP request-target SP HTTP-version CRLF (RFC 9112 §3). Limits hold before the line is complete:
// a method or target that never ends is refused as soon as it is too long.

const METHOD = 1
const BEFORE_TARGET = 2
const TARGET = 3
const BEFORE_VERSION = 4
const VERSION = 5
const LINE_END = 6

/** Robustness for old clients (RFC 9112 §2.2), bounded. */
const MAX_BLANK_LINES = 4

/** @returns DONE when the line is complete and the fields follow */
export function parseRequestLine(p: LineState, bytes: Uint8Array, base: number, stop: number): number {
  let pos = base + p.at
  if (p.phase === START || p.phase === BLANK_LF) {
    pos = skipBlankLines(p, bytes, pos, stop)
    if (pos < 0) return pos
    p.at = pos - base
    if (pos === stop) return NEED_MORE
    p.lineStart = p.at
    p.phase = METHOD
  }
  if (p.phase === METHOD) {
    const limit = base + p.lineStart + p.settings.maxMethodLength
    while (pos < stop && TOKEN_LOWER[bytes[pos]!] !== 0) pos++
    if (pos > limit) return FAULT_METHOD_TOO_LONG
    p.at = pos - base
    if (pos === stop) return NEED_MORE
    if (bytes[pos] !== SP || p.at === p.lineStart) return FAULT_METHOD
    p.markA = p.at
    pos++
    p.phase = BEFORE_TARGET
  }
  return afterMethod(p, bytes, base, pos, stop)
}

function afterMethod(p: LineState, bytes: Uint8Array, base: number, from: number, stop: number): number {
  let pos = from
  if (p.phase === BEFORE_TARGET) {
    if (p.settings.lenient.multipleSpaces) while (pos < stop && bytes[pos] === SP) pos++
    p.at = pos - base
    if (pos === stop) return NEED_MORE
    p.markB = p.at
    p.phase = TARGET
  }
  if (p.phase === TARGET) {
    const limit = base + p.markB + p.settings.maxTargetLength
    while (pos < stop && IS_TARGET[bytes[pos]!] !== 0) pos++
    if (pos > limit) return FAULT_TARGET_TOO_LONG
    p.at = pos - base
    if (pos === stop) return NEED_MORE
    if (bytes[pos] !== SP || p.at === p.markB) return FAULT_TARGET
    p.markC = p.at
    pos++
    p.phase = BEFORE_VERSION
  }
  if (p.phase === BEFORE_VERSION) {
    if (p.settings.lenient.multipleSpaces) while (pos < stop && bytes[pos] === SP) pos++
    p.at = pos - base
    if (pos === stop) return NEED_MORE
    p.phase = VERSION
  }
  return versionAndEnd(p, bytes, base, pos, stop)
}

function versionAndEnd(p: LineState, bytes: Uint8Array, base: number, from: number, stop: number): number {
  let pos = from
  if (p.phase === VERSION) {
    const result = parseVersion(p, bytes, pos, stop)
    if (result !== DONE) return result < 0 && isPreface(p, bytes, base, stop) ? FAULT_VERSION_H2 : result
    pos += VERSION_LENGTH
    p.phase = LINE_END
  }
  // The CR is looked at again when the LF is missing: two bytes at most.
  p.at = pos - base
  if (pos === stop) return NEED_MORE
  if (bytes[pos] === LF && p.settings.lenient.bareLf) pos--
  else if (bytes[pos] !== CR) return FAULT_VERSION
  if (pos + 1 === stop) return NEED_MORE
  if (bytes[pos + 1] !== LF) return FAULT_VERSION
  p.at = pos + 2 - base
  p.phase = FIELDS
  return DONE
}

// RFC 9113 §3.4: `PRI * HTTP/2.0`. The version is the last thing that differs from a request.
function isPreface(p: LineState, bytes: Uint8Array, base: number, stop: number): boolean {
  const start = base + p.lineStart
  const preface = 'PRI * HTTP/2.0'
  if (stop - start < preface.length) return false
  for (let i = 0; i < preface.length; i++) if (bytes[start + i] !== preface.charCodeAt(i)) return false
  return true
}

function skipBlankLines(p: LineState, bytes: Uint8Array, from: number, stop: number): number {
  let pos = from
  while (pos < stop) {
    const byte = bytes[pos]!
    if (p.phase === BLANK_LF) {
      if (byte !== LF) return FAULT_METHOD
      p.phase = START
    } else if (byte === CR || (byte === LF && p.settings.lenient.bareLf)) {
      if (++p.blanks > MAX_BLANK_LINES) return FAULT_METHOD
      p.phase = byte === CR ? BLANK_LF : START
    } else return pos
    pos++
  }
  return pos
}
