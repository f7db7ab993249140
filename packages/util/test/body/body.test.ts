import { expect, test } from 'vitest'
import type { BodyInit, Frame } from '@hyper/core/body'
import { HeaderMap } from '@hyper/core/http'
import {
  channel,
  chunks,
  collect,
  frames,
  fromFrames,
  fromIterable,
  jsonBody,
  jsonLines,
  limit,
  map,
  readJson,
  transform,
  withTrailers,
} from '../../src/body/index.ts'

test('collect, with and without a limit', async () => {
  expect((await collect(['a', 'b'])).text()).toBe('ab')
  expect((await collect('12345678', { limit: 8 })).length).toBe(8)
  await expect(collect('123456789', { limit: 8 })).rejects.toMatchObject({
    code: 'BODY_TOO_LARGE',
    statusHint: 413,
  })
  await expect(collect(5 as unknown as BodyInit)).rejects.toMatchObject({ code: 'INVALID_BODY' })
})

test('limit and map', async () => {
  await expect(limit(['1234', '56789'], 8).text()).rejects.toMatchObject({ code: 'BODY_TOO_LARGE' })
  expect(await map(['ab', 'c'], (chunk) => Buffer.from(chunk).toString('hex')).text()).toBe('616263')
})

test('transform: chunks through a generator, trailers behind them', async () => {
  async function* upper(source: AsyncIterable<Uint8Array>): AsyncGenerator<string> {
    for await (const chunk of source) yield Buffer.from(chunk).toString().toUpperCase()
    yield '!'
  }
  const collected = await transform(withTrailers(['ab', 'c'], { sum: '1' }), upper).collect()
  expect([collected.text(), collected.trailers?.get('sum')]).toEqual(['ABC!', '1'])
})

test('transform: a generator that leaves early, reads nothing, or throws', async () => {
  const { sender, body } = channel({ capacity: 4 })
  for (const text of ['a', 'b']) sender.trySend(text)
  const first = transform(body, async function* (source) {
    for await (const chunk of source) {
      yield chunk
      break
    }
  })
  const collected = await first.collect()
  expect([collected.text(), collected.trailers, sender.isClosed]).toEqual(['a', null, true])
  const ignored = channel()
  const nothing = transform(ignored.body, async function* () {
    yield 'x'
  })
  expect(await nothing.text()).toBe('x')
  expect(ignored.sender.isClosed).toBe(true)
  const cause = new Error('no')
  const failing = transform('a', async function* () {
    yield await Promise.reject(cause)
  })
  await expect(failing.text()).rejects.toMatchObject({ code: 'BODY_FAILED', cause })
})

test('iterables in and out, with a known length', async () => {
  const sized = fromIterable(['abc', 'de'], { length: 5 })
  expect(sized.sizeHint).toEqual({ lower: 5, upper: 5 })
  const seen: string[] = []
  for await (const chunk of chunks(sized)) {
    seen.push(Buffer.from(chunk).toString())
    expect(sized.sizeHint.upper).toBe(seen.length === 1 ? 2 : 0)
  }
  expect(seen).toEqual(['abc', 'de'])
  expect(fromIterable([]).sizeHint).toEqual({ lower: 0, upper: null })
  expect(() => fromIterable([], { length: -1 })).toThrow(expect.objectContaining({ code: 'INVALID_OPTION' }))
})

test('frames in and out', async () => {
  const given: Frame[] = [
    { type: 'data', data: Uint8Array.of(65) },
    { type: 'trailers', trailers: new HeaderMap({ sum: '1' }) },
  ]
  const types: string[] = []
  for await (const frame of frames(fromFrames(frames(fromFrames(given))))) types.push(frame.type)
  expect(types).toEqual(['data', 'trailers'])
})

test('trailers from fields, from a function, from a promise', async () => {
  const trailer = async (body: ReturnType<typeof withTrailers>): Promise<string | null | undefined> =>
    (await body.collect()).trailers?.get('sum')
  expect(await trailer(withTrailers('x', { sum: '1' }))).toBe('1')
  expect(await trailer(withTrailers('x', () => [['sum', '2']]))).toBe('2')
  expect(await trailer(withTrailers('x', () => Promise.resolve(new HeaderMap({ sum: '3' }))))).toBe('3')
  expect(await trailer(withTrailers('x', () => null))).toBe(undefined)
  expect(() => withTrailers('x', { 'not a name': '1' })).toThrow(
    expect.objectContaining({ code: 'INVALID_HEADER_NAME' }),
  )
  await expect(withTrailers('x', () => ({ 'not a name': '1' })).text()).rejects.toMatchObject({
    code: 'BODY_FAILED',
    cause: { code: 'INVALID_HEADER_NAME' },
  })
})

test('JSON out and in', async () => {
  expect(await readJson(jsonBody({ a: [1, '\u00e9'] }))).toEqual({ a: [1, '\u00e9'] })
  const cycle: unknown[] = []
  cycle.push(cycle)
  for (const wrong of [undefined, () => 1, Symbol('x'), 1n, cycle]) {
    expect(() => jsonBody(wrong)).toThrow(expect.objectContaining({ code: 'INVALID_BODY' }))
  }
  expect(await jsonLines([{ a: 1 }, null, 'x']).text()).toBe('{"a":1}\nnull\n"x"\n')
  await expect(jsonLines([1, undefined]).text()).rejects.toMatchObject({ code: 'BODY_FAILED' })
  await expect(readJson('{')).rejects.toBeInstanceOf(SyntaxError)
  await expect(readJson('[1,2,3]', { limit: 3 })).rejects.toMatchObject({ code: 'BODY_TOO_LARGE' })
})
