import { Body, IterableBody } from '@hyper/core/body'
import { userError } from '@hyper/core/error'
import { HeaderMap, type HeadersInit } from '@hyper/core/http'
import { fromReadableStream } from '@hyper/util/web'
import { check, type Checks, isCount, named, shown } from '../option.ts'
import { isBlob, isFormData, isStream } from './source.ts'

// Multipart: a form with files, as multipart/form-data (RFC 7578) the way the HTML standard writes it. In: a FormData, or
// parts. Out: a body that is made as it is sent. Its length is known when that of every part is.

/** What a part may hold. Text is sent as UTF-8. */
export type PartValue =
  | string
  | Uint8Array
  | Blob
  | ReadableStream<Uint8Array>
  | AsyncIterable<Uint8Array | string>
  | (() => ReadableStream<Uint8Array> | AsyncIterable<Uint8Array | string>)

/** One field of a form. */
export interface Part {
  readonly name: string
  /** A function makes a stream anew for every attempt. */
  readonly value: PartValue
  /** Makes it a file. Default: the name of a `File`, and `blob` for a Blob. */
  readonly filename?: string | undefined
  /** The media type. Default: none for text, that of a Blob, else `application/octet-stream`. */
  readonly type?: string | undefined
  /** The exact number of bytes of a stream, where it is known; another number fails the body with `INVALID_BODY`. */
  readonly length?: number | undefined
  /** More fields of the part. */
  readonly headers?: HeadersInit | HeaderMap | undefined
}

/** A form that is ready to be sent: `body` of a request takes it. Made by {@link multipart}. */
export class Multipart {
  /** What stands between the parts. */
  readonly boundary: string
  /** What the Content-Type field says. */
  readonly contentType: string
  /** Bytes in all; null when that is not known. */
  readonly length: number | null
  /** False when a part is a stream that can be read once. */
  readonly isReplayable: boolean
  private readonly parts: readonly Ready[]
  private readonly end: Uint8Array

  /** @internal */
  constructor(parts: readonly Part[], boundary: string) {
    this.boundary = boundary
    this.contentType = `multipart/form-data; boundary=${boundary}`
    this.parts = parts.map((part) => readyPart(part, boundary))
    this.end = encode(`--${boundary}--\r\n`)
    this.length = lengthOf(this.parts, this.end.length)
    this.isReplayable = this.parts.every(({ isReplayable }) => isReplayable)
  }

  /** The body; another one at each call, where the parts can be had again. */
  body(): Body {
    if (!this.parts.every(isThere)) return new MultipartBody(this.parts, this.end, this.length)
    const pieces = this.parts.flatMap(({ content, head }) => [head, content, CRLF])
    return Body.from(joined([...pieces, this.end]))
  }
}

/**
 * A form of a FormData, or of parts. The boundary is random, so that no content can contain it by intent.
 * @throws HyperError `INVALID_BODY` for a part that is none, `INVALID_OPTION` for what no part has, or what
 * {@link HeaderMap} throws.
 */
export function multipart(form: FormData | Iterable<Part>): Multipart {
  return multipartWith(form, `----hyper${randomText()}`)
}

/**
 * The same with a boundary that somebody has announced already: it must not occur in the content.
 * @throws HyperError as {@link multipart}.
 */
export function multipartWith(form: FormData | Iterable<Part>, boundary: string): Multipart {
  if (isFormData(form))
    return new Multipart(
      Array.from(form, ([name, value]) => ({ name, value })),
      boundary,
    )
  if (typeof form === 'object' && form !== null && Symbol.iterator in form)
    return new Multipart(Array.from(form), boundary)
  throw userError('INVALID_BODY', `a multipart form is a FormData, or a list of parts, not ${shown(form)}`)
}

/** A part with everything decided. */
interface Ready {
  readonly name: string
  readonly head: Uint8Array
  /** Bytes of the content; null when that is not known. */
  readonly size: number | null
  readonly isReplayable: boolean
  /** What is there already; a body that can be read once; or what makes one. */
  readonly content: Uint8Array | Body | (() => Body)
}

interface There extends Ready {
  readonly content: Uint8Array
}

function isThere(part: Ready): part is There {
  return part.content instanceof Uint8Array
}

/** Pulled part by part; whoever gives it up gives up the streams in it too, begun or not. */
class MultipartBody extends IterableBody {
  private readonly parts: readonly Ready[]

  constructor(parts: readonly Ready[], end: Uint8Array, length: number | null) {
    super(chunksOf(parts, end), length === null ? {} : { length })
    this.parts = parts
  }

  override cancel(reason?: unknown): void {
    super.cancel(reason)
    for (const { content } of this.parts) if (content instanceof Body) content.cancel(reason)
  }
}

/** Small pieces travel together with what follows them. */
const SMALL = 16_384

async function* chunksOf(parts: readonly Ready[], end: Uint8Array): AsyncGenerator<Uint8Array> {
  let held: Uint8Array[] = []
  for (const part of parts) {
    held.push(part.head)
    const { content } = part
    if (content instanceof Uint8Array && content.length < SMALL) held.push(content)
    else {
      yield joined(held)
      held = []
      if (content instanceof Uint8Array) yield content
      else yield* checked(content instanceof Body ? content : content(), part)
    }
    held.push(CRLF)
  }
  yield joined([...held, end])
}

/** A part that is longer or shorter than it was said to be would move the borders of all that follow. */
async function* checked(body: Body, { name, size }: Ready): AsyncGenerator<Uint8Array> {
  let left = size ?? Infinity
  for await (const chunk of body) {
    left -= chunk.length
    if (left < 0) break
    yield chunk
  }
  if (size !== null && left !== 0)
    throw userError(
      'INVALID_BODY',
      `the part ${JSON.stringify(name)} does not have the ${size} bytes it was said to have`,
    )
}

const encoder = /* @__PURE__ */ new TextEncoder()
const CRLF: Uint8Array = /* @__PURE__ */ Uint8Array.of(13, 10)

function encode(text: string): Uint8Array {
  return encoder.encode(text)
}

const PART: Checks = /* @__PURE__ */ named<Part>({
  name: true,
  value: true,
  filename: [(value) => typeof value === 'string', 'a text'],
  type: [(value) => typeof value === 'string', 'a media type'],
  length: [isCount, 'a number of bytes'],
  headers: true,
})

function readyPart(part: Part, boundary: string): Ready {
  check('a part of a form', '', part, PART)
  const { name, value } = part
  if (typeof name !== 'string') throw userError('INVALID_BODY', 'a part of the form has no name')
  if (value === undefined || value === null)
    throw userError('INVALID_BODY', `the part ${JSON.stringify(name)} has no value`)
  const filename = part.filename ?? filenameOf(value)
  const file = filename === null ? '' : `; filename="${escaped(filename)}"`
  const head =
    `--${boundary}\r\nContent-Disposition: form-data; name="${escaped(normalized(name))}"${file}\r\n` +
    fieldLines(part.type ?? typeOf(value), part.headers)
  return { name, head: encode(`${head}\r\n`), ...contentOf(part) }
}

type Contents = Omit<Ready, 'head' | 'name'>

function contentOf({ length, value }: Part): Contents {
  if (typeof value === 'string') return there(encode(normalized(value)))
  if (value instanceof Uint8Array) return there(value)
  if (isBlob(value)) {
    const { size } = value
    const content = (): Body => fromReadableStream(value.stream(), { length: size })
    return { content, size, isReplayable: true }
  }
  const size = length ?? null
  if (typeof value === 'function') return { content: () => bodyOf(value()), size, isReplayable: true }
  return { content: bodyOf(value), size, isReplayable: false }
}

function bodyOf(value: ReadableStream<Uint8Array> | AsyncIterable<Uint8Array | string>): Body {
  return isStream(value) ? fromReadableStream(value) : Body.from(value)
}

function there(content: Uint8Array): Contents {
  return { content, size: content.length, isReplayable: true }
}

function filenameOf(value: PartValue): string | null {
  if (!isBlob(value)) return null
  return 'name' in value && typeof value.name === 'string' ? value.name : 'blob'
}

function typeOf(value: PartValue): string | null {
  if (typeof value === 'string') return null
  return isBlob(value) && value.type !== '' ? value.type : 'application/octet-stream'
}

/** Checked as any field is: a line end in a media type would be another field. */
function fieldLines(type: string | null, more: Part['headers']): string {
  const headers = HeaderMap.from(more)
  const lines =
    type === null ? '' : `Content-Type: ${new HeaderMap([['content-type', type]]).get('content-type')}\r\n`
  return Array.from(headers).reduce((text, [name, value]) => `${text}${name}: ${value}\r\n`, lines)
}

/** HTML, "multipart/form-data encoding algorithm": line ends in names and in text become CRLF. */
function normalized(text: string): string {
  return text.replace(/\r\n?|\n/g, '\r\n')
}

/** As above: what would end the quotes, or the line. */
function escaped(text: string): string {
  return text.replace(/[\r\n"]/g, (character) => ESCAPES[character] ?? character)
}

const ESCAPES: Readonly<Record<string, string>> = { '\r': '%0D', '\n': '%0A', '"': '%22' }

function lengthOf(parts: readonly Ready[], end: number): number | null {
  let length = end
  for (const { head, size } of parts) {
    if (size === null) return null
    length += head.length + size + CRLF.length
  }
  return length
}

function joined(pieces: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(pieces.reduce((length, piece) => length + piece.length, 0))
  let at = 0
  for (const piece of pieces) {
    whole.set(piece, at)
    at += piece.length
  }
  return whole
}

function randomText(): string {
  const octets = crypto.getRandomValues(new Uint8Array(16))
  return Array.from(octets, (octet) => octet.toString(16).padStart(2, '0')).join('')
}
