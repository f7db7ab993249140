import { once } from 'node:events'
import { createServer as createHttp } from 'node:http'
import { createSecureServer } from 'node:http2'
import { createServer as createHttps } from 'node:https'
import type { AddressInfo, Server, Socket } from 'node:net'
import type { Readable } from 'node:stream'
import { text } from 'node:stream/consumers'
import { channel } from '@hyper/core/body'
import { testCertificate } from '@hyper/testkit'
import { afterEach, describe, expect, test } from 'vitest'
import { Client, CONNECTION } from '../src/index.ts'
import { eventually } from './raw-server.ts'

// A kept connection that its server has reset, before any turn of the event loop has told of it: the first write of the next
// request is refused by the system, which has taken nothing of it. A POST is sent again, then, and processed once.

const cleanups: (() => unknown)[] = []

afterEach(() => {
  for (const cleanup of cleanups.splice(0)) cleanup()
})

interface Peer {
  readonly url: string
  /** What was processed, by its body. */
  readonly processed: string[]
  /** The TCP connections so far. */
  readonly sockets: Socket[]
  readonly client: Client
}

const SERVERS = ['http', 'https', 'h2'] as const

async function start(kind: (typeof SERVERS)[number]): Promise<Peer> {
  const processed: string[] = []
  const sockets: Socket[] = []
  const answer = async (request: Readable, response: { end(text: string): unknown }): Promise<void> => {
    processed.push(await text(request))
    response.end('ok')
  }
  const { cert, key } = await testCertificate()
  let server: Server
  if (kind === 'http') server = createHttp((request, response) => void answer(request, response))
  else if (kind === 'https')
    server = createHttps({ cert, key }, (request, response) => void answer(request, response))
  else server = createSecureServer({ cert, key }, (request, response) => void answer(request, response))
  server.on('connection', (socket: Socket) => {
    sockets.push(socket)
    socket.on('error', () => undefined)
  })
  server.on('session', (session: { on(name: 'error', fn: () => void): void }) =>
    session.on('error', () => undefined),
  )
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const client = new Client({ rejectUnauthorized: false })
  cleanups.push(
    () => client.abort(),
    () => server.close(),
    () => sockets.forEach((socket) => socket.destroy()),
  )
  const { port } = server.address() as AddressInfo
  return { url: `${kind === 'http' ? 'http' : 'https'}://127.0.0.1:${port}/`, processed, sockets, client }
}

describe.each(SERVERS)('%s', (kind) => {
  test('a POST is sent again, and processed once', async () => {
    const { client, processed, sockets, url } = await start(kind)
    await (await client.post(url, { body: 'first' })).text()
    for (let round = 0; round < 20; round++) {
      await eventually(() => client.stats().active === 0)
      sockets.at(-1)!.resetAndDestroy()
      const response = await client.post(url, { body: `of round ${round}` })
      expect(await response.text()).toBe('ok')
      expect(response.extensions.get(CONNECTION)).toMatchObject({ attempts: 2, isReused: false })
    }
    expect(processed).toEqual(['first', ...Array.from({ length: 20 }, (_, round) => `of round ${round}`)])
  })

  test('one whose body cannot be had again is not, and says that it may be', async () => {
    const { client, processed, sockets, url } = await start(kind)
    await (await client.post(url, { body: 'first' })).text()
    await eventually(() => client.stats().active === 0)
    sockets.at(-1)!.resetAndDestroy()
    const { body, sender } = channel()
    void sender.send('once')
    sender.end()
    await expect(client.post(url, { body })).rejects.toMatchObject({
      code: 'IO',
      phase: 'write',
      retryable: true,
      attempts: 1,
      message: expect.stringContaining('not sent again: its body cannot be had again'),
    })
    expect(processed).toEqual(['first'])
  })
})
