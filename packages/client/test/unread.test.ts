import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import type { HttpResponse } from '@hyper/core/http'
import { testCertificate, VirtualRuntime } from '@hyper/testkit'
import { nodeRuntime } from '@hyper/util/node'
import { describe, expect, onTestFinished, test } from 'vitest'
import { Client, type ClientOptions } from '../src/index.ts'
import { H2Server } from './h2-server.ts'
import { eventually, quiet, RawServer, type Script } from './raw-server.ts'
import { start } from './start.ts'

const { cert } = await testCertificate()

// Response bodies that nobody reads: what becomes of their connections, and of memory.

setFlagsFromString('--expose-gc')
const collect = runInNewContext('gc') as () => void

const sized =
  (size: number): Script =>
  (socket) =>
    void socket.write(`HTTP/1.1 200 OK\r\ncontent-length: ${size}\r\n\r\n${'x'.repeat(size)}`)

/** Collects garbage until `test` holds. */
async function collected(test: () => boolean): Promise<void> {
  for (let i = 0; i < 200 && !test(); i++) {
    collect()
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
  expect(test()).toBe(true)
}

describe('row 299: a body that nobody reads', () => {
  test('and that is small, comes by itself: one connection serves all', async () => {
    const { client, server } = await start(sized(10_000))
    const responses: HttpResponse[] = []
    for (let i = 0; i < 20; i++) {
      responses.push(await client.get(server.url))
      await eventually(() => client.stats().idle === 1)
    }
    expect([server.sockets.length, client.stats()]).toMatchObject([1, { open: 1, idle: 1, active: 0 }])
    // They can be read all the same.
    for (const response of responses) expect((await response.text()).length).toBe(10_000)
  })

  test('and that is large, keeps its connection as long as somebody holds it', async () => {
    const { client, server } = await start(sized(1_000_000))
    const response = await client.get(server.url)
    await quiet()
    collect()
    await quiet()
    expect(client.stats()).toMatchObject({ open: 1, active: 1 })
    expect((await response.text()).length).toBe(1_000_000)
    await eventually(() => client.stats().idle === 1)
  })

  test('and that nobody holds any more, is given up', async () => {
    const { client, server } = await start(sized(1_000_000))
    const forget = async (): Promise<void> => void (await client.get(server.url))
    for (let i = 0; i < 5; i++) await forget()
    expect(client.stats().active).toBe(5)
    await collected(() => client.connections === 0)
    await eventually(() => server.sockets.every((socket) => socket.destroyed))
  })

  test('is kept alive by what is left of it: the body, an iterator, a promise', async () => {
    const { client, server } = await start(sized(1_000_000))
    const bodyOf = async (): Promise<HttpResponse['body']> => (await client.get(server.url)).body
    const iteratorOf = async (): Promise<AsyncIterator<Uint8Array>> => {
      const iterator = (await bodyOf())[Symbol.asyncIterator]()
      await iterator.next()
      return iterator
    }
    const textOf = async (): Promise<string> => (await bodyOf()).text()
    const [body, iterator, text] = [await bodyOf(), await iteratorOf(), textOf()]
    for (let i = 0; i < 10; i++) {
      collect()
      await quiet()
    }
    expect((await text).length).toBe(1_000_000)
    expect((await body.bytes()).length).toBe(1_000_000)
    let rest = 0
    for (let step = await iterator.next(); !step.done; step = await iterator.next()) rest += step.value.length
    expect(rest).toBeGreaterThan(900_000)
  })

  test('an iterator that was left lying about is given up, too', async () => {
    const { client, server } = await start(sized(1_000_000))
    const forget = async (): Promise<void> => {
      const iterator = (await client.get(server.url)).body[Symbol.asyncIterator]()
      await iterator.next()
    }
    await forget()
    expect(client.stats().active).toBe(1)
    await collected(() => client.connections === 0)
  })

  test('holds no process open, whether it is small, large, or half read; one that is being read does', async () => {
    const { server } = await start((socket, request) => {
      if (request.includes('/slow')) {
        socket.write('HTTP/1.1 200 OK\r\ncontent-length: 4\r\n\r\nab')
        setTimeout(() => socket.write('cd'), 300)
      } else if (request.includes('/small')) sized(100)(socket, request, 0)
      else sized(1_000_000)(socket, request, 0)
    })
    const program = `
      import { Client } from '@hyper/client'
      const client = new Client()
      const held = [await client.get('${server.url}small'), await client.get('${server.url}large')]
      const half = (await client.get('${server.url}large')).body[Symbol.asyncIterator]()
      await half.next()
      console.log(await (await client.get('${server.url}slow')).text(), client.stats().active)
      globalThis.held = [held, half]
    `
    const args = ['-C', 'source', '--input-type=module', '-e', program]
    const { stdout } = await promisify(execFile)(process.execPath, args, {
      cwd: import.meta.dirname,
      timeout: 25_000,
    })
    expect(stdout).toBe('abcd 2\n')
  })

  test('over HTTP/2 it costs its stream, and not the connection', async () => {
    const resets: number[] = []
    const server = await H2Server.start((stream) => {
      stream.on('close', () => void resets.push(stream.rstCode))
      stream.respond({ ':status': 200 })
      stream.end(Buffer.alloc(3_000_000))
    })
    const client = new Client({ ca: cert, http2: { adaptiveWindow: false } })
    onTestFinished(() => {
      server.close()
      client.abort()
    })
    const forget = async (): Promise<void> => void (await client.get(server.url))
    for (let i = 0; i < 3; i++) await forget()
    await collected(() => client.stats().active === 0)
    await eventually(() => resets.length === 3)
    // CANCEL (RFC 9113 §7).
    expect([resets, server.sockets]).toEqual([[8, 8, 8], 1])
  })

  test('cancel gives it up now: what is little is read to its end, what is much costs the connection', async () => {
    for (const [size, left] of [
      [80_000, 1],
      [1_000_000, 0],
    ] as const) {
      const { client, server } = await start((socket) => {
        socket.write(`HTTP/1.1 200 OK\r\ncontent-length: ${size}\r\n\r\n${'x'.repeat(30_000)}`)
      })
      const response = await client.get(server.url)
      response.body.cancel()
      server.sockets[0]!.write('x'.repeat(size - 30_000))
      await eventually(() => client.stats().active === 0)
      expect([size, client.connections]).toEqual([size, left])
    }
  })
})

describe('await using', () => {
  test('gives up what was not read at the end of the block, and nothing that was', async () => {
    const { client, server } = await start(sized(1_000_000))
    const unread = await client.get(server.url)
    await unread[Symbol.asyncDispose]()
    await eventually(() => client.connections === 0)
    const read = await client.get(server.url)
    expect((await read.text()).length).toBe(1_000_000)
    await read[Symbol.asyncDispose]()
    await eventually(() => client.stats().idle === 1)
    await client[Symbol.asyncDispose]()
    await eventually(() => server.sockets.every((socket) => socket.destroyed))
  })
})

describe('a request waits for the connection of a body that nobody reads', () => {
  async function waiting(options: ClientOptions): Promise<{
    client: Client
    server: RawServer
    runtime: VirtualRuntime
    held: HttpResponse[]
  }> {
    const virtual = new VirtualRuntime()
    const runtime = Object.assign(Object.create(virtual) as VirtualRuntime, {
      defer: (task: () => void) => nodeRuntime.defer(task),
    })
    const { client, server } = await start(sized(1_000_000), { runtime, ...options })
    const held = [await client.get(server.url), await client.get(server.url)]
    await quiet()
    return { client, server, runtime: virtual, held }
  }

  test.each([
    ['the default', undefined, 10_000],
    ['an option', 700, 700],
  ])('pool.unreadTimeout, %s: the oldest makes room', async (_, unreadTimeout, limit) => {
    const { client, server, runtime, held } = await waiting({
      pool: { maxConnectionsPerOrigin: 2, unreadTimeout },
    })
    let isServed = false
    const third = client.get(server.url).then((response) => {
      isServed = true
      return response
    })
    runtime.advance(limit - 1)
    await quiet()
    expect(isServed).toBe(false)
    runtime.advance(2)
    expect((await (await third).text()).length).toBe(1_000_000)
    await expect(held[0]!.text()).rejects.toMatchObject({
      code: 'CANCELED',
      by: 'library',
      phase: 'body',
      message: expect.stringContaining(`${limit} ms`),
    })
    expect((await held[1]!.text()).length).toBe(1_000_000)
  })

  test('those that were asked for at the same time do not wait for themselves', async () => {
    const virtual = new VirtualRuntime()
    const runtime = Object.assign(Object.create(virtual) as VirtualRuntime, {
      defer: (task: () => void) => nodeRuntime.defer(task),
    })
    const options = { runtime, pool: { maxConnectionsPerOrigin: 2, unreadTimeout: 700 } }
    const { client, server } = await start(sized(1_000_000), options)
    // All but two wait before there is a body that nobody reads.
    const all = Promise.all(Array.from({ length: 6 }, () => client.get(server.url)))
    let isDone = false
    void all.then(() => (isDone = true))
    while (!isDone) {
      await quiet()
      virtual.advance(701)
    }
    const outcomes = (await all).map(async (response) => (await response.text()).length)
    const settled = await Promise.allSettled(outcomes)
    expect(settled.map(({ status }) => status)).toEqual([
      ...Array<string>(4).fill('rejected'),
      ...Array<string>(2).fill('fulfilled'),
    ])
    expect(client.stats()).toMatchObject({ pending: 0, active: 0 })
  })

  test('nobody waits: it may stay', async () => {
    const { client, runtime, held } = await waiting({ pool: { maxConnectionsPerOrigin: 2 } })
    runtime.advance(1_000_000)
    await quiet()
    expect(client.connections).toBe(2)
    for (const response of held) expect((await response.text()).length).toBe(1_000_000)
  })

  test('one that is being read may stay, however slowly', async () => {
    const { client, server, runtime, held } = await waiting({ pool: { maxConnectionsPerOrigin: 2 } })
    const readers = held.map((response) => response.body[Symbol.asyncIterator]())
    for (const reader of readers) await reader.next()
    const third = client.get(server.url)
    runtime.advance(1_000_000)
    await quiet()
    expect(client.stats()).toMatchObject({ active: 2, pending: 1 })
    for (let step = await readers[0]!.next(); !step.done;) step = await readers[0]!.next()
    expect((await (await third).text()).length).toBe(1_000_000)
  })

  test.each([0, null, Infinity])('pool.unreadTimeout: %s is off', async (unreadTimeout) => {
    const { client, server, runtime } = await waiting({ pool: { maxConnectionsPerOrigin: 2, unreadTimeout } })
    const third = client.get(server.url, { timeouts: { pool: 2_000_000 } })
    const error = third.catch((reason: unknown) => reason)
    runtime.advance(2_000_000)
    expect(await error).toMatchObject({ code: 'POOL_TIMEOUT', phase: 'pool', elapsedMs: 2_000_000 })
  })
})

describe('memory', () => {
  const WIDTH = 20
  /** How many bytes each leaves behind. What is left grows every time; what else the process keeps for itself does not. */
  const flat = async (count: number, work: () => Promise<void>): Promise<number> => {
    const run = async (times: number): Promise<void> => {
      for (let i = 0; i < times; i += WIDTH) await Promise.all(Array.from({ length: WIDTH }, work))
    }
    const used = async (): Promise<number> => {
      for (let i = 0; i < 2; i++) {
        collect()
        await quiet()
      }
      collect()
      return process.memoryUsage().heapUsed
    }
    await run(count / 10)
    let least = Infinity
    for (let round = 0; round < 3 && least >= 50; round++) {
      const before = await used()
      await run(count)
      least = Math.min(least, ((await used()) - before) / count)
    }
    return least
  }

  test(
    '20,000 requests whose bodies nobody reads: nothing is left, and the connections serve them all',
    { timeout: 120_000 },
    async () => {
      const { client, server } = await start(sized(100))
      server.forgets = true
      const perRequest = await flat(20_000, async () => void (await client.get(server.url)))
      expect(perRequest).toBeLessThan(50)
      expect([server.sockets.length, client.connections]).toEqual([20, 20])
    },
  )

  test('20,000 requests with one AbortSignal: no listener is left', { timeout: 120_000 }, async () => {
    const { client, server } = await start(sized(100))
    server.forgets = true
    const { signal } = new AbortController()
    let listeners = 0
    const add = signal.addEventListener.bind(signal)
    const remove = signal.removeEventListener.bind(signal)
    let most = 0
    Object.assign(signal, {
      addEventListener: (...args: Parameters<typeof add>) => {
        most = Math.max(most, ++listeners)
        add(...args)
      },
      removeEventListener: (...args: Parameters<typeof remove>) => {
        listeners--
        remove(...args)
      },
    })
    const perRequest = await flat(20_000, async () => void (await client.get(server.url, { signal })))
    expect(perRequest).toBeLessThan(50)
    expect([listeners, most]).toEqual([0, 20])
  })
})
