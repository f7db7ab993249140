import { AsyncLocalStorage } from 'node:async_hooks'
import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { brotliCompressSync, createGzip, gzipSync, zstdCompressSync } from 'node:zlib'
import { HeaderMap, HttpResponse } from '@hyper/core/http'
import { layer } from '@hyper/core/service'
import { VirtualRuntime } from '@hyper/testkit'
import { CookieJar } from 'tough-cookie'
import { afterEach, describe, expect, test } from 'vitest'
import { Client, type ClientOptions, multipart } from '../src/index.ts'
import { acceptEncoding, RETRIES, URL_LIST } from '../src/layers/index.ts'
import { eventually, OK, quiet, RawServer } from './raw-server.ts'

// The layers where a client puts them, over real sockets. Their rules stand in test/layers.

const cleanups: (() => unknown)[] = []

afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup()
})

type Handler = (request: IncomingMessage, response: ServerResponse, body: string) => unknown

interface Server {
  readonly url: string
  readonly seen: {
    readonly method: string
    readonly url: string
    readonly headers: IncomingMessage['headers']
    readonly body: string
  }[]
}

async function serverOf(handler: Handler): Promise<Server> {
  const seen: Server['seen'] = []
  const server = createServer((request, response) => {
    void request.toArray().then((chunks) => {
      const body = Buffer.concat(chunks as Buffer[]).toString()
      seen.push({ method: request.method ?? '', url: request.url ?? '', headers: request.headers, body })
      handler(request, response, body)
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  cleanups.push(() => {
    server.closeAllConnections()
    server.close()
  })
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`, seen }
}

function clientOf(options?: ClientOptions): Client {
  const client = new Client(options)
  cleanups.push(() => client.abort())
  return client
}

describe('redirects', () => {
  test('row 385: are followed on the same connection, and the response says from where it came', async () => {
    const { seen, url } = await serverOf((request, response) => {
      if (request.url === '/one') response.writeHead(302, { location: '/two?x' }).end('moved')
      else response.end('there')
    })
    const client = clientOf()
    const response = await client.post(`${url}one#part`, { json: { a: 1 } })
    expect([response.status, await response.text(), response.extensions.get(URL_LIST)]).toEqual([
      200,
      'there',
      [`${url}one#part`, `${url}two?x#part`],
    ])
    expect(seen.map(({ body, headers, method }) => [method, headers['content-type'], body])).toEqual([
      ['POST', 'application/json', '{"a":1}'],
      ['GET', undefined, ''],
    ])
    expect(client.connections).toBe(1)
  })

  test('row 377: nothing secret goes to another origin, whoever has set it', async () => {
    const other = await serverOf((_, response) => response.end('there'))
    const { url } = await serverOf((_, response) => response.writeHead(307, { location: other.url }).end())
    const client = clientOf({ headers: { authorization: 'client', cookie: 'a=1' }, auth: { bearer: 'x' } })
    await (await client.put(url, { body: 'content' })).text()
    await (await client.put(url.replace('//', '//user:pass@'), { body: 'content' })).text()
    for (const { body, headers } of other.seen) {
      expect([headers['authorization'], headers.cookie, headers.host, body]).toEqual([
        undefined,
        undefined,
        new URL(other.url).host,
        'content',
      ])
    }
    expect(other.seen.length).toBe(2)
  })

  test('row 385: a streamed body and 307: the 307 is returned', async () => {
    const { seen, url } = await serverOf((_, response) =>
      response.writeHead(307, { location: '/two' }).end('moved'),
    )
    const response = await clientOf().post(url, {
      body: (function* () {
        yield 'streamed'
      })(),
    })
    expect([response.status, await response.text(), seen.length]).toEqual([307, 'moved', 1])
  })

  test('a long body of a redirect costs the connection, and nothing else', async () => {
    const { url } = await serverOf((request, response) => {
      if (request.url === '/')
        response.writeHead(302, { location: '/two' }).end(Buffer.alloc(4 * 1024 * 1024))
      else response.end('there')
    })
    expect(await (await clientOf().get(url)).text()).toBe('there')
  })
})

describe('content codings', () => {
  const text = 'Hello, World! '.repeat(1000)

  test('row 376: are asked for and undone, and the connection is kept', async () => {
    const codings = { br: brotliCompressSync, gzip: gzipSync, zstd: zstdCompressSync }
    const { seen, url } = await serverOf((request, response) => {
      const name = (request.url ?? '').slice(1) as keyof typeof codings
      response.writeHead(200, { 'content-encoding': name }).end(codings[name](text))
    })
    const client = clientOf()
    for (const name of Object.keys(codings)) {
      const response = await client.get(url + name)
      expect([response.headers.has('content-encoding'), await response.text()]).toEqual([false, text])
    }
    expect(seen.map(({ headers }) => headers['accept-encoding'])).toEqual(
      Array(3).fill('gzip, deflate, br, zstd'),
    )
    await eventually(() => client.connections === 1)
  })

  test('row 389: one’s own accept-encoding, or none', async () => {
    const { seen, url } = await serverOf((_, response) =>
      response.writeHead(200, { 'content-encoding': 'gzip' }).end(gzipSync(text)),
    )
    const own = await clientOf().get(url, { headers: { 'accept-encoding': 'gzip' } })
    const off = await clientOf().get(url, { decompress: false })
    const never = await clientOf({ decompress: false }).get(url)
    for (const response of [own, off, never]) {
      expect(response.headers.get('content-encoding')).toBe('gzip')
      expect(Buffer.compare(await response.bytes(), gzipSync(text))).toBe(0)
    }
    expect(seen.map(({ headers }) => headers['accept-encoding'])).toEqual(['gzip', undefined, undefined])
  })

  test.each([[true], [{ maxRatio: 1_000 }]])(
    'a request may want what its client does not: %o',
    async (decompress) => {
      const { seen, url } = await serverOf((_, response) =>
        response.writeHead(200, { 'content-encoding': 'gzip' }).end(gzipSync(text)),
      )
      const client = clientOf({ decompress: false })
      const response = await client.get(url, { decompress })
      expect(response.headers.has('content-encoding')).toBe(false)
      expect(await response.text()).toBe(text)
      expect(seen.map(({ headers }) => headers['accept-encoding'])).toEqual([acceptEncoding()])
    },
  )

  test('a body that breaks off says that it did', async () => {
    const server = await RawServer.start((socket) => {
      socket.write('HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\ncontent-length: 500\r\n\r\n')
      socket.end(gzipSync(text).subarray(0, 50))
    })
    cleanups.push(() => server.close())
    await expect((await clientOf().get(server.url)).text()).rejects.toMatchObject({
      code: 'INCOMPLETE_MESSAGE',
    })
  })

  test('a bomb is cut off', async () => {
    const { url } = await serverOf((_, response) => {
      const gzip = createGzip()
      gzip.on('error', () => undefined)
      response.writeHead(200, { 'content-encoding': 'gzip' })
      gzip.pipe(response)
      for (let i = 0; i < 64; i++) gzip.write(Buffer.alloc(1024 * 1024))
      gzip.end()
    })
    await expect((await clientOf().get(url)).bytes()).rejects.toMatchObject({
      code: 'BODY_TOO_LARGE',
      by: 'peer',
    })
  })
})

describe('cookies', () => {
  test('row 390: are kept and sent, along a redirect too', async () => {
    const { seen, url } = await serverOf((request, response) => {
      if (request.url === '/login')
        response.writeHead(303, { location: '/', 'set-cookie': ['a=1', 'b=2; Path=/x'] })
      response.end()
    })
    const client = clientOf({ cookies: new CookieJar() })
    await client.post(`${url}login`, { form: { user: 'me' } })
    await client.get(url)
    await client.get(url, { cookies: null })
    expect(seen.map(({ headers }) => headers.cookie)).toEqual([undefined, 'a=1', 'a=1', undefined])
  })
})

describe('credentials', () => {
  test('of the URL, of the client, of a request', async () => {
    const { seen, url } = await serverOf((_, response) => response.end())
    const client = clientOf({ auth: { username: 'me', password: 'secret' } })
    const withUser = url.replace('//', '//us%65r:p%40ss@')
    await client.get(url)
    await client.get(withUser)
    await client.get(withUser, { auth: { bearer: 'token' } })
    await client.get(withUser, { headers: { authorization: 'own' } })
    // What can be iterated once, once.
    await client.get(withUser, { headers: new Headers({ authorization: 'own' }).entries() })
    await client.get(url, { auth: null })
    const basic = (pair: string): string => `Basic ${Buffer.from(pair).toString('base64')}`
    expect(seen.map(({ headers, url: target }) => [headers['authorization'], target])).toEqual([
      [basic('me:secret'), '/'],
      [basic('user:p@ss'), '/'],
      ['Bearer token', '/'],
      ['own', '/'],
      ['own', '/'],
      [undefined, '/'],
    ])
    expect(client.connections).toBe(1)
  })
})

describe('retries', () => {
  test('are off by default', async () => {
    const { seen, url } = await serverOf((_, response) => response.writeHead(503).end())
    expect([(await clientOf().get(url)).status, seen.length]).toEqual([503, 1])
  })

  test('wait as long as they are told', async () => {
    const runtime = new VirtualRuntime()
    let calls = 0
    const { url } = await serverOf((_, response) => {
      if (++calls === 1) response.writeHead(503, { 'retry-after': '7' }).end('later')
      else response.end('now')
    })
    const client = clientOf({
      retry: true,
      runtime: Object.assign(Object.create(runtime) as VirtualRuntime, { defer: setImmediate }),
    })
    const asked = client.get(url)
    await eventually(() => calls === 1)
    await quiet()
    runtime.advance(6_999)
    await quiet()
    expect(calls).toBe(1)
    runtime.advance(1)
    const response = await asked
    expect([await response.text(), response.extensions.get(RETRIES)]).toEqual(['now', 1])
  })

  test('a request that nobody answers is sent again, a POST is not', async () => {
    const server = await RawServer.start((socket, _, index) =>
      index % 2 === 0 ? socket.destroy() : socket.write(OK),
    )
    cleanups.push(() => server.close())
    const client = clientOf({ retry: { delay: 1 } })
    expect(await (await client.get(server.url)).text()).toBe('ok')
    await eventually(() => client.connections === 1)
    await expect(clientOf({ retry: { delay: 1 } }).post(server.url, { body: 'x' })).rejects.toMatchObject({
      retryable: false,
      attempts: 1,
    })
    expect(server.requests.length).toBe(3)
  })
})

describe('content', () => {
  const readBack = async (body: string, type: string | undefined): Promise<unknown[]> => [
    ...(await new Response(body, { headers: { 'content-type': type ?? '' } }).formData()),
  ]

  test('row 390: JSON, forms, files: with their type and length', async () => {
    const { seen, url } = await serverOf((_, response) => response.end())
    const client = clientOf()
    const form = new FormData()
    form.append('a', '1')
    form.append('file', new File(['content'], 'a.txt', { type: 'text/plain' }))
    await client.post(url, { json: { a: 1 } })
    await client.post(url, { form: { a: 1 } })
    await client.post(url, { body: form })
    await client.post(url, { body: multipart([{ name: 'a', value: new Blob(['x']).stream() }]) })
    await client.post(url, { body: new Blob(['x'], { type: 'text/x' }) })
    await client.post(url, { json: 1, headers: { 'content-type': 'application/own+json' } })
    const types = seen.map(({ headers }) => headers['content-type']?.replace(/boundary=.*/, 'boundary'))
    expect(types).toEqual([
      'application/json',
      'application/x-www-form-urlencoded;charset=UTF-8',
      'multipart/form-data; boundary',
      'multipart/form-data; boundary',
      'text/x',
      'application/own+json',
    ])
    const lengths = seen.map(({ body, headers }) => headers['content-length'] === String(body.length))
    expect(lengths).toEqual([true, true, true, false, true, true])
    const [, , whole] = seen
    expect(await readBack(whole?.body ?? '', whole?.headers['content-type'])).toEqual([
      ['a', '1'],
      ['file', expect.objectContaining({ name: 'a.txt', size: 7 })],
    ])
  })

  test('progress, both ways', async () => {
    const { url } = await serverOf((_, response, body) => response.end(body))
    const steps: unknown[] = []
    const response = await clientOf().post(url, {
      body: 'hello',
      onUploadProgress: (step) => steps.push(step),
      onDownloadProgress: (step) => steps.push(step),
    })
    expect([await response.text(), steps]).toEqual([
      'hello',
      [
        { sent: 5, total: 5 },
        { received: 5, total: 5 },
      ],
    ])
  })
})

test('hooks run in the async context of their request, whoever opened the connection', async () => {
  const { url } = await serverOf((_, response, body) => {
    response.write(body)
    setTimeout(() => response.end(body), 20)
  })
  const storage = new AsyncLocalStorage<string>()
  const client = clientOf()
  const seen: unknown[] = []
  const tell = (): void => void seen.push(storage.getStore())
  for (const name of ['first', 'second']) {
    await storage.run(name, async () => {
      const hooks = { onUploadProgress: tell, onDownloadProgress: tell }
      await (await client.post(url, { body: 'x', ...hooks })).text()
    })
  }
  const times = (name: string): string[] => Array<string>(3).fill(name)
  expect([seen, client.connections]).toEqual([[...times('first'), ...times('second')], 1])
})

describe('layers of one’s own', () => {
  test('stand outside of all others, in their order', async () => {
    const { seen, url } = await serverOf((request, response) =>
      request.url === '/' ? response.writeHead(302, { location: '/two' }).end() : response.end('x'),
    )
    const log: string[] = []
    const named = (name: string): ReturnType<typeof layer> =>
      layer(async (request, exchange, inner) => {
        log.push(`${name} ${request.method} ${request.target}`)
        const response = await inner(request, exchange)
        log.push(`${name} ${response.status}`)
        return response
      })
    await clientOf({ layers: [named('a'), named('b')] }).get(url)
    expect([log, seen.length]).toEqual([[`a GET ${url}`, `b GET ${url}`, 'b 200', 'a 200'], 2])
  })

  test('may take the place of all others', async () => {
    const { seen, url } = await serverOf((_, response) => response.writeHead(302, { location: '/two' }).end())
    const client = clientOf({ layers: (usual) => usual.slice(2) })
    expect([(await client.get(url)).status, seen.length]).toEqual([302, 1])
    const deaf = clientOf({ layers: [() => () => new HttpResponse('from memory')] })
    expect([await (await deaf.get(url)).text(), seen.length]).toEqual(['from memory', 1])
  })

  test('one that writes into what it was given writes into this request alone', async () => {
    const { seen, url } = await serverOf((_, response) => response.end())
    const writing = layer((request, exchange, inner) => {
      request.headers.append('x-written', request.method)
      return inner(request, exchange)
    })
    const client = clientOf({ layers: [writing] })
    const headers = new HeaderMap({ accept: 'a/b' })
    await client.get(url)
    await client.head(url)
    await client.post(url, { headers })
    await client.fetch(url)
    await client.fetch(url, { method: 'PUT' })
    expect(seen.map((request) => request.headers['x-written'])).toEqual(['GET', 'HEAD', 'POST', 'GET', 'PUT'])
    expect([...headers]).toEqual([['accept', 'a/b']])
  })

  test('what they throw is what the caller gets', async () => {
    const error = new Error('no')
    const client = clientOf({
      layers: [
        () => () => {
          throw error
        },
      ],
    })
    await expect(client.get('http://a.test/')).rejects.toBe(error)
  })
})
