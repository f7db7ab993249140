import { HttpResponse } from '@hyper/core'
import { Client } from '@hyper/client'
import { serve } from '@hyper/server'
import { testCertificate } from '@hyper/testkit'
import { MemoryListener } from '@hyper/util/memory'
import { afterEach, expect, test } from 'vitest'

// Server and client on Bun run on Bun's own sockets, and not on what Bun has to look like Node's.

const cleanups: (() => unknown)[] = []
afterEach(async () => {
  for (const cleanup of cleanups.splice(0)) await cleanup()
})

test.each([false, true])('serve and Client: tls %s', async (isTls) => {
  const certificate = await testCertificate()
  const peers: string[] = []
  const server = await serve({
    hostname: '127.0.0.1',
    ...(isTls ? { tls: certificate } : {}),
    service: (_request, { peer }) => {
      peers.push(nameOf(peer))
      return new HttpResponse('hello')
    },
  })
  cleanups.push(() => server.close())
  const client = new Client({
    ca: certificate.cert,
    tracer: { onConnectionStart: (_info, peer) => void peers.push(nameOf(peer)) },
  })
  cleanups.push(() => client.close())
  const response = await client.get(`${isTls ? 'https' : 'http'}://localhost:${server.port}/`)
  expect([await response.text(), response.version]).toEqual(['hello', isTls ? '2' : '1.1'])
  expect(peers).toEqual(['BunPeer', 'BunPeer'])
})

test('tls, tcp and resolver of a client', async () => {
  const certificate = await testCertificate()
  const server = await serve({ hostname: '127.0.0.1', tls: certificate, fetch: () => new Response('hello') })
  cleanups.push(() => server.close({ deadline: 0 }))
  const names: string[] = []
  const client = new Client({
    tls: { ca: certificate.cert, rejectUnauthorized: true },
    tcp: { noDelay: true },
    resolver: {
      resolve: async (host) => {
        names.push(host)
        return [{ address: '127.0.0.1', family: 4 }]
      },
    },
  })
  cleanups.push(() => client.close())
  const response = await client.get(`https://example.test:${server.port}/`)
  expect([await response.text(), names]).toEqual(['hello', ['example.test']])
  for (const [name, options] of [
    ['tls.pskCallback', { tls: { pskCallback: () => null } }],
    ['tls.requestOCSP', { tls: { requestOCSP: true } }],
  ] as const) {
    expect(() => new Client(options)).toThrow(
      expect.objectContaining({ code: 'INVALID_OPTION', message: expect.stringContaining(name) }),
    )
  }
})

test('a server without a place: inject, and connections that something else accepts', async () => {
  const connections = new MemoryListener()
  const server = await serve({ connections, fetch: () => new Response('hello') })
  cleanups.push(() => server.close({ deadline: 0 }))
  expect(await (await server.inject('/')).text()).toBe('hello')
  const client = new Client({ connector: async () => connections.connect() })
  cleanups.push(() => client.close())
  expect(await (await client.get('http://anywhere.test/')).text()).toBe('hello')
})

function nameOf(peer: object): string {
  return peer.constructor.name
}
