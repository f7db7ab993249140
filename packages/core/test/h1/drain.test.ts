import { expect, test } from 'vitest'
import { Body } from '../../src/body/index.ts'
import { HttpResponse } from '../../src/http/response.ts'
import { connected } from './connected.ts'

// The end of a connection that is drained: what is on its way when it begins is not lost.

const GET = 'GET / HTTP/1.1\r\nhost: x\r\n\r\n'
const KEPT =
  'HTTP/1.1 200 OK\r\ncontent-length: 2\r\nconnection: keep-alive\r\nkeep-alive: timeout=75\r\n\r\nok'
const LAST = 'HTTP/1.1 200 OK\r\ncontent-length: 2\r\nconnection: close\r\n\r\nok'

test('without grace an idle connection ends at once', async () => {
  const it = connected()
  expect(await it.ask(GET)).toBe(KEPT)
  it.connection.gracefulShutdown()
  await it.written()
  expect(it.io.ended).toBe(true)
})

test.each([
  ['after a request', true],
  ['before its first', false],
])('with grace an idle connection, %s, waits for so long, and no longer', async (_, isUsed) => {
  const it = connected()
  if (isUsed) await it.ask(GET)
  it.connection.gracefulShutdown(500)
  expect([await it.after(499), it.io.ended]).toEqual(['', false])
  expect([await it.after(1), it.io.ended]).toEqual(['', true])
  it.io.feedEnd()
  await it.written()
  expect(it.code).toBe('')
  expect(it.end?.reasons).toEqual(['keep-alive-off'])
})

test('a request that comes in that time is answered, with connection: close', async () => {
  const it = connected()
  await it.ask(GET)
  it.connection.gracefulShutdown(500)
  await it.after(499)
  expect(await it.ask(GET + GET)).toBe(LAST)
  expect(it.io.ended).toBe(true)
})

test('one whose head has begun has the time of a head', async () => {
  const it = connected()
  await it.ask(GET)
  it.connection.gracefulShutdown(500)
  await it.ask(GET.slice(0, 5))
  expect([await it.after(29_000), it.io.ended]).toEqual(['', false])
  expect(await it.ask(GET.slice(5))).toBe(LAST)
})

test('an answer that is not begun says so', async () => {
  const gate = Promise.withResolvers<HttpResponse>()
  const it = connected(() => gate.promise)
  await it.ask(GET)
  it.connection.gracefulShutdown(500)
  await it.after(10_000)
  gate.resolve(new HttpResponse('ok'))
  expect(await it.written()).toBe(LAST)
  expect(it.io.ended).toBe(true)
})

test('an answer that has begun without saying so leaves time for one more request', async () => {
  const gate = Promise.withResolvers<void>()
  const slow = async function* (): AsyncGenerator<string> {
    yield 'a'
    await gate.promise
  }
  let asked = 0
  const it = connected(() => new HttpResponse(asked++ === 0 ? Body.from(slow()) : 'ok'))
  expect(await it.ask(GET)).toContain('1\r\na\r\n')
  it.connection.gracefulShutdown(500)
  gate.resolve()
  expect(await it.written()).toBe('0\r\n\r\n')
  expect([await it.after(499), it.io.ended]).toEqual(['', false])
  expect(await it.ask(GET)).toBe(LAST)
  expect(it.io.ended).toBe(true)
})

test('the idle timeout is not made longer by it, nor by a second call', async () => {
  const it = connected(undefined, { keepAliveTimeout: 100 })
  await it.ask(GET)
  it.connection.gracefulShutdown(500)
  it.connection.gracefulShutdown(900)
  await it.after(99)
  expect(it.io.ended).toBe(false)
  await it.after(1)
  expect(it.io.ended).toBe(true)
})

test('a second call without grace ends it', async () => {
  const it = connected()
  await it.ask(GET)
  it.connection.gracefulShutdown(500)
  it.connection.gracefulShutdown()
  await it.written()
  expect(it.io.ended).toBe(true)
})

test.each([
  ['when it is drained', true],
  ['when it was idle for too long', false],
])(
  'a request that came before the time was up, and is told of after, is answered: %s',
  async (_, isDrained) => {
    const it = connected(undefined, { keepAliveTimeout: 500 })
    await it.ask(GET)
    if (isDrained) it.connection.gracefulShutdown(500)
    it.runtime.advance(500)
    expect(await it.ask(GET)).toContain('HTTP/1.1 200 OK')
  },
)
