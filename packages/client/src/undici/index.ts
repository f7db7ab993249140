export { HyperDispatcher, toDispatcher } from './dispatcher.ts'
export type { DispatcherCallback, DispatcherOptions } from './dispatcher.ts'
export { hyperErrorOf } from './errors.ts'
export type { DispatchCodes, DispatchError } from './errors.ts'
export { install } from './install.ts'
export type { Installation, InstallOptions } from './install.ts'
export type {
  DispatchBody,
  DispatchController,
  DispatchFields,
  DispatchForm,
  DispatchFunction,
  DispatchHandler,
  DispatchHeaders,
  DispatchInterceptor,
  DispatchOptions,
  DispatchValue,
} from './types.ts'
