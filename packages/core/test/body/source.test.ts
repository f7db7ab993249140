import { runInNewContext } from 'node:vm'
import { PassThrough, Readable } from 'node:stream'
import { inspect } from 'node:util'
import { expect, test } from 'vitest'
import {
  Body,
  bodyFrom,
  channel,
  EMPTY_BODY,
  FlowBody,
  FullBody,
  fuse,
  IterableBody,
  limitBody,
  mapBody,
  StreamFramesBody,
  ThroughBody,
  withTrailers,
} from '../../src/body/index.ts'
import type { BodyInit, Frame } from '../../src/body/index.ts'
import { HeaderMap } from '../../src/http/index.ts'
import { bytes, failure, record, Record, settled } from './record.ts'

test('Body.from: what a body can be made of', async () => {
  expect(Body.from('')).toBe(EMPTY_BODY)
  expect(Body.from(new Uint8Array(0))).toBe(EMPTY_BODY)
  expect(Body.from(null)).toBe(EMPTY_BODY)
  const full = Body.from('h\u00e9')
  expect(full).toBeInstanceOf(FullBody)
  expect(full).toBeInstanceOf(Body)
  expect(Body.from(full)).toBe(full)
  expect(await Body.from(Buffer.from('node')).text()).toBe('node')
  expect(await Body.from(new Set(['a', 'b'])).text()).toBe('ab')
  expect(await Body.from(Readable.from(['str', 'eam'])).text()).toBe('stream')
  expect(await Body.from(new Blob(['web']).stream()).text()).toBe('web')
  const foreign = runInNewContext('new Uint8Array([104, 105])') as Uint8Array
  expect(await Body.from(foreign).text()).toBe('hi')
})

test('Body.from: what it cannot be made of', () => {
  for (const [wrong, name] of [
    [1, 'a number'],
    [true, 'a boolean'],
    [{}, 'an object'],
    [Object.create(null), 'an object'],
    [Symbol('x'), 'a symbol'],
    [new Date(0), 'Date'],
    [new ArrayBuffer(1), 'ArrayBuffer'],
    [new DataView(new ArrayBuffer(1)), 'DataView'],
    [new Uint16Array(1), 'Uint16Array'],
  ]) {
    expect(() => bodyFrom(wrong as unknown as BodyInit)).toThrow(
      expect.objectContaining({
        code: 'INVALID_BODY',
        by: 'user',
        message: `a body cannot be made of ${String(name)}: it is text, bytes, or an iterable of them`,
      }),
    )
  }
})

test('a source that fails: the message says why', async () => {
  const cause = new Error('no such file')
  const failed = (async function* () {
    yield 'some'
    throw cause
  })()
  await expect(Body.from(failed).text()).rejects.toMatchObject({
    code: 'BODY_FAILED',
    message: 'the given body failed: no such file',
    cause,
  })
})

test('a stream of Node is destroyed when its body is given up, begun or not', async () => {
  for (const isBegun of [false, true]) {
    const stream = new PassThrough()
    const body = Body.from(stream as AsyncIterable<Uint8Array>)
    if (isBegun) record(body)
    body.cancel()
    expect(stream.destroyed).toBe(true)
    // As a file that could not be opened: nobody listens, and nothing is thrown.
    expect(stream.emit('error', new Error('late'))).toBe(true)
  }
})

test('in a log, a body is what is known of it', () => {
  const body = Body.from('four')
  expect(inspect(body)).toBe('Body { used: false, bytes: 4 }')
  body.cancel()
  expect(inspect(body)).toBe('Body { used: true, bytes: 0 }')
  expect(inspect(Body.from(['four']))).toBe('Body { used: false, bytes: 0 or more }')
})

test('trailers as any kind of fields', async () => {
  const map = new HeaderMap({ sum: '1' })
  for (const given of [{ sum: '1' }, [['sum', '1']] as const, map, () => ({ sum: '1' }), async () => map]) {
    const { trailers } = await withTrailers(Body.from('x'), given).collect()
    expect([...(trailers ?? [])]).toEqual([['sum', '1']])
  }
  const { body, sender } = channel()
  sender.end({ sum: '1' })
  expect((await body.collect()).trailers?.get('sum')).toBe('1')
  expect(() => withTrailers(Body.from('x'), { 'not a name': '1' })).toThrow(
    expect.objectContaining({ code: 'INVALID_HEADER_NAME' }),
  )
  await expect(withTrailers(Body.from('x'), () => ({ 'not a name': '1' })).text()).rejects.toMatchObject({
    code: 'BODY_FAILED',
    cause: { code: 'INVALID_HEADER_NAME' },
  })
})

test('a full body: size, end, double start, pause', async () => {
  const body = new FullBody('\u20acx')
  expect(body.sizeHint).toEqual({ lower: 4, upper: 4 })
  expect(body.isEnd).toBe(false)
  body.pause()
  const sink = record(body)
  expect(sink.log).toEqual([])
  sink.onChunk = () => body.pause()
  body.resume()
  expect(sink.log).toEqual(['\xe2\x82\xacx'])
  expect(body.isEnd).toBe(true)
  body.resume()
  expect(sink.log).toEqual(['\xe2\x82\xacx', 'end'])
  expect(() => record(body)).toThrow(expect.objectContaining({ code: 'BODY_USED' }))
  expect(new FullBody('').isEnd).toBe(true)
  expect(await new FullBody('').text()).toBe('')
})

test('a full body: cancelling before and inside', async () => {
  const before = Body.from('abc')
  before.cancel()
  expect((await failure(before.text())).code).toBe('BODY_USED')
  const inside = Body.from('abc')
  expect(record(inside, () => inside.cancel()).log).toEqual(['abc', 'error CANCELED'])
})

test('an iterable that throws: BODY_FAILED by the user, with the cause', async () => {
  const cause = new Error('disk')
  async function* later(): AsyncGenerator<string> {
    yield 'a'
    throw cause
  }
  function* now(): Generator<string> {
    yield 'a'
    throw cause
  }
  for (const source of [later(), now()]) {
    const sink = record(Body.from(source))
    await settled()
    expect(sink.log).toEqual(['a', 'error BODY_FAILED'])
    expect(sink.error).toMatchObject({ by: 'user', cause })
  }
  const broken = {
    [Symbol.asyncIterator](): AsyncIterator<string> {
      throw cause
    },
  }
  expect(await failure(Body.from(broken).text())).toMatchObject({ code: 'BODY_FAILED', cause })
})

test('an iterable that yields the wrong things: INVALID_BODY, and it is released', async () => {
  for (const wrong of [1, null, undefined, {}, new Uint16Array(2), ['a']]) {
    let released = false
    async function* source(): AsyncGenerator<string> {
      try {
        yield 'fine'
        yield wrong as unknown as string
        yield 'never'
      } finally {
        released = true
      }
    }
    const sink = record(Body.from(source()))
    await settled()
    expect(sink.log).toEqual(['fine', 'error INVALID_BODY'])
    expect(sink.error?.by).toBe('user')
    expect(released).toBe(true)
  }
  const broken = { [Symbol.iterator]: () => ({ next: () => 5 }) } as unknown as Iterable<string>
  expect((await failure(Body.from(broken).text())).code).toBe('INVALID_BODY')
})

test('return of the source runs on cancel: while reading, while waiting, before the start', async () => {
  let returns = 0
  const source = (): AsyncIterable<string> => ({
    [Symbol.asyncIterator]: () => ({
      next: () => new Promise<IteratorResult<string>>(() => {}),
      return: () => {
        returns++
        return Promise.reject(new Error('cleaning up failed'))
      },
    }),
  })
  const waiting = Body.from(source())
  const sink = record(waiting)
  waiting.cancel('bye')
  expect(sink.log).toEqual(['error CANCELED'])
  expect(returns).toBe(1)
  const unread = Body.from(source())
  unread.cancel()
  unread.cancel()
  expect(returns).toBe(2)
  await settled()
  let closed = false
  function* lines(): Generator<string> {
    try {
      yield 'a'
      yield 'b'
    } finally {
      closed = true
    }
  }
  const reading = Body.from(lines())
  expect(record(reading, () => reading.cancel()).log).toEqual(['a', 'error CANCELED'])
  // A running generator cannot be returned; it is between two `next` here.
  expect(closed).toBe(true)
})

test('what arrives after cancel is dropped', async () => {
  let give: (value: IteratorResult<string>) => void = () => {}
  const body = new IterableBody({
    [Symbol.asyncIterator]: () => ({
      next: () =>
        new Promise<IteratorResult<string>>((resolve) => {
          give = resolve
        }),
    }),
  })
  const sink = record(body)
  body.cancel()
  give({ done: false, value: 'late' })
  await settled()
  expect(sink.log).toEqual(['error CANCELED'])
})

test('a source is not pulled while paused, and what was under way is held', async () => {
  let pulls = 0
  async function* source(): AsyncGenerator<string> {
    for (let i = 0; i < 3; i++) {
      pulls++
      yield String(i)
    }
  }
  const body = Body.from(source())
  const sink = record(body)
  body.pause()
  await settled()
  expect([pulls, sink.log]).toEqual([1, []])
  sink.onChunk = () => body.pause()
  for (const log of [['0'], ['0', '1'], ['0', '1', '2']]) {
    body.resume()
    await settled()
    expect(sink.log).toEqual(log)
  }
  expect(pulls).toBe(3)
  body.resume()
  await settled()
  expect(sink.log.at(-1)).toBe('end')
})

test('a long synchronous source does not grow the stack', async () => {
  function* source(): Generator<Uint8Array> {
    const chunk = Uint8Array.of(1)
    for (let i = 0; i < 200_000; i++) yield chunk
  }
  expect((await Body.from(source()).bytes()).length).toBe(200_000)
  let ends = 0
  const body = Body.from(source())
  const sink = {
    onData(): void {
      body.pause()
      body.resume()
    },
    onTrailers(): void {},
    onEnd: () => void ends++,
    onError(): void {},
  }
  body.start(sink)
  expect(ends).toBe(1)
})

test('frames: unknown types are left out, wrong ones fail', async () => {
  const later = { type: 'later', value: 1 } as unknown as Frame
  expect(record(new StreamFramesBody([later, { type: 'data', data: bytes('a') }])).log).toEqual(['a', 'end'])
  const trailers: Frame = { type: 'trailers', trailers: new HeaderMap({ a: '1' }) }
  const wrong: unknown[][] = [
    [trailers, { type: 'data', data: bytes('late') }],
    ['text'],
    [null],
    [{ type: 'data', data: 5 }],
    [{ type: 'trailers', trailers: {} }],
  ]
  for (const frames of wrong) {
    expect((await failure(new StreamFramesBody(frames as Frame[]).collect())).code).toBe('INVALID_BODY')
  }
})

test('more trailers than a map may hold fail the body', async () => {
  const half = HeaderMap.fromParsed(
    Array.from({ length: 2 * 20_000 }, () => 'x'),
    null,
  )
  const frames: Frame[] = [
    { type: 'trailers', trailers: half },
    { type: 'trailers', trailers: half },
  ]
  expect((await failure(new StreamFramesBody(frames).collect())).code).toBe('TOO_MANY_HEADERS')
})

test('text is encoded in the way of the sink, through other bodies too', () => {
  const frame = { type: 'data', data: 'x' } as unknown as Frame
  const { body, sender } = channel()
  const kinds: Body[] = [
    Body.from('x'),
    new IterableBody(['x']),
    new StreamFramesBody([frame]),
    mapBody(Body.from('y'), () => 'x'),
    limitBody(Body.from('x'), 100),
    body,
  ]
  for (const kind of kinds) {
    const sink = new Record()
    const encoding = Object.assign(sink, { encodeUtf8: (text: string) => bytes(`<${text}>`) })
    kind.start(encoding)
    if (kind === body) sender.trySend('x')
    expect(sink.log[0]).toBe('<x>')
  }
})

test('mapping data, trailers and errors', async () => {
  const upper = (chunk: Uint8Array): string => Buffer.from(chunk).toString().toUpperCase()
  expect(await mapBody(Body.from(['ab', 'c']), upper).text()).toBe('ABC')
  const dropping = mapBody(Body.from(['ab', 'c']), (chunk) => (chunk.length > 1 ? chunk : ''))
  expect(dropping.sizeHint).toEqual({ lower: 0, upper: null })
  expect(record(dropping).log).toEqual(['ab', 'end'])
  const frames: Frame[] = [{ type: 'trailers', trailers: new HeaderMap({ a: '1' }) }]
  const renamed = mapBody(new StreamFramesBody(frames), {
    trailers: (old) => new HeaderMap({ b: old.get('a') ?? '' }),
  })
  expect(record(renamed).log).toEqual(['trailers b=1', 'end'])
  const { body, sender } = channel()
  sender.abort('x')
  const other = new Error('other')
  const mapped = mapBody(body, {
    error: () => {
      throw other
    },
  })
  expect(await failure(mapped.text())).toMatchObject({ code: 'BODY_FAILED', cause: other })
})

test('a mapping that throws or answers nonsense cancels the body below', async () => {
  for (const [map, code] of [
    [() => 5 as unknown as string, 'INVALID_BODY'],
    [
      () => {
        throw new Error('no')
      },
      'BODY_FAILED',
    ],
  ] as const) {
    const { body, sender } = channel()
    const failing = failure(mapBody(body, map).bytes())
    await sender.send('x')
    expect((await failing).code).toBe(code)
    expect(sender.isClosed).toBe(true)
  }
})

test('pausing, cancelling and using twice reach through', async () => {
  const { body, sender } = channel()
  const mapped = mapBody(body, (chunk) => chunk)
  const sink = record(mapped, () => mapped.pause())
  expect(sender.trySend('a')).toBe(true)
  expect(sender.trySend('b')).toBe(true)
  expect(sender.trySend('c')).toBe(false)
  expect(sink.log).toEqual(['a'])
  mapped.resume()
  expect(sink.log).toEqual(['a', 'b'])
  mapped.cancel('stop')
  expect(sink.log).toEqual(['a', 'b', 'error CANCELED'])
  expect(await failure(sender.send('d'))).toMatchObject({ code: 'CANCELED', cause: 'stop' })
  expect(() => mapBody(body, (chunk) => chunk)).toThrow(expect.objectContaining({ code: 'BODY_USED' }))
  const taken = Body.from('x')
  const late = mapBody(taken, (chunk) => chunk)
  await taken.text()
  expect((await failure(late.text())).code).toBe('BODY_USED')
})

test('pause and resume reach through before the start and within one callback', () => {
  const { body, sender } = channel({ capacity: 3 })
  for (const text of ['a', 'b', 'c']) sender.trySend(text)
  sender.end()
  const mapped = mapBody(body, (chunk) => chunk)
  mapped.pause()
  mapped.resume()
  const sink = record(mapped, () => {
    mapped.pause()
    mapped.resume()
  })
  expect(sink.log).toEqual(['a', 'b', 'c', 'end'])
  const held = mapBody(Body.from('x'), (chunk) => chunk)
  held.pause()
  const waiting = record(held)
  expect(waiting.log).toEqual([])
  held.resume()
  expect(waiting.log).toEqual(['x', 'end'])
})

test('trailers behind a body are known of through every body over it', () => {
  const body = (): Body => withTrailers(Body.from('known length'), new HeaderMap({ sum: '1' }))
  const over = [
    limitBody(body(), 100),
    mapBody(body(), { trailers: (map) => map }),
    fuse(body()),
    limitBody(fuse(body()), 100),
    new ThroughBody(body()),
  ]
  expect(over.map((one) => one.mayHaveTrailers)).toEqual(over.map(() => true))
  expect(fuse(Body.from('none')).mayHaveTrailers).toBe(false)
})

test('a body of one’s own over another one', async () => {
  class Doubled extends ThroughBody {
    override onData(chunk: Uint8Array): void {
      this.deliver(chunk)
      this.deliver(chunk)
    }
  }
  expect(await new Doubled(Body.from(['ab', 'c'])).text()).toBe('ababcc')
})

test('a body of one’s own that is pushed', () => {
  const log: string[] = []
  class Pushed extends FlowBody {
    readonly sizeHint = { lower: 0, upper: null }
    push(text: string): void {
      this.deliver(bytes(text))
    }
    end(): void {
      this.finish(null)
    }
    protected moved(): void {
      log.push(`moved ${this.isFlowing}`)
    }
    protected dropped(reason: unknown): void {
      log.push(`dropped ${String(reason)}`)
    }
  }
  const body = new Pushed()
  body.push('early')
  const sink = record(body)
  body.pause()
  body.push('held')
  body.resume()
  body.end()
  expect([sink.log, log]).toEqual([
    ['early', 'held', 'end'],
    ['moved true', 'moved true'],
  ])
  const other = new Pushed()
  record(other)
  other.cancel('enough')
  expect(log.at(-1)).toBe('dropped enough')
})
