import type { ServerResponse } from 'node:http'
import type { BodySink } from '@hyper/core/body'
import { HyperError } from '@hyper/core/error'
import { type HeaderMap, type HttpRequest, HttpResponse } from '@hyper/core/http'
import type { Alarm } from '@hyper/core/rt'
import type { Exchange } from '@hyper/core/service'
import { AnswerBody, type AnswerWriter } from './answer-body.ts'
import { dispatch } from './dispatch.ts'
import { bufferOf, bytesOf, isUtf8 } from './chunks.ts'
import { answerOf, type Head, headOf, linesOf } from './head.ts'
import type { Host } from './host.ts'
import { drained, isHeard, isRead, leaveSignal, markClosed } from './internals.ts'
import type { RawRequest, RawResponse, Written } from './internals.ts'
import { aborted, givenUp, type NodeSocket } from './socket.ts'

// Turn: one request being answered through Node's messages. In: the engine's request and exchange, and what the two
// messages hand down. Out: the engine's answer, given at once when the listener has ended the response by the time it
// returns, and the events of both messages, in Node's order.

/** An exchange as the driver has made it, with what it has besides. */
export interface DriverExchange extends Exchange {
  readonly behind: Uint8Array
  answer(response: HttpResponse): void
  abandon(reason: HyperError): void
}

export class Turn implements BodySink, AnswerWriter {
  readonly host: Host
  readonly socket: NodeSocket
  readonly request: HttpRequest
  readonly exchange: Exchange
  /** The same, without what `serve` has put around it. */
  readonly driver: DriverExchange
  req!: RawRequest
  res!: RawResponse
  /** Nothing of the response counts from here on. */
  isOver: boolean = false
  /** The listener is running: an answer is given when it has returned. */
  private isListening: boolean = false
  private isReading: boolean = false
  /** What is here of the request comes when the listener has returned, as it does from Node's parser. */
  private isHeld: boolean = false
  private isBodyOver: boolean = false
  private head: Head | null = null
  /** The first chunk, as it was written, while it may be all. */
  private first: string | Uint8Array | null = null
  private body: AnswerBody | null = null
  /** All of the response was written. */
  private isEnded: boolean = false
  /** The engine has the answer. */
  private isAnswered: boolean = false
  private isScheduled: boolean = false
  /** The body was taken in full, or nobody wants it. */
  private isTaken: boolean = false
  private owesDrain: boolean = false
  private written: Written[] | null = null
  private answer: HttpResponse | null = null
  /** The service has promised the answer. */
  private isPromised: boolean = false
  private reject: ((error: unknown) => void) | null = null
  private receiving: Alarm | null = null

  constructor(
    host: Host,
    socket: NodeSocket,
    request: HttpRequest,
    exchange: Exchange,
    driver: DriverExchange,
  ) {
    this.driver = driver
    this.host = host
    this.socket = socket
    this.request = request
    this.exchange = exchange
  }

  /** Runs the listeners. */
  begin(): HttpResponse | Promise<HttpResponse> {
    this.isListening = true
    this.socket.turn = this
    this.socket.touch()
    this.isHeld = true
    try {
      const elsewhere = dispatch(this)
      if (elsewhere !== null) return elsewhere
    } catch (error) {
      this.thrown(error)
    } finally {
      this.isHeld = false
      if (this.isReading && !this.isBodyOver) this.startBody()
    }
    this.isListening = false
    // Who has begun to read (Node does so a little later) gets the body, even when the answer is complete by now.
    if (!this.isReading && !this.request.body.isEnd && isRead(this.req)) this.readOn()
    this.limitReceiving()
    if (
      !this.isAnswered &&
      this.head !== null &&
      (this.first !== null || this.body !== null || this.isScheduled)
    )
      this.stream()
    const { answer } = this
    if (answer !== null && this.isEnded && this.body === null) return answer
    this.exchange.onCancel((reason) => this.cancelled(reason))
    if (answer !== null) return answer
    // Nobody waits for what was given up.
    if (this.isOver) return new HttpResponse()
    this.isPromised = true
    // It is answered by the exchange; of the promise nothing more is needed than a way to fail.
    return new Promise((_, reject) => {
      this.reject = reject
    })
  }

  // A listener that has ended its response and then throws has answered all the same.
  private thrown(error: unknown): void {
    if (this.answer !== null || this.isOver) {
      this.host.report(error)
      return
    }
    this.isListening = false
    if (this.res !== undefined) this.close(null, false)
    throw error
  }

  /** @internal What a listener of one of the messages has thrown. */
  failed(error: unknown): void {
    this.host.report(error)
    if (this.isOver) return
    if (!this.isAnswered) {
      this.give(new HttpResponse(null, { status: 500 }))
      this.close(null, false)
    } else this.socket.destroy(error instanceof Error ? error : null)
  }

  // ------------------------------------------------------------------ the request

  /** The reader has begun, or has room again. */
  readOn(): void {
    const { body } = this.request
    if (this.isReading) {
      if (!this.isBodyOver) body.resume()
      return
    }
    this.isReading = true
    this.req._consuming = true
    if (!this.isHeld) this.startBody()
  }

  private startBody(): void {
    const { body } = this.request
    // Once the answer is out, the engine has dropped what nobody has read.
    if (this.isOver || body.isEnd || body.used) this.onEnd()
    else body.start(this)
  }

  onData(chunk: Uint8Array): void {
    this.socket.touch()
    if (!this.req.push(bufferOf(chunk))) this.request.body.pause()
  }

  onTrailers(trailers: HeaderMap): void {
    const raw = trailers.rawFields()
    this.req.complete = true
    this.req._addHeaderLines(raw, raw.length)
  }

  onEnd(): void {
    this.isBodyOver = true
    this.received()
    this.req.complete = true
    this.req.push(null)
  }

  onError(error: HyperError): void {
    this.isBodyOver = true
    this.received()
    // `limits.maxRequestBodySize`, where the length was not known before.
    if (error.code === 'BODY_TOO_LARGE' && !this.isAnswered && this.reject !== null) {
      this.reject(error)
      this.close(error, false)
    }
    if (!this.req.destroyed) this.req.destroy(aborted(error))
  }

  /** The request was destroyed before it was complete, or before anybody has read it. */
  requestGone(error: Error | null): void {
    if (this.isOver || this.isSaid || this.req.socket === null) {
      // An answer that is complete is not lost for a request that nobody wants the rest of. Nor is one to come: Node's
      // `pipeline` and iterators take the socket from a request before they destroy it, so that it may still be answered.
      if (!this.isBodyOver && this.isReading) this.request.body.cancel(error)
      if (!this.isOver && this.req.socket !== null) this.letGo()
    } else {
      // From now on nothing is taken; the response closes behind the request, as it does when a socket closes.
      this.socket.destroyed = true
      setImmediate(() => this.abandon(error))
    }
  }

  // Node's `requestTimeout`: how long a client may take for the whole of its request.
  private limitReceiving(): void {
    const { requestTimeout } = this.host.server
    if (this.isOver || this.req.complete || !(requestTimeout > 0) || requestTimeout === Infinity) return
    const { clock, timer } = this.host.runtime
    this.receiving = timer.alarm(this)
    this.receiving.move(clock.now() + requestTimeout)
  }

  private received(): void {
    this.receiving?.cancel()
    this.receiving = null
  }

  onAlarm(): void {
    this.receiving = null
    if (this.isBodyOver) return
    const error = new HyperError('BODY_TIMEOUT', 'the request has taken longer than `requestTimeout`', {
      by: 'peer',
      phase: 'body',
    })
    if (this.isOver) this.request.body.cancel(error)
    else if (this.isAnswered) this.abandon(error)
    else {
      this.give(new HttpResponse(null, { status: 408, headers: { connection: 'close' } }))
      this.close(error, false)
    }
  }

  // ------------------------------------------------------------------ the response

  storeHead(headers: unknown): void {
    this.head = headOf(this.res, headers, this.host.uniqueHeaders)
    if (this.head.length !== null) this.res._contentLength = this.head.length
  }

  sendInterim(text: string, callback: Written | null | undefined): boolean {
    const line = text.indexOf('\r\n')
    const status = Number(text.slice(9, 12))
    this.exchange.informational(status, linesOf(text.slice(line + 2)) ?? undefined)
    this.socket.touch()
    if (typeof callback === 'function') process.nextTick(callback)
    return true
  }

  send(
    data: string | Uint8Array,
    encoding: BufferEncoding | null | undefined,
    callback: Written | null | undefined,
  ): boolean {
    if (this.isOver || this.socket.destroyed) return false
    if (typeof callback === 'function') {
      if (this.written === null) this.written = [callback]
      else this.written.push(callback)
    }
    this.socket.touch()
    if (data.length > 0) this.take(data, encoding)
    if (!this.isAnswered && !this.isScheduled) {
      // The end may follow at once, and then the length is known.
      this.isScheduled = true
      if (!this.isListening) process.nextTick(beginStream, this)
    }
    return this.hasRoom()
  }

  private take(data: string | Uint8Array, encoding: BufferEncoding | null | undefined): void {
    if (this.body === null && this.first === null) {
      this.first = typeof data === 'string' && !isUtf8(encoding) ? bytesOf(data, encoding) : data
      return
    }
    this.made().write(typeof data === 'string' ? bytesOf(data, encoding) : data)
    // By then it is known whether this was the end, which has a time of its own.
    if (this.body?.isFlowing === true && this.written !== null) process.nextTick(tellWritten, this)
  }

  private hasRoom(): boolean {
    const { body } = this
    const waiting = body === null ? (this.first?.length ?? 0) : body.waiting
    if (body !== null) this.res.outputSize = waiting
    if (body !== null && body.used ? body.isFlowing : waiting < this.host.highWaterMark) return true
    this.owesDrain = true
    return false
  }

  /** The body of an answer that comes in parts. */
  private made(): AnswerBody {
    if (this.body === null) {
      const { head } = this
      // Whether there will be trailers is seen at the end, when it is too late to ask for a framing that has room.
      this.body = new AnswerBody(this, head?.length ?? null, head?.length == null)
      const { first } = this
      this.first = null
      if (first !== null) this.body.write(typeof first === 'string' ? Buffer.from(first) : first)
    }
    return this.body
  }

  /** The answer begins, and its end is not known. */
  stream(): void {
    const { head } = this
    if (head === null || this.isAnswered || this.isOver) return
    this.give(answerOf(head, this.made()))
  }

  /** All of the response was written. */
  finish(): void {
    this.isEnded = true
    const { head } = this
    if (head === null || this.isOver || this.socket.destroyed) return
    const trailers = linesOf(this.res._trailer)
    if (this.isAnswered) {
      if (this.isTaken) this.completeSoon()
      else this.body?.end(trailers)
      return
    }
    if (this.body === null && trailers === null && !head.isChunked) {
      // What does not fit is found out by the engine, and is a 500.
      this.give(answerOf(head, this.first))
      this.completeSoon()
      return
    }
    this.made().end(trailers)
    this.stream()
  }

  private give(answer: HttpResponse): void {
    this.isAnswered = true
    if (this.isPromised) this.driver.answer(answer)
    else this.answer = answer
  }

  // Processes exit upon `finish`: the transport must have the answer. HTTP/1 is written by the time that the caller is done,
  // HTTP/2 at the end of the loop's turn.
  private completeSoon(): void {
    process.nextTick(this.socket.isStream ? completeLater : complete, this)
  }

  /** @internal The client takes more. */
  answerWanted(): void {
    this.res.outputSize = 0
    this.socket.touch()
    if (this.written !== null) process.nextTick(tellWritten, this)
    if (!this.owesDrain || this.isEnded || this.isOver) return
    this.owesDrain = false
    drained(this.res)
    process.nextTick(emitDrain, this)
  }

  /** @internal */
  answerOver(): void {
    this.isTaken = true
    if (this.isEnded) this.completeSoon()
  }

  /** @internal What was written is with the transport. Once the end was written too, all are told with it. */
  tellWritten(): void {
    const { written } = this
    if (written === null || this.isEnded || this.isOver || this.body?.waiting !== 0) return
    this.written = null
    this.host.run(() => written.forEach((callback) => callback(null)))
  }

  // ------------------------------------------------------------------ the end

  /** Nobody answers, or goes on to: the client sees a reset. */
  abandon(error: Error | null): void {
    if (this.isOver) return
    if (this.isSaid) {
      this.letGo()
      return
    }
    this.driver.abandon(givenUp(error))
    // Where the engine was done with it.
    this.cancelled(givenUp(error))
  }

  /** All of the answer is with the engine, or is once the listener has returned, and does not wait for the client. */
  private get isSaid(): boolean {
    if (!this.isEnded || !this.isAnswered) return false
    return this.body === null || this.isTaken || this.isListening
  }

  /** The connection ends behind the answer; a stream of HTTP/2 does so anyway. */
  private letGo(): void {
    if (!this.socket.isStream) this.socket.link?.gracefulShutdown()
  }

  /** @internal The request leaves HTTP: what follows is not of this turn. */
  leave(): void {
    this.isOver = true
    this.isReading = true
    this.isBodyOver = true
    this.socket.turn = null
  }

  /** @internal A request that was leaving is not answered. */
  giveUp(error: HyperError): void {
    this.driver.abandon(error)
  }

  /** @internal The answer is with the transport. */
  complete(): void {
    const { exchange, host, req, res, socket } = this
    if (this.isOver) return
    if (exchange.cancelled !== null) {
      this.cancelled(exchange.cancelled)
      return
    }
    this.isOver = true
    host.finished(this)
    leaveSignal(req)
    if (!this.isReading) {
      this.received()
      // Nobody has read it, and the engine drops it. Who listens hears the end all the same.
      if (!req.destroyed && isHeard(req, 'end', 'close')) {
        if (req.complete) this.readOn()
        req._dump()
      }
    }
    this.detach()
    const { written } = this
    this.written = null
    if (written !== null) host.run(() => written.forEach((callback) => callback(null)))
    if (res.listenerCount('close') > 0) process.nextTick(emitClose, this)
    else markClosed(res)
    if (socket.isStream) socket.gone(null)
  }

  private detach(): void {
    const { res, socket } = this
    socket.turn = null
    socket.unread = this.isReading && !this.isBodyOver ? this.request.body : null
    if (socket._httpMessage === (res as ServerResponse)) socket._httpMessage = null
    res.socket = null
    res.outputSize = 0
    if (socket.timeout > 0) socket.setTimeout(this.host.server.timeout)
  }

  /** The client is gone, or the request was given up. */
  cancelled(reason: HyperError): void {
    if (this.isOver) return
    this.close(reason, true)
  }

  private close(reason: HyperError | null, isLost: boolean): void {
    this.isOver = true
    const { body, req, res, socket, written } = this
    this.received()
    this.written = null
    this.first = null
    if (isLost) {
      socket.turn = null
      socket.destroyed = true
      socket._hadError = true
    } else this.detach()
    const error = aborted(reason)
    if (!req.destroyed) req.destroy(error)
    res.outputSize = 0
    if (body !== null && !body.used) body.cancel(reason)
    for (const callback of written ?? []) process.nextTick(callback, error)
    emitClose(this)
    if (socket.isStream) socket.gone(null)
  }

  /** @internal */
  emitDrain(): void {
    if (!this.isOver && !this.isEnded) this.res.emit('drain')
  }

  /** @internal */
  emitClose(): void {
    const { res } = this
    if (res._closed) return
    markClosed(res)
    res.emit('close')
  }
}

function complete(turn: Turn): void {
  turn.complete()
}

function completeLater(turn: Turn): void {
  turn.host.later(turn)
}

function tellWritten(turn: Turn): void {
  turn.tellWritten()
}

function beginStream(turn: Turn): void {
  turn.stream()
}

function emitDrain(turn: Turn): void {
  turn.emitDrain()
}

function emitClose(turn: Turn): void {
  turn.emitClose()
}
