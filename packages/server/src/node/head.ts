import { validateHeaderName, validateHeaderValue } from 'node:http'
import { inspect } from 'node:util'
import type { BodyInit } from '@hyper/core/body'
import { HeaderMap, HttpResponse, reasonPhrase } from '@hyper/core/http'
import { nodeError, outHeadersOf, type RawResponse } from './internals.ts'

// The head of a response. In: what `writeHead` has made of its arguments and of what `setHeader` has gathered. Out: the
// engine's fields, and what they say about the body.

/** The head of a response, to be sent with its body. */
export interface Head {
  readonly status: number
  /** Null for the registered one. */
  readonly reason: string | null
  readonly headers: HeaderMap
  /** From `content-length`; null where there is none. */
  readonly length: number | null
  /** The body cannot say its length: the fields want it chunked. */
  readonly isChunked: boolean
}

const CASE = { originalCase: true } as const

/**
 * @param headers what Node hands to its own encoder: those of `setHeader`, an object, or a list in one of two forms
 * @throws RangeError `ERR_HTTP_INVALID_STATUS_CODE` for an interim status; TypeError for fields that cannot be sent
 */
export function headOf(response: RawResponse, headers: unknown, unique: ReadonlySet<string>): Head {
  const { statusCode, statusMessage } = response
  if (statusCode < 200)
    throw nodeError('ERR_HTTP_INVALID_STATUS_CODE', `Invalid status code: ${statusCode}`, RangeError)
  const map = new HeaderMap()
  const gathered = outHeadersOf(response)
  if (gathered != null && gathered === headers) {
    for (const name in gathered) {
      const entry = gathered[name]
      if (entry !== undefined) add(map, entry[0], entry[1], unique)
    }
  } else if (gathered === undefined && response.getHeaderNames().length > 0) {
    for (const name of response.getRawHeaderNames()) add(map, name, response.getHeader(name), unique)
  } else if (headers != null) addGiven(map, headers, unique)
  const length = map.first('content-length')
  const hasTrailer = map.has('trailer')
  if (hasTrailer && length !== null)
    throw nodeError('ERR_HTTP_TRAILER_INVALID', 'Trailers are invalid with this transfer encoding')
  if (!response.sendDate && !map.has('date')) map.append('date', '')
  if (!response.shouldKeepAlive && !map.has('connection')) map.append('connection', 'close', CASE)
  return {
    status: statusCode,
    reason: statusMessage === reasonPhrase(statusCode) ? null : statusMessage,
    headers: map,
    length: length === null ? null : Number(length),
    isChunked: length === null && (hasTrailer || response._removedContLen || map.has('transfer-encoding')),
  }
}

/** What `writeHead` was given, where nothing was set before: Node has not looked at it. */
function addGiven(map: HeaderMap, headers: object, unique: ReadonlySet<string>): void {
  if (!Array.isArray(headers)) {
    const record = headers as Readonly<Record<string, unknown>>
    for (const name of Object.keys(record)) addChecked(map, name, record[name], unique)
    return
  }
  const list: readonly unknown[] = headers
  if (Array.isArray(list[0])) {
    for (const pair of list as readonly (readonly unknown[])[]) addChecked(map, pair[0], pair[1], unique)
    return
  }
  if (list.length % 2 !== 0)
    throw nodeError(
      'ERR_INVALID_ARG_VALUE',
      `The argument 'headers' is invalid. Received ${inspect(list)}`,
      TypeError,
    )
  for (let i = 0; i < list.length; i += 2) addChecked(map, list[i], list[i + 1], unique)
}

// The map checks as well: Node is only asked for its own error.
function addChecked(map: HeaderMap, name: unknown, value: unknown, unique: ReadonlySet<string>): void {
  try {
    if (typeof name === 'string' && value !== undefined) {
      add(map, name, value, unique)
      return
    }
  } catch (error) {
    complain(name, value)
    throw error
  }
  complain(name, value)
}

function complain(name: unknown, value: unknown): void {
  validateHeaderName(name as string)
  for (const one of Array.isArray(value) ? (value as unknown[]) : [value])
    validateHeaderValue(name as string, one as string)
}

// A list is as many lines, but for cookies of a request and for what the `uniqueHeaders` option names.
function add(map: HeaderMap, name: string, value: unknown, unique: ReadonlySet<string>): void {
  if (!Array.isArray(value)) {
    map.append(name, String(value), CASE)
    return
  }
  const values = value as readonly unknown[]
  const folded = name.toLowerCase()
  if (values.length > 1 && (folded === 'cookie' || unique.has(folded)))
    map.append(name, values.join('; '), CASE)
  else for (const one of values) map.append(name, String(one), CASE)
}

/** Lines of fields, as `addTrailers` and Node's interim responses have them; null for none. */
export function linesOf(text: string): HeaderMap | null {
  if (text === '') return null
  const map = new HeaderMap()
  for (const line of text.split('\r\n')) {
    const colon = line.indexOf(':')
    if (colon > 0) map.append(line.slice(0, colon), line.slice(colon + 1), CASE)
  }
  return map
}

/** The answer with a body that is there as a whole, or with one that comes. */
export function answerOf(head: Head, payload: BodyInit | null): HttpResponse {
  return new HttpResponse(payload, { status: head.status, reason: head.reason, headers: head.headers })
}
