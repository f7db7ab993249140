// The door of the platform, as Bun fills it, with the names of the one of Node: its own sockets, not what stands in for Node's.

export type { TcpOptions } from '../node/dial-tcp.ts'
export { duplexFrom } from '../node/duplex-from.ts'
export { bunConnector as connector } from '../bun/bun-connector.ts'
export { createBunRuntime as createRuntime, bunRuntime as runtime } from '../bun/bun-runtime.ts'
export { listen } from '../bun/listen.ts'
export type { ListenAddress, Listener, ListenerCloseOptions, ListenOptions } from '../node/listen.ts'
export type { ConnectTls } from '../node/secure.ts'
export { onSignals } from '../node/signals.ts'
export { stayAlive } from '../runtime/stay-alive.ts'
export type { ListenTls, ReloadTls } from '../node/tls-acceptor.ts'

/** The environment of the process. */
export const environment: Readonly<Record<string, string | undefined>> = process.env
