import type { Body } from '../body/body.ts'
import type { BodySink } from '../body/sink.ts'
import { HyperError, userError } from '../error/index.ts'
import type { HeaderMap } from '../http/header-map.ts'

// BodyWriter: takes a body into a machine, as fast as the transport takes it from there.

/** Where the body goes. */
export interface BodyTarget {
  /** @returns false when the transport has enough for now: the body is held until `resume` */
  writeData(chunk: Uint8Array): boolean
  writeEnd(trailers: HeaderMap | null): void
  bodyFailed(error: HyperError): void
  encodeUtf8(text: string): Uint8Array
}

export class BodyWriter implements BodySink {
  private readonly body: Body
  private readonly target: BodyTarget
  private trailers: HeaderMap | null = null
  private isOver: boolean = false

  constructor(body: Body, target: BodyTarget) {
    this.body = body
    this.target = target
  }

  /** Begins; a body that cannot fails: `BODY_USED`. */
  start(): void {
    try {
      this.body.start(this)
    } catch (error) {
      this.onError(error instanceof HyperError ? error : userError('BODY_FAILED', null, error))
    }
  }

  resume(): void {
    if (!this.isOver) this.body.resume()
  }

  /** Nobody wants the rest. */
  cancel(reason: HyperError): void {
    if (this.isOver) return
    this.isOver = true
    this.body.cancel(reason)
  }

  onData(chunk: Uint8Array): void {
    if (!this.isOver && !this.target.writeData(chunk)) this.body.pause()
  }

  /** Streamed text, with the platform's encoder. */
  encodeUtf8(text: string): Uint8Array {
    return this.target.encodeUtf8(text)
  }

  onTrailers(trailers: HeaderMap): void {
    this.trailers = trailers
  }

  onEnd(): void {
    if (this.isOver) return
    this.isOver = true
    this.target.writeEnd(this.trailers)
  }

  onError(error: HyperError): void {
    if (this.isOver) return
    this.isOver = true
    this.target.bodyFailed(error)
  }
}
