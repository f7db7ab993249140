export { serve } from './serve.ts'
export { Server } from './server.ts'
export type { CloseOptions } from './server.ts'
export type {
  Http1Options,
  Http2Options,
  ServeOptions,
  ServerLimits,
  ServerTimeouts,
  ServerTls,
} from './options.ts'
export { FetchContext } from './fetch/context.ts'
export type { TrailersInit, Upgrade } from './fetch/context.ts'
export { PROTOCOL } from './fetch/service.ts'
export type { FetchHandler, FetchObject, FetchServerObject } from './fetch/service.ts'
export { Request, Response } from './fetch/index.ts'
export type { ResponseClass } from './fetch/index.ts'
