import type { HeaderMap } from '@hyper/core/http'
import { rawFieldsOf } from './raw-fields.ts'
import type { DispatchController } from './types.ts'

// Controller: what a handler holds of its request. The bytes of the fields are made when somebody looks at them.

/** What a controller steers. */
export interface Steered {
  abort(reason: Error | undefined): void
  /** Data is wanted, or is not. */
  flow(isPaused: boolean): void
}

export class Controller implements DispatchController {
  private steered: Steered | null
  private isAborted: boolean = false
  private why: Error | null = null
  private isPaused: boolean = false
  private headers: HeaderMap | null = null
  private trailers: HeaderMap | null = null
  private raw: Buffer[] | null = null
  private rawTail: Buffer[] | null = null

  constructor(steered: Steered) {
    this.steered = steered
  }

  get aborted(): boolean {
    return this.isAborted
  }

  get reason(): Error | null {
    return this.why
  }

  get paused(): boolean {
    return this.isPaused
  }

  get rawHeaders(): Buffer[] | null {
    if (this.raw === null && this.headers !== null) this.raw = rawFieldsOf(this.headers)
    return this.raw
  }

  set rawHeaders(raw: Buffer[] | null) {
    this.raw = raw
  }

  get rawTrailers(): Buffer[] | null {
    if (this.rawTail === null && this.trailers !== null) this.rawTail = rawFieldsOf(this.trailers)
    return this.rawTail
  }

  set rawTrailers(raw: Buffer[] | null) {
    this.rawTail = raw
  }

  abort(reason?: Error): void {
    if (this.isAborted || this.steered === null) return
    this.isAborted = true
    this.why = reason ?? null
    this.steered.abort(reason)
  }

  pause(): void {
    if (this.isPaused) return
    this.isPaused = true
    this.steered?.flow(true)
  }

  resume(): void {
    if (!this.isPaused) return
    this.isPaused = false
    this.steered?.flow(false)
  }

  /** @internal Nothing is left to steer: whoever still holds the controller holds no more than that. */
  over(): void {
    this.steered = null
  }

  /** @internal A head has come. */
  headed(headers: HeaderMap): void {
    this.headers = headers
    this.raw = null
  }

  /** @internal The body is complete. */
  trailed(trailers: HeaderMap | null): void {
    this.trailers = trailers
    this.rawTail = trailers === null ? [] : null
  }
}
