import { HyperError, userError, type ErrorBy, type ErrorPhase } from '../error/index.ts'
import { EMPTY_BODY } from '../body/empty.ts'
import { HeaderMap } from '../http/header-map.ts'
import { HttpRequest } from '../http/request.ts'
import { BODY_SLOT, HEAD_SLOT, LINGER_SLOT, SEND_SLOT, TOTAL_SLOT } from './deadlines.ts'
import { BodyReading, incomplete } from './decode/body-reading.ts'
import { encodeInformational, encodeResponseHead, ResponseContext } from './encode/response-head.ts'
import { BODY_NONE, HeadPlan } from './encode/plan.ts'
import { CLOSED_EVENT, HEAD_EVENT, PAUSED, type EventKind } from './event.ts'
import { FAULT_HOST } from './fault.ts'
import { CHUNKED, dropLength, requestLength } from './framing.ts'
import { hostFits, methodOf, targetFits } from './request-rules.ts'
import { peerKeepsAlive } from './keep-alive.ts'
import { listHas } from './list.ts'
import { Machine } from './machine.ts'
import { serverSettings, type H1ServerOptions, type Settings } from './options.ts'
import { REQUEST } from './parse/head-parser.ts'
import { HeadReader } from './parse/head-reader.ts'
import {
  SEEN_CONTENT_LENGTH,
  SEEN_EXPECT,
  SEEN_ODD_CODING,
  SEEN_TE,
  SEEN_TRANSFER_ENCODING,
  SEEN_UPGRADE,
} from './parse/well-known.ts'
import { ALONE, BEGIN, BODY, CLOSE, END, HEAD, SWITCHED } from './state.ts'

// ServerMachine: requests in, responses out (see machine.ts for how it is called). Per message: HEAD_EVENT with
// `request`; then, with a body, DATA_EVENTs and END_EVENT; and from the caller sendHead, sendData, sendEnd.

const PLAN = new HeadPlan()
const CONTEXT = new ResponseContext()

/** HTTP/1 for a server, without IO: requests in, responses out. */
export class ServerMachine extends Machine {
  /** Of the last HEAD event. With `hasBody`, its body is what the host gave, or the empty one. */
  request: HttpRequest | null = null
  /** The client waits for 100 before it sends its body (RFC 9110 §10.1.1). */
  expectsContinue: boolean = false
  /** The request is CONNECT, or has a valid Upgrade offer (RFC 9110 §7.8). */
  offersUpgrade: boolean = false
  /** The client takes trailers (RFC 9110 §10.1.4). */
  acceptsTrailers: boolean = false
  /** Messages begun. */
  requests: number = 0
  private method: string = 'GET'
  private minor: number = 1
  private bodyStarted: number = 0
  private bodyBytes: number = 0
  private bodyHeldAt: number = -1
  /** When the present exchange must be over, its answer handed to the transport. */
  private totalAt: number = Infinity
  /** A request has begun, and its answer is not complete. */
  private isUnderWay: boolean = false
  /** The transport holds bytes that the peer does not take. */
  private isStalled: boolean = false
  /** How long an idle connection that is to end still waits for a request; -1 while it may go on. */
  private drainTime: number = -1

  /** @throws HyperError `INVALID_OPTION` */
  constructor(options: H1ServerOptions | Settings = {}, now: number = 0) {
    super('lenient' in options ? options : serverSettings(options))
    this.now = now
    this.deadlines.set(HEAD_SLOT, now + this.settings.firstByteTimeout)
  }

  // ------------------------------------------------------------------ reading

  protected beginHead(): EventKind | null {
    this.reader = HeadReader.take(REQUEST, this.settings.maxHeadSize, this.settings)
    this.deadlines.set(HEAD_SLOT, this.now + this.settings.headTimeout)
    this.isUnderWay = true
    if (this.settings.requestTimeout !== Infinity) {
      this.totalAt = this.now + this.settings.requestTimeout
      this.deadlines.set(TOTAL_SLOT, this.totalAt)
    }
    return null
  }

  protected takeHead(reader: HeadReader): number {
    const { parser } = reader
    const { settings } = this
    const text = reader.text(settings.text)
    const flat = parser.takeFields(text)
    const method = methodOf(text, parser.lineStart, parser.markA)
    const target = text.slice(parser.markB, parser.markC)
    const { seen, minor } = parser
    this.method = method
    this.minor = minor
    const misfit = targetFits(method, target)
    if (misfit !== 0) return misfit
    const length = requestLength(flat, seen, minor, settings.lenient)
    if (length < 0 && length !== CHUNKED) return length
    if (hostFits(flat, seen, minor, settings.lenient) === null) return FAULT_HOST
    this.noteReuse(flat, seen, minor)
    if (length === CHUNKED && (seen & SEEN_CONTENT_LENGTH) !== 0) dropLength(flat)
    const cases = settings.preserveHeaderCase ? parser.takeCases(text) : null
    this.noteFields(flat, seen, minor, length !== 0)
    this.requests++
    this.deadlines.clear(HEAD_SLOT)
    if (length !== 0) this.beginBody(length)
    else {
      this.hasBody = false
      this.bodyLength = 0
    }
    const body = this.hasBody && this.host !== null ? this.host.makeBody(this.bodyLength) : EMPTY_BODY
    const headers = HeaderMap.fromParsed(flat, cases)
    this.request = HttpRequest.fromParsed(method, target, minor === 0 ? '1.0' : '1.1', headers, body)
    this.state.moveRead(length === 0 ? ALONE : BEGIN)
    return HEAD_EVENT
  }

  private noteReuse(flat: readonly string[], seen: number, minor: number): void {
    const { state, settings } = this
    if (!peerKeepsAlive(flat, seen, minor)) state.addReason('peer-close')
    if (!settings.keepAlive) state.addReason('keep-alive-off')
    if (this.requests + 1 >= settings.maxRequests) state.addReason('max-requests')
    const both = SEEN_CONTENT_LENGTH | SEEN_TRANSFER_ENCODING
    if ((seen & SEEN_ODD_CODING) !== 0 || (seen & both) === both) state.addReason('odd-framing')
    else if ((seen & SEEN_TRANSFER_ENCODING) !== 0 && !flat.includes('chunked'))
      state.addReason('odd-framing')
  }

  private noteFields(flat: readonly string[], seen: number, minor: number, body: boolean): void {
    this.expectsContinue = false
    this.acceptsTrailers = false
    this.offersUpgrade = this.method === 'CONNECT'
    if ((seen & (SEEN_EXPECT | SEEN_TE | SEEN_UPGRADE)) === 0 || minor === 0) return
    for (let i = 0; i < flat.length; i += 2) {
      const value = flat[i + 1]!
      if (flat[i] === 'expect') this.expectsContinue = body && value.toLowerCase() === '100-continue'
      else if (flat[i] === 'te') this.acceptsTrailers ||= listHas(value, 'trailers')
      else if (flat[i] === 'connection' && (seen & SEEN_UPGRADE) !== 0)
        this.offersUpgrade ||= listHas(value, 'upgrade')
    }
  }

  private beginBody(length: number): void {
    this.reading ??= new BodyReading(this.settings)
    this.reading.begin(length)
    this.hasBody = true
    this.bodyLength = length === CHUNKED ? null : length
    this.bodyStarted = this.now
    this.bodyBytes = 0
    // Who waits for 100 is not slow: the clocks stand still until it is sent.
    this.bodyHeldAt = this.expectsContinue ? this.now : -1
    if (!this.expectsContinue) this.moveBodyDeadline()
  }

  /** What is left of the request body, Infinity when not known; 0 when it is complete. */
  get bodyRemaining(): number {
    return this.state.read === BODY ? this.reading!.remaining : 0
  }

  /**
   * The whole body has come with its head, and would be read to its end in any case: one DATA event brings it, and END
   * follows.
   */
  get hasWholeBody(): boolean {
    const here = Math.min(this.input.length - this.pos, this.settings.lingerSize)
    return !this.expectsContinue && this.bodyRemaining <= here
  }

  protected progress(bytes: number): void {
    this.bodyBytes += bytes
    if (this.bodyHeldAt >= 0) this.resumeBody(this.now)
    else this.moveBodyDeadline()
  }

  protected bodyEnded(): void {
    this.deadlines.clear(BODY_SLOT)
    this.deadlines.clear(LINGER_SLOT)
    // The answer may have been sent before.
    this.noteRecycled()
  }

  // Whichever comes first: silence, or too slow on the average (slow-body attacks; see docs/limits).
  private moveBodyDeadline(): void {
    const { bodyIdleTimeout, bodyMinRate, bodyMinRateGrace } = this.settings
    const slow =
      bodyMinRate === 0
        ? Infinity
        : this.bodyStarted + bodyMinRateGrace + (this.bodyBytes * 1000) / bodyMinRate
    this.deadlines.set(BODY_SLOT, Math.min(this.now + bodyIdleTimeout, slow))
  }

  /** We do not read at present: the body's clocks stand still. */
  holdBody(now: number): void {
    if (this.bodyHeldAt >= 0 || this.state.read !== BODY) return
    this.bodyHeldAt = now
    this.deadlines.clear(BODY_SLOT)
  }

  /** The body's clocks stand still. */
  get isBodyHeld(): boolean {
    return this.bodyHeldAt >= 0
  }

  resumeBody(now: number): void {
    if (this.bodyHeldAt < 0) return
    this.bodyStarted += now - this.bodyHeldAt
    this.bodyHeldAt = -1
    this.now = now
    if (this.state.read === BODY) this.moveBodyDeadline()
  }

  protected endInHead(): EventKind {
    this.state.addReason('eof')
    if (this.hasBegunHead) return this.fail(incomplete('headers'))
    this.dropReader()
    this.deadlines.clear(HEAD_SLOT)
    this.deadlines.clear(TOTAL_SLOT)
    this.state.moveRead(CLOSE)
    this.state.moveWrite(CLOSE)
    return CLOSED_EVENT
  }

  protected betweenMessages(): EventKind {
    if (!this.eof || this.settings.halfClose || this.state.write === SWITCHED || this.isHolding) return PAUSED
    return this.clientGone()
  }

  // The rest of a request was not worth reading, and the answer to it is not complete.
  protected afterReading(): EventKind {
    const { write } = this.state
    if (!this.eof || this.settings.halfClose || this.error !== null) return CLOSED_EVENT
    if (write !== HEAD && write !== BODY) return CLOSED_EVENT
    return this.clientGone()
  }

  private clientGone(): EventKind {
    return this.fail(
      new HyperError('CANCELED', 'the client ended the connection while its request was being answered', {
        by: 'peer',
        phase: 'headers',
      }),
    )
  }

  // ------------------------------------------------------------------ time

  /** Lets time pass. What has run out becomes an event: take events after this. */
  handleDeadline(now: number): void {
    this.now = now
    const { deadlines } = this
    if (deadlines.isDue(HEAD_SLOT, now)) {
      deadlines.clear(HEAD_SLOT)
      if (this.hasBegunHead) this.failLater(timeout('HEADERS_TIMEOUT', 'headers', 408))
      else if (this.drainTime >= 0) this.disableKeepAlive()
      else this.failLater(timeout('IDLE_TIMEOUT', null, 0))
    } else if (deadlines.isDue(BODY_SLOT, now)) {
      deadlines.clear(BODY_SLOT)
      this.failLater(timeout('BODY_TIMEOUT', 'body', 408))
    } else if (deadlines.isDue(TOTAL_SLOT, now)) {
      deadlines.clear(TOTAL_SLOT)
      this.failLater(this.totalRunOut())
    }
    if (deadlines.isDue(SEND_SLOT, now)) {
      deadlines.clear(SEND_SLOT)
      this.failLater(timeout('SEND_TIMEOUT', 'write', 0))
    }
    if (deadlines.isDue(LINGER_SLOT, now)) {
      deadlines.clear(LINGER_SLOT)
      this.lingered = true
    }
  }

  // The exchange as a whole takes too long. Whoever is being waited for is to blame, and the status says so.
  private totalRunOut(): HyperError {
    const { read, write } = this.state
    if (write !== HEAD || !this.isUnderWay) return this.tooLong(this.isStalled ? 'peer' : 'user', 'write', 0)
    if (read === HEAD) {
      return this.hasBegunHead ? this.tooLong('peer', 'headers', 408) : timeout('IDLE_TIMEOUT', null, 0)
    }
    // A body that nobody reads, or whose rest is dropped, is not what the answer waits for.
    const isAwaited = read === BODY && this.bodyHeldAt < 0 && this.deadlines.isOff(LINGER_SLOT)
    return isAwaited ? this.tooLong('peer', 'body', 408) : this.tooLong('user', null, 503)
  }

  private tooLong(by: ErrorBy, phase: ErrorPhase | null, statusHint: number): HyperError {
    const elapsedMs = this.now - this.totalAt + this.settings.requestTimeout
    return new HyperError('TOTAL_TIMEOUT', null, { by, phase, statusHint, elapsedMs })
  }

  /** The linger time is over. */
  lingered: boolean = false

  /** The transport holds bytes that the peer does not take (true), or has taken them all (false). */
  setSending(stalled: boolean, now: number): void {
    this.isStalled = stalled
    if (stalled) this.deadlines.set(SEND_SLOT, now + this.settings.sendTimeout)
    else this.deadlines.clear(SEND_SLOT)
    this.now = now
    this.holdWait()
    // The exchange is over once the transport has the last of its answer.
    if (this.totalAt !== Infinity && !this.isUnderWay)
      this.deadlines.set(TOTAL_SLOT, stalled && !this.output.isEmpty ? this.totalAt : Infinity)
  }

  /** A failure has stopped all clocks, and the transport still holds what was to be said before the end. */
  keepSending(now: number): void {
    if (this.deadlines.isOff(SEND_SLOT)) this.deadlines.set(SEND_SLOT, now + this.settings.sendTimeout)
  }

  // Who still takes an answer is neither idle nor late with the next head, which is not read meanwhile. The end of a drain does
  // not wait for that.
  private holdWait(): void {
    if (this.state.read !== HEAD || this.state.write !== HEAD || this.drainTime >= 0) return
    if (this.isStalled) this.deadlines.clear(HEAD_SLOT)
    else if (this.hasBegunHead) this.deadlines.set(HEAD_SLOT, this.now + this.settings.headTimeout)
    else this.becomeIdle()
  }

  /** The rest of the request body is being skipped: for as long as we linger, at most. */
  setDropping(now: number): void {
    this.deadlines.set(LINGER_SLOT, now + this.settings.lingerTimeout)
  }

  /** The rest of the request body is not worth reading: the connection ends with the answer. */
  stopReading(): void {
    if (this.state.read !== BODY) return
    this.state.addReason('body-unread')
    this.lingered = false
    this.deadlines.clear(BODY_SLOT)
    this.deadlines.clear(LINGER_SLOT)
    this.dropReader()
    this.state.moveRead(CLOSE)
  }

  /** Nothing more will be written. */
  stopWriting(): void {
    if (this.state.write !== SWITCHED) this.state.moveWrite(CLOSE)
  }

  /** The peer has ended its half. */
  get isEof(): boolean {
    return this.eof
  }

  /** The client has ended its half within its request, and means by that that it is gone: nobody waits for a reader. */
  get isLeft(): boolean {
    return this.eof && !this.settings.halfClose && this.state.read === BODY
  }

  setLinger(now: number): void {
    this.deadlines.clearAll()
    this.deadlines.set(LINGER_SLOT, now + this.settings.lingerTimeout)
  }

  // ------------------------------------------------------------------ writing

  /**
   * An interim response.
   * @returns false when it was not sent: HTTP/1.0, or the final response has begun
   * @throws HyperError `INVALID_STATUS`
   */
  sendInformational(status: number, headers: HeaderMap): boolean {
    if (!Number.isInteger(status) || status < 100 || status > 199 || status === 101) {
      throw userError('INVALID_STATUS', `${status} cannot be sent as an interim response`)
    }
    if (this.minor === 0 || this.state.write !== HEAD || this.state.read === HEAD) return false
    if (status === 100) {
      this.expectsContinue = false
      this.resumeBody(this.now)
    }
    this.output.addText(encodeInformational(status, headers, this.settings))
    return true
  }

  /**
   * The head of the final response. `length` is the body's in bytes, or UNKNOWN_LENGTH.
   * @returns true when a body is to follow (sendData, sendEnd); false when the message is complete
   * @throws HyperError `UNEXPECTED_HEADER`, `INVALID_STATUS`, `INVALID_REASON`, `INVALID_STATE`; nothing is written then
   */
  sendHead(
    status: number,
    reason: string | null,
    headers: HeaderMap,
    length: number,
    trailers: boolean,
  ): boolean {
    const { state } = this
    if (state.write !== HEAD || state.read === HEAD || this.request === null)
      throw userError('INVALID_STATE', 'no request waits for an answer')
    const switching = status === 101 || (this.method === 'CONNECT' && status >= 200 && status < 300)
    if (status < 200 && status !== 101) throw userError('INVALID_STATUS', `${status} is not a final response`)
    if (switching && (!this.offersUpgrade || (status === 101 && this.method === 'CONNECT'))) {
      throw userError('INVALID_STATUS', 'the request offers no upgrade')
    }
    if (state.read === BODY && this.unreadable()) state.addReason('body-unread')
    // What follows a CONNECT was meant for a tunnel: refused, it is no request, whenever it comes and whatever it looks like.
    if (this.method === 'CONNECT' && !switching) state.addReason('tunnel-refused')
    if (this.drainTime >= 0) state.addReason('keep-alive-off')
    CONTEXT.method = this.method
    CONTEXT.minor = this.minor
    CONTEXT.keepAlive = state.reusable
    CONTEXT.length = length
    CONTEXT.trailers = trailers && this.acceptsTrailers
    CONTEXT.date = this.date()
    encodeResponseHead(PLAN, this.settings, status, reason, headers, CONTEXT)
    if (PLAN.close && state.reusable) state.addReason('our-close')
    state.switching = switching
    this.output.addText(PLAN.text)
    this.writing.begin(PLAN.mode, PLAN.length)
    this.expectsContinue = false
    if (PLAN.mode === BODY_NONE) {
      state.moveWrite(ALONE)
      this.messageSent()
      return false
    }
    state.moveWrite(BEGIN)
    return true
  }

  // A body that will not be read to its end: too long to skip, or the client waits for a 100 that will not come.
  private unreadable(): boolean {
    const { remaining } = this.reading!
    return this.expectsContinue || (remaining !== Infinity && remaining > this.settings.lingerSize)
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
    this.writing.end(this.acceptsTrailers ? trailers : null)
    this.state.moveWrite(END)
    this.messageSent()
  }

  private messageSent(): void {
    this.isUnderWay = false
    if (!this.isStalled) this.deadlines.clear(TOTAL_SLOT)
    if (this.state.read === HEAD && this.state.write === HEAD) this.becomeIdle()
  }

  // Both sides are ready for the next message.
  private becomeIdle(): void {
    this.request = null
    const wait = this.drainTime < 0 ? Infinity : this.drainTime
    this.deadlines.set(HEAD_SLOT, this.now + Math.min(this.settings.keepAliveTimeout, wait))
    if (this.isStalled) this.holdWait()
  }

  /** A message may have ended on the reading side after the answer was sent: sets the idle clock. */
  noteRecycled(): void {
    if (this.state.read === HEAD && this.state.write === HEAD) this.becomeIdle()
  }

  // RFC 9112 §9.6: the answer, then the end of the connection. Nothing when the head of an answer is out already.
  protected answerFailure(error: HyperError): void {
    if (this.state.write !== HEAD || error.statusHint === 0) return
    this.method = CONTEXT.method = 'GET'
    this.minor = CONTEXT.minor = 1
    CONTEXT.keepAlive = false
    CONTEXT.length = 0
    CONTEXT.trailers = false
    CONTEXT.date = this.date()
    encodeResponseHead(PLAN, this.settings, error.statusHint, null, new HeaderMap(), CONTEXT)
    this.output.addText(PLAN.text)
    this.state.moveWrite(CLOSE)
  }

  private date(): string {
    return this.settings.autoDateHeader && this.host !== null ? this.host.httpDate(this.now) : ''
  }

  /** No further request after the present one. */
  disableKeepAlive(): void {
    this.state.addReason('keep-alive-off')
    if (this.isIdle) {
      this.dropReader()
      this.state.moveRead(CLOSE)
      this.state.moveWrite(CLOSE)
    }
  }

  /**
   * The connection ends with the next answer whose head is not out yet, and that says so. One that is idle still waits
   * `grace` ms for a request that is on its way; so does one whose answer has not said it.
   */
  drain(grace: number, now: number): void {
    if (!(grace > 0)) {
      this.disableKeepAlive()
      return
    }
    this.now = now
    this.drainTime = this.drainTime < 0 ? grace : Math.min(this.drainTime, grace)
    if (this.isIdle) this.deadlines.set(HEAD_SLOT, Math.min(this.deadlines.at(HEAD_SLOT), now + grace))
  }

  /** True between messages. */
  get isIdle(): boolean {
    return this.state.read === HEAD && this.state.write === HEAD && !this.hasBegunHead && !this.isHolding
  }

  // Blank lines before a request are not its beginning.
  private get hasBegunHead(): boolean {
    return this.reader !== null && !this.reader.isBlank
  }
}

function timeout(
  code: 'HEADERS_TIMEOUT' | 'IDLE_TIMEOUT' | 'BODY_TIMEOUT' | 'SEND_TIMEOUT',
  phase: 'headers' | 'body' | 'write' | null,
  status: number,
): HyperError {
  return new HyperError(code, null, { by: 'peer', phase, statusHint: status })
}
