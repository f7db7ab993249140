import { EMPTY_BODY } from '../body/empty.ts'
import { HyperError, userError } from '../error/index.ts'
import { HeaderMap } from '../http/header-map.ts'
import { HttpRequest } from '../http/request.ts'
import { isStatus } from '../http/status.ts'
import { armPing } from './control.ts'
import { IDLE_SLOT } from './core.ts'
import { HEAD_EVENT, NONE } from './event.ts'
import {
  CANCEL,
  faultReason,
  NO_ERROR,
  PROTOCOL_ERROR,
  REFUSED_STREAM,
  STREAM_CLOSED,
} from './frame/index.ts'
import { SEEN_PRIORITY } from './hpack/index.ts'
import { H2Machine, TICK } from './machine.ts'
import { readRequest, RequestHead } from './message.ts'
import { serverH2Settings, type H2ServerOptions, type H2Settings } from './options.ts'
import {
  announcedLength,
  beginBlock,
  checkLength,
  encodeFields,
  endBlock,
  sendData,
  sendEnd,
  sendWhole,
} from './streams/send.ts'
import { CLOSED, mayReceive, maySend, OPENED, RECEIVED_END, SENT_END } from './streams/state.ts'
import { NO_LENGTH, Stream } from './streams/stream.ts'

// H2ServerMachine: requests in, responses out, many at once (see h1/machine.ts for how a machine is called). Per stream:
// HEAD_EVENT with `request`; then, with a body, DATA_EVENTs and END_EVENT; RESET_EVENT at any time; and from the caller
// sendHead, sendData, sendEnd, or reset.

const PREFACE = 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'
const HEAD = new RequestHead()
const NO_FIELDS = new HeaderMap()

/**
 * HTTP/2 for a server, without IO: requests in, responses out, many at once. It begins with SETTINGS in its output; see
 * the events for what comes after.
 */
export class H2ServerMachine extends H2Machine {
  /** Of the last HEAD event. With `hasBody`, its body is what the host gave, or the empty one. */
  request: HttpRequest | null = null
  /** Of extended CONNECT (RFC 8441): what it is for; null otherwise. */
  protocol: string | null = null
  /** Requests begun. */
  requests: number = 0
  private prefaceAt: number = 0

  /** @throws HyperError `INVALID_OPTION` */
  constructor(options: H2ServerOptions | H2Settings = {}, now: number = 0) {
    super(
      'listLimits' in options || 'isServer' in options ? (options as H2Settings) : serverH2Settings(options),
      now,
    )
    this.deadlines.set(IDLE_SLOT, now + this.settings.idleTimeout)
    this.begin()
  }

  // ------------------------------------------------------------------ reading

  protected isReady(): boolean {
    if (this.prefaceAt === PREFACE.length) return true
    this.prefaceAt = this.reader.skipPreface(PREFACE, this.prefaceAt)
    if (this.prefaceAt < 0) {
      this.fail(PROTOCOL_ERROR, 'not an HTTP/2 preface')
      this.prefaceAt = 0
    }
    return this.prefaceAt === PREFACE.length
  }

  protected takeBlock(id: number, endStream: boolean, fault: number): number {
    const stream = this.streams.get(id)
    if (stream !== undefined) {
      if (mayReceive(stream.state)) return this.takeTrailers(stream, endStream)
      this.streamError(stream, STREAM_CLOSED, 'HEADERS after END_STREAM')
      return NONE
    }
    if (!this.isPeers(id)) {
      this.fail(PROTOCOL_ERROR, `HEADERS on stream ${id}`)
      return NONE
    }
    if (id <= this.lastPeerId) {
      // Late HEADERS of a stream that we have reset are dropped; others come after the stream has ended.
      if (!this.recentResets.has(id)) this.fail(STREAM_CLOSED, `HEADERS on closed stream ${id}`)
      return NONE
    }
    this.lastPeerId = id
    if (this.isBeyondGoAway(id)) return NONE
    if (this.peerStreams >= this.settings.maxConcurrentStreams) this.refuse(id, REFUSED_STREAM)
    else if (fault !== 0) this.refuse(id, faultReason(fault))
    else if (this.decoder.overLimit) this.answerTooLarge(id, endStream)
    else if (!readRequest(HEAD, this.decoder, this.settings.connectProtocol)) this.refuse(id, PROTOCOL_ERROR)
    else if (endStream && HEAD.length > 0) this.refuse(id, PROTOCOL_ERROR)
    else return this.open(id, endStream)
    return NONE
  }

  private open(id: number, endStream: boolean): number {
    const stream = new Stream(id, this.streamWindow, this.peerWindow)
    stream.beganAt = this.now
    stream.receivedAt = this.now
    stream.sentAt = this.now
    if (this.settings.requestTimeout !== Infinity) stream.dueAt = this.now + this.settings.requestTimeout
    stream.gotHead = true
    stream.expected = HEAD.length
    stream.isHead = HEAD.method === 'HEAD'
    stream.isTunnel = HEAD.method === 'CONNECT'
    stream.move(OPENED)
    if (endStream) stream.move(RECEIVED_END)
    this.streams.add(stream)
    this.peerStreams++
    this.requests++
    if (this.goAwaySent < 0) this.deadlines.clear(IDLE_SLOT)
    this.watch()
    this.stream = stream
    this.protocol = HEAD.protocol
    this.hasBody = !endStream
    this.bodyLength = endStream ? 0 : HEAD.length === NO_LENGTH ? null : HEAD.length
    const headers = HeaderMap.fromParsed(HEAD.flat, null)
    if ((this.decoder.seen & SEEN_PRIORITY) !== 0) this.setPriority(stream, headers.get('priority') ?? '')
    const body = this.hasBody && this.host !== null ? this.host.makeBody(stream, this.bodyLength) : EMPTY_BODY
    this.request = HttpRequest.fromParsed(HEAD.method, HEAD.target, '2', headers, body)
    if (this.requests >= this.settings.maxRequests) this.shutdown()
    return HEAD_EVENT
  }

  // RFC 6585 §5: a list that is too long is answered, not reset.
  private answerTooLarge(id: number, endStream: boolean): void {
    const at = beginBlock(this)
    this.encoder.status(431)
    endBlock(this, at, id, true)
    if (!endStream) this.refuse(id, PROTOCOL_ERROR)
  }

  protected noteEnd(stream: Stream): void {
    if (stream.state === CLOSED) this.release(stream)
  }

  protected ended(): void {
    if (this.streams.size === 0 || this.isShutDown) {
      this.isShutDown = true
      return
    }
    this.end(
      new HyperError('INCOMPLETE_MESSAGE', 'the client has ended the connection', { by: 'peer' }),
      NO_ERROR,
      '',
    )
  }

  // ------------------------------------------------------------------ writing

  /**
   * An interim response.
   * @returns false when it was not sent: the final response has begun, or the stream is gone
   * @throws HyperError `INVALID_STATUS`
   */
  sendInformational(stream: Stream, status: number, headers: HeaderMap): boolean {
    if (!Number.isInteger(status) || status < 100 || status > 199 || status === 101) {
      throw userError('INVALID_STATUS', `${status} cannot be sent as an interim response`)
    }
    if (stream.sentHead || !maySend(stream.state)) return false
    const at = beginBlock(this)
    this.encoder.status(status)
    // RFC 9110 §8.6
    encodeFields(this, withoutLength(headers), false)
    endBlock(this, at, stream.id, false)
    return true
  }

  /**
   * The head of the final response. `length` is the body's in bytes, or negative when it is not known.
   * @returns true when a body is to follow (sendData, sendEnd); false when the message is complete
   * @throws HyperError `UNEXPECTED_HEADER`, `INVALID_STATUS`, `INVALID_STATE`; nothing is written then
   */
  sendHead(stream: Stream, status: number, headers: HeaderMap, length: number, tunnel: boolean): boolean {
    if (stream.sentHead || !maySend(stream.state))
      throw userError('INVALID_STATE', 'the stream takes no head')
    if (!isStatus(status) || status < 200)
      throw userError('INVALID_STATUS', `${status} is not a final response`)
    const opensTunnel = stream.isTunnel && status < 300
    // RFC 9110 §15.3.5, §15.3.6: no content.
    const isBare = status === 204 || status === 205
    const isBodyless = stream.isHead || isBare || status === 304
    const ends = !tunnel && (isBodyless || length === 0)
    // Nor a length where there is no content, or a tunnel (RFC 9110 §8.6); a body known to be empty overrides a wrong one.
    const dropsLength = isBare || opensTunnel || (length === 0 && !isBodyless)
    const announced = dropsLength ? NO_LENGTH : announcedLength(headers)
    if (!isBodyless) checkLength(announced, length)
    const at = beginBlock(this)
    this.encoder.status(status)
    encodeFields(this, dropsLength ? withoutLength(headers) : headers, false)
    if (length > 0 && announced === NO_LENGTH && !isBare && status !== 304 && !opensTunnel)
      this.encoder.field('content-length', String(length), false)
    if (this.settings.autoDateHeader && this.host !== null && !headers.has('date')) {
      this.encoder.field('date', this.host.httpDate(this.now), false)
    }
    endBlock(this, at, stream.id, ends)
    stream.sentHead = true
    if (!ends && !opensTunnel) stream.toSend = length > 0 ? length : announced
    // RFC 9110 §9.3.6: from here on it is a tunnel, which lasts as long as its ends like.
    if (stream.isTunnel && status < 300) stream.dueAt = 0
    if (!ends) return true
    stream.endQueued = true
    stream.move(SENT_END)
    this.sentEnd(stream)
    return false
  }

  /** @returns false when the caller should wait until the stream has drained */
  sendData(stream: Stream, chunk: Uint8Array): boolean {
    return sendData(this, stream, chunk)
  }

  /** A body that is there as a whole, and its end. Text has one byte per character. */
  sendWhole(stream: Stream, body: string | Uint8Array): void {
    sendWhole(this, stream, body)
  }

  /** @throws HyperError `BODY_WRITE_ABORTED`: the stream must be reset then */
  sendEnd(stream: Stream, trailers: HeaderMap | null): void {
    sendEnd(this, stream, trailers)
  }

  /** Gives a stream up; what it holds is dropped. @param reason an error code, CANCEL by default */
  reset(stream: Stream, reason: number = CANCEL): void {
    this.sendReset(stream, reason)
  }

  protected override emptied(): void {
    if (this.failure !== null) return
    // A graceful end that has begun has its own time.
    if (this.goAwaySent < 0) this.deadlines.set(IDLE_SLOT, this.now + this.settings.idleTimeout)
    armPing(this)
  }

  // ------------------------------------------------------------------ time

  // Slow bodies, and readers that take nothing (CVE-2019-9511, 9517).
  protected watchStreams(): void {
    const { sendTimeout } = this.settings
    for (const stream of this.streams.values()) {
      if (stream.dueAt > 0 && this.now >= stream.dueAt && maySend(stream.state)) this.runOut(stream)
      else if (stream.queued > 0 && this.now - stream.sentAt >= sendTimeout)
        this.timeOutStream(stream, 'SEND_TIMEOUT', 'write')
      else if (!mayReceive(stream.state)) continue
      else if (stream.isDropping) this.stopSlowly(stream)
      else if (stream.isHeld || stream.unconsumed > 0) {
        // The time in which we did not ask for more is not the client's.
        stream.beganAt += TICK
      } else if (!stream.sentHead && this.isSlow(stream)) {
        // Once the answer has begun, both sides may talk as they like: a conversation (gRPC) is no slow upload.
        this.timeOutStream(stream, 'BODY_TIMEOUT', 'body')
      }
    }
  }

  private isSlow(stream: Stream): boolean {
    const { bodyIdleTimeout, bodyMinRate, bodyMinRateGrace } = this.settings
    if (this.now - stream.receivedAt >= bodyIdleTimeout) return true
    const grown = this.now - stream.beganAt - bodyMinRateGrace
    return bodyMinRate > 0 && grown > 0 && stream.receivedBytes * 1000 < grown * bodyMinRate
  }

  // The exchange as a whole takes too long. Whoever is being waited for is to blame, and the status says so.
  private runOut(stream: Stream): void {
    const isOut = stream.sentHead
    const isHeld = stream.isHeld || stream.isDropping || stream.unconsumed > 0
    const isAwaited = isOut ? stream.queued > 0 : mayReceive(stream.state) && !isHeld
    const status = isOut ? 0 : isAwaited ? 408 : 503
    const error = new HyperError('TOTAL_TIMEOUT', null, {
      by: isAwaited ? 'peer' : 'user',
      phase: isOut ? 'write' : isAwaited ? 'body' : null,
      statusHint: status,
      elapsedMs: this.now - stream.dueAt + this.settings.requestTimeout,
    })
    if (isOut) this.sendReset(stream, CANCEL)
    else {
      this.sendHead(stream, status, NO_FIELDS, 0, false)
      // RFC 9113 §8.1: the rest of the request is not wanted.
      if (mayReceive(stream.state)) this.sendReset(stream, NO_ERROR)
    }
    this.resets.push({ stream, error })
  }

  private timeOutStream(
    stream: Stream,
    code: 'BODY_TIMEOUT' | 'SEND_TIMEOUT',
    phase: 'body' | 'write',
  ): void {
    const error = new HyperError(code, null, {
      by: 'peer',
      phase,
      statusHint: code === 'BODY_TIMEOUT' ? 408 : 0,
    })
    this.giveUp(stream, CANCEL, error)
  }
}

function withoutLength(headers: HeaderMap): HeaderMap {
  if (!headers.has('content-length')) return headers
  const rest = headers.clone()
  rest.delete('content-length')
  return rest
}
