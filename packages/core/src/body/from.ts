// The `Body` that the door exports: the class of body.ts with its factory. The factory makes kinds that are built on the
// class, so it is added here, above them, and no two files need each other.

import { userError } from '../error/index.ts'
import { Body as BodyClass } from './body.ts'
import { isBytes, nameOf } from './check.ts'
import { EMPTY_BODY } from './empty.ts'
import { FullBody } from './full.ts'
import { IterableBody } from './iterable.ts'

/** What a body can be made of. Text is sent as UTF-8. */
export type BodyInit =
  | string
  | Uint8Array
  | Body
  | AsyncIterable<Uint8Array | string>
  | Iterable<Uint8Array | string>

export type Body = BodyClass

/** The class of every body; {@link bodyFrom} is its `from`. */
export const Body: typeof BodyClass & { from(init: BodyInit | null | undefined): Body } = Object.assign(
  BodyClass,
  {
    from: bodyFrom,
  },
)

/**
 * Makes a body. Null, undefined and the empty string or array give the empty body; a Body comes back as it is.
 * @throws HyperError `INVALID_BODY` for anything else.
 */
export function bodyFrom(init: BodyInit | null | undefined): Body {
  if (init === null || init === undefined) return EMPTY_BODY
  if (typeof init === 'string' || isBytes(init)) return init.length === 0 ? EMPTY_BODY : new FullBody(init)
  if (init instanceof BodyClass) return init
  if (isIterable(init)) return new IterableBody(init)
  throw userError(
    'INVALID_BODY',
    `a body cannot be made of ${nameOf(init)}: it is text, bytes, or an iterable of them`,
  )
}

function isIterable(value: unknown): boolean {
  if (typeof value !== 'object' || value === null || ArrayBuffer.isView(value)) return false
  return Symbol.asyncIterator in value || Symbol.iterator in value
}
