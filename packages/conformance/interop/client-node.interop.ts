// Our client against the servers of Node: http, https, and http2 with and without TLS.
import { createServer as createH2cServer, createSecureServer, type ServerHttp2Session } from 'node:http2'
import { createServer as createTlsServer } from 'node:https'
import { testCertificate } from '@hyper/testkit'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { clientFor, describeTarget, endClients, type Target } from './client-battery.ts'
import { application, h2Application, listening, type Origin, startOrigin } from './client-origin.ts'

const started: Record<string, () => Promise<Origin>> = {
  h1: () => startOrigin(),
  'h1 over TLS': async () => listening(createTlsServer(await testCertificate(), application)),
  'h2 over TLS': async () => listening(createSecureServer(await testCertificate(), h2Application)),
  h2c: async () => listening(createH2cServer(h2Application)),
}

describe.each(Object.keys(started) as Target['speaks'][])('node: %s', (speaks) => {
  let origin: Origin
  beforeAll(async () => {
    origin = await started[speaks]!()
  })
  afterAll(() => origin.close())

  describeTarget({
    speaks,
    port: () => origin.port,
    isDuplex: true,
    hasTrailers: true,
    hasHints: true,
    codings: ['gzip', 'deflate', 'br'],
    limited: '/refused',
    limitAsksFirst: true,
  })
})

describe('node closes connections', () => {
  const origins: Origin[] = []
  afterEach(() => {
    endClients()
    for (const origin of origins.splice(0)) origin.close()
  })

  test('after every third request', async () => {
    const origin = await startOrigin()
    origins.push(origin)
    Object.assign(origin.server, { maxRequestsPerSocket: 3 })
    const client = await clientFor('h1')
    for (let i = 0; i < 30; i++) {
      const response = await client.post(`http://127.0.0.1:${origin.port}/digest`, { body: 'x' })
      expect([response.status, ((await response.json()) as { length: number }).length]).toEqual([200, 1])
    }
    expect(client.stats().dials).toBe(10)
  })

  test('that are idle', async () => {
    // Node says `Keep-Alive: timeout=1` to the first, and closes it a second later than that.
    const origin = await startOrigin({ keepAliveTimeout: 1_000, keepAliveTimeoutBuffer: 0 } as object)
    origins.push(origin)
    const client = await clientFor('h1')
    const url = `http://127.0.0.1:${origin.port}/hello`
    for (let i = 0; i < 3; i++) {
      expect(await (await client.post(url, { body: 'x' })).text()).toBe('hello\n')
      await expect.poll(() => client.connections).toBe(0)
    }
    expect(client.stats().dials).toBe(3)
  })

  test.each(['h2 over TLS', 'h2c'] as const)('by GOAWAY after every tenth request: %s', async (speaks) => {
    const origin = await started[speaks]!()
    origins.push(origin)
    let sessions = 0
    origin.server.on('session', (session: ServerHttp2Session) => {
      sessions++
      let streams = 0
      session.on('error', () => undefined)
      session.on('stream', () => {
        if (++streams === 10) session.close()
      })
    })
    const client = await clientFor(speaks)
    const url = `${speaks === 'h2c' ? 'http' : 'https'}://127.0.0.1:${origin.port}/digest`
    for (let round = 1; round <= 5; round++) {
      const lengths = await Promise.all(
        Array.from({ length: 20 }, async () => {
          const response = await client.post(url, { body: 'xyz' })
          return ((await response.json()) as { length: number }).length
        }),
      )
      expect(lengths).toEqual(Array.from({ length: 20 }, () => 3))
      expect(sessions).toBeGreaterThanOrEqual(round)
    }
  })
})
