import type { HeaderMap, HttpRequest } from '@hyper/core/http'
import type { Exchange } from '@hyper/core/service'
import { asHeaders, FetchContent, type FetchContentHost, FetchHeaders, standIn } from '@hyper/util/web'
import type { RequestUrls } from './request-url.ts'

// LazyRequest: the request that a fetch handler gets. In: a request of the engine and its exchange. Out: what the
// platform's Request shows, each part made when it is first asked for. Untouched, it costs one object. The whole body is
// read without a stream unless a stream is what was asked for.

const Platform: typeof globalThis.Request = globalThis.Request

export class LazyRequest {
  readonly #incoming: HttpRequest
  readonly #exchange: Exchange
  readonly #urls: RequestUrls
  #url: string
  #headers: FetchHeaders | null
  #signal: AbortSignal | null
  #content: FetchContent | null
  #real: Request | null
  #plain: Request | null

  constructor(incoming: HttpRequest, exchange: Exchange, urls: RequestUrls) {
    this.#incoming = incoming
    this.#exchange = exchange
    this.#urls = urls
    this.#url = ''
    this.#headers = null
    this.#signal = null
    this.#content = null
    this.#real = null
    this.#plain = null
  }

  /** The platform's request behind any of ours; the argument itself when it is none of ours. */
  static realOf(self: object): Request {
    if (!(#incoming in self)) return self as Request
    return self.#materialised()
  }

  /**
   * A platform's request that has the members which nothing of the message decides (`mode`, `redirect` and so on). Some
   * messages are none that the platform could make: a GET with a body, a TRACE.
   */
  static plainOf(self: object): Request {
    if (!(#incoming in self)) return self as Request
    self.#plain ??= new Platform(self.url)
    return self.#plain
  }

  get method(): string {
    return this.#incoming.method
  }

  get url(): string {
    if (this.#url === '') {
      const { headers, target } = this.#incoming
      this.#url = this.#urls.urlOf(this.#exchange.peer.encrypted, headers.first('host'), target)
    }
    return this.#url
  }

  get headers(): Headers {
    this.#headers ??= new FetchHeaders(this.#incoming.headers, 'shared')
    return asHeaders(this.#headers)
  }

  /** Aborts when the client is gone before it had the whole answer, never after a success. */
  get signal(): AbortSignal {
    if (this.#signal === null) {
      const controller = new AbortController()
      this.#exchange.onCancel((reason) => controller.abort(reason))
      this.#signal = controller.signal
    }
    return this.#signal
  }

  get body(): Request['body'] {
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

  /** A platform request of its own; the body is read once and given to both. */
  clone(): Request {
    return this.#platform(this.#held().clone().stream)
  }

  #materialised(): Request {
    this.#real ??= this.#platform(this.body)
    return this.#real
  }

  #platform(body: Request['body']): Request {
    const { method, signal, url } = this
    const init = { method, headers: [...this.headers], signal }
    return new Platform(url, body === null ? init : { ...init, body, duplex: 'half' })
  }

  // A message without Content-Length and Transfer-Encoding has no body (RFC 9112 §6.3), which is what `isEnd` says.
  #held(): FetchContent {
    if (this.#content === null) {
      const { body } = this.#incoming
      this.#content = new FetchContent(body.isEnd ? null : body, new Host(this.#incoming.headers))
    }
    return this.#content
  }
}

class Host implements FetchContentHost {
  private readonly headers: HeaderMap

  constructor(headers: HeaderMap) {
    this.headers = headers
  }

  contentType(): string | null {
    return this.headers.get('content-type')
  }
}

standIn(
  LazyRequest,
  Platform,
  (self) => LazyRequest.realOf(self),
  (self) => LazyRequest.plainOf(self),
)

/** The same object under the platform's type; `standIn` has made it one. */
export function asRequest(request: LazyRequest): Request {
  return request as unknown as Request
}

/**
 * Makes platform requests, also of a request that a handler of this server was given (which the platform's own
 * constructor cannot read). `instanceof` it holds for every request.
 */
export class FetchRequest {
  constructor(input: string | URL | Request, init?: RequestInit) {
    return new Platform(
      // What is no object the platform knows best what to say of.
      typeof input === 'object' && input !== null ? LazyRequest.realOf(input) : input,
      init,
    ) as unknown as FetchRequest
  }

  static [Symbol.hasInstance](value: unknown): boolean {
    return value instanceof Platform
  }
}
