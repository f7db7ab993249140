import type { Body } from '../body/body.ts'
import { Incoming, type IncomingControl } from '../body/incoming.ts'
import { HyperError, userError } from '../error/index.ts'
import { DATA_EVENT, END_EVENT, FAILED, HEAD_EVENT, SWITCHED_EVENT } from '../h1/event.ts'
import type { MachineHost } from '../h1/machine.ts'
import type { Settings } from '../h1/options.ts'
import { ServerMachine } from '../h1/server-machine.ts'
import { BODY, CLOSED, HEAD } from '../h1/state.ts'
import { HeaderMap } from '../http/header-map.ts'
import { HttpResponse } from '../http/response.ts'
import type { Io, PeerInfo, Runtime } from '../rt/index.ts'
import type { Service } from '../service/service.ts'
import type { Tracer } from '../trace/tracer.ts'
import { BodyWriter, type BodyTarget } from './body-writer.ts'
import { Connection, ioError } from './connection.ts'
import { httpDate } from './date.ts'
import { gaveNoResponse, isResponse, refusal, ServerExchange, serviceFailure, statusOf } from './exchange.ts'
import type { ExchangeHost } from './exchange.ts'
import { answeredUnread, READ_AHEAD, takeWholeBody } from './request-body.ts'
import { sendResponseHead } from './response-head.ts'
import { sendMessage } from './send-message.ts'
import { partsFor } from './upgraded.ts'

// ServerConnection: one HTTP/1 connection being served. Requests go to the service one at a time (parity row 105); its
// answer may be there at once, which costs no promise. Every way to end leads through `closing` (our half ended, the
// rest of the peer's read and dropped for a while) or `tearDown` (at once).

/** One HTTP/1 connection being served: made by `serveConnection`. */
export class ServerConnection
  extends Connection
  implements IncomingControl, MachineHost, ExchangeHost, BodyTarget
{
  protected readonly machine: ServerMachine
  private readonly service: Service
  private exchange: ServerExchange | null = null
  private incoming: Incoming | null = null
  private writer: BodyWriter | null = null
  /** The reader of the request body is behind. */
  private isBehind: boolean = false
  /** The rest of the request body is dropped. */
  private isDropping: boolean = false
  private dropped: number = 0
  /** The last message is written; what still comes is dropped. */
  private isLingering: boolean = false
  private failure: HyperError | null = null
  /** As `ServeOptions` has it. */
  onSwitched: ((io: Io) => Io) | null = null

  constructor(io: Io, service: Service, runtime: Runtime, tracer: Tracer | null, settings: Settings) {
    super(io, runtime, tracer)
    this.service = service
    this.machine = new ServerMachine(settings, runtime.clock.now())
    this.machine.host = this
  }

  /** Begins to read. */
  start(): void {
    this.io.start(this)
    if (this.tracer !== null) this.trace((tracer) => tracer.onConnectionStart?.(this, this.peer))
    this.pump()
  }

  get peer(): PeerInfo {
    return this.io.peer
  }

  /** True between messages. */
  get isIdle(): boolean {
    return this.exchange === null && this.machine.isIdle
  }

  /**
   * Finishes the request that is being answered, if any, with `connection: close`, and ends the connection.
   * @param grace milliseconds for which an idle connection still waits for a request: one that is on its way would be lost
   *   otherwise. So does one whose answer began before, without a word of the end. Default 0.
   */
  gracefulShutdown(grace: number = 0): void {
    if (!this.isClosed) this.machine.drain(grace, this.runtime.clock.now())
    this.pump()
  }

  /** Ends the connection at once, with a reset where the transport has one. */
  abort(reason?: HyperError): void {
    this.tearDown(reason ?? new HyperError('CANCELED', 'the connection was aborted', { by: 'user' }), true)
  }

  // ------------------------------------------------------------------ events

  protected takeEvents(): void {
    const { machine } = this
    for (;;) {
      // The next request waits while the answers to those before it do.
      if (this.isFull && machine.state.read === HEAD && !machine.hasFailed) return
      if (this.isBehind && machine.isHolding && !machine.hasFailed && !machine.isLeft) return
      switch (machine.nextEvent()) {
        case HEAD_EVENT:
          if (machine.hasBody && takeWholeBody(machine, this.incoming)) this.incoming = null
          this.serve()
          break
        case DATA_EVENT:
          if (!this.takeData(machine.data)) return
          break
        case END_EVENT:
          this.endIncoming(machine.trailers)
          break
        case FAILED:
          this.failed(machine.error!)
          break
        case SWITCHED_EVENT:
          this.switchOver()
          return
        default:
          return
      }
      if (machine.output.size > FLUSH_WITHIN_PUMP) this.flush()
    }
  }

  private serve(): void {
    const { machine } = this
    const request = machine.request!
    const exchange = new ServerExchange(this, request)
    this.exchange = exchange
    this.isDropping = false
    this.dropped = 0
    if (this.tracer !== null) this.trace((tracer) => tracer.onRequestStart?.(request, this))
    let answer: HttpResponse | Promise<HttpResponse>
    try {
      answer = this.service(request, exchange)
    } catch (error) {
      this.serviceFailed(exchange, error)
      return
    }
    if (isResponse(answer)) this.respond(exchange, answer)
    else this.await(exchange, answer)
  }

  private await(exchange: ServerExchange, answer: Promise<HttpResponse>): void {
    Promise.resolve(answer).then(
      (response) => this.answer(exchange, response),
      (error: unknown) => {
        this.machine.touch(this.runtime.clock.now())
        this.serviceFailed(exchange, error)
        this.pump()
      },
    )
  }

  // ------------------------------------------------------------------ the answer

  private respond(exchange: ServerExchange, response: HttpResponse): void {
    if (exchange !== this.exchange || exchange.isOver || exchange.isAnswered) {
      if (isResponse(response) && response.payload !== null) response.body.cancel(exchange.cancelled)
      return
    }
    if (!isResponse(response)) {
      this.serviceFailed(exchange, gaveNoResponse(response))
      return
    }
    const { machine } = this
    exchange.isAnswered = true
    let rest: Body | null
    try {
      rest = sendMessage(machine, response.payload, response, sendResponseHead)
    } catch (error) {
      exchange.isAnswered = false
      // Its source must not wait for a reader; one that somebody else reads is theirs.
      if (response.payload !== null && !response.body.used) response.body.cancel(error)
      this.serviceFailed(exchange, error)
      return
    }
    if (this.tracer !== null) this.trace((tracer) => tracer.onResponseStart?.(exchange.request, response))
    if (rest === null) {
      this.answered(exchange)
      return
    }
    this.writer = new BodyWriter(rest, this)
    // The head does not wait for the first chunk.
    this.wrote()
    this.writer.start()
  }

  writeData(chunk: Uint8Array): boolean {
    this.machine.sendData(chunk)
    this.wrote()
    return !this.isFull
  }

  writeEnd(trailers: HeaderMap | null): void {
    this.writer = null
    const { exchange } = this
    if (exchange === null) return
    try {
      this.machine.sendEnd(trailers)
    } catch (error) {
      this.bodyFailed(error as HyperError)
      return
    }
    this.answered(exchange)
    this.pump()
  }

  // A body that cannot be completed must not look complete: the connection is reset (RFC 9112 §8).
  bodyFailed(error: HyperError): void {
    this.writer = null
    this.runtime.onError(error)
    this.flush()
    this.tearDown(error, true)
  }

  // The answer is written in full.
  private answered(exchange: ServerExchange): void {
    const { machine } = this
    if (!this.isPumping) machine.touch(this.runtime.clock.now())
    machine.noteRecycled()
    if (machine.state.switching) {
      // The rest of the request is not yet the new protocol (RFC 9110 §7.8).
      if (machine.state.read === BODY && this.incoming?.used !== true) this.dropIncoming()
      return
    }
    if (exchange.wantsUpgrade) exchange.decline()
    this.endExchange(null)
    // A request body that nobody reads is skipped, so that the connection can go on.
    if (machine.state.read !== BODY || this.incoming?.used === true) return
    const { incoming } = this
    this.dropIncoming()
    // Whoever begins to read it now learns that it is gone.
    incoming?.pushError(answeredUnread)
  }

  private endExchange(error: HyperError | null): void {
    const { exchange } = this
    if (exchange === null) return
    this.exchange = null
    if (error === null) exchange.over()
    else exchange.cancel(error)
    if (this.tracer !== null) this.trace((tracer) => tracer.onRequestEnd?.(exchange.request, error))
  }

  private serviceFailed(exchange: ServerExchange, error: unknown): void {
    if (exchange !== this.exchange || exchange.isOver) return
    this.runtime.onError(error)
    const failure = serviceFailure(error)
    // An answer that we made ourselves and that cannot be sent leaves nothing to say.
    if (exchange.failure !== null) this.tearDown(failure, true)
    else {
      exchange.failure = failure
      this.respond(exchange, new HttpResponse(null, { status: statusOf(failure) }))
    }
  }

  // ------------------------------------------------------------------ the request body

  makeBody(length: number | null): Incoming {
    this.incoming = new Incoming(this, length, this.runtime.text)
    this.isBehind = false
    return this.incoming
  }

  httpDate(now: number): string {
    return httpDate(this.runtime.clock, now)
  }

  private takeData(chunk: Uint8Array): boolean {
    if (this.isDropping || this.incoming === null) this.drop(chunk.length)
    // Who reads may give the body up while it gets a chunk. The last one is taken along with the end behind it, so that
    // a client that leaves is noticed while the service works.
    else if (!this.incoming.push(chunk) && !this.isDropping && this.machine.bodyRemaining > 0) {
      this.setBehind(true)
      return this.machine.isLeft
    }
    return true
  }

  private setBehind(isBehind: boolean): void {
    if (this.isBehind === isBehind) return
    this.isBehind = isBehind
    const now = this.runtime.clock.now()
    if (isBehind) this.machine.holdBody(now)
    else this.machine.resumeBody(now)
  }

  private endIncoming(trailers: HeaderMap | null): void {
    const { incoming } = this
    this.incoming = null
    this.machine.noteRecycled()
    if (incoming !== null && !this.isDropping) incoming.pushEnd(trailers)
  }

  wanted(): void {
    if (this.incoming === null || this.isEnded) return
    // RFC 9110 §10.1.1: 100 when the body is wanted, and not after the final answer has begun.
    if (this.machine.expectsContinue) this.inform(100, new HeaderMap())
    this.setBehind(false)
    // No 100 was sent, for the answer has begun; the client is waited for all the same.
    if (this.machine.isBodyHeld) this.machine.resumeBody(this.runtime.clock.now())
    this.pump()
  }

  private inform(status: number, headers: HeaderMap): boolean {
    this.machine.touch(this.runtime.clock.now())
    const sent = this.machine.sendInformational(status, headers)
    if (sent) this.flush()
    return sent
  }

  cancelled(): void {
    if (this.incoming !== null) this.dropIncoming()
  }

  private dropIncoming(): void {
    this.incoming = null
    this.isDropping = true
    this.dropped = 0
    this.setBehind(false)
    const { machine } = this
    const { bodyRemaining: left, settings, state } = machine
    // Only what is followed by another request is read to its end; else our half ends with the answer, and lingers.
    const isWorthIt = state.reusable && (left <= settings.lingerSize || left === Infinity)
    if (isWorthIt) machine.setDropping(this.runtime.clock.now())
    else machine.stopReading()
    this.pump()
  }

  private drop(bytes: number): void {
    this.dropped += bytes
    if (this.dropped > this.machine.settings.lingerSize) this.machine.stopReading()
  }

  // ------------------------------------------------------------------ ExchangeHost

  sendInformational(exchange: ServerExchange, status: number, headers: HeaderMap): boolean {
    return exchange === this.exchange && !exchange.isOver && this.inform(status, headers)
  }

  offersUpgrade(exchange: ServerExchange): boolean {
    return exchange === this.exchange && this.machine.offersUpgrade
  }

  behind(): Uint8Array {
    return this.machine.behind
  }

  onHookError(error: unknown): void {
    this.runtime.onError(error)
  }

  refuse(exchange: ServerExchange): void {
    this.answer(exchange, refusal())
  }

  answer(exchange: ServerExchange, response: HttpResponse): void {
    this.machine.touch(this.runtime.clock.now())
    this.respond(exchange, response)
    this.pump()
  }

  abandon(exchange: ServerExchange, reason: HyperError): void {
    if (exchange !== this.exchange) return
    // What was written before is delivered: its framing says that the rest is lost (RFC 9112 §8), or else a reset does.
    this.flush()
    this.tearDown(reason, this.machine.endsByClosing)
  }

  private switchOver(): void {
    const { exchange } = this
    this.flush()
    if (exchange === null || !this.machine.output.isEmpty) return
    this.exchange = null
    if (exchange.wantsUpgrade) exchange.hand(partsFor(this.takeParts(), this.onSwitched, this.runtime))
    else {
      exchange.over()
      this.tearDown(userError('MANUAL_UPGRADE', null), false)
    }
  }

  // ------------------------------------------------------------------ ends

  // The machine has refused what came, and has said so where it could be said.
  private failed(error: HyperError): void {
    this.failure = error
    const { machine } = this
    const unfinished = machine.state.write === BODY || machine.state.switching
    const reset = error.phase === 'write' || machine.endsByClosing
    this.cancelAll(error)
    if (reset || unfinished) this.tearDown(error, reset)
    else machine.stopWriting()
  }

  protected settle(): void {
    if (this.isClosed) return
    const { machine } = this
    if (machine.lingered && this.isLingering) {
      this.letGo()
      return
    }
    if (machine.lingered) machine.stopReading()
    if (machine.state.write === CLOSED && machine.state.read === CLOSED) {
      if (machine.state.switching)
        this.tearDown(userError('NO_UPGRADE', 'the request body is too long to be skipped'), true)
      else this.linger()
      return
    }
    // One chunk may come beyond what the reader has room for: by then it has taken the one before. A little more is read
    // ahead, so that a client that leaves is noticed while nobody reads.
    this.setReading(!machine.isHolding || (machine.state.read === BODY && machine.held.length < READ_AHEAD))
  }

  // RFC 9112 §9.6: our half is ended, and the peer's read on for a while, or a reset would destroy our last answer.
  private linger(): void {
    if (this.isLingering) return
    this.isLingering = true
    this.dropped = 0
    this.endOutput()
    this.setReading(true)
    this.lingerOn()
  }

  // The clock runs once the transport has our last bytes; until then, that of sending does.
  private lingerOn(): void {
    if (this.isFull) this.machine.keepSending(this.runtime.clock.now())
    else if (this.machine.isEof) this.letGo()
    else this.machine.setLinger(this.runtime.clock.now())
  }

  private letGo(): void {
    if (this.isFull) return
    this.io.close()
    this.finish(this.failure)
  }

  override onData(chunk: Uint8Array): boolean {
    if (!this.isLingering) return super.onData(chunk)
    this.dropped += chunk.length
    if (this.dropped > this.machine.settings.lingerSize) this.letGo()
    return false
  }

  override onAlarm(now: number): void {
    this.expire(now, this.isIdle)
  }

  override onEnd(): void {
    if (!this.isLingering) super.onEnd()
    else {
      this.machine.receiveEnd(this.runtime.clock.now())
      this.letGo()
    }
  }

  onDrain(): void {
    this.drained()
    if (this.isLingering) this.lingerOn()
    else if (!this.isFull) this.writer?.resume()
    this.pump()
  }

  protected stalled(isStalled: boolean): void {
    this.machine.setSending(isStalled, this.runtime.clock.now())
  }

  onWriteError(error: Error): void {
    this.tearDown(ioError(error, 'write'), false)
  }

  onClose(error: Error | null): void {
    if (this.isClosed) return
    const failure =
      this.failure ?? (this.isLingering || (this.isIdle && error === null) ? null : ioError(error, null))
    this.cancelAll(failure ?? ioError(null, null))
    this.finish(failure)
  }

  private tearDown(error: HyperError, reset: boolean): void {
    if (this.isClosed) return
    this.failure = error
    this.machine.state.addReason('aborted')
    this.cancelAll(error)
    if (reset) this.io.abort()
    else {
      this.flush()
      this.io.close()
    }
    this.finish(error)
  }

  private cancelAll(error: HyperError): void {
    const { incoming, writer } = this
    this.incoming = null
    this.writer = null
    // In this order: an answer that is made of the request has not failed by itself.
    writer?.cancel(error)
    incoming?.pushError(error)
    this.endExchange(error)
  }
}

/** Pipelined answers are written when this much is held, so that a flood of requests cannot pile them up. */
const FLUSH_WITHIN_PUMP = 65_536
