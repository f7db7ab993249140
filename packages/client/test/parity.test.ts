import { channel } from '@hyper/core/body'
import { extensionKey, HttpResponse } from '@hyper/core/http'
import { FORWARD_PROXY } from '@hyper/util/connect'
import { HeaderMap } from '@hyper/core/http'
import { connectTcp } from '@hyper/util/node'
import { describe, expect, test } from 'vitest'
import { Client, CONNECTION } from '../src/index.ts'
import { PROTOCOLS, URL_A, watch, World } from './kit.ts'
import { eventually, OK, type Script } from './raw-server.ts'
import { start } from './start.ts'

// The rows of hyper-util's client (295 to 310) that speak of a client as a whole; those of its pool stand in
// packages/util/test/pool.

const answer: Script = (socket) => void socket.write(OK)

describe('connections', () => {
  test('row 295: a response body that is given up before its end closes the connection', async () => {
    const { client, server } = await start((socket) => {
      socket.write('HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n3\r\nabc\r\n')
    })
    const response = await client.get(server.url)
    response.body.cancel()
    await eventually(() => server.sockets[0]!.destroyed)
    expect(client.connections).toBe(0)
  })

  test('row 296: a request that is given up before its answer closes the connection', async () => {
    const { client, server } = await start(() => undefined)
    const controller = new AbortController()
    const asked = watch(client.get(server.url, { signal: controller.signal }))
    await eventually(() => server.requests.length === 1)
    controller.abort()
    await eventually(() => server.sockets[0]!.destroyed)
    expect(asked.state).toBe('rejected')
  })

  test('row 296: close ends idle connections', async () => {
    const { client, server } = await start(answer)
    await (await client.get(server.url)).text()
    await client.close()
    await eventually(() => server.sockets[0]!.destroyed)
    expect(client.connections).toBe(0)
  })

  test('row 299: an answer without a body', async () => {
    const { client, server } = await start((socket) => void socket.write('HTTP/1.1 204 No Content\r\n\r\n'))
    for (let i = 0; i < 3; i++) expect((await client.get(server.url)).status).toBe(204)
    expect(server.sockets.length).toBe(1)
  })

  test('row 299: bytes behind the answer to a HEAD prevent that the connection is used again', async () => {
    const { client, server } = await start((socket) => void socket.write(OK))
    expect((await client.head(server.url)).status).toBe(200)
    await eventually(() => client.connections === 0)
    expect((await client.head(server.url)).status).toBe(200)
    expect(server.sockets.length).toBe(2)
  })

  test('row 299: an answer that comes before the request is complete: the connection is used again', async () => {
    let complete = ''
    const { client, server } = await start((socket, _, index) => {
      socket.write(OK)
      if (index === 0) socket.on('data', (text: string) => (complete += text))
    })
    const { body, sender } = channel()
    const response = await client.post(server.url, { body })
    expect(await response.text()).toBe('ok')
    expect(client.stats()).toMatchObject({ idle: 0, active: 1 })
    await sender.send('abc')
    sender.end()
    await eventually(() => client.stats().idle === 1 && complete.includes('abc'))
    await (await client.get(server.url)).text()
    expect(server.sockets.length).toBe(1)
  })

  test('row 303: a response tells of its connection, and of what the connector has said', async () => {
    const KEY = extensionKey<string>('mine')
    const { client, server } = await start(answer, {
      connector: ({ host, port }, { info }) => {
        info.set(KEY, 'hello')
        return connectTcp({ host, port })
      },
    })
    const first = await client.get(server.url)
    const told = first.extensions.get(CONNECTION)!
    expect(told).toMatchObject({ protocol: 'http1', isReused: false, attempts: 1 })
    expect([told.peer.remoteAddress, told.peer.remotePort, told.info.get(KEY)]).toEqual([
      '127.0.0.1',
      server.port,
      'hello',
    ])
    const second = await client.get(server.url)
    expect(second.extensions.get(CONNECTION)).toMatchObject({ isReused: true, attempts: 1 })
    const third = await client.get(server.url)
    expect(third.extensions.get(CONNECTION)).toBe(second.extensions.get(CONNECTION))
  })

  test.each(PROTOCOLS)(
    'row 303: a connection that was retired finishes what it does, and is not used again, %s',
    async (speaks) => {
      const world = new World(speaks)
      const { body, sender } = channel()
      world.service = () => new HttpResponse(body)
      const response = await world.done(world.client.get(URL_A))
      const text = watch(response.text())
      response.extensions.get(CONNECTION)!.retire()
      world.service = () => new HttpResponse('next')
      const next = await world.done(world.client.get(URL_A))
      expect([await world.done(next.text()), world.dials.length]).toEqual(['next', 2])
      void sender.send('late')
      sender.end()
      await world.runtime.settle()
      expect([text.value, world.client.connections]).toEqual(['late', 1])
    },
  )

  test('row 304: an error while it connects reaches the caller as it is, and an early end as one inside a message', async () => {
    const cause = Object.assign(new Error('connect EHOSTUNREACH'), {
      code: 'EHOSTUNREACH',
      syscall: 'connect',
    })
    const { client } = await start(answer, { connector: () => Promise.reject(cause) })
    await expect(client.get(URL_A)).rejects.toMatchObject({ code: 'CONNECT', phase: 'connect', cause })
    const other = await start((socket) => void socket.end())
    await expect(other.client.get(other.server.url)).rejects.toMatchObject({
      code: 'INCOMPLETE_MESSAGE',
      phase: 'headers',
      by: 'peer',
    })
  })
})

describe('what is sent', () => {
  test('row 300: to a proxy that forwards, the target is the whole URL, and the proxy’s fields are added', async () => {
    const { client, server } = await start(answer, {
      connector: (_, { info }) => {
        info.set(FORWARD_PROXY, {
          headers: new HeaderMap([
            ['proxy-authorization', 'Basic YTpi'],
            ['x-both', 'proxy'],
          ]),
        })
        return connectTcp({ host: '127.0.0.1', port: server.port })
      },
    })
    await (await client.get('http://a.test:81/b?c=d#e')).text()
    await (await client.get('http://a.test:81/b?c=d#e', { headers: { 'x-both': 'request' } })).text()
    expect(server.requests).toEqual([
      'GET http://a.test:81/b?c=d HTTP/1.1\r\nhost: a.test:81\r\naccept: */*\r\naccept-encoding: gzip, deflate, br, zstd\r\nproxy-authorization: Basic YTpi\r\nx-both: proxy\r\n\r\n',
      'GET http://a.test:81/b?c=d HTTP/1.1\r\nhost: a.test:81\r\nx-both: request\r\naccept: */*\r\naccept-encoding: gzip, deflate, br, zstd\r\nproxy-authorization: Basic YTpi\r\n\r\n',
    ])
  })

  test('row 300: CONNECT has host and port as its target', async () => {
    const { client, server } = await start((socket) => void socket.write('HTTP/1.1 200 OK\r\n\r\nhi'))
    const tunnel = await client.tunnel(server.url, 'b.test:443')
    expect(server.requests).toEqual(['CONNECT b.test:443 HTTP/1.1\r\nhost: b.test:443\r\n\r\n'])
    expect(tunnel.response.status).toBe(200)
    tunnel.io.abort()
  })

  test('row 305: Host is added only where it is missing, without the port of the scheme', async () => {
    const { client, server } = await start(answer, {
      connector: () => connectTcp({ host: '127.0.0.1', port: server.port }),
    })
    const urls = [
      'http://a.test/',
      'http://a.test:80/',
      'http://a.test:443/',
      'https://a.test:80/',
      'https://a.test:443/',
    ]
    for (const url of urls) await (await client.get(url)).text()
    await (await client.get(urls[0]!, { headers: { host: 'mine' } })).text()
    const hosts = server.requests.map((request) => /host: (.*)\r\n/.exec(request)![1])
    expect(hosts).toEqual(['a.test', 'a.test', 'a.test:443', 'a.test:80', 'a.test', 'mine'])
  })

  test('row 305: over HTTP/2 there is an authority in place of it', async () => {
    const world = new World('h2')
    const seen: string[][] = []
    world.service = (request) => {
      // What the machine has made of `:authority`.
      seen.push(request.headers.getAll('host'))
      return new HttpResponse('ok')
    }
    await world.done(world.client.get('https://a.test:444/'))
    await world.done(world.client.get('https://a.test:444/', { headers: { host: 'mine' } }))
    expect(seen).toEqual([['a.test:444'], ['mine']])
  })

  test('row 306: what is no absolute URL cannot be requested', async () => {
    const client = new Client()
    for (const url of ['/relative', 'a.test', 'mailto:a@b.test', '']) {
      await expect(client.get(url)).rejects.toMatchObject({ code: 'INVALID_TARGET', by: 'user' })
    }
  })
})

describe('row 307: a request that was certainly not processed', () => {
  test('row 307: is sent again, whatever its method', async () => {
    const world = new World('h2')
    let refused = 0
    world.service = async (request, exchange) => {
      if (refused++ < 3) return exchange.refuse()
      return new HttpResponse(await request.text())
    }
    const response = await world.done(world.client.post(URL_A, { body: 'once' }))
    expect(await world.done(response.text())).toBe('once')
    expect([response.extensions.get(CONNECTION)!.attempts, world.dials.length]).toEqual([4, 1])
  })

  test('row 307: but not for ever: maxReplays, by default 5, where nobody else is answered either', async () => {
    for (const [maxReplays, attempts] of [
      [undefined, 6],
      [1, 2],
      [0, 1],
    ] as const) {
      const world = new World('h2', { maxReplays })
      world.service = (_, exchange) => exchange.refuse()
      const asked = watch(world.client.post(URL_A, { body: 'once' }))
      await world.runtime.settle()
      expect(asked.value).toMatchObject({
        code: 'STREAM_RESET',
        reason: 'REFUSED_STREAM',
        attempts,
        retryable: true,
        message: expect.stringContaining(`not sent again: it was refused ${attempts} time`),
      })
    }
    expect(() => new Client({ maxReplays: -1 })).toThrow(expect.objectContaining({ code: 'INVALID_OPTION' }))
    for (const wrong of [{ http2: 'prior-knowledge' }, { http1: null }]) {
      expect(() => new Client(wrong as never)).toThrow(expect.objectContaining({ code: 'INVALID_OPTION' }))
    }
  })

  test('row 307: and not when its body is gone', async () => {
    const world = new World('h2')
    world.service = (_, exchange) => exchange.refuse()
    async function* parts(): AsyncGenerator<string> {
      yield 'a'
    }
    const asked = watch(world.client.post(URL_A, { body: parts() }))
    await world.runtime.settle()
    expect(asked.value).toMatchObject({
      code: 'STREAM_RESET',
      attempts: 1,
      retryable: true,
      message: expect.stringContaining('not sent again: its body cannot be had again'),
    })
  })

  test('a function makes the body once more', async () => {
    const world = new World('h2')
    let refused = 0
    let made = 0
    world.service = async (request, exchange) => {
      if (refused++ < 2) return exchange.refuse()
      return new HttpResponse(await request.text())
    }
    const body = function* (): Generator<string> {
      made++
      yield 'a'
      yield 'b'
    }
    const response = await world.done(world.client.post(URL_A, { body }))
    expect([await world.done(response.text()), made]).toEqual(['ab', 3])
  })
})
