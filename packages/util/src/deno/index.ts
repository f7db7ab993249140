export { denoConnector, denoDial } from './deno-connector.ts'
export type { DenoConnectorOptions } from './deno-connector.ts'
export type { DenoAddress, DenoConn } from './deno-api.ts'
export { denoIo } from './deno-io.ts'
export type { DenoIoOptions } from './deno-io.ts'
export { denoResolver } from './deno-resolver.ts'
export { createDenoRuntime, denoRuntime } from './deno-runtime.ts'
export type { DenoRuntimeOptions } from './deno-runtime.ts'
export { dialTcp, dialUnix } from './dial.ts'
export type { DialOptions, TcpOptions } from './dial.ts'
export { listen } from './listen.ts'
export type {
  ListenAddress,
  Listener,
  ListenerCloseOptions,
  ListenOptions,
  ListenTls,
  ReloadTls,
} from './listen.ts'
export { denoSecure } from './secure.ts'
export type { ConnectTls } from './secure.ts'
