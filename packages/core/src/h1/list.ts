// Comma-separated lists (RFC 9110 §5.6.1): the tokens of a field value, lower-cased, without the SP and TAB around them.
// Not `trim`: it also takes what is no white space in HTTP (U+00A0), and so would let a smuggled coding pass.

const TAB = 0x09
const SP = 0x20

/** The tokens; empty ones are kept as '', so that a strict caller can refuse them. */
export function listTokens(value: string): string[] {
  const tokens = value.split(',')
  for (let i = 0; i < tokens.length; i++) tokens[i] = trimBlanks(tokens[i]!).toLowerCase()
  return tokens
}

/** Whether the list has the token. */
export function listHas(value: string, token: string): boolean {
  if (value === token) return true
  return value.length >= token.length && listTokens(value).includes(token)
}

/** Without SP and TAB at both ends (OWS, RFC 9110 §5.6.3). */
export function trimBlanks(text: string): string {
  let start = 0
  let end = text.length
  while (start < end && isBlank(text.charCodeAt(start))) start++
  while (end > start && isBlank(text.charCodeAt(end - 1))) end--
  return start === 0 && end === text.length ? text : text.slice(start, end)
}

function isBlank(code: number): boolean {
  return code === SP || code === TAB
}
