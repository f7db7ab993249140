// Comma-separated lists (RFC 9110 §5.6.1): the tokens of one or several field values, trimmed and lower-cased.

/** Calls nothing and allocates little: the tokens, with empty ones kept as '' so that a strict caller can refuse them. */
export function listTokens(value: string): string[] {
  const tokens = value.split(',')
  for (let i = 0; i < tokens.length; i++) tokens[i] = tokens[i]!.trim().toLowerCase()
  return tokens
}

/** Whether the list has the token. */
export function listHas(value: string, token: string): boolean {
  if (value === token) return true
  return value.length > token.length - 1 && listTokens(value).includes(token)
}
