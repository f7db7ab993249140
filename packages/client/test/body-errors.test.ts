import { channel } from '@hyper/core/body'
import type { HyperError } from '@hyper/core/error'
import { HttpResponse } from '@hyper/core/http'
import { describe, expect, test } from 'vitest'
import { Client } from '../src/index.ts'
import { PROTOCOLS, URL_A, watch, World } from './kit.ts'
import { RawServer } from './raw-server.ts'

// What reading a response fails with says as much as what a request fails with: to whom, how often sent, after how long.

const ADDRESS = '192.0.2.1:443'

/** A response of which `a` has come, one second after its request; and what reading it comes to. */
async function half(
  world: World,
  options = {},
): Promise<{ text: ReturnType<typeof watch>; response: HttpResponse }> {
  const { body, sender } = channel()
  const answer = Promise.withResolvers<HttpResponse>()
  world.service = () => answer.promise
  void sender.send('a'.repeat(100_000))
  const asked = world.client.get(URL_A, options)
  await world.pass(1_000)
  answer.resolve(new HttpResponse(body))
  const response = await world.done(asked)
  const text = watch(response.text())
  await world.runtime.settle()
  expect(text.state).toBe('pending')
  return { text, response }
}

describe.each(PROTOCOLS)('reading a response over %s fails', (speaks) => {
  const lost = { address: ADDRESS, attempts: 1, phase: 'body', retryable: false }

  test('its connection is lost', async () => {
    const world = new World(speaks)
    const { text } = await half(world)
    await world.pass(500)
    world.ends[0]!.abort()
    await world.runtime.settle()
    expect(text.value).toMatchObject({
      ...lost,
      code: 'IO',
      elapsedMs: 1_500,
      message: expect.stringMatching(/ \(192\.0\.2\.1:443, after 1500 ms\)$/),
    })
  })

  test('it is cut off', async () => {
    const world = new World(speaks)
    const { text } = await half(world)
    await world.pass(500)
    world.ends[0]!.end()
    await world.runtime.settle()
    expect(text.value).toMatchObject({ ...lost, code: 'INCOMPLETE_MESSAGE', elapsedMs: 1_500 })
  })

  test('it is silent', async () => {
    const world = new World(speaks, { timeouts: { idle: 5_000 } })
    const { text } = await half(world)
    await world.pass(7_000)
    expect(text.value).toMatchObject({ ...lost, code: 'BODY_TIMEOUT' })
    expect((text.value as HyperError).elapsedMs).toBeGreaterThanOrEqual(5_000)
  })

  test('it takes too long in all', async () => {
    const world = new World(speaks, { timeouts: { total: 3_000 } })
    const { text } = await half(world)
    await world.pass(2_000)
    expect(text.value).toMatchObject({
      ...lost,
      code: 'TOTAL_TIMEOUT',
      elapsedMs: 3_000,
      message: `not complete within 3000 ms (${ADDRESS}, after 3000 ms)`,
    })
  })

  test('it is given up by a signal', async () => {
    const world = new World(speaks)
    const controller = new AbortController()
    const { text } = await half(world, { signal: controller.signal })
    const reason = new Error('enough')
    controller.abort(reason)
    await world.runtime.settle()
    expect(text.value).toMatchObject({
      ...lost,
      code: 'CANCELED',
      by: 'user',
      elapsedMs: 1_000,
      cause: reason,
    })
  })

  test('a server of which the second attempt was answered', async () => {
    const world = new World(speaks)
    await (await world.done(world.client.get(URL_A))).text()
    const { body, sender } = channel()
    void sender.send('a')
    let asked = 0
    world.service = () => {
      if (++asked > 1) return new HttpResponse(body)
      world.ends[0]!.abort()
      return new Promise(() => undefined)
    }
    const response = await world.done(world.client.get(URL_A))
    const text = watch(response.text())
    await world.runtime.settle()
    world.ends[1]!.abort()
    await world.runtime.settle()
    expect(text.value).toMatchObject({ ...lost, code: 'IO', attempts: 2 })
  })

  test('by fetch', async () => {
    const world = new World(speaks)
    const { body, sender } = channel()
    world.service = () => new HttpResponse(body)
    void sender.send('a')
    const response = await world.done(world.client.fetch(URL_A))
    const text = watch(response.text())
    await world.pass(500)
    world.ends[0]!.abort()
    await world.runtime.settle()
    expect(text.value).toBeInstanceOf(TypeError)
    expect(text.value).toMatchObject({ ...lost, code: 'IO', elapsedMs: 500 })
  })
})

test('over a real socket', async () => {
  const server = await RawServer.start((socket) => {
    socket.write('HTTP/1.1 200 OK\r\ncontent-length: 200000\r\n\r\nab')
    setTimeout(() => socket.destroy(), 5)
  })
  const client = new Client()
  try {
    const response = await client.get(server.url)
    const error = (await response.text().catch((thrown: unknown) => thrown)) as HyperError
    expect(error).toMatchObject({
      code: 'INCOMPLETE_MESSAGE',
      phase: 'body',
      address: `127.0.0.1:${server.port}`,
      attempts: 1,
      elapsedMs: expect.any(Number),
    })
  } finally {
    client.abort()
    server.close()
  }
})

test('over a real socket, with the head: it has failed before anybody could read', async () => {
  const server = await RawServer.start((socket) =>
    socket.end('HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n2\r\nab\r\nno chunk'),
  )
  const client = new Client()
  try {
    const response = await client.get(server.url)
    expect(await response.text().catch((thrown: unknown) => thrown)).toMatchObject({
      code: 'PARSE_CHUNK',
      phase: 'body',
      address: `127.0.0.1:${server.port}`,
      attempts: 1,
      elapsedMs: expect.any(Number),
    })
  } finally {
    client.abort()
    server.close()
  }
})
