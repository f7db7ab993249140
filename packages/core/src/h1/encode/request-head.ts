import { IS_TARGET } from '../../bytes/char-table.ts'
import { userError } from '../../error/index.ts'
import type { HeaderMap } from '../../http/header-map.ts'
import { isToken } from '../../http/header-name.ts'
import type { Settings } from '../options.ts'
import {
  endInChunked,
  fieldLine,
  heldLine,
  NO_LENGTH,
  readFields,
  type FieldFacts,
  type Spelling,
} from './fields.ts'
import { BODY_CHUNKED, BODY_LENGTH, BODY_NONE, HeadPlan, spellingOf, UNKNOWN_LENGTH } from './plan.ts'

// Request heads (RFC 9112 §3, §6): the request line as given, the caller's fields, and the length or coding. Host is
// the caller's business: nothing is guessed from the target.

/** @throws HyperError `INVALID_METHOD`, `INVALID_TARGET`, `UNEXPECTED_HEADER`, `INVALID_BODY` */
export function encodeRequestHead(
  plan: HeadPlan,
  settings: Settings,
  method: string,
  target: string,
  minor: number,
  headers: HeaderMap,
  length: number,
  trailers: boolean,
): void {
  checkLine(method, target)
  const spelling = spellingOf(settings)
  const { facts } = plan
  readFields(facts, headers, spelling, false)
  // RFC 9112 §6.2: no Content-Length beside Transfer-Encoding.
  if (facts.codings !== null && facts.lengthFields > 0 && minor === 1)
    readFields(facts, headers, spelling, true)
  plan.length = 0
  plan.close = facts.close || (minor === 0 && !facts.keepAlive)
  const framing = frameBody(plan, facts, method, minor, length, trailers, spelling)
  plan.text =
    `${method} ${target} HTTP/1.${minor}\r\n` +
    facts.text +
    framing +
    (facts.connection === null
      ? ''
      : heldLine(facts.connectionName, 'connection', facts.connection, spelling)) +
    '\r\n'
}

let lastMethod = 'GET'
let lastTarget = '/'

// Here, whatever was checked before: a request is an object that plain JavaScript can change, and what breaks out of
// the request line is a second request. The same strings again, as in a loop over one endpoint, are not read again.
function checkLine(method: string, target: string): void {
  if (method !== lastMethod) {
    if (typeof method !== 'string' || !isToken(method)) throw userError('INVALID_METHOD', null)
    lastMethod = method
  }
  if (target !== lastTarget) {
    if (typeof target !== 'string' || !isTarget(target)) throw userError('INVALID_TARGET', null)
    lastTarget = target
  }
}

function isTarget(target: string): boolean {
  for (let i = 0; i < target.length; i++) if (IS_TARGET[target.charCodeAt(i)] !== 1) return false
  return target.length > 0
}

function frameBody(
  plan: HeadPlan,
  facts: FieldFacts,
  method: string,
  minor: number,
  length: number,
  trailers: boolean,
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
      throw userError('UNEXPECTED_HEADER', `Content-Length is ${facts.length}, the body's is ${length}`)
    }
    if (facts.length > 0) plan.mode = BODY_LENGTH
    plan.length = facts.length
    return ''
  }
  if (length === UNKNOWN_LENGTH || (trailers && minor === 1)) {
    // A body of unknown length needs chunked, which HTTP/1.0 lacks; so do trailers, which it goes without.
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
