// Incoming: a body as a connection hands it out. Its driver pushes; a reader that has begun and is not paused gets each
// chunk at once. Until then one chunk of look-ahead is held, and the driver is told to stop. One is made for every
// message with a body: plain fields, no promise, no closure and no array until somebody asks for one.

import type { HyperError } from '../error/index.ts'
import type { HeaderMap } from '../http/header-map.ts'
import type { TextCodec } from '../rt/runtime.ts'
import { FlowBody } from './flow.ts'
import { hintOf } from './size-hint.ts'
import type { SizeHint } from './sink.ts'

/**
 * What an {@link Incoming} tells its driver. Nothing is called once the driver has called `pushEnd` or `pushError`, so
 * that one object may serve every message of a connection in turn.
 */
export interface IncomingControl {
  /** The reader has begun, or has room again after `push` said false. Comes from any call of the reader's. */
  wanted(): void
  /** The reader has given up; what is pushed from now on is dropped. */
  cancelled(reason: unknown): void
}

/** The body of a received message. Its connection pushes; it is read as any body is. */
export class Incoming extends FlowBody {
  private readonly control: IncomingControl
  private readonly textCodec: TextCodec
  /** Bytes that are still to come from the driver; -1 when that is not known. */
  private left: number
  private readonly isSized: boolean
  /** `wanted` is owed: at the beginning, and whenever `push` said false. */
  private isOwed: boolean

  /** @param length from Content-Length, or null when not known. */
  constructor(control: IncomingControl, length: number | null, codec: TextCodec) {
    super()
    this.control = control
    this.textCodec = codec
    this.left = length === null ? -1 : length
    this.isSized = length !== null
    this.isOwed = true
  }

  /** Exact when the length is known, or once the end has arrived. */
  get sizeHint(): SizeHint {
    return hintOf(this.toCome(this.left), this.heldBytes)
  }

  /** Whoever passes a body on whose length nobody has said must leave room for trailers, also once all of it is here. */
  override get mayHaveTrailers(): boolean {
    return !this.isSized && (this.isOpen || this.hasTail)
  }

  /**
   * Bytes that have arrived and that nobody has taken yet.
   * @internal
   */
  get waiting(): number {
    return this.heldBytes
  }

  /**
   * Bytes have arrived; the memory belongs to the body from here on.
   * @returns true to go on. False when the one chunk of look-ahead is held: stop until `control.wanted` (a chunk that is
   *   pushed all the same is held too).
   */
  push(chunk: Uint8Array): boolean {
    if (this.left > 0) this.left -= chunk.length
    this.deliver(chunk)
    if (this.hasRoom || !this.isOpen) return true
    this.isOwed = true
    return false
  }

  /** The message is complete. */
  pushEnd(trailers: HeaderMap | null): void {
    this.finish(trailers)
  }

  /**
   * The message will not be completed. What is held reaches the reader before the error does; a function makes the error
   * when there is a reader.
   */
  pushError(error: HyperError | (() => HyperError)): void {
    this.fail(error)
  }

  /** @internal */
  override codec(): TextCodec {
    return this.textCodec
  }

  protected moved(): void {
    if (!this.isOwed || !this.hasRoom) return
    this.isOwed = false
    this.control.wanted()
  }

  protected dropped(reason: unknown): void {
    this.control.cancelled(reason)
  }
}
