// Timeouts, half-close, shutdown, and the end of the transport: rows 110 to 124. Over a MockIo, in virtual time.

import { describe, expect, test } from 'vitest'
import { MockIo, VirtualRuntime } from '@hyper/testkit'
import { handshake } from '../../src/h1/index.ts'
import { channel } from '../../src/body/index.ts'
import { HttpRequest } from '../../src/http/request.ts'
import { HttpResponse } from '../../src/http/response.ts'
import { connected, deferred, slowService } from '../h1/connected.ts'
import { get, OK, OK_CLOSE, post, refusal } from '../h1/wire.ts'

const INFORMED = 'HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok'

describe('timeouts', () => {
  test('row 110: before the first byte the clock runs from the start; the end is silent', async () => {
    const it = connected()
    expect(await it.after(9_999)).toBe('')
    expect(it.io.ended).toBe(false)
    expect(await it.after(1)).toBe('')
    expect(it.io.ended).toBe(true)
    it.io.feedEnd()
    await it.written()
    expect([it.code, it.end?.reasons, it.end?.error?.isTimeout()]).toEqual([
      'IDLE_TIMEOUT',
      ['timeout'],
      true,
    ])
    expect(it.runtime.timer.pending).toBe(0)
  })

  test('row 111: a head that drips is cut 30 s after its first byte', async () => {
    const it = connected()
    await it.after(9_000)
    it.io.feed('G')
    for (let second = 1; second < 30; second++) {
      expect(await it.after(1_000)).toBe('')
      it.io.feed('E')
    }
    expect(await it.after(999)).toBe('')
    expect(await it.after(1)).toBe(refusal(408))
    expect(it.io.ended).toBe(true)
    expect(await it.ask(get())).toBe('')
    it.io.feedEnd()
    await it.written()
    expect(it.code).toBe('HEADERS_TIMEOUT')
  })

  test('row 111: the clock begins anew with each request', async () => {
    const it = connected()
    for (let round = 0; round < 3; round++) {
      const [first, ...rest] = get()
      it.io.feed(first!)
      expect(await it.after(29_999)).toBe('')
      expect(await it.ask(rest.join(''))).toBe(OK)
    }
    expect(await it.ask('GET')).toBe('')
    expect(await it.after(30_000)).toBe(refusal(408))
  })

  test('row 112: between requests there is a time of its own, announced; the end is silent', async () => {
    const it = connected()
    expect(await it.ask(get())).toBe(OK)
    expect(await it.after(74_999)).toBe('')
    expect(await it.ask(get())).toBe(OK)
    expect(await it.after(74_999)).toBe('')
    expect(it.io.ended).toBe(false)
    expect(await it.after(1)).toBe('')
    expect(it.io.ended).toBe(true)
    it.io.feedEnd()
    await it.written()
    expect(it.code).toBe('IDLE_TIMEOUT')
  })

  test('row 112: the time counts from the end of the answer', async () => {
    const slow = slowService()
    const it = connected(slow.service)
    await it.ask(get())
    expect(await it.after(500_000)).toBe('')
    slow.answer()
    expect(await it.written()).toBe(OK)
    expect(await it.after(74_999)).toBe('')
    expect(it.io.ended).toBe(false)
    await it.after(1)
    expect(it.io.ended).toBe(true)
  })

  test('row 113: 408 where a head has begun, and only there', async () => {
    for (const [wire, answer] of [
      ['', ''],
      ['\r\n', ''],
      ['\r', ''],
      ['\r\nG', refusal(408)],
      [get().slice(0, -1), refusal(408)],
    ]) {
      const it = connected()
      it.io.feed(wire!)
      expect(await it.after(30_000)).toBe(answer)
      expect(it.io.ended).toBe(true)
    }
  })
})

describe('half-close', () => {
  test('row 114: with halfClose a client that has ended its half gets its answer', async () => {
    const slow = slowService()
    const it = connected(slow.service, { halfClose: true })
    it.io.feed(get())
    it.io.feedEnd()
    expect(await it.after(10_000)).toBe('')
    expect(slow.cancelled).toEqual([])
    slow.answer()
    expect(await it.written()).toBe(OK)
    expect([it.io.ended, it.io.closed, it.code]).toEqual([true, true, ''])
  })

  test('row 114: pipelined requests before the end are answered all', async () => {
    const it = connected(undefined, { halfClose: true })
    it.io.feed(get() + get())
    it.io.feedEnd()
    expect(await it.written()).toBe(OK + OK)
    expect([it.io.closed, it.code]).toEqual([true, ''])
  })

  test('row 115: without it the exchange is cancelled, and the connection ends with an error', async () => {
    const slow = slowService()
    const it = connected(slow.service)
    await it.ask(get())
    it.io.feedEnd()
    expect(await it.written()).toBe('')
    expect(slow.cancelled.map((reason) => reason.code)).toEqual(['CANCELED'])
    expect([it.code, it.io.ended]).toEqual(['CANCELED', true])
    slow.answer()
    expect(await it.written()).toBe('')
  })

  test('row 115: what is answered at once is answered, whatever the end', async () => {
    const it = connected()
    it.io.feed(get())
    it.io.feedEnd()
    expect(await it.written()).toBe(OK)
    expect([it.code, it.io.closed]).toEqual(['', true])
  })

  test('row 115: a lost transport cancels with either setting', async () => {
    for (const halfClose of [false, true]) {
      const slow = slowService()
      const it = connected(slow.service, { halfClose })
      await it.ask(get())
      it.io.feedClose(new Error('reset'))
      await it.written()
      expect(slow.cancelled.map((reason) => reason.code)).toEqual(['IO'])
      expect(it.code).toBe('IO')
    }
  })
})

describe('graceful shutdown', () => {
  test('row 116: before any byte the connection ends at once', async () => {
    for (const wire of ['', '\r\n']) {
      const it = connected()
      it.io.feed(wire)
      it.connection.gracefulShutdown()
      expect(it.io.ended).toBe(true)
      it.io.feedEnd()
      expect(await it.written()).toBe('')
      expect([it.code, it.end?.reasons]).toEqual(['', ['keep-alive-off']])
    }
  })

  test('row 116: without an end from the client it is let go after the linger time', async () => {
    const it = connected()
    it.connection.gracefulShutdown()
    await it.after(1_999)
    expect([it.io.released, it.code]).toEqual([false, null])
    await it.after(1)
    expect([it.io.released, it.code]).toEqual([true, ''])
  })

  test('row 117: inside a head the request is completed, and answered with close', async () => {
    const it = connected()
    await it.ask(get().slice(0, 10))
    it.connection.gracefulShutdown()
    expect(await it.written()).toBe('')
    expect(it.io.ended).toBe(false)
    expect(await it.ask(get().slice(10) + get())).toBe(OK_CLOSE)
    expect(it.io.ended).toBe(true)
  })

  test('row 117: so is one that is being answered', async () => {
    const slow = slowService()
    const it = connected(slow.service)
    await it.ask(get() + get())
    it.connection.gracefulShutdown()
    slow.answer()
    expect(await it.written()).toBe(OK_CLOSE)
    expect([slow.calls, it.io.ended]).toEqual([1, true])
  })

  test('row 118: between requests the connection ends at once', async () => {
    const it = connected()
    expect(await it.ask(get())).toBe(OK)
    it.connection.gracefulShutdown()
    expect(it.io.ended).toBe(true)
    it.io.feedEnd()
    await it.written()
    expect([it.code, it.io.closed]).toEqual(['', true])
  })

  test('row 119: after an upgrade it does nothing', async () => {
    const parts = deferred<string>()
    const it = connected((_request, exchange) => {
      void exchange.upgrade().then(({ leftover }) => parts.resolve(`${leftover.length}`))
      return new HttpResponse(null, { status: 101, headers: { connection: 'upgrade', upgrade: 'echo' } })
    })
    const answer = await it.ask(`${get('connection: upgrade', 'upgrade: echo')}raw`)
    expect(answer).toBe('HTTP/1.1 101 Switching Protocols\r\nupgrade: echo\r\nconnection: upgrade\r\n\r\n')
    expect(await parts.promise).toBe('3')
    const calls = [...it.io.calls]
    it.connection.gracefulShutdown()
    expect(await it.after(1_000_000)).toBe('')
    expect(it.io.calls).toEqual(calls)
    expect(it.end).toMatchObject({ error: null, reasons: ['switched'] })
  })
})

describe('writing', () => {
  test('row 120: our half is not ended while the transport holds our bytes', async () => {
    const it = connected(
      () => new HttpResponse(new Uint8Array(200_000).fill(120), { headers: { connection: 'close' } }),
    )
    it.io.hold()
    it.io.feed(get())
    await it.written()
    it.io.drain()
    const rest = await it.written()
    expect(rest.length).toBeLessThan(200_001)
    expect(it.io.ended).toBe(true)
    expect(it.io.calls.filter((call) => call === 'end')).toHaveLength(1)
    expect(it.io.aborted).toBe(false)
  })

  test('row 120: every byte is handed over before the end', async () => {
    const body = channel({ capacity: 1 })
    const it = connected(() => new HttpResponse(body.body, { headers: { connection: 'close' } }))
    await it.ask(get())
    it.io.hold()
    await body.sender.send(new Uint8Array(70_000).fill(120))
    await it.runtime.settle()
    void body.sender.send(new Uint8Array(5).fill(121)).then(() => body.sender.end())
    await it.runtime.settle()
    expect(it.io.ended).toBe(false)
    for (let i = 0; i < 4 && !it.io.ended; i++) {
      it.io.drain()
      await it.runtime.settle()
    }
    expect(it.io.ended).toBe(true)
    expect(it.io.take()).toMatch(/yyyyy\r\n0\r\n\r\n$/u)
  })

  test('row 121: the end of a body leaves in the turn in which it was sent', async () => {
    const body = channel({ capacity: 4 })
    const it = connected(() => new HttpResponse(body.body), { keepAliveHint: false })
    await it.ask(get())
    await body.sender.send('x')
    body.sender.end()
    expect(await it.written()).toBe('1\r\nx\r\n0\r\n\r\n')
    expect([it.runtime.pendingTasks, it.connection.isIdle]).toEqual([0, true])
  })

  test('row 122: a transport that was full goes on when it drains', async () => {
    const body = channel({ capacity: 1 })
    const it = connected(() => new HttpResponse(body.body), { keepAliveHint: false })
    await it.ask(get())
    it.io.hold()
    let sent = 0
    void (async () => {
      for (; sent < 8; sent++) await body.sender.send(new Uint8Array(70_000).fill(120))
      body.sender.end()
    })()
    await it.runtime.settle()
    expect(sent).toBeLessThan(4)
    for (let turn = 0; turn < 50 && sent < 8; turn++) {
      it.io.drain()
      it.io.hold()
      await it.runtime.settle()
    }
    it.io.drain()
    expect((await it.written()).endsWith('0\r\n\r\n')).toBe(true)
    expect(sent).toBe(8)
  })

  test('row 122: what it does not take in time costs the connection', async () => {
    for (const size of [2, 70_000]) {
      const it = connected(() => new HttpResponse('x'.repeat(size)))
      it.io.hold()
      it.io.feed(get())
      await it.after(29_999)
      expect([it.io.aborted, it.code]).toEqual([false, null])
      await it.after(1)
      expect([it.io.aborted, it.code]).toEqual([true, 'SEND_TIMEOUT'])
    }
  })

  test('row 122: so it does after the last answer, and after the client has ended its half', async () => {
    for (const [wire, end] of [
      [get('connection: close'), false],
      [get('connection: close'), true],
      [get(), true],
    ] as const) {
      const it = connected()
      it.io.hold()
      it.io.feed(wire)
      if (end) it.io.feedEnd()
      await it.after(29_999)
      expect([it.io.aborted, it.code]).toEqual([false, null])
      await it.after(1)
      expect([it.io.aborted, it.code, it.runtime.timer.pending]).toEqual([true, 'SEND_TIMEOUT', 0])
    }
  })

  test('row 122: so it does where an idle connection has less time: one that takes an answer is not idle', async () => {
    const it = connected(undefined, { keepAliveTimeout: 10_000, headerReadTimeout: 5_000 })
    it.io.hold()
    it.io.feed(get())
    it.io.feed('GET /ne')
    await it.after(29_999)
    expect([it.io.ended, it.io.aborted, it.code]).toEqual([false, false, null])
    await it.after(1)
    expect([it.io.aborted, it.code, it.runtime.timer.pending]).toEqual([true, 'SEND_TIMEOUT', 0])
  })

  test('row 112: idle time begins when the transport has the answer', async () => {
    for (const wire of [get(), `${get()}GE`]) {
      const it = connected(undefined, { keepAliveTimeout: 10_000, headerReadTimeout: 10_000 })
      it.io.hold()
      it.io.feed(wire)
      await it.after(9_000)
      it.io.drain()
      await it.after(9_999)
      expect([it.io.ended, it.code]).toEqual([false, null])
      await it.after(1)
      expect(it.io.ended).toBe(true)
    }
  })

  test('row 122: so it does where the rest of a request that was answered is malformed', async () => {
    const it = connected()
    it.io.hold()
    it.io.feed('POST / HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\n\r\n')
    await it.after(1_000)
    it.io.feed('zz\r\n')
    await it.after(29_999)
    expect(it.io.aborted).toBe(false)
    await it.after(1)
    expect([it.io.aborted, it.runtime.timer.pending]).toEqual([true, 0])
  })

  test('row 122: so does a streamed body', async () => {
    const body = channel({ capacity: 1 })
    const it = connected(() => new HttpResponse(body.body))
    await it.ask(get())
    it.io.hold()
    void body.sender.send(new Uint8Array(70_000)).catch(() => undefined)
    await it.after(30_000)
    expect([it.io.aborted, it.code]).toEqual([true, 'SEND_TIMEOUT'])
  })
})

describe('the end of the transport', () => {
  test('row 123: a server that half-closes while a request body is open does not make us spin', async () => {
    const io = new MockIo()
    const runtime = new VirtualRuntime()
    const { sender, connection } = handshake(io, { runtime })
    const body = channel({ capacity: 1 })
    const failed = sender
      .send(new HttpRequest('POST', '/', { headers: { host: 'a' }, body: body.body }))
      .catch((error: { code: string }) => error.code)
    await runtime.settle()
    const before = io.writes.length
    io.feedEnd()
    await runtime.settle()
    expect(io.writes.length - before).toBeLessThan(2)
    expect(await failed).toBe('INCOMPLETE_MESSAGE')
    expect([connection.isClosed, io.aborted, runtime.pendingTasks, runtime.timer.pending]).toEqual([
      true,
      true,
      0,
      0,
    ])
  })

  test('row 123: nor does a client that half-closes inside its request', async () => {
    for (const halfClose of [false, true]) {
      const it = connected(async (request) => new HttpResponse(await request.text()), { halfClose })
      it.io.feed(post(['content-length: 5'], 'he'))
      it.io.feedEnd()
      expect(await it.written()).toBe('')
      expect([it.code, it.io.closed, it.runtime.pendingTasks]).toEqual(['INCOMPLETE_MESSAGE', true, 0])
    }
  })

  test('row 124: a connection that has ended neither reads nor writes', async () => {
    const slow = slowService()
    const it = connected(slow.service)
    await it.ask(get())
    it.connection.abort()
    slow.answer()
    it.connection.onData(new Uint8Array([71]))
    it.connection.onEnd()
    it.connection.onDrain()
    it.connection.gracefulShutdown()
    expect(await it.after(1_000_000)).toBe('')
    expect([it.io.aborted, it.code, slow.calls, it.runtime.timer.pending]).toEqual([true, 'CANCELED', 1, 0])
  })

  test('row 124: an end between requests is clean', async () => {
    const it = connected(undefined, { keepAliveHint: false })
    expect(await it.ask(get())).toBe(INFORMED)
    it.io.feedEnd()
    expect(await it.written()).toBe('')
    expect([it.code, it.io.closed, it.end?.reasons]).toEqual(['', true, ['eof']])
  })
})
