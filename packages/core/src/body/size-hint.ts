import { userError } from '../error/index.ts'
import type { SizeHint } from './sink.ts'

/** A length that a caller gave, or -1 for none. @throws HyperError `INVALID_OPTION` for no number of bytes. */
export function knownLength(length: number | undefined): number {
  if (length === undefined) return -1
  if (!Number.isSafeInteger(length) || length < 0)
    throw userError('INVALID_OPTION', 'length is not a number of bytes')
  return length
}

/** `left` bytes that are still to come (-1 when not known) and `held` that are there. */
export function hintOf(left: number, held: number): SizeHint {
  return left < 0 ? { lower: held, upper: null } : { lower: held + left, upper: held + left }
}
