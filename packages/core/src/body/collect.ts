// Collecting: a body as one value. Small chunks are copied together, so that a peer which sends a megabyte byte by byte
// costs a megabyte and not a hundred of array views. Nothing is ever held beyond the limit.

import { HyperError, userError } from '../error/index.ts'
import type { HeaderMap } from '../http/header-map.ts'
import type { TextCodec } from '../rt/runtime.ts'
import type { BodySource } from './frame.ts'
import type { BodySink } from './sink.ts'

/** How a body is collected. */
export interface CollectOptions {
  /** The most bytes to take; one more fails with `BODY_TOO_LARGE` and cancels the body. Default: no limit. */
  readonly limit?: number | undefined
}

/** What a body held, all of it. */
export class Collected {
  /** Bytes in all. */
  readonly length: number
  readonly trailers: HeaderMap | null
  private pieces: readonly Uint8Array[]
  private readonly textCodec: TextCodec

  constructor(pieces: readonly Uint8Array[], length: number, trailers: HeaderMap | null, codec: TextCodec) {
    this.pieces = pieces
    this.length = length
    this.trailers = trailers
    this.textCodec = codec
  }

  /** The bytes in one array, the same at every call. */
  bytes(): Uint8Array {
    const first = this.pieces[0]
    if (this.pieces.length === 1 && first !== undefined) return first
    const whole = new Uint8Array(this.length)
    let at = 0
    for (const piece of this.pieces) {
      whole.set(piece, at)
      at += piece.length
    }
    this.pieces = [whole]
    return whole
  }

  /** As UTF-8, malformed bytes as U+FFFD, without a leading byte order mark. */
  text(): string {
    return this.textCodec.utf8(this.bytes(), 0, this.length)
  }

  /** @throws SyntaxError when the text is no JSON. */
  json(): unknown {
    return JSON.parse(this.text())
  }
}

/** How {@link collectInto} answers. */
export const AS_COLLECTED = 0
export const AS_BYTES = 1
export const AS_TEXT = 2
export const AS_JSON = 3

/** What is collected. */
interface Collectable extends BodySource {
  takeWhole(): Uint8Array | null
}

/** Reads `source` to its end. One promise and one sink, however many chunks there are; no sink when all is there. */
export function collectInto<T>(
  source: Collectable,
  shape: number,
  codec: TextCodec,
  options?: CollectOptions,
): Promise<T> {
  const whole = options === undefined ? source.takeWhole() : null
  if (whole !== null) return settled(new Collected([whole], whole.length, null, codec), shape)
  return new Promise((resolve, reject) => {
    const limit = checkedLimit(options?.limit ?? Infinity)
    const sink = new Collector<T>(source, shape, codec, limit, resolve, reject)
    // The hint is enough to refuse: no byte of a body that says itself that it is too long needs to be read.
    const isRefused = limit < Infinity && source.sizeHint.lower > limit
    if (isRefused) source.pause()
    source.start(sink)
    if (isRefused) sink.refuse()
  })
}

/** A chunk below this many bytes is copied to its neighbours rather than kept. */
const SMALL = 1024
/** Where small chunks are copied to: from the first size to the second, doubling. */
const FIRST_POOL = 4096
const LAST_POOL = 65536

class Collector<T> implements BodySink {
  readonly limit: number
  private readonly source: BodySource
  private readonly shape: number
  private readonly codec: TextCodec
  private readonly resolve: (value: T) => void
  private readonly reject: (error: unknown) => void
  private readonly pieces: Uint8Array[]
  private length: number
  private trailers: HeaderMap | null
  private pool: Uint8Array | null
  private pooled: number
  private poolSize: number
  private failure: HyperError | null

  constructor(
    source: BodySource,
    shape: number,
    codec: TextCodec,
    limit: number,
    resolve: (value: T) => void,
    reject: (error: unknown) => void,
  ) {
    this.limit = limit
    this.source = source
    this.shape = shape
    this.codec = codec
    this.resolve = resolve
    this.reject = reject
    this.pieces = []
    this.length = 0
    this.trailers = null
    this.pool = null
    this.pooled = 0
    this.poolSize = FIRST_POOL
    this.failure = null
  }

  onData(chunk: Uint8Array): void {
    this.length += chunk.length
    if (this.length > this.limit) this.refuse()
    else if (chunk.length < SMALL && this.pieces.length > 0) this.addSmall(chunk)
    else {
      this.closePool()
      this.pieces.push(chunk)
    }
  }

  onTrailers(trailers: HeaderMap): void {
    this.trailers = trailers
  }

  onEnd(): void {
    this.closePool()
    const collected = new Collected(this.pieces, this.length, this.trailers, this.codec)
    try {
      this.resolve(shaped(collected, this.shape) as T)
    } catch (error) {
      this.reject(error)
    }
  }

  onError(error: HyperError): void {
    this.reject(this.failure ?? error)
  }

  refuse(): void {
    if (this.failure !== null) return
    this.failure = tooLarge(this.limit)
    this.source.cancel(this.failure)
    this.reject(this.failure)
  }

  private addSmall(chunk: Uint8Array): void {
    if (this.pool !== null && this.pooled + chunk.length > this.pool.length) this.closePool()
    if (this.pool === null) {
      this.pool = new Uint8Array(this.poolSize)
      this.poolSize = Math.min(this.poolSize * 2, LAST_POOL)
    }
    this.pool.set(chunk, this.pooled)
    this.pooled += chunk.length
  }

  private closePool(): void {
    if (this.pool === null) return
    this.pieces.push(this.pool.subarray(0, this.pooled))
    this.pool = null
    this.pooled = 0
  }
}

/** @throws HyperError `INVALID_OPTION` for what is no number of bytes; a limit that limits nothing is a mistake. */
export function checkedLimit(limit: number): number {
  if (typeof limit !== 'number' || !(limit >= 0))
    throw userError('INVALID_OPTION', 'limit is not a number of bytes')
  return limit
}

/** The error of a body that went over a limit of `limit` bytes. */
export function tooLarge(limit: number): HyperError {
  return new HyperError('BODY_TOO_LARGE', `the body has more than ${limit} bytes`, {
    by: 'peer',
    phase: 'body',
    statusHint: 413,
  })
}

function settled<T>(collected: Collected, shape: number): Promise<T> {
  try {
    return Promise.resolve(shaped(collected, shape) as T)
  } catch (error) {
    // oxlint-disable-next-line prefer-promise-reject-errors -- a SyntaxError
    return Promise.reject(error)
  }
}

function shaped(collected: Collected, shape: number): unknown {
  switch (shape) {
    case AS_BYTES:
      return collected.bytes()
    case AS_TEXT:
      return collected.text()
    case AS_JSON:
      return collected.json()
    default:
      return collected
  }
}
