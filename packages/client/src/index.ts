export { Client } from './client.ts'
export type { ClientResponse, CloseOptions } from './client.ts'
// What every method rejects with: asked for in every program that handles failures.
export { HyperError } from '@hyper/core/error'
export { CONNECTION } from './connection-info.ts'
export type { ConnectionInfo } from './connection-info.ts'
export type { ConnectContext, Connector, Destination } from '@hyper/util/connect'
export type { PoolStats } from '@hyper/util/pool'
export { ClientExchange, optionsOf, REQUEST_OPTIONS, signalOf } from './exchange.ts'
export type {
  BodySource,
  ClientOptions,
  ClientPoolOptions,
  ClientTimeouts,
  RequestBody,
  RequestOptions,
  VerbOptions,
} from './options.ts'
export type { FormInit, FormValue } from './body/form.ts'
export { multipart } from './body/multipart.ts'
export type { Multipart, Part, PartValue } from './body/multipart.ts'
export { replayOf } from './replay.ts'
export { Upgraded } from './upgraded.ts'
export type { UpgradeOptions } from './upgraded.ts'
export { createFetch, fetch, FetchError, httpResponseOf } from './fetch/index.ts'
export type { FetchFunction, FetchInit, FetchResponse, FetchTrailersInit } from './fetch/index.ts'
