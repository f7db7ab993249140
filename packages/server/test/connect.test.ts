import { once } from 'node:events'
import { type ClientHttp2Stream, constants } from 'node:http2'
import { HyperError } from '@hyper/core/error'
import { duplexFrom } from '@hyper/util/node'
import { afterEach, describe, expect, test } from 'vitest'
import {
  ConnectContext,
  FALLTHROUGH,
  type FetchServerObject,
  PROTOCOL,
  Response as OurResponse,
  serve,
  type Server,
  type Tunnel,
} from '../src/index.ts'
import { ask, closeSessions, open } from './h2-kit.ts'
import { eventually, headOf, Wire } from './wire.ts'

// The `connect` member of the Fetch Server API draft: CONNECT, extended CONNECT and HTTP/1 upgrades are one thing to it.

let server: Server
const errors: unknown[] = []

afterEach(() => {
  closeSessions()
  errors.length = 0
  return server.close({ deadline: 0 })
})

type Handler<K extends 'fetch' | 'connect' | 'error'> = NonNullable<FetchServerObject[K]>
type Handlers = { [K in 'fetch' | 'connect' | 'error']?: Handler<K> }

async function start(handlers: Handlers): Promise<void> {
  const fetch: FetchServerObject = {
    [PROTOCOL]: 1,
    fetch: (context) => new Response(`fetch ${context.request.method}`),
    ...handlers,
  }
  server = await serve({ hostname: '127.0.0.1', fetch, onError: (error) => errors.push(error) })
}

const UPGRADE = 'GET /chat HTTP/1.1\r\nhost: x\r\nconnection: upgrade\r\nupgrade: Echo, other\r\n\r\n'
const CONNECT = 'CONNECT a:1 HTTP/1.1\r\nhost: a:1\r\n\r\n'

async function echo(context: ConnectContext): Promise<void> {
  const { readable, writable } = await context.accept()
  await readable.pipeTo(writable).catch(() => undefined)
}

/** Opens a connection, sends, and gives it once a head has come. */
async function asked(text: string): Promise<Wire> {
  const wire = await Wire.open(server.port)
  wire.send(text)
  await wire.until('\r\n\r\n')
  return wire
}

describe('accept over HTTP/1', () => {
  test('an upgrade: 101 with the protocol, and bytes both ways', async () => {
    const seen: unknown[] = []
    await start({
      connect(context) {
        seen.push(context instanceof ConnectContext, context.connectProtocol, context.request.method)
        seen.push(new URL(context.request.url).pathname)
        return echo(context)
      },
    })
    const wire = await asked(`${UPGRADE}early `)
    wire.send('and late')
    await wire.until('early and late')
    wire.socket.end()
    await wire.closed()
    expect(headOf(wire.received).split('\r\n').slice(0, 3)).toEqual([
      'HTTP/1.1 101 Switching Protocols',
      'upgrade: echo',
      'connection: upgrade',
    ])
    expect([seen, wire.error]).toEqual([[true, 'echo', 'GET', '/chat'], null])
  })

  test('a CONNECT: 200, fields of the handler, no protocol', async () => {
    const seen: unknown[] = []
    await start({
      async connect(context) {
        seen.push(context.connectProtocol)
        const { readable, writable } = await context.accept({ headers: { 'x-by': 'me' } })
        await readable.pipeTo(writable)
      },
    })
    const wire = await asked(CONNECT)
    wire.send('through')
    await wire.until('through')
    wire.socket.end()
    await wire.closed()
    expect(headOf(wire.received)).toMatch(/^HTTP\/1.1 200 OK\r\nx-by: me/)
    expect(seen).toEqual([null])
  })

  test('empty elements of a list name no protocol', async () => {
    const seen: unknown[] = []
    await start({
      connect(context) {
        seen.push(context.connectProtocol)
        return echo(context)
      },
    })
    const wire = await asked(UPGRADE.replace('Echo,', ' , Echo,'))
    expect(wire.received).toContain('\r\nupgrade: echo\r\n')
    wire.socket.destroy()
    const plain = await asked(UPGRADE.replace('Echo, other', ','))
    await plain.until('fetch GET')
    plain.socket.destroy()
    expect(seen).toEqual(['echo'])
  })

  test('to a WebSocket it says what RFC 6455 wants', async () => {
    await start({ connect: echo })
    const wire = await asked(
      'GET / HTTP/1.1\r\nhost: x\r\nconnection: upgrade\r\nupgrade: websocket\r\nsec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n',
    )
    // The example of RFC 6455 §1.3.
    expect(wire.received).toContain('sec-websocket-accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n')
    wire.socket.destroy()
  })
})

describe('accept over HTTP/2', () => {
  async function stream(headers: object): Promise<ClientHttp2Stream> {
    const session = open(server)
    await once(session, 'remoteSettings')
    expect(session.remoteSettings.enableConnectProtocol).toBe(true)
    const made = session.request({ ':method': 'CONNECT', ...headers }, { endStream: false })
    made.on('error', () => undefined)
    return made
  }

  test.each([
    ['a CONNECT', { ':authority': 'a:1' }, null],
    [
      'an extended CONNECT',
      { ':protocol': 'echo', ':scheme': 'http', ':path': '/chat', ':authority': 'x' },
      'echo',
    ],
  ])('%s', async (_, headers, protocol) => {
    const seen: unknown[] = []
    await start({
      connect(context) {
        seen.push(context.connectProtocol)
        return echo(context)
      },
    })
    const made = await stream(headers)
    const [fields] = (await once(made, 'response')) as [Record<string, unknown>]
    made.write('through')
    expect(String((await once(made, 'data'))[0])).toBe('through')
    made.end()
    await once(made, 'close')
    expect([fields[':status'], seen, made.rstCode]).toEqual([200, [protocol], 0])
  })

  test('a tunnel that is destroyed resets its stream', async () => {
    await start({ connect: async (context) => (await context.accept()).destroy() })
    const made = await stream({ ':authority': 'a:1' })
    await once(made, 'close')
    expect(made.rstCode).toBe(constants.NGHTTP2_CANCEL)
  })
})

describe('what a handler may answer besides', () => {
  test('a Response', async () => {
    await start({ connect: () => new Response('not you', { status: 403 }) })
    expect(await Wire.exchange(server.port, CONNECT)).toMatch(/^HTTP\/1.1 403 Forbidden[^]*not you$/)
    const answer = await ask(open(server), { ':method': 'CONNECT', ':authority': 'a:1' })
    expect([answer.status, answer.body]).toEqual([403, 'not you'])
  })

  test('deny: 503 or REFUSED_STREAM', async () => {
    await start({ connect: (context) => void context.deny() })
    expect(await Wire.exchange(server.port, UPGRADE)).toMatch(/^HTTP\/1.1 503 [^]*connection: close/)
    const answer = await ask(open(server), { ':method': 'CONNECT', ':authority': 'a:1' })
    expect([answer.status, answer.resetCode]).toEqual([0, constants.NGHTTP2_REFUSED_STREAM])
    expect(errors).toEqual([])
  })

  test('the upgrade alone is declined: fetch answers, on a connection that goes on', async () => {
    await start({ connect: (context) => void context.deny(FALLTHROUGH) })
    const wire = await asked(UPGRADE)
    await wire.until('fetch GET')
    wire.send('GET / HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n')
    await wire.ended()
    expect(wire.received.split('fetch GET')).toHaveLength(3)
    expect(errors).toEqual([])
  })

  test('a CONNECT is nothing for fetch', async () => {
    await start({ connect: (context) => void context.deny(FALLTHROUGH) })
    expect(await Wire.exchange(server.port, CONNECT)).toMatch(/^HTTP\/1.1 502 /)
    await eventually(() => errors.length === 1)
    expect(errors).toMatchObject([{ name: 'InvalidStateError' }])
  })

  test('a success is none without a tunnel: 501 to a CONNECT, over both protocols', async () => {
    const cancelled: unknown[] = []
    const body = (): ReadableStream => new ReadableStream({ cancel: () => void cancelled.push(true) })
    await start({ connect: () => new Response(body()) })
    expect(await Wire.exchange(server.port, CONNECT)).toMatch(/^HTTP\/1.1 501 Not Implemented/)
    const answer = await ask(open(server), { ':method': 'CONNECT', ':authority': 'a:1' })
    expect([answer.status, answer.body, cancelled]).toEqual([501, '', [true, true]])
    expect(errors).toEqual([])
  })

  test('after the decision there is no other', async () => {
    const thrown: unknown[] = []
    const attempt = (call: () => unknown): void => {
      try {
        call()
      } catch (error) {
        thrown.push((error as DOMException).name)
      }
    }
    await start({
      connect(context) {
        const accepting = context.accept()
        attempt(() => void context.accept())
        attempt(() => context.deny())
        attempt(() => context.upgradeWebSocket())
        void context.upgradeWebTransport().catch((error: DOMException) => thrown.push(error.name))
        return accepting.then((tunnel) => {
          attempt(() => tunnel.capsules())
          attempt(() => tunnel.datagrams())
          tunnel.close()
        })
      },
    })
    const wire = await asked(UPGRADE)
    await wire.ended()
    wire.socket.destroy()
    expect(thrown).toEqual([
      'InvalidStateError',
      'InvalidStateError',
      'NotSupportedError',
      'NotSupportedError',
      'NotSupportedError',
      'NotSupportedError',
    ])
  })

  test.each<[string, Handler<'connect'>, number]>([
    ['a throw', () => Promise.reject(new Error('no')), 502],
    ['nothing at all', () => undefined, 502],
    [
      'an error of ours, which has a status of its own',
      () => Promise.reject(new HyperError('CONNECT_TIMEOUT', null, { by: 'io', statusHint: 504 })),
      504,
    ],
  ])('%s', async (_, connect, status) => {
    await start({ connect })
    expect(await Wire.exchange(server.port, CONNECT)).toMatch(new RegExp(`^HTTP/1.1 ${status} `))
    await eventually(() => errors.length === 1)
  })

  test('where `error` throws, too, it is a 500, and nothing was completed', async () => {
    let completed: Promise<void> = Promise.resolve()
    await start({
      connect: (context) => {
        completed = context.completed
        throw new Error('first')
      },
      error: () => {
        throw new Error('second')
      },
    })
    const wire = await asked(CONNECT)
    expect(wire.received).toMatch(/^HTTP\/1\.1 500 /)
    await expect(completed).rejects.toThrow('second')
  })

  test('a throw that `error` answers', async () => {
    await start({
      connect: () => Promise.reject(new Error('no')),
      error: (context, error) => new Response(`${context.request.method} ${String(error)}`, { status: 418 }),
    })
    expect(await Wire.exchange(server.port, CONNECT)).toMatch(/^HTTP\/1.1 418 [^]*CONNECT Error: no$/)
    expect(errors).toEqual([])
  })

  test('a throw after it has accepted breaks the tunnel', async () => {
    await start({
      async connect(context) {
        const tunnel = await context.accept()
        await tunnel.writable.getWriter().write(Buffer.from('begun'))
        throw new Error('late')
      },
    })
    const wire = await Wire.open(server.port)
    wire.send(UPGRADE)
    await wire.cut()
    await eventually(() => errors.length === 1)
    expect(errors).toMatchObject([{ message: 'late' }])
  })
})

describe('a handler that has bad luck', () => {
  test('a client that breaks the tunnel is no error of the handler', async () => {
    const broken: unknown[] = []
    await start({
      async connect(context) {
        const tunnel = await context.accept()
        tunnel.closed.catch((error: unknown) => broken.push(error))
        await tunnel.readable.pipeTo(tunnel.writable)
      },
    })
    const wire = await asked(UPGRADE)
    wire.socket.resetAndDestroy()
    const stream = open(server).request({ ':method': 'CONNECT', ':authority': 'a:1' }, { endStream: false })
    stream.on('error', () => undefined)
    await once(stream, 'response')
    stream.close(constants.NGHTTP2_CANCEL)
    await eventually(() => broken.length === 2)
    await server.close()
    expect(errors).toEqual([])
  })

  test('fields that cannot be sent decide nothing: the throw is a 502, and there may be another answer', async () => {
    await start({ connect: (context) => void context.accept({ headers: { 'x-y': 'a\r\nb' } }) })
    expect(await Wire.exchange(server.port, CONNECT)).toMatch(/^HTTP\/1.1 502 /)
    expect(errors).toMatchObject([{ name: 'TypeError' }])
    await server.close({ deadline: 0 })
    await start({
      connect(context) {
        try {
          void context.accept({ headers: { 'bad name': 'x' } })
        } catch {
          context.deny()
        }
      },
    })
    expect(await Wire.exchange(server.port, CONNECT)).toMatch(/^HTTP\/1.1 503 /)
  })

  test('a client that has gone before accept: it rejects with what happened, and that is no error of the handler', async () => {
    const [asked, told] = [Promise.withResolvers<void>(), Promise.withResolvers<unknown>()]
    await start({
      async connect(context) {
        const gone = Promise.withResolvers<void>()
        context.request.signal.addEventListener('abort', () => gone.resolve())
        asked.resolve()
        await gone.promise
        const tunnel = context.accept()
        tunnel.catch((error: unknown) => told.resolve(error))
        await tunnel
      },
    })
    const wire = await Wire.open(server.port)
    wire.send(CONNECT)
    await asked.promise
    wire.socket.resetAndDestroy()
    expect(await told.promise).toMatchObject({ code: 'IO' })
    await server.close()
    expect(errors).toEqual([])
  })
})

describe('without a connect handler', () => {
  test('501 to a CONNECT, over both protocols, and no offer of extended CONNECT', async () => {
    await start({})
    expect(await Wire.exchange(server.port, CONNECT)).toMatch(/^HTTP\/1.1 501 Not Implemented/)
    const session = open(server)
    expect((await ask(session, { ':method': 'CONNECT', ':authority': 'a:1' })).status).toBe(501)
    expect(session.remoteSettings.enableConnectProtocol).toBe(false)
  })

  test.each<[string, Response | Promise<Response>]>([
    ['the platform’s', new Response('hello')],
    ['ours', new OurResponse('hello') as Response],
    ['a promise', Promise.resolve(new Response('hello'))],
  ])('a function that answers everything opens no tunnel: %s', async (_, response) => {
    server = await serve({ hostname: '127.0.0.1', fetch: () => response })
    expect(await Wire.exchange(server.port, CONNECT)).toMatch(/^HTTP\/1.1 501 Not Implemented/)
  })

  test('an upgrade is a request for fetch', async () => {
    await start({})
    const wire = await asked(UPGRADE)
    await wire.until('fetch GET')
    wire.socket.destroy()
  })
})

describe('a tunnel', () => {
  async function accepted(text: string = UPGRADE): Promise<{ wire: Wire; tunnel: Tunnel }> {
    const made = Promise.withResolvers<Tunnel>()
    await start({ connect: async (context) => made.resolve(await context.accept()) })
    const wire = await asked(text)
    return { wire, tunnel: await made.promise }
  }
  const text = async (readable: ReadableStream<Uint8Array>): Promise<string> => {
    let all = ''
    for await (const chunk of readable) all += Buffer.from(chunk).toString('latin1')
    return all
  }

  test('each direction ends by itself, in either order', async () => {
    const first = await accepted(`${UPGRADE}a`)
    first.tunnel.close()
    await first.wire.ended()
    first.wire.send('b')
    first.wire.socket.end()
    expect(await text(first.tunnel.readable)).toBe('ab')
    await first.tunnel.closed
    await server.close()
    const second = await accepted()
    second.wire.send('c')
    second.wire.socket.end()
    expect(await text(second.tunnel.readable)).toBe('c')
    const writer = second.tunnel.writable.getWriter()
    await writer.write(Buffer.from('still'))
    await writer.close()
    await second.wire.closed()
    expect(second.wire.received.endsWith('still')).toBe(true)
    await second.tunnel.closed
  })

  test('what is written may be changed afterwards, and may be any bytes', async () => {
    const { tunnel, wire } = await accepted()
    const writer = tunnel.writable.getWriter()
    const bytes = Buffer.from('abc')
    await writer.write(bytes)
    bytes.fill(0)
    await writer.write(new Uint16Array([0x6564]) as unknown as Uint8Array)
    await writer.write(new Uint8Array([0x66]).buffer as unknown as Uint8Array)
    await wire.until('abcdef')
    await expect(writer.write('text' as unknown as Uint8Array)).rejects.toThrow(TypeError)
    wire.socket.destroy()
  })

  test('breaks as a whole when the client resets it, when a stream is given up, and when it is destroyed', async () => {
    const reset = await accepted()
    const reading = text(reset.tunnel.readable)
    reset.wire.socket.resetAndDestroy()
    await expect(reading).rejects.toMatchObject({ code: 'ECONNRESET' })
    await expect(reset.tunnel.closed).rejects.toMatchObject({ code: 'ECONNRESET' })
    await expect(reset.tunnel.writable.getWriter().write(Buffer.from('x'))).rejects.toMatchObject({
      code: 'ECONNRESET',
    })
    await server.close()
    for (const way of [
      (tunnel: Tunnel) => void tunnel.readable.cancel('why'),
      (tunnel: Tunnel) => void tunnel.writable.abort('why'),
      (tunnel: Tunnel) => tunnel.destroy('why'),
    ]) {
      const { tunnel, wire } = await accepted()
      way(tunnel)
      await wire.cut()
      expect(await tunnel.closed.catch((error: unknown) => error)).toBe('why')
      await server.close()
    }
  })

  test('a client that sends and is not read waits; nothing is lost', async () => {
    const { tunnel, wire } = await accepted()
    const block = 'x'.repeat(1 << 20)
    let taken = 0
    for (let i = 0; i < 32; i++) wire.socket.write(block, () => taken++)
    await new Promise((resolve) => setTimeout(resolve, 100))
    expect(taken).toBeLessThan(32)
    wire.socket.end()
    expect((await text(tunnel.readable)).length).toBe(32 << 20)
    tunnel.close()
    await tunnel.closed
  })

  test('a writer waits for a client that does not read', async () => {
    const { tunnel, wire } = await accepted()
    wire.io.pause()
    const writer = tunnel.writable.getWriter()
    const block = Buffer.alloc(1 << 20, 'y')
    let written = 0
    const all = (async () => {
      for (let i = 0; i < 32; i++) {
        await writer.write(block)
        written++
      }
      await writer.close()
    })()
    await new Promise((resolve) => setTimeout(resolve, 100))
    expect(written).toBeLessThan(32)
    wire.io.resume()
    await all
    await wire.ended()
    expect(wire.received.length - wire.received.indexOf('\r\n\r\n') - 4).toBe(32 << 20)
    wire.socket.destroy()
  })

  test('may be detached, as long as its streams were not asked for', async () => {
    const { tunnel, wire } = await accepted(`${UPGRADE}abc`)
    const { io, leftover } = tunnel.detach()
    const duplex = duplexFrom(io, leftover)
    duplex.pipe(duplex)
    await wire.until('abc')
    expect(() => tunnel.readable).toThrow('detached')
    expect(() => tunnel.detach()).toThrow('in use')
    expect(() => tunnel.close()).toThrow('detached')
    await tunnel[Symbol.asyncDispose]() // of `await using`: it is the duplex's now
    wire.send('def')
    await wire.until('def')
    wire.socket.end()
    await wire.closed()
  })

  test('disposed of, it waits for the end of the client, whatever that still sends', async () => {
    const { tunnel, wire } = await accepted(`${UPGRADE}left`)
    const disposed = tunnel[Symbol.asyncDispose]()
    await wire.ended()
    wire.send('and more')
    wire.socket.end()
    await disposed
    await wire.closed()
  })

  test('close does not take the stream from its writer', async () => {
    const { tunnel, wire } = await accepted()
    const writer = tunnel.writable.getWriter()
    expect(() => tunnel.close()).toThrow('locked')
    writer.releaseLock()
    tunnel.close()
    tunnel.close()
    await wire.ended()
    wire.socket.end()
    await text(tunnel.readable)
    await tunnel.closed
  })
})

test.each([
  [
    'another version',
    { [PROTOCOL]: 2 },
    '`fetch` follows version 2 of the Fetch Server API; version 1 is known',
  ],
  ['a connect that is none', { [PROTOCOL]: 1, connect: 'x' }, '`fetch.connect` must be a function'],
  ['an error that is none', { [PROTOCOL]: 1, error: {} }, '`fetch.error` must be a function'],
])('a handler object with %s is refused when the server is made', async (_, members, message) => {
  const fetch = { fetch: () => new Response(''), ...members } as unknown as FetchServerObject
  await expect(serve({ fetch })).rejects.toMatchObject({ code: 'INVALID_OPTION', message })
})
