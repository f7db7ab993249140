import { PassThrough, Readable, Stream } from 'node:stream'
import { createGzip } from 'node:zlib'
import { HeaderMap } from '@hyper/core/http'
import { afterEach, describe, expect, test } from 'vitest'
import { Client } from '../../src/index.ts'
import { type DispatchOptions, toDispatcher } from '../../src/undici/index.ts'
import { OK, RawServer } from '../raw-server.ts'
import { dispatch, GENERATIONS } from './kit.ts'

// What goes out for the options of a dispatch, in bytes; and which options are refused.

const cleanups: (() => unknown)[] = []

afterEach(() => {
  for (const cleanup of cleanups.splice(0)) cleanup()
})

/** The request that was sent, with its body. */
async function sent(options: Partial<DispatchOptions>): Promise<string> {
  let whole = ''
  const server = await RawServer.start((socket, request) => {
    whole += request
    const answer = (): void => void socket.write(OK)
    const size = Number(/content-length: (\d+)/.exec(request)?.[1] ?? 0)
    const isChunked = request.includes('chunked')
    const isWhole = (): boolean =>
      isChunked ? whole.endsWith('\r\n0\r\n\r\n') : whole.length - whole.indexOf('\r\n\r\n') - 4 >= size
    if (isWhole()) return answer()
    socket.on('data', (more: string) => {
      whole += more
      if (isWhole()) answer()
    })
  })
  const client = new Client()
  cleanups.push(
    () => server.close(),
    () => client.abort(),
  )
  const heard = await dispatch(toDispatcher(client), 'later', {
    origin: `http://127.0.0.1:${server.port}`,
    ...options,
  }).done
  if (heard.error !== null) throw heard.error
  return whole.replaceAll(`127.0.0.1:${server.port}`, 'HOST')
}

const head = (...lines: string[]): string =>
  `${['GET / HTTP/1.1', 'host: HOST', ...lines].join('\r\n')}\r\n\r\n`
const post = (...lines: string[]): string =>
  `${['POST / HTTP/1.1', 'host: HOST', ...lines].join('\r\n')}\r\n\r\n`

describe('fields', () => {
  test.each<[string, DispatchOptions['headers'], string[]]>([
    ['none', undefined, []],
    ['null', null, []],
    [
      'an object',
      { A: 'b', c: ['d', 'e'], n: 1, gone: undefined, empty: null },
      ['a: b', 'c: d', 'c: e', 'n: 1', 'empty: '],
    ],
    ['names and values in turn', ['a', 'b', 'c', ['d', 'e']], ['a: b', 'c: d', 'c: e']],
    [
      'pairs',
      new Map([
        ['a', 'b'],
        ['c', 'd'],
      ]),
      ['a: b', 'c: d'],
    ],
    ['a Headers', new Headers({ a: 'b' }), ['a: b']],
    [
      'a HeaderMap',
      new HeaderMap([
        ['a', 'b'],
        ['a', 'c'],
      ]),
      ['a: b', 'a: c'],
    ],
    [
      'an object without a prototype',
      Object.assign(Object.create(null) as Record<string, string>, { a: 'b' }),
      ['a: b'],
    ],
    ['connection: keep-alive, which says nothing', { connection: 'keep-alive' }, []],
    ['connection: close', { connection: 'Keep-Alive, Close' }, ['connection: close']],
  ])('%s', async (_, headers, lines) => {
    expect(await sent({ headers })).toBe(head(...lines))
  })

  test('a Host of the caller’s, and reset', async () => {
    expect(await sent({ headers: { a: 'b', host: 'example.org' }, reset: true })).toBe(
      'GET / HTTP/1.1\r\nhost: example.org\r\na: b\r\nconnection: close\r\n\r\n',
    )
  })

  test.each<[string, unknown, string]>([
    ['half a pair', ['a'], 'names and values in turn'],
    ['pairs that are none', new Map([['a', 'b']]).keys(), 'pairs of a name and a value'],
    ['a word', 'a: b', 'headers must be an object or an array'],
    ['a name that is none', { 'a b': 'c' }, '"a b" is not a field'],
    ['a line end', { a: 'b\r\nc: d' }, 'the value of a has'],
    ['an object as a value', { a: {} }, 'the value of a must be a string or a list of strings'],
    ['a function as a value', { a: () => 'b' }, 'the value of a must be a string'],
    ['Host twice', ['host', 'a', 'Host', 'b'], 'host is given twice'],
    ['Content-Length twice', ['content-length', '1', 'Content-Length', '1'], 'content-length is given twice'],
    ['a Content-Length that is none', { 'content-length': '+1' }, 'content-length must be a number of bytes'],
    [
      'Transfer-Encoding',
      { 'Transfer-Encoding': 'chunked' },
      'transfer-encoding is not for a request to say',
    ],
    ['Keep-Alive', { 'keep-alive': 'timeout=5' }, 'keep-alive is not for a request to say'],
    ['Upgrade', { upgrade: 'websocket' }, 'upgrade is not for a request to say'],
    ['Expect', { expect: '100-continue' }, 'expect is not for a request to say'],
    ['a Connection that is no list of tokens', { connection: 'a b' }, 'connection is a list of tokens'],
  ])('%s is refused', async (_, headers, message) => {
    const refused = sent({ headers: headers as DispatchOptions['headers'] })
    await expect(refused).rejects.toMatchObject({
      code: 'UND_ERR_INVALID_ARG',
      message: expect.stringContaining(message),
    })
  })
})

describe('targets', () => {
  test.each<[string, Partial<DispatchOptions>, string]>([
    ['as it is', { path: '/a/../b//c?d=e&f' }, '/a/../b//c?d=e&f'],
    ['with a query', { path: '/a', query: { b: 'c d', e: [1, 2], f: true } }, '/a?b=c%20d&e=1&e=2&f=true'],
    ['with a query that is empty', { path: '/a', query: {} }, '/a'],
    ['with what must be encoded', { path: '/\\<é>#f' }, '/%5C%3C%C3%A9%3E%23f'],
    ['absolute, for a proxy', { path: 'http://example.org/a' }, 'http://example.org/a'],
    ['an origin that is a URL', { path: '/a' }, '/a'],
  ])('%s', async (_, options, target) => {
    expect(await sent(options)).toBe(head().replace(' / ', ` ${target} `))
  })

  test.each<[string, Partial<DispatchOptions>, string]>([
    ['a path with a space', { path: '/a b' }, 'characters that cannot be sent'],
    ['a path with a line end', { path: '/a\r\nb' }, 'characters that cannot be sent'],
    ['a path with more than Latin-1', { path: '/→' }, 'characters that cannot be sent'],
    ['a path that begins with nothing', { path: 'a' }, 'must begin with a slash'],
    ['no path', { path: undefined as never }, 'the path of a dispatch must be a string'],
    ['two queries', { path: '/a?b', query: { c: 1 } }, 'the path has a query already'],
    ['no origin', { origin: undefined as never }, 'the origin of a dispatch must be'],
    ['an origin of something else', { origin: 'ftp://a' }, 'ftp: is not a scheme'],
    ['a method that is none', { method: 'G T' }, 'G T is not a method'],
    ['redirects', { maxRedirections: 1 }, 'maxRedirections is not for a dispatcher'],
    ['a timeout that is none', { headersTimeout: -1 }, 'headersTimeout must be a number of milliseconds'],
    ['an upgrade without a name', { upgrade: true }, 'upgrade must be the name of a protocol'],
  ])('%s is refused', async (_, options, message) => {
    const refused = sent(options)
    await expect(refused).rejects.toMatchObject({
      code: 'UND_ERR_INVALID_ARG',
      message: expect.stringContaining(message),
    })
  })

  test.each(GENERATIONS)('no options at all: the handler hears of it (%s)', (generation) => {
    const { accepted, heard } = dispatch(toDispatcher(), generation, { method: undefined as never })
    expect([accepted, heard]).toEqual([false, ['error UND_ERR_INVALID_ARG']])
  })
})

const bytes = new TextEncoder().encode('hello')
async function* generator(): AsyncGenerator<string | Uint8Array> {
  yield 'hel'
  await Promise.resolve()
  yield bytes.subarray(3)
}
const CHUNKED = `${post('transfer-encoding: chunked')}3\r\nhel\r\n2\r\nlo\r\n0\r\n\r\n`

describe('bodies', () => {
  test.each<[string, () => unknown, string[]]>([
    ['text', () => 'hello', []],
    ['bytes', () => bytes, []],
    ['a Buffer', () => Buffer.from('hello'), []],
    ['a view', () => new DataView(new TextEncoder().encode('<hello>').buffer, 1, 5), []],
    ['an ArrayBuffer', () => bytes.slice().buffer, []],
    ['a Blob', () => new Blob(['hello'], { type: 'text/x' }), ['content-type: text/x']],
    [
      'a form of names and values',
      () => new URLSearchParams('hello'),
      ['content-type: application/x-www-form-urlencoded;charset=UTF-8'],
    ],
  ])('%s: its length is known', async (_, body, lines) => {
    const content = body() instanceof URLSearchParams ? 'hello=' : 'hello'
    const whole = await sent({ method: 'POST', body: body() as string })
    const expected = post(...lines, `content-length: ${content.length}`) + content
    expect(whole).toBe(expected)
  })

  test.each<[string, () => unknown]>([
    ['an async generator', generator],
    ['an array', () => ['hel', 'lo']],
    ['a stream of Node', () => Readable.from(['hel', 'lo'])],
    ['a stream of the platform', () => ReadableStream.from(['hel', 'lo'].map((text) => Buffer.from(text)))],
  ])('%s: in chunks', async (_, body) => {
    const whole = await sent({ method: 'POST', body: body() as string })
    expect(whole).toBe(CHUNKED)
  })

  test('a stream from before there were iterators: in chunks', async () => {
    const whole = await sent({ method: 'POST', body: oldStream('hel', 'lo') as never })
    // What is written in one turn is one chunk, or two: that differs between the lines of Node.
    expect([CHUNKED, `${post('transfer-encoding: chunked')}5\r\nhello\r\n0\r\n\r\n`]).toContain(whole)
  })

  test.each<[string, () => unknown]>([
    ['an async generator', generator],
    ['a stream of Node', () => Readable.from(['hel', 'lo'])],
  ])('%s whose length the caller knows', async (_, body) => {
    const whole = await sent({ method: 'POST', headers: { 'content-length': '5' }, body: body() as string })
    expect(whole).toBe(`${post('content-length: 5')}hello`)
  })

  test.each(['', null, new Uint8Array(0)])('nothing: %j', async (body) => {
    expect(await sent({ method: 'POST', body })).toBe(post('content-length: 0'))
    expect(await sent({ body })).toBe(head())
  })

  test('a form with files; the boundary that was announced is kept', async () => {
    const form = new FormData()
    form.append('a', 'b')
    form.append('f', new Blob(['hello'], { type: 'text/x' }), 'f.txt')
    const content = (boundary: string): string =>
      `--${boundary}\r\nContent-Disposition: form-data; name="a"\r\n\r\nb\r\n` +
      `--${boundary}\r\nContent-Disposition: form-data; name="f"; filename="f.txt"\r\nContent-Type: text/x\r\n\r\nhello\r\n` +
      `--${boundary}--\r\n`
    const type = 'multipart/form-data; boundary=----mine1'
    const announced = await sent({
      method: 'POST',
      headers: { 'content-type': type, 'content-length': '9' },
      body: form as never,
    })
    const length = content('----mine1').length
    expect(announced).toBe(post(`content-type: ${type}`, `content-length: ${length}`) + content('----mine1'))
    const whole = await sent({ method: 'POST', body: form as never })
    const boundary = /boundary=(\S+)/.exec(whole)?.[1] ?? ''
    expect(whole.endsWith(content(boundary))).toBe(true)
  })

  test('another length than the caller says', async () => {
    const options = { method: 'POST', headers: { 'content-length': '7' }, body: 'hello' }
    await expect(sent(options)).rejects.toMatchObject({
      code: 'UND_ERR_INVALID_ARG',
      cause: { code: 'UNEXPECTED_HEADER' },
    })
    await expect(sent({ ...options, body: generator() })).rejects.toMatchObject({
      code: 'UND_ERR_REQ_CONTENT_LENGTH_MISMATCH',
    })
  })

  test.each([1, true, () => 'hello', {}, new Date(0)])('%s is refused', async (body) => {
    const refused = sent({ method: 'POST', body: body as never })
    await expect(refused).rejects.toMatchObject({
      code: 'UND_ERR_INVALID_ARG',
      cause: { code: 'INVALID_BODY' },
    })
  })

  describe('a stream of Node', () => {
    const dead = { origin: 'http://127.0.0.1:1', method: 'POST' }

    test('that is never read is destroyed', async () => {
      const body = new PassThrough()
      const { error } = await dispatch(toDispatcher(), 'later', { ...dead, body }).done
      expect([error?.code, body.destroyed]).toEqual(['ECONNREFUSED', true])
    })

    test('that is given up with its request is destroyed', async () => {
      const server = await RawServer.start(() => {})
      cleanups.push(() => server.close())
      const body = new PassThrough()
      body.write('hel')
      const heard = dispatch(toDispatcher(), 'later', { ...dead, origin: server.url, body })
      while (server.requests.length === 0) await new Promise((resolve) => setImmediate(resolve))
      heard.abort(new Error('enough'))
      await new Promise((resolve) => body.once('close', resolve))
      expect(heard.heard).toEqual(['start', 'error Error'])
    })

    test('that fails, begun or not, fails the request with its own error', async () => {
      const mine = new RangeError('mine')
      const body = new PassThrough()
      const heard = dispatch(toDispatcher(), 'later', { ...dead, body })
      body.destroy(mine)
      expect((await heard.done).error).toBe(mine)
      // It fails once more: nobody but the dispatcher listens.
      const gzip = createGzip()
      void dispatch(toDispatcher(), 'later', { ...dead, body: gzip })
      gzip.destroy(mine)
      await new Promise((resolve) => gzip.once('close', resolve))
    })
  })
})

function oldStream(...texts: string[]): Stream {
  const stream = Object.assign(new Stream(), { readable: true, pause() {}, resume() {} })
  setImmediate(() => {
    for (const text of texts) stream.emit('data', Buffer.from(text))
    stream.emit('end')
  })
  return stream
}
