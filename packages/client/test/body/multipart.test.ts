import { Body, channel } from '@hyper/core/body'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { contentOf } from '../../src/body/content.ts'
import { multipart, type Part } from '../../src/index.ts'
import { failure } from '../layers/kit.ts'

const encoder = new TextEncoder()

/** The text of a form, with `--B` for its boundary. */
async function textOf(parts: FormData | readonly Part[]): Promise<string> {
  const form = multipart(parts)
  const text = await form.body().text()
  if (form.length !== null) expect(encoder.encode(text).length).toBe(form.length)
  return text.replaceAll(form.boundary, 'B').replaceAll('\r\n', '\n')
}

/** What the platform reads in it. */
async function readBack(parts: FormData | readonly Part[]): Promise<[string, string | File][]> {
  const { body, type } = contentOf({ body: multipart(parts) })
  const response = new Response((await body.bytes()) as Uint8Array<ArrayBuffer>, {
    headers: { 'content-type': type ?? '' },
  })
  return [...(await response.formData())]
}

describe('row 390: the form of the HTML standard', () => {
  test('a FormData with text and files', async () => {
    const form = new FormData()
    form.append('a', '1')
    form.append('a', 'two\nlines\rand\r\nthree')
    form.append('file', new File(['content'], 'a.txt', { type: 'text/plain' }))
    form.append('blob', new Blob(['x']))
    expect(await textOf(form)).toBe(
      [
        '--B',
        'Content-Disposition: form-data; name="a"',
        '',
        '1',
        '--B',
        'Content-Disposition: form-data; name="a"',
        '',
        'two',
        'lines',
        'and',
        'three',
        '--B',
        'Content-Disposition: form-data; name="file"; filename="a.txt"',
        'Content-Type: text/plain',
        '',
        'content',
        '--B',
        'Content-Disposition: form-data; name="blob"; filename="blob"',
        'Content-Type: application/octet-stream',
        '',
        'x',
        '--B--',
        '',
      ].join('\n'),
    )
  })

  test.each([
    ['a "quoted" name', 'name="a %22quoted%22 name"'],
    ['two\nlines', 'name="two%0D%0Alines"'],
    ['two\rlines', 'name="two%0D%0Alines"'],
    ['two\r\nlines', 'name="two%0D%0Alines"'],
    ['per%cent \\ back', 'name="per%cent \\ back"'],
    ['ümläut', 'name="ümläut"'],
    ['', 'name=""'],
  ])('the name %j', async (name, written) => {
    expect((await textOf([{ name, value: 'x' }])).split('\n')[1]).toBe(
      `Content-Disposition: form-data; ${written}`,
    )
  })

  test('a file name: quotes and line ends, as they are', async () => {
    const text = await textOf([{ name: 'a', value: 'x', filename: 'a"b\nc\rd.txt' }])
    expect(text.split('\n')[1]).toBe('Content-Disposition: form-data; name="a"; filename="a%22b%0Ac%0Dd.txt"')
  })

  test('no part at all', async () => {
    expect(await textOf([])).toBe('--B--\n')
  })

  test('types, and more fields', async () => {
    const headers = { 'x-own': '1' }
    const parts: Part[] = [
      { name: 'a', value: '{}', type: 'application/json', headers },
      { name: 'b', value: new Uint8Array(2), filename: 'b' },
      { name: 'c', value: new Blob(['x'], { type: 'image/png' }), type: 'image/gif', filename: 'c.gif' },
    ]
    const lines = (await textOf(parts)).split('\n').filter((line) => /^(content|x-)/i.test(line))
    expect(lines).toEqual([
      'Content-Disposition: form-data; name="a"',
      'Content-Type: application/json',
      'x-own: 1',
      'Content-Disposition: form-data; name="b"; filename="b"',
      'Content-Type: application/octet-stream',
      'Content-Disposition: form-data; name="c"; filename="c.gif"',
      'Content-Type: image/gif',
    ])
  })

  test('a type or a field that would be two lines is refused', () => {
    for (const more of [
      { type: 'a/b\r\nx: y' },
      { headers: { 'x-own': 'a\nb' } },
      { headers: { 'a b': 'c' } },
    ]) {
      expect(() => multipart([{ name: 'a', value: 'x', ...more }])).toThrow(
        expect.objectContaining({ by: 'user', code: expect.stringMatching(/^INVALID_HEADER_/) as string }),
      )
    }
  })

  test.each([
    [undefined, 'INVALID_BODY', 'a multipart form is a FormData, or a list of parts, not undefined'],
    [{ title: 'x' }, 'INVALID_BODY', 'a multipart form is a FormData, or a list of parts, not an object'],
    ['title', 'INVALID_BODY', 'a multipart form is a FormData, or a list of parts, not a string'],
    [[null], 'INVALID_OPTION', 'the options of a part of a form must be an object, not null'],
    [[{ value: 'x' }], 'INVALID_BODY', 'a part of the form has no name'],
    [[{ name: 'a' }], 'INVALID_BODY', 'the part "a" has no value'],
    [[{ name: 'a', value: null }], 'INVALID_BODY', 'the part "a" has no value'],
    [
      [{ name: 'a', value: 'x', fileName: 'b' }],
      'INVALID_OPTION',
      'fileName is no option of a part of a form',
    ],
    [[{ name: 'a', value: 'x', filename: 5 }], 'INVALID_OPTION', 'filename must be a text, not 5'],
    [[{ name: 'a', value: 'x', length: -1 }], 'INVALID_OPTION', 'length must be a number of bytes, not -1'],
  ])('what is no form is told: %j', (form, code, text) => {
    const message = expect.stringContaining(text)
    expect(() => multipart(form as never)).toThrow(expect.objectContaining({ code, by: 'user', message }))
  })

  test('the boundary is another one each time, and fits (RFC 2046 §5.1.1)', () => {
    const boundaries = Array.from({ length: 100 }, () => multipart([]).boundary)
    expect(new Set(boundaries).size).toBe(100)
    for (const boundary of boundaries) expect(boundary).toMatch(/^----hyper[0-9a-f]{32}$/)
  })
})

describe('row 390: lengths', () => {
  async function* stream(): AsyncGenerator<string> {
    yield 'one, '
    yield 'two'
  }

  test.each<[string, Part, boolean, boolean]>([
    ['text', { name: 'a', value: 'ü' }, true, true],
    ['bytes', { name: 'a', value: new Uint8Array(3) }, true, true],
    ['many bytes', { name: 'a', value: new Uint8Array(300_000) }, true, true],
    ['a blob', { name: 'a', value: new Blob(['abc']) }, true, true],
    ['a stream', { name: 'a', value: stream() }, false, false],
    ['a stream whose length is said', { name: 'a', value: stream(), length: 8 }, true, false],
    ['a web stream', { name: 'a', value: new Blob(['12345678']).stream(), length: 8 }, true, false],
    ['a function', { name: 'a', value: stream }, false, true],
    ['a function whose length is said', { name: 'a', value: stream, length: 8 }, true, true],
  ])('%s', async (_, part, isKnown, isReplayable) => {
    const form = multipart([{ name: 'before', value: '1' }, part, { name: 'after', value: '2' }])
    expect([form.length !== null, form.isReplayable]).toEqual([isKnown, isReplayable])
    const body = form.body()
    const { upper } = body.sizeHint
    const bytes = await body.bytes()
    expect(upper).toBe(isKnown ? bytes.length : null)
    if (isKnown) expect(form.length).toBe(bytes.length)
    if (isReplayable) expect(Buffer.compare(await form.body().bytes(), bytes)).toBe(0)
  })

  test.each([7, 9])('a stream of 8 bytes that is said to have %i fails', async (length) => {
    const form = multipart([{ name: 'file "x"', value: stream(), length }])
    const error = await failure(form.body().bytes())
    expect(error.code).toBe('BODY_FAILED')
    expect(error.cause).toMatchObject({ code: 'INVALID_BODY', by: 'user' })
    expect((error.cause as Error).message).toBe(
      `the part "file \\"x\\"" does not have the ${length} bytes it was said to have`,
    )
  })
})

describe('as it is sent', () => {
  test('a stream is pulled as fast as the body is, and what is small travels together', async () => {
    let pulled = 0
    const value = (async function* () {
      for (; pulled < 10; pulled++) yield 'x'.repeat(1000)
    })()
    const form = multipart([
      { name: 'a', value: '1' },
      { name: 'b', value },
      { name: 'c', value: '2' },
    ])
    const reader = form.body()[Symbol.asyncIterator]()
    const first = Buffer.from((await reader.next()).value ?? []).toString()
    expect(first).toMatch(/name="a"[\s\S]*name="b"[\s\S]*\r\n\r\n$/)
    expect(pulled).toBeLessThan(3)
    await reader.return?.()
    expect(pulled).toBeLessThan(3)
  })

  test('who gives it up gives up its streams, begun or not', async () => {
    for (const chunks of [0, 1, 2]) {
      const first = channel()
      const second = channel()
      const { body } = contentOf({
        body: multipart([
          { name: 'a', value: first.body },
          { name: 'b', value: second.body },
        ]),
      })
      void first.sender.send('x')
      const reader = body[Symbol.asyncIterator]()
      for (let i = 0; i < chunks; i++) await reader.next()
      body.cancel(new Error('enough'))
      await new Promise((resolve) => setImmediate(resolve))
      expect([chunks, first.sender.isClosed, second.sender.isClosed]).toEqual([chunks, true, true])
    }
  })

  test('a stream that fails fails the body', async () => {
    const cause = new Error('disk')
    const value = Body.from(
      (function* () {
        yield 'x'
        throw cause
      })(),
    )
    const error = await failure(
      multipart([{ name: 'a', value }])
        .body()
        .bytes(),
    )
    expect(error).toMatchObject({ code: 'BODY_FAILED', cause: { code: 'BODY_FAILED', cause } })
  })
})

// One invariant: what the platform reads in a form is what was put into it.
test('random forms are read back as they were', async () => {
  const names = fc.string({ unit: 'grapheme', maxLength: 12 }).map((name) => name.replace(/[\r\n"%]/g, '_'))
  const text = fc.string({ unit: 'grapheme', maxLength: 200 }).map((value) => value.replace(/[\r\n]/g, ' '))
  const file = fc.record({
    bytes: fc.uint8Array({ maxLength: 40_000 }),
    filename: names,
    way: fc.constantFrom('bytes', 'blob', 'stream'),
    cut: fc.integer({ min: 1, max: 9_999 }),
  })
  const entries = fc.array(fc.tuple(names, fc.oneof(text, file)), { maxLength: 6 })
  await fc.assert(
    fc.asyncProperty(entries, async (list) => {
      const parts = list.map(([name, value]): Part => {
        if (typeof value === 'string') return { name, value }
        const { bytes, cut, filename, way } = value
        const chunks = async function* (): AsyncGenerator<Uint8Array> {
          for (let at = 0; at < bytes.length; at += cut) yield bytes.slice(at, at + cut)
        }
        return {
          name,
          filename,
          value: way === 'bytes' ? bytes : way === 'blob' ? new Blob([bytes]) : chunks(),
        }
      })
      const seen = await readBack(parts)
      expect(seen.length).toBe(list.length)
      for (const [index, [name, value]] of list.entries()) {
        const [seenName, entry] = seen[index]!
        expect(seenName).toBe(name)
        if (typeof value === 'string') expect(entry).toBe(value)
        else {
          const read = entry as File
          expect([read.name, Buffer.compare(value.bytes, new Uint8Array(await read.arrayBuffer()))]).toEqual([
            value.filename,
            0,
          ])
        }
      }
    }),
    { numRuns: 100, seed: 20_260_101 },
  )
})
