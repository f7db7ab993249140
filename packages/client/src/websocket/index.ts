export { webSocketConnection } from './connection.ts'
export type { NodeConnectionOptions, WebSocketConnectionOptions } from './connection.ts'
