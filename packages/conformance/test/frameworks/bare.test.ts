import { once } from 'node:events'
import { type IncomingMessage, request as nodeRequest, type Server, type ServerResponse } from 'node:http'
import { connect as connectH2, constants } from 'node:http2'
import { connect, type AddressInfo } from 'node:net'
import { Transform } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import { Client } from '@hyper/client'
import { HyperError } from '@hyper/core/error'
import { createServer, type NodeServerOptions } from '@hyper/server/node'
import { testCertificate } from '@hyper/testkit'
import { afterEach, describe, expect, test } from 'vitest'
import { fourClients, originOf } from './four-clients.ts'

// Plain listeners on a node-shaped server: large bodies, ends before their time, errors, and what the server itself offers.

const MIB = 1_048_576
const open: Server[] = []
const clients: { close(): unknown }[] = []

afterEach(async () => {
  for (const client of clients.splice(0)) await client.close()
  for (const server of open.splice(0)) {
    server.closeAllConnections()
    if (server.listening) await new Promise((resolve) => server.close(resolve))
  }
})

type Listener = (req: IncomingMessage, res: ServerResponse) => void

async function listening(
  listener: Listener,
  options: NodeServerOptions = {},
): Promise<{ server: Server; origin: string; port: number }> {
  const server = createServer(options, listener).listen(0, '127.0.0.1')
  open.push(server)
  const origin = await originOf(server)
  return { server, origin, port: (server.address() as AddressInfo).port }
}

function clientOf(version: string): Client {
  const client = new Client({ http2: version === 'HTTP/2' ? { priorKnowledge: true } : false })
  clients.push(client)
  return client
}

const VERSIONS = ['HTTP/1.1', 'HTTP/2']

describe.each(VERSIONS)('over %s', (version) => {
  test('50 MiB through a pipe, no faster than they are taken: what is held stays small', async () => {
    let most = 0
    const { origin } = await listening((req, res) => {
      const through = new Transform({
        transform(chunk: Buffer, _, done) {
          most = Math.max(most, req.readableLength + res.writableLength + through.writableLength)
          done(null, chunk)
        },
      })
      req.pipe(through).pipe(res)
    })
    const chunk = Buffer.alloc(65_536, 'abcdefghijklmnopqrstuvwxyz')
    const client = clientOf(version)
    async function* upload(): AsyncGenerator<Uint8Array> {
      for (let sent = 0; sent < 50 * MIB; sent += chunk.length) yield chunk
    }
    const response = await client.post(origin, { body: upload() })
    let got = 0
    for await (const part of response.body) {
      // A reader who takes its time now and then.
      if (got % (8 * MIB) < part.length) await sleep(5)
      got += part.length
    }
    expect(got).toBe(50 * MIB)
    expect(most).toBeGreaterThan(0)
    expect(most).toBeLessThan(2 * MIB)
  })

  test('write answers false while the client does not read, and drain comes when it does', async () => {
    let written = 0
    let drains = 0
    const { origin } = await listening((_, res) => {
      const chunk = Buffer.alloc(65_536)
      const more = (): void => {
        while (written < 32 * MIB) {
          written += chunk.length
          if (!res.write(chunk)) {
            expect(res.writableNeedDrain).toBe(true)
            res.once('drain', () => {
              drains++
              expect(res.writableNeedDrain).toBe(false)
              more()
            })
            return
          }
        }
        res.end()
      }
      more()
    })
    const response = await clientOf(version).get(origin)
    for (let before = -1; before !== written; await sleep(100)) before = written
    expect(written).toBeLessThan(24 * MIB)
    expect((await response.bytes()).length).toBe(32 * MIB)
    expect(drains).toBeGreaterThan(0)
  })

  test('a listener that throws is answered with 500, and the process lives', async () => {
    const told: unknown[] = []
    const seen: string[] = []
    const { origin } = await listening(
      (req, res) => {
        res.on('close', () => seen.push(`close ${res.writableFinished}`))
        if (req.url === '/sync') throw new Error('thrown')
        if (req.url === '/begun') {
          res.setHeader('x-secret', '1')
          res.write('begun')
          throw new Error('thrown later')
        }
        if (req.url === '/ended') {
          res.end('ended')
          throw new Error('thrown too late')
        }
        res.end('alive')
      },
      { onError: (error) => told.push(error) },
    )
    const client = clientOf(version)
    const ask = async (path: string): Promise<unknown[]> => {
      const response = await client.get(origin + path)
      return [response.status, response.headers.get('x-secret'), await response.text()]
    }
    expect(await ask('/sync')).toEqual([500, null, ''])
    expect(await ask('/begun')).toEqual([500, null, ''])
    expect(await ask('/ended')).toEqual([200, null, 'ended'])
    expect(await ask('/')).toEqual([200, null, 'alive'])
    expect(told.map((error) => (error as Error).message)).toEqual([
      'thrown',
      'thrown later',
      'thrown too late',
    ])
    await expect.poll(() => seen).toEqual(['close false', 'close false', 'close true', 'close true'])
  })

  test('an async listener that rejects is answered with 500; a response that has begun is cut off', async () => {
    const told: unknown[] = []
    const { origin } = await listening(
      (async (req: IncomingMessage, res: ServerResponse) => {
        res.setHeader('x-secret', '1')
        if (req.url === '/begun') {
          res.write('begun')
          await sleep(20)
        }
        await sleep(1)
        throw new Error(`rejected ${req.url}`)
      }) as unknown as Listener,
      { onError: (error) => told.push(error) },
    )
    const client = clientOf(version)
    const response = await client.get(`${origin}/x`)
    expect([response.status, response.headers.get('x-secret'), await response.text()]).toEqual([
      500,
      null,
      '',
    ])
    const begun = await client.get(`${origin}/begun`)
    await expect(begun.text()).rejects.toThrow(HyperError)
    expect(told.map((error) => (error as Error).message)).toEqual(['rejected /x', 'rejected /begun'])
  })

  test('what a listener of a message throws is a 500 too, and later it ends that one request', async () => {
    const told: unknown[] = []
    const { origin } = await listening(
      (req, res) => {
        const fail = (): never => {
          throw new Error(`in ${req.url}`)
        }
        if (req.url === '/data') req.on('data', fail)
        else if (req.url === '/end') req.resume().on('end', fail)
        else if (req.url === '/finish') res.on('finish', fail).end('whole')
        else {
          res.write('begun')
          req.resume().on('end', () => setTimeout(() => req.emit('error', new Error(`in ${req.url}`)), 20))
        }
      },
      { onError: (error) => told.push(error) },
    )
    const client = clientOf(version)
    const ask = async (path: string): Promise<unknown[]> => {
      const response = await client.post(origin + path, { body: slowly('abc', 'def') })
      return [response.status, await response.text()]
    }
    expect(await ask('/data')).toEqual([500, ''])
    expect(await ask('/end')).toEqual([500, ''])
    expect(await ask('/finish')).toEqual([200, 'whole'])
    await expect(ask('/later')).rejects.toThrow(HyperError)
    expect(told.map((error) => (error as Error).message)).toEqual([
      'in /data',
      'in /end',
      'in /finish',
      'in /later',
    ])
  })

  test('an answer that contradicts itself is a 500, told by name', async () => {
    const told: unknown[] = []
    const { origin } = await listening(
      (_, res) => {
        res.setHeader('content-length', '3')
        res.end('longer than that')
      },
      { onError: (error) => told.push((error as HyperError).code) },
    )
    const response = await clientOf(version).get(origin)
    expect(response.status).toBe(500)
    await response.text()
    expect(told).toEqual(['UNEXPECTED_HEADER'])
  })

  test('limits: a body over maxRequestBodySize', async () => {
    const { origin } = await listening(
      (req, res) => {
        req.resume()
        req.on('end', () => res.end('read'))
      },
      { limits: { maxRequestBodySize: 1_000 } },
    )
    const client = clientOf(version)
    const fits = await client.post(origin, { body: slowly('x'.repeat(500), 'x'.repeat(500)) })
    expect([fits.status, await fits.text()]).toEqual([200, 'read'])
    const declared = await client.post(origin, { body: 'x'.repeat(1_001) })
    expect(declared.status).toBe(413)
    const streamed = await client.post(origin, { body: slowly('x'.repeat(500), 'x'.repeat(501)) })
    expect(streamed.status).toBe(413)
  })

  test('requestTimeout: 408 for an upload that takes longer', async () => {
    const seen: string[] = []
    const { origin } = await listening(
      (req, res) => {
        req.resume()
        req.on('aborted', () => seen.push('aborted'))
        res.on('close', () => seen.push('close'))
      },
      { requestTimeout: 400, headersTimeout: 400 },
    )
    const response = await clientOf(version).post(origin, { body: slowly('abc', 2_000) })
    expect(response.status).toBe(408)
    expect(seen).toEqual(['aborted', 'close'])
  })
})

async function* slowly(...parts: (string | number)[]): AsyncGenerator<Uint8Array> {
  for (const part of parts) {
    if (typeof part === 'number') await sleep(part)
    else yield Buffer.from(part)
    await sleep(5)
  }
}

test('over HTTP/2, a stream that the client resets is that request, and no other', async () => {
  const seen: string[] = []
  let finish = (): void => {}
  const { origin } = await listening((req, res) => {
    for (const name of ['aborted', 'close'] as const) req.on(name, () => seen.push(`${req.url} req ${name}`))
    req.on('error', (error: NodeJS.ErrnoException) => seen.push(`${req.url} req ${error.code}`))
    res.on('close', () => seen.push(`${req.url} res close ${res.writableFinished}`))
    if (req.url === '/other') finish = () => void res.end('whole')
    else res.write('begun')
  })
  const session = connectH2(origin)
  session.on('error', () => {})
  const other = session.request({ ':path': '/other' })
  const stream = session.request({ ':path': '/reset' })
  await once(stream, 'response')
  stream.close(constants.NGHTTP2_CANCEL)
  await expect
    .poll(() => seen)
    .toEqual(['/reset req aborted', '/reset res close false', '/reset req ECONNRESET', '/reset req close'])
  finish()
  let text = ''
  for await (const chunk of other as AsyncIterable<Buffer>) text += String(chunk)
  expect(text).toBe('whole')
  session.close()
  await expect.poll(() => seen.length).toBe(6)
})

test('over HTTP/2, destroy resets the stream, and the connection goes on', async () => {
  const { origin } = await listening((req, res) => {
    if (req.url === '/destroy') res.destroy()
    else if (req.url === '/cut') {
      res.write('begun')
      setTimeout(() => res.destroy(new Error('no more')), 10)
    } else res.end('alive')
  })
  const session = connectH2(origin)
  session.on('error', () => {})
  const { NGHTTP2_CANCEL, NGHTTP2_INTERNAL_ERROR } = constants
  for (const [path, code] of [
    ['/destroy', NGHTTP2_CANCEL],
    ['/cut', NGHTTP2_INTERNAL_ERROR],
  ] as const) {
    const stream = session.request({ ':path': path })
    stream.on('error', () => {})
    stream.resume()
    await new Promise((resolve) => stream.on('close', resolve))
    expect([path, stream.rstCode]).toEqual([path, code])
  }
  const stream = session.request({ ':path': '/' })
  expect(String(await once(stream, 'data'))).toBe('alive')
  session.close()
})

test('over HTTP/2, what is of HTTP/1 alone stays behind', async () => {
  const { origin } = await listening((req, res) => {
    res.writeHead(200, 'Fine', {
      connection: 'close',
      'keep-alive': 'timeout=1',
      'transfer-encoding': 'chunked',
      'X-Kept': '1',
    })
    res.end(JSON.stringify([req.httpVersion, req.httpVersionMajor, req.httpVersionMinor, req.headers.host]))
  })
  const session = connectH2(origin)
  session.on('error', () => {})
  const stream = session.request({ ':path': '/' })
  const [headers] = (await once(stream, 'response')) as [Record<string, unknown>]
  expect(Object.keys(headers).filter((name) => name !== 'date' && name !== 'content-length')).toEqual([
    ':status',
    'x-kept',
  ])
  expect(JSON.parse(String(await once(stream, 'data')))).toEqual([
    '2.0',
    2,
    0,
    origin.slice('http://'.length),
  ])
  session.close()
})

test('by TLS: HTTP/1.1 and HTTP/2 by ALPN, https.Server by instanceof, what the socket knows', async () => {
  const { cert, key } = await testCertificate()
  const { origin, server } = await listening(
    (req, res) => {
      const socket = req.socket as import('node:tls').TLSSocket
      res.end(
        JSON.stringify([
          req.httpVersion,
          socket.encrypted,
          socket.authorized,
          socket.getProtocol(),
          socket.alpnProtocol,
        ]),
      )
    },
    { cert, key },
  )
  const { Server: HttpsServer } = await import('node:https')
  expect(server).toBeInstanceOf(HttpsServer)
  const client = new Client({ ca: cert })
  clients.push(client)
  const url = origin.replace('http:', 'https:').replace('127.0.0.1', 'localhost')
  const response = await client.get(url)
  expect(await response.json()).toEqual(['2.0', true, false, 'TLSv1.3', 'h2'])
  const only = new Client({ ca: cert, http2: false })
  clients.push(only)
  expect(await (await only.get(url)).json()).toEqual(['1.1', true, false, 'TLSv1.3', 'http/1.1'])
})

test('close finishes what runs and says so; idle connections end at once; then it can listen again', async () => {
  const { origin, server } = await listening((req, res) => {
    if (req.url === '/slow') setTimeout(() => res.end('finished'), 50)
    else res.end('quick')
  })
  const idle = clientOf('HTTP/1.1')
  await (await idle.get(origin)).text()
  const slow = clientOf('HTTP/1.1').get(`${origin}/slow`)
  await once(server, 'request')
  const order: string[] = []
  server.on('close', () => order.push('close event'))
  const closed = new Promise<void>((resolve) =>
    server.close((error) => resolve(void order.push(`callback ${error}`))),
  )
  expect(server.listening).toBe(false)
  const response = await slow
  expect([response.headers.get('connection'), await response.text()]).toEqual(['close', 'finished'])
  await closed
  expect(order).toEqual(['close event', 'callback undefined'])
  const again = await new Promise<unknown>((resolve) => server.close(resolve))
  expect((again as NodeJS.ErrnoException).code).toBe('ERR_SERVER_NOT_RUNNING')
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve))
  expect(await (await clientOf('HTTP/1.1').get(await originOf(server))).text()).toBe('quick')
})

test('close, called again while a request runs, ends no sooner', async () => {
  const told: string[] = []
  const running = Promise.withResolvers<ServerResponse>()
  const { origin, server } = await listening((_, res) => running.resolve(res))
  const answered = clientOf('HTTP/1.1')
    .get(origin)
    .then((response) => response.text())
  const res = await running.promise
  const name = (error?: Error): string => (error as NodeJS.ErrnoException | undefined)?.code ?? 'closed'
  server.on('close', () => told.push('event'))
  const closed = new Promise<void>((resolve) => {
    server.close((error) => void told.push(name(error)))
    server.close((error) => {
      told.push(name(error))
      resolve()
    })
  })
  await new Promise((resolve) => setImmediate(resolve))
  await new Promise((resolve) => setImmediate(resolve))
  expect(told).toEqual([])
  res.end('whole')
  expect(await answered).toBe('whole')
  await closed
  expect(told).toEqual(['event', 'closed', 'ERR_SERVER_NOT_RUNNING'])
})

test('connections: the event, getConnections, closeIdleConnections, closeAllConnections, await using', async () => {
  const sockets: unknown[] = []
  let ended = 0
  {
    await using server = createServer((_, res) => res.end('x'))
    server.on('connection', (socket) => {
      sockets.push(socket)
      socket.on('close', () => ended++)
    })
    server.listen(0, '127.0.0.1')
    const origin = await originOf(server)
    const counted = (): Promise<number> =>
      new Promise((resolve) => server.getConnections((_, count) => resolve(count)))
    const idle = clientOf('HTTP/1.1')
    await (await idle.get(origin)).text()
    expect([sockets.length, await counted()]).toEqual([1, 1])
    server.closeIdleConnections()
    await expect.poll(() => [ended, server.listening]).toEqual([1, true])
    const raw = connect((server.address() as AddressInfo).port, '127.0.0.1')
    raw.on('error', () => {})
    raw.write('GET / HT')
    await expect.poll(() => sockets.length).toBe(2)
    await expect.poll(counted).toBe(1)
    server.closeAllConnections()
    await new Promise((resolve) => raw.on('close', resolve))
    expect(ended).toBe(2)
  }
})

test('clientError: the engine has answered, and the socket takes nothing', async () => {
  const seen: unknown[] = []
  const { port, server } = await listening((_, res) => res.end())
  server.on('clientError', (error: HyperError, socket) => {
    seen.push(error.code, socket.writable)
    if (socket.writable) socket.end('HTTP/1.1 400 Bad Request\r\n\r\n')
  })
  const raw = connect(port, '127.0.0.1')
  raw.write('GET / HTTP/1.1\r\nbad header\r\n\r\n')
  let text = ''
  for await (const chunk of raw as AsyncIterable<Buffer>) text += String(chunk)
  expect(text.startsWith('HTTP/1.1 400 Bad Request\r\n')).toBe(true)
  await expect.poll(() => seen).toEqual(['PARSE_HEADER', false])
})

describe('what is destroyed behind a complete answer', () => {
  type End = (req: IncomingMessage, res: ServerResponse) => void
  const later =
    (end: End): End =>
    (req, res) =>
      void setImmediate(() => end(req, res))
  const ENDS: [string, End][] = [
    ['the request', (req, res) => void (res.end('whole'), req.destroy())],
    ['the response', (_, res) => void (res.end('whole'), res.destroy())],
    ['the socket', (req, res) => void (res.end('whole'), req.socket.destroy())],
    ['a response in parts', (_, res) => void (res.write('wh'), res.end('ole'), res.destroy())],
  ]

  test.each([...ENDS, ...ENDS.map(([name, end]): [string, End] => [`${name}, later`, later(end)])])(
    '%s: the answer arrives, and the connection ends behind it',
    async (_, end) => {
      const finished: string[] = []
      const { port } = await listening((req, res) => {
        res.on('finish', () => finished.push(req.url ?? ''))
        end(req, res)
      })
      const raw = connect(port, '127.0.0.1')
      raw.write('GET /first HTTP/1.1\r\nhost: a\r\n\r\n')
      let text = ''
      for await (const chunk of raw as AsyncIterable<Buffer>) text += String(chunk)
      expect(text).toMatch(/^HTTP\/1.1 200 OK\r\n[^]*(?:whole|2\r\nwh\r\n3\r\nole\r\n0\r\n\r\n)$/)
      expect(finished).toEqual(['/first'])
    },
  )

  test('over HTTP/2 the stream ends by itself, and the connection goes on', async () => {
    const { origin } = await listening((req, res) => {
      res.end('whole')
      req.destroy()
      res.destroy()
    })
    const client = clientOf('HTTP/2')
    for (let n = 0; n < 3; n++) expect(await (await client.get(origin)).text()).toBe('whole')
  })
})

test('a request that a pipeline or an iterator has given up may still be answered', async () => {
  const { origin } = await listening((req, res) => {
    const refused = (): void => void (res.writeHead(413), res.end('too much'))
    if (req.url === '/iterator')
      void (async () => {
        for await (const _ of req) break
        refused()
      })()
    else
      pipeline(req, async (source: AsyncIterable<Buffer>) => {
        for await (const chunk of source) if (chunk.length > 0) throw new Error('enough')
      }).catch(refused)
  })
  const client = clientOf('HTTP/1.1')
  for (const path of ['/iterator', '/pipeline', '/iterator', '/pipeline']) {
    const response = await client.post(origin + path, { body: 'x'.repeat(1_000) })
    expect([response.status, await response.text()]).toEqual([413, 'too much'])
  }
})

test('properties that are set later hold for the connections that come later', async () => {
  const { port, server } = await listening((_, res) => res.end('x'))
  const keepAlive = async (): Promise<unknown> => {
    const request = nodeRequest({ port, host: '127.0.0.1' }).end()
    const [response] = (await once(request, 'response')) as [IncomingMessage]
    response.resume()
    return response.headers['keep-alive']
  }
  expect([server.keepAliveTimeout, server.headersTimeout, server.requestTimeout, server.timeout]).toEqual([
    75_000, 30_000, 300_000, 0,
  ])
  expect(await keepAlive()).toBe('timeout=75')
  server.keepAliveTimeout = 5_000
  expect(await keepAlive()).toBe('timeout=5')
  server.maxHeadersCount = 2
  const raw = connect(port, '127.0.0.1')
  raw.write('GET / HTTP/1.1\r\nhost: a\r\nx: 1\r\ny: 2\r\n\r\n')
  const [answer] = (await once(raw, 'data')) as [Buffer]
  expect(String(answer).split('\r\n')[0]).toBe('HTTP/1.1 431 Request Header Fields Too Large')
  raw.destroy()
})

test('classes of messages can be given, as to http.createServer', async () => {
  const { IncomingMessage: Message, ServerResponse: Answer } = await import('node:http')
  class MyRequest extends Message {
    greeting(): string {
      return `hello ${this.url}`
    }
  }
  class MyResponse extends Answer {
    shout(text: string): void {
      this.end(text.toUpperCase())
    }
  }
  const { origin } = await listening((req, res) => (res as MyResponse).shout((req as MyRequest).greeting()), {
    IncomingMessage: MyRequest as never,
    ServerResponse: MyResponse as never,
  })
  expect(await (await clientOf('HTTP/1.1').get(`${origin}/you`)).text()).toBe('HELLO /YOU')
})

test('thousands of answers: nothing is left behind on messages and sockets', async () => {
  const counts = new Set<string>()
  const { origin } = await listening((req, res) => {
    counts.add(
      `${req.socket.listenerCount('close')} ${req.socket.listenerCount('error')} ${res.listenerCount('close')}`,
    )
    res.end('x')
  })
  const askers = fourClients()
  for (const asker of askers) {
    for (let n = 0; n < 1_000; n += 50)
      await Promise.all(Array.from({ length: 50 }, () => asker.ask(origin, { path: '/' })))
    clients.push(asker)
  }
  expect([...counts]).toEqual(['0 0 0'])
})

test('pipeline to a client that has gone: the source is destroyed', async () => {
  const seen: unknown[] = []
  const { origin } = await listening((_, res) => {
    async function* endless(): AsyncGenerator<Buffer> {
      try {
        for (;;) {
          yield Buffer.alloc(10_000)
          await sleep(1)
        }
      } finally {
        seen.push('source ended')
      }
    }
    pipeline(endless, res).catch((error: NodeJS.ErrnoException) => seen.push(error.code))
  })
  const client = clientOf('HTTP/1.1')
  const response = await client.get(origin)
  for await (const chunk of response.body) if (chunk.length > 0) break
  await expect.poll(() => seen).toEqual(['source ended', 'ERR_STREAM_PREMATURE_CLOSE'])
})

test('request.signal aborts when the client goes, and never after a success', async () => {
  const { IncomingMessage: Message } = await import('node:http')
  if (!('signal' in Message.prototype)) {
    console.log(`skipped: requests of Node ${process.version} have no signal`)
    return
  }
  const seen: string[] = []
  const { origin, server } = await listening((req, res) => {
    const { signal } = req as IncomingMessage & { signal: AbortSignal }
    signal.addEventListener('abort', () => seen.push(`${req.url} aborted`))
    if (req.url === '/whole') res.end('whole')
    else res.write('begun')
  })
  for (const version of VERSIONS) {
    const client = clientOf(version)
    expect(await (await client.get(`${origin}/whole`)).text()).toBe('whole')
    const response = await client.get(`${origin}/${version}`)
    for await (const chunk of response.body) if (chunk.length > 0) break
    await client.close()
  }
  await expect.poll(() => seen).toEqual(['/HTTP/1.1 aborted', '/HTTP/2 aborted'])
  server.closeAllConnections()
  await sleep(20)
  expect(seen.length).toBe(2)
})

test('without a listener every request is 404', async () => {
  const server = createServer().listen(0, '127.0.0.1')
  open.push(server)
  expect((await clientOf('HTTP/1.1').get(await originOf(server))).status).toBe(404)
})

test('observers of node:http see requests and responses: channels, and a patched emit', async () => {
  const { subscribe, unsubscribe } = await import('node:diagnostics_channel')
  const { Server: NodeServer } = await import('node:http')
  const seen: string[] = []
  const started = (message: unknown): void =>
    void seen.push(`start ${(message as { request: IncomingMessage }).request.url}`)
  const finished = (message: unknown): void =>
    void seen.push(`finish ${(message as { response: ServerResponse }).response.statusCode}`)
  subscribe('http.server.request.start', started)
  subscribe('http.server.response.finish', finished)
  const emit = NodeServer.prototype.emit
  NodeServer.prototype.emit = function patched(this: Server, event: string, ...given: unknown[]) {
    if (event === 'request') seen.push(`emit ${(given[0] as IncomingMessage).url}`)
    return Reflect.apply(emit, this, [event, ...given]) as boolean
  } as never
  try {
    const { origin } = await listening((_, res) => res.writeHead(201).end('x'))
    await (await clientOf('HTTP/1.1').get(`${origin}/seen`)).text()
    await expect.poll(() => seen).toEqual(['start /seen', 'emit /seen', 'finish 201'])
  } finally {
    NodeServer.prototype.emit = emit
    unsubscribe('http.server.request.start', started)
    unsubscribe('http.server.response.finish', finished)
  }
})
