import { userError } from '@hyper/core/error'

/**
 * What somebody asks for and Deno cannot do is refused by name, rather than left undone.
 * @param hints what helps instead, by option
 * @throws HyperError `INVALID_OPTION`
 */
export function refuse(
  place: string,
  options: object,
  known: readonly string[],
  hints: Readonly<Record<string, string>> = {},
): void {
  for (const [name, value] of Object.entries(options)) {
    if (value === undefined || known.includes(name)) continue
    const path = place === '' ? name : `${place}.${name}`
    throw userError('INVALID_OPTION', `${path}: ${hints[name] ?? 'Deno has no such thing'}`)
  }
}

/** A certificate or key, as text. @throws HyperError `INVALID_OPTION` when it is no PEM */
export function pem(name: string, value: unknown): string {
  const parts: unknown[] = Array.isArray(value) ? value : [value]
  const text = parts
    .map((part) => (part instanceof Uint8Array ? new TextDecoder().decode(part) : part))
    .join('\n')
  if (text.includes('-----BEGIN ')) return text
  throw userError('INVALID_OPTION', `${name} must be PEM, as text or bytes`)
}
