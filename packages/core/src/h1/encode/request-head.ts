import { userError } from '../../error/index.ts'
import type { HeaderMap } from '../../http/header-map.ts'
import type { Settings } from '../options.ts'
import { endInChunked, fieldLine, heldLine, NO_LENGTH, readFields, type FieldFacts, type Spelling } from './fields.ts'
import { BODY_CHUNKED, BODY_LENGTH, BODY_NONE, HeadPlan, spellingOf, UNKNOWN_LENGTH } from './plan.ts'

// Request heads (RFC 9112 §3, §6): the request line as given, the caller's fields, and the length or coding. Host is
// the caller's business: nothing is guessed from the target.

/** @throws HyperError `UNEXPECTED_HEADER` */
export function encodeRequestHead(
  plan: HeadPlan,
  settings: Settings,
  method: string,
  target: string,
  minor: number,
  headers: HeaderMap,
  length: number,
): void {
  const spelling = spellingOf(settings)
  const { facts } = plan
  readFields(facts, headers, spelling, false)
  // RFC 9112 §6.2: no Content-Length beside Transfer-Encoding.
  if (facts.codings !== null && facts.lengthFields > 0 && minor === 1) readFields(facts, headers, spelling, true)
  plan.length = 0
  plan.close = facts.close || (minor === 0 && !facts.keepAlive)
  const framing = frameBody(plan, facts, method, minor, length, spelling)
  plan.text =
    `${method} ${target} HTTP/1.${minor}\r\n` +
    facts.text +
    framing +
    (facts.connection === null ? '' : heldLine(facts.connectionName, 'connection', facts.connection, spelling)) +
    '\r\n'
}

function frameBody(
  plan: HeadPlan,
  facts: FieldFacts,
  method: string,
  minor: number,
  length: number,
  spelling: Spelling,
): string {
  const codings = minor === 1 ? facts.codings : null
  plan.mode = BODY_NONE
  if (codings !== null) {
    plan.mode = BODY_CHUNKED
    return heldLine(facts.codingsName, 'transfer-encoding', endInChunked(codings), spelling)
  }
  if (facts.length !== NO_LENGTH) {
    if (length !== UNKNOWN_LENGTH && length !== facts.length) {
      throw userError('UNEXPECTED_HEADER', `Content-Length is ${facts.length}, the body has ${length} bytes`)
    }
    if (facts.length > 0) plan.mode = BODY_LENGTH
    plan.length = facts.length
    return ''
  }
  if (length === UNKNOWN_LENGTH) {
    // A body of unknown length needs chunked, which HTTP/1.0 lacks.
    if (minor === 0) throw userError('INVALID_BODY', 'HTTP/1.0 cannot carry a request body of unknown length')
    plan.mode = BODY_CHUNKED
    return fieldLine('transfer-encoding', 'chunked', spelling)
  }
  if (length > 0) {
    plan.mode = BODY_LENGTH
    plan.length = length
    return fieldLine('content-length', String(length), spelling)
  }
  // RFC 9110 §8.6: a method that has content by its nature says that there is none.
  return expectsContent(method) ? fieldLine('content-length', '0', spelling) : ''
}

function expectsContent(method: string): boolean {
  return method === 'POST' || method === 'PUT' || method === 'PATCH'
}
