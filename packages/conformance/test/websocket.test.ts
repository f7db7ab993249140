import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { connect as connectH2 } from 'node:http2'
import { connect } from 'node:net'
import { Client } from '@hyper/client'
import { webSocketConnection } from '@hyper/client/websocket'
import { HttpResponse } from '@hyper/core/http'
import {
  ConnectContext,
  type FetchHandler,
  PROTOCOL,
  serve,
  type ServeOptions,
  type Server,
} from '@hyper/server'
import { answerWebSocket, isWebSocket, upgradeWebSocket, upgradeWith } from '@hyper/server/websocket'
import { testCertificate } from '@hyper/testkit'
import { afterEach, describe, expect, test } from 'vitest'
import { type ClientOptions as WsClientOptions, WebSocket, WebSocketServer } from 'ws'

// WebSockets by `ws`, on both sides, over both protocols: a connection of HTTP/1 that was upgraded, and a stream of HTTP/2
// (RFC 8441).

const { cert, key } = await testCertificate()

let server: Server
const clients: Client[] = []
const errors: unknown[] = []

afterEach(async () => {
  for (const client of clients.splice(0)) client.abort()
  await server.close({ deadline: 0 })
  expect(errors.splice(0)).toEqual([])
})

type Open = (socket: WebSocket) => void

/** A server whose WebSockets go to `onOpen`. */
async function start(
  onOpen: Open,
  options: ConstructorParameters<typeof WebSocketServer>[0] = {},
  more: Partial<ServeOptions> = {},
): Promise<WebSocketServer> {
  const wss = new WebSocketServer({ noServer: true, ...options })
  const fetch: FetchHandler = (_, context) =>
    isWebSocket(context) ? upgradeWebSocket(context, wss, onOpen) : new Response('no WebSocket')
  server = await serve({
    hostname: '127.0.0.1',
    fetch,
    http2: { enableConnectProtocol: true },
    onError: (error) => errors.push(error),
    ...more,
  })
  return wss
}

const echo: Open = (socket) => {
  socket.on('error', () => undefined)
  socket.on('message', (data, isBinary) => socket.send(data, { binary: isBinary }))
}

function client(tls = false): Client {
  const made = new Client(tls ? { ca: cert } : { http2: { priorKnowledge: true } })
  clients.push(made)
  return made
}

/** A WebSocket of `ws` by our client. */
function open(
  over: 'h1' | 'h2',
  by: Client = over === 'h1' ? h1Client() : client(),
  options: WsClientOptions = {},
): WebSocket {
  const createConnection = webSocketConnection(by, { http2: over === 'h2' })
  const url = server.url.replace('http', 'ws')
  const socket = new WebSocket(url, {
    ...options,
    createConnection: createConnection,
  })
  socket.on('error', () => undefined)
  return socket
}

function h1Client(): Client {
  const made = new Client()
  clients.push(made)
  return made
}

const digest = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex')

describe.each(['h1', 'h2'] as const)('over %s', (over) => {
  test('10,000 messages come back, each as it was, in order', { timeout: 120_000 }, async () => {
    await start(echo)
    const socket = open(over)
    await once(socket, 'open')
    const count = 10_000
    let received = 0
    const wrong: number[] = []
    const done = new Promise<void>((resolve) => {
      socket.on('message', (data: Buffer, isBinary) => {
        const expected = messageOf(received)
        const isSame =
          typeof expected === 'string'
            ? !isBinary && data.toString() === expected
            : isBinary && data.equals(expected)
        if (!isSame) wrong.push(received)
        if (++received === count) resolve()
      })
    })
    for (let i = 0; i < count; i++) {
      socket.send(messageOf(i))
      // Some at a time, as a program would.
      if (i % 64 === 63) await new Promise((resolve) => setImmediate(resolve))
    }
    await done
    socket.close(1000, 'done')
    const [code, reason] = (await once(socket, 'close')) as [number, Buffer]
    expect([received, wrong, code, String(reason)]).toEqual([count, [], 1000, 'done'])
  })

  test('permessage-deflate is agreed on, and used', async () => {
    await start(echo, { perMessageDeflate: { threshold: 0 } })
    const socket = open(over, undefined, { perMessageDeflate: { threshold: 0 } })
    await once(socket, 'open')
    expect(socket.extensions).toContain('permessage-deflate')
    const big = Buffer.alloc(300_000, 'compressible ')
    socket.send(big)
    const [data] = (await once(socket, 'message')) as [Buffer]
    expect(digest(data)).toBe(digest(big))
    socket.close()
    await once(socket, 'close')
  })

  test('a subprotocol is agreed on, by who the library asks', async () => {
    await start(echo, { handleProtocols: (protocols) => [...protocols][1] ?? false })
    const createConnection = webSocketConnection(over === 'h1' ? h1Client() : client(), {
      http2: over === 'h2',
    })
    const socket = new WebSocket(server.url.replace('http', 'ws'), ['one', 'two'], {
      createConnection: createConnection,
    })
    await once(socket, 'open')
    expect(socket.protocol).toBe('two')
    socket.close()
    await once(socket, 'close')
  })

  test('ping and pong, both ways', async () => {
    const answered = Promise.withResolvers<string>()
    await start((socket) => {
      socket.on('pong', (data) => answered.resolve(String(data)))
      socket.ping('from the server')
    })
    const socket = open(over)
    await once(socket, 'open')
    socket.ping('from the client')
    const [data] = (await once(socket, 'pong')) as [Buffer]
    expect([String(data), await answered.promise]).toEqual(['from the client', 'from the server'])
    socket.close()
    await once(socket, 'close')
  })

  test.each([
    ['the server closes', 4001, 'enough'],
    ['a message is too big', 1009, ''],
  ])('close codes: %s', async (what, code, reason) => {
    await start(
      (socket) => {
        socket.on('error', () => undefined)
        if (what === 'the server closes') socket.close(code, reason)
      },
      { maxPayload: 1_000 },
    )
    const socket = open(over)
    await once(socket, 'open')
    if (code === 1009) socket.send('x'.repeat(1_001))
    const [got, why] = (await once(socket, 'close')) as [number, Buffer]
    expect([got, String(why)]).toEqual([code, reason])
  })

  test('what a server says at once is not lost', async () => {
    await start((socket) => {
      socket.send('first')
      socket.send('second')
      socket.close(1000)
    })
    const socket = open(over)
    const messages: string[] = []
    socket.on('message', (data: Buffer) => messages.push(String(data)))
    await once(socket, 'close')
    expect(messages).toEqual(['first', 'second'])
  })

  test('a library may refuse, by a status of its own', async () => {
    await start(echo, {
      verifyClient: (_, done) => done(false, 401, 'who are you', { 'www-authenticate': 'Basic' }),
    })
    const socket = open(over)
    const [, response] = (await once(socket, 'unexpected-response')) as [
      unknown,
      AsyncIterable<Buffer> & { statusCode: number; headers: Record<string, string> },
    ]
    let body = ''
    for await (const chunk of response) body += String(chunk)
    expect([response.statusCode, response.headers['www-authenticate'], body]).toEqual([
      401,
      'Basic',
      'who are you',
    ])
    socket.terminate()
  })

  test('a client that dies closes the socket of the server', async () => {
    const closed = Promise.withResolvers<number>()
    await start((socket) => {
      socket.on('error', () => undefined)
      socket.on('close', (code) => closed.resolve(code))
    })
    const by = over === 'h1' ? h1Client() : client()
    const socket = open(over, by)
    await once(socket, 'open')
    if (over === 'h1') socket.terminate()
    else by.abort()
    expect(await closed.promise).toBe(1006)
  })

  test('a server that dies closes the socket of the client', async () => {
    await start((socket) => void socket.on('error', () => undefined))
    const socket = open(over)
    await once(socket, 'open')
    const closed = once(socket, 'close')
    await server.close({ deadline: 0 })
    expect((await closed)[0]).toBe(1006)
  })

  test(
    'a client that does not read makes the server wait, and then gets everything',
    { timeout: 120_000 },
    async () => {
      const total = 64
      const size = 1 << 20
      let sent = 0
      let most = 0
      await start((socket) => {
        const sendOn = (): void => {
          if (sent === total) return
          sent++
          // `ws` calls back once the stream has taken the message: what is not read cannot pile up.
          socket.send(Buffer.alloc(size, sent), sendOn)
          most = Math.max(most, socket.bufferedAmount)
        }
        sendOn()
      })
      const socket = open(over)
      await once(socket, 'open')
      socket.pause()
      await new Promise((resolve) => setTimeout(resolve, 300))
      const before = sent
      expect(before).toBeLessThan(total)
      const seen: number[] = []
      const all = new Promise<void>((resolve) => {
        socket.on('message', (data: Buffer) => {
          if (data.length === size && data[0] === data[size - 1]) seen.push(data[0] ?? 0)
          if (seen.length === total) resolve()
        })
      })
      socket.resume()
      await all
      expect(seen).toEqual(Array.from({ length: total }, (_, index) => index + 1))
      expect(most).toBeLessThanOrEqual(2 * size)
      socket.close()
      await once(socket, 'close')
    },
  )

  test('limits of request bodies are none of a WebSocket', async () => {
    await start(echo, {}, { limits: { maxRequestBodySize: 10 }, timeouts: { total: 1_000, receive: 500 } })
    const socket = open(over)
    await once(socket, 'open')
    const message = 'x'.repeat(100_000)
    socket.send(message)
    expect(String((await once(socket, 'message'))[0])).toBe(message)
    await new Promise((resolve) => setTimeout(resolve, 1_200))
    socket.send('still')
    expect(String((await once(socket, 'message'))[0])).toBe('still')
    socket.close()
    await once(socket, 'close')
  })

  test('by TLS', async () => {
    await start(echo, {}, { tls: { cert, key } })
    const socket = open(over, client(true))
    await once(socket, 'open')
    socket.send('secret')
    expect(String((await once(socket, 'message'))[0])).toBe('secret')
    socket.close()
    await once(socket, 'close')
  })

  test('a native service, and a connect handler of the draft', async () => {
    const wss = new WebSocketServer({ noServer: true })
    const forms: Partial<ServeOptions>[] = [
      {
        service: (request, exchange) =>
          request.method === 'GET' || request.method === 'CONNECT'
            ? answerWebSocket(request, exchange, wss, echo)
            : new HttpResponse(),
      },
      {
        fetch: {
          [PROTOCOL]: 1,
          fetch: () => new Response('no'),
          connect: (context: ConnectContext) => upgradeWebSocket(context, wss, echo),
        },
      },
    ]
    for (const form of forms) {
      server = await serve({
        hostname: '127.0.0.1',
        http2: { enableConnectProtocol: true },
        onError: (error) => errors.push(error),
        ...form,
      })
      const socket = open(over)
      await once(socket, 'open')
      socket.send('hello')
      expect(String((await once(socket, 'message'))[0])).toBe('hello')
      socket.close()
      await once(socket, 'close')
      await server.close({ deadline: 0 })
    }
  })
})

describe('over one connection of HTTP/2', () => {
  test('100 WebSockets at a time, and requests beside them', { timeout: 120_000 }, async () => {
    await start(echo, {}, { limits: { maxConcurrentStreams: 101 } })
    const by = client()
    const sockets = Array.from({ length: 100 }, () => open('h2', by))
    await Promise.all(sockets.map((socket) => once(socket, 'open')))
    expect([by.connections, server.connections]).toEqual([1, 1])
    const answers = await Promise.all(
      sockets.map(async (socket, index) => {
        const texts: string[] = []
        socket.on('message', (data: Buffer) => texts.push(String(data)))
        for (let i = 0; i < 20; i++) socket.send(`${index}/${i}`)
        while (texts.length < 20) await once(socket, 'message')
        return texts.join()
      }),
    )
    expect(answers).toEqual(
      sockets.map((_, index) => Array.from({ length: 20 }, (_, i) => `${index}/${i}`).join()),
    )
    expect(await (await by.get(server.url)).text()).toBe('no WebSocket')
    await Promise.all(
      sockets.map(async (socket) => {
        socket.close()
        await once(socket, 'close')
      }),
    )
    expect([by.connections, server.connections]).toEqual([1, 1])
  })

  test('one that does not read holds up none of the others', { timeout: 120_000 }, async () => {
    await start((socket) => {
      socket.on('error', () => undefined)
      socket.on('message', (data: Buffer) => {
        if (String(data) !== 'flood') socket.send(data)
        else for (let i = 0; i < 24; i++) socket.send(Buffer.alloc(1 << 20))
      })
    })
    const by = client()
    const [slow, quick] = [open('h2', by), open('h2', by)]
    await Promise.all([once(slow, 'open'), once(quick, 'open')])
    slow.pause()
    slow.send('flood')
    for (let i = 0; i < 100; i++) {
      quick.send(String(i))
      expect(String((await once(quick, 'message'))[0])).toBe(String(i))
    }
    slow.terminate()
    quick.close()
    await once(quick, 'close')
  })

  test('a client that resets one stream loses that one alone', async () => {
    const closed = Promise.withResolvers<number>()
    await start((socket) => {
      echo(socket)
      socket.on('close', (code) => closed.resolve(code))
    })
    const by = client()
    const [first, second] = [open('h2', by), open('h2', by)]
    await Promise.all([once(first, 'open'), once(second, 'open')])
    first.terminate()
    expect(await closed.promise).toBe(1006)
    second.send('still')
    expect(String((await once(second, 'message'))[0])).toBe('still')
    second.close()
    await once(second, 'close')
  })
})

describe('with other clients', () => {
  test('the WebSocket of Node', async () => {
    await start(echo)
    const socket = new globalThis.WebSocket(server.url.replace('http', 'ws'))
    await new Promise((resolve) => socket.addEventListener('open', resolve))
    socket.send('hello')
    const message = await new Promise<string>((resolve) =>
      socket.addEventListener('message', ({ data }) => resolve(String(data))),
    )
    socket.close(1000)
    await new Promise((resolve) => socket.addEventListener('close', resolve))
    expect(message).toBe('hello')
  })

  test('node:http2 over an extended CONNECT: the answer says nothing of the handshake of HTTP/1', async () => {
    await start(echo)
    const session = connectH2(server.url)
    await once(session, 'remoteSettings')
    const stream = session.request(
      {
        ':method': 'CONNECT',
        ':protocol': 'websocket',
        ':path': '/',
        'sec-websocket-version': '13',
        'sec-websocket-protocol': 'a',
      },
      { endStream: false },
    )
    const [fields] = (await once(stream, 'response')) as [Record<string, unknown>]
    expect([fields[':status'], fields['sec-websocket-protocol']]).toEqual([200, 'a'])
    for (const name of ['sec-websocket-accept', 'upgrade', 'connection']) expect(fields[name]).toBeUndefined()
    // A frame with a mask: "hi".
    stream.write(Buffer.from([0x81, 0x82, 0, 0, 0, 0, 0x68, 0x69]))
    expect([...((await once(stream, 'data'))[0] as Buffer)]).toEqual([0x81, 2, 0x68, 0x69])
    stream.close()
    session.destroy()
  })

  test('the client of `ws` by itself, against our server; and by our client, against its own server', async () => {
    await start(echo)
    const plain = new WebSocket(server.url.replace('http', 'ws'))
    await once(plain, 'open')
    plain.send('plain')
    expect(String((await once(plain, 'message'))[0])).toBe('plain')
    plain.close()
    await once(plain, 'close')
    const wss = new WebSocketServer({ port: 0, host: '127.0.0.1' })
    wss.on('connection', echo)
    await once(wss, 'listening')
    const { port } = wss.address() as { port: number }
    // It speaks HTTP/1 alone: what would go over HTTP/2 goes over that.
    const createConnection = webSocketConnection(h1Client(), { http2: true })
    const socket = new WebSocket(`ws://127.0.0.1:${port}`, {
      createConnection: createConnection,
    })
    await once(socket, 'open')
    socket.send('ours')
    expect(String((await once(socket, 'message'))[0])).toBe('ours')
    socket.close()
    await once(socket, 'close')
    await new Promise((resolve) => wss.close(resolve))
  })
})

test('a client that speaks HTTP/2 without TLS upgrades over HTTP/1, on the same port', async () => {
  await start(echo)
  const by = client()
  expect((await by.get(server.url)).version).toBe('2')
  const socket = open('h1', by)
  await once(socket, 'open')
  socket.send('hello')
  expect(String((await once(socket, 'message'))[0])).toBe('hello')
  expect((await by.get(server.url)).version).toBe('2')
  socket.close()
  await once(socket, 'close')
})

describe('what goes wrong', () => {
  test.each([
    ['HTTP/1.0', 'GET / HTTP/1.0\r\nhost: x\r\nconnection: upgrade\r\nupgrade: websocket\r\n\r\n'],
    ['nothing in connection', 'GET / HTTP/1.1\r\nhost: x\r\nconnection: close\r\nupgrade: websocket\r\n\r\n'],
    [
      'another protocol',
      'GET / HTTP/1.1\r\nhost: x\r\nconnection: upgrade, close\r\nupgrade: websockets\r\n\r\n',
    ],
  ])('%s is no offer of a WebSocket', async (_, text) => {
    await start(echo)
    const socket = connect(server.port, '127.0.0.1')
    socket.write(text)
    let answer = ''
    for await (const chunk of socket) answer += String(chunk)
    expect(answer).toMatch(/^HTTP\/1.[01] 200 OK[^]*no WebSocket$/)
  })

  test.each([
    ['no key', 'upgrade: websocket\r\nsec-websocket-version: 13\r\n', /^HTTP\/1.1 400 [^]*Sec-WebSocket-Key/],
    [
      'another version',
      'upgrade: websocket\r\nsec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\nsec-websocket-version: 9\r\n',
      /^HTTP\/1.1 400 [^]*sec-websocket-version: 13, 8/i,
    ],
  ])('%s: the library answers', async (_, fields, expected) => {
    await start(echo)
    const socket = connect(server.port, '127.0.0.1')
    socket.write(`GET / HTTP/1.1\r\nhost: x\r\nconnection: upgrade\r\n${fields}\r\n`)
    let text = ''
    for await (const chunk of socket) text += String(chunk)
    expect(text).toMatch(expected)
  })

  test.each([
    [
      'writes a head and goes',
      403,
      (socket: { write(text: string): void; destroy(): void }) => {
        socket.write('HTTP/1.1 403 Forbidden\r\nx-why: rules\r\n\r\n')
        socket.destroy()
      },
    ],
    ['goes without a word', 400, (socket: { destroy(): void }) => socket.destroy()],
  ] as const)('a handler that %s', async (_, status, handle) => {
    server = await serve({
      hostname: '127.0.0.1',
      fetch: (_, context) => upgradeWith(context, (_, socket) => handle(socket)),
    })
    const socket = open('h1')
    const [, response] = (await once(socket, 'unexpected-response')) as [unknown, { statusCode: number }]
    expect(response.statusCode).toBe(status)
    socket.terminate()
  })

  test('a handler that throws, or writes what is no answer: 500, and the process lives', async () => {
    for (const handle of [
      () => {
        throw new Error('broken')
      },
      (socket: { write(text: string): void }) => socket.write('what is this?\r\n\r\n'),
    ]) {
      const told: unknown[] = []
      server = await serve({
        hostname: '127.0.0.1',
        fetch: (_, context) =>
          upgradeWith(context, (_, socket) => {
            handle(socket)
          }),
        onError: (error) => told.push(error),
      })
      const socket = open('h1')
      const [, response] = (await once(socket, 'unexpected-response')) as [unknown, { statusCode: number }]
      expect([response.statusCode, told.length]).toEqual([500, 1])
      socket.terminate()
      await server.close({ deadline: 0 })
    }
  })

  test.each(['h1', 'h2'] as const)(
    '%s: what takes the WebSocket and throws: 500, and it is told',
    async (over) => {
      const told: unknown[] = []
      const gone: number[] = []
      const taken: Open = (socket) => {
        socket.on('close', (code) => gone.push(code))
        throw new Error('broken')
      }
      await start(taken, {}, { onError: (error) => told.push(error) })
      const socket = open(over)
      const [, response] = (await once(socket, 'unexpected-response')) as [unknown, { statusCode: number }]
      expect([response.statusCode, told]).toEqual([500, [expect.objectContaining({ message: 'broken' })]])
      expect(gone).toEqual([1006])
      socket.terminate()
    },
  )

  test('a handler that accepts what nobody has offered: 500, and its socket closes without an error', async () => {
    const [closed, told] = [Promise.withResolvers<boolean>(), [] as unknown[]]
    server = await serve({
      hostname: '127.0.0.1',
      fetch: (_, context) =>
        upgradeWith(context, (_, socket) => {
          // It has no listener for errors, which would be the end of the process.
          socket.on('close', closed.resolve)
          socket.write('HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: x\r\n\r\n')
        }),
      onError: (error) => told.push(error),
    })
    expect((await fetch(server.url)).status).toBe(500)
    await closed.promise
    expect(told).toMatchObject([{ code: 'INVALID_STATUS' }])
  })

  test.each(['h1', 'h2'] as const)(
    'a client that goes while the library makes up its mind, over %s',
    async (over) => {
      const [asked, closed] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()]
      server = await serve({
        hostname: '127.0.0.1',
        http2: { enableConnectProtocol: true },
        onError: (error) => errors.push(error),
        fetch: (_, context) =>
          upgradeWith(context, (_, socket) => {
            asked.resolve()
            socket.on('close', closed.resolve)
          }),
      })
      const by = over === 'h1' ? h1Client() : client()
      open(over, by)
      await asked.promise
      by.abort()
      await closed.promise
    },
  )

  test('a server that is not there, and one that is given up', async () => {
    await start(echo)
    const { url } = server
    await server.close({ deadline: 0 })
    const failed = new WebSocket(url.replace('http', 'ws'), {
      createConnection: webSocketConnection(h1Client()),
    })
    const [error] = (await once(failed, 'error')) as [Error]
    expect(error).toMatchObject({ code: 'CONNECT' })
    // No answer comes: the library gives up, and our request with it.
    const aborted = Promise.withResolvers<void>()
    server = await serve({
      hostname: '127.0.0.1',
      fetch: (request) => {
        request.signal.addEventListener('abort', () => aborted.resolve())
        return new Promise(() => undefined)
      },
    })
    const waiting = open('h1', undefined, { handshakeTimeout: 2_000 })
    await new Promise((resolve) => waiting.on('close', resolve))
    await aborted.promise
  })
})

function messageOf(index: number): string | Buffer {
  const size = (index * 37) % 1_500
  return index % 2 === 0 ? `${index}:${'ä'.repeat(size >> 1)}` : Buffer.alloc(size, index)
}
