import { expect, test } from 'vitest'
import { plainText, utf8Length } from '../../src/rt/text.ts'

const oracle = new TextDecoder()
const decode = (...bytes: number[]): string => plainText.utf8(Uint8Array.from(bytes), 0, bytes.length)

test('well-formed sequences of every length, at their borders', () => {
  for (const point of [0, 0x7f, 0x80, 0x7ff, 0x800, 0xd7ff, 0xe000, 0xfffd, 0xffff, 0x10000, 0x10ffff]) {
    const text = `a${String.fromCodePoint(point)}z`
    const bytes = plainText.encodeUtf8(text)
    expect(Buffer.from(bytes)).toEqual(Buffer.from(text))
    expect(bytes.length).toBe(utf8Length(text))
    expect(plainText.utf8(bytes, 0, bytes.length)).toBe(text)
  }
})

test('every maximal part of a malformed sequence is one replacement character', () => {
  // The examples of the Unicode standard, §3.9, tables 3-8 to 3-11, and their neighbours.
  expect(decode(0xc0, 0xaf, 0xe0, 0x80, 0xbf, 0xf0, 0x81, 0x82, 0x41)).toBe('\ufffd'.repeat(8) + 'A')
  expect(decode(0xed, 0xa0, 0x80, 0xed, 0xbf, 0xbf, 0xed, 0xaf, 0x41)).toBe('\ufffd'.repeat(8) + 'A')
  expect(decode(0xf4, 0x91, 0x92, 0x93, 0xff, 0x41, 0x80, 0xbf, 0x42)).toBe(
    '\ufffd'.repeat(5) + 'A\ufffd\ufffdB',
  )
  expect(decode(0xe1, 0x80, 0xe2, 0xf0, 0x91, 0x92, 0xf1, 0xbf, 0x41)).toBe('\ufffd'.repeat(4) + 'A')
})

test('truncated sequences, at the end and before another character', () => {
  for (const whole of ['\u00e9', '\u20ac', '\u{1f600}']) {
    const bytes = [...Buffer.from(whole)]
    for (let length = 1; length < bytes.length; length++) {
      expect(decode(...bytes.slice(0, length))).toBe('\ufffd')
      expect(decode(...bytes.slice(0, length), 0x41)).toBe('\ufffdA')
      expect(decode(...bytes.slice(0, length), ...bytes)).toBe(`\ufffd${whole}`)
    }
  }
})

test('byte order marks: one at the start is dropped', () => {
  expect(decode(0xef, 0xbb, 0xbf)).toBe('')
  expect(decode(0xef, 0xbb, 0xbf, 0xef, 0xbb, 0xbf, 0x41)).toBe('\ufeffA')
  expect(decode(0xef, 0xbb)).toBe('\ufffd')
  expect(decode(0x41, 0xef, 0xbb, 0xbf)).toBe('A\ufeff')
})

test('only the range asked for is read', () => {
  const bytes = Uint8Array.from([0xe2, ...Buffer.from('x\u20acy'), 0x80])
  expect(plainText.utf8(bytes, 1, bytes.length - 1)).toBe('x\u20acy')
  expect(plainText.utf8(bytes, 1, 4)).toBe('x\ufffd')
  expect(plainText.utf8(bytes, 3, 3)).toBe('')
  expect(plainText.latin1(bytes, 1, 3)).toBe('x\xe2')
  expect(plainText.latin1(bytes, 3, 3)).toBe('')
})

test('lone surrogates become U+FFFD', () => {
  for (const text of ['\ud800', '\udc00', 'a\ud83d', '\ude00\ud83d', '\ud83d\ud83d\ude00', '\ud800a']) {
    expect(Buffer.from(plainText.encodeUtf8(text))).toEqual(Buffer.from(new TextEncoder().encode(text)))
    expect(utf8Length(text)).toBe(new TextEncoder().encode(text).length)
  }
})

test('long text crosses the batches unharmed', () => {
  for (const unit of ['a', '\u00e9', '\u20ac', '\u{1f600}', 'a\u{1f600}']) {
    for (const length of [4095, 4096, 4097, 8191, 8192, 8193, 20_000]) {
      const text = `${unit.repeat(length)}!`
      const bytes = plainText.encodeUtf8(text)
      expect(plainText.utf8(bytes, 0, bytes.length) === text).toBe(true)
    }
  }
  const all = Uint8Array.from({ length: 300_000 }, (_, i) => i & 0xff)
  const text = plainText.latin1(all, 0, all.length)
  expect(text === Buffer.from(all).toString('latin1')).toBe(true)
  expect(Buffer.compare(plainText.encodeLatin1(text), all)).toBe(0)
})

test('as the platform decodes and encodes, for 20,000 random inputs', () => {
  let seed = 0x2545f491
  const random = (below: number): number => {
    seed ^= seed << 13
    seed ^= seed >>> 17
    seed ^= seed << 5
    return (seed >>> 0) % below
  }
  const likely = [
    0x41, 0x80, 0xbf, 0xc2, 0xdf, 0xe0, 0xa0, 0xe2, 0x82, 0xed, 0x9f, 0xf0, 0x90, 0xf4, 0x8f, 0xef, 0xbb,
    0xff,
  ]
  for (let i = 0; i < 20_000; i++) {
    const bytes = Uint8Array.from({ length: random(12) }, () =>
      random(4) === 0 ? random(256) : likely[random(likely.length)]!,
    )
    const text = plainText.utf8(bytes, 0, bytes.length)
    if (text !== oracle.decode(bytes)) expect([...bytes]).toEqual(text)
    const units = Array.from({ length: random(8) }, () =>
      random(2) === 0 ? 0xd700 + random(0xa00) : random(0x10000),
    )
    const given = String.fromCharCode(...units)
    const made = plainText.encodeUtf8(given)
    if (Buffer.compare(made, Buffer.from(given)) !== 0) expect(units).toEqual(made)
    if (plainText.utf8Length(given) !== made.length) expect(units).toEqual(made.length)
  }
})
