import { HyperError } from '../../error/index.ts'
import { DATA_EVENT, END_EVENT, NEED_DATA } from '../event.ts'
import { DONE, FAULT_HEAD_TOO_LARGE, FAULT_TRAILERS_TOO_LARGE, faultError, NEED_MORE } from '../fault.ts'
import { CHUNKED, UNTIL_CLOSE } from '../framing.ts'
import type { Settings } from '../options.ts'
import { TRAILERS } from '../parse/head-parser.ts'
import { HeadReader } from '../parse/head-reader.ts'
import { ChunkedDecoder, DATA } from './chunked.ts'

// BodyReading: received bytes to body data, by the framing that was decided (RFC 9112 §6.3): counted, chunked, or until
// the connection closes. It gives views of the input and copies nothing.

const EMPTY = new Uint8Array(0)
const INCOMPLETE = -200

export class BodyReading {
  /** How far the input is used. */
  pos: number = 0
  data: Uint8Array = EMPTY
  /** The last chunk was read; the trailer section follows. */
  inTrailers: boolean = false
  /** What `bodyError` takes for an end that came too early. */
  readonly incomplete: number = INCOMPLETE
  /** Bytes that are still to come, or CHUNKED or UNTIL_CLOSE. */
  private left: number = 0
  private chunked: ChunkedDecoder | null = null
  private readonly settings: Settings

  constructor(settings: Settings) {
    this.settings = settings
  }

  /** Begins a body of `length` bytes (more than 0), CHUNKED or UNTIL_CLOSE. */
  begin(length: number): void {
    this.left = length
    this.inTrailers = false
    if (length !== CHUNKED) return
    this.chunked ??= new ChunkedDecoder()
    this.chunked.begin(this.settings.maxChunkExtensionSize)
  }

  /** What is left of a counted body; Infinity when the length is not known. */
  get remaining(): number {
    return this.left >= 0 ? this.left : Infinity
  }

  /** @returns DATA_EVENT, END_EVENT, NEED_DATA or a fault */
  read(input: Uint8Array, start: number, eof: boolean): number {
    this.pos = start
    if (this.left === CHUNKED) return this.readChunked(input, start, eof)
    if (this.left === 0) return END_EVENT
    const have = input.length - start
    if (have === 0) {
      if (!eof) return NEED_DATA
      return this.left === UNTIL_CLOSE ? END_EVENT : INCOMPLETE
    }
    const take = this.left === UNTIL_CLOSE || have < this.left ? have : this.left
    if (this.left !== UNTIL_CLOSE) this.left -= take
    this.give(input, start, start + take)
    return DATA_EVENT
  }

  private readChunked(input: Uint8Array, start: number, eof: boolean): number {
    const chunked = this.chunked!
    const result = chunked.decode(input, start, input.length)
    this.pos = chunked.pos
    if (result === DATA) {
      this.give(input, chunked.dataStart, chunked.pos)
      return DATA_EVENT
    }
    if (result === DONE) this.inTrailers = true
    else if (result === NEED_MORE) return eof ? INCOMPLETE : NEED_DATA
    return result === DONE ? NEED_DATA : result
  }

  private give(input: Uint8Array, start: number, end: number): void {
    this.data = start === 0 && end === input.length ? input : input.subarray(start, end)
    this.pos = end
  }

  trailerReader(): HeadReader {
    return HeadReader.take(TRAILERS, this.settings.maxTrailerSize, this.settings)
  }

  /** The fault of a trailer section, from that of its field lines. */
  trailerFault(fault: number): number {
    return fault === FAULT_HEAD_TOO_LARGE ? FAULT_TRAILERS_TOO_LARGE : fault
  }
}

/** The error behind what `read` has answered. */
export function bodyError(result: number): HyperError {
  return result === INCOMPLETE ? incomplete('body') : faultError(result, 'body')
}

/** The connection has ended inside a message; for a client perhaps before its first byte. */
export function incomplete(phase: 'headers' | 'body', unanswered: boolean = false): HyperError {
  const detail =
    phase === 'body'
      ? 'the connection ended before the body was complete'
      : unanswered
        ? 'the connection ended before anything of the answer had come'
        : 'the connection ended before a head was complete'
  return new HyperError('INCOMPLETE_MESSAGE', detail, { by: 'peer', phase, unanswered })
}
