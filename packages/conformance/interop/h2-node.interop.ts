// node:http2 against our server, and our client against node:http2.
import { h2 } from '@hyper/core'
import { HeaderMap, HttpRequest } from '@hyper/core/http'
import { testCertificate } from '@hyper/testkit'
import { connectTcp, nodeRuntime } from '@hyper/util/node'
import { once } from 'node:events'
import {
  connect,
  createServer,
  type ClientHttp2Session,
  type IncomingHttpHeaders,
  type OutgoingHttpHeaders,
  type ServerHttp2Stream,
} from 'node:http2'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startH2Reference, type H2Reference } from '../test/peers/h2-reference.ts'

interface Answer {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  readonly text: string
  readonly trailers: IncomingHttpHeaders | null
  readonly interim: readonly number[]
}

describe.each([
  ['cleartext', false],
  ['TLS', true],
])('node:http2 client, our server, %s', (_name, tls) => {
  let server: H2Reference
  let session: ClientHttp2Session
  beforeAll(async () => {
    server = await startH2Reference({ tls })
    const { cert } = await testCertificate()
    session = connect(`${tls ? 'https' : 'http'}://localhost:${server.port}`, {
      ca: cert,
      family: 4,
    } as object)
    await once(session, 'connect')
  })
  afterAll(async () => {
    session.close()
    await server.close()
  })

  function send(
    path: string,
    headers: OutgoingHttpHeaders = {},
    body: readonly string[] | null = null,
  ): Promise<Answer> {
    return new Promise((resolve, reject) => {
      const stream = session.request({ ':path': path, ...headers }, { endStream: body === null })
      let head: IncomingHttpHeaders = {}
      let trailers: IncomingHttpHeaders | null = null
      let text = ''
      const interim: number[] = []
      stream.setEncoding('latin1')
      stream.on('headers', (list: IncomingHttpHeaders) => interim.push(Number(list[':status'])))
      stream.on('response', (list: IncomingHttpHeaders) => (head = list))
      stream.on('trailers', (list: IncomingHttpHeaders) => (trailers = list))
      stream.on('data', (chunk: string) => (text += chunk))
      stream.on('error', reject)
      stream.on('end', () =>
        resolve({ status: Number(head[':status']), headers: head, text, trailers, interim }),
      )
      for (const piece of body ?? []) stream.write(piece, 'latin1')
      if (body !== null) stream.end()
    })
  }

  test('a plain request', async () => {
    expect(await send('/')).toMatchObject({ status: 200, text: 'Hello, World!' })
  })

  test('two thousand requests on one connection', async () => {
    for (let round = 0; round < 20; round++) {
      const answers = await Promise.all(Array.from({ length: 100 }, () => send('/bytes/3')))
      expect(answers.every(({ text }) => text === 'abc')).toBe(true)
    }
  })

  test('a body comes back', async () => {
    const answer = await send('/echo', { ':method': 'POST' }, ['one ', 'two ', 'three'])
    expect(answer).toMatchObject({ status: 200, text: 'one two three' })
    const large = await send(
      '/echo',
      { ':method': 'POST' },
      Array.from({ length: 40 }, () => 'x'.repeat(100_000)),
    )
    expect(large.text.length).toBe(4_000_000)
  })

  test('trailers and early hints arrive', async () => {
    expect((await send('/trailers')).trailers).toMatchObject({ 'x-lines': '3', 'x-done': 'yes' })
    expect((await send('/early-hints')).interim).toEqual([103])
  })

  test('fields arrive, crumbs as one', async () => {
    const { text } = await send('/inspect', { cookie: ['a=b', 'c=d'], 'x-two': ['1', '2'] })
    const seen = JSON.parse(text) as { version: string; headers: [string, string][] }
    expect(seen.version).toBe('2')
    expect(seen.headers).toContainEqual(['cookie', 'a=b; c=d'])
    expect(seen.headers.filter(([name]) => name === 'x-two')).toEqual([
      ['x-two', '1'],
      ['x-two', '2'],
    ])
  })

  test('a reset is an error', async () => {
    await expect(send('/reset')).rejects.toThrow(/NGHTTP2_INTERNAL_ERROR|INTERNAL_ERROR/)
  })

  test('a stream that the client cancels leaves the others alone', async () => {
    const stream = session.request({ ':path': '/bytes/100000000' })
    stream.on('error', () => undefined)
    await once(stream, 'data')
    stream.close(8)
    await once(stream, 'close')
    expect(await send('/')).toMatchObject({ status: 200 })
  })

  test('a ping comes back, and settings may change', async () => {
    await new Promise<void>((resolve, reject) =>
      session.ping((error) => (error === null ? resolve() : reject(error))),
    )
    session.settings({ initialWindowSize: 1_000 })
    expect((await send('/bytes/50000')).text.length).toBe(50_000)
  })
})

describe('our client, node:http2 server', () => {
  const server = createServer({ settings: { maxConcurrentStreams: 50 } })
  let connection: ReturnType<typeof h2.handshake>
  let origin: string

  server.on('stream', (stream: ServerHttp2Stream, headers: IncomingHttpHeaders) => {
    stream.on('error', () => undefined)
    switch (headers[':path']) {
      case '/trailers':
        stream.respond({ ':status': 200 }, { waitForTrailers: true })
        stream.on('wantTrailers', () => stream.sendTrailers({ 'x-sum': '42' }))
        stream.end('summed')
        return
      case '/hints':
        stream.additionalHeaders({ ':status': 103, link: '</a.css>' })
        stream.respond({ ':status': 200 }, { endStream: true })
        return
      case '/refuse':
        stream.close(7)
        return
      case '/die':
        stream.respond({ ':status': 200 })
        stream.write('abc', () => stream.destroy(new Error('die')))
        return
      case '/leave':
        stream.respond({ ':status': 200 })
        stream.session?.goaway(0, stream.id)
        stream.end('bye')
        return
      default:
        stream.respond({ ':status': 200, 'x-authority': headers[':authority'], 'set-cookie': ['a=b', 'c=d'] })
        stream.pipe(stream)
    }
  })

  beforeAll(async () => {
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const { port } = server.address() as AddressInfo
    origin = `http://127.0.0.1:${port}`
    connection = h2.handshake(await connectTcp({ host: '127.0.0.1', port }), { runtime: nodeRuntime })
  })
  afterAll(() => {
    connection.connection.abort()
    server.close()
  })

  async function send(
    path: string,
    body?: string | AsyncIterable<string>,
  ): ReturnType<typeof connection.sender.send> {
    await connection.sender.ready()
    const init = body === undefined ? {} : { body }
    return connection.sender.send(
      new HttpRequest(body === undefined ? 'GET' : 'POST', `${origin}${path}`, init),
    )
  }

  test('a body comes back', async () => {
    const response = await send('/', 'hello')
    expect(response.status).toBe(200)
    expect(response.version).toBe('2')
    expect(response.headers.getSetCookie()).toEqual(['a=b', 'c=d'])
    expect(await response.text()).toBe('hello')
  })

  test('a streamed body of 4 MB comes back', async () => {
    const body = (async function* pieces() {
      for (let index = 0; index < 4_000; index++) yield 'x'.repeat(1_000)
    })()
    expect((await (await send('/', body)).bytes()).length).toBe(4_000_000)
  })

  test('two thousand requests, fifty at a time', async () => {
    const answers = await Promise.all(
      Array.from({ length: 50 }, async (_, worker) => {
        for (let index = 0; index < 40; index++) {
          if ((await (await send('/', `${worker}-${index}`)).text()) !== `${worker}-${index}`) return false
        }
        return true
      }),
    )
    expect(answers.every(Boolean)).toBe(true)
  })

  test('trailers and hints arrive', async () => {
    const response = await send('/trailers')
    expect(await response.text()).toBe('summed')
    expect((await response.trailers)?.get('x-sum')).toBe('42')
    const interim: [number, HeaderMap][] = []
    await connection.sender.send(new HttpRequest('GET', `${origin}/hints`), {
      onInformational: (status, headers) => interim.push([status, headers]),
    })
    expect(interim.map(([status, headers]) => [status, headers.get('link')])).toEqual([[103, '</a.css>']])
  })

  test('resets are errors with their code', async () => {
    await expect(send('/refuse')).rejects.toMatchObject({
      code: 'STREAM_RESET',
      reason: 'REFUSED_STREAM',
      retryable: true,
    })
    const response = await send('/die')
    await expect(response.text()).rejects.toMatchObject({ code: 'STREAM_RESET', reason: 'INTERNAL_ERROR' })
  })

  test('GOAWAY lets what runs finish, and ends the connection', async () => {
    const { port } = server.address() as AddressInfo
    const own = h2.handshake(await connectTcp({ host: '127.0.0.1', port }), { runtime: nodeRuntime })
    await own.sender.ready()
    const response = await own.sender.send(new HttpRequest('GET', `${origin}/leave`))
    expect(await response.text()).toBe('bye')
    await expect.poll(() => own.sender.isClosed).toBe(true)
    await expect(own.sender.send(new HttpRequest('GET', `${origin}/`))).rejects.toMatchObject({
      retryable: true,
    })
    own.connection.abort()
  })
})
