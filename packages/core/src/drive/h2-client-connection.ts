import { HyperError, userError } from '../error/index.ts'
import { H2ClientMachine, type RequestLine } from '../h2/client-machine.ts'
import { CAPACITY_EVENT, HEAD_EVENT } from '../h2/event.ts'
import type { H2Settings } from '../h2/options.ts'
import type { HttpRequest } from '../http/request.ts'
import type { HttpResponse } from '../http/response.ts'
import type { Io, Runtime } from '../rt/index.ts'
import type { Tracer } from '../trace/tracer.ts'
import { abortError, type SendOptions } from './call.ts'
import { closedError, ioError } from './connection.ts'
import { H2Call, type H2CallHost } from './h2-call.ts'
import { H2Connection } from './h2-connection.ts'

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
export class H2ClientConnection extends H2Connection implements H2CallHost {
  /** What it runs; shared with its calls. */
  readonly machine: H2ClientMachine
  /** Called whenever the number of streams that may be opened has changed; for pools. */
  onReady: (() => void) | null = null
  private waiters: { resolve: () => void; reject: (error: HyperError) => void }[] = []

  constructor(io: Io, runtime: Runtime, tracer: Tracer | null, settings: H2Settings) {
    super(io, runtime, tracer)
    this.machine = new H2ClientMachine(settings, runtime.clock.now())
    this.machine.host = this
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
    if (options?.signal?.aborted === true) return Promise.reject(abortError(options.signal, null))
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

  // ------------------------------------------------------------------ events

  protected takeRoleEvent(event: number): void {
    if (event === CAPACITY_EVENT) this.releaseWaiters()
    else if (event === HEAD_EVENT) this.respond(this.machine.stream!.owner as H2Call)
    else this.interim(this.machine.stream!.owner as H2Call)
  }

  private respond(call: H2Call): void {
    const response = this.machine.response!
    const incoming = this.takeBody(call)
    if (this.tracer !== null) this.trace((tracer) => tracer.onResponseStart?.(call.request, response))
    call.takeResponse(response, incoming)
  }

  private interim(call: H2Call): void {
    const { machine } = this
    if (this.tracer !== null) this.trace((tracer) => tracer.onInformational?.(call.request, machine.status))
    call.takeInformational(machine.status, machine.headers!)
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

  // A stream may have ended with the last of its request.
  protected override flushed(): void {
    if (this.machine.hasFreed) this.releaseWaiters()
  }

  protected settle(): void {
    if (this.isClosed) return
    const { machine } = this
    if (machine.isFinished || machine.failureTold) {
      this.isEnding = true
      this.endOutput()
      this.io.close()
      this.finish(this.failure)
    } else this.setReading(!this.isFull)
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
    const clean = error === null && this.live === 0 && this.machine.streams.size === 0
    this.tearDown(clean ? null : (this.failure ?? ioError(error, null)), false)
  }

  protected override finish(error: HyperError | null): void {
    super.finish(error)
    this.releaseWaiters()
  }
}

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
