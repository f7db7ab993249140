import { channel } from 'node:diagnostics_channel'
import type { HeaderMap, HttpRequest } from '@hyper/core/http'
import type { PeerInfo } from '@hyper/core/rt'
import type { Place } from '../place.ts'
import { rawFieldsOf } from './raw-fields.ts'

// The diagnostics channels of undici, for who watches a process by them: OpenTelemetry, the tracers of vendors, the network
// panel of Node's inspector. They hear what they would hear of undici itself. Nothing is made while nobody listens.

const CREATE = channel('undici:request:create')
const SEND_HEADERS = channel('undici:client:sendHeaders')
const BODY_CHUNK_SENT = channel('undici:request:bodyChunkSent')
const BODY_SENT = channel('undici:request:bodySent')
const HEADERS = channel('undici:request:headers')
const BODY_CHUNK_RECEIVED = channel('undici:request:bodyChunkReceived')
const TRAILERS = channel('undici:request:trailers')
const ERROR = channel('undici:request:error')

/** Who knows the other end, once there is a connection. */
export interface Connected {
  readonly peer: PeerInfo
}

/** Whether anybody listens. */
export function isAnybodyWatching(): boolean {
  return CREATE.hasSubscribers || HEADERS.hasSubscribers || TRAILERS.hasSubscribers || ERROR.hasSubscribers
}

/** One request, published as it is made. Subscribers may add fields to it before it is sent. */
export class Publication {
  private readonly request: PublishedRequest
  private readonly by: Connected
  private hasGone: boolean = false

  constructor(request: HttpRequest, place: Place, by: Connected) {
    this.by = by
    this.request = new PublishedRequest(request, place)
    CREATE.publish({ request: this.request })
  }

  head(statusCode: number, headers: HeaderMap, statusText: string): void {
    this.gone()
    const response = { statusCode, headers: rawFieldsOf(headers), statusText }
    HEADERS.publish({ request: this.request, response })
  }

  sent(chunk: Uint8Array): void {
    this.gone()
    BODY_CHUNK_SENT.publish({ request: this.request, chunk })
  }

  allSent(): void {
    this.gone()
    BODY_SENT.publish({ request: this.request })
  }

  received(chunk: Uint8Array): void {
    BODY_CHUNK_RECEIVED.publish({ request: this.request, chunk })
  }

  end(trailers: HeaderMap | null): void {
    this.request.completed = true
    TRAILERS.publish({ request: this.request, trailers: rawFieldsOf(trailers) })
  }

  failed(error: Error): void {
    if (this.by.peer.remoteAddress !== undefined) this.gone()
    this.request.aborted = true
    ERROR.publish({ request: this.request, error })
  }

  // That the head was sent is known by what comes after it.
  private gone(): void {
    if (this.hasGone) return
    this.hasGone = true
    SEND_HEADERS.publish({ request: this.request, headers: this.request.text, socket: this.by.peer })
  }
}

/** A request as undici's own is seen from outside. Subscribers keep things of their own in it. */
class PublishedRequest {
  readonly origin: string
  readonly path: string
  readonly method: string
  readonly body: object | null
  readonly upgrade: string | null
  /** Names and values in turn. */
  readonly headers: string[]
  completed: boolean = false
  aborted: boolean = false
  private readonly fields: HeaderMap

  constructor({ body, headers, method }: HttpRequest, { destination, target }: Place) {
    this.origin = destination.origin
    this.path = target
    this.method = method
    this.body = body.isEnd ? null : body
    this.upgrade = headers.get('upgrade')
    this.fields = headers
    this.headers = Array.from(headers).flat()
  }

  addHeader(name: string, value: string): this {
    this.fields.append(name, value)
    this.headers.push(name, value)
    return this
  }

  get text(): string {
    const lines = Array.from(this.fields, ([name, value]) => `${name}: ${value}\r\n`)
    return `${this.method} ${this.path} HTTP/1.1\r\n${lines.join('')}`
  }
}
