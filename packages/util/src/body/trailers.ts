import { bodyFrom, withTrailers as withTrailersOf } from '@hyper/core/body'
import type { Body, BodyInit } from '@hyper/core/body'
import { HeaderMap } from '@hyper/core/http'
import type { HeadersInit } from '@hyper/core/http'

/** Trailers as fields, or what makes them once the data has gone out. */
export type TrailerFields =
  | HeadersInit
  | HeaderMap
  | (() => HeadersInit | HeaderMap | null | PromiseLike<HeadersInit | HeaderMap | null>)

/**
 * Puts trailers after a body, behind those that it has itself. A function is called once, after the last byte; if it
 * throws or rejects, the body fails with `BODY_FAILED`.
 * @throws HyperError `BODY_USED`, `INVALID_BODY`, and for fields that cannot be sent.
 */
export function withTrailers(init: BodyInit, trailers: TrailerFields): Body {
  const body = bodyFrom(init)
  if (typeof trailers !== 'function') return withTrailersOf(body, HeaderMap.from(trailers))
  return withTrailersOf(body, async () => {
    const made = await trailers()
    return made === null ? null : HeaderMap.from(made)
  })
}
