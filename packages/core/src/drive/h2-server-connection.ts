import { HyperError } from '../error/index.ts'
import type { H2Settings } from '../h2/options.ts'
import { H2ServerMachine } from '../h2/server-machine.ts'
import type { HeaderMap } from '../http/header-map.ts'
import type { HttpResponse } from '../http/response.ts'
import { extensionKey, type ExtensionKey } from '../http/extensions.ts'
import type { Io, Runtime } from '../rt/index.ts'
import type { Service } from '../service/service.ts'
import type { Tracer } from '../trace/tracer.ts'
import { ioError } from './connection.ts'
import { httpDate } from './date.ts'
import { H2Connection } from './h2-connection.ts'
import { H2Exchange, type H2ExchangeHost } from './h2-exchange.ts'
import { isResponse, type ServerExchange } from './exchange.ts'

// H2ServerConnection: one HTTP/2 connection being served: many requests at once, each an H2Exchange.

/** What an extended CONNECT request is for (RFC 8441 §4), for example `'websocket'`: in the exchange's extensions. */
export const protocolKey: ExtensionKey<string> = extensionKey<string>(':protocol')

const LINGER = 2_000
const LINGER_SIZE = 65_536

/** One HTTP/2 connection that is served: made by `serveConnection`. */
export class H2ServerConnection extends H2Connection implements H2ExchangeHost {
  readonly machine: H2ServerMachine
  private readonly service: Service
  /** The last words are with the transport: the client is given time to read them. */
  private isLingering: boolean = false
  private lingerBytes: number = 0

  constructor(io: Io, service: Service, runtime: Runtime, tracer: Tracer | null, settings: H2Settings) {
    super(io, runtime, tracer)
    this.service = service
    this.machine = new H2ServerMachine(settings, runtime.clock.now())
    this.machine.host = this
  }

  /** True while no stream is open. */
  get isIdle(): boolean {
    return this.live === 0 && this.machine.streams.size === 0
  }

  // ------------------------------------------------------------------ events

  // The only one is a head.
  protected takeRoleEvent(): void {
    const { machine } = this
    const request = machine.request!
    const exchange = new H2Exchange(this, request, machine.stream!)
    exchange.incoming = this.takeBody(exchange)
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
    if (isResponse(answer)) exchange.respond(answer)
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

  // The stream of a CONNECT is the tunnel from its first DATA frame on: it is all handed over with it.
  behind(): Uint8Array {
    return EMPTY
  }

  refuse(exchange: ServerExchange): void {
    ;(exchange as H2Exchange).refused()
  }

  answer(exchange: ServerExchange, response: HttpResponse): void {
    this.machine.touch(this.now())
    ;(exchange as H2Exchange).respond(response)
  }

  abandon(exchange: ServerExchange, reason: HyperError): void {
    ;(exchange as H2Exchange).giveUp(reason)
  }

  responding(exchange: H2Exchange, response: HttpResponse): void {
    if (this.tracer !== null) this.trace((tracer) => tracer.onResponseStart?.(exchange.request, response))
  }

  ended(exchange: H2Exchange, error: HyperError | null): void {
    this.live--
    if (this.tracer !== null) this.trace((tracer) => tracer.onRequestEnd?.(exchange.request, error))
  }

  // ------------------------------------------------------------------ the end

  protected settle(): void {
    if (this.isClosed) return
    const { machine } = this
    if (machine.lingered) this.letGo()
    else if (machine.isFinished || machine.failureTold) this.linger()
    else this.setReading(!this.isBehind)
  }

  // RFC 9113 §5.4.1: GOAWAY, and then the peer is given time to read it.
  private linger(): void {
    if (!this.isEnding) {
      this.isEnding = true
      this.endOutput()
      this.setReading(true)
    }
    // The clock runs once the transport has our last bytes; until then, that of sending does.
    if (this.isLingering || !this.isFlushed) return
    this.isLingering = true
    if (this.machine.isEof) this.letGo()
    else this.machine.setLinger(this.now(), LINGER)
  }

  private letGo(): void {
    this.io.close()
    this.finish(this.failure)
  }

  override onData(chunk: Uint8Array): boolean {
    if (!this.isEnding) return super.onData(chunk)
    if (!this.isLingering) return false
    this.lingerBytes += chunk.length
    if (this.lingerBytes > LINGER_SIZE) this.letGo()
    return false
  }

  override onEnd(): void {
    if (!this.isEnding) super.onEnd()
    else {
      this.machine.receiveEnd(this.now())
      if (this.isLingering) this.letGo()
    }
  }

  onWriteError(error: Error): void {
    this.tearDown(ioError(error, 'write'), false)
  }

  onClose(error: Error | null): void {
    if (this.isClosed) return
    const clean = this.isEnding || (this.isIdle && error === null)
    const failure = this.failure ?? (clean ? null : ioError(error, null))
    this.cancelAll(failure ?? ioError(null, null))
    this.finish(failure)
  }
}

const EMPTY: Uint8Array = new Uint8Array(0)
