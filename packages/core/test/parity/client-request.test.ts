import { describe, expect, test } from 'vitest'
import type { BodyInit } from '../../src/body/index.ts'
import type { H1ClientOptions } from '../../src/h1/index.ts'
import { HeaderMap, HttpRequest } from '../../src/http/index.ts'
import type { HttpRequestInit } from '../../src/http/index.ts'
import { dialed, stream, watch } from './wire-kit.ts'

// Rows 132–145: the heads and bodies of requests, byte for byte.

interface Sent {
  readonly wire: string
  readonly code: string | null
}

/** What is written for a request, and the code of what it fails with. */
async function send(
  method: string,
  target: string,
  init: HttpRequestInit = {},
  options: H1ClientOptions = {},
): Promise<Sent> {
  const { sender, sent } = dialed(options)
  const outcome = watch(sender.send(new HttpRequest(method, target, init)))
  const wire = await sent()
  return { wire, code: outcome.error?.code ?? null }
}

async function written(
  method: string,
  target: string,
  init: HttpRequestInit = {},
  options: H1ClientOptions = {},
): Promise<string> {
  const { wire, code } = await send(method, target, init, options)
  expect(code).toBeNull()
  return wire
}

describe('the request line', () => {
  test('row 132: nothing is added to a minimal GET', async () => {
    expect(await written('GET', '/a')).toBe('GET /a HTTP/1.1\r\n\r\n')
    expect(await written('GET', '/a', { version: '1.0' })).toBe('GET /a HTTP/1.0\r\n\r\n')
    expect(await written('get', '/')).toBe('get / HTTP/1.1\r\n\r\n')
  })

  test('row 133: the target is written as it is given', async () => {
    for (const target of ['/', '/a?b=c&d', 'http://a/b?c', '*', '/%41%2f', '/{a}|b^`c\'d"e']) {
      expect(await written('OPTIONS', target)).toBe(`OPTIONS ${target} HTTP/1.1\r\n\r\n`)
    }
  })

  test('row 133: a fragment is never sent', () => {
    expect(() => new HttpRequest('GET', '/a#b')).toThrow(expect.objectContaining({ code: 'INVALID_TARGET' }))
  })

  test('row 134: another version is written as 1.1', async () => {
    for (const version of ['2', '3', '0.9'] as const) {
      expect(await written('GET', '/a', { version })).toBe('GET /a HTTP/1.1\r\n\r\n')
    }
  })
})

describe('the length of a request', () => {
  const body = 'foo bar'

  test('row 135: known to be empty: GET says nothing, and the methods that usually have content say 0', async () => {
    for (const method of ['GET', 'HEAD', 'DELETE', 'OPTIONS', 'TRACE', 'CONNECT', 'PROPFIND']) {
      expect(await written(method, '/', { body: '' })).toBe(`${method} / HTTP/1.1\r\n\r\n`)
    }
    for (const method of ['POST', 'PUT', 'PATCH']) {
      expect(await written(method, '/')).toBe(`${method} / HTTP/1.1\r\ncontent-length: 0\r\n\r\n`)
    }
    for (const method of ['GET', 'POST']) {
      const headers = { 'content-length': '0' }
      expect(await written(method, '/', { headers })).toBe(
        `${method} / HTTP/1.1\r\ncontent-length: 0\r\n\r\n`,
      )
    }
  })

  test('row 136: a body of unknown length is sent chunked whatever the method, never dropped', async () => {
    for (const method of ['GET', 'HEAD', 'DELETE', 'OPTIONS']) {
      expect(await written(method, '/', { body: stream(body) })).toBe(
        `${method} / HTTP/1.1\r\ntransfer-encoding: chunked\r\n\r\n7\r\nfoo bar\r\n0\r\n\r\n`,
      )
    }
  })

  test('row 136: GET with a body and a field that frames it', async () => {
    expect(await written('GET', '/', { headers: { 'content-length': '7' }, body: stream(body) })).toBe(
      'GET / HTTP/1.1\r\ncontent-length: 7\r\n\r\nfoo bar',
    )
    expect(
      await written('GET', '/', { headers: { 'transfer-encoding': 'chunked' }, body: stream(body) }),
    ).toBe('GET / HTTP/1.1\r\ntransfer-encoding: chunked\r\n\r\n7\r\nfoo bar\r\n0\r\n\r\n')
  })

  test('row 137: POST: unknown is chunked, known has a length, what the caller says stays', async () => {
    const chunked = 'POST / HTTP/1.1\r\ntransfer-encoding: chunked\r\n\r\n7\r\nfoo bar\r\n0\r\n\r\n'
    const sized = 'POST / HTTP/1.1\r\ncontent-length: 7\r\n\r\nfoo bar'
    const cases: readonly (readonly [Record<string, string>, BodyInit, string])[] = [
      [{}, stream(body), chunked],
      [{}, body, sized],
      [{}, new Uint8Array(Buffer.from(body)), sized],
      [{ 'content-length': '7' }, body, sized],
      [{ 'content-length': '7' }, stream(body), sized],
      [{ 'transfer-encoding': 'chunked' }, body, chunked],
      [{ 'transfer-encoding': 'chunked' }, stream(body), chunked],
    ]
    for (const [headers, given, expected] of cases) {
      expect(await written('POST', '/', { headers, body: given })).toBe(expected)
    }
    expect(await written('POST', '/', { headers: { 'transfer-encoding': 'chunked' } })).toBe(
      'POST / HTTP/1.1\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n',
    )
  })

  test('row 137: a length that contradicts the body, or is none, is an error of the caller', async () => {
    for (const value of ['6', '8', '0', '7, 7', 'seven', '', '-7', '+7', '0x7']) {
      expect(await send('POST', '/', { headers: { 'content-length': value }, body })).toEqual({
        wire: '',
        code: 'UNEXPECTED_HEADER',
      })
    }
    const twice: [string, string][] = [
      ['content-length', '7'],
      ['content-length', '7'],
    ]
    expect(await send('POST', '/', { headers: twice, body })).toEqual({ wire: '', code: 'UNEXPECTED_HEADER' })
    expect(await send('GET', '/', { headers: { 'content-length': '7' } })).toEqual({
      wire: '',
      code: 'UNEXPECTED_HEADER',
    })
  })

  test('row 138: a coding that does not end in chunked is repaired', async () => {
    expect(await written('POST', '/', { headers: { 'transfer-encoding': 'foo' }, body })).toBe(
      'POST / HTTP/1.1\r\ntransfer-encoding: foo, chunked\r\n\r\n7\r\nfoo bar\r\n0\r\n\r\n',
    )
    const lines: [string, string][] = [
      ['transfer-encoding', 'foo'],
      ['transfer-encoding', 'bar'],
    ]
    expect(await written('POST', '/', { headers: lines, body })).toBe(
      'POST / HTTP/1.1\r\ntransfer-encoding: foo, bar, chunked\r\n\r\n7\r\nfoo bar\r\n0\r\n\r\n',
    )
    for (const coding of ['chunked, foo', 'chunked, chunked', '']) {
      expect(await send('POST', '/', { headers: { 'transfer-encoding': coding }, body })).toEqual({
        wire: '',
        code: 'UNEXPECTED_HEADER',
      })
    }
  })

  test('row 139: HTTP/1.0: the coding is dropped and the length used', async () => {
    const headers = { 'transfer-encoding': 'chunked' }
    expect(await written('GET', '/', { version: '1.0', headers, body })).toBe(
      'GET / HTTP/1.0\r\ncontent-length: 7\r\n\r\nfoo bar',
    )
    expect(
      await written('POST', '/', {
        version: '1.0',
        headers: { ...headers, 'content-length': '7' },
        body: stream(body),
      }),
    ).toBe('POST / HTTP/1.0\r\ncontent-length: 7\r\n\r\nfoo bar')
  })

  test('row 139: HTTP/1.0: a body of unknown length is an error before anything is written', async () => {
    for (const method of ['GET', 'POST']) {
      for (const headers of [{}, { 'transfer-encoding': 'chunked' }] as Record<string, string>[]) {
        const { sender, sent } = dialed()
        const request = new HttpRequest(method, '/', { version: '1.0', headers, body: stream(body) })
        const outcome = watch(sender.send(request))
        expect(await sent()).toBe('')
        expect(outcome.error).toMatchObject({ code: 'INVALID_BODY', by: 'user' })
        expect(request.body.used).toBe(false)
        expect(sender.isReady).toBe(true)
      }
    }
  })

  test('row 140: length and coding together: the length is removed', async () => {
    for (const headers of [
      { 'content-length': '7', 'transfer-encoding': 'chunked', a: 'b' },
      { a: 'b', 'transfer-encoding': 'chunked', 'content-length': '7' },
      { 'content-length': '99', a: 'b', 'transfer-encoding': 'chunked' },
    ]) {
      expect(await written('POST', '/', { headers, body })).toBe(
        'POST / HTTP/1.1\r\na: b\r\ntransfer-encoding: chunked\r\n\r\n7\r\nfoo bar\r\n0\r\n\r\n',
      )
    }
  })
})

describe('spelling', () => {
  test('row 141: title case', async () => {
    const headers = { 'x-test-header': 'test', '*-*': 'o_o', host: 'a', connection: 'close' }
    expect(await written('POST', '/', { headers, body: 'a' }, { titleCaseHeaders: true })).toBe(
      'POST / HTTP/1.1\r\nX-Test-Header: test\r\n*-*: o_o\r\nHost: a\r\nContent-Length: 1\r\nConnection: close\r\n\r\na',
    )
  })

  const mixed = (): HeaderMap =>
    new HeaderMap()
      .append('CONTENT-LENGTH', '1', { originalCase: true })
      .append('content-type', 'text/plain')
      .append('X-eMpTy', '', { originalCase: true })
      .append('x-a', '1', { originalCase: true })
      .append('X-A', '2', { originalCase: true })
      .append('COnnection', 'close', { originalCase: true })

  test('row 141: the spelling that was given, and title case for the rest', async () => {
    expect(await written('POST', '/', { headers: mixed(), body: 'a' }, { preserveHeaderCase: true })).toBe(
      'POST / HTTP/1.1\r\nCONTENT-LENGTH: 1\r\ncontent-type: text/plain\r\nX-eMpTy:\r\nx-a: 1\r\nX-A: 2\r\n' +
        'COnnection: close\r\n\r\na',
    )
    const both = { preserveHeaderCase: true, titleCaseHeaders: true }
    expect(await written('POST', '/', { headers: mixed(), body: 'a' }, both)).toBe(
      'POST / HTTP/1.1\r\nCONTENT-LENGTH: 1\r\nContent-Type: text/plain\r\nX-eMpTy:\r\nX-A: 1\r\nX-A: 2\r\n' +
        'COnnection: close\r\n\r\na',
    )
  })

  test('row 142: an empty value, and several spellings of one name', async () => {
    const headers = new HeaderMap()
      .append('X-EmptY', '', { originalCase: true })
      .append('x-empty', '')
      .append('X-Empty', 'a', { originalCase: true })
    expect(await written('GET', '/', { headers }, { preserveHeaderCase: true })).toBe(
      'GET / HTTP/1.1\r\nX-EmptY:\r\nx-empty:\r\nX-Empty: a\r\n\r\n',
    )
    expect(await written('GET', '/', { headers })).toBe(
      'GET / HTTP/1.1\r\nx-empty: \r\nx-empty: \r\nx-empty: a\r\n\r\n',
    )
  })
})

describe('the end of a request', () => {
  test('row 143: `close` on the request ends the connection whatever the response says', async () => {
    for (const lines of [['close'], ['x, Close'], ['close , x'], ['x', 'y, close']]) {
      const { io, sender, sent, reply } = dialed()
      const headers = lines.map((value): [string, string] => ['connection', value])
      const outcome = watch(sender.send(new HttpRequest('GET', '/', { headers })))
      expect(await sent()).toBe(`GET / HTTP/1.1\r\nconnection: ${lines.join(', ')}\r\n\r\n`)
      await reply('HTTP/1.1 200 OK\r\nconnection: keep-alive\r\ncontent-length: 2\r\n\r\nok')
      expect(await outcome.value!.text()).toBe('ok')
      expect(sender.isReady).toBe(false)
      expect(sender.isClosed).toBe(true)
      expect(io.ended || io.released).toBe(true)
    }
  })

  test('row 143: HTTP/1.0 without keep-alive is no different', async () => {
    const { sender, sent, reply } = dialed()
    watch(sender.send(new HttpRequest('GET', '/', { version: '1.0' })))
    await sent()
    await reply('HTTP/1.1 204 No Content\r\nconnection: keep-alive\r\n\r\n')
    expect(sender.isClosed).toBe(true)
  })

  async function* aborting(...parts: string[]): AsyncGenerator<string> {
    yield* parts
    throw new Error('the disk is gone')
  }

  test('row 144: a body that ends early gets no end of ours: the connection is cut, and the caller hears of it', async () => {
    const { io, sender, connection, sent } = dialed()
    const outcome = watch(
      sender.send(new HttpRequest('POST', '/', { headers: { 'content-length': '8' }, body: stream('foo') })),
    )
    const wire = await sent()
    expect('POST / HTTP/1.1\r\ncontent-length: 8\r\n\r\nfoo'.startsWith(wire)).toBe(true)
    expect(io.aborted).toBe(true)
    expect(outcome.error).toMatchObject({ code: 'BODY_WRITE_ABORTED', by: 'user', retryable: false })
    expect(await connection.closed).toMatchObject({ error: { code: 'BODY_WRITE_ABORTED' } })
  })

  test('row 145: a body that fails is an error of the caller, and nothing that looks like an end is written', async () => {
    for (const headers of [{}, { 'content-length': '8' }] as Record<string, string>[]) {
      const { io, sender, sent } = dialed()
      const outcome = watch(sender.send(new HttpRequest('POST', '/', { headers, body: aborting('foo') })))
      const wire = await sent()
      expect(wire.endsWith('0\r\n\r\n')).toBe(false)
      expect(io.aborted).toBe(true)
      expect(outcome.error).toMatchObject({
        code: 'BODY_FAILED',
        by: 'user',
        cause: { message: 'the disk is gone' },
      })
    }
  })

  test('row 145: a body that fails while its answer is being read fails that too', async () => {
    let fail = (): void => {}
    const gate = new Promise<void>((_, reject) => (fail = () => reject(new Error('the disk is gone'))))
    async function* body(): AsyncGenerator<string> {
      yield 'foo'
      await gate
    }
    const { sender, sent, reply } = dialed()
    const outcome = watch(sender.send(new HttpRequest('POST', '/', { body: body() })))
    await sent()
    await reply('HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nhalf ')
    const text = watch(outcome.value!.text())
    fail()
    await sent()
    expect(text.error).toMatchObject({ code: 'BODY_FAILED', by: 'user' })
  })
})
