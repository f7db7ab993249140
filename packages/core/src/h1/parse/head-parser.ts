import { IS_VALUE, TOKEN_LOWER } from '../../bytes/char-table.ts'
import { WELL_KNOWN } from '../../http/header-names-table.ts'
import { DONE, FAULT_HEADER, FAULT_HEAD_TOO_LARGE, NEED_MORE } from '../fault.ts'
import { trimBlanks } from '../list.ts'
import type { Leniency, Settings } from '../options.ts'
import { BLANK_LF, CR, FIELDS, LF, SP, START, TAB, type LineState } from './line-state.ts'
import { parseRequestLine } from './request-line.ts'
import { parseStatusLine } from './status-line.ts'
import {
  findName,
  hashStep,
  SEEN_BIT,
  SEEN_FOLD,
  SEEN_ODD_CODING,
  SEEN_TRANSFER_ENCODING,
  SEEN_TWICE,
} from './well-known.ts'

// HeadParser: bytes of a head (or of a trailer section) to offsets. It keeps no bytes: the caller gives the same bytes
// again, from the head's first one on, with more behind them; the parser goes on where it stopped and looks at no byte
// twice, so that a head that comes byte by byte costs the same. Offsets count from the head's first byte. Nothing
// becomes a string before the head is complete.

export const REQUEST = 0
export const RESPONSE = 1
export const TRAILERS = 2
export type HeadKind = typeof REQUEST | typeof RESPONSE | typeof TRAILERS

// Where in a field line we are.
const LINE = FIELDS
const NAME = 11
const NAME_SPACE = 12
const OWS = 13
const VALUE = 14
const VALUE_LF = 15
const SKIP = 16
const END_LF = 17

const COLON = 0x3a

// Four offsets a field: name start, name end, value start, value end.
const STRIDE = 4
const FIRST_FIELDS = 24

export class HeadParser implements LineState {
  kind: HeadKind = REQUEST
  phase: number = START
  at: number = 0
  blanks: number = 0
  lineStart: number = 0
  markA: number = 0
  markB: number = 0
  markC: number = 0
  minor: number = 1
  status: number = 0
  fields: number = 0
  /** SEEN_ bits of the fields read so far. */
  seen: number = 0
  settings: Settings
  private lenient: Leniency
  private marks: Int32Array = new Int32Array(FIRST_FIELDS * STRIDE)
  private ids: Int16Array = new Int16Array(FIRST_FIELDS)
  private nameStart: number = 0
  private nameEnd: number = 0
  private valueStart: number = 0
  private hash: number = 0
  private folding: boolean = false
  /** The last line was passed over; a fold belongs to it. */
  private skipped: boolean = false
  private maxSize: number = 0

  constructor(settings: Settings) {
    this.settings = settings
    this.lenient = settings.lenient
  }

  /** Begins another head. `maxSize` is its limit in bytes. */
  begin(kind: HeadKind, maxSize: number, settings: Settings): void {
    this.settings = settings
    this.lenient = settings.lenient
    this.kind = kind
    this.phase = kind === TRAILERS ? FIELDS : START
    this.at = 0
    this.blanks = 0
    this.lineStart = 0
    this.fields = 0
    this.seen = 0
    this.maxSize = maxSize
    this.skipped = false
    this.folding = false
  }

  /**
   * Goes on with `bytes[base, end)`, where `base` is the head's first byte.
   * @returns DONE (the head's length is `at`), NEED_MORE, or a fault
   */
  parse(bytes: Uint8Array, base: number, end: number): number {
    const limit = base + this.maxSize
    const stop = end < limit ? end : limit
    let result: number = DONE
    if (this.phase < FIELDS) {
      result =
        this.kind === REQUEST
          ? parseRequestLine(this, bytes, base, stop)
          : parseStatusLine(this, bytes, base, stop)
    }
    if (result === DONE) result = this.parseFields(bytes, base, stop)
    if (result === NEED_MORE && stop === limit) return FAULT_HEAD_TOO_LARGE
    return result
  }

  private parseFields(bytes: Uint8Array, base: number, stop: number): number {
    let pos = base + this.at
    let phase = this.phase
    for (;;) {
      if (phase === LINE) {
        if (pos === stop) break
        phase = this.beginLine(bytes[pos]!, pos - base)
        if (phase === DONE) return this.done(pos + 1 - base)
        if (phase < 0) return phase
        if (phase !== NAME) pos++
      }
      if (phase === NAME) {
        pos = this.scanName(bytes, pos, stop)
        if (pos === stop) break
        this.nameEnd = pos - base
        phase = bytes[pos] === COLON && this.nameEnd !== this.nameStart ? OWS : this.oddName(bytes[pos]!)
        if (phase < 0) return phase
        if (phase !== SKIP) pos++
      }
      if (phase === OWS) {
        while (pos < stop && (bytes[pos] === SP || bytes[pos] === TAB)) pos++
        if (pos === stop) break
        this.valueStart = pos - base
        phase = VALUE
      }
      if (phase === VALUE) {
        while (pos < stop && IS_VALUE[bytes[pos]!] !== 0) pos++
        if (pos === stop) break
        phase = bytes[pos] === CR ? VALUE_LF : this.oddValue(bytes[pos]!)
        if (phase < 0) return phase
        if (phase === VALUE_LF && bytes[pos] === CR) pos++
      }
      if (phase === VALUE_LF) {
        if (pos === stop) break
        if (bytes[pos] !== LF) return FAULT_HEADER
        if (!this.record(bytes, base, pos - base)) return FAULT_HEAD_TOO_LARGE
        pos++
        phase = LINE
      } else if (phase === END_LF) {
        if (pos === stop) break
        return bytes[pos] === LF ? this.done(pos + 1 - base) : FAULT_HEADER
      } else if (phase >= SKIP || phase === NAME_SPACE) {
        pos = phase === SKIP ? this.skip(bytes, pos, stop) : this.skipNameSpace(bytes, pos, stop)
        if (pos < 0) return pos
        if (pos === stop && this.phase === phase) break
        phase = this.phase
      }
    }
    this.phase = phase
    this.at = pos - base
    return NEED_MORE
  }

  private beginLine(first: number, at: number): number {
    if (first === CR) return END_LF
    if (first === LF || first === SP || first === TAB) return this.oddLine(first)
    this.nameStart = at
    this.hash = 0
    this.folding = false
    this.skipped = false
    return NAME
  }

  private scanName(bytes: Uint8Array, from: number, stop: number): number {
    let pos = from
    let hash = this.hash
    let c = 0
    while (pos < stop && (c = TOKEN_LOWER[bytes[pos]!]!) !== 0) {
      hash = hashStep(hash, c)
      pos++
    }
    this.hash = hash
    return pos
  }

  private done(length: number): number {
    this.at = length
    return DONE
  }

  // A line that begins with LF or white space. White space is a fold (RFC 9112 §5.2): refused, unless allowed.
  private oddLine(first: number): number {
    if (first === LF) return this.lenient.bareLf ? DONE : FAULT_HEADER
    if (!this.lenient.obsFold || this.fields === 0 || this.skipped) {
      return this.lenient.invalidFields ? this.toSkip() : FAULT_HEADER
    }
    this.fields--
    const mark = this.fields * STRIDE
    this.nameStart = this.marks[mark]!
    this.nameEnd = this.marks[mark + 1]!
    this.valueStart = this.marks[mark + 2]!
    this.seen |= SEEN_FOLD
    this.folding = true
    return VALUE
  }

  // No colon where the name ends. RFC 9112 §5.1: white space before the colon is refused.
  private oddName(byte: number): number {
    if ((byte === SP || byte === TAB) && this.lenient.spaceBeforeColon && this.phase !== NAME_SPACE)
      return this.toNameSpace()
    return this.lenient.invalidFields ? this.toSkip() : FAULT_HEADER
  }

  private oddValue(byte: number): number {
    if (byte === LF && this.lenient.bareLf) return VALUE_LF
    // NUL is never skipped over: it has no use but to confuse (RFC 9110 §5.5).
    return this.lenient.invalidFields && byte !== 0 && byte !== LF ? this.toSkip() : FAULT_HEADER
  }

  private toSkip(): number {
    this.phase = SKIP
    this.skipped = true
    return SKIP
  }

  private toNameSpace(): number {
    this.phase = NAME_SPACE
    return NAME_SPACE
  }

  // Passes over a line that is no field; leaves `phase` on SKIP when the line goes on.
  private skip(bytes: Uint8Array, from: number, stop: number): number {
    let pos = from
    // As strict about line ends as a line that is a field.
    while (pos < stop && bytes[pos] !== LF) {
      if (bytes[pos] === 0 || bytes[pos - 1] === CR) return FAULT_HEADER
      pos++
    }
    this.phase = SKIP
    if (pos === stop) return pos
    if (bytes[pos - 1] !== CR && !this.lenient.bareLf) return FAULT_HEADER
    this.phase = LINE
    return pos + 1
  }

  private skipNameSpace(bytes: Uint8Array, from: number, stop: number): number {
    let pos = from
    while (pos < stop && (bytes[pos] === SP || bytes[pos] === TAB)) pos++
    this.phase = NAME_SPACE
    if (pos === stop) return pos
    if (bytes[pos] !== COLON) {
      if (!this.lenient.invalidFields) return FAULT_HEADER
      this.toSkip()
      return pos
    }
    this.phase = OWS
    return pos + 1
  }

  // `lineEnd` is the offset of the LF. The value ends before the CR, and before white space (RFC 9112 §5.1).
  private record(bytes: Uint8Array, base: number, lineEnd: number): boolean {
    if (this.fields >= this.settings.maxHeaders) return false
    let end = lineEnd
    if (bytes[base + end - 1] === CR) end--
    const raw = end
    while (end > this.valueStart && (bytes[base + end - 1] === SP || bytes[base + end - 1] === TAB)) end--
    const n = this.fields
    const mark = n * STRIDE
    if (mark === this.marks.length) this.grow()
    this.marks[mark] = this.nameStart
    this.marks[mark + 1] = this.nameEnd
    this.marks[mark + 2] = this.valueStart
    this.marks[mark + 3] = end
    this.fields = n + 1
    // A line that goes on keeps the id that its first line has found.
    if (this.folding) {
      this.folding = false
      return true
    }
    const id = findName(bytes, base + this.nameStart, base + this.nameEnd, this.hash)
    this.ids[n] = id
    const bit = id < 0 ? 0 : SEEN_BIT[id]!
    if (bit !== 0) {
      if ((this.seen & bit) !== 0) this.seen |= SEEN_TWICE
      this.seen |= bit
      if (bit === SEEN_TRANSFER_ENCODING) {
        const gap = this.valueStart - this.nameEnd
        const usual = end === raw && (gap === 1 || (gap === 2 && bytes[base + this.valueStart - 1] === SP))
        if (!usual) this.seen |= SEEN_ODD_CODING
      }
    }
    return true
  }

  private grow(): void {
    const marks = new Int32Array(this.marks.length * 2)
    marks.set(this.marks)
    this.marks = marks
    const ids = new Int16Array(this.ids.length * 2)
    ids.set(this.ids)
    this.ids = ids
  }

  /** The fields as `[name, value, …]`, names lower-cased. `head` is the text of the whole head. */
  takeFields(head: string): string[] {
    const flat: string[] = []
    const { marks, ids } = this
    for (let i = 0, mark = 0; i < this.fields; i++, mark += STRIDE) {
      const id = ids[i]!
      flat.push(
        id >= 0 ? WELL_KNOWN[id]! : head.slice(marks[mark], marks[mark + 1]).toLowerCase(),
        head.slice(marks[mark + 2], marks[mark + 3]),
      )
    }
    if ((this.seen & SEEN_FOLD) !== 0) unfold(flat)
    return flat
  }

  /** The spelling of each name as it came. */
  takeCases(head: string): string[] {
    const cases: string[] = []
    for (let i = 0, mark = 0; i < this.fields; i++, mark += STRIDE) {
      cases.push(head.slice(this.marks[mark], this.marks[mark + 1]))
    }
    return cases
  }

  /** True while nothing but blank lines has come. */
  get isBlank(): boolean {
    return this.phase === START || this.phase === BLANK_LF
  }
}

// RFC 9112 §5.2: each fold becomes one space.
function unfold(flat: string[]): void {
  for (let i = 1; i < flat.length; i += 2) {
    if (flat[i]!.includes('\n')) flat[i] = flat[i]!.split('\n').map(trimLine).filter(Boolean).join(' ')
  }
}

// A line without its CR and the white space round it.
function trimLine(line: string): string {
  return trimBlanks(line.charCodeAt(line.length - 1) === CR ? line.slice(0, -1) : line)
}
