import { userError } from '../../error/index.ts'
import type { HeaderMap } from '../../http/header-map.ts'
import type { Settings } from '../options.ts'
import type { Output } from '../output.ts'
import { trailerLines } from './fields.ts'
import { BODY_CHUNKED, BODY_LENGTH, BODY_NONE, spellingOf, type BodyMode } from './plan.ts'

// BodyWriting: body data to output, by the framing that the head announced: counted, chunked (RFC 9112 §7.1), or raw
// until the connection closes. What exceeds an announced length is cut, since it would be read as the next message.

export class BodyWriting {
  mode: BodyMode = BODY_NONE
  private left: number = 0
  private readonly output: Output
  private readonly settings: Settings

  constructor(output: Output, settings: Settings) {
    this.output = output
    this.settings = settings
  }

  begin(mode: BodyMode, length: number): void {
    this.mode = mode
    this.left = length
  }

  /** Latin-1 text: one byte per character. */
  text(text: string): void {
    if (text.length === 0 || this.mode === BODY_NONE) return
    if (this.mode === BODY_CHUNKED) {
      this.output.addText(`${chunkSize(text.length)}${text}\r\n`)
      return
    }
    const cut = this.mode === BODY_LENGTH && text.length > this.left ? text.slice(0, this.left) : text
    this.left -= cut.length
    this.output.addText(cut)
  }

  bytes(chunk: Uint8Array): void {
    if (chunk.length === 0 || this.mode === BODY_NONE) return
    if (this.mode === BODY_CHUNKED) {
      this.output.addText(chunkSize(chunk.length))
      this.output.addBytes(chunk)
      this.output.addText('\r\n')
      return
    }
    const cut = this.mode === BODY_LENGTH && chunk.length > this.left ? chunk.subarray(0, this.left) : chunk
    this.left -= cut.length
    if (cut.length > 0) this.output.addBytes(cut)
  }

  /** True when `end` may be called. */
  get isComplete(): boolean {
    return this.mode !== BODY_LENGTH || this.left === 0
  }

  /** @throws HyperError `BODY_WRITE_ABORTED` when bytes that were announced are missing */
  end(trailers: HeaderMap | null): void {
    if (!this.isComplete) {
      throw userError('BODY_WRITE_ABORTED', `the body ended ${this.left} bytes before its announced length`)
    }
    if (this.mode !== BODY_CHUNKED) return
    const lines = trailers === null ? '' : trailerLines(trailers, spellingOf(this.settings))
    this.output.addText(`0\r\n${lines}\r\n`)
  }
}

function chunkSize(length: number): string {
  return `${length.toString(16).toUpperCase()}\r\n`
}
