import { frames } from '@hyper/testkit'
import { describe, expect, test } from 'vitest'
import { channel, withTrailers, Body } from '../../src/body/index.ts'
import { upgraded } from '../../src/drive/upgraded.ts'
import { HeaderMap } from '../../src/http/header-map.ts'
import { HttpRequest } from '../../src/http/request.ts'
import type { IoSink } from '../../src/rt/index.ts'
import { DONE, dialled } from './dial-kit.ts'

// A client's driver: requests and responses over HTTP/2, many at once. Rows 181 to 250 of the parity checklist that a
// caller sees.

const { data, goAway, headers, response, rst, settings, windowUpdate } = frames

test('row 173: ten requests at once, answered in any order', async () => {
  const it = await dialled()
  const boxes = Array.from({ length: 10 }, () => it.request())
  expect(await it.written()).toHaveLength(10)
  for (const i of [3, 9, 0, 1, 8, 2, 7, 4, 6, 5])
    await it.receive(response(2 * i + 1, 400 + i), data(2 * i + 1, `${i}`, { endStream: true }))
  for (const [i, box] of boxes.entries()) {
    const answer = box.response
    expect([answer.status, await answer.text()]).toEqual([400 + i, `${i}`])
  }
  it.connection.gracefulShutdown()
  await it.written()
  expect(it.end).toMatchObject({ error: null })
})

test('rows 204, 205: the target’s parts', async () => {
  const it = await dialled()
  it.request({ target: 'https://b:1/x?y', headers: {} })
  it.request({ target: 'http://b', headers: {} })
  it.request({ target: 'http://b', headers: {}, method: 'OPTIONS' })
  it.request({ target: '/z', headers: { host: 'c' } }, { scheme: 'https' })
  it.request({ target: '/z', headers: {} })
  expect(await it.written()).toEqual([
    'HEADERS 1 end :method=GET :scheme=https :authority=b:1 :path=/x?y',
    'HEADERS 3 end :method=GET :scheme=http :authority=b :path=/',
    'HEADERS 5 end :method=OPTIONS :scheme=http :authority=b :path=*',
    'HEADERS 7 end :method=GET :scheme=https :authority=c :path=/z',
    'HEADERS 9 end :method=GET :scheme=http :path=/z',
  ])
})

describe('row 181: a response before the request is complete', () => {
  test('the response is whole, and RST_STREAM NO_ERROR is no failure of it', async () => {
    const it = await dialled()
    const { sender, body } = channel()
    const box = it.request({ method: 'POST', body })
    await it.receive(
      response(1),
      data(1, 'ok'),
      headers(1, [['sum', '1']], { endStream: true }),
      rst(1, 'NO_ERROR'),
    )
    const answer = box.response
    expect(await answer.text()).toBe('ok')
    expect((await answer.trailers)!.get('sum')).toBe('1')
    await expect(sender.send('more')).rejects.toMatchObject({})
    expect(it.connection.machine.streams.size).toBe(0)
    expect(it.end).toBe(null)
  })

  test('the request goes on when the server lets it', async () => {
    const it = await dialled()
    const { sender, body } = channel()
    const box = it.request({ method: 'POST', body })
    await it.receive(DONE(1))
    expect(box.isAnswered).toBe(true)
    void sender.send('late')
    expect(await it.written()).toEqual(['DATA 1 late'])
    sender.end()
    expect(await it.written()).toEqual(['DATA 1 end'])
    expect(it.connection.machine.streams.size).toBe(0)
  })

  test('and its end is noticed when the last of it leaves', async () => {
    const it = await dialled({}, settings({ initialWindowSize: 0, maxConcurrentStreams: 1 }))
    it.request({ method: 'POST', body: 'hello' })
    await it.receive(DONE(1))
    expect(it.sender.isReady).toBe(false)
    let isReady = false
    void it.sender.ready().then(() => (isReady = true))
    expect(await it.receive(windowUpdate(1, 5))).toEqual(['DATA 1 end hello'])
    expect(it.sender.isReady).toBe(true)
    expect(isReady).toBe(true)
    it.connection.gracefulShutdown()
    await it.written()
    expect(it.end).toMatchObject({ error: null })
  })
})

test('row 183: open streams fail with the ping, and nothing is sent after it', async () => {
  const it = await dialled({ keepAliveInterval: 1_000, keepAliveTimeout: 100 })
  const box = it.request()
  await it.after(1_000)
  await it.after(100)
  expect(box.out).toMatchObject({ code: 'PING_TIMEOUT' })
  expect(it.sender.isClosed).toBe(true)
  expect(it.end!.error!.isTimeout()).toBe(true)
})

test('row 186: GOAWAY closes the sender; what is under way finishes', async () => {
  const it = await dialled()
  const first = it.request()
  const second = it.request()
  await it.receive(goAway(1))
  expect(it.sender.isClosed).toBe(true)
  expect(second.out).toMatchObject({ code: 'GOAWAY', retryable: true, reason: 'NO_ERROR' })
  const late = it.request()
  await it.written()
  expect(late.out).toMatchObject({ code: 'CLOSED', retryable: true })
  await it.receive(DONE(1))
  expect(first.isAnswered).toBe(true)
  expect(it.end).toMatchObject({ error: null })
  await expect(it.sender.ready()).rejects.toMatchObject({ code: 'CLOSED' })
})

test('the last id there is: the connection ends with its answer', async () => {
  const it = await dialled()
  it.connection.machine.nextId = 2_147_483_645
  const boxes = [it.request(), it.request(), it.request()]
  expect(await it.written()).toEqual([
    'HEADERS 2147483645 end :method=GET :scheme=http :authority=a :path=/',
    'HEADERS 2147483647 end :method=GET :scheme=http :authority=a :path=/',
    'GOAWAY 0 NO_ERROR',
  ])
  expect(boxes[2]!.error).toMatchObject({ code: 'CLOSED', retryable: true })
  expect(it.sender.isClosed).toBe(true)
  await it.receive(DONE(2_147_483_645), DONE(2_147_483_647))
  expect(boxes.slice(0, 2).map((box) => box.response.status)).toEqual([200, 200])
  expect(it.end).toMatchObject({ error: null })
})

test('row 227: nothing is queued, so that nothing of a queue is left after GOAWAY', async () => {
  const it = await dialled({}, settings({ maxConcurrentStreams: 1 }))
  const running = it.request()
  const over = it.request()
  await it.written()
  expect(over.out).toMatchObject({ code: 'NOT_READY' })
  await it.receive(goAway(1), DONE(1))
  expect(running.isAnswered).toBe(true)
  expect(it.connection.machine.streams.size).toBe(0)
  expect(it.end).toMatchObject({ error: null })
})

test('row 252: a transport that takes no more ends what is under way', async () => {
  const it = await dialled()
  const box = it.request()
  await it.written()
  it.io.failWrites()
  it.io.feedClose(new Error('gone'))
  await it.written()
  expect(box.out).toMatchObject({ code: 'IO' })
  expect(it.runtime.timer.pending).toBe(0)
})

test('row 187: a graceful end keeps the connection until the bodies are read', async () => {
  const it = await dialled()
  const box = it.request()
  it.connection.gracefulShutdown()
  await it.written()
  expect(it.sender.isClosed).toBe(true)
  await it.receive(response(1), data(1, 'slow'))
  expect(it.end).toBe(null)
  await it.receive(data(1, '!', { endStream: true }))
  expect(await box.response.text()).toBe('slow!')
  expect(it.end).toMatchObject({ error: null })
})

test('row 187: and ends with the last of a request, or when that is given up', async () => {
  for (const last of ['end', 'abort'] as const) {
    const it = await dialled()
    const { sender, body } = channel()
    it.request({ method: 'POST', body })
    await it.receive(DONE(1))
    it.connection.gracefulShutdown()
    await it.written()
    expect(it.end).toBe(null)
    sender[last]()
    await it.written()
    expect(it.end).toMatchObject({ error: null })
  }
})

describe('row 188: giving up', () => {
  test('by a signal, before the head: RST_STREAM CANCEL, and the body is stopped', async () => {
    const it = await dialled()
    const { sender, body } = channel()
    const controller = new AbortController()
    const box = it.request({ method: 'POST', body }, { signal: controller.signal })
    await it.written()
    controller.abort()
    expect(await it.written()).toEqual(['RST_STREAM 1 CANCEL'])
    expect(box.out).toMatchObject({ code: 'CANCELED' })
    await expect(sender.send('x')).rejects.toMatchObject({})
    const next = it.request()
    await it.receive(DONE(3))
    expect(next.isAnswered).toBe(true)
  })

  test('by the reader of the response', async () => {
    const it = await dialled()
    const box = it.request()
    await it.receive(response(1), data(1, 'abc'))
    box.response.body.cancel()
    expect(await it.written()).toEqual(['RST_STREAM 1 CANCEL'])
    expect(it.connection.machine.unconsumed).toBe(0)
    expect(await it.receive(data(1, 'late', { endStream: true }))).toEqual([])
  })

  test('by a body that fails', async () => {
    const it = await dialled()
    const { sender, body } = channel()
    const box = it.request({ method: 'POST', body })
    sender.abort(new Error('no'))
    expect((await it.written()).at(-1)).toBe('RST_STREAM 1 INTERNAL_ERROR')
    expect(box.out).toMatchObject({ code: 'BODY_WRITE_ABORTED' })
  })
})

describe('rows 190, 223, 225: more requests than the server takes', () => {
  test('are refused at once, and may be tried when one is done', async () => {
    const it = await dialled({}, settings({ maxConcurrentStreams: 1 }))
    let called = 0
    it.sender.onReady = () => called++
    it.request()
    const over = it.request()
    await it.written()
    expect(over.out).toMatchObject({ code: 'NOT_READY', retryable: true })
    expect([it.sender.capacity, it.sender.isReady, it.sender.isClosed]).toEqual([0, false, false])
    let isReady = false
    void it.sender.ready().then(() => (isReady = true))
    await it.written()
    expect(isReady).toBe(false)
    await it.receive(DONE(1))
    expect(isReady).toBe(true)
    expect(called).toBeGreaterThan(0)
    expect(it.sender.capacity).toBe(1)
  })

  test('row 225: who waits hears of the end', async () => {
    const it = await dialled({}, settings({ maxConcurrentStreams: 0 }))
    const waiting = it.sender.ready()
    waiting.catch(() => {})
    it.io.feedClose(new Error('gone'))
    await it.written()
    await expect(waiting).rejects.toMatchObject({ code: 'CLOSED' })
  })

  test('row 231: 500 requests through four places', async () => {
    const it = await dialled({}, settings({ maxConcurrentStreams: 4 }))
    let done = 0
    const worker = async (): Promise<void> => {
      while (done < 500) {
        await it.sender.ready()
        if (done >= 500) return
        if (!it.sender.isReady) continue
        const answer = await it.sender.send(new HttpRequest('GET', '/', { headers: { host: 'a' } }))
        expect(answer.status).toBe(200)
        done++
      }
    }
    const workers = Promise.all(Array.from({ length: 8 }, worker))
    for (let lines = await it.written(); lines.length > 0;) {
      const asked = lines.map((line) => Number(line.split(' ')[1]))
      expect(it.connection.machine.ownStreams).toBeLessThanOrEqual(4)
      lines = await it.receive(...asked.reverse().map(DONE))
    }
    await workers
    expect(done).toBeGreaterThanOrEqual(500)
    expect(it.connection.machine.streams.size).toBe(0)
  })
})

test('rows 248, 249: a server that is gone', async () => {
  for (const error of [null, new Error('reset')]) {
    const it = await dialled()
    const box = it.request()
    it.io.feedClose(error)
    await it.written()
    expect(box.out).toMatchObject({ code: error === null ? 'CLOSED' : 'IO' })
    const later = it.request()
    await it.written()
    expect(later.out).toMatchObject({ code: 'CLOSED', retryable: true })
  }
  const ended = await dialled()
  const box = ended.request()
  ended.io.feedEnd()
  await ended.written()
  expect(box.out).toMatchObject({ code: 'INCOMPLETE_MESSAGE' })
  const clean = await dialled()
  await clean.receive(goAway(0))
  expect(clean.end).toMatchObject({ error: null })
})

test('row 286: interim responses reach the caller on their own', async () => {
  const it = await dialled()
  const seen: [number, string | null][] = []
  const box = it.request({}, { onInformational: (status, fields) => seen.push([status, fields.get('link')]) })
  await it.receive(response(1, 100), response(1, 103, [['link', 'x']]), DONE(1))
  expect(seen).toEqual([
    [100, null],
    [103, 'x'],
  ])
  expect(box.response.status).toBe(200)
})

test('row 221: trailers of a request, behind a body and alone', async () => {
  const it = await dialled()
  const trailers = new HeaderMap({ sum: '1' })
  it.request({ method: 'POST', body: withTrailers(Body.from('ok'), trailers) })
  it.request({ method: 'POST', body: withTrailers(Body.from(''), trailers) })
  const lines = await it.written()
  expect(lines.filter((line) => line.includes(' 1 ') && !line.includes(':method'))).toEqual([
    'DATA 1 ok',
    'HEADERS 1 end sum=1',
  ])
  expect(lines.filter((line) => line.includes(' 3 ') && !line.includes(':method'))).toEqual([
    'HEADERS 3 end sum=1',
  ])
})

test('a head in its time, and a time of its own for one request', async () => {
  const it = await dialled({ headersTimeout: 10_000 })
  const usual = it.request()
  const hasty = it.request({}, { headersTimeout: 2_000 })
  const patient = it.request({}, { headersTimeout: 0 })
  await it.written()
  await it.after(3_000)
  expect(hasty.out).toMatchObject({ code: 'HEADERS_TIMEOUT' })
  expect([usual.out, patient.out]).toEqual([null, null])
  await it.after(9_000)
  expect(usual.out).toMatchObject({ code: 'HEADERS_TIMEOUT' })
  await it.after(100_000)
  expect(patient.out).toBe(null)
})

describe('tunnels', () => {
  const quiet = (over: Partial<IoSink> = {}): IoSink => ({
    onData: () => false,
    onEnd: () => {},
    onDrain: () => {},
    onWriteError: () => {},
    onClose: () => {},
    ...over,
  })

  test('rows 192, 195, 196: both ways, with credit, and shut down while it waits for it', async () => {
    const it = await dialled({}, settings({ initialWindowSize: 5 }))
    const box = it.request({ method: 'CONNECT', target: 'b:1', headers: {} })
    expect(await it.written()).toEqual(['HEADERS 1 :method=CONNECT :authority=b:1'])
    await it.receive(response(1))
    const { io } = await upgraded(box.response)
    const got: string[] = []
    io.start(
      quiet({
        onData: (chunk) => (got.push(Buffer.from(chunk).toString()), false),
        onEnd: () => got.push('end'),
      }),
    )
    io.write(new TextEncoder().encode('1234567'))
    expect(await it.written()).toEqual(['DATA 1 12345'])
    io.end()
    expect(await it.receive(data(1, 'hi'), data(1), data(1, '!', { endStream: true }))).toEqual([])
    expect(got).toEqual(['hi', '!', 'end'])
    expect(await it.receive(windowUpdate(1, 5))).toEqual(['DATA 1 end 67'])
  })

  test('row 198: with its last tunnel a connection can end', async () => {
    const it = await dialled()
    const box = it.request({ method: 'CONNECT', target: 'b:1', headers: {} })
    await it.receive(response(1))
    const { io } = await upgraded(box.response)
    io.start(quiet())
    it.connection.gracefulShutdown()
    await it.written()
    expect(it.end).toBe(null)
    io.end()
    await it.receive(data(1, '', { endStream: true }))
    expect(it.end).toMatchObject({ error: null })
  })

  test('a tunnel that its owner closes is told to stop when the server does not', async () => {
    const it = await dialled()
    const box = it.request({ method: 'CONNECT', target: 'b:1', headers: {} })
    await it.receive(response(1))
    const { io } = await upgraded(box.response)
    io.start(quiet())
    io.write('last words')
    io.close()
    expect(await it.written()).toEqual(['DATA 1 end last words'])
    it.connection.gracefulShutdown()
    await it.receive(data(1, 'unread'))
    await it.after(1_000)
    expect([it.end, it.connection.machine.unconsumed]).toEqual([null, 0])
    expect(await it.after(2_000)).toEqual(['RST_STREAM 1 CANCEL'])
    expect(it.end).toMatchObject({ error: null })
  })

  test('row 194: a large body through a tunnel, piece by piece', async () => {
    const it = await dialled({ initialStreamWindowSize: 65_535, initialConnectionWindowSize: 65_535 })
    const box = it.request({ method: 'CONNECT', target: 'b:1', headers: {} })
    await it.receive(response(1))
    const { io } = await upgraded(box.response)
    let got = 0
    io.start(quiet({ onData: (chunk) => ((got += chunk.length), false) }))
    for (let piece = 0; piece < 100; piece++) await it.receive(data(1, new Uint8Array(16_384)))
    expect(got).toBe(100 * 16_384)
    let sent = 0
    it.log.onFrame = (frame) => {
      if (frame.kind === 0 && frame.isFirst) sent += frame.length
    }
    io.write(new Uint8Array(1_000_000))
    await it.receive(windowUpdate(0, 2_000_000))
    for (let credit = 0; credit < 10; credit++) await it.receive(windowUpdate(1, 100_000))
    expect(sent).toBe(1_000_000)
  })

  test('row 197: a refusal is a response', async () => {
    const it = await dialled()
    const box = it.request({ method: 'CONNECT', target: 'b:1', headers: {} })
    await it.receive(response(1, 400), data(1, 'no', { endStream: true }))
    expect(box.response.status).toBe(400)
    expect(await box.response.text()).toBe('no')
    await expect(upgraded(box.response)).rejects.toMatchObject({ code: 'NO_UPGRADE' })
  })

  test('row 193: eighty tunnels, a third of them reset at each phase', async () => {
    const it = await dialled()
    const boxes = Array.from({ length: 80 }, (_, i) =>
      it.request({ method: 'CONNECT', target: `b:${i + 1}`, headers: {} }),
    )
    await it.written()
    const closed: string[] = []
    const echoed: number[] = []
    for (const [i, box] of boxes.entries()) {
      const id = 2 * i + 1
      if (i % 3 === 0) {
        await it.receive(rst(id, 'CANCEL'))
        expect(box.out).toMatchObject({ code: 'STREAM_RESET', reason: 'CANCEL' })
        continue
      }
      await it.receive(response(id))
      const { io } = await upgraded(box.response)
      io.start(
        quiet({
          onData: () => (echoed.push(i), false),
          onClose: (error) => closed.push((error as { reason?: string } | null)?.reason ?? 'clean'),
        }),
      )
      if (i % 3 === 1) await it.receive(rst(id, 'CANCEL'))
      else {
        io.end()
        await it.receive(data(id, 'x', { endStream: true }))
      }
    }
    expect(closed.filter((reason) => reason === 'CANCEL')).toHaveLength(27)
    expect(closed.filter((reason) => reason === 'clean')).toHaveLength(26)
    expect(echoed).toHaveLength(26)
    expect(it.connection.machine.streams.size).toBe(0)
  })

  test('row 200: extended CONNECT', async () => {
    const it = await dialled({}, settings({ enableConnectProtocol: 1 }))
    it.request({ method: 'CONNECT', target: '/chat' }, { protocol: 'websocket' })
    expect(await it.written()).toEqual([
      'HEADERS 1 :method=CONNECT :scheme=http :authority=a :path=/chat :protocol=websocket',
    ])
  })
})
