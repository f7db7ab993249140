// Door within core: HPACK (RFC 7541).
export { HpackDecoder, type ListLimits } from './decoder.ts'
export { HpackEncoder } from './encoder.ts'
export * from './facts.ts'
export * from './fault.ts'
