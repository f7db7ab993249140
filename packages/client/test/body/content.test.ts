import { Readable } from 'node:stream'
import { Body, channel } from '@hyper/core/body'
import { HttpRequest } from '@hyper/core/http'
import { describe, expect, test } from 'vitest'
import { type Content, contentOf } from '../../src/body/content.ts'
import { multipart, type RequestBody } from '../../src/index.ts'
import { replayOf } from '../../src/replay.ts'

const read = async ({ body, type }: Content): Promise<unknown[]> => {
  const { lower, upper } = body.sizeHint
  return [await body.text(), type, lower === upper ? upper : null]
}

const FORM = 'application/x-www-form-urlencoded;charset=UTF-8'
const bytes = new TextEncoder().encode('bytes')

/** The same bytes in the middle of a longer buffer. */
function within(): DataView {
  const buffer = new ArrayBuffer(20)
  new Uint8Array(buffer).set(bytes, 7)
  return new DataView(buffer, 7, 5)
}

async function* stream(): AsyncGenerator<string> {
  yield 'str'
  yield 'eam'
}

describe('body', () => {
  test.each<[string, () => RequestBody | null, unknown[], boolean]>([
    ['text', () => 'Grüße', ['Grüße', null, 7], true],
    ['bytes', () => bytes, ['bytes', null, 5], true],
    ['an ArrayBuffer', () => bytes.slice().buffer, ['bytes', null, 5], true],
    ['a view of one', within, ['bytes', null, 5], true],
    ['another array of numbers', () => Uint16Array.of(0x4241, 0x4443), ['ABCD', null, 4], true],
    ['a Body', () => Body.from('body'), ['body', null, 4], true],
    ['a Blob with a type', () => new Blob(['bl', 'ob'], { type: 'text/x' }), ['blob', 'text/x', 4], true],
    ['a Blob without', () => new Blob(['blob']), ['blob', null, 4], true],
    ['an empty Blob', () => new Blob([], { type: 'text/x' }), ['', 'text/x', 0], true],
    ['a File', () => new File(['file'], 'a.txt', { type: 'text/plain' }), ['file', 'text/plain', 4], true],
    [
      'a URLSearchParams',
      () => new URLSearchParams({ a: '1 2', b: 'ü&' }),
      ['a=1+2&b=%C3%BC%26', FORM, 17],
      true,
    ],
    ['an async iterable', stream, ['stream', null, null], false],
    ['an iterable', () => ['an', ' array'], ['an array', null, null], false],
    ['a ReadableStream', () => new Blob(['web']).stream(), ['web', null, null], false],
    ['a function', () => stream, ['stream', null, null], true],
    ['a function that makes a stream', () => () => new Blob(['web']).stream(), ['web', null, null], true],
    ['a function that makes text', () => () => 'text', ['text', null, 4], true],
    ['nothing', () => null, ['', null, 0], true],
  ])('%s', async (_, make, expected, isReplayable) => {
    const content = contentOf({ body: make() })
    const again = replayOf(new HttpRequest('PUT', 'http://a.test/', { body: content.body }))
    expect(await read(content)).toEqual(expected)
    expect(again !== null).toBe(isReplayable)
    for (let i = 0; i < 2 && again !== null; i++) {
      const { body } = again()
      expect(await read({ body, type: content.type })).toEqual(expected)
    }
  })

  test('a function is called once for each attempt', async () => {
    let calls = 0
    const content = contentOf({ body: () => `call ${++calls}` })
    const request = new HttpRequest('PUT', 'http://a.test/', { body: content.body })
    const again = replayOf(request)!
    expect([await request.text(), calls]).toEqual(['call 1', 1])
    const second = again()
    expect([await second.text(), await replayOf(second)!().text(), calls]).toEqual(['call 2', 'call 3', 3])
  })

  test.each([[5], [{}], [Symbol('x')], [true]])('%o is INVALID_BODY', (body) => {
    expect(() => contentOf({ body: body as unknown as string })).toThrow(
      expect.objectContaining({ code: 'INVALID_BODY', by: 'user' }),
    )
  })

  test('what was begun cannot be had again', () => {
    const { body } = channel()
    expect(replayOf(new HttpRequest('PUT', 'http://a.test/', { body }))).toBeNull()
  })

  test('a multipart form, with its boundary', async () => {
    const form = multipart([{ name: 'a', value: '1' }])
    const { type } = contentOf({ body: form })
    expect(type).toBe(`multipart/form-data; boundary=${form.boundary}`)
  })
})

describe('json', () => {
  test.each([
    [{ a: [1, null, 'ü'] }, '{"a":[1,null,"ü"]}'],
    [null, 'null'],
    [0, '0'],
    ['text', '"text"'],
  ])('%j', async (json, text) => {
    expect((await read(contentOf({ json }))).slice(0, 2)).toEqual([text, 'application/json'])
  })

  test.each([[() => 1], [1n], [Symbol('x')]])('%o has none', (json) => {
    expect(() => contentOf({ json })).toThrow(expect.objectContaining({ code: 'INVALID_BODY' }))
  })
})

describe('form', () => {
  test.each([
    [{ a: '1', b: 2, c: true }, 'a=1&b=2&c=true'],
    [{ a: ['1', '2'], b: null, c: undefined, d: '' }, 'a=1&a=2&d='],
    [
      [
        ['a', '1'],
        ['a', 2],
      ],
      'a=1&a=2',
    ],
    [new URLSearchParams('x=1&x=2'), 'x=1&x=2'],
    [new Map([['a b', '+&=']]), 'a+b=%2B%26%3D'],
    [{}, ''],
  ] as const)('%j', async (form, text) => {
    expect(await read(contentOf({ form }))).toEqual([text, FORM, text.length])
  })
})

test.each([
  [null],
  ['a=1'],
  [5],
  [new FormData()],
  [{ a: { b: 1 } }],
  [{ a: new Date(0) }],
  [{ a: [1, [2]] }],
  [{ a: () => 1 }],
  [{ a: Symbol('a') }],
])('a form is fields and their values, not %o', (form) => {
  expect(() => contentOf({ form: form as never })).toThrow(
    expect.objectContaining({ code: 'INVALID_BODY', by: 'user', message: expect.stringContaining('form') }),
  )
})

test('what a function has made is given up with the body, begun or not', async () => {
  const streams: Readable[] = []
  const make = (): Readable => {
    streams.push(Readable.from(['x']))
    return streams.at(-1)!
  }
  const { body } = contentOf({ body: make })
  body.cancel(new Error('not wanted'))
  expect(streams.map(({ destroyed }) => destroyed)).toEqual([true])
  expect(await body.again()?.text()).toBe('x')
  expect(streams.length).toBe(2)
})

test('a function that throws has failed the body', () => {
  const reason = new Error('nothing there')
  const body = (): string => {
    throw reason
  }
  expect(() => contentOf({ body })).toThrow(
    expect.objectContaining({ code: 'BODY_FAILED', by: 'user', cause: reason }),
  )
})

test('what is no field of a form is told by its kind', () => {
  const made = (): unknown => contentOf({ form: { a: { b: 1 } as never } })
  expect(made).toThrow('the field a of a form cannot be an object')
})

test('one of body, json and form', () => {
  for (const given of [
    { body: 'x', json: 1 },
    { body: 'x', form: {} },
    { json: null, form: {} },
  ]) {
    expect(() => contentOf(given)).toThrow(expect.objectContaining({ code: 'INVALID_OPTION', by: 'user' }))
  }
})
