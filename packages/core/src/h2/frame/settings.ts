import type { ByteWriter } from '../../bytes/byte-writer.ts'
import { connectionFault } from './fault.ts'
import { type Frame, MAX_MAX_FRAME_SIZE, MIN_MAX_FRAME_SIZE, readU32, appendHead } from './head.ts'
import { ACK, SETTINGS } from './kind.ts'
import { FLOW_CONTROL_ERROR, PROTOCOL_ERROR } from './reason.ts'

// SETTINGS (RFC 9113 §6.5): parameters and what their values may be. Unknown ones are skipped (§6.5.2).

export const HEADER_TABLE_SIZE = 0x1
export const ENABLE_PUSH = 0x2
export const MAX_CONCURRENT_STREAMS = 0x3
export const INITIAL_WINDOW_SIZE = 0x4
export const MAX_FRAME_SIZE = 0x5
export const MAX_HEADER_LIST_SIZE = 0x6
/** RFC 8441 §3. */
export const ENABLE_CONNECT_PROTOCOL = 0x8
/** RFC 9218 §2.1. */
export const NO_RFC7540_PRIORITIES = 0x9

const ENTRY_SIZE = 6
const MAX_WINDOW = 0x7fffffff

/** The values of one frame; -1 where it says nothing, and the last one where it says something twice. */
export class SettingsFields {
  headerTableSize: number = -1
  /** The smallest of several: what an encoder must have gone down to (RFC 7541 §4.2). */
  lowestHeaderTableSize: number = -1
  enablePush: number = -1
  maxConcurrentStreams: number = -1
  initialWindowSize: number = -1
  maxFrameSize: number = -1
  maxHeaderListSize: number = -1
  enableConnectProtocol: number = -1
  noRfc7540Priorities: number = -1
  /** Parameters in the frame, unknown ones too. */
  count: number = 0

  clear(): void {
    this.headerTableSize = -1
    this.lowestHeaderTableSize = -1
    this.enablePush = -1
    this.maxConcurrentStreams = -1
    this.initialWindowSize = -1
    this.maxFrameSize = -1
    this.maxHeaderListSize = -1
    this.enableConnectProtocol = -1
    this.noRfc7540Priorities = -1
    this.count = 0
  }
}

/** Reads a frame that is no acknowledgement. @returns 0, or a connection fault for the first value that cannot be */
export function parseSettings(frame: Frame, into: SettingsFields): number {
  into.clear()
  const { bytes, end } = frame
  for (let at = frame.start; at < end; at += ENTRY_SIZE) {
    into.count++
    const fault = applySetting(into, (bytes[at]! << 8) | bytes[at + 1]!, readU32(bytes, at + 2))
    if (fault !== 0) return fault
  }
  return 0
}

function applySetting(into: SettingsFields, id: number, value: number): number {
  switch (id) {
    case HEADER_TABLE_SIZE:
      into.headerTableSize = value
      if (into.lowestHeaderTableSize < 0 || value < into.lowestHeaderTableSize)
        into.lowestHeaderTableSize = value
      return 0
    case ENABLE_PUSH:
      into.enablePush = value
      return isFlag(value)
    case MAX_CONCURRENT_STREAMS:
      into.maxConcurrentStreams = value
      return 0
    case INITIAL_WINDOW_SIZE:
      into.initialWindowSize = value
      return value > MAX_WINDOW ? connectionFault(FLOW_CONTROL_ERROR) : 0
    case MAX_FRAME_SIZE:
      into.maxFrameSize = value
      return value < MIN_MAX_FRAME_SIZE || value > MAX_MAX_FRAME_SIZE ? connectionFault(PROTOCOL_ERROR) : 0
    case MAX_HEADER_LIST_SIZE:
      into.maxHeaderListSize = value
      return 0
    case ENABLE_CONNECT_PROTOCOL:
      into.enableConnectProtocol = value
      return isFlag(value)
    case NO_RFC7540_PRIORITIES:
      into.noRfc7540Priorities = value
      return isFlag(value)
    default:
      return 0
  }
}

function isFlag(value: number): number {
  return value > 1 ? connectionFault(PROTOCOL_ERROR) : 0
}

/** Writes those values that are not -1. */
export function writeSettings(out: ByteWriter, values: SettingsFields): void {
  const entries: readonly (readonly [number, number])[] = [
    [HEADER_TABLE_SIZE, values.headerTableSize],
    [ENABLE_PUSH, values.enablePush],
    [MAX_CONCURRENT_STREAMS, values.maxConcurrentStreams],
    [INITIAL_WINDOW_SIZE, values.initialWindowSize],
    [MAX_FRAME_SIZE, values.maxFrameSize],
    [MAX_HEADER_LIST_SIZE, values.maxHeaderListSize],
    [ENABLE_CONNECT_PROTOCOL, values.enableConnectProtocol],
    [NO_RFC7540_PRIORITIES, values.noRfc7540Priorities],
  ]
  const given = entries.filter(([, value]) => value >= 0)
  appendHead(out, given.length * ENTRY_SIZE, SETTINGS, 0, 0)
  for (const [id, value] of given) {
    out.u16(id)
    out.u32(value)
  }
}

export function writeSettingsAck(out: ByteWriter): void {
  appendHead(out, 0, SETTINGS, ACK, 0)
}
