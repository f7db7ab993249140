import { serveConnection, type ServerConnection } from '@hyper/core/h1'
import { serveConnection as serveH2, type ServerConnection as H2ServerConnection } from '@hyper/core/h2'
import { HttpRequest, HttpResponse } from '@hyper/core/http'
import type { Io, PeerInfo } from '@hyper/core/rt'
import type { Service } from '@hyper/core/service'
import { VirtualRuntime } from '@hyper/testkit'
import { describe, expect, test } from 'vitest'
import {
  CONNECT_PHASE,
  destinationOf,
  type ConnectContext,
  type Destination,
} from '../../src/connect/index.ts'
import { duplex } from '../../src/memory/index.ts'
import { Pool, type PooledConnection, type PoolOptions } from '../../src/pool/index.ts'
import { codeOf, isPending } from './kit.ts'

// The pool as HTTP uses it: real machines at both ends of streams in memory, on a virtual clock.

type Protocol = 'h2' | 'http/1.1'

/** A world with servers in it: every dial gets a connection that speaks what `speaks` says at that time. */
class World {
  readonly runtime: VirtualRuntime = new VirtualRuntime()
  readonly dials: { destination: Destination; context: ConnectContext }[] = []
  readonly servers: (ServerConnection | H2ServerConnection)[] = []
  readonly clients: { io: Io; refs: string[] }[] = []
  readonly pool: Pool
  speaks: Protocol = 'http/1.1'
  service: Service = () => new HttpResponse('ok')
  maxConcurrentStreams: number = 100
  /** Answers after this, if it is not null. */
  gate: Promise<void> | null = null

  constructor(options: Partial<PoolOptions> = {}) {
    this.pool = new Pool({
      runtime: this.runtime,
      connector: (destination, context) => this.connect(destination, context),
      ...options,
    })
  }

  private async connect(destination: Destination, context: ConnectContext): Promise<Io> {
    this.dials.push({ destination, context })
    await this.gate
    const { runtime } = this
    const [client, server] = duplex({ runtime })
    const h2 = this.speaks === 'h2' && destination.alpn?.includes('h2') !== false
    const refs: string[] = []
    const peer: PeerInfo = {
      transport: 'memory',
      encrypted: destination.secure,
      ...(h2 ? { alpnProtocol: 'h2' } : {}),
    }
    Object.assign(client, { peer, ref: () => void refs.push('ref'), unref: () => void refs.push('unref') })
    this.clients.push({ io: client, refs })
    const serve: Service = (request, exchange) => this.service(request, exchange)
    this.servers.push(
      h2
        ? serveH2(server, serve, {
            runtime,
            idleTimeout: null,
            maxConcurrentStreams: this.maxConcurrentStreams,
          })
        : serveConnection(server, serve, { runtime, keepAliveTimeout: null }),
    )
    return client
  }

  take(url: string, options?: Parameters<Pool['take']>[1]): PooledConnection | Promise<PooledConnection> {
    return this.pool.take(destinationOf(new URL(url)), options)
  }

  /** Everything that can happen without time passing. */
  async done<T>(promise: T | Promise<T>): Promise<T> {
    await this.runtime.settle()
    return promise
  }

  async get(url: string): Promise<string> {
    const { host } = new URL(url)
    const connection = await this.take(url)
    const response = await connection.send(new HttpRequest('GET', '/', { headers: { host } }))
    connection.answered(response.headers)
    return response.text()
  }
}

const HTTP = 'http://a.test/'
const HTTPS = 'https://a.test/'

describe('HTTP/1', () => {
  test('one after the other: one connection; at the same time: one each', async () => {
    const world = new World()
    for (let i = 0; i < 3; i++) expect(await world.done(world.get(HTTP))).toBe('ok')
    expect(world.pool.stats()).toEqual({ open: 1, idle: 1, active: 0, pending: 0, dials: 1, reuses: 2 })
    await world.done(Promise.all([1, 2, 3].map(() => world.get(HTTP))))
    expect(world.pool.stats()).toMatchObject({ open: 3, idle: 3, dials: 3 })
    await world.done(world.get('http://b.test/'))
    expect(world.pool.stats()).toMatchObject({ open: 4, dials: 4 })
    expect([...world.pool.statsByOrigin().keys()]).toEqual(['http://a.test', 'http://b.test'])
    expect(world.pool.statsByOrigin().get('http://b.test')).toMatchObject({ open: 1, dials: 1, reuses: 0 })
  })

  test('row 298: nothing connects before it is asked for, and an idle connection avoids it', async () => {
    const world = new World()
    await world.runtime.settle()
    expect(world.dials.length).toBe(0)
    await world.done(world.get(HTTP))
    expect(world.take(HTTP)).not.toBeInstanceOf(Promise)
    expect(world.dials.length).toBe(1)
  })

  test('row 297: a connection that the server has closed leaves the pool', async () => {
    const world = new World()
    await world.done(world.get(HTTP))
    world.servers[0]!.gracefulShutdown()
    await world.runtime.settle()
    expect(world.pool.stats()).toMatchObject({ open: 0, idle: 0 })
    await world.done(world.get(HTTP))
    expect(world.dials.length).toBe(2)
  })

  test('Keep-Alive: what the server promises, less a margin, wins over the option', async () => {
    const world = new World()
    world.service = () => new HttpResponse('ok', { headers: { 'keep-alive': 'timeout=5, max=9' } })
    await world.done(world.get(HTTP))
    world.runtime.advance(3_999)
    await world.runtime.settle()
    expect(world.pool.connections).toBe(1)
    world.runtime.advance(1)
    await world.runtime.settle()
    expect(world.pool.connections).toBe(0)
  })

  test.each([
    ['the default', undefined, 90_000],
    ['an option', 700, 700],
  ])('idleTimeout, %s', async (_, idleTimeout, limit) => {
    for (const speaks of ['h2', 'http/1.1'] as const) {
      const world = new World({ idleTimeout })
      world.speaks = speaks
      await world.done(world.get(HTTPS))
      world.runtime.advance(limit - 1)
      await world.runtime.settle()
      expect(world.pool.connections).toBe(1)
      world.runtime.advance(1)
      await world.runtime.settle()
      expect([speaks, world.pool.stats()]).toMatchObject([speaks, { open: 0, idle: 0 }])
    }
  })

  test.each([
    ['off by default', undefined, 1e9],
    ['an option', 5_000, 5_000],
  ])('maxAge, %s', async (_, maxAge, limit) => {
    for (const speaks of ['h2', 'http/1.1'] as const) {
      const world = new World({ maxAge, idleTimeout: null, http2: { settingsTimeout: null } })
      world.speaks = speaks
      await world.done(world.get(HTTPS))
      world.runtime.advance(limit - 1)
      await world.done(world.get(HTTPS))
      expect([speaks, world.dials.length]).toEqual([speaks, 1])
      if (maxAge === undefined) continue
      world.runtime.advance(1)
      await world.done(world.get(HTTPS))
      expect([speaks, world.dials.length, world.pool.connections]).toEqual([speaks, 2, 1])
    }
  })

  test('an error while it connects says what was waited for', async () => {
    const world = new World({
      connector: (_, { info, signal }) => {
        info.set(CONNECT_PHASE, 'dns')
        return new Promise((_resolve, reject) =>
          signal.addEventListener('abort', () => reject(signal.reason)),
        )
      },
    })
    for (const url of [HTTP, HTTPS]) {
      const late = expect(world.take(url, { connectTimeout: 100 })).rejects.toMatchObject({
        code: 'CONNECT_TIMEOUT',
        phase: 'dns',
        elapsedMs: 100,
      })
      world.runtime.advance(100)
      await late
      const controller = new AbortController()
      const given = expect(world.take(url, { signal: controller.signal })).rejects.toMatchObject({
        code: 'CANCELED',
        phase: 'dns',
      })
      controller.abort()
      await given
    }
  })

  test('row 304: an error of the connector reaches who asked', async () => {
    const world = new World({ connector: () => Promise.reject(new Error('no way')) })
    await expect(world.take(HTTP)).rejects.toThrow('no way')
    expect(world.pool.stats()).toMatchObject({ open: 0, pending: 0, dials: 1 })
  })
})

describe('HTTP/2', () => {
  test('row 302: 50 cold requests: one dial, one connection', async () => {
    const world = new World()
    world.speaks = 'h2'
    const texts = await world.done(Promise.all(Array.from({ length: 50 }, () => world.get(HTTPS))))
    expect(new Set(texts)).toEqual(new Set(['ok']))
    expect(world.pool.stats()).toEqual({ open: 1, idle: 1, active: 0, pending: 0, dials: 1, reuses: 49 })
    expect(world.dials[0]!.destination.alpn).toEqual(['h2', 'http/1.1'])
  })

  test('as many as the server allows at a time; the others wait, and no second connection is made', async () => {
    const world = new World()
    world.speaks = 'h2'
    world.maxConcurrentStreams = 5
    let live = 0
    let most = 0
    world.service = async () => {
      most = Math.max(most, ++live)
      await new Promise((resolve) => setImmediate(resolve))
      live--
      return new HttpResponse('ok')
    }
    await world.done(world.get(HTTPS))
    const texts = await world.done(Promise.all(Array.from({ length: 60 }, () => world.get(HTTPS))))
    expect([texts.length, most, world.dials.length]).toEqual([60, 5, 1])
  })

  test('http2.maxConnections: more connections, once their streams are in use', async () => {
    const world = new World({ http2: { maxConnections: 3, initialMaxSendStreams: 1 } })
    world.speaks = 'h2'
    world.maxConcurrentStreams = 2
    const { promise, resolve } = Promise.withResolvers<void>()
    world.service = async () => {
      await promise
      return new HttpResponse('ok')
    }
    const warm = world.get(HTTPS)
    await world.runtime.settle()
    const texts = Promise.all(Array.from({ length: 9 }, () => world.get(HTTPS)))
    await world.runtime.settle()
    expect(world.pool.stats()).toMatchObject({ open: 3, dials: 3 })
    resolve()
    expect([await world.done(warm), (await world.done(texts)).length]).toEqual(['ok', 9])
  })

  test('a connection that has got GOAWAY is replaced, and finishes what it does', async () => {
    const world = new World()
    world.speaks = 'h2'
    const { promise, resolve } = Promise.withResolvers<void>()
    world.service = async () => {
      await promise
      return new HttpResponse('ok')
    }
    const first = world.get(HTTPS)
    await world.runtime.settle()
    world.servers[0]!.gracefulShutdown()
    await world.runtime.settle()
    const second = world.get(HTTPS)
    await world.runtime.settle()
    expect(world.pool.stats()).toMatchObject({ open: 2, active: 2, dials: 2 })
    resolve()
    expect([await world.done(first), await world.done(second)]).toEqual(['ok', 'ok'])
    expect(world.pool.stats()).toMatchObject({ open: 1, idle: 1, active: 0 })
  })

  test('row 302: what an origin speaks is remembered: HTTP/1 fans out at once, also when all else is forgotten', async () => {
    const world = new World({ idleTimeout: 1_000 })
    await world.done(world.get(HTTPS))
    world.runtime.advance(1_000)
    await world.runtime.settle()
    for (let i = 0; i < 1_001; i++) {
      const connection = await world.done(world.take(`http://x${i}.test/`))
      connection.abort()
    }
    expect(world.pool.statsByOrigin().has('https://a.test')).toBe(false)
    const dials = world.dials.length
    const all = Promise.all([1, 2, 3].map(() => world.get(HTTPS)))
    expect(world.dials.length).toBe(dials + 3)
    await world.done(all)
  })

  test('maxKnownOrigins: what is known of the oldest is forgotten', async () => {
    const world = new World({ maxKnownOrigins: 1 })
    await world.done(world.get(HTTPS))
    await world.done(world.get('https://b.test/'))
    const before = world.dials.length
    void Promise.all([1, 2].map(() => world.get('https://b.test/')))
    expect(world.dials.length).toBe(before + 1)
  })

  test('http2: false speaks HTTP/1 only, http1: false HTTP/2 only', async () => {
    const only1 = new World({ http2: false })
    only1.speaks = 'h2'
    await only1.done(only1.get(HTTPS))
    expect(only1.dials[0]!.destination.alpn).toEqual(['http/1.1'])
    const only2 = new World({ http1: false })
    only2.speaks = 'h2'
    await only2.done(only2.get(HTTPS))
    expect(only2.dials[0]!.destination.alpn).toEqual(['h2'])
    only2.speaks = 'http/1.1'
    expect(await only2.done(codeOf(only2.take('https://b.test/')))).toBe('VERSION_UNSUPPORTED')
    expect(() => new World({ http1: false, http2: false })).toThrow(
      expect.objectContaining({ code: 'INVALID_OPTION' }),
    )
  })

  test('http2.priorKnowledge: without TLS, too', async () => {
    const world = new World({ http2: { priorKnowledge: true } })
    world.speaks = 'h2'
    await world.done(Promise.all([1, 2, 3].map(() => world.get(HTTP))))
    expect([world.dials.length, world.dials[0]!.destination.needsTunnel]).toEqual([1, true])
  })

  test('isExclusive: a connection of its own, by HTTP/1', async () => {
    const world = new World()
    world.speaks = 'h2'
    await world.done(world.get(HTTPS))
    const connection = await world.done(world.take(HTTPS, { isExclusive: true }))
    expect([connection.protocol, world.dials[1]!.destination.alpn]).toEqual(['http1', ['http/1.1']])
    connection.release()
    expect(world.pool.stats()).toMatchObject({ open: 2, idle: 2 })
  })
})

describe('a process', () => {
  test('is not held open by a connection that nobody uses', async () => {
    for (const speaks of ['h2', 'http/1.1'] as const) {
      const world = new World()
      world.speaks = speaks
      await world.done(world.get(HTTPS))
      await world.done(world.get(HTTPS))
      expect([speaks, world.clients[0]!.refs]).toEqual([speaks, ['unref', 'ref', 'unref', 'ref', 'unref']])
    }
  })

  test('is told once of a connection that is used again and again within a turn', async () => {
    const world = new World()
    for (let times = 0; times < 3; times++) (await world.take(HTTP)).release()
    expect(world.clients[0]!.refs).toEqual(['unref', 'ref'])
    await world.runtime.settle()
    expect(world.clients[0]!.refs).toEqual(['unref', 'ref', 'unref'])
  })

  test('is held open by none that came too late for anybody', async () => {
    const world = new World()
    const first = await world.done(world.take(HTTP))
    const { promise, resolve } = Promise.withResolvers<void>()
    world.gate = promise
    const second = world.take(HTTP)
    first.release()
    expect(await second).toBe(first)
    resolve()
    await world.runtime.settle()
    expect([world.clients[1]!.refs, world.pool.stats().idle]).toEqual([['unref'], 1])
  })
})

describe('taken and not used', () => {
  test.each(['h2', 'http/1.1'] as const)('release gives it back, %s', async (speaks) => {
    const world = new World()
    world.speaks = speaks
    const connection = await world.done(world.take(HTTPS))
    expect(world.pool.stats()).toMatchObject({ active: 1, idle: 0 })
    connection.release()
    expect(world.pool.stats()).toMatchObject({ active: 0, idle: 1 })
  })

  test.each(['h2', 'http/1.1'] as const)('what cannot be sent gives it back, %s', async (speaks) => {
    const world = new World()
    world.speaks = speaks
    const connection = await world.done(world.take(HTTPS))
    const bad = new HttpRequest('POST', '/', { headers: { host: 'a', 'content-length': '5' }, body: 'abc' })
    if (speaks === 'http/1.1') expect(await codeOf(connection.send(bad))).toBe('UNEXPECTED_HEADER')
    else expect(await codeOf(connection.send(bad, { signal: AbortSignal.abort() }))).toBe('CANCELED')
    expect(world.pool.stats()).toMatchObject({ active: 0, idle: 1 })
  })

  test('a stream that is reserved counts: nobody else is given it', async () => {
    const world = new World()
    world.speaks = 'h2'
    world.maxConcurrentStreams = 2
    await world.done(world.get(HTTPS))
    const first = await world.done(world.take(HTTPS))
    await world.done(world.take(HTTPS))
    const third = world.take(HTTPS)
    expect(await isPending(third)).toBe(true)
    first.release()
    expect(await third).toBe(first)
  })
})

describe('limits of a pool', () => {
  test('onBlocked: which origin waits', async () => {
    const blocked: string[] = []
    const world = new World({ maxConnectionsPerOrigin: 1, onBlocked: (origin) => void blocked.push(origin) })
    const first = await world.done(world.take(HTTP))
    const second = world.take(HTTP)
    expect([blocked, world.pool.stats().pending]).toEqual([['http://a.test'], 1])
    first.release()
    expect(await second).toBe(first)
  })

  test.each([
    { maxConnections: 0 },
    { maxConnectionsPerOrigin: 0 },
    { maxPending: -1 },
    { idleTimeout: -1 },
    { maxAge: Number.NaN },
    { http2: { maxConnections: 0 } },
    { maxKnownOrigins: 1.5 },
  ])('%o cannot be', (options) => {
    expect(() => new World(options)).toThrow(expect.objectContaining({ code: 'INVALID_OPTION' }))
  })
})

describe('the end', () => {
  test('close waits for those who have found out only now that each needs a connection of their own', async () => {
    const world = new World()
    const gate = Promise.withResolvers<void>()
    world.gate = gate.promise
    const texts = [1, 2, 3].map(() => world.get(HTTPS))
    await world.runtime.settle()
    let isClosed = false
    const closed = world.pool.close().then(() => (isClosed = true))
    await world.runtime.settle()
    expect([world.dials.length, isClosed]).toEqual([1, false])
    gate.resolve()
    expect(await world.done(Promise.all(texts))).toEqual(['ok', 'ok', 'ok'])
    await world.done(closed)
    expect([world.dials.length, world.pool.connections]).toEqual([3, 0])
  })

  test.each(['h2', 'http/1.1'] as const)(
    'row 296: close: idle ones go, those in use when they are done, %s',
    async (speaks) => {
      const world = new World()
      world.speaks = speaks
      await world.done(world.get(HTTPS))
      const { promise, resolve } = Promise.withResolvers<void>()
      world.service = async () => {
        await promise
        return new HttpResponse('late')
      }
      const running = world.get(HTTPS)
      await world.runtime.settle()
      const closed = world.pool.close()
      await world.runtime.settle()
      expect([await isPending(closed), world.pool.connections]).toEqual([true, 1])
      expect(() => world.take(HTTPS)).toThrow(expect.objectContaining({ code: 'CLOSED', by: 'user' }))
      resolve()
      expect(await world.done(running)).toBe('late')
      await world.done(closed)
      expect([world.pool.connections, world.runtime.timer.pending]).toEqual([0, 0])
    },
  )

  test.each(['h2', 'http/1.1'] as const)(
    'abort resets what runs, and fails who waits, %s',
    async (speaks) => {
      const world = new World({ maxConnectionsPerOrigin: 1 })
      world.speaks = speaks
      world.maxConcurrentStreams = 1
      world.service = () => new Promise(() => undefined)
      const running = codeOf(world.get(HTTPS))
      await world.runtime.settle()
      const waiting = codeOf(world.get(HTTPS))
      await world.runtime.settle()
      world.pool.abort()
      await world.runtime.settle()
      expect([await running, await waiting, world.pool.connections]).toEqual(['CANCELED', 'CANCELED', 0])
    },
  )
})
