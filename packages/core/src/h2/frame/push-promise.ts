import { connectionFault } from './fault.ts'
import { type Frame, readU31 } from './head.ts'
import { PADDED } from './kind.ts'
import { paddingOf } from './padding.ts'
import { PROTOCOL_ERROR } from './reason.ts'

// PUSH_PROMISE (RFC 9113 §6.6). We never ask for one, and refuse all; it is read for those who watch a connection.

export class PushPromiseFields {
  promised: number = 0
  /** `frame.bytes[start, end)` is the field block fragment. */
  start: number = 0
  end: number = 0
}

/** @returns 0, or a connection fault for malformed padding or a stream that no server can open */
export function parsePushPromise(frame: Frame, into: PushPromiseFields): number {
  const padding = paddingOf(frame, 4)
  if (padding < 0) return padding
  const at = frame.has(PADDED) ? frame.start + 1 : frame.start
  into.promised = readU31(frame.bytes, at)
  into.start = at + 4
  into.end = frame.end - padding
  // RFC 9113 §5.1.1: servers open streams of even numbers.
  return into.promised === 0 || into.promised % 2 === 1 ? connectionFault(PROTOCOL_ERROR) : 0
}
