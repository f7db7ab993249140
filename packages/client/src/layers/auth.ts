import { userError } from '@hyper/core/error'
import type { HeaderMap } from '@hyper/core/http'
import type { Layer } from '@hyper/core/service'
import { optionsOf } from '../exchange.ts'

// auth: who the caller is, as an Authorization field. In: a name and a password, or a token. Out: the field, marked as
// sensitive: hidden from logs, never in a compression table, and dropped by a redirect to another origin.

/** Basic (RFC 7617). Name and password are sent as UTF-8. */
export interface BasicAuth {
  /** Without a colon. */
  readonly username: string
  /** Default: empty. */
  readonly password?: string | undefined
}

/** Bearer (RFC 6750). */
export interface BearerAuth {
  readonly bearer: string
}

/** Credentials of a caller. */
export type Auth = BasicAuth | BearerAuth

/**
 * A layer that says who the caller is. It belongs outside of `redirect`, which drops the field where it leads to another
 * origin.
 *
 * Reads `auth` of the request's options: it replaces an `authorization` field, and null adds none. Without it,
 * `credentials` is for requests that have no such field.
 * @param credentials for every request. Whatever its origin: give a client of many origins none.
 * @throws HyperError `INVALID_OPTION`, at once or when a request brings what cannot be sent.
 */
export function auth(credentials: Auth | null = null): Layer {
  const always = credentials === null ? null : authorizationOf(credentials)
  return (inner) => (request, exchange) => {
    const given = optionsOf(exchange)?.auth
    const value = given === undefined ? always : given === null ? null : authorizationOf(given)
    if (value === null || request.method === 'CONNECT') return inner(request, exchange)
    if (given === undefined && request.headers.has('authorization')) return inner(request, exchange)
    const headers = request.headers.clone()
    setAuthorization(headers, value)
    return inner(request.with({ headers }), exchange)
  }
}

/** Makes `value` the Authorization field, as a secret. */
export function setAuthorization(headers: HeaderMap, value: string): void {
  headers.set('authorization', value)
  headers.markSensitive('authorization')
}

/** The value of an Authorization field. @throws HyperError `INVALID_OPTION` for what no field can carry. */
export function authorizationOf(credentials: Auth): string {
  const { bearer, password = '', username }: Partial<BasicAuth & BearerAuth> = credentials
  if ((bearer === undefined) === (username === undefined))
    throw userError('INVALID_OPTION', 'auth has one of username and bearer')
  if (bearer !== undefined) {
    if (typeof bearer !== 'string' || !TOKEN.test(bearer))
      throw userError('INVALID_OPTION', 'auth.bearer is not a token68 (RFC 9110 §11.2)')
    return `Bearer ${bearer}`
  }
  if (typeof username !== 'string' || typeof password !== 'string')
    throw userError('INVALID_OPTION', 'auth.username and auth.password must be strings')
  // RFC 7617 §2: what stands before the first colon is the name.
  if (username.includes(':') || CONTROL.test(username + password))
    throw userError(
      'INVALID_OPTION',
      'auth.username has a colon, or a control character is in it or in the password',
    )
  return `Basic ${base64(`${username}:${password}`)}`
}

/** What the user name and password of a URL mean (RFC 7617); null when it has none. */
export function authorizationIn(url: URL): string | null {
  if (url.username === '' && url.password === '') return null
  return `Basic ${base64(`${decoded(url.username)}:${decoded(url.password)}`)}`
}

/** RFC 6750 §2.1. */
const TOKEN = /^[\w\-.~+/]+=*$/
// oxlint-disable-next-line no-control-regex -- RFC 7617 §2: they must not be there
const CONTROL = /[\u0000-\u001f\u007f]/

function base64(text: string): string {
  let octets = ''
  for (const octet of new TextEncoder().encode(text)) octets += String.fromCharCode(octet)
  return btoa(octets)
}

/** A per cent sign that encodes nothing stands for itself. */
function decoded(part: string): string {
  try {
    return decodeURIComponent(part)
  } catch {
    return part
  }
}
