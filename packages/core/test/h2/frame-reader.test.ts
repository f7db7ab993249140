import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  ACK,
  CONTINUATION,
  DATA,
  END_HEADERS,
  END_STREAM,
  FRAME,
  FrameReader,
  GOAWAY,
  HAS_PRIORITY,
  HEADERS,
  NEED_MORE,
  PADDED,
  PING,
  PRIORITY,
  PRIORITY_UPDATE,
  PUSH_PROMISE,
  RST_STREAM,
  SETTINGS,
  WINDOW_UPDATE,
} from '../../src/h2/frame/index.ts'
import { raw, read } from './frame-kit.ts'
import { latin1 } from './hpack-kit.ts'

describe('row 288: frames in any cuts', () => {
  test('DATA with and without padding, empty, the last one', () => {
    const bytes =
      raw(DATA, 0, 1, 'hello') +
      raw(DATA, PADDED, 1, '\x03worldxyz') +
      raw(DATA, 0, 3, '') +
      raw(DATA, PADDED, 3, '\x00') +
      raw(DATA, PADDED, 3, '\x04pads') +
      raw(DATA, END_STREAM, 1, 'end')
    expect(read(bytes)).toEqual([
      'DATA 1 flags 0 length 5: hello',
      'DATA 1 flags 8 length 9: world',
      'DATA 3 flags 0 length 0: ',
      'DATA 3 flags 8 length 1: ',
      'DATA 3 flags 8 length 5: ',
      'DATA 1 flags 1 length 3: end',
    ])
  })

  test('HEADERS and CONTINUATION, SETTINGS, PING, GOAWAY with debug data, and all the others', () => {
    const bytes =
      raw(SETTINGS, 0, 0, '\0\x01\0\0\x10\0') +
      raw(HEADERS, END_STREAM, 1, 'fields') +
      raw(CONTINUATION, END_HEADERS, 1, 'more') +
      raw(SETTINGS, ACK, 0, '') +
      raw(PING, ACK, 0, '12345678') +
      raw(PRIORITY, 0, 5, '\0\0\0\x01\x0f') +
      raw(RST_STREAM, 0, 1, '\0\0\0\x08') +
      raw(WINDOW_UPDATE, 0, 0, '\0\0\0\x01') +
      raw(WINDOW_UPDATE, 0, 7, '\0\0\0\x01') +
      raw(PRIORITY_UPDATE, 0, 0, '\0\0\0\x07u=1') +
      raw(PUSH_PROMISE, END_HEADERS, 1, '\0\0\0\x02x') +
      raw(GOAWAY, 0, 0, '\0\0\0\x01\0\0\0\0bye')
    expect(read(bytes)).toEqual([
      'SETTINGS 0 flags 0 length 6: \0\x01\0\0\x10\0',
      'HEADERS 1 flags 1 length 6: fields',
      'CONTINUATION 1 flags 4 length 4: more',
      'SETTINGS 0 flags 1 length 0: ',
      'PING 0 flags 1 length 8: 12345678',
      'PRIORITY 5 flags 0 length 5: \0\0\0\x01\x0f',
      'RST_STREAM 1 flags 0 length 4: \0\0\0\x08',
      'WINDOW_UPDATE 0 flags 0 length 4: \0\0\0\x01',
      'WINDOW_UPDATE 7 flags 0 length 4: \0\0\0\x01',
      'PRIORITY_UPDATE 0 flags 0 length 7: \0\0\0\x07u=1',
      'PUSH_PROMISE 1 flags 4 length 5: \0\0\0\x02x',
      'GOAWAY 0 flags 0 length 11: \0\0\0\x01\0\0\0\0bye',
    ])
  })

  test('nothing, and frames that are cut off', () => {
    expect(read('')).toEqual([])
    expect(read(raw(PING, 0, 0, '1234567', 8))).toEqual(['cut'])
    expect(read(raw(PING, 0, 0, '').slice(0, 8))).toEqual(['cut'])
    const reader = new FrameReader()
    reader.receive(latin1(raw(DATA, 0, 1, 'abc', 5)))
    expect([reader.next(), reader.frame.isFirst, reader.frame.isLast]).toEqual([FRAME, true, false])
    expect([reader.next(), reader.isBetweenFrames]).toEqual([NEED_MORE, false])
    reader.receive(latin1('de'))
    expect([reader.next(), reader.frame.isFirst, reader.frame.isLast]).toEqual([FRAME, false, true])
    expect([reader.next(), reader.isBetweenFrames]).toEqual([NEED_MORE, true])
  })

  test('the reserved bit and undefined flags are ignored', () => {
    expect(read(raw(PING, 0xfe, 0x80000000, '12345678'))).toEqual(['PING 0 flags 254 length 8: 12345678'])
    expect(read(raw(DATA, 0xf0, 0xffffffff, 'x'))).toEqual(['DATA 2147483647 flags 240 length 1: x'])
  })
})

describe('row 289: unknown frames, PRIORITY', () => {
  test('an unknown frame is told of and skipped, however long', () => {
    const bytes = raw(0x0a, 0xff, 9, 'x'.repeat(300)) + raw(0xff, 0, 0, '') + raw(PING, 0, 0, '12345678')
    expect(read(bytes)).toEqual([
      '0xa 9 flags 255 length 300: ',
      '0xff 0 flags 0 length 0: ',
      'PING 0 flags 0 length 8: 12345678',
    ])
  })

  test('PRIORITY of another length is a stream error, and reading goes on', () => {
    const ping = raw(PING, 0, 0, '12345678')
    for (const payload of ['', '\0\0\0\x01', '\0\0\0\x01\x0f\x0f']) {
      expect(read(raw(PRIORITY, 0, 5, payload) + ping)).toEqual([
        'stream FRAME_SIZE_ERROR on 5',
        'PING 0 flags 0 length 8: 12345678',
      ])
    }
  })
})

describe('what a head alone says', () => {
  const PROTOCOL = 'connection PROTOCOL_ERROR'
  const SIZE = 'connection FRAME_SIZE_ERROR'
  const CASES: readonly (readonly [string, number, number, number, number, string])[] = [
    ['DATA on 0', DATA, 0, 0, 1, PROTOCOL],
    ['HEADERS on 0', HEADERS, 0, 0, 1, PROTOCOL],
    ['PRIORITY on 0', PRIORITY, 0, 0, 5, PROTOCOL],
    ['RST_STREAM on 0', RST_STREAM, 0, 0, 4, PROTOCOL],
    ['PUSH_PROMISE on 0', PUSH_PROMISE, 0, 0, 4, PROTOCOL],
    ['CONTINUATION on 0', CONTINUATION, 0, 0, 1, PROTOCOL],
    ['SETTINGS on a stream', SETTINGS, 0, 1, 0, PROTOCOL],
    ['PING on a stream', PING, 0, 1, 8, PROTOCOL],
    ['GOAWAY on a stream', GOAWAY, 0, 1, 8, PROTOCOL],
    ['PRIORITY_UPDATE on a stream', PRIORITY_UPDATE, 0, 1, 4, PROTOCOL],
    ['RST_STREAM of 3', RST_STREAM, 0, 1, 3, SIZE],
    ['RST_STREAM of 5', RST_STREAM, 0, 1, 5, SIZE],
    ['SETTINGS of 5', SETTINGS, 0, 0, 5, SIZE],
    ['SETTINGS of 7', SETTINGS, 0, 0, 7, SIZE],
    ['an acknowledgement with a setting', SETTINGS, ACK, 0, 6, SIZE],
    ['PING of 7', PING, 0, 0, 7, SIZE],
    ['PING of 9', PING, 0, 0, 9, SIZE],
    ['GOAWAY of 7', GOAWAY, 0, 0, 7, SIZE],
    ['WINDOW_UPDATE of 3', WINDOW_UPDATE, 0, 1, 3, SIZE],
    ['WINDOW_UPDATE of 5', WINDOW_UPDATE, 0, 0, 5, SIZE],
    ['PRIORITY_UPDATE of 3', PRIORITY_UPDATE, 0, 0, 3, SIZE],
    ['DATA without its pad length', DATA, PADDED, 1, 0, SIZE],
    ['HEADERS without its pad length', HEADERS, PADDED, 1, 0, SIZE],
    ['HEADERS with half a priority', HEADERS, HAS_PRIORITY, 1, 4, SIZE],
    ['HEADERS with half a priority behind its pad length', HEADERS, HAS_PRIORITY | PADDED, 1, 5, SIZE],
    ['PUSH_PROMISE with half a stream', PUSH_PROMISE, 0, 1, 3, SIZE],
    ['PUSH_PROMISE with half a stream behind its pad length', PUSH_PROMISE, PADDED, 1, 4, SIZE],
    ['DATA of 16,385', DATA, 0, 1, 16_385, SIZE],
    ['HEADERS of 16,385', HEADERS, 0, 1, 16_385, SIZE],
    ['SETTINGS of 16,386', SETTINGS, 0, 0, 16_386, SIZE],
    ['an unknown frame of 16,385', 0x42, 0, 1, 16_385, SIZE],
  ]
  test.each(CASES)('%s is refused before its payload', (_, kind, flags, stream, length, fault) => {
    expect(read(raw(kind, flags, stream, '', length))).toEqual([`${fault} on ${stream}`])
  })

  test('a frame of just the size that we take', () => {
    const payload = 'x'.repeat(16_384)
    expect(read(raw(DATA, 0, 1, payload))).toEqual([`DATA 1 flags 0 length 16384: ${payload}`])
    expect(read(raw(HEADERS, 0, 1, payload))).toEqual([`HEADERS 1 flags 0 length 16384: ${payload}`])
    expect(read(raw(DATA, 0, 1, `${payload}y`), 16_385)).toEqual([`DATA 1 flags 0 length 16385: ${payload}y`])
    expect(read(raw(0x42, 0, 1, '', 20_001), 20_000)).toEqual(['connection FRAME_SIZE_ERROR on 1'])
  })

  test('padding of DATA: all of the rest, and one more', () => {
    expect(read(raw(DATA, PADDED, 1, '\x02ab'))).toEqual(['DATA 1 flags 8 length 3: '])
    expect(read(raw(DATA, PADDED, 1, '\x03ab'))).toEqual(['connection PROTOCOL_ERROR on 1'])
    expect(read(raw(DATA, PADDED, 1, '\x01'))).toEqual(['connection PROTOCOL_ERROR on 1'])
    expect(read(raw(DATA, PADDED, 1, `\xff${'p'.repeat(255)}`))).toEqual(['DATA 1 flags 8 length 256: '])
  })
})

describe('memory', () => {
  test('DATA is a view of the chunk; a whole frame of another kind too', () => {
    const chunk = latin1(raw(DATA, 0, 1, 'abc') + raw(HEADERS, 0, 1, 'fields'))
    const reader = new FrameReader()
    reader.receive(chunk)
    for (const text of ['abc', 'fields']) {
      expect(reader.next()).toBe(FRAME)
      expect(reader.frame.bytes).toBe(chunk)
      expect(Buffer.from(chunk.subarray(reader.frame.start, reader.frame.end)).toString()).toBe(text)
    }
    expect(reader.next()).toBe(NEED_MORE)
    expect(reader.frame.bytes.length).toBe(0)
  })

  test('a part of a chunk', () => {
    const reader = new FrameReader()
    reader.receive(latin1(`__${raw(PING, 0, 0, '12345678')}__`), 2, 19)
    expect([reader.next(), reader.pending, reader.next()]).toEqual([FRAME, 0, NEED_MORE])
  })

  test('a promise of a large frame holds nothing but what has come, and a frame that is done nothing', () => {
    const reader = new FrameReader()
    const held = (): number => (reader as unknown as { buffer: Uint8Array }).buffer.length
    reader.receive(latin1(raw(HEADERS, 0, 1, '', 16_384)))
    expect([reader.next(), held() <= 64]).toEqual([NEED_MORE, true])
    for (let sent = 1; sent <= 16_384; sent++) {
      reader.receive(Uint8Array.of(sent & 0xff))
      expect(reader.next()).toBe(sent === 16_384 ? FRAME : NEED_MORE)
      if (held() > Math.max(64, sent * 2)) expect(held()).toBeLessThanOrEqual(sent * 2)
    }
    expect(reader.frame.end - reader.frame.start).toBe(16_384)
    expect(held()).toBe(0)
  })
})

test('random octets in random cuts never throw, and give the same as in one piece', () => {
  const kind = fc.constantFrom(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 0x10, 0x33)
  const frame = fc
    .tuple(
      kind,
      fc.integer({ min: 0, max: 255 }),
      fc.integer({ min: 0, max: 3 }),
      fc.uint8Array({ maxLength: 12 }),
    )
    .map(([k, flags, stream, payload]) => raw(k, flags, stream, Buffer.from(payload).toString('latin1')))
  fc.assert(
    fc.property(fc.array(frame, { maxLength: 5 }), fc.uint8Array({ maxLength: 8 }), (frames, rest) => {
      read(frames.join('') + Buffer.from(rest).toString('latin1'))
    }),
    { seed: 9113, numRuns: 300 },
  )
})
