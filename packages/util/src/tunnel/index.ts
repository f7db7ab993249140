export { joinIo } from './join-io.ts'
export type { JoinOptions, TunnelEnd } from './join-io.ts'
export { LateIo } from './late-io.ts'
export type { LateIoHost } from './late-io.ts'
/** @internal For `@hyper/server`. */
export { IoAround, SinkAround } from './io-around.ts'
