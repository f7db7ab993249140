import { TOKEN_LOWER } from '../bytes/char-table.ts'
import { type HyperError, userError } from '../error/index.ts'
import { WELL_KNOWN } from './header-names-table.ts'

// Field names: any text comes in, a lower-case token (RFC 9110 §5.1) goes out, the same string object for every
// spelling of a well-known name. Nothing but ASCII is ever folded: the Kelvin sign is not a `k`.

const MAX_NAME_LENGTH = 65_535
const SHOWN_LENGTH = 64

/** Every well-known name, as it stands and in Title-Case, with its interned form. */
const KNOWN: ReadonlyMap<string, string> = /* @__PURE__ */ knownSpellings()

/**
 * Checks a field name and folds it to lower case.
 * @throws HyperError `INVALID_HEADER_NAME` when it is empty, not a token, or longer than 65,535 characters.
 */
export function headerName(text: string): string {
  const known = KNOWN.get(text)
  if (known !== undefined) return known
  const folded = foldedName(text)
  if (folded === null) throw invalidName(text)
  return folded
}

/**
 * As {@link headerName}, for lookups: null instead of an error.
 * @internal
 */
export function lookupName(text: string): string | null {
  const known = KNOWN.get(text)
  return known === undefined ? foldedName(text) : known
}

/**
 * Whether folding `text` would change nothing: there is no ASCII capital in it.
 * @internal
 */
export function isLowerCase(text: string): boolean {
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i)
    if (code >= 0x41 && code <= 0x5a) return false
  }
  return true
}

/** Whether `text` is a token: one or more of the characters of RFC 9110 §5.6.2. */
export function isToken(text: string): boolean {
  const length = text.length
  for (let i = 0; i < length; i++) {
    // Characters of 256 and above read past the table: neither `undefined` nor 0 is a token character.
    if (!TOKEN_LOWER[text.charCodeAt(i)]) return false
  }
  return length > 0
}

function foldedName(text: string): string | null {
  // Callers without types may hand in anything.
  if (typeof text !== 'string') return null
  const length = text.length
  if (length === 0 || length > MAX_NAME_LENGTH) return null
  let upper = false
  for (let i = 0; i < length; i++) {
    const code = text.charCodeAt(i)
    const lower = TOKEN_LOWER[code]
    if (!lower) return null
    if (lower !== code) upper = true
  }
  if (!upper) return text
  const folded = text.toLowerCase()
  return KNOWN.get(folded) ?? folded
}

function invalidName(text: unknown): HyperError {
  if (typeof text !== 'string') {
    return userError('INVALID_HEADER_NAME', `a field name must be a string, not ${typeof text}`)
  }
  const shown = text.length > SHOWN_LENGTH ? `${text.slice(0, SHOWN_LENGTH)}…` : text
  return userError('INVALID_HEADER_NAME', `${JSON.stringify(shown)} is not a field name`)
}

function knownSpellings(): Map<string, string> {
  const spellings = new Map<string, string>()
  for (const name of WELL_KNOWN) {
    spellings.set(name, name)
    spellings.set(titleCase(name), name)
  }
  return spellings
}

/**
 * `content-type` becomes `Content-Type`: each letter that begins the name or follows a hyphen.
 * @param name a lower-case field name.
 */
export function titleCase(name: string): string {
  let out = ''
  let start = true
  for (const char of name) {
    out += start ? char.toUpperCase() : char
    start = char === '-'
  }
  return out
}
