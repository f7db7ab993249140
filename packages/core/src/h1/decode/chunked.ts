import { HEX, TOKEN_LOWER } from '../../bytes/char-table.ts'
import { DONE, FAULT_CHUNK, FAULT_EXTENSIONS_TOO_LARGE, NEED_MORE } from '../fault.ts'

// Chunked coding (RFC 9112 §7.1), up to the trailer section, which the head parser reads. Strict: hex digits, then at
// once CRLF or (after optional white space) `;`; a bare LF or CR never ends a line, whatever the leniency, since that
// is how two parsers come to disagree about where a body ends.

/** A run of data: `dataStart` to `pos`. */
export const DATA = 2

const SIZE_FIRST = 0
const SIZE = 1
const SIZE_SPACE = 2
const NAME = 3
const SIZE_LF = 4
const CONTENT = 5
const CONTENT_CR = 6
const CONTENT_LF = 7
const NAME_START = 8
const NAME_BLANK = 9
const VALUE_START = 10
const VALUE = 11
const VALUE_BLANK = 12
const QUOTED = 13
const QUOTED_PAIR = 14
const QUOTED_END = 15

const TAB = 0x09
const LF = 0x0a
const CR = 0x0d
const SP = 0x20
const QUOTE = 0x22
const SEMICOLON = 0x3b
const EQUALS = 0x3d
const BACKSLASH = 0x5c
const DEL = 0x7f

/** Digits of one size, leading zeros and all: 2^53 has 14. */
const MAX_DIGITS = 16

export class ChunkedDecoder {
  /** How far the input is used. */
  pos: number = 0
  dataStart: number = 0
  private phase: number = SIZE_FIRST
  private size: number = 0
  private digits: number = 0
  private extensionBytes: number = 0
  private maxExtensions: number = 0

  begin(maxExtensions: number): void {
    this.phase = SIZE_FIRST
    this.size = 0
    this.digits = 0
    this.extensionBytes = 0
    this.maxExtensions = maxExtensions
  }

  /** @returns DATA, DONE (the last chunk's size line is read; trailers follow at `pos`), NEED_MORE, or a fault */
  decode(bytes: Uint8Array, start: number, end: number): number {
    let pos = start
    while (pos < end) {
      if (this.phase === CONTENT) return this.takeContent(pos, end)
      const result = this.line(bytes[pos]!)
      pos++
      if (result !== NEED_MORE) {
        this.pos = pos
        return result
      }
    }
    this.pos = pos
    return NEED_MORE
  }

  private takeContent(pos: number, end: number): number {
    const take = end - pos < this.size ? end - pos : this.size
    this.dataStart = pos
    this.pos = pos + take
    this.size -= take
    if (this.size === 0) this.phase = CONTENT_CR
    return DATA
  }

  // One byte outside of chunk data. A total switch: what no arm takes is a fault.
  private line(byte: number): number {
    switch (this.phase) {
      case SIZE_FIRST:
      case SIZE: {
        const digit = HEX[byte]!
        if (digit >= 0) return this.sizeDigit(digit)
        if (this.phase === SIZE_FIRST) return FAULT_CHUNK
        return this.afterSize(byte)
      }
      case SIZE_SPACE:
        return byte === CR ? FAULT_CHUNK : this.afterSize(byte)
      case SIZE_LF:
        if (byte !== LF) return FAULT_CHUNK
        if (this.size === 0) return DONE
        this.phase = CONTENT
        return NEED_MORE
      case CONTENT_CR:
        this.phase = CONTENT_LF
        return byte === CR ? NEED_MORE : FAULT_CHUNK
      case CONTENT_LF:
        this.phase = SIZE_FIRST
        this.size = 0
        this.digits = 0
        return byte === LF ? NEED_MORE : FAULT_CHUNK
      default:
        return this.extension(byte)
    }
  }

  private sizeDigit(digit: number): number {
    this.phase = SIZE
    this.size = this.size * 16 + digit
    if (++this.digits > MAX_DIGITS || this.size > Number.MAX_SAFE_INTEGER) return FAULT_CHUNK
    return NEED_MORE
  }

  private afterSize(byte: number): number {
    if (byte === CR) this.phase = SIZE_LF
    else if (byte === SEMICOLON) this.phase = NAME_START
    else if (byte === SP || byte === TAB) {
      // Counted, or white space without end would be free.
      this.phase = SIZE_SPACE
      return this.countExtension()
    } else return FAULT_CHUNK
    return NEED_MORE
  }

  // chunk-ext = *( BWS ";" BWS name [ BWS "=" BWS ( token / quoted-string ) ] ) (RFC 9112 §7.1.1). Ignored, but held to
  // its grammar: what one parser skips as an extension, another takes for a line end.
  private extension(byte: number): number {
    const next = nextExtension(this.phase, byte)
    if (next < 0) return next
    this.phase = next
    if (next === SIZE_LF) return NEED_MORE
    return this.countExtension()
  }

  private countExtension(): number {
    return ++this.extensionBytes > this.maxExtensions ? FAULT_EXTENSIONS_TOO_LARGE : NEED_MORE
  }
}

// The phase after `byte`, or a fault.
function nextExtension(phase: number, byte: number): number {
  if (phase === QUOTED || phase === QUOTED_PAIR) {
    if ((byte < SP && byte !== TAB) || byte === DEL) return FAULT_CHUNK
    if (phase === QUOTED_PAIR) return QUOTED
    return byte === QUOTE ? QUOTED_END : byte === BACKSLASH ? QUOTED_PAIR : QUOTED
  }
  const starting = phase === NAME_START || phase === VALUE_START
  if (byte === SP || byte === TAB)
    return starting ? phase : phase === NAME || phase === NAME_BLANK ? NAME_BLANK : VALUE_BLANK
  if (starting) {
    if (TOKEN_LOWER[byte] !== 0) return phase === NAME_START ? NAME : VALUE
    return byte === QUOTE && phase === VALUE_START ? QUOTED : FAULT_CHUNK
  }
  if (byte === SEMICOLON) return NAME_START
  if (byte === EQUALS && (phase === NAME || phase === NAME_BLANK)) return VALUE_START
  if (phase === NAME_BLANK || phase === VALUE_BLANK) return FAULT_CHUNK
  if (byte === CR) return SIZE_LF
  return phase !== QUOTED_END && TOKEN_LOWER[byte] !== 0 ? phase : FAULT_CHUNK
}
