import { describe, expect, test } from 'vitest'
import { Body, channel, StreamFramesBody } from '../../src/body/index.ts'
import type { Frame } from '../../src/body/index.ts'
import { ClientMachine, ServerMachine, UNKNOWN_LENGTH } from '../../src/h1/index.ts'
import { HeaderMap, HttpRequest, HttpResponse } from '../../src/http/index.ts'
import type { HeadersInit } from '../../src/http/index.ts'
import { answerTo, dialed, GET, latin1, served, stream, thrown, watch } from './wire-kit.ts'

// Rows 85–96: bodies and trailers on their way out, byte for byte.

const GET_TE = 'GET / HTTP/1.1\r\nhost: a\r\nte: trailers\r\n\r\n'
const CHUNKED = 'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n'

function outputOf(machine: ClientMachine | ServerMachine): string {
  let text = ''
  for (let piece = machine.output.take(); piece !== null; piece = machine.output.take()) {
    text += typeof piece === 'string' ? piece : Buffer.from(piece).toString('latin1')
  }
  return text
}

/** A client machine that has sent the head of a request. */
function uploading(headers: HeadersInit, length: number = UNKNOWN_LENGTH): ClientMachine {
  const machine = new ClientMachine()
  machine.sendHead('POST', '/', '1.1', new HeaderMap(headers), length)
  outputOf(machine)
  return machine
}

describe('framing', () => {
  test('row 85: chunk sizes are upper-case hex, the end is one empty chunk', () => {
    const machine = uploading([])
    machine.sendText('foo')
    machine.sendData(latin1('x'.repeat(26)))
    machine.sendData(latin1('y'.repeat(0xabc)))
    machine.sendEnd(null)
    expect(outputOf(machine)).toBe(
      `3\r\nfoo\r\n1A\r\n${'x'.repeat(26)}\r\nABC\r\n${'y'.repeat(0xabc)}\r\n0\r\n\r\n`,
    )
  })

  test('row 86: what exceeds the announced length is cut', () => {
    const machine = uploading([], 8)
    machine.sendText('foo')
    machine.sendData(latin1('barbaz'))
    machine.sendData(latin1('more'))
    machine.sendText('more')
    machine.sendEnd(null)
    expect(outputOf(machine)).toBe('foobarba')
  })

  test('row 86: ending before the announced length is an error, and what is missing is not made up', async () => {
    const machine = uploading([], 8)
    machine.sendText('foobar')
    expect(thrown(() => machine.sendEnd(null))).toMatchObject({ code: 'BODY_WRITE_ABORTED', by: 'user' })
    expect(outputOf(machine)).toBe('foobar')

    const { io, runtime, connection, ask } = served(
      () => new HttpResponse(stream('foobar'), { headers: { 'content-length': '8' } }),
    )
    expect(await ask(GET)).toBe('HTTP/1.1 200 OK\r\ncontent-length: 8\r\n\r\nfoobar')
    expect(io.aborted).toBe(true)
    expect(await connection.closed).toMatchObject({ error: { code: 'BODY_WRITE_ABORTED' } })
    expect(runtime.errors).toMatchObject([{ code: 'BODY_WRITE_ABORTED' }])
  })

  test('row 87: until the close: raw bytes, and the end of the stream', async () => {
    const { io, ask } = served(() => new HttpResponse(stream('foo', 'bar', latin1('0\r\n\r\n'))))
    expect(await ask('GET / HTTP/1.0\r\n\r\n')).toBe(
      'HTTP/1.0 200 OK\r\nconnection: close\r\n\r\nfoobar0\r\n\r\n',
    )
    expect(io.ended).toBe(true)
  })

  test('row 87: until the close: a body that fails is reset, so that it cannot look complete', async () => {
    const { io, ask } = served(() => new HttpResponse(failing('foo')))
    expect(await ask('GET / HTTP/1.0\r\n\r\n')).toBe('HTTP/1.0 200 OK\r\nconnection: close\r\n\r\nfoo')
    expect(io.ended).toBe(false)
    expect(io.aborted).toBe(true)
  })

  test('row 95: a body of 100 frames arrives whole', async () => {
    const frames = Array.from({ length: 100 }, (_, i) => `frame ${i};`)
    const expected = frames
      .map((frame) => `${frame.length.toString(16).toUpperCase()}\r\n${frame}\r\n`)
      .join('')
    expect(await answerTo(GET, () => new HttpResponse(stream(...frames)))).toBe(
      `${CHUNKED}${expected}0\r\n\r\n`,
    )
  })

  test('row 95: a body of 100 frames arrives whole, through a transport that is full after each', async () => {
    const frames = Array.from({ length: 100 }, () => 'x'.repeat(70_000))
    const { io, runtime, ask } = served(() => new HttpResponse(stream(...frames)))
    io.hold()
    let text = await ask(GET)
    let rounds = 0
    while (!text.endsWith('0\r\n\r\n') && rounds++ < 300) {
      io.drain()
      io.hold()
      await runtime.settle()
      const more = io.take()
      // What is produced ahead of the transport is bounded.
      expect(more.length).toBeLessThan(220_000)
      text += more
    }
    expect(text).toBe(`${CHUNKED}${frames.map((frame) => `11170\r\n${frame}\r\n`).join('')}0\r\n\r\n`)
    expect(rounds).toBeGreaterThan(30)
  })

  test('row 95: a source that is never out of data is held by the transport too, also while its head is written', async () => {
    let made = 0
    const endless = {
      *[Symbol.iterator](): Generator<Uint8Array> {
        for (;;) {
          made++
          yield new Uint8Array(16_384)
        }
      },
    }
    const { io, ask } = served(() => new HttpResponse(endless))
    io.hold()
    await ask(GET)
    expect(made).toBeLessThan(20)
  })

  test('row 96: empty frames are left out, and never written as the last chunk', async () => {
    expect(
      await answerTo(GET, () => new HttpResponse(stream('', 'foo', '', new Uint8Array(0), 'bar', ''))),
    ).toBe(`${CHUNKED}3\r\nfoo\r\n3\r\nbar\r\n0\r\n\r\n`)
    const machine = uploading([])
    machine.sendText('')
    machine.sendData(new Uint8Array(0))
    expect(outputOf(machine)).toBe('')
  })
})

async function* failing(...parts: string[]): AsyncGenerator<string> {
  yield* parts
  throw new Error('the disk is gone')
}

async function* withTrailers(trailers: HeaderMap): AsyncGenerator<Frame> {
  yield { type: 'data', data: latin1('hello') }
  yield { type: 'trailers', trailers }
}

function trailed(fields: HeadersInit | HeaderMap): Body {
  return new StreamFramesBody(withTrailers(HeaderMap.from(fields as HeadersInit)))
}

describe('trailers', () => {
  test('row 88: sent to who asked for them, announced or not', async () => {
    const service = (): HttpResponse => new HttpResponse(trailed({ 'chunky-trailer': 'value' }))
    expect(await answerTo(GET_TE, service)).toBe(`${CHUNKED}5\r\nhello\r\n0\r\nchunky-trailer: value\r\n\r\n`)
    const announced = (): HttpResponse =>
      new HttpResponse(trailed({ 'chunky-trailer': 'value' }), { headers: { trailer: 'chunky-trailer' } })
    expect(await answerTo(GET_TE, announced)).toBe(
      'HTTP/1.1 200 OK\r\ntrailer: chunky-trailer\r\ntransfer-encoding: chunked\r\n\r\n' +
        '5\r\nhello\r\n0\r\nchunky-trailer: value\r\n\r\n',
    )
  })

  test('row 88: a body of known length with trailers becomes chunked for who asked for them', async () => {
    const service = (): HttpResponse => new HttpResponse('hello', { trailers: new HeaderMap({ a: 'b' }) })
    expect(await answerTo(GET_TE, service)).toBe(`${CHUNKED}5\r\nhello\r\n0\r\na: b\r\n\r\n`)
    expect(await answerTo(GET, service)).toBe('HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nhello')
  })

  test('row 88: not sent to who did not ask, to HTTP/1.0, or without chunked: the body just ends', async () => {
    const service = (): HttpResponse => new HttpResponse(trailed({ 'chunky-trailer': 'value' }))
    expect(await answerTo(GET, service)).toBe(`${CHUNKED}5\r\nhello\r\n0\r\n\r\n`)
    expect(await answerTo('GET / HTTP/1.1\r\nhost: a\r\nte: gzip\r\n\r\n', service)).toBe(
      `${CHUNKED}5\r\nhello\r\n0\r\n\r\n`,
    )
    expect(await answerTo('GET / HTTP/1.0\r\nte: trailers\r\n\r\n', service)).toBe(
      'HTTP/1.0 200 OK\r\nconnection: close\r\n\r\nhello',
    )
    const sized = (): HttpResponse =>
      new HttpResponse(trailed({ 'chunky-trailer': 'value' }), { headers: { 'content-length': '5' } })
    expect(await answerTo(GET_TE, sized)).toBe('HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nhello')
  })

  test('row 89: TE is a list, of any case, on any number of lines', async () => {
    const service = (): HttpResponse => new HttpResponse(trailed({ a: 'b' }))
    const sent = `${CHUNKED}5\r\nhello\r\n0\r\na: b\r\n\r\n`
    for (const te of [
      'te: gzip, Trailers',
      'TE: trailers, deflate',
      'te: TRAILERS',
      'te: gzip\r\nte: trailers',
      'te: trailers\r\nte: gzip',
      'te: ,trailers ,',
    ]) {
      expect(await answerTo(`GET / HTTP/1.1\r\nhost: a\r\n${te}\r\n\r\n`, service)).toBe(sent)
    }
    for (const te of ['te: trailer', 'te: xtrailers', 'te: "trailers"']) {
      expect(await answerTo(`GET / HTTP/1.1\r\nhost: a\r\n${te}\r\n\r\n`, service)).toBe(
        `${CHUNKED}5\r\nhello\r\n0\r\n\r\n`,
      )
    }
  })

  test('row 90: names of trailers are written in lower case however they are announced', async () => {
    const service = (): HttpResponse =>
      new HttpResponse(trailed({ 'Chunky-Trailer': 'value' }), { headers: { trailer: 'Chunky-Trailer' } })
    expect(await answerTo(GET_TE, service)).toBe(
      'HTTP/1.1 200 OK\r\ntrailer: Chunky-Trailer\r\ntransfer-encoding: chunked\r\n\r\n' +
        '5\r\nhello\r\n0\r\nchunky-trailer: value\r\n\r\n',
    )
  })

  const FORBIDDEN = [
    'authorization',
    'cache-control',
    'content-encoding',
    'content-length',
    'content-range',
    'content-type',
    'host',
    'max-forwards',
    'set-cookie',
    'te',
    'trailer',
    'transfer-encoding',
    // Ours, beyond hyper's: they speak of this connection.
    'connection',
    'keep-alive',
    'upgrade',
  ]

  test('row 91: fields about framing, routing, authentication or the content are never sent as trailers', async () => {
    const trailers = new HeaderMap()
    for (const name of FORBIDDEN) trailers.append(name, '1')
    const service = (): HttpResponse =>
      new HttpResponse(trailed(trailers), { headers: { trailer: FORBIDDEN.join() } })
    expect(await answerTo(GET_TE, service)).toBe(
      `HTTP/1.1 200 OK\r\ntrailer: ${FORBIDDEN.join()}\r\ntransfer-encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n`,
    )
    trailers.append('fine', 'yes')
    expect(await answerTo(GET_TE, () => new HttpResponse(trailed(trailers)))).toBe(
      `${CHUNKED}5\r\nhello\r\n0\r\nfine: yes\r\n\r\n`,
    )
  })

  test('row 92: several trailers, and several values of one', async () => {
    const fields: [string, string][] = [
      ['a', '1'],
      ['b', '2'],
      ['a', '3'],
    ]
    expect(await answerTo(GET_TE, () => new HttpResponse(trailed(fields)))).toBe(
      `${CHUNKED}5\r\nhello\r\n0\r\na: 1\r\nb: 2\r\na: 3\r\n\r\n`,
    )
  })

  test('row 93: title case and kept spelling hold for trailers', async () => {
    const service = (): HttpResponse => new HttpResponse(trailed({ 'chunky-trailer': 'value' }))
    expect(await answerTo(GET_TE, service, { titleCaseHeaders: true })).toBe(
      'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\nChunky-Trailer: value\r\n\r\n',
    )
    const kept = new HeaderMap().append('cHUNKY', 'value', { originalCase: true })
    expect(await answerTo(GET_TE, () => new HttpResponse(trailed(kept)), { preserveHeaderCase: true })).toBe(
      `${CHUNKED}5\r\nhello\r\n0\r\ncHUNKY: value\r\n\r\n`,
    )
  })

  test('row 94: trailers of a request are sent, announced or not, whatever is known of the length', async () => {
    const expected =
      'POST / HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\nchunky-trailer: value\r\n\r\n'
    const trailers = new HeaderMap({ 'chunky-trailer': 'value' })
    const headers = { host: 'a' }
    const one = dialed()
    watch(one.sender.send(new HttpRequest('POST', '/', { headers, body: trailed(trailers) })))
    expect(await one.sent()).toBe(expected)
    const two = dialed()
    watch(two.sender.send(new HttpRequest('POST', '/', { headers, body: 'hello', trailers })))
    expect(await two.sent()).toBe(expected)
    const three = dialed()
    watch(three.sender.send(new HttpRequest('POST', '/', { headers, trailers })))
    expect(await three.sent()).toBe(
      'POST / HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\n\r\n0\r\nchunky-trailer: value\r\n\r\n',
    )
  })

  test('row 94: a request whose length the caller has fixed, or of HTTP/1.0, has no room for trailers', async () => {
    const trailers = new HeaderMap({ a: 'b' })
    const one = dialed()
    const headers = { 'content-length': '5' }
    watch(one.sender.send(new HttpRequest('POST', '/', { headers, body: 'hello', trailers })))
    expect(await one.sent()).toBe('POST / HTTP/1.1\r\ncontent-length: 5\r\n\r\nhello')
    const two = dialed()
    watch(two.sender.send(new HttpRequest('POST', '/', { version: '1.0', body: 'hello', trailers })))
    expect(await two.sent()).toBe('POST / HTTP/1.0\r\ncontent-length: 5\r\n\r\nhello')
  })

  test('row 94: trailers that come from a channel', async () => {
    const { sender, body } = channel()
    const { sender: client, sent } = dialed()
    watch(client.send(new HttpRequest('POST', '/', { body })))
    void sender.send('abc')
    sender.sendTrailers(new HeaderMap({ sum: '6' }))
    sender.end()
    expect(await sent()).toBe(
      'POST / HTTP/1.1\r\ntransfer-encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\nsum: 6\r\n\r\n',
    )
  })
})

describe('a body that cannot be sent', () => {
  test('a body that was read before is refused before anything is written', async () => {
    const body = Body.from('abc')
    await body.text()
    const { runtime, ask } = served(() => new HttpResponse(body))
    expect(await ask(GET)).toBe('HTTP/1.1 500 Internal Server Error\r\ncontent-length: 0\r\n\r\n')
    expect(runtime.errors).toMatchObject([{ code: 'BODY_USED', by: 'user' }])
    const { sender, sent } = dialed()
    const outcome = watch(sender.send(new HttpRequest('POST', '/', { body })))
    expect(await sent()).toBe('')
    expect(outcome.error).toMatchObject({ code: 'BODY_USED', by: 'user' })
    expect(sender.isReady).toBe(true)
  })
})
