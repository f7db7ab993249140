import { type Body, IterableBody, type PullOptions } from '@hyper/core/body'
import { userError } from '@hyper/core/error'
import { isMade } from './made-streams.ts'

// ReadAhead: a web stream, after a look at what is there already. In: a stream. Out: all its bytes, when it was made of
// text or bytes and is complete; else a body that gives everything from the beginning. Streams do not tell which they
// are, and a message whose length is known is better sent as one.

/** How {@link ReadAhead.body} makes its body. */
export interface StreamBodyOptions extends PullOptions {
  /** What the stream is cancelled with when the body is given up. Default: the reason that the body was given. */
  readonly reasonOf?: ((reason: unknown) => unknown) | undefined
}

type Chunk = Uint8Array | string
type Step = IteratorResult<Chunk, undefined>

/**
 * How many turns of the microtask queue a stream that is complete needs to say so, and one that has its first chunk to
 * give it; measured in benchmarks/micro.
 */
const PATIENCE = 4
const FIRST_PATIENCE = 8
/** Bytes that are looked at; a stream that has more is one. */
const MOST = 65_536

/** Waiting for it takes one turn of the microtask queue. */
const TURN: Promise<void> = Promise.resolve()

/** A web stream that was looked into. It is locked, and read from the first call on. */
export class ReadAhead implements AsyncIterable<Chunk> {
  private readonly stream: ReadableStream<Chunk>
  private readonly owner: Headers | null
  private readonly reader: ReadableStreamDefaultReader<Chunk>
  /** What was read and not given yet. */
  private readonly held: Uint8Array[]
  /** A read that is under way, or was not asked for its result. */
  private pending: Promise<Step> | null
  /** The last read. */
  private last: Promise<Step> | null
  private hasLeft: boolean

  /**
   * @param owner the headers of the platform's Request or Response whose body the stream is, where it is one: such a
   *   stream is given up with care.
   * @throws HyperError `INVALID_BODY` when the stream is locked.
   */
  constructor(stream: ReadableStream<Chunk>, owner: Headers | null = null) {
    if (stream.locked) throw userError('INVALID_BODY', 'the given stream is locked: somebody else reads it')
    this.stream = stream
    this.owner = owner
    this.reader = stream.getReader()
    this.held = []
    this.pending = null
    this.last = null
    this.hasLeft = false
  }

  /**
   * Reads what is there, and no more than 64 KiB of it. A stream that has nothing yet is not waited for: a head must go
   * out, and whoever wants the body may leave.
   * @returns the whole content, or null when more is to come; then {@link body} gives everything. Rejects with what the
   *   stream fails with, when that comes before any data.
   */
  async whole(): Promise<Uint8Array | null> {
    let bytes = 0
    for (let patience = FIRST_PATIENCE; bytes <= MOST; patience = PATIENCE) {
      const reading = this.read()
      const look = new Look(reading)
      this.pending = reading
      for (let turn = 0; turn < patience && !look.isOver; turn++) await TURN
      if (look.hasFailed && this.held.length === 0) await reading
      const { step } = look
      if (step === null) return null
      if (step.done === true) return this.joined(bytes)
      if (!(step.value instanceof Uint8Array)) return null
      this.pending = null
      this.held.push(step.value)
      bytes += step.value.length
    }
    return null
  }

  /** Everything, as a body that is pulled no faster than it is taken. Cancelling it cancels the stream. */
  body(options?: StreamBodyOptions): Body {
    return new StreamBody(this, options)
  }

  /** Gives the stream up. */
  cancel(reason?: unknown): void {
    this.leave(reason).catch(ignore)
  }

  [Symbol.asyncIterator](): AsyncIterator<Chunk, undefined> {
    return this
  }

  next(): Promise<Step> {
    const first = this.held.shift()
    if (first !== undefined) return Promise.resolve({ done: false, value: first })
    const { pending } = this
    if (pending === null) return this.read()
    this.pending = null
    return pending
  }

  async return(): Promise<Step> {
    await this.leave(undefined).catch(ignore)
    return { done: true, value: undefined }
  }

  private read(): Promise<Step> {
    this.last = this.reader.read() as Promise<Step>
    return this.last
  }

  // A stream that the platform has made of a generator, or of a stream of Node, must not be cancelled while it is asked for
  // a chunk: when the generator ends after that, the platform (undici 7.29) closes the stream once more, in a microtask of
  // its own, and what that throws ends the process. The other side could do that, by leaving. So such a stream gets to its
  // next chunk first. It loses little: a generator cannot be stopped between two chunks anyhow. Other streams, which may
  // have been told to free something, hear of it at once.
  private async leave(reason: unknown): Promise<void> {
    const { last, owner, reader, stream } = this
    if (this.hasLeft) return
    this.hasLeft = true
    if (owner === null || isMade(stream)) return reader.cancel(reason)
    const isReading = last !== null && (await isPending(last))
    reader.releaseLock() // what the read was for goes to the next reader
    // A form is written into its stream whoever reads, and the platform (undici 7.29) rejects when that was cancelled.
    if (owner.get('content-type')?.includes(FORM_BOUNDARY) === true) return undefined
    if (!isReading || !isByteStream(stream)) return stream.cancel(reason)
    const next = stream.getReader()
    await next.read()
    await next.cancel(reason)
  }

  private joined(length: number): Uint8Array {
    const [only] = this.held
    if (only !== undefined && this.held.length === 1) return only
    const all = new Uint8Array(length)
    let at = 0
    for (const chunk of this.held) {
      all.set(chunk, at)
      at += chunk.length
    }
    return all
  }
}

/** A read, and whether it has settled. */
class Look {
  step: Step | null
  hasFailed: boolean

  constructor(reading: Promise<Step>) {
    this.step = null
    this.hasFailed = false
    reading.then(
      (step) => {
        this.step = step
      },
      () => {
        this.hasFailed = true
      },
    )
  }

  get isOver(): boolean {
    return this.step !== null || this.hasFailed
  }
}

/** How the platform separates the parts of a FormData. */
const FORM_BOUNDARY = 'boundary=----formdata-undici-'

const PENDING: unique symbol = Symbol('pending')

async function isPending(promise: Promise<unknown>): Promise<boolean> {
  return (await Promise.race([promise, Promise.resolve(PENDING)]).catch(() => null)) === PENDING
}

/** As all streams are that the platform makes itself. */
function isByteStream(stream: ReadableStream): boolean {
  try {
    stream.getReader({ mode: 'byob' }).releaseLock()
    return true
  } catch {
    return false
  }
}

class StreamBody extends IterableBody {
  private readonly stream: ReadAhead
  private readonly reasonOf: ((reason: unknown) => unknown) | null

  constructor(stream: ReadAhead, options: StreamBodyOptions = {}) {
    super(stream, options)
    this.stream = stream
    this.reasonOf = options.reasonOf ?? null
  }

  override cancel(reason?: unknown): void {
    // First, because what ends the iterator knows no reason. On a stream that is over it does nothing.
    this.stream.cancel(this.reasonOf === null ? reason : this.reasonOf(reason))
    super.cancel(reason)
  }
}

function ignore(): void {}
