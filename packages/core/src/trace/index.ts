export type { Tracer } from './tracer.ts'
