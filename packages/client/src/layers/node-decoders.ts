import * as zlib from 'node:zlib'
import type { Decoder, Decoders, DecoderSink } from './decoder.ts'
import { ZstdFrames } from './zstd-frames.ts'

// The decoders of Node, by its zlib. In: coded bytes, one chunk at a time. Out: decoded bytes, off the main thread. Bytes
// behind the end of a coding are an error here, where zlib would pass them over in silence.

/** A stream of zlib. */
type Inflate = ReturnType<typeof zlib.createGunzip>

/** What the runtime has: gzip, deflate, br, and zstd from Node 22.15 on. */
export const nodeDecoders: Decoders = {
  'x-gzip': (sink) => new NodeDecoder(sink, createGunzip, true),
  gzip: (sink) => new NodeDecoder(sink, createGunzip, true),
  deflate: (sink, first) => new NodeDecoder(sink, isZlib(first) ? createInflate : createInflateRaw, false),
  br: (sink) => new NodeDecoder(sink, createBrotli, false),
  ...(typeof zlib.createZstdDecompress === 'function'
    ? { zstd: (sink: DecoderSink) => new NodeDecoder(sink, createZstd, true, new ZstdFrames()) }
    : {}),
}

const createGunzip = (): Inflate => zlib.createGunzip()
const createInflate = (): Inflate => zlib.createInflate()
const createInflateRaw = (): Inflate => zlib.createInflateRaw()
const createBrotli = (): Inflate => zlib.createBrotliDecompress()
// RFC 9659 §3: a window of 8 MiB is enough, and a peer that asks for more asks for our memory.
const createZstd = (): Inflate =>
  zlib.createZstdDecompress({ params: { [zlib.constants.ZSTD_d_windowLogMax]: 23 } })

/**
 * RFC 9110 §8.4.1.2: deflate means the zlib format, and some send the bare data all the same. A zlib header begins with
 * method 8; bare data would have to begin with a stored block whose padding is not zero, and no encoder writes that.
 */
function isZlib(first: Uint8Array): boolean {
  return ((first[0] ?? 0) & 0x0f) === 8
}

const NOTHING = new Uint8Array(0)

class NodeDecoder implements Decoder {
  private readonly sink: DecoderSink
  private readonly create: () => Inflate
  /** Whether the coded data may be several pieces, one after the other (RFC 1952 §2.2, RFC 8878 §3.1). */
  private readonly hasMembers: boolean
  /** Says whether the data ends where it may, for a zlib that does not; else null. */
  private readonly frames: ZstdFrames | null
  private stream: Inflate
  /** Bytes that were given to the present stream. */
  private given: number
  private last: Uint8Array
  private isPaused: boolean
  private isOver: boolean

  constructor(
    sink: DecoderSink,
    create: () => Inflate,
    hasMembers: boolean,
    frames: ZstdFrames | null = null,
  ) {
    this.sink = sink
    this.create = create
    this.hasMembers = hasMembers
    this.frames = frames
    this.isPaused = false
    this.isOver = false
    this.given = 0
    this.last = NOTHING
    this.stream = this.open()
  }

  write(chunk: Uint8Array): void {
    this.frames?.push(chunk)
    this.feed(chunk)
  }

  private feed(chunk: Uint8Array): void {
    this.given += chunk.length
    this.last = chunk
    const { stream } = this
    stream.write(chunk, () => {
      // A stream that has come to its end by itself calls too: what it has left is given to the next one.
      if (this.isOver || stream !== this.stream || stream.bytesWritten < this.given) return
      this.sink.onDrain()
    })
  }

  end(): void {
    this.stream.end()
  }

  pause(): void {
    this.isPaused = true
    this.stream.pause()
  }

  resume(): void {
    this.isPaused = false
    this.stream.resume()
  }

  close(): void {
    this.isOver = true
    this.stream.destroy()
  }

  private open(): Inflate {
    const stream = this.create()
    stream.on('data', (chunk: Uint8Array) => {
      if (!this.isOver) this.sink.onData(chunk)
    })
    stream.on('end', () => this.ended())
    stream.on('error', (error) => this.fail(error))
    if (this.isPaused) stream.pause()
    return stream
  }

  /** The coded data is at its end: because of `end`, or by itself, and then zlib leaves the rest of the chunk alone. */
  private ended(): void {
    if (this.isOver) return
    const left = this.given - this.stream.bytesWritten
    if (left === 0 && this.frames?.isWhole === false) this.fail(new Error('the coded data ends too early'))
    else if (left === 0) {
      this.isOver = true
      this.sink.onEnd()
    } else if (this.hasMembers) {
      const rest = this.last.subarray(this.last.length - left)
      this.stream.destroy()
      this.given = 0
      this.stream = this.open()
      this.feed(rest)
    } else this.fail(new Error('there are bytes behind the end of the coded data'))
  }

  private fail(error: unknown): void {
    if (this.isOver) return
    this.close()
    this.sink.onError(error)
  }
}
