import { type Body, EMPTY_BODY } from '@hyper/core/body'
import { HyperError } from '@hyper/core/error'
import { toReadableStream } from './web-body.ts'

// FetchContent: the Fetch standard's "Body" mixin over a body of the engine. In: a body, or null where the standard has a
// null body. Out: what `body`, `bodyUsed`, `text()` and the other readers of a Request or Response give. The whole is
// read from the body directly; a web stream is made only when a stream is asked for, and then it alone reads.

/** Whose content it is. */
export interface FetchContentHost {
  /** The value of `content-type`, asked for when the content becomes a stream, a Blob or a FormData. */
  contentType(): string | null
  /** What readers reject with, and the stream fails with, when the body has failed. Default: the HyperError itself. */
  errorOf?(error: HyperError): unknown
}

/** The content of a Request or Response whose body is the engine's. */
export class FetchContent {
  readonly #body: Body | null
  readonly #host: FetchContentHost
  #isUsed: boolean
  /** Holds the content as a stream, once somebody wanted one; it alone reads from then on. */
  #holder: Response | null

  constructor(body: Body | null, host: FetchContentHost) {
    this.#body = body
    this.#host = host
    this.#isUsed = false
    this.#holder = null
  }

  /** The content as the platform's byte stream, the same one each time; null for a null body. */
  get stream(): Response['body'] {
    return this.#body === null && this.#holder === null ? null : this.#held().body
  }

  get bodyUsed(): boolean {
    return this.#isUsed || (this.#holder !== null && this.#holder.bodyUsed)
  }

  text(): Promise<string> {
    if (this.#holder !== null) return this.#holder.text()
    return this.#take() ?? (this.#body === null ? Promise.resolve('') : this.#told(this.#body.text()))
  }

  /** Rejects with a SyntaxError for what is no JSON. */
  json(): Promise<unknown> {
    if (this.#holder !== null) return this.#holder.json()
    return this.#take() ?? (this.#body === null ? this.#held().json() : this.#told(this.#body.json()))
  }

  bytes(): Promise<Uint8Array<ArrayBuffer>> {
    return this.#holder === null ? this.#whole(ownBytes) : this.#holder.arrayBuffer().then(asBytes)
  }

  arrayBuffer(): Promise<ArrayBuffer> {
    return this.#holder === null ? this.#whole(ownBuffer) : this.#holder.arrayBuffer()
  }

  blob(): Promise<Blob> {
    return this.#holder === null ? this.#whole((bytes) => this.#platform(bytes).blob()) : this.#holder.blob()
  }

  formData(): Promise<FormData> {
    return this.#holder === null
      ? this.#whole((bytes) => this.#platform(bytes).formData())
      : this.#holder.formData()
  }

  /**
   * A second content of the same body: what is read of one is kept for the other. Throws a TypeError when the content has
   * been read, in part or in whole.
   */
  clone(): FetchContent {
    if (this.bodyUsed || this.stream?.locked === true)
      throw new TypeError('what has been read before cannot be cloned')
    const copy = new FetchContent(null, this.#host)
    if (this.#holder !== null) copy.#holder = this.#holder.clone()
    return copy
  }

  /** All bytes, in the shape that `make` gives them; what is there already is waited for by nobody. */
  #whole<T>(make: (bytes: Uint8Array) => T | Promise<T>): Promise<T> {
    const refused = this.#take()
    if (refused !== null) return refused
    const body = this.#body ?? EMPTY_BODY
    const bytes = body.takeWhole()
    if (bytes === null) return this.#told(body.bytes()).then(make)
    return new Promise((resolve) => resolve(make(bytes)))
  }

  /** Null when the body may be read now; then it is taken. */
  #take(): Promise<never> | null {
    if (this.#isUsed) return Promise.reject(new TypeError('the body was read before'))
    this.#isUsed = this.#body !== null
    return null
  }

  // A SyntaxError of JSON is nobody's failure but the content's.
  #told<T>(reading: Promise<T>): Promise<T> {
    const errorOf = this.#errorOf()
    if (errorOf === undefined) return reading
    return reading.catch((error: unknown) => {
      throw error instanceof HyperError ? errorOf(error) : error
    })
  }

  #held(): Response {
    this.#holder ??= this.#isUsed ? this.#spent() : this.#platform(this.#streamed())
    return this.#holder
  }

  #streamed(): ReadableStream<Uint8Array<ArrayBuffer>> | null {
    if (this.#body === null) return null
    return toReadableStream(this.#body, { type: 'bytes', errorOf: this.#errorOf() })
  }

  #errorOf(): ((error: HyperError) => unknown) | undefined {
    const host = this.#host
    return host.errorOf?.bind(host)
  }

  /** What the platform has for a body that was read to its end. */
  #spent(): Response {
    const holder = this.#platform('')
    void holder.arrayBuffer()
    return holder
  }

  #platform(content: ConstructorParameters<typeof globalThis.Response>[0]): Response {
    const type = this.#host.contentType()
    return new globalThis.Response(content, { headers: type === null ? [] : [['content-type', type]] })
  }
}

function asBytes(buffer: ArrayBuffer): Uint8Array<ArrayBuffer> {
  return new Uint8Array(buffer)
}

function ownBytes(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  return asBytes(ownBuffer(bytes))
}

function ownBuffer(bytes: Uint8Array): ArrayBuffer {
  // A chunk may be a part of a larger buffer.
  const { buffer, byteLength } = bytes
  return buffer instanceof ArrayBuffer && buffer.byteLength === byteLength
    ? buffer
    : new Uint8Array(bytes).buffer
}
