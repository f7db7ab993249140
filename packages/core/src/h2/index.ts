export { H2ServerMachine as ServerMachine } from './server-machine.ts'
export type { H2ClientOptions, H2Options, H2ServerOptions } from './options.ts'
export { protocolKey } from '../drive/h2-server-connection.ts'
export type { H2ServerConnection as ServerConnection } from '../drive/h2-server-connection.ts'
export { serveConnection } from '../drive/serve-h2-connection.ts'
export type { H2ServeOptions as ServeOptions } from '../drive/serve-h2-connection.ts'
export { H2ClientMachine as ClientMachine } from './client-machine.ts'
export type { RequestLine } from './client-machine.ts'
export { handshake, H2SendRequest as SendRequest } from '../drive/h2-handshake.ts'
export type {
  H2Handshake as Handshake,
  H2HandshakeOptions as HandshakeOptions,
} from '../drive/h2-handshake.ts'
export type {
  H2ClientConnection as ClientConnection,
  H2SendOptions as SendOptions,
} from '../drive/h2-client-connection.ts'
export { upgraded } from '../drive/upgraded.ts'
export * from './event.ts'
export type { H2Host as MachineHost } from './core.ts'
export type { Stream } from './streams/stream.ts'
export type { ConnectionEnd } from '../drive/connection.ts'
