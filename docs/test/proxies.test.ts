import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { request as httpRequest } from 'node:http'
import { connect as connectH2 } from 'node:http2'
import { type AddressInfo, connect, createServer, type Server as NetServer, type Socket } from 'node:net'
import { Client, type ClientOptions } from '@hyper/client'
import { webSocketConnection } from '@hyper/client/websocket'
import { type HttpRequest, HttpResponse } from '@hyper/core/http'
import type { Exchange, Service } from '@hyper/core/service'
import { serve, type ServeOptions, type Server } from '@hyper/server'
import { answerWebSocket } from '@hyper/server/websocket'
import { afterEach, describe, expect, test } from 'vitest'
import { WebSocket, WebSocketServer } from 'ws'
import { type ForwardProxy, forwardProxy } from '../examples/proxy-forward.ts'
import { type ReverseProxy, reverseProxy } from '../examples/proxy-reverse.ts'

// The proxies of the guide, as they stand there, between real clients and real origins.

const cleanUp: (() => unknown)[] = []
const LONG = 300_000

afterEach(async () => {
  for (const clean of cleanUp.splice(0).toReversed()) await clean()
})

async function started(service: Service, more: Partial<ServeOptions> = {}): Promise<Server> {
  const server = await serve({
    port: 0,
    hostname: '127.0.0.1',
    service,
    http2: { enableConnectProtocol: true },
    onError: () => undefined,
    ...more,
  })
  cleanUp.push(() => server.close({ deadline: 0 }))
  return server
}

function client(options: ClientOptions = {}): Client {
  const made = new Client({ proxy: null, ...options })
  cleanUp.push(() => made.abort())
  return made
}

const speaking = (version: '1.1' | '2', more: ClientOptions = {}): Client =>
  client({ ...more, ...(version === '2' ? { http2: { priorKnowledge: true } } : { http2: false }) })

async function reversed(
  origin: string,
  out: '1.1' | '2' = '1.1',
  more: Partial<ReverseProxy> = {},
  upstream: ClientOptions = {},
): Promise<Server> {
  const service = reverseProxy({
    client: speaking(out, { redirect: 'manual', decompress: false, ...upstream }),
    name: 'edge',
    origin: () => new URL(origin).origin,
    ...more,
  })
  return started(service)
}

/** An origin of bytes: what it was sent, and what it answers. */
async function rawOrigin(
  answer: (head: string, socket: Socket) => void,
): Promise<{ url: string; received: string[] }> {
  const received: string[] = []
  const server: NetServer = createServer((socket) => {
    const index = received.push('') - 1
    socket.on('error', () => undefined)
    socket.on('data', (chunk) => {
      received[index] += chunk.toString('latin1')
      if (received[index]?.includes('\r\n\r\n') === true) answer(received[index] ?? '', socket)
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  cleanUp.push(() => new Promise((resolve) => server.close(resolve)))
  return { url: `http://127.0.0.1:${port}`, received }
}

/** Sends bytes, and gives what came back until the end. */
async function raw(port: number, text: string): Promise<string> {
  const socket = connect(port, '127.0.0.1')
  socket.on('error', () => undefined)
  socket.write(text, 'latin1')
  let answer = ''
  for await (const chunk of socket) answer += String(chunk)
  return answer
}

const CLOSE = 'connection: close\r\n'
const linesOf = (head: string): string[] =>
  (head.split('\r\n\r\n')[0] ?? '').split('\r\n').map((line) => line.toLowerCase())

describe.each([
  ['1.1', '1.1'],
  ['1.1', '2'],
  ['2', '1.1'],
  ['2', '2'],
] as const)('a reverse proxy, HTTP/%s in and HTTP/%s out', (into, out) => {
  test('messages go through whole: content, trailers, interim responses', async () => {
    const seen: unknown[] = []
    const origin = await started(async (request, exchange) => {
      exchange.informational(103, { link: '</a.css>; rel=preload' })
      const text = await request.body.text()
      const trailers = await request.trailers
      seen.push([request.version, request.method, request.target, text, trailers?.get('x-sum') ?? null])
      return new HttpResponse(
        (async function* pieces() {
          yield 'an '
          yield 'answer'
        })(),
        {
          status: 201,
          headers: [
            ['set-cookie', 'a=1'],
            ['set-cookie', 'b=2'],
          ],
          trailers: { 'x-length': '9' },
        },
      )
    })
    const proxy = await reversed(origin.url, out)
    const interim: unknown[] = []
    const response = await speaking(into).request(new URL('/a//b?c=%2F', proxy.url), {
      method: 'PUT',
      body: async function* body() {
        yield 'a '
        yield 'question'
      },
      headers: { te: 'trailers' },
      trailers: { 'x-sum': '10' },
      onInformational: (status, headers) => interim.push([status, headers.get('link')]),
    })
    expect([response.version, response.status, await response.text()]).toEqual([into, 201, 'an answer'])
    expect((await response.trailers)?.get('x-length')).toBe('9')
    expect(response.headers.getSetCookie()).toEqual(['a=1', 'b=2'])
    expect(response.headers.get('via')).toBe(`${out} edge`)
    expect(seen).toEqual([[out, 'PUT', '/a//b?c=%2F', 'a question', '10']])
    expect(interim).toEqual([[103, '</a.css>; rel=preload']])
  })

  test('what has no content, and what is not to be followed, stays so', async () => {
    const origin = await started((request) => {
      const status = Number(request.uri.path.slice(1))
      if (status === 302) return new HttpResponse(null, { status, headers: { location: '/elsewhere' } })
      if (status === 200) return new HttpResponse('12345', { headers: { 'content-encoding': 'gzip' } })
      return new HttpResponse(null, { status })
    })
    const proxy = await reversed(origin.url, out)
    const by = speaking(into, { redirect: 'manual', decompress: false })
    const head = await by.head(new URL('/200', proxy.url))
    expect([head.status, head.headers.get('content-length'), await head.text()]).toEqual([200, '5', ''])
    const coded = await by.get(new URL('/200', proxy.url))
    expect([coded.headers.get('content-encoding'), await coded.text()]).toEqual(['gzip', '12345'])
    for (const status of [204, 302, 304, 404, 500]) {
      const response = await by.get(new URL(`/${status}`, proxy.url))
      expect([response.status, await response.text()]).toEqual([status, ''])
    }
  })

  test('100 MiB down, no faster than they are read', { timeout: LONG }, async () => {
    const size = 100 << 20
    let made = 0
    const origin = await started(
      () =>
        new HttpResponse(
          (async function* blocks() {
            for (; made < size; made += BLOCK.length) yield BLOCK
          })(),
        ),
    )
    const proxy = await reversed(origin.url, out)
    const response = await speaking(into).get(proxy.url)
    const hash = createHash('sha256')
    let read = 0
    let most = 0
    for await (const chunk of response.body) {
      // At first it reads nothing at all: everything between here and the origin fills up.
      if (read === 0) await settled(() => made)
      hash.update(chunk)
      read += chunk.length
      most = Math.max(most, made - read)
    }
    expect([read, hash.digest('hex')]).toEqual([size, digestOf(size)])
    expect(most).toBeLessThan(HELD_ON_THE_WAY)
  })

  test('100 MiB up, no faster than they are read', { timeout: LONG }, async () => {
    const size = 100 << 20
    let made = 0
    let most = 0
    const origin = await started(async (request) => {
      await settled(() => made)
      const hash = createHash('sha256')
      let read = 0
      for await (const chunk of request.body) {
        hash.update(chunk)
        read += chunk.length
        most = Math.max(most, made - read)
      }
      return new HttpResponse(`${read} ${hash.digest('hex')}`)
    })
    const proxy = await reversed(origin.url, out)
    const response = await speaking(into).post(proxy.url, {
      body: async function* blocks() {
        for (; made < size; made += BLOCK.length) yield BLOCK
      },
    })
    expect(await response.text()).toBe(`${size} ${digestOf(size)}`)
    expect(most).toBeLessThan(HELD_ON_THE_WAY)
  })

  test('a client that leaves takes its request to the origin along, before and within the answer', async () => {
    const cancelled: Promise<string>[] = []
    const origin = await started((request, exchange) => {
      cancelled.push(new Promise((resolve) => exchange.onCancel(({ code }) => resolve(code))))
      if (request.uri.path === '/waits') return new Promise(() => undefined)
      return new HttpResponse(
        (async function* endless() {
          for (;;) yield BLOCK
        })(),
      )
    })
    const proxy = await reversed(origin.url, out)
    for (const path of ['/waits', '/streams']) {
      const leave = new AbortController()
      const asked = speaking(into).get(new URL(path, proxy.url), { signal: leave.signal })
      asked.catch(() => undefined)
      while (cancelled.length === 0) await turn()
      if (path === '/streams') await asked
      leave.abort()
      expect(['IO', 'CANCELED', 'STREAM_RESET']).toContain(await cancelled.pop())
    }
  })

  test('an early answer stops the upload: 413 is seen', async () => {
    const origin = await started(() => new HttpResponse('new'), { limits: { maxRequestBodySize: 1_000 } })
    const proxy = await reversed(origin.url, out)
    const by = speaking(into)
    const declared = await by.post(proxy.url, { body: Buffer.alloc(8 << 20) })
    expect(declared.status).toBe(413)
    await declared.text()
    const asked = await by.post(proxy.url, { body: Buffer.alloc(8 << 20), expectContinue: 5_000 })
    expect(asked.status).toBe(413)
  })

  test('expect: 100-continue is between client and origin', async () => {
    const origin = await started(async (request) => {
      if (request.headers.get('x-not') !== null) return new HttpResponse(null, { status: 417 })
      return new HttpResponse(`${request.headers.get('expect')} ${await request.body.text()}`)
    })
    const proxy = await reversed(origin.url, out)
    const by = speaking(into)
    let begun = false
    const body = async function* (): AsyncGenerator<string> {
      begun = true
      yield 'content'
    }
    const refused = await by.post(proxy.url, { body, headers: { 'x-not': '1' }, expectContinue: 60_000 })
    expect([refused.status, begun]).toEqual([417, false])
    const wanted = await by.post(proxy.url, { body, expectContinue: 60_000 })
    expect([await wanted.text(), begun]).toEqual(['100-continue content', true])
  })

  test('a WebSocket goes through, and its refusal too', async () => {
    const wss = new WebSocketServer({ noServer: true })
    const origin = await started((request, exchange) =>
      request.uri.path === '/no'
        ? new HttpResponse('not you', { status: 403, headers: { 'x-why': 'rules' } })
        : answerWebSocket(request, exchange, wss, (socket) => {
            socket.on('error', () => undefined)
            socket.on('message', (data, isBinary) => socket.send(data, { binary: isBinary }))
          }),
    )
    const proxy = await reversed(origin.url, '1.1')
    const open = (path: string): WebSocket => {
      const socket = new WebSocket(new URL(path, proxy.url.replace('http', 'ws')), {
        createConnection: webSocketConnection(speaking(into), { http2: into === '2' }),
      })
      socket.on('error', () => undefined)
      return socket
    }
    const socket = open('/yes')
    await once(socket, 'open')
    for (let i = 0; i < 100; i++) {
      socket.send(`message ${i}`)
      expect(String((await once(socket, 'message'))[0])).toBe(`message ${i}`)
    }
    socket.close(4000, 'enough')
    expect((await once(socket, 'close'))[0]).toBe(4000)
    const refused = open('/no')
    const [, response] = (await once(refused, 'unexpected-response')) as [
      unknown,
      { statusCode: number; headers: Record<string, string> },
    ]
    expect([response.statusCode, response.headers['x-why']]).toEqual([403, 'rules'])
    refused.terminate()
  })
})

describe('what a reverse proxy lets through', () => {
  const OK = 'HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok'

  test('no field of one connection, nor what connection names; but Host and the length stay', async () => {
    const origin = await rawOrigin((_, socket) => socket.write(OK))
    const proxy = await reversed(origin.url)
    const answer = await raw(
      proxy.port,
      'POST /path HTTP/1.1\r\nhost: example.test\r\nconnection: close, X-Secret, host, Content-Length, keep-alive\r\n' +
        'x-secret: s\r\nkeep-alive: timeout=5\r\nproxy-connection: keep-alive\r\nproxy-authorization: Basic eA==\r\n' +
        'te: trailers, deflate\r\ntrailer: x-sum\r\nupgrade: h2c\r\nhttp2-settings: AAMAAABkAAQAAP__\r\nx-kept: k\r\n' +
        'content-length: 4\r\n\r\nbody',
    )
    expect(answer).toMatch(/^HTTP\/1.1 200 OK/)
    expect(linesOf(origin.received[0] ?? '')).toEqual([
      'post /path http/1.1',
      'host: example.test',
      'x-kept: k',
      'content-length: 4',
      'via: 1.1 edge',
      'te: trailers',
      'x-forwarded-for: 127.0.0.1',
      'x-forwarded-host: example.test',
      'x-forwarded-proto: http',
      'forwarded: for=127.0.0.1;host="example.test";proto=http',
      // What says nothing (RFC 9110 §12.5.1).
      'accept: */*',
    ])
  })

  test('an upgrade with its method and its content, but none to HTTP/2, which would hide requests', async () => {
    const origin = await rawOrigin((text, socket) =>
      socket.write(
        text.includes('upgrade: tcp')
          ? 'HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: tcp\r\n\r\nopen'
          : OK,
      ),
    )
    const proxy = await reversed(origin.url)
    const ask = async (protocol: string): Promise<string> => {
      const socket = connect(proxy.port, '127.0.0.1')
      socket.write(
        `POST /exec HTTP/1.1\r\nhost: x\r\nconnection: upgrade\r\nupgrade: ${protocol}\r\ncontent-length: 4\r\n\r\nbody`,
      )
      let text = ''
      for await (const chunk of socket as AsyncIterable<Buffer>) {
        text += chunk.toString('latin1')
        if (/open|ok$/.test(text)) break
      }
      return text
    }
    expect(await ask('tcp')).toMatch(/^HTTP\/1.1 101 [^]*open$/)
    expect(await ask('h2c')).toMatch(/^HTTP\/1.1 200 [^]*ok$/)
    expect(await ask('tcp, H2C')).toMatch(/^HTTP\/1.1 200 [^]*ok$/)
    const told = origin.received.join('')
    expect(told.match(/POST \/exec|upgrade: \w+|body/g)).toEqual([
      'POST /exec',
      'upgrade: tcp',
      'body',
      'POST /exec',
      'body',
      'POST /exec',
      'body',
    ])
    expect(told).not.toMatch(/h2c/i)
  })

  test('nor one of an answer', async () => {
    const origin = await rawOrigin((_, socket) =>
      socket.write(
        'HTTP/1.1 200 OK\r\nconnection: x-inner, keep-alive\r\nx-inner: i\r\nkeep-alive: timeout=60\r\n' +
          'proxy-authenticate: Basic\r\nx-kept: k\r\ntransfer-encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n',
      ),
    )
    const proxy = await reversed(origin.url)
    const answer = await raw(proxy.port, `GET / HTTP/1.1\r\nhost: x\r\n${CLOSE}\r\n`)
    expect(linesOf(answer).filter((line) => !line.startsWith('date'))).toEqual([
      'http/1.1 200 ok',
      'x-kept: k',
      'via: 1.1 edge',
      // All of it was there when its head was written.
      'content-length: 2',
      'connection: close',
    ])
  })

  test('what a client says of who asked counts only from whom it is believed', async () => {
    const origin = await started((request) => new HttpResponse(JSON.stringify([...request.headers])))
    const said = {
      'x-forwarded-for': '10.9.9.9',
      'x-forwarded-proto': 'https',
      'x-forwarded-host': 'evil',
      forwarded: 'for=10.9.9.9',
    }
    const fieldsOf = async (proxy: Server): Promise<Map<string, string>> => {
      const response = await client().get(proxy.url, { headers: said })
      const map = new Map<string, string>()
      for (const [name, value] of (await response.json()) as [string, string][])
        map.set(name, map.has(name) ? `${map.get(name)}, ${value}` : value)
      return map
    }
    const distrusting = await fieldsOf(await reversed(origin.url))
    expect(distrusting.get('x-forwarded-for')).toBe('127.0.0.1')
    expect(distrusting.get('x-forwarded-proto')).toBe('http')
    expect(distrusting.get('forwarded')).not.toContain('10.9.9.9')
    const trusting = await fieldsOf(await reversed(origin.url, '1.1', { trusts: () => true }))
    expect(trusting.get('x-forwarded-for')).toBe('10.9.9.9, 127.0.0.1')
    expect([trusting.get('x-forwarded-proto'), trusting.get('x-forwarded-host')]).toEqual(['https', 'evil'])
    expect(trusting.get('forwarded')).toMatch(/^for=10.9.9.9, for=127.0.0.1;/)
  })

  // Whatever could be read in two ways does not reach the origin.
  test.each([
    [
      'length and coding',
      'content-length: 4\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\nGET /smuggled HTTP/1.1\r\n\r\n',
    ],
    ['two lengths', 'content-length: 4\r\ncontent-length: 5\r\n\r\nbody!'],
    ['a coding that is not chunked last', 'transfer-encoding: chunked, gzip\r\n\r\n0\r\n\r\n'],
    ['a coding with a space before its colon', 'transfer-encoding : chunked\r\n\r\n0\r\n\r\n'],
    ['a folded line', 'x: a\r\n transfer-encoding: chunked\r\n\r\n'],
    ['a bare line feed', 'x: a\ntransfer-encoding: chunked\r\n\r\n'],
    ['two hosts', 'host: y\r\n\r\n'],
  ])('not %s', async (_, fields) => {
    const origin = await rawOrigin((_, socket) => socket.write(OK))
    const proxy = await reversed(origin.url)
    expect(await raw(proxy.port, `POST / HTTP/1.1\r\nhost: x\r\n${fields}`)).toMatch(/^HTTP\/1.1 (400|501)/)
    expect(origin.received).toEqual([])
  })

  test('a request over HTTP/2 that is shorter than it said never looks whole to the origin', async () => {
    const closed = Promise.withResolvers<void>()
    const origin = await rawOrigin((_, socket) => socket.on('close', () => closed.resolve()))
    const proxy = await reversed(origin.url)
    const session = connectH2(proxy.url)
    session.on('error', () => undefined)
    const stream = session.request(
      { ':method': 'POST', ':path': '/', 'content-length': '10' },
      { endStream: false },
    )
    const reset = new Promise((resolve) => stream.on('error', resolve))
    stream.write('four')
    while (!origin.received.join('').includes('four')) await turn()
    stream.end()
    await reset
    await closed.promise
    const [head, content] = (origin.received[0] ?? '').split('\r\n\r\n')
    expect([linesOf(head ?? '').includes('content-length: 10'), content]).toEqual([true, 'four'])
    session.destroy()
  })

  test('no more than the limit of the proxy: 413, and the origin hears of nothing', async () => {
    const origin = await rawOrigin((_, socket) => socket.write(OK))
    const inner = reverseProxy({
      client: client({ redirect: 'manual', decompress: false }),
      name: 'edge',
      origin: () => origin.url,
    })
    const proxy = await started(inner, { limits: { maxRequestBodySize: 1_000 } })
    for (const version of ['1.1', '2'] as const) {
      const response = await speaking(version).post(proxy.url, { body: Buffer.alloc(4 << 20) })
      expect(response.status).toBe(413)
    }
    expect(origin.received).toEqual([])
  })

  test('a path that looks like another host is none, and a whole URL names the host alone', async () => {
    const origin = await rawOrigin((_, socket) => socket.write(OK))
    const proxy = await reversed(origin.url)
    await raw(proxy.port, `GET //evil.test/x HTTP/1.1\r\nhost: x\r\n${CLOSE}\r\n`)
    await raw(proxy.port, `GET http://named.test/y?z HTTP/1.1\r\nhost: other\r\n${CLOSE}\r\n`)
    expect(linesOf(origin.received.join('')).slice(0, 2)).toEqual(['get //evil.test/x http/1.1', 'host: x'])
    const second = origin.received.join('').slice(1).indexOf('GET /y?z')
    expect(linesOf(origin.received.join('').slice(second + 1)).slice(0, 2)).toEqual([
      'get /y?z http/1.1',
      'host: named.test',
    ])
  })

  test('a request that has been here before is a loop', async () => {
    const proxy = await started((request, exchange) => inner(request, exchange))
    const inner = reverseProxy({
      client: client({ redirect: 'manual', decompress: false }),
      name: 'edge',
      origin: () => new URL(proxy.url).origin,
    })
    const response = await client().get(proxy.url)
    expect(response.status).toBe(508)
  })

  test.each(['TRACE / HTTP/1.1', 'OPTIONS * HTTP/1.1', 'CONNECT x:1 HTTP/1.1'])('not %s', async (line) => {
    const origin = await rawOrigin((_, socket) => socket.write(OK))
    const proxy = await reversed(origin.url)
    const host = line.startsWith('CONNECT') ? 'x:1' : 'x'
    expect(await raw(proxy.port, `${line}\r\nhost: ${host}\r\n${CLOSE}\r\n`)).toMatch(/^HTTP\/1.1 405/)
    expect(origin.received).toEqual([])
  })
})

describe('when the origin fails, a reverse proxy', () => {
  test('answers 502 where nobody listens, 502 to what is no HTTP, 504 to silence', async () => {
    const garbage = await rawOrigin((_, socket) => socket.end('what?\r\n\r\n'))
    const silent = await rawOrigin(() => undefined)
    const statusOf = async (proxy: Server): Promise<number> => (await client().get(proxy.url)).status
    expect(await statusOf(await reversed('http://127.0.0.1:1'))).toBe(502)
    expect(await statusOf(await reversed(garbage.url))).toBe(502)
    expect(await statusOf(await reversed(silent.url, '1.1', {}, { timeouts: { headers: 50 } }))).toBe(504)
  })

  test('lets an answer that breaks off look broken, over both protocols', async () => {
    const origin = await rawOrigin((_, socket) => {
      socket.write('HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nnot all')
      setTimeout(() => socket.destroy(), 20)
    })
    const proxy = await reversed(origin.url)
    for (const version of ['1.1', '2'] as const) {
      const response = await speaking(version).get(proxy.url)
      expect(response.status).toBe(200)
      await expect(response.text()).rejects.toMatchObject({ name: 'HyperError' })
    }
  })

  test('asks again only where that is safe: a lost GET on a reused connection, never a POST', async () => {
    const methods: string[] = []
    const served = new WeakSet<Socket>()
    // It drops each connection at its second request.
    const origin = await rawOrigin((_, socket) => {
      if (served.has(socket)) socket.destroy()
      else {
        served.add(socket)
        socket.write(OK)
      }
    })
    const proxy = await reversed(origin.url)
    const by = client()
    const ask = async (method: string): Promise<number> => {
      methods.push(method)
      const response = await by.request(proxy.url, { method, body: method === 'POST' ? 'b' : undefined })
      await response.text()
      return response.status
    }
    expect(await ask('GET')).toBe(200)
    expect(await ask('GET')).toBe(200)
    expect(await ask('POST')).toBe(502)
    const posts = origin.received.join('').split('POST /').length - 1
    expect([methods.length, posts]).toEqual([3, 1])
  })
  const OK = 'HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok'
})

describe('a forward proxy', () => {
  async function forwarding(more: Partial<ForwardProxy> = {}): Promise<Server> {
    const proxy: Server = await started((request, exchange) =>
      forwardProxy({
        client: upstream,
        name: 'gate',
        allows: (_, port) => port > 1023,
        isSelf: (address, port) => address.startsWith('127.') && port === proxy.port,
        ...more,
      })(request, exchange),
    )
    const upstream = client({ redirect: 'manual', decompress: false })
    return proxy
  }
  const origin = (): Promise<Server> =>
    started(async (request) => {
      const { headers, method, target } = request
      const text = await request.body.text()
      return new HttpResponse(JSON.stringify([method, target, headers.get('host'), headers.get('via'), text]))
    })

  test('forwards what has the whole URL: our client, node:http, and bytes', async () => {
    const [proxy, there] = [await forwarding(), await origin()]
    const host = `127.0.0.1:${there.port}`
    const by = client({ proxy: proxy.url })
    const response = await by.post(`http://${host}/a?b`, { body: 'content' })
    expect(await response.json()).toEqual(['POST', '/a?b', host, '1.1 gate', 'content'])
    expect(response.headers.get('via')).toBe('1.1 gate')
    const sent = httpRequest({
      host: '127.0.0.1',
      port: proxy.port,
      path: `http://${host}/n`,
      headers: { host },
    })
    sent.end()
    const [answer] = (await once(sent, 'response')) as [AsyncIterable<Buffer>]
    let text = ''
    for await (const chunk of answer) text += String(chunk)
    expect(JSON.parse(text)).toEqual(['GET', '/n', host, '1.1 gate', ''])
    const bytes = await raw(
      proxy.port,
      `GET http://${host}/r HTTP/1.1\r\nhost: elsewhere\r\nproxy-connection: keep-alive\r\nproxy-authorization: x\r\n${CLOSE}\r\n`,
    )
    expect(bytes).toMatch(/^HTTP\/1.1 200 OK/)
    expect(bytes).toContain(`["GET","/r","${host}","1.1 gate",""]`)
  })

  test('refuses what it may not: ports, itself by either way, credentials in a URL, requests for itself', async () => {
    const proxy = await forwarding()
    const self = `127.0.0.1:${proxy.port}`
    const statusOf = async (line: string, host: string): Promise<string> =>
      (await raw(proxy.port, `${line} HTTP/1.1\r\nhost: ${host}\r\n${CLOSE}\r\n`)).slice(9, 12)
    expect([
      await statusOf('CONNECT 127.0.0.1:25', '127.0.0.1:25'),
      await statusOf('GET http://127.0.0.1:25/', '127.0.0.1:25'),
      await statusOf(`CONNECT ${self}`, self),
      await statusOf(`CONNECT localhost:${proxy.port}`, `localhost:${proxy.port}`),
      await statusOf(`GET http://${self}/`, self),
      await statusOf('GET http://user:pass@127.0.0.1:2000/', '127.0.0.1:2000'),
      await statusOf('TRACE http://127.0.0.1:2000/', '127.0.0.1:2000'),
      await statusOf('GET /', 'x'),
      await statusOf('GET ftp://127.0.0.1:2000/', '127.0.0.1:2000'),
    ]).toEqual(['403', '403', '403', '403', '403', '400', '405', '400', '400'])
    // A loop by another name shows in Via.
    expect(
      (
        await raw(
          proxy.port,
          `GET http://127.0.0.1:2000/ HTTP/1.1\r\nhost: 127.0.0.1:2000\r\nvia: 1.1 gate\r\n${CLOSE}\r\n`,
        )
      ).slice(9, 12),
    ).toBe('508')
  })

  test('says why there is no tunnel: 502 where nobody listens, 504 where nobody answers', async () => {
    const proxy = await forwarding()
    await expect(client().tunnel(proxy.url, '127.0.0.1:1025')).rejects.toMatchObject({ reason: '502' })
    // TEST-NET-1 (RFC 5737) is nobody's; where a machine says at once that there is no way, that is a 502.
    const slow = await forwarding({ connectTimeout: 1 })
    const error: unknown = await client()
      .tunnel(slow.url, '192.0.2.1:2000')
      .catch((thrown: unknown) => thrown)
    expect(['502', '504']).toContain((error as { reason: string }).reason)
  })

  test('ends a tunnel that is silent', async () => {
    const there = await rawOrigin(() => undefined)
    const proxy = await forwarding({ idleTimeout: 60 })
    const tunnel = (await client().tunnel(proxy.url, new URL(there.url).host)).duplex()
    tunnel.on('error', () => undefined)
    await new Promise((resolve) => tunnel.on('close', resolve))
  })
})

describe.each(['1.1', '2'] as const)('a tunnel over HTTP/%s', (version) => {
  /** Two ends with the forward proxy between them: what the client has, and the socket that the target accepts. */
  async function tunnelled(): Promise<{
    near: ReturnType<Awaited<ReturnType<Client['tunnel']>>['duplex']>
    far: Socket
  }> {
    const accepted = Promise.withResolvers<Socket>()
    const target = createServer({ allowHalfOpen: true }, (socket) => {
      socket.on('error', () => undefined)
      accepted.resolve(socket)
    })
    target.listen(0, '127.0.0.1')
    await once(target, 'listening')
    cleanUp.push(() => target.close())
    const service: Service = (request: HttpRequest, exchange: Exchange) =>
      forwardProxy({ client: upstream, name: 'gate', allows: () => true, isSelf: () => false })(
        request,
        exchange,
      )
    const upstream = client()
    const proxy = await started(service)
    const { port } = target.address() as AddressInfo
    const tunnel = await speaking(version).tunnel(proxy.url, `127.0.0.1:${port}`)
    const near = tunnel.duplex()
    near.on('error', () => undefined)
    return { near, far: await accepted.promise }
  }

  const size = 64 << 20
  async function* blocks(made: { count: number }): AsyncGenerator<Buffer> {
    for (; made.count < size; made.count += BLOCK.length) yield BLOCK
  }

  test.each(['up', 'down'] as const)(
    'a fast sender waits for a slow reader, and no byte is lost: %s',
    { timeout: LONG },
    async (way) => {
      const { far, near } = await tunnelled()
      const [from, to] = way === 'up' ? [near, far] : [far, near]
      const made = { count: 0 }
      const sending = (async () => {
        for await (const block of blocks(made)) if (!from.write(block)) await once(from, 'drain')
        from.end()
      })()
      await settled(() => made.count)
      expect(made.count).toBeLessThan(HELD_ON_THE_WAY)
      const hash = createHash('sha256')
      let read = 0
      let most = 0
      for await (const chunk of to as AsyncIterable<Buffer>) {
        hash.update(chunk)
        read += chunk.length
        most = Math.max(most, made.count - read)
      }
      await sending
      expect([read, hash.digest('hex')]).toEqual([size, digestOf(size)])
      expect(most).toBeLessThan(HELD_ON_THE_WAY)
    },
  )

  test('either end may end first; the other direction goes on', async () => {
    for (const first of ['near', 'far'] as const) {
      const ends = await tunnelled()
      const [one, other] = first === 'near' ? [ends.near, ends.far] : [ends.far, ends.near]
      one.end('the last from here')
      let text = ''
      for await (const chunk of other as AsyncIterable<Buffer>) text += String(chunk)
      expect(text).toBe('the last from here')
      other.write('still ')
      await turn()
      other.end('answering')
      text = ''
      for await (const chunk of one as AsyncIterable<Buffer>) text += String(chunk)
      expect(text).toBe('still answering')
    }
  })

  test('a reset of either end reaches the other', async () => {
    const first = await tunnelled()
    const farClosed = new Promise((resolve) => first.far.on('close', resolve))
    first.near.destroy()
    await farClosed
    const second = await tunnelled()
    const nearClosed = new Promise((resolve) => second.near.on('close', resolve))
    second.far.resetAndDestroy()
    await nearClosed
  })
})

const BLOCK = Buffer.from(Uint8Array.from({ length: 65_536 }, (_, index) => (index * 31) >> 3))
/** Windows of two connections, and the kernel's buffers of both; far less than what is sent. */
const HELD_ON_THE_WAY = 48 << 20

function digestOf(size: number): string {
  const hash = createHash('sha256')
  for (let i = 0; i < size; i += BLOCK.length) hash.update(BLOCK)
  return hash.digest('hex')
}

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

/** Waits until a count has stood still for some time: nothing moves any more. */
async function settled(count: () => number): Promise<void> {
  for (let last = -1; last !== count();) {
    last = count()
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
}
