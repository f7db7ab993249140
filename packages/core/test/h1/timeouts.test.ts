// Every timeout on both sides of its time: just before, nothing; then 408, a silent end, or a reset. Virtual time.
// firstByteTimeout, headerReadTimeout, keepAliveTimeout and sendTimeout at their defaults: rows 110 to 113 and 122.

import { MockIo, VirtualRuntime } from '@hyper/testkit'
import { describe, expect, test } from 'vitest'
import {
  handshake,
  type H1ClientOptions,
  type H1ServerOptions,
  type SendOptions,
} from '../../src/h1/index.ts'
import { channel } from '../../src/body/index.ts'
import { HttpRequest } from '../../src/http/request.ts'
import { HttpResponse } from '../../src/http/response.ts'
import { connected, slowService, type Connected } from './connected.ts'
import { get, OK, OK_CLOSE, post, refusal } from './wire.ts'

const OFF = [0, null, Infinity] as const
const FOREVER = 1e12

const reader = async (request: HttpRequest): Promise<HttpResponse> =>
  new HttpResponse(`${(await request.bytes()).length}`)

/** Nothing until then; then `answer` and the end of our half; and what the connection ended with. */
async function expectEnd(it: Connected, ms: number, answer: string, code: string): Promise<void> {
  expect(await it.after(ms - 1)).toBe('')
  expect([it.io.ended, it.code]).toEqual([false, null])
  expect(await it.after(1)).toBe(answer)
  expect(it.io.ended).toBe(true)
  it.io.feedEnd()
  await it.written()
  expect([it.code, it.end?.reasons, it.runtime.timer.pending]).toEqual([code, ['timeout'], 0])
}

describe('a server waits for heads', () => {
  test('firstByteTimeout', async () => {
    await expectEnd(connected(undefined, { firstByteTimeout: 100 }), 100, '', 'IDLE_TIMEOUT')
    for (const firstByteTimeout of OFF) {
      const it = connected(undefined, { firstByteTimeout })
      expect(await it.after(FOREVER)).toBe('')
      expect(it.io.ended).toBe(false)
    }
  })

  test('headerReadTimeout', async () => {
    const it = connected(undefined, { headerReadTimeout: 100 })
    await it.after(5_000)
    it.io.feed('GET / HTTP/1.1\r\n')
    await expectEnd(it, 100, refusal(408), 'HEADERS_TIMEOUT')
    for (const headerReadTimeout of OFF) {
      const endless = connected(undefined, { headerReadTimeout })
      endless.io.feed('G')
      expect(await endless.after(FOREVER)).toBe('')
      expect(await endless.ask(get().slice(1))).toBe(OK)
    }
  })

  test('headerReadTimeout of a pipelined head runs from where it is read', async () => {
    const slow = slowService()
    const it = connected(slow.service, { headerReadTimeout: 100 })
    await it.ask(`${get()}GET / HT`)
    expect(await it.after(50_000)).toBe('')
    slow.answer()
    expect(await it.written()).toBe(OK)
    await expectEnd(it, 100, refusal(408), 'HEADERS_TIMEOUT')
  })

  test('keepAliveTimeout', async () => {
    const it = connected(undefined, { keepAliveTimeout: 100 })
    await it.ask(get())
    await expectEnd(it, 100, '', 'IDLE_TIMEOUT')
    for (const keepAliveTimeout of OFF) {
      const endless = connected(undefined, { keepAliveTimeout })
      await endless.ask(get())
      expect(await endless.after(FOREVER)).toBe('')
      expect(endless.io.ended).toBe(false)
    }
  })

  test('keepAliveTimeout counts from the end of the request, when that comes last', async () => {
    const it = connected(undefined, { keepAliveTimeout: 100, bodyMinRate: 0 })
    expect((await it.ask(post(['content-length: 5'], 'he'))).endsWith('ok')).toBe(true)
    await it.after(1_500)
    await it.ask('llo')
    await expectEnd(it, 100, '', 'IDLE_TIMEOUT')
  })
})

describe('a server waits for bodies', () => {
  const head = post(['content-length: 1000'])

  test('bodyIdleTimeout: silence', async () => {
    for (const bodyIdleTimeout of [undefined, 100]) {
      const it = connected(reader, { bodyIdleTimeout, bodyMinRate: 0 })
      await it.ask(head)
      for (let i = 0; i < 3; i++) {
        expect(await it.after((bodyIdleTimeout ?? 30_000) - 1)).toBe('')
        await it.ask('x')
      }
      await expectEnd(it, bodyIdleTimeout ?? 30_000, refusal(408), 'BODY_TIMEOUT')
    }
    for (const bodyIdleTimeout of OFF) {
      const it = connected(reader, { bodyIdleTimeout, bodyMinRate: 0 })
      await it.ask(head)
      expect(await it.after(FOREVER)).toBe('')
      expect(it.io.ended).toBe(false)
    }
  })

  test('bodyMinRate: too slow on the average, after the time of grace', async () => {
    const silent = connected(reader)
    await silent.ask(head)
    await expectEnd(silent, 5_000, refusal(408), 'BODY_TIMEOUT')
    // 240 bytes buy a second each.
    const it = connected(reader)
    await it.ask(head)
    await it.ask('x'.repeat(240))
    expect(await it.after(5_000)).toBe('')
    await it.ask('x'.repeat(480))
    await expectEnd(it, 3_000, refusal(408), 'BODY_TIMEOUT')
  })

  test('bodyMinRate and its grace, as set', async () => {
    const it = connected(reader, { bodyMinRate: 10, bodyMinRateGrace: 50 })
    await it.ask(head)
    await it.ask('x')
    await expectEnd(it, 150, refusal(408), 'BODY_TIMEOUT')
    const off = connected(reader, { bodyMinRate: 0 })
    await off.ask(head)
    for (let i = 0; i < 10; i++) {
      expect(await off.after(29_999)).toBe('')
      await off.ask('x')
    }
    expect(off.io.ended).toBe(false)
  })

  test('chunks, sizes and trailers included', async () => {
    for (const part of ['', '5', '5\r\nhel', '5\r\nhello\r\n', '0\r\n', '0\r\nsum: 1\r\n']) {
      const it = connected(reader, { bodyMinRate: 0 })
      await it.ask(post(['transfer-encoding: chunked'], part))
      await expectEnd(it, 30_000, refusal(408), 'BODY_TIMEOUT')
    }
  })

  test('the clocks stand still while nobody reads', async () => {
    const slow = slowService()
    const it = connected(slow.service)
    await it.ask(post(['content-length: 1000'], 'x'))
    expect(await it.after(500_000)).toBe('')
    slow.answer()
    expect(await it.written()).toBe(OK)
  })

  test('a body that is dropped is waited for as long as we linger, then the connection ends', async () => {
    for (const lingerTimeout of [undefined, 100]) {
      const it = connected(undefined, { lingerTimeout, lingerSize: 1000 })
      expect(await it.ask(post(['content-length: 10'], 'x'))).toBe(OK)
      await it.after((lingerTimeout ?? 2_000) - 1)
      expect(it.io.ended).toBe(false)
      await it.after(1)
      expect([it.io.ended, it.io.released]).toEqual([true, false])
      await it.after((lingerTimeout ?? 2_000) - 1)
      expect(it.io.released).toBe(false)
      await it.after(1)
      expect([it.io.released, it.code, it.end?.reasons]).toEqual([true, '', ['body-unread']])
    }
  })

  test('after an answer that has begun there is no 408', async () => {
    const body = channel({ capacity: 1 })
    const it = connected((request) => {
      void request.bytes().catch(() => undefined)
      return new HttpResponse(body.body)
    })
    expect((await it.ask(head)).startsWith('HTTP/1.1 200 OK\r\n')).toBe(true)
    expect(await it.after(5_000)).toBe('')
    expect(it.code).toBe('BODY_TIMEOUT')
  })
})

describe('a server ends', () => {
  test('lingerTimeout', async () => {
    for (const lingerTimeout of [undefined, 100, 0]) {
      const it = connected(undefined, { lingerTimeout })
      expect(await it.ask(get('connection: close'))).toBe(OK_CLOSE)
      expect(it.io.ended).toBe(true)
      const ms = lingerTimeout ?? 2_000
      if (ms > 0) await it.after(ms - 1)
      expect(it.io.released).toBe(false)
      await it.after(ms > 0 ? 1 : 0)
      expect([it.io.released, it.io.aborted, it.code, it.runtime.timer.pending]).toEqual([true, false, '', 0])
    }
  })

  test('sendTimeout', async () => {
    const stuck = (options: H1ServerOptions): Connected => {
      const it = connected(undefined, options)
      it.io.hold()
      it.io.feed(get())
      return it
    }
    const it = stuck({ sendTimeout: 100 })
    await it.after(99)
    expect(it.code).toBe(null)
    await it.after(1)
    expect([it.io.aborted, it.code]).toEqual([true, 'SEND_TIMEOUT'])
    for (const sendTimeout of OFF) {
      const endless = stuck({ sendTimeout, keepAliveTimeout: null })
      await endless.after(FOREVER)
      expect([endless.io.aborted, endless.code]).toEqual([false, null])
    }
  })

  test('a transport that drains in time is let alone', async () => {
    const it = connected(undefined, { sendTimeout: 100, keepAliveTimeout: null })
    for (let i = 0; i < 5; i++) {
      it.io.hold()
      it.io.feed(get())
      expect(await it.after(99)).toBe('HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok')
      it.io.drain()
      expect(await it.after(500)).toBe('')
    }
    expect(it.code).toBe(null)
  })
})

describe('a client waits', () => {
  function asking(
    options: H1ClientOptions,
    sending: SendOptions = {},
    method: string = 'GET',
    body: ReturnType<typeof channel>['body'] | null = null,
  ): {
    io: MockIo
    runtime: VirtualRuntime
    result: { response: HttpResponse | null; code: string | null }
    after: (ms: number) => Promise<void>
  } {
    const io = new MockIo()
    const runtime = new VirtualRuntime()
    const { sender } = handshake(io, { ...options, runtime })
    const result: { response: HttpResponse | null; code: string | null } = { response: null, code: null }
    const request = new HttpRequest(method, '/', {
      headers: { host: 'a' },
      ...(body === null ? {} : { body }),
    })
    sender.send(request, sending).then(
      (response) => (result.response = response),
      (error: { code: string }) => (result.code = error.code),
    )
    const after = async (ms: number): Promise<void> => {
      runtime.advance(ms)
      await runtime.settle()
    }
    return { io, runtime, result, after }
  }

  test('headersTimeout, of the connection and of one request', async () => {
    for (const [options, sending] of [
      [{ headersTimeout: 100 }, {}],
      [{}, { headersTimeout: 100 }],
      [{ headersTimeout: 5 }, { headersTimeout: 100 }],
    ] as const) {
      const it = asking(options, sending)
      await it.after(99)
      expect(it.result.code).toBe(null)
      await it.after(1)
      expect([it.result.code, it.io.aborted, it.runtime.timer.pending]).toEqual(['HEADERS_TIMEOUT', true, 0])
    }
    for (const headersTimeout of OFF) {
      const it = asking({ headersTimeout: 100 }, { headersTimeout })
      await it.after(FOREVER)
      expect(it.result.code).toBe(null)
    }
    const bad = asking({}, { headersTimeout: -1 })
    await bad.after(0)
    expect([bad.result.code, bad.io.text]).toEqual(['INVALID_OPTION', ''])
  })

  test('headersTimeout counts from the end of the request, and interim answers do not move it', async () => {
    const body = channel({ capacity: 1 })
    const it = asking({ headersTimeout: 100 }, {}, 'POST', body.body)
    await it.after(10_000)
    body.sender.end()
    await it.after(50)
    it.io.feed('HTTP/1.1 103 Early Hints\r\n\r\n')
    await it.after(49)
    expect(it.result.code).toBe(null)
    await it.after(1)
    expect(it.result.code).toBe('HEADERS_TIMEOUT')
  })

  test('bodyIdleTimeout: off by default', async () => {
    for (const bodyIdleTimeout of [undefined, 100]) {
      const it = asking({ bodyIdleTimeout })
      it.io.feed('HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\n')
      await it.after(0)
      const text = it.result.response!.text().catch((error: { code: string }) => error.code)
      await it.after(99)
      it.io.feed('h')
      await it.after(99)
      expect(it.io.aborted).toBe(false)
      await it.after(bodyIdleTimeout === undefined ? FOREVER : 1)
      expect(it.io.aborted).toBe(bodyIdleTimeout !== undefined)
      if (bodyIdleTimeout === undefined) it.io.feed('ello')
      expect(await text).toBe(bodyIdleTimeout === undefined ? 'hello' : 'BODY_TIMEOUT')
    }
  })

  test('sendTimeout', async () => {
    const body = channel({ capacity: 1 })
    const it = asking({ sendTimeout: 100 }, {}, 'POST', body.body)
    await it.after(1_000)
    it.io.hold()
    void body.sender.send(new Uint8Array(70_000)).catch(() => undefined)
    await it.after(0)
    await it.after(99)
    expect(it.result.code).toBe(null)
    await it.after(1)
    expect([it.result.code, it.io.aborted]).toEqual(['SEND_TIMEOUT', true])
  })
})
