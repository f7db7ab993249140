import type { HyperError } from '../error/index.ts'
import type { HeaderMap } from '../http/header-map.ts'

// BodySink: who takes a body, and in which order it is told. Types only.

/**
 * Who takes a body: data frames, then at most one trailer section, then the end; or an error at any point.
 * Exactly one of `onEnd` and `onError` comes last, and nothing after it. Calls never overlap, with one exception: when
 * the body is cancelled, by this sink or by anybody else, `onError` (`CANCELED`) comes before `cancel` returns.
 * Chunks are never empty, and belong to the sink. A sink must not throw.
 */
export interface BodySink {
  /** Data, at least one byte. */
  onData(chunk: Uint8Array): void
  /** The trailers, at most once, after all data. */
  onTrailers(trailers: HeaderMap): void
  /** The body is complete. */
  onEnd(): void
  /** The body is over, and not complete. */
  onError(error: HyperError): void
  /** The platform's fast way to turn the text of a body into bytes. Left out, core's own is used. */
  encodeUtf8?(text: string): Uint8Array
}

/** The upper bound is null when nothing is known. `lower === upper` is an exact length. Bytes, without trailers. */
export interface SizeHint {
  readonly lower: number
  readonly upper: number | null
}
