import { execFile } from 'node:child_process'
import { getEventListeners } from 'node:events'
import { Readable } from 'node:stream'
import { promisify } from 'node:util'
import type { Runtime } from '@hyper/core/rt'
import type { Layer } from '@hyper/core/service'
import { connectTcp, nodeRuntime } from '@hyper/util/node'
import { VirtualRuntime, lacks, named, programArguments } from '@hyper/testkit'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { Client, type ClientOptions, type VerbOptions } from '../src/index.ts'
import { toDispatcher } from '../src/undici/index.ts'
import { eventually, OK, quiet, RawServer, type Script } from './raw-server.ts'

// What happens to connections: kept, closed, given up, lost. The server is written in bytes; time is virtual where it
// passes, sockets are real.

const cleanups: (() => unknown)[] = []

afterEach(() => {
  for (const cleanup of cleanups.splice(0)) cleanup()
})

async function start(
  script: Script,
  options: ClientOptions = {},
): Promise<{ server: RawServer; client: Client; virtual: VirtualRuntime }> {
  const virtual = new VirtualRuntime()
  const runtime: Runtime = {
    clock: virtual.clock,
    timer: virtual.timer,
    text: virtual.text,
    defer: (task) => nodeRuntime.defer(task),
    onError: (error) => virtual.onError(error),
  }
  const server = await RawServer.start(script)
  const client = new Client({ runtime, ...options })
  cleanups.push(
    () => client.abort(),
    () => server.close(),
  )
  return { server, client, virtual }
}

const answer: Script = (socket) => void socket.write(OK)
const textOf = async (client: Client, url: string): Promise<string> => (await client.get(url)).text()

const withHeader = (line: string): string => OK.replace('\r\n\r\n', `\r\n${line}\r\n\r\n`)

describe('connections are kept', () => {
  test('one after the other: one connection', async () => {
    const { client, server } = await start(answer)
    for (let i = 0; i < 5; i++) expect(await textOf(client, server.url)).toBe('ok')
    expect([server.sockets.length, client.connections]).toEqual([1, 1])
  })

  test('at the same time: one each; the next ones find them idle', async () => {
    const { client, server } = await start(answer)
    await Promise.all([1, 2, 3].map(() => textOf(client, server.url)))
    expect(server.sockets.length).toBe(3)
    await Promise.all([1, 2, 3].map(() => textOf(client, server.url)))
    expect(server.sockets.length).toBe(3)
  })

  test('origins do not share', async () => {
    const { client, server } = await start(answer)
    await textOf(client, server.url)
    await textOf(client, server.url.replace('127.0.0.1', 'localhost'))
    expect(server.sockets.length).toBe(2)
  })

  test('an answer whose body is unread keeps its connection to itself', async () => {
    const { client, server } = await start(
      (socket) => void socket.write('HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nhe'),
    )
    const held = await client.get(server.url)
    await client.get(server.url)
    expect(server.sockets.length).toBe(2)
    server.sockets[0]!.write('llo')
    expect(await held.text()).toBe('hello')
  })

  test('connection: close, ours or theirs, ends it', async () => {
    const { client, server } = await start((socket) => void socket.end(withHeader('connection: close')))
    await textOf(client, server.url)
    await textOf(client, server.url)
    expect(server.sockets.length).toBe(2)
    await (await client.get(server.url, { headers: { connection: 'close' } })).text()
    await eventually(() => client.connections === 0)
  })

  test('a server that has sent FIN is not asked again', async () => {
    const { client, server } = await start(answer)
    await textOf(client, server.url)
    server.sockets[0]!.end()
    await eventually(() => client.connections === 0)
    expect(await textOf(client, server.url)).toBe('ok')
    expect(server.sockets.length).toBe(2)
  })

  test('bytes that nobody has asked for end it', async () => {
    const { client, server } = await start(answer)
    await textOf(client, server.url)
    server.sockets[0]!.write('HTTP/1.1 200 OK\r\ncontent-length: 4\r\n\r\nevil')
    await eventually(() => client.connections === 0)
    expect(await textOf(client, server.url)).toBe('ok')
  })

  test.each([
    ['the default', undefined, 90_000],
    ['an option', 700, 700],
  ])('timeouts.keepAlive, %s: how long an idle one is kept', async (_, keepAlive, limit) => {
    const { client, server, virtual } = await start(answer, { timeouts: { keepAlive } })
    await textOf(client, server.url)
    virtual.advance(limit - 1)
    await quiet()
    expect(client.connections).toBe(1)
    await textOf(client, server.url)
    expect(server.sockets.length).toBe(1)
    virtual.advance(limit)
    await eventually(() => client.connections === 0)
    await textOf(client, server.url)
    expect(server.sockets.length).toBe(2)
  })

  test('Keep-Alive: timeout is respected, with a second to spare', async () => {
    const line = withHeader('keep-alive: max=100, timeout=5')
    const { client, server, virtual } = await start((socket) => void socket.write(line))
    await textOf(client, server.url)
    virtual.advance(3_999)
    await textOf(client, server.url)
    expect(server.sockets.length).toBe(1)
    virtual.advance(4_000)
    await eventually(() => client.connections === 0)
  })

  test('Keep-Alive: timeout=1 keeps nothing', async () => {
    const { client, server } = await start((socket) => void socket.write(withHeader('keep-alive: timeout=1')))
    await textOf(client, server.url)
    await eventually(() => client.connections === 0)
    await textOf(client, server.url)
    expect(server.sockets.length).toBe(2)
  })

  test('an idle client holds no process open, a busy one does', async () => {
    const { server } = await start((socket, request) => {
      if (request.includes('/slow')) setTimeout(() => socket.write(OK), 300)
      else socket.write(OK)
    })
    const program = `
      import { Client } from '@hyper/client'
      const client = new Client()
      for (const path of ['', 'slow', '']) console.log(await (await client.get('${server.url}' + path)).text(), client.connections)
    `
    const { stdout } = await promisify(execFile)(process.execPath, programArguments(program), {
      cwd: import.meta.dirname,
      // Far less than the 90 s for which an idle connection is kept; how long the program needs says how busy the machine is.
      timeout: 60_000,
    })
    expect(stdout).toBe('ok 1\nok 1\nok 1\n')
  })

  test('close({ deadline }) holds the process open until then, also where nobody reads', async () => {
    const { server } = await start((socket) => {
      socket.write(`HTTP/1.1 200 OK\r\ncontent-length: 5000000\r\n\r\n${'x'.repeat(1_000_000)}`)
    })
    const program = `
      import { Client } from '@hyper/client'
      const client = new Client()
      const held = await client.get('${server.url}')
      await client.close({ deadline: 100 })
      console.log(held.status, client.connections)
    `
    const { stdout } = await promisify(execFile)(process.execPath, programArguments(program), {
      cwd: import.meta.dirname,
      timeout: 60_000,
    })
    expect(stdout).toBe('200 0\n')
  }, 60_000)
})

describe('closing', () => {
  test('close ends idle connections, finishes what runs, refuses what is new', async () => {
    const { client, server } = await start((socket, _, index) => {
      if (index < 2) socket.write(OK)
    })
    await Promise.all([textOf(client, server.url), textOf(client, server.url)])
    const running = textOf(client, server.url)
    await eventually(() => server.requests.length === 3)
    let isClosed = false
    const closed = client.close().then(() => (isClosed = true))
    await expect(client.get(server.url)).rejects.toMatchObject({ code: 'CLOSED', by: 'user' })
    await eventually(() => client.connections === 1)
    await quiet()
    expect(isClosed).toBe(false)
    for (const socket of server.sockets) if (socket.writable) socket.write(OK)
    expect(await running).toBe('ok')
    await closed
  })

  const later: Layer = (inner) => async (request, exchange) => {
    await quiet()
    return inner(request, exchange)
  }
  test.each<[string, ClientOptions]>([
    ['a layer that takes its time', { layers: [later] }],
    ['a redirect', {}],
    ['a retry', { retry: { delay: 1 } }],
    ['a jar that takes its time', { cookies: { getCookieString: async () => 'a=b', setCookie: () => 0 } }],
  ])('close lets %s have the connections that it needs, and nobody else', async (name, options) => {
    const first =
      name === 'a redirect'
        ? 'HTTP/1.1 302 Found\r\nlocation: /there\r\ncontent-length: 0\r\n\r\n'
        : name === 'a retry'
          ? 'HTTP/1.1 503 Busy\r\ncontent-length: 0\r\n\r\n'
          : OK
    const { client, server } = await start(
      (socket, _, index) => void socket.write(index === 0 ? first : OK),
      {
        ...options,
        runtime: nodeRuntime,
      },
    )
    const order: string[] = []
    const running = textOf(client, server.url).then((text) => void order.push(text))
    const dispatcher = toDispatcher(client)
    const closed = client.close().then(() => void order.push('closed'))
    await expect(client.get(server.url)).rejects.toMatchObject({ code: 'CLOSED' })
    if (lacks.dispatcher === null) {
      const refused = fetch(server.url, { dispatcher } as unknown as RequestInit)
      await expect(refused).rejects.toMatchObject({ cause: { cause: { code: 'CLOSED' } } })
    }
    await Promise.all([running, closed])
    expect(order).toEqual(['ok', 'closed'])
    expect(client.connections).toBe(0)
  })

  test.skipIf(lacks.unhandled !== null)(
    named('a failure that nobody waits for is still one that nobody has handled', lacks.unhandled),
    async () => {
      const unhandled: unknown[] = []
      const note = (error: unknown): void => void unhandled.push(error)
      const others = process.listeners('unhandledRejection')
      process.removeAllListeners('unhandledRejection')
      process.on('unhandledRejection', note)
      try {
        void new Client().get('http://127.0.0.1:1/')
        await eventually(() => unhandled.length > 0)
      } finally {
        process.off('unhandledRejection', note)
        for (const other of others) process.on('unhandledRejection', other)
      }
      expect(unhandled).toMatchObject([{ code: 'CONNECT' }])
    },
  )

  test('abort resets what runs', async () => {
    const { client, server } = await start(() => undefined)
    const running = client.get(server.url)
    await eventually(() => server.requests.length === 1)
    client.abort()
    await expect(running).rejects.toMatchObject({ code: 'CANCELED' })
  })
})

describe('a request that is refused before it is sent', () => {
  const refusal = new Error('refused')
  const atOnce: Layer = () => () => {
    throw refusal
  }
  const later: Layer = () => () => Promise.reject(refusal)
  test.each<[string, ClientOptions, VerbOptions]>([
    ['by a header', {}, { headers: { a: 'b\nc' } }],
    ['by a layer, at once', { layers: [atOnce] }, {}],
    ['by a layer, later', { layers: [later] }, {}],
    ['by credentials that cannot be sent', {}, { auth: { username: 'a:b' } }],
  ])('%s: the source of its body is told, and no listener is left', async (_, options, asked) => {
    const { client, server } = await start(answer, options)
    const { signal } = new AbortController()
    const body = Readable.from(['x'])
    await expect(client.post(server.url, { body, signal, ...asked })).rejects.toThrow()
    expect(body.destroyed).toBe(true)
    expect(getEventListeners(signal, 'abort')).toEqual([])
    expect(server.sockets.length).toBe(0)
  })
})

describe('a request is given up by its signal', () => {
  const canceled = { code: 'CANCELED', by: 'user' }

  test('before it began', async () => {
    const { client, server } = await start(answer)
    await expect(client.get(server.url, { signal: AbortSignal.abort('why') })).rejects.toMatchObject({
      ...canceled,
      phase: 'connect',
      cause: 'why',
    })
    expect(server.sockets.length).toBe(0)
    await textOf(client, server.url)
    await expect(client.get(server.url, { signal: AbortSignal.abort() })).rejects.toMatchObject(canceled)
    expect(client.connections).toBe(1)
  })

  test('while it connects', async () => {
    const given = Promise.withResolvers<AbortSignal>()
    const { client } = await start(answer, {
      connector: (_, { signal }) => {
        given.resolve(signal)
        return new Promise(() => undefined)
      },
    })
    const controller = new AbortController()
    const running = client.get('http://example.test/', { signal: controller.signal })
    const signal = await given.promise
    controller.abort()
    await expect(running).rejects.toMatchObject({
      ...canceled,
      phase: 'connect',
      address: 'example.test',
      attempts: 1,
    })
    expect(signal.aborted).toBe(true)
  })

  test('before the head has come', async () => {
    const { client, server } = await start(() => undefined)
    const controller = new AbortController()
    const running = client.get(server.url, { signal: controller.signal })
    await eventually(() => server.requests.length === 1)
    controller.abort('enough')
    await expect(running).rejects.toMatchObject({
      ...canceled,
      phase: 'headers',
      cause: 'enough',
      retryable: false,
    })
    await eventually(() => client.connections === 0)
  })

  test('while the body comes', async () => {
    const { client, server } = await start(
      (socket) => void socket.write('HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nhe'),
    )
    const controller = new AbortController()
    const response = await client.get(server.url, { signal: controller.signal })
    const text = response.text()
    controller.abort()
    await expect(text).rejects.toMatchObject(canceled)
    await eventually(() => client.connections === 0)
  })

  test('after the end it means nothing, and no listener is left', async () => {
    const { client, server } = await start(answer)
    const controller = new AbortController()
    const { signal } = controller
    const added = vi.spyOn(signal, 'addEventListener')
    const removed = vi.spyOn(signal, 'removeEventListener')
    for (let i = 0; i < 5; i++) await (await client.get(server.url, { signal })).text()
    expect(added.mock.calls.length).toBeGreaterThan(0)
    expect(removed.mock.calls.map(([, fn]) => fn)).toEqual(
      expect.arrayContaining(added.mock.calls.map(([, fn]) => fn)),
    )
    controller.abort()
    expect(await textOf(client, server.url)).toBe('ok')
    expect(server.sockets.length).toBe(1)
  })
})

describe('timeouts', () => {
  test.each([
    ['the default', undefined, undefined, 10_000],
    ['of the client', 700, undefined, 700],
    ['of the request', 700, 300, 300],
  ])('connect, %s', async (_, ofClient, ofRequest, limit) => {
    const options = { timeouts: { connect: ofClient }, connector: () => new Promise<never>(() => undefined) }
    const { client, virtual } = await start(answer, options)
    let isOver = false
    const running = client.get(
      'http://example.test/',
      ofRequest === undefined ? {} : { timeouts: { connect: ofRequest } },
    )
    const watched = running.catch((error: unknown) => {
      isOver = true
      return error
    })
    virtual.advance(limit - 1)
    await quiet()
    expect(isOver).toBe(false)
    virtual.advance(1)
    expect(await watched).toMatchObject({
      code: 'CONNECT_TIMEOUT',
      phase: 'connect',
      address: 'example.test',
      elapsedMs: limit,
      retryable: true,
    })
  })

  test('connect: a stream that comes too late is torn down', async () => {
    const dialled = Promise.withResolvers<void>()
    const late = Promise.withResolvers<void>()
    const { client, server, virtual } = await start(answer, {
      connector: async (destination) => {
        dialled.resolve()
        await late.promise
        return connectTcp({ host: destination.host, port: destination.port })
      },
    })
    const running = client.get(server.url).catch((error: unknown) => error)
    await dialled.promise
    virtual.advance(10_000)
    expect(await running).toMatchObject({ code: 'CONNECT_TIMEOUT' })
    late.resolve()
    await eventually(() => server.sockets[0]?.destroyed === true)
  })

  test.each([
    ['of the client', 700, undefined, 700],
    ['of the request', 700, 300, 300],
    ['of the request, off by default', undefined, 300, 300],
  ])('headers, %s', async (_, ofClient, ofRequest, limit) => {
    const { client, server, virtual } = await start(() => undefined, { timeouts: { headers: ofClient } })
    let isOver = false
    const options = ofRequest === undefined ? {} : { timeouts: { headers: ofRequest } }
    const watched = client.get(server.url, options).catch((error: unknown) => {
      isOver = true
      return error
    })
    await eventually(() => server.requests.length === 1)
    virtual.advance(limit - 1)
    await quiet()
    expect(isOver).toBe(false)
    virtual.advance(1)
    expect(await watched).toMatchObject({
      code: 'HEADERS_TIMEOUT',
      phase: 'headers',
      address: `127.0.0.1:${server.port}`,
      attempts: 1,
      elapsedMs: limit,
      retryable: false,
    })
  })

  test.each([undefined, null, 0, Infinity])('headers: %s is off', async (headers) => {
    const { client, server, virtual } = await start(() => undefined, { timeouts: { headers } })
    const running = textOf(client, server.url)
    await eventually(() => server.requests.length === 1)
    virtual.advance(1e9)
    server.sockets[0]!.write(OK)
    expect(await running).toBe('ok')
  })

  test('headers: a request may switch it off', async () => {
    const { client, server, virtual } = await start(() => undefined, { timeouts: { headers: 100 } })
    const running = client.get(server.url, { timeouts: { headers: null } })
    await eventually(() => server.requests.length === 1)
    virtual.advance(1e9)
    server.sockets[0]!.write(OK)
    expect((await running).status).toBe(200)
  })

  test('idle: a body that stalls', async () => {
    const head = 'HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nh'
    const { client, server, virtual } = await start((socket) => void socket.write(head), {
      timeouts: { idle: 500 },
    })
    const response = await client.get(server.url)
    const text = response.text()
    const watched = text.catch((error: unknown) => error)
    virtual.advance(499)
    server.sockets[0]!.write('e')
    await quiet()
    virtual.advance(499)
    await quiet()
    virtual.advance(1)
    expect(await watched).toMatchObject({ code: 'BODY_TIMEOUT', phase: 'body' })
  })

  test('idle: off by default', async () => {
    const head = 'HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\no'
    const { client, server, virtual } = await start((socket) => void socket.write(head))
    const text = (await client.get(server.url)).text()
    virtual.advance(1e9)
    server.sockets[0]!.write('k')
    expect(await text).toBe('ok')
  })
})

describe('limits', () => {
  test.each([
    ['the default', undefined, 417_792],
    ['an option', 300, 300],
  ])('maxHeaderSize, %s', async (_, maxHeaderSize, limit) => {
    const bare = withHeader('x: ').length - 2
    let size = limit
    const { client, server } = await start(
      (socket) => void socket.write(withHeader(`x: ${'y'.repeat(size - bare)}`)),
    )
    const options = maxHeaderSize === undefined ? {} : { maxHeaderSize }
    expect(await (await client.get(server.url, options)).text()).toBe('ok')
    size++
    await expect(client.get(server.url, options)).rejects.toMatchObject({
      code: 'HEAD_TOO_LARGE',
      by: 'peer',
      phase: 'headers',
    })
  })
})

describe('errors say where, when and how often', () => {
  test('nobody listens', async () => {
    const { client, server } = await start(answer)
    const { port, url } = server
    server.close()
    await expect(client.get(url)).rejects.toMatchObject({
      name: 'HyperError',
      code: 'CONNECT',
      phase: 'connect',
      by: 'io',
      address: `127.0.0.1:${port}`,
      attempts: 1,
      retryable: true,
      message: expect.stringContaining(`127.0.0.1:${port}`),
    })
  })

  test('a name that does not exist', async () => {
    const { client } = await start(answer)
    await expect(client.get('http://nothing.invalid/')).rejects.toMatchObject({
      code: 'DNS',
      phase: 'dns',
      address: 'nothing.invalid',
      retryable: true,
    })
  })

  test('what is no HTTP', async () => {
    const { client, server } = await start((socket) => void socket.write('SSH-2.0-OpenSSH\r\n\r\n'))
    await expect(client.get(server.url)).rejects.toMatchObject({
      by: 'peer',
      phase: 'headers',
      address: `127.0.0.1:${server.port}`,
      retryable: false,
    })
  })

  test('an answer that is cut off', async () => {
    const { client, server } = await start(
      (socket) => void socket.end('HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nhe'),
    )
    const response = await client.get(server.url)
    await expect(response.text()).rejects.toMatchObject({
      code: 'INCOMPLETE_MESSAGE',
      phase: 'body',
      retryable: false,
    })
  })
})

describe('a connection that the server closed as the request was on its way', () => {
  // The first request of each connection is answered; the second finds the connection closing.
  const flaky =
    (end: (socket: { end(): unknown; resetAndDestroy(): unknown }) => void): Script =>
    (socket, _, index) => {
      if (index === 1) end(socket)
      else socket.write(OK)
    }

  test.each([
    ['FIN', flaky((socket) => socket.end())],
    ['RST', flaky((socket) => socket.resetAndDestroy())],
  ])('%s: an idempotent request is sent once more', async (_, script) => {
    for (const method of ['GET', 'HEAD', 'PUT', 'DELETE', 'OPTIONS']) {
      const { client, server } = await start(script)
      await textOf(client, server.url)
      const options = method === 'PUT' ? { method, body: 'abc' } : { method }
      const response = await client.request(server.url, options)
      expect([method, response.status, server.requests.length]).toEqual([method, 200, 3])
      expect(server.requests[2]).toBe(server.requests[1])
    }
  })

  test.each([
    ['FIN', flaky((socket) => socket.end())],
    ['RST', flaky((socket) => socket.resetAndDestroy())],
  ])('%s: a POST is not, nor what cannot be had again', async (_, script) => {
    for (const options of [
      { method: 'POST', body: 'abc' },
      { method: 'PATCH', body: 'abc' },
      { method: 'PUT', body: new Blob(['abc']).stream() },
    ]) {
      const { client, server } = await start(script)
      await textOf(client, server.url)
      await expect(client.request(server.url, options)).rejects.toMatchObject({
        attempts: 1,
        retryable: false,
      })
      await quiet()
      expect(server.requests.length).toBe(2)
    }
  })

  test('it is sent once more, and not twice more', async () => {
    const { client, server } = await start((socket, _, index) => {
      if (index === 0) socket.write(OK)
      else socket.end()
    })
    await textOf(client, server.url)
    await expect(client.get(server.url)).rejects.toMatchObject({ attempts: 2, retryable: false })
    expect(server.requests.length).toBe(3)
  })

  test('a fresh connection that is closed is not tried again', async () => {
    const { client, server } = await start((socket) => void socket.end())
    await expect(client.get(server.url)).rejects.toMatchObject({ attempts: 1 })
    expect(server.requests.length).toBe(1)
  })

  test.each([
    ['its body has', 'HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nhe'],
    ['its head has', 'HTTP/1.1 200'],
    ['an interim response came', 'HTTP/1.1 103 Early Hints\r\n\r\n'],
  ])('not after the answer has begun: %s', async (_, answer) => {
    const { client, server } = await start((socket, _head, index) => {
      if (index === 0) socket.write(OK)
      else socket.end(answer)
    })
    await textOf(client, server.url)
    await expect(textOf(client, server.url)).rejects.toMatchObject({ code: 'INCOMPLETE_MESSAGE' })
    expect(server.requests.length).toBe(2)
  })
})
