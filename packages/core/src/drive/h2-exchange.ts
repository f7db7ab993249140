import { Body } from '../body/body.ts'
import type { Incoming } from '../body/incoming.ts'
import { HyperError, userError } from '../error/index.ts'
import { incomplete } from '../h1/decode/body-reading.ts'
import { UNKNOWN_LENGTH } from '../h1/encode/plan.ts'
import { CANCEL, INTERNAL_ERROR, reasonByName } from '../h2/frame/reason.ts'
import type { H2ServerMachine } from '../h2/server-machine.ts'
import type { Stream } from '../h2/streams/stream.ts'
import { maySend } from '../h2/streams/state.ts'
import type { HeaderMap } from '../http/header-map.ts'
import type { HttpRequest } from '../http/request.ts'
import { HttpResponse } from '../http/response.ts'
import type { TextCodec } from '../rt/index.ts'
import { BodyWriter, type BodyTarget } from './body-writer.ts'
import {
  gaveNoResponse,
  isResponse,
  ServerExchange,
  serviceFailure,
  statusOf,
  type ExchangeHost,
} from './exchange.ts'
import type { StreamOwner } from './h2-connection.ts'
import { answeredUnread } from './request-body.ts'
import { sendMessage } from './send-message.ts'
import { StreamIo } from './stream-io.ts'

// H2Exchange: one request on an HTTP/2 stream, being answered: what its service sees, and what joins the two bodies to
// the stream. The connection's driver makes one per request and hands it the stream's events.

/** What the exchange needs of its connection. */
export interface H2ExchangeHost extends ExchangeHost {
  readonly machine: H2ServerMachine
  readonly text: TextCodec
  /** Output was added: it is written at the end of the turn. */
  wrote(): void
  now(): number
  defer(task: () => void): void
  ended(exchange: H2Exchange, error: HyperError | null): void
  responding(exchange: H2Exchange, response: HttpResponse): void
}

export class H2Exchange extends ServerExchange implements BodyTarget, StreamOwner {
  readonly stream: Stream
  private readonly connection: H2ExchangeHost
  private readonly machine: H2ServerMachine
  /** The body of the request, while it comes. */
  incoming: Incoming | null = null
  private writer: BodyWriter | null = null
  private tunnel: StreamIo | null = null
  /** Text or bytes of an answer that is there as a whole, until its end is known. */
  private whole: string | Uint8Array | null = null
  /** Received bytes that the body holds for its reader. */
  private owed: number = 0

  constructor(connection: H2ExchangeHost, request: HttpRequest, stream: Stream) {
    super(connection, request)
    this.connection = connection
    this.machine = connection.machine
    this.stream = stream
    stream.owner = this
  }

  // ------------------------------------------------------------------ the answer

  respond(response: HttpResponse): void {
    if (this.isOver || this.isAnswered || !maySend(this.stream.state)) {
      if (isResponse(response)) dropBody(response, this.cancelled)
      return
    }
    if (!isResponse(response)) {
      this.failed(gaveNoResponse(response))
      return
    }
    if (
      this.wantsUpgrade &&
      this.request.method === 'CONNECT' &&
      response.status >= 200 &&
      response.status < 300
    ) {
      this.beginTunnel(response)
      return
    }
    this.isAnswered = true
    let rest: Body | null
    try {
      rest = sendMessage(this, response.payload, response, sendResponseHead)
    } catch (error) {
      this.isAnswered = false
      dropBody(response, error)
      this.failed(error)
      return
    }
    this.connection.responding(this, response)
    if (rest === null) this.answered()
    else this.begin(rest)
    this.connection.wrote()
  }

  private begin(rest: Body): void {
    this.writer = new BodyWriter(rest, this)
    this.writer.start()
  }

  // RFC 9113 §8.5: the stream becomes the tunnel.
  private beginTunnel(response: HttpResponse): void {
    // There is no room for it.
    dropBody(response, null)
    if (this.incoming?.used === true) {
      this.failed(userError('BODY_USED', 'the body of the request was taken, and is the way into the tunnel'))
      return
    }
    this.isAnswered = true
    this.machine.sendHead(this.stream, response.status, response.headers, 0, true)
    this.tunnel = new StreamIo(this.peer, {
      write: (chunk) => this.machine.sendData(this.stream, chunk),
      end: () => this.machine.sendEnd(this.stream, null),
      reset: () => this.machine.reset(this.stream, CANCEL),
      stop: () => this.stopTunnel(),
      consumed: (bytes) => this.machine.consume(this.stream, bytes),
      wrote: () => this.connection.wrote(),
      defer: (task) => this.connection.defer(task),
      encode: (text) => this.connection.text.encodeLatin1(text),
    })
    this.connection.responding(this, response)
    if (this.incoming === null) this.tunnel.sink.onEnd()
    else this.incoming.start(this.tunnel.sink)
    this.hand({ io: this.tunnel, leftover: EMPTY })
    this.connection.ended(this, null)
    this.connection.wrote()
  }

  // Its owner has let go of it.
  private stopTunnel(): void {
    this.machine.touch(this.connection.now())
    this.owed = this.stream.unconsumed
    this.dropIncoming()
  }

  get settings(): { readonly text: TextCodec } {
    return this.connection
  }

  /** What a service has thrown becomes a 500, or the reset of a stream whose head is out. */
  failed(error: unknown): void {
    if (this.isOver) return
    this.connection.onHookError(error)
    const failure = serviceFailure(error)
    if (this.failure !== null || this.stream.sentHead) {
      this.giveUp(failure)
      return
    }
    this.failure = failure
    this.respond(new HttpResponse(null, { status: statusOf(failure) }))
  }

  sendHead(response: HttpResponse, length: number): boolean {
    return this.machine.sendHead(this.stream, response.status, response.headers, length, false)
  }

  sendText(text: string): void {
    this.whole = text
  }

  sendData(chunk: Uint8Array): void {
    this.whole = chunk
  }

  sendEnd(trailers: HeaderMap | null): void {
    const { whole } = this
    this.whole = null
    if (whole === null) this.machine.sendEnd(this.stream, trailers)
    else this.machine.sendWhole(this.stream, whole)
  }

  writeData(chunk: Uint8Array): boolean {
    const goesOn = this.machine.sendData(this.stream, chunk)
    this.connection.wrote()
    return goesOn
  }

  writeEnd(trailers: HeaderMap | null): void {
    this.writer = null
    try {
      this.machine.sendEnd(this.stream, trailers)
    } catch (error) {
      this.bodyFailed(error as HyperError)
      return
    }
    this.answered()
    this.connection.wrote()
  }

  // The peer must see that the message is not complete (RFC 9113 §8.1).
  bodyFailed(error: HyperError): void {
    this.writer = null
    this.connection.onHookError(error)
    this.giveUp(error)
  }

  encodeUtf8(text: string): Uint8Array {
    return this.connection.text.encodeUtf8(text)
  }

  /** The stream has taken what it held. */
  drained(): void {
    if (this.tunnel !== null) this.tunnel.drained()
    else this.writer?.resume()
  }

  // Everything is handed to the stream; its end may still wait for credit.
  private answered(): void {
    if (this.wantsUpgrade) this.decline()
    this.over()
    this.connection.ended(this, null)
    const { incoming } = this
    if (incoming === null || incoming.used) return
    this.dropIncoming()
    // Whoever begins to read it now learns that it is gone.
    incoming.pushError(answeredUnread)
  }

  /** The service has refused the request (RFC 9113 §8.7). */
  refused(): void {
    this.giveUp(
      new HyperError('CANCELED', 'the service has refused the request', {
        by: 'user',
        retryable: true,
        reason: 'REFUSED_STREAM',
      }),
    )
  }

  /** The client sees that there will be no answer, or no more of it (RFC 9113 §8.1). */
  giveUp(error: HyperError): void {
    this.machine.reset(this.stream, reasonCode(error))
    this.gone(error)
    this.connection.wrote()
  }

  // ------------------------------------------------------------------ the request body

  takeData(chunk: Uint8Array): void {
    const { incoming } = this
    if (incoming === null) this.machine.consume(this.stream, chunk.length)
    else if (incoming.push(chunk)) {
      // A tunnel gives credit for what it has delivered.
      if (this.tunnel === null) this.machine.consume(this.stream, chunk.length)
    } else {
      this.owed += chunk.length
      this.stream.isHeld = true
    }
  }

  takeEnd(trailers: HeaderMap | null): void {
    const { incoming } = this
    this.incoming = null
    incoming?.pushEnd(trailers)
  }

  /** The body's reader has begun, or has room again. */
  bodyWanted(): void {
    const { owed } = this
    this.owed = 0
    this.stream.isHeld = false
    this.stream.receivedAt = this.connection.now()
    if (this.tunnel === null) this.machine.consume(this.stream, owed)
    // RFC 9110 §10.1.1: a client that waits with its body is told to send it, unless the answer has begun.
    if (this.stream.receivedBytes === 0 && isAwaited(this.request)) this.informational(100)
    this.connection.wrote()
  }

  /** Nobody reads the rest: it is dropped as it comes, and once the answer is complete the client is told to stop. */
  dropIncoming(): void {
    this.incoming = null
    this.machine.stopReceiving(this.stream)
    this.machine.consume(this.stream, this.owed)
    this.owed = 0
    this.connection.wrote()
  }

  // ------------------------------------------------------------------ the end

  /** The stream is gone. */
  gone(cause: HyperError): void {
    const { incoming, writer } = this
    const error = cause.isIncompleteMessage() ? clientGone(incoming !== null) : cause
    this.incoming = null
    this.writer = null
    // In this order: an answer that is made of the request has not failed by itself.
    writer?.cancel(error)
    incoming?.pushError(error)
    this.tunnel?.gone(error)
    if (this.isOver) return
    this.cancel(error)
    this.connection.ended(this, error)
  }
}

// A body that is empty but for its trailers ends with them, not with the head.
function sendResponseHead(
  exchange: H2Exchange,
  response: HttpResponse,
  length: number,
  trailers: boolean,
): boolean {
  return exchange.sendHead(response, trailers && length === 0 ? UNKNOWN_LENGTH : length)
}

// Its source must not wait for a reader; a body that somebody else reads is theirs.
function dropBody({ payload }: HttpResponse, reason: unknown): void {
  if (payload instanceof Body && !payload.used) payload.cancel(reason)
}

// The client has ended the connection: inside of its request, or while it was being answered.
function clientGone(inBody: boolean): HyperError {
  if (inBody) return incomplete('body')
  const detail = 'the client ended the connection while its request was being answered'
  return new HyperError('CANCELED', detail, { by: 'peer', phase: 'headers' })
}

function isAwaited(request: HttpRequest): boolean {
  return request.headers.get('expect')?.toLowerCase() === '100-continue'
}

// Row 179: an error may name the HTTP/2 reason itself, or carry one that does.
function reasonCode(error: HyperError): number {
  let cause: unknown = error
  for (let depth = 0; depth < 8 && cause instanceof HyperError; depth++) {
    if (cause.reason !== null) return reasonByName(cause.reason)
    if (cause.code === 'CANCELED') return CANCEL
    cause = cause.cause
  }
  return INTERNAL_ERROR
}

const EMPTY = new Uint8Array(0)
