// A channel: a body that is written by calls. The sender is held back by promises, the body holds at most `capacity`
// chunks that its reader has not taken, and a chunk that the reader can take at once passes without being held.

import { HyperError, userError } from '../error/index.ts'
import { HeaderMap, type HeadersInit } from '../http/header-map.ts'
import { isBytes, nameOf } from './check.ts'
import { canceled, FlowBody } from './flow.ts'
import { hintOf, knownLength } from './size-hint.ts'
import type { SizeHint } from './sink.ts'

/** How a {@link channel} is made. */
export interface ChannelOptions {
  /** Chunks that are held for the reader. Default 1. */
  readonly capacity?: number | undefined
  /** The exact number of bytes that will be sent, where it is known. Default: not known. */
  readonly length?: number | undefined
  /** True keeps the sender from being ready until the body is read: nothing is made for a reader who never comes. */
  readonly onDemand?: boolean | undefined
}

/** Both ends of a channel. */
export interface Channel {
  /** Writes. */
  readonly sender: BodySender
  /** Is read, once. */
  readonly body: ChannelBody
}

/** @throws HyperError `INVALID_OPTION` for a capacity below 1 or a length below 0. */
export function channel(options: ChannelOptions = {}): Channel {
  const capacity = options.capacity ?? 1
  const length = knownLength(options.length)
  if (!Number.isInteger(capacity) || capacity < 1)
    throw userError('INVALID_OPTION', 'capacity is not a positive integer')
  const body = new ChannelBody(capacity, length, options.onDemand === true)
  return { sender: new BodySender(body), body }
}

/** The end of a channel that writes. */
export class BodySender {
  private readonly body: ChannelBody

  /** @internal */
  constructor(body: ChannelBody) {
    this.body = body
  }

  /** Chunks that `trySend` would take now, one after the other, if the reader took none. */
  get capacity(): number {
    return this.body.room
  }

  /** The `capacity` that the channel was made with. */
  get maxCapacity(): number {
    return this.body.maxCapacity
  }

  /** True once nothing can be sent any more: ended, aborted, or given up by the reader. */
  get isClosed(): boolean {
    return this.body.isClosed
  }

  /** Resolves when the body is over: read to its end, failed, or given up by the reader. Never rejects. */
  get closed(): Promise<void> {
    return this.body.trailers.then(nothing)
  }

  /** Resolves with true when a chunk would be taken at once, with false when the channel is closed. Never rejects. */
  ready(): Promise<boolean> {
    return this.body.whenReady()
  }

  /**
   * Sends bytes, or text as UTF-8. Resolves once the chunk is taken, in the order of the calls; an empty one is left
   * out. The memory belongs to the body from the call on.
   * @throws HyperError (as a rejection) `CANCELED` when the reader has given up, `INVALID_STATE` after the end,
   *   `INVALID_BODY`. A rejection that nobody waits for is not reported as unhandled.
   */
  send(chunk: Uint8Array | string): Promise<void> {
    return this.body.send(chunk)
  }

  /**
   * Sends a chunk if there is room for it and nobody waits in front.
   * @returns false when it was not taken; the chunk is still the caller's.
   * @throws HyperError `INVALID_BODY`.
   */
  trySend(chunk: Uint8Array | string): boolean {
    return this.body.trySend(chunk)
  }

  /**
   * Adds trailers, which the reader gets after all data; no data can follow.
   * @throws HyperError `INVALID_STATE`, and for fields that cannot be sent.
   */
  sendTrailers(trailers: HeadersInit | HeaderMap): void {
    this.body.sendTrailers(HeaderMap.from(trailers))
  }

  /**
   * Ends the body, after what is still waiting to be sent. Does nothing on a closed channel.
   * @throws HyperError for trailers that cannot be sent.
   */
  end(trailers: HeadersInit | HeaderMap | null = null): void {
    this.body.end(trailers === null ? null : HeaderMap.from(trailers))
  }

  /** Fails the body with `BODY_WRITE_ABORTED`; the reader first gets what was taken before. No-op on a closed channel. */
  abort(cause?: unknown): void {
    this.body.abort(cause)
  }
}

interface Waiting {
  readonly chunk: Uint8Array
  readonly resolve: () => void
  readonly reject: (error: unknown) => void
}

/** The end of a channel that is read. */
export class ChannelBody extends FlowBody {
  /** @internal */
  readonly maxCapacity: number
  private left: number
  private readonly onDemand: boolean
  private readonly waiting: Waiting[]
  private readonly readyWaiting: ((isReady: boolean) => void)[]
  private isEnding: boolean
  private reason: HyperError | null

  /** @internal */
  constructor(capacity: number, length: number, onDemand: boolean) {
    super()
    this.maxCapacity = capacity
    this.left = length
    this.onDemand = onDemand
    this.waiting = []
    this.readyWaiting = []
    this.isEnding = false
    this.reason = null
  }

  get sizeHint(): SizeHint {
    return hintOf(this.toCome(this.left), this.heldBytes)
  }

  /** @internal */
  get room(): number {
    if (this.isClosed || (this.onDemand && !this.used)) return 0
    return this.maxCapacity - this.heldCount
  }

  /** @internal */
  get isClosed(): boolean {
    return this.isEnding || !this.isOpen
  }

  /** @internal */
  whenReady(): Promise<boolean> {
    if (this.isClosed) return Promise.resolve(false)
    if (this.waiting.length === 0 && this.room > 0) return Promise.resolve(true)
    return new Promise((resolve) => this.readyWaiting.push(resolve))
  }

  /** @internal */
  send(chunk: Uint8Array | string): Promise<void> {
    try {
      if (this.trySend(chunk)) return Promise.resolve()
    } catch (error) {
      return rejected(error)
    }
    if (this.isClosed || this.hasTail) return rejected(this.reason ?? closed())
    const promise = new Promise<void>((resolve, reject) => {
      this.waiting.push({ chunk: this.toBytes(chunk), resolve, reject })
    })
    promise.catch(nothing)
    return promise
  }

  /** @internal */
  trySend(chunk: Uint8Array | string): boolean {
    if (typeof chunk !== 'string' && !isBytes(chunk)) {
      throw userError('INVALID_BODY', `${nameOf(chunk)} is neither a Uint8Array nor a string`)
    }
    if (chunk.length === 0) return !this.isClosed
    if (this.waiting.length > 0 || this.hasTail || this.room <= 0) return false
    this.pass(this.toBytes(chunk))
    return true
  }

  /** @internal */
  sendTrailers(trailers: HeaderMap): void {
    if (this.isClosed) throw this.reason ?? closed()
    this.trail(trailers)
  }

  /** @internal */
  end(trailers: HeaderMap | null): void {
    if (this.isClosed) return
    if (trailers !== null) this.trail(trailers)
    this.isEnding = true
    if (this.waiting.length === 0) this.finish(null)
    this.answerReady()
  }

  /** @internal */
  abort(cause: unknown): void {
    if (!this.isOpen) return
    const error = userError('BODY_WRITE_ABORTED', 'the sender gave the body up', cause)
    this.shut(error)
    this.fail(error)
  }

  protected moved(): void {
    while (this.waiting.length > 0 && this.isOpen && this.hasRoomForWaiting()) {
      const next = this.waiting.shift()
      if (next === undefined) break
      next.resolve()
      this.pass(next.chunk)
    }
    if (this.waiting.length > 0 || !this.isOpen) return
    if (this.isEnding) this.finish(null)
    else this.answerReady()
  }

  protected dropped(reason: unknown): void {
    this.shut(canceled(reason))
  }

  private toBytes(chunk: Uint8Array | string): Uint8Array {
    return typeof chunk === 'string' ? this.encode(chunk) : chunk
  }

  private hasRoomForWaiting(): boolean {
    return this.heldCount < this.maxCapacity
  }

  private pass(chunk: Uint8Array): void {
    if (this.left > 0) this.left -= Math.min(this.left, chunk.length)
    this.deliver(chunk)
  }

  /** Nothing more will be taken: whoever waits hears why. */
  private shut(reason: HyperError): void {
    this.reason = reason
    for (const { reject } of this.waiting.splice(0)) reject(reason)
    for (const resolve of this.readyWaiting.splice(0)) resolve(false)
  }

  private answerReady(): void {
    if (this.readyWaiting.length === 0 || (!this.isClosed && this.room <= 0)) return
    const isReady = !this.isClosed
    for (const resolve of this.readyWaiting.splice(0)) resolve(isReady)
  }
}

function closed(): HyperError {
  return userError('INVALID_STATE', 'the body has been ended')
}

function rejected(error: unknown): Promise<never> {
  const promise = Promise.reject<never>(error)
  promise.catch(nothing)
  return promise
}

function nothing(): void {}
