import { Body } from '@hyper/core/body'
import { HeaderMap, HttpResponse } from '@hyper/core/http'
import { asHeaders, FetchHeaders, standIn, toHeaderMap } from '@hyper/util/web'

// LazyResponse: the `Response` that this package exports. In: what the platform's constructor takes. Out: an object of
// that shape which holds what it was given, so that the server can write it without a stream; a platform Response is
// made only when somebody reads the body or clones. What is unusual goes to the platform's constructor at once, so that
// its checks and errors hold.

const Platform: typeof globalThis.Response = globalThis.Response

/** What a response may be made of, as for the platform's. */
export type FetchBodyInit = ConstructorParameters<typeof globalThis.Response>[0]
/** Status, reason phrase and headers, as for the platform's. */
export type FetchResponseInit = NonNullable<ConstructorParameters<typeof globalThis.Response>[1]>

/** A payload that can be written without asking the platform. A body is one of a generator or of a stream of Node. */
export type Payload = string | Uint8Array | Body | null

/** 301, 302, 303, 307 or 308. */
type RedirectStatus = Parameters<typeof globalThis.Response.redirect>[1]

/** Those that hand the connection over. */
const switches: WeakSet<object> = new WeakSet()

const NO_HEADERS: HeaderMap = new HeaderMap()
// The encoder keeps the text of a map with the map: these two are encoded once.
const TEXT_HEADERS: HeaderMap = new HeaderMap([['content-type', 'text/plain;charset=UTF-8']])
const JSON_HEADERS: HeaderMap = new HeaderMap([['content-type', 'application/json']])

export class LazyResponse {
  #status: number
  #statusText: string
  #headers: HeaderMap
  /** The map is one of the shared ones above. */
  #shared: boolean
  #view: FetchHeaders | null
  #payload: Payload
  #real: Response | null

  constructor(body?: FetchBodyInit, init?: FetchResponseInit) {
    this.#status = 200
    this.#statusText = ''
    this.#headers = NO_HEADERS
    this.#shared = true
    this.#view = null
    this.#payload = null
    this.#real = null
    if (typeof body === 'string') {
      this.#payload = body
      this.#headers = TEXT_HEADERS
      if (init != null) this.#apply(init, TEXT_HEADERS)
    } else if (body == null) {
      if (init != null) this.#apply(init, NO_HEADERS)
    } else if (body instanceof Uint8Array) {
      // The standard copies what it is given: the caller may write into it again.
      this.#payload = new Uint8Array(body)
      if (init != null) this.#apply(init, NO_HEADERS)
    } else if (isFreshSource(body)) {
      this.#payload = Body.from(body)
      if (init != null) this.#apply(init, NO_HEADERS)
    } else {
      this.#adopt(new Platform(body, init))
    }
  }

  /** As the platform's: `content-type: application/json` unless `init` says otherwise. */
  static json(data: unknown, init?: FetchResponseInit): Response {
    const text: string | undefined = JSON.stringify(data)
    if (text === undefined) throw new TypeError('the given value has no JSON')
    const response = new LazyResponse(text)
    response.#headers = JSON_HEADERS
    if (init != null) response.#apply(init, JSON_HEADERS)
    return asResponse(response)
  }

  static error(): Response {
    return Platform.error()
  }

  static redirect(url: string | URL, status?: RedirectStatus): Response {
    return Platform.redirect(url, status)
  }

  /**
   * The answer that hands the connection over: 101 with `Upgrade`, or 200 to a CONNECT. The platform's constructor
   * has no way to say 101.
   */
  static switching(status: number, headers: HeaderMap): Response {
    const response = new LazyResponse()
    response.#status = status
    response.#headers = headers
    response.#shared = false
    switches.add(response)
    return asResponse(response)
  }

  /** Whether it is what {@link switching} has made. */
  static isSwitching(response: object): boolean {
    return switches.has(response)
  }

  /**
   * The engine's response, where it can be had without asking the platform. Null for a platform response, and for one of
   * ours whose body stands in a platform response by now.
   */
  static toHttp(response: object): HttpResponse | null {
    if (!(#real in response) || response.#real !== null) return null
    const headers = response.#view === null ? response.#headers : FetchHeaders.mapOf(response.#view)
    const reason = response.#statusText
    const payload = response.#payload
    if (payload instanceof Body && payload.used)
      throw new TypeError('the fetch handler returned a response whose body was read before')
    return new HttpResponse(payload, {
      status: response.#status,
      headers,
      reason: reason === '' ? null : reason,
    })
  }

  get status(): number {
    return this.#status
  }

  get statusText(): string {
    return this.#statusText
  }

  get ok(): boolean {
    return this.#status >= 200 && this.#status <= 299
  }

  get headers(): Headers {
    this.#view ??= new FetchHeaders(this.#headers, this.#shared ? 'shared' : 'own')
    return asHeaders(this.#view)
  }

  get type(): Response['type'] {
    return 'default'
  }

  get url(): string {
    return ''
  }

  get redirected(): boolean {
    return false
  }

  get bodyUsed(): boolean {
    return this.#real === null ? this.#payload instanceof Body && this.#payload.used : this.#real.bodyUsed
  }

  get body(): Response['body'] {
    return this.#payload === null && this.#real === null ? null : this.#materialised().body
  }

  text(): Promise<string> {
    return this.#materialised().text()
  }

  json(): Promise<unknown> {
    return this.#materialised().json()
  }

  arrayBuffer(): Promise<ArrayBuffer> {
    return this.#materialised().arrayBuffer()
  }

  clone(): Response {
    // Only the platform can give one stream to two.
    if (this.#payload instanceof Body) this.#materialised()
    const copy = new LazyResponse()
    copy.#status = this.#status
    copy.#statusText = this.#statusText
    copy.#headers = (this.#view === null ? this.#headers : FetchHeaders.mapOf(this.#view)).clone()
    copy.#shared = false
    if (this.#real === null) copy.#payload = this.#payload
    else copy.#real = this.#real.clone()
    return asResponse(copy)
  }

  /** The platform's response behind any of ours. */
  static realOf(self: object): Response {
    if (!(#real in self)) throw new TypeError('not a Response')
    return self.#materialised()
  }

  // Status and headers stay here; the platform's object is asked for the body only.
  #materialised(): Response {
    if (this.#real === null) {
      const headers = [
        ...asHeaders(this.#view ?? new FetchHeaders(this.#headers, this.#shared ? 'shared' : 'own')),
      ]
      this.#real = new Platform(this.#payload as FetchBodyInit, { headers })
      this.#payload = null
    }
    return this.#real
  }

  #apply(init: FetchResponseInit, implied: HeaderMap): void {
    const { status, statusText, headers } = init
    if (status !== undefined && status !== 200) {
      if (!isPlain(status) || (this.#payload !== null && isNullBody(status))) return this.#refuse(init)
      this.#status = status
    }
    if (statusText !== undefined && statusText !== '') {
      if (!REASON.test(statusText)) return this.#refuse(init)
      this.#statusText = statusText
    }
    if (headers == null) return
    const map = toHeaderMap(headers)
    if (implied !== NO_HEADERS && !map.has('content-type'))
      map.append('content-type', implied.first('content-type') ?? '')
    this.#headers = map
    this.#shared = false
  }

  // The platform knows best what is wrong with an init; where it finds nothing, its object is used.
  #refuse(init: FetchResponseInit): void {
    this.#adopt(new Platform(this.#payload as FetchBodyInit, init))
  }

  #adopt(real: Response): void {
    this.#real = real
    this.#payload = null
    this.#status = real.status
    this.#statusText = real.statusText
    this.#headers = toHeaderMap(real.headers)
    this.#shared = false
  }
}

standIn(LazyResponse, Platform, (self) => LazyResponse.realOf(self))

/** The same object under the platform's type; `standIn` has made it one. */
export function asResponse(response: LazyResponse): Response {
  return response as unknown as Response
}

/**
 * Generators and streams of Node are pulled by the engine: through a platform's stream they would be pulled once more, and
 * a stream of Node that is given up before its first chunk would stay open.
 */
function isFreshSource(body: object): body is AsyncIterable<Uint8Array> {
  if (!(Symbol.asyncIterator in body) || 'getReader' in body) return false
  // What was read before, the platform refuses.
  return !('readableDidRead' in body) || body.readableDidRead === false
}

function isPlain(status: number): boolean {
  return Number.isInteger(status) && status >= 200 && status <= 599
}

// Fetch, "null body status".
function isNullBody(status: number): boolean {
  return status === 204 || status === 205 || status === 304
}

/** A reason phrase (RFC 9112 §4), without the bytes above ASCII. */
const REASON = /^[\t\x20-\x7e]*$/
