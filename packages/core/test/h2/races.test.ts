import { frames } from '@hyper/testkit'
import { describe, expect, test } from 'vitest'
import { channel } from '../../src/body/index.ts'
import { HttpRequest } from '../../src/http/request.ts'
import { HttpResponse } from '../../src/http/response.ts'
import { Box, dialled, DONE } from './dial-kit.ts'
import { served } from './serve-kit.ts'

// What two ends say at the same time: GOAWAY and new requests, SETTINGS and what is under way, an answer and its upload.

const { data, goAway, request, response, rst, settings, windowUpdate } = frames
const get = (): HttpRequest => new HttpRequest('GET', '/', { headers: { host: 'a' } })

describe('GOAWAY and new requests', () => {
  test('a request that is sent because another one was refused goes elsewhere', async () => {
    const it = await dialled()
    const again: Box[] = []
    const { sender, body } = channel()
    it.request({ method: 'POST', body })
    void sender.closed.then(() => again.push(new Box(it.sender.send(get()))))
    it.sender.onReady = () => {
      if (!it.sender.isClosed) again.push(new Box(it.sender.send(get())))
    }
    await it.receive(goAway(0))
    expect(again.map((box) => box.error.code)).toEqual(['CLOSED'])
    expect(it.end).toMatchObject({ error: null })
  })

  test('a second GOAWAY takes back what the first one has left', async () => {
    const it = await dialled()
    const [first, second, third] = [it.request(), it.request(), it.request()]
    await it.receive(goAway(5))
    expect([first.out, second.out, third.out]).toEqual([null, null, null])
    await it.receive(goAway(1, 'ENHANCE_YOUR_CALM'))
    for (const box of [second, third])
      expect(box.error).toMatchObject({ code: 'GOAWAY', reason: 'ENHANCE_YOUR_CALM', retryable: true })
    await it.receive(DONE(1))
    expect(first.response.status).toBe(200)
    expect(it.end).toMatchObject({ error: null })
  })

  test('GOAWAY and the last answer in one piece', async () => {
    const it = await dialled()
    const [first, second] = [it.request(), it.request()]
    await it.receive(goAway(1), response(1), data(1, 'ok', { endStream: true }))
    expect(await first.response.text()).toBe('ok')
    expect(second.error.code).toBe('GOAWAY')
    expect(it.end).toMatchObject({ error: null })
  })

  test('a request that reaches a server behind its last GOAWAY is not begun', async () => {
    let asked = 0
    const it = await served(() => {
      asked++
      return new HttpResponse()
    })
    it.connection.gracefulShutdown()
    expect(await it.send(request(1), request(3, [], { method: 'POST' }), data(3, 'x'))).toEqual([
      'GOAWAY 0 NO_ERROR',
    ])
    expect(asked).toBe(0)
  })
})

describe('SETTINGS and what is under way', () => {
  test('a window that shrinks below nothing holds the answer back until it is above', async () => {
    const it = await served(() => new HttpResponse('x'.repeat(100)), {})
    await it.send(settings({ initialWindowSize: 60 }))
    expect(await it.send(request(1))).toEqual([
      'HEADERS 1 :status=200 content-length=100',
      `DATA 1 ${'x'.repeat(60)}`,
    ])
    expect(await it.send(settings({ initialWindowSize: 10 }), windowUpdate(1, 50))).toEqual(['SETTINGS ack'])
    expect(await it.send(windowUpdate(1, 30))).toEqual([`DATA 1 ${'x'.repeat(30)}`])
    expect(await it.send(settings({ initialWindowSize: 20 }))).toEqual([
      'SETTINGS ack',
      `DATA 1 end ${'x'.repeat(10)}`,
    ])
  })

  test('no more streams: those that run are not touched', async () => {
    const it = await dialled()
    const [first, second] = [it.request(), it.request()]
    await it.receive(settings({ maxConcurrentStreams: 0 }))
    const third = it.request()
    await it.receive(DONE(1), DONE(3))
    expect([first.response.status, second.response.status]).toEqual([200, 200])
    expect(third.error).toMatchObject({ code: 'NOT_READY', retryable: true })
    expect([it.sender.isReady, it.sender.isClosed]).toEqual([false, false])
    await it.receive(settings({ maxConcurrentStreams: 1 }))
    expect(it.sender.capacity).toBe(1)
  })

  test('no table any more: fields are said in full from the next head on', async () => {
    const it = await served(() => new HttpResponse(null, { headers: { 'x-a': 'b' } }))
    await it.send(request(1), request(3))
    await it.send(settings({ headerTableSize: 0 }))
    expect(await it.send(request(5), settings({ headerTableSize: 4_096 }), request(7))).toEqual([
      'HEADERS 5 end :status=200 x-a=b',
      'SETTINGS ack',
      'HEADERS 7 end :status=200 x-a=b',
    ])
  })
})

describe('an answer and its upload', () => {
  test('the answer is complete first: what comes is dropped, then the client is told to stop', async () => {
    const it = await served(() => new HttpResponse('no'))
    await it.send(request(1, [], { method: 'POST' }))
    const lines: string[] = []
    for (let frame = 0; frame < 5; frame++) lines.push(...(await it.send(data(1, new Uint8Array(16_384)))))
    expect(lines.filter((line) => line.includes(' 1 '))).toEqual(['RST_STREAM 1 NO_ERROR'])
    expect(await it.send(data(1, 'late'), request(3))).toContain('HEADERS 3 :status=200 content-length=2')
    expect(it.connection.machine.unconsumed).toBe(0)
  })

  test('a client that is told to stop keeps its answer, in any order of the frames', async () => {
    const parts = [response(1), data(1, 'ok'), data(1, '', { endStream: true }), rst(1, 'NO_ERROR')]
    for (let cut = 1; cut < parts.length; cut++) {
      const it = await dialled({}, settings({ initialWindowSize: 3 }))
      const { sender, body } = channel()
      const box = it.request({ method: 'POST', body })
      void sender.send('more than fits')
      await it.written()
      await it.receive(...parts.slice(0, cut))
      await it.receive(...parts.slice(cut))
      expect(await box.response.text()).toBe('ok')
      await expect(sender.send('x')).rejects.toMatchObject({ code: 'STREAM_RESET', phase: 'write' })
      expect(it.connection.machine.streams.size).toBe(0)
    }
  })
})

describe('answers that have no content, and data all the same', () => {
  test.each([
    ['HEAD', '200'],
    ['GET', '204'],
    ['GET', '304'],
  ])('%s %s: that exchange fails, and no other', async (method, status) => {
    const it = await dialled()
    const [odd, other] = [it.request({ method }), it.request()]
    const head = frames.headers(1, [
      [':status', status],
      ['content-length', '5'],
    ])
    expect(await it.receive(head, data(1, 'hello', { endStream: true }))).toContain(
      'RST_STREAM 1 PROTOCOL_ERROR',
    )
    await expect(odd.response.text()).rejects.toMatchObject({ code: 'STREAM_RESET', phase: 'body' })
    await it.receive(DONE(3))
    expect(other.response.status).toBe(200)
    expect(it.end).toBe(null)
  })

  test('a server sends none of it, and cancels what it was given', async () => {
    for (const [method, status] of [
      ['HEAD', 200],
      ['GET', 204],
      ['GET', 304],
    ] as const) {
      const { sender, body } = channel()
      const answers = [new HttpResponse('hello', { status }), new HttpResponse(body, { status })]
      const it = await served(() => answers.shift()!)
      const length = method === 'HEAD' ? ' content-length=5' : ''
      expect(await it.send(request(1, [], { method }))).toEqual([`HEADERS 1 end :status=${status}${length}`])
      expect(await it.send(request(3, [], { method }))).toEqual([`HEADERS 3 end :status=${status}`])
      await expect(sender.send('x')).rejects.toMatchObject({ code: 'CANCELED' })
    }
  })
})
