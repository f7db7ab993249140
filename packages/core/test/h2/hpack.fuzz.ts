import fc from 'fast-check'
import { expect, test } from 'vitest'
import { HPACK_TRUNCATED, HpackDecoder, HpackEncoder } from '../../src/h2/hpack/index.ts'
import { decode, encode, type Field } from './hpack-kit.ts'

// Whatever octets come, the decoder answers with 0 or a fault, keeps no more than its limits, and its table no more than
// its size. Whatever fields go, they come back, whoever changes the table size when.

const LIMITS = { maxListSize: 4096, maxFields: 50 }
const TABLE_SIZE = 256

// Octets that look like representations more often than chance would make them.
const octets = fc.oneof(
  fc.uint8Array({ maxLength: 64 }),
  fc
    .array(
      fc.constantFrom(
        0x82,
        0xbe,
        0xbf,
        0xc0,
        0x40,
        0x41,
        0x00,
        0x10,
        0x01,
        0x02,
        0x61,
        0x81,
        0x1f,
        0x7f,
        0xff,
        0x20,
      ),
      {
        maxLength: 64,
      },
    )
    .map((list) => Uint8Array.from(list)),
)

test('random octets', () => {
  fc.assert(
    fc.property(fc.array(octets, { minLength: 1, maxLength: 4 }), (blocks) => {
      const decoder = new HpackDecoder(TABLE_SIZE)
      for (const block of blocks) {
        const fault = decode(decoder, block, LIMITS)
        expect(fault <= 0).toBe(true)
        expect(decoder.tableSize).toBeLessThanOrEqual(TABLE_SIZE)
        expect(decoder.flat.length).toBeLessThanOrEqual(2 * LIMITS.maxFields)
        let size = 0
        for (const text of decoder.flat) {
          expect(typeof text).toBe('string')
          size += text.length
        }
        expect(size).toBeLessThanOrEqual(LIMITS.maxListSize)
        if (fault < 0) return
        expect(decoder.listSize).toBeLessThanOrEqual(4 * LIMITS.maxListSize)
      }
    }),
    { seed: 7541, numRuns: 40_000 },
  )
})

const NAMES = [
  'content-type',
  'date',
  'cookie',
  'etag',
  'server',
  'x-a',
  'x-b',
  'set-cookie',
  'authorization',
  'a',
]
const char = fc.oneof(
  { weight: 8, arbitrary: fc.integer({ min: 0x21, max: 0x7e }) },
  { weight: 1, arbitrary: fc.integer({ min: 0x80, max: 0xff }) },
)
const freshValue = fc.array(char, { maxLength: 30 }).map((codes) => String.fromCharCode(...codes))
const name = fc.oneof(
  { weight: 6, arbitrary: fc.constantFrom(...NAMES) },
  { weight: 1, arbitrary: fc.stringMatching(/^[a-z][a-z0-9-]{0,8}$/) },
)
const value = fc.oneof(
  { weight: 3, arbitrary: fc.constantFrom('', 'x', 'text/html', 'a=b; c=d; e=f; g=h; i=j', 'y'.repeat(60)) },
  { weight: 2, arbitrary: freshValue },
  { weight: 1, arbitrary: fc.integer({ min: 100, max: 2100 }).map((length) => 'z'.repeat(length)) },
)
const field = fc.record({ name, value, isSensitive: fc.boolean() })
const step = fc.oneof(
  { weight: 4, arbitrary: fc.array(field, { maxLength: 8 }) },
  { weight: 1, arbitrary: fc.constantFrom(0, 33, 64, 100, 256, 1000, 4096, 10_000) },
)

test('random lists through tables of changing size', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 30 }), (steps) => {
      const encoder = new HpackEncoder()
      const decoder = new HpackDecoder()
      for (const one of steps) {
        if (typeof one === 'number') {
          encoder.setPeerTableSize(one)
          decoder.setMaxTableSize(one)
          continue
        }
        const fields = one.map((f): Field => [f.name, f.value])
        const secret = one.filter((f) => f.isSensitive).map((f) => f.name)
        const block = encode(encoder, fields, secret)
        expect(decode(decoder, block)).toBe(0)
        expect(decoder.flat).toEqual(fields.flat())
        expect(decoder.malformed).toBe(0)
        expect(decoder.tableSize).toBe(encoder.tableSize)
      }
    }),
    { seed: 7541, numRuns: 4000 },
  )
})

test('a block that is cut anywhere is a shorter list or truncated', () => {
  fc.assert(
    fc.property(fc.array(fc.record({ name, value: freshValue }), { minLength: 1, maxLength: 4 }), (list) => {
      const block = encode(
        new HpackEncoder(),
        list.map((f): Field => [f.name, f.value]),
      )
      for (let end = 0; end < block.length; end++) {
        const decoder = new HpackDecoder()
        const fault = decode(decoder, block.subarray(0, end))
        if (fault !== 0 && fault !== HPACK_TRUNCATED) expect(fault).toBe(HPACK_TRUNCATED)
      }
    }),
    { seed: 7541, numRuns: 300 },
  )
})
