import { HttpResponse } from '@hyper/core/http'
import { afterEach, describe, expect, test } from 'vitest'
import { Client } from '../../src/index.ts'
import { hyperErrorOf, install, type Installation } from '../../src/undici/index.ts'
import { PROTOCOLS, URL_A, watch, World } from '../kit.ts'
import { eventually, OK, RawServer, type Script } from '../raw-server.ts'

// The fetch of this process on our engine, and off it again.

const cleanups: (() => unknown)[] = []

afterEach(() => {
  for (const cleanup of cleanups.splice(0).reverse()) cleanup()
})

async function serverOf(script: Script): Promise<RawServer> {
  const server = await RawServer.start(script)
  cleanups.push(() => server.close())
  return server
}

const LATER = Symbol.for('undici.globalDispatcher.2')
const EARLIER = Symbol.for('undici.globalDispatcher.1')
const at = (place: symbol): unknown => Reflect.get(globalThis, place)
const answer: Script = (socket) => void socket.write(OK)

test('both places, and back', async () => {
  const server = await serverOf(answer)
  await (await fetch(server.url)).text()
  const before = [
    Object.hasOwn(globalThis, LATER),
    at(LATER),
    Object.hasOwn(globalThis, EARLIER),
    at(EARLIER),
  ]
  const client = new Client()
  const installation = install({ client })
  expect([at(LATER), at(EARLIER)]).toEqual([installation.dispatcher, installation.dispatcher])
  expect(await (await fetch(server.url)).text()).toBe('ok')
  expect(client.stats().dials).toBe(1)
  installation.uninstall()
  const after = [Object.hasOwn(globalThis, LATER), at(LATER), Object.hasOwn(globalThis, EARLIER), at(EARLIER)]
  expect(after).toEqual(before)
  expect(await (await fetch(server.url)).text()).toBe('ok')
  expect(client.stats().dials).toBe(1)
  // Once more changes nothing.
  installation.uninstall()
  expect(at(EARLIER)).toBe(before[3])
})

test('by using, and one inside of the other', async () => {
  const server = await serverOf(answer)
  const before = at(EARLIER)
  const [outer, inner] = [new Client(), new Client()]
  {
    using _ = install({ client: outer })
    {
      using __ = install({ client: inner })
      await (await fetch(server.url)).text()
    }
    await (await fetch(server.url)).text()
  }
  expect([outer.stats().dials, inner.stats().dials, at(EARLIER)]).toEqual([1, 1, before])
})

test('the first one is uninstalled before the second: nothing of either is left', async () => {
  const server = await serverOf(answer)
  const before = [at(EARLIER), at(LATER)]
  const installations = [install(), install(), install()]
  const [first, second, third] = installations as [Installation, Installation, Installation]
  first.uninstall()
  await first.dispatcher.close()
  expect(at(EARLIER)).toBe(third.dispatcher)
  second.uninstall()
  third.uninstall()
  expect([at(EARLIER), at(LATER)]).toEqual(before)
  expect(await (await fetch(server.url)).text()).toBe('ok')
})

test('what somebody else has put there meanwhile stays', () => {
  const before = [at(EARLIER), at(LATER)]
  const installation = install()
  const other = { dispatch: () => true }
  Reflect.set(globalThis, EARLIER, other)
  installation.uninstall()
  expect([at(EARLIER), at(LATER)]).toEqual([other, before[1]])
  Reflect.set(globalThis, EARLIER, before[0])
})

test('by importing', async () => {
  const server = await serverOf(answer)
  const before = [at(EARLIER), at(LATER)]
  await import('../../src/undici/install-now.ts')
  expect(at(EARLIER)).not.toBe(before[0])
  expect(await (await fetch(server.url)).text()).toBe('ok')
  Reflect.set(globalThis, EARLIER, before[0])
  Reflect.set(globalThis, LATER, before[1])
})

describe('the fetch of the platform', () => {
  test('what fails says what happened, to whom and after how long', async () => {
    const server = await serverOf((socket) => void socket.destroy())
    using _ = install()
    const error: unknown = await fetch(server.url).catch((thrown: unknown) => thrown)
    expect(error).toBeInstanceOf(TypeError)
    const { cause } = error as TypeError
    expect(cause).toMatchObject({
      phase: 'headers',
      address: `127.0.0.1:${server.port}`,
      attempts: 1,
      retryable: false,
    })
    expect((cause as Error).message).toMatch(
      /\(127\.0\.0\.1:\d+, after \d+ ms; not sent again: its connection was a new one\)$/,
    )
    expect(hyperErrorOf(error)?.code).toMatch(/^(INCOMPLETE_MESSAGE|IO)$/)
  })

  test('a body of text is sent again where that is safe, since it is handed over as it is', async () => {
    const server = await serverOf((socket, _request, index) => {
      if (index === 1) socket.destroy()
      else answer(socket, '', index)
    })
    using _ = install()
    await (await fetch(server.url)).text()
    const response = await fetch(server.url, { method: 'PUT', body: 'again' })
    expect(await response.text()).toBe('ok')
    expect(server.requests.map((request) => request.slice(0, 3))).toEqual(['GET', 'PUT', 'PUT'])
    expect(server.requests[2]).toContain('\r\n\r\nagain')
  })

  test('leaves no connection behind that a body holds which nobody reads', async () => {
    const server = await serverOf(
      (socket) => void socket.write(`HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nhel`),
    )
    const client = new Client()
    using _ = install({ client })
    const response = await fetch(server.url)
    await response.body?.cancel()
    await eventually(() => client.connections === 0)
  })
})

test('what is given in place of its options is told, and installs nothing', () => {
  const before = [at(LATER), at(EARLIER)]
  for (const wrong of [new Client(), { timeouts: {} }, null, 5])
    expect(() => install(wrong as never)).toThrow(expect.objectContaining({ code: 'INVALID_OPTION' }))
  expect([at(LATER), at(EARLIER)]).toEqual(before)
})

describe.each(PROTOCOLS)('the fetch of Node, by the clock of the client, %s', (speaks) => {
  /** A fetch whose server answers once `answer` is called, after so long a time. */
  async function asked(
    headers: number | undefined,
    ms: number,
  ): Promise<{
    seen: ReturnType<typeof watch>
    world: World
    answer: () => void
  }> {
    const world = new World(speaks, { timeouts: { headers } })
    cleanups.push(() => world.client.abort())
    let answer = (): void => undefined
    let hasArrived = false
    world.service = () =>
      new Promise((resolve) => {
        hasArrived = true
        answer = () => resolve(new HttpResponse('late'))
      })
    const installation = install({ client: world.client })
    const seen = watch(fetch(URL_A).then((response) => response.text()))
    await until(world, () => hasArrived)
    installation.uninstall()
    await world.pass(ms)
    return { seen, world, answer: () => answer() }
  }

  // The layer of Node takes turns of its own.
  const until = (world: World, test: () => boolean): Promise<void> =>
    eventually(() => world.runtime.turn() === 0 && test())

  test('row 387: a head after 320 s arrives where it may', async () => {
    for (const headers of [undefined, 321_500]) {
      const { answer, seen, world } = await asked(headers, 320_000)
      expect(seen.state).toBe('pending')
      answer()
      await until(world, () => seen.state !== 'pending')
      expect([headers, seen.value]).toEqual([headers, 'late'])
    }
  })

  test('row 387: it fails where it may not, and says what was waited for', async () => {
    const { seen, world } = await asked(310_000, 312_000)
    await until(world, () => seen.state !== 'pending')
    expect(hyperErrorOf(seen.value)).toMatchObject({
      code: 'HEADERS_TIMEOUT',
      phase: 'headers',
      address: '192.0.2.1:443',
      retryable: false,
    })
  })
})
