import { getEventListeners, once } from 'node:events'
import { request as httpRequest } from 'node:http'
import { rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { connect as connectTls } from 'node:tls'
import { HttpResponse } from '@hyper/core/http'
import { lacks, named, testCertificate } from '@hyper/testkit'
import { nodeRuntime } from '@hyper/util/node'
import { afterEach, expect, test } from 'vitest'
import { type FetchContext, PROTOCOL, type ServeOptions, serve, type Server } from '../src/index.ts'
import { eventually, Wire } from './wire.ts'

const servers: Server[] = []

afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => server.close({ deadline: 0 })))
})

async function start(options: ServeOptions): Promise<Server> {
  const server = await serve({ hostname: '127.0.0.1', ...options })
  servers.push(server)
  return server
}

test('a service answers over a real socket', async () => {
  const server = await start({
    service: (request) =>
      new HttpResponse(`${request.method} ${request.target}`, { headers: { 'x-a': '1' } }),
  })
  const response = await fetch(`${server.url}path?query`)
  expect(response.status).toBe(200)
  expect(response.headers.get('x-a')).toBe('1')
  expect(await response.text()).toBe('GET /path?query')
})

test('the port, the address and the URL are those of the listener', async () => {
  const server = await start({ fetch: () => new Response('here') })
  expect(server.port).toBeGreaterThan(0)
  expect(server.hostname).toBe('127.0.0.1')
  expect(server.address).toBe(`127.0.0.1:${server.port}`)
  expect(server.url).toBe(`http://127.0.0.1:${server.port}/`)
})

test('an IPv6 address stands in brackets', async () => {
  const server = await serve({ hostname: '::1', fetch: () => new Response('six') })
  servers.push(server)
  expect(server.address).toBe(`[::1]:${server.port}`)
  expect(await (await fetch(server.url)).text()).toBe('six')
})

test('a port that is taken rejects with the error of the system', async () => {
  const server = await start({ fetch: () => new Response('') })
  await expect(
    serve({ hostname: '127.0.0.1', port: server.port, fetch: () => new Response('') }),
  ).rejects.toMatchObject({
    code: 'EADDRINUSE',
  })
})

test.each([
  ['nothing', undefined, 'serve() takes an object: serve({ fetch })'],
  ['a function', () => new Response(''), 'serve() takes an object: serve({ fetch })'],
  ['neither', {}, 'serve() needs one of `fetch` and `service`'],
  [
    'both',
    { fetch: () => new Response(''), service: () => new HttpResponse('') },
    'serve() takes `fetch` or `service`, not both',
  ],
  ['a number', { fetch: 3 }, '`fetch` must be a function, or an object that has one of that name'],
  ['an empty object', { fetch: {} }, '`fetch` must be a function, or an object that has one of that name'],
  ['an object as service', { service: {} }, '`service` must be a function'],
  [
    'TLS without a certificate',
    { fetch: () => new Response(''), tls: {} },
    '`tls` needs a certificate: `cert` and `key`, `pfx`, `contexts` or `SNICallback`',
  ],
  [
    'TLS that is true',
    { fetch: () => new Response(''), tls: true },
    '`tls` needs a certificate: `cert` and `key`, `pfx`, `contexts` or `SNICallback`',
  ],
])('what cannot be served is refused: %s', async (_, options, message) => {
  await expect(serve(options as ServeOptions)).rejects.toMatchObject({
    code: 'INVALID_OPTION',
    by: 'user',
    message,
  })
})

test.each([
  ...['handshake', 'headers', 'idle', 'receive', 'send', 'linger', 'total', 'connectionAge', 'waitUntil'].map(
    (name) => ['timeouts', name],
  ),
  ...[
    'maxHeaderSize',
    'maxHeaders',
    'maxTargetLength',
    'maxMethodLength',
    'maxTrailerSize',
    'maxChunkExtensionSize',
    'maxRequestBodySize',
    'maxRequestsPerConnection',
    'maxConcurrentStreams',
    'maxConnections',
    'maxConnectionsPerAddress',
    'minBodyRate',
    'minBodyRateGrace',
  ].map((name) => ['limits', name]),
] as ['timeouts' | 'limits', string][])('%s.%s: a mistake is told by that name', async (group, name) => {
  const wrong = serve({ fetch: () => new Response(''), [group]: { [name]: '80' } })
  const message = expect.stringMatching(new RegExp(`^${group}\\.${name} must be .*, not '80'$`))
  await expect(wrong).rejects.toMatchObject({ code: 'INVALID_OPTION', message })
})

test('a mistake in the options of one protocol is told by its name there', async () => {
  const fetch = () => new Response('')
  await expect(serve({ fetch, http1: { keepAliveTimeout: -1 } })).rejects.toMatchObject({
    message: 'http1.keepAliveTimeout must be a number of at least 0, not -1',
  })
  await expect(
    serve({ fetch, http2: { keepAliveTimeout: -1 }, timeouts: { idle: 5 } }),
  ).rejects.toMatchObject({
    message: 'http2.keepAliveTimeout must be a number of at least 0, not -1',
  })
})

test('a timeout or a limit that is no number is refused', async () => {
  const fetch = () => new Response('')
  await expect(serve({ fetch, timeouts: { idle: -1 } })).rejects.toMatchObject({ code: 'INVALID_OPTION' })
  await expect(serve({ fetch, limits: { maxHeaders: Number.NaN } })).rejects.toMatchObject({
    code: 'INVALID_OPTION',
  })
  await expect(serve({ fetch, limits: { maxRequestBodySize: -1 } })).rejects.toMatchObject({
    code: 'INVALID_OPTION',
  })
  for (const wrong of [
    { limits: { maxConnections: -1 } },
    { limits: { maxConnectionsPerAddress: Number.NaN } },
    { timeouts: { tunnelIdle: -1 } },
    { timeouts: { connectionAge: -1 } },
    { timeouts: { connectionAge: Number.NaN } },
  ]) {
    await expect(serve({ fetch, ...wrong })).rejects.toMatchObject({ code: 'INVALID_OPTION' })
  }
})

test('a unix socket', async () => {
  const path = join(tmpdir(), `hyper-serve-${process.pid}.sock`)
  await rm(path, { force: true })
  const server = await serve({ path, fetch: (request) => new Response(request.url) })
  servers.push(server)
  expect(server.address).toBe(path)
  expect(server.url).toBe(`unix:${path}`)
  const text = await new Promise<string>((resolve, reject) => {
    const request = httpRequest({
      socketPath: path,
      path: '/x',
      headers: { host: 'example.test', connection: 'close' },
    })
    request.on('response', (response) => response.setEncoding('utf8').on('data', resolve))
    request.on('error', reject).end()
  })
  expect(text).toBe('http://example.test/x')
})

// RFC 9113 §9.2.1, CVE-2011-1473.
const noRenegotiation = lacks.nodeTls ?? lacks.renegotiation
test.skipIf(noRenegotiation !== null)(
  named('TLS: a client cannot have the handshake done again', noRenegotiation),
  async () => {
    const tls = await testCertificate()
    const server = await start({ tls, fetch: () => new Response('served') })
    const socket = connectTls({ port: server.port, host: '127.0.0.1', ca: tls.cert, maxVersion: 'TLSv1.2' })
    await once(socket, 'secureConnect')
    const failure = once(socket, 'error')
    socket.renegotiate({}, () => {})
    expect((await failure)[0]).toMatchObject({ code: 'ERR_SSL_NO_RENEGOTIATION' })
    const next = connectTls({ port: server.port, host: '127.0.0.1', ca: tls.cert, maxVersion: 'TLSv1.2' })
    next.write('GET / HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n')
    let received = ''
    for await (const chunk of next) received += String(chunk)
    expect(received).toMatch(/^HTTP\/1\.1 200 OK\r\n[^]*served$/u)
  },
)

test.skipIf(lacks.nodeTls !== null)(
  named(
    'TLS: what node:tls takes is passed on; a client without a certificate is turned away',
    lacks.nodeTls,
  ),
  async () => {
    const { cert, key } = await testCertificate()
    const server = await start({
      tls: { cert, key, ca: cert, requestCert: true, rejectUnauthorized: true, minVersion: 'TLSv1.3' },
      fetch: () => new Response('hello'),
    })
    const options = { host: '127.0.0.1', port: server.port, ca: cert }
    const known = connectTls({ ...options, cert, key })
    await once(known, 'secureConnect')
    expect(known.getProtocol()).toBe('TLSv1.3')
    known.write('GET / HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n')
    known.setEncoding('latin1')
    expect((await known.toArray()).join('')).toMatch(/^HTTP\/1\.1 200 [\s\S]*hello$/)
    const unknown = connectTls(options)
    unknown.resume()
    const [error] = (await once(unknown, 'error')) as [NodeJS.ErrnoException]
    expect(error.code).toMatch(/^ERR_SSL_TLSV13?_ALERT_CERTIFICATE_REQUIRED$/)
    const old = connectTls({ ...options, maxVersion: 'TLSv1.2' })
    await expect(once(old, 'secureConnect')).rejects.toMatchObject({
      code: 'ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION',
    })
  },
)

test('TLS: the request has an https URL, the context says what was negotiated', async () => {
  const tls = await testCertificate()
  const server = await start({
    tls,
    fetch: (request, context) =>
      Response.json([
        request.url,
        context.encrypted,
        context.alpnProtocol,
        context.serverName,
        context.httpVersion,
      ]),
  })
  expect(server.url).toBe(`https://127.0.0.1:${server.port}/`)
  const text = await new Promise<string>((resolve, reject) => {
    const socket = connectTls({
      host: '127.0.0.1',
      port: server.port,
      ca: tls.cert,
      servername: 'example.test',
      ALPNProtocols: ['http/1.1'],
    })
    const request = httpRequest({
      createConnection: () => socket,
      path: '/x',
      headers: { host: 'example.test' },
    })
    request.on('response', (response) => response.setEncoding('utf8').on('data', resolve))
    request.on('error', reject).end()
  })
  const name = lacks.serverName === null ? 'example.test' : null
  expect(JSON.parse(text)).toEqual(['https://example.test/x', true, 'http/1.1', name, '1.1'])
})

test('a handler object is called as its member', async () => {
  class App {
    readonly name: string = 'app'
    fetch(): Response {
      return new Response(this.name)
    }
  }
  const server = await start({ fetch: new App() })
  expect(await (await fetch(server.url)).text()).toBe('app')
})

test('the handler object of the TC55 draft is given the context, and may answer what it has thrown', async () => {
  const server = await start({
    fetch: {
      [PROTOCOL]: 1,
      fetch(context: FetchContext) {
        if (context.request.url.endsWith('/fail')) throw new Error('no')
        if (context.request.url.endsWith('/nothing')) return undefined
        return new Response(context.request.method)
      },
      error: (_, error) => new Response(String(error), { status: 503 }),
    },
  })
  expect(await (await fetch(server.url)).text()).toBe('GET')
  const failed = await fetch(`${server.url}fail`)
  expect(failed.status).toBe(503)
  expect(await failed.text()).toBe('Error: no')
  expect(await (await fetch(`${server.url}nothing`)).text()).toMatch(/^TypeError: .* returned undefined/)
})

test('a connection serves requests one after the other, pipelined ones too', async () => {
  const server = await start({ fetch: (request) => new Response(new URL(request.url).pathname) })
  const wire = await Wire.open(server.port)
  wire.send('GET /a HTTP/1.1\r\nhost: x\r\n\r\nGET /b HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n')
  await wire.ended()
  const bodies = wire.received.split('\r\n').filter((line) => line.startsWith('/'))
  expect(bodies.map((line) => line.slice(0, 2))).toEqual(['/a', '/b'])
  expect(server.connections).toBe(1)
  wire.socket.destroy()
  await eventually(() => server.connections === 0)
})

test('signal closes the server, and refuses to start one', async () => {
  const controller = new AbortController()
  const server = await start({ signal: controller.signal, fetch: () => new Response('') })
  controller.abort()
  await server.closed
  const late = serve({ signal: controller.signal, fetch: () => new Response('') })
  await expect(late).rejects.toMatchObject({ name: 'AbortError' })
})

test('a signal that aborts before the server listens leaves none', async () => {
  const first = await start({ fetch: () => new Response('') })
  const { port } = first
  await first.close()
  const controller = new AbortController()
  const starting = serve({ port, signal: controller.signal, fetch: () => new Response('') })
  controller.abort(new Error('changed my mind'))
  await expect(starting).rejects.toThrow('changed my mind')
  // The port is free again.
  const next = await start({ port, fetch: () => new Response('') })
  expect(next.port).toBe(port)
})

test('a signal is let go with the server', async () => {
  const { signal } = new AbortController()
  const first = await serve({ listen: false, signal, fetch: () => new Response('') })
  const second = await serve({ listen: false, signal, fetch: () => new Response('') })
  expect(getEventListeners(signal, 'abort')).toHaveLength(2)
  await first.close()
  expect(getEventListeners(signal, 'abort')).toHaveLength(1)
  await second.close()
  expect(getEventListeners(signal, 'abort')).toHaveLength(0)
})

test('disposing closes', async () => {
  const server = await start({ fetch: () => new Response('') })
  await server[Symbol.asyncDispose]()
  await server.closed
})

test('what a handler throws is a 500 and a call of onError, and the connection goes on', async () => {
  const errors: unknown[] = []
  const thrown = new Error('first')
  const server = await start({
    onError: (error) => errors.push(error),
    fetch: (request) => {
      const { pathname } = new URL(request.url)
      if (pathname === '/throw') throw thrown
      if (pathname === '/reject') return Promise.reject(thrown)
      if (pathname === '/nothing') return undefined as unknown as Response
      if (pathname === '/error') return Response.error()
      return new Response('fine')
    },
  })
  for (const path of ['throw', 'reject', 'nothing', 'error']) {
    const response = await fetch(server.url + path)
    expect([path, response.status, await response.text()]).toEqual([path, 500, ''])
  }
  expect(errors.slice(0, 2)).toEqual([thrown, thrown])
  expect(errors[2]).toBeInstanceOf(TypeError)
  expect(errors[3]).toBeInstanceOf(TypeError)
  expect(await (await fetch(server.url)).text()).toBe('fine')
})

test('an onError that throws costs nothing, whosever runtime it is', async () => {
  for (const runtime of [undefined, nodeRuntime]) {
    const server = await start({
      ...(runtime === undefined ? {} : { runtime }),
      onError: () => {
        throw new Error('logger')
      },
      service: () => {
        throw new Error('broken')
      },
    })
    for (let i = 0; i < 2; i++) expect((await fetch(server.url)).status).toBe(500)
  }
})

test('a service that throws is a 500 too', async () => {
  const errors: unknown[] = []
  const server = await start({
    onError: (error) => errors.push(error),
    service: () => {
      throw new Error('broken')
    },
  })
  expect((await fetch(server.url)).status).toBe(500)
  expect(errors).toEqual([new Error('broken')])
})

test.each([
  ['maxConnections: one more is reset, and there is room again after', { maxConnections: 1 }],
  ['maxConnectionsPerAddress: one more of one client is reset', { maxConnectionsPerAddress: 1 }],
])('%s', async (_, limits) => {
  const server = await start({ limits, fetch: () => new Response('in') })
  const first = await Wire.open(server.port)
  first.send('GET / HTTP/1.1\r\nhost: x\r\n\r\n')
  await first.until('in')
  const second = await Wire.open(server.port).catch((error: unknown) => error)
  // The reset may be there before the connection is.
  if (second instanceof Wire) {
    await second.cut()
    expect(second.received).toBe('')
  } else expect(second).toMatchObject({ code: 'ECONNRESET' })
  first.send('GET / HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n')
  await first.ended()
  first.socket.destroy()
  await eventually(() => server.connections === 0)
  expect(await (await fetch(server.url)).text()).toBe('in')
})
