import { IS_VALUE } from '../bytes/char-table.ts'
import { type HyperError, userError } from '../error/index.ts'

// Field values: any text comes in; text of one byte per character without control characters goes out, trimmed of
// SP and TAB (RFC 9110 §5.5). Nothing is ever cut or replaced to fit, and no error message shows the value: it may be
// a secret.

const TAB = 0x09
const SPACE = 0x20
const LOOP_LENGTH = 16
const REFUSED = /[^\t\x20-\x7e\x80-\xff]/

/**
 * Checks a field value and trims SP and TAB at both ends. Allowed are TAB, U+0020 to U+007E and U+0080 to U+00FF
 * (one byte each on the wire).
 * @throws HyperError `INVALID_HEADER_VALUE` for anything else.
 */
export function headerValue(text: string, name?: string): string {
  if (typeof text !== 'string') throw invalidValue(text, name)
  const length = text.length
  if (length === 0) return text
  if (!isFieldText(text)) throw invalidValue(text, name)
  const first = text.charCodeAt(0)
  const last = text.charCodeAt(length - 1)
  if (first !== SPACE && first !== TAB && last !== SPACE && last !== TAB) return text
  return trimmed(text)
}

/**
 * Whether `text` holds only what a field value or reason phrase may hold (RFC 9110 §5.5, RFC 9112 §4).
 * @internal
 */
export function isFieldText(text: string): boolean {
  // Long text is often a rope, which an expression flattens once and a loop walks for every character.
  if (text.length > LOOP_LENGTH) return !REFUSED.test(text)
  for (let i = 0; i < text.length; i++) if (IS_VALUE[text.charCodeAt(i)] !== 1) return false
  return true
}

/**
 * A value as a log may show it: in quotes, with `"` and `\` escaped, and everything but visible ASCII and SP as `\xNN`.
 */
export function describeValue(value: string): string {
  let out = '"'
  for (let i = 0; i < value.length; i++) {
    const char = value.charAt(i)
    const code = value.charCodeAt(i)
    if (char === '"' || char === '\\') out += `\\${char}`
    else if (code >= SPACE && code < 0x7f) out += char
    else out += `\\x${code.toString(16).padStart(2, '0')}`
  }
  return `${out}"`
}

/**
 * The text without SP and TAB at its ends.
 * @internal
 */
export function trimmed(text: string): string {
  let start = 0
  let end = text.length
  while (start < end && isBlank(text.charCodeAt(start))) start++
  while (end > start && isBlank(text.charCodeAt(end - 1))) end--
  return text.slice(start, end)
}

function isBlank(code: number): boolean {
  return code === SPACE || code === TAB
}

function invalidValue(text: unknown, name: string | undefined): HyperError {
  const what = name === undefined ? 'a field value' : `the value of ${name}`
  if (typeof text !== 'string') {
    return userError(
      'INVALID_HEADER_VALUE',
      `${what} must be a string, not ${text === null ? 'null' : typeof text}`,
    )
  }
  let at = 0
  while (IS_VALUE[text.charCodeAt(at)] === 1) at++
  const code = text.charCodeAt(at).toString(16).toUpperCase().padStart(4, '0')
  return userError('INVALID_HEADER_VALUE', `${what} has U+${code} at index ${at}, which a field cannot carry`)
}
