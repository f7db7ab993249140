import { brotliCompressSync, deflateRawSync, deflateSync, gzipSync, zstdCompressSync } from 'node:zlib'
import { Body, type BodySink, channel } from '@hyper/core/body'
import { HyperError } from '@hyper/core/error'
import { HeaderMap, HttpResponse } from '@hyper/core/http'
import { byteByByte as bytewise, chunkings, concatBytes, seededRandom } from '@hyper/testkit'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  type CreateDecoder,
  decodeBody,
  decompress,
  type DecompressOptions,
  type Decoder,
} from '../../src/layers/index.ts'
import { ask, failure, Fake, reply } from './kit.ts'

const byteByByte = (bytes: Uint8Array): readonly Uint8Array[] => bytewise(bytes).chunks
/** Not every cut in two: each decoding is some trips to another thread. */
const someCuts = (bytes: Uint8Array): (readonly Uint8Array[])[] =>
  Array.from(chunkings(bytes, { maxCuts: 10 }), ({ chunks }) => chunks)

/** What no coding makes shorter. */
function noise(length: number): Uint8Array {
  const bytes = new Uint8Array(length)
  const random = seededRandom(7)
  for (let i = 0; i < length; i++) bytes[i] = random() * 256
  return bytes
}

type Encode = (bytes: Uint8Array) => Uint8Array

const CODINGS: readonly (readonly [name: string, header: string, encode: Encode])[] = [
  ['gzip', 'gzip', gzipSync],
  ['x-gzip', 'X-GZip', gzipSync],
  ['deflate in the zlib format', 'deflate', deflateSync],
  ['deflate without it', 'deflate', deflateRawSync],
  ['br', 'br', brotliCompressSync],
  ['zstd', 'zstd', zstdCompressSync],
]
const ALL = 'gzip, deflate, br, zstd'
const A = 'http://a.test/'
const text = 'Hello, World! '.repeat(500)
const plain = Buffer.from(text)

const coded = (coding: string, body: Uint8Array | Body, more: Record<string, string> = {}): HttpResponse =>
  new HttpResponse(body, { headers: { 'content-encoding': coding, ...more } })

const answering = (make: () => HttpResponse): Fake => new Fake(make)

const iterable = (chunks: readonly Uint8Array[]): Body => Body.from(chunks.filter(({ length }) => length > 0))

describe.each(CODINGS)('%s', (_, header, encode) => {
  const whole = encode(plain)

  test('row 376: is undone, and the fields about it are gone', async () => {
    const more = { 'content-length': String(whole.length), etag: '"a"', 'content-type': 'text/plain' }
    const response = await ask(
      decompress(),
      answering(() => coded(header, whole, more)),
      A,
    )
    expect([...response.headers.keys()]).toEqual(['etag', 'content-type'])
    expect(await response.text()).toBe(text)
  })

  test('row 389: in one-byte chunks, and in any others', async () => {
    for (const chunks of someCuts(whole)) {
      const body = decodeBody(iterable(chunks), header)
      expect(await body?.text()).toBe(text)
    }
  })

  test('row 389: an empty body is empty', async () => {
    for (const body of [Body.from(''), iterable([]), (function* () {})()]) {
      const response = await ask(
        decompress(),
        answering(() => coded(header, Body.from(body))),
        A,
      )
      expect(await response.text()).toBe('')
    }
  })

  test('nothing, coded', async () => {
    expect(await decodeBody(Body.from(encode(new Uint8Array(0))), header)?.text()).toBe('')
  })

  test('row 376: trailers come after the data', async () => {
    const { body, sender } = channel()
    void sender.send(whole).then(() => sender.end(new HeaderMap({ 'x-sum': '1' })))
    const response = await ask(
      decompress(),
      answering(() => coded(header, body)),
      A,
    )
    const collected = await response.body.collect()
    expect([collected.length, [...(collected.trailers ?? [])]]).toEqual([text.length, [['x-sum', '1']]])
  })

  test.each(['1 byte', '5 bytes', 'half of it'])('%s too few is CONTENT_CODING_INVALID', async (what) => {
    const cut = what === 'half of it' ? whole.length >> 1 : whole.length - Number(what.split(' ')[0])
    for (const chunks of [[whole.subarray(0, cut)], byteByByte(whole.subarray(0, cut))]) {
      const error = await failure(decodeBody(iterable(chunks), header)!.text())
      expect(error).toMatchObject({
        code: 'CONTENT_CODING_INVALID',
        by: 'peer',
        phase: 'body',
        retryable: false,
      })
    }
  })

  test.each([
    ['text', 'and more'],
    ['one letter', 'x'],
    ['zeros', '\0\0\0\0\0'],
    ['what looks like the beginning of gzip', '\u001f'],
  ])('row 389: %s behind its end is CONTENT_CODING_INVALID', async (__, trailing) => {
    const more = Buffer.from(trailing)
    for (const chunks of [
      [concatBytes([whole, more])],
      [whole, more],
      byteByByte(concatBytes([whole, more])),
    ]) {
      const error = await failure(decodeBody(iterable(chunks), header)!.text())
      expect(error).toMatchObject({ code: 'CONTENT_CODING_INVALID', by: 'peer', phase: 'body' })
    }
  })

  test('row 389: extra bytes are refused without waiting for the end of the body', async () => {
    const { body, sender } = channel()
    const error = failure(decodeBody(body, header)!.text())
    await sender.send(whole)
    await sender.send(Buffer.from('xyz'))
    expect([(await error).code, sender.isClosed]).toEqual(['CONTENT_CODING_INVALID', true])
  })

  test('nonsense is CONTENT_CODING_INVALID, and the source is told', async () => {
    const { body, sender } = channel()
    const error = failure(decodeBody(body, header)!.text())
    await sender.send(Buffer.from('this is not coded at all'))
    if (header === 'deflate') sender.end()
    expect((await error).code).toBe('CONTENT_CODING_INVALID')
    expect(sender.isClosed).toBe(true)
  })

  test('a connection that breaks says so itself', async () => {
    const broken = new HyperError('INCOMPLETE_MESSAGE', 'gone', { by: 'peer', phase: 'body' })
    class Breaking extends Body {
      get sizeHint(): Body['sizeHint'] {
        return { lower: 0, upper: null }
      }
      get isEnd(): boolean {
        return false
      }
      start(sink: BodySink): void {
        this.take()
        sink.onData(whole.subarray(0, 10))
        this.settle(null)
        sink.onError(broken)
      }
      pause(): void {}
      resume(): void {}
      cancel(): void {}
    }
    expect(await failure(decodeBody(new Breaking(), header)!.text())).toBe(broken)
  })
})

describe('rows 376, 389: several members', () => {
  test.each([
    ['gzip', gzipSync],
    ['zstd', zstdCompressSync],
  ] as const)('%s, in every cut', async (coding, encode) => {
    const members = ['one, ', '', 'two, ', 'three'].map((part) => encode(Buffer.from(part)))
    const whole = concatBytes(members)
    for (const chunks of [members, ...someCuts(whole)]) {
      expect(await decodeBody(iterable(chunks), coding)?.text()).toBe('one, two, three')
    }
  })

  test.each([
    ['gzip', gzipSync],
    ['zstd', zstdCompressSync],
  ] as const)('%s, for a slow reader', async (coding, encode) => {
    const members = ['one, ', 'two, ', 'three, ', 'four'].map((part) => encode(Buffer.from(part)))
    const whole = concatBytes(members)
    for (let cut = 0; cut < whole.length; cut += 3) {
      const body = decodeBody(iterable([whole.subarray(0, cut), whole.subarray(cut)]), coding)!
      let seen = ''
      for await (const chunk of body) {
        seen += Buffer.from(chunk).toString()
        for (let i = 0; i < 3; i++) await new Promise((resolve) => setImmediate(resolve))
      }
      expect([cut, seen]).toEqual([cut, 'one, two, three, four'])
    }
  })

  test('row 376: brotli and deflate have one', async () => {
    for (const [coding, encode] of [
      ['br', brotliCompressSync],
      ['deflate', deflateSync],
    ] as const) {
      const whole = concatBytes([encode(plain), encode(plain)])
      expect((await failure(decodeBody(Body.from(whole), coding)!.text())).code).toBe(
        'CONTENT_CODING_INVALID',
      )
    }
  })
})

describe('several codings', () => {
  test.each([
    ['gzip, br', (bytes: Uint8Array) => brotliCompressSync(gzipSync(bytes))],
    ['deflate,gzip ,zstd', (bytes: Uint8Array) => zstdCompressSync(gzipSync(deflateSync(bytes)))],
    ['gzip, identity, gzip,', (bytes: Uint8Array) => gzipSync(gzipSync(bytes))],
    ['identity', (bytes: Uint8Array) => bytes],
  ])('%s', async (coding, encode) => {
    for (const chunks of [[encode(plain)], byteByByte(encode(plain))])
      expect(await decodeBody(iterable(chunks), coding)?.text()).toBe(text)
  })

  test('two lines are one list', async () => {
    const headers = new HeaderMap([
      ['content-encoding', 'gzip'],
      ['content-encoding', 'br'],
    ])
    const fake = answering(() => new HttpResponse(brotliCompressSync(gzipSync(plain)), { headers }))
    expect(await (await ask(decompress(), fake, A)).text()).toBe(text)
  })

  test('five pass, six do not', async () => {
    const times = (count: number): HttpResponse => {
      let bytes: Uint8Array = plain
      for (let i = 0; i < count; i++) bytes = gzipSync(bytes)
      return coded(Array(count).fill('gzip').join(', '), bytes)
    }
    expect(
      await (
        await ask(
          decompress(),
          answering(() => times(5)),
          A,
        )
      ).text(),
    ).toBe(text)
    const fake = answering(() => times(6))
    expect(await failure(ask(decompress(), fake, A))).toMatchObject({
      code: 'CONTENT_CODING_INVALID',
      by: 'peer',
    })
    expect(fake.answers[0]?.body.used).toBe(true)
  })
})

describe('what is left as it is', () => {
  const untouched = async (
    make: () => HttpResponse,
    given: Parameters<typeof ask>[3] = {},
  ): Promise<boolean> => {
    let made: HttpResponse | null = null
    const fake = answering(() => (made = make()))
    return (await ask(decompress(), fake, A, given)) === made
  }
  const gzipped = (): HttpResponse => coded('gzip', gzipSync(plain))

  test.each([
    ['no coding', () => reply(200, {}, text)],
    ['an unknown coding', () => coded('compress', plain)],
    ['an unknown one among others', () => coded('gzip, exi', plain)],
    ['a name that objects have', () => coded('constructor', plain)],
    ['identity alone', () => coded('identity', plain)],
    ['204', () => new HttpResponse(null, { status: 204, headers: { 'content-encoding': 'gzip' } })],
    ['304', () => new HttpResponse(null, { status: 304, headers: { 'content-encoding': 'gzip' } })],
    [
      '206: a part',
      () => new HttpResponse(gzipSync(plain), { status: 206, headers: { 'content-encoding': 'gzip' } }),
    ],
  ])('%s', async (_, make) => {
    expect(await untouched(make)).toBe(true)
  })

  test('HEAD and CONNECT', async () => {
    const head = (): HttpResponse => coded('gzip', new Uint8Array(0), { 'content-length': '77' })
    expect([await untouched(head, { method: 'HEAD' }), await untouched(head, { method: 'CONNECT' })]).toEqual(
      [true, true],
    )
  })

  test('row 389: the answer to an accept-encoding of the caller', async () => {
    const headers = { 'accept-encoding': 'gzip' }
    expect(await untouched(gzipped, { headers })).toBe(true)
    expect(await untouched(gzipped, { headers, options: { decompress: true } })).toBe(false)
    expect(await untouched(gzipped, { options: { decompress: false } })).toBe(true)
  })
})

describe('what is asked for', () => {
  const asked = async (
    given: Parameters<typeof ask>[3] = {},
    options?: DecompressOptions,
  ): Promise<string | undefined> => {
    const fake = answering(() => reply(200))
    await ask(decompress(options), fake, A, given)
    return fake.seen[0]?.headers['accept-encoding']
  }

  test('row 384: all that can be undone', async () => {
    expect([await asked(), await asked({ method: 'HEAD' })]).toEqual([ALL, ALL])
    expect(await asked({}, { decoders: { br: () => null as never, 'x-br': () => null as never } })).toBe('br')
  })

  test('row 389: what the caller asks for stays', async () => {
    const headers = new HeaderMap({ 'accept-encoding': 'identity' })
    expect([await asked({ headers }), headers.size]).toEqual(['identity', 1])
  })

  test('nothing where it is not wanted, or where a part is', async () => {
    const ours = { 'accept-encoding': ALL }
    const own = { 'accept-encoding': 'gzip' }
    const range = { range: 'bytes=0-9' }
    const none = { options: { decompress: false } }
    expect([
      await asked(none),
      await asked({ ...none, headers: ours }),
      await asked({ ...none, headers: own }),
      await asked({ headers: range }),
      await asked({ headers: { ...range, ...ours } }),
      await asked({ headers: { ...range, ...own } }),
    ]).toEqual([undefined, undefined, 'gzip', undefined, undefined, 'gzip'])
  })

  test('what is given is not changed', async () => {
    const headers = new HeaderMap({ a: '1' })
    await asked({ headers })
    expect([...headers]).toEqual([['a', '1']])
  })
})

describe('bombs', () => {
  const MIB = 1024 * 1024
  const zeros = (mib: number): Uint8Array => new Uint8Array(mib * MIB)

  const sizeOf = async (
    make: () => Uint8Array,
    coding: string,
    options?: DecompressOptions,
  ): Promise<number | string> => {
    const body = decodeBody(Body.from(make()), coding, options)!
    try {
      let size = 0
      for await (const chunk of body) size += chunk.length
      return size
    } catch (error) {
      const { by, code, phase, statusHint } = error as HyperError
      expect([by, phase, statusHint]).toEqual(['peer', 'body', 502])
      return code
    }
  }

  test.each(CODINGS)(
    '%s: up to 16 MiB of anything, then at most a hundred times what came',
    async (_, header, encode) => {
      expect(await sizeOf(() => encode(zeros(16)), header)).toBe(16 * MIB)
      expect(await sizeOf(() => encode(zeros(17)), header)).toBe('BODY_TOO_LARGE')
    },
  )

  test('what is large for good reason passes', async () => {
    const honest = concatBytes([zeros(20), noise(MIB)])
    expect(await sizeOf(() => gzipSync(honest), 'gzip')).toBe(21 * MIB)
  })

  test('a bomb in a bomb: what counts is what came over the wire', async () => {
    expect(await sizeOf(() => gzipSync(gzipSync(zeros(64))), 'gzip, gzip')).toBe('BODY_TOO_LARGE')
  })

  test('maxRatio and maxSize, on both sides', async () => {
    const bytes = (): Uint8Array => gzipSync(zeros(20))
    expect(await sizeOf(bytes, 'gzip', { maxRatio: Infinity })).toBe(20 * MIB)
    expect(await sizeOf(bytes, 'gzip', { maxRatio: 2000 })).toBe(20 * MIB)
    expect(await sizeOf(bytes, 'gzip', { maxRatio: Infinity, maxSize: 20 * MIB })).toBe(20 * MIB)
    expect(await sizeOf(bytes, 'gzip', { maxRatio: Infinity, maxSize: 20 * MIB - 1 })).toBe('BODY_TOO_LARGE')
  })

  test('for one request', async () => {
    const options = { decompress: { maxSize: 10 } }
    const fake = answering(() => coded('gzip', gzipSync(plain)))
    const response = await ask(decompress(), fake, A, { options })
    expect((await failure(response.text())).message).toBe(
      'the body is longer than 10 bytes once it is decoded',
    )
  })

  test('the source is told, and no more of it is read', async () => {
    let read = 0
    const whole = gzipSync(zeros(256))
    const chunks = (function* () {
      for (; read < whole.length; read += 4096) yield whole.subarray(read, read + 4096)
    })()
    expect((await failure(decodeBody(Body.from(chunks), 'gzip')!.text())).code).toBe('BODY_TOO_LARGE')
    expect(read).toBeLessThan(whole.length / 4)
  })

  test('a zstd window beyond 8 MiB is refused', async () => {
    // RFC 8878 §3.1.1: magic, a descriptor without content size, and a window of 2^27.
    const frame = Uint8Array.from([0x28, 0xb5, 0x2f, 0xfd, 0x00, (27 - 10) << 3, 0x01, 0x00, 0x00])
    expect(await failure(decodeBody(Body.from(frame), 'zstd')!.text())).toMatchObject({
      code: 'CONTENT_CODING_INVALID',
    })
  })

  test.each([[{ maxSize: -1 }], [{ maxRatio: 0 }], [{ maxRatio: NaN }]])(
    '%j is INVALID_OPTION',
    (options) => {
      expect(() => decompress(options)).toThrow(expect.objectContaining({ code: 'INVALID_OPTION' }))
    },
  )
})

describe('a decoder of one’s own that throws fails the body, whoever has called it', () => {
  const boom = (): never => {
    throw reason
  }
  const reason = new Error('no')
  const quiet: Decoder = { write() {}, end() {}, pause() {}, resume() {}, close() {} }

  test.each<[string, CreateDecoder]>([
    ['made', boom],
    ['written to', () => ({ ...quiet, write: boom })],
    [
      'written to again',
      (sink) => ({ ...quiet, write: (chunk) => (chunk[0] === 0 ? sink.onDrain() : boom()) }),
    ],
    ['ended', (sink) => ({ ...quiet, write: () => sink.onDrain(), end: boom })],
    ['resumed', (sink) => ({ ...quiet, write: () => sink.onDrain(), resume: boom, close: boom })],
  ])('%s', async (_, create) => {
    const { body, sender } = channel()
    const coded = decodeBody(body, 'x', { decoders: { x: create } })
    const error = failure(coded!.text())
    for (const octet of [0, 1]) if (!sender.isClosed) await sender.send(Uint8Array.of(octet))
    if (!sender.isClosed) sender.end()
    expect(await error).toMatchObject({ code: 'BODY_FAILED', by: 'user', cause: reason })
    expect(sender.isClosed).toBe(true)
  })
})

describe('as it is read', () => {
  test('nothing is read before somebody asks', async () => {
    const { body, sender } = channel({ onDemand: true })
    const decoded = decodeBody(body, 'gzip')!
    expect([body.used, decoded.used, decoded.sizeHint]).toEqual([false, false, { lower: 0, upper: null }])
    decoded.cancel()
    expect(sender.isClosed).toBe(true)
  })

  test('who is slow holds the source back', async () => {
    let read = 0
    const random = noise(16 * 1024 * 1024)
    const whole = gzipSync(random, { level: 1 })
    const chunks = (function* () {
      for (; read < whole.length; read += 65_536) yield whole.subarray(read, read + 65_536)
    })()
    const reader = decodeBody(Body.from(chunks), 'gzip')![Symbol.asyncIterator]()
    const first = await reader.next()
    for (let i = 0; i < 100; i++) await new Promise((resolve) => setImmediate(resolve))
    expect(first.value?.length).toBeGreaterThan(0)
    expect(read).toBeLessThan(1024 * 1024)
    let size = first.value?.length ?? 0
    for (let step = await reader.next(); step.done !== true; step = await reader.next())
      size += step.value.length
    expect(size).toBe(random.length)
  })

  test('what is there is delivered before the body ends', async () => {
    const { createGzip, constants } = await import('node:zlib')
    const gzip = createGzip()
    const { body, sender } = channel()
    gzip.on('data', (chunk: Buffer) => void sender.send(chunk))
    const reader = decodeBody(body, 'gzip')![Symbol.asyncIterator]()
    for (const part of ['first', 'second']) {
      gzip.write(part)
      gzip.flush(constants.Z_SYNC_FLUSH)
      expect(Buffer.from((await reader.next()).value ?? []).toString()).toBe(part)
    }
    await reader.return?.()
    expect(sender.isClosed).toBe(true)
    gzip.destroy()
  })

  test('paused, resumed, and given up within a call', async () => {
    const whole = gzipSync(plain)
    for (const giveUpAt of [1, 3, Infinity]) {
      const body = decodeBody(iterable(byteByByte(whole)), 'gzip')!
      const outcome = await new Promise<string>((resolve) => {
        let calls = 0
        let size = 0
        body.start({
          onData(chunk) {
            size += chunk.length
            if (++calls >= giveUpAt) body.cancel()
            else {
              body.pause()
              setImmediate(() => body.resume())
            }
          },
          onTrailers() {},
          onEnd: () => resolve(`end ${size}`),
          onError: ({ code }) => resolve(code),
        })
      })
      expect(['CANCELED', `end ${text.length}`]).toContain(outcome)
      if (giveUpAt !== 3) expect(outcome).toBe(giveUpAt === 1 ? 'CANCELED' : `end ${text.length}`)
    }
  })

  test('a body is decoded once', () => {
    const body = Body.from('x')
    body.cancel()
    expect(() => decodeBody(body, 'gzip')).toThrow(expect.objectContaining({ code: 'BODY_USED' }))
  })
})

// One invariant: whatever is coded, in whatever members and cuts, comes out as it went in; and with a byte cut off or
// added it does not come out at all.
describe('random bodies', () => {
  const bytes = fc.uint8Array({ maxLength: 3000 })
  const cuts = fc.array(fc.nat(4000), { maxLength: 30 })
  const codings = fc.array(fc.constantFrom(...CODINGS), { minLength: 1, maxLength: 3 })
  const run = { numRuns: 150, seed: 20_260_101 }

  const cutAt = (whole: Uint8Array, at: readonly number[]): Uint8Array[] => {
    const points = [0, ...at.filter((point) => point < whole.length).toSorted((a, b) => a - b), whole.length]
    return points.slice(1).map((end, i) => whole.subarray(points[i], end))
  }

  test('come out as they went in', async () => {
    await fc.assert(
      fc.asyncProperty(bytes, codings, cuts, async (given, list, at) => {
        const whole = list.reduce((inner, [, , encode]) => new Uint8Array(encode(inner)), given)
        const header = list.map(([, name]) => name).join(', ')
        const decoded = await decodeBody(iterable(cutAt(whole, at)), header)!.bytes()
        expect(Buffer.compare(decoded, given)).toBe(0)
      }),
      run,
    )
  })

  test('and not with an end that is not theirs', async () => {
    await fc.assert(
      fc.asyncProperty(
        bytes,
        fc.constantFrom(...CODINGS),
        cuts,
        fc.boolean(),
        async (given, coding, at, longer) => {
          const whole = coding[2](given)
          // One byte fewer than one is no body, which is none of a coding either.
          fc.pre(longer || whole.length > 1)
          const wrong = longer ? concatBytes([whole, Uint8Array.of(7)]) : whole.subarray(0, -1)
          const asked = decodeBody(iterable(cutAt(wrong, at)), coding[1])!.bytes()
          expect((await failure(asked)).code).toBe('CONTENT_CODING_INVALID')
        },
      ),
      run,
    )
  })
})
