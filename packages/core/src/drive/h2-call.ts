import type { Body } from '../body/body.ts'
import type { Incoming } from '../body/incoming.ts'
import { placed } from '../error/error.ts'
import { HyperError, userError, type ErrorPhase } from '../error/index.ts'
import { count, time } from '../error/option.ts'
import { LEAST_HEAD } from '../h1/options.ts'
import type { H2ClientMachine, RequestLine } from '../h2/client-machine.ts'
import { CANCEL, INTERNAL_ERROR } from '../h2/frame/reason.ts'
import { CLOSED, maySend } from '../h2/streams/state.ts'
import type { Stream } from '../h2/streams/stream.ts'
import type { HeaderMap } from '../http/header-map.ts'
import type { HttpRequest } from '../http/request.ts'
import type { HttpResponse } from '../http/response.ts'
import type { PeerInfo, TextCodec } from '../rt/index.ts'
import type { IoParts } from '../service/service.ts'
import { BodyWriter, type BodyTarget } from './body-writer.ts'
import { Call, type SendOptions } from './call.ts'
import type { StreamOwner } from './h2-connection.ts'
import { sendMessage } from './send-message.ts'
import { StreamIo } from './stream-io.ts'
import { handOver } from './upgraded.ts'

// H2Call: one request on an HTTP/2 stream, from `send` to the end of both bodies: what joins them to the stream. The
// connection's driver makes one per request and hands it the stream's events.

/** What may be said of one request over HTTP/2. */
export interface H2SendOptions extends SendOptions {
  /** Overrides `http` or `https`, which come from the connection or from an absolute target. */
  readonly scheme?: string | undefined
  /**
   * Makes a CONNECT an extended one (RFC 8441), for example `'websocket'`. The server must have offered it in its SETTINGS;
   * before these have arrived, the request waits for them.
   */
  readonly protocol?: string | undefined
}

/** What a call needs of its connection. */
export interface H2CallHost {
  readonly machine: H2ClientMachine
  readonly text: TextCodec
  readonly peer: PeerInfo
  /** Output was added: it is written at the end of the turn. */
  wrote(): void
  now(): number
  defer(task: () => void): void
  ended(call: H2Call, error: HyperError | null): void
  onHookError(error: unknown): void
}

export class H2Call extends Call implements BodyTarget, StreamOwner {
  stream: Stream | null = null
  /** Where the request begins in all that is written on its connection. */
  position: number = 0
  private readonly connection: H2CallHost
  private readonly machine: H2ClientMachine
  /** What a tunnel is for (RFC 8441 §4), or null. */
  readonly protocol: string | null
  private readonly scheme: string
  private readonly sendOptions: H2SendOptions | null
  private incoming: Incoming | null = null
  private writer: BodyWriter | null = null
  private tunnel: StreamIo | null = null
  /** Text or bytes of a request that is there as a whole, until its end is known. */
  private whole: string | Uint8Array | null = null
  /** Received bytes that the body holds for its reader. */
  private owed: number = 0
  private isOver: boolean = false
  /** Writing has failed. */
  private isMute: boolean = false
  /** The body of the request will not be sent: the server has answered without it. */
  private isWithheld: boolean = false

  constructor(connection: H2CallHost, request: HttpRequest, options: H2SendOptions | null) {
    super(request, options, options?.signal === undefined ? null : (error) => this.giveUp(error, CANCEL))
    this.connection = connection
    this.machine = connection.machine
    this.protocol = options?.protocol ?? null
    this.scheme = options?.scheme ?? (connection.peer.encrypted ? 'https' : 'http')
    this.sendOptions = options
  }

  // ------------------------------------------------------------------ the request

  /**
   * Opens the stream.
   * @returns the body that is still to be sent, or null
   * @throws HyperError what the head's encoding throws; nothing was written then
   */
  open(): Body | null {
    const rest = sendMessage(this, this.request.body, this.request, sendRequestHead)
    this.connection.wrote()
    return rest
  }

  pushBody(rest: Body): void {
    this.writer = new BodyWriter(rest, this)
    this.writer.start()
  }

  get settings(): { readonly text: TextCodec } {
    return this.connection
  }

  sendHead(length: number, trailers: boolean): boolean {
    const tunnel = this.request.method === 'CONNECT'
    const limits = this.sendOptions === null ? null : limitsOf(this.sendOptions)
    // A body that may end in trailers must leave room for them: its head does not end the stream.
    const stream = this.machine.open(
      lineOf(this.request, this.scheme, this.protocol),
      this.request.headers,
      trailers && length === 0 ? -1 : length,
      tunnel,
    )
    stream.owner = this
    if (limits !== null) {
      stream.headersTimeout = limits.headersTimeout
      stream.bodyIdleTimeout = limits.bodyIdleTimeout
      if (limits.headSize !== null) this.machine.limitHead(stream, limits.headSize)
    }
    this.stream = stream
    return !tunnel && maySend(stream.state)
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
    if (whole === null) this.machine.sendEnd(this.stream!, trailers)
    else this.machine.sendWhole(this.stream!, whole)
  }

  writeData(chunk: Uint8Array): boolean {
    const goesOn = this.machine.sendData(this.stream!, chunk)
    this.connection.wrote()
    return goesOn
  }

  writeEnd(trailers: HeaderMap | null): void {
    this.writer = null
    this.machine.touch(this.connection.now())
    try {
      this.machine.sendEnd(this.stream!, trailers)
    } catch (error) {
      this.bodyFailed(error as HyperError)
      return
    }
    this.connection.wrote()
    this.finishWhenDone()
  }

  bodyFailed(error: HyperError): void {
    this.writer = null
    if (error.by !== 'library' || this.response === null) {
      this.giveUp(error, INTERNAL_ERROR)
      return
    }
    // RFC 9110 §10.1.1: it was held back until the answer had come, and is not sent any more.
    this.isWithheld = true
    this.finishWhenDone()
  }

  encodeUtf8(text: string): Uint8Array {
    return this.connection.text.encodeUtf8(text)
  }

  /** The stream has taken what it held. */
  drained(): void {
    if (this.tunnel !== null) this.tunnel.drained()
    else this.writer?.resume()
  }

  // ------------------------------------------------------------------ the response

  /** The head is here. @param incoming its body, null when there is none */
  takeResponse(response: HttpResponse, incoming: Incoming | null): void {
    this.incoming = incoming
    if (this.request.method === 'CONNECT') {
      if (response.status < 300) this.beginTunnel(response)
      else this.endTunnel()
    }
    this.answer(response)
    if (this.tunnel !== null) this.finish(null)
    else if (incoming === null) this.finishWhenDone()
  }

  // RFC 9113 §8.5: the stream becomes the tunnel.
  private beginTunnel(response: HttpResponse): void {
    const stream = this.stream!
    const tunnel = new StreamIo(this.connection.peer, {
      write: (chunk) => this.machine.sendData(stream, chunk),
      end: () => this.machine.sendEnd(stream, null),
      reset: () => this.machine.reset(stream, CANCEL),
      stop: () => this.stopTunnel(stream),
      consumed: (bytes) => this.machine.consume(stream, bytes),
      wrote: () => this.connection.wrote(),
      defer: (task) => this.connection.defer(task),
      encode: (text) => this.connection.text.encodeLatin1(text),
    })
    this.tunnel = tunnel
    if (this.incoming === null) tunnel.sink.onEnd()
    else this.incoming.start(tunnel.sink)
    const parts: IoParts = { io: tunnel, leftover: new Uint8Array(0) }
    handOver(response, Promise.resolve(parts))
  }

  // Its owner has let go of it.
  private stopTunnel(stream: Stream): void {
    this.incoming = null
    this.machine.touch(this.connection.now())
    this.machine.stopReceiving(stream)
    this.machine.consume(stream, stream.unconsumed)
  }

  // It was refused: nothing will be sent.
  private endTunnel(): void {
    this.machine.sendEnd(this.stream!, null)
    this.connection.wrote()
  }

  takeInformational(status: number, headers: HeaderMap): void {
    try {
      this.informational(status, headers)
    } catch (error) {
      this.connection.onHookError(error)
    }
  }

  takeData(chunk: Uint8Array): void {
    const stream = this.stream!
    const { incoming } = this
    if (incoming === null) this.machine.consume(stream, chunk.length)
    else if (incoming.push(chunk)) {
      // A tunnel gives credit for what it has delivered.
      if (this.tunnel === null) this.machine.consume(stream, chunk.length)
    } else this.owed += chunk.length
  }

  takeEnd(trailers: HeaderMap | null): void {
    const { incoming } = this
    this.incoming = null
    this.finishWhenDone()
    incoming?.pushEnd(trailers)
  }

  /** The body's reader has begun, or has room again. */
  bodyWanted(): void {
    const { owed } = this
    this.owed = 0
    const stream = this.stream!
    stream.receivedAt = this.connection.now()
    this.machine.consume(stream, owed)
    this.connection.wrote()
  }

  /** The response's reader has given up: so does the request. */
  dropIncoming(cause: unknown): void {
    this.incoming = null
    const detail = 'the response body was given up'
    this.giveUp(new HyperError('CANCELED', detail, { by: 'user', phase: 'body', cause }), CANCEL)
  }

  // ------------------------------------------------------------------ the end

  private finishWhenDone(): void {
    if (this.isOver || this.response === null || this.incoming !== null || this.tunnel !== null) return
    const stream = this.stream!
    if (this.isMute) this.machine.forget(stream)
    else if (this.isWithheld) {
      this.machine.reset(stream, CANCEL)
      this.connection.wrote()
    }
    // Everything is handed to the stream; its end may still wait for credit.
    else if (stream.state !== CLOSED && !stream.endQueued) return
    this.finish(null)
  }

  private finish(error: HyperError | null): void {
    if (this.isOver) return
    this.isOver = true
    this.over()
    this.connection.ended(this, error)
  }

  /** Nothing can be written any more. The answer may still come, and be whole. */
  stopWriting(error: HyperError): void {
    const { writer } = this
    this.writer = null
    this.isMute = true
    writer?.cancel(error)
    this.finishWhenDone()
  }

  /** It will not be sent. */
  refuse(error: HyperError): void {
    this.fail(error)
    this.finish(error)
  }

  /** The caller, or its body, gives the exchange up. */
  private giveUp(error: HyperError, reason: number): void {
    if (this.isOver) return
    if (this.stream === null) {
      this.refuse(error)
      return
    }
    this.machine.reset(this.stream, reason)
    this.connection.wrote()
    this.gone(error)
  }

  override get phase(): ErrorPhase | null {
    if (this.stream === null) return null
    if (this.response === null) return 'headers'
    return this.incoming === null && this.tunnel === null ? 'write' : 'body'
  }

  /** The stream is gone. */
  gone(cause: HyperError): void {
    const { incoming, writer, stream } = this
    const error = placed(cause, this.phase, stream !== null && (stream.gotHead || stream.informational > 0))
    this.incoming = null
    this.writer = null
    // RFC 9113 §8.1: a server that has answered in full may say that it wants no more of the request.
    const isHarmless = this.response !== null && incoming === null && error.reason === 'NO_ERROR'
    writer?.cancel(error)
    incoming?.pushError(error)
    this.tunnel?.gone(error)
    if (this.isOver) return
    if (this.response === null) this.fail(error)
    this.finish(isHarmless ? null : error)
  }
}

/** Of this response alone; null where the connection's counts. @throws HyperError `INVALID_OPTION` */
function limitsOf({ bodyIdleTimeout, headersTimeout, maxHeadSize }: SendOptions): {
  readonly headersTimeout: number | null
  readonly bodyIdleTimeout: number | null
  readonly headSize: number | null
} {
  return {
    headersTimeout: headersTimeout === undefined ? null : time('headersTimeout', headersTimeout, 0),
    bodyIdleTimeout: bodyIdleTimeout === undefined ? null : time('bodyIdleTimeout', bodyIdleTimeout, 0),
    headSize: maxHeadSize === undefined ? null : count('maxHeadSize', maxHeadSize, 0, LEAST_HEAD),
  }
}

// RFC 9113 §8.3.1: the parts of the target, and Host where it names no authority.
function lineOf(request: HttpRequest, scheme: string, protocol: string | null): RequestLine {
  const { method, target, headers } = request
  if (method === 'CONNECT' && protocol === null) {
    return { method, scheme: null, authority: target, path: null, protocol }
  }
  if (protocol !== null && method !== 'CONNECT')
    throw userError('INVALID_OPTION', 'protocol is for CONNECT alone (RFC 8441 §4)')
  const host = headers.first('host')
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

function sendRequestHead(call: H2Call, _request: HttpRequest, length: number, trailers: boolean): boolean {
  return call.sendHead(length, trailers)
}
