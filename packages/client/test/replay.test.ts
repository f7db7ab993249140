import { Body, channel, EMPTY_BODY, repeat, withTrailers } from '@hyper/core/body'
import type { HyperError } from '@hyper/core/error'
import { HeaderMap, HttpRequest } from '@hyper/core/http'
import { connectTcp } from '@hyper/util/node'
import { describe, expect, test } from 'vitest'
import { CONNECTION, replayOf, type RequestOptions } from '../src/index.ts'
import { eventually, OK, quiet, type Script } from './raw-server.ts'
import { start } from './start.ts'

// When a request is sent again, and when it is not. The server is written in bytes; it counts what it was sent.

/** Answers the first request of each connection, and closes at the second. */
function once(): Script {
  const seen = new WeakSet<object>()
  return (socket) => {
    if (seen.has(socket)) socket.destroy()
    else socket.write(OK)
    seen.add(socket)
  }
}

async function lost(
  options: RequestOptions,
  script: Script = once(),
): Promise<{ outcome: unknown; sent: number }> {
  const { client, server } = await start(script)
  await (await client.get(server.url)).text()
  const outcome = await client.request(server.url, options).then(
    (response) => response.extensions.get(CONNECTION)!.attempts,
    (error: unknown) => error,
  )
  await quiet()
  return { outcome, sent: server.requests.length - 1 }
}

describe('a connection that had served is lost before anything of an answer', () => {
  test.each(['GET', 'HEAD', 'OPTIONS', 'TRACE', 'PUT', 'DELETE'])('%s is sent again', async (method) => {
    expect(await lost({ method })).toEqual({ outcome: 2, sent: 2 })
  })

  test.each(['POST', 'PATCH', 'REPORT', 'get'])('%s is not', async (method) => {
    const { outcome, sent } = await lost({ method, body: 'x' })
    expect([sent, outcome]).toMatchObject([
      1,
      {
        attempts: 1,
        retryable: false,
        message: expect.stringContaining(
          `not sent again: it may have been processed, and ${method} must not be done twice`,
        ),
      },
    ])
  })

  test('idempotent: what the caller says wins over the method', async () => {
    expect(await lost({ method: 'POST', body: 'x', idempotent: true })).toEqual({ outcome: 2, sent: 2 })
    expect(await lost({ idempotent: false })).toMatchObject({
      sent: 1,
      outcome: {
        retryable: false,
        message: expect.stringContaining('the caller says that it must not be done twice'),
      },
    })
  })

  test('a body that cannot be had again is not sent again', async () => {
    const { body, sender } = channel()
    void sender.send('x')
    sender.end()
    expect(await lost({ method: 'PUT', body })).toMatchObject({
      sent: 1,
      outcome: {
        retryable: false,
        message: expect.stringContaining('it may have been processed, and its body cannot be had again'),
      },
    })
    expect(await lost({ method: 'PUT', body: new Uint8Array([1]) })).toEqual({ outcome: 2, sent: 2 })
    expect(await lost({ method: 'PUT', body: () => ['a', 'b'] })).toEqual({ outcome: 2, sent: 2 })
    const trailers = (): HeaderMap => new HeaderMap([['x-sum', '1']])
    expect(await lost({ method: 'PUT', body: 'x', trailers })).toEqual({ outcome: 2, sent: 2 })
  })

  test('on a fresh connection, also where another one is idle', async () => {
    const { client, server } = await start(once())
    await Promise.all([1, 2, 3].map(async () => (await client.get(server.url)).text()))
    expect(server.sockets.length).toBe(3)
    const response = await client.get(server.url)
    expect([response.extensions.get(CONNECTION), server.sockets.length]).toMatchObject([
      { attempts: 2, isReused: false },
      4,
    ])
  })

  test('once: a connection that had served nothing is no reason', async () => {
    const { client, server } = await start((socket, _, index) => {
      if (index === 0) socket.write(OK)
      else socket.destroy()
    })
    await (await client.get(server.url)).text()
    await expect(client.get(server.url)).rejects.toMatchObject({
      attempts: 2,
      retryable: false,
      message: expect.stringContaining('attempt 2; not sent again: its connection was a new one'),
    })
    expect(server.requests.length).toBe(3)
  })

  test('what may have been processed is never said to be retryable, whatever comes after it', async () => {
    let dials = 0
    const { client, server } = await start(once(), {
      connector: ({ host, port }) =>
        ++dials > 1 ? Promise.reject(new Error('no more')) : connectTcp({ host, port }),
    })
    await (await client.get(server.url)).text()
    await expect(client.get(server.url)).rejects.toMatchObject({
      code: 'CONNECT',
      attempts: 2,
      retryable: false,
    })
  })

  test('a byte of an answer, and it is not', async () => {
    for (const bytes of ['H', 'HTTP/1.1 103 Early Hints\r\n\r\n', 'HTTP/1.1 200 OK\r\n']) {
      const script: Script = (socket, _, index) => {
        if (index === 0) socket.write(OK)
        else socket.end(bytes)
      }
      const { outcome, sent } = await lost({}, script)
      expect([bytes, sent, outcome]).toMatchObject([bytes, 1, { attempts: 1, retryable: false }])
    }
  })

  test('a tracer is told', async () => {
    const told: [string, string, number][] = []
    const { client, server } = await start(once(), {
      tracer: {
        onReplay: (request, error, attempts) => void told.push([request.method, error.code, attempts]),
      },
    })
    await (await client.get(server.url)).text()
    await (await client.get(server.url)).text()
    expect(told).toEqual([['GET', expect.stringMatching(/^(IO|INCOMPLETE_MESSAGE|CLOSED)$/), 2]])
  })

  test('not when the caller has given up meanwhile', async () => {
    const controller = new AbortController()
    const { client, server } = await start(
      (socket, _, index) => {
        if (index === 0) {
          socket.write(OK)
          return
        }
        socket.destroy()
      },
      {
        tracer: { onRequestEnd: (_, error) => (error === null ? undefined : controller.abort()) },
      },
    )
    await (await client.get(server.url)).text()
    await expect(client.get(server.url, { signal: controller.signal })).rejects.toMatchObject({ attempts: 1 })
    await quiet()
    expect(server.requests.length).toBe(2)
  })

  test('the source of a body that is not needed any more is told', async () => {
    const { client, server } = await start(() => undefined)
    const { body, sender } = channel()
    const controller = new AbortController()
    const asked = client
      .post(server.url, { body, signal: controller.signal })
      .catch((error: unknown) => error)
    await eventually(() => server.requests.length === 1)
    controller.abort()
    expect(((await asked) as HyperError).code).toBe('CANCELED')
    expect(sender.isClosed).toBe(true)
  })
})

describe('replayOf', () => {
  const of = (body: Body): HttpRequest =>
    new HttpRequest('PUT', 'http://a.test/', { body, headers: { 'x-a': '1' } })

  test('nothing: the same request', () => {
    const request = of(EMPTY_BODY)
    expect(replayOf(request)?.()).toBe(request)
  })

  test.each([
    ['text', () => Body.from('grün')],
    ['bytes', () => Body.from(new TextEncoder().encode('grün'))],
    ['a function', () => repeat(() => ['gr', 'ün'])],
    ['text with trailers', () => withTrailers(Body.from('grün'), new HeaderMap([['x-b', '2']]))],
  ])('%s: as often as one likes, whatever became of it', async (_, make) => {
    const request = of(make())
    const replay = replayOf(request)!
    expect(await request.text()).toBe('grün')
    const [second, third] = [replay(), replay()]
    expect([await second.text(), await third.text(), request.headers.get('x-a')]).toEqual([
      'grün',
      'grün',
      '1',
    ])
    expect(await replayOf(second)!().text()).toBe('grün')
    expect([second.method, second.target, second.headers.get('x-a')]).toEqual(['PUT', 'http://a.test/', '1'])
  })

  test('what is read once: no', () => {
    expect(replayOf(of(channel().body))).toBe(null)
    expect(replayOf(of(Body.from(['a'])))).toBe(null)
    expect(replayOf(of(withTrailers(channel().body, new HeaderMap())))).toBe(null)
  })
})
