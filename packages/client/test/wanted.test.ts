import { getEventListeners } from 'node:events'
import { HttpResponse } from '@hyper/core/http'
import { layer, type Service } from '@hyper/core/service'
import { fromReadableStream } from '@hyper/util/web'
import { describe, expect, test } from 'vitest'
import type { Client, ClientOptions, RequestOptions } from '../src/index.ts'
import { URL_A, watch, World } from './kit.ts'

// A jar, a policy for redirects, a layer: what is not the client's own may take for ever. Giving the request up ends it all the same.

const never = (): Promise<never> => new Promise(() => undefined)
const jar = { getCookieString: () => '', setCookie: () => undefined }

/** Who is waited for, and whether the request was sent by then. */
const FOREIGN: readonly [name: string, options: ClientOptions, isSent: boolean][] = [
  ['a jar that is asked', { cookies: { ...jar, getCookieString: never } }, false],
  ['a jar that keeps', { cookies: { ...jar, setCookie: never } }, true],
  ['a policy', { redirect: never }, true],
  ['a policy in options', { redirect: { policy: never } }, true],
  ['a layer, before', { layers: [layer(never)] }, false],
  [
    'a layer, afterwards',
    { layers: [layer(async (...given) => (await given[2](given[0], given[1])) && never())] },
    true,
  ],
  ['a stack of one’s own', { layers: () => [layer(never)] }, false],
]

/** How it is given up, and what the caller is told. */
const WAYS: readonly [
  name: string,
  options: RequestOptions,
  code: string,
  give: (client: Client, gone: AbortController) => unknown,
][] = [
  ['the signal', {}, 'CANCELED', (_, gone) => gone.abort(new Error('why'))],
  ['the total time', { timeouts: { total: 1_000 } }, 'TOTAL_TIMEOUT', () => undefined],
  ['abort()', {}, 'CANCELED', (client) => client.abort()],
  ['close() and its deadline', {}, 'CANCELED', (client) => client.close({ deadline: 500 })],
]

const answer: Service = ({ target }) =>
  target === '/b'
    ? new HttpResponse('ok')
    : new HttpResponse('moved', { status: 302, headers: { location: '/b', 'set-cookie': 'a=b' } })

describe.each(FOREIGN)('%s takes for ever', (_, options, isSent) => {
  test.each(WAYS)('%s ends it', async (_name, more, code, give) => {
    const world = new World('http/1.1', options)
    world.service = answer
    const gone = new AbortController()
    const asked = watch(world.client.get(URL_A, { ...more, signal: gone.signal }))
    await world.pass(0)
    expect(asked.state).toBe('pending')
    const given = watch(Promise.resolve(give(world.client, gone)))
    await world.pass(1_200)
    expect(asked).toMatchObject({ state: 'rejected', value: { code, retryable: !isSent } })
    expect(asked.value).toMatchObject({
      address: isSent ? '192.0.2.1:443' : 'a.test',
      attempts: isSent ? 1 : 0,
    })
    expect([given.state, getEventListeners(gone.signal, 'abort')]).toEqual(['resolved', []])
    await world.done(world.client.close())
  })

  test('without a signal or a time of its own, abort() ends it', async () => {
    const world = new World('h2', options)
    world.service = answer
    const asked = watch(world.client.get(URL_A))
    await world.pass(0)
    world.client.abort()
    await world.pass(0)
    expect(asked).toMatchObject({ state: 'rejected', value: { code: 'CANCELED', by: 'user' } })
  })

  test('fetch rejects with the reason', async () => {
    const world = new World('http/1.1', options)
    world.service = answer
    const gone = new AbortController()
    const asked = watch(world.client.fetch(URL_A, { signal: gone.signal }))
    await world.pass(0)
    const reason = new Error('why')
    gone.abort(reason)
    await world.pass(0)
    expect(asked.value).toBe(reason)
  })
})

test('what a request brings itself is waited for no longer either', async () => {
  for (const own of [
    { cookies: { ...jar, getCookieString: never } },
    { redirect: never },
    { redirect: { policy: never } },
  ]) {
    const world = new World('http/1.1')
    world.service = answer
    const asked = watch(world.client.get(URL_A, own))
    await world.pass(0)
    world.client.abort()
    await world.pass(0)
    expect(asked.state).toBe('rejected')
  }
})

test('a signal that has fired before is one', async () => {
  const world = new World('http/1.1', { layers: [layer(never)] })
  const asked = watch(world.client.get(URL_A, { signal: AbortSignal.abort() }))
  await world.pass(0)
  expect(asked).toMatchObject({ state: 'rejected', value: { code: 'CANCELED', retryable: true } })
})

test('a body that was not sent is given up, and so is a response that comes too late', async () => {
  const gate = Promise.withResolvers<HttpResponse>()
  const world = new World('http/1.1', { layers: [layer(() => gate.promise)] })
  const dropped: unknown[] = []
  const source = (): ReadableStream<Uint8Array> =>
    new ReadableStream({ cancel: (reason) => void dropped.push(reason) }, { highWaterMark: 0 })
  const gone = new AbortController()
  const asked = watch(world.client.post(URL_A, { body: source(), signal: gone.signal }))
  await world.pass(0)
  gone.abort()
  await world.pass(0)
  expect([asked.state, dropped]).toEqual(['rejected', [asked.value]])
  gate.resolve(new HttpResponse(fromReadableStream(source())))
  await world.pass(0)
  expect(dropped).toEqual([asked.value, asked.value])
})

test('what is below has a turn to say it better', async () => {
  const world = new World('http/1.1', { cookies: jar })
  world.service = never
  const gone = new AbortController()
  const asked = watch(world.client.get(URL_A, { signal: gone.signal }))
  await world.pass(0)
  gone.abort()
  await world.pass(0)
  expect(asked.value).toMatchObject({
    code: 'CANCELED',
    phase: 'headers',
    address: '192.0.2.1:443',
    attempts: 1,
  })
})
