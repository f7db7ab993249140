import { describe, expect, test } from 'vitest'
import { channel } from '../../src/body/index.ts'
import { HttpRequest } from '../../src/http/index.ts'
import type { HttpResponse } from '../../src/http/index.ts'
import { dialed, errorOf, stream, watch, type Dialed, type Outcome } from './wire-kit.ts'

// Rows 156–163: one request at a time on a connection, and every way that it ends.

const OK = 'HTTP/1.1 200 OK\r\n'
const EMPTY = `${OK}content-length: 0\r\n\r\n`
const get = (target = '/'): HttpRequest => new HttpRequest('GET', target)

interface Asking extends Dialed {
  readonly outcome: Outcome<HttpResponse>
}

async function asking(request: HttpRequest = get()): Promise<Asking> {
  const all = dialed()
  const outcome = watch(all.sender.send(request))
  await all.sent()
  return { ...all, outcome }
}

/** A request whose body goes on until it is told to end. */
function upload(): {
  request: HttpRequest
  send: (text: string) => void
  end: () => void
  isClosed: () => boolean
} {
  const { sender, body } = channel()
  return {
    request: new HttpRequest('POST', '/', { body }),
    send: (text) => void sender.send(text).catch(() => {}),
    end: () => sender.end(),
    isClosed: () => sender.isClosed,
  }
}

describe('one request at a time', () => {
  test('row 156: a second request while the first is under way: NOT_READY, and nothing of it is sent', async () => {
    const { sender, sent, reply, outcome } = await asking()
    const second = new HttpRequest('POST', '/', { body: stream('abc') })
    expect(sender.isReady).toBe(false)
    expect(await errorOf(sender.send(second))).toMatchObject({
      code: 'NOT_READY',
      by: 'user',
      retryable: true,
    })
    expect(second.body.used).toBe(false)
    expect(await sent()).toBe('')
    await reply(`${OK}content-length: 2\r\n\r\n`)
    // The body is part of it.
    expect(await errorOf(sender.send(second))).toMatchObject({ code: 'NOT_READY' })
    const ready = watch(sender.ready())
    expect(ready.state).toBe('pending')
    // What is little has come, whether somebody reads it or not.
    await reply('ok')
    expect(ready.state).toBe('resolved')
    expect(await outcome.value!.text()).toBe('ok')
    await sent()
    watch(sender.send(second))
    expect(await sent()).toBe('POST / HTTP/1.1\r\ntransfer-encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n')
  })

  test('row 156: `ready` and `onReady` say when the next may be sent', async () => {
    const { sender, connection, sent, reply } = dialed()
    const log: string[] = []
    sender.onReady = () => void log.push(`ready ${sender.isReady}`)
    await sender.ready()
    for (const target of ['/1', '/2']) {
      const outcome = watch(sender.send(get(target)))
      expect(await sent()).toBe(`GET ${target} HTTP/1.1\r\n\r\n`)
      await reply(EMPTY)
      expect(outcome.value!.status).toBe(200)
      await sender.ready()
    }
    expect(log.filter((line) => line === 'ready true').length).toBeGreaterThanOrEqual(2)
    connection.gracefulShutdown()
    await sent()
    expect(log.at(-1)).toBe('ready false')
    expect(await errorOf(sender.ready())).toMatchObject({ code: 'CLOSED', retryable: true })
  })

  test('row 157: bytes before any request end the connection; a request after them can be sent elsewhere', async () => {
    const { sender, connection, sent, reply } = dialed()
    await reply(EMPTY)
    expect(await connection.closed).toMatchObject({ error: { code: 'UNEXPECTED_MESSAGE', by: 'peer' } })
    const request = new HttpRequest('POST', '/', { body: stream('abc') })
    expect(await errorOf(sender.send(request))).toMatchObject({
      code: 'CLOSED',
      retryable: true,
      cause: { code: 'UNEXPECTED_MESSAGE' },
    })
    expect(request.body.used).toBe(false)
    expect(await sent()).toBe('')
  })

  test('row 157: bytes on an idle connection end it, one byte or a whole response, never to be matched to a request', async () => {
    for (const wire of ['H', '\r\n', '\n', '\0', EMPTY, `${OK}content-length: 5\r\n\r\nevil!`]) {
      const { sender, connection, sent, reply, outcome } = await asking()
      await reply(EMPTY)
      expect(outcome.value!.status).toBe(200)
      expect(sender.isReady).toBe(true)
      await reply(wire)
      expect(sender.isReady).toBe(false)
      expect(await connection.closed).toMatchObject({
        error: { code: 'UNEXPECTED_MESSAGE' },
        reasons: expect.arrayContaining(['peer-error']),
      })
      expect(await errorOf(sender.send(get()))).toMatchObject({ code: 'CLOSED', retryable: true })
      expect(await sent()).toBe('')
    }
  })

  test('row 158: a response too many: the first one succeeds, then the connection is unusable', async () => {
    for (const pieces of [
      [`${OK}content-length: 2\r\n\r\nok${EMPTY}`],
      [`${OK}content-length: 2\r\n\r\n`, `ok${EMPTY}`],
    ]) {
      const { sender, connection, reply, outcome } = await asking()
      for (const piece of pieces) await reply(piece)
      expect(await outcome.value!.text()).toBe('ok')
      expect(await connection.closed).toMatchObject({ error: { code: 'UNEXPECTED_MESSAGE' } })
      expect(sender.isClosed).toBe(true)
    }
  })

  test('row 159: not ready while the body of the last request is still on its way', async () => {
    const { request, send, end } = upload()
    const { sender, sent, reply, outcome } = await asking(request)
    send('abc')
    await reply(`${OK}content-length: 2\r\n\r\nok`)
    expect(await outcome.value!.text()).toBe('ok')
    await sent()
    expect(sender.isReady).toBe(false)
    expect(await errorOf(sender.send(get()))).toMatchObject({ code: 'NOT_READY' })
    send('def')
    end()
    expect(await sent()).toBe('3\r\ndef\r\n0\r\n\r\n')
    expect(sender.isReady).toBe(true)
  })
})

describe('the connection ends', () => {
  test('row 160: a request to a connection found dead is not begun', async () => {
    for (const how of ['end', 'close', 'reset'] as const) {
      const { io, sender, sent } = dialed()
      await sent()
      if (how === 'end') io.feedEnd()
      else io.feedClose(how === 'reset' ? new Error('ECONNRESET') : null)
      const request = new HttpRequest('POST', '/', { body: stream('abc') })
      const error = await errorOf(sender.send(request))
      expect(error).toMatchObject({ code: 'CLOSED', retryable: true })
      expect(error.isClosed()).toBe(true)
      expect(request.body.used).toBe(false)
      expect(await sent()).toBe('')
    }
  })

  test('row 161: the connection is given up: every pending promise hears why', async () => {
    const { sender, connection, sent, outcome } = await asking()
    const ready = watch(sender.ready())
    connection.abort()
    await sent()
    expect(outcome.error).toMatchObject({ code: 'CANCELED', by: 'user' })
    expect(outcome.error!.isCanceled()).toBe(true)
    expect(outcome.error!.message).not.toBe('')
    expect(ready.error).toMatchObject({ code: 'CLOSED' })
    expect(await connection.closed).toMatchObject({ error: { code: 'CANCELED' } })
  })

  test('row 163: the end of the stream while idle is a clean end', async () => {
    const { io, sender, connection, sent, reply } = await asking()
    await reply(EMPTY)
    io.feedEnd()
    await sent()
    expect(await connection.closed).toMatchObject({ error: null, reasons: ['eof'] })
    expect(sender.isClosed).toBe(true)
    expect(io.ended && !io.aborted).toBe(true)
  })

  test('row 163: the end of the stream while busy is an error', async () => {
    const { io, connection, sent, outcome } = await asking()
    io.feedEnd()
    await sent()
    expect(outcome.error).toMatchObject({ code: 'INCOMPLETE_MESSAGE' })
    expect(await connection.closed).toMatchObject({ error: { code: 'INCOMPLETE_MESSAGE' } })
  })

  test('graceful shutdown: at once when idle, else after the exchange', async () => {
    const idle = dialed()
    idle.connection.gracefulShutdown()
    await idle.sent()
    expect(idle.io.ended).toBe(true)
    expect(await idle.connection.closed).toMatchObject({ error: null })
    const { io, connection, sent, reply, outcome } = await asking()
    connection.gracefulShutdown()
    await reply(`${OK}content-length: 2\r\n\r\no`)
    expect(io.ended).toBe(false)
    const text = watch(outcome.value!.text())
    await reply('k')
    await sent()
    expect(text.value).toBe('ok')
    expect(io.ended).toBe(true)
    expect(await connection.closed).toMatchObject({ error: null, reasons: ['keep-alive-off'] })
  })

  test('no alarm is left behind', async () => {
    const { runtime, sender, sent, reply } = dialed({ headersTimeout: 1000, bodyIdleTimeout: 1000 })
    watch(sender.send(get()))
    await sent()
    expect(runtime.timer.pending).toBe(1)
    await reply(EMPTY)
    expect(runtime.timer.pending).toBe(0)
    const outcome = watch(sender.send(get()))
    await sent()
    runtime.advance(1000)
    await sent()
    expect(outcome.error).toMatchObject({ code: 'HEADERS_TIMEOUT', by: 'peer', phase: 'headers' })
    expect(outcome.error!.isTimeout()).toBe(true)
    expect(runtime.timer.pending).toBe(0)
  })
})
