import { once } from 'node:events'
import { constants } from 'node:http2'
import { HttpResponse } from '@hyper/core/http'
import { afterEach, expect, test } from 'vitest'
import { serve, type Server } from '../src/index.ts'
import { ask, closeSessions, open } from './h2-kit.ts'
import { bodyOf, eventually, headOf, Wire } from './wire.ts'

// Closing a server whose clients speak HTTP/2, alone and beside HTTP/1.

let server: Server

afterEach(() => {
  closeSessions()
  return server.close({ deadline: 0 })
})

/** A server whose answers wait for `open`. */
async function gated(): Promise<{ begun: string[]; open: () => void }> {
  const gate = Promise.withResolvers<void>()
  const begun: string[] = []
  server = await serve({
    hostname: '127.0.0.1',
    service: async (request) => {
      begun.push(request.target)
      await gate.promise
      return new HttpResponse(`done ${request.target}`)
    },
  })
  return { begun, open: gate.resolve }
}

test('an idle connection is told, and ends', async () => {
  server = await serve({ hostname: '127.0.0.1', fetch: () => new Response('a') })
  const session = open(server)
  await ask(session)
  const goaway = once(session, 'goaway')
  await server.close()
  expect((await goaway)[0]).toBe(constants.NGHTTP2_NO_ERROR)
  expect(server.connections).toBe(0)
})

test('what runs is finished, on both protocols', async () => {
  const { begun, open: release } = await gated()
  const session = open(server)
  const answers = Promise.all(['/a', '/b', '/c'].map((path) => ask(session, { ':path': path })))
  const wire = await Wire.open(server.port)
  wire.send('GET /one HTTP/1.1\r\nhost: x\r\n\r\n')
  await eventually(() => begun.length === 4)
  const goaway = once(session, 'goaway')
  let isClosed = false
  const closed = server.close({ deadline: 60_000 }).then(() => (isClosed = true))
  await goaway
  expect(isClosed).toBe(false)
  release()
  expect((await answers).map(({ body, status }) => [status, body])).toEqual([
    [200, 'done /a'],
    [200, 'done /b'],
    [200, 'done /c'],
  ])
  await wire.ended()
  expect([headOf(wire.received), bodyOf(wire.received)]).toEqual([
    expect.stringContaining('connection: close'),
    'done /one',
  ])
  wire.socket.end()
  await closed
})

test('two phases: what is on its way when the end is announced is still answered (RFC 9113 §6.8)', async () => {
  const { begun, open: release } = await gated()
  const wire = await Wire.open(server.port)
  const request = (id: number): string =>
    `\0\0\x06\x01\x05\0\0\0${String.fromCharCode(id)}\x82\x86\x84\x41\x01a`
  wire.send(`PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0\0\0\0\x04\x01\0\0\0\0${request(1)}`)
  await eventually(() => begun.length === 1)
  const closed = server.close()
  const warning = '\x07\0\0\0\0\0\x7f\xff\xff\xff\0\0\0\0'
  await wire.until(warning)
  // A PING follows the warning; the request behind it was sent by a client that had not read it.
  const ping = wire.received.slice(wire.received.indexOf(warning) + warning.length)
  expect(ping.slice(0, 9)).toBe('\0\0\x08\x06\0\0\0\0\0')
  wire.send(request(3))
  await eventually(() => begun.length === 2)
  wire.send(`\0\0\x08\x06\x01\0\0\0\0${ping.slice(9, 17)}`)
  await wire.until('\x07\0\0\0\0\0\0\0\0\x03\0\0\0\0')
  release()
  await wire.until('done /', 2)
  await wire.ended()
  wire.socket.end()
  await closed
})

test('the deadline aborts what is left', async () => {
  const reasons: unknown[] = []
  let begun = 0
  server = await serve({
    hostname: '127.0.0.1',
    service: (_, exchange) => {
      begun++
      exchange.onCancel((reason) => reasons.push(reason.code))
      return new Promise<HttpResponse>(() => undefined)
    },
  })
  const session = open(server)
  const answers = Promise.all([ask(session), ask(session)])
  await eventually(() => begun === 2)
  await server.close({ deadline: 30 })
  expect((await answers).map(({ status }) => status)).toEqual([0, 0])
  expect(reasons).toEqual(['CANCELED', 'CANCELED'])
  expect(server.connections).toBe(0)
})

test('a drain under load loses nothing that was begun', async () => {
  let begun = 0
  server = await serve({
    hostname: '127.0.0.1',
    fetch: async () => {
      begun++
      await new Promise((resolve) => setTimeout(resolve, Math.random() * 20))
      return new Response('x'.repeat(50_000))
    },
  })
  const sessions = [open(server), open(server), open(server)]
  let answered = 0
  const client = async (session: (typeof sessions)[number]): Promise<void> => {
    while (!session.closed && !session.destroyed) {
      try {
        const { body, status } = await ask(session)
        if (status === 200 && body.length === 50_000) answered++
      } catch {
        return
      }
    }
  }
  const load = Promise.all(sessions.flatMap((session) => Array.from({ length: 8 }, () => client(session))))
  await eventually(() => answered > 50)
  await server.close()
  await load
  expect(answered).toBe(begun)
})

test('a request that comes after the announcement is answered: GOAWAY of two phases', async () => {
  server = await serve({ hostname: '127.0.0.1', fetch: () => new Response('a') })
  const session = open(server)
  expect(await ask(session)).toMatchObject({ status: 200 })
  const told: number[] = []
  session.on('goaway', (_, last: number) => told.push(last))
  const closed = server.close({ deadline: 5_000 })
  // On its way while the server closes: neither end has heard of the other's doing.
  const asked = ask(session)
  expect(await asked).toMatchObject({ status: 200, body: 'a' })
  await closed
  expect([told[0], told.at(-1)]).toEqual([2 ** 31 - 1, 3])
})
