import { HttpResponse } from '@hyper/core'
import { Client } from '@hyper/client'
import { serve } from '@hyper/server'
import { testCertificate } from '@hyper/testkit'
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

function nameOf(peer: object): string {
  return peer.constructor.name
}
