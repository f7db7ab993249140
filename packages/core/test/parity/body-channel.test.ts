import { describe, expect, test } from 'vitest'
import { channel } from '../../src/body/index.ts'
import { handshake, serveConnection } from '../../src/h1/index.ts'
import { HeaderMap, HttpRequest, HttpResponse } from '../../src/http/index.ts'
import type { Service } from '../../src/service/service.ts'
import { VirtualRuntime } from '@hyper/testkit'
import { duplex } from '../../../util/src/memory/index.ts'
import { answerTo, dialed, errorOf, fieldsOf, GET, served, stream, watch } from './wire-kit.ts'

// Rows 164–172: bodies between a connection and its users, and the writes that a turn ends in.

const POST = 'POST / HTTP/1.1\r\nhost: a\r\n'
const OK = 'HTTP/1.1 200 OK\r\n'

describe('bodies and connections', () => {
  test('row 164: the hint of a request body is its length, of a chunked one nothing, of none zero', async () => {
    const hints: unknown[] = []
    const { ask } = served((request) => {
      hints.push(request.body.sizeHint)
      return new HttpResponse()
    })
    await ask(GET)
    await ask(`${POST}content-length: 4\r\n\r\nabcd`)
    await ask(`${POST}transfer-encoding: chunked\r\n\r\n0\r\n\r\n`)
    expect(hints).toEqual([
      { lower: 0, upper: 0 },
      { lower: 4, upper: 4 },
      { lower: 0, upper: null },
    ])
  })

  test('row 165: an aborted channel cuts the message: what it held is written, its end is not', async () => {
    const { sender, body } = channel()
    const { io, runtime, ask } = served(() => new HttpResponse(body))
    sender.trySend('chunk')
    sender.abort(new Error('why'))
    expect(await ask(GET)).toBe(`${OK}transfer-encoding: chunked\r\n\r\n5\r\nchunk\r\n`)
    expect(io.aborted).toBe(true)
    expect(runtime.errors).toMatchObject([{ code: 'BODY_WRITE_ABORTED', cause: { message: 'why' } }])
  })

  test('row 166: of a body that nobody reads, 16 KiB are held; then the transport is stopped', async () => {
    let release = (): void => {}
    const gate = new Promise<void>((resolve) => (release = resolve))
    const { io, ask } = served(async (request) => {
      await gate
      return new HttpResponse(await request.text())
    })
    const [first, more, rest] = ['a'.repeat(3), 'b'.repeat(16_383), 'd'.repeat(10)]
    await ask(`${POST}content-length: 16397\r\n\r\n${first}`)
    await ask(more)
    expect(io.paused).toBe(false)
    await ask('c')
    expect(io.paused).toBe(true)
    io.feed(rest)
    expect(io.unread).toBe(1)
    release()
    expect(await ask()).toBe(`${OK}content-length: 16397\r\n\r\n${first}${more}c${rest}`)
    expect(io.unread).toBe(0)
  })

  test('row 166: a sender that is ended at once is an empty body', async () => {
    const { sender, body } = channel()
    sender.end()
    expect(await answerTo(GET, () => new HttpResponse(body))).toBe(`${OK}content-length: 0\r\n\r\n`)
  })

  test('row 167: 100 is sent when the body is wanted; a sender on demand waits for its reader', async () => {
    let read = (): void => {}
    const gate = new Promise<void>((resolve) => (read = resolve))
    const { ask } = served(async (request) => {
      await gate
      return new HttpResponse(await request.text())
    })
    expect(await ask(`${POST}content-length: 3\r\nexpect: 100-continue\r\n\r\n`)).toBe('')
    read()
    expect(await ask()).toBe('HTTP/1.1 100 Continue\r\n\r\n')
    expect(await ask('abc')).toBe(`${OK}content-length: 3\r\n\r\nabc`)

    const { sender, body } = channel({ onDemand: true })
    const ready = watch(sender.ready())
    const page = served(() => new HttpResponse(body))
    expect(await page.ask()).toBe('')
    expect(ready.state).toBe('pending')
    expect(await page.ask(GET)).toBe(`${OK}transfer-encoding: chunked\r\n\r\n`)
    expect(ready.value).toBe(true)
  })

  test('row 167: a sender notices that the connection has gone', async () => {
    const { sender, body } = channel()
    const { io, ask } = served(() => new HttpResponse(body))
    await ask(GET)
    const closed = watch(sender.closed)
    io.feedClose(new Error('reset'))
    await ask()
    expect(closed.state).toBe('resolved')
    expect(await errorOf(sender.send('late'))).toMatchObject({ code: 'IO' })
  })
})

describe('what a turn writes', () => {
  test("row 168: chunks are taken in any size; how much is read at a time is the adapter's business", async () => {
    for (const size of [1, 7, 4096, 65_536]) {
      const { io, runtime } = served((request) =>
        request.text().then((text) => new HttpResponse(String(text.length))),
      )
      const wire = `${POST}content-length: 100000\r\n\r\n${'x'.repeat(100_000)}`
      for (let at = 0; at < wire.length; at += size) io.feed(wire.slice(at, at + size))
      await runtime.settle()
      expect(io.take()).toBe(`${OK}content-length: 6\r\n\r\n100000`)
    }
  })

  test('row 169: a head and a small body leave in one write', async () => {
    for (const body of ['abc', new Uint8Array([97, 98, 99])]) {
      const { io, runtime } = served(() => new HttpResponse(body))
      io.feed(GET)
      await runtime.settle()
      expect(io.writes.map(({ text, kind, more }) => ({ text, kind, more }))).toEqual([
        { text: `${OK}content-length: 3\r\n\r\nabc`, kind: 'text', more: false },
      ])
    }
  })

  test('row 169: the answers to requests of one packet leave in one write', async () => {
    const { io, runtime } = served((request) => new HttpResponse(request.target))
    io.feed(GET + GET + GET)
    await runtime.settle()
    expect(io.writes).toHaveLength(1)
  })

  test('row 169: chunks of one turn leave in one write', async () => {
    const { io, runtime } = served(() => new HttpResponse(['a', 'b', 'c']))
    io.feed(GET)
    await runtime.settle()
    expect(io.writes.map(({ text }) => text)).toEqual([
      `${OK}transfer-encoding: chunked\r\n\r\n1\r\na\r\n1\r\nb\r\n1\r\nc\r\n0\r\n\r\n`,
    ])
  })

  test('row 170: large bytes stand between the others as they are, and all are announced as one write', async () => {
    const large = new Uint8Array(5000).fill(120)
    const { io, runtime } = served(() => new HttpResponse(['a', large, 'b'] as Iterable<string | Uint8Array>))
    io.feed(GET)
    await runtime.settle()
    expect(io.writes.map(({ bytes, kind, more }) => [bytes.length, kind, more])).toEqual([
      [OK.length + 30 + 6 + 6, 'text', true],
      [5000, 'bytes', true],
      [2 + 6 + 5, 'text', false],
    ])
  })

  test('row 171: nothing empty is ever written', async () => {
    const { io, runtime } = served((request) =>
      request.method === 'HEAD'
        ? new HttpResponse('')
        : new HttpResponse(stream('', 'a', '', new Uint8Array(5000), '')),
    )
    io.feed(GET)
    io.feed('HEAD / HTTP/1.1\r\nhost: a\r\n\r\n')
    await runtime.settle()
    expect(io.writes.length).toBeGreaterThan(0)
    expect(io.writes.filter(({ bytes }) => bytes.length === 0)).toEqual([])
  })

  test('row 172: a transport that cannot write ends the connection with an error of IO', async () => {
    const cancelled: string[] = []
    const { io, connection, ask } = served((_request, exchange) => {
      exchange.onCancel((reason) => cancelled.push(reason.code))
      return new Promise(() => {})
    })
    await ask(GET)
    io.failWrites()
    await ask()
    expect(await connection.closed).toMatchObject({
      error: { code: 'IO', by: 'io', phase: 'write', cause: { code: 'EPIPE' } },
    })
    expect(cancelled).toEqual(['IO'])
    const client = dialed()
    const outcome = watch(client.sender.send(new HttpRequest('GET', '/')))
    client.io.failWrites()
    client.io.feedClose()
    await client.sent()
    expect(outcome.error).toMatchObject({ code: 'IO', phase: 'write', cause: { code: 'EPIPE' } })
  })
})

/** A client driver and a server driver with nothing but memory between them. */
function pair(service: Service, highWaterMark?: number) {
  const runtime = new VirtualRuntime()
  const [near, far] = duplex({ runtime, highWaterMark })
  const server = serveConnection(far, service, { runtime })
  const { sender, connection } = handshake(near, { runtime })
  return { runtime, server, sender, connection }
}

describe('client and server in memory', () => {
  const echo: Service = (request) =>
    new HttpResponse(request.body, { headers: { 'x-method': request.method } })

  test('rows 97, 164: many exchanges on one connection, of every framing', async () => {
    const { runtime, sender } = pair(echo)
    for (let i = 0; i < 20; i++) {
      const text = 'x'.repeat(i * 997)
      const outcome = watch(
        sender.send(
          new HttpRequest('POST', '/', { headers: { host: 'a' }, body: i % 2 === 0 ? text : stream(text) }),
        ),
      )
      await runtime.settle()
      const body = watch(outcome.value!.text())
      await runtime.settle()
      expect(body.value).toBe(text)
      await sender.ready()
    }
  })

  test('row 166: a large body through narrow pipes, both ways at once, and back whole', async () => {
    const { runtime, sender } = pair(echo, 1000)
    const parts = Array.from({ length: 60 }, (_, i) => new Uint8Array(5000).fill(i))
    const outcome = watch(
      sender.send(new HttpRequest('POST', '/', { headers: { host: 'a' }, body: stream(...parts) })),
    )
    await runtime.settle()
    const bytes = watch(outcome.value!.bytes())
    await runtime.settle()
    expect(bytes.value).toEqual(new Uint8Array(Buffer.concat(parts)))
    expect(sender.isReady).toBe(true)
  })

  test('rows 60, 88, 94: trailers travel both ways', async () => {
    const seen: string[] = []
    const { runtime, sender } = pair(async (request) => {
      const text = await request.text()
      seen.push(text, fieldsOf(await request.trailers))
      return new HttpResponse(text.toUpperCase(), { trailers: new HeaderMap({ sum: '2' }) })
    })
    const headers = { host: 'a', te: 'trailers' }
    const outcome = watch(
      sender.send(
        new HttpRequest('POST', '/', { headers, body: 'abc', trailers: new HeaderMap({ sum: '1' }) }),
      ),
    )
    await runtime.settle()
    expect(seen).toEqual(['abc', 'sum=1'])
    expect(await outcome.value!.text()).toBe('ABC')
    expect(fieldsOf(await outcome.value!.trailers)).toBe('sum=2')
  })

  test('row 162: the caller gives up: the service hears of it', async () => {
    const reasons: string[] = []
    const { runtime, server, sender, connection } = pair((_request, exchange) => {
      exchange.onCancel((reason) => reasons.push(reason.code))
      return new Promise(() => {})
    })
    const outcome = watch(sender.send(new HttpRequest('GET', '/', { headers: { host: 'a' } })))
    await runtime.settle()
    connection.abort()
    await runtime.settle()
    expect(outcome.error).toMatchObject({ code: 'CANCELED' })
    expect(reasons).toEqual(['IO'])
    expect((await server.closed).error).toMatchObject({ code: 'IO' })
    expect(runtime.timer.pending).toBe(0)
  })

  test('row 104: an upload that is refused at once: the client has the answer, and its source is stopped', async () => {
    for (const connection of ['close', 'keep-alive']) {
      const { runtime, sender, server } = pair(
        () => new HttpResponse('too big', { status: 413, headers: { connection } }),
        10_000,
      )
      let made = 0
      async function* endless(): AsyncGenerator<Uint8Array> {
        for (; made < 10_000; made++) yield new Uint8Array(5000)
      }
      const outcome = watch(
        sender.send(new HttpRequest('POST', '/', { headers: { host: 'a' }, body: endless() })),
      )
      await runtime.settle()
      expect(outcome.value?.status).toBe(413)
      const text = watch(outcome.value!.text())
      await runtime.settle()
      expect(text.value).toBe('too big')
      for (let i = 0; i < 5; i++) {
        runtime.advance(1000)
        await runtime.settle()
      }
      expect(made).toBeLessThan(100)
      expect(sender.isClosed).toBe(true)
      await server.closed
      expect(runtime.timer.pending).toBe(0)
    }
  })

  test('row 118: the server shuts down while idle: the client sees a clean end', async () => {
    const { runtime, server, sender, connection } = pair(echo)
    const outcome = watch(sender.send(new HttpRequest('GET', '/', { headers: { host: 'a' } })))
    await runtime.settle()
    expect(outcome.value!.status).toBe(200)
    server.gracefulShutdown()
    await runtime.settle()
    expect(await connection.closed).toMatchObject({ error: null })
    expect(await server.closed).toMatchObject({ error: null })
    expect(sender.isClosed).toBe(true)
    expect(runtime.timer.pending).toBe(0)
  })
})
