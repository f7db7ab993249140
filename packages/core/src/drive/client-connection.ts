import type { Body } from '../body/body.ts'
import { Incoming, type IncomingControl } from '../body/incoming.ts'
import { asGateway, placed } from '../error/error.ts'
import { HyperError, userError } from '../error/index.ts'
import { ClientMachine } from '../h1/client-machine.ts'
import {
  DATA_EVENT,
  END_EVENT,
  FAILED,
  HEAD_EVENT,
  INFORMATIONAL_EVENT,
  PAUSED,
  SWITCHED_EVENT,
} from '../h1/event.ts'
import type { MachineHost } from '../h1/machine.ts'
import type { Settings } from '../h1/options.ts'
import { BODY, CLOSED, DONE } from '../h1/state.ts'
import type { HeaderMap } from '../http/header-map.ts'
import type { HttpRequest } from '../http/request.ts'
import type { HttpResponse } from '../http/response.ts'
import type { Io, Runtime } from '../rt/index.ts'
import type { IoParts } from '../service/service.ts'
import type { Tracer } from '../trace/tracer.ts'
import { BodyWriter, type BodyTarget } from './body-writer.ts'
import { abortError, Call, type SendOptions } from './call.ts'
import { closedError, Connection, ioError, unsentError } from './connection.ts'
import { sendMessage } from './send-message.ts'
import { handOver } from './upgraded.ts'

// ClientConnection: one HTTP/1 connection to a server, one exchange at a time. Its sender (send-request.ts) is what a
// caller holds.

/** An unread response body of up to this size is read and dropped, so that the connection can be used again. */
const DROP_BELOW = 65_536
/** So many bytes of a response body are read before somebody asks for them. */
const READ_AHEAD = 65_536

/** One HTTP/1 connection to a server: made by `handshake`. Requests are sent by its `SendRequest`. */
export class ClientConnection extends Connection implements IncomingControl, MachineHost, BodyTarget {
  protected readonly machine: ClientMachine
  /** Called whenever another request may be sent, and once when none may be any more; for pools. */
  onReady: (() => void) | null = null
  private call: Call | null = null
  /** Where it begins in all that is written. */
  private callAt: number = 0
  private incoming: Incoming | null = null
  private writer: BodyWriter | null = null
  private isBehind: boolean = false
  private isDropping: boolean = false
  private failure: HyperError | null = null
  /** Writing has failed; what the peer has said may still be read. */
  private writeFailure: HyperError | null = null
  private handOver: { resolve: (parts: IoParts) => void; reject: (error: HyperError) => void } | null = null
  private waiters: { resolve: () => void; reject: (error: HyperError) => void }[] = []

  constructor(io: Io, runtime: Runtime, tracer: Tracer | null, settings: Settings) {
    super(io, runtime, tracer)
    this.machine = new ClientMachine(settings)
    this.machine.host = this
  }

  /** Begins to read. */
  start(): void {
    this.io.start(this)
    if (this.tracer !== null) this.trace((tracer) => tracer.onConnectionStart?.(this, this.io.peer))
  }

  /** True when a request may be sent now. */
  get isReady(): boolean {
    return this.call === null && !this.isPumping && !this.isEnded && this.machine.isIdle
  }

  /** Resolves when a request may be sent. @throws HyperError (as a rejection) `CLOSED` */
  ready(): Promise<void> {
    if (this.isReady) return Promise.resolve()
    if (this.isClosed || this.isEnded) return Promise.reject(closedError(this.failure))
    return new Promise((resolve, reject) => this.waiters.push({ resolve, reject }))
  }

  send(request: HttpRequest, options: SendOptions | null): Promise<HttpResponse> {
    const { machine } = this
    if (options?.signal?.aborted === true) return Promise.reject(abortError(options.signal, null))
    if (this.isClosed || this.isEnded) return Promise.reject(closedError(this.failure))
    if (!this.isReady)
      return Promise.reject(new HyperError('NOT_READY', null, { by: 'user', retryable: true }))
    const call = new Call(request, options, options?.signal === undefined ? null : this.giveUp())
    machine.touch(this.runtime.clock.now())
    const callAt = this.position
    let rest: Body | null
    try {
      machine.setLimits(options?.maxHeadSize, options?.headersTimeout, options?.bodyIdleTimeout)
      rest = sendMessage(machine, request.body, request, sendRequestHead)
    } catch (error) {
      call.fail(error instanceof HyperError ? error : userError('INVALID_BODY', null, error))
      return call.promise
    }
    this.call = call
    this.callAt = callAt
    if (this.tracer !== null) {
      call.context = this.runtime.snapshot?.() ?? null
      this.trace((tracer) => tracer.onRequestStart?.(request, this))
    }
    this.pushBody(rest)
    // At the end of the turn, when others have sent theirs, too: a server that is woken once for all of them costs both sides less
    // than one that goes to sleep after each (benchmarks: client:get-50).
    this.wrote()
    return call.promise
  }

  private pushBody(rest: Body | null): void {
    if (rest === null) return
    this.writer = new BodyWriter(rest, this)
    this.writer.start()
  }

  private giveUp(): (error: HyperError) => void {
    return (error) => this.tearDown(error, true)
  }

  /** Finishes the exchange that is under way, if any, and ends the connection. */
  gracefulShutdown(): void {
    if (this.isClosed) return
    this.machine.disableKeepAlive()
    this.pump()
  }

  /** Ends the connection at once, with a reset where the transport has one. */
  abort(reason?: HyperError): void {
    this.tearDown(reason ?? userError('CANCELED', 'the connection was aborted'), true)
  }

  // ------------------------------------------------------------------ the request body

  writeData(chunk: Uint8Array): boolean {
    this.machine.sendData(chunk)
    this.wrote()
    return !this.isFull
  }

  writeEnd(trailers: HeaderMap | null): void {
    this.writer = null
    try {
      this.machine.touch(this.runtime.clock.now())
      this.machine.sendEnd(trailers)
    } catch (error) {
      this.bodyFailed(error as HyperError)
      return
    }
    this.exchangeMoved()
    this.pump()
  }

  // What was announced cannot be completed: the connection ends, and the peer sees that it was cut off.
  bodyFailed(error: HyperError): void {
    this.writer = null
    if (error.by !== 'library' || this.call === null || this.call.response === null) {
      this.tearDown(error, true)
      return
    }
    // RFC 9110 §10.1.1: it was held back until the answer had come, and is not sent any more.
    this.machine.stopWriting()
    this.exchangeMoved()
    this.pump()
  }

  // ------------------------------------------------------------------ events

  protected takeEvents(): void {
    const { machine } = this
    for (;;) {
      if (this.isBehind && machine.isHolding && !machine.hasFailed) return
      switch (machine.nextEvent()) {
        case HEAD_EVENT:
          this.respond(machine.response!)
          break
        case INFORMATIONAL_EVENT:
          this.interim(machine.status, machine.headers!)
          break
        case DATA_EVENT:
          if (!this.takeData(machine.data)) return
          break
        case END_EVENT:
          this.endIncoming(machine.trailers)
          break
        case FAILED:
          this.failed(machine.error!)
          return
        case SWITCHED_EVENT:
          this.switchOver()
          return
        case PAUSED:
          this.exchangeMoved()
          return
        default:
          return
      }
    }
  }

  private interim(status: number, headers: HeaderMap): void {
    const { call } = this
    if (call === null) return
    if (this.tracer !== null) this.traceCall(call, (tracer) => tracer.onInformational?.(call.request, status))
    try {
      call.informational(status, headers)
    } catch (error) {
      this.runtime.onError(error)
    }
  }

  private respond(response: HttpResponse): void {
    const call = this.call!
    if (this.tracer !== null)
      this.traceCall(call, (tracer) => tracer.onResponseStart?.(call.request, response))
    if (this.machine.state.switching) {
      const parts = new Promise<IoParts>((resolve, reject) => (this.handOver = { resolve, reject }))
      // Who does not ask for it is not bothered with its failure.
      parts.catch(() => {})
      handOver(response, parts)
    }
    call.answer(response)
    if (!this.machine.hasBody) this.exchangeMoved()
  }

  private switchOver(): void {
    const { call, handOver } = this
    this.flush()
    if (handOver === null || call === null || !this.machine.output.isEmpty) return
    this.call = null
    call.over()
    this.handOver = null
    this.endTrace(call, null)
    handOver.resolve(this.takeParts())
    this.releaseWaiters()
  }

  // ------------------------------------------------------------------ the response body

  makeBody(length: number | null): Incoming {
    this.incoming = new Incoming(this, length, this.runtime.text)
    this.isBehind = false
    this.isDropping = false
    return this.incoming
  }

  httpDate(): string {
    return ''
  }

  private takeData(chunk: Uint8Array): boolean {
    const { incoming } = this
    if (incoming === null) return true
    if (incoming.push(chunk) || this.isDropping || this.mayReadAhead(incoming)) return true
    this.isBehind = true
    this.machine.holdBody()
    return false
  }

  // What is left of a body, where it is little, need not wait for its reader: the connection is free the sooner (row 299).
  private mayReadAhead(incoming: Incoming): boolean {
    const { bodyRemaining } = this.machine
    return incoming.waiting + (bodyRemaining === Infinity ? 0 : bodyRemaining) <= READ_AHEAD
  }

  private endIncoming(trailers: HeaderMap | null): void {
    const { incoming } = this
    this.incoming = null
    this.isBehind = false
    this.exchangeMoved()
    incoming?.pushEnd(trailers)
  }

  wanted(): void {
    if (!this.isBehind) return
    this.isBehind = false
    this.machine.resumeBody(this.runtime.clock.now())
    this.pump()
  }

  cancelled(reason: unknown): void {
    this.incoming = null
    if (this.machine.bodyRemaining <= DROP_BELOW) {
      this.isDropping = true
      this.isBehind = false
      const now = this.runtime.clock.now()
      this.machine.resumeBody(now)
      this.machine.setDropping(now)
      this.pump()
    } else this.tearDown(userError('CANCELED', 'the response body was given up', reason), true)
  }

  // One of the two messages is complete. When both are, the exchange is.
  private exchangeMoved(): void {
    const { machine, call } = this
    const { state } = machine
    if (call === null || call.response === null || state.switching) return
    if (state.read === DONE && state.write === BODY && !state.reusable) {
      // RFC 9112 §9.6: the server has said its last word; it will not read the rest.
      const { writer } = this
      this.writer = null
      machine.stopWriting()
      writer?.cancel(userError('CANCELED', 'the server has answered and closes the connection'))
    } else if (state.read === BODY || state.write === BODY || state.read === DONE) return
    this.call = null
    call.over()
    this.endTrace(call, null)
  }

  private endTrace(call: Call, error: HyperError | null): void {
    if (this.tracer !== null) this.traceCall(call, (tracer) => tracer.onRequestEnd?.(call.request, error))
  }

  // ------------------------------------------------------------------ ends

  private failed(error: HyperError): void {
    this.tearDown(
      this.writeFailure !== null && error.isIncompleteMessage() ? this.writeFailure : error,
      this.call !== null,
    )
  }

  protected settle(): void {
    if (this.isClosed) return
    const { machine } = this
    if (machine.state.read === CLOSED && machine.state.write === CLOSED) {
      this.endOutput()
      this.io.close()
      this.finish(this.failure)
      this.releaseWaiters()
      return
    }
    // After the response, what comes is not for us to hold: it belongs to the next protocol, or to nobody.
    const isOver = machine.state.read === DONE && (machine.isHolding || machine.state.switching)
    // One chunk may come beyond what the reader has room for: by then it has taken the one before.
    this.setReading(!(this.isBehind && machine.isHolding) && !isOver)
    if (this.isReady) this.releaseWaiters()
  }

  private releaseWaiters(): void {
    const { waiters } = this
    if (waiters.length > 0) {
      this.waiters = []
      for (const waiter of waiters) {
        if (this.isClosed) waiter.reject(closedError(this.failure))
        else waiter.resolve()
      }
    }
    if (this.onReady !== null) this.callHook(this.onReady)
  }

  onDrain(): void {
    this.drained()
    if (!this.isFull) this.writer?.resume()
    this.pump()
  }

  protected stalled(isStalled: boolean): void {
    this.machine.setSending(isStalled, this.runtime.clock.now())
  }

  // The answer may be on its way all the same, or even here: a server that refuses an upload answers and closes.
  onWriteError(error: Error, lost: number = 0): void {
    if (this.call !== null && !this.machine.hasAnswer && this.callAt >= this.written - lost) {
      this.tearDown(unsentError(error), false)
      return
    }
    this.writeFailure = asGateway(ioError(error, 'write'))
    this.isEnded = true
    this.machine.output.clear()
    const { writer } = this
    this.writer = null
    writer?.cancel(this.writeFailure)
    if (this.call === null) this.tearDown(this.writeFailure, false)
    else if (this.machine.state.write === BODY) this.machine.stopWriting()
    else this.machine.state.addReason('aborted')
    this.pump()
  }

  onClose(error: Error | null): void {
    if (this.isClosed) return
    const isIdle = this.call === null && error === null
    this.tearDown(isIdle ? null : (this.writeFailure ?? asGateway(ioError(error, null))), false)
  }

  private tearDown(cause: HyperError | null, reset: boolean): void {
    if (this.isClosed) return
    const { call, incoming, writer } = this
    const phase = this.machine.state.read === DONE ? 'write' : (call?.phase ?? 'headers')
    let error = cause === null || call === null ? cause : placed(cause, phase, this.machine.hasAnswer)
    // Nobody has seen anything of it yet.
    if (error !== null && call !== null && error.by !== 'user' && this.written <= this.callAt)
      error = error.with({ retryable: true })
    this.failure = error
    this.machine.state.addReason('aborted')
    this.call = null
    this.incoming = null
    this.writer = null
    if (reset) this.io.abort()
    else this.io.close()
    this.finish(error)
    const reason = error ?? closedError(null)
    writer?.cancel(reason)
    incoming?.pushError(reason)
    this.handOver?.reject(reason)
    if (call !== null) {
      if (call.response === null) call.fail(reason)
      else call.over()
      this.endTrace(call, reason)
    }
    this.releaseWaiters()
  }
}

function sendRequestHead(
  machine: ClientMachine,
  request: HttpRequest,
  length: number,
  trailers: boolean,
): boolean {
  return machine.sendHead(request.method, request.target, request.version, request.headers, length, trailers)
}
