// Counts whole responses in a byte stream, for load generators: 200 with a Content-Length or chunks, and nothing else.
// In: chunks. Out: how many responses each chunk has completed, or -1 for what it does not know. Bodies are not kept.

const HEAD_END = '\r\n\r\n'
/** What is awaited: the end of a head, the bytes of a body, the line before a chunk, the empty line after the last one. */
const HEAD = 0
const BODY = 1
const CHUNK_LINE = 2
const LAST_LINE = 3

/** One connection's reader. */
export class ResponseReader {
  /** Body bytes seen since the start. */
  bodyBytes: number
  private rest: Buffer | null
  private state: number
  private left: number
  private isChunked: boolean
  private lastHead: string
  private lastLength: number

  constructor() {
    this.bodyBytes = 0
    this.rest = null
    this.state = HEAD
    this.left = 0
    this.isChunked = false
    this.lastHead = ''
    this.lastLength = 0
  }

  receive(chunk: Buffer): number {
    const bytes = this.rest === null ? chunk : Buffer.concat([this.rest, chunk])
    this.rest = null
    let at = 0
    let done = 0
    while (at < bytes.length) {
      if (this.state === BODY) {
        at += this.takeBody(bytes.length - at)
        if (this.left === 0 && this.endBody()) done += 1
        continue
      }
      const ending = this.state === HEAD ? HEAD_END : '\r\n'
      const end = bytes.indexOf(ending, at, 'latin1')
      if (end < 0) {
        this.rest = Buffer.from(bytes.subarray(at))
        break
      }
      const answered = this.takeText(bytes.toString('latin1', at, end))
      if (answered < 0) return -1
      done += answered
      at = end + ending.length
    }
    return done
  }

  private takeBody(available: number): number {
    const size = Math.min(this.left, available)
    this.left -= size
    this.bodyBytes += size
    return size
  }

  // True when the response is whole. The line break after a chunk was counted with its bytes.
  private endBody(): boolean {
    if (this.isChunked) this.bodyBytes -= 2
    this.state = this.isChunked ? CHUNK_LINE : HEAD
    return !this.isChunked
  }

  // A head, the line before a chunk or the line after the last one: 1 when a response is whole, -1 when it makes no sense.
  private takeText(text: string): number {
    if (this.state === LAST_LINE) {
      this.state = HEAD
      return text === '' ? 1 : -1
    }
    if (this.state === CHUNK_LINE) {
      const size = Number.parseInt(text, 16)
      this.state = size === 0 ? LAST_LINE : BODY
      this.left = size + 2
      return size >= 0 ? 0 : -1
    }
    const length = this.lengthOf(text)
    if (length < 0) return -1
    this.left = length
    this.state = this.isChunked ? CHUNK_LINE : length === 0 ? HEAD : BODY
    return this.state === HEAD ? 1 : 0
  }

  // Most answers repeat the head before them, byte for byte, until the date moves on.
  private lengthOf(head: string): number {
    if (head === this.lastHead) return this.lastLength
    this.lastHead = head
    this.isChunked = /\r\ntransfer-encoding: *chunked/i.test(head)
    const length = this.isChunked ? '0' : /\r\ncontent-length: *(\d+)/i.exec(head)?.[1]
    this.lastLength = length === undefined || !head.startsWith('HTTP/1.1 200') ? -1 : Number(length)
    return this.lastLength
  }
}
