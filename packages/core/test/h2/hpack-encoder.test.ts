import { describe, expect, test } from 'vitest'
import { ByteWriter } from '../../src/bytes/byte-writer.ts'
import { HpackDecoder, HpackEncoder } from '../../src/h2/hpack/index.ts'
import { decode, encode, type Field, fieldsOf, hex, ordered, toHex } from './hpack-kit.ts'

/** The blocks for each list in turn, as hex; every one is checked against a decoder. */
function blocks(
  encoder: HpackEncoder,
  lists: readonly (readonly Field[])[],
  sensitive: string[] = [],
): string[] {
  const decoder = new HpackDecoder()
  return lists.map((fields) => {
    const block = encode(encoder, fields, sensitive)
    expect(decode(decoder, block)).toBe(0)
    expect(fieldsOf(decoder)).toEqual(ordered(fields))
    expect(decoder.tableSize).toBe(encoder.tableSize)
    return toHex(block)
  })
}

const short = (name: string, value: string): Field[] => [[name, value]]

describe('row 292: what is in the static table', () => {
  test.each([
    [':method', 'GET', '82'],
    [':method', 'POST', '83'],
    [':path', '/', '84'],
    [':path', '/index.html', '85'],
    [':scheme', 'http', '86'],
    [':scheme', 'https', '87'],
    [':status', '200', '88'],
    [':status', '204', '89'],
    [':status', '500', '8e'],
    ['accept-encoding', 'gzip, deflate', '90'],
  ])('%s: %s', (name, value, wire) => {
    expect(blocks(new HpackEncoder(), [short(name, value)])).toEqual([wire])
  })

  test('status codes as numbers', () => {
    const encoder = new HpackEncoder()
    const decoder = new HpackDecoder()
    const out = new ByteWriter()
    for (const [code, wire] of [
      [200, '88'],
      [204, '89'],
      [206, '8a'],
      [304, '8b'],
      [400, '8c'],
      [404, '8d'],
      [500, '8e'],
    ] as const) {
      out.reset()
      encoder.begin(out)
      encoder.status(code)
      expect(toHex(out.view())).toBe(wire)
    }
    const wires = [201, 999, 201, 100].map((code) => {
      out.reset()
      encoder.begin(out)
      encoder.status(code)
      expect(decode(decoder, out.view())).toBe(0)
      expect(decoder.status).toBe(String(code))
      return out.length
    })
    expect(wires).toEqual([4, 5, 1, 4])
  })
})

describe('row 292: the dynamic table', () => {
  test('a method that is not in the static table is indexed by name, then as a whole', () => {
    const fields = short(':method', 'PUT')
    expect(blocks(new HpackEncoder(), [fields, fields])).toEqual(['4203505554', 'be'])
  })

  test('repeated fields are indexed', () => {
    const fields: Field[] = [
      [':method', 'GET'],
      ['foo', 'hello'],
      ['server', 'x'],
    ]
    const [first, second] = blocks(new HpackEncoder(), [fields, fields])
    expect(first).toMatch(/^8240/)
    expect(second).toBe('82bfbe')
  })

  test('fields of one name have entries of their own, and share the name', () => {
    const fields: Field[] = [
      ['foo', 'one'],
      ['foo', 'two'],
      ['foo', 'three'],
    ]
    const encoder = new HpackEncoder()
    const [first, second] = blocks(encoder, [fields, fields])
    // The second and the third take their name from the newest entry.
    expect(first).toMatch(/^40.*7e.*7e/)
    expect(second).toBe('c0bfbe')
  })

  test('what is evicted is sent anew', () => {
    const encoder = new HpackEncoder(100)
    const a = short('aaaa', 'x'.repeat(14))
    const b = short('bbbb', 'y'.repeat(14))
    const c = short('cccc', 'z'.repeat(14))
    const decoder = new HpackDecoder(100)
    const sizes = [a, b, a, b, c, a].map((fields) => {
      const block = encode(encoder, fields)
      expect(decode(decoder, block)).toBe(0)
      expect(fieldsOf(decoder)).toEqual(fields)
      return block.length
    })
    expect(sizes.map((size) => size <= 4)).toEqual([false, false, true, true, false, false])
    expect(encoder.tableSize).toBe(100)
  })

  test('an entry may take half of the table, not more', () => {
    const half = short('name', 'x'.repeat(2048 - 36))
    const more = short('name', 'x'.repeat(2048 - 35))
    const [, again] = blocks(new HpackEncoder(), [half, half])
    expect(again).toBe('be')
    const encoder = new HpackEncoder()
    const [first, second] = blocks(encoder, [more, more])
    expect(second).toBe(first)
    expect(encoder.tableSize).toBe(0)
  })

  test.each(['content-length', 'etag', 'set-cookie', 'location', 'age', 'x-request-id', 'last-modified'])(
    '%s is not indexed, and not secret',
    (name) => {
      const encoder = new HpackEncoder()
      const fields = short(name, '12345')
      const [first, second, third] = blocks(encoder, [fields, fields, fields])
      expect([second, third]).toEqual([first, first])
      expect(first).toMatch(/^0/)
      expect(encoder.tableSize).toBe(0)
    },
  )

  test('a date is indexed when it comes a second time, and lasts until the next', () => {
    const now = short('date', 'Mon, 21 Oct 2013 20:13:21 GMT')
    const then = short('date', 'Mon, 21 Oct 2013 20:13:22 GMT')
    const kinds = blocks(new HpackEncoder(), [now, now, now, now, then, then, then]).map((wire) =>
      wire.slice(0, 2),
    )
    expect(kinds).toEqual(['0f', '61', 'be', 'be', '0f', '61', 'be'])
  })

  test('values that do not come back stop being indexed; one that comes twice is', () => {
    const encoder = new HpackEncoder()
    const lists = Array.from({ length: 8 }, (_, i) => short('x-trace', `value-${i}`))
    const again = short('x-trace', 'again')
    const kinds = blocks(encoder, [...lists, again, again, again]).map((wire) =>
      Number.parseInt(wire.slice(0, 2), 16),
    )
    expect(kinds.map((kind) => (kind >= 0x80 ? 'indexed' : kind >= 0x40 ? 'indexing' : 'literal'))).toEqual([
      ...Array.from({ length: 4 }, () => 'indexing'),
      ...Array.from({ length: 5 }, () => 'literal'),
      'indexing',
      'indexed',
    ])
  })

  test('a few values that take turns all stay indexed', () => {
    const encoder = new HpackEncoder()
    const lists = Array.from({ length: 30 }, (_, i) => short('content-type', `type/${i % 4}`))
    const wires = blocks(encoder, lists)
    for (const wire of wires.slice(4)) expect(wire).toMatch(/^(?:be|bf|c0|c1)$/)
  })
})

describe('row 292: secrets', () => {
  test('a field that is marked is never indexed, also where it stands in a table', () => {
    const encoder = new HpackEncoder()
    expect(blocks(encoder, [short('password', 'secret')], ['password'])[0]).toMatch(/^10/)
    expect(encoder.tableSize).toBe(0)
    expect(blocks(encoder, [short(':method', 'GET')], [':method'])).toEqual(['1203474554'])
  })

  test('authorization and proxy-authorization always, by the index of their name', () => {
    const encoder = new HpackEncoder()
    const [first, second] = blocks(encoder, [
      short('authorization', 'Basic x'),
      short('authorization', 'Basic x'),
    ])
    expect(first).toMatch(/^1f08/)
    expect(second).toBe(first)
    expect(blocks(encoder, [short('proxy-authorization', 'Basic x')])[0]).toMatch(/^1f22/)
    expect(encoder.tableSize).toBe(0)
  })

  test('a cookie of less than 20 octets never, a longer one is indexed', () => {
    const encoder = new HpackEncoder()
    expect(blocks(encoder, [short('cookie', 'a'.repeat(19))])[0]).toMatch(/^1f11/)
    expect(encoder.tableSize).toBe(0)
    const long = short('cookie', 'a'.repeat(20))
    expect(blocks(encoder, [long, long]).map((wire) => wire.slice(0, 2))).toEqual(['60', 'be'])
  })
})

describe('row 292: table sizes', () => {
  const next = (encoder: HpackEncoder): string => toHex(encode(encoder, short(':method', 'GET')))

  test('a size is said once, before the next field', () => {
    const encoder = new HpackEncoder()
    encoder.setPeerTableSize(100)
    expect([next(encoder), next(encoder)]).toEqual(['3f4582', '82'])
    encoder.setPeerTableSize(100)
    expect(next(encoder)).toBe('82')
  })

  test('down and up: the lowest, and the last in the next block', () => {
    const encoder = new HpackEncoder()
    for (const size of [1000, 100, 2000]) encoder.setPeerTableSize(size)
    expect([next(encoder), next(encoder), next(encoder)]).toEqual(['3f4582', '3fb10f82', '82'])
    for (const size of [100, 50]) encoder.setPeerTableSize(size)
    expect([next(encoder), next(encoder)]).toEqual(['3f1382', '82'])
    for (const size of [4000, 3000]) encoder.setPeerTableSize(size)
    expect([next(encoder), next(encoder)]).toEqual(['3f991782', '82'])
  })

  test('down and up again to where it was: the peer must know of the way', () => {
    const encoder = new HpackEncoder()
    const decoder = new HpackDecoder()
    expect(decode(decoder, encode(encoder, short('foo', 'bar')))).toBe(0)
    for (const size of [10, 4096]) {
      encoder.setPeerTableSize(size)
      decoder.setMaxTableSize(size)
    }
    const wires = [1, 2, 3].map(() => {
      const block = encode(encoder, short('foo', 'bar'))
      expect(decode(decoder, block)).toBe(0)
      expect(decoder.flat).toEqual(['foo', 'bar'])
      return toHex(block).slice(0, 6)
    })
    expect(wires).toEqual(['2a0082', '3fe11f', 'be'])
  })

  test('however much a peer allows, 4,096 are used', () => {
    const encoder = new HpackEncoder()
    encoder.setPeerTableSize(0xffffffff)
    expect(next(encoder)).toBe('82')
    encoder.setPeerTableSize(0)
    encoder.setPeerTableSize(65_536)
    expect([next(encoder), next(encoder)]).toEqual(['2082', '3fe11f82'])
  })

  test('row 291: a size of 0 stops indexing', () => {
    const encoder = new HpackEncoder()
    const decoder = new HpackDecoder()
    expect(decode(decoder, encode(encoder, short('foo', 'bar')))).toBe(0)
    encoder.setPeerTableSize(0)
    decoder.setMaxTableSize(0)
    expect(encoder.tableSize).toBe(0)
    const block = encode(encoder, short('foo', 'bar'))
    expect(toHex(block)).toMatch(/^2000/)
    expect(decode(decoder, block)).toBe(0)
    expect(decoder.flat).toEqual(['foo', 'bar'])
    expect(toHex(encode(encoder, short('foo', 'bar')))).toBe(toHex(block).slice(2))
    expect(encoder.tableSize).toBe(0)
  })

  test('an encoder that is made with less says so at once', () => {
    const encoder = new HpackEncoder(0)
    expect([next(encoder), next(encoder)]).toEqual(['2082', '82'])
    expect(next(new HpackEncoder(4096))).toBe('82')
    expect(next(new HpackEncoder(70_000))).toBe('82')
  })

  test('a smaller table keeps its newest entries', () => {
    const encoder = new HpackEncoder()
    const decoder = new HpackDecoder()
    expect(
      decode(decoder, encode(encoder, [...short('a', 'b'), ...short('c', 'd'), ...short('e', 'f')])),
    ).toBe(0)
    encoder.setPeerTableSize(70)
    decoder.setMaxTableSize(70)
    const block = encode(encoder, [...short('e', 'f'), ...short('c', 'd')])
    expect(toHex(block)).toBe('3f27bebf')
    expect(decode(decoder, block)).toBe(0)
    expect(decoder.flat).toEqual(['e', 'f', 'c', 'd'])
  })
})

describe('strings', () => {
  test('packed only where that is shorter', () => {
    const encoder = new HpackEncoder()
    // `~` has 13 bits, `a` has 5.
    expect(blocks(encoder, [short('etag', '~~')])).toEqual(['0f13027e7e'])
    expect(blocks(encoder, [short('etag', 'aaa')])).toEqual(['0f138218c7'])
    expect(blocks(encoder, [short('etag', '')])).toEqual(['0f1300'])
    // As long either way: as it is.
    expect(blocks(encoder, [short('etag', 'a')])).toEqual(['0f130161'])
  })

  test.each([125, 126, 127, 128, 150, 254, 255, 5000])('%i characters', (length) => {
    for (const char of ['a', '~', '\xff', '\x80']) {
      const value = char.repeat(length)
      blocks(new HpackEncoder(), [short('etag', value), short(value.replaceAll(/[^a~]/g, 'b'), 'x')])
    }
  })

  test('every octet of a value comes back', () => {
    const value = Array.from({ length: 256 }, (_, octet) => String.fromCharCode(octet)).join('')
    blocks(new HpackEncoder(), [
      short('etag', value),
      short('etag', value.slice(0, 120)),
      short('etag', value.slice(130)),
    ])
  })

  test('what stands in the output already stays there', () => {
    const out = new ByteWriter()
    out.copy(hex('010203'), 0, 3)
    const encoder = new HpackEncoder()
    encoder.begin(out)
    for (let i = 0; i < 200; i++) encoder.field(`name-${i}`, `value-${i}`, false)
    expect(toHex(out.view().subarray(0, 3))).toBe('010203')
    const decoder = new HpackDecoder()
    expect(decode(decoder, out.view().subarray(3))).toBe(0)
    expect(decoder.fieldCount).toBe(200)
    expect(decoder.flat.slice(398)).toEqual(['name-199', 'value-199'])
  })

  test('names without number are forgotten, those with an entry are not', () => {
    const encoder = new HpackEncoder()
    const decoder = new HpackDecoder()
    for (let i = 0; i < 3000; i++) {
      expect(decode(decoder, encode(encoder, [...short(`n${i}`, 'v'), ...short('kept', 'w')]))).toBe(0)
      expect(decoder.flat).toEqual([`n${i}`, 'v', 'kept', 'w'])
      expect(decoder.tableSize).toBe(encoder.tableSize)
    }
    const { slots } = encoder as unknown as { slots: Map<string, unknown> }
    expect(slots.size).toBeLessThanOrEqual(256)
  })
})
