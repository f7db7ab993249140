import { readAbsolute, readAuthority, readOrigin, Uri } from './uri.ts'

// Request targets: in comes what stands in a request line, and its method; out comes the target in its parts, or null
// when it is none of the four forms that the method allows (RFC 9112 §3.2). Stricter than `parseUri`: no fragment.

export { isHostValid } from './host.ts'

/** A request target in its parts. */
export type Target = Uri

/** Reads a request target; null when it is malformed or has a form that the method does not allow. */
export function parseTarget(text: string, method: string): Target | null {
  if (method === 'CONNECT') return readConnect(text)
  if (text.charCodeAt(0) === 0x2f) return readOrigin(text)
  // RFC 9112 §3.2.4: only OPTIONS may ask about the server as a whole.
  if (text === '*') return method === 'OPTIONS' ? new Uri('asterisk', null, null, '*', null) : null
  const uri = readAbsolute(text)
  // RFC 9110 §4.2.4: userinfo in an http URI is an error, for it is most likely there to deceive.
  return uri !== null && isHttp(uri.scheme) && uri.userinfo !== null ? null : uri
}

/** RFC 9112 §3.2.3 and RFC 9110 §9.3.6: CONNECT takes a host and a port, and nothing else. */
function readConnect(text: string): Target | null {
  const authority = readAuthority(text)
  if (authority === null || text.includes('@')) return null
  return authority.port === null || Number(authority.port) === 0
    ? null
    : new Uri('authority', null, authority, '', null)
}

function isHttp(scheme: string | null): boolean {
  return scheme === 'http' || scheme === 'https'
}
