import { ByteWriter } from '../bytes/byte-writer.ts'
import { HyperError } from '../error/index.ts'
import { HeaderMap } from '../http/header-map.ts'
import {
  armPing,
  idleDue,
  pingDue,
  sendSettings,
  takeGoAway,
  takePing,
  takeSettings,
  beginShutdown,
} from './control.ts'
import {
  BLOCK_SLOT,
  H2Core,
  IDLE_SLOT,
  LINGER_SLOT,
  PING_SLOT,
  SEND_SLOT,
  SETTINGS_SLOT,
  STREAMS_SLOT,
} from './core.ts'
import { CLOSED_EVENT, END_EVENT, FAILED, NEED_DATA, NONE, RESET_EVENT } from './event.ts'
import {
  ACK,
  COMPRESSION_ERROR,
  CONTINUATION,
  DATA,
  END_HEADERS,
  END_STREAM,
  ENHANCE_YOUR_CALM,
  faultReason,
  FRAME,
  FrameReader,
  GOAWAY,
  HEADERS,
  HeadersFields,
  isStreamFault,
  NEED_MORE,
  NO_ERROR,
  parsePriority,
  parsePriorityUpdate,
  PING,
  PRIORITY,
  PRIORITY_UPDATE,
  PriorityFields,
  PriorityUpdateFields,
  parseHeaders,
  PROTOCOL_ERROR,
  PUSH_PROMISE,
  reasonName,
  RST_STREAM,
  SETTINGS,
  SETTINGS_TIMEOUT,
  WINDOW_UPDATE,
  type Frame,
} from './frame/index.ts'
import { hpackFaultText, HPACK_LIST_TOO_LARGE, type ListLimits } from './hpack/index.ts'
import { areTrailers } from './message.ts'
import type { H2Settings } from './options.ts'
import { parsePriority as parseSignal } from './priority.ts'
import { isIdle, takeData, takeReset, takeWindowUpdate, type StreamEvents } from './streams/receive.ts'
import { writeStreams } from './streams/send.ts'
import { RECEIVED_END } from './streams/state.ts'
import { NO_LENGTH, type Stream } from './streams/stream.ts'

// H2Machine: HTTP/2 without IO, what both roles share. It is called like the HTTP/1 machine (h1/machine.ts): bytes and
// the time come in, events and output come out. This room takes frames apart into the rooms that know their rules.

const EMPTY = new Uint8Array(0)
const HEADERS_FIELDS = new HeadersFields()
const PRIORITY_FIELDS = new PriorityFields()
const UPDATE_FIELDS = new PriorityUpdateFields()
/** How often the streams' clocks are looked at. */
export const TICK = 1_000

export abstract class H2Machine extends H2Core implements StreamEvents {
  /** Of the last event. */
  stream: Stream | null = null
  data: Uint8Array = EMPTY
  trailers: HeaderMap | null = null
  error: HyperError | null = null
  hasBody: boolean = false
  /** Its length in bytes, or null when that is not known. */
  bodyLength: number | null = null
  endPending: Stream | null = null
  gaveData: boolean = false
  /** The linger time after a GOAWAY is over. */
  lingered: boolean = false
  readonly state: { readonly reasons: readonly string[] }
  protected readonly reader: FrameReader
  protected eof: boolean = false
  /** A field block that is not complete (RFC 9113 §4.3): nothing else may come before its end. */
  private readonly block: ByteWriter = new ByteWriter()
  private blockStream: number = 0
  private blockFlags: number = 0
  private blockFault: number = 0
  private continuations: number = 0

  constructor(settings: H2Settings, now: number) {
    super(settings)
    this.now = now
    this.state = { reasons: this.reasons }
    this.reader = new FrameReader(settings.maxFrameSize)
  }

  /** Sends our SETTINGS; the first thing to do. */
  protected begin(): void {
    sendSettings(this)
    armPing(this)
  }

  // ------------------------------------------------------------------ input

  receive(bytes: Uint8Array, now: number): void {
    this.now = now
    this.heardAt = now
    this.gaveData = false
    // Nothing will be read any more.
    if (this.failure !== null) return
    if (this.reader.pending === 0) this.reader.receive(bytes)
    else this.reader.receive(this.joined(bytes))
  }

  private joined(bytes: Uint8Array): Uint8Array {
    const rest = this.reader.takeRest()
    const both = new Uint8Array(rest.length + bytes.length)
    both.set(rest)
    both.set(bytes, rest.length)
    return both
  }

  receiveEnd(now: number): void {
    this.now = now
    this.eof = true
  }

  get isHolding(): boolean {
    return this.reader.pending > 0
  }

  get isEof(): boolean {
    return this.eof
  }

  releaseInput(): void {
    this.data = EMPTY
  }

  takeLeftover(): Uint8Array {
    return EMPTY
  }

  touch(now: number): void {
    this.now = now
  }

  /** What happened next; the values are on the machine. */
  nextEvent(): number {
    for (;;) {
      // What has happened to streams is told before the end of the connection: they are not among its streams any more.
      if (this.endPending !== null) return this.tellEnd(this.endPending)
      if (this.resets.length > 0) {
        const { stream, error } = this.resets.shift()!
        this.stream = stream
        this.error = error
        return RESET_EVENT
      }
      if (this.failure !== null) return this.tellFailure(this.failure)
      if (this.isFinished) return CLOSED_EVENT
      const result = this.isReady() ? this.reader.next() : NEED_MORE
      if (result === NEED_MORE) {
        if (this.failure !== null) continue
        if (!this.eof) return NEED_DATA
        this.ended()
        if (this.failure === null) return CLOSED_EVENT
        continue
      }
      const event = result === FRAME ? this.takeFrame(this.reader.frame) : this.takeFault(result)
      if (event !== NONE && this.failure === null) return event
    }
  }

  private tellFailure(error: HyperError): number {
    if (this.failureTold) return CLOSED_EVENT
    this.failureTold = true
    this.error = error
    return FAILED
  }

  private tellEnd(stream: Stream): number {
    this.endPending = null
    this.stream = stream
    this.trailers = null
    this.noteEnd(stream)
    return END_EVENT
  }

  /** Whether the connection has nothing more to do. */
  get isFinished(): boolean {
    return this.isShutDown && this.streams.size === 0
  }

  /** The role's preface is complete (RFC 9113 §3.4). */
  protected abstract isReady(): boolean
  /** A complete field block was decoded. @returns an event or NONE */
  protected abstract takeBlock(id: number, endStream: boolean, fault: number): number
  /** The message on a stream is complete. */
  protected abstract noteEnd(stream: Stream): void
  /** The peer has ended its half. */
  protected abstract ended(): void

  // ------------------------------------------------------------------ frames

  private takeFrame(frame: Frame): number {
    if (this.blockStream !== 0 && (frame.kind !== CONTINUATION || frame.stream !== this.blockStream)) {
      this.fail(PROTOCOL_ERROR, 'a frame inside of a field block')
      return NONE
    }
    if (!this.gotSettings && (frame.kind !== SETTINGS || frame.has(ACK))) {
      this.fail(PROTOCOL_ERROR, 'the first frame is not SETTINGS')
      return NONE
    }
    switch (frame.kind) {
      case DATA: {
        const event = takeData(this, frame)
        if (event === END_EVENT) {
          this.trailers = null
          this.noteEnd(this.stream!)
        }
        return event
      }
      case HEADERS:
        return this.takeHeaders(frame)
      case CONTINUATION:
        return this.takeContinuation(frame)
      case RST_STREAM:
        return takeReset(this, frame)
      case WINDOW_UPDATE:
        return takeWindowUpdate(this, frame)
      case SETTINGS:
        return takeSettings(this, frame)
      case PING:
        return takePing(this, frame)
      case GOAWAY:
        return takeGoAway(this, frame)
      case PUSH_PROMISE:
        // We never allow it (RFC 9113 §8.4).
        this.fail(PROTOCOL_ERROR, 'PUSH_PROMISE')
        return NONE
      default:
        return this.takeSignal(frame)
    }
  }

  // PRIORITY says nothing any more (RFC 9113 §5.3.2); PRIORITY_UPDATE does (RFC 9218 §7.1); the rest is ignored.
  private takeSignal(frame: Frame): number {
    if (!this.abuse.takeControl(this.now)) this.fail(ENHANCE_YOUR_CALM, 'too_many_control_frames')
    else if (frame.kind === PRIORITY) {
      const fault = parsePriority(frame, PRIORITY_FIELDS)
      if (fault !== 0) this.faultOn(frame.stream, faultReason(fault), 'a stream that depends on itself')
    } else if (frame.kind === PRIORITY_UPDATE) {
      const fault = parsePriorityUpdate(frame, UPDATE_FIELDS)
      if (fault !== 0) this.fail(faultReason(fault), 'PRIORITY_UPDATE of the connection')
      else {
        const value = this.settings.text.latin1(frame.bytes, UPDATE_FIELDS.start, UPDATE_FIELDS.end)
        this.setPriority(this.streams.get(UPDATE_FIELDS.target), value)
      }
    }
    return NONE
  }

  /** A priority signal for a stream that may be there. */
  protected setPriority(stream: Stream | undefined, value: string): void {
    if (stream === undefined) return
    const { urgency, incremental } = parseSignal(value)
    this.schedule.reprioritize(stream, urgency, incremental)
  }

  // A fault of the frame reader.
  private takeFault(fault: number): number {
    const { frame } = this.reader
    if (!isStreamFault(fault)) this.fail(faultReason(fault), 'malformed frame')
    else this.faultOn(frame.stream, faultReason(fault), 'malformed frame')
    return NONE
  }

  private faultOn(id: number, reason: number, detail: string): void {
    const stream = this.streams.get(id)
    if (stream !== undefined) this.streamError(stream, reason, detail)
    // RFC 9113 §6.4: a stream that has not begun cannot be reset.
    else if (isIdle(this, id)) this.fail(reason, detail)
    else this.refuse(id, reason)
  }

  // ------------------------------------------------------------------ field blocks

  private takeHeaders(frame: Frame): number {
    const fault = parseHeaders(frame, HEADERS_FIELDS)
    if (fault !== 0 && !isStreamFault(fault)) {
      this.fail(faultReason(fault), 'malformed HEADERS')
      return NONE
    }
    const endStream = frame.has(END_STREAM)
    if (frame.has(END_HEADERS)) {
      return this.decodeBlock(
        frame.bytes,
        HEADERS_FIELDS.start,
        HEADERS_FIELDS.end,
        frame.stream,
        endStream,
        fault,
      )
    }
    this.blockStream = frame.stream
    this.blockFlags = frame.flags
    this.blockFault = fault
    this.continuations = 0
    this.block.copy(frame.bytes, HEADERS_FIELDS.start, HEADERS_FIELDS.end)
    this.deadlines.set(BLOCK_SLOT, this.now + this.settings.headerBlockTimeout)
    return NONE
  }

  // CONTINUATION floods (RUSTSEC-2024-0332): the frames a block may have are counted, and so are its bytes.
  private takeContinuation(frame: Frame): number {
    const id = this.blockStream
    if (id === 0) {
      this.fail(PROTOCOL_ERROR, 'CONTINUATION without HEADERS')
      return NONE
    }
    const { maxFrameSize } = this.settings
    const { maxListSize } = this.limitsOf(id)
    const most = Math.max(5, Math.ceil((1.25 * maxListSize) / maxFrameSize))
    const size = this.block.length + frame.end - frame.start
    if (++this.continuations > most || size > maxListSize * 1.25 + maxFrameSize) {
      this.fail(ENHANCE_YOUR_CALM, 'too_many_continuations')
      return NONE
    }
    this.block.copy(frame.bytes, frame.start, frame.end)
    if (!frame.has(END_HEADERS)) return NONE
    this.blockStream = 0
    this.deadlines.clear(BLOCK_SLOT)
    const bytes = this.block.take()
    return this.decodeBlock(bytes, 0, bytes.length, id, (this.blockFlags & END_STREAM) !== 0, this.blockFault)
  }

  private decodeBlock(
    bytes: Uint8Array,
    start: number,
    end: number,
    id: number,
    endStream: boolean,
    fault: number,
  ): number {
    const result = this.decoder.decode(bytes, start, end, this.limitsOf(id))
    if (result === HPACK_LIST_TOO_LARGE) this.fail(ENHANCE_YOUR_CALM, 'header_list_way_too_large')
    else if (result !== 0) this.fail(COMPRESSION_ERROR, hpackFaultText(result))
    else return this.takeBlock(id, endStream, fault)
    return NONE
  }

  /** What the next field list on a stream may be. */
  protected limitsOf(_id: number): ListLimits {
    return this.listLimits
  }

  /** A block behind the head: trailers, and the end of the message (RFC 9113 §8.1). */
  protected takeTrailers(stream: Stream, endStream: boolean): number {
    const { overLimit, flat } = this.decoder
    this.stream = stream
    if (overLimit) {
      this.tooLarge(stream, 'TRAILERS_TOO_LARGE', 'body', PROTOCOL_ERROR)
      return NONE
    }
    const isShort = stream.expected !== NO_LENGTH && stream.expected > 0
    if (!endStream || isShort || !areTrailers(this.decoder)) {
      this.streamError(stream, PROTOCOL_ERROR, 'malformed trailers')
      return NONE
    }
    stream.move(RECEIVED_END)
    this.trailers = flat.length === 0 ? null : HeaderMap.fromParsed(flat, null)
    this.noteEnd(stream)
    return END_EVENT
  }

  /** A field list is over its limit. The reset counts as the peer's mistake where the limit was announced. */
  protected tooLarge(
    stream: Stream,
    code: 'HEAD_TOO_LARGE' | 'TRAILERS_TOO_LARGE',
    phase: 'headers' | 'body',
    reason: number,
  ): void {
    const name = reasonName(reason)
    const error = new HyperError(code, null, { by: 'peer', phase, statusHint: 431, reason: name })
    if (this.giveUp(stream, reason, error) && reason === PROTOCOL_ERROR) this.countLocalReset()
  }

  // ------------------------------------------------------------------ output

  /** Writes what streams hold, as far as it may go. @returns true when there is more that could be written */
  writeStreams(): boolean {
    return writeStreams(this)
  }

  /** The transport holds bytes that the peer does not take (true), or has taken them all (false). */
  setSending(stalled: boolean, now: number): void {
    if (stalled) this.deadlines.set(SEND_SLOT, now + this.settings.sendTimeout)
    else this.deadlines.clear(SEND_SLOT)
  }

  setLinger(now: number, ms: number): void {
    this.deadlines.clearAll()
    this.deadlines.set(LINGER_SLOT, now + ms)
  }

  /**
   * Ends the connection once the streams that are open are done.
   * @param grace milliseconds for which a server without open streams waits until its client has heard of it, so that
   *   requests which are on their way are taken. Default 0.
   */
  shutdown(grace: number = 0): void {
    beginShutdown(this, grace)
  }

  // ------------------------------------------------------------------ time

  get nextDeadline(): number {
    return this.deadlines.next
  }

  handleDeadline(now: number): void {
    this.now = now
    const { deadlines } = this
    if (deadlines.isDue(LINGER_SLOT, now)) {
      deadlines.clear(LINGER_SLOT)
      this.lingered = true
    }
    if (deadlines.isDue(BLOCK_SLOT, now))
      this.timeOut('HEADERS_TIMEOUT', PROTOCOL_ERROR, 'a field block that does not end')
    else if (deadlines.isDue(SETTINGS_SLOT, now))
      this.timeOut('SETTINGS_TIMEOUT', SETTINGS_TIMEOUT, 'SETTINGS not acknowledged')
    else if (deadlines.isDue(SEND_SLOT, now)) this.timeOut('SEND_TIMEOUT', NO_ERROR, 'nothing is read')
    else if (deadlines.isDue(IDLE_SLOT, now)) {
      deadlines.clear(IDLE_SLOT)
      idleDue(this)
    } else if (deadlines.isDue(PING_SLOT, now)) pingDue(this)
    if (deadlines.isDue(STREAMS_SLOT, now)) {
      this.watchStreams()
      deadlines.set(STREAMS_SLOT, this.streams.size > 0 ? now + TICK : Infinity)
    }
  }

  private timeOut(
    code: 'HEADERS_TIMEOUT' | 'SETTINGS_TIMEOUT' | 'SEND_TIMEOUT',
    reason: number,
    detail: string,
  ): void {
    const phase = code === 'SEND_TIMEOUT' ? 'write' : null
    this.end(new HyperError(code, null, { by: 'peer', phase }), reason, detail)
  }

  /** A stream has begun whose progress must be watched. */
  protected watch(): void {
    if (this.deadlines.isOff(STREAMS_SLOT)) this.deadlines.set(STREAMS_SLOT, this.now + TICK)
  }

  /** Looks at the clocks of all streams. */
  protected abstract watchStreams(): void

  /** The transport is gone, or the driver gives the connection up. */
  close(): void {
    this.deadlines.clearAll()
    this.isShutDown = true
    this.block.take()
  }
}
