import { HttpResponse } from '@hyper/core/http'
import { describe, expect, test } from 'vitest'
import type { ClientOptions } from '../../src/index.ts'
import { PROTOCOLS, watch, World } from '../kit.ts'

// Ports of other protocols (Fetch, "port blocking") are blocked at every step of the way, and nothing is dialled.

const START = 'https://a.test/start'
const BLOCKED = 'https://a.test:6667/over?secret#there'

/** Redirects along these URLs; what a fetch of the first comes to. */
async function along(
  speaks: 'h2' | 'http/1.1',
  way: string[],
  options: ClientOptions = {},
  init = {},
): Promise<{
  value: unknown
  dials: string[]
}> {
  const world = new World(speaks, options)
  let step = 0
  world.service = () =>
    step < way.length
      ? new HttpResponse(null, { status: 302, headers: { location: way[step++]! } })
      : new HttpResponse('ok')
  const asked = watch(world.client.fetch(START, init))
  await world.runtime.settle()
  return { value: asked.value, dials: world.dials }
}

describe.each(PROTOCOLS)('a redirect to a port that is blocked, %s', (speaks) => {
  const refused = {
    name: 'TypeError',
    code: 'REDIRECT_REFUSED',
    by: 'peer',
    phase: 'headers',
    address: 'a.test',
    message:
      'https://a.test redirects to https://a.test:6667, and port 6667 is blocked: it belongs to another protocol',
  }

  test('is not followed, and nobody is asked there', async () => {
    const { dials, value } = await along(speaks, [BLOCKED])
    expect(value).toMatchObject({ ...refused, attempts: 1 })
    expect(dials).toEqual(['https://a.test'])
  })

  test('nor at a later step', async () => {
    const { dials, value } = await along(speaks, ['/next', 'https://b.test/', 'https://a.test/', BLOCKED])
    expect(value).toMatchObject({ ...refused, attempts: 4 })
    expect(dials).not.toContain('https://a.test:6667')
  })

  test('nor by a policy of the client', async () => {
    const seen: string[] = []
    const { value } = await along(speaks, ['/next', BLOCKED], {
      redirect: (attempt) => (seen.push(attempt.to), 'follow'),
    })
    expect(value).toMatchObject({ ...refused, attempts: 2 })
    expect(seen).toEqual(['https://a.test/next', BLOCKED])
  })

  test('is an answer where redirects are not followed', async () => {
    for (const [options, init] of [
      [{}, { redirect: 'manual' }],
      [{ redirect: 'manual' }, {}],
      [{ redirect: () => 'manual' }, {}],
    ] as [ClientOptions, object][]) {
      const { value } = await along(speaks, [BLOCKED], options, init)
      expect((value as Response).status).toBe(302)
    }
  })

  test('any other port is free', async () => {
    const { dials, value } = await along(speaks, ['https://a.test:8443/'])
    expect([(value as Response).status, dials]).toEqual([200, ['https://a.test', 'https://a.test:8443']])
  })
})
