import { frames, type FrameField } from '@hyper/testkit'
import { describe, expect, test } from 'vitest'
import { channel } from '../../src/body/index.ts'
import type { HyperError } from '../../src/error/index.ts'
import { HttpResponse } from '../../src/http/response.ts'
import { served } from './serve-kit.ts'
import { Peer } from './server-kit.ts'

// requestTimeout over HTTP/2: from the head of a request to the end of its answer, stream by stream. They are looked at
// once a second, so each test goes by whole ones. Virtual time.

const { data, headers, request, rst, settings, windowUpdate } = frames

const POST = { method: 'POST' } as const
const T3 = { requestTimeout: 3_000, bodyIdleTimeout: null, bodyMinRate: 0 } as const
const FOREVER = 250_000

describe('the machine', () => {
  test('a request that is not complete: 408, and the rest is not wanted', () => {
    const peer = new Peer(T3)
    peer.send(request(1, [], POST))
    peer.after(2_000)
    peer.send(data(1, 'x'))
    expect(peer.after(999)).toEqual([])
    expect(peer.after(1)).toEqual(['HEADERS 1 end :status=408', 'RST_STREAM 1 NO_ERROR'])
    expect(peer.told()).toEqual(['HEAD 1 POST /', 'DATA 1 x', 'RESET 1 TOTAL_TIMEOUT'])
    expect(peer.machine.error).toMatchObject({ by: 'peer', phase: 'body', statusHint: 408, elapsedMs: 3_000 })
    // What was on its way is late, and no mistake.
    expect(peer.send(data(1, 'y', { endStream: true }))).toEqual([])
  })

  test('a request that is complete and not answered: 503', () => {
    const peer = new Peer(T3)
    peer.send(request(1))
    expect(peer.after(2_999)).toEqual([])
    expect(peer.after(1)).toEqual(['HEADERS 1 end :status=503'])
    expect(peer.told()).toEqual(['HEAD 1 GET /', 'RESET 1 TOTAL_TIMEOUT'])
    expect(peer.machine.error).toMatchObject({ by: 'user', phase: null, statusHint: 503, elapsedMs: 3_000 })
    expect(peer.machine.streams.size).toBe(0)
  })

  test('a body that nobody reads: 503', () => {
    const peer = new Peer({ ...T3, consumes: false })
    peer.send(request(1, [], POST), data(1, 'x'))
    expect(peer.after(3_000)).toEqual(['HEADERS 1 end :status=503', 'RST_STREAM 1 NO_ERROR'])
    expect(peer.machine.error).toMatchObject({ by: 'user', statusHint: 503 })
  })

  test('once the head is out: a reset, whose doing it was', () => {
    const peer = new Peer(T3, settings({ initialWindowSize: 1 }))
    peer.send(request(1), request(3))
    peer.begin(1)
    peer.begin(3)
    peer.machine.sendData(peer.stream(3), new Uint8Array([0x61, 0x62, 0x63]))
    expect(peer.written()).toEqual(['DATA 3 a'])
    peer.after(2_000)
    expect(peer.send(windowUpdate(3, 1))).toEqual(['DATA 3 b'])
    const blamed: unknown[] = []
    peer.machine.handleDeadline(peer.now + 1_000)
    for (let i = 0; i < 2; i++) {
      peer.machine.nextEvent()
      const { by, code, phase, statusHint } = peer.machine.error!
      blamed.push([peer.machine.stream!.id, code, by, phase, statusHint])
    }
    expect(blamed).toEqual([
      [1, 'TOTAL_TIMEOUT', 'user', 'write', 0],
      [3, 'TOTAL_TIMEOUT', 'peer', 'write', 0],
    ])
    expect(peer.written()).toEqual(['RST_STREAM 1 CANCEL', 'RST_STREAM 3 CANCEL'])
  })

  test('each stream has its own', () => {
    const peer = new Peer(T3)
    peer.send(request(1))
    peer.after(1_000)
    peer.send(request(3))
    expect(peer.after(2_000)).toEqual(['HEADERS 1 end :status=503'])
    expect(peer.respond(3)).toEqual(['HEADERS 3 end :status=200'])
    expect(peer.after(FOREVER)).toEqual([])
  })

  test('what was answered has none, whatever the client still sends', () => {
    const peer = new Peer(T3)
    peer.send(request(1, [], POST))
    expect(peer.respond(1)).toEqual(['HEADERS 1 end :status=200'])
    expect(peer.after(FOREVER)).toEqual([])
    peer.send(data(1, 'x', { endStream: true }))
    expect(peer.told().at(-1)).toBe('END 1')
  })

  test.each([undefined, 0, null, Infinity])('%s: off', (requestTimeout) => {
    const peer = new Peer({ requestTimeout })
    peer.send(request(1))
    expect([peer.after(FOREVER), peer.stream(1).dueAt]).toEqual([[], 0])
  })
})

describe('the driver', () => {
  test('the service hears of it once, and what it answers later is dropped', async () => {
    const cancelled: HyperError[] = []
    let answer: (response: HttpResponse) => void = () => {}
    const it = await served((_, exchange) => {
      exchange.onCancel((reason) => cancelled.push(reason))
      return new Promise((resolve) => (answer = resolve))
    }, T3)
    await it.send(request(1))
    expect(await it.after(3_000)).toEqual(['HEADERS 1 end :status=503'])
    expect(cancelled).toMatchObject([{ code: 'TOTAL_TIMEOUT', statusHint: 503 }])
    const late = channel()
    answer(new HttpResponse(late.body))
    expect(await it.written()).toEqual([])
    expect([late.sender.isClosed, cancelled.length, it.runtime.errors]).toEqual([true, 1, []])
    // The connection goes on.
    await it.send(request(3))
    answer(new HttpResponse('ok'))
    expect(await it.written()).toEqual(['HEADERS 3 :status=200 content-length=2', 'DATA 3 end ok'])
  })

  test('the reader of the request, and the source of the answer, are told', async () => {
    const failures: unknown[] = []
    const { body, sender } = channel()
    const it = await served(({ body: incoming, method }) => {
      if (method === 'GET') return new HttpResponse(body)
      return incoming.text().then(
        () => new HttpResponse(),
        (error: unknown) => {
          failures.push(error)
          return new HttpResponse()
        },
      )
    }, T3)
    await it.send(request(1, [], POST), request(3))
    expect(await it.after(3_000)).toEqual([
      'HEADERS 1 end :status=408',
      'RST_STREAM 1 NO_ERROR',
      'RST_STREAM 3 CANCEL',
    ])
    expect(failures).toMatchObject([{ code: 'TOTAL_TIMEOUT', by: 'peer' }])
    expect(sender.isClosed).toBe(true)
  })

  test('while the transport is full, too', async () => {
    const cancelled: string[] = []
    const it = await served(
      (_, exchange) => {
        exchange.onCancel(({ code }) => cancelled.push(code))
        return new Promise<HttpResponse>(() => {})
      },
      { ...T3, sendTimeout: null },
    )
    await it.send(request(1))
    it.io.hold()
    await it.send(frames.ping())
    await it.after(3_000)
    expect(cancelled).toEqual(['TOTAL_TIMEOUT'])
    it.io.drain()
    expect(await it.written()).toEqual(['HEADERS 1 end :status=503'])
  })

  test('a tunnel that is open has none; one that was refused has', async () => {
    const connect: readonly FrameField[] = [
      [':method', 'CONNECT'],
      [':authority', 'a:1'],
    ]
    const { body } = channel()
    let closed: unknown = 'open'
    const it = await served((request, exchange) => {
      if (request.headers.has('refuse')) return new HttpResponse(body, { status: 403 })
      void exchange.upgrade().then(({ io }) =>
        io.start({
          onData: () => false,
          onEnd: () => {},
          onDrain: () => {},
          onWriteError: () => {},
          onClose: (error) => (closed = error),
        }),
      )
      return new HttpResponse()
    }, T3)
    expect(await it.send(headers(1, connect))).toEqual(['HEADERS 1 :status=200'])
    expect(await it.send(headers(3, [...connect, ['refuse', '1']]))).toEqual(['HEADERS 3 :status=403'])
    expect(await it.after(3_000)).toEqual(['RST_STREAM 3 CANCEL'])
    expect(await it.after(FOREVER)).toEqual([])
    expect(closed).toBe('open')
    await it.send(rst(1))
    expect(closed).toMatchObject({ code: 'STREAM_RESET' })
  })
})
