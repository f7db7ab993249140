import { once } from 'node:events'
import { connect as connectTcp } from 'node:net'
import { connect as connectTls } from 'node:tls'
import { HttpResponse } from '@hyper/core/http'
import { lacks, testCertificate, VirtualRuntime } from '@hyper/testkit'
import { nodeRuntime } from '@hyper/util/node'
import { afterEach, expect, test } from 'vitest'
import { type ServeOptions, serve, type Server } from '../src/index.ts'
import { eventually, headOf, Wire } from './wire.ts'

let server: Server

afterEach(() => server.close({ deadline: 0 }))

const GET = 'GET / HTTP/1.1\r\nhost: x\r\n\r\n'

/** A server in virtual time, and connections that have had a request, or none yet. */
async function timed(options: Partial<ServeOptions> = {}): Promise<VirtualRuntime> {
  const virtual = new VirtualRuntime()
  const { clock, timer, text } = virtual
  const runtime = { clock, timer, text, defer: nodeRuntime.defer.bind(nodeRuntime), onError: () => {} }
  server = await serve({
    hostname: '127.0.0.1',
    runtime,
    fetch: () => new Response('a'),
    ...options,
  } as ServeOptions)
  return virtual
}

async function usedAndFresh(): Promise<[Wire, Wire]> {
  const used = await Wire.open(server.port)
  used.send(GET)
  await used.until('\r\n\r\na')
  const fresh = await Wire.open(server.port)
  await eventually(() => server.connections === 2)
  return [used, fresh]
}

/** Lets bytes that are on their way arrive, in both directions. */
async function quiet(): Promise<void> {
  for (let i = 0; i < 20; i++) await new Promise((resolve) => setTimeout(resolve, 1))
}

test.each([
  ['500 ms', undefined, 500],
  ['as long as it is told', { grace: 80 }, 80],
  ['no longer than the deadline', { deadline: 100 }, 100],
])('an idle connection is listened to for %s, and then ends', async (_, options, grace) => {
  const virtual = await timed()
  const [used, fresh] = await usedAndFresh()
  const closed = server.close(options)
  virtual.advance(grace - 1)
  await quiet()
  expect([used.isEnded, fresh.isEnded]).toEqual([false, false])
  virtual.advance(1)
  await Promise.all([used.ended(), fresh.ended()])
  used.socket.destroy()
  fresh.socket.destroy()
  await closed
  expect(fresh.received).toBe('')
})

test('a request that comes on one by then is answered, with connection: close', async () => {
  const virtual = await timed()
  const wires = await usedAndFresh()
  const closed = server.close()
  virtual.advance(499)
  for (const wire of wires) {
    wire.send(GET)
    await wire.ended()
    expect(wire.received).toMatch(/HTTP\/1\.1 200 OK\r\n[^]*connection: close\r\n[^]*\r\n\r\na$/)
    wire.socket.end()
  }
  await closed
})

test('without grace idle connections end at once', async () => {
  server = await serve({ hostname: '127.0.0.1', fetch: () => new Response('a') })
  const [used, fresh] = await usedAndFresh()
  const closed = server.close({ grace: 0 })
  await Promise.all([used.ended(), fresh.ended()])
  used.socket.end()
  fresh.socket.end()
  await closed
  expect(fresh.received).toBe('')
})

test('a second call may leave less grace', async () => {
  await timed()
  const wires = await usedAndFresh()
  const closed = server.close({ grace: 60_000 })
  expect(server.close({ grace: 0 })).toBe(closed)
  await Promise.all(wires.map((wire) => wire.ended()))
  for (const wire of wires) wire.socket.end()
  await closed
})

test('a TLS handshake that is under way is finished, and a request on it answered', async () => {
  const { cert, key } = await testCertificate()
  server = await serve({ hostname: '127.0.0.1', tls: { cert, key }, fetch: () => new Response('a') })
  const raw = connectTcp(server.port, '127.0.0.1')
  await once(raw, 'connect')
  // Accepted, and nothing said yet.
  await quiet()
  const closed = server.close({ grace: 20_000 })
  await quiet()
  const socket = connectTls({ socket: raw, ca: cert, servername: 'localhost' })
  socket.write(GET)
  let received = ''
  socket.on('data', (chunk: Buffer) => (received += String(chunk)))
  await once(socket, 'end')
  expect(received).toContain('connection: close')
  socket.end()
  await closed
})

test('connections that wait to be accepted are, and requests on them answered', async () => {
  server = await serve({ hostname: '127.0.0.1', fetch: () => new Response('a') })
  const sockets = Array.from({ length: 20 }, () => connectTcp(server.port, '127.0.0.1'))
  const answers = sockets.map(async (socket) => {
    socket.write(GET)
    let received = ''
    for await (const chunk of socket) received += String(chunk)
    return received
  })
  // By now the system has connected them, and nobody has accepted them yet.
  await new Promise<void>((resolve) => process.nextTick(resolve))
  expect(server.connections).toBe(0)
  const closed = server.close()
  for (const answer of await Promise.all(answers)) expect(answer).toContain('connection: close')
  await closed
})

test('one that does not get on is ended when the grace is over, and by the deadline', async () => {
  const { cert, key } = await testCertificate()
  for (const options of [{ grace: 20 }, { grace: 60_000, deadline: 20 }]) {
    server = await serve({ hostname: '127.0.0.1', tls: { cert, key }, fetch: () => new Response('a') })
    const raw = connectTcp(server.port, '127.0.0.1')
    raw.on('error', () => {})
    await once(raw, 'connect')
    await quiet()
    await server.close(options)
    if (lacks.endOfTls === null) await new Promise((resolve) => raw.once('close', resolve))
    raw.destroy()
  }
})

test('destroy ends everything at once, and handlers hear why', async () => {
  const reasons: unknown[] = []
  const begun = Promise.withResolvers<void>()
  server = await serve({
    hostname: '127.0.0.1',
    service: (_, exchange) => {
      begun.resolve()
      exchange.onCancel((reason) => reasons.push(reason))
      return new Promise<HttpResponse>(() => undefined)
    },
  })
  const wire = await Wire.open(server.port)
  wire.send(GET)
  await begun.promise
  const cause = new Error('the disk is gone')
  server.destroy(cause)
  await server.closed
  await wire.cut()
  expect(reasons).toMatchObject([{ code: 'CANCELED', by: 'user', cause }])
  server.destroy()
})

test('ready: not while it is busy, and not once it closes', async () => {
  server = await serve({ listen: false, fetch: () => new Response('a') })
  expect(server.ready).toBe(true)
  server.busy = true
  expect(server.ready).toBe(false)
  server.busy = false
  const closed = server.close()
  expect(server.ready).toBe(false)
  await closed
})

test('no connection is accepted any more', async () => {
  server = await serve({ hostname: '127.0.0.1', fetch: () => new Response('a') })
  await server.close()
  await expect(Wire.open(server.port)).rejects.toMatchObject({
    code: expect.stringMatching(/^ECONN(?:REFUSED|RESET)$/),
  })
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
  await wire.cut()
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

test.each([
  ['a number', 5],
  ['undefined', undefined],
])('what is given to waitUntil and is no promise keeps nobody waiting: %s', async (_, work) => {
  const errors: unknown[] = []
  server = await serve({
    listen: false,
    onError: (error) => errors.push(error),
    fetch: (_request, context) => {
      context.waitUntil(work as unknown as Promise<void>)
      return new Response('sent')
    },
  })
  expect(await (await server.inject('/')).text()).toBe('sent')
  await server.close()
  expect(errors).toEqual([])
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
