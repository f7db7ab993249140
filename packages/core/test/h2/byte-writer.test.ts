import { expect, test } from 'vitest'
import { ByteWriter } from '../../src/bytes/byte-writer.ts'
import { hex, latin1, toHex } from './hpack-kit.ts'

const text = (out: ByteWriter): string => toHex(out.view())

test('numbers in network byte order, up to their largest', () => {
  const out = new ByteWriter()
  out.u8(0x01)
  out.u16(0x0203)
  out.u32(0x0708090a)
  out.u32(0xffffffff)
  expect(text(out)).toBe('0102030708090affffffff')
})

test('bytes, text, zeros', () => {
  const out = new ByteWriter()
  const long = latin1('abcdefghijklmnopqrstuvwxyz')
  out.copy(long, 1, 3)
  out.copy(long, 0, 26)
  out.copy(long, 2, 22)
  out.copy(long, 5, 5)
  out.latin1('\x00\xffé')
  out.zeros(2)
  expect(Buffer.from(out.view()).toString('latin1')).toBe(
    'bcabcdefghijklmnopqrstuvwxyzcdefghijklmnopqrstuv\x00\xffé\0\0',
  )
})

test('it grows, and keeps what is there', () => {
  const out = new ByteWriter()
  expect(out.bytes.length).toBe(0)
  for (let i = 0; i < 5000; i++) out.u16(i)
  expect(out.length).toBe(10_000)
  expect(out.bytes.length).toBeLessThanOrEqual(20_000)
  for (let i = 0; i < 5000; i++) expect((out.bytes[2 * i]! << 8) | out.bytes[2 * i + 1]!).toBe(i)
  const large = new ByteWriter(4)
  large.zeros(100_000)
  expect(large.bytes.length).toBe(100_000)
})

test('zeros are zeros where something stood before', () => {
  const out = new ByteWriter()
  out.u32(0xffffffff)
  out.reset()
  out.zeros(3)
  expect([text(out), out.length]).toEqual(['000000', 3])
})

test('what is taken is not written to again', () => {
  const out = new ByteWriter(16)
  out.copy(hex('010203'), 0, 3)
  const taken = out.take()
  out.u32(0)
  expect([toHex(taken), text(out)]).toEqual(['010203', '00000000'])
})
