import { MockIo } from '@hyper/testkit'
import type { VirtualRuntime } from '@hyper/testkit'
import { describe, expect, test } from 'vitest'
import { upgraded } from '../../src/h1/index.ts'
import { HttpRequest, HttpResponse } from '../../src/http/index.ts'
import type { Exchange, IoParts, Service } from '../../src/service/service.ts'
import {
  dialed,
  errorOf,
  everyClientRun,
  GET,
  served,
  stream,
  textOf,
  watch,
  type Outcome,
} from './wire-kit.ts'

// Rows 125–131: a connection that is handed over, in both roles.

const OFFER = 'GET /chat HTTP/1.1\r\nhost: a\r\nconnection: upgrade\r\nupgrade: foobar\r\n\r\n'
const CONNECT = 'CONNECT a:443 HTTP/1.1\r\nhost: a:443\r\n\r\n'
const SWITCH = { connection: 'upgrade', upgrade: 'foobar' }
const SWITCHED = 'HTTP/1.1 101 Switching Protocols\r\nupgrade: foobar\r\nconnection: upgrade\r\n\r\n'

/** A service that takes every offer, at once or later, and what became of the last one. */
function taker(late: boolean): { service: Service; last: () => Outcome<IoParts> } {
  let last: Outcome<IoParts> | null = null
  const answer = (method: string): HttpResponse =>
    method === 'CONNECT' ? new HttpResponse() : new HttpResponse(null, { status: 101, headers: SWITCH })
  return {
    service: (request, exchange) => {
      last = watch(exchange.upgrade())
      return late
        ? new Promise((resolve) => setImmediate(resolve)).then(() => answer(request.method))
        : answer(request.method)
    },
    last: () => last!,
  }
}

/** What the new owner of a connection receives. */
function own(parts: IoParts): { text: () => string; log: string[] } {
  const log: string[] = []
  let text = textOf(parts.leftover)
  parts.io.start({
    onData: (chunk) => {
      text += textOf(chunk)
      return false
    },
    onEnd: () => void log.push('end'),
    onDrain: () => {},
    onWriteError: () => void log.push('write error'),
    onClose: (error) => void log.push(error === null ? 'close' : 'error'),
  })
  return { text: () => text, log }
}

describe('the server hands its connection over', () => {
  for (const late of [false, true]) {
    for (const [name, wire, answer] of [
      ['101', OFFER, SWITCHED],
      ['CONNECT', CONNECT, 'HTTP/1.1 200 OK\r\n\r\n'],
    ] as const) {
      test(`row 125: ${name}, ${late ? 'late' : 'at once'}: with the bytes after the head, in the same packet and later`, async () => {
        for (const cut of [0, 1, 2, 3, 7]) {
          const { service, last } = taker(late)
          const { io, runtime, connection, ask } = served(service)
          const rest = 'tunnel bytes'
          io.feed(wire + rest.slice(0, cut))
          if (cut < rest.length) io.feed(rest.slice(cut, cut + 1))
          expect(await ask()).toBe(answer)
          const parts = last().value!
          expect(parts.io).toBe(io)
          const owner = own(parts)
          io.feed(rest.slice(cut + 1))
          io.feedEnd()
          await runtime.settle()
          expect(owner.text()).toBe(rest)
          expect(owner.log).toEqual(['end'])
          // Nobody but the owner writes or closes any more.
          expect(io.calls.filter((call) => call === 'end' || call === 'close' || call === 'abort')).toEqual(
            [],
          )
          parts.io.write('bye')
          expect(io.take()).toBe('bye')
          expect(await connection.closed).toEqual({ error: null, reasons: ['switched'] })
          expect(runtime.timer.pending).toBe(0)
        }
      })
    }
  }

  test('row 126: the hand-over comes after the head of the answer is written', async () => {
    const seen: string[] = []
    const { io, ask } = served((_request, exchange) => {
      void exchange.upgrade().then(() => seen.push(io.text))
      return new HttpResponse(null, { status: 101, headers: SWITCH })
    })
    await ask(OFFER)
    expect(seen).toEqual([SWITCHED])
  })

  test('onSwitched sees the transport before the service does, which gets what it gives', async () => {
    const { service, last } = taker(false)
    const other = new MockIo()
    const seen: unknown[] = []
    const options = { onSwitched: (given: unknown) => (seen.push(given), other) }
    const { io, ask } = served(service, options)
    await ask(`${OFFER}left`)
    expect([seen, last().value?.io]).toEqual([[io], other])
    expect(textOf(last().value!.leftover)).toBe('left')
  })

  test('onSwitched that throws changes nothing, and the runtime hears of it', async () => {
    const { service, last } = taker(false)
    const onSwitched = (): never => {
      throw new Error('no')
    }
    const { ask, io, runtime } = served(service, { onSwitched })
    await ask(OFFER)
    expect([last().value?.io, runtime.errors]).toEqual([io, [new Error('no')]])
  })

  test("row 126: leftover bytes are the owner's: the transport does not use their memory again", async () => {
    const { service, last } = taker(false)
    const { ask } = served(service)
    // MockIo overwrites chunks that are given back.
    await ask(`${OFFER}leftover`)
    expect(textOf(last().value!.leftover)).toBe('leftover')
  })

  test('row 126: a request with Upgrade and a body that is read: the switch comes after the body', async () => {
    const offer = OFFER.replace('\r\n\r\n', '\r\ncontent-length: 5\r\n\r\n')
    let body = ''
    let last: Outcome<IoParts> | null = null
    const { io, ask } = served(async (request, exchange) => {
      last = watch(exchange.upgrade())
      body = await request.text()
      return new HttpResponse(null, { status: 101, headers: SWITCH })
    })
    expect(await ask(`${offer}hel`)).toBe('')
    expect(await ask('lo')).toBe(SWITCHED)
    expect(body).toBe('hello')
    expect(last!.value!.io).toBe(io)
    const owner = own(last!.value!)
    io.feed('after')
    expect(owner.text()).toBe('after')
  })

  test('row 126: a request with Upgrade and a body that nobody reads: it is not taken for the new protocol', async () => {
    for (const [framing, wire] of [
      ['content-length: 5', 'hello'],
      ['transfer-encoding: chunked', '5\r\nhello\r\n0\r\n\r\n'],
    ]) {
      const offer = OFFER.replace('\r\n\r\n', `\r\n${framing}\r\n\r\n`)
      for (const pieces of [
        [`${offer}${wire}after`],
        [offer, wire, 'after'],
        `${offer}${wire}after`.split(''),
      ]) {
        const { service, last } = taker(false)
        const { io, runtime, ask } = served(service)
        let written = ''
        for (const piece of pieces) written += await ask(piece)
        expect(written).toBe(SWITCHED)
        const owner = own(last().value!)
        await runtime.settle()
        expect(owner.text()).toBe('after')
        expect(io.aborted).toBe(false)
      }
    }
  })

  test('row 126: a body too long to skip keeps the connection from being handed over', async () => {
    const offer = OFFER.replace('\r\n\r\n', '\r\ncontent-length: 1000000\r\n\r\n')
    const { service, last } = taker(false)
    const { io, connection, runtime, ask } = served(service)
    await ask(offer)
    runtime.advance(10_000)
    await ask()
    expect(last().state).toBe('rejected')
    expect(io.ended || io.aborted).toBe(true)
    await connection.closed
  })

  test('row 127: an offer that the service ignores is answered as any request, and the connection goes on', async () => {
    const { ask } = served((request) => new HttpResponse(request.target))
    const chat = 'HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\n/chat'
    expect(await ask(OFFER)).toBe(chat)
    expect(await ask(OFFER + GET)).toBe(`${chat}HTTP/1.1 200 OK\r\ncontent-length: 1\r\n\r\n/`)
  })

  test('row 127: an offer that is declined: the promise says so, and the connection goes on', async () => {
    const outcomes: Outcome<IoParts>[] = []
    const { ask } = served((_request, exchange) => {
      outcomes.push(watch(exchange.upgrade()))
      return new HttpResponse(null, { status: 403 })
    })
    const refusal = 'HTTP/1.1 403 Forbidden\r\ncontent-length: 0\r\n\r\n'
    expect(await ask(OFFER + OFFER)).toBe(refusal + refusal)
    expect(await ask(CONNECT)).toBe(refusal.replace('\r\n\r\n', '\r\nconnection: close\r\n\r\n'))
    expect(outcomes.map(({ error }) => error?.code)).toEqual(['NO_UPGRADE', 'NO_UPGRADE', 'NO_UPGRADE'])
    expect(outcomes[0]!.error).toMatchObject({ by: 'user' })
  })

  test('row 127: bytes for a tunnel that was refused are not taken for requests', async () => {
    for (const [late, behind] of [
      [false, GET],
      [true, GET],
      [false, ''],
    ] as const) {
      const targets: string[] = []
      const { io, ask } = served((request) => {
        targets.push(request.target)
        const answer = new HttpResponse(null, { status: 403 })
        return late ? new Promise((resolve) => setImmediate(() => resolve(answer))) : answer
      })
      expect(await ask(`${CONNECT}${behind}`)).toBe(
        'HTTP/1.1 403 Forbidden\r\ncontent-length: 0\r\nconnection: close\r\n\r\n',
      )
      if (behind === '') io.feed(GET)
      expect(targets).toEqual(['a:443'])
      expect(io.ended).toBe(true)
    }
  })

  test('row 128: no offer, no upgrade: not without Connection, not with HTTP/1.0, not twice, not after the answer', async () => {
    const outcomes: Outcome<IoParts>[] = []
    let kept: Exchange | null = null
    const { io, ask } = served((request, exchange) => {
      outcomes.push(watch(exchange.upgrade()))
      if (request.target === '/twice') outcomes.push(watch(exchange.upgrade()))
      kept = exchange
      return new HttpResponse()
    })
    await ask(GET)
    await ask('GET / HTTP/1.1\r\nhost: a\r\nupgrade: foobar\r\n\r\n')
    await ask('GET / HTTP/1.1\r\nhost: a\r\nconnection: upgrade\r\n\r\n')
    await ask(OFFER.replace('/chat', '/twice'))
    await ask('GET / HTTP/1.0\r\nconnection: upgrade\r\nupgrade: foobar\r\n\r\n')
    outcomes.push(watch(kept!.upgrade()))
    await ask()
    expect(outcomes.map(({ error }) => error?.code)).toEqual(Array(7).fill('NO_UPGRADE'))
    expect(io.ended).toBe(true)
  })

  test('row 128: 101 to a request that offers nothing is an error of the caller', async () => {
    const answer = 'HTTP/1.1 500 Internal Server Error\r\ncontent-length: 0\r\n'
    for (const [wire, end] of [
      [GET, '\r\n'],
      [CONNECT, 'connection: close\r\n\r\n'],
    ] as const) {
      const { ask, runtime } = served(() => new HttpResponse(null, { status: 101, headers: SWITCH }))
      expect(await ask(wire)).toBe(answer + end)
      expect(runtime.errors).toMatchObject([{ code: 'INVALID_STATUS', by: 'user' }])
    }
  })

  test('row 128: an answer that switches while nobody has asked for the connection: MANUAL_UPGRADE', async () => {
    for (const [wire, init] of [
      [OFFER, { status: 101, headers: SWITCH }],
      [CONNECT, { status: 200 }],
    ] as const) {
      const { io, connection, ask } = served(() => new HttpResponse(null, init))
      await ask(wire)
      expect(await connection.closed).toMatchObject({ error: { code: 'MANUAL_UPGRADE', by: 'user' } })
      expect(io.closed).toBe(true)
    }
  })

  test('row 128: the connection goes before the answer: the promise says so', async () => {
    let last: Outcome<IoParts> | null = null
    const { io, ask } = served((_request, exchange) => {
      last = watch(exchange.upgrade())
      return new Promise(() => {})
    })
    await ask(OFFER)
    io.feedClose(new Error('reset'))
    await ask()
    expect(last!.error).toMatchObject({ code: 'IO', by: 'io' })
  })

  test('row 129: what was given to the driver comes back as the same object', async () => {
    const { service, last } = taker(false)
    const { io, ask } = served(service)
    await ask(OFFER)
    expect(last().value!.io).toBe(io)
    expect(last().value!.io).toBeInstanceOf(MockIo)
    expect(last().value!.leftover).toHaveLength(0)
  })

  test('row 119: graceful shutdown and abort after an upgrade do nothing', async () => {
    const { service, last } = taker(false)
    const { io, connection, runtime, ask } = served(service)
    await ask(OFFER)
    const owner = own(last().value!)
    connection.gracefulShutdown()
    connection.abort()
    await runtime.settle()
    io.feed('still here')
    expect(owner.text()).toBe('still here')
    expect(io.ended || io.aborted || io.released).toBe(false)
    expect(await connection.closed).toMatchObject({ error: null })
  })

  test('row 119: graceful shutdown before the answer: the switch still happens', async () => {
    const { service, last } = taker(true)
    const { connection, ask, io } = served(service)
    io.feed(OFFER)
    connection.gracefulShutdown()
    expect(await ask()).toBe(SWITCHED)
    expect(last().value!.io).toBe(io)
  })
})

function offer(init: { method?: string; body?: string } = {}): HttpRequest {
  return new HttpRequest(init.method ?? 'GET', '/chat', { headers: SWITCH, body: init.body })
}

async function handOver(
  request: HttpRequest,
  wire: readonly string[],
): Promise<{
  io: MockIo
  runtime: VirtualRuntime
  parts: IoParts
  response: HttpResponse
  done: Promise<unknown>
}> {
  const { io, runtime, sender, connection, sent, reply } = dialed()
  const outcome = watch(sender.send(request))
  await sent()
  for (const piece of wire) await reply(piece)
  const response = outcome.value!
  return { io, runtime, response, parts: await upgraded(response), done: connection.closed }
}

describe('the client hands its connection over', () => {
  for (const [name, request, head, status] of [
    ['101', offer(), SWITCHED, 101],
    ['CONNECT', new HttpRequest('CONNECT', 'a:443'), 'HTTP/1.1 200 Connection established\r\n\r\n', 200],
    [
      'CONNECT with a length',
      new HttpRequest('CONNECT', 'a:443'),
      'HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\n',
      200,
    ],
  ] as const) {
    test(`row 125: ${name}: with the bytes after the head`, async () => {
      const rest = 'tunnel bytes'
      for (const wire of [
        [head + rest],
        [head, rest],
        (head + rest).split(''),
        [head.slice(0, -1), `\n${rest}`],
      ]) {
        const { io, runtime, parts, response, done } = await handOver(request, wire)
        expect(response.status).toBe(status)
        expect(await response.text()).toBe('')
        expect(parts.io).toBe(io)
        const owner = own(parts)
        io.feedEnd()
        await runtime.settle()
        expect(owner.text()).toBe(rest)
        expect(owner.log).toEqual(['end'])
        expect(io.ended || io.aborted || io.released).toBe(false)
        expect(await done).toEqual({ error: null, reasons: ['switched'] })
        expect(runtime.timer.pending).toBe(0)
      }
    })
  }

  test('row 125: 101 after interim responses', () => {
    expect(
      everyClientRun(`HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\na: b\r\n\r\n${SWITCHED}rest`, {
        headers: Object.entries(SWITCH),
      }),
    ).toEqual(['100', '103 a=b', '1.1 101 upgrade=foobar connection=upgrade', 'switched'])
  })

  test('row 126: an offer with a body: the switch comes once the body is sent', async () => {
    const { io, sender, sent, reply } = dialed()
    let release = (): void => {}
    const gate = new Promise<void>((resolve) => (release = resolve))
    async function* body(): AsyncGenerator<string> {
      yield 'hel'
      await gate
      yield 'lo'
    }
    const outcome = watch(sender.send(new HttpRequest('POST', '/chat', { headers: SWITCH, body: body() })))
    expect(await sent()).toBe(
      'POST /chat HTTP/1.1\r\nupgrade: foobar\r\ntransfer-encoding: chunked\r\nconnection: upgrade\r\n\r\n3\r\nhel\r\n',
    )
    await reply(`${SWITCHED}early`)
    const parts = watch(upgraded(outcome.value!))
    await sent()
    expect(parts.state).toBe('pending')
    release()
    expect(await sent()).toBe('2\r\nlo\r\n0\r\n\r\n')
    expect(parts.value!.io).toBe(io)
    expect(textOf(parts.value!.leftover)).toBe('early')
  })

  test('row 127: an offer that is ignored or refused is answered as any request', async () => {
    const { sender, sent, reply } = dialed()
    const first = watch(sender.send(offer()))
    expect(await sent()).toBe('GET /chat HTTP/1.1\r\nupgrade: foobar\r\nconnection: upgrade\r\n\r\n')
    await reply('HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nno')
    expect(await first.value!.text()).toBe('no')
    expect(await errorOf(upgraded(first.value!))).toMatchObject({ code: 'NO_UPGRADE', by: 'user' })
    const second = watch(sender.send(new HttpRequest('CONNECT', 'a:443')))
    expect(await sent()).toBe('CONNECT a:443 HTTP/1.1\r\n\r\n')
    await reply('HTTP/1.1 403 Forbidden\r\ncontent-length: 2\r\n\r\nno')
    expect(await second.value!.text()).toBe('no')
    expect(await errorOf(upgraded(second.value!))).toMatchObject({ code: 'NO_UPGRADE' })
    expect(sender.isReady).toBe(true)
  })

  test('row 128: the connection goes before the hand-over: the promise says so', async () => {
    const { io, sender, sent, reply } = dialed()
    async function* endless(): AsyncGenerator<string> {
      yield 'a'
      await new Promise(() => {})
    }
    const outcome = watch(sender.send(new HttpRequest('POST', '/', { headers: SWITCH, body: endless() })))
    await sent()
    await reply(SWITCHED)
    const parts = watch(upgraded(outcome.value!))
    io.feedClose(new Error('reset'))
    await sent()
    expect(parts.error).toMatchObject({ code: 'IO' })
  })

  test('row 128: 101 without an offer is an error', () => {
    for (const headers of [[], [['upgrade', 'foobar']], [['connection', 'upgrade']]] as [
      string,
      string,
    ][][]) {
      expect(everyClientRun(SWITCHED, { headers })).toEqual(['failed PARSE_STATUS', 'closed'])
    }
    expect(everyClientRun(SWITCHED, { method: 'CONNECT', headers: Object.entries(SWITCH) })).toEqual([
      'failed PARSE_STATUS',
      'closed',
    ])
  })

  test('row 130: after the hand-over the sender is not ready, and sending fails', async () => {
    const { sender, connection, sent, reply } = dialed()
    const ready: boolean[] = []
    sender.onReady = () => void ready.push(sender.isReady)
    watch(sender.send(offer()))
    await sent()
    const waiting = watch(sender.ready())
    await reply(SWITCHED)
    expect(sender.isReady).toBe(false)
    expect(sender.isClosed).toBe(true)
    expect(ready).toEqual([false])
    expect(waiting.error).toMatchObject({ code: 'CLOSED' })
    const request = new HttpRequest('POST', '/', { body: stream('abc') })
    expect(await errorOf(sender.send(request))).toMatchObject({ code: 'CLOSED', retryable: true })
    expect(request.body.used).toBe(false)
    connection.gracefulShutdown()
    connection.abort()
    expect(await sent()).toBe('')
  })

  test('row 131: the target of CONNECT is written as it is given', async () => {
    for (const target of ['a:443', '[::1]:80', 'http://a:80/']) {
      const { sender, sent } = dialed()
      watch(sender.send(new HttpRequest('CONNECT', target, { headers: { host: 'a' } })))
      expect(await sent()).toBe(`CONNECT ${target} HTTP/1.1\r\nhost: a\r\n\r\n`)
    }
  })
})
