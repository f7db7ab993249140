import type { HeaderMap, HttpRequest } from '@hyper/core/http'

/**
 * Whether a request offers a switch of protocols (RFC 9110 §7.8): `upgrade`, named in `connection`. HTTP/1.0 has none, and
 * HTTP/2 neither.
 */
export function offersUpgrade({ headers, version }: HttpRequest): boolean {
  if (version !== '1.1' || offeredProtocol(headers) === '') return false
  const options = headers.get('connection')?.toLowerCase().split(',') ?? []
  return options.some((option) => option.trim() === 'upgrade')
}

/** The first protocol that `upgrade` names; '' where there is none. Empty elements of a list do not count (RFC 9110 §5.6.1.2). */
export function offeredProtocol(headers: HeaderMap): string {
  const names = headers.get('upgrade')?.split(',') ?? []
  return names.map((name) => name.trim()).find((name) => name !== '') ?? ''
}
