// Keep-alive, pipelining, close, and Expect: rows 97 to 109. Over a MockIo, in virtual time.

import { describe, expect, test } from 'vitest'
import { HttpResponse } from '../../src/http/response.ts'
import { connected, deferred, slowService } from '../h1/connected.ts'
import { get, OK, OK_CLOSE, post } from '../h1/wire.ts'

const OLD_CLOSE = OK_CLOSE.replace('HTTP/1.1', 'HTTP/1.0')
const OLD_KEPT = OK.replace('HTTP/1.1', 'HTTP/1.0')
const CONTINUE = 'HTTP/1.1 100 Continue\r\n\r\n'

describe('keep-alive', () => {
  test('row 097: HTTP/1.1 is kept alive', async () => {
    const it = connected()
    for (let i = 0; i < 3; i++) expect(await it.ask(get())).toBe(OK)
    expect([it.io.ended, it.code]).toEqual([false, null])
  })

  test('row 097: with a chunked answer too', async () => {
    const it = connected(
      () =>
        new HttpResponse(
          (async function* () {
            yield 'a'
            yield 'bc'
          })(),
        ),
    )
    const chunked =
      'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\nconnection: keep-alive\r\nkeep-alive: timeout=75\r\n\r\n1\r\na\r\n2\r\nbc\r\n0\r\n\r\n'
    expect(await it.ask(get())).toBe(chunked)
    expect(await it.ask(get())).toBe(chunked)
    expect(it.io.ended).toBe(false)
  })

  test('row 098: HTTP/1.0 with keep-alive is kept, and told so', async () => {
    const it = connected(undefined, { keepAliveHint: false })
    const kept = 'HTTP/1.0 200 OK\r\ncontent-length: 2\r\nconnection: keep-alive\r\n\r\nok'
    expect(await it.ask('GET / HTTP/1.0\r\nconnection: keep-alive\r\n\r\n')).toBe(kept)
    expect(await it.ask('GET / HTTP/1.0\r\nConnection: x, Keep-Alive\r\n\r\n')).toBe(kept)
    expect(it.io.ended).toBe(false)
    const hinted = connected()
    expect(await hinted.ask('GET / HTTP/1.0\r\nconnection: keep-alive\r\n\r\n')).toBe(OLD_KEPT)
  })

  test('row 099: HTTP/1.0 without keep-alive is closed', async () => {
    const it = connected()
    expect(await it.ask('GET / HTTP/1.0\r\n\r\n')).toBe(OLD_CLOSE)
    expect(it.io.calls).toContain('end')
    it.io.feedEnd()
    expect(await it.written()).toBe('')
    expect([it.code, it.end?.reasons]).toEqual(['', ['peer-close']])
  })

  test('row 100: with keepAlive false the first answer is the last', async () => {
    const it = connected(undefined, { keepAlive: false })
    expect(await it.ask(get() + get())).toBe(OK_CLOSE)
    expect(it.io.ended).toBe(true)
    expect(await it.ask(get())).toBe('')
    it.io.feedEnd()
    await it.written()
    expect([it.code, it.end?.reasons]).toEqual(['', ['keep-alive-off']])
  })

  test('row 101: a service that says close closes', async () => {
    const it = connected(() => new HttpResponse('ok', { headers: { connection: 'close' } }))
    expect(await it.ask(get() + get())).toBe(OK_CLOSE)
    expect(it.io.ended).toBe(true)
    it.io.feedEnd()
    await it.written()
    expect([it.code, it.end?.reasons]).toEqual(['', ['our-close']])
  })

  test('row 102: a request that says close is answered with close', async () => {
    const it = connected()
    expect(await it.ask(get() + get('connection: close') + get())).toBe(OK + OK_CLOSE)
    expect(it.io.ended).toBe(true)
  })

  test('row 103: pipelined requests are answered in order, in one write', async () => {
    let count = 0
    const it = connected(() => new HttpResponse(`${++count}`), { keepAliveHint: false })
    it.io.feed(get().repeat(3))
    await it.runtime.settle()
    expect(it.io.writes.map((write) => write.text)).toEqual(
      [1, 2, 3]
        .map((n) => `HTTP/1.1 200 OK\r\ncontent-length: 1\r\n\r\n${n}`)
        .join('')
        .split('\0'),
    )
  })

  test('row 104: a small body that nobody reads is skipped, and the connection goes on', async () => {
    const it = connected(undefined, { lingerSize: 10 })
    expect(await it.ask(post(['content-length: 10'], '0123456789') + get())).toBe(OK + OK)
    expect(await it.ask(post(['content-length: 10'], '01234'))).toBe(OK)
    expect(await it.ask(`56789${get()}`)).toBe(OK)
    expect(await it.ask(post(['transfer-encoding: chunked'], '5\r\nhello\r\n0\r\n\r\n') + get())).toBe(
      OK + OK,
    )
    expect(it.io.ended).toBe(false)
  })

  test('row 104: of a large one nothing is read: the connection ends with the answer', async () => {
    const it = connected(undefined, { lingerSize: 10 })
    expect(await it.ask(post(['content-length: 11'], '01234567890') + get())).toBe(OK_CLOSE)
    expect(it.io.ended).toBe(true)
    it.io.feedEnd()
    await it.written()
    expect([it.code, it.end?.reasons]).toEqual(['', ['body-unread']])
  })

  test('row 104: a chunked one is skipped as far as the limit goes', async () => {
    const it = connected(undefined, { lingerSize: 10 })
    expect(await it.ask(post(['transfer-encoding: chunked'], 'a\r\n0123456789\r\n'))).toBe(OK)
    expect(it.io.ended).toBe(false)
    expect(await it.ask('1\r\nx\r\n0\r\n\r\n')).toBe('')
    expect(it.io.ended).toBe(true)
  })

  test('row 105: the next head is not read before the service has answered', async () => {
    const slow = slowService()
    const it = connected(slow.service)
    expect(await it.ask(get() + get() + get())).toBe('')
    expect(slow.calls).toBe(1)
    expect(it.io.paused).toBe(true)
    for (let calls = 2; calls <= 3; calls++) {
      slow.answer()
      expect(await it.written()).toBe(OK)
      expect(slow.calls).toBe(calls)
    }
    slow.answer()
    expect(await it.written()).toBe(OK)
    expect(it.io.paused).toBe(false)
  })

  test('row 105: what a client sends meanwhile is held in one chunk, not more', async () => {
    const slow = slowService()
    const it = connected(slow.service)
    await it.ask(get())
    await it.ask(get())
    await it.ask(get())
    expect([slow.calls, it.io.paused, it.io.unread]).toEqual([1, true, 1])
  })
})

describe('Expect: 100-continue', () => {
  const head = post(['expect: 100-continue', 'content-length: 5'])

  test('row 106: 100 is sent when the body is wanted, and only then', async () => {
    const go = deferred<void>()
    const it = connected(
      async (request) => {
        await go.promise
        return new HttpResponse(await request.text())
      },
      { keepAliveHint: false },
    )
    expect(await it.ask(head)).toBe('')
    go.resolve()
    expect(await it.written()).toBe(CONTINUE)
    expect(await it.ask('hello')).toBe('HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nhello')
    expect(it.io.ended).toBe(false)
  })

  test('row 107: in any case', async () => {
    const it = connected(async (request) => new HttpResponse(await request.text()))
    expect(await it.ask(post(['Expect: 100-CONTINUE', 'content-length: 5']))).toBe(CONTINUE)
    const other = connected(async (request) => new HttpResponse(await request.text()))
    expect(await other.ask(post(['expect: 100-continued', 'content-length: 5']))).toBe('')
  })

  test('row 108: not to HTTP/1.0, and not where there is no body', async () => {
    const old = connected(async (request) => new HttpResponse(await request.text()))
    expect(await old.ask('POST / HTTP/1.0\r\nexpect: 100-continue\r\ncontent-length: 2\r\n\r\n')).toBe('')
    expect(await old.ask('ok')).toBe(OLD_CLOSE)
    const it = connected(async (request) => new HttpResponse(`${await request.text()}ok`))
    expect(await it.ask(get('expect: 100-continue'))).toBe(OK)
    expect(await it.ask(post(['expect: 100-continue', 'content-length: 0']))).toBe(OK)
  })

  test('row 109: not after the final answer has begun; the connection ends with it', async () => {
    const go = deferred<void>()
    const it = connected(
      (request) =>
        new HttpResponse(
          (async function* () {
            yield 'a'
            await go.promise
            yield await request.text()
          })(),
        ),
    )
    const head200 = 'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\nconnection: close\r\n\r\n'
    expect(await it.ask(head)).toBe(`${head200}1\r\na\r\n`)
    go.resolve()
    expect(await it.written()).toBe('')
    // What the client sends all the same is read, not taken for a request.
    expect(await it.ask(`hello${get()}`)).toBe('5\r\nhello\r\n0\r\n\r\n')
    expect(it.io.ended).toBe(true)
  })

  test('row 104: a body that was answered unread fails for who asks for it later', async () => {
    let late: () => Promise<string> = () => Promise.resolve('')
    const it = connected((request) => {
      late = () => request.text().catch((error: { code: string }) => error.code)
      return new HttpResponse('ok')
    })
    expect(await it.ask(post(['content-length: 5'], 'he'))).toBe(OK)
    expect(await late()).toBe('CANCELED')
    expect(await it.ask(`llo${get()}`)).toBe(OK)
  })

  test('row 109: a client that sends no body then is not waited for without end', async () => {
    const it = connected(
      (request) =>
        new HttpResponse(
          (async function* () {
            yield 'a'
            yield await request.text()
          })(),
        ),
    )
    await it.ask(head)
    await it.after(4_999)
    expect(it.code).toBe(null)
    await it.after(1)
    expect(it.code).toBe('BODY_TIMEOUT')
  })

  test('row 109: nobody wants the body: the answer is the end', async () => {
    const it = connected()
    expect(await it.ask(head)).toBe(OK_CLOSE)
    expect(await it.after(2_000)).toBe('')
    expect(it.io.ended).toBe(true)
    expect(await it.after(2_000)).toBe('')
    expect([it.io.released, it.code]).toEqual([true, ''])
  })

  test('row 106: a service may take its time before it wants the body', async () => {
    const go = deferred<void>()
    const it = connected(
      async (request) => {
        await go.promise
        return new HttpResponse(await request.text())
      },
      { keepAliveHint: false },
    )
    await it.ask(head)
    expect(await it.after(300_000)).toBe('')
    go.resolve()
    expect(await it.written()).toBe(CONTINUE)
    // From here on the client is waited for as for any body.
    expect(await it.after(4_999)).toBe('')
    expect(await it.ask('hello')).toBe('HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nhello')
  })
})
