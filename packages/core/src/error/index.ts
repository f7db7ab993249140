export { HyperError, userError } from './error.ts'
export type { HyperErrorChanges, HyperErrorInit } from './error.ts'
export { ERROR_CODES } from './kind.ts'
export type { ErrorBy, ErrorCode, ErrorPhase } from './kind.ts'
/** @internal For the packages beside this one, so that all of them speak of options in the same words. */
export { amount, count, shown, time } from './option.ts'
