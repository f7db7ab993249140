// BodyReader: a body as an async iterator. The body is started by the first `next` and paused whenever nobody waits, so
// that what is read ahead is what the body itself reads ahead; leaving early cancels it.

import type { HyperError } from '../error/index.ts'
import type { HeaderMap } from '../http/header-map.ts'
import type { BodySource } from './frame.ts'
import type { BodySink } from './sink.ts'

type Result<T> = IteratorResult<T, undefined>

interface Waiter<T> {
  readonly resolve: (result: Result<T>) => void
  readonly reject: (error: unknown) => void
}

const WAITING = 0
const FLOWING = 1
const ENDED = 2

/** One pass over a body. `wrapTrailers` null leaves the trailers out. */
export class BodyReader<T> implements AsyncIterableIterator<T, undefined>, BodySink {
  private readonly source: BodySource
  private readonly wrapData: (chunk: Uint8Array) => T
  private readonly wrapTrailers: ((trailers: HeaderMap) => T) | null
  private state: number
  private readonly waiters: Waiter<T>[]
  /** What a body pushes although it is paused. */
  private readonly held: T[]
  private failure: unknown

  constructor(
    source: BodySource,
    wrapData: (chunk: Uint8Array) => T,
    wrapTrailers: ((trailers: HeaderMap) => T) | null,
  ) {
    this.source = source
    this.wrapData = wrapData
    this.wrapTrailers = wrapTrailers
    this.state = WAITING
    this.waiters = []
    this.held = []
    this.failure = null
  }

  [Symbol.asyncIterator](): this {
    return this
  }

  next(): Promise<Result<T>> {
    const item = this.held.shift()
    if (item !== undefined) {
      return Promise.resolve({ done: false, value: item })
    }
    if (this.state === ENDED) return this.last()
    return new Promise((resolve, reject) => {
      this.waiters.push({ resolve, reject })
      if (this.state === WAITING) this.begin()
      else this.source.resume()
    })
  }

  return(): Promise<Result<T>> {
    this.leave(undefined)
    return Promise.resolve({ done: true, value: undefined })
  }

  throw(error?: unknown): Promise<Result<T>> {
    this.leave(error)
    return Promise.reject(error)
  }

  onData(chunk: Uint8Array): void {
    this.offer(this.wrapData(chunk))
  }

  onTrailers(trailers: HeaderMap): void {
    if (this.wrapTrailers !== null) this.offer(this.wrapTrailers(trailers))
  }

  onEnd(): void {
    this.state = ENDED
    for (const waiter of this.waiters.splice(0)) waiter.resolve({ done: true, value: undefined })
  }

  onError(error: HyperError): void {
    this.close(error)
  }

  private begin(): void {
    this.state = FLOWING
    try {
      this.source.start(this)
    } catch (error) {
      this.close(error)
    }
  }

  private offer(item: T): void {
    const waiter = this.waiters.shift()
    if (waiter === undefined) this.held.push(item)
    else waiter.resolve({ done: false, value: item })
    if (this.waiters.length === 0) this.source.pause()
  }

  /** The first call after a failure throws it, any later one says done, as a generator does. */
  private close(error: unknown): void {
    this.state = ENDED
    const [first, ...rest] = this.waiters.splice(0)
    if (first === undefined) this.failure = error
    else first.reject(error)
    for (const waiter of rest) waiter.resolve({ done: true, value: undefined })
  }

  private last(): Promise<Result<T>> {
    const error = this.failure
    this.failure = null
    return error === null ? Promise.resolve({ done: true, value: undefined }) : Promise.reject(error)
  }

  private leave(reason: unknown): void {
    this.held.length = 0
    if (this.state === ENDED) {
      this.failure = null
      return
    }
    this.state = ENDED
    for (const waiter of this.waiters.splice(0)) waiter.resolve({ done: true, value: undefined })
    this.source.cancel(reason)
    this.failure = null
  }
}
