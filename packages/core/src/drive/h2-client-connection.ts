import type { Body } from '../body/body.ts'
import { asGateway, BAD_GATEWAY } from '../error/error.ts'
import { HyperError, userError } from '../error/index.ts'
import { H2ClientMachine } from '../h2/client-machine.ts'
import { CAPACITY_EVENT, HEAD_EVENT } from '../h2/event.ts'
import type { H2Settings } from '../h2/options.ts'
import type { HttpRequest } from '../http/request.ts'
import type { HttpResponse } from '../http/response.ts'
import type { Io, Runtime } from '../rt/index.ts'
import type { Tracer } from '../trace/tracer.ts'
import { abortError } from './call.ts'
import { closedError, ioError, unsentError } from './connection.ts'
import { H2Call, type H2CallHost, type H2SendOptions } from './h2-call.ts'
import { H2Connection } from './h2-connection.ts'

// H2ClientConnection: one HTTP/2 connection to a server, many exchanges at once, each an H2Call. Requests of one turn
// leave in one write.

/** One HTTP/2 connection to a server: made by `handshake`. Requests are sent by its `SendRequest`. */
export class H2ClientConnection extends H2Connection implements H2CallHost {
  /** What it runs; shared with its calls. */
  readonly machine: H2ClientMachine
  /** Called whenever the number of streams that may be opened has changed; for pools. */
  onReady: (() => void) | null = null
  /** Those that wait for the server's SETTINGS. */
  private early: H2Call[] = []
  private readonly waiters: Waiter[] = []
  /** Places that were promised to who asked, until the end of the turn or until they are used. */
  private promised: number = 0
  private isLapsing: boolean = false

  constructor(io: Io, runtime: Runtime, tracer: Tracer | null, settings: H2Settings) {
    super(io, runtime, tracer)
    this.machine = new H2ClientMachine(settings, runtime.clock.now())
    this.machine.host = this
  }

  /** How many requests may be sent now. */
  get capacity(): number {
    if (this.isClosed || this.isEnded) return 0
    const { capacity } = this.machine
    return this.early.length === 0 ? capacity : Math.max(0, capacity - this.early.length)
  }

  /** Requests under way, those included that wait for the server's SETTINGS. */
  get active(): number {
    return this.machine.streams.size + this.early.length
  }

  /** True when no further request will ever be sent here. */
  get isUsedUp(): boolean {
    return this.isClosed || this.isEnded || this.machine.isUsedUp
  }

  // ------------------------------------------------------------------ places

  /** Resolves when a request may be sent. Rejects with `CLOSED` when none ever will. */
  ready(): Promise<void> {
    if (this.isUsedUp) return Promise.reject(closedError(this.failure))
    if (this.waiters.length === 0 && this.capacity > this.promised) {
      this.promise()
      return Promise.resolve()
    }
    return new Promise((resolve, reject) => this.waiters.push({ resolve, reject }))
  }

  // One waiter for each free place, in the order in which they came.
  private wake(): void {
    this.machine.hasFreed = false
    const { waiters } = this
    while (waiters.length > 0 && (this.isUsedUp || this.capacity > this.promised)) {
      const waiter = waiters.shift()!
      if (this.isUsedUp) waiter.reject(closedError(this.failure))
      else {
        this.promise()
        waiter.resolve()
      }
    }
    if (this.onReady !== null) this.callHook(this.onReady)
  }

  // Who was promised a place sends in the same turn. A place that was not used by then is the next one's.
  private promise(): void {
    this.promised++
    if (this.isLapsing) return
    this.isLapsing = true
    this.runtime.defer(() => {
      this.isLapsing = false
      this.promised = 0
      if (this.waiters.length > 0) this.wake()
    })
  }

  // ------------------------------------------------------------------ requests

  send(request: HttpRequest, options: H2SendOptions | null): Promise<HttpResponse> {
    if (options?.signal?.aborted === true) return Promise.reject(abortError(options.signal, null))
    if (this.isUsedUp) return Promise.reject(closedError(this.failure))
    if (this.capacity === 0) return Promise.reject(notReady())
    const call = new H2Call(this, request, options)
    if (this.isEarly(call)) {
      this.early.push(call)
      this.began(call)
    } else this.begin(call)
    return call.promise
  }

  private isEarly({ protocol, request }: H2Call): boolean {
    const { gotSettings, requests } = this.machine
    if (gotSettings) return false
    // RFC 8441 §3: not before the server has said that it knows what that is.
    if (protocol !== null) return true
    // How many streams it takes is not known either, and a body that was begun is lost with a stream that it refuses. The
    // first one is refused by nobody. `settingsTimeout` bounds the wait.
    return requests > 0 && request.body.again() === null && !request.body.isEnd
  }

  private begin(call: H2Call): void {
    let rest: Body | null
    try {
      rest = this.open(call)
    } catch (error) {
      call.fail(asError(error))
      return
    }
    this.began(call)
    if (rest !== null) call.pushBody(rest)
  }

  /** @throws what the request cannot be sent for */
  private open(call: H2Call): Body | null {
    if (call.protocol !== null && !this.machine.peerConnectProtocol) throw notOffered()
    this.machine.touch(this.now())
    call.position = this.position
    return call.open()
  }

  private began(call: H2Call): void {
    this.live++
    if (this.promised > 0) this.promised--
    if (this.tracer === null) return
    call.context = this.runtime.snapshot?.() ?? null
    this.trace((tracer) => tracer.onRequestStart?.(call.request, this))
  }

  // The server's first SETTINGS are here.
  private openEarly(): void {
    const { early } = this
    this.early = []
    for (const call of early) {
      try {
        if (this.isUsedUp) throw closedError(this.failure)
        if (this.capacity === 0) throw notReady()
        const rest = this.open(call)
        if (rest !== null) call.pushBody(rest)
      } catch (error) {
        call.refuse(asError(error))
      }
    }
  }

  private refuseEarly(): void {
    const { early } = this
    this.early = []
    for (const call of early) call.refuse(closedError(this.failure))
  }

  ended(call: H2Call, error: HyperError | null): void {
    this.live--
    if (call.stream === null) this.early = this.early.filter((other) => other !== call)
    if (this.tracer !== null) this.traceCall(call, (tracer) => tracer.onRequestEnd?.(call.request, error))
    this.wake()
  }

  /** Takes no new requests, finishes those that run, and ends the connection (GOAWAY, RFC 9113 §6.8). */
  override gracefulShutdown(): void {
    super.gracefulShutdown()
    this.refuseEarly()
    this.wake()
  }

  // ------------------------------------------------------------------ events

  protected takeRoleEvent(event: number): void {
    if (event === CAPACITY_EVENT) {
      if (this.early.length > 0) this.openEarly()
      this.wake()
    } else if (event === HEAD_EVENT) this.respond(this.machine.stream!.owner as H2Call)
    else this.interim(this.machine.stream!.owner as H2Call)
  }

  private respond(call: H2Call): void {
    const response = this.machine.response!
    const incoming = this.takeBody(call)
    if (this.tracer !== null)
      this.traceCall(call, (tracer) => tracer.onResponseStart?.(call.request, response))
    call.takeResponse(response, incoming)
  }

  private interim(call: H2Call): void {
    const { machine } = this
    if (this.tracer !== null)
      this.traceCall(call, (tracer) => tracer.onInformational?.(call.request, machine.status))
    call.takeInformational(machine.status, machine.headers!)
  }

  httpDate(): string {
    return ''
  }

  // ------------------------------------------------------------------ the transport

  // A stream may have ended with the last of its request.
  protected override flushed(): void {
    if (this.machine.hasFreed) this.wake()
  }

  protected settle(): void {
    if (this.isClosed) return
    const { machine } = this
    if (machine.isFinished || machine.failureTold) {
      if (!this.isEnding) {
        this.isEnding = true
        this.endOutput()
      }
      if (!this.isFlushed) return
      this.io.close()
      this.finish(this.failure)
    } else this.setReading(!this.isBehind)
  }

  // An answer may be on its way all the same, or even here; with the last one the connection is over.
  onWriteError(error: Error, lost: number = 0): void {
    const { machine } = this
    const failure = asGateway(ioError(error, 'write'))
    this.failure = failure
    this.isEnded = true
    machine.output.clear()
    machine.isShutDown = true
    const unsent = unsentError(error)
    for (const stream of machine.streams.values()) {
      const call = stream.owner as H2Call | null
      if (call !== null && call.position >= this.written - lost) {
        machine.forget(stream)
        call.gone(unsent)
      } else call?.stopWriting(failure)
    }
    this.refuseEarly()
    this.wake()
    this.pump()
  }

  onClose(error: Error | null): void {
    if (this.isClosed) return
    const clean = error === null && this.live === 0 && this.machine.streams.size === 0
    this.tearDown(clean ? null : (this.failure ?? asGateway(ioError(error, null))), false)
  }

  protected override finish(error: HyperError | null): void {
    super.finish(error)
    this.refuseEarly()
    this.wake()
  }
}

interface Waiter {
  readonly resolve: () => void
  readonly reject: (error: HyperError) => void
}

function asError(error: unknown): HyperError {
  return error instanceof HyperError ? error : userError('INVALID_BODY', null, error)
}

function notReady(): HyperError {
  return new HyperError('NOT_READY', 'all streams of the connection are in use', {
    by: 'user',
    retryable: true,
  })
}

function notOffered(): HyperError {
  return new HyperError('NO_UPGRADE', 'the server does not offer extended CONNECT (RFC 8441)', {
    by: 'peer',
    phase: 'upgrade',
    retryable: true,
    statusHint: BAD_GATEWAY,
  })
}
