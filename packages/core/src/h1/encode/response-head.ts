import { userError } from '../../error/index.ts'
import type { HeaderMap } from '../../http/header-map.ts'
import { isFieldText } from '../../http/header-value.ts'
import { reasonPhrase } from '../../http/reason-table.ts'
import { isStatus } from '../../http/status.ts'
import type { Settings } from '../options.ts'
import {
  endInChunked,
  FieldFacts,
  fieldLine,
  heldLine,
  LOWER,
  NO_LENGTH,
  readFields,
  type Spelling,
} from './fields.ts'
import {
  BODY_CHUNKED,
  BODY_LENGTH,
  BODY_NONE,
  BODY_UNTIL_CLOSE,
  HeadPlan,
  spellingOf,
  UNKNOWN_LENGTH,
} from './plan.ts'

// Response heads (RFC 9112 §4, §6): status line, the caller's fields, then what is added: length or coding, connection,
// date. Nothing is written when a field contradicts the message: the encoder throws first.

/** What the encoder must know of the exchange besides the response itself. */
export class ResponseContext {
  /** The request's method. */
  method: string = 'GET'
  /** The request's minor version, which the answer repeats. */
  minor: number = 1
  /** Whether the connection may go on. */
  keepAlive: boolean = true
  /** The body's length, or UNKNOWN_LENGTH. */
  length: number = 0
  /** The body may end in trailers that the client wants (RFC 9110 §10.1.4). */
  trailers: boolean = false
  /** For `date`, or '' for none. */
  date: string = ''
}

/** @throws HyperError `INVALID_STATUS`, `INVALID_REASON`, `UNEXPECTED_HEADER` */
export function encodeResponseHead(
  plan: HeadPlan,
  settings: Settings,
  status: number,
  reason: string | null,
  headers: HeaderMap,
  context: ResponseContext,
): void {
  // Here, whatever was checked before: a response is an object that plain JavaScript can change, and what breaks out of
  // the status line is a second response.
  if (!isStatus(status)) throw userError('INVALID_STATUS', null)
  if (reason !== null && (typeof reason !== 'string' || !isFieldText(reason)))
    throw userError('INVALID_REASON', null)
  const spelling = spellingOf(settings)
  const { facts } = plan
  const bodyless = status === 204 || status === 304 || status < 200
  const tunnel = context.method === 'CONNECT' && status >= 200 && status < 300
  const head = context.method === 'HEAD'
  // RFC 9110 §15.3.6: a 205 has no content either, but its framing has to say so.
  const reset = status === 205 && !tunnel
  // 204 and 1xx have no Content-Length (RFC 9110 §8.6); a body known to be empty overrides a wrong one.
  const dropLength = status === 204 || status < 200 || reset
  readFields(facts, headers, spelling, dropLength)
  if (!head && !bodyless && !tunnel && context.length === 0 && facts.length > 0)
    readFields(facts, headers, spelling, true)
  if (facts.lengthFields > 0 && facts.codings !== null && context.minor === 1) {
    throw userError('UNEXPECTED_HEADER', 'Content-Length and Transfer-Encoding contradict each other')
  }
  let framing = ''
  plan.length = 0
  plan.close = !context.keepAlive || facts.close
  if (tunnel) {
    // RFC 9110 §9.3.6
    if (facts.lengthFields > 0 || facts.codings !== null) {
      throw userError(
        'UNEXPECTED_HEADER',
        'a 2xx answer to CONNECT has no Content-Length or Transfer-Encoding',
      )
    }
    plan.mode = BODY_NONE
  } else if (reset) {
    plan.mode = BODY_NONE
    framing = fieldLine('content-length', '0', spelling)
  } else if (bodyless || head) {
    plan.mode = BODY_NONE
    if (head && !bodyless && facts.length === NO_LENGTH && context.length > 0) {
      framing = fieldLine('content-length', String(context.length), spelling)
    }
  } else framing = frameBody(plan, facts, context, spelling)
  plan.text =
    statusLine(status, reason, context.minor) +
    facts.text +
    framing +
    connectionLines(plan, settings, context, status, spelling) +
    (context.date !== '' && !facts.date && status >= 200 ? fieldLine('date', context.date, spelling) : '') +
    '\r\n'
}

// Message length for a body that is allowed (RFC 9112 §6.3), and the field that says it.
function frameBody(plan: HeadPlan, facts: FieldFacts, context: ResponseContext, spelling: Spelling): string {
  const modern = context.minor === 1
  if (facts.length !== NO_LENGTH) {
    if (context.length !== UNKNOWN_LENGTH && context.length !== facts.length) {
      throw userError(
        'UNEXPECTED_HEADER',
        `Content-Length is ${facts.length}, the body's is ${context.length}`,
      )
    }
    plan.mode = BODY_LENGTH
    plan.length = facts.length
    return ''
  }
  if (modern && (facts.codings !== null || context.trailers || context.length === UNKNOWN_LENGTH)) {
    plan.mode = BODY_CHUNKED
    return facts.codings === null
      ? fieldLine('transfer-encoding', 'chunked', spelling)
      : heldLine(facts.codingsName, 'transfer-encoding', endInChunked(facts.codings), spelling)
  }
  if (context.length === UNKNOWN_LENGTH) {
    plan.mode = BODY_UNTIL_CLOSE
    plan.close = true
    return ''
  }
  plan.mode = BODY_LENGTH
  plan.length = context.length
  return fieldLine('content-length', String(context.length), spelling)
}

// RFC 9112 §9.3: close where it ends, keep-alive for HTTP/1.0; the caller's own options are kept.
function connectionLines(
  plan: HeadPlan,
  settings: Settings,
  context: ResponseContext,
  status: number,
  spelling: Spelling,
): string {
  const { connection: given, connectionName: kept } = plan.facts
  if (status < 200 || (context.method === 'CONNECT' && status < 300)) {
    return given === null ? '' : heldLine(kept, 'connection', given, spelling)
  }
  if (plan.close) {
    if (given === null) return fieldLine('connection', 'close', spelling)
    return heldLine(kept, 'connection', plan.facts.close ? given : `${given}, close`, spelling)
  }
  if (given !== null) {
    const value = context.minor === 0 && !plan.facts.keepAlive ? `${given}, keep-alive` : given
    return heldLine(kept, 'connection', value, spelling)
  }
  if (settings.keepAliveText !== '' && spelling === LOWER) return settings.keepAliveText
  if (settings.keepAliveText !== '') {
    const hint = `timeout=${Math.floor(settings.keepAliveTimeout / 1000)}`
    return fieldLine('connection', 'keep-alive', spelling) + fieldLine('keep-alive', hint, spelling)
  }
  return context.minor === 0 ? fieldLine('connection', 'keep-alive', spelling) : ''
}

const LINES: string[] = []

function statusLine(status: number, reason: string | null, minor: number): string {
  if (reason !== null || minor === 0) return `HTTP/1.${minor} ${status} ${reason ?? reasonPhrase(status)}\r\n`
  return (LINES[status] ??= `HTTP/1.1 ${status} ${reasonPhrase(status)}\r\n`)
}

/** An interim head (RFC 9110 §15.2): no framing, no date. */
export function encodeInformational(status: number, headers: HeaderMap, settings: Settings): string {
  const facts = new FieldFacts()
  readFields(facts, headers, spellingOf(settings), true)
  return `${statusLine(status, null, 1)}${facts.text}\r\n`
}
