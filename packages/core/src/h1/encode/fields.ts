import { userError } from '../../error/index.ts'
import { HeaderMap } from '../../http/header-map.ts'
import { titleCase } from '../../http/header-name.ts'
import { isForbiddenTrailer } from '../../http/trailer-rules.ts'
import { parseLength } from '../framing.ts'
import { listHas, listTokens } from '../list.ts'

// Fields of a message that we send, to text, in one pass that also notes what they say about framing and reuse. The
// fields that decide about those (connection, transfer-encoding) are held back: the head encoders write them last.

/** How names are spelled. */
export const LOWER = 0
export const TITLE = 1
export const ORIGINAL = 2
export const ORIGINAL_OR_TITLE = 3
export type Spelling = typeof LOWER | typeof TITLE | typeof ORIGINAL | typeof ORIGINAL_OR_TITLE

export const NO_LENGTH = -1

/** What the fields say. One object is used for every head; it is filled and read in one go. */
export class FieldFacts {
  text: string = ''
  /** From Content-Length, or NO_LENGTH. */
  length: number = NO_LENGTH
  lengthFields: number = 0
  /** The joined values, or null. */
  codings: string | null = null
  connection: string | null = null
  close: boolean = false
  keepAlive: boolean = false
  upgrade: boolean = false
  date: boolean = false
  trailerText: string | null = null
  /** The kept spelling of the names that are held back, '' where there is none. */
  codingsName: string = ''
  connectionName: string = ''
  trailerName: string = ''
  /** None of the above was there: the text may be kept with the map. */
  plain: boolean = true

  reset(): void {
    this.text = ''
    this.length = NO_LENGTH
    this.lengthFields = 0
    this.codings = null
    this.connection = null
    this.close = false
    this.keepAlive = false
    this.upgrade = false
    this.date = false
    this.trailerText = null
    this.codingsName = ''
    this.connectionName = ''
    this.trailerName = ''
    this.plain = true
  }
}

/**
 * Fills `facts` from `headers`. With `dropLength`, a Content-Length is left out and not noted.
 * @throws HyperError `UNEXPECTED_HEADER` for a Content-Length that is no number, or more than one; `INVALID_OPTION` for
 *   what is no HeaderMap, and so was never checked
 */
export function readFields(
  facts: FieldFacts,
  headers: HeaderMap,
  spelling: Spelling,
  dropLength: boolean,
): void {
  if (!(headers instanceof HeaderMap)) throw userError('INVALID_OPTION', 'headers is not a HeaderMap')
  facts.reset()
  const kept = headers.encoded
  if (kept !== null && spelling === LOWER) {
    facts.text = kept
    return
  }
  let text = ''
  const flat = headers.fields()
  for (let i = 0; i < flat.length; i += 2) {
    const name = flat[i]!
    const value = flat[i + 1]!
    if (!isPlain(name) && note(facts, name, value, dropLength)) {
      if (spelling >= ORIGINAL) noteCase(facts, name, headers.caseAt(i / 2))
      continue
    }
    text += spelling === LOWER ? `${name}: ${value}\r\n` : spelledLine(headers, i / 2, spelling)
  }
  if (facts.trailerText !== null) text += heldLine(facts.trailerName, 'trailer', facts.trailerText, spelling)
  facts.text = text
  if (facts.plain && spelling === LOWER) headers.encoded = text
}

function isPlain(name: string): boolean {
  switch (name) {
    case 'content-length':
    case 'transfer-encoding':
    case 'connection':
    case 'date':
    case 'trailer':
      return false
    default:
      return true
  }
}

// True when the field is not written here.
function note(facts: FieldFacts, name: string, value: string, dropLength: boolean): boolean {
  facts.plain = false
  switch (name) {
    case 'content-length':
      return dropLength || noteLength(facts, value)
    case 'transfer-encoding':
      facts.codings = facts.codings === null ? value : `${facts.codings}, ${value}`
      return true
    case 'connection':
      facts.connection = facts.connection === null ? value : `${facts.connection}, ${value}`
      if (listHas(value, 'close')) facts.close = true
      if (listHas(value, 'keep-alive')) facts.keepAlive = true
      if (listHas(value, 'upgrade')) facts.upgrade = true
      return true
    case 'trailer':
      facts.trailerText = facts.trailerText === null ? value : `${facts.trailerText}, ${value}`
      return true
    case 'date':
      facts.date = true
      // An empty one is no date: who sets it wants none, not even ours.
      return value === ''
    default:
      return false
  }
}

function noteLength(facts: FieldFacts, value: string): boolean {
  const length = parseLength(value)
  if (length < 0) throw userError('UNEXPECTED_HEADER', 'Content-Length is not a decimal number')
  if (++facts.lengthFields > 1) throw userError('UNEXPECTED_HEADER', 'more than one Content-Length')
  facts.length = length
  return false
}

function noteCase(facts: FieldFacts, name: string, kept: string): void {
  if (kept === name) return
  if (name === 'connection' && facts.connectionName === '') facts.connectionName = kept
  else if (name === 'transfer-encoding' && facts.codingsName === '') facts.codingsName = kept
  else if (name === 'trailer' && facts.trailerName === '') facts.trailerName = kept
}

/**
 * `chunked` as the last coding, appended where it is missing (RFC 9112 §6.1).
 * @throws HyperError `UNEXPECTED_HEADER` for `chunked` before the end, and for an empty coding
 */
export function endInChunked(codings: string): string {
  if (codings === 'chunked') return codings
  const tokens = listTokens(codings)
  const at = tokens.indexOf('chunked')
  if (tokens.includes('') || (at >= 0 && at < tokens.length - 1)) {
    throw userError('UNEXPECTED_HEADER', 'Transfer-Encoding has an empty coding, or chunked before its end')
  }
  return at < 0 ? `${codings}, chunked` : codings
}

/** One field line that an encoder adds. */
export function fieldLine(name: string, value: string, spelling: Spelling): string {
  return spelling === LOWER ? `${name}: ${value}\r\n` : `${spell(name, spelling)}: ${value}\r\n`
}

/** A field that was held back, in the spelling that was kept for it, if any. */
export function heldLine(kept: string, name: string, value: string, spelling: Spelling): string {
  return kept === '' ? fieldLine(name, value, spelling) : `${kept}: ${value}\r\n`
}

/** All lines of a trailer section, but for the fields that must not be there. */
export function trailerLines(trailers: HeaderMap, spelling: Spelling): string {
  let text = ''
  for (let i = 0; i < trailers.size; i++) {
    if (!isForbiddenTrailer(trailers.nameAt(i))) text += spelledLine(trailers, i, spelling)
  }
  return text
}
function spelledLine(headers: HeaderMap, i: number, spelling: Spelling): string {
  const name = headers.nameAt(i)
  const value = headers.valueAt(i)
  if (spelling === LOWER) return `${name}: ${value}\r\n`
  if (spelling === TITLE) return `${titleCase(name)}: ${value}\r\n`
  let kept = headers.caseAt(i)
  if (spelling === ORIGINAL_OR_TITLE && kept === name) kept = titleCase(name)
  // Where case matters to somebody, so does the space before an empty value.
  return value === '' ? `${kept}:\r\n` : `${kept}: ${value}\r\n`
}

function spell(name: string, spelling: Spelling): string {
  return spelling === TITLE || spelling === ORIGINAL_OR_TITLE ? titleCase(name) : name
}
