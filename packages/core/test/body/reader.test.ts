import { expect, test } from 'vitest'
import {
  Body,
  channel,
  EMPTY_BODY,
  Incoming,
  limitBody,
  StreamFramesBody,
  withTrailers,
} from '../../src/body/index.ts'
import { HyperError } from '../../src/error/index.ts'
import { HeaderMap } from '../../src/http/index.ts'
import { plainText } from '../../src/rt/index.ts'
import { bytes, failure, settled } from './record.ts'

const silent = { wanted(): void {}, cancelled(): void {} }

/** A body that is UTF-8 cut at every byte. */
function cut(all: Uint8Array): Body {
  return Body.from([...all].map((byte) => Uint8Array.of(byte)))
}

const utf8 = (text: string): Uint8Array => new Uint8Array(Buffer.from(text))

test('text whose characters are split over chunks', async () => {
  const text = 'a\u00e9\u20ac\u{1f600}z'
  expect(await cut(utf8(text)).text()).toBe(text)
  const { body, sender } = channel({ capacity: 3 })
  sender.trySend(utf8('\u{1f600}').subarray(0, 1))
  sender.trySend(utf8('\u{1f600}').subarray(1, 3))
  sender.trySend(utf8('\u{1f600}').subarray(3))
  sender.end()
  expect(await body.text()).toBe('\u{1f600}')
})

test('a leading byte order mark is dropped, one further on is not', async () => {
  expect(await cut(utf8('\ufeffab\ufeffc')).text()).toBe('ab\ufeffc')
  expect(await Body.from(utf8('\ufeff')).text()).toBe('')
  expect(await Body.from('\ufeffx').text()).toBe('x')
})

test('malformed UTF-8 becomes replacement characters', async () => {
  expect(await cut(Uint8Array.of(0x61, 0xff, 0xe2, 0x82, 0x62, 0xf0, 0x9f)).text()).toBe(
    'a\ufffd\ufffdb\ufffd',
  )
  expect(await Body.from('a\ud800b').text()).toBe('a\ufffdb')
})

test('json', async () => {
  expect(await Body.from(['{"a":', '[1,', '2]}']).json()).toEqual({ a: [1, 2] })
  await expect(Body.from('{').json()).rejects.toBeInstanceOf(SyntaxError)
  await expect(EMPTY_BODY.json()).rejects.toBeInstanceOf(SyntaxError)
  const collected = await Body.from('[1]').collect()
  expect(collected.json()).toEqual([1])
})

test('the limit of collect: exact, and one over', async () => {
  expect(await Body.from(['1234', '5678']).text({ limit: 8 })).toBe('12345678')
  let returned = false
  function* source(): Generator<string> {
    try {
      yield '1234'
      yield '56789'
    } finally {
      returned = true
    }
  }
  const error = await failure(Body.from(source()).collect({ limit: 8 }))
  expect(error).toMatchObject({ code: 'BODY_TOO_LARGE', by: 'peer', statusHint: 413 })
  expect(returned).toBe(true)
  expect(await EMPTY_BODY.text({ limit: 0 })).toBe('')
  expect((await failure(Body.from('x').bytes({ limit: 0 }))).code).toBe('BODY_TOO_LARGE')
})

test('a limit that is none is refused', async () => {
  for (const limit of [NaN, -1, '8' as unknown as number]) {
    expect((await failure(Body.from('x').text({ limit }))).code).toBe('INVALID_OPTION')
    expect(() => limitBody(Body.from('x'), limit)).toThrow(
      expect.objectContaining({ code: 'INVALID_OPTION' }),
    )
  }
})

test('a body that says itself that it is too long is refused before its bytes come', async () => {
  let reason: unknown = null
  const control = {
    wanted(): void {},
    cancelled(given: unknown): void {
      reason = given
    },
  }
  const body = new Incoming(control, 9, plainText)
  const error = await failure(body.json({ limit: 8 }))
  expect(error.code).toBe('BODY_TOO_LARGE')
  expect(reason).toBe(error)
})

test('many small chunks are kept together', async () => {
  const body = new Incoming(silent, null, plainText)
  const collecting = body.collect()
  const expected: number[] = []
  for (let i = 0; i < 200_000; i++) {
    expected.push(i & 0xff)
    body.push(Uint8Array.of(i & 0xff))
  }
  const large = new Uint8Array(5000).fill(7)
  body.push(large)
  body.push(Uint8Array.of(1, 2, 3))
  body.pushEnd(null)
  const collected = await collecting
  expect(collected.length).toBe(205_003)
  expect((collected as unknown as { pieces: Uint8Array[] }).pieces.length).toBeLessThan(20)
  const whole = Uint8Array.from([...expected, ...large, 1, 2, 3])
  expect(Buffer.compare(collected.bytes(), whole)).toBe(0)
})

test('a cancelled body rejects who is reading it', async () => {
  const body = new Incoming(silent, null, plainText)
  const text = body.text()
  body.cancel('changed my mind')
  expect(await failure(text)).toMatchObject({ code: 'CANCELED', cause: 'changed my mind' })
  const iterated = new Incoming(silent, null, plainText)
  const next = iterated[Symbol.asyncIterator]().next()
  iterated.cancel()
  expect((await failure(next)).code).toBe('CANCELED')
})

test('iterating: at most one chunk beyond what was asked for', async () => {
  let pulled = 0
  function* source(): Generator<string> {
    for (;;) yield String(pulled++)
  }
  const body = Body.from(source())
  const iterator = body[Symbol.asyncIterator]()
  await settled()
  expect([pulled, body.used]).toEqual([0, false])
  expect((await iterator.next()).value).toEqual(bytes('0'))
  await settled()
  expect(pulled).toBe(1)
  expect((await iterator.next()).value).toEqual(bytes('1'))
  await settled()
  expect(pulled).toBe(2)
  const three = await Promise.all([iterator.next(), iterator.next(), iterator.next()])
  expect(three.map((result) => Buffer.from(result.value as Uint8Array).toString())).toEqual(['2', '3', '4'])
  await settled()
  expect(pulled).toBe(5)
  await iterator.return?.()
})

test('iterating what a connection hands out: one chunk of look-ahead', async () => {
  let pushed = 0
  let isBehind = false
  const go = (): void => {
    isBehind = false
    while (!isBehind) isBehind = !body.push(bytes(String(pushed++)))
  }
  const body = new Incoming({ wanted: go, cancelled(): void {} }, null, plainText)
  const iterator = body[Symbol.asyncIterator]()
  for (let i = 0; i < 5; i++) {
    expect((await iterator.next()).value).toEqual(bytes(String(i)))
    await settled()
    expect(pushed).toBe(i + 2)
  }
  await iterator.return?.()
})

test('leaving the loop by break or throw cancels', async () => {
  for (const how of ['break', 'throw'] as const) {
    const reasons: unknown[] = []
    const body = new Incoming(
      { wanted: () => void body.push(bytes('x')), cancelled: () => void reasons.push(how) },
      null,
      plainText,
    )
    const loop = async (): Promise<void> => {
      for await (const chunk of body) {
        expect(chunk).toEqual(bytes('x'))
        if (how === 'break') break
        throw new Error('thrown in the loop')
      }
    }
    if (how === 'throw') await expect(loop()).rejects.toThrow('thrown in the loop')
    else await loop()
    expect(reasons).toEqual([how])
    expect(await body.trailers).toBe(null)
  }
})

test('return and throw of the iterator', async () => {
  const reasons: unknown[] = []
  const make = (): Incoming =>
    new Incoming({ wanted() {}, cancelled: (reason) => void reasons.push(reason) }, null, plainText)
  const unread = make()
  expect(await unread[Symbol.asyncIterator]().return?.()).toEqual({ done: true, value: undefined })
  expect(unread.used).toBe(true)
  const waiting = make()[Symbol.asyncIterator]()
  const next = waiting.next()
  await waiting.return?.()
  expect(await next).toEqual({ done: true, value: undefined })
  expect(await waiting.next()).toEqual({ done: true, value: undefined })
  const thrown = make()[Symbol.asyncIterator]()
  const cause = new Error('stop')
  await expect(thrown.throw?.(cause)).rejects.toBe(cause)
  expect(reasons).toEqual([undefined, undefined, cause])
})

test('iterating a body that fails: its data, the error once, then done', async () => {
  const error = new HyperError('INCOMPLETE_MESSAGE', null, { by: 'peer' })
  const body = new Incoming(silent, null, plainText)
  body.push(bytes('a'))
  body.pushError(error)
  const iterator = body[Symbol.asyncIterator]()
  expect((await iterator.next()).value).toEqual(bytes('a'))
  expect(await failure(iterator.next())).toBe(error)
  expect(await iterator.next()).toEqual({ done: true, value: undefined })
})

test('an error that arrives while two reads wait fails the first and ends the second', async () => {
  const body = new Incoming(silent, null, plainText)
  const iterator = body[Symbol.asyncIterator]()
  const first = failure(iterator.next())
  const second = iterator.next()
  body.pushError(new HyperError('IO', null, { by: 'io' }))
  expect((await first).code).toBe('IO')
  expect((await second).done).toBe(true)
})

test('an error behind a held chunk waits for that chunk to be read', async () => {
  const body = new Incoming(silent, null, plainText)
  const iterator = body[Symbol.asyncIterator]()
  const first = iterator.next()
  body.push(bytes('a'))
  body.push(bytes('b'))
  body.pushError(new HyperError('IO', null, { by: 'io' }))
  expect((await first).value).toEqual(bytes('a'))
  expect((await iterator.next()).value).toEqual(bytes('b'))
  expect((await failure(iterator.next())).code).toBe('IO')
})

test('frames: data and trailers; chunks: data alone', async () => {
  const make = (): Body => withTrailers(Body.from(['a', 'b']), new HeaderMap({ sum: '1' }))
  const frames: string[] = []
  for await (const frame of make().frames()) {
    frames.push(
      frame.type === 'data'
        ? Buffer.from(frame.data).toString()
        : `${frame.type} ${frame.trailers.get('sum')}`,
    )
  }
  expect(frames).toEqual(['a', 'b', 'trailers 1'])
  const chunks: Uint8Array[] = []
  for await (const chunk of make()) chunks.push(chunk)
  expect(chunks).toEqual([bytes('a'), bytes('b')])
  const piped = new StreamFramesBody(make().frames())
  const collected = await piped.collect()
  expect([collected.text(), collected.trailers?.get('sum')]).toEqual(['ab', '1'])
})

test('the empty body can be read again and again', async () => {
  expect(EMPTY_BODY.isEnd).toBe(true)
  for (let i = 0; i < 2; i++) {
    expect(await EMPTY_BODY.text()).toBe('')
    for await (const chunk of EMPTY_BODY) throw new Error(`a chunk of ${chunk.length}`)
    EMPTY_BODY.cancel()
    expect(EMPTY_BODY.used).toBe(false)
    expect(await EMPTY_BODY.trailers).toBe(null)
  }
})
