import { FULL, TAKEN, type Io, type TextCodec, type WriteResult } from '../rt/index.ts'

// Output: what a machine has to say, in order, until the driver takes it. Heads and small bodies grow one string, which
// leaves in one write (a Latin-1 string is the cheapest thing to write on Node: benchmarks/micro); larger bytes stand
// between strings as they are.

/** Bytes up to this size are copied into the text; larger ones are handed on. */
const COPY_BELOW = 2048

/** Written at once: a transport that has taken a piece has made progress, which a clock can see. */
const PIECE = 262_144
/** A piece from here on is worth a write of its own. */
const GATHER_BELOW = 65_536

type Writer = Pick<Io, 'write'>

export class Output {
  /** Bytes held. */
  size: number = 0
  private text: string = ''
  private readonly queue: (string | Uint8Array)[] = []
  private readonly codec: TextCodec

  constructor(codec: TextCodec) {
    this.codec = codec
  }

  get isEmpty(): boolean {
    return this.size === 0
  }

  /** One byte per character. */
  addText(text: string): void {
    this.text += text
    this.size += text.length
  }

  addBytes(bytes: Uint8Array): void {
    this.size += bytes.length
    if (bytes.length <= COPY_BELOW) {
      this.text += this.codec.latin1(bytes, 0, bytes.length)
      return
    }
    if (this.text !== '') {
      this.queue.push(this.text)
      this.text = ''
    }
    this.queue.push(bytes)
  }

  /**
   * Hands to the transport what it takes, as gathered writes; what is left waits for the next call.
   * @returns its last answer; TAKEN when there was nothing
   */
  writeTo(io: Writer): WriteResult {
    const { queue, text } = this
    if (queue.length === 0 && text.length <= PIECE) {
      this.text = ''
      this.size = 0
      return text === '' ? TAKEN : io.write(text)
    }
    if (text !== '') queue.push(text)
    this.text = ''
    return this.writeQueue(io)
  }

  private writeQueue(io: Writer): WriteResult {
    const { queue } = this
    let result: WriteResult = TAKEN
    let done = 0
    while (done < queue.length && result !== FULL) {
      const piece = queue[done]!
      const part = piece.length <= PIECE ? piece : cut(piece)
      if (part === piece) done++
      else queue[done] = typeof piece === 'string' ? piece.slice(PIECE) : piece.subarray(PIECE)
      this.size -= part.length
      result = io.write(part, part.length < GATHER_BELOW && done < queue.length)
    }
    queue.splice(0, done)
    return result
  }

  /** The next piece, or null: for who pulls. */
  take(): string | Uint8Array | null {
    let piece = this.queue.shift()
    if (piece === undefined) {
      piece = this.text
      this.text = ''
    }
    this.size -= piece.length
    return piece.length === 0 ? null : piece
  }

  clear(): void {
    this.size = 0
    this.text = ''
    this.queue.length = 0
  }
}

function cut(piece: string | Uint8Array): string | Uint8Array {
  return typeof piece === 'string' ? piece.slice(0, PIECE) : piece.subarray(0, PIECE)
}
