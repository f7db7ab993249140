// Door within core: frames (RFC 9113 §4, §6).
export { splitBlock } from './continuation.ts'
export { writeData, writeDataHead } from './data.ts'
export { connectionFault, faultReason, isStreamFault, streamFault } from './fault.ts'
export { GoAwayFields, parseGoAway, writeGoAway } from './go-away.ts'
export {
  appendHead,
  Frame,
  MAX_MAX_FRAME_SIZE,
  MIN_MAX_FRAME_SIZE,
  readU31,
  readU32,
  writeFrameHead,
} from './head.ts'
export { beginHeaders, endHeaders, HeadersFields, parseHeaders } from './headers.ts'
export * from './kind.ts'
export { isPing, writePing } from './ping.ts'
export { parsePriority, PriorityFields, writePriority } from './priority.ts'
export { parsePriorityUpdate, PriorityUpdateFields, writePriorityUpdate } from './priority-update.ts'
export { parsePushPromise, PushPromiseFields } from './push-promise.ts'
export { FRAME, FrameReader, NEED_MORE } from './reader.ts'
export * from './reason.ts'
export { parseRstStream, writeRstStream } from './rst-stream.ts'
export * from './settings.ts'
export { parseWindowUpdate, writeWindowUpdate } from './window-update.ts'
