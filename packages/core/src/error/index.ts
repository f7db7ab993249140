export { HyperError, userError } from './error.ts'
export type { HyperErrorChanges, HyperErrorInit } from './error.ts'
export { ERROR_CODES } from './kind.ts'
export type { ErrorBy, ErrorCode, ErrorPhase } from './kind.ts'
