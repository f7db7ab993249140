import type { HyperError } from '@hyper/core/error'
import { HeaderMap, type HeadersInit } from '@hyper/core/http'
import type { AbortSignalLike } from '@hyper/core/rt'
import { ClientExchange } from '../exchange.ts'
import type { RequestOptions } from '../options.ts'

// Link: what the engine holds of a dispatch: the exchange, and the signal that gives it up. Once the head of the response is
// there it leads back no more, so that a body that nobody reads can be collected with whoever held it.

/** Who is at the other end. */
export interface Linked {
  interim(status: number, headers: HeaderMap): void
  /** The source of the request body has failed. */
  abort(reason: Error | undefined): void
}

export class Link extends ClientExchange implements AbortSignalLike {
  // Known only once the options of the dispatch are read.
  declare options: RequestOptions | undefined
  declare signal: AbortSignalLike | null
  aborted: boolean = false
  reason: unknown = undefined
  readonly failure: HyperError | null = null
  private linked: Linked | null
  /** Nearly always there is one at a time: who waits for a connection, then who waits for the response on it. */
  private listener: (() => void) | null = null
  private more: (() => void)[] | null = null

  constructor(linked: Linked) {
    super(undefined, null)
    this.linked = linked
    this.signal = this
  }

  /** Nothing more is to be told. */
  cut(): void {
    this.linked = null
  }

  /** The handler wants to hear of interim responses. */
  override get hears(): boolean {
    return true
  }

  override informational(status: number, headers?: HeadersInit | HeaderMap): boolean {
    this.linked?.interim(status, HeaderMap.from(headers))
    return true
  }

  sourceFailed(error: Error): void {
    this.linked?.abort(error)
  }

  abort(reason: unknown): void {
    if (this.aborted) return
    this.aborted = true
    this.reason = reason
    const { listener, more } = this
    this.listener = null
    this.more = null
    listener?.()
    for (const other of more ?? []) other()
  }

  addEventListener(_type: 'abort', listener: () => void): void {
    if (this.listener === null) this.listener = listener
    else this.more = [...(this.more ?? []), listener]
  }

  removeEventListener(_type: 'abort', listener: () => void): void {
    if (this.listener === listener) this.listener = null
    else this.more = this.more?.filter((other) => other !== listener) ?? null
  }
}
