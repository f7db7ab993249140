import { describe, expect, test } from 'vitest'
import { channel } from '../../src/body/index.ts'
import { upgraded } from '../../src/h1/index.ts'
import { HttpRequest } from '../../src/http/index.ts'
import type { HttpResponse } from '../../src/http/index.ts'
import type { AbortSignalLike } from '../../src/rt/index.ts'
import { dialed, errorOf, stream, watch, type Dialed, type Outcome } from './wire-kit.ts'

// Row 162, and what a client must withstand: answers that come early, bytes that nobody has asked for, transports that
// fail, and callers who give up.

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
    expect(await connection.closed).toMatchObject({
      error: null,
      reasons: expect.arrayContaining(['peer-close']),
    })
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

describe('bytes that come while the request is not complete', () => {
  test('after its response: they are not piled up, and end the connection with the request', async () => {
    const { request, send, end } = upload()
    const { io, connection, sent, reply, outcome } = await asking(request)
    await reply(`${EMPTY}${EMPTY}`)
    expect(outcome.value!.status).toBe(200)
    expect(io.paused).toBe(true)
    io.feed('x'.repeat(100_000))
    expect(io.unread).toBe(1)
    send('abc')
    end()
    await sent()
    expect(await connection.closed).toMatchObject({ error: { code: 'UNEXPECTED_MESSAGE' } })
  })

  test('after a switch: they wait in the transport for the next owner', async () => {
    const { sender: body, body: given } = channel()
    const headers = { connection: 'upgrade', upgrade: 'x' }
    const { io, sent, reply, outcome } = await asking(new HttpRequest('POST', '/', { headers, body: given }))
    await reply('HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: x\r\n\r\n')
    expect(io.paused).toBe(true)
    io.feed('x'.repeat(100_000))
    io.feedEnd()
    body.end()
    await sent()
    const { io: handed, leftover } = await upgraded(outcome.value!)
    expect(handed).toBe(io)
    expect(leftover).toHaveLength(0)
    expect(io.unread).toBe(2)
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
    for (const wire of [
      'content-length: 3\r\n\r\nbig',
      'content-length: 0\r\n\r\n',
      'transfer-encoding: chunked\r\n\r\n3\r\nbig\r\n0\r\n\r\n',
    ]) {
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

  test('a large body that nobody reads stops the transport after one chunk', async () => {
    const { io, reply, outcome } = await asking()
    await reply(`${OK}content-length: 65546\r\n\r\nfoo`)
    expect(io.paused).toBe(false)
    await reply('barbaz')
    expect(io.paused).toBe(true)
    const text = watch(outcome.value!.text())
    const rest = 'x'.repeat(65_537)
    await reply(rest)
    expect(text.value).toBe(`foobarbaz${rest}`)
  })

  test.each([
    ['of known length', (size: number) => `content-length: ${size}\r\n\r\n${'x'.repeat(size)}`],
    [
      'of unknown length',
      (size: number) =>
        `transfer-encoding: chunked\r\n\r\n${size.toString(16)}\r\n${'x'.repeat(size)}\r\n0\r\n\r\n`,
    ],
  ])(
    'row 299: a body of up to 64 KiB, %s, need not be read: the connection is free, and it can be read later',
    async (_, wire) => {
      for (const size of [1, 65_536, 65_537]) {
        const { sender, reply, outcome } = await asking()
        await reply(OK + wire(size))
        expect([size, sender.isReady]).toEqual([size, size <= 65_536])
        expect((await outcome.value!.text()).length).toBe(size)
        expect(sender.isReady).toBe(true)
      }
    },
  )

  test('row 299: a body that its reader has paused is finished when little of it is left', async () => {
    const { sender, reply, outcome } = await asking()
    await reply(`${OK}transfer-encoding: chunked\r\n\r\n3\r\nfoo\r\n`)
    const chunks = outcome.value!.body[Symbol.asyncIterator]()
    const first = await chunks.next()
    expect(first.value?.length).toBe(3)
    await reply('3\r\nbar\r\n0\r\n\r\n')
    expect(sender.isReady).toBe(true)
    expect((await chunks.next()).value?.length).toBe(3)
    expect(await chunks.next()).toEqual({ done: true, value: undefined })
  })
})
