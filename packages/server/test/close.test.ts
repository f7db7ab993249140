import { HttpResponse } from '@hyper/core/http'
import { afterEach, expect, test } from 'vitest'
import { serve, type Server } from '../src/index.ts'
import { eventually, headOf, Wire } from './wire.ts'

let server: Server

afterEach(() => server.close({ deadline: 0 }))

const GET = 'GET / HTTP/1.1\r\nhost: x\r\n\r\n'

test('an idle connection ends at once', async () => {
  server = await serve({ hostname: '127.0.0.1', fetch: () => new Response('a') })
  const used = await Wire.open(server.port)
  used.send(GET)
  await used.until('\r\n\r\na')
  const fresh = await Wire.open(server.port)
  await eventually(() => server.connections === 2)
  const closed = server.close()
  await Promise.all([used.ended(), fresh.ended()])
  used.socket.end()
  fresh.socket.end()
  await closed
  expect(fresh.received).toBe('')
})

test('no connection is accepted any more', async () => {
  server = await serve({ hostname: '127.0.0.1', fetch: () => new Response('a') })
  await server.close()
  await expect(Wire.open(server.port)).rejects.toMatchObject({ code: 'ECONNREFUSED' })
})

test('a request that runs is answered in full, with connection: close', async () => {
  const gate = Promise.withResolvers<void>()
  const begun = Promise.withResolvers<void>()
  server = await serve({
    hostname: '127.0.0.1',
    fetch: async () => {
      begun.resolve()
      await gate.promise
      return new Response('done')
    },
  })
  const wire = await Wire.open(server.port)
  wire.send(GET)
  await begun.promise
  let isClosed = false
  const closed = server.close().then(() => (isClosed = true))
  await new Promise((resolve) => setTimeout(resolve, 20))
  expect(isClosed).toBe(false)
  gate.resolve()
  await wire.ended()
  expect(headOf(wire.received)).toContain('connection: close')
  expect(wire.received.endsWith('\r\n\r\ndone')).toBe(true)
  wire.socket.end()
  await closed
})

test('the deadline aborts what is left', async () => {
  const reasons: unknown[] = []
  const begun = Promise.withResolvers<void>()
  server = await serve({
    hostname: '127.0.0.1',
    service: (_, exchange) => {
      begun.resolve()
      exchange.onCancel((reason) => reasons.push(reason.code))
      return new Promise<HttpResponse>(() => undefined)
    },
  })
  const wire = await Wire.open(server.port)
  wire.send(GET)
  await begun.promise
  await server.close({ deadline: 30 })
  await wire.closed()
  expect(wire.error).toMatchObject({ code: 'ECONNRESET' })
  expect(reasons).toEqual(['CANCELED'])
  expect(server.connections).toBe(0)
})

test('a second call may bring the deadline forward', async () => {
  server = await serve({
    hostname: '127.0.0.1',
    service: () => new Promise<HttpResponse>(() => undefined),
  })
  const wire = await Wire.open(server.port)
  wire.send(GET)
  await eventually(() => server.connections === 1)
  const first = server.close({ deadline: 60_000 })
  expect(server.close({ deadline: 0 })).toBe(first)
  await first
})

test('a deadline that is none is told, and nothing is closed', async () => {
  server = await serve({ hostname: '127.0.0.1', fetch: () => new Response('a') })
  for (const [deadline, shown] of [
    ['1000', "'1000'"],
    [Number.NaN, 'NaN'],
    [-1, '-1'],
    [null, 'null'],
  ] as const) {
    expect(() => server.close({ deadline: deadline as number })).toThrow(
      expect.objectContaining({
        code: 'INVALID_OPTION',
        message: `deadline must be a number of at least 0, not ${shown}`,
      }),
    )
  }
  const wire = await Wire.open(server.port)
  wire.send(GET)
  await wire.until('\r\n\r\na')
  wire.socket.destroy()
})

test('Infinity is no deadline', async () => {
  server = await serve({ hostname: '127.0.0.1', fetch: () => new Response('a') })
  await server.close({ deadline: Infinity })
  expect(server.connections).toBe(0)
})

test('close waits for what was given to waitUntil, and a rejection goes to onError', async () => {
  const gate = Promise.withResolvers<void>()
  const errors: unknown[] = []
  server = await serve({
    hostname: '127.0.0.1',
    onError: (error) => errors.push(error),
    fetch: (_, context) => {
      context.waitUntil(gate.promise)
      return new Response('sent', { headers: { connection: 'close' } })
    },
  })
  expect(await (await fetch(server.url)).text()).toBe('sent')
  let isClosed = false
  const closed = server.close().then(() => (isClosed = true))
  await eventually(() => server.connections === 0)
  await new Promise((resolve) => setTimeout(resolve, 10))
  expect(isClosed).toBe(false)
  gate.reject(new Error('late'))
  await closed
  expect(errors).toEqual([new Error('late')])
})

test('the deadline does not wait for waitUntil', async () => {
  server = await serve({
    hostname: '127.0.0.1',
    fetch: (_, context) => {
      context.waitUntil(new Promise(() => undefined))
      return new Response('sent', { headers: { connection: 'close' } })
    },
  })
  await (await fetch(server.url)).text()
  await server.close({ deadline: 10 })
})

test('a client that ends its idle connection is let go', async () => {
  server = await serve({ hostname: '127.0.0.1', fetch: () => new Response('a') })
  const used = await Wire.open(server.port)
  used.send(GET)
  await used.until('\r\n\r\na')
  const fresh = await Wire.open(server.port)
  await eventually(() => server.connections === 2)
  used.socket.end()
  fresh.socket.end()
  await Promise.all([used.closed(), fresh.closed()])
  await eventually(() => server.connections === 0)
})

test.each([
  ['expects 100-continue', 'expect: 100-continue\r\n'],
  ['says connection: close', 'connection: close\r\n'],
])('an answer to a request that %s and whose body nobody wants ends our half at once', async (_, field) => {
  server = await serve({
    hostname: '127.0.0.1',
    fetch: () => new Response('no', { status: 403 }),
    // Far longer than this test may take.
    timeouts: { linger: 600_000 },
  })
  const wire = await Wire.open(server.port)
  wire.send(`POST / HTTP/1.1\r\nhost: x\r\n${field}content-length: 10\r\n\r\n`)
  await wire.ended()
  expect(headOf(wire.received)).toMatch(/^HTTP\/1\.1 403 Forbidden\r\n.*connection: close/s)
  expect(wire.received.endsWith('\r\n\r\nno')).toBe(true)
  // The body may come all the same, and resets nothing.
  expect(wire.isClosed).toBe(false)
  wire.send('0123456789')
  wire.socket.end()
  await wire.closed()
  expect(wire.error).toBe(null)
})
