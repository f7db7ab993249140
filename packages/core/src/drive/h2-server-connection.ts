import { Incoming } from '../body/incoming.ts'
import { HyperError, userError } from '../error/index.ts'
import { DATA_EVENT, END_EVENT, FAILED, HEAD_EVENT, NEED_DATA, RESET_EVENT } from '../h2/event.ts'
import type { H2Host } from '../h2/core.ts'
import type { H2Settings } from '../h2/options.ts'
import { H2ServerMachine } from '../h2/server-machine.ts'
import type { Stream } from '../h2/streams/stream.ts'
import type { HeaderMap } from '../http/header-map.ts'
import { HttpResponse } from '../http/response.ts'
import { extensionKey, type ExtensionKey } from '../http/extensions.ts'
import type { Io, PeerInfo, Runtime, TextCodec } from '../rt/index.ts'
import type { Service } from '../service/service.ts'
import type { Tracer } from '../trace/tracer.ts'
import { Connection, ioError } from './connection.ts'
import { httpDate } from './date.ts'
import { BodyControl, H2Exchange, type H2ExchangeHost } from './h2-exchange.ts'
import type { ServerExchange } from './exchange.ts'

// H2ServerConnection: one HTTP/2 connection being served: many requests at once, each an H2Exchange. All that the
// streams have to say in one turn leaves in one write.

/** What an extended CONNECT request is for (RFC 8441 §4), for example `'websocket'`: in the exchange's extensions. */
export const protocolKey: ExtensionKey<string> = extensionKey<string>(':protocol')

const LINGER = 2_000
const LINGER_SIZE = 65_536
/** Output is written when this much is held within one turn. */
const FLUSH_WITHIN_PUMP = 65_536

/** One HTTP/2 connection that is served: made by `serveConnection`. */
export class H2ServerConnection extends Connection implements H2Host, H2ExchangeHost {
  readonly machine: H2ServerMachine
  private readonly service: Service
  private live: number = 0
  private pendingIncoming: Incoming | null = null
  private pendingControl: BodyControl | null = null
  private isLingering: boolean = false
  private lingerBytes: number = 0
  private failure: HyperError | null = null

  constructor(io: Io, service: Service, runtime: Runtime, tracer: Tracer | null, settings: H2Settings) {
    super(io, runtime, tracer)
    this.service = service
    this.machine = new H2ServerMachine(settings, runtime.clock.now())
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

  get text(): TextCodec {
    return this.runtime.text
  }

  now(): number {
    return this.runtime.clock.now()
  }

  defer(task: () => void): void {
    this.runtime.defer(task)
  }

  /** True while no stream is open. */
  get isIdle(): boolean {
    return this.live === 0 && this.machine.streams.size === 0
  }

  /** Takes no new requests, finishes those that run, and ends the connection (two-phase GOAWAY, RFC 9113 §6.8). */
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
      // A peer that reads nothing is not read from: its pings and settings would pile up answers.
      if (this.isFull && machine.failure === null && machine.resets.length === 0) return
      switch (machine.nextEvent()) {
        case HEAD_EVENT:
          this.serve(machine.stream!)
          break
        case DATA_EVENT:
          ;(machine.stream!.owner as H2Exchange).takeData(machine.data)
          break
        case END_EVENT:
          ;(machine.stream!.owner as H2Exchange).takeEnd(machine.trailers)
          break
        case RESET_EVENT:
          ;(machine.stream!.owner as H2Exchange | null)?.gone(machine.error!)
          break
        case FAILED:
          this.failed(machine.error!)
          return
        case NEED_DATA:
        default:
          return
      }
      if (machine.output.size > FLUSH_WITHIN_PUMP) this.flush()
    }
  }

  makeBody(_stream: Stream, length: number | null): Incoming {
    this.pendingControl = new BodyControl()
    this.pendingIncoming = new Incoming(this.pendingControl, length, this.runtime.text)
    return this.pendingIncoming
  }

  private serve(stream: Stream): void {
    const { machine } = this
    const request = machine.request!
    const { pendingIncoming } = this
    const exchange = new H2Exchange(this, request, stream, pendingIncoming)
    if (pendingIncoming !== null) {
      this.pendingControl!.exchange = exchange
      this.pendingIncoming = null
      this.pendingControl = null
    }
    this.live++
    if (machine.protocol !== null) exchange.extensions.set(protocolKey, machine.protocol)
    if (this.tracer !== null) this.trace((tracer) => tracer.onRequestStart?.(request, this))
    let answer: HttpResponse | Promise<HttpResponse>
    try {
      answer = this.service(request, exchange)
    } catch (error) {
      exchange.failed(error)
      return
    }
    if (answer instanceof HttpResponse) exchange.respond(answer)
    else this.await(exchange, answer)
  }

  private await(exchange: H2Exchange, answer: Promise<HttpResponse>): void {
    Promise.resolve(answer).then(
      (response) => {
        this.machine.touch(this.now())
        exchange.respond(response)
      },
      (error: unknown) => {
        this.machine.touch(this.now())
        exchange.failed(error)
        this.wrote()
      },
    )
  }

  // ------------------------------------------------------------------ what exchanges ask

  httpDate(now: number): string {
    return httpDate(this.runtime.clock, now)
  }

  sendInformational(exchange: ServerExchange, status: number, headers: HeaderMap): boolean {
    if (exchange.isOver || this.isEnded) return false
    const sent = this.machine.sendInformational((exchange as H2Exchange).stream, status, headers)
    if (sent) this.wrote()
    return sent
  }

  offersUpgrade(exchange: ServerExchange): boolean {
    return exchange.request.method === 'CONNECT' && !exchange.isOver
  }

  onHookError(error: unknown): void {
    this.runtime.onError(error)
  }

  refuse(exchange: ServerExchange): void {
    ;(exchange as H2Exchange).refused()
  }

  responding(exchange: H2Exchange, response: HttpResponse): void {
    if (this.tracer !== null) this.trace((tracer) => tracer.onResponseStart?.(exchange.request, response))
  }

  ended(exchange: H2Exchange, error: HyperError | null): void {
    this.live--
    if (this.tracer !== null) this.trace((tracer) => tracer.onRequestEnd?.(exchange.request, error))
  }

  override wrote(): void {
    super.wrote()
  }

  // ------------------------------------------------------------------ the transport

  /** Streams write in turns until the transport has enough. */
  protected override flush(): void {
    const { machine } = this
    while (!this.isFull && !this.isEnded) {
      const more = machine.writeStreams()
      super.flush()
      if (!more) break
    }
    if (this.isEnded) super.flush()
    this.tellDrained()
    // The last stream may end with an answer that comes between reads.
    if (machine.isFinished && !this.isPumping) this.settle()
  }

  private tellDrained(): void {
    const { drained } = this.machine
    while (drained.length > 0) {
      const stream = drained.shift()!
      ;(stream.owner as H2Exchange | null)?.drained()
    }
  }

  protected settle(): void {
    if (this.isClosed) return
    const { machine } = this
    if (machine.lingered) this.letGo()
    else if (machine.isFinished || machine.failureTold) this.linger()
    else this.setReading(!this.isFull)
  }

  // RFC 9113 §5.4.1: GOAWAY, and then the peer is given time to read it.
  private linger(): void {
    if (this.isLingering) return
    this.isLingering = true
    this.endOutput()
    this.setReading(true)
    if (this.machine.isEof) this.letGo()
    else this.machine.setLinger(this.now(), LINGER)
  }

  private letGo(): void {
    this.io.close()
    this.finish(this.failure)
  }

  override onData(chunk: Uint8Array): boolean {
    if (!this.isLingering) return super.onData(chunk)
    this.lingerBytes += chunk.length
    if (this.lingerBytes > LINGER_SIZE) this.letGo()
    return false
  }

  override onEnd(): void {
    if (this.isLingering) this.letGo()
    else super.onEnd()
  }

  onDrain(): void {
    this.drained()
    this.pump()
  }

  protected stalled(isStalled: boolean): void {
    this.machine.setSending(isStalled, this.now())
  }

  onWriteError(error: Error): void {
    this.tearDown(ioError(error, 'write'), false)
  }

  onClose(error: Error | null): void {
    if (this.isClosed) return
    const clean = this.isLingering || (this.isIdle && error === null)
    const failure = this.failure ?? (clean ? null : ioError(error, null))
    this.cancelAll(failure ?? ioError(null, null))
    this.finish(failure)
  }

  // The connection has failed: GOAWAY is written, and every exchange hears of it.
  private failed(error: HyperError): void {
    this.failure = error
    this.cancelAll(error)
    if (error.code === 'SEND_TIMEOUT' || error.code === 'PING_TIMEOUT') this.tearDown(error, true)
  }

  private tearDown(error: HyperError, reset: boolean): void {
    if (this.isClosed) return
    this.failure = error
    this.cancelAll(error)
    if (reset) this.io.abort()
    else {
      this.flush()
      this.io.close()
    }
    this.finish(error)
  }

  private cancelAll(error: HyperError): void {
    for (const stream of this.machine.streams.values()) {
      this.machine.forget(stream)
      ;(stream.owner as H2Exchange | null)?.gone(error)
    }
  }
}
