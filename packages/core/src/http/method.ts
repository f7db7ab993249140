import { isToken } from './header-name.ts'

// Methods are plain strings, case-sensitive tokens (RFC 9110 §9.1). In comes one, out comes what its definition says
// of it. Nothing is ever upper-cased: `get` is an extension method, not GET.

/** The methods of RFC 9110 §9.3, and PATCH (RFC 5789). */
export const METHODS: readonly string[] = [
  'GET',
  'HEAD',
  'POST',
  'PUT',
  'DELETE',
  'CONNECT',
  'OPTIONS',
  'TRACE',
  'PATCH',
]

/** Whether `text` can be a method: a token, extension methods included. */
export function isMethod(text: string): boolean {
  switch (text) {
    case 'GET':
    case 'POST':
    case 'HEAD':
    case 'PUT':
    case 'DELETE':
    case 'OPTIONS':
    case 'PATCH':
    case 'CONNECT':
      return true
    default:
      return typeof text === 'string' && isToken(text)
  }
}

/** Asks for no change on the server (RFC 9110 §9.2.1): GET, HEAD, OPTIONS, TRACE. */
export function isSafe(method: string): boolean {
  return method === 'GET' || method === 'HEAD' || method === 'OPTIONS' || method === 'TRACE'
}

/** Doing it twice has the effect of doing it once (RFC 9110 §9.2.2): the safe ones, PUT and DELETE. */
export function isIdempotent(method: string): boolean {
  return method === 'PUT' || method === 'DELETE' || isSafe(method)
}
