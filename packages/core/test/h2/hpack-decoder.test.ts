import { describe, expect, test } from 'vitest'
import { ByteWriter } from '../../src/bytes/byte-writer.ts'
import {
  BAD_CONNECTION,
  BAD_NAME,
  BAD_ORDER,
  BAD_PSEUDO,
  BAD_PSEUDO_VALUE,
  BAD_TE,
  BAD_TWICE,
  BAD_VALUE,
  HPACK_HUFFMAN,
  HPACK_INDEX,
  HPACK_INTEGER,
  HPACK_LIST_TOO_LARGE,
  HPACK_SIZE_UPDATE,
  HPACK_SIZE_UPDATE_MISSING,
  HPACK_TRUNCATED,
  HpackDecoder,
  hpackFaultText,
  SEEN_CONTENT_LENGTH,
  SEEN_COOKIE,
  SEEN_HOST,
  SEEN_METHOD,
  SEEN_PSEUDO,
  SEEN_REGULAR,
} from '../../src/h2/hpack/index.ts'
import { decodeHuffman, encodeHuffman, huffmanLength, huffmanRoom } from '../../src/h2/hpack/huffman.ts'
import { CODE_LENGTHS, CODES, EOS } from '../../src/h2/hpack/huffman-table.ts'
import { WELL_KNOWN } from '../../src/http/header-names-table.ts'
import { decode, fieldsOf, hex, join, latin1, literal, toHex, WIDE } from './hpack-kit.ts'

function faultOf(wire: string | Uint8Array, decoder: HpackDecoder = new HpackDecoder()): number {
  return decode(decoder, typeof wire === 'string' ? hex(wire) : wire)
}

describe('row 293: indexes', () => {
  test('an empty block is an empty list', () => {
    const decoder = new HpackDecoder()
    expect(faultOf('', decoder)).toBe(0)
    expect(fieldsOf(decoder)).toEqual([])
    expect([decoder.listSize, decoder.fieldCount, decoder.seen, decoder.malformed]).toEqual([0, 0, 0, 0])
  })

  test.each([
    ['80', HPACK_INDEX, 'index 0'],
    ['bd', 0, 'the last one of the static table'],
    ['be', HPACK_INDEX, 'the first one behind it, with nothing there'],
    ['7f00 00', HPACK_INDEX, 'a name that is not there'],
    ['0f30 00', HPACK_INDEX, 'a name that is not there, without indexing'],
    ['ff80 8080 8001', HPACK_INDEX, 'far away'],
  ])('%s', (wire, fault) => {
    expect(faultOf(wire)).toBe(fault)
  })

  test('the dynamic table ends where it ends', () => {
    const two = join(literal('a', 'b', 0x40), literal('c', 'd', 0x40))
    expect(faultOf(join(two, hex('bebf')))).toBe(0)
    expect(faultOf(join(two, hex('bebfc0')))).toBe(HPACK_INDEX)
  })
})

describe('row 293: integers and strings', () => {
  test.each([
    ['00', HPACK_TRUNCATED],
    ['40', HPACK_TRUNCATED],
    ['0003 6162', HPACK_TRUNCATED],
    ['0001 61', HPACK_TRUNCATED],
    ['0001 6105 61', HPACK_TRUNCATED],
    ['ff', HPACK_TRUNCATED],
    ['ff80', HPACK_TRUNCATED],
    ['007f', HPACK_TRUNCATED],
    ['3f', HPACK_TRUNCATED],
    // 2^31-1 is the largest; this one is a length that is not there.
    ['007f 80ff ffff 07', HPACK_TRUNCATED],
    ['007f 81ff ffff 07', HPACK_INTEGER],
    ['007f ffff ffff 0f', HPACK_INTEGER],
    ['ffff ffff ffff ffff ffff', HPACK_INTEGER],
    ['ff80 8080 8080 8080 8080 00', HPACK_INTEGER],
  ])('%s', (wire, fault) => {
    expect(faultOf(wire)).toBe(fault)
  })

  test('zeros that lengthen an integer are taken while they end in time', () => {
    const decoder = new HpackDecoder()
    expect(faultOf('0f80 8080 8000 0161', decoder)).toBe(0)
    expect(fieldsOf(decoder)).toEqual([['accept-charset', 'a']])
  })

  test('a name that is not packed beside a value that is, and the other way round', () => {
    const decoder = new HpackDecoder()
    expect(faultOf('400a 6375 7374 6f6d 2d6b 6579 8925 a849 e95b b8e8 b4bf', decoder)).toBe(0)
    expect(fieldsOf(decoder)).toEqual([['custom-key', 'custom-value']])
    expect(faultOf('4088 25a8 49e9 5ba9 7d7f 0c63 7573 746f 6d2d 7661 6c75 65', decoder)).toBe(0)
    expect(fieldsOf(decoder)).toEqual([['custom-key', 'custom-value']])
  })

  test('empty strings, packed and not', () => {
    const decoder = new HpackDecoder()
    expect(faultOf('0001 6100 0001 6280', decoder)).toBe(0)
    expect(decoder.flat).toEqual(['a', '', 'b', ''])
    expect(decoder.malformed).toBe(0)
  })

  test('a value of 70,000 octets, packed', () => {
    const text = 'ab?{'.repeat(17_500)
    const out = new ByteWriter()
    out.ensure(huffmanLength(text))
    encodeHuffman(text, out)
    const packed = out.take()
    const size = packed.length - 127
    const length = [0xff, (size & 127) | 128, ((size >> 7) & 127) | 128, size >> 14]
    const decoder = new HpackDecoder()
    expect(faultOf(join(hex('000161'), Uint8Array.from(length), packed), decoder)).toBe(0)
    expect(decoder.flat).toEqual(['a', text])
    expect(faultOf(join(literal('a', 'b'), literal('c', 'd')), decoder)).toBe(0)
    expect(decoder.flat).toEqual(['a', 'b', 'c', 'd'])
  })
})

describe('row 293: Huffman', () => {
  function unpack(bytes: Uint8Array): string | number {
    const out = new Uint8Array(huffmanRoom(bytes.length) + 5)
    const end = decodeHuffman(bytes, 0, bytes.length, out, 3)
    expect(out.subarray(0, 3)).toEqual(new Uint8Array(3))
    return end < 0 ? end : Buffer.from(out.subarray(3, end)).toString('latin1')
  }
  function pack(text: string): Uint8Array {
    const out = new ByteWriter()
    out.ensure(huffmanLength(text))
    encodeHuffman(text, out)
    expect(out.length).toBe(huffmanLength(text))
    return out.take()
  }

  test('the code is complete: no string of bits leads nowhere', () => {
    let sum = 0
    for (const length of CODE_LENGTHS) sum += 2 ** (30 - length)
    expect(sum).toBe(2 ** 30)
    expect(CODES[EOS]).toBe(0x3fffffff)
    expect([CODES[0x30], CODES[0x61], CODES[0x20], CODES[0]]).toEqual([0, 3, 0x14, 0x1ff8])
  })

  test('every octet comes back, alone, twice, and between others', () => {
    for (let octet = 0; octet < 256; octet++) {
      const char = String.fromCharCode(octet)
      for (const text of [char, char + char, `a${char}`, `${char}0`, `~${char}\\${char}z`]) {
        expect(unpack(pack(text))).toBe(text)
      }
    }
    const all = Array.from({ length: 256 }, (_, octet) => String.fromCharCode(octet)).join('')
    expect(unpack(pack(all))).toBe(all)
  })

  test('padding: up to seven ones, nothing else', () => {
    expect(unpack(hex('07'))).toBe('0')
    // `0` and three bits of zero.
    expect(unpack(hex('00'))).toBe(HPACK_HUFFMAN)
    expect(unpack(hex('06'))).toBe(HPACK_HUFFMAN)
    // Seven ones behind `ST?`-like codes: X has eight bits, so that an octet of ones is one too many.
    expect(unpack(hex('fc'))).toBe('X')
    expect(unpack(hex('fcff'))).toBe(HPACK_HUFFMAN)
    expect(unpack(hex('ff'))).toBe(HPACK_HUFFMAN)
    expect(unpack(hex('07ff'))).toBe(HPACK_HUFFMAN)
    // `e` and `u` are 18 bits with `0`: 6 of padding; then with one that is not one.
    expect(unpack(hex('1fff'))).toBe(HPACK_HUFFMAN)
  })

  test('EOS, alone and behind text', () => {
    expect(unpack(hex('fffffffc'))).toBe(HPACK_HUFFMAN)
    expect(unpack(hex('ffffffff'))).toBe(HPACK_HUFFMAN)
    expect(unpack(hex('07ffffffff'))).toBe(HPACK_HUFFMAN)
    expect(faultOf('0001 6184 ffff ffff')).toBe(HPACK_HUFFMAN)
    expect(faultOf('0084 ffff ffff 0161')).toBe(HPACK_HUFFMAN)
  })

  test('a long code that is cut off', () => {
    const long = pack('\x01')
    for (let end = 2; end < long.length; end++) expect(unpack(long.subarray(0, end))).toBe(HPACK_HUFFMAN)
  })
})

describe('row 292: table size updates', () => {
  test.each([
    ['20', 0, 'down to 0'],
    ['3fe11f', 0, 'to the limit'],
    ['3fe21f', HPACK_SIZE_UPDATE, 'above the limit'],
    ['203fe11f', 0, 'two'],
    ['203fe11f82', 0, 'two, then a field'],
    ['20203fe11f', HPACK_SIZE_UPDATE, 'three'],
    ['8220', HPACK_SIZE_UPDATE, 'behind a field'],
    ['000161016220', HPACK_SIZE_UPDATE, 'behind a literal'],
    ['208220', HPACK_SIZE_UPDATE, 'before and behind'],
    ['3fffffffffff7f', HPACK_INTEGER, 'no integer'],
  ])('%s', (wire, fault) => {
    expect(faultOf(wire)).toBe(fault)
  })

  test('an update to 0 empties the table', () => {
    const decoder = new HpackDecoder()
    expect(faultOf(literal('a', 'b', 0x40), decoder)).toBe(0)
    expect(decoder.tableSize).toBe(34)
    expect(faultOf('203fe11fbe', decoder)).toBe(HPACK_INDEX)
    expect(decoder.tableSize).toBe(0)
  })

  test('a limit that was lowered must be followed at the start of the next block', () => {
    const lowered = (size: number, ...then: number[]): HpackDecoder => {
      const decoder = new HpackDecoder()
      for (const one of [size, ...then]) decoder.setMaxTableSize(one)
      return decoder
    }
    expect(faultOf('82', lowered(100))).toBe(HPACK_SIZE_UPDATE_MISSING)
    expect(faultOf('3f4582', lowered(100))).toBe(0)
    expect(faultOf('3f4682', lowered(100))).toBe(HPACK_SIZE_UPDATE)
    expect(faultOf('2082', lowered(100))).toBe(0)
    // Down and up again: the lowest limit comes first.
    expect(faultOf('3fe11f82', lowered(100, 4096))).toBe(HPACK_SIZE_UPDATE_MISSING)
    expect(faultOf('3f453fe11f82', lowered(100, 4096))).toBe(0)
    expect(faultOf('3f4582', lowered(100, 200))).toBe(0)
    // And only once.
    const decoder = lowered(100)
    expect(faultOf('3f4582', decoder)).toBe(0)
    expect(faultOf('82', decoder)).toBe(0)
  })

  test('a limit that was raised asks for nothing, and may be used', () => {
    const decoder = new HpackDecoder()
    decoder.setMaxTableSize(8192)
    expect(faultOf('82', decoder)).toBe(0)
    expect(faultOf('3fe13f82', decoder)).toBe(0)
    expect(faultOf('3fe23f82', decoder)).toBe(HPACK_SIZE_UPDATE)
  })

  test('an entry as large as the table stays, one that is larger empties it', () => {
    const entry = (size: number): Uint8Array => literal('a', 'x'.repeat(size - 33), 0x40)
    const decoder = new HpackDecoder(100)
    expect(faultOf(entry(100), decoder)).toBe(0)
    expect(decoder.tableSize).toBe(100)
    expect(faultOf(literal('a', 'b', 0x40), decoder)).toBe(0)
    expect(decoder.tableSize).toBe(34)
    expect(faultOf(entry(101), decoder)).toBe(0)
    expect(decoder.tableSize).toBe(0)
    expect(decoder.flat).toEqual(['a', 'x'.repeat(68)])
  })

  test('a name is taken from an entry that its own insertion evicts', () => {
    const decoder = new HpackDecoder(60)
    expect(faultOf(literal('name', 'value', 0x40), decoder)).toBe(0)
    expect(faultOf('7e 05 6f74686572 be', decoder)).toBe(0)
    expect(decoder.flat).toEqual(['name', 'other', 'name', 'other'])
    expect(decoder.tableSize).toBe(41)
  })

  test('every fault has a text', () => {
    for (let fault = HPACK_TRUNCATED; fault >= HPACK_LIST_TOO_LARGE; fault--) {
      expect(hpackFaultText(fault)).not.toBe('unknown fault')
    }
    expect(hpackFaultText(HPACK_LIST_TOO_LARGE - 1)).toBe('unknown fault')
  })
})

describe('limits of the list', () => {
  const field = literal('ab', 'cdef')
  const SIZE = 38

  test('as many octets as allowed, and one more', () => {
    const decoder = new HpackDecoder()
    const block = join(field, field)
    expect(decode(decoder, block, { maxListSize: 2 * SIZE, maxFields: 100 })).toBe(0)
    expect([decoder.overLimit, decoder.listSize, decoder.flat.length]).toEqual([false, 2 * SIZE, 4])
    expect(decode(decoder, block, { maxListSize: 2 * SIZE - 1, maxFields: 100 })).toBe(0)
    expect([decoder.overLimit, decoder.listSize, decoder.flat.length]).toEqual([true, 2 * SIZE, 0])
  })

  test('as many fields as allowed, and one more', () => {
    const decoder = new HpackDecoder()
    const block = join(field, hex('9090'))
    expect(decode(decoder, block, { maxListSize: 1000, maxFields: 3 })).toBe(0)
    expect([decoder.overLimit, decoder.fieldCount]).toEqual([false, 3])
    expect(decode(decoder, block, { maxListSize: 1000, maxFields: 2 })).toBe(0)
    expect([decoder.overLimit, decoder.fieldCount, decoder.flat]).toEqual([true, 3, []])
  })

  test('up to four times the size is decoded, more is a fault', () => {
    const decoder = new HpackDecoder()
    const four = join(field, field, field, field)
    expect(decode(decoder, four, { maxListSize: SIZE, maxFields: 100 })).toBe(0)
    expect([decoder.overLimit, decoder.listSize]).toEqual([true, 4 * SIZE])
    expect(decode(decoder, join(four, hex('82')), { maxListSize: SIZE, maxFields: 100 })).toBe(
      HPACK_LIST_TOO_LARGE,
    )
  })

  test('what came before the limit is there, and the table stays in step', () => {
    const decoder = new HpackDecoder()
    const block = join(
      hex('82'),
      literal('x', 'y', 0x40),
      literal('never', 'kept'),
      literal('in', 'table', 0x40),
    )
    expect(decode(decoder, block, { maxListSize: 80, maxFields: 100 })).toBe(0)
    expect([decoder.overLimit, decoder.method, decoder.flat, decoder.sensitive]).toEqual([
      true,
      'GET',
      [],
      null,
    ])
    expect(faultOf('bebf', decoder)).toBe(0)
    expect([decoder.overLimit, decoder.flat]).toEqual([false, ['in', 'table', 'x', 'y']])
  })

  test('an entry that does not fit into the table empties it even when its field is dropped', () => {
    const decoder = new HpackDecoder(64)
    const block = join(literal('x', 'y', 0x40), literal('long', 'z'.repeat(60), 0x40))
    expect(decode(decoder, block, { maxListSize: 40, maxFields: 100 })).toBe(0)
    expect([decoder.overLimit, decoder.tableSize]).toEqual([true, 0])
    expect(faultOf('be', decoder)).toBe(HPACK_INDEX)
  })

  test('one large entry, referred to again and again (HPACK bomb), ends early', () => {
    const decoder = new HpackDecoder()
    const size = 3900 - 127
    const value = new Uint8Array(3900).fill(0x61)
    const big = join(hex('400162 7f'), Uint8Array.from([(size & 127) | 128, size >> 7]), value)
    const bomb = join(big, new Uint8Array(16_000).fill(0xbe))
    expect(decode(decoder, bomb, { maxListSize: 16_384, maxFields: 100 })).toBe(HPACK_LIST_TOO_LARGE)
    expect(decoder.fieldCount).toBe(17)
    expect(decoder.flat).toEqual([])
  })

  test('empty cookie crumbs count 38 each', () => {
    const decoder = new HpackDecoder()
    const crumbs = join(hex('6000'), new Uint8Array(1722).fill(0xbe))
    expect(decode(decoder, crumbs, { maxListSize: 65_536, maxFields: 10_000 })).toBe(0)
    expect([decoder.overLimit, decoder.listSize]).toEqual([false, 1723 * 38])
    expect(decode(decoder, crumbs, { maxListSize: 1723 * 38 - 1, maxFields: 10_000 })).toBe(0)
    expect([decoder.overLimit, decoder.flat]).toEqual([true, []])
    expect(decode(decoder, crumbs, { maxListSize: 16_000, maxFields: 10_000 })).toBe(HPACK_LIST_TOO_LARGE)
  })
})

describe('row 294: what is malformed is decoded all the same', () => {
  test('the fields behind a malformed one are there, and their entries are in the table', () => {
    const decoder = new HpackDecoder()
    expect(faultOf(join(literal('Upper', 'x'), literal('after', 'y', 0x40)), decoder)).toBe(0)
    expect(decoder.malformed).toBe(BAD_NAME)
    expect(faultOf('be', decoder)).toBe(0)
    expect([decoder.flat, decoder.malformed]).toEqual([['after', 'y'], 0])
  })

  const CASES: readonly (readonly [string, Uint8Array, number])[] = [
    ['an upper-case letter', literal('aBc', 'x'), BAD_NAME],
    ['no name', literal('', 'x'), BAD_NAME],
    ['a blank in a name', literal('a b', 'x'), BAD_NAME],
    ['NUL in a name', literal('a\0b', 'x'), BAD_NAME],
    ['a colon inside a name', literal('a:b', 'x'), BAD_NAME],
    ['an octet above ASCII in a name', literal('a\xe9', 'x'), BAD_NAME],
    ['NUL in a value', literal('a', 'x\0y'), BAD_VALUE],
    ['LF in a value', literal('a', 'x\ny'), BAD_VALUE],
    ['CR in a value', literal('a', 'x\ry'), BAD_VALUE],
    ['DEL in a value', literal('a', 'x\x7fy'), BAD_VALUE],
    ['a blank in front', literal('a', ' x'), BAD_VALUE],
    ['a tab at the end', literal('a', 'x\t'), BAD_VALUE],
    ['nothing but a blank', literal('a', ' '), BAD_VALUE],
    ['a value with tab, blank and octets above ASCII', literal('a', 'x\t \xe9\xffy'), 0],
    ['an undefined pseudo-header field', literal(':foo', 'x'), BAD_PSEUDO],
    ['a colon alone', literal(':', 'x'), BAD_PSEUDO],
    ['a pseudo-header field in upper case', literal(':PATH', '/'), BAD_PSEUDO],
    ['a pseudo-header field behind another field', join(literal('a', 'b'), hex('82')), BAD_ORDER],
    [
      'an undefined one behind another field',
      join(literal('a', 'b'), literal(':x', '')),
      BAD_ORDER | BAD_PSEUDO,
    ],
    ['the same pseudo-header field twice', hex('8283'), BAD_TWICE],
    ['the same one twice, literal', join(hex('84'), literal(':path', '/')), BAD_TWICE],
    ['connection', literal('connection', 'close'), BAD_CONNECTION],
    ['keep-alive', literal('keep-alive', '5'), BAD_CONNECTION],
    ['proxy-connection', literal('proxy-connection', 'close'), BAD_CONNECTION],
    ['transfer-encoding', literal('transfer-encoding', 'chunked'), BAD_CONNECTION],
    ['transfer-encoding from the static table', hex('b9'), BAD_CONNECTION],
    ['upgrade', literal('upgrade', 'h2c'), BAD_CONNECTION],
    ['te: trailers', literal('te', 'trailers'), 0],
    ['te: Trailers', literal('te', 'Trailers'), 0],
    ['te: gzip', literal('te', 'trailers, gzip'), BAD_TE],
    ['te without a value', literal('te', ''), BAD_TE],
    ['no path', hex('0400'), BAD_PSEUDO_VALUE],
    ['a path with a blank', literal(':path', '/a b'), BAD_PSEUDO_VALUE],
    ['a path with a fragment', literal(':path', '/a#b'), BAD_PSEUDO_VALUE],
    ['a path above ASCII', literal(':path', '/\xe9'), BAD_PSEUDO_VALUE],
    ['a path without a slash', literal(':path', 'a'), BAD_PSEUDO_VALUE],
    ['an absolute URL as path', literal(':path', 'http://a/'), BAD_PSEUDO_VALUE],
    ['an asterisk', literal(':path', '*'), 0],
    ['two asterisks', literal(':path', '**'), BAD_PSEUDO_VALUE],
    ['a path and a query', literal(':path', '/a/b?c={d}|e'), 0],
    ['no method', literal(':method', ''), BAD_PSEUDO_VALUE],
    ['a method that is no token', literal(':method', 'GE T'), BAD_PSEUDO_VALUE],
    ['a method of one letter', literal(':method', 'x'), 0],
    ['a scheme', literal(':scheme', 'coap+tcp'), 0],
    ['no scheme', literal(':scheme', ''), BAD_PSEUDO_VALUE],
    ['a scheme that begins with a digit', literal(':scheme', '1a'), BAD_PSEUDO_VALUE],
    ['an authority', literal(':authority', 'a.example:8080'), 0],
    ['an authority with user information', literal(':authority', 'u:p@a.example'), BAD_PSEUDO_VALUE],
    ['an empty authority', hex('81'), BAD_PSEUDO_VALUE],
    ['a status', literal(':status', '299'), 0],
    ['a status of two digits', literal(':status', '20'), BAD_PSEUDO_VALUE],
    ['a status of four digits', literal(':status', '2000'), BAD_PSEUDO_VALUE],
    ['a status below 100', literal(':status', '099'), BAD_PSEUDO_VALUE],
    ['a protocol', literal(':protocol', 'websocket'), 0],
    ['a protocol that is no token', literal(':protocol', 'web socket'), BAD_PSEUDO_VALUE],
  ]
  test.each(CASES)('%s', (_, block, malformed) => {
    const decoder = new HpackDecoder()
    expect(decode(decoder, block)).toBe(0)
    expect(decoder.malformed).toBe(malformed)
    // The verdict is the entry's: an index brings it back, and a name taken from it leaves the value's behind.
    if (block[0] !== 0) return
    const indexed = Uint8Array.from([0x40, ...block.subarray(1)])
    if (decode(decoder, indexed) !== 0 || decoder.fieldCount !== 1) return
    expect(faultOf('be', decoder)).toBe(0)
    expect(decoder.malformed).toBe(malformed)
    expect(faultOf('7e00', decoder)).toBe(0)
    expect(decoder.malformed & (BAD_NAME | BAD_CONNECTION | BAD_PSEUDO)).toBe(
      malformed & (BAD_NAME | BAD_CONNECTION | BAD_PSEUDO),
    )
    expect(decoder.malformed & BAD_VALUE).toBe(0)
  })

  test('a name cannot pass for a well-known one by its hash: there are 1,024 hashes', () => {
    const decoder = new HpackDecoder()
    for (let i = 0; i < 5000; i++) {
      const name = `x${i.toString(36)}`
      expect(decode(decoder, literal(name, 'x'))).toBe(0)
      expect([decoder.flat, decoder.seen]).toEqual([[name, 'x'], SEEN_REGULAR])
    }
  })
})

describe('what is seen', () => {
  test('bits of the names, and of those that come twice', () => {
    const decoder = new HpackDecoder()
    const block = join(
      hex('82'),
      literal('host', 'a'),
      literal('cookie', 'a=b'),
      literal('cookie', 'c=d'),
      literal('content-length', '3'),
    )
    expect(decode(decoder, block)).toBe(0)
    expect(decoder.seen).toBe(SEEN_METHOD | SEEN_HOST | SEEN_COOKIE | SEEN_CONTENT_LENGTH | SEEN_REGULAR)
    expect(decoder.repeated & ~SEEN_REGULAR).toBe(SEEN_COOKIE)
    expect(decoder.seen & SEEN_PSEUDO).toBe(SEEN_METHOD)
  })

  test('the first of two pseudo-header fields is the one that is kept', () => {
    const decoder = new HpackDecoder()
    expect(faultOf('8382', decoder)).toBe(0)
    expect(decoder.method).toBe('POST')
  })

  test('never indexed fields are named', () => {
    const decoder = new HpackDecoder()
    expect(faultOf(join(literal('a', 'b'), literal('secret', 'c', 0x10), hex('1f0801 64')), decoder)).toBe(0)
    expect(decoder.sensitive).toEqual(['secret', 'authorization'])
    expect(decoder.tableSize).toBe(0)
    expect(faultOf('82', decoder)).toBe(0)
    expect(decoder.sensitive).toBe(null)
  })

  test('every well-known name comes out as itself, however it was sent', () => {
    const decoder = new HpackDecoder()
    for (const name of WELL_KNOWN) {
      const packed = new ByteWriter(256)
      encodeHuffman(name, packed)
      const huffman = join(Uint8Array.from([0x00, 0x80 | packed.length]), packed.view(), hex('0161'))
      expect(decode(decoder, join(literal(name, 'a'), huffman))).toBe(0)
      expect(decoder.flat).toEqual([name, 'a', name, 'a'])
    }
  })

  test('each block has a list of its own, and the results of the last one are gone', () => {
    const decoder = new HpackDecoder()
    expect(decode(decoder, join(hex('82'), literal('a', 'b')))).toBe(0)
    const { flat } = decoder
    expect(decode(decoder, literal('c', 'd'))).toBe(0)
    expect([flat, decoder.flat, decoder.method]).toEqual([['a', 'b'], ['c', 'd'], null])
  })

  test('values are one character per octet', () => {
    const value = String.fromCharCode(...Array.from({ length: 128 - 0x21 }, (_, i) => 0x21 + 128 + i - 0x21))
    const decoder = new HpackDecoder()
    expect(decode(decoder, literal('a', value))).toBe(0)
    expect(decoder.flat).toEqual(['a', value])
    expect(toHex(latin1(decoder.flat[1]!))).toBe(toHex(latin1(value)))
  })

  test('a block is decoded where it stands, with the codec that is given', () => {
    const asked: number[] = []
    const decoder = new HpackDecoder(4096, {
      latin1: (bytes, start, end) => {
        asked.push(end - start)
        return Buffer.from(bytes.subarray(start, end)).toString('latin1')
      },
      utf8: () => '',
      encodeUtf8: () => new Uint8Array(0),
      utf8Length: () => 0,
      encodeLatin1: () => new Uint8Array(0),
    })
    expect(decode(decoder, literal('x-something-long', 'a value that is long'), WIDE)).toBe(0)
    expect(decoder.flat).toEqual(['x-something-long', 'a value that is long'])
    expect(asked).toEqual([16, 20])
  })
})
