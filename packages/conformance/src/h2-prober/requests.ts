// Requests that the tables build on.
import { data, headers, type HeadersOptions } from './frames.ts'
import { block, type Field } from './hpack.ts'
import type { Wire } from './wire.ts'
import type { Step } from './row.ts'

const AUTHORITY = 'localhost'
/** What `GET /` brings. */
export const HELLO = 'Hello, World!'

/** A request's fields, in order: pseudo-header fields first. `:scheme` is what a client says, whatever the transport. */
export function fieldsOf(method: string, path: string, ...more: readonly Field[]): Field[] {
  return [[':method', method], [':scheme', 'http'], [':path', path], [':authority', AUTHORITY], ...more]
}

export function requestBlock(method: string, path: string, ...more: readonly Field[]): Buffer {
  return block(...fieldsOf(method, path, ...more))
}

/** A whole GET. */
export function get(
  stream: number,
  path = '/',
  options: HeadersOptions = {},
  ...more: readonly Field[]
): Buffer {
  return headers(stream, requestBlock('GET', path, ...more), options)
}

/** The head of a POST whose body follows. */
export function post(stream: number, path = '/echo', ...more: readonly Field[]): Buffer {
  return headers(stream, requestBlock('POST', path, ...more), { end: false })
}

/** A whole POST. */
export function postBody(stream: number, body: string, path = '/echo', ...more: readonly Field[]): Buffer {
  return Buffer.concat([post(stream, path, ...more), data(stream, body)])
}

/** Waits for the whole response on a stream. */
export function ended(stream = 1): Step {
  return { await: (wire: Wire) => wire.view(stream).ended || wire.view(stream).reset >= 0 }
}

/** Waits for the head of a response. */
export function headed(stream = 1): Step {
  return { await: (wire: Wire) => wire.view(stream).head !== null }
}

/** What `/inspect` says about the request on a stream; null when it says nothing. */
export function inspected(wire: Wire, stream = 1): Inspected | null {
  try {
    return JSON.parse(wire.view(stream).body.toString('utf8')) as Inspected
  } catch {
    return null
  }
}

export interface Inspected {
  readonly method: string
  readonly target: string
  readonly headers: readonly (readonly [string, string])[]
  readonly bodyLength: number
  readonly trailers: readonly (readonly [string, string])[]
}

/** A check that the request arrived with these fields. */
export function arrived(...wanted: readonly Field[]): (wire: Wire) => string | null {
  return (wire) => {
    const seen = inspected(wire)
    if (seen === null) return 'the answer is not the JSON of /inspect'
    // Some servers join what is there twice.
    const missing = wanted.find(([name, value]) => {
      return !seen.headers.some(([n, v]) => n === name && (v === value || v.split(', ').includes(value)))
    })
    return missing === undefined
      ? null
      : `${missing.join(': ')} did not arrive in ${JSON.stringify(seen.headers)}`
  }
}
