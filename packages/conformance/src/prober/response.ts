// A small parser of what a server sent. In: the bytes of one connection so far. Out: responses, in order, with what is left over.
// It is ours and strict, so that a malformed answer is seen; it never guesses, and never imports the engine it judges.

/** One response as it stood on the wire. */
export interface ParsedResponse {
  readonly version: string
  readonly status: number
  readonly reason: string
  /** Field lines in order; names as sent. */
  readonly headers: readonly (readonly [string, string])[]
  /** The content, chunked coding removed. */
  readonly body: Buffer
  readonly trailers: readonly (readonly [string, string])[]
  readonly framing: 'none' | 'length' | 'chunked' | 'close' | 'tunnel'
  /** False while bytes of it are missing. */
  readonly complete: boolean
  /** The 1xx responses that came before it. */
  readonly interim: readonly ParsedResponse[]
}

/** All that one connection has given. */
export interface ParsedStream {
  readonly responses: readonly ParsedResponse[]
  /** Interim responses after the last final one. */
  readonly pending: readonly ParsedResponse[]
  /** Bytes after the last response that are not (yet) a response. */
  readonly rest: Buffer
  /** Why the bytes are no HTTP/1 response, or null. */
  readonly malformed: string | null
}

/** What a response answers; it decides whether content follows the head. */
export type AnswerKind = 'plain' | 'head' | 'tunnel'

interface Head {
  readonly version: string
  readonly status: number
  readonly reason: string
  readonly headers: (readonly [string, string])[]
}

interface Content {
  readonly framing: ParsedResponse['framing']
  readonly body: Buffer
  readonly trailers: (readonly [string, string])[]
  readonly end: number
  readonly complete: boolean
}

class Malformed extends Error {}

const STATUS_LINE = /^HTTP\/(1\.[01]) ([1-9][0-9]{2}) ([\t\x20-\x7e\x80-\xff]*)$/
const FIELD_LINE = /^([!#$%&'*+\-.^_`|~0-9A-Za-z]+):[ \t]*([\t\x20-\x7e\x80-\xff]*?)[ \t]*$/
const CHUNK_LINE = /^([0-9a-fA-F]{1,13})(?:[ \t]*;.*)?$/

/**
 * Parses everything that has arrived.
 * @param kindOf what the n-th final response answers (0-based)
 * @param ended whether the server has ended its half, which completes a body without a length
 */
export function parseResponses(
  bytes: Buffer,
  kindOf: (index: number) => AnswerKind,
  ended: boolean,
): ParsedStream {
  const responses: ParsedResponse[] = []
  let interim: ParsedResponse[] = []
  let at = 0
  try {
    for (;;) {
      const headEnd = bytes.indexOf('\r\n\r\n', at, 'latin1')
      if (headEnd < 0) break
      const head = parseHead(bytes.toString('latin1', at, headEnd))
      const kind = kindOf(responses.length)
      const content = readContent(head, kind, bytes, headEnd + 4, ended)
      const { framing, body, trailers, complete } = content
      at = content.end
      if (head.status < 200 && head.status !== 101) {
        interim.push({ ...head, framing, body, trailers, complete, interim: [] })
        continue
      }
      responses.push({ ...head, framing, body, trailers, complete, interim })
      interim = []
      if (!complete || framing === 'close' || framing === 'tunnel') break
    }
  } catch (error) {
    if (!(error instanceof Malformed)) throw error
    return { responses, pending: interim, rest: bytes.subarray(at), malformed: error.message }
  }
  const rest = bytes.subarray(at)
  return {
    responses,
    pending: interim,
    rest,
    malformed: looksLikeResponse(rest) ? null : 'bytes that are no response',
  }
}

/** The value of the first field line with this name, or null. */
export function fieldOf(response: ParsedResponse, name: string): string | null {
  const wanted = name.toLowerCase()
  return response.headers.find(([key]) => key.toLowerCase() === wanted)?.[1] ?? null
}

// A head that is still on its way may be any beginning of a status line.
function looksLikeResponse(rest: Buffer): boolean {
  const start = rest.toString('latin1', 0, 7)
  return start === 'HTTP/1.'.slice(0, start.length)
}

function parseHead(text: string): Head {
  const [statusLine = '', ...lines] = text.split('\r\n')
  const status = STATUS_LINE.exec(statusLine)
  if (status === null) throw new Malformed(`status line ${JSON.stringify(statusLine.slice(0, 60))}`)
  const headers = lines.map(parseField)
  return { version: status[1] ?? '', status: Number(status[2]), reason: status[3] ?? '', headers }
}

function parseField(line: string): readonly [string, string] {
  const field = FIELD_LINE.exec(line)
  if (field === null) throw new Malformed(`field line ${JSON.stringify(line.slice(0, 60))}`)
  return [field[1] ?? '', field[2] ?? '']
}

// RFC 9112 §6.3, seen from the client.
function readContent(head: Head, kind: AnswerKind, bytes: Buffer, at: number, ended: boolean): Content {
  const none: Content = { framing: 'none', body: Buffer.alloc(0), trailers: [], end: at, complete: true }
  const coding = valuesOf(head, 'transfer-encoding')
  const lengths = valuesOf(head, 'content-length')
  checkFraming(head, kind, coding, lengths)
  if (head.status === 101 || (kind === 'tunnel' && head.status < 300)) {
    return { ...none, framing: 'tunnel', body: bytes.subarray(at), end: bytes.length }
  }
  if (kind === 'head' || head.status < 200 || head.status === 204 || head.status === 304) return none
  if (coding.length > 0) return readChunked(bytes, at)
  if (lengths.length > 0) {
    const length = Number(lengths[0])
    const end = Math.min(bytes.length, at + length)
    return {
      framing: 'length',
      body: bytes.subarray(at, end),
      trailers: [],
      end,
      complete: end - at === length,
    }
  }
  return { framing: 'close', body: bytes.subarray(at), trailers: [], end: bytes.length, complete: ended }
}

// RFC 9112 §6.1 and §6.2: what a server must never send.
function checkFraming(head: Head, kind: AnswerKind, coding: string[], lengths: string[]): void {
  const bare = head.status < 200 || head.status === 204
  if (coding.length > 0 && lengths.length > 0) throw new Malformed('Content-Length beside Transfer-Encoding')
  if (coding.length > 1 || (coding[0] ?? 'chunked').toLowerCase() !== 'chunked')
    throw new Malformed('odd Transfer-Encoding')
  if (lengths.length > 1 || !/^[0-9]{1,15}$/.test(lengths[0] ?? '0'))
    throw new Malformed('odd Content-Length')
  if (bare && coding.length + lengths.length > 0) throw new Malformed(`a ${head.status} with a length`)
  if (kind === 'tunnel' && head.status >= 200 && head.status < 300 && coding.length + lengths.length > 0) {
    throw new Malformed('a tunnel with a length')
  }
}

function valuesOf(head: Head, name: string): string[] {
  return head.headers.filter(([key]) => key.toLowerCase() === name).map(([, value]) => value)
}

function readChunked(bytes: Buffer, start: number): Content {
  const parts: Buffer[] = []
  const partial = (at: number): Content => {
    return { framing: 'chunked', body: Buffer.concat(parts), trailers: [], end: at, complete: false }
  }
  let at = start
  for (;;) {
    const lineEnd = bytes.indexOf('\r\n', at, 'latin1')
    if (lineEnd < 0) return partial(bytes.length)
    const line = CHUNK_LINE.exec(bytes.toString('latin1', at, lineEnd))
    if (line === null) throw new Malformed('chunk size line')
    const size = Number.parseInt(line[1] ?? '', 16)
    at = lineEnd + 2
    if (size === 0) return readTrailers(bytes, at, Buffer.concat(parts))
    parts.push(bytes.subarray(at, at + size))
    if (bytes.length < at + size + 2) return partial(bytes.length)
    if (bytes[at + size] !== 0x0d || bytes[at + size + 1] !== 0x0a)
      throw new Malformed('no CRLF after chunk data')
    at += size + 2
  }
}

function readTrailers(bytes: Buffer, start: number, body: Buffer): Content {
  const trailers: (readonly [string, string])[] = []
  let at = start
  for (;;) {
    const lineEnd = bytes.indexOf('\r\n', at, 'latin1')
    if (lineEnd < 0) return { framing: 'chunked', body, trailers, end: bytes.length, complete: false }
    if (lineEnd === at) return { framing: 'chunked', body, trailers, end: at + 2, complete: true }
    trailers.push(parseField(bytes.toString('latin1', at, lineEnd)))
    at = lineEnd + 2
  }
}
