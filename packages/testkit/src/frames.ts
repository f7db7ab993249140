// Frames of HTTP/2 as a peer would send them, one that may break every rule. In: what the frame should say. Out: its
// bytes. Header blocks are written by the few lines at the end, literals unless asked otherwise, so that no test of our
// encoder stands on itself. Nothing is checked: a test that wants a broken frame gets one.

/** A field of a header block; `'index'` puts it into the dynamic table, `'never'` marks it as sensitive. */
export type FrameField = readonly [name: string, value: string, how?: 'index' | 'never']

export interface HeadersOptions {
  readonly endStream?: boolean
  /** Default true; false leaves the block to be continued. */
  readonly endHeaders?: boolean
  /** Octets of padding; none by default, and 0 is a padded frame without padding. */
  readonly padding?: number
  readonly priority?: {
    readonly dependency: number
    readonly weight?: number
    readonly isExclusive?: boolean
  }
}

export interface DataOptions {
  readonly endStream?: boolean
  readonly padding?: number
}

/** Values by name, for `settings`. */
export interface SettingsValues {
  readonly headerTableSize?: number
  readonly enablePush?: number
  readonly maxConcurrentStreams?: number
  readonly initialWindowSize?: number
  readonly maxFrameSize?: number
  readonly maxHeaderListSize?: number
  readonly enableConnectProtocol?: number
}

const SETTING_IDS: Readonly<Record<keyof SettingsValues, number>> = {
  headerTableSize: 1,
  enablePush: 2,
  maxConcurrentStreams: 3,
  initialWindowSize: 4,
  maxFrameSize: 5,
  maxHeaderListSize: 6,
  enableConnectProtocol: 8,
}

/** Error codes (RFC 9113 §7) in order of their numbers. */
export const H2_REASONS = [
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
  'INADEQUATE_SECURITY',
  'HTTP_1_1_REQUIRED',
] as const

export type H2Reason = (typeof H2_REASONS)[number]

type Bytes = Uint8Array | string

/** Builders, each of which gives the bytes of one frame. */
export const frames = {
  /** What a client says first (RFC 9113 §3.4). */
  preface: latin1('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'),

  /** Any frame. `length` is what its head claims, by default the truth. */
  raw(kind: number, flags: number, stream: number, payload: Bytes = '', length?: number): Uint8Array {
    const bytes = bytesOf(payload)
    const size = length ?? bytes.length
    const frame = new Uint8Array(9 + bytes.length)
    frame.set([size >> 16, size >> 8, size, kind, flags, stream >>> 24, stream >>> 16, stream >>> 8, stream])
    frame.set(bytes, 9)
    return frame
  },

  data(stream: number, payload: Bytes = '', options: DataOptions = {}): Uint8Array {
    const flags = (options.endStream === true ? 1 : 0) | (options.padding === undefined ? 0 : 8)
    return frames.raw(0, flags, stream, padded(bytesOf(payload), options.padding))
  },

  /** @param block fields, or a block as it should stand there */
  headers(
    stream: number,
    block: readonly FrameField[] | Uint8Array,
    options: HeadersOptions = {},
  ): Uint8Array {
    const { priority, padding } = options
    let flags = options.endHeaders === false ? 0 : 4
    if (options.endStream === true) flags |= 1
    if (padding !== undefined) flags |= 8
    if (priority !== undefined) flags |= 0x20
    const front =
      priority === undefined ? '' : dependency(priority.dependency, priority.weight, priority.isExclusive)
    return frames.raw(1, flags, stream, padded(join(bytesOf(front), blockOf(block)), padding))
  },

  continuation(
    stream: number,
    block: readonly FrameField[] | Uint8Array = [],
    options: { readonly endHeaders?: boolean } = {},
  ): Uint8Array {
    return frames.raw(9, options.endHeaders === false ? 0 : 4, stream, blockOf(block))
  },

  /** @param weight 1 to 256 */
  priority(stream: number, dependsOn: number, weight: number = 16, isExclusive: boolean = false): Uint8Array {
    return frames.raw(2, 0, stream, dependency(dependsOn, weight, isExclusive))
  },

  rst(stream: number, reason: H2Reason | number = 'CANCEL'): Uint8Array {
    return frames.raw(3, 0, stream, u32(codeOf(reason)))
  },

  /** Values by name, or as pairs where order, repetition or unknown ids matter. */
  settings(values: SettingsValues | readonly (readonly [id: number, value: number])[] = {}): Uint8Array {
    const pairs = Array.isArray(values)
      ? (values as [number, number][])
      : namedSettings(values as SettingsValues)
    return frames.raw(4, 0, 0, join(...pairs.map(([id, value]) => join(u16(id), u32(value)))))
  },

  settingsAck(): Uint8Array {
    return frames.raw(4, 1, 0)
  },

  pushPromise(stream: number, promised: number, block: readonly FrameField[] | Uint8Array): Uint8Array {
    return frames.raw(5, 4, stream, join(u32(promised), blockOf(block)))
  },

  /** @param payload eight characters */
  ping(payload: Bytes = '01234567', isAck: boolean = false): Uint8Array {
    return frames.raw(6, isAck ? 1 : 0, 0, payload)
  },

  goAway(last: number = 0, reason: H2Reason | number = 'NO_ERROR', debug: Bytes = ''): Uint8Array {
    return frames.raw(7, 0, 0, join(u32(last), u32(codeOf(reason)), bytesOf(debug)))
  },

  windowUpdate(stream: number, increment: number): Uint8Array {
    return frames.raw(8, 0, stream, u32(increment))
  },

  /** RFC 9218 §7.1. */
  priorityUpdate(target: number, value: string): Uint8Array {
    return frames.raw(16, 0, 0, join(u32(target), latin1(value)))
  },

  /** HEADERS of a plain request. */
  request(
    stream: number,
    fields: readonly FrameField[] = [],
    options: HeadersOptions & { readonly method?: string; readonly path?: string } = {},
  ): Uint8Array {
    const { method = 'GET', path = '/' } = options
    const head: FrameField[] = [
      [':method', method],
      [':scheme', 'http'],
      [':authority', 'a'],
      [':path', path],
    ]
    return frames.headers(stream, [...head, ...fields], { endStream: method === 'GET', ...options })
  },

  /** HEADERS of a response. */
  response(
    stream: number,
    status: number | string = 200,
    fields: readonly FrameField[] = [],
    options: HeadersOptions = {},
  ): Uint8Array {
    return frames.headers(stream, [[':status', String(status)], ...fields], options)
  },

  /** A header block: literals without indexing, or as the fields say. */
  block(fields: readonly FrameField[]): Uint8Array {
    return join(...fields.map(([name, value, how]) => literal(name, value, FIRST_OCTETS[how ?? 'plain'])))
  },

  /** Several frames one after the other. */
  join,
} as const

// RFC 7541 §6.2.
const FIRST_OCTETS = { plain: 0x00, never: 0x10, index: 0x40 } as const

function literal(name: string, value: string, first: number): Uint8Array {
  return join(Uint8Array.of(first), text(name), text(value))
}

// RFC 7541 §5.2, never in Huffman.
function text(value: string): Uint8Array {
  const bytes = latin1(value)
  if (bytes.length < 127) return join(Uint8Array.of(bytes.length), bytes)
  const size = [127]
  let rest = bytes.length - 127
  for (; rest >= 128; rest >>>= 7) size.push((rest & 127) | 128)
  return join(Uint8Array.from([...size, rest]), bytes)
}

function blockOf(block: readonly FrameField[] | Uint8Array): Uint8Array {
  return block instanceof Uint8Array ? block : frames.block(block)
}

function padded(payload: Uint8Array, padding: number | undefined): Uint8Array {
  return padding === undefined ? payload : join(Uint8Array.of(padding), payload, new Uint8Array(padding))
}

function dependency(on: number, weight: number = 16, isExclusive: boolean = false): Uint8Array {
  return join(u32(isExclusive ? on + 0x80000000 : on), Uint8Array.of(weight - 1))
}

function namedSettings(values: SettingsValues): [number, number][] {
  return Object.entries(values).map(([name, value]) => [
    SETTING_IDS[name as keyof SettingsValues],
    value as number,
  ])
}

function codeOf(reason: H2Reason | number): number {
  return typeof reason === 'number' ? reason : H2_REASONS.indexOf(reason)
}

function u16(value: number): Uint8Array {
  return Uint8Array.of(value >>> 8, value)
}

function u32(value: number): Uint8Array {
  return Uint8Array.of(value >>> 24, value >>> 16, value >>> 8, value)
}

function latin1(value: string): Uint8Array {
  return new Uint8Array(Buffer.from(value, 'latin1'))
}

function bytesOf(value: Bytes): Uint8Array {
  return typeof value === 'string' ? latin1(value) : value
}

function join(...parts: readonly Uint8Array[]): Uint8Array {
  if (parts.length === 1) return parts[0]!
  let length = 0
  for (const part of parts) length += part.length
  const joined = new Uint8Array(length)
  length = 0
  for (const part of parts) {
    joined.set(part, length)
    length += part.length
  }
  return joined
}
