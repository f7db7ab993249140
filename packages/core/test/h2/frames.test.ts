import { describe, expect, test } from 'vitest'
import { ByteWriter } from '../../src/bytes/byte-writer.ts'
import {
  beginHeaders,
  connectionFault,
  endHeaders,
  faultReason,
  FRAME,
  type Frame,
  FrameReader,
  GoAwayFields,
  HAS_PRIORITY,
  HEADERS,
  HeadersFields,
  isPing,
  isStreamFault,
  kindName,
  PADDED,
  parseGoAway,
  parseHeaders,
  parsePriority,
  parsePriorityUpdate,
  parsePushPromise,
  parseRstStream,
  parseSettings,
  parseWindowUpdate,
  PRIORITY,
  PRIORITY_UPDATE,
  PriorityFields,
  PriorityUpdateFields,
  PUSH_PROMISE,
  PushPromiseFields,
  reasonName,
  SETTINGS,
  SettingsFields,
  streamFault,
  WINDOW_UPDATE,
  writeData,
  writeGoAway,
  writePing,
  writePriority,
  writePriorityUpdate,
  writeRstStream,
  writeSettings,
  writeSettingsAck,
  writeWindowUpdate,
} from '../../src/h2/frame/index.ts'
import { faultText, raw, read } from './frame-kit.ts'
import { latin1, toHex } from './hpack-kit.ts'

/** The one frame that `bytes` are. */
function frameOf(bytes: Uint8Array | string): Frame {
  const reader = new FrameReader(1 << 24)
  reader.receive(typeof bytes === 'string' ? latin1(bytes) : bytes)
  expect(reader.next()).toBe(FRAME)
  expect(reader.pending).toBe(0)
  return reader.frame
}

function textOf(frame: Frame, part: { start: number; end: number }): string {
  return Buffer.from(frame.bytes.subarray(part.start, part.end)).toString('latin1')
}

function written(write: (out: ByteWriter) => void): Uint8Array {
  const out = new ByteWriter()
  write(out)
  return out.take()
}

describe('HEADERS', () => {
  const parse = (flags: number, payload: string): { fault: number; text: string; fields: HeadersFields } => {
    const frame = frameOf(raw(HEADERS, flags, 5, payload))
    const fields = new HeadersFields()
    const fault = parseHeaders(frame, fields)
    return { fault, text: fault < 0 && !isStreamFault(fault) ? '' : textOf(frame, fields), fields }
  }

  test('plain, padded, with priority, with both', () => {
    expect(parse(0, 'block')).toMatchObject({ fault: 0, text: 'block', fields: { hasPriority: false } })
    expect(parse(PADDED, '\x02blockpp')).toMatchObject({ fault: 0, text: 'block' })
    expect(parse(HAS_PRIORITY, '\x80\0\0\x03\xffblock')).toMatchObject({
      fault: 0,
      text: 'block',
      fields: { hasPriority: true, priority: { dependency: 3, isExclusive: true, weight: 256 } },
    })
    expect(parse(PADDED | HAS_PRIORITY, '\x02\0\0\0\x03\0blockpp')).toMatchObject({
      fault: 0,
      text: 'block',
      fields: { hasPriority: true, priority: { dependency: 3, isExclusive: false, weight: 1 } },
    })
  })

  test('as much padding as there is room, and one more', () => {
    expect(parse(PADDED, '\x02pp')).toMatchObject({ fault: 0, text: '' })
    expect(faultText(parse(PADDED, '\x03pp').fault)).toBe('connection PROTOCOL_ERROR')
    expect(parse(PADDED | HAS_PRIORITY, '\x01\0\0\0\x03\0p')).toMatchObject({ fault: 0, text: '' })
    expect(faultText(parse(PADDED | HAS_PRIORITY, '\x02\0\0\0\x03\0p').fault)).toBe(
      'connection PROTOCOL_ERROR',
    )
  })

  test('a stream that depends on itself is reset, and its block is there to be decoded', () => {
    const { fault, text } = parse(HAS_PRIORITY, '\x80\0\0\x05\xffblock')
    expect([faultText(fault), text]).toEqual(['stream PROTOCOL_ERROR', 'block'])
  })

  test('row 288: a block is cut into CONTINUATIONs where it is too long', () => {
    const write = (length: number, endStream: boolean): string[] => {
      const bytes = written((out) => {
        out.latin1('before')
        const at = beginHeaders(out)
        out.latin1('0123456789ab'.slice(0, length))
        endHeaders(out, at, 7, endStream, 4)
        writeSettingsAck(out)
      })
      expect(Buffer.from(bytes.subarray(0, 6)).toString()).toBe('before')
      const lines = read(bytes.subarray(6))
      expect(lines.pop()).toBe('SETTINGS 0 flags 1 length 0: ')
      return lines
    }
    expect(write(0, true)).toEqual(['HEADERS 7 flags 5 length 0: '])
    expect(write(4, false)).toEqual(['HEADERS 7 flags 4 length 4: 0123'])
    expect(write(5, true)).toEqual(['HEADERS 7 flags 1 length 4: 0123', 'CONTINUATION 7 flags 4 length 1: 4'])
    expect(write(8, false)).toEqual([
      'HEADERS 7 flags 0 length 4: 0123',
      'CONTINUATION 7 flags 4 length 4: 4567',
    ])
    expect(write(12, true)).toEqual([
      'HEADERS 7 flags 1 length 4: 0123',
      'CONTINUATION 7 flags 0 length 4: 4567',
      'CONTINUATION 7 flags 4 length 4: 89ab',
    ])
  })
})

describe('row 290: SETTINGS', () => {
  const setting = (id: number, value: number): string =>
    String.fromCharCode(
      id >> 8,
      id & 255,
      value >>> 24,
      (value >>> 16) & 255,
      (value >>> 8) & 255,
      value & 255,
    )
  const parse = (...settings: readonly (readonly [number, number])[]): [number, SettingsFields] => {
    const values = new SettingsFields()
    values.maxFrameSize = 77
    const payload = settings.map(([id, value]) => setting(id, value)).join('')
    return [parseSettings(frameOf(raw(SETTINGS, 0, 0, payload)), values), values]
  }

  test('nothing, everything, and what is not known', () => {
    expect(parse()).toEqual([0, new SettingsFields()])
    const all = [1, 0, 3, 100, 2, 1, 4, 70_000, 5, 16_384, 6, 0xffffffff, 8, 1, 9, 1]
    const pairs = all.flatMap((id, i) => (i % 2 === 0 ? [[id, all[i + 1]!] as const] : []))
    expect(parse(...pairs)).toMatchObject([
      0,
      {
        headerTableSize: 0,
        lowestHeaderTableSize: 0,
        enablePush: 1,
        maxConcurrentStreams: 100,
        initialWindowSize: 70_000,
        maxFrameSize: 16_384,
        maxHeaderListSize: 0xffffffff,
        enableConnectProtocol: 1,
        noRfc7540Priorities: 1,
        count: 8,
      },
    ])
    expect(parse([7, 1], [0xffff, 1], [0, 1])).toEqual([0, Object.assign(new SettingsFields(), { count: 3 })])
  })

  test('the last of several values counts; the smallest table size is remembered', () => {
    expect(parse([4, 5], [4, 6], [1, 10], [1, 4], [1, 7])).toMatchObject([
      0,
      { initialWindowSize: 6, headerTableSize: 7, lowestHeaderTableSize: 4 },
    ])
  })

  test.each([
    [2, 0, 'ok'],
    [2, 1, 'ok'],
    [2, 2, 'connection PROTOCOL_ERROR'],
    [4, 0x7fffffff, 'ok'],
    [4, 0x80000000, 'connection FLOW_CONTROL_ERROR'],
    [5, 16_383, 'connection PROTOCOL_ERROR'],
    [5, 16_384, 'ok'],
    [5, 16_777_215, 'ok'],
    [5, 16_777_216, 'connection PROTOCOL_ERROR'],
    [8, 1, 'ok'],
    [8, 2, 'connection PROTOCOL_ERROR'],
    [9, 1, 'ok'],
    [9, 2, 'connection PROTOCOL_ERROR'],
    [1, 0xffffffff, 'ok'],
    [3, 0xffffffff, 'ok'],
  ])('setting %i = %i: %s', (id, value, expected) => {
    const [fault] = parse([id, value])
    expect(fault === 0 ? 'ok' : faultText(fault)).toBe(expected)
  })

  test('written in the order of their numbers, only those that are given', () => {
    const values = new SettingsFields()
    expect(toHex(written((out) => writeSettings(out, values)))).toBe('000000040000000000')
    values.noRfc7540Priorities = 1
    values.headerTableSize = 4096
    values.maxHeaderListSize = 16_384
    values.enablePush = 0
    expect(toHex(written((out) => writeSettings(out, values)))).toBe(
      '000018040000000000' + '000100001000' + '000200000000' + '000600004000' + '000900000001',
    )
    expect(toHex(written(writeSettingsAck))).toBe('000000040100000000')
  })
})

describe('the others', () => {
  test('PRIORITY', () => {
    const bytes = written((out) => writePriority(out, 9, 11, true, 256))
    expect(toHex(bytes)).toBe('000005020000000009' + '8000000bff')
    const fields = new PriorityFields()
    expect(parsePriority(frameOf(bytes), fields)).toBe(0)
    expect(fields).toMatchObject({ dependency: 11, isExclusive: true, weight: 256 })
    expect(faultText(parsePriority(frameOf(raw(PRIORITY, 0, 9, '\0\0\0\x09\0')), fields))).toBe(
      'stream PROTOCOL_ERROR',
    )
  })

  test('RST_STREAM, with an error code that nobody knows too', () => {
    const bytes = written((out) => writeRstStream(out, 3, 0xfedcba98))
    expect(toHex(bytes)).toBe('000004030000000003' + 'fedcba98')
    expect(parseRstStream(frameOf(bytes))).toBe(0xfedcba98)
  })

  test('PUSH_PROMISE', () => {
    const fields = new PushPromiseFields()
    const parse = (flags: number, payload: string): string => {
      const frame = frameOf(raw(PUSH_PROMISE, flags, 1, payload))
      const fault = parsePushPromise(frame, fields)
      return fault < 0 ? faultText(fault) : `${fields.promised} ${textOf(frame, fields)}`
    }
    expect(parse(0, '\0\0\0\x02block')).toBe('2 block')
    expect(parse(0, '\x80\0\0\x02block')).toBe('2 block')
    expect(parse(PADDED, '\x03\0\0\0\x04blockppp')).toBe('4 block')
    expect(parse(PADDED, '\x02\0\0\0\x04pp')).toBe('4 ')
    expect(parse(PADDED, '\x03\0\0\0\x04pp')).toBe('connection PROTOCOL_ERROR')
    expect(parse(0, '\0\0\0\0block')).toBe('connection PROTOCOL_ERROR')
    expect(parse(0, '\0\0\0\x03block')).toBe('connection PROTOCOL_ERROR')
  })

  test('row 287: PING and its answer', () => {
    const payload = latin1('\x0b\x7b\xa2\xf0\x8b\x9b\xfe\x54')
    const ping = written((out) => writePing(out, payload, false))
    expect(toHex(ping)).toBe('000008060000000000' + '0b7ba2f08b9bfe54')
    const frame = frameOf(ping)
    expect(toHex(written((out) => writePing(out, frame.bytes, true, frame.start)))).toBe(
      '000008060100000000' + '0b7ba2f08b9bfe54',
    )
    expect([isPing(frame, payload), isPing(frame, latin1('12345678'))]).toEqual([true, false])
  })

  test('GOAWAY', () => {
    const bytes = written((out) => writeGoAway(out, 0x7fffffff, 11, 'too_many_resets'))
    expect(toHex(bytes)).toBe(
      '000017070000000000' + '7fffffff' + '0000000b' + toHex(latin1('too_many_resets')),
    )
    const fields = new GoAwayFields()
    const frame = frameOf(bytes)
    parseGoAway(frame, fields)
    expect([fields.lastStream, fields.reason, textOf(frame, fields)]).toEqual([
      0x7fffffff,
      11,
      'too_many_resets',
    ])
  })

  test('WINDOW_UPDATE', () => {
    const bytes = written((out) => writeWindowUpdate(out, 3, 0x7fffffff))
    expect(toHex(bytes)).toBe('000004080000000003' + '7fffffff')
    expect(parseWindowUpdate(frameOf(bytes))).toBe(0x7fffffff)
    expect(parseWindowUpdate(frameOf(raw(WINDOW_UPDATE, 0, 3, '\x80\0\0\x01')))).toBe(1)
    expect(faultText(parseWindowUpdate(frameOf(raw(WINDOW_UPDATE, 0, 3, '\0\0\0\0'))))).toBe(
      'stream PROTOCOL_ERROR',
    )
    expect(faultText(parseWindowUpdate(frameOf(raw(WINDOW_UPDATE, 0, 0, '\x80\0\0\0'))))).toBe(
      'connection PROTOCOL_ERROR',
    )
  })

  test('PRIORITY_UPDATE', () => {
    const bytes = written((out) => writePriorityUpdate(out, 5, 'u=1, i'))
    expect(toHex(bytes)).toBe('00000a100000000000' + '00000005' + toHex(latin1('u=1, i')))
    const fields = new PriorityUpdateFields()
    const frame = frameOf(bytes)
    expect(parsePriorityUpdate(frame, fields)).toBe(0)
    expect([fields.target, textOf(frame, fields)]).toEqual([5, 'u=1, i'])
    expect(faultText(parsePriorityUpdate(frameOf(raw(PRIORITY_UPDATE, 0, 0, '\0\0\0\0')), fields))).toBe(
      'connection PROTOCOL_ERROR',
    )
  })

  test('DATA', () => {
    const bytes = written((out) => writeData(out, 3, latin1('_hello_'), 1, 6, true))
    expect(read(bytes)).toEqual(['DATA 3 flags 1 length 5: hello'])
    const long = new Uint8Array(100).fill(0x61)
    expect(read(written((out) => writeData(out, 3, long, 0, 100, false)))).toEqual([
      `DATA 3 flags 0 length 100: ${'a'.repeat(100)}`,
    ])
  })

  test('faults and names', () => {
    for (let reason = 0; reason <= 13; reason++) {
      expect([isStreamFault(connectionFault(reason)), faultReason(connectionFault(reason))]).toEqual([
        false,
        reason,
      ])
      expect([isStreamFault(streamFault(reason)), faultReason(streamFault(reason))]).toEqual([true, reason])
      expect(reasonName(reason)).toMatch(/^[A-Z0-9_]+$/)
    }
    expect([reasonName(0), reasonName(13), reasonName(14)]).toEqual(['NO_ERROR', 'HTTP_1_1_REQUIRED', '0xe'])
    expect([kindName(0), kindName(9), kindName(16), kindName(10)]).toEqual([
      'DATA',
      'CONTINUATION',
      'PRIORITY_UPDATE',
      '0xa',
    ])
  })
})
