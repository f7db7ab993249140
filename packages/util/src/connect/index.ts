export { CONNECT_TIMINGS, PROXY } from './connector.ts'
export type { ConnectContext, ConnectLayer, Connector, ConnectTimings } from './connector.ts'
export { destinationOf } from './destination.ts'
export type { Destination } from './destination.ts'
