import { TAKEN, type Io, type TextCodec, type WriteResult } from '../rt/index.ts'

// Output: what a machine has to say, in order, until the driver takes it. Heads and small bodies grow one string, which
// leaves in one write (a Latin-1 string is the cheapest thing to write on Node: benchmarks/micro); larger bytes stand
// between strings as they are.

/** Bytes up to this size are copied into the text; larger ones are handed on. */
const COPY_BELOW = 2048

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

  /** Hands everything to the transport, as one gathered write. @returns its last answer; TAKEN when there was nothing */
  writeTo(io: Writer): WriteResult {
    this.size = 0
    const { queue, text } = this
    this.text = ''
    if (queue.length === 0) return text === '' ? TAKEN : io.write(text)
    let result: WriteResult = TAKEN
    for (let i = 0; i < queue.length; i++) result = io.write(queue[i]!, i + 1 < queue.length || text !== '')
    queue.length = 0
    return text === '' ? result : io.write(text)
  }

  /** The next piece, or null: for who pulls. */
  take(): string | Uint8Array | null {
    const piece = this.queue.shift() ?? this.text
    if (piece === this.text) this.text = ''
    this.size -= piece.length
    return piece.length === 0 ? null : piece
  }

  clear(): void {
    this.size = 0
    this.text = ''
    this.queue.length = 0
  }
}
