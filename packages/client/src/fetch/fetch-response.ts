import type { Body } from '@hyper/core/body'
import type { HyperError } from '@hyper/core/error'
import { type HttpResponse, reasonPhrase } from '@hyper/core/http'
import { asHeaders, FetchContent, type FetchContentHost, FetchHeaders, standIn } from '@hyper/util/web'
import { canceledBy } from '../failure.ts'
import { URL_LIST } from '../layers/redirect.ts'
import { fetchErrorOf } from './fetch-error.ts'
import { urlOf } from './fetch-redirect.ts'
import { GivenUpBody } from './given-up-body.ts'

// LazyResponse: the Response that fetch gives. In: a response of the engine. Out: what the platform's Response shows, each
// part made when it is first asked for; the whole body is read without a web stream unless a stream is what was asked
// for. `instanceof Response` holds.

/** A response, as the standard has it, and what it lacks. */
export interface FetchResponse extends Response {
  /** Resolves with the trailers when the body has been read to its end; null when there are none. Never rejects. */
  readonly trailers: Promise<Headers | null>
}

/** What a response was made of; held by whatever can still read its body. */
export class Received implements FetchContentHost {
  readonly http: HttpResponse
  /** What fetch was asked for. */
  readonly asked: string
  /** Null where the standard has a null body. */
  readonly body: Body | null
  private readonly signal: AbortSignal | null

  constructor(http: HttpResponse, asked: string, hasBody: boolean, signal: AbortSignal | null) {
    this.http = http
    this.asked = asked
    this.body = hasBody ? http.body : null
    this.signal = signal
  }

  /** What is there to be read, from now on. */
  content(): Body | null {
    const { body, signal } = this
    if (body === null || signal === null || !signal.aborted || body.used) return body
    body.cancel(signal.reason)
    return new GivenUpBody(canceledBy(signal, 'body'))
  }

  contentType(): string | null {
    return this.http.headers.get('content-type')
  }

  errorOf(error: HyperError): unknown {
    return fetchErrorOf(error, this.signal)
  }
}

/** The response that fetch gives. */
export class LazyResponse {
  readonly #received: Received
  #headers: FetchHeaders | null
  #content: FetchContent | null
  #real: Response | null

  constructor(received: Received, content: FetchContent | null) {
    if (!isPlatform) becomePlatform()
    this.#received = received
    this.#headers = null
    this.#content = content
    this.#real = null
  }

  /** The platform's response behind any of ours. */
  static realOf(self: object): Response {
    if (!(#received in self)) throw new TypeError('not a Response')
    const { status, statusText } = self
    const init = { headers: [...self.headers], status: status > 599 ? 599 : status, statusText }
    self.#real ??= new globalThis.Response(self.body, init)
    return self.#real
  }

  static httpOf(self: object): HttpResponse | null {
    return #received in self ? self.#received.http : null
  }

  get status(): number {
    return this.#received.http.status
  }

  get statusText(): string {
    const { reason, status, version } = this.#received.http
    if (reason !== null) return reason
    // Later versions have no reason phrase.
    return version === '1.1' || version === '1.0' ? (reasonPhrase(status) ?? '') : ''
  }

  get ok(): boolean {
    const { status } = this.#received.http
    return status >= 200 && status <= 299
  }

  get type(): Response['type'] {
    return 'basic'
  }

  get url(): string {
    const { asked, http } = this.#received
    return urlOf(http, asked)
  }

  get redirected(): boolean {
    return this.#received.http.extensions.has(URL_LIST)
  }

  get headers(): Headers {
    this.#headers ??= new FetchHeaders(this.#received.http.headers, 'immutable')
    return asHeaders(this.#headers)
  }

  get trailers(): Promise<Headers | null> {
    return this.#received.http.trailers.then((map) =>
      map === null ? null : asHeaders(new FetchHeaders(map, 'immutable')),
    )
  }

  get body(): Response['body'] {
    return this.#held().stream
  }

  get bodyUsed(): boolean {
    return this.#content !== null && this.#content.bodyUsed
  }

  text(): Promise<string> {
    return this.#held().text()
  }

  json(): Promise<unknown> {
    return this.#held().json()
  }

  bytes(): Promise<Uint8Array<ArrayBuffer>> {
    return this.#held().bytes()
  }

  arrayBuffer(): Promise<ArrayBuffer> {
    return this.#held().arrayBuffer()
  }

  blob(): Promise<Blob> {
    return this.#held().blob()
  }

  formData(): Promise<FormData> {
    return this.#held().formData()
  }

  clone(): Response {
    return asResponse(new LazyResponse(this.#received, this.#held().clone()))
  }

  #held(): FetchContent {
    this.#content ??= new FetchContent(this.#received.content(), this.#received)
    return this.#content
  }
}

let isPlatform = false

// Once, before the first response is handed out, and not when the module is loaded: in Node the platform's fetch classes
// take milliseconds to load.
function becomePlatform(): void {
  isPlatform = true
  const Platform = globalThis.Response
  standIn(LazyResponse, Platform, (self) => LazyResponse.realOf(self))
  // `new response.constructor(…)` makes what it makes of the platform's.
  Object.defineProperty(LazyResponse.prototype, 'constructor', {
    configurable: true,
    value: Platform,
    writable: true,
  })
}

/** The same object under the platform's type; `standIn` has made it one. */
export function asResponse(response: LazyResponse): FetchResponse {
  return response as unknown as FetchResponse
}

/**
 * The engine's response behind one that fetch gave: its version, its extensions with what is known of the connection. Its
 * body is the same one; leave it alone. Null for any other Response.
 */
export function httpResponseOf(response: Response): HttpResponse | null {
  return LazyResponse.httpOf(response)
}
