// FlowBody: the one room where order, pause and the end of a pushed body are kept. A producer below calls `deliver`,
// `finish` and `fail`; the sink above gets data first, then trailers, then the end or the error, one call at a time and
// never while paused. A chunk that the sink can take now goes straight through: no queue, no allocation.

import { HyperError, userError } from '../error/index.ts'
import type { HeaderMap } from '../http/header-map.ts'
import { plainText } from '../rt/text.ts'
import { Body } from './body.ts'
import { mergeTrailers } from './merge-trailers.ts'
import type { BodySink } from './sink.ts'

// open ──finish or fail──► ended ──onTrailers──► trailed ──onEnd or onError──► over        cancel: any ──► over
const OPEN = 0
const ENDED = 1
const TRAILED = 2
const OVER = 3

/**
 * A body whose producer pushes, for who makes a kind of their own: `deliver`, `trail`, then `finish` or `fail`, as things
 * come. The sink hears of it in order, one call at a time, and never while it is paused. `moved` says that the sink has
 * taken something, or begun; `dropped` that it has given up.
 */
export abstract class FlowBody extends Body {
  private sink: BodySink | null
  private state: number
  private isPaused: boolean
  /** A call of the sink is running; what arrives meanwhile is held. */
  private isBusy: boolean
  private held: Uint8Array | null
  /** What is held beyond `held`; null while there is nothing. */
  private more: Uint8Array[] | null
  private tail: HeaderMap | null
  /** The error, or what makes it once somebody is told. */
  private failure: HyperError | (() => HyperError) | null

  constructor() {
    super()
    this.sink = null
    this.state = OPEN
    this.isPaused = false
    this.isBusy = false
    this.held = null
    this.more = null
    this.tail = null
    this.failure = null
  }

  get isEnd(): boolean {
    if (this.state === OPEN) return false
    return this.state === OVER || (this.held === null && this.tail === null && this.failure === null)
  }

  /**
   * True once everything has come that its producer has, or ever will have; some of it may still wait for the sink.
   * @internal
   */
  get hasArrived(): boolean {
    return this.state !== OPEN
  }

  /**
   * True once it has failed, whether or not the sink has heard of it.
   * @internal
   */
  get hasFailed(): boolean {
    return this.failure !== null
  }

  start(sink: BodySink): void {
    this.take()
    this.attach(sink)
  }

  /** @internal */
  override takeWhole(): Uint8Array | null {
    const { held } = this
    if (this.state !== ENDED || this.used || held === null || this.more !== null) return null
    if (this.tail !== null || this.failure !== null || this.isPaused) return null
    this.close(null)
    return held
  }

  pause(): void {
    this.isPaused = true
  }

  resume(): void {
    if (!this.isPaused) return
    this.isPaused = false
    this.drain()
  }

  cancel(reason?: unknown): void {
    if (this.state === OVER) return
    const wasOpen = this.state === OPEN
    const sink = this.sink
    this.close(null)
    if (wasOpen) this.dropped(reason)
    if (sink !== null) sink.onError(canceled(reason))
  }

  /** The sink has taken something, or begun; `isFlowing` says whether it wants more now. Never after the end. */
  protected abstract moved(): void

  /** The body was cancelled before its producer had ended it. Nothing that is delivered after this arrives. */
  protected abstract dropped(reason: unknown): void

  /** True when the next chunk goes straight to the sink. */
  protected get isFlowing(): boolean {
    return this.sink !== null && !this.isPaused && this.held === null
  }

  /** True until the producer has ended or failed the body, or it was cancelled. */
  protected get isOpen(): boolean {
    return this.state === OPEN
  }

  /**
   * What the producer still has to bring, where it has said `left`: nothing after the end, and nobody knows once it has
   * failed, since what is held must not pass for the whole.
   */
  protected toCome(left: number): number {
    if (this.state === OPEN) return left
    return this.failure === null ? 0 : -1
  }

  /** True when the sink has begun and nothing is held for it, so that one chunk can be read ahead even while paused. */
  protected get hasRoom(): boolean {
    return this.sink !== null && this.held === null
  }

  /** Chunks that wait for the sink. */
  protected get heldCount(): number {
    if (this.held === null) return 0
    return this.more === null ? 1 : 1 + this.more.length
  }

  /** Bytes that wait for the sink. */
  protected get heldBytes(): number {
    let bytes = this.held === null ? 0 : this.held.length
    for (const chunk of this.more ?? []) bytes += chunk.length
    return bytes
  }

  /** Gives the body its sink, once it is taken, and lets what is there flow. */
  protected attach(sink: BodySink): void {
    this.sink = sink
    this.drain()
  }

  /** Text as the sink would have it encoded. */
  protected encode(text: string): Uint8Array {
    return encodeFor(this.sink, text)
  }

  protected deliver(chunk: Uint8Array): void {
    if (this.state !== OPEN || chunk.length === 0) return
    const sink = this.sink
    if (sink === null || this.isPaused || this.isBusy || this.held !== null) {
      this.hold(chunk)
      return
    }
    this.isBusy = true
    sink.onData(chunk)
    this.isBusy = false
    // Only a producer that was called from within the sink leaves something to do here.
    if (this.held !== null || this.state !== OPEN) this.drain()
  }

  /** True when trailers wait for the end. */
  protected get hasTail(): boolean {
    return this.tail !== null
  }

  /** Trailers have arrived. The sink gets them, merged into one section, with the end. */
  protected trail(trailers: HeaderMap | null): void {
    if (this.state !== OPEN) return
    try {
      this.tail = mergeTrailers(this.tail, trailers)
    } catch (error) {
      // More fields than a map may hold.
      this.fail(error instanceof HyperError ? error : userError('BODY_FAILED', null, error))
    }
  }

  /** Everything has been delivered. */
  protected finish(trailers: HeaderMap | null): void {
    if (this.state !== OPEN) return
    this.trail(trailers)
    if (!this.isOpen) return
    this.state = ENDED
    this.drain()
  }

  /**
   * No more will come. What has been delivered still reaches the sink, before the error; a function makes the error for the
   * sink, if there ever is one.
   */
  protected fail(error: HyperError | (() => HyperError)): void {
    if (this.state !== OPEN) return
    this.state = ENDED
    this.failure = error
    // Nobody has to read what is held in order to learn that no trailers will come.
    this.tellTrailers(null)
    this.drain()
  }

  private get isOver(): boolean {
    return this.state === OVER
  }

  private hold(chunk: Uint8Array): void {
    if (this.held === null) this.held = chunk
    else if (this.more === null) this.more = [chunk]
    else this.more.push(chunk)
  }

  private drain(): void {
    const sink = this.sink
    if (sink === null || this.isBusy) return
    this.isBusy = true
    while (this.held !== null && !this.isPaused) {
      const chunk = this.held
      this.held = this.more === null ? null : (this.more.shift() ?? null)
      sink.onData(chunk)
    }
    this.isBusy = false
    if (this.state === OPEN) this.moved()
    else if (this.held === null && !this.isPaused && !this.isOver) this.conclude(sink)
  }

  private conclude(sink: BodySink): void {
    if (this.state === ENDED && this.tail !== null) {
      this.state = TRAILED
      this.isBusy = true
      sink.onTrailers(this.tail)
      this.isBusy = false
      if (this.isPaused || this.isOver) return
    }
    const { failure } = this
    this.close(failure === null ? this.tail : null)
    if (failure === null) sink.onEnd()
    else sink.onError(typeof failure === 'function' ? failure() : failure)
  }

  private close(trailers: HeaderMap | null): void {
    this.state = OVER
    this.sink = null
    this.held = null
    this.more = null
    this.tail = null
    this.failure = null
    this.settle(trailers)
  }
}

/** Text in UTF-8, by the sink's own way where it has one. */
export function encodeFor(sink: BodySink | null, text: string): Uint8Array {
  return sink?.encodeUtf8 === undefined ? plainText.encodeUtf8(text) : sink.encodeUtf8(text)
}

/** What the sink of a cancelled body hears. */
export function canceled(reason: unknown): HyperError {
  if (reason instanceof HyperError) return reason
  return new HyperError('CANCELED', 'the body was cancelled', { by: 'user', phase: 'body', cause: reason })
}
