import { HttpResponse } from '@hyper/core/http'
import { describe, expect, test } from 'vitest'
import type { ClientOptions } from '../../src/index.ts'
import { PROTOCOLS, URL_A, watch, World } from '../kit.ts'

// A server that takes its time, and fetch: what `timeouts.headers` allows arrives, what it does not fails and says why. There
// is no ceiling beneath.

const DAY = 86_400_000

describe.each(PROTOCOLS)('%s', (speaks) => {
  test.each<[string, number, ClientOptions['timeouts'], ClientOptions['timeouts']]>([
    ['where nothing is said', 320_000, undefined, undefined],
    ['where the client allows it', 320_000, { headers: 321_500 }, undefined],
    ['where the fetch allows it', 320_000, { headers: 10 }, { headers: 321_500 }],
    ['where the client has no limit', 320_000, { headers: null }, undefined],
    ['where the fetch has no limit', 320_000, { headers: 10 }, { headers: 0 }],
    ['a day, where nothing is said', DAY, undefined, undefined],
    ['a day, where it is allowed', DAY, { headers: DAY + 2_000 }, undefined],
  ])('row 387: a head after 320 s arrives %s', async (_, ms, ofClient, ofFetch) => {
    const world = new World(speaks, { timeouts: ofClient })
    const answer = Promise.withResolvers<HttpResponse>()
    world.service = () => answer.promise
    const asked = watch(world.client.fetch(URL_A, ofFetch === undefined ? {} : { timeouts: ofFetch }))
    await world.pass(ms)
    expect(asked.state).toBe('pending')
    answer.resolve(new HttpResponse('late'))
    await world.runtime.settle()
    const response = asked.value as Response
    expect(response).toBeInstanceOf(Response)
    expect([response.status, await world.done(response.text())]).toEqual([200, 'late'])
    expect(world.dials.length).toBe(1)
  })

  test.each<[string, ClientOptions['timeouts'], ClientOptions['timeouts']]>([
    ['the client', { headers: 319_000 }, undefined],
    ['the fetch', undefined, { headers: 319_000 }],
    ['the fetch, whatever the client allows', { headers: 1e9 }, { headers: 319_000 }],
  ])(
    'row 387: it fails where %s does not allow it, and says what was waited for',
    async (_, ofClient, ofFetch) => {
      const world = new World(speaks, { timeouts: ofClient })
      const answer = Promise.withResolvers<HttpResponse>()
      world.service = () => answer.promise
      const asked = watch(world.client.fetch(URL_A, ofFetch === undefined ? {} : { timeouts: ofFetch }))
      await world.pass(318_900)
      expect(asked.state).toBe('pending')
      // The clocks of streams are looked at once a second.
      await world.pass(1_100)
      expect(asked.value).toBeInstanceOf(TypeError)
      expect(asked.value).toMatchObject({
        code: 'HEADERS_TIMEOUT',
        phase: 'headers',
        by: 'peer',
        address: '192.0.2.1:443',
        attempts: 1,
        retryable: false,
      })
      const { elapsedMs } = asked.value as { elapsedMs: number }
      expect(elapsedMs).toBeGreaterThanOrEqual(319_000)
      expect(elapsedMs).toBeLessThanOrEqual(320_000)
      answer.resolve(new HttpResponse('late'))
      await world.runtime.settle()
      expect(asked.state).toBe('rejected')
    },
  )
})
