import { EMPTY_BODY } from '../body/empty.ts'
import { asGateway } from '../error/error.ts'
import { HyperError, userError } from '../error/index.ts'
import { HeaderMap } from '../http/header-map.ts'
import { reasonPhrase } from '../http/reason-table.ts'
import { HttpResponse } from '../http/response.ts'
import type { HttpVersion } from '../http/version.ts'
import { BODY_SLOT, HEAD_SLOT, LINGER_SLOT, SEND_SLOT } from './deadlines.ts'
import { BodyReading, incomplete } from './decode/body-reading.ts'
import { BODY_NONE, HeadPlan } from './encode/plan.ts'
import { encodeRequestHead } from './encode/request-head.ts'
import { CLOSED_EVENT, HEAD_EVENT, INFORMATIONAL_EVENT, NEED_DATA, PAUSED, type EventKind } from './event.ts'
import { FAULT_STATUS } from './fault.ts'
import { CHUNKED, responseLength, UNTIL_CLOSE } from './framing.ts'
import { peerKeepsAlive } from './keep-alive.ts'
import { Machine } from './machine.ts'
import { count, time } from '../error/option.ts'
import { clientSettings, LEAST_HEAD, type H1ClientOptions, type Settings } from './options.ts'
import { RESPONSE } from './parse/head-parser.ts'
import { HeadReader } from './parse/head-reader.ts'
import { ALONE, BEGIN, BODY, CLOSE, END, HEAD, SWITCHED } from './state.ts'

// ClientMachine: requests out, responses in (see machine.ts for how it is called). Per message: the caller's sendHead,
// sendData, sendEnd; then any number of INFORMATIONAL_EVENTs, HEAD_EVENT with `response`, and with a body DATA_EVENTs
// and END_EVENT. Bytes that belong to no request end the connection: they are never matched to the next one.

const PLAN = new HeadPlan()
const HTTP_PREFIX = 'HTTP/'
/** How long a body that was given up may take to come to its end, so that the connection can be used again. */
const DROP_TIME = 2_000

/** HTTP/1 for a client, without IO: requests out, responses in. */
export class ClientMachine extends Machine {
  /** Of the last HEAD event. With `hasBody`, its body is what the host gave, or the empty one. */
  response: HttpResponse | null = null
  /** Of the last INFORMATIONAL event. */
  status: number = 0
  headers: HeaderMap | null = null
  /** Requests begun. */
  requests: number = 0
  /** Something of the answer to the last request has come. */
  hasAnswer: boolean = false
  private method: string = 'GET'
  private offersUpgrade: boolean = false
  private informational: number = 0
  private maxHeadSize: number
  private headTimeout: number
  private bodyTimeout: number

  /** @throws HyperError `INVALID_OPTION` */
  constructor(options: H1ClientOptions | Settings = {}) {
    super('lenient' in options ? options : clientSettings(options))
    this.maxHeadSize = this.settings.maxHeadSize
    this.headTimeout = this.settings.headTimeout
    this.bodyTimeout = this.settings.bodyIdleTimeout
  }

  // ------------------------------------------------------------------ writing

  /**
   * Limits of the next response only; undefined is the connection's.
   * @throws HyperError `INVALID_OPTION`
   */
  setLimits(
    maxHeadSize: number | undefined,
    headersTimeout: number | null | undefined,
    bodyIdleTimeout?: number | null,
  ): void {
    this.maxHeadSize = count('maxHeadSize', maxHeadSize, this.settings.maxHeadSize, LEAST_HEAD)
    this.headTimeout = time('headersTimeout', headersTimeout, this.settings.headTimeout)
    this.bodyTimeout = time('bodyIdleTimeout', bodyIdleTimeout, this.settings.bodyIdleTimeout)
  }

  /**
   * The head of a request. `length` is the body's in bytes, or UNKNOWN_LENGTH. With `trailers`, the framing has room for
   * them where the caller's fields leave the choice.
   * @returns true when a body is to follow (sendData, sendEnd); false when the message is complete
   * @throws HyperError `INVALID_METHOD`, `INVALID_TARGET`, `UNEXPECTED_HEADER`, `INVALID_BODY`, `INVALID_STATE`; nothing
   * is written then
   */
  sendHead(
    method: string,
    target: string,
    version: HttpVersion,
    headers: HeaderMap,
    length: number,
    trailers: boolean = false,
  ): boolean {
    const { state } = this
    if (state.write !== HEAD || state.read !== HEAD)
      throw userError('INVALID_STATE', 'another exchange is under way')
    encodeRequestHead(
      PLAN,
      this.settings,
      method,
      target,
      version === '1.0' ? 0 : 1,
      headers,
      length,
      trailers,
    )
    if (PLAN.close) state.addReason('our-close')
    this.method = method
    this.offersUpgrade = method === 'CONNECT' || (PLAN.facts.upgrade && headers.has('upgrade'))
    this.informational = 0
    this.response = null
    this.hasAnswer = false
    this.requests++
    this.output.addText(PLAN.text)
    this.writing.begin(PLAN.mode, PLAN.length)
    state.moveWrite(PLAN.mode === BODY_NONE ? ALONE : BEGIN)
    if (PLAN.mode === BODY_NONE) this.requestSent()
    return PLAN.mode !== BODY_NONE
  }

  /** Body text, one byte per character. */
  sendText(text: string): void {
    if (this.state.write === BODY) this.writing.text(text)
  }

  /** Body bytes. The memory must not change before the output was taken. */
  sendData(chunk: Uint8Array): void {
    if (this.state.write === BODY) this.writing.bytes(chunk)
  }

  /** @throws HyperError `BODY_WRITE_ABORTED`: the connection must be aborted then */
  sendEnd(trailers: HeaderMap | null): void {
    if (this.state.write !== BODY) return
    this.writing.end(trailers)
    this.state.moveWrite(END)
    this.requestSent()
  }

  private requestSent(): void {
    if (this.state.read === HEAD && this.response === null)
      this.deadlines.set(HEAD_SLOT, this.now + this.headTimeout)
  }

  /** The rest of the request is not sent: the connection ends with the response. */
  stopWriting(): void {
    if (this.state.write === SWITCHED) return
    this.state.addReason('body-unfinished')
    this.state.moveWrite(CLOSE)
  }

  /** No further request. */
  disableKeepAlive(): void {
    this.state.addReason('keep-alive-off')
    if (this.isIdle) this.close()
  }

  // ------------------------------------------------------------------ reading

  protected beginHead(): EventKind | null {
    // Nobody has asked (parity row 157, and the answers that attackers leave on idle connections).
    if (this.requests === 0 || this.state.write === HEAD) {
      return this.fail(new HyperError('UNEXPECTED_MESSAGE', null, { by: 'peer', phase: 'headers' }))
    }
    this.hasAnswer = true
    if (this.settings.http09Responses && this.requests === 1) {
      if (!this.looksLikeHttp1()) return this.beginHttp09()
      // Too little to tell.
      if (this.input.length - this.pos < HTTP_PREFIX.length) return this.eof ? this.beginHttp09() : NEED_DATA
    }
    this.reader = HeadReader.take(RESPONSE, this.maxHeadSize, this.settings)
    return null
  }

  private looksLikeHttp1(): boolean {
    for (let i = 0; i < HTTP_PREFIX.length && this.pos + i < this.input.length; i++) {
      if (this.input[this.pos + i] !== HTTP_PREFIX.charCodeAt(i)) return false
    }
    return true
  }

  private beginHttp09(): EventKind {
    this.deadlines.clear(HEAD_SLOT)
    this.beginBody(UNTIL_CLOSE)
    this.respond(200, null, '0.9', new HeaderMap())
    this.state.moveRead(BEGIN)
    return HEAD_EVENT
  }

  protected takeHead(reader: HeadReader): number {
    const { parser } = reader
    const { settings, state } = this
    const { status, seen, minor } = parser
    const text = reader.text(settings.text)
    const flat = parser.takeFields(text)
    const headers = HeaderMap.fromParsed(flat, settings.preserveHeaderCase ? parser.takeCases(text) : null)
    if (status < 200 && status !== 101) return this.interim(status, headers)
    // RFC 9110 §15.2.2: only who has offered an upgrade can be switched.
    if (status === 101 && !(this.offersUpgrade && this.method !== 'CONNECT')) return FAULT_STATUS
    const length = responseLength(flat, seen, minor, status, this.method, settings.lenient)
    if (length < 0 && length !== CHUNKED && length !== UNTIL_CLOSE) return length
    if (!peerKeepsAlive(flat, seen, minor)) state.addReason('peer-close')
    this.deadlines.clear(HEAD_SLOT)
    state.switching = status === 101 || (this.method === 'CONNECT' && status < 300)
    if (length === 0) {
      this.hasBody = false
      this.bodyLength = 0
    } else this.beginBody(length)
    const phrase = text.slice(parser.markA, parser.markB)
    this.respond(
      status,
      phrase === reasonPhrase(status) ? null : phrase,
      minor === 0 ? '1.0' : '1.1',
      headers,
    )
    state.moveRead(length === 0 ? ALONE : BEGIN)
    return HEAD_EVENT
  }

  private respond(status: number, reason: string | null, version: HttpVersion, headers: HeaderMap): void {
    const body = this.hasBody && this.host !== null ? this.host.makeBody(this.bodyLength) : EMPTY_BODY
    this.response = HttpResponse.fromParsed(status, reason, version, headers, body)
  }

  private interim(status: number, headers: HeaderMap): EventKind {
    if (++this.informational > this.settings.maxInformational) {
      return this.fail(new HyperError('TOO_MANY_INFORMATIONAL', null, { by: 'peer', phase: 'headers' }))
    }
    this.status = status
    this.headers = headers
    return INFORMATIONAL_EVENT
  }

  private beginBody(length: number): void {
    this.reading ??= new BodyReading(this.settings)
    this.reading.begin(length)
    this.hasBody = true
    this.bodyLength = length < 0 ? null : length
    if (length === UNTIL_CLOSE) this.state.addReason('until-close')
    this.deadlines.set(BODY_SLOT, this.now + this.bodyTimeout)
  }

  /** What is left of the response body, Infinity when not known; 0 when it is complete. */
  get bodyRemaining(): number {
    return this.state.read === BODY ? this.reading!.remaining : 0
  }

  protected progress(): void {
    this.deadlines.set(BODY_SLOT, this.now + this.bodyTimeout)
  }

  protected bodyEnded(): void {
    this.deadlines.clear(BODY_SLOT)
    this.deadlines.clear(LINGER_SLOT)
  }

  /** We do not read at present: the body's clock stands still. */
  holdBody(): void {
    this.deadlines.clear(BODY_SLOT)
  }

  resumeBody(now: number): void {
    this.now = now
    if (this.state.read === BODY) this.deadlines.set(BODY_SLOT, now + this.bodyTimeout)
  }

  /** The rest of the response body is being skipped, for so long at most: nobody waits for it. */
  setDropping(now: number): void {
    this.deadlines.set(LINGER_SLOT, now + DROP_TIME)
  }

  protected override fail(error: HyperError): EventKind {
    return super.fail(asGateway(error))
  }

  protected endInHead(): EventKind {
    this.state.addReason('eof')
    if (this.state.write !== HEAD || this.reader !== null) {
      return this.fail(incomplete('headers', this.state.write !== HEAD && !this.hasAnswer))
    }
    this.close()
    return CLOSED_EVENT
  }

  // The response is complete, the request is not.
  protected betweenMessages(): EventKind {
    if (this.eof) this.state.addReason('eof')
    return PAUSED
  }

  protected afterReading(): EventKind {
    return CLOSED_EVENT
  }

  protected answerFailure(): void {
    this.state.moveWrite(CLOSE)
  }

  // ------------------------------------------------------------------ time

  /** Lets time pass. What has run out becomes an event: take events after this. */
  handleDeadline(now: number): void {
    this.now = now
    const { deadlines } = this
    if (deadlines.isDue(HEAD_SLOT, now)) this.timeOut('HEADERS_TIMEOUT', 'headers')
    else if (deadlines.isDue(BODY_SLOT, now) || deadlines.isDue(LINGER_SLOT, now)) {
      this.timeOut('BODY_TIMEOUT', 'body')
    } else if (deadlines.isDue(SEND_SLOT, now)) this.timeOut('SEND_TIMEOUT', 'write')
  }

  private timeOut(
    code: 'HEADERS_TIMEOUT' | 'BODY_TIMEOUT' | 'SEND_TIMEOUT',
    phase: 'headers' | 'body' | 'write',
  ): void {
    this.deadlines.clearAll()
    this.failLater(new HyperError(code, null, { by: 'peer', phase }))
  }

  /** The transport holds bytes that the peer does not take (true), or has taken them all (false). */
  setSending(stalled: boolean, now: number): void {
    if (stalled) this.deadlines.set(SEND_SLOT, now + this.settings.sendTimeout)
    else this.deadlines.clear(SEND_SLOT)
  }

  /** True when a request may be sent. */
  get isIdle(): boolean {
    return (
      this.state.read === HEAD &&
      this.state.write === HEAD &&
      this.reader === null &&
      !this.isHolding &&
      !this.eof
    )
  }
}
