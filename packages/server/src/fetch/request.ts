import type { HttpRequest } from '@hyper/core/http'
import type { Exchange } from '@hyper/core/service'
import { toReadableStream } from '@hyper/util/web'
import { asHeaders, FetchHeaders } from './headers.ts'
import { standIn } from './platform.ts'
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
  #isUsed: boolean
  /** Holds the body as a stream, once somebody wanted one; it alone reads from then on. */
  #holder: Response | null
  #real: Request | null
  #plain: Request | null

  constructor(incoming: HttpRequest, exchange: Exchange, urls: RequestUrls) {
    this.#incoming = incoming
    this.#exchange = exchange
    this.#urls = urls
    this.#url = ''
    this.#headers = null
    this.#signal = null
    this.#isUsed = false
    this.#holder = null
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
    this.#headers ??= new FetchHeaders(this.#incoming.headers, true)
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
    return this.#hasBody() ? this.#held().body : null
  }

  get bodyUsed(): boolean {
    return this.#isUsed || (this.#holder !== null && this.#holder.bodyUsed)
  }

  text(): Promise<string> {
    if (this.#holder !== null) return this.#holder.text()
    return this.#take() ?? this.#incoming.body.text()
  }

  json(): Promise<unknown> {
    if (this.#holder !== null) return this.#holder.json()
    return this.#take() ?? this.#incoming.body.json()
  }

  bytes(): Promise<Uint8Array<ArrayBuffer>> {
    return this.arrayBuffer().then(asBytes)
  }

  arrayBuffer(): Promise<ArrayBuffer> {
    if (this.#holder !== null) return this.#holder.arrayBuffer()
    return this.#take() ?? this.#incoming.body.bytes().then(asBuffer)
  }

  blob(): Promise<Blob> {
    return this.#take() ?? this.#held().blob()
  }

  formData(): Promise<FormData> {
    return this.#take() ?? this.#held().formData()
  }

  /** A platform request of its own; the body is read once and given to both. */
  clone(): Request {
    if (this.bodyUsed) throw new TypeError('a request whose body is used cannot be cloned')
    return this.#platform(this.#hasBody() ? this.#held().clone().body : null)
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
  #hasBody(): boolean {
    return this.#holder !== null || this.#isUsed || !this.#incoming.body.isEnd
  }

  /** Null when the body may be read now; then it is taken. */
  #take(): Promise<never> | null {
    if (this.bodyUsed) return Promise.reject(new TypeError('the body was read before'))
    if (this.#holder === null) this.#isUsed = this.#hasBody()
    return null
  }

  #held(): Response {
    if (this.#holder === null) {
      const type = this.#incoming.headers.get('content-type')
      const headers: [string, string][] = type === null ? [] : [['content-type', type]]
      const stream = this.#incoming.body.isEnd ? null : toReadableStream(this.#incoming.body)
      this.#holder = new globalThis.Response(stream, { headers })
      this.#isUsed = false
    }
    return this.#holder
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
      typeof input === 'string' ? input : LazyRequest.realOf(input),
      init,
    ) as unknown as FetchRequest
  }

  static [Symbol.hasInstance](value: unknown): boolean {
    return value instanceof Platform
  }
}

function asBytes(buffer: ArrayBuffer): Uint8Array<ArrayBuffer> {
  return new Uint8Array(buffer)
}

function asBuffer(bytes: Uint8Array): ArrayBuffer {
  // A chunk may be a part of a larger buffer.
  const { buffer, byteLength } = bytes
  return buffer instanceof ArrayBuffer && buffer.byteLength === byteLength
    ? buffer
    : new Uint8Array(bytes).buffer
}
