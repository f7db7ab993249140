import { Body, Incoming } from '@hyper/core/body'
import { HyperError } from '@hyper/core/error'
import { HeaderMap } from '@hyper/core/http'
import { plainText } from '@hyper/core/rt'
import { describe, expect, test } from 'vitest'
import {
  asHeaders,
  FetchContent,
  type FetchContentHost,
  FetchHeaders,
  ReadAhead,
  standIn,
  toHeaderMap,
  toReadableStream,
} from '../src/web/index.ts'

// What lazy Requests and Responses are made of.

const text = (bytes: Uint8Array): string => new TextDecoder().decode(bytes)
const bytes = (given: string): Uint8Array => new TextEncoder().encode(given)

describe('FetchHeaders', () => {
  const map = (): HeaderMap =>
    new HeaderMap([
      ['x-b', '1'],
      ['set-cookie', 'a=1'],
      ['x-a', '2'],
      ['set-cookie', 'b=2'],
      ['x-b', '3'],
    ])

  test('is a Headers: sorted, joined, cookies apart', () => {
    const headers = asHeaders(new FetchHeaders(map()))
    expect(headers).toBeInstanceOf(Headers)
    expect([...headers]).toEqual([...new Headers([...map()])])
    expect([...headers.keys()]).toEqual(['set-cookie', 'set-cookie', 'x-a', 'x-b'])
    expect(headers.get('X-B')).toBe('1, 3')
    expect(() => headers.get('a b')).toThrow(TypeError)
    expect(() => headers.has('')).toThrow(TypeError)
  })

  test('its own map is changed, a shared one is copied, an immutable one refuses', () => {
    const own = map()
    asHeaders(new FetchHeaders(own)).set('x-a', 'new')
    expect(own.get('x-a')).toBe('new')
    const shared = map()
    const view = asHeaders(new FetchHeaders(shared, 'shared'))
    view.delete('x-a')
    expect([view.has('x-a'), shared.has('x-a')]).toEqual([false, true])
    const immutable = asHeaders(new FetchHeaders(map(), 'immutable'))
    for (const change of [
      () => immutable.set('a', 'b'),
      () => immutable.append('a', 'b'),
      () => immutable.delete('a'),
    ])
      expect(change).toThrow(TypeError)
  })

  test('toHeaderMap takes what new Headers() takes', () => {
    const pairs: [string, string][] = [
      ['x-a', ' padded\n'],
      ['X-A', 'again'],
    ]
    for (const init of [pairs, new Headers(pairs), asHeaders(new FetchHeaders(toHeaderMap(pairs)))])
      expect(toHeaderMap(init).get('x-a')).toBe('padded, again')
    expect(toHeaderMap({ 'X-A': 'b' }).fields()).toEqual(['x-a', 'b'])
    expect(toHeaderMap(undefined).size).toBe(0)
    for (const init of [null, 'text', [['a']], [['a', 'b', 'c']], { 'a b': 'c' }, { a: 'b\nc' }])
      expect(() => toHeaderMap(init as unknown as Headers)).toThrow(TypeError)
  })

  test('what only looks like a Headers is checked', () => {
    const fake = {
      [Symbol.toStringTag]: 'Headers',
      *[Symbol.iterator]() {
        yield ['a', 'b\r\nc: d']
      },
    }
    expect(() => toHeaderMap(fake as unknown as Headers)).toThrow(TypeError)
  })
})

describe('a byte stream of a body', () => {
  test('fills the memory of its reader, to the end', async () => {
    const reader = toReadableStream(Body.from(['one', 'two']), { type: 'bytes' }).getReader({ mode: 'byob' })
    const read: string[] = []
    for (;;) {
      const { done, value } = await reader.read(new Uint8Array(2))
      if (done) break
      read.push(text(value))
    }
    expect(read).toEqual(['on', 'e', 'tw', 'o'])
  })

  test('copies what goes through it', async () => {
    const chunk = bytes('whole')
    const step = await toReadableStream(Body.from([chunk]), { type: 'bytes' })
      .getReader()
      .read()
    expect(text(step.value!)).toBe('whole')
    expect(chunk.buffer.byteLength).toBe(5)
  })

  test('a reader whose elements are larger is told that the last one is not whole', async () => {
    const reader = toReadableStream(Body.from('odd'), { type: 'bytes' }).getReader({ mode: 'byob' })
    expect((await reader.read(new Uint16Array(4))).value?.length).toBe(1)
    await expect(reader.read(new Uint16Array(4))).rejects.toBeInstanceOf(TypeError)
  })

  test.each([['bytes'], [undefined]] as const)(
    'type %s: fails with what errorOf makes of an error',
    async (type) => {
      const body = Body.from(failing())
      const errorOf = (error: HyperError): unknown => ({ told: error.code })
      const reader = toReadableStream(body, { type, errorOf }).getReader()
      await expect(reader.read()).rejects.toEqual({ told: 'BODY_FAILED' })
    },
  )

  test.each([['bytes'], [undefined]] as const)('type %s: cancelling it cancels the body', async (type) => {
    const body = Body.from(['a', 'b'])
    const stream = toReadableStream(body, { type })
    await stream.cancel('enough')
    expect(body.used).toBe(true)
  })

  function failing(): ReadableStream<string> {
    return new ReadableStream({ pull: (controller) => controller.error(new Error('no more')) })
  }
})

describe('FetchContent', () => {
  const host = (type: string | null = null): FetchContentHost => ({
    contentType: () => type,
    errorOf: (error) => new TypeError(error.code),
  })

  test('reads the whole once', async () => {
    const content = new FetchContent(Body.from('{"a":1}'), host())
    expect(content.bodyUsed).toBe(false)
    const reading = content.json()
    expect(content.bodyUsed).toBe(true)
    expect(await reading).toEqual({ a: 1 })
    for (const method of ['text', 'json', 'bytes', 'arrayBuffer', 'blob', 'formData'] as const)
      await expect(content[method]()).rejects.toBeInstanceOf(TypeError)
    expect(() => content.clone()).toThrow(TypeError)
    expect([content.bodyUsed, content.stream?.locked]).toEqual([true, expect.any(Boolean)])
    await expect(content.text()).rejects.toBeInstanceOf(TypeError)
  })

  test('a null body is empty, and never used', async () => {
    const content = new FetchContent(null, host())
    expect([await content.text(), (await content.bytes()).length, content.stream]).toEqual(['', 0, null])
    expect((await content.clone().blob()).size).toBe(0)
    await expect(content.json()).rejects.toBeInstanceOf(SyntaxError)
    expect(content.bodyUsed).toBe(false)
  })

  test('the type goes to a Blob and to a FormData', async () => {
    expect((await new FetchContent(Body.from('x'), host('Text/X')).blob()).type).toBe('text/x')
    const form = new FetchContent(Body.from('a=b'), host('application/x-www-form-urlencoded'))
    expect([...(await form.formData())]).toEqual([['a', 'b']])
  })

  test('a stream that somebody has begun to read is used', async () => {
    const content = new FetchContent(Body.from('abc'), host())
    const reader = content.stream!.getReader()
    expect(content.bodyUsed).toBe(false)
    await expect(content.text()).rejects.toBeInstanceOf(TypeError)
    await reader.read()
    expect(content.bodyUsed).toBe(true)
  })

  test('clones read the same, each in its own time', async () => {
    const content = new FetchContent(Body.from(['one', 'two']), host())
    const copies = [content.clone(), content.clone()]
    expect(await Promise.all([...copies, content].map((one) => one.text()))).toEqual([
      'onetwo',
      'onetwo',
      'onetwo',
    ])
  })

  test.each(['text', 'json', 'bytes', 'blob', 'stream'] as const)(
    'errors are the host’s: %s',
    async (method) => {
      const body = new Incoming({ wanted() {}, cancelled() {} }, null, plainText)
      const content = new FetchContent(body, host())
      const reading = method === 'stream' ? content.stream!.getReader().read() : content[method]()
      body.pushError(new HyperError('IO', null, { by: 'io' }))
      await expect(reading).rejects.toEqual(new TypeError('IO'))
    },
  )
})

describe('ReadAhead', () => {
  const whole = async (given: ConstructorParameters<typeof Response>[0]): Promise<Uint8Array | null> =>
    new ReadAhead(new Response(given).body!).whole()

  test('text, bytes, parameters and a form of texts are there already', async () => {
    expect(text((await whole('text'))!)).toBe('text')
    expect(text((await whole(bytes('bytes') as Uint8Array<ArrayBuffer>))!)).toBe('bytes')
    expect(text((await whole(new URLSearchParams('a=b')))!)).toBe('a=b')
    expect((await whole(''))!.length).toBe(0)
    const form = new FormData()
    for (const name of ['a', 'b', 'c']) form.append(name, name)
    expect(text((await whole(form))!)).toMatch(/name="a".*name="b".*name="c"/s)
  })

  test('a stream that has more to come gives everything as a body', async () => {
    let stream: ReadableStreamDefaultController<Uint8Array> | null = null
    const source = new ReadAhead(new ReadableStream<Uint8Array>({ start: (made) => void (stream = made) }))
    stream!.enqueue(bytes('early '))
    expect(await source.whole()).toBe(null)
    const read = source.body().text()
    stream!.enqueue(bytes('late'))
    stream!.close()
    expect(await read).toBe('early late')
  })

  test('no more than 64 KiB are looked at', async () => {
    let pulled = 0
    const source = new ReadAhead(
      new ReadableStream<Uint8Array>(
        {
          pull(controller) {
            pulled += 1
            controller.enqueue(new Uint8Array(30_000))
          },
        },
        { highWaterMark: 0 },
      ),
    )
    expect(await source.whole()).toBe(null)
    expect(pulled).toBe(3)
  })

  test('a failure before any data rejects, a later one fails the body', async () => {
    const failing = new ReadableStream({ pull: (controller) => controller.error(new Error('no')) })
    await expect(new ReadAhead(failing).whole()).rejects.toThrow('no')
    let count = 0
    const later = new ReadAhead(
      new ReadableStream<Uint8Array>({
        pull: (controller) =>
          count++ === 0 ? controller.enqueue(bytes('a')) : controller.error(new Error('no')),
      }),
    )
    expect(await later.whole()).toBe(null)
    await expect(later.body().text()).rejects.toMatchObject({ code: 'BODY_FAILED' })
  })

  test('a body of it that is given up cancels the stream, with a reason of one’s own', async () => {
    let reason: unknown = null
    const stream = new ReadableStream({ cancel: (given) => void (reason = given) })
    new ReadAhead(stream).body({ reasonOf: (given) => [given] }).cancel('enough')
    expect(reason).toEqual(['enough'])
  })

  test('a locked stream is refused', () => {
    const stream = new ReadableStream()
    stream.getReader()
    expect(() => new ReadAhead(stream)).toThrow(expect.objectContaining({ code: 'INVALID_BODY' }))
  })
})

test('standIn forwards what a later platform adds', () => {
  class Platform {
    readonly value: number
    constructor(value: number) {
      this.value = value
    }
    get later(): number {
      return this.value
    }
    added(more: number): number {
      return this.value + more
    }
  }
  class Lazy {
    own(): string {
      return 'own'
    }
  }
  standIn(
    Lazy,
    Platform,
    () => new Platform(1),
    () => new Platform(2),
  )
  const lazy = new Lazy() as unknown as Platform & Lazy
  expect(lazy).toBeInstanceOf(Platform)
  expect([lazy.own(), lazy.added(5), lazy.later]).toEqual(['own', 6, 2])
})
