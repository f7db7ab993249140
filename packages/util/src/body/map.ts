import { bodyFrom, IterableBody, mapBody, withTrailers } from '@hyper/core/body'
import type { Body, BodyInit, BodyMapping } from '@hyper/core/body'

/**
 * Changes each chunk, or with an object the trailers and the error too, without a promise per chunk.
 * @throws HyperError `BODY_USED`, `INVALID_BODY`.
 */
export function map(
  init: BodyInit,
  mapping: BodyMapping | ((chunk: Uint8Array) => Uint8Array | string),
): Body {
  return mapBody(bodyFrom(init), mapping)
}

/** What {@link transform} runs: reads chunks, yields others. */
export type Transformer = (chunks: AsyncIterable<Uint8Array>) => AsyncIterable<Uint8Array | string>

/**
 * Sends a body through an async generator. Its trailers follow the new data; leaving the generator early cancels it,
 * and then there are none. What the generator throws becomes `BODY_FAILED`.
 * @throws HyperError `INVALID_BODY`.
 */
export function transform(init: BodyInit, transformer: Transformer): Body {
  const body = bodyFrom(init)
  const changed = new IterableBody(transformer(body))
  return withTrailers(changed, () => {
    // No-op where the generator has read to the end.
    body.cancel()
    return body.trailers
  })
}
