import { FieldFacts, LOWER, ORIGINAL, ORIGINAL_OR_TITLE, TITLE, type Spelling } from './fields.ts'
import type { Settings } from '../options.ts'

// What a head encoder has decided: the text, how the body will be framed, and whether the connection goes on.

/** No body follows. */
export const BODY_NONE = 0
/** Exactly `length` bytes. */
export const BODY_LENGTH = 1
export const BODY_CHUNKED = 2
/** The body ends with the connection. */
export const BODY_UNTIL_CLOSE = 3
export type BodyMode = typeof BODY_NONE | typeof BODY_LENGTH | typeof BODY_CHUNKED | typeof BODY_UNTIL_CLOSE

/** The length of a body that has none that is known. */
export const UNKNOWN_LENGTH = -1

/** Filled by a head encoder and read at once by the machine; one object serves all. */
export class HeadPlan {
  text: string = ''
  mode: BodyMode = BODY_NONE
  length: number = 0
  close: boolean = false
  readonly facts: FieldFacts = new FieldFacts()
}

export function spellingOf(settings: Settings): Spelling {
  if (settings.preserveHeaderCase) return settings.titleCaseHeaders ? ORIGINAL_OR_TITLE : ORIGINAL
  return settings.titleCaseHeaders ? TITLE : LOWER
}
