import { Incoming } from '../body/incoming.ts'
import { HyperError, userError } from '../error/index.ts'
import { H2ClientMachine, type RequestLine } from '../h2/client-machine.ts'
import type { H2Host } from '../h2/core.ts'
import {
  CAPACITY_EVENT,
  DATA_EVENT,
  END_EVENT,
  FAILED,
  HEAD_EVENT,
  INFORMATIONAL_EVENT,
  RESET_EVENT,
} from '../h2/event.ts'
import type { H2Settings } from '../h2/options.ts'
import type { Stream } from '../h2/streams/stream.ts'
import type { HttpRequest } from '../http/request.ts'
import type { HttpResponse } from '../http/response.ts'
import type { Io, PeerInfo, Runtime, TextCodec } from '../rt/index.ts'
import type { Tracer } from '../trace/tracer.ts'
import { abortError, type SendOptions } from './call.ts'
import { Connection, ioError } from './connection.ts'
import { H2Call, type H2CallHost } from './h2-call.ts'
import { BodyControl } from './h2-exchange.ts'

// H2ClientConnection: one HTTP/2 connection to a server, many exchanges at once, each an H2Call. Requests of one turn
// leave in one write.

/** What may be said of one request over HTTP/2. */
export interface H2SendOptions extends SendOptions {
  /** Overrides `http` or `https`, which come from the connection or from an absolute target. */
  readonly scheme?: string | undefined
  /**
   * Makes a CONNECT an extended one (RFC 8441), for example `'websocket'`. The server must have offered it in its
   * SETTINGS, which must have arrived.
   */
  readonly protocol?: string | undefined
}

/** One HTTP/2 connection to a server: made by `handshake`. Requests are sent by its `SendRequest`. */
export class H2ClientConnection extends Connection implements H2Host, H2CallHost {
  /** What it runs; shared with its calls. */
  readonly machine: H2ClientMachine
  /** Called whenever the number of streams that may be opened has changed; for pools. */
  onReady: (() => void) | null = null
  private live: number = 0
  private isEnding: boolean = false
  private pendingIncoming: Incoming | null = null
  private pendingControl: BodyControl | null = null
  private failure: HyperError | null = null
  private waiters: { resolve: () => void; reject: (error: HyperError) => void }[] = []

  constructor(io: Io, runtime: Runtime, tracer: Tracer | null, settings: H2Settings) {
    super(io, runtime, tracer)
    this.machine = new H2ClientMachine(settings, runtime.clock.now())
    this.machine.host = this
  }

  /** Begins to read, and sends the preface. */
  start(): void {
    this.io.start(this)
    if (this.tracer !== null) this.trace((tracer) => tracer.onConnectionStart?.(this, this.peer))
    this.pump()
  }

  get peer(): PeerInfo {
    return this.io.peer
  }

  get text(): TextCodec {
    return this.runtime.text
  }

  now(): number {
    return this.runtime.clock.now()
  }

  defer(task: () => void): void {
    this.runtime.defer(task)
  }

  onHookError(error: unknown): void {
    this.runtime.onError(error)
  }

  /** How many requests may be sent now. */
  get capacity(): number {
    return this.isClosed || this.isEnded ? 0 : this.machine.capacity
  }

  /** True when no further request will ever be sent here. */
  get isUsedUp(): boolean {
    return this.isClosed || this.isEnded || this.machine.isUsedUp
  }

  /** Resolves when a request may be sent. Rejects with `CLOSED` when none ever will. */
  ready(): Promise<void> {
    if (this.capacity > 0) return Promise.resolve()
    if (this.isUsedUp) return Promise.reject(closedError(this.failure))
    return new Promise((resolve, reject) => this.waiters.push({ resolve, reject }))
  }

  send(request: HttpRequest, options: H2SendOptions | null): Promise<HttpResponse> {
    if (options?.signal?.aborted === true) return Promise.reject(abortError(options.signal))
    if (this.isUsedUp) return Promise.reject(closedError(this.failure))
    if (this.capacity === 0) {
      return Promise.reject(
        new HyperError('NOT_READY', 'all streams of the connection are in use', {
          by: 'user',
          retryable: true,
        }),
      )
    }
    this.machine.touch(this.now())
    const call = new H2Call(this, request, lineOf(request, this.peer.encrypted, options), options)
    try {
      call.begin()
    } catch (error) {
      call.fail(error instanceof HyperError ? error : userError('INVALID_BODY', null, error))
      return call.promise
    }
    this.live++
    if (this.tracer !== null) this.trace((tracer) => tracer.onRequestStart?.(request, this))
    return call.promise
  }

  /** Opens no more streams, finishes those that run, and ends the connection (RFC 9113 §6.8). */
  gracefulShutdown(): void {
    if (this.isClosed) return
    this.machine.shutdown()
    this.pump()
  }

  /** Ends the connection at once, with a reset where the transport has one. */
  abort(reason?: HyperError): void {
    this.tearDown(reason ?? userError('CANCELED', 'the connection was aborted'), true)
  }

  // ------------------------------------------------------------------ events

  protected takeEvents(): void {
    const { machine } = this
    for (;;) {
      if (this.isFull && machine.failure === null) return
      const event = machine.nextEvent()
      if (event === FAILED) {
        this.failed(machine.error!)
        return
      }
      if (event === CAPACITY_EVENT) this.releaseWaiters()
      else if (!this.takeStreamEvent(event, machine.stream?.owner as H2Call | null)) return
      if (machine.output.size > FLUSH_WITHIN_PUMP) this.flush()
    }
  }

  // False when there is nothing more for now.
  private takeStreamEvent(event: number, call: H2Call | null): boolean {
    const { machine } = this
    switch (event) {
      case HEAD_EVENT:
        this.respond(call!, machine.response!)
        return true
      case INFORMATIONAL_EVENT:
        if (this.tracer !== null) {
          this.trace((tracer) => tracer.onInformational?.(call!.request, machine.status))
        }
        call!.takeInformational(machine.status, machine.headers!)
        return true
      case DATA_EVENT:
        call!.takeData(machine.data)
        return true
      case END_EVENT:
        call!.takeEnd(machine.trailers)
        return true
      case RESET_EVENT:
        call?.gone(machine.error!)
        return true
      default:
        return false
    }
  }

  private respond(call: H2Call, response: HttpResponse): void {
    const { pendingIncoming, pendingControl } = this
    this.pendingIncoming = null
    this.pendingControl = null
    if (pendingControl !== null) pendingControl.exchange = call
    if (this.tracer !== null) this.trace((tracer) => tracer.onResponseStart?.(call.request, response))
    call.takeResponse(response, pendingIncoming)
  }

  makeBody(_stream: Stream, length: number | null): Incoming {
    this.pendingControl = new BodyControl()
    this.pendingIncoming = new Incoming(this.pendingControl, length, this.runtime.text)
    return this.pendingIncoming
  }

  httpDate(): string {
    return ''
  }

  ended(call: H2Call, error: HyperError | null): void {
    this.live--
    if (this.tracer !== null) this.trace((tracer) => tracer.onRequestEnd?.(call.request, error))
    this.releaseWaiters()
  }

  private releaseWaiters(): void {
    this.machine.hasFreed = false
    while (this.waiters.length > 0 && (this.capacity > 0 || this.isUsedUp)) {
      const { waiters } = this
      this.waiters = []
      for (const waiter of waiters) {
        if (this.isUsedUp) waiter.reject(closedError(this.failure))
        else waiter.resolve()
      }
    }
    this.onReady?.()
  }

  // ------------------------------------------------------------------ the transport

  override wrote(): void {
    super.wrote()
  }

  /** Streams write in turns until the transport has enough. */
  protected override flush(): void {
    const { machine } = this
    while (!this.isFull && !this.isEnded) {
      const more = machine.writeStreams()
      super.flush()
      if (!more) break
    }
    if (this.isEnded) super.flush()
    const { drained } = machine
    while (drained.length > 0) (drained.shift()!.owner as H2Call | null)?.drained()
    // A stream may have ended with the last of its request.
    if (machine.hasFreed) this.releaseWaiters()
    if (machine.isFinished && !this.isPumping && !this.isEnding) this.settle()
  }

  protected settle(): void {
    if (this.isClosed) return
    const { machine } = this
    if (machine.isFinished || machine.failureTold) {
      this.isEnding = true
      this.endOutput()
      this.io.close()
      this.finish(this.failure)
      this.releaseWaiters()
    } else this.setReading(!this.isFull)
  }

  onDrain(): void {
    this.drained()
    this.pump()
  }

  protected stalled(isStalled: boolean): void {
    this.machine.setSending(isStalled, this.now())
  }

  // What has arrived before may still be an answer; then the connection is gone.
  onWriteError(error: Error): void {
    this.failure = ioError(error, 'write')
    this.isEnded = true
    this.machine.output.clear()
    this.pump()
  }

  onClose(error: Error | null): void {
    if (this.isClosed) return
    const clean = this.live === 0 && error === null
    this.tearDown(clean ? null : (this.failure ?? ioError(error, 'headers')), false)
  }

  private failed(error: HyperError): void {
    this.failure = error
    this.cancelAll(error)
    this.flush()
  }

  private tearDown(error: HyperError | null, reset: boolean): void {
    if (this.isClosed) return
    this.failure = error
    this.cancelAll(error ?? closedError(null))
    if (reset) this.io.abort()
    else {
      this.flush()
      this.io.close()
    }
    this.finish(error)
    this.releaseWaiters()
  }

  private cancelAll(error: HyperError): void {
    for (const stream of this.machine.streams.values()) {
      this.machine.forget(stream)
      ;(stream.owner as H2Call | null)?.gone(error)
    }
  }
}

/** Output is written when this much is held within one turn. */
const FLUSH_WITHIN_PUMP = 65_536

// RFC 9113 §8.3.1: the parts of the target, and Host where it names no authority.
function lineOf(request: HttpRequest, encrypted: boolean, options: H2SendOptions | null): RequestLine {
  const { method, target, headers } = request
  const protocol = options?.protocol ?? null
  const scheme = options?.scheme ?? (encrypted ? 'https' : 'http')
  const host = headers.first('host')
  if (method === 'CONNECT' && protocol === null) {
    return { method, scheme: null, authority: target, path: null, protocol }
  }
  if (target.charCodeAt(0) === 0x2f || target === '*')
    return { method, scheme, authority: host, path: target, protocol }
  const { uri } = request
  // RFC 9113 §8.3.1: an empty path is `/`, and `*` for OPTIONS.
  const isStar = method === 'OPTIONS' && uri.pathAndQuery === '/' && !target.endsWith('/')
  const path = isStar ? '*' : uri.pathAndQuery
  return {
    method,
    scheme: uri.scheme ?? scheme,
    authority: uri.authority?.toString() ?? host,
    path,
    protocol,
  }
}

function closedError(cause: HyperError | null): HyperError {
  return new HyperError('CLOSED', null, {
    by: cause?.by ?? 'peer',
    retryable: true,
    cause: cause ?? undefined,
  })
}
