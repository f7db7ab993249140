import { expect, test } from 'vitest'
import { ByteWriter } from '../../src/bytes/byte-writer.ts'
import {
  appendHead,
  type Frame,
  CONTINUATION,
  DATA,
  FRAME,
  FrameReader,
  faultReason,
  GOAWAY,
  GoAwayFields,
  HEADERS,
  HeadersFields,
  parseGoAway,
  parseHeaders,
  parsePriority,
  parsePushPromise,
  parseRstStream,
  parseSettings,
  parseWindowUpdate,
  PING,
  PRIORITY,
  PriorityFields,
  PUSH_PROMISE,
  PushPromiseFields,
  RST_STREAM,
  SETTINGS,
  SettingsFields,
  WINDOW_UPDATE,
  writeData,
  writeGoAway,
  writePing,
  writePriority,
  writeRstStream,
  writeSettings,
  writeWindowUpdate,
} from '../../src/h2/frame/index.ts'
import { hex, toHex } from './hpack-kit.ts'
import { readVectors } from './vectors.ts'

// Every file of http2jp/http2-frame-test-case: its bytes give its frame or one of its error codes, and the frame gives
// its bytes where it is one that we would write (we never pad, and never promise).

interface Vector {
  readonly wire: string
  readonly error: readonly number[] | null
  readonly frame: {
    readonly length: number
    readonly type: number
    readonly flags: number
    readonly stream_identifier: number
    readonly frame_payload: Readonly<Record<string, unknown>>
  } | null
}

const { files, missing } = readVectors('http2-frame-test-case.tar.gz')

if (missing !== '') test.skip(missing, () => undefined)

for (const [path, file] of files) {
  const vector = file as Vector
  test(path.replace('.json', ''), () => {
    const reader = new FrameReader()
    reader.receive(hex(vector.wire))
    const result = reader.next()
    const payload: Record<string, unknown> = {}
    const out = new ByteWriter()
    const fault = result === FRAME ? describe(reader.frame, payload, out) : result
    if (vector.error !== null) {
      expect(fault).toBeLessThan(0)
      expect(vector.error).toContain(faultReason(fault))
      return
    }
    expect([result, fault]).toEqual([FRAME, 0])
    const { length, type, flags, stream_identifier: stream, frame_payload: wanted } = vector.frame!
    const { frame } = reader
    expect([frame.length, frame.kind, frame.flags, frame.stream]).toEqual([length, type, flags, stream])
    expect(payload).toEqual(Object.fromEntries(Object.keys(payload).map((key) => [key, wanted[key]])))
    if (out.length > 0) expect(toHex(out.view())).toBe(vector.wire.toLowerCase())
    // Padding is the one thing that we do not tell of.
    const untold = Object.keys(wanted).filter((key) => !(key in payload) && wanted[key] !== null)
    expect(untold.filter((key) => !key.startsWith('padding'))).toEqual([])
  })
}

test.runIf(missing === '')('there are frames of all ten kinds, and errors', () => {
  expect(new Set(Array.from(files.keys(), (path) => path.split('/').at(-2))).size).toBe(11)
})

/** Parses a frame, names what is in it as the vectors do, and writes it again. @returns 0 or a fault */
function describe(frame: Frame, into: Record<string, unknown>, out: ByteWriter): number {
  const text = (part: { start: number; end: number }): string =>
    Buffer.from(frame.bytes.subarray(part.start, part.end)).toString()
  switch (frame.kind) {
    case DATA:
      into['data'] = text(frame)
      if (frame.flags === 0) writeData(out, frame.stream, frame.bytes, frame.start, frame.end, false)
      return 0
    case HEADERS: {
      const fields = new HeadersFields()
      const fault = parseHeaders(frame, fields)
      if (fault === 0) into['header_block_fragment'] = text(fields)
      if (fields.hasPriority) describePriority(fields.priority, into)
      return fault
    }
    case PRIORITY: {
      const fields = new PriorityFields()
      const fault = parsePriority(frame, fields)
      describePriority(fields, into)
      writePriority(out, frame.stream, fields.dependency, fields.isExclusive, fields.weight)
      return fault
    }
    case RST_STREAM:
      into['error_code'] = parseRstStream(frame)
      writeRstStream(out, frame.stream, parseRstStream(frame))
      return 0
    case SETTINGS: {
      const values = new SettingsFields()
      const fault = parseSettings(frame, values)
      const pairs: [number, number][] = [
        [1, values.headerTableSize],
        [2, values.enablePush],
        [3, values.maxConcurrentStreams],
        [4, values.initialWindowSize],
        [5, values.maxFrameSize],
        [6, values.maxHeaderListSize],
      ]
      into['settings'] = pairs.filter(([, value]) => value >= 0)
      writeSettings(out, values)
      return fault
    }
    case PUSH_PROMISE: {
      const fields = new PushPromiseFields()
      const fault = parsePushPromise(frame, fields)
      into['promised_stream_id'] = fields.promised
      into['header_block_fragment'] = text(fields)
      return fault
    }
    case PING:
      into['opaque_data'] = text(frame)
      writePing(out, frame.bytes, frame.flags === 1, frame.start)
      return 0
    case GOAWAY: {
      const fields = new GoAwayFields()
      parseGoAway(frame, fields)
      into['error_code'] = fields.reason
      into['last_stream_id'] = fields.lastStream
      into['additional_debug_data'] = text(fields)
      writeGoAway(out, fields.lastStream, fields.reason, text(fields))
      return 0
    }
    case WINDOW_UPDATE: {
      const increment = parseWindowUpdate(frame)
      if (increment < 0) return increment
      into['window_size_increment'] = increment
      writeWindowUpdate(out, frame.stream, increment)
      return 0
    }
    case CONTINUATION:
      into['header_block_fragment'] = text(frame)
      appendHead(out, frame.length, CONTINUATION, frame.flags, frame.stream)
      out.copy(frame.bytes, frame.start, frame.end)
      return 0
    default:
      throw new Error(`no such frame: ${frame.kind}`)
  }
}

function describePriority(fields: PriorityFields, into: Record<string, unknown>): void {
  into['stream_dependency'] = fields.dependency
  into['exclusive'] = fields.isExclusive
  into['weight'] = fields.weight
}
