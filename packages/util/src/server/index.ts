export { serveAuto } from './serve-auto.ts'
export type { AutoOptions, AutoProtocol } from './options.ts'
export type { AutoConnection } from './auto-connection.ts'
