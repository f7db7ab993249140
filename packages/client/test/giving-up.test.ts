import { channel } from '@hyper/core/body'
import { HeaderMap, HttpResponse } from '@hyper/core/http'
import { VirtualRuntime } from '@hyper/testkit'
import { connectTcp } from '@hyper/util/node'
import { describe, expect, test } from 'vitest'
import { Client, type RequestOptions } from '../src/index.ts'
import { PROTOCOLS, URL_A, watch, World } from './kit.ts'
import { eventually, OK, quiet, type Script } from './raw-server.ts'
import { start } from './start.ts'

// What becomes of a request that is under way when its client, or its connection, is given up.

const answer: Script = (socket) => void socket.write(OK)

const codeOf = (promise: Promise<unknown>): Promise<unknown> =>
  promise.then(
    () => 'none',
    (error: unknown) => (error as { code: unknown }).code,
  )

test('abort() while a connection is being made: nothing is sent', async () => {
  const { client, server } = await start(answer)
  const code = codeOf(client.post(server.url, { body: 'x' }))
  client.abort()
  expect(await code).toBe('CANCELED')
  await quiet()
  expect([server.requests, client.connections]).toEqual([[], 0])
})

test('close() while a connection is being made: it waits for the request', async () => {
  const { client, server } = await start(answer)
  let text = ''
  const asked = client.get(server.url).then(async (response) => (text = await response.text()))
  await client.close()
  expect([text, client.connections]).toEqual(['ok', 0])
  await asked
})

test('close() while a connection that fails is being made', async () => {
  const connector = (): Promise<never> => Promise.reject(new Error('no way'))
  const { client, server } = await start(answer, { connector })
  const code = codeOf(client.get(server.url))
  await client.close()
  expect(await code).toBe('CONNECT')
})

test('row 308: a request takes the connection that comes free first; the other joins the pool', async () => {
  const opening = Promise.withResolvers<void>()
  let dials = 0
  const { client, server } = await start(answer, {
    connector: async ({ host, port }) => {
      if (++dials === 2) await opening.promise
      return connectTcp({ host, port })
    },
  })
  const [first, second] = [client.get(server.url), client.get(server.url)]
  await (await first).text()
  expect(await (await second).text()).toBe('ok')
  expect([server.sockets.length, client.connections]).toEqual([1, 1])
  opening.resolve()
  await eventually(() => client.connections === 2)
  expect(client.stats()).toMatchObject({ open: 2, idle: 2, dials: 2 })
})

test('without a connection the source of the body is told', async () => {
  const { client } = await start(answer)
  let reason: unknown = null
  const stream = new ReadableStream<Uint8Array>({
    cancel(why) {
      reason = why
    },
  })
  const { body, sender } = channel()
  for (const given of [stream, body]) {
    expect(await codeOf(client.post('http://127.0.0.1:1/', { body: given }))).toBe('CONNECT')
  }
  expect([(reason as { code: unknown } | null)?.code, sender.isClosed]).toEqual(['CONNECT', true])
})

test.each<[string, RequestOptions]>([
  ['timeouts', { timeouts: { total: -1 } }],
  ['auth', { auth: { username: 'a:b' } }],
  ['retry', { retry: { delay: -1 } }],
  ['decompress', { decompress: { maxSize: -1 } }],
  ['cookies', { cookies: { getCookieString: () => Promise.reject(new Error('no')), setCookie: () => 0 } }],
])('with an option that makes no sense, too: %s', async (_, options) => {
  const { client, server } = await start(answer)
  let reason: unknown = null
  const body = new ReadableStream({ cancel: (given) => void (reason = given) }, { highWaterMark: 0 })
  const error = await client.post(server.url, { body, ...options }).catch((thrown: unknown) => thrown)
  await quiet()
  expect(reason).toMatchObject({ code: (error as { code: unknown }).code })
  expect(server.requests).toEqual([])
})

test('with a head that cannot be sent, too', async () => {
  const { client, server } = await start(answer)
  const { body, sender } = channel({ length: 3 })
  const asked = client.post(server.url, { body, headers: { 'content-length': '5' } })
  expect([await codeOf(asked), sender.isClosed]).toEqual(['UNEXPECTED_HEADER', true])
})

test.each(PROTOCOLS)(
  'a head that is found wrong on a connection leaves it to the next request, over %s',
  async (protocol) => {
    const world = new World(protocol, { pool: { maxConnectionsPerOrigin: 1 } })
    const { client } = world
    // As many fields as a map holds: there is no room for Host.
    const headers = new HeaderMap({ accept: '*/*', 'accept-encoding': 'gzip' })
    while (headers.size < 32_768) headers.append('x-many', '')
    const refused = watch(client.get(URL_A, { headers }))
    const asked = client.get(URL_A).then((response) => response.text())
    expect(await world.done(asked)).toBe('ok')
    expect(refused).toMatchObject({ state: 'rejected', value: { code: 'TOO_MANY_HEADERS' } })
    expect([world.dials.length, client.stats().active]).toEqual([1, 0])
    await world.done(client.close())
  },
)

test('abort() tells each request where it was; what was not sent is retryable', async () => {
  const world = new World('http/1.1', { pool: { maxConnectionsPerOrigin: 1 } })
  const gate = Promise.withResolvers<void>()
  world.gate = gate.promise
  const connecting = watch(world.client.get('https://b.test/'))
  world.gate = null
  world.service = () => new Promise(() => undefined)
  const sent = watch(world.client.get(URL_A))
  await world.runtime.settle()
  const waiting = watch(world.client.get(URL_A))
  await world.runtime.settle()
  world.client.abort()
  await world.runtime.settle()
  expect(connecting.value).toMatchObject({ code: 'CANCELED', phase: 'connect', retryable: true })
  expect(waiting.value).toMatchObject({ code: 'CANCELED', phase: 'pool', retryable: true })
  expect(sent.value).toMatchObject({ code: 'CANCELED', phase: 'headers', retryable: false })
})

test('abort() ends the pause before a retry, which holds no process then', async () => {
  const runtime = new VirtualRuntime()
  const connector = (): Promise<never> => Promise.reject(new Error('no way'))
  const client = new Client({ runtime, connector, retry: true })
  const asked = watch(client.get(URL_A))
  await runtime.settle()
  expect([asked.state, runtime.timer.pending]).toEqual(['pending', 1])
  client.abort()
  await runtime.settle()
  expect(asked).toMatchObject({ state: 'rejected', value: { code: 'CANCELED', by: 'user', attempts: 1 } })
  expect(runtime.timer.pending).toBe(0)
})

describe('close({ deadline })', () => {
  test.each(['http/1.1', 'h2'] as const)(
    '%s: what is left by then is aborted, and nothing before',
    async (protocol) => {
      const world = new World(protocol, {})
      world.service = () => new Promise(() => undefined)
      const asked = watch(world.client.get('https://a.test/'))
      await world.runtime.settle()
      const closed = watch(world.client.close({ deadline: 5_000 }))
      await world.pass(4_900)
      expect([asked.state, closed.state]).toEqual(['pending', 'pending'])
      await world.pass(200)
      expect(asked.value).toMatchObject({ code: 'CANCELED' })
      expect([closed.state, world.client.connections]).toEqual(['resolved', 0])
    },
  )

  test('0 is at once; one that is no number closes nothing', async () => {
    const world = new World('http/1.1', {})
    const answer = Promise.withResolvers<HttpResponse>()
    world.service = () => answer.promise
    const asked = watch(world.client.get('https://a.test/'))
    await world.runtime.settle()
    await expect(world.client.close({ deadline: -1 })).rejects.toMatchObject({ code: 'INVALID_OPTION' })
    answer.resolve(new HttpResponse('ok'))
    await world.runtime.settle()
    expect(asked.state).toBe('resolved')
    world.service = () => new Promise(() => undefined)
    const other = watch(world.client.get('https://a.test/'))
    await world.runtime.settle()
    const closed = watch(world.client.close({ deadline: 0 }))
    await world.pass(60)
    expect([other.state, closed.state]).toEqual(['rejected', 'resolved'])
  })
})
