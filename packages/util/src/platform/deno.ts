// The door of the platform, as Deno fills it: its own sockets and its own TLS, none of what it has to look like Node. The conditions
// of `exports` choose the file; every one has the same names, and what a platform cannot do is refused with a coded error.

export { denoConnector as connector } from '../deno/deno-connector.ts'
export type { TcpOptions } from '../deno/dial.ts'
export { createDenoRuntime as createRuntime, denoRuntime as runtime } from '../deno/deno-runtime.ts'
export { environment } from '../deno/environment.ts'
export { listen } from '../deno/listen.ts'
export type {
  ListenAddress,
  Listener,
  ListenerCloseOptions,
  ListenOptions,
  ListenTls,
  ReloadTls,
} from '../deno/listen.ts'
export type { ConnectTls } from '../deno/secure.ts'
export { onSignals } from '../deno/signals.ts'
export { duplexFrom } from '../node/duplex-from.ts'
export { stayAlive } from '../runtime/stay-alive.ts'
