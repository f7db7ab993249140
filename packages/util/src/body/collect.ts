import { bodyFrom } from '@hyper/core/body'
import type { BodyInit, Collected, CollectOptions } from '@hyper/core/body'

/**
 * Reads everything that a body can be made of.
 * @throws HyperError (as a rejection) `BODY_TOO_LARGE` past `limit` bytes, `BODY_USED`, and what the body fails with.
 */
export async function collect(init: BodyInit, options?: CollectOptions): Promise<Collected> {
  return bodyFrom(init).collect(options)
}
