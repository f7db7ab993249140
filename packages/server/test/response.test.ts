import { Readable } from 'node:stream'
import { describe, expect, test } from 'vitest'
import { Response as LazyResponse } from '../src/index.ts'

// The platform's own Response is the referee: whatever it shows for an argument, ours shows.

const Platform = globalThis.Response

type Args = ConstructorParameters<typeof Response>

async function* generator(): AsyncGenerator<Uint8Array> {
  yield Buffer.from('from a ')
  yield Buffer.from('generator')
}

const stream = (): ReadableStream<Uint8Array> => new Blob(['streamed']).stream()

const CASES: Record<string, () => Args> = {
  nothing: () => [],
  null: () => [null],
  'null with a status': () => [null, { status: 204 }],
  'an empty string': () => [''],
  text: () => ['Hello, World!'],
  'text beyond Latin-1': () => ['Grüße, 世界 \u{1F600}'],
  'a lone surrogate': () => ['a\ud800b'],
  'text with a status and a phrase': () => ['x', { status: 404, statusText: 'Nope' }],
  'text with a record of headers': () => ['x', { headers: { 'X-A': '1', 'x-b': ' 2\t' } }],
  'text with a content type': () => ['x', { headers: { 'Content-Type': 'text/html' } }],
  'text with pairs of headers': () => [
    'x',
    {
      headers: [
        ['b', '1'],
        ['a', '2'],
        ['B', '3'],
        ['set-cookie', 'one'],
        ['set-cookie', 'two'],
      ],
    },
  ],
  'text with Headers': () => ['x', { headers: new Headers({ 'x-a': 'y' }) }],
  'headers of another lazy response': () => [
    'x',
    { headers: new LazyResponse('', { headers: { q: 'r' } }).headers },
  ],
  'a value with newlines at its ends': () => ['x', { headers: { a: '\r\nb\r\n' } }],
  'a value that is a number': () => ['x', { headers: { a: 5 as unknown as string } }],
  bytes: () => [new Uint8Array([1, 2, 255])],
  'a Buffer': () => [Buffer.from('buffered')],
  'an ArrayBuffer': () => [new Uint8Array([7, 8]).buffer],
  'a DataView': () => [new DataView(new Uint8Array([7, 8, 9]).buffer, 1)],
  'a Blob': () => [new Blob(['blob'], { type: 'text/css' })],
  URLSearchParams: () => [new URLSearchParams({ a: 'b c' })],
  'an async generator': () => [generator()],
  'an async generator with a status and headers': () => [
    generator(),
    { status: 201, headers: { 'x-a': 'b' } },
  ],
  'a stream of Node': () => [Readable.from([Buffer.from('of '), Buffer.from('Node')])],
  'a stream': () => [stream()],
  'a stream with a type': () => [stream(), { headers: { 'content-type': 'text/plain' }, status: 201 }],
}

const WRONG: Record<string, () => Args> = {
  'a status that is too low': () => ['', { status: 199 }],
  'a status that is too high': () => ['', { status: 600 }],
  'a status that is no integer': () => ['', { status: 'x' as unknown as number }],
  'text with 204': () => ['x', { status: 204 }],
  'text with 304': () => ['x', { status: 304 }],
  'a phrase with a newline': () => ['x', { statusText: 'a\nb' }],
  'a header name with a space': () => ['x', { headers: { 'a b': 'c' } }],
  'a header value with a newline inside': () => ['x', { headers: { a: 'b\nc' } }],
  'a header value beyond Latin-1': () => ['x', { headers: { a: '世' } }],
  'a generator with 204': () => [generator(), { status: 204 }],
  'a pair of three': () => ['x', { headers: [['a', 'b', 'c'] as unknown as [string, string]] }],
  'headers that are a string': () => ['x', { headers: 'a: b' as unknown as Headers }],
}

const view = async (response: Response): Promise<unknown> => ({
  status: response.status,
  statusText: response.statusText,
  ok: response.ok,
  type: response.type,
  url: response.url,
  redirected: response.redirected,
  headers: [...response.headers],
  hasBody: response.body !== null,
  before: response.bodyUsed,
  bytes: [...new Uint8Array(await response.arrayBuffer())],
  after: response.bodyUsed,
})

describe('a lazy response shows what the platform shows', () => {
  test.each(Object.entries(CASES))('of %s', async (_, args) => {
    expect(await view(new LazyResponse(...args()))).toEqual(await view(new Platform(...args())))
  })

  test.each(Object.entries(CASES))('of a clone of %s', async (_, args) => {
    const ours = new LazyResponse(...args())
    const copy = ours.clone()
    const theirs = new Platform(...args())
    const expected = await view(theirs.clone())
    expect(await view(copy)).toEqual(expected)
    expect(await view(ours)).toEqual(expected)
  })

  test.each(Object.entries(WRONG))('refuses %s with the same class of error', (_, args) => {
    const thrownBy = (make: () => unknown): string => {
      try {
        make()
        return 'nothing'
      } catch (error) {
        return (error as Error).constructor.name
      }
    }
    expect(thrownBy(() => new LazyResponse(...args()))).toBe(thrownBy(() => new Platform(...args())))
  })

  test.each([
    ['an object', () => [{ a: [1, 'ü'] }]],
    ['a status', () => [1, { status: 422 }]],
    ['a type of its own', () => [null, { headers: { 'content-type': 'application/problem+json' } }]],
  ] as [string, () => Parameters<typeof Response.json>][])('json() of %s', async (_, args) => {
    expect(await view(LazyResponse.json(...args()))).toEqual(await view(Platform.json(...args())))
  })

  test('json() of what has none', () => {
    expect(() => LazyResponse.json(undefined)).toThrow(TypeError)
  })

  test('redirect() and error()', async () => {
    const ours = LazyResponse.redirect('http://example.test/x', 303)
    expect(await view(ours)).toEqual(await view(Platform.redirect('http://example.test/x', 303)))
    expect(LazyResponse.error().status).toBe(0)
  })
})

describe('a lazy response is a Response', () => {
  test('instanceof holds both ways round', () => {
    expect(new LazyResponse('x')).toBeInstanceOf(Platform)
    expect(new LazyResponse('x')).toBeInstanceOf(LazyResponse)
    expect(LazyResponse.json({})).toBeInstanceOf(Platform)
    expect(new LazyResponse('x').headers).toBeInstanceOf(Headers)
    expect(Object.prototype.toString.call(new LazyResponse('x'))).toBe('[object Response]')
  })

  test('the globals are what they were', () => {
    expect(globalThis.Response).toBe(Platform)
    expect(new globalThis.Response('x')).not.toBeInstanceOf(LazyResponse)
    expect(Object.getPrototypeOf(Platform.prototype)).toBe(Object.prototype)
  })

  test('a class can extend it', async () => {
    class Mine extends LazyResponse {
      shout(): Promise<string> {
        return this.text().then((text) => text.toUpperCase())
      }
    }
    expect(await new Mine('abc').shout()).toBe('ABC')
  })

  test('every reader of the platform works', async () => {
    expect(await new LazyResponse('{"a":1}').json()).toEqual({ a: 1 })
    expect(await new LazyResponse('abc').text()).toBe('abc')
    expect(await (await new LazyResponse('abc').blob()).text()).toBe('abc')
    const form = await new LazyResponse(new URLSearchParams({ a: 'b' })).formData()
    expect(form.get('a')).toBe('b')
    const chunks: Uint8Array[] = []
    for await (const chunk of new LazyResponse('abc').body!) chunks.push(chunk)
    expect(Buffer.concat(chunks).toString()).toBe('abc')
  })

  test('a body is read once', async () => {
    const response = new LazyResponse('abc')
    await response.text()
    await expect(response.text()).rejects.toBeInstanceOf(TypeError)
    expect(() => response.clone()).toThrow(TypeError)
  })

  test('headers can be changed, and stay changed', async () => {
    const response = new LazyResponse('x')
    response.headers.set('X-A', '1')
    response.headers.append('x-a', '2')
    response.headers.append('set-cookie', 'a=1')
    response.headers.append('set-cookie', 'b=2')
    response.headers.delete('content-type')
    expect([...response.headers]).toEqual([
      ['set-cookie', 'a=1'],
      ['set-cookie', 'b=2'],
      ['x-a', '1, 2'],
    ])
    expect(response.headers.getSetCookie()).toEqual(['a=1', 'b=2'])
    expect(new LazyResponse('y').headers.get('content-type')).toBe('text/plain;charset=UTF-8')
    expect(response.clone().headers.get('x-a')).toBe('1, 2')
  })

  test('bytes are copied when they are given', async () => {
    for (const bytes of [new Uint8Array([1, 2]), Buffer.from([1, 2])]) {
      const response = new LazyResponse(bytes)
      bytes[0] = 9
      expect([...new Uint8Array(await response.arrayBuffer())]).toEqual([1, 2])
    }
  })

  test('it can be the init of another, and its headers those of anything', () => {
    const first = new LazyResponse('x', { status: 201, headers: { a: 'b' } })
    expect(new Platform('y', first).headers.get('a')).toBe('b')
    expect(new Headers(first.headers).get('a')).toBe('b')
    expect(new Request('http://x/', { headers: first.headers }).headers.get('a')).toBe('b')
  })

  test('headers show what the platform shows', () => {
    const pairs: [string, string][] = [
      ['B', '2'],
      ['a', '1'],
      ['b', '3'],
    ]
    const ours = new LazyResponse(null, { headers: pairs }).headers
    const theirs = new Headers(pairs)
    expect([[...ours.keys()], [...ours.values()], [...ours.entries()]]).toEqual([
      [...theirs.keys()],
      [...theirs.values()],
      [...theirs.entries()],
    ])
    const seen: unknown[] = []
    ours.forEach((value, name, parent) => seen.push([name, value, parent === ours]))
    expect(seen).toEqual([
      ['a', '1', true],
      ['b', '2, 3', true],
    ])
    expect([ours.has('A'), ours.has('c'), ours.get('c')]).toEqual([true, false, null])
    expect(() => ours.set('a b', 'c')).toThrow(TypeError)
    expect(() => ours.append('a', 'b\nc')).toThrow(TypeError)
  })

  test('what it cannot do: be read through private fields', () => {
    expect(() => Platform.prototype.clone.call(new LazyResponse('x'))).toThrow(TypeError)
  })
})
