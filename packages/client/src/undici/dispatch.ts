import type { Duplex } from 'node:stream'
import type { Body, BodySink } from '@hyper/core/body'
import { type HyperError, userError } from '@hyper/core/error'
import { upgraded } from '@hyper/core/h1'
import { type HeaderMap, type HttpRequest, type HttpResponse, reasonPhrase } from '@hyper/core/http'
import { duplexFrom } from '@hyper/util/platform'
import type { ClientParts } from '../client.ts'
import { totalOf } from '../config.ts'
import { knownError } from '../failure.ts'
import { Lifetime } from '../lifetime.ts'
import type { Place } from '../place.ts'
import { dropBody, type TripReceiver } from '../trip.ts'
import { isAnybodyWatching, Publication } from './channels.ts'
import { Controller, type Steered } from './controller.ts'
import { type DispatchCodes, dispatchErrorOf } from './errors.ts'
import { type Generation, generationOf, LATER } from './generation.ts'
import { Link, type Linked } from './link.ts'
import { Member, type Population } from './population.ts'
import { type DispatchedRequest, dispatchedRequest } from './request.ts'
import { type BodyReport, ReportedBody } from './request-body.ts'
import type { Recent } from './recent.ts'
import type { DispatchHandler, DispatchOptions } from './types.ts'

// Dispatch: one request of undici on this engine. In: what was asked for, and who hears of it. The handler hears of a
// start, of interim responses, of a head, of data, and of one end: complete, failed, or switched over. Nothing after that.

/** What all dispatches of a dispatcher share. */
export interface DispatchHome {
  readonly parts: ClientParts
  readonly codes: DispatchCodes
  readonly population: Population
  readonly recent: Recent
  /** A handler of the later generation has come. */
  isFound: boolean
}

export class Dispatch extends Member implements BodyReport, BodySink, Linked, Steered, TripReceiver {
  private readonly home: DispatchHome
  private readonly handler: DispatchHandler
  private readonly generation: Generation
  private readonly controller: Controller
  private readonly link: Link
  /** For those who watch by the channels of undici; null while nobody does. */
  private publication: Publication | null = null
  private body: Body | null = null
  private trailers: HeaderMap | null = null
  /** The response has begun. */
  private hasBegun: boolean = false
  /** The handler wants to know when the request is sent, and no body tells. */
  private wantsSent: boolean = false
  private isOver: boolean = false
  /** The method of a request for a switch of protocols; else null. */
  private switching: string | null = null

  /** @throws HyperError `INVALID_OPTION` when the handler is none */
  constructor(home: DispatchHome, handler: DispatchHandler) {
    super()
    this.home = home
    this.handler = handler
    this.generation = generationOf(handler)
    if (this.generation === LATER) home.isFound = true
    this.controller = new Controller(this)
    this.link = new Link(this)
  }

  /** Begins. @returns false when the request cannot be sent: the handler has heard why */
  start(options: DispatchOptions): boolean {
    let asked: DispatchedRequest
    try {
      asked = this.read(options)
    } catch (error) {
      this.failed(knownError(error))
      return false
    }
    this.home.population.add(this)
    try {
      this.generation.start(this.handler, this.controller)
    } catch (error) {
      this.thrown(error)
    }
    if (this.isOver) dropBody(asked.request, this.controller.reason ?? abandoned())
    else this.send(asked)
    return true
  }

  /** Does not even begin. */
  refuse(error: Error): false {
    this.isOver = true
    this.tell(error)
    return false
  }

  /** Ends it, whatever it does. The handler hears of it before this returns. */
  end(error: Error): void {
    this.controller.abort(error)
  }

  private read(options: DispatchOptions): DispatchedRequest {
    const { handler, home, link } = this
    const isWatched = isAnybodyWatching()
    const asked = dispatchedRequest(
      options,
      home.recent,
      link,
      !isWatched && home.parts.config.tracer === null,
    )
    const { place, request } = asked
    if (isWatched) this.publication = new Publication(request, place, link)
    const isTold = handler.onBodySent !== undefined || handler.onRequestSent !== undefined
    if (!isTold && this.publication === null) return asked
    this.wantsSent = request.body.isEnd
    if (this.wantsSent) return asked
    return { ...asked, request: request.with({ body: new ReportedBody(request.body, this) }) }
  }

  private send({ isSwitch, options, place, request }: DispatchedRequest): void {
    const { config, transport } = this.home.parts
    const { link } = this
    link.options = options
    if (isSwitch) this.switching = request.method
    const total = totalOf(undefined, config.timeouts)
    try {
      if (total === Infinity) transport.sendTo(place, request, link, this)
      else this.sendWithin(total, place, request)
    } catch (error) {
      this.failed(knownError(error))
    }
  }

  // With an end in time for all of it.
  private sendWithin(total: number, place: Place, request: HttpRequest): void {
    const { config, transport } = this.home.parts
    const lifetime = new Lifetime(config.runtime, this.link, total)
    this.link.signal = lifetime
    const answer = new Promise<HttpResponse>((resolve, reject) =>
      transport.sendTo(place, request, this.link, { answered: resolve, failed: reject }),
    )
    lifetime.follow(answer).then(
      (response) => this.answered(response),
      (error: unknown) => this.failed(knownError(error)),
    )
  }

  answered(response: HttpResponse): void {
    this.link.cut()
    if (this.isOver) response.body.cancel(this.controller.reason)
    else if (this.switching !== null && hasSwitched(response, this.switching))
      this.switchOver(response).catch((error: unknown) => this.failed(knownError(error)))
    else this.answer(response)
  }

  // ------------------------------------------------------------------ the response

  interim(status: number, headers: HeaderMap): void {
    // That the body may come is no news to a handler; undici tells none of it either.
    if (this.isOver || status === 100) return
    this.begin()
    this.tellHead(status, headers, '')
  }

  private answer(response: HttpResponse): void {
    const { controller } = this
    const { body, headers, status } = response
    // Nothing is to come: there is nothing that a pause could hold back.
    const isEmpty = body.isEnd
    this.body = body
    // What has no body is sent with its head, of which nobody tells: it is known once there is an answer.
    if (this.wantsSent) this.allSent()
    this.begin()
    this.tellHead(status, headers, phraseOf(response))
    if (this.isOver) return
    if (isEmpty) {
      this.onEnd()
      return
    }
    if (controller.paused) this.flow(true)
    body.start(this)
  }

  private async switchOver(response: HttpResponse): Promise<void> {
    const { headers, status } = response
    const { io, leftover } = await upgraded(response)
    const socket = duplexFrom(io, leftover)
    // As the sockets of undici: what the other side has ended, this side ends, too.
    socket.allowHalfOpen = false
    if (this.isOver) {
      socket.destroy()
      return
    }
    this.finish()
    this.hand(socket, status, headers)
  }

  private hand(socket: Duplex, status: number, headers: HeaderMap): void {
    try {
      this.begin()
      this.publication?.head(status, headers, '')
      this.publication?.end(null)
      this.generation.upgrade(this.handler, this.controller, status, headers, socket)
    } catch (error) {
      socket.on('error', () => {})
      socket.destroy(asError(error))
    }
  }

  private begin(): void {
    if (this.hasBegun) return
    this.hasBegun = true
    if (this.handler.onResponseStarted === undefined) return
    try {
      this.handler.onResponseStarted()
    } catch (error) {
      this.thrown(error)
    }
  }

  private tellHead(status: number, headers: HeaderMap, phrase: string): void {
    this.publication?.head(status, headers, phrase)
    try {
      this.generation.head(this.handler, this.controller, status, headers, phrase)
    } catch (error) {
      this.thrown(error)
    }
  }

  onData(chunk: Uint8Array): void {
    if (this.isOver) return
    this.publication?.received(chunk)
    try {
      this.generation.data(this.handler, this.controller, asBuffer(chunk))
    } catch (error) {
      this.thrown(error)
    }
  }

  onTrailers(trailers: HeaderMap): void {
    this.trailers = trailers
  }

  onEnd(): void {
    if (this.isOver) return
    this.finish()
    this.publication?.end(this.trailers)
    try {
      this.generation.end(this.handler, this.controller, this.trailers)
    } catch (error) {
      this.tell(asError(error))
    }
  }

  onError(error: HyperError): void {
    this.failed(error)
  }

  // ------------------------------------------------------------------ the request body

  sent(chunk: Uint8Array): void {
    if (this.isOver) return
    this.publication?.sent(chunk)
    try {
      this.handler.onBodySent?.(asBuffer(chunk) as never)
    } catch (error) {
      this.thrown(error)
    }
  }

  allSent(): void {
    if (this.isOver) return
    this.publication?.allSent()
    try {
      this.handler.onRequestSent?.()
    } catch (error) {
      this.thrown(error)
    }
  }

  // ------------------------------------------------------------------ what the handler does

  abort(reason: Error | undefined): void {
    if (this.isOver) return
    const { body } = this
    this.finish()
    this.tell(reason ?? dispatchErrorOf(abandoned(), this.home.codes))
    this.link.abort(reason)
    body?.cancel(reason)
  }

  flow(isPaused: boolean): void {
    if (this.isOver || this.body === null) return
    if (isPaused) {
      this.body.pause()
      this.home.population.rest(this)
    } else {
      this.home.population.wake(this)
      this.body.resume()
    }
  }

  /** What a handler throws ends its request. */
  private thrown(error: unknown): void {
    this.controller.abort(asError(error))
  }

  // ------------------------------------------------------------------ ends

  failed(error: HyperError): void {
    if (this.isOver) return
    this.finish()
    this.tell(dispatchErrorOf(error, this.home.codes))
  }

  private finish(): void {
    this.isOver = true
    this.body = null
    this.link.cut()
    this.controller.over()
    this.home.population.delete(this)
  }

  private tell(error: Error): void {
    this.publication?.failed(error)
    try {
      this.generation.error(this.handler, this.controller, error)
    } catch (thrown) {
      this.home.parts.config.runtime.onError(thrown)
    }
  }
}

/** RFC 9110 §9.3.6, §15.2.2. */
function hasSwitched({ status }: HttpResponse, method: string): boolean {
  return status === 101 || (method === 'CONNECT' && status >= 200 && status < 300)
}

/** HTTP/2 has none (RFC 9113 §8.3.2). */
function phraseOf({ reason, status, version }: HttpResponse): string {
  return reason ?? (version.startsWith('1') ? reasonPhrase(status) : '')
}

function abandoned(): HyperError {
  return userError('CANCELED', 'the request was given up by its handler')
}

function asBuffer(chunk: Uint8Array): Buffer {
  if (Buffer.isBuffer(chunk)) return chunk
  const { buffer, byteLength, byteOffset } = chunk
  return Buffer.from(buffer, byteOffset, byteLength)
}

function asError(thrown: unknown): Error {
  return thrown instanceof Error ? thrown : new Error(String(thrown), { cause: thrown })
}
