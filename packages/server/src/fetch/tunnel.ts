import { HyperError, userError } from '@hyper/core/error'
import { FULL, type Io, type IoSink } from '@hyper/core/rt'
import type { IoParts } from '@hyper/core/service'

// Tunnel: what became of a CONNECT or of an upgrade, as the Fetch Server API draft has it: two web streams and one end. In:
// the stream that was handed over, and what has arrived of it. Out: no byte is read that nobody asked for, a write is done
// when the transport has taken it or holds little, and each direction ends by itself. Whatever breaks one breaks both.

/** A tunnel that a `connect` handler has accepted. */
export class Tunnel implements AsyncDisposable {
  /** Resolves once both directions have ended; rejects with what broke the tunnel. Never unhandled. */
  readonly closed: Promise<void>
  readonly #parts: IoParts
  readonly #end: Settler
  #streams: TunnelStreams | null
  #isTaken: boolean

  /** @internal */
  constructor(parts: IoParts) {
    this.#parts = parts
    this.#end = newSettler()
    this.#streams = null
    this.#isTaken = false
    this.closed = this.#end.promise
    this.closed.catch(ignore)
  }

  /**
   * Whether the transport was lost by this, which both streams fail with.
   * @internal
   */
  static isLostBy(tunnel: Tunnel, error: unknown): boolean {
    const loss = tunnel.#streams?.loss ?? null
    return loss !== null && loss === error
  }

  /** What the client sends. Cancelling it breaks the tunnel. */
  get readable(): ReadableStream<Uint8Array<ArrayBuffer>> {
    return this.#both().readable
  }

  /** What the client gets: bytes, which are copied. Closing it ends our direction; aborting it breaks the tunnel. */
  get writable(): WritableStream<Uint8Array> {
    return this.#both().writable
  }

  /**
   * The same stream as the engine has it, in place of `readable` and `writable`: for `duplexFrom`, and for what is pushed.
   * Its owner sees its end; `closed` does not settle then.
   * @throws DOMException `InvalidStateError` when the streams were asked for before, and the second time.
   */
  detach(): IoParts {
    if (this.#streams !== null || this.#isTaken) throw invalidState('the streams of the tunnel are in use')
    this.#isTaken = true
    return this.#parts
  }

  /**
   * Ends our direction once what was written is sent; the client's goes on. Does nothing where that has ended.
   * @throws DOMException `InvalidStateError` when a writer has `writable` locked (close it by that one), and after
   *   {@link detach}.
   */
  close(): void {
    const { isEnded, writable } = this.#both()
    if (isEnded) return
    if (writable.locked) throw invalidState('the writable stream is locked: close it by its writer')
    writable.close().catch(ignore)
  }

  /** Breaks the tunnel at once, with a reset: both streams, and `closed`, fail with `error`. */
  destroy(error?: unknown): void {
    if (this.#isTaken) this.#parts.io.abort()
    else this.#both().destroy(error ?? userError('CANCELED', 'the tunnel was destroyed'))
  }

  /** Capsules (RFC 9297) are not supported. @throws DOMException `NotSupportedError` */
  capsules(): never {
    throw notSupported('capsules')
  }

  /** HTTP datagrams (RFC 9297) are not supported. @throws DOMException `NotSupportedError` */
  datagrams(): never {
    throw notSupported('datagrams')
  }

  /**
   * As {@link close}, and then waits until the client has ended, too. What it still sends is dropped, unless somebody reads.
   * Does nothing to a tunnel that was detached: it is its owner's.
   */
  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#isTaken) return
    this.close()
    this.#both().drop()
    await this.closed
  }

  #both(): TunnelStreams {
    if (this.#isTaken) throw invalidState('the tunnel was detached')
    this.#streams ??= new TunnelStreams(this.#parts, this.#end)
    return this.#streams
  }
}

class TunnelStreams implements IoSink {
  readonly readable: ReadableStream<Uint8Array<ArrayBuffer>>
  readonly writable: WritableStream<Uint8Array>
  /** Our direction has ended. */
  isEnded: boolean
  /** What the transport has ended with, before its time; null while it has not. */
  loss: Error | null
  private readonly io: Io
  private readonly end: Settler
  private reading!: ReadableStreamDefaultController<Uint8Array<ArrayBuffer>>
  private writing!: WritableStreamDefaultController
  private peerEnded: boolean
  private isOver: boolean
  /** Nobody will read. */
  private isDropping: boolean
  /** A write that waits for the transport. */
  private waiting: Settler | null

  constructor({ io, leftover }: IoParts, end: Settler) {
    this.io = io
    this.end = end
    this.isEnded = false
    this.loss = null
    this.peerEnded = false
    this.isOver = false
    this.isDropping = false
    this.waiting = null
    this.readable = new ReadableStream(
      {
        start: (controller) => void (this.reading = controller),
        pull: () => io.resume(),
        cancel: (reason) => this.destroy(reason),
      },
      { highWaterMark: 0 },
    )
    this.writable = new WritableStream({
      start: (controller) => void (this.writing = controller),
      write: (chunk) => this.write(chunk),
      close: () => this.endWriting(),
      abort: (reason) => this.destroy(reason),
    })
    if (leftover.length > 0) this.reading.enqueue(leftover as Uint8Array<ArrayBuffer>)
    io.start(this)
    io.pause()
  }

  /** Nothing after the first end counts. */
  destroy(error: unknown): void {
    if (this.isOver) return
    this.isOver = true
    this.io.abort()
    this.fail(error)
  }

  /** An end behind bytes that nobody reads would not be seen. */
  drop(): void {
    if (this.isOver || this.readable.locked) return
    this.isDropping = true
    this.io.resume()
  }

  private write(chunk: unknown): Promise<void> | undefined {
    if (this.io.write(bytesOf(chunk)) !== FULL) return undefined
    this.waiting = newSettler()
    return this.waiting.promise
  }

  private endWriting(): void {
    this.isEnded = true
    this.io.end()
    this.settle()
  }

  onData(chunk: Uint8Array): boolean {
    if (this.isOver || this.isDropping) return false
    this.reading.enqueue(chunk as Uint8Array<ArrayBuffer>)
    if ((this.reading.desiredSize ?? 0) <= 0) this.io.pause()
    return true
  }

  onEnd(): void {
    this.peerEnded = true
    if (!this.isOver) this.reading.close()
    this.settle()
  }

  onDrain(): void {
    const { waiting } = this
    this.waiting = null
    waiting?.resolve()
  }

  onWriteError(error: Error): void {
    if (!this.isOver) this.loss = error
    this.destroy(error)
  }

  onClose(error: Error | null): void {
    if (this.isOver) return
    this.isOver = true
    this.loss = error ?? gone()
    this.fail(this.loss)
  }

  private settle(): void {
    if (!this.isEnded || !this.peerEnded || this.isOver) return
    this.isOver = true
    this.end.resolve()
  }

  private fail(error: unknown): void {
    const { waiting } = this
    this.waiting = null
    waiting?.reject(error)
    // Both take it when they are closed, or have failed, already.
    if (!this.peerEnded) this.reading.error(error)
    if (!this.isEnded) this.writing.error(error)
    this.end.reject(error)
  }
}

/** A copy: the memory of what was written belongs to its caller, and an Io may hold what it is given. */
function bytesOf(chunk: unknown): Uint8Array {
  if (ArrayBuffer.isView(chunk))
    return new Uint8Array(chunk.buffer, chunk.byteOffset, chunk.byteLength).slice()
  if (chunk instanceof ArrayBuffer) return new Uint8Array(chunk.slice(0))
  throw new TypeError('a tunnel takes bytes: an ArrayBuffer or a view of one')
}

function gone(): HyperError {
  return new HyperError('CANCELED', 'the client ended the tunnel', { by: 'peer' })
}

/** What the draft says of calls in the wrong order. */
export function invalidState(message: string): DOMException {
  return new DOMException(message, 'InvalidStateError')
}

/** What the draft says of optional members that are not there. */
export function notSupported(what: string): DOMException {
  return new DOMException(`${what}: not supported`, 'NotSupportedError')
}

interface Settler {
  readonly promise: Promise<void>
  readonly resolve: () => void
  readonly reject: (error: unknown) => void
}

function newSettler(): Settler {
  let resolve: Settler['resolve'] = ignore
  let reject: Settler['reject'] = ignore
  const promise = new Promise<void>((fulfil, fail) => {
    resolve = fulfil
    reject = fail
  })
  return { promise, resolve, reject }
}

function ignore(): void {}
