import { channel } from '@hyper/core/body'
import { HttpResponse } from '@hyper/core/http'
import { describe, expect, test, vi } from 'vitest'
import { PROTOCOLS, URL_A, watch, World } from './kit.ts'

// How long a request may take, phase by phase. Time is virtual, the machines are real.

const ADDRESS = '192.0.2.1:443'
const never = (): Promise<never> => new Promise(() => undefined)

describe.each(PROTOCOLS)('%s', (speaks) => {
  test('row 387: headers: 320 s are as good as any, where nothing else is said', async () => {
    for (const headers of [undefined, null, 0, 321_000]) {
      const world = new World(speaks, { timeouts: { headers } })
      const answer = Promise.withResolvers<HttpResponse>()
      world.service = () => answer.promise
      const asked = watch(world.client.get(URL_A))
      await world.pass(320_000)
      expect(asked.state).toBe('pending')
      answer.resolve(new HttpResponse('late'))
      await world.runtime.settle()
      expect([headers, asked.state]).toEqual([headers, 'resolved'])
      expect(await world.done((asked.value as HttpResponse).text())).toBe('late')
    }
  })

  test.each([
    ['of the client', { headers: 300_000 }, undefined],
    ['of the request', { headers: 10 }, { headers: 300_000 }],
  ])('row 387: headers, %s: names the phase, to whom, and after how long', async (_, ofClient, ofRequest) => {
    const world = new World(speaks, { timeouts: ofClient })
    world.service = never
    const asked = watch(world.client.get(URL_A, { timeouts: ofRequest }))
    await world.pass(299_000)
    expect(asked.state).toBe('pending')
    await world.pass(2_000)
    expect(asked.value).toMatchObject({
      code: 'HEADERS_TIMEOUT',
      phase: 'headers',
      address: ADDRESS,
      attempts: 1,
      retryable: false,
      message: expect.stringMatching(/192\.0\.2\.1:443, after 30\d{4} ms/),
    })
    expect((asked.value as { elapsedMs: number }).elapsedMs).toBeGreaterThanOrEqual(300_000)
  })

  test('how long it took is whole milliseconds', async () => {
    const world = new World(speaks, { timeouts: { connect: 100.25 } })
    world.gate = never()
    const asked = watch(world.client.get(URL_A))
    await world.pass(100.5)
    expect(asked.value).toMatchObject({
      code: 'CONNECT_TIMEOUT',
      elapsedMs: expect.toSatisfy(Number.isInteger),
    })
  })

  test.each([
    ['of the client', { idle: 5_000 }, undefined],
    ['of the request', { idle: 10 }, { idle: 5_000 }],
    ['of the request alone', {}, { idle: 5_000 }],
  ])('row 387: idle, %s: silence inside a body', async (_, ofClient, ofRequest) => {
    const world = new World(speaks, { timeouts: ofClient })
    const { body, sender } = channel()
    world.service = () => new HttpResponse(body)
    void sender.send('a')
    const response = await world.done(world.client.get(URL_A, { timeouts: ofRequest }))
    const text = watch(response.text())
    await world.pass(4_900)
    void sender.send('b')
    await world.pass(4_900)
    expect(text.state).toBe('pending')
    await world.pass(1_200)
    expect(text.value).toMatchObject({ code: 'BODY_TIMEOUT', phase: 'body' })
  })

  test('idle: a request may switch it off', async () => {
    const world = new World(speaks, { timeouts: { idle: 5_000 } })
    const { body, sender } = channel()
    world.service = () => new HttpResponse(body)
    void sender.send('a')
    const response = await world.done(world.client.get(URL_A, { timeouts: { idle: null } }))
    const text = watch(response.text())
    await world.pass(1e8)
    expect(text.state).toBe('pending')
    sender.end()
    await world.runtime.settle()
    expect(text.value).toBe('a')
  })

  test('pool: while a limit forbids a connection', async () => {
    const world = new World(speaks, { pool: { maxConnectionsPerOrigin: 1 }, timeouts: { pool: 700 } })
    world.maxConcurrentStreams = 1
    world.service = never
    watch(world.client.get(URL_A))
    await world.runtime.settle()
    const second = watch(world.client.get(URL_A))
    const third = watch(world.client.get(URL_A, { timeouts: { pool: 300 } }))
    await world.pass(300)
    expect(third.value).toMatchObject({
      code: 'POOL_TIMEOUT',
      phase: 'pool',
      by: 'library',
      address: 'a.test',
      elapsedMs: 300,
      retryable: true,
      message: 'no connection came free within 300 ms (a.test, after 300 ms)',
    })
    await world.pass(399)
    expect(second.state).toBe('pending')
    await world.pass(1)
    expect(second.value).toMatchObject({ code: 'POOL_TIMEOUT', elapsedMs: 700 })
  })

  test('pool: off by default', async () => {
    const world = new World(speaks, { pool: { maxConnectionsPerOrigin: 1 } })
    world.maxConcurrentStreams = 1
    const answer = Promise.withResolvers<HttpResponse>()
    world.service = () => answer.promise
    watch(world.client.get(URL_A))
    await world.runtime.settle()
    const second = watch(world.client.get(URL_A))
    await world.pass(1e8)
    expect(second.state).toBe('pending')
    answer.resolve(new HttpResponse('ok'))
    await world.runtime.settle()
    expect(second.state).toBe('resolved')
  })
})

describe.each(PROTOCOLS)('total, %s', (speaks) => {
  test.each([
    ['of the client', 5_000, undefined],
    ['of the request', 10, 5_000],
  ])('row 387: %s: before the head', async (_, ofClient, ofRequest) => {
    const world = new World(speaks, { timeouts: { total: ofClient } })
    world.service = never
    const options = ofRequest === undefined ? {} : { timeouts: { total: ofRequest } }
    const asked = watch(world.client.get(URL_A, options))
    await world.pass(4_999)
    expect(asked.state).toBe('pending')
    await world.pass(1)
    expect(asked.value).toMatchObject({
      code: 'TOTAL_TIMEOUT',
      phase: 'headers',
      by: 'peer',
      address: ADDRESS,
      elapsedMs: 5_000,
      retryable: false,
      message: `not complete within 5000 ms (${ADDRESS}, after 5000 ms)`,
    })
    expect(world.client.stats().active).toBe(0)
  })

  test('row 387: covers the body', async () => {
    const world = new World(speaks, { timeouts: { total: 5_000 } })
    const { body, sender } = channel()
    world.service = () => new HttpResponse(body)
    void sender.send('a')
    const response = await world.done(world.client.get(URL_A))
    const text = watch(response.text())
    await world.pass(4_999)
    expect(text.state).toBe('pending')
    await world.pass(1)
    expect(text.value).toMatchObject({ code: 'TOTAL_TIMEOUT', phase: 'body', elapsedMs: 5_000 })
    expect(world.client.stats().active).toBe(0)
  })

  test('ends with the exchange: a body that has come in time may be read at leisure', async () => {
    const world = new World(speaks, { timeouts: { total: 5_000 } })
    const response = await world.done(world.client.get(URL_A))
    await world.pass(1e6)
    expect(await world.done(response.text())).toBe('ok')
    expect(world.runtime.timer.pending).toBeLessThanOrEqual(1)
  })

  test('while it connects, and while it waits for a connection', async () => {
    const world = new World(speaks, { timeouts: { total: 5_000 }, pool: { maxConnectionsPerOrigin: 1 } })
    world.maxConcurrentStreams = 1
    world.gate = never()
    const first = watch(world.client.get(URL_A))
    await world.pass(5_000)
    expect(first.value).toMatchObject({
      code: 'TOTAL_TIMEOUT',
      statusHint: 504,
      phase: 'connect',
      address: 'a.test',
      elapsedMs: 5_000,
      retryable: true,
    })
    world.gate = null
    world.service = never
    watch(world.client.get(URL_A, { timeouts: { total: null } }))
    await world.runtime.settle()
    const waiting = watch(world.client.get(URL_A))
    await world.pass(5_000)
    expect(waiting.value).toMatchObject({
      code: 'TOTAL_TIMEOUT',
      phase: 'pool',
      by: 'library',
      retryable: true,
    })
  })

  test('off by default, and a request may switch it off', async () => {
    for (const total of [undefined, 5_000]) {
      const world = new World(speaks, { timeouts: { total } })
      const answer = Promise.withResolvers<HttpResponse>()
      world.service = () => answer.promise
      const asked = watch(
        world.client.get(URL_A, { timeouts: { total: total === undefined ? undefined : null } }),
      )
      await world.pass(1e8)
      expect(asked.state).toBe('pending')
      answer.resolve(new HttpResponse('ok'))
      await world.runtime.settle()
      expect(asked.state).toBe('resolved')
    }
  })

  test('row 387: a very long time is one, and the size of the body stays known', async () => {
    const timeouts = {
      total: 1e300,
      headers: 1e300,
      idle: 1e300,
      connect: 1e300,
      pool: 1e300,
      keepAlive: 1e300,
    }
    const world = new World(speaks, { timeouts })
    world.service = () => new HttpResponse('x'.repeat(3_000_000))
    const response = await world.done(world.client.get(URL_A))
    expect(response.body.sizeHint).toEqual({ lower: 3_000_000, upper: 3_000_000 })
    expect((await world.done(response.text())).length).toBe(3_000_000)
  })

  test('with a signal: whoever is first', async () => {
    const world = new World(speaks, { timeouts: { total: 5_000 } })
    world.service = never
    const controller = new AbortController()
    const reason = new Error('enough')
    const asked = watch(world.client.get(URL_A, { signal: controller.signal }))
    await world.pass(1_000)
    controller.abort(reason)
    await world.runtime.settle()
    expect(asked.value).toMatchObject({ code: 'CANCELED', by: 'user', phase: 'headers', cause: reason })
  })
})

describe.each(PROTOCOLS)('a signal, %s', (speaks) => {
  test('leaves no listener behind, in whatever phase the request ends', async () => {
    const world = new World(speaks, { pool: { maxConnectionsPerOrigin: 1 } })
    world.maxConcurrentStreams = 1
    const { signal } = new AbortController()
    const added = vi.spyOn(signal, 'addEventListener')
    const removed = vi.spyOn(signal, 'removeEventListener')
    const balance = (): number => added.mock.calls.length - removed.mock.calls.length
    // Complete.
    const response = await world.done(world.client.get(URL_A, { signal }))
    expect(await world.done(response.text())).toBe('ok')
    expect([added.mock.calls.length > 0, balance()]).toEqual([true, 0])
    // The body is given up.
    const { body, sender } = channel()
    world.service = () => new HttpResponse(body)
    void sender.send('a')
    const second = await world.done(world.client.get(URL_A, { signal }))
    expect(balance()).toBe(1)
    second.body.cancel()
    await world.runtime.settle()
    expect(balance()).toBe(0)
    // In time for nothing.
    world.service = never
    watch(world.client.get(URL_A, { signal, timeouts: { total: 100 } }))
    watch(world.client.get(URL_A, { signal, timeouts: { pool: 50 } }))
    await world.pass(100)
    expect(balance()).toBe(0)
    // No connection.
    const broken = new World(speaks, { connector: () => Promise.reject(new Error('no')) })
    watch(broken.client.get(URL_A, { signal }))
    await broken.runtime.settle()
    expect(balance()).toBe(0)
  })

  test('ends a request in every phase', async () => {
    const phases: [string, (world: World) => Promise<void> | void][] = [
      ['connect', (world) => void (world.gate = never())],
      [
        'pool',
        async (world) => {
          world.service = never
          watch(world.client.get(URL_A))
          await world.runtime.settle()
        },
      ],
      ['headers', (world) => void (world.service = never)],
    ]
    for (const [phase, prepare] of phases) {
      const world = new World(speaks, { pool: { maxConnectionsPerOrigin: 1 } })
      world.maxConcurrentStreams = 1
      await prepare(world)
      const controller = new AbortController()
      const asked = watch(world.client.get(URL_A, { signal: controller.signal }))
      await world.runtime.settle()
      controller.abort('why')
      await world.runtime.settle()
      expect(asked.value).toMatchObject({
        code: 'CANCELED',
        by: 'user',
        phase,
        cause: 'why',
        retryable: phase !== 'headers',
      })
    }
  })
})
