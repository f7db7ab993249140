import { expect, test } from 'vitest'
import { hostPort, ipFamily, parseIp, unbracketed } from '../../src/connect/address.ts'
import { destinationOf } from '../../src/connect/destination.ts'

test.each([
  ['127.0.0.1', '127.0.0.1'],
  ['0.0.0.0', '0.0.0.0'],
  ['255.255.255.255', '255.255.255.255'],
])('IPv4: %s', (text, bytes) => {
  expect([ipFamily(text), parseIp(text)?.bytes.join('.')]).toEqual([4, bytes])
})

test.each([
  ['::', '0000:0000:0000:0000:0000:0000:0000:0000'],
  ['::1', '0000:0000:0000:0000:0000:0000:0000:0001'],
  ['1::', '0001:0000:0000:0000:0000:0000:0000:0000'],
  ['2001:DB8::7:8', '2001:0db8:0000:0000:0000:0000:0007:0008'],
  ['1:2:3:4:5:6:7:8', '0001:0002:0003:0004:0005:0006:0007:0008'],
  ['1:2:3:4:5:6:7::', '0001:0002:0003:0004:0005:0006:0007:0000'],
  ['::ffff:10.1.2.3', '0000:0000:0000:0000:0000:ffff:0a01:0203'],
  ['1:2:3:4:5:6:10.1.2.3', '0001:0002:0003:0004:0005:0006:0a01:0203'],
  ['fe80::1%eth0', 'fe80:0000:0000:0000:0000:0000:0000:0001'],
])('IPv6: %s', (text, groups) => {
  const hex = Array.from(parseIp(text)?.bytes ?? [], (byte) => byte.toString(16).padStart(2, '0')).join('')
  expect([ipFamily(text), hex]).toEqual([6, groups.replaceAll(':', '')])
})

test.each([
  '',
  'localhost',
  '1.2.3',
  '1.2.3.4.5',
  '1.2.3.256',
  '01.2.3.4',
  '0x7f.0.0.1',
  '1.2.3.4 ',
  ':',
  ':::',
  '1::2::3',
  '1:2:3:4:5:6:7',
  '1:2:3:4:5:6:7:8:9',
  '1:2:3:4:5:6:7:8::',
  '12345::',
  '::g',
  '10.1.2.3::',
  '::10.1.2',
  '::1%',
  '[::1]',
])('a name, or nothing: %j', (text) => {
  expect([ipFamily(text), parseIp(text)]).toEqual([0, null])
})

test('as an authority writes them', () => {
  expect([hostPort('::1', 80), hostPort('a.test', 443), unbracketed('[::1]'), unbracketed('a')]).toEqual([
    '[::1]:80',
    'a.test:443',
    '::1',
    'a',
  ])
})

test('row 311: only http: and https: can be connected to', () => {
  expect(destinationOf(new URL('http://a.test/x'))).toEqual({
    origin: 'http://a.test',
    secure: false,
    host: 'a.test',
    port: 80,
    authority: 'a.test',
  })
  expect(destinationOf(new URL('https://[::1]:8443/'))).toEqual({
    origin: 'https://[::1]:8443',
    secure: true,
    host: '::1',
    port: 8443,
    authority: '[::1]:8443',
  })
  for (const url of ['ftp://a.test/', 'ws://a.test/', 'mailto:a@a.test']) {
    expect(() => destinationOf(new URL(url))).toThrow(expect.objectContaining({ code: 'INVALID_TARGET' }))
  }
})
