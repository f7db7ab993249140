import type { ServerHttp2Stream } from 'node:http2'
import type { Socket } from 'node:net'
import { HyperError } from '@hyper/core/error'
import type { HttpResponse } from '@hyper/core/http'
import { testCertificate } from '@hyper/testkit'
import { afterEach, describe, expect, test } from 'vitest'
import { Client, type ClientOptions, CONNECTION } from '../src/index.ts'
import { H2Server, type Handler, ok } from './h2-server.ts'
import { OK, RawServer } from './raw-server.ts'

const { cert } = await testCertificate()

// What a client is for, counted: servers that close connections, limit streams and go away, and every request accounted
// for, at both ends.

/** On a machine that does something else, too. */
const LONG = 300_000

const cleanups: (() => unknown)[] = []

afterEach(() => {
  for (const cleanup of cleanups.splice(0)) cleanup()
})

function clientOf(options?: ClientOptions): Client {
  const client = new Client(options)
  cleanups.push(() => client.abort())
  return client
}

async function h2Of(handler: Handler, options?: Parameters<typeof H2Server.start>[1]): Promise<H2Server> {
  const server = await H2Server.start(handler, options)
  cleanups.push(() => server.close())
  return server
}

/** Runs `count` times, `width` at a time. */
async function many(count: number, width: number, work: (index: number) => Promise<void>): Promise<void> {
  let next = 0
  const loop = async (): Promise<void> => {
    while (next < count) await work(next++)
  }
  await Promise.all(Array.from({ length: width }, loop))
}

const attemptsOf = (response: HttpResponse): number => response.extensions.get(CONNECTION)!.attempts

describe('a server that closes every second connection that is used again', () => {
  /** Answers the first request of each connection; of two connections, one takes the second request and is closed. */
  async function flaky(): Promise<{ server: RawServer; processed: Map<string, number> }> {
    const processed = new Map<string, number>()
    const uses = new Map<Socket, number>()
    let reused = 0
    const server = await RawServer.start((socket, request) => {
      const id = /x-id: (\d+)/.exec(request)![1]!
      const use = (uses.get(socket) ?? 0) + 1
      uses.set(socket, use)
      processed.set(id, (processed.get(id) ?? 0) + 1)
      if (use > 1 && ++reused % 2 === 0) socket.destroy()
      else socket.write(OK)
    })
    cleanups.push(() => server.close())
    return { server, processed }
  }

  test('10,000 GETs: no error', { timeout: LONG }, async () => {
    const { server, processed } = await flaky()
    const client = clientOf()
    let again = 0
    await many(10_000, 20, async (id) => {
      const response = await client.get(server.url, { headers: { 'x-id': String(id) } })
      if (attemptsOf(response) > 1) again++
      expect(await response.text()).toBe('ok')
    })
    const doubled = [...processed.values()].filter((times) => times === 2).length
    expect([processed.size, doubled, Math.max(...processed.values())]).toEqual([10_000, again, 2])
    expect(again).toBeGreaterThan(1_000)
  })

  test(
    '10,000 POSTs: none is processed twice, and every failure says that it may have been once',
    { timeout: LONG },
    async () => {
      const { server, processed } = await flaky()
      const client = clientOf()
      let failures = 0
      await many(10_000, 20, async (id) => {
        try {
          const response = await client.post(server.url, { headers: { 'x-id': String(id) }, body: 'x' })
          expect([await response.text(), attemptsOf(response)]).toEqual(['ok', 1])
        } catch (error) {
          failures++
          expect(error).toBeInstanceOf(HyperError)
          expect(error).toMatchObject({ retryable: false, attempts: 1, address: `127.0.0.1:${server.port}` })
          expect((error as HyperError).message).toContain(
            'not sent again: it may have been processed, and POST must not be done twice',
          )
        }
      })
      expect([processed.size, Math.max(...processed.values())]).toEqual([10_000, 1])
      expect(failures).toBeGreaterThan(1_000)
    },
  )
})

describe('HTTP/2', () => {
  const trust = { ca: cert }

  test('50 cold requests at the same time: one socket', async () => {
    const server = await h2Of((stream) => setTimeout(() => ok(stream), 20))
    const client = clientOf(trust)
    const responses = await Promise.all(Array.from({ length: 50 }, () => client.get(server.url)))
    expect(new Set(await Promise.all(responses.map((response) => response.text())))).toEqual(new Set(['ok']))
    expect([server.sockets, server.sessions, server.requests, client.connections]).toEqual([1, 1, 50, 1])
    expect(new Set(responses.map((response) => response.version))).toEqual(new Set(['2']))
  })

  test('row 386: a server that allows 5 streams, 60 requests: one socket, no error', async () => {
    let live = 0
    let most = 0
    const answer = (stream: ServerHttp2Stream): void => {
      most = Math.max(most, ++live)
      setTimeout(() => {
        live--
        if (!stream.destroyed) ok(stream)
      }, 2)
    }
    const server = await h2Of(answer, { settings: { maxConcurrentStreams: 5 } })
    const client = clientOf(trust)
    const texts = await Promise.all(
      Array.from({ length: 60 }, async () => (await client.get(server.url)).text()),
    )
    expect([new Set(texts), server.sockets, client.connections]).toEqual([new Set(['ok']), 1, 1])
    expect(most).toBeLessThanOrEqual(5)
  })

  test('row 386: the same with bodies that can be sent only once', async () => {
    const got: string[] = []
    const server = await h2Of(
      (stream) => {
        let body = ''
        stream.on('data', (chunk: Buffer) => void (body += chunk.toString()))
        stream.on('end', () => {
          got.push(body)
          setTimeout(() => ok(stream), 2)
        })
      },
      { settings: { maxConcurrentStreams: 5 } },
    )
    const client = clientOf(trust)
    const once = async function* (index: number): AsyncGenerator<string> {
      yield `body `
      yield String(index)
    }
    const texts = await Promise.all(
      Array.from({ length: 60 }, async (_, index) =>
        (await client.post(server.url, { body: once(index) })).text(),
      ),
    )
    expect([new Set(texts), server.sockets, client.connections]).toEqual([new Set(['ok']), 1, 1])
    expect(got.toSorted()).toEqual(Array.from({ length: 60 }, (_, index) => `body ${index}`).toSorted())
  })

  test.each([1, 50, 1_000])(
    'row 386: 1,000 requests under GOAWAY after every 10, %i at a time: no error',
    { timeout: LONG },
    async (width) => {
      const served = new WeakMap<object, number>()
      let processed = 0
      const server = await h2Of((stream) => {
        const { session } = stream
        if (session === undefined) return
        const count = (served.get(session) ?? 0) + 1
        served.set(session, count)
        // What comes after the last one was not processed.
        if (count > 10) return
        processed++
        ok(stream)
        if (count === 10) {
          session.goaway(0, stream.id)
          setImmediate(() => session.close())
        }
      })
      const client = clientOf(trust)
      let most = 0
      await many(1_000, width, async (index) => {
        const response = await client.request(server.url, { method: index % 2 === 0 ? 'GET' : 'POST' })
        most = Math.max(most, attemptsOf(response))
        expect(await response.text()).toBe('ok')
      })
      expect(processed).toBe(1_000)
      expect(server.sockets).toBeLessThanOrEqual(110)
      if (width === 1) expect(most).toBeLessThanOrEqual(2)
    },
  )

  test('row 386: 100 requests at once under GOAWAY after every 5, answered only afterwards: no error', async () => {
    const served = new WeakMap<object, number>()
    const server = await h2Of((stream) => {
      const { session } = stream
      if (session === undefined) return
      const count = (served.get(session) ?? 0) + 1
      served.set(session, count)
      if (count > 5) return
      // Those beyond the last are refused before anybody has an answer: no answer does not mean no progress.
      if (count === 5) session.goaway(0, stream.id)
      setTimeout(() => ok(stream), 10)
    })
    const client = clientOf(trust)
    const texts = await Promise.all(
      Array.from({ length: 100 }, async () => (await client.post(server.url, { body: 'x' })).text()),
    )
    expect([new Set(texts), server.sockets]).toEqual([new Set(['ok']), 20])
  })
})
