import type { Body } from '../body/body.ts'
import type { HyperError } from '../error/index.ts'
import { HeaderMap } from '../http/header-map.ts'
import { Deadlines } from './deadlines.ts'
import { bodyError, BodyReading } from './decode/body-reading.ts'
import { DATA_EVENT, END_EVENT, FAILED, NEED_DATA, SWITCHED_EVENT, type EventKind } from './event.ts'
import { DONE as PARSED, faultError, NEED_MORE } from './fault.ts'
import type { Settings } from './options.ts'
import { Output } from './output.ts'
import { HeadReader } from './parse/head-reader.ts'
import { BODY, CLOSE, CLOSED, ConnectionState, DONE, END, HEAD, SWITCHED } from './state.ts'
import { BodyWriting } from './encode/body-writing.ts'
import { BODY_UNTIL_CLOSE } from './encode/plan.ts'

// Machine: HTTP/1 without IO, what both roles share. Bytes and the time come in, events and output come out:
//
//   receive(bytes, now) · receiveEnd(now)      then nextEvent() until NEED_DATA, PAUSED or CLOSED_EVENT
//   send…()                                    at any time the state allows, also between two events
//   output.drain(write)                        after each of these
//   nextDeadline · handleDeadline(now)         then nextEvent() again
//
// Synchronous; no promise, no timer, no clock. `receive` is not re-entrant, `send…` is. Bytes that were received are
// kept by reference until they are used up (`isHolding`). This room only wires the others; it decides nothing itself.

const EMPTY = new Uint8Array(0)

/** What a machine may ask of who runs it. */
export interface MachineHost {
  /** The stream for the body of a message whose head has come. `length` is null when it is not known. */
  makeBody(length: number | null): Body
  /** The text for a `date` field, at a monotonic time. */
  httpDate(now: number): string
}

/** What the machines of both roles share. */
export abstract class Machine {
  /** The options, with every default filled in. */
  readonly settings: Settings
  /** Where both halves are, and what speaks against reuse. */
  readonly state: ConnectionState
  /** What there is to write: `take()` it piece by piece, or `writeTo` an Io. */
  readonly output: Output
  /** Of a DATA event. */
  data: Uint8Array = EMPTY
  /** Of an END event. */
  trailers: HeaderMap | null = null
  /** Of a FAILED event. */
  error: HyperError | null = null
  /** Whether a body follows the last head. */
  hasBody: boolean = false
  /** Its length in bytes, or null when that is not known. */
  bodyLength: number | null = null
  /** True once received bytes were handed out, so that the memory given to `receive` is no longer the caller's. */
  gaveData: boolean = false
  /** Who runs the machine; null when the caller reads the events itself: messages get no streams, heads no date. */
  host: MachineHost | null = null
  protected readonly deadlines: Deadlines = new Deadlines()
  /** Made with the first body. */
  protected reading: BodyReading | null = null
  protected readonly writing: BodyWriting
  protected reader: HeadReader | null = null
  protected input: Uint8Array = EMPTY
  protected pos: number = 0
  protected now: number = 0
  protected eof: boolean = false
  private pending: HyperError | null = null

  constructor(settings: Settings) {
    this.settings = settings
    this.state = new ConnectionState()
    this.output = new Output(settings.text)
    this.writing = new BodyWriting(this.output, settings)
  }

  /** Bytes have arrived. Call `nextEvent` until it wants more. */
  receive(bytes: Uint8Array, now: number): void {
    this.now = now
    this.input = this.pos === this.input.length ? bytes : joined(this.input.subarray(this.pos), bytes)
    this.pos = 0
    this.gaveData = false
  }

  /** The peer has ended its half. */
  receiveEnd(now: number): void {
    this.now = now
    this.eof = true
  }

  /** The present message ends with the connection: cut short, it would look complete. */
  get endsByClosing(): boolean {
    return this.state.write === BODY && this.writing.mode === BODY_UNTIL_CLOSE
  }

  /** Lets go of what was received once it is used up: an idle connection holds no chunk. */
  releaseInput(): void {
    if (this.pos < this.input.length) return
    this.input = EMPTY
    this.pos = 0
    this.data = EMPTY
  }

  /** Tells the time, before a call that sets a clock going. */
  touch(now: number): void {
    this.now = now
  }

  /** True while received bytes are not used up. */
  get isHolding(): boolean {
    return this.pos < this.input.length
  }

  /** The received bytes that are not used up. */
  get held(): Uint8Array {
    return this.input.subarray(this.pos)
  }

  /** What has come behind the present message; nothing until that is complete. */
  get behind(): Uint8Array {
    return this.state.read === BODY ? EMPTY : this.held
  }

  /** What happened next; the values are on the machine. */
  nextEvent(): EventKind {
    if (this.pending !== null) return this.takeFailure(this.pending)
    switch (this.state.read) {
      case HEAD:
        return this.readHead()
      case BODY:
        return this.readBody()
      case DONE:
        return this.betweenMessages()
      case SWITCHED:
        return SWITCHED_EVENT
      case CLOSED:
        this.pos = this.input.length
        return this.afterReading()
    }
  }

  /** The bytes after a switch of protocols. */
  takeLeftover(): Uint8Array {
    const rest = this.input.subarray(this.pos)
    this.input = EMPTY
    this.pos = 0
    if (rest.length > 0) this.gaveData = true
    return rest
  }

  /** When `handleDeadline` wants to be called; Infinity when there is nothing to wait for. */
  get nextDeadline(): number {
    return this.deadlines.next
  }

  /** Lets time pass; what has run out becomes an event. */
  abstract handleDeadline(now: number): void

  /** Nothing follows: the transport is gone, or the driver gives the connection up. */
  close(): void {
    this.dropReader()
    this.deadlines.clearAll()
    if (this.state.read !== SWITCHED) this.state.moveRead(CLOSE)
    if (this.state.write !== SWITCHED) this.state.moveWrite(CLOSE)
  }

  /** The role's part of a complete head. @returns the event, or a fault */
  protected abstract takeHead(reader: HeadReader): number
  /** Takes a reader for the next head, or says what stands in its place. */
  protected abstract beginHead(): EventKind | null
  /** EOF where a head may begin or has begun. */
  protected abstract endInHead(): EventKind
  /** What follows while this side is done and the other is not. */
  protected abstract betweenMessages(): EventKind
  /** What follows once this side is closed, whatever came in. */
  protected abstract afterReading(): EventKind
  /** A failure of the peer: what the role has to say to it. */
  protected abstract answerFailure(error: HyperError): void

  /** Time has run out: the next event is a failure. */
  get hasFailed(): boolean {
    return this.pending !== null
  }

  /** Makes `error` the next event. */
  protected failLater(error: HyperError): void {
    this.pending = error
  }

  private takeFailure(error: HyperError): EventKind {
    this.pending = null
    return this.fail(error)
  }

  protected fail(error: HyperError): EventKind {
    this.error = error
    this.dropReader()
    this.pos = this.input.length
    this.deadlines.clearAll()
    this.state.addReason(error.isTimeout() ? 'timeout' : 'peer-error')
    this.state.moveRead(CLOSE)
    this.answerFailure(error)
    return FAILED
  }

  private readHead(): EventKind {
    let reader = this.reader
    if (reader === null) {
      if (this.pos === this.input.length) return this.eof ? this.endInHead() : NEED_DATA
      const instead = this.beginHead()
      if (instead !== null) return instead
      reader = this.reader!
    }
    if (this.pos === this.input.length) return this.eof ? this.endInHead() : NEED_DATA
    const result = reader.feed(this.input, this.pos)
    this.pos = reader.used
    if (result === NEED_MORE) return this.eof ? this.endInHead() : NEED_DATA
    if (result < 0) return this.fail(faultError(result, 'headers'))
    const event = this.takeHead(reader)
    this.dropReader()
    return event < 0 ? this.fail(faultError(event, 'headers')) : (event as EventKind)
  }

  private readBody(): EventKind {
    const reading = this.reading!
    if (reading.inTrailers) return this.readTrailers(reading)
    const result = reading.read(this.input, this.pos, this.eof)
    this.pos = reading.pos
    switch (result) {
      case DATA_EVENT:
        this.data = reading.data
        this.gaveData = true
        this.progress(reading.data.length)
        return DATA_EVENT
      case END_EVENT:
        return this.endBody(null)
      case NEED_DATA:
        return reading.inTrailers ? this.readTrailers(reading) : NEED_DATA
      default:
        return this.failBody(result)
    }
  }

  private readTrailers(reading: BodyReading): EventKind {
    const reader = (this.reader ??= reading.trailerReader())
    if (this.pos === this.input.length) return this.eof ? this.failBody(reading.incomplete) : NEED_DATA
    const result = reader.feed(this.input, this.pos)
    this.pos = reader.used
    if (result === NEED_MORE) return this.eof ? this.failBody(reading.incomplete) : NEED_DATA
    if (result !== PARSED) return this.failBody(reading.trailerFault(result))
    const { parser } = reader
    let trailers: HeaderMap | null = null
    if (parser.fields > 0) {
      const text = reader.text(this.settings.text)
      trailers = HeaderMap.fromParsed(
        parser.takeFields(text),
        this.settings.preserveHeaderCase ? parser.takeCases(text) : null,
      )
    }
    this.dropReader()
    return this.endBody(trailers)
  }

  private endBody(trailers: HeaderMap | null): EventKind {
    this.trailers = trailers
    this.state.moveRead(END)
    this.bodyEnded()
    return END_EVENT
  }

  private failBody(result: number): EventKind {
    return this.fail(bodyError(result))
  }

  /** Body bytes have arrived. */
  protected abstract progress(bytes: number): void
  /** The body is complete, and the state has moved. */
  protected abstract bodyEnded(): void

  protected dropReader(): void {
    if (this.reader !== null) {
      this.reader.release()
      this.reader = null
    }
  }
}

function joined(a: Uint8Array, b: Uint8Array): Uint8Array {
  const both = new Uint8Array(a.length + b.length)
  both.set(a)
  both.set(b, a.length)
  return both
}
