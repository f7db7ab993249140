export { webIo } from './web-io.ts'
export type { WebStreamPair } from './web-io.ts'
export { createWebRuntime, webRuntime } from './web-runtime.ts'
export type { WebRuntimeOptions } from './web-runtime.ts'
