import type { HttpRequest } from '@hyper/core/http'

/**
 * Whether a request offers a switch of protocols (RFC 9110 §7.8): `upgrade`, named in `connection`. HTTP/1.0 has none, and
 * HTTP/2 neither.
 */
export function offersUpgrade({ headers, version }: HttpRequest): boolean {
  if (version !== '1.1' || !headers.has('upgrade')) return false
  const options = headers.get('connection')?.toLowerCase().split(',') ?? []
  return options.some((option) => option.trim() === 'upgrade')
}
