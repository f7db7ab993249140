export { Client } from './client.ts'
export type {
  ClientOptions,
  ClientTimeouts,
  Connector,
  RequestBody,
  RequestOptions,
  VerbOptions,
} from './options.ts'
export type { Destination } from './place.ts'
export { Upgraded } from './upgraded.ts'
export type { UpgradeOptions } from './upgraded.ts'
