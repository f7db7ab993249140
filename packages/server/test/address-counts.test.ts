import { expect, test } from 'vitest'
import { AddressCounts, clientOf } from '../src/address-counts.ts'

test.each([
  ['192.0.2.1', '192.0.2.1'],
  ['::ffff:192.0.2.1', '192.0.2.1'],
  ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2'],
  ['2001:db8:1:2::9', '2001:db8:1:2'],
  ['2001:db8::9', '2001:db8:0:0'],
  ['2001:db8::2:3:4:5:6', '2001:db8:0:2'],
  ['fe80::1%eth0', 'fe80:0:0:0'],
  ['::1', '0:0:0:0'],
])('%s counts as %s', (address, client) => {
  expect(clientOf(address)).toBe(client)
})

test('counts up to the maximum, each client for itself, and makes room again', () => {
  const counts = new AddressCounts(2)
  expect([counts.enter('a'), counts.enter('a'), counts.enter('a'), counts.enter('b')]).toEqual([
    true,
    true,
    false,
    true,
  ])
  counts.leave('a')
  expect([counts.enter('a'), counts.enter('a')]).toEqual([true, false])
})
