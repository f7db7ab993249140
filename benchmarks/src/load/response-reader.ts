// Counts whole responses in a byte stream, for load generators: 200 with a Content-Length, and nothing else.
// In: chunks. Out: how many responses each chunk has completed, or -1 for what it does not know. Bodies are not kept.

const HEAD_END = '\r\n\r\n'

/** One connection's reader. */
export class ResponseReader {
  /** Body bytes seen since the start. */
  bodyBytes: number
  private rest: Buffer | null
  private bodyLeft: number
  private lastHead: string
  private lastLength: number

  constructor() {
    this.bodyBytes = 0
    this.rest = null
    this.bodyLeft = 0
    this.lastHead = ''
    this.lastLength = 0
  }

  receive(chunk: Buffer): number {
    const bytes = this.rest === null ? chunk : Buffer.concat([this.rest, chunk])
    this.rest = null
    let at = 0
    let done = 0
    while (at < bytes.length) {
      if (this.bodyLeft > 0) {
        const size = Math.min(this.bodyLeft, bytes.length - at)
        at += size
        this.bodyLeft -= size
        this.bodyBytes += size
        if (this.bodyLeft === 0) done += 1
        continue
      }
      const end = bytes.indexOf(HEAD_END, at, 'latin1')
      if (end < 0) {
        this.rest = Buffer.from(bytes.subarray(at))
        break
      }
      this.bodyLeft = this.lengthOf(bytes.toString('latin1', at, end))
      if (this.bodyLeft < 0) return -1
      if (this.bodyLeft === 0) done += 1
      at = end + 4
    }
    return done
  }

  // Most answers repeat the head before them, byte for byte, until the date moves on.
  private lengthOf(head: string): number {
    if (head === this.lastHead) return this.lastLength
    const length = /\r\ncontent-length: *(\d+)/i.exec(head)
    this.lastHead = head
    this.lastLength = length === null || !head.startsWith('HTTP/1.1 200') ? -1 : Number(length[1])
    return this.lastLength
  }
}
