import { once } from 'node:events'
import { request as httpRequest, type IncomingMessage } from 'node:http'
import { type Duplex, Readable } from 'node:stream'
import { duplexFrom } from '@hyper/util/node'
import { afterEach, expect, test } from 'vitest'
import {
  type FetchContext,
  type FetchHandler,
  Response as FetchResponse,
  serve,
  type Server,
} from '../src/index.ts'
import { ask, closeSessions, open } from './h2-kit.ts'
import { bodyOf, eventually, headOf, Wire } from './wire.ts'

let server: Server

afterEach(() => server.close({ deadline: 0 }))

async function start(fetch: FetchHandler, onError?: (error: unknown) => void): Promise<Server> {
  server = await serve({ hostname: '127.0.0.1', fetch, onError })
  return server
}

test('addresses and the peer', async () => {
  await start((_, context) =>
    FetchResponse.json([
      context.remoteAddress,
      context.localAddress,
      context.peer.localPort,
      typeof context.peer.remotePort,
      context.encrypted,
      context.alpnProtocol,
      context.serverName,
      context.httpVersion,
    ]),
  )
  expect(await (await fetch(server.url)).json()).toEqual([
    '127.0.0.1',
    '127.0.0.1',
    server.port,
    'number',
    false,
    null,
    null,
    '1.1',
  ])
})

test('context.request is the request', async () => {
  await start((request, context) => new Response(String(request === context.request)))
  expect(await (await fetch(server.url)).text()).toBe('true')
})

test('sendInformational: 103 before the answer, to node:http', async () => {
  const sent: unknown[] = []
  await start((_, context) => {
    sent.push(context.sendInformational(103, { link: '</a.css>; rel=preload' }))
    return new Response('done')
  })
  const request = httpRequest(server.url)
  const hints: unknown[] = []
  request.on('information', (info: { statusCode: number; headers: unknown }) =>
    hints.push([info.statusCode, info.headers]),
  )
  request.end()
  const [response] = (await once(request, 'response')) as [IncomingMessage]
  response.resume()
  expect([response.statusCode, sent, hints]).toEqual([
    200,
    [true],
    [[103, { link: '</a.css>; rel=preload' }]],
  ])
})

test('sendInformational: not to HTTP/1.0, not a final status, no bad header', async () => {
  const seen: unknown[] = []
  await start((_, context) => {
    seen.push(context.sendInformational(103))
    for (const [status, headers] of [
      [200, {}],
      [101, {}],
      [103, { 'a b': 'c' }],
    ] as const) {
      try {
        context.sendInformational(status, headers)
      } catch (error) {
        seen.push(error)
      }
    }
    return new Response('done')
  })
  const answer = await Wire.exchange(server.port, 'GET / HTTP/1.0\r\n\r\n')
  expect(answer).toMatch(/^HTTP\/1.0 200 OK/)
  expect(seen[0]).toBe(false)
  expect(seen.slice(1, 3)).toMatchObject([{ code: 'INVALID_STATUS' }, { code: 'INVALID_STATUS' }])
  expect(seen[3]).toBeInstanceOf(TypeError)
})

test('trailers: values, after text and after a stream', async () => {
  await start((request, context) => {
    context.trailers({ 'X-Sum': '1' })
    if (request.url.endsWith('/stream')) return new Response(new Blob(['abc']).stream())
    return request.url.endsWith('/platform') ? new Response('abc') : new FetchResponse('abc')
  })
  for (const path of ['', 'stream', 'platform']) {
    const request = httpRequest(server.url + path, { headers: { te: 'trailers' } }).end()
    const [response] = (await once(request, 'response')) as [IncomingMessage]
    const text = (await response.setEncoding('utf8').toArray()).join('')
    expect([path, text, response.trailers]).toEqual([path, 'abc', { 'x-sum': '1' }])
  }
})

test('trailers: a function is called when the body has been sent', async () => {
  let sent = ''
  await start((_, context) => {
    context.trailers(() => new Headers({ 'x-sent': sent }))
    return new Response(
      new ReadableStream({
        pull(controller) {
          sent += 'a'
          controller.enqueue(Buffer.from('a'))
          if (sent === 'aaa') controller.close()
        },
      }),
    )
  })
  const answer = await Wire.exchange(
    server.port,
    'GET / HTTP/1.1\r\nhost: x\r\nte: trailers\r\nconnection: close\r\n\r\n',
  )
  expect(answer.endsWith('0\r\nx-sent: aaa\r\n\r\n')).toBe(true)
})

test('trailers are left out where the client does not want any', async () => {
  await start((_, context) => {
    context.trailers({ a: 'b' })
    return new FetchResponse('abc')
  })
  const answer = await Wire.exchange(server.port, 'GET / HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n')
  expect(answer).not.toContain('a: b')
  expect(bodyOf(answer)).toContain('abc')
})

test('requestTrailers: those of the request, once it is read', async () => {
  await start(async (request, context) => {
    const text = await request.text()
    const trailers = await context.requestTrailers
    return FetchResponse.json([text, trailers === null ? null : [...trailers]])
  })
  const head = 'POST / HTTP/1.1\r\nhost: x\r\nconnection: close\r\n'
  const chunked = await Wire.exchange(
    server.port,
    `${head}transfer-encoding: chunked\r\n\r\n1\r\na\r\n0\r\nX-T: y\r\n\r\n`,
  )
  expect(JSON.parse(bodyOf(chunked))).toEqual(['a', [['x-t', 'y']]])
  const sized = await Wire.exchange(server.port, `${head}content-length: 1\r\n\r\na`)
  expect(JSON.parse(bodyOf(sized))).toEqual(['a', null])
})

const outcome = (promise: Promise<void>): Promise<string> =>
  promise.then(
    () => 'completed',
    (error: { code?: string; message: string }) => error.code ?? error.message,
  )

test.each([
  ['text', () => new FetchResponse('abc')],
  ['nothing', () => new FetchResponse(null)],
  ['the platform’s text', () => new Response('abc')],
  ['a stream', () => new FetchResponse(new Blob(['abc']).stream())],
  ['a promise', async () => new FetchResponse('abc')],
] as [string, () => Response][])('completed resolves after %s', async (_, answer) => {
  const outcomes: string[] = []
  await start((_, context) => {
    outcomes.push('asked')
    void outcome(context.completed).then((text) => outcomes.push(text))
    return answer()
  })
  await (await fetch(server.url)).text()
  await eventually(() => outcomes.length === 2)
  expect(outcomes).toEqual(['asked', 'completed'])
})

test('completed may be asked for late, and again', async () => {
  const contexts: FetchContext[] = []
  await start((_, context) => {
    contexts.push(context)
    return new FetchResponse('abc')
  })
  await (await fetch(server.url)).text()
  const [context] = contexts
  expect(await outcome(context!.completed)).toBe('completed')
  expect(context!.completed).toBe(context!.completed)
})

test('completed rejects when the client goes before the end', async () => {
  const asked = Promise.withResolvers<Promise<string>>()
  await start((_, context) => {
    asked.resolve(outcome(context.completed))
    return new Response(new ReadableStream({ start: (c) => c.enqueue(Buffer.from('a')) }))
  })
  const wire = await Wire.open(server.port)
  wire.send('GET / HTTP/1.1\r\nhost: x\r\n\r\n')
  await wire.until('1\r\na\r\n')
  wire.socket.resetAndDestroy()
  expect(['CANCELED', 'CLOSED', 'IO']).toContain(await asked.promise)
})

const CONTRADICTION = { headers: { 'content-length': '7' } }
test.each<[string, () => Response | Promise<Response>]>([
  ['text', () => new FetchResponse('hello', CONTRADICTION)],
  ['a promise of text', () => Promise.resolve(new Response('hello', CONTRADICTION))],
  [
    'a stream',
    () => new FetchResponse(Readable.from(['a']) as never, { headers: { 'content-length': 'one' } }),
  ],
])('completed rejects when the engine refuses the answer: %s', async (_, answer) => {
  const seen: Promise<string>[] = []
  server = await serve({
    hostname: '127.0.0.1',
    timeouts: { tunnelIdle: 60_000 },
    onError: () => {},
    fetch(request, context) {
      if (request.url.endsWith('/early')) seen.push(outcome(context.completed))
      else setImmediate(() => seen.push(outcome(context.completed)))
      return answer()
    },
  })
  const session = open(server)
  for (const path of ['/early', '/late']) {
    const head = `GET ${path} HTTP/1.1\r\nhost: x\r\n`
    for (const options of ['connection: close', 'connection: upgrade, close\r\nupgrade: echo'])
      expect(await Wire.exchange(server.port, `${head}${options}\r\n\r\n`)).toMatch(/^HTTP\/1.1 500 /)
    expect((await ask(session, { ':path': path })).status).toBe(500)
  }
  closeSessions()
  await eventually(() => seen.length === 6)
  expect(await Promise.all(seen)).toEqual(Array.from({ length: 6 }, () => 'UNEXPECTED_HEADER'))
})

test('completed rejects with what the handler has thrown, and nobody has to listen', async () => {
  const seen: Promise<string>[] = []
  await start(
    async (request, context) => {
      if (request.url.endsWith('/deaf')) void context.completed
      else seen.push(outcome(context.completed))
      throw new Error('thrown')
    },
    () => undefined,
  )
  expect((await fetch(`${server.url}deaf`)).status).toBe(500)
  expect((await fetch(server.url)).status).toBe(500)
  expect(await Promise.all(seen)).toEqual(['thrown'])
})

async function echo(duplex: Duplex): Promise<void> {
  for await (const chunk of duplex) duplex.write(chunk)
  duplex.end()
}

test('upgrade: 101, then the connection is the handler’s, bytes that came early included', async () => {
  await start((_, context) => {
    const { parts, response } = context.upgrade({ 'x-a': 'b' })
    void parts.then(({ io, leftover }) => echo(duplexFrom(io, leftover)).catch(() => undefined))
    return response
  })
  const wire = await Wire.open(server.port)
  wire.send('GET / HTTP/1.1\r\nhost: x\r\nconnection: upgrade\r\nupgrade: echo, other\r\n\r\nearly')
  await wire.until('early')
  const head = headOf(wire.received).toLowerCase().split('\r\n')
  expect(head[0]).toBe('http/1.1 101 switching protocols')
  expect(head).toEqual(expect.arrayContaining(['upgrade: echo', 'connection: upgrade', 'x-a: b']))
  wire.send('late')
  await wire.until('late')
  wire.socket.end()
  await wire.ended()
})

test('upgrade: CONNECT is answered with 200', async () => {
  await start((request, context) => {
    const { parts, response } = context.upgrade()
    void parts.then(({ io, leftover }) => echo(duplexFrom(io, leftover)).catch(() => undefined))
    expect(request.method).toBe('CONNECT')
    return response
  })
  const request = httpRequest({
    port: server.port,
    host: '127.0.0.1',
    method: 'CONNECT',
    path: 'example.test:443',
  }).end()
  const [response, socket] = (await once(request, 'connect')) as [IncomingMessage, Duplex]
  expect(response.statusCode).toBe(200)
  socket.write('through')
  const [data] = (await once(socket, 'data')) as [Buffer]
  expect(data.toString()).toBe('through')
  socket.destroy()
})

test('upgrade: rejects when the request offers none, or the answer is another', async () => {
  const codes: unknown[] = []
  await start((_, context) => {
    const { parts } = context.upgrade()
    void parts.catch((error: { code: string }) => codes.push(error.code))
    return new Response('no')
  })
  expect(await (await fetch(server.url)).text()).toBe('no')
  const offered = 'GET / HTTP/1.1\r\nhost: x\r\nconnection: upgrade, close\r\nupgrade: echo\r\n\r\n'
  expect(await Wire.exchange(server.port, offered)).toMatch(/^HTTP\/1.1 200 OK/)
  await eventually(() => codes.length === 2)
  expect(codes).toEqual(['NO_UPGRADE', 'NO_UPGRADE'])
})
