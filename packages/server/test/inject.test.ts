import { HttpRequest, HttpResponse } from '@hyper/core/http'
import { lacks, named } from '@hyper/testkit'
import { afterEach, describe, expect, test } from 'vitest'
import { type ServeOptions, serve, type Server } from '../src/index.ts'
import { eventually } from './wire.ts'

// Requests without a port, on both protocols.

const servers: Server[] = []

afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => server.close({ deadline: 0 })))
})

async function start(options: ServeOptions): Promise<Server> {
  const server = await serve({ listen: false, ...options })
  servers.push(server)
  return server
}

describe.each(['http1', 'http2'] as const)('inject by %s', (protocol) => {
  test('a GET, and what the handler sees of it', async () => {
    const server = await start({
      fetch: (request, context) =>
        Response.json({
          url: request.url,
          method: request.method,
          version: context.httpVersion,
          from: context.remoteAddress,
          encrypted: context.encrypted,
          transport: context.peer.transport,
          x: request.headers.get('x'),
        }),
    })
    const response = await server.inject('/path?query', { protocol, headers: { x: 'y' } })
    expect([response.status, response.headers.get('content-type')]).toEqual([
      200,
      // Bun says which charset it is.
      expect.stringMatching(/^application\/json(?:;charset=utf-8)?$/),
    ])
    expect(await response.json()).toEqual({
      url: 'http://localhost/path?query',
      method: 'GET',
      version: protocol === 'http1' ? '1.1' : '2',
      from: null,
      encrypted: false,
      transport: 'memory',
      x: 'y',
    })
    expect(server.url).toBe('http://localhost/')
    await eventually(() => server.connections === 0)
  })

  test('a URL with https, and an address of our choice', async () => {
    const server = await start({
      fetch: (request, { encrypted, peer, remoteAddress }) =>
        Response.json([request.url, encrypted, remoteAddress, peer.remotePort, peer.serverName]),
    })
    const response = await server.inject(new URL('https://a.example/'), {
      protocol,
      peer: { remoteAddress: '192.0.2.1', remotePort: 4242, serverName: 'a.example' },
    })
    expect(await response.json()).toEqual(['https://a.example/', true, '192.0.2.1', 4242, 'a.example'])
  })

  test.each([
    ['text', 'hello'],
    ['bytes', new TextEncoder().encode('hello')],
    ['a blob', new Blob(['hello'])],
    ['parameters', new URLSearchParams({ hello: '' })],
    ['nothing', null],
  ])('a body: %s', async (_, body) => {
    const server = await start({ fetch: async (request) => new Response(await request.text()) })
    const response = await server.inject('/', { protocol, method: 'POST', body })
    expect(await response.text()).toBe(
      body === null ? '' : body instanceof URLSearchParams ? 'hello=' : 'hello',
    )
  })

  test('text has a length, and a platform request its stream', async () => {
    const server = await start({
      fetch: async (request) =>
        new Response(`${request.headers.get('content-length')} ${await request.text()}`),
    })
    const ask = { method: 'PUT', body: 'four' } as const
    expect(await (await server.inject('/', { protocol, ...ask })).text()).toBe('4 four')
    const given = new Request('http://a.example/', ask)
    expect(await (await server.inject(given, { protocol })).text()).toBe('null four')
  })

  test('streams both ways: each chunk is answered before the next is sent', async () => {
    const server = await start({ fetch: (request) => new Response(request.body) })
    const sent = new TransformStream<Uint8Array, Uint8Array>()
    const writer = sent.writable.getWriter()
    const asked = server.inject('/', { protocol, method: 'POST', body: sent.readable as ReadableStream })
    void writer.write(new TextEncoder().encode('one'))
    const reader = (await asked).body!.pipeThrough(new TextDecoderStream()).getReader()
    expect(await reader.read()).toEqual({ done: false, value: 'one' })
    void writer.write(new TextEncoder().encode('two'))
    expect(await reader.read()).toEqual({ done: false, value: 'two' })
    void writer.close()
    expect(await reader.read()).toEqual({ done: true, value: undefined })
    await eventually(() => server.connections === 0)
  })

  test('interim responses and trailers, both ways', async () => {
    const server = await start({
      fetch: async (request, context) => {
        context.sendInformational(103, { link: '</a>' })
        await request.text()
        const came = await context.requestTrailers
        context.trailers({ 'x-out': `${came?.get('x-in')} back` })
        return new Response('body')
      },
    })
    const interim: unknown[] = []
    const response = await server.inject('/', {
      protocol,
      method: 'POST',
      body: 'a',
      headers: { te: 'trailers' },
      trailers: { 'x-in': 'in' },
      onInformational: (status, headers) => interim.push([status, headers.get('link')]),
    })
    expect(await response.text()).toBe('body')
    expect((await response.trailers)?.get('x-out')).toBe('in back')
    expect(interim).toEqual([[103, '</a>']])
  })

  test('no trailers are null', async () => {
    const server = await start({ fetch: () => new Response('a') })
    const response = await server.inject('/', { protocol })
    expect([await response.text(), await response.trailers]).toEqual(['a', null])
  })

  test('a response that nobody reads keeps nothing open', async () => {
    const server = await start({ fetch: () => new Response('a'.repeat(60_000)) })
    expect((await server.inject('/', { protocol })).status).toBe(200)
    await eventually(() => server.connections === 0)
    await server.close()
  })

  test('a long one waits for its reader, and a cancelled one ends', async () => {
    let pulled = 0
    let isCancelled = false
    const source = new ReadableStream({
      pull(controller) {
        pulled++
        controller.enqueue(new Uint8Array(16_384))
      },
      cancel: () => void (isCancelled = true),
    })
    const server = await start({ fetch: () => new Response(source) })
    const response = await server.inject('/', { protocol })
    // It comes to rest: a source that nobody holds back never does.
    for (let before = -1; before !== pulled;) {
      before = pulled
      for (let i = 0; i < 20; i++) await new Promise((resolve) => setTimeout(resolve, 1))
    }
    await response.body!.cancel()
    await eventually(() => isCancelled && server.connections === 0)
  })

  test.each([204, 205, 304])('status %i has no body', async (status) => {
    const server = await start({ fetch: () => new Response(null, { status }) })
    const response = await server.inject('/', { protocol })
    expect([response.status, response.body]).toEqual([status, null])
    await eventually(() => server.connections === 0)
  })

  test('two cookies stay two', async () => {
    const headers = new Headers()
    headers.append('set-cookie', 'a=1')
    headers.append('set-cookie', 'b=2')
    const server = await start({ fetch: () => new Response('', { headers }) })
    expect((await server.inject('/', { protocol })).headers.getSetCookie()).toEqual(['a=1', 'b=2'])
  })

  test('a signal gives it up, and the handler hears of it', async () => {
    const begun = Promise.withResolvers<AbortSignal>()
    const server = await start({
      fetch: (request) => {
        begun.resolve(request.signal)
        return new Promise<Response>(() => {})
      },
    })
    const controller = new AbortController()
    const asked = server.inject('/', { protocol, signal: controller.signal })
    const { aborted } = await begun.promise
    expect(aborted).toBe(false)
    controller.abort()
    await expect(asked).rejects.toMatchObject({ code: 'CANCELED' })
    await eventually(() => server.connections === 0)
    expect((await begun.promise).aborted).toBe(true)
  })

  test('a signal that has aborted before, too', async () => {
    let asked = 0
    const server = await start({
      fetch: () => {
        asked++
        return new Response('a')
      },
    })
    const signal = AbortSignal.abort()
    await expect(server.inject('/', { protocol, signal })).rejects.toMatchObject({ code: 'CANCELED' })
    await eventually(() => server.connections === 0)
    expect(asked).toBe(0)
  })

  test('limits hold as they do on a port', async () => {
    const server = await start({
      fetch: () => new Response('a'),
      limits: { maxHeaders: 3, maxConnectionsPerAddress: 0 },
    })
    const headers = { a: '1', b: '2', c: '3', d: '4' }
    expect((await server.inject('/', { protocol, headers })).status).toBe(431)
    const peer = { remoteAddress: '192.0.2.1' }
    await expect(server.inject('/', { protocol, peer })).rejects.toThrow()
  })

  test('a handler that throws is a 500', async () => {
    const errors: unknown[] = []
    const server = await start({
      onError: (error) => errors.push(error),
      fetch: () => {
        throw new Error('no')
      },
    })
    expect((await server.inject('/', { protocol })).status).toBe(500)
    expect(errors).toEqual([new Error('no')])
  })
})

test('a request that a handler was given is passed on', async () => {
  const inner = await start({
    fetch: async (request) => new Response(`${request.method} ${await request.text()}`),
  })
  const outer = await start({ fetch: (request) => inner.inject(request) })
  const response = await outer.inject('/', { method: 'PUT', body: 'four' })
  expect(await response.text()).toBe('PUT four')
})

test('a request of the engine is sent as it is', async () => {
  const server = await start({ service: (request) => new HttpResponse(request.target) })
  const request = new HttpRequest('OPTIONS', '*', { headers: { host: 'x' } })
  expect(await (await server.inject(request)).text()).toBe('*')
})

test.each(['http1', 'http2'] as const)(
  'what init says holds for a request of the engine, or is refused, by %s',
  async (protocol) => {
    const reasons: unknown[] = []
    const server = await start({
      service: async (request, exchange) => {
        if (request.target.endsWith('/wait')) {
          exchange.onCancel((reason) => reasons.push(reason.code))
          await new Promise<void>((resolve) => exchange.onCancel(() => resolve()))
        }
        await request.text()
        return new HttpResponse((await request.body.trailers)?.get('x-t') ?? 'none')
      },
    })
    const request = (path: string): HttpRequest =>
      new HttpRequest('POST', path, { headers: { host: 'x' }, body: 'hello' })
    expect(await (await server.inject(request('/'), { protocol, trailers: { 'x-t': 'y' } })).text()).toBe('y')
    const waiting = server.inject(request('/wait'), { protocol, signal: AbortSignal.timeout(10) })
    await expect(waiting).rejects.toMatchObject({ code: 'CANCELED' })
    await eventually(() => reasons.length === 1)
    for (const init of [{ method: 'PUT' }, { headers: { a: 'b' } }, { body: 'x' }])
      await expect(server.inject(request('/'), { protocol, ...init })).rejects.toMatchObject({
        code: 'INVALID_OPTION',
      })
  },
)

test.each([
  [
    'an upgrade',
    'http1',
    new HttpRequest('GET', '/', { headers: { host: 'x', connection: 'upgrade', upgrade: 'x' } }),
  ],
  ['a CONNECT', 'http1', new HttpRequest('CONNECT', 'a:1', { headers: { host: 'a:1' } })],
  ['a CONNECT', 'http2', new HttpRequest('CONNECT', 'a:1')],
] as const)('%s by %s is nothing that it could give: the tunnel ends', async (_, protocol, request) => {
  const server = await start({ fetch: (_request, context) => context.upgrade().response })
  await expect(server.inject(request, { protocol })).rejects.toMatchObject({ code: 'MANUAL_UPGRADE' })
  await server.close()
})

test('a body may be a generator', async () => {
  const server = await start({ fetch: async (request) => new Response(await request.text()) })
  async function* parts(): AsyncGenerator<Uint8Array> {
    yield Buffer.from('a')
    yield Buffer.from('b')
  }
  const response = await server.inject('/', { method: 'POST', body: parts() as never })
  expect(await response.text()).toBe('ab')
})

test('a server of HTTP/2 alone is asked by that', async () => {
  const server = await start({
    http1: false,
    fetch: (_, context) => new Response(context.httpVersion),
  })
  expect(await (await server.inject('/')).text()).toBe('2')
})

test('on a server that listens as well', async () => {
  const server = await start({ listen: true, hostname: '127.0.0.1', fetch: () => new Response('a') })
  expect(await (await server.inject(server.url)).text()).toBe('a')
  expect(await (await fetch(server.url)).text()).toBe('a')
})

for (const [name, input, init, error, lack] of [
  ['a protocol that is none', '/', { protocol: 'h2' as 'http2' }, { code: 'INVALID_OPTION' }, null],
  ['no URL', 'nonsense', {}, { name: 'TypeError' }, lacks.baseless],
  ['nothing at all', undefined as never, {}, { message: expect.not.stringContaining('#') }, lacks.baseless],
  ['a GET with a body', '/', { body: 'a' }, { name: 'TypeError' }, lacks.bodiless],
] as const) {
  test.skipIf(lack !== null)(named(`${name} is refused`, lack), async () => {
    const server = await start({ fetch: () => new Response('a') })
    await expect(server.inject(input, init)).rejects.toMatchObject(error)
    expect(server.connections).toBe(0)
  })
}

test.each(['http1', 'http2'] as const)(
  'a status that no Response may have is refused, and its connection ends: %s',
  async (protocol) => {
    const server = await start({ service: () => new HttpResponse('x'.repeat(5_000_000), { status: 600 }) })
    await expect(server.inject('/', { protocol })).rejects.toThrow(RangeError)
    await server.close()
  },
)

test('a server that was closed answers nothing', async () => {
  const server = await start({ fetch: () => new Response('a') })
  await server.close()
  await expect(server.inject('/')).rejects.toMatchObject({ code: 'INVALID_STATE' })
})
