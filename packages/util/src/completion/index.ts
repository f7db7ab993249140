export { completionIo } from './completion-io.ts'
export type { CompletionOptions, CompletionSource } from './completion-io.ts'
