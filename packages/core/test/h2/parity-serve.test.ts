import { frames, type FrameField } from '@hyper/testkit'
import { describe, expect, test } from 'vitest'
import { Body, channel, withTrailers } from '../../src/body/index.ts'
import { protocolKey } from '../../src/drive/h2-server-connection.ts'
import { HyperError } from '../../src/error/index.ts'
import { HeaderMap } from '../../src/http/header-map.ts'
import type { HttpRequest } from '../../src/http/request.ts'
import { HttpResponse } from '../../src/http/response.ts'
import type { Exchange, Service } from '../../src/service/service.ts'
import { deferred, slowService } from '../h1/connected.ts'
import { served } from './serve-kit.ts'

// A server's driver: services, their answers and their failures, over HTTP/2. Rows 173 to 185 and 232 to 245 of the
// parity checklist.

const { data, headers, ping, request, rst, settings, windowUpdate } = frames

const POST = { method: 'POST' } as const
const OK = (id: number): string[] => [`HEADERS ${id} :status=200 content-length=2`, `DATA ${id} end ok`]

/** What becomes of one GET. */
async function answered(
  response: (request: HttpRequest, exchange: Exchange) => HttpResponse | Promise<HttpResponse>,
): Promise<string[]> {
  return (await served(response)).send(request(1))
}

const echo: Service = async (request) => new HttpResponse(await request.body.text())

test('row 173: GET, and POST with its body', async () => {
  const it = await served(
    (request) => new HttpResponse(`${request.method} ${request.target} ${request.version}`),
  )
  expect(await it.send(request(1, [], { path: '/a?b' }))).toEqual([
    'HEADERS 1 :status=200 content-length=10',
    'DATA 1 end GET /a?b 2',
  ])
  const echoes = await served(echo)
  expect(await echoes.send(request(1, [], POST), data(1, 'he'), data(1, 'llo', { endStream: true }))).toEqual(
    ['HEADERS 1 :status=200 content-length=5', 'DATA 1 end hello'],
  )
})

test('row 173: ten at once, answered in any order', async () => {
  const waiting = new Map<string, (response: HttpResponse) => void>()
  const it = await served((request) => new Promise((resolve) => waiting.set(request.target, resolve)))
  await it.send(...Array.from({ length: 10 }, (_, i) => request(2 * i + 1, [], { path: `/${i}` })))
  for (const i of [7, 0, 9, 3, 5, 1, 8, 2, 6, 4]) {
    waiting.get(`/${i}`)!(new HttpResponse('ok'))
    expect(await it.written()).toEqual(OK(2 * i + 1))
  }
  expect(it.connection.isIdle).toBe(true)
})

test('row 174: fields of HTTP/1 connections do not go out, nor what Connection names', async () => {
  const fields = new HeaderMap({
    connection: 'close, X-One',
    'keep-alive': 'timeout=1',
    'proxy-connection': 'x',
    'transfer-encoding': 'chunked',
    upgrade: 'h2c',
    'x-one': '1',
    'x-two': '2',
    'x-three': '3',
  })
  fields.append('connection', 'x-two\xff, X-Two')
  expect(await answered(() => new HttpResponse(null, { headers: fields }))).toEqual([
    'HEADERS 1 end :status=200 x-three=3',
  ])
})

test('row 175: te does not go out with a response', async () => {
  expect(await answered(() => new HttpResponse(null, { headers: { te: 'trailers' } }))).toEqual([
    'HEADERS 1 end :status=200',
  ])
})

describe('row 177: content-length of a response', () => {
  test('of a body whose length is known; the caller’s own must say the same', async () => {
    expect(await answered(() => new HttpResponse('ok'))).toEqual(OK(1))
    expect(await answered(() => new HttpResponse('ok', { headers: { 'content-length': '2' } }))).toEqual(
      OK(1),
    )
    expect(await answered(() => new HttpResponse('ok', { headers: { 'content-length': '3' } }))).toEqual([
      'HEADERS 1 end :status=500',
    ])
  })

  test('none without a body, or when it is not known', async () => {
    expect(await answered(() => new HttpResponse())).toEqual(['HEADERS 1 end :status=200'])
    expect(await answered(() => new HttpResponse(''))).toEqual(['HEADERS 1 end :status=200'])
    expect(await answered(() => new HttpResponse(Body.from(['a', 'b'])))).toEqual([
      'HEADERS 1 :status=200',
      'DATA 1 end ab',
    ])
  })

  test('a request with END_STREAM has a body of 0 bytes, exactly', async () => {
    let hint: unknown = null
    const it = await served((request) => {
      hint = [request.body.isEnd, request.body.sizeHint]
      return new HttpResponse()
    })
    await it.send(request(1))
    expect(hint).toEqual([true, { lower: 0, upper: 0 }])
  })

  test('HEAD, 204 and 304 have none to follow', async () => {
    const it = await served((request) => new HttpResponse('ok', { status: Number(request.target.slice(1)) }))
    expect(await it.send(request(1, [], { method: 'HEAD', endStream: true, path: '/200' }))).toEqual([
      'HEADERS 1 end :status=200 content-length=2',
    ])
    expect(await it.send(request(3, [], { path: '/204' }))).toEqual(['HEADERS 3 end :status=204'])
    expect(await it.send(request(5, [], { path: '/304' }))).toEqual(['HEADERS 5 end :status=304'])
  })
})

test('row 178: date, unless it is there or turned off', async () => {
  const it = await served(() => new HttpResponse(), { autoDateHeader: true })
  expect(await it.send(request(1))).toEqual(['HEADERS 1 end :status=200 date=Thu, 01 Jan 2026 00:00:00 GMT'])
  const own = await served(() => new HttpResponse(null, { headers: { date: 'x' } }), { autoDateHeader: true })
  expect(await own.send(request(1))).toEqual(['HEADERS 1 end :status=200 date=x'])
  expect(await answered(() => new HttpResponse())).toEqual(['HEADERS 1 end :status=200'])
})

describe('row 179: what a service or its body throws', () => {
  const failing = (error: unknown): Promise<string[]> =>
    answered(() => {
      throw error
    })

  test('before the head: 500, or the status of what the peer did', async () => {
    expect(await failing(new Error('no'))).toEqual(['HEADERS 1 end :status=500'])
    expect(await answered(() => Promise.reject(new Error('no')))).toEqual(['HEADERS 1 end :status=500'])
    expect(await failing(new HyperError('BODY_TOO_LARGE', null, { by: 'peer', statusHint: 413 }))).toEqual([
      'HEADERS 1 end :status=413',
    ])
    expect(await answered(() => 'nothing' as never)).toEqual(['HEADERS 1 end :status=500'])
  })

  const body = (error: unknown): Body =>
    Body.from(
      (async function* () {
        yield 'x'
        await Promise.resolve()
        throw error
      })(),
    )
  const h2 = new HyperError('STREAM_RESET', null, { by: 'user', reason: 'ENHANCE_YOUR_CALM' })
  const nested = new HyperError('BODY_FAILED', null, {
    by: 'user',
    cause: new HyperError('SERVICE_FAILED', null, { by: 'user', cause: h2 }),
  })

  test.each([
    ['an error that names no reason', new Error('no'), 'INTERNAL_ERROR'],
    ['a reason', h2, 'ENHANCE_YOUR_CALM'],
    ['a reason further down', nested, 'ENHANCE_YOUR_CALM'],
  ])('after the head, a reset: %s', async (_name, error, reason) => {
    const lines = await answered(() => new HttpResponse(body(error)))
    expect(lines.at(-1)).toBe(`RST_STREAM 1 ${reason}`)
  })

  test('and the connection goes on', async () => {
    const it = await served((request) => {
      if (request.target === '/bad') throw new Error('no')
      return new HttpResponse('ok')
    })
    expect(await it.send(request(1, [], { path: '/bad' }), request(3))).toEqual([
      'HEADERS 1 end :status=500',
      ...OK(3),
    ])
    expect(it.runtime.errors).toHaveLength(1)
  })
})

test('row 180: a reset by the peer reaches the handler and the body it reads', async () => {
  const slow = slowService()
  const it = await served(slow.service)
  await it.send(request(1))
  expect(await it.send(rst(1, 'CANCEL'))).toEqual([])
  expect(slow.cancelled).toHaveLength(1)
  expect(slow.cancelled[0]).toMatchObject({ code: 'STREAM_RESET', reason: 'CANCEL', by: 'peer' })
  slow.answer()
  expect(await it.written()).toEqual([])
  let failure: unknown = null
  const reading = await served(async (request) => {
    failure = await request.body.text().catch((error: unknown) => error)
    return new HttpResponse()
  })
  await reading.send(request(1, [], POST), data(1, 'abc'), rst(1, 'NO_ERROR'))
  expect(failure).toMatchObject({ code: 'STREAM_RESET', reason: 'NO_ERROR' })
  expect(reading.connection.isIdle).toBe(true)
})

test('row 182: an unresponsive client ends with PING_TIMEOUT', async () => {
  const slow = slowService()
  const it = await served(slow.service, { keepAliveInterval: 1_000, keepAliveTimeout: 500 })
  await it.send(request(1))
  expect(await it.after(1_000)).toEqual(['PING hyperka'])
  await it.after(500)
  expect(it.code).toBe('PING_TIMEOUT')
  expect(it.end!.error!.isTimeout()).toBe(true)
  expect(slow.cancelled[0]!.code).toBe('PING_TIMEOUT')
  expect(it.io.aborted).toBe(true)
  expect(it.runtime.timer.pending).toBe(0)
})

describe('rows 181, 233: an answer before the body has come', () => {
  test('what is short is dropped, and nobody is told', async () => {
    const it = await served()
    expect(await it.send(request(1, [], POST))).toEqual(OK(1))
    expect(await it.send(data(1, 'x', { endStream: true }))).toEqual([])
    expect(it.connection.isIdle).toBe(true)
  })

  test('row 233: NO_ERROR comes behind the whole answer', async () => {
    const other = await served(() => new HttpResponse('0123456789'), { initialStreamWindowSize: 1_000_000 })
    await other.send(settings({ initialWindowSize: 5 }))
    const lines = await other.send(request(1, [], POST))
    for (let i = 0; i < 5; i++) lines.push(...(await other.send(data(1, new Uint8Array(16_384)))))
    lines.push(...(await other.send(windowUpdate(1, 5))), ...(await other.after(3_000)))
    expect(lines.filter((line) => !line.startsWith('WINDOW'))).toEqual([
      'HEADERS 1 :status=200 content-length=10',
      'DATA 1 01234',
      'DATA 1 end 56789',
      'RST_STREAM 1 NO_ERROR',
    ])
  })
})

test('row 234: a response body that is given up resets the stream, and what it held is dropped', async () => {
  const { sender, body } = channel()
  const it = await served(() => new HttpResponse(body))
  await it.send(settings({ initialWindowSize: 1 }))
  expect(await it.send(request(1))).toEqual(['HEADERS 1 :status=200'])
  void sender.send(new Uint8Array(3))
  expect(await it.written()).toEqual(['DATA 1 \0'])
  sender.abort(new HyperError('CANCELED', null, { by: 'user' }))
  expect(await it.written()).toEqual(['RST_STREAM 1 CANCEL'])
  expect(it.connection.machine.queued).toBe(0)
})

test('row 235: resets of our own do not count as the peer’s mistakes', async () => {
  const it = await served(
    () =>
      new HttpResponse(
        Body.from(
          (async function* () {
            yield 'x'
            throw new HyperError('CANCELED', null, { by: 'user' })
          })(),
        ),
      ),
    { maxLocalErrorResetStreams: 2 },
  )
  for (let id = 1; id < 20; id += 2)
    expect((await it.send(request(id))).at(-1)).toBe(`RST_STREAM ${id} CANCEL`)
  expect(it.end).toBe(null)
})

describe('trailers', () => {
  test('row 221: behind a body, and alone', async () => {
    const trailers = new HeaderMap({ 'grpc-status': '0' })
    expect(await answered(() => new HttpResponse(withTrailers(Body.from('ok'), trailers)))).toEqual([
      'HEADERS 1 :status=200 content-length=2',
      'DATA 1 ok',
      'HEADERS 1 end grpc-status=0',
    ])
    expect(await answered(() => new HttpResponse(null, { trailers }))).toEqual([
      'HEADERS 1 :status=200',
      'HEADERS 1 end grpc-status=0',
    ])
    expect(await answered(() => new HttpResponse(withTrailers(Body.from(''), trailers)))).toEqual([
      'HEADERS 1 :status=200',
      'HEADERS 1 end grpc-status=0',
    ])
  })

  test('row 207: fields of HTTP/1 connections do not go out in them either', async () => {
    const trailers = new HeaderMap({ connection: 'x', upgrade: 'y', sum: '1', te: 'trailers' })
    expect((await answered(() => new HttpResponse('ok', { trailers }))).at(-1)).toBe('HEADERS 1 end sum=1')
  })

  test('row 221: those of a request', async () => {
    const it = await served(async (request) => {
      const text = await request.body.text()
      return new HttpResponse(`${text} ${(await request.body.trailers)?.get('sum')}`)
    })
    const lines = await it.send(
      request(1, [], POST),
      data(1, 'abc'),
      headers(1, [['sum', '9']], { endStream: true }),
    )
    expect(lines.at(-1)).toBe('DATA 1 end abc 9')
  })
})

test('row 285: interim responses by the exchange', async () => {
  const it = await served(async (_request, exchange) => {
    expect(exchange.informational(103, { link: '</a>' })).toBe(true)
    await Promise.resolve()
    return new HttpResponse('ok')
  })
  expect(await it.send(request(1))).toEqual(['HEADERS 1 :status=103 link=</a>', ...OK(1)])
})

describe('the end', () => {
  test('row 243: a graceful end waits for what runs', async () => {
    const slow = slowService()
    const it = await served(slow.service)
    await it.send(request(1))
    it.connection.gracefulShutdown()
    expect(await it.written()).toEqual(['GOAWAY 2147483647 NO_ERROR', 'PING hypersd'])
    expect(await it.send(ping('hypersd\x03', true), request(3))).toEqual(['GOAWAY 1 NO_ERROR'])
    slow.answer()
    expect(await it.written()).toEqual(OK(1))
    expect(it.io.ended).toBe(true)
    expect(it.code).toBe(null)
    it.io.feedEnd()
    await it.written()
    expect(it.code).toBe('')
    expect(it.runtime.timer.pending).toBe(0)
  })

  test('after a GOAWAY the client is given 2 s, or 64 KiB, to read it', async () => {
    const it = await served()
    expect(await it.send(windowUpdate(0, 0))).toEqual(['GOAWAY 0 PROTOCOL_ERROR WINDOW_UPDATE of 0'])
    expect(it.io.ended).toBe(true)
    await it.send(request(1), ping())
    await it.after(1_999)
    expect(it.end).toBe(null)
    await it.after(1)
    expect(it.code).toBe('H2_CONNECTION')
    expect(it.io.released).toBe(true)
    const pouring = await served()
    await pouring.send(windowUpdate(0, 0))
    for (let i = 0; i < 5; i++) await pouring.send(new Uint8Array(16_384))
    expect(pouring.code).toBe('H2_CONNECTION')
  })

  test('row 245: a failure reaches every handler and every body', async () => {
    const slow = slowService()
    const it = await served(slow.service)
    await it.send(request(1), request(3, [], POST), request(5))
    await it.send(frames.raw(0, 0, 0, 'x'))
    expect(slow.cancelled.map((error) => error.code)).toEqual(Array(3).fill('H2_CONNECTION'))
    slow.answer()
    slow.answer()
    expect(await it.written()).toEqual([])
    expect(it.connection.machine.streams.size).toBe(0)
  })

  test('a stream that fails with the connection is heard of too', async () => {
    const slow = slowService()
    const it = await served(slow.service, { maxLocalErrorResetStreams: 0 })
    await it.send(request(1, [], POST))
    await it.send(windowUpdate(1, 0))
    expect(slow.cancelled.map((error) => error.reason)).toEqual(['PROTOCOL_ERROR'])
  })

  test('row 250: a client that vanishes with nothing to wait for', async () => {
    const it = await served()
    await it.send(request(1))
    it.io.feedClose()
    await it.written()
    expect(it.code).toBe('')
    const busy = await served(slowService().service)
    await busy.send(request(1))
    busy.io.feedClose(new Error('reset'))
    await busy.written()
    expect(busy.code).toBe('IO')
  })

  test('row 232: what is answered after the connection is gone goes nowhere', async () => {
    const answer = deferred<HttpResponse>()
    const { sender, body } = channel()
    const it = await served(() => answer.promise)
    await it.send(request(1))
    it.io.feedClose(new Error('gone'))
    answer.resolve(new HttpResponse(body))
    await it.written()
    await expect(sender.send('x')).rejects.toBeInstanceOf(HyperError)
    expect(it.io.text).toBe('')
  })

  test('row 196: abort, while data cannot be sent', async () => {
    const it = await served(() => new HttpResponse(new Uint8Array(100_000)))
    await it.send(settings({ initialWindowSize: 0 }), request(1))
    it.connection.abort()
    await it.written()
    expect(it.code).toBe('CANCELED')
    expect(it.io.aborted).toBe(true)
  })
})

describe('a client that reads nothing', () => {
  test('is not read from: pings pile up nothing', async () => {
    const it = await served()
    it.io.hold()
    const burst = frames.join(...Array.from({ length: 1_000 }, () => ping()))
    let fed = 0
    for (; fed < 40 && !it.io.paused; fed++) await it.send(burst)
    expect(it.io.paused).toBe(true)
    expect(fed).toBeLessThan(4)
    expect(it.connection.machine.output.size).toBeLessThan(65_536)
    // It goes on where it was, once the client reads.
    it.io.drain()
    await it.written()
    expect(it.io.paused).toBe(false)
    expect(it.end).toBe(null)
    expect(await it.send(request(1))).toEqual(OK(1))
  })

  test('its large answers stay where they are, and after 30 s it is let go', async () => {
    let produced = 0
    const endless = (): AsyncIterable<Uint8Array> => ({
      async *[Symbol.asyncIterator]() {
        for (;;) {
          produced += 16_384
          yield new Uint8Array(16_384)
        }
      },
    })
    const it = await served(() => new HttpResponse(Body.from(endless())))
    await it.send(settings({ initialWindowSize: 2_147_483_647 }), windowUpdate(0, 2_147_483_647 - 65_535))
    it.io.hold()
    for (let id = 1; id < 200; id += 2) await it.send(request(id))
    const { machine } = it.connection
    expect(machine.queued + machine.output.size).toBeLessThan(5 * 1_048_576)
    expect(produced).toBeLessThan(5 * 1_048_576)
    const before = produced
    await it.after(20_000)
    expect(produced).toBe(before)
    await it.after(11_000)
    expect(it.code).toBe('SEND_TIMEOUT')
    expect(it.io.aborted).toBe(true)
    expect(machine.queued).toBe(0)
  })

  test('row 195: a producer waits for credit', async () => {
    let produced = 0
    const it = await served(
      () =>
        new HttpResponse(
          Body.from(
            (async function* () {
              for (; produced < 1_000; produced++) yield new Uint8Array(10_000)
            })(),
          ),
        ),
    )
    await it.send(settings({ initialWindowSize: 0 }), request(1))
    expect(produced).toBeLessThan(30)
    await it.send(windowUpdate(1, 100_000_000), windowUpdate(0, 100_000_000))
    await it.written()
    expect(produced).toBe(1_000)
  })
})

describe('CONNECT', () => {
  const CONNECT: readonly FrameField[] = [
    [':method', 'CONNECT'],
    [':authority', 'a:1'],
  ]

  test('row 192: a tunnel, and its end from both sides', async () => {
    const got: string[] = []
    const it = await served((_request, exchange) => {
      void exchange.upgrade().then(({ io }) => {
        io.start({
          onData: (chunk) => {
            got.push(Buffer.from(chunk).toString())
            io.write(chunk)
            return false
          },
          onEnd: () => {
            got.push('end')
            io.end()
          },
          onDrain: () => {},
          onWriteError: () => {},
          onClose: (error) => got.push(`closed ${error}`),
        })
      })
      return new HttpResponse(null, { headers: { 'content-length': '0' } })
    })
    expect(await it.send(headers(1, CONNECT))).toEqual(['HEADERS 1 :status=200'])
    expect(await it.send(data(1, 'there'))).toEqual(['DATA 1 there'])
    // Row 194: an empty frame is no end.
    expect(await it.send(data(1))).toEqual([])
    expect(await it.send(data(1, '', { endStream: true }))).toEqual(['DATA 1 end'])
    expect(got).toEqual(['there', 'end', 'closed null'])
    expect(it.connection.isIdle).toBe(true)
  })

  test('row 193: a reset of the tunnel, from either side', async () => {
    const closed: unknown[] = []
    const tunnels: { abort(): void }[] = []
    const it = await served((_request, exchange) => {
      void exchange.upgrade().then(({ io }) => {
        tunnels.push(io)
        io.start({
          onData: () => false,
          onEnd: () => {},
          onDrain: () => {},
          onWriteError: () => {},
          onClose: (error) => closed.push(error),
        })
      })
      return new HttpResponse()
    })
    await it.send(headers(1, CONNECT), headers(3, CONNECT))
    expect(await it.send(rst(1, 'CONNECT_ERROR'))).toEqual([])
    expect(closed).toMatchObject([{ code: 'STREAM_RESET', reason: 'CONNECT_ERROR' }])
    tunnels[1]!.abort()
    expect(await it.written()).toEqual(['RST_STREAM 3 CANCEL'])
    expect(it.connection.isIdle).toBe(true)
    expect(await it.send(headers(5, CONNECT))).toEqual(['HEADERS 5 :status=200'])
  })

  test('a tunnel that its owner closes is told to stop when the client does not', async () => {
    const closed: unknown[] = []
    const it = await served((_request, exchange) => {
      void exchange.upgrade().then(({ io }) => {
        io.start({
          onData: () => false,
          onEnd: () => {},
          onDrain: () => {},
          onWriteError: () => {},
          onClose: (error) => closed.push(error),
        })
        io.write('last words')
        io.close()
      })
      return new HttpResponse()
    })
    await it.after(60_000)
    expect(await it.send(headers(1, CONNECT))).toEqual(['HEADERS 1 :status=200', 'DATA 1 end last words'])
    expect(closed).toEqual([null])
    it.connection.gracefulShutdown()
    await it.send(data(1, 'unread'), frames.ping('hypersd\x03', true))
    await it.after(1_000)
    expect([it.end, it.connection.machine.unconsumed]).toEqual([null, 0])
    expect(await it.after(2_000)).toEqual(['RST_STREAM 1 NO_ERROR'])
    it.io.feedEnd()
    await it.written()
    expect(it.end).toMatchObject({ error: null })
  })

  test('row 195: a tunnel gives credit for what was delivered, once', async () => {
    let resume = (): void => {}
    const it = await served(
      async (_request, exchange) => {
        const tunnel = exchange.upgrade()
        void tunnel.then(({ io }) => {
          io.start({
            onData: () => false,
            onEnd: () => {},
            onDrain: () => {},
            onWriteError: () => {},
            onClose: () => {},
          })
          io.pause()
          resume = () => io.resume()
        })
        await Promise.resolve()
        return new HttpResponse()
      },
      { initialStreamWindowSize: 1_000, initialConnectionWindowSize: 65_535 },
    )
    // Before the tunnel is open, and after.
    expect(await it.send(headers(1, CONNECT), data(1, 'x'.repeat(400)))).toEqual(['HEADERS 1 :status=200'])
    expect(await it.send(data(1, 'x'.repeat(600)))).toEqual([])
    expect(it.connection.machine.streams.get(1)!.unconsumed).toBe(1_000)
    resume()
    expect(await it.written()).toEqual(['WINDOW_UPDATE 1 +1000'])
  })

  test('row 197: an answer that is no 2xx is an answer', async () => {
    const it = await served(() => new HttpResponse('no', { status: 400 }))
    expect(await it.send(headers(1, CONNECT))).toEqual([
      'HEADERS 1 :status=400 content-length=2',
      'DATA 1 end no',
    ])
  })

  test('row 200: extended CONNECT says what it is for', async () => {
    let protocol: unknown = null
    const it = await served(
      (request, exchange) => {
        protocol = [
          request.method,
          request.target,
          request.headers.get('host'),
          exchange.extensions.get(protocolKey),
        ]
        return new HttpResponse(null, { status: 403 })
      },
      { enableConnectProtocol: true },
    )
    await it.send(
      headers(1, [
        [':method', 'CONNECT'],
        [':protocol', 'websocket'],
        [':scheme', 'http'],
        [':path', '/ws'],
        [':authority', 'a'],
      ]),
    )
    expect(protocol).toEqual(['CONNECT', '/ws', 'a', 'websocket'])
  })
})
