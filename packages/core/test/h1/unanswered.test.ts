import { describe, expect, test } from 'vitest'
import { HttpRequest } from '../../src/http/index.ts'
import type { HyperError } from '../../src/error/index.ts'
import { dialed, errorOf, served, stream } from '../parity/wire-kit.ts'

// Whether something of the answer had come when a client's connection was lost: what decides over sending a request again
// that may be done twice. The same over HTTP/2 stands in h2/error-phases.test.ts.

const ENDS = ['end', 'close', 'reset', 'write'] as const
type End = (typeof ENDS)[number]

/** What a request fails with on a connection that has served one before, after `wire`. */
async function lost(end: End, wire: string, body?: string): Promise<HyperError> {
  const { io, runtime, sender } = dialed()
  const get = new HttpRequest('GET', '/', { headers: { host: 'a' } })
  const first = sender.send(get)
  await runtime.settle()
  io.feed('HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n')
  await first
  const request = body === undefined ? get : new HttpRequest('POST', '/', { body: stream(body) })
  const outcome = errorOf(sender.send(request).then((response) => response.text()))
  await runtime.settle()
  if (wire !== '') io.feed(wire)
  if (end === 'write') io.failWrites()
  if (end === 'end') io.feedEnd()
  else io.feedClose(end === 'reset' ? new Error('read ECONNRESET') : null)
  await runtime.settle()
  return outcome
}

const CODE: Readonly<Record<End, string>> = {
  end: 'INCOMPLETE_MESSAGE',
  close: 'CLOSED',
  reset: 'IO',
  write: 'IO',
}

const WIRES: readonly (readonly [name: string, wire: string, phase: string, unanswered: boolean])[] = [
  ['nothing', '', 'headers', true],
  ['one byte', 'H', 'headers', false],
  ['half a head', 'HTTP/1.1 200 OK\r\n', 'headers', false],
  ['an interim response', 'HTTP/1.1 103 Early Hints\r\n\r\n', 'headers', false],
  ['half a body', 'HTTP/1.1 200 OK\r\ncontent-length: 3\r\n\r\na', 'body', false],
]

describe('the connection is lost', () => {
  for (const end of ENDS) {
    for (const [name, wire, phase, unanswered] of WIRES) {
      test(`by ${end}, after ${name} of the answer`, async () => {
        const error = await lost(end, wire)
        expect(error).toMatchObject({
          code: CODE[end],
          phase: end === 'write' ? 'write' : phase,
          retryable: false,
          unanswered,
        })
      })
    }
  }

  test('the same while the request is being sent', async () => {
    expect(await lost('end', '', 'abc')).toMatchObject({ code: CODE.end, phase: 'headers', unanswered: true })
    expect(await lost('write', '', 'abc')).toMatchObject({
      code: CODE.write,
      phase: 'write',
      unanswered: true,
    })
  })
})

test('what the caller has given up was not lost', async () => {
  const { runtime, connection, sender } = dialed()
  const outcome = errorOf(sender.send(new HttpRequest('GET', '/')))
  await runtime.settle()
  connection.abort()
  expect(await outcome).toMatchObject({ code: 'CANCELED', phase: 'headers', unanswered: false })
})

test('a request that was never sent says so by `retryable`', async () => {
  const { io, sender, sent } = dialed()
  await sent()
  io.feedEnd()
  await sent()
  const error = await errorOf(sender.send(new HttpRequest('GET', '/')))
  expect(error).toMatchObject({ code: 'CLOSED', retryable: true, unanswered: false })
})

test('a server’s error is never one without an answer', async () => {
  const { io, connection, ask } = served(async (request) => {
    await request.text()
    throw new Error('not reached')
  })
  await ask('POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 9\r\n\r\nabc')
  io.feedEnd()
  const { error } = await connection.closed
  expect(error).toMatchObject({ code: 'INCOMPLETE_MESSAGE', phase: 'body', unanswered: false })
})
