export { MemoryListener } from './listener.ts'
export { duplex } from './memory-io.ts'
export type { DuplexOptions } from './memory-io.ts'
