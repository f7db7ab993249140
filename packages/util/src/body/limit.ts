import { bodyFrom, limitBody } from '@hyper/core/body'
import type { Body, BodyInit } from '@hyper/core/body'

/**
 * Cuts a body off with `BODY_TOO_LARGE` at the first chunk that goes over `max` bytes.
 * @throws HyperError `BODY_USED`, `INVALID_BODY`.
 */
export function limit(init: BodyInit, max: number): Body {
  return limitBody(bodyFrom(init), max)
}
