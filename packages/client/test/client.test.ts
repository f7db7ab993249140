import { once } from 'node:events'
import { rm } from 'node:fs/promises'
import { createServer, type IncomingMessage, type RequestListener, type Server } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import type { AddressInfo, Socket } from 'node:net'
import { tmpdir } from 'node:os'
import type { TLSSocket } from 'node:tls'
import { join } from 'node:path'
import { Body, channel } from '@hyper/core/body'
import { HeaderMap } from '@hyper/core/http'
import { lacks, makeTestCertificate, named, testCertificate } from '@hyper/testkit'
import type { Resolver } from '@hyper/util/connect'
import { afterEach, describe, expect, test } from 'vitest'
import { Client, HyperError } from '../src/index.ts'
import { eventually } from './raw-server.ts'

// The peer is node:http(s): it says what it was sent.

const cleanups: (() => unknown)[] = []

afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup()
})

async function serverOf(listener: RequestListener): Promise<{ server: Server; url: string }> {
  const server = createServer(listener)
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  cleanups.push(() => {
    server.closeAllConnections()
    server.close()
  })
  return { server, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/` }
}

function clientOf(...options: ConstructorParameters<typeof Client>): Client {
  const client = new Client(...options)
  cleanups.push(() => client.abort())
  return client
}

const textOf = async (request: IncomingMessage): Promise<string> =>
  Buffer.concat((await request.toArray()) as Buffer[]).toString()

/** Answers with what it was sent, as JSON. */
const mirror: RequestListener = (request, response) => {
  void textOf(request).then((body) => {
    const { headers, method, rawHeaders, trailers, url } = request
    response.setHeader('content-type', 'application/json')
    response.end(JSON.stringify({ method, url, headers, rawHeaders, body, trailers }))
  })
}

interface Mirrored {
  readonly method: string
  readonly url: string
  readonly headers: Record<string, string>
  readonly rawHeaders: string[]
  readonly body: string
  readonly trailers: Record<string, string>
}

describe('requests', () => {
  test('row 384: GET sends Host, what we can read, and nothing else', async () => {
    const { url } = await serverOf(mirror)
    const response = await clientOf().get(`${url}a/b?c=d#e`)
    expect([response.status, response.version, response.headers.get('content-type')]).toEqual([
      200,
      '1.1',
      'application/json',
    ])
    const seen = (await response.json()) as Mirrored
    const fields = ['host', new URL(url).host, 'accept', '*/*', 'accept-encoding', 'gzip, deflate, br, zstd']
    expect([seen.method, seen.url, seen.rawHeaders]).toEqual(['GET', '/a/b?c=d', fields])
  })

  test.each(['post', 'put', 'patch', 'delete'] as const)('%s with text', async (verb) => {
    const { url } = await serverOf(mirror)
    const seen = (await (await clientOf()[verb](url, { body: 'Grüße' })).json()) as Mirrored
    expect([seen.method, seen.body, seen.headers['content-length']]).toEqual([
      verb.toUpperCase(),
      'Grüße',
      '7',
    ])
  })

  test('HEAD has no body, whatever the length says', async () => {
    const { url } = await serverOf((_, response) => response.setHeader('content-length', '5').end('hello'))
    const response = await clientOf().head(url)
    expect([response.headers.get('content-length'), await response.text()]).toEqual(['5', ''])
  })

  test('a method of one’s own', async () => {
    const { url } = await serverOf(mirror)
    const response = await clientOf().request(url, { method: 'REPORT' })
    expect(((await response.json()) as Mirrored).method).toBe('REPORT')
  })

  test('headers: those of the request win over those of the client, lists make lines', async () => {
    const { url } = await serverOf(mirror)
    const client = clientOf({ headers: { 'user-agent': 'test', accept: 'all' } })
    const given = new HeaderMap({ Accept: 'this', 'X-List': ['1', '2'] })
    const seen = (await (await client.get(url, { headers: given })).json()) as Mirrored
    expect(seen.rawHeaders).toEqual([
      'host',
      new URL(url).host,
      'accept',
      'this',
      'x-list',
      '1',
      'x-list',
      '2',
      'user-agent',
      'test',
      'accept-encoding',
      'gzip, deflate, br, zstd',
    ])
    expect([...given]).toEqual([
      ['accept', 'this'],
      ['x-list', '1'],
      ['x-list', '2'],
    ])
  })

  test('a Host of one’s own is the only one', async () => {
    const { url } = await serverOf(mirror)
    const seen = (await (await clientOf().get(url, { headers: { host: 'other.test' } })).json()) as Mirrored
    expect(seen.rawHeaders.slice(0, 2)).toEqual(['host', 'other.test'])
    expect(seen.rawHeaders.filter((name) => name === 'host')).toEqual(['host'])
  })

  test.each([
    [
      [
        ['host', 'a.test'],
        ['host', 'a.test'],
      ],
    ],
    [{ host: 'a.test, b.test' }],
    [{ host: 'a b' }],
    [{ host: 'user@a.test' }],
  ])('a Host that is none, or two, is refused: %j', async (headers) => {
    const { url } = await serverOf(mirror)
    const client = clientOf()
    await expect(client.get(url, { headers: headers as Record<string, string> })).rejects.toMatchObject({
      code: 'UNEXPECTED_HEADER',
      by: 'user',
    })
    expect(client.connections).toBe(0)
  })

  const encoder = new TextEncoder()

  test.each([
    ['bytes', () => encoder.encode('abcdef'), '6'],
    ['a Body', () => Body.from('abcdef'), '6'],
    [
      'an async iterable of text and bytes',
      async function* () {
        yield 'abc'
        yield encoder.encode('def')
      },
      undefined,
    ],
    ['an array', () => ['abc', 'def'], undefined],
    ['a ReadableStream', () => new Blob(['abcdef']).stream(), undefined],
  ] as const)('a body of %s', async (_, body, length) => {
    const { url } = await serverOf(mirror)
    const seen = (await (await clientOf().post(url, { body: body() })).json()) as Mirrored
    expect([seen.body, seen.headers['content-length'], seen.headers['transfer-encoding']]).toEqual([
      'abcdef',
      length,
      length === undefined ? 'chunked' : undefined,
    ])
  })

  test('trailers go out, as values and from a function', async () => {
    const { url } = await serverOf(mirror)
    const client = clientOf()
    const trailers = new HeaderMap({ 'x-sum': '6' })
    for (const given of [trailers, { 'x-sum': '6' }, () => trailers, () => Promise.resolve(trailers)]) {
      const seen = (await (await client.post(url, { body: 'abcdef', trailers: given })).json()) as Mirrored
      expect([seen.body, seen.trailers]).toEqual(['abcdef', { 'x-sum': '6' }])
    }
  })

  test.each([
    ['no URL', 'nonsense', "'nonsense' is not an absolute URL"],
    [
      'a wrong port, without its secrets',
      'http://u:pw@x.test:99999/a?key=1#2',
      "'http://x.test:99999/a' is not an absolute URL",
    ],
    [
      'another scheme',
      'ftp://example.test/',
      'ftp: is not a scheme that can be requested; http: and https: are',
    ],
  ])('%s is INVALID_TARGET, by the user', async (_, url, message) => {
    const error: unknown = await clientOf()
      .get(url)
      .catch((thrown: unknown) => thrown)
    expect(error).toBeInstanceOf(HyperError)
    expect(error).toMatchObject({ code: 'INVALID_TARGET', by: 'user', message })
  })

  test('a timeout that cannot be is refused by its name', () => {
    for (const name of ['connect', 'headers', 'idle', 'keepAlive']) {
      for (const [wrong, shown] of [
        [-1, '-1'],
        [Number.NaN, 'NaN'],
        ['10', 'a string'],
      ]) {
        expect(() => new Client({ timeouts: { [name]: wrong } })).toThrow(
          expect.objectContaining({
            code: 'INVALID_OPTION',
            message: `timeouts.${name} must be a number of at least 0, not ${String(shown)}`,
          }),
        )
      }
    }
  })

  test('a method that is no token, or CONNECT, is refused', async () => {
    for (const method of ['A B', '', 'CONNECT']) {
      await expect(clientOf().request('http://x/', { method })).rejects.toMatchObject({
        code: 'INVALID_METHOD',
      })
    }
  })

  test('a header that cannot be sent is refused, and the connection goes on', async () => {
    const { url } = await serverOf(mirror)
    const client = clientOf()
    await (await client.get(url)).text()
    await expect(client.get(url, { headers: { a: 'b\nc' } })).rejects.toMatchObject({
      code: 'INVALID_HEADER_VALUE',
    })
    await expect(client.post(url, { body: 'abc', headers: { 'content-length': '2' } })).rejects.toMatchObject(
      { code: 'UNEXPECTED_HEADER', by: 'user' },
    )
    await (await client.get(url)).text()
    expect(client.connections).toBe(1)
  })

  test('a wrong option is refused', () => {
    expect(() => new Client({ timeouts: { connect: -1 } })).toThrow(
      expect.objectContaining({ code: 'INVALID_OPTION' }),
    )
    expect(() => new Client({ timeouts: { headers: -1 } })).toThrow(
      expect.objectContaining({ code: 'INVALID_OPTION' }),
    )
    expect(() => new Client({ http1: { maxHeaders: -1 } })).toThrow(
      expect.objectContaining({ code: 'INVALID_OPTION' }),
    )
  })

  test('a backslash in a query can be sent', async () => {
    const { url } = await serverOf(mirror)
    expect(((await (await clientOf().get(`${url}?a\\b`)).json()) as Mirrored).url).toBe('/?a%5Cb')
  })
})

describe('responses', () => {
  test('a body comes as it is sent', async () => {
    const parts: (() => void)[] = []
    const { url } = await serverOf((_, response) => {
      response.write('one')
      parts.push(
        () => response.write('two'),
        () => response.end(),
      )
    })
    const response = await clientOf().get(url)
    const chunks: string[] = []
    for await (const chunk of response.body) {
      chunks.push(Buffer.from(chunk).toString())
      parts.shift()!()
    }
    expect(chunks).toEqual(['one', 'two'])
  })

  test('trailers come in', async () => {
    const { url } = await serverOf((_, response) => {
      response.writeHead(200, { trailer: 'x-sum' })
      response.write('abc')
      response.addTrailers({ 'x-sum': '3' })
      response.end()
    })
    const response = await clientOf().get(url)
    const { trailers } = response
    expect(await response.text()).toBe('abc')
    expect([...((await trailers) ?? [])]).toEqual([['x-sum', '3']])
  })

  test('1xx come to onInformational, before the answer', async () => {
    const { url } = await serverOf((_, response) => {
      response.writeProcessing()
      response.writeEarlyHints({ link: '</a.css>; rel=preload' }, () => response.end('done'))
    })
    const seen: unknown[] = []
    const response = await clientOf().get(url, {
      onInformational: (status, headers) => seen.push([status, [...headers]]),
    })
    expect([await response.text(), seen]).toEqual([
      'done',
      [
        [102, []],
        [103, [['link', '</a.css>; rel=preload']]],
      ],
    ])
  })

  test('both directions stream at once', async () => {
    const { url } = await serverOf((request, response) => {
      response.flushHeaders()
      request.pipe(response)
    })
    const { body, sender } = channel({ capacity: 1 })
    const response = await clientOf().post(url, { body })
    const reader = response.body[Symbol.asyncIterator]()
    for (const text of ['first', 'second']) {
      await sender.send(Buffer.from(text))
      const step = await reader.next()
      expect(Buffer.from(step.value ?? []).toString()).toBe(text)
    }
    sender.end()
    expect((await reader.next()).done).toBe(true)
  })

  test('an upload is pulled no faster than the server reads', async () => {
    let isThere = false
    const { url } = await serverOf((incoming, response) => {
      isThere = true
      let size = 0
      incoming.on('end', () => response.end(String(size)))
      setTimeout(() => incoming.on('data', (chunk: Buffer) => (size += chunk.length)), 300)
    })
    let given = 0
    const chunk = new Uint8Array(65_536)
    const body = (function* () {
      for (; given < 64 * 1024 * 1024; given += chunk.length) yield chunk
    })()
    const sent = clientOf().post(url, { body })
    await eventually(() => isThere)
    await new Promise((resolve) => setTimeout(resolve, 200))
    expect(given).toBeLessThan(32 * 1024 * 1024)
    expect(await (await sent).text()).toBe(String(64 * 1024 * 1024))
  })

  test('a download is read no faster than it is wanted', async () => {
    let written = 0
    const { url } = await serverOf((_, response) => {
      const chunk = Buffer.alloc(65_536)
      const more = (): void => {
        while (written < 64 * 1024 * 1024) {
          written += chunk.length
          if (!response.write(chunk)) {
            response.once('drain', more)
            return
          }
        }
        response.end()
      }
      more()
    })
    const response = await clientOf().get(url)
    await new Promise((resolve) => setTimeout(resolve, 200))
    expect(written).toBeLessThan(32 * 1024 * 1024)
    let size = 0
    for await (const chunk of response.body) size += chunk.length
    expect(size).toBe(64 * 1024 * 1024)
  })
})

describe('transports', () => {
  async function secure(): Promise<string> {
    const server = createTlsServer(await testCertificate(), (request, response) => {
      response.end(JSON.stringify(Reflect.get(request.socket, 'servername')))
    })
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    cleanups.push(() => {
      server.closeAllConnections()
      server.close()
    })
    return `https://127.0.0.1:${(server.address() as AddressInfo).port}/`
  }

  test('https with a CA; connections are kept', async () => {
    const url = await secure()
    const { cert: ca } = await testCertificate()
    const client = clientOf({ ca })
    expect((await client.get(url)).status).toBe(200)
    await eventually(() => client.connections === 1)
  })

  test('https: servername is what SNI says and the certificate is checked for', async () => {
    const url = await secure()
    const { cert: ca } = await testCertificate()
    const client = clientOf({ ca, servername: 'example.test' })
    expect(await (await client.get(url)).text()).toBe('"example.test"')
    const wrong = clientOf({ ca, servername: 'wrong.test' })
    await expect(wrong.get(url)).rejects.toMatchObject({ code: 'TLS', phase: 'tls', retryable: true })
  })

  test.skipIf((lacks.nodeTls ?? lacks.clientCertificate) !== null)(
    named(
      'https: tls has what else there is, a client certificate for example',
      lacks.nodeTls ?? lacks.clientCertificate,
    ),
    async () => {
      const { cert: ca, key } = await testCertificate()
      const own = await makeTestCertificate({ names: ['a client'], issuer: { cert: ca, key } })
      const server = createTlsServer(
        { cert: ca, key, ca, requestCert: true, maxVersion: 'TLSv1.2' },
        (request, response) => {
          const { subject } = (request.socket as TLSSocket).getPeerCertificate()
          response.end(String(subject.CN))
        },
      )
      server.listen(0, '127.0.0.1')
      await once(server, 'listening')
      cleanups.push(() => void server.close())
      const url = `https://127.0.0.1:${(server.address() as AddressInfo).port}/`
      const client = clientOf({ ca, tls: { cert: own.cert, key: own.key } })
      expect(await (await client.get(url)).text()).toBe('a client')
      // Neither protocol is there for both.
      const strict = clientOf({ ca, tls: { cert: own.cert, key: own.key, minVersion: 'TLSv1.3' } })
      await expect(strict.get(url)).rejects.toMatchObject({ code: 'TLS', phase: 'tls' })
      // What the plain options say wins, and what they do not say does not.
      expect(
        (await clientOf({ tls: { rejectUnauthorized: false, cert: own.cert, key: own.key } }).get(url))
          .status,
      ).toBe(200)
      const firm = clientOf({ rejectUnauthorized: true, tls: { rejectUnauthorized: false } })
      await expect(firm.get(url)).rejects.toMatchObject({ code: 'TLS' })
    },
  )

  test.skipIf(lacks.nodeTls !== null)(
    named('a resolver and TCP options of its own', lacks.nodeTls),
    async () => {
      const url = await secure()
      const { cert: ca } = await testCertificate()
      const asked: string[] = []
      const resolver: Resolver = {
        resolve: (name) => {
          asked.push(name)
          return Promise.resolve([{ address: '127.0.0.1', family: 4 }])
        },
      }
      const client = clientOf({ ca, resolver, tcp: { localAddress: '127.0.0.1' } })
      expect((await client.get(url.replace('127.0.0.1', 'example.test'))).status).toBe(200)
      expect(asked).toEqual(['example.test'])
      for (const wrong of [{ tls: 1 }, { tcp: true }, { resolver: {} }])
        expect(() => clientOf(wrong as never)).toThrow(expect.objectContaining({ code: 'INVALID_OPTION' }))
    },
  )

  test.skipIf(lacks.unverifiedTls !== null)(
    named(
      'https: a certificate that is not trusted is refused, unless that is switched off',
      lacks.unverifiedTls,
    ),
    async () => {
      const url = await secure()
      await expect(clientOf().get(url)).rejects.toMatchObject({ code: 'TLS', phase: 'tls', by: 'io' })
      expect((await clientOf({ rejectUnauthorized: false }).get(url)).status).toBe(200)
    },
  )

  test('a unix socket', async () => {
    const path = join(tmpdir(), `hyper-client-${process.pid}.sock`)
    await rm(path, { force: true })
    const server = createServer(mirror).listen(path)
    await once(server, 'listening')
    cleanups.push(() => {
      server.closeAllConnections()
      server.close()
    })
    const seen = (await (
      await clientOf({ socketPath: path }).get('http://example.test/x')
    ).json()) as Mirrored
    expect([seen.url, seen.headers['host']]).toEqual(['/x', 'example.test'])
  })
})

describe('switching protocols', () => {
  test('upgrade gives the stream, as Io and as Duplex', async () => {
    const { server, url } = await serverOf(mirror)
    server.on('upgrade', (request: IncomingMessage, socket: Socket) => {
      socket.on('error', () => undefined)
      socket.write(
        `HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: ${request.headers.upgrade}\r\n\r\nearly`,
      )
      socket.on('data', (chunk: Buffer) => socket.write(chunk.toString().toUpperCase()))
    })
    const client = clientOf()
    const upgraded = await client.upgrade(`${url}chat`, { protocol: 'shout', headers: { 'x-a': 'b' } })
    expect([upgraded.response.status, upgraded.response.headers.get('upgrade')]).toEqual([101, 'shout'])
    const duplex = upgraded.duplex().setEncoding('utf8')
    let received = ''
    duplex.on('data', (text: string) => (received += text))
    duplex.write('hello')
    await eventually(() => received === 'earlyHELLO')
    expect(client.connections).toBe(0)
    duplex.destroy()
  })

  test('upgrade that is declined is NO_UPGRADE with the status', async () => {
    const { url } = await serverOf((_, response) => response.writeHead(426).end('no'))
    const client = clientOf()
    await expect(client.upgrade(url, { protocol: 'x' })).rejects.toMatchObject({
      code: 'NO_UPGRADE',
      phase: 'upgrade',
      by: 'peer',
      statusHint: 502,
      reason: '426',
    })
  })

  test('tunnel: CONNECT', async () => {
    const { server, url } = await serverOf(mirror)
    server.on('connect', (request: IncomingMessage, socket: Socket) => {
      socket.on('error', () => undefined)
      socket.write(`HTTP/1.1 200 OK\r\n\r\n${request.url} ${request.headers.host}`)
      socket.pipe(socket)
    })
    const tunnel = await clientOf().tunnel(url, 'example.test:443')
    const duplex = tunnel.duplex().setEncoding('utf8')
    let received = ''
    duplex.on('data', (text: string) => (received += text))
    await eventually(() => received === 'example.test:443 example.test:443')
    duplex.write('!')
    await eventually(() => received.endsWith('!'))
    duplex.destroy()
  })

  test('tunnel: what is no authority is refused', async () => {
    await expect(clientOf().tunnel('http://x/', 'a b')).rejects.toMatchObject({ code: 'INVALID_TARGET' })
  })
})
