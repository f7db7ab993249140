import { protocolKey } from '@hyper/core/h2'
import { HttpResponse } from '@hyper/core/http'
import type { Io } from '@hyper/core/rt'
import type { Service } from '@hyper/core/service'
import { toText } from '@hyper/testkit'
import { describe, expect, test } from 'vitest'
import type { Upgraded } from '../src/index.ts'
import { PROTOCOLS, URL_A, watch, World } from './kit.ts'

// Connections, and streams, that become something else. Our own engine at both ends, in memory.

/** Takes the connection and says back what it hears, until it hears `bye`. */
const echo: Service = (request, exchange) => {
  const protocol = exchange.extensions.get(protocolKey)
  void exchange.upgrade().then(({ io, leftover }) => {
    io.start({
      onData: (chunk) => {
        io.write(chunk.slice())
        if (toText(chunk).includes('bye')) io.end()
        return false
      },
      onEnd: () => io.end(),
      onDrain: () => undefined,
      onWriteError: () => undefined,
      onClose: () => undefined,
    })
    if (leftover.length > 0) io.write(leftover)
  })
  return request.method === 'CONNECT'
    ? new HttpResponse(null, { headers: { 'x-protocol': protocol ?? 'none' } })
    : new HttpResponse(null, { status: 101, headers: { upgrade: 'echo', connection: 'upgrade' } })
}

/** What comes back for some words. */
function talk({ io, leftover }: Upgraded, words: string): { text: string; isClosed: boolean } {
  const heard = { text: toText(leftover), isClosed: false }
  io.start({
    onData: (chunk) => {
      heard.text += toText(chunk)
      return false
    },
    onEnd: () => io.end(),
    onDrain: () => undefined,
    onWriteError: () => undefined,
    onClose: () => (heard.isClosed = true),
  })
  io.write(words)
  return heard
}

describe('upgrade', () => {
  test.each(PROTOCOLS)(
    'row 301: over a connection of HTTP/1 of its own, also where the origin speaks %s',
    async (speaks) => {
      const world = new World(speaks)
      await world.done(world.client.get(URL_A))
      world.service = echo
      const upgraded = await world.done(world.client.upgrade(URL_A, { protocol: 'echo' }))
      expect(upgraded.response.status).toBe(101)
      const heard = talk(upgraded, 'hello')
      await world.runtime.settle()
      expect(heard).toEqual({ text: 'hello', isClosed: false })
      // It counts no more, and no client closes it.
      expect(world.client.stats()).toMatchObject(speaks === 'h2' ? { open: 1, idle: 1 } : { open: 0 })
      await world.done(world.client.close())
      upgraded.io.write(' bye')
      await world.runtime.settle()
      expect(heard).toEqual({ text: 'hello bye', isClosed: true })
    },
  )

  test('row 301: over HTTP/2 by extended CONNECT, where it is wanted: without Host, on the connection of the others', async () => {
    const world = new World('h2')
    await world.done(world.client.get(URL_A))
    world.service = echo
    const upgraded = await world.done(world.client.upgrade(URL_A, { protocol: 'echo', http2: true }))
    expect([upgraded.response.status, upgraded.response.headers.get('x-protocol')]).toEqual([200, 'echo'])
    const heard = talk(upgraded, 'hello')
    world.service = () => new HttpResponse('beside')
    const beside = await world.done(world.client.get(URL_A))
    expect([heard, await world.done(beside.text()), world.dials.length]).toEqual([
      { text: 'hello', isClosed: false },
      'beside',
      1,
    ])
    upgraded.io.write(' bye')
    await world.runtime.settle()
    expect(heard).toEqual({ text: 'hello bye', isClosed: true })
  })

  test('the first request of all, when the server has not said yet what it offers', async () => {
    const world = new World('h2')
    world.service = echo
    const upgraded = await world.done(world.client.upgrade(URL_A, { protocol: 'echo', http2: true }))
    expect([upgraded.response.status, world.dials.length]).toEqual([200, 1])
  })

  test('a server that does not offer it over HTTP/2 is asked over HTTP/1', async () => {
    const world = new World('h2', {})
    world.offersConnect = false
    world.service = echo
    const upgraded = await world.done(world.client.upgrade(URL_A, { protocol: 'echo', http2: true }))
    expect([upgraded.response.status, world.dials.length]).toEqual([101, 2])
  })

  test.each(PROTOCOLS)(
    'a server that refuses: NO_UPGRADE, and its connection can be used again, %s',
    async (speaks) => {
      const world = new World(speaks)
      world.service = () => new HttpResponse('no', { status: 403 })
      const asked = watch(world.client.upgrade(URL_A, { protocol: 'echo', http2: true }))
      await world.runtime.settle()
      expect(asked.value).toMatchObject({
        code: 'NO_UPGRADE',
        phase: 'upgrade',
        by: 'peer',
        statusHint: 502,
        reason: '403',
        address: '192.0.2.1:443',
        attempts: 1,
      })
      await world.done(world.client.get(URL_A))
      expect(world.dials.length).toBe(1)
    },
  )
})

describe.each(PROTOCOLS)('tunnel, %s', (speaks) => {
  test('row 300: CONNECT has host and port; what follows is the tunnel’s', async () => {
    const world = new World(speaks)
    const targets: string[] = []
    world.service = (request, exchange) => {
      targets.push(request.target)
      return echo(request, exchange)
    }
    const tunnel = await world.done(world.client.tunnel('https://proxy.test:3128/', 'b.test:22'))
    expect([tunnel.response.status, targets, world.dials]).toEqual([
      200,
      ['b.test:22'],
      ['https://proxy.test:3128'],
    ])
    const heard = talk(tunnel, 'hello bye')
    await world.runtime.settle()
    expect(heard).toEqual({ text: 'hello bye', isClosed: true })
  })

  test('an authority that is none is refused', async () => {
    const world = new World(speaks)
    await expect(world.client.tunnel('https://proxy.test/', 'b.test/x')).rejects.toMatchObject({
      code: 'INVALID_TARGET',
    })
  })
})

test('an idle client keeps what has become something else', async () => {
  const world = new World('h2', { timeouts: { keepAlive: 1_000 } })
  world.service = echo
  const upgraded = await world.done(world.client.upgrade(URL_A, { protocol: 'echo', http2: true }))
  const heard = talk(upgraded, 'a')
  await world.pass(10_000)
  upgraded.io.write('b')
  await world.runtime.settle()
  expect(heard).toEqual({ text: 'ab', isClosed: false })
  const io: Io = upgraded.io
  io.end()
  await world.pass(10_000)
  expect([heard.isClosed, world.client.connections]).toEqual([true, 0])
})
