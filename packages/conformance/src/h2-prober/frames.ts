// Frames of HTTP/2 as bytes, right and wrong ones (RFC 9113 §4.1, §6). In: what the frame is to say. Out: its bytes.
// Nothing is checked here: a prober must be able to say what a library would refuse to say.

export const DATA = 0x0
export const HEADERS = 0x1
export const PRIORITY = 0x2
export const RST_STREAM = 0x3
export const SETTINGS = 0x4
export const PUSH_PROMISE = 0x5
export const PING = 0x6
export const GOAWAY = 0x7
export const WINDOW_UPDATE = 0x8
export const CONTINUATION = 0x9
export const PRIORITY_UPDATE = 0x10
/** A type that no document defines. */
export const UNKNOWN = 0xfa

export const END_STREAM = 0x1
export const ACK = 0x1
export const END_HEADERS = 0x4
export const PADDED = 0x8
export const HAS_PRIORITY = 0x20

export const NO_ERROR = 0x0
export const PROTOCOL_ERROR = 0x1
export const INTERNAL_ERROR = 0x2
export const FLOW_CONTROL_ERROR = 0x3
export const SETTINGS_TIMEOUT = 0x4
export const STREAM_CLOSED = 0x5
export const FRAME_SIZE_ERROR = 0x6
export const REFUSED_STREAM = 0x7
export const CANCEL = 0x8
export const COMPRESSION_ERROR = 0x9
export const ENHANCE_YOUR_CALM = 0xb

const ERROR_NAMES = [
  'NO_ERROR',
  'PROTOCOL_ERROR',
  'INTERNAL_ERROR',
  'FLOW_CONTROL_ERROR',
  'SETTINGS_TIMEOUT',
  'STREAM_CLOSED',
  'FRAME_SIZE_ERROR',
  'REFUSED_STREAM',
  'CANCEL',
  'COMPRESSION_ERROR',
  'CONNECT_ERROR',
  'ENHANCE_YOUR_CALM',
]

export const HEADER_TABLE_SIZE = 0x1
export const ENABLE_PUSH = 0x2
export const MAX_CONCURRENT_STREAMS = 0x3
export const INITIAL_WINDOW_SIZE = 0x4
export const MAX_FRAME_SIZE = 0x5
export const MAX_HEADER_LIST_SIZE = 0x6

export const PREFACE: Buffer = Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', 'latin1')
/** 2^31 - 1: the largest window. */
export const MAX_WINDOW = 0x7fffffff
/** 2^14: the largest payload that nobody needs to announce. */
export const FRAME = 16_384

/** The name of an error code, or its number. */
export function errorName(code: number): string {
  return ERROR_NAMES[code] ?? `0x${code.toString(16)}`
}

/** Any frame. A string is Latin-1. */
export function frame(
  type: number,
  flags: number,
  stream: number,
  payload: Uint8Array | string = '',
): Buffer {
  const body = typeof payload === 'string' ? Buffer.from(payload, 'latin1') : payload
  const out = Buffer.alloc(9 + body.length)
  out.writeUIntBE(body.length, 0, 3)
  out[3] = type
  out[4] = flags
  out.writeUInt32BE(stream >>> 0, 5)
  out.set(body, 9)
  return out
}

/** `count` bytes of `a`. */
export function filler(count: number): Buffer {
  return Buffer.alloc(count, 0x61)
}

export function u32(value: number): Buffer {
  const out = Buffer.alloc(4)
  out.writeUInt32BE(value >>> 0)
  return out
}

/** DATA; with `pad` so many bytes of padding. Ends the stream unless told otherwise. */
export function data(
  stream: number,
  payload: Uint8Array | string = '',
  options: { end?: boolean; pad?: number } = {},
): Buffer {
  const { end = true, pad } = options
  const flags = end ? END_STREAM : 0
  if (pad === undefined) return frame(DATA, flags, stream, payload)
  return frame(DATA, flags | PADDED, stream, padded(payload, pad))
}

/** What a HEADERS frame may be asked for. */
export interface HeadersOptions {
  /** END_STREAM; default yes. */
  readonly end?: boolean
  /** END_HEADERS; default yes. */
  readonly done?: boolean
  readonly pad?: number
  readonly priority?: PriorityOptions
}

export function headers(stream: number, block: Uint8Array, options: HeadersOptions = {}): Buffer {
  const { end = true, done = true, pad, priority: signal } = options
  let flags = (end ? END_STREAM : 0) | (done ? END_HEADERS : 0)
  let payload: Uint8Array = block
  if (signal !== undefined) {
    flags |= HAS_PRIORITY
    payload = Buffer.concat([priorityPayload(signal), payload])
  }
  if (pad !== undefined) {
    flags |= PADDED
    payload = padded(payload, pad)
  }
  return frame(HEADERS, flags, stream, payload)
}

export function continuation(stream: number, block: Uint8Array, done = true): Buffer {
  return frame(CONTINUATION, done ? END_HEADERS : 0, stream, block)
}

/** What a priority signal of RFC 7540 says; `weight` as it is meant, 1 to 256. */
export interface PriorityOptions {
  readonly on?: number
  readonly weight?: number
  readonly exclusive?: boolean
}

export function priority(stream: number, options: PriorityOptions = {}): Buffer {
  return frame(PRIORITY, 0, stream, priorityPayload(options))
}

export function rst(stream: number, code: number = CANCEL): Buffer {
  return frame(RST_STREAM, 0, stream, u32(code))
}

/** SETTINGS with these pairs, in order. */
export function settings(...pairs: readonly (readonly [number, number])[]): Buffer {
  const payload = Buffer.alloc(6 * pairs.length)
  for (const [index, [id, value]] of pairs.entries()) {
    payload.writeUInt16BE(id, 6 * index)
    payload.writeUInt32BE(value >>> 0, 6 * index + 2)
  }
  return frame(SETTINGS, 0, 0, payload)
}

export function ping(payload = 'ping....', flags = 0): Buffer {
  return frame(PING, flags, 0, payload)
}

export function goAway(last: number, code: number, debug = ''): Buffer {
  return frame(GOAWAY, 0, 0, Buffer.concat([u32(last), u32(code), Buffer.from(debug, 'latin1')]))
}

export function windowUpdate(stream: number, increment: number): Buffer {
  return frame(WINDOW_UPDATE, 0, stream, u32(increment))
}

function padded(payload: Uint8Array | string, pad: number): Buffer {
  const body = typeof payload === 'string' ? Buffer.from(payload, 'latin1') : payload
  return Buffer.concat([Buffer.of(pad), body, Buffer.alloc(pad)])
}

function priorityPayload({ on = 0, weight = 16, exclusive = false }: PriorityOptions): Buffer {
  return Buffer.concat([u32((on | (exclusive ? 0x80000000 : 0)) >>> 0), Buffer.of(weight - 1)])
}
