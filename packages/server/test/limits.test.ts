import { HttpResponse } from '@hyper/core/http'
import type { Runtime } from '@hyper/core/rt'
import { nodeRuntime } from '@hyper/util/node'
import { lacks, VirtualRuntime } from '@hyper/testkit'
import { afterEach, describe, expect, test } from 'vitest'
import { type ServeOptions, serve, type Server } from '../src/index.ts'
import { ask, closeSessions, open } from './h2-kit.ts'
import { bodyOf, eventually, headOf, Wire } from './wire.ts'

// Every timeout and every limit, on both sides of it. Time is virtual, sockets are real.

let server: Server

afterEach(() => server.close({ deadline: 0 }).then(() => undefined))

const statusOf = (answer: string): string => answer.slice(9, 12)
const CLOSE = 'host: x\r\nconnection: close\r\n'
const GET = 'GET / HTTP/1.1\r\nhost: x\r\n\r\n'

async function start(options: ServeOptions): Promise<VirtualRuntime> {
  const virtual = new VirtualRuntime()
  const runtime: Runtime = {
    clock: virtual.clock,
    timer: virtual.timer,
    text: virtual.text,
    defer: (task) => nodeRuntime.defer(task),
    onError: (error) => virtual.onError(error),
  }
  server = await serve({ hostname: '127.0.0.1', runtime, ...options })
  return virtual
}

/** Lets bytes that are on their way arrive, in both directions. */
async function quiet(): Promise<void> {
  for (let i = 0; i < 20; i++) await new Promise((resolve) => setTimeout(resolve, 1))
}

async function connected(): Promise<Wire> {
  const before = server.connections
  const wire = await Wire.open(server.port)
  await eventually(() => server.connections > before)
  return wire
}

const hello = (): HttpResponse => new HttpResponse('hello')

describe('timeouts', () => {
  test.each([
    ['the default', undefined, 10_000],
    ['an option', 700, 700],
  ])('handshake, %s: no byte in time is a silent close', async (_, handshake, limit) => {
    const virtual = await start({ service: hello, timeouts: { handshake } })
    const wire = await connected()
    virtual.advance(limit - 1)
    await quiet()
    expect(wire.isEnded).toBe(false)
    virtual.advance(1)
    await wire.ended()
    expect(wire.received).toBe('')
    wire.socket.destroy()
  })

  test.each([
    ['the default', undefined, 30_000],
    ['an option', 700, 700],
  ])('headers, %s: a head that is not complete in time is 408', async (_, headers, limit) => {
    const virtual = await start({ service: hello, timeouts: { headers } })
    const slow = await connected()
    slow.send('GET / HTTP/1.1\r\n')
    await quiet()
    virtual.advance(limit - 1)
    await quiet()
    expect(slow.received).toBe('')
    virtual.advance(1)
    await slow.ended()
    expect(statusOf(slow.received)).toBe('408')
    slow.socket.destroy()
    await eventually(() => server.connections === 0)
    const quick = await connected()
    quick.send('GET / HTTP/1.1\r\n')
    await quiet()
    virtual.advance(limit - 1)
    quick.send('host: x\r\n\r\n')
    await quick.until('hello')
    quick.socket.destroy()
  })

  test.each([
    ['the default', undefined, 75_000],
    ['an option', 3_000, 3_000],
  ])('idle, %s: announced, and then a silent close', async (_, idle, limit) => {
    const virtual = await start({ service: hello, timeouts: { idle } })
    const wire = await connected()
    wire.send(GET)
    await wire.until('hello')
    expect(headOf(wire.received)).toContain(`keep-alive: timeout=${limit / 1000}`)
    virtual.advance(limit - 1)
    await quiet()
    wire.send(GET)
    await wire.until('hello', 2)
    const { received } = wire
    virtual.advance(limit)
    await wire.ended()
    expect(wire.received).toBe(received)
    wire.socket.destroy()
  })

  test.each([null, 0, Infinity])('idle: %s is off', async (idle) => {
    const virtual = await start({ service: hello, timeouts: { idle } })
    const wire = await connected()
    wire.send(GET)
    await wire.until('hello')
    expect(headOf(wire.received)).not.toContain('keep-alive: timeout')
    virtual.advance(1e9)
    await quiet()
    wire.send(GET)
    await wire.until('hello', 2)
    wire.socket.destroy()
  })

  test.each([
    ['the default', undefined, 30_000],
    ['an option', 700, 700],
  ])('receive, %s: a body that stalls is 408', async (_, receive, limit) => {
    const virtual = await start({
      service: async (request) => new HttpResponse(await request.text()),
      timeouts: { receive },
      limits: { minBodyRate: 0 },
    })
    const wire = await connected()
    wire.send('POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 3\r\n\r\na')
    await quiet()
    virtual.advance(limit - 1)
    wire.send('b')
    await quiet()
    virtual.advance(limit - 1)
    await quiet()
    expect(wire.received).toBe('')
    virtual.advance(1)
    await wire.ended()
    expect(statusOf(wire.received)).toBe('408')
    wire.socket.destroy()
  })

  test.each([
    ['the default', undefined, 30_000],
    ['an option', 700, 700],
  ])('send, %s: a client that takes nothing is reset', async (_, send, limit) => {
    const virtual = await start({
      service: () => new HttpResponse(new Uint8Array(64 * 1024 * 1024)),
      timeouts: { send },
    })
    const wire = await connected()
    wire.io.pause()
    wire.send(GET)
    await new Promise((resolve) => setTimeout(resolve, 100))
    virtual.advance(limit - 1)
    await quiet()
    expect(server.connections).toBe(1)
    virtual.advance(1)
    await eventually(() => server.connections === 0)
    wire.io.resume()
    await wire.cut()
  })

  describe('total', () => {
    const never = (): Promise<HttpResponse> => new Promise(() => {})

    test.each([undefined, null, 0, Infinity])('%s: off', async (total) => {
      let answer = (): void => {}
      const virtual = await start({
        service: () => new Promise((resolve) => (answer = () => resolve(hello()))),
        timeouts: { total },
      })
      const wire = await connected()
      wire.send(GET)
      await quiet()
      virtual.advance(1e9)
      await quiet()
      answer()
      await wire.until('hello')
      wire.socket.destroy()
    })

    test('a request that is not complete in time is 408', async () => {
      const virtual = await start({
        service: async (request) => new HttpResponse(await request.text()),
        timeouts: { total: 700 },
      })
      const wire = await connected()
      wire.send('POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 3\r\n\r\na')
      await quiet()
      virtual.advance(699)
      wire.send('b')
      await quiet()
      expect(wire.received).toBe('')
      virtual.advance(1)
      await wire.ended()
      expect([statusOf(wire.received), bodyOf(wire.received)]).toEqual(['408', ''])
      wire.socket.destroy()
    })

    test('one that is not answered in time is 503, and its handler hears of it', async () => {
      const reasons: unknown[] = []
      const virtual = await start({
        fetch: (request) => {
          request.signal.addEventListener('abort', () => reasons.push(request.signal.reason))
          return new Promise<Response>(() => {})
        },
        timeouts: { total: 700 },
      })
      const wire = await connected()
      wire.send(GET)
      await quiet()
      virtual.advance(699)
      await quiet()
      expect([wire.received, reasons]).toEqual(['', []])
      virtual.advance(1)
      await wire.ended()
      expect(statusOf(wire.received)).toBe('503')
      expect(headOf(wire.received)).toContain('connection: close')
      expect(reasons).toMatchObject([{ code: 'TOTAL_TIMEOUT', by: 'user' }])
      expect(virtual.errors).toEqual([])
      wire.socket.destroy()
    })

    test('one whose answer does not end in time is reset', async () => {
      const virtual = await start({
        fetch: () => new Response(new ReadableStream({ start: (to) => to.enqueue(new Uint8Array(9)) })),
        timeouts: { total: 700 },
      })
      const wire = await connected()
      wire.send(GET)
      await wire.until('\0\0\0')
      virtual.advance(699)
      await quiet()
      expect(server.connections).toBe(1)
      virtual.advance(1)
      await wire.cut()
      expect(wire.isEnded).toBe(lacks.reset !== null)
    })

    test('over HTTP/2 it costs the one request', async () => {
      const answers = new Map<string, () => void>()
      const virtual = await start({
        service: ({ target }) =>
          target === '/never'
            ? never()
            : new Promise((resolve) => answers.set(target, () => resolve(hello()))),
        timeouts: { total: 2_000 },
      })
      const session = open(server)
      const lost = ask(session, { ':path': '/never' })
      await eventually(() => session.remoteSettings.maxConcurrentStreams === 100)
      await quiet()
      virtual.advance(1_000)
      const kept = ask(session, { ':path': '/kept' })
      await eventually(() => answers.has('/kept'))
      virtual.advance(1_000)
      expect(await lost).toMatchObject({ status: 503, body: '', resetCode: 0 })
      answers.get('/kept')?.()
      expect(await kept).toMatchObject({ status: 200, body: 'hello' })
      closeSessions()
    })
  })

  test.each([
    ['the default', undefined, 2_000],
    ['an option', 700, 700],
  ])('linger, %s: how long a closing connection goes on reading', async (_, linger, limit) => {
    const virtual = await start({ service: hello, timeouts: { linger } })
    const wire = await connected()
    wire.send(`GET / HTTP/1.1\r\n${CLOSE}\r\n`)
    await wire.ended()
    virtual.advance(limit - 1)
    await quiet()
    expect(server.connections).toBe(1)
    virtual.advance(1)
    await eventually(() => server.connections === 0)
    wire.socket.destroy()
  })
})

describe('waitUntil', () => {
  test('what is no promise holds up nothing', async () => {
    server = await serve({
      hostname: '127.0.0.1',
      fetch(_, context) {
        for (const work of [undefined, null, 5, {}]) context.waitUntil(work as Promise<unknown>)
        return new Response('answered')
      },
    })
    expect(await (await fetch(server.url)).text()).toBe('answered')
    await server.close({ grace: 0 })
  })

  test.each([
    ['in time', 699, []],
    ['too late', 700, [{ code: 'TOTAL_TIMEOUT', by: 'user' }]],
  ])('%s', async (_, passed, errors) => {
    const gate = Promise.withResolvers<void>()
    const virtual = await start({
      timeouts: { waitUntil: 700 },
      fetch: (_request, context) => {
        context.waitUntil(gate.promise)
        return new Response('a', { headers: { connection: 'close' } })
      },
    })
    expect(await Wire.exchange(server.port, GET)).toContain('200 OK')
    await eventually(() => server.connections === 0)
    let isClosed = false
    const closed = server.close().then(() => (isClosed = true))
    virtual.advance(passed)
    await quiet()
    expect([isClosed, virtual.errors]).toMatchObject([errors.length > 0, errors])
    gate.resolve()
    await closed
    virtual.advance(1_000)
    expect(virtual.errors).toHaveLength(errors.length)
  })
})

describe('limits', () => {
  const head = (rest: string): string => `GET / HTTP/1.1\r\n${CLOSE}${rest}\r\n`
  const padded = (size: number): string => {
    const bare = head('a: \r\n').length
    return head(`a: ${'x'.repeat(size - bare)}\r\n`)
  }

  test.each([
    ['the default', undefined, 65_536],
    ['an option', 300, 300],
  ])('maxHeaderSize, %s', async (_, maxHeaderSize, limit) => {
    await start({ service: hello, limits: { maxHeaderSize } })
    expect(statusOf(await Wire.exchange(server.port, padded(limit)))).toBe('200')
    expect(statusOf(await Wire.exchange(server.port, padded(limit + 1)))).toBe('431')
  })

  test.each([
    ['the default', undefined, 100],
    ['an option', 5, 5],
  ])('maxHeaders, %s', async (_, maxHeaders, limit) => {
    await start({ service: hello, limits: { maxHeaders } })
    const fields = (count: number): string =>
      Array.from({ length: count - 2 }, (_, i) => `f${i}: v\r\n`).join('')
    expect(statusOf(await Wire.exchange(server.port, head(fields(limit))))).toBe('200')
    expect(statusOf(await Wire.exchange(server.port, head(fields(limit + 1))))).toBe('431')
  })

  test.each([
    ['the default', undefined, 32_768],
    ['an option', 20, 20],
  ])('maxTargetLength, %s', async (_, maxTargetLength, limit) => {
    await start({
      service: (request) => new HttpResponse(String(request.target.length)),
      limits: { maxTargetLength },
    })
    const of = (length: number): string => `GET /${'a'.repeat(length - 1)} HTTP/1.1\r\n${CLOSE}\r\n`
    expect(bodyOf(await Wire.exchange(server.port, of(limit)))).toBe(String(limit))
    expect(statusOf(await Wire.exchange(server.port, of(limit + 1)))).toBe('414')
  })

  test.each([
    ['the default', undefined, 64],
    ['an option', 4, 4],
  ])('maxMethodLength, %s', async (_, maxMethodLength, limit) => {
    await start({ service: (request) => new HttpResponse(request.method), limits: { maxMethodLength } })
    const of = (length: number): string => `${'M'.repeat(length)} / HTTP/1.1\r\n${CLOSE}\r\n`
    expect(bodyOf(await Wire.exchange(server.port, of(limit)))).toBe('M'.repeat(limit))
    expect(statusOf(await Wire.exchange(server.port, of(limit + 1)))).toBe('501')
  })

  const reading = async (request: { text(): Promise<string> }): Promise<HttpResponse> => {
    try {
      return new HttpResponse(`read ${(await request.text()).length}`)
    } catch (error) {
      return new HttpResponse(`failed ${(error as { code: string }).code}`)
    }
  }
  const chunkedPost = `POST / HTTP/1.1\r\n${CLOSE}transfer-encoding: chunked\r\n\r\n`

  test('maxTrailerSize', async () => {
    await start({ service: reading, limits: { maxTrailerSize: 12 } })
    const of = (trailers: string): string => `${chunkedPost}1\r\na\r\n0\r\n${trailers}\r\n`
    expect(bodyOf(await Wire.exchange(server.port, of('a: 45678\r\n')))).toBe('read 1')
    expect(await Wire.exchange(server.port, of('a: 456789\r\n'))).not.toContain('read 1')
  })

  test('maxChunkExtensionSize', async () => {
    await start({ service: reading, limits: { maxChunkExtensionSize: 8 } })
    const of = (extension: string): string => `${chunkedPost}1${extension}\r\na\r\n0\r\n\r\n`
    expect(bodyOf(await Wire.exchange(server.port, of(';a=1')))).toBe('read 1')
    expect(await Wire.exchange(server.port, of(`;a=${'1'.repeat(20)}`))).not.toContain('read 1')
  })

  describe('maxRequestBodySize', () => {
    const post = (body: string): string =>
      `POST / HTTP/1.1\r\n${CLOSE}content-length: ${body.length}\r\n\r\n${body}`
    const chunked = (body: string): string =>
      `${chunkedPost}${body.length.toString(16)}\r\n${body}\r\n0\r\n\r\n`

    test('a declared length beyond it is 413, and the service is not asked', async () => {
      let asked = 0
      await start({
        limits: { maxRequestBodySize: 3 },
        service: (request) => {
          asked++
          return reading(request)
        },
      })
      expect(bodyOf(await Wire.exchange(server.port, post('abc')))).toBe('read 3')
      const refused = await Wire.exchange(server.port, post('abcd'))
      expect([statusOf(refused), bodyOf(refused), asked]).toEqual(['413', '', 1])
      expect(headOf(refused)).toContain('connection: close')
    })

    test('a body of unknown length fails where it goes over, and the service may say so itself', async () => {
      await start({ limits: { maxRequestBodySize: 3 }, service: reading })
      expect(bodyOf(await Wire.exchange(server.port, chunked('abc')))).toContain('read 3')
      expect(bodyOf(await Wire.exchange(server.port, chunked('abcd')))).toContain('failed BODY_TOO_LARGE')
    })

    test('what it leaves alone is a 413, from a service and from a fetch handler', async () => {
      const errors = await start({
        limits: { maxRequestBodySize: 3 },
        service: async (request) => new HttpResponse(await request.text()),
      })
      expect(statusOf(await Wire.exchange(server.port, chunked('abcd')))).toBe('413')
      expect(errors.errors).toEqual([])
      await server.close({ deadline: 0 })
      for (const read of ['text', 'formData', 'blob'] as const) {
        await start({
          limits: { maxRequestBodySize: 3 },
          fetch: async (request) => new Response(JSON.stringify(await request[read]())),
        })
        expect([read, statusOf(await Wire.exchange(server.port, chunked('abcd')))]).toEqual([read, '413'])
        await server.close({ deadline: 0 })
      }
    })

    test('zero allows no body at all', async () => {
      await start({ limits: { maxRequestBodySize: 0 }, service: hello })
      expect(statusOf(await Wire.exchange(server.port, head('')))).toBe('200')
      expect(statusOf(await Wire.exchange(server.port, post('a')))).toBe('413')
    })
  })

  test('maxRequestsPerConnection: the last answer says so', async () => {
    await start({ service: hello, limits: { maxRequestsPerConnection: 2 } })
    const answers = await Wire.exchange(server.port, GET + GET + GET)
    expect(answers.split('HTTP/1.1 200')).toHaveLength(3)
    expect(answers.split('connection: close')).toHaveLength(2)
    expect(answers.indexOf('connection: close')).toBeGreaterThan(answers.indexOf('hello'))
  })

  test('connectionAge: the last answer says so, and an idle connection closes', async () => {
    let answer: (() => void) | null = null
    const virtual = await start({
      service: ({ target }) =>
        target === '/'
          ? hello()
          : new Promise((resolve) => {
              answer = () => resolve(hello())
            }),
      timeouts: { connectionAge: 60_000 },
    })
    const [idle, busy, late] = [await connected(), await connected(), await connected()]
    for (const wire of [idle, late]) {
      wire.send(GET)
      await wire.until('hello')
    }
    busy.send(GET.replace('/', '/slow'))
    await eventually(() => answer !== null)
    virtual.advance(59_999)
    await quiet()
    expect(idle.isEnded).toBe(false)
    virtual.advance(1)
    // A request that was on its way is answered.
    late.send(GET)
    await late.ended()
    expect(late.received).toMatch(/hello[^]*connection: close[^]*hello$/)
    virtual.advance(499)
    await quiet()
    expect(idle.isEnded).toBe(false)
    virtual.advance(1)
    await idle.ended()
    expect(idle.received).not.toContain('connection: close')
    answer!()
    await busy.ended()
    expect(busy.received).toMatch(/^HTTP\/1\.1 200 [^]*connection: close[^]*hello$/)
    for (const wire of [idle, busy, late]) wire.socket.destroy()
  })

  test.each([
    ['the defaults', {}, 5_000, 240],
    ['options', { minBodyRate: 100, minBodyRateGrace: 1_000 }, 1_000, 100],
  ])('minBodyRate, %s: 408 when the body is slower after the grace time', async (_, limits, grace, rate) => {
    const virtual = await start({ service: reading, limits, timeouts: { receive: null } })
    const wire = await connected()
    wire.send('POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 100000\r\n\r\n')
    await quiet()
    // As fast as it must be, for twice the grace time; then nothing.
    for (let passed = 0; passed < 2 * grace; passed += 500) {
      wire.send('x'.repeat(rate))
      await quiet()
      virtual.advance(500)
    }
    await quiet()
    expect([wire.received, server.connections]).toEqual(['', 1])
    virtual.advance(3 * grace)
    await wire.ended()
    expect(statusOf(wire.received)).toBe('408')
    wire.socket.destroy()
  })

  test('http1: a named leniency lets through what is refused otherwise', async () => {
    await start({ service: hello })
    const bare = `GET / HTTP/1.1\n${CLOSE.replaceAll('\r\n', '\n')}\n`
    expect(statusOf(await Wire.exchange(server.port, bare))).toBe('400')
    await server.close({ deadline: 0 })
    await start({ service: hello, http1: { allowBareLf: true } })
    expect(statusOf(await Wire.exchange(server.port, bare))).toBe('200')
  })
})
