import { ByteWriter } from '../bytes/byte-writer.ts'
import { FULL, TAKEN, type Io, type WriteResult } from '../rt/index.ts'

// Output: what a machine has to say, in order, until the driver takes it. Frames and small payloads grow in one buffer;
// large payloads stand between its pieces as they are. The buffers come from a pool shared by all connections and go
// back as soon as the transport has taken them, so that an idle connection holds none.

/** Data is handed to the output in a turn of the connection up to this many bytes. */
export const TURN = 131_072
/** Payloads up to this size, a frame of the usual limit, are copied beside their frame head: cheaper than two pieces more. */
export const COPY_BELOW = 16_384
const BUFFER = 16_384
const POOLED = 16
/** For a turn's data with its heads, and the frame that goes beyond it. */
const LARGE_BUFFER = TURN + COPY_BELOW + 4_096
const LARGE_POOLED = 4
/** For the heads of some frames. */
const ROOM = 256
/** Written at once: a transport that has taken a piece has made progress, which a clock can see. */
const PIECE = 262_144

const pool: Uint8Array[] = []
const largePool: Uint8Array[] = []

type Writer = Pick<Io, 'write'>

export class H2Output {
  /** Where frames are written; get it by `begin`. */
  private readonly writer: ByteWriter = new ByteWriter()
  /** Pieces before what is in the writer. */
  private queue: Uint8Array[] | null = null
  private queued: number = 0
  /** So much of what is in the writer stands in the queue already; 0 while there is none. */
  private cutAt: number = 0

  /** Bytes held. */
  get size(): number {
    return this.queued + this.writer.length - this.cutAt
  }

  get isEmpty(): boolean {
    return this.queued === 0 && this.writer.length === this.cutAt
  }

  /** The writer, with memory. */
  begin(): ByteWriter {
    const { writer } = this
    // Memory that is nearly full of what is cut already is left to the queue: growing would copy it.
    if (this.cutAt > 0 && this.cutAt === writer.length && writer.bytes.length - writer.length < ROOM)
      this.forget()
    if (writer.bytes.length === 0) writer.bytes = pool.pop() ?? new Uint8Array(BUFFER)
    return writer
  }

  /** So many bytes of data may follow in this turn: finds memory for them at once. */
  expect(bytes: number): void {
    const { writer } = this
    if (bytes <= BUFFER || writer.bytes.length >= LARGE_BUFFER) return
    const memory = writer.bytes
    const large = largePool.pop() ?? new Uint8Array(LARGE_BUFFER)
    if (this.queue === null) {
      large.set(memory.subarray(0, writer.length))
      this.recycle(memory)
    } else {
      this.cut()
      this.forget()
    }
    writer.bytes = large
  }

  /** A payload; large ones are not copied, and must not change until they are taken. */
  addBytes(bytes: Uint8Array, start: number, end: number): void {
    if (end - start <= COPY_BELOW) {
      this.begin().copy(bytes, start, end)
      return
    }
    this.cut()
    this.push(start === 0 && end === bytes.length ? bytes : bytes.subarray(start, end))
  }

  // What is in the writer becomes a piece of its own; the writer goes on behind it, in the same memory.
  private cut(): void {
    const { bytes, length } = this.writer
    if (length === this.cutAt) return
    this.push(bytes.subarray(this.cutAt, length))
    this.cutAt = length
  }

  private forget(): void {
    this.writer.take()
    this.cutAt = 0
  }

  private recycle(memory: Uint8Array): void {
    if (memory.length === BUFFER && pool.length < POOLED) pool.push(memory)
    else if (memory.length === LARGE_BUFFER && largePool.length < LARGE_POOLED) largePool.push(memory)
  }

  private push(piece: Uint8Array): void {
    if (this.queue === null) this.queue = [piece]
    else this.queue.push(piece)
    this.queued += piece.length
  }

  /** Hands to the transport what it takes; what is left waits for the next call. @returns its last answer */
  writeTo(io: Writer): WriteResult {
    if (this.queue !== null) {
      this.cut()
      return this.writeQueue(io)
    }
    const { writer } = this
    if (writer.length === 0) return TAKEN
    const memory = writer.bytes
    const result = io.write(writer.take())
    if (result === TAKEN) this.recycle(memory)
    return result
  }

  private writeQueue(io: Writer): WriteResult {
    const queue = this.queue!
    let result: WriteResult = TAKEN
    let done = 0
    let gathered = 0
    while (done < queue.length && result !== FULL) {
      const piece = queue[done]!
      const part = piece.length <= PIECE ? piece : piece.subarray(0, PIECE)
      if (part === piece) done++
      else queue[done] = piece.subarray(PIECE)
      this.queued -= part.length
      gathered += part.length
      const more = done < queue.length && gathered < PIECE
      if (!more) gathered = 0
      result = io.write(part, more)
    }
    if (done < queue.length) {
      queue.splice(0, done)
      return result
    }
    this.queue = null
    const memory = this.writer.bytes
    this.forget()
    if (result === TAKEN) this.recycle(memory)
    return result
  }

  /** The next piece, or null: for who pulls. */
  take(): Uint8Array | null {
    this.cut()
    const piece = this.queue?.shift() ?? null
    if (piece === null) return null
    this.queued -= piece.length
    if (this.queue!.length === 0) {
      this.queue = null
      this.forget()
    }
    return piece
  }

  clear(): void {
    this.queue = null
    this.queued = 0
    this.forget()
  }
}
