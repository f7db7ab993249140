// requestTimeout over HTTP/1: from the first byte of a request to the last of its answer, on both sides of the time, for
// every place in which the exchange may be when it is over. Virtual time.

import type { MockIo } from '@hyper/testkit'
import { describe, expect, test } from 'vitest'
import { channel } from '../../src/body/index.ts'
import type { HyperError } from '../../src/error/index.ts'
import { ServerMachine, type H1ServerOptions } from '../../src/h1/index.ts'
import { HttpResponse } from '../../src/http/response.ts'
import type { Service } from '../../src/service/service.ts'
import { connected, slowService, type Connected } from './connected.ts'
import { get, OK, post, refusal } from './wire.ts'

const FOREVER = 1e12
const UNAVAILABLE = refusal(503)
/** The others are out of the way. */
const T100: H1ServerOptions = { requestTimeout: 100, keepAliveTimeout: null, keepAliveHint: false }
const ANSWER = 'HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok'

/** Nothing until then; then these bytes, the end of our half, and what the connection ended with. */
async function expectEnd(
  it: Connected,
  ms: number,
  answer: string,
  init: Partial<HyperError>,
  reasons: readonly string[] = ['timeout'],
): Promise<void> {
  expect(await it.after(ms - 1)).toBe('')
  expect([it.io.ended, it.io.aborted, it.code]).toEqual([false, false, null])
  expect(await it.after(1)).toBe(answer)
  expect([it.io.ended, it.io.aborted]).toEqual([true, false])
  it.io.feedEnd()
  await it.written()
  expect(it.end?.error).toMatchObject(init)
  expect([it.end?.reasons, it.runtime.timer.pending]).toEqual([reasons, 0])
}

/** Each write is held, and the next one waits for `drain`. */
function takePiecewise(io: MockIo): void {
  const write = io.write.bind(io)
  io.write = (data, more) => {
    io.hold()
    return write(data, more)
  }
}

describe('what was being waited for', () => {
  test('the rest of a head: 408', async () => {
    const it = connected(undefined, T100)
    await it.after(5_000)
    it.io.feed('GET / HTTP/1.1\r\n')
    expect(await it.after(50)).toBe('')
    it.io.feed('host: a\r\n')
    await expectEnd(it, 50, refusal(408), {
      code: 'TOTAL_TIMEOUT',
      by: 'peer',
      phase: 'headers',
      statusHint: 408,
      elapsedMs: 100,
    })
  })

  test('blank lines are no head: a silent close', async () => {
    const it = connected(undefined, T100)
    it.io.feed('\r\n')
    await expectEnd(it, 100, '', { code: 'IDLE_TIMEOUT' })
  })

  test('the rest of a body: 408, for the reader too', async () => {
    const failures: unknown[] = []
    const it = connected(
      (request) =>
        request.text().then(
          () => new HttpResponse('read'),
          (error: unknown) => {
            failures.push(error)
            return new HttpResponse('late')
          },
        ),
      T100,
    )
    it.io.feed(post(['content-length: 9'], 'abc'))
    expect(await it.after(60)).toBe('')
    it.io.feed('def')
    await expectEnd(it, 40, refusal(408), {
      code: 'TOTAL_TIMEOUT',
      by: 'peer',
      phase: 'body',
      statusHint: 408,
      elapsedMs: 100,
    })
    expect(failures).toMatchObject([{ code: 'TOTAL_TIMEOUT' }])
    expect(it.runtime.errors).toEqual([])
  })

  test('the service: 503; it hears of it once, and what it answers later is dropped', async () => {
    const slow = slowService()
    const it = connected(slow.service, T100)
    it.io.feed(get())
    const blame = { code: 'TOTAL_TIMEOUT', by: 'user', phase: null, statusHint: 503, elapsedMs: 100 } as const
    await expectEnd(it, 100, UNAVAILABLE, blame)
    expect(slow.cancelled).toMatchObject([blame])
    const late = channel()
    slow.answer(new HttpResponse(late.body))
    expect(await it.written()).toBe('')
    expect([late.sender.isClosed, slow.cancelled.length, it.runtime.errors]).toEqual([true, 1, []])
  })

  test('the service, which fails later: nobody is told', async () => {
    let fail: (error: Error) => void = () => {}
    const it = connected(() => new Promise((_, reject) => (fail = reject)), T100)
    it.io.feed(get())
    await expectEnd(it, 100, UNAVAILABLE, { code: 'TOTAL_TIMEOUT' })
    fail(new Error('late'))
    expect([await it.written(), it.runtime.errors]).toEqual(['', []])
  })

  test('a service that reads no body: 503, and so it is for one that never asked for it', async () => {
    for (const wire of [
      post(['content-length: 9'], 'abc'),
      post(['content-length: 9', 'expect: 100-continue']),
    ]) {
      const it = connected(slowService().service, T100)
      it.io.feed(wire)
      await expectEnd(it, 100, UNAVAILABLE, { code: 'TOTAL_TIMEOUT', by: 'user', phase: null })
    }
  })

  test('a service that has given the body up: 503', async () => {
    for (const [length, reasons] of [
      [9, ['timeout']],
      [1_000_000, ['body-unread', 'timeout']],
    ] as const) {
      const it = connected(
        (request) => {
          request.body.cancel()
          return new Promise<HttpResponse>(() => {})
        },
        { ...T100, lingerTimeout: 1_000 },
      )
      it.io.feed(post([`content-length: ${length}`], 'abc'))
      await expectEnd(it, 100, UNAVAILABLE, { code: 'TOTAL_TIMEOUT', by: 'user' }, reasons)
    }
  })

  test('an interim response buys no time', async () => {
    let inform = (): boolean => false
    const it = connected((_, exchange) => {
      inform = () => exchange.informational(103)
      return new Promise<HttpResponse>(() => {})
    }, T100)
    await it.ask(get())
    await it.after(60)
    expect(inform()).toBe(true)
    expect(await it.written()).toBe('HTTP/1.1 103 Early Hints\r\n\r\n')
    await expectEnd(it, 40, UNAVAILABLE, { code: 'TOTAL_TIMEOUT', statusHint: 503 })
  })
})

describe('once the head is out', () => {
  test('a body that the service does not end: reset, and its source is told', async () => {
    const { sender, body } = channel()
    let cancelled: HyperError | null = null
    const it = connected((_, exchange) => {
      exchange.onCancel((reason) => (cancelled = reason))
      return new HttpResponse(body)
    }, T100)
    expect(await it.ask(get())).toBe('HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n')
    void sender.send(new Uint8Array([0x61])).catch(() => {})
    expect(await it.after(99)).toBe('1\r\na\r\n')
    expect([it.io.aborted, it.code]).toEqual([false, null])
    expect(await it.after(1)).toBe('')
    expect([it.io.aborted, it.code]).toEqual([true, 'TOTAL_TIMEOUT'])
    expect(it.end?.error).toBe(cancelled)
    expect(cancelled).toMatchObject({ by: 'user', phase: 'write', statusHint: 0, elapsedMs: 100 })
    expect([sender.isClosed, it.runtime.timer.pending]).toEqual([true, 0])
  })

  test('a client that does not take it all: reset', async () => {
    const it = connected(() => new HttpResponse(new Uint8Array(600_000)), { ...T100, sendTimeout: null })
    takePiecewise(it.io)
    expect((await it.ask(get())).length).toBeLessThan(300_000)
    await it.after(60)
    // It takes some, and is held up again: that buys no time.
    it.io.drain()
    expect((await it.after(39)).length).toBeGreaterThan(200_000)
    expect([it.io.aborted, it.code]).toEqual([false, null])
    await it.after(1)
    expect([it.io.aborted, it.code]).toEqual([true, 'TOTAL_TIMEOUT'])
    expect(it.end?.error).toMatchObject({ by: 'peer', phase: 'write' })
  })

  test('what the transport has taken is over, whatever it does with it', async () => {
    for (const size of [2, 600_000]) {
      const it = connected(() => new HttpResponse(new Uint8Array(size)), { ...T100, sendTimeout: null })
      takePiecewise(it.io)
      let taken = (await it.ask(get())).length
      taken += (await it.after(99)).length
      // Until nothing is left for it; the last piece is held by the transport alone.
      while (taken < size) {
        it.io.drain()
        taken += (await it.written()).length
      }
      await it.after(FOREVER)
      expect([size, it.io.aborted, it.code]).toEqual([size, false, null])
      it.io.drain()
      expect((await it.ask(get())).length).toBeGreaterThan(0)
    }
  })
})

describe('in time', () => {
  test('just so; each request has its own, and none runs between them', async () => {
    const slow = slowService()
    const it = connected(slow.service, T100)
    for (let round = 0; round < 3; round++) {
      await it.ask('G')
      await it.after(40)
      await it.ask(get().slice(1))
      await it.after(59)
      slow.answer()
      expect(await it.written()).toBe(ANSWER)
      expect(it.runtime.timer.pending).toBe(0)
      await it.after(1_000)
    }
    expect([slow.cancelled, it.code]).toEqual([[], null])
  })

  test('a pipelined request has its time from where it is read', async () => {
    const slow = slowService()
    const it = connected(slow.service, T100)
    it.io.feed(get() + get())
    await it.after(90)
    slow.answer()
    expect(await it.written()).toBe(ANSWER)
    expect(await it.after(99)).toBe('')
    expect(await it.after(1)).toBe(UNAVAILABLE)
  })

  test('a body that goes on after its answer has the clocks of a body alone', async () => {
    const it = connected(
      (request) => {
        void request.text()
        return new HttpResponse('ok')
      },
      { ...T100, bodyIdleTimeout: 500, bodyMinRate: 0 },
    )
    expect(await it.ask(post(['content-length: 9'], 'abc'))).toBe(ANSWER)
    await it.after(499)
    expect(it.code).toBe(null)
    it.io.feed('defghi')
    expect(await it.ask(get())).toBe(ANSWER)
  })

  test.each([undefined, 0, null, Infinity])('%s: off, and nothing is armed', async (requestTimeout) => {
    const slow = slowService()
    const it = connected(slow.service, { requestTimeout })
    await it.ask(get())
    expect(it.runtime.timer.pending).toBe(0)
    await it.after(FOREVER)
    slow.answer()
    expect(await it.written()).toBe(OK)
  })

  test('what it may be', () => {
    for (const requestTimeout of [-1, Number.NaN, '1' as unknown as number]) {
      expect(() => new ServerMachine({ requestTimeout })).toThrow('requestTimeout must be a number')
    }
  })
})

describe('a switch of protocols', () => {
  const upgrade = get('connection: upgrade', 'upgrade: x')
  const switching: Service = (_, exchange) => {
    void exchange.upgrade().then(({ io }) => io.write('new'))
    return new HttpResponse(null, { status: 101, headers: { connection: 'upgrade', upgrade: 'x' } })
  }

  test('has no such time once it is made', async () => {
    const it = connected(switching, T100)
    expect(await it.ask(upgrade)).toMatch(/^HTTP\/1\.1 101 [^]*\r\n\r\nnew$/)
    expect(it.runtime.timer.pending).toBe(0)
    await it.after(FOREVER)
    expect([it.io.ended, it.io.aborted, it.code]).toEqual([false, false, ''])
  })

  test('that is not made in time is 503', async () => {
    const codes: string[] = []
    const it = connected((_, exchange) => {
      exchange.upgrade().catch((error: HyperError) => codes.push(error.code))
      return new Promise<HttpResponse>(() => {})
    }, T100)
    it.io.feed(upgrade)
    await expectEnd(it, 100, UNAVAILABLE, { code: 'TOTAL_TIMEOUT' })
    expect(codes).toEqual(['TOTAL_TIMEOUT'])
  })
})
