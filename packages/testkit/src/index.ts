export {
  byteByByte,
  chunkings,
  concatBytes,
  everyCut,
  randomCuts,
  seededRandom,
  toBytes,
  toText,
  whole,
} from './chunkings.ts'
export { withTrailing } from './chunkings.ts'
export type { Chunking, ChunkingOptions } from './chunkings.ts'
export { MockIo } from './mock-io.ts'
export type { MockWrite } from './mock-io.ts'
export { VirtualClock, VirtualRuntime, VirtualTimer } from './virtual-clock.ts'
export { link, LinkIo } from './link.ts'
export type { LinkOptions } from './link.ts'
export { transferTime } from './transfer.ts'
export type { Transfer } from './transfer.ts'
export { makeTestCertificate, testCertificate } from './certificate.ts'
export type { TestCertificate, TestCertificateOptions } from './certificate.ts'
export { lacks, named, programArguments } from './platform.ts'
export { HttpProxy } from './http-proxy.ts'
export type { HttpProxyOptions } from './http-proxy.ts'
export { SocksProxy } from './socks-proxy.ts'
export type { SocksProxyOptions } from './socks-proxy.ts'
export { frames, H2_REASONS } from './frames.ts'
export type { DataOptions, FrameField, H2Reason, HeadersOptions, SettingsValues } from './frames.ts'
