import { describe, expect, test } from 'vitest'
import { channel } from '../../src/body/index.ts'
import { HttpRequest } from '../../src/http/index.ts'
import type { HttpResponse } from '../../src/http/index.ts'
import type { AbortSignalLike } from '../../src/rt/index.ts'
import { dialed, errorOf, stream, watch, type Dialed, type Outcome } from './wire-kit.ts'

// Rows 156–163, and what a client must withstand: one request at a time, bytes that nobody has asked for, answers that
// come early, transports that fail, and callers who give up.

const OK = 'HTTP/1.1 200 OK\r\n'
const EMPTY = `${OK}content-length: 0\r\n\r\n`
const get = (target = '/'): HttpRequest => new HttpRequest('GET', target)

interface Asking extends Dialed {
  readonly outcome: Outcome<HttpResponse>
}

async function asking(request: HttpRequest = get(), signal?: AbortSignalLike): Promise<Asking> {
  const all = dialed()
  const outcome = watch(all.sender.send(request, { signal }))
  await all.sent()
  return { ...all, outcome }
}

/** A request whose body goes on until it is told to end. */
function upload(): { request: HttpRequest; send: (text: string) => void; end: () => void; isClosed: () => boolean } {
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
    expect(await errorOf(sender.send(second))).toMatchObject({ code: 'NOT_READY', by: 'user', retryable: true })
    expect(second.body.used).toBe(false)
    expect(await sent()).toBe('')
    await reply(`${OK}content-length: 2\r\n\r\n`)
    // The body is part of it.
    expect(await errorOf(sender.send(second))).toMatchObject({ code: 'NOT_READY' })
    const ready = watch(sender.ready())
    await reply('ok')
    expect(ready.state).toBe('pending')
    expect(await outcome.value!.text()).toBe('ok')
    await sent()
    expect(ready.state).toBe('resolved')
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
      expect(await connection.closed).toMatchObject({ error: { code: 'UNEXPECTED_MESSAGE' }, reasons: expect.arrayContaining(['peer-error']) })
      expect(await errorOf(sender.send(get()))).toMatchObject({ code: 'CLOSED', retryable: true })
      expect(await sent()).toBe('')
    }
  })

  test('row 158: a response too many: the first one succeeds, then the connection is unusable', async () => {
    for (const pieces of [[`${OK}content-length: 2\r\n\r\nok${EMPTY}`], [`${OK}content-length: 2\r\n\r\n`, `ok${EMPTY}`]]) {
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

describe('answers that come before the request is complete', () => {
  test('413 without close: the upload goes on, and the connection can be used again', async () => {
    const { request, send, end } = upload()
    const { io, sender, sent, reply, outcome } = await asking(request)
    send('abc')
    await sent()
    await reply('HTTP/1.1 413 Content Too Large\r\ncontent-length: 3\r\n\r\nbig')
    expect(outcome.value!.status).toBe(413)
    expect(await outcome.value!.text()).toBe('big')
    send('def')
    end()
    expect(await sent()).toBe('3\r\ndef\r\n0\r\n\r\n')
    expect(io.ended).toBe(false)
    expect(sender.isReady).toBe(true)
  })

  test('413 with close: the upload is stopped, its source told, and the answer is whole', async () => {
    const { request, send, isClosed } = upload()
    const { io, connection, sent, reply, outcome } = await asking(request)
    send('abc')
    await sent()
    await reply('HTTP/1.1 413 Content Too Large\r\nconnection: close\r\ncontent-length: 3\r\n\r\nb')
    const text = watch(outcome.value!.text())
    await reply('ig')
    expect(text.value).toBe('big')
    expect(isClosed()).toBe(true)
    send('def')
    expect(await sent()).toBe('')
    expect(io.ended).toBe(true)
    expect(await connection.closed).toMatchObject({ error: null, reasons: expect.arrayContaining(['peer-close']) })
  })

  test('413 with close and no body, in the same turn as the head of the request', async () => {
    const { request, isClosed } = upload()
    const { connection, reply, outcome } = await asking(request)
    await reply('HTTP/1.1 413 Content Too Large\r\nconnection: close\r\ncontent-length: 0\r\n\r\n')
    expect(outcome.value!.status).toBe(413)
    expect(isClosed()).toBe(true)
    expect(await connection.closed).toMatchObject({ error: null })
  })

  test('413 until the close: the upload is stopped when the server has said everything', async () => {
    const { request, isClosed } = upload()
    const { io, connection, sent, reply, outcome } = await asking(request)
    await reply('HTTP/1.1 413 Content Too Large\r\n\r\nbig')
    const text = watch(outcome.value!.text())
    io.feedEnd()
    await sent()
    expect(text.value).toBe('big')
    expect(isClosed()).toBe(true)
    expect(await connection.closed).toMatchObject({ error: null })
  })

  test('an answer without close, then the end of the stream: the upload is stopped', async () => {
    const { request, send, isClosed } = upload()
    const { io, connection, sent, reply, outcome } = await asking(request)
    await reply(EMPTY)
    expect(outcome.value!.status).toBe(200)
    io.feedEnd()
    await sent()
    expect(isClosed()).toBe(true)
    send('abc')
    expect(await sent()).toBe('')
    expect(await connection.closed).toMatchObject({ error: null })
  })
})

describe('writing fails', () => {
  test('an answer that is on its way all the same is delivered, with its body, and the connection ends', async () => {
    for (const body of [undefined, 'x'.repeat(10)]) {
      const { io, connection, sent, reply, outcome } = await asking(new HttpRequest('POST', '/', { body }))
      io.failWrites()
      await sent()
      expect(outcome.state).toBe('pending')
      await reply('HTTP/1.1 413 Content Too Large\r\ncontent-length: 3\r\n\r\nb')
      const text = watch(outcome.value!.text())
      await reply('ig')
      expect(text.value).toBe('big')
      expect(await connection.closed).toMatchObject({ error: null })
      expect(io.closed).toBe(true)
    }
  })

  test('an answer during an upload is delivered, the source is told, and the connection ends', async () => {
    for (const wire of ['content-length: 3\r\n\r\nbig', 'content-length: 0\r\n\r\n', 'transfer-encoding: chunked\r\n\r\n3\r\nbig\r\n0\r\n\r\n']) {
      const { request, send, isClosed } = upload()
      const { io, connection, sent, reply, outcome } = await asking(request)
      send('abc')
      await sent()
      io.failWrites()
      send('def')
      await sent()
      expect(isClosed()).toBe(true)
      await reply(`HTTP/1.1 413 Content Too Large\r\n${wire}`)
      expect(await outcome.value!.text()).toBe(wire.includes('big') ? 'big' : '')
      expect(await connection.closed).toMatchObject({ error: null })
      expect(io.closed).toBe(true)
    }
  })

  test('no answer comes: the error of the write, by IO', async () => {
    for (const how of ['end', 'close'] as const) {
      const { io, sent, outcome } = await asking(new HttpRequest('POST', '/', { body: 'abc' }))
      io.failWrites()
      if (how === 'end') io.feedEnd()
      else io.feedClose()
      await sent()
      expect(outcome.error).toMatchObject({ code: 'IO', by: 'io', phase: 'write', cause: { code: 'EPIPE' } })
    }
  })

  test('on an idle connection: it ends', async () => {
    const { io, sender, connection, reply } = await asking()
    await reply(EMPTY)
    io.failWrites()
    expect(await connection.closed).toMatchObject({ error: { code: 'IO', phase: 'write' } })
    expect(await errorOf(sender.send(get()))).toMatchObject({ code: 'CLOSED', retryable: true })
  })
})

/** An AbortSignal that counts its listeners. */
class Signal implements AbortSignalLike {
  aborted = false
  reason: unknown = undefined
  readonly listeners = new Set<() => void>()

  addEventListener(_type: 'abort', listener: () => void): void {
    this.listeners.add(listener)
  }

  removeEventListener(_type: 'abort', listener: () => void): void {
    this.listeners.delete(listener)
  }

  abort(): void {
    this.aborted = true
    this.reason = new Error('enough')
    for (const listener of this.listeners) listener()
  }
}

const GIVEN_UP = { code: 'CANCELED', by: 'user', cause: { message: 'enough' } }

describe('the caller gives up', () => {
  test('before sending: nothing is sent, and the connection is as it was', async () => {
    const { sender, sent } = dialed()
    const signal = new Signal()
    signal.abort()
    const request = new HttpRequest('POST', '/', { body: stream('abc') })
    expect(await errorOf(sender.send(request, { signal }))).toMatchObject(GIVEN_UP)
    expect(await sent()).toBe('')
    expect(request.body.used).toBe(false)
    expect(sender.isReady).toBe(true)
    expect(signal.listeners.size).toBe(0)
  })

  test('row 162: while waiting for the head: the connection is reset', async () => {
    const signal = new Signal()
    const { io, connection, sent, outcome } = await asking(get(), signal)
    expect(signal.listeners.size).toBe(1)
    signal.abort()
    await sent()
    expect(outcome.error).toMatchObject(GIVEN_UP)
    expect(outcome.error!.isCanceled()).toBe(true)
    expect(io.aborted).toBe(true)
    expect(await connection.closed).toMatchObject({ error: GIVEN_UP })
    expect(signal.listeners.size).toBe(0)
  })

  test('row 162: while the request is being sent: its source is told', async () => {
    const signal = new Signal()
    const { request, send, isClosed } = upload()
    const { io, sent, outcome } = await asking(request, signal)
    send('abc')
    await sent()
    signal.abort()
    await sent()
    expect(outcome.error).toMatchObject(GIVEN_UP)
    expect(isClosed()).toBe(true)
    expect(io.aborted).toBe(true)
    expect(signal.listeners.size).toBe(0)
  })

  test('row 162: while the body comes: it fails, and the connection is reset', async () => {
    const signal = new Signal()
    const { io, sent, reply, outcome } = await asking(get(), signal)
    await reply(`${OK}content-length: 10\r\n\r\nfoo`)
    const text = watch(outcome.value!.text())
    expect(signal.listeners.size).toBe(1)
    signal.abort()
    await sent()
    expect(text.error).toMatchObject(GIVEN_UP)
    expect(io.aborted).toBe(true)
    expect(signal.listeners.size).toBe(0)
  })

  test('after the exchange: nothing happens, and the listener is gone', async () => {
    for (const wire of [EMPTY, `${OK}transfer-encoding: chunked\r\n\r\n0\r\n\r\n`]) {
      const signal = new Signal()
      const { io, sender, sent, reply, outcome } = await asking(get(), signal)
      await reply(wire)
      expect(await outcome.value!.text()).toBe('')
      expect(signal.listeners.size).toBe(0)
      signal.abort()
      await sent()
      expect(io.aborted).toBe(false)
      expect(sender.isReady).toBe(true)
    }
  })

  test('the listener is gone after every other end, too', async () => {
    const ends: readonly ((all: Asking) => unknown)[] = [
      ({ reply }) => reply('nonsense'),
      ({ io }) => io.feedEnd(),
      ({ io }) => io.feedClose(new Error('reset')),
      ({ connection }) => connection.abort(),
      ({ reply }) => reply(`${OK}content-length: 9\r\n\r\nfoo`).then(() => 0),
    ]
    for (const end of ends) {
      const signal = new Signal()
      const all = await asking(get(), signal)
      await end(all)
      if (all.outcome.state === 'resolved') all.io.feedClose()
      await all.sent()
      expect(signal.listeners.size).toBe(0)
    }
    const signal = new Signal()
    const { sender } = dialed()
    const request = get()
    ;(request as { method: string }).method = 'a b'
    expect(await errorOf(sender.send(request, { signal }))).toMatchObject({ code: 'INVALID_METHOD' })
    expect(signal.listeners.size).toBe(0)
    const switched = new Signal()
    const tunnel = await asking(new HttpRequest('CONNECT', 'a:1'), switched)
    await tunnel.reply(`${OK}\r\n`)
    expect(switched.listeners.size).toBe(0)
  })

  test('a small body: the rest is read and dropped, and the connection can be used again', async () => {
    for (const when of ['before', 'within'] as const) {
      const { io, sender, reply, outcome } = await asking()
      await reply(`${OK}content-length: 60000\r\n\r\n${when === 'within' ? 'x'.repeat(100) : ''}`)
      outcome.value!.body.cancel()
      expect(sender.isReady).toBe(false)
      await reply('x'.repeat(when === 'within' ? 59_900 : 60_000))
      expect(io.aborted).toBe(false)
      expect(sender.isReady).toBe(true)
      expect(await outcome.value!.trailers).toBeNull()
    }
  })

  test('a small body, given up in the middle of reading it', async () => {
    const { sender, reply, outcome } = await asking()
    const reading = (async () => {
      while (outcome.value === null) await Promise.resolve()
      for await (const chunk of outcome.value.body) return chunk.length
      return 0
    })()
    await reply(`${OK}content-length: 10\r\n\r\nfoo`)
    expect(await reading).toBe(3)
    await reply('barbaz!')
    expect(sender.isReady).toBe(true)
  })

  test('a large body, and one of unknown length: the connection is reset', async () => {
    for (const head of ['content-length: 1000000\r\n\r\n', 'transfer-encoding: chunked\r\n\r\n', '\r\n']) {
      const { io, connection, sender, reply, outcome } = await asking()
      await reply(OK + head)
      outcome.value!.body.cancel(new Error('enough'))
      expect(io.aborted).toBe(true)
      expect(sender.isClosed).toBe(true)
      expect(await connection.closed).toMatchObject({ error: GIVEN_UP })
    }
  })

  test('a body that nobody reads stops the transport after one chunk', async () => {
    const { io, reply, outcome } = await asking()
    await reply(`${OK}content-length: 9\r\n\r\nfoo`)
    await reply('bar')
    expect(io.paused).toBe(true)
    const text = watch(outcome.value!.text())
    await reply('baz')
    expect(text.value).toBe('foobarbaz')
  })
})
