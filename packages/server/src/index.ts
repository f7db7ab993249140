export { serve } from './serve.ts'
export { Server } from './server.ts'
export type { CloseOptions } from './server.ts'
export type { InjectedResponse, InjectInit } from './inject.ts'
export type { ServerSignals } from './signals.ts'
export type {
  Http1Options,
  Http2Options,
  ServeOptions,
  ServerLimits,
  ServerProxyProtocol,
  ServerTimeouts,
  ServerTls,
} from './options.ts'
export { FetchContext } from './fetch/context.ts'
export type { TrailersInit, Upgrade } from './fetch/context.ts'
export { ConnectContext, FALLTHROUGH } from './fetch/connect-context.ts'
export type { AcceptInit } from './fetch/connect-context.ts'
export { Tunnel } from './fetch/tunnel.ts'
export { PROTOCOL } from './fetch/service.ts'
export type { FetchHandler, FetchObject, FetchServerObject, MaybeResponse } from './fetch/service.ts'
export { Request, Response } from './fetch/index.ts'
export type { ResponseClass } from './fetch/index.ts'
