export { createServer } from './create-server.ts'
export type { NodeListener } from './create-server.ts'
export type { NodeServerOptions } from './options.ts'
