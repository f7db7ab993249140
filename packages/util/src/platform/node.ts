// The door of the platform, as Node fills it: what a server and a client take of wherever they run. The conditions of
// `exports` choose the file; every one has the same names, and what a platform cannot do is refused with a coded error.

export type { TcpOptions } from '../node/dial-tcp.ts'
export { duplexFrom } from '../node/duplex-from.ts'
export { listen } from '../node/listen.ts'
export type { ListenAddress, Listener, ListenerCloseOptions, ListenOptions } from '../node/listen.ts'
export { nodeConnector as connector } from '../node/node-connector.ts'
export { createNodeRuntime as createRuntime, nodeRuntime as runtime } from '../node/node-runtime.ts'
export type { ConnectTls } from '../node/secure.ts'
export { onSignals } from '../node/signals.ts'
export { stayAlive } from '../runtime/stay-alive.ts'
export type { ListenTls, ReloadTls } from '../node/tls-acceptor.ts'

/** The environment of the process. */
export const environment: Readonly<Record<string, string | undefined>> = process.env
