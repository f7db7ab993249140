import { bodyFrom, withTrailers as withTrailersOf } from '@hyper/core/body'
import type { Body, BodyInit, TrailersInit } from '@hyper/core/body'

/** Trailers as fields, or what makes them once the data has gone out. */
export type TrailerFields = TrailersInit

/**
 * Puts trailers after a body, behind those that it has itself. A function is called once, after the last byte; if it
 * throws or rejects, or gives fields that cannot be sent, the body fails with `BODY_FAILED`.
 * @throws HyperError `BODY_USED`, `INVALID_BODY`, and for fields that cannot be sent.
 */
export function withTrailers(init: BodyInit, trailers: TrailerFields): Body {
  return withTrailersOf(bodyFrom(init), trailers)
}
