import type { HeaderMap } from '../http/header-map.ts'
import type { BodySink, SizeHint } from './sink.ts'

// Frames: data and trailers as values, for who reads both in one loop.

/** A piece of a body as {@link Body.frames} yields it. More types may come: leave out what you do not know. */
export type Frame = DataFrame | TrailersFrame

/** Bytes; never empty. */
export interface DataFrame {
  readonly type: 'data'
  readonly data: Uint8Array
}

/** The trailer section (RFC 9110 §6.5); nothing follows it. */
export interface TrailersFrame {
  readonly type: 'trailers'
  readonly trailers: HeaderMap
}

/** The push side of a body: all that the readers on top of it need. */
export interface BodySource {
  readonly sizeHint: SizeHint
  start(sink: BodySink): void
  pause(): void
  resume(): void
  cancel(reason?: unknown): void
}
