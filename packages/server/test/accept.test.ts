import { createHash, randomBytes } from 'node:crypto'
import { HeaderMap } from '@hyper/core/http'
import { expect, test } from 'vitest'
import { acceptOf, withAccept } from '../src/fetch/accept.ts'
import { sha1 } from '../src/fetch/sha1.ts'

test('SHA-1 is that of Node, for every length about the borders of its blocks', () => {
  for (let length = 0; length < 200; length++) {
    const bytes = randomBytes(length)
    expect(Buffer.from(sha1(bytes)).toString('hex'), `${length}`).toBe(
      createHash('sha1').update(bytes).digest('hex'),
    )
  }
})

test('the example of RFC 6455 §1.3', () => {
  expect(acceptOf('dGhlIHNhbXBsZSBub25jZQ==')).toBe('s3pPLMBiTxaQ9kYGzzhZRbK+xOo=')
})

test.each([
  ['a WebSocket', { upgrade: 'WebSocket' }, 's3pPLMBiTxaQ9kYGzzhZRbK+xOo='],
  ['another protocol', { upgrade: 'echo' }, null],
  ['a field of the handler’s own', { upgrade: 'websocket', 'sec-websocket-accept': 'mine' }, 'mine'],
])('%s', (_, fields, expected) => {
  const answer = new HeaderMap(fields as Record<string, string>)
  withAccept(answer, new HeaderMap({ 'sec-websocket-key': 'dGhlIHNhbXBsZSBub25jZQ==' }))
  expect(answer.get('sec-websocket-accept')).toBe(expected)
})
