import { asGateway } from '../error/error.ts'
import { HyperError } from '../error/index.ts'
import type { Body } from '../body/body.ts'
import { Deadlines } from '../h1/deadlines.ts'
import { AbuseBudgets } from './abuse.ts'
import { BandwidthEstimate } from './bandwidth.ts'
import { writeGoAway, writePing, writeRstStream, writeWindowUpdate } from './frame/index.ts'
import { CANCEL, ENHANCE_YOUR_CALM, FLOW_CONTROL_ERROR, NO_ERROR, reasonName } from './frame/reason.ts'
import { HpackDecoder, HpackEncoder, type ListLimits } from './hpack/index.ts'
import type { H2Settings } from './options.ts'
import { H2Output } from './output.ts'
import { RecentResets } from './streams/recent-resets.ts'
import { isWorthTelling, ReceiveWindow } from './streams/receive-window.ts'
import { Schedule } from './streams/schedule.ts'
import { CLOSED, mayReceive, maySend, RESET } from './streams/state.ts'
import { StreamTable } from './streams/stream-table.ts'
import type { Stream } from './streams/stream.ts'

// H2Core: what the rooms of one connection share: its settings and theirs, the tables, the streams, the windows, and the
// few things that every room does: reset a stream, end the connection, give credit back. The rooms are functions and
// classes beside this file; machine.ts wires them.

export const DEFAULT_WINDOW = 65_535
export const MAX_WINDOW = 2_147_483_647
/** What a peer's encoder may use before it has acknowledged our SETTINGS. */
const DEFAULT_TABLE_SIZE = 4_096

/** So long a peer may go on sending what nobody wants. */
const DROP_FOR = 2_000

// Deadline slots.
export const BLOCK_SLOT = 0
export const SETTINGS_SLOT = 1
export const IDLE_SLOT = 2
export const PING_SLOT = 3
export const SEND_SLOT = 4
export const LINGER_SLOT = 5
/** A look at the bodies and answers that streams wait for, once a second while there are any. */
export const STREAMS_SLOT = 6
const SLOTS = 7

/** What a machine may ask of who runs it. */
export interface H2Host {
  /** The stream for the body of a message. `length` is null when it is not known. */
  makeBody(stream: Stream, length: number | null): Body
  /** The text for a `date` field, at a monotonic time. */
  httpDate(now: number): string
}

export class H2Core {
  readonly settings: H2Settings
  readonly output: H2Output = new H2Output()
  readonly decoder: HpackDecoder
  readonly encoder: HpackEncoder = new HpackEncoder()
  readonly streams: StreamTable = new StreamTable()
  readonly schedule: Schedule = new Schedule()
  readonly abuse: AbuseBudgets
  readonly deadlines: Deadlines = new Deadlines(SLOTS)
  readonly listLimits: ListLimits
  readonly receiveWindow: ReceiveWindow = new ReceiveWindow(DEFAULT_WINDOW)
  readonly recentResets: RecentResets = new RecentResets()
  readonly bandwidth: BandwidthEstimate | null
  host: H2Host | null = null
  now: number = 0
  /** What new streams may receive: the default until our SETTINGS are acknowledged. */
  streamWindow: number = DEFAULT_WINDOW
  sendWindow: number = DEFAULT_WINDOW
  peerWindow: number = DEFAULT_WINDOW
  peerFrameSize: number = 16_384
  peerMaxStreams: number = Infinity
  peerConnectProtocol: boolean = false
  /** Our SETTINGS that were not acknowledged yet. */
  settingsPending: number = 0
  /** The first of them was. */
  settingsApply: boolean = false
  gotSettings: boolean = false
  /** When bytes last came. */
  heardAt: number = 0
  /** When the keep-alive ping that waits for its answer was sent; -1 for none. */
  pingSentAt: number = -1
  goAwayReason: number = 0
  /** The final GOAWAY is sent: the connection ends with its last stream. */
  isShutDown: boolean = false
  /** The highest stream of the peer's that was opened. */
  lastPeerId: number = 0
  /** The next stream of ours. */
  nextId: number
  /** The whole length of the DATA frame that is coming in was given back already. */
  isCredited: boolean = false
  /** Streams the peer has open now. */
  peerStreams: number = 0
  /** Streams we have open now. */
  ownStreams: number = 0
  /** What our GOAWAY named as last; -1 before one. */
  goAwaySent: number = -1
  /** What the peer's GOAWAY named as last; -1 before one. */
  goAwayReceived: number = -1
  /** Streams that are reset, for the driver to hear of. */
  readonly resets: { stream: Stream; error: HyperError }[] = []
  /** Received on all streams and not consumed. */
  unconsumed: number = 0
  /** Credit of the connection that was not given back yet. */
  private owed: number = 0
  /** Bytes of bodies that all streams hold for the peer. */
  queued: number = 0
  /** Streams that had enough and may be written to again; the driver is told after each turn. */
  readonly drained: Stream[] = []
  /** What has ended the connection. */
  failure: HyperError | null = null
  /** The failure has been told. */
  failureTold: boolean = false
  readonly reasons: string[] = []

  constructor(settings: H2Settings) {
    this.settings = settings
    this.decoder = new HpackDecoder(DEFAULT_TABLE_SIZE, settings.text)
    this.abuse = new AbuseBudgets(settings)
    this.listLimits = { maxListSize: settings.maxHeaderListSize, maxFields: settings.maxHeaders }
    this.nextId = settings.isServer ? 2 : 1
    this.bandwidth = settings.adaptiveWindow
      ? new BandwidthEstimate(settings.streamWindow, settings.maxWindow)
      : null
  }

  // ------------------------------------------------------------------ streams

  /** Forgets a stream that is closed, and gives back what it held. */
  release(stream: Stream): void {
    if (!this.streams.delete(stream.id)) return
    this.schedule.remove(stream)
    if (this.isPeers(stream.id)) this.peerStreams--
    else this.ownStreams--
    stream.queue = null
    this.queued -= stream.queued
    stream.queued = 0
    if (stream.unconsumed > 0) this.abuse.returnData(Math.max(stream.unconsumed, stream.smallCost))
    this.unconsumed -= stream.unconsumed
    stream.unconsumed = 0
    this.payConnection()
    if (this.streams.size === 0) this.emptied()
  }

  /** The last stream is gone. */
  protected emptied(): void {}

  /** We have sent END_STREAM: what follows for the stream. */
  sentEnd(stream: Stream): void {
    if (stream.state === CLOSED) this.release(stream)
  }

  /** Whether the id belongs to streams that the peer opens. */
  isPeers(id: number): boolean {
    return (id & 1) === (this.settings.isServer ? 1 : 0)
  }

  /** Whether our GOAWAY has said that the stream will not be processed. */
  isBeyondGoAway(id: number): boolean {
    return this.goAwaySent >= 0 && id > this.goAwaySent && this.isPeers(id)
  }

  /** A stream that is gone without a frame of ours. */
  forget(stream: Stream): void {
    if (stream.state !== CLOSED) stream.move(RESET)
    this.release(stream)
  }

  /** Resets a stream for a reason of our own or of the caller's; the driver is not told. */
  sendReset(stream: Stream, reason: number): void {
    if (stream.state === CLOSED) return
    writeRstStream(this.output.begin(), stream.id, reason)
    this.recentResets.add(stream.id)
    stream.move(RESET)
    this.release(stream)
  }

  /** The peer has broken a rule on one stream: it is reset, and the driver is told. */
  streamError(stream: Stream, reason: number, detail: string): void {
    const name = reasonName(reason)
    const error = new HyperError('STREAM_RESET', `${detail} (${name})`, { by: 'peer', reason: name })
    if (this.giveUp(stream, reason, error)) this.countLocalReset()
  }

  /** One stream is reset, and the driver is told why. @returns false when it was closed already */
  giveUp(stream: Stream, reason: number, error: HyperError): boolean {
    if (stream.state === CLOSED) return false
    this.sendReset(stream, reason)
    this.resets.push({ stream, error: this.forRole(error) })
    return true
  }

  /** What the peer has done, with the status that our role makes of it. */
  forRole(error: HyperError): HyperError {
    return this.settings.isServer ? error : asGateway(error)
  }

  /** A stream that we never made is reset. */
  refuse(id: number, reason: number): void {
    writeRstStream(this.output.begin(), id, reason)
    this.recentResets.add(id)
    this.countLocalReset()
  }

  protected countLocalReset(): void {
    if (!this.abuse.takeLocalReset()) this.fail(ENHANCE_YOUR_CALM, 'too_many_internal_resets')
  }

  // ------------------------------------------------------------------ what nobody reads

  /**
   * Nobody wants the rest of a message. It is dropped as it comes; a peer to whom all was said is told to stop (RFC 9113
   * §8.1) when it goes on for long, and not at once, since most have ended by then.
   */
  stopReceiving(stream: Stream): void {
    stream.isDropping = true
    stream.isHeld = false
    stream.droppingSince = this.now
  }

  /** Looks at a stream whose data is dropped. */
  protected stopSlowly(stream: Stream): void {
    if (!maySend(stream.state) && this.now - stream.droppingSince >= DROP_FOR) this.stopPeer(stream)
  }

  /** The peer sends what nobody wants, and has heard all that we have to say (RFC 9113 §8.1). */
  stopPeer(stream: Stream): void {
    this.sendReset(stream, this.settings.isServer ? NO_ERROR : CANCEL)
  }

  // ------------------------------------------------------------------ the connection

  /** Ends the connection: GOAWAY, and an error for everybody. */
  fail(reason: number, detail: string): void {
    if (this.failure !== null) return
    const name = reasonName(reason)
    this.end(
      new HyperError('H2_CONNECTION', `${detail} (${name})`, { by: 'peer', reason: name }),
      reason,
      detail,
    )
  }

  /** Ends the connection for an error that is known. */
  end(error: HyperError, reason: number, detail: string): void {
    if (this.failure !== null) return
    this.failure = this.forRole(error)
    this.reasons.push(error.isTimeout() ? 'timeout' : 'peer-error')
    this.goAway(this.lastPeerId, reason, detail)
    this.deadlines.clearAll()
  }

  goAway(last: number, reason: number, debug: string): void {
    this.goAwaySent = this.goAwaySent < 0 ? last : Math.min(this.goAwaySent, last)
    writeGoAway(this.output.begin(), this.goAwaySent, reason, debug)
  }

  ping(payload: Uint8Array): void {
    writePing(this.output.begin(), payload, false)
  }

  // ------------------------------------------------------------------ credit

  /** Bytes of a stream are buffered: they count against the budget of the connection until they are consumed. */
  buffer(stream: Stream, bytes: number): void {
    stream.unconsumed += bytes
    this.unconsumed += bytes
    this.owed += bytes
    this.payConnection()
  }

  /** Bytes that nobody will read, of a stream that is gone or of padding. */
  drop(bytes: number): void {
    this.owed += bytes
    this.payConnection()
  }

  // A stream that nobody reads must not stall the others: the connection's credit is given back when bytes are buffered,
  // as long as all that is buffered stays within one connection window.
  private payConnection(): void {
    if (this.owed === 0 || this.unconsumed > this.settings.connectionWindow) return
    const increment = this.receiveWindow.release(this.owed)
    this.owed = 0
    if (increment > 0 && this.failure === null) writeWindowUpdate(this.output.begin(), 0, increment)
  }

  /** The reader of a stream has consumed bytes: credit for the stream. */
  consume(stream: Stream, bytes: number): void {
    const taken = Math.min(bytes, stream.unconsumed)
    stream.unconsumed -= taken
    this.unconsumed -= taken
    if (stream.unconsumed > 0) this.abuse.returnData(taken)
    else {
      this.abuse.returnData(Math.max(taken, stream.smallCost))
      stream.smallCost = 0
    }
    this.payConnection()
    if (mayReceive(stream.state)) this.owe(stream, taken)
  }

  /** Bytes that a stream has received are done with: credit for it, in steps that cost few frames. */
  owe(stream: Stream, bytes: number): void {
    stream.receiveOwed += bytes
    if (isWorthTelling(stream.receiveOwed, stream.receiveTarget)) this.payStream(stream)
  }

  /** Gives a stream the credit that it is owed, little as it may be. */
  payStream(stream: Stream): void {
    const increment = stream.receiveOwed
    if (increment === 0 || this.failure !== null || !mayReceive(stream.state)) return
    stream.receiveOwed = 0
    stream.receiveWindow += increment
    writeWindowUpdate(this.output.begin(), stream.id, increment)
  }

  /** Makes the connection's window larger. */
  growConnectionWindow(target: number): void {
    const increment = this.receiveWindow.grow(target)
    if (increment > 0) writeWindowUpdate(this.output.begin(), 0, increment)
  }

  /** The peer has given us credit for the connection. */
  growSendWindow(increment: number): void {
    this.sendWindow += increment
    if (this.sendWindow > MAX_WINDOW) this.fail(FLOW_CONTROL_ERROR, 'connection window above 2^31-1')
  }
}
