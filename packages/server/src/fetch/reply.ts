import { Body } from '@hyper/core/body'
import { HeaderMap, HttpResponse } from '@hyper/core/http'
import { FetchContext } from './context.ts'
import { FetchHeaders, toHeaderMap } from './headers.ts'
import { LazyResponse } from './response.ts'

// Reply: from the Response of a fetch handler to the engine's. In: a response of ours or of the platform's. Out: the
// response that is written: text and bytes as they are where that is known in time, else a body that pulls the stream
// no faster than the client takes it, and cancels it when the client goes.

/** The engine's response for what a handler has returned. Throws a TypeError for what is no unused Response. */
export function replyTo(response: Response, context: FetchContext): HttpResponse | Promise<HttpResponse> {
  const trailers = FetchContext.trailersOf(context)
  const reply = quickReply(response) ?? slowReply(response)
  if (trailers === null) return reply
  return reply instanceof HttpResponse
    ? reply.with({ trailers })
    : reply.then((made) => made.with({ trailers }))
}

function quickReply(response: unknown): HttpResponse | null {
  if (typeof response !== 'object' || response === null) {
    throw new TypeError(
      `the fetch handler returned ${response === null ? 'null' : typeof response}, not a Response`,
    )
  }
  return LazyResponse.toHttp(response)
}

function slowReply(response: Response): HttpResponse | Promise<HttpResponse> {
  const { status, statusText } = response
  // `Response.error()` has status 0.
  if (!(status >= 100)) throw new TypeError(`the fetch handler returned a response with status ${status}`)
  const headers = mapOf(response.headers)
  const reason = statusText === '' ? null : statusText
  const stream = response.body
  if (stream === null) return new HttpResponse(null, { status, headers, reason })
  if (response.bodyUsed || stream.locked) {
    throw new TypeError('the fetch handler returned a response whose body was read before')
  }
  // Also for HEAD, which has the fields of a GET (RFC 9110 §9.3.2), and whose body the engine cancels: a stream of Node
  // behind it is closed only when it was begun.
  const source = new ReaderSource(stream, response.headers)
  return source
    .ahead()
    .then((whole) => new HttpResponse(whole ?? Body.from(source), { status, headers, reason }))
}

// The platform's headers are validated, folded, sorted, and set-cookie is kept apart: they go in as they are. What only
// looks like them is not: a value with a line end in it would be another field, or another response.
function mapOf(headers: Headers): HeaderMap {
  if (FetchHeaders.is(headers)) return FetchHeaders.mapOf(headers)
  if (typeof headers !== 'object' || headers === null || Object.getPrototypeOf(headers) !== PlatformHeaders) {
    return toHeaderMap(headers)
  }
  const flat: string[] = []
  for (const [name, value] of headers) flat.push(name, value)
  return HeaderMap.fromParsed(flat, null)
}

const PlatformHeaders: object = globalThis.Headers.prototype

type Step = IteratorResult<Uint8Array, unknown>
type Reader = ReadableStreamDefaultReader<Uint8Array>

/** Nothing there. */
const NO_BYTES: Uint8Array = new Uint8Array(0)

/**
 * How many turns of the microtask queue a stream that is complete needs to say so, and one that has its first chunk to
 * give it; measured in benchmarks/micro.
 */
const PATIENCE = 4
const FIRST_PATIENCE = 8

/** Waiting for it takes one turn of the microtask queue. */
const TURN: Promise<void> = Promise.resolve()

/** A reader's stream as an iterator, after a look at what is there already. */
class ReaderSource implements AsyncIterable<Uint8Array> {
  private readonly stream: ReadableStream<Uint8Array>
  private readonly headers: Headers
  private readonly reader: Reader
  private first: Step | null
  /** A read that is under way, or was not asked for its result. */
  private pending: Promise<Step> | null
  /** The last read. */
  private last: Promise<Step> | null

  constructor(stream: ReadableStream<Uint8Array>, headers: Headers) {
    this.stream = stream
    this.headers = headers
    this.reader = stream.getReader()
    this.first = null
    this.pending = null
    this.last = null
  }

  /**
   * Reads one chunk and the end, as long as a stream made of a string or of bytes needs. One that has nothing yet is not
   * waited for: its head must go out, and its client may leave.
   * @returns the whole body, or null when more is to come; then the iterator gives everything from the beginning.
   */
  async ahead(): Promise<Uint8Array | null> {
    let step: Step | null = null
    let hasFailed = false
    const taken = (given: Step): void => {
      step = given
    }
    const failed = (): void => {
      hasFailed = true
    }
    const first = this.read()
    this.pending = first
    first.then(taken, failed)
    for (let turn = 0; turn < FIRST_PATIENCE && step === null && !hasFailed; turn++) await TURN
    if (step === null && !hasFailed) return null
    const whole = await first
    if (whole.done === true) return NO_BYTES
    this.first = whole
    step = null
    this.pending = this.read()
    this.pending.then(taken, failed)
    for (let turn = 0; turn < PATIENCE && step === null && !hasFailed; turn++) await TURN
    return isDone(step) ? whole.value : null
  }

  [Symbol.asyncIterator](): AsyncIterator<Uint8Array, unknown> {
    return this
  }

  next(): Promise<Step> {
    const { first, pending } = this
    if (first !== null) {
      this.first = null
      return Promise.resolve(first)
    }
    if (pending === null) return this.read()
    this.pending = null
    return pending
  }

  return(): Promise<Step> {
    return this.leave().then(() => ({ done: true, value: undefined }))
  }

  private read(): Promise<Step> {
    this.last = this.reader.read() as Promise<Step>
    return this.last
  }

  // A stream that the platform has made of a generator, or of a stream of Node, must not be cancelled while it is asked for
  // a chunk: when the generator ends after that, the platform (undici 7.29) closes the stream once more, in a microtask of
  // its own, and what that throws ends the process. Any client could do that, by leaving. So such a stream gets to its
  // next chunk first. It loses little: a generator cannot be stopped between two chunks anyhow. Other streams, which may
  // have been told to free something, hear of it at once.
  private async leave(): Promise<void> {
    const { last, reader, stream } = this
    const isReading = last !== null && (await isPending(last))
    reader.releaseLock() // what the read was for goes to the next reader
    // A form is written into its stream whoever reads, and the platform (undici 7.29) rejects when that was cancelled.
    if (this.headers.get('content-type')?.includes(FORM_BOUNDARY) === true) return undefined
    if (!isReading || !isByteStream(stream)) return stream.cancel()
    const next = stream.getReader()
    await next.read()
    await next.cancel()
  }
}

/** How the platform separates the parts of a FormData. */
const FORM_BOUNDARY = 'boundary=----formdata-undici-'

const PENDING: unique symbol = Symbol('pending')

async function isPending(promise: Promise<unknown>): Promise<boolean> {
  return (await Promise.race([promise, Promise.resolve(PENDING)]).catch(() => null)) === PENDING
}

/** As all streams are that the platform makes itself. */
function isByteStream(stream: ReadableStream<Uint8Array>): boolean {
  try {
    stream.getReader({ mode: 'byob' }).releaseLock()
    return true
  } catch {
    return false
  }
}

function isDone(step: Step | null): boolean {
  return step !== null && step.done === true
}
