import { channel } from '@hyper/core/body'
import { HttpResponse } from '@hyper/core/http'
import { describe, expect, test } from 'vitest'
import { PROTOCOLS, URL_A, watch, World } from './kit.ts'
import { eventually, OK, quiet } from './raw-server.ts'
import { start } from './start.ts'

// Expect: 100-continue: the body waits for the server's word.

/** What every request of a client has. */
const USUAL = 'accept: */*\r\naccept-encoding: gzip, deflate, br, zstd\r\n'
describe('over HTTP/1, byte by byte', () => {
  test.each([
    ['text', 'abc', 'content-length: 3\r\n\r\n', 'abc'],
    ['a stream', () => ['ab', 'c'], 'transfer-encoding: chunked\r\n\r\n', '2\r\nab\r\n1\r\nc\r\n0\r\n\r\n'],
  ])('the body is sent once the server has said 100, %s', async (_, body, framing, wire) => {
    let rest = ''
    const { client, server } = await start((socket) => {
      socket.on('data', (text: string) => {
        rest += text
        if (rest.length >= wire.length) socket.write(OK)
      })
    })
    const asked = client.post(server.url, { body, expectContinue: 60_000 })
    await eventually(() => server.requests.length === 1)
    await quiet()
    const host = new URL(server.url).host
    expect([server.requests, rest]).toEqual([
      [`POST / HTTP/1.1\r\nhost: ${host}\r\n${USUAL}expect: 100-continue\r\n${framing}`],
      '',
    ])
    server.sockets[0]!.write('HTTP/1.1 100 Continue\r\n\r\n')
    expect([await (await asked).text(), rest]).toEqual(['ok', wire])
    await eventually(() => client.stats().idle === 1)
  })

  test('a final answer, and the body is not sent: its source is told, and the connection ends', async () => {
    const { client, server } = await start(
      (socket) => void socket.write('HTTP/1.1 417 Expectation Failed\r\ncontent-length: 2\r\n\r\nno'),
    )
    const { body, sender } = channel()
    const response = await client.post(server.url, { body, expectContinue: true })
    expect([response.status, await response.text(), sender.isClosed]).toEqual([417, 'no', true])
    await eventually(() => client.connections === 0)
    expect(server.requests.length).toBe(1)
  })

  test('without a body nothing is expected', async () => {
    const { client, server } = await start((socket) => void socket.write(OK))
    await (await client.get(server.url, { expectContinue: true })).text()
    expect(server.requests[0]).not.toContain('expect')
  })

  test('a connection that is lost while the body waits: even a stream can be sent over another', async () => {
    const { client, server } = await start((socket, _, index) => {
      if (index === 1) socket.destroy()
      else if (index === 0) socket.write(OK)
      else socket.write('HTTP/1.1 100 Continue\r\n\r\n' + OK)
    })
    await (await client.get(server.url)).text()
    async function* parts(): AsyncGenerator<string> {
      yield 'abc'
    }
    const response = await client.put(server.url, { body: parts(), expectContinue: true })
    expect([response.status, server.requests.length]).toEqual([200, 3])
  })
})

describe.each(PROTOCOLS)('%s', (speaks) => {
  test('the caller hears of the 100, and the service gets the body', async () => {
    const world = new World(speaks)
    world.service = async (request) => new HttpResponse(await request.text())
    const heard: number[] = []
    const response = await world.done(
      world.client.post(URL_A, {
        body: 'abc',
        expectContinue: true,
        onInformational: (status) => void heard.push(status),
      }),
    )
    expect([await world.done(response.text()), heard]).toEqual(['abc', [100]])
  })

  test.each([
    ['true is a second', true, 1_000],
    ['a time of one’s own', 300, 300],
  ])('a server that says nothing gets it all the same: %s', async (_, expectContinue, limit) => {
    const world = new World(speaks)
    const wakes = Promise.withResolvers<void>()
    world.service = async (request) => {
      // Nobody reads for a while: nothing is said, and nothing is answered.
      await wakes.promise
      return new HttpResponse(await request.text())
    }
    let isSent = false
    const body = function* (): Generator<string> {
      isSent = true
      yield 'abc'
    }
    const asked = watch(world.client.post(URL_A, { body, expectContinue }))
    await world.pass(limit - 1)
    expect([asked.state, isSent]).toEqual(['pending', false])
    await world.pass(1)
    expect(isSent).toBe(true)
    wakes.resolve()
    await world.runtime.settle()
    expect(await world.done((asked.value as HttpResponse).text())).toBe('abc')
  })

  test('an answer without the body: the response is whole, and others go on', async () => {
    const world = new World(speaks)
    world.service = () => new HttpResponse('x'.repeat(100_000), { status: 403 })
    const { body, sender } = channel()
    const response = await world.done(world.client.post(URL_A, { body, expectContinue: true }))
    expect([response.status, (await world.done(response.text())).length]).toEqual([403, 100_000])
    await world.runtime.settle()
    expect(sender.isClosed).toBe(true)
    expect(world.client.stats().active).toBe(0)
    await world.done(world.client.get(URL_A))
    expect(world.dials.length).toBe(speaks === 'h2' ? 1 : 2)
  })

  test('no alarm is left', async () => {
    const world = new World(speaks)
    world.service = async (request) => new HttpResponse(await request.text())
    const before = world.runtime.timer.pending
    for (let i = 0; i < 5; i++) {
      const response = await world.done(world.client.post(URL_A, { body: 'abc', expectContinue: true }))
      await world.done(response.text())
    }
    await world.done(world.client.close())
    expect(world.runtime.timer.pending).toBe(before)
  })
})
