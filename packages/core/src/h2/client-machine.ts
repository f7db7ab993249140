import { EMPTY_BODY } from '../body/empty.ts'
import { HyperError, userError } from '../error/index.ts'
import { HeaderMap } from '../http/header-map.ts'
import { HttpResponse } from '../http/response.ts'
import { armPing } from './control.ts'
import { HEAD_EVENT, INFORMATIONAL_EVENT, NONE } from './event.ts'
import { CANCEL, faultReason, NO_ERROR, PROTOCOL_ERROR, reasonName, STREAM_CLOSED } from './frame/index.ts'
import type { ListLimits } from './hpack/index.ts'
import { H2Machine } from './machine.ts'
import { readResponse, ResponseHead } from './message.ts'
import { clientH2Settings, type H2ClientOptions, type H2Settings } from './options.ts'
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
import { CLOSED, mayReceive, OPENED, RECEIVED_END, SENT_END } from './streams/state.ts'
import { NO_LENGTH, Stream } from './streams/stream.ts'

// H2ClientMachine: requests out, responses in, many at once (see h1/machine.ts for how a machine is called). The caller
// opens a stream with `open`, sends its body, and then gets INFORMATIONAL_EVENTs, HEAD_EVENT with `response`, with a
// body DATA_EVENTs and END_EVENT; or RESET_EVENT at any time. CAPACITY_EVENT says that more or fewer streams may be
// opened.

const PREFACE = 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'
const HEAD = new ResponseHead()
/** The last stream id there is; then the connection is used up (RFC 9113 §5.1.1). */
const MAX_ID = 2_147_483_647

/** What a request's pseudo-header fields say (RFC 9113 §8.3.1). */
export interface RequestLine {
  readonly method: string
  /** `http` or `https`; null for a plain CONNECT (RFC 9113 §8.5). */
  readonly scheme: string | null
  /** Host and port; null when the request has none. */
  readonly authority: string | null
  /** Path and query; null for a plain CONNECT. */
  readonly path: string | null
  /** Of extended CONNECT (RFC 8441 §4), or null. */
  readonly protocol: string | null
}

/**
 * HTTP/2 for a client, without IO: requests out, responses in, many at once. It begins with the preface and SETTINGS in
 * its output, and may open streams before the server has said anything (RFC 9113 §3.4).
 */
export class H2ClientMachine extends H2Machine {
  /** Of the last HEAD event. With `hasBody`, its body is what the host gave, or the empty one. */
  response: HttpResponse | null = null
  /** Of the last INFORMATIONAL event. */
  status: number = 0
  headers: HeaderMap | null = null
  /** Requests begun. */
  requests: number = 0
  /** A stream is gone since the caller has looked. */
  hasFreed: boolean = false
  /** Some request has had a limit of its own. */
  private hasHeadLimits: boolean = false

  /** @throws HyperError `INVALID_OPTION` */
  constructor(options: H2ClientOptions | H2Settings = {}, now: number = 0) {
    super('isServer' in options ? options : clientH2Settings(options), now)
    this.peerMaxStreams = this.settings.initialMaxSendStreams
    this.output.begin().latin1(PREFACE)
    this.begin()
  }

  // ------------------------------------------------------------------ writing

  /** How many streams may be opened now. */
  get capacity(): number {
    if (this.goAwayReceived >= 0 || this.isShutDown || this.failure !== null || this.eof) return 0
    return this.nextId > MAX_ID ? 0 : Math.max(0, this.peerMaxStreams - this.ownStreams)
  }

  /** True when no stream will ever be opened again. */
  get isUsedUp(): boolean {
    return (
      this.goAwayReceived >= 0 || this.isShutDown || this.failure !== null || this.eof || this.nextId > MAX_ID
    )
  }

  /**
   * Opens a stream with the head of a request. `length` is the body's in bytes, or negative when it is not known.
   * @throws HyperError `INVALID_STATE` when there is no capacity, `INVALID_TARGET`, `UNEXPECTED_HEADER`; nothing is written then
   */
  open(line: RequestLine, headers: HeaderMap, length: number, tunnel: boolean): Stream {
    if (this.capacity === 0) throw userError('INVALID_STATE', 'the connection takes no further stream now')
    if (line.protocol !== null && !this.peerConnectProtocol) {
      throw userError('INVALID_STATE', 'the server does not speak extended CONNECT (RFC 8441)')
    }
    // RFC 9110 §9.3.6: CONNECT has no content.
    if (tunnel && (headers.get('content-length') ?? '0') !== '0') {
      throw userError('UNEXPECTED_HEADER', 'CONNECT has no content, and no length')
    }
    const announced = tunnel ? NO_LENGTH : announcedLength(headers)
    checkLength(announced, length)
    const stream = new Stream(this.nextId, this.streamWindow, this.peerWindow)
    const ends = length === 0 && !tunnel
    this.encodeHead(line, headers, length, stream.id, ends)
    this.nextId += 2
    this.ownStreams++
    this.requests++
    stream.isHead = line.method === 'HEAD'
    stream.isTunnel = tunnel
    stream.sentHead = true
    if (!ends && !tunnel) stream.toSend = length > 0 ? length : announced
    stream.beganAt = this.now
    stream.sentAt = this.now
    stream.receivedAt = this.now
    stream.move(OPENED)
    this.streams.add(stream)
    if (ends) {
      stream.endQueued = true
      stream.move(SENT_END)
    }
    this.watch()
    armPing(this)
    // RFC 9113 §5.1.1: there is no further id, and nothing to keep the connection for.
    if (this.nextId > MAX_ID) this.shutdown()
    return stream
  }

  private encodeHead(line: RequestLine, headers: HeaderMap, length: number, id: number, ends: boolean): void {
    const at = beginBlock(this)
    const { encoder } = this
    encoder.field(':method', line.method, false)
    if (line.protocol !== null) encoder.field(':protocol', line.protocol, false)
    if (line.scheme !== null) encoder.field(':scheme', line.scheme, false)
    if (line.authority !== null) encoder.field(':authority', line.authority, false)
    if (line.path !== null) encoder.field(':path', line.path, false)
    encodeFields(this, headers, true)
    // RFC 9110 §8.6, and row 176: what is known is said, and 0 where the method has content by its nature.
    const says = length > 0 || (length === 0 && hasContent(line.method))
    if (says && line.method !== 'CONNECT' && !headers.has('content-length')) {
      encoder.field('content-length', String(length), false)
    }
    endBlock(this, at, id, ends)
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

  /** The response head of one stream may be so large, as RFC 9113 §6.5.2 counts, instead of `maxHeaderListSize`. */
  limitHead(stream: Stream, maxListSize: number): void {
    stream.headLimits = { maxListSize, maxFields: this.settings.maxHeaders }
    this.hasHeadLimits = true
  }

  override release(stream: Stream): void {
    super.release(stream)
    this.hasFreed = true
  }

  protected override emptied(): void {
    armPing(this)
  }

  // ------------------------------------------------------------------ reading

  protected isReady(): boolean {
    return true
  }

  protected takeBlock(id: number, endStream: boolean, fault: number): number {
    const stream = this.streams.get(id)
    if (stream === undefined) return this.blockForNobody(id)
    if (!mayReceive(stream.state)) {
      this.streamError(stream, STREAM_CLOSED, 'HEADERS after END_STREAM')
      return NONE
    }
    this.stream = stream
    if (fault !== 0) this.streamError(stream, faultReason(fault), 'malformed HEADERS')
    else if (stream.gotHead) return this.takeTrailers(stream, endStream)
    else if (this.isTooLarge(stream)) this.headTooLarge(stream)
    else if (!readResponse(HEAD, this.decoder))
      this.streamError(stream, PROTOCOL_ERROR, 'a malformed response')
    else if (HEAD.status < 200) return this.takeInterim(stream, endStream)
    else return this.takeResponse(stream, endStream)
    return NONE
  }

  protected override limitsOf(id: number): ListLimits {
    const { listLimits } = this
    if (!this.hasHeadLimits) return listLimits
    const stream = this.streams.get(id)
    const own = stream === undefined || stream.gotHead ? null : stream.headLimits
    // A lower one is held to by `isTooLarge`: the decoder's ends the connection when it is passed by far.
    return own !== null && own.maxListSize > listLimits.maxListSize ? own : listLimits
  }

  private isTooLarge(stream: Stream): boolean {
    const { headLimits } = stream
    const { overLimit, listSize } = this.decoder
    return overLimit || (headLimits !== null && listSize > headLimits.maxListSize)
  }

  // A limit of one request was never announced: to go beyond it is no mistake.
  private headTooLarge(stream: Stream): void {
    const { maxListSize, maxFields } = this.listLimits
    const isMistake = this.decoder.listSize > maxListSize || this.decoder.fieldCount > maxFields
    this.tooLarge(stream, 'HEAD_TOO_LARGE', 'headers', isMistake ? PROTOCOL_ERROR : CANCEL)
  }

  // RFC 9113 §5.1.1: a server opens no streams without push.
  private blockForNobody(id: number): number {
    if (this.isPeers(id) || id >= this.nextId) this.fail(PROTOCOL_ERROR, `HEADERS on idle stream ${id}`)
    else if (!this.recentResets.has(id)) this.fail(STREAM_CLOSED, `HEADERS on closed stream ${id}`)
    return NONE
  }

  private takeInterim(stream: Stream, endStream: boolean): number {
    if (endStream) {
      this.streamError(stream, PROTOCOL_ERROR, 'an interim response that ends the stream')
      return NONE
    }
    if (++stream.informational > this.settings.maxInformational) {
      const reason = reasonName(CANCEL)
      const error = new HyperError('TOO_MANY_INFORMATIONAL', null, { by: 'peer', phase: 'headers', reason })
      if (this.giveUp(stream, CANCEL, error)) this.countLocalReset()
      return NONE
    }
    this.status = HEAD.status
    this.headers = HeaderMap.fromParsed(HEAD.flat, null)
    return INFORMATIONAL_EVENT
  }

  private takeResponse(stream: Stream, endStream: boolean): number {
    const { status, length } = HEAD
    const bodyless = stream.isHead || status === 204 || status === 304
    // RFC 9113 §8.1.1: content-length of a response without content says nothing about DATA.
    stream.expected = bodyless ? 0 : length
    if (endStream && !bodyless && length > 0) {
      this.streamError(stream, PROTOCOL_ERROR, 'Content-Length without content')
      return NONE
    }
    stream.gotHead = true
    if (status >= 300) stream.isTunnel = false
    else if (stream.isTunnel) stream.expected = NO_LENGTH
    if (endStream) stream.move(RECEIVED_END)
    this.hasBody = !endStream
    this.bodyLength = endStream ? 0 : stream.expected === NO_LENGTH ? null : stream.expected
    const body = this.hasBody && this.host !== null ? this.host.makeBody(stream, this.bodyLength) : EMPTY_BODY
    this.response = HttpResponse.fromParsed(status, null, '2', HeaderMap.fromParsed(HEAD.flat, null), body)
    if (endStream) this.noteEnd(stream)
    return HEAD_EVENT
  }

  protected noteEnd(stream: Stream): void {
    if (stream.state === CLOSED) this.release(stream)
  }

  override get isFinished(): boolean {
    return this.streams.size === 0 && (this.isShutDown || this.goAwayReceived >= 0)
  }

  protected ended(): void {
    if (this.streams.size === 0) {
      this.isShutDown = true
      return
    }
    const name = this.goAwayReceived >= 0 ? reasonName(this.goAwayReason) : null
    const error = new HyperError('INCOMPLETE_MESSAGE', 'the server has ended the connection', {
      by: 'peer',
      reason: name,
    })
    this.end(error, NO_ERROR, '')
  }

  // ------------------------------------------------------------------ time

  protected watchStreams(): void {
    const { bodyIdleTimeout, sendTimeout } = this.settings
    for (const stream of this.streams.values()) {
      const silent = this.now - stream.receivedAt
      if (stream.isDropping) this.stopSlowly(stream)
      if (!stream.gotHead && stream.state !== CLOSED && this.hasSent(stream)) {
        const limit = stream.headersTimeout ?? this.settings.headersTimeout
        if (this.now - stream.sentAt >= limit) this.timeOutStream(stream, 'HEADERS_TIMEOUT', 'headers')
      } else if (
        stream.gotHead &&
        !stream.isTunnel && // which may be silent for as long as its ends like
        mayReceive(stream.state) &&
        stream.unconsumed === 0 &&
        silent >= (stream.bodyIdleTimeout ?? bodyIdleTimeout)
      ) {
        this.timeOutStream(stream, 'BODY_TIMEOUT', 'body')
      } else if (stream.queued > 0 && this.now - stream.sentAt >= sendTimeout) {
        this.timeOutStream(stream, 'SEND_TIMEOUT', 'write')
      }
    }
  }

  private hasSent(stream: Stream): boolean {
    return stream.endQueued && stream.queued === 0
  }

  private timeOutStream(
    stream: Stream,
    code: 'HEADERS_TIMEOUT' | 'BODY_TIMEOUT' | 'SEND_TIMEOUT',
    phase: 'headers' | 'body' | 'write',
  ): void {
    const since = phase === 'body' ? stream.receivedAt : stream.sentAt
    const error = new HyperError(code, null, { by: 'peer', phase, elapsedMs: this.now - since })
    this.giveUp(stream, CANCEL, error)
  }
}

function hasContent(method: string): boolean {
  return method === 'POST' || method === 'PUT' || method === 'PATCH'
}
