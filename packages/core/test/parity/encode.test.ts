import { describe, expect, test } from 'vitest'
import { channel } from '../../src/body/index.ts'
import type { BodyInit } from '../../src/body/index.ts'
import type { H1ServerOptions } from '../../src/h1/index.ts'
import { HeaderMap, HttpResponse } from '../../src/http/index.ts'
import type { HeadersInit, HttpResponseInit } from '../../src/http/index.ts'
import { answerTo, GET, GET_10, HEAD, served, stream } from './wire-kit.ts'

// Rows 63–84: the heads of responses, byte for byte.

type Fields = HeadersInit | HeaderMap

function reply(
  wire: string,
  payload: BodyInit | null,
  init: HttpResponseInit = {},
  options: H1ServerOptions = {},
): Promise<string> {
  return answerTo(wire, () => new HttpResponse(payload, init), options)
}

const known = (fields: Fields, body = 'foo bar baz'): Promise<string> => reply(GET, body, { headers: fields })
const unknown = (fields: Fields, ...parts: string[]): Promise<string> =>
  reply(GET, stream(...parts), { headers: fields })
const EMPTY_500 = 'HTTP/1.1 500 Internal Server Error\r\ncontent-length: 0\r\n\r\n'
const LAST_500 = EMPTY_500.replace(/\r\n$/, 'connection: close\r\n\r\n')

describe('the length of a response', () => {
  test('row 63: known, no field given: content-length is added', async () => {
    expect(await known([])).toBe('HTTP/1.1 200 OK\r\ncontent-length: 11\r\n\r\nfoo bar baz')
    expect(await known([], 'é')).toBe('HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nÃ©')
    expect(await reply(GET, new Uint8Array([0, 255]))).toBe('HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n\0ÿ')
    const { sender, body } = channel({ length: 3 })
    void sender.send('abc').then(() => sender.end())
    expect(await reply(GET, body)).toBe('HTTP/1.1 200 OK\r\ncontent-length: 3\r\n\r\nabc')
  })

  test('row 64: known to be empty: content-length: 0, with HTTP/1.0 too', async () => {
    for (const payload of [null, '', new Uint8Array(0)]) {
      expect(await reply(GET, payload)).toBe('HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n')
      expect(await reply(GET_10, payload)).toBe(
        'HTTP/1.0 200 OK\r\ncontent-length: 0\r\nconnection: close\r\n\r\n',
      )
    }
  })

  test('row 65: unknown, HTTP/1.1: chunked is added', async () => {
    expect(await unknown([], 'foo bar baz')).toBe(
      'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nB\r\nfoo bar baz\r\n0\r\n\r\n',
    )
  })

  test('row 66: unknown, HTTP/1.0: neither field, the end is the close', async () => {
    const { io, ask } = served(() => new HttpResponse(stream('foo ', 'bar')))
    expect(await ask('GET / HTTP/1.0\r\nconnection: keep-alive\r\n\r\n')).toBe(
      'HTTP/1.0 200 OK\r\nconnection: close\r\n\r\nfoo bar',
    )
    expect(io.ended).toBe(true)
    expect(io.aborted).toBe(false)
  })

  test('row 67: chunked from the caller is left out of an answer to HTTP/1.0', async () => {
    const headers = { 'transfer-encoding': 'chunked' }
    expect(await reply(GET_10, stream('foo bar'), { headers })).toBe(
      'HTTP/1.0 200 OK\r\nconnection: close\r\n\r\nfoo bar',
    )
    expect(await reply(GET_10, 'foo bar', { headers })).toBe(
      'HTTP/1.0 200 OK\r\ncontent-length: 7\r\nconnection: close\r\n\r\nfoo bar',
    )
  })

  test('row 68: content-length from the caller is kept, with a known, an unknown and an empty body', async () => {
    const expected = 'HTTP/1.1 200 OK\r\ncontent-length: 11\r\n\r\nfoo bar baz'
    expect(await known({ 'content-length': '11' })).toBe(expected)
    expect(await unknown({ 'content-length': '11' }, 'foo bar', ' baz')).toBe(expected)
    expect(await known({ 'content-length': '0' }, '')).toBe('HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n')
  })

  test('row 69: chunked from the caller is kept, whatever is known of the body', async () => {
    const headers = { 'transfer-encoding': 'chunked' }
    const head = 'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n'
    expect(await known(headers)).toBe(`${head}B\r\nfoo bar baz\r\n0\r\n\r\n`)
    expect(await unknown(headers, 'foo bar baz')).toBe(`${head}B\r\nfoo bar baz\r\n0\r\n\r\n`)
    expect(await known(headers, '')).toBe(`${head}0\r\n\r\n`)
    expect(await reply(GET, null, { headers })).toBe(`${head}0\r\n\r\n`)
  })

  test('row 70: chunked is appended to another coding', async () => {
    expect(await known({ 'transfer-encoding': 'gzip' }, 'zip')).toBe(
      'HTTP/1.1 200 OK\r\ntransfer-encoding: gzip, chunked\r\n\r\n3\r\nzip\r\n0\r\n\r\n',
    )
    expect(await known({ 'transfer-encoding': 'gzip, Chunked' }, 'zip')).toBe(
      'HTTP/1.1 200 OK\r\ntransfer-encoding: gzip, Chunked\r\n\r\n3\r\nzip\r\n0\r\n\r\n',
    )
  })

  test('row 70: chunked that is not the last coding, and no coding at all, cannot be repaired', async () => {
    for (const coding of ['chunked, gzip', 'chunked, chunked', 'gzip,, chunked', '']) {
      const { runtime, ask } = served(
        () => new HttpResponse('a', { headers: { 'transfer-encoding': coding } }),
      )
      expect(await ask(GET)).toBe(EMPTY_500)
      expect(runtime.errors).toMatchObject([{ code: 'UNEXPECTED_HEADER', by: 'user' }])
    }
  })

  test('row 71: content-length and transfer-encoding together are an error of the caller', async () => {
    for (const fields of [
      [
        ['content-length', '3'],
        ['transfer-encoding', 'chunked'],
      ],
      [
        ['transfer-encoding', 'chunked'],
        ['content-length', '3'],
      ],
    ] as [string, string][][]) {
      const { runtime, ask } = served(() => new HttpResponse('abc', { headers: fields }))
      expect(await ask(GET)).toBe(EMPTY_500)
      expect(runtime.errors).toMatchObject([{ code: 'UNEXPECTED_HEADER', by: 'user' }])
    }
  })

  test('row 79: content-length with an empty body is replaced', async () => {
    expect(await reply(GET, null, { headers: { 'content-length': '10' } })).toBe(
      'HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n',
    )
  })

  test('row 79: a content-length that is no number, is there twice, or does not match is an error of the caller', async () => {
    for (const fields of [
      [['content-length', 'foo']],
      [['content-length', '-1']],
      [['content-length', '3, 3']],
      [['content-length', '9007199254740992']],
      [['content-length', '']],
      [
        ['content-length', '3'],
        ['content-length', '3'],
      ],
    ] as [string, string][][]) {
      const { runtime, ask } = served(() => new HttpResponse(stream('abc'), { headers: fields }))
      expect(await ask(GET)).toBe(EMPTY_500)
      expect(runtime.errors).toMatchObject([{ code: 'UNEXPECTED_HEADER', by: 'user' }])
    }
    const { runtime, ask } = served(() => new HttpResponse('abc', { headers: { 'content-length': '4' } }))
    expect(await ask(GET)).toBe(EMPTY_500)
    expect(runtime.errors).toMatchObject([{ code: 'UNEXPECTED_HEADER' }])
  })
})

describe('responses without content', () => {
  test('row 74: HEAD: the length of a body that is not sent', async () => {
    expect(await reply(HEAD, null, { headers: { 'content-length': '1024' } })).toBe(
      'HTTP/1.1 200 OK\r\ncontent-length: 1024\r\n\r\n',
    )
    expect(await reply(HEAD, 'foo bar baz')).toBe('HTTP/1.1 200 OK\r\ncontent-length: 11\r\n\r\n')
    expect(await reply(HEAD, null)).toBe('HTTP/1.1 200 OK\r\n\r\n')
    expect(await reply(HEAD, '')).toBe('HTTP/1.1 200 OK\r\n\r\n')
    expect(await reply(HEAD, stream('foo'))).toBe('HTTP/1.1 200 OK\r\n\r\n')
  })

  test('row 74: HEAD: the connection goes on, and a streamed body is cancelled', async () => {
    const { sender, body } = channel()
    const { ask } = served((request) => new HttpResponse(request.method === 'HEAD' ? body : 'next'))
    expect(await ask(HEAD + GET)).toBe(
      'HTTP/1.1 200 OK\r\n\r\nHTTP/1.1 200 OK\r\ncontent-length: 4\r\n\r\nnext',
    )
    expect(sender.isClosed).toBe(true)
  })

  test('row 75: 304 and 204 have neither length nor coding of ours, and no body', async () => {
    for (const [status, line] of [
      [304, '304 Not Modified'],
      [204, '204 No Content'],
    ] as const) {
      const head = `HTTP/1.1 ${line}\r\n\r\n`
      expect(await reply(GET, 'foo', { status })).toBe(head)
      expect(await reply(GET, null, { status })).toBe(head)
      expect(await reply(GET, stream('foo'), { status })).toBe(head)
      expect(await reply(GET, stream('foo'), { status, headers: { 'transfer-encoding': 'chunked' } })).toBe(
        head,
      )
      expect(await reply(HEAD, 'foo', { status })).toBe(head)
    }
  })

  test('row 75: 304 may tell the length that 200 would have had, 204 has none', async () => {
    const headers = { 'content-length': '7' }
    expect(await reply(GET, 'foo', { status: 304, headers })).toBe(
      'HTTP/1.1 304 Not Modified\r\ncontent-length: 7\r\n\r\n',
    )
    expect(await reply(GET, 'foo', { status: 204, headers })).toBe('HTTP/1.1 204 No Content\r\n\r\n')
  })

  const CONNECT = 'CONNECT a:443 HTTP/1.1\r\nhost: a:443\r\n\r\n'

  test('row 76: 2xx to CONNECT has no length and is the last message', async () => {
    const { ask, connection } = served((_request, exchange) => {
      void exchange.upgrade()
      return new HttpResponse()
    })
    expect(await ask(CONNECT)).toBe('HTTP/1.1 200 OK\r\n\r\n')
    expect(await ask(GET)).toBe('')
    expect(await connection.closed).toMatchObject({ error: null, reasons: ['switched'] })
  })

  test('row 76: a length or coding in a 2xx to CONNECT is an error of the caller', async () => {
    for (const headers of [{ 'content-length': '1' }, { 'transfer-encoding': 'chunked' }] as Fields[]) {
      const { ask, runtime } = served((_request, exchange) => {
        exchange.upgrade().catch(() => {})
        return new HttpResponse(null, { headers })
      })
      expect(await ask(CONNECT)).toBe(LAST_500)
      expect(runtime.errors).toMatchObject([{ code: 'UNEXPECTED_HEADER', by: 'user' }])
    }
  })

  test('row 77: 101 is the last message and has no length', async () => {
    const { ask, connection } = served((_request, exchange) => {
      void exchange.upgrade()
      const headers = { connection: 'upgrade', upgrade: 'foobar', 'content-length': '3' }
      return new HttpResponse('abc', { status: 101, headers })
    })
    expect(await ask('GET / HTTP/1.1\r\nhost: a\r\nconnection: upgrade\r\nupgrade: foobar\r\n\r\n')).toBe(
      'HTTP/1.1 101 Switching Protocols\r\nupgrade: foobar\r\nconnection: upgrade\r\n\r\n',
    )
    expect(await connection.closed).toMatchObject({ error: null, reasons: ['switched'] })
  })

  test('row 78: another 1xx as the answer is an error of the caller, and 500 for the client', async () => {
    for (const status of [100, 102, 103, 199]) {
      const { ask, runtime } = served(() => new HttpResponse(null, { status }))
      expect(await ask(GET)).toBe(EMPTY_500)
      expect(runtime.errors).toMatchObject([{ code: 'INVALID_STATUS', by: 'user' }])
      // The connection has not suffered.
      expect(await ask(GET)).toBe(EMPTY_500)
    }
  })
})

describe('the status line', () => {
  test('row 72: a reason phrase of the caller is written, and none for a status that has none', async () => {
    expect(await reply(GET, null, { reason: 'Cool' })).toBe('HTTP/1.1 200 Cool\r\ncontent-length: 0\r\n\r\n')
    expect(await reply(GET, null, { status: 404, reason: '' })).toBe(
      'HTTP/1.1 404 \r\ncontent-length: 0\r\n\r\n',
    )
    expect(await reply(GET, null, { status: 799 })).toBe('HTTP/1.1 799 \r\ncontent-length: 0\r\n\r\n')
    expect(await reply(GET, null, { reason: 'Gr\u00fc\u00dfe' })).toBe(
      'HTTP/1.1 200 Gr\u00fc\u00dfe\r\ncontent-length: 0\r\n\r\n',
    )
  })

  test('row 73: a response of another version is written in the version of the request', async () => {
    expect(await reply(GET, null, { version: '2' })).toBe('HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n')
    expect(await reply(GET, null, { version: '1.0' })).toBe('HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n')
    expect(await reply(GET_10, null, { version: '2' })).toBe(
      'HTTP/1.0 200 OK\r\ncontent-length: 0\r\nconnection: close\r\n\r\n',
    )
  })
})

describe('field lines', () => {
  const spelled = (): HeaderMap =>
    new HeaderMap()
      .append('CONTENT-LENGTH', '10', { originalCase: true })
      .append('content-type', 'application/json')
      .append('x-EmPTy', '', { originalCase: true })

  test('row 80: title case', async () => {
    const headers = { 'content-type': 'application/json', 'weird--header': '', 'x-1a': 'b' }
    expect(await reply(GET, '1234567890', { headers }, { titleCaseHeaders: true })).toBe(
      'HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nWeird--Header: \r\nX-1a: b\r\nContent-Length: 10\r\n\r\n1234567890',
    )
    const options = { titleCaseHeaders: true, keepAliveHint: true, autoDateHeader: true }
    expect(await reply(GET, stream('1'), {}, options)).toBe(
      'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nConnection: keep-alive\r\nKeep-Alive: timeout=75\r\n' +
        'Date: Thu, 01 Jan 2026 00:00:00 GMT\r\n\r\n1\r\n1\r\n0\r\n\r\n',
    )
  })

  test('row 80: the spelling that was given', async () => {
    expect(await reply(GET, '1234567890', { headers: spelled() }, { preserveHeaderCase: true })).toBe(
      'HTTP/1.1 200 OK\r\nCONTENT-LENGTH: 10\r\ncontent-type: application/json\r\nx-EmPTy:\r\n\r\n1234567890',
    )
  })

  test('row 80: the spelling that was given wins over title case', async () => {
    const options = { preserveHeaderCase: true, titleCaseHeaders: true }
    expect(await reply(GET, '1234567890', { headers: spelled() }, options)).toBe(
      'HTTP/1.1 200 OK\r\nCONTENT-LENGTH: 10\r\nContent-Type: application/json\r\nx-EmPTy:\r\n\r\n1234567890',
    )
  })

  test('row 80: fields that are written apart from the others keep their spelling too', async () => {
    const headers = new HeaderMap()
      .append('CONNECTION', 'x', { originalCase: true })
      .append('tRailer', 'a', { originalCase: true })
      .append('Transfer-encoding', 'chunked', { originalCase: true })
      .append('connection', 'y')
    expect(await reply(GET, 'a', { headers }, { preserveHeaderCase: true })).toBe(
      'HTTP/1.1 200 OK\r\ntRailer: a\r\nTransfer-encoding: chunked\r\nCONNECTION: x, y\r\n\r\n1\r\na\r\n0\r\n\r\n',
    )
  })

  test('row 81: date comes last, but not where it is turned off or given', async () => {
    const headers = { 'x-a': 'b' }
    const on = { autoDateHeader: true, keepAliveHint: true }
    expect(await reply(GET, null, { headers }, on)).toBe(
      'HTTP/1.1 200 OK\r\nx-a: b\r\ncontent-length: 0\r\nconnection: keep-alive\r\nkeep-alive: timeout=75\r\n' +
        'date: Thu, 01 Jan 2026 00:00:00 GMT\r\n\r\n',
    )
    expect(await reply(GET, null, { headers })).toBe('HTTP/1.1 200 OK\r\nx-a: b\r\ncontent-length: 0\r\n\r\n')
    expect(await reply(GET, null, { headers: { date: 'then' } }, { autoDateHeader: true })).toBe(
      'HTTP/1.1 200 OK\r\ndate: then\r\ncontent-length: 0\r\n\r\n',
    )
  })

  test('row 82: the date has 29 bytes and moves by the second', async () => {
    const { runtime, ask } = served(() => new HttpResponse(), {
      autoDateHeader: true,
      keepAliveTimeout: null,
    })
    const dates: string[] = []
    for (const ms of [0, 999, 1, 999, 60_000]) {
      runtime.advance(ms)
      const text = await ask(GET)
      dates.push(/\r\ndate: (.{29})\r\n\r\n$/.exec(text)?.[1] ?? text)
    }
    expect(dates).toEqual([
      'Thu, 01 Jan 2026 00:00:00 GMT',
      'Thu, 01 Jan 2026 00:00:00 GMT',
      'Thu, 01 Jan 2026 00:00:01 GMT',
      'Thu, 01 Jan 2026 00:00:01 GMT',
      'Thu, 01 Jan 2026 00:01:01 GMT',
    ])
  })

  test('row 83: lines of connection, trailer and transfer-encoding are joined, all others stay apart', async () => {
    const headers: [string, string][] = [
      ['connection', 'a'],
      ['set-cookie', 'a=1'],
      ['trailer', 'x'],
      ['transfer-encoding', 'gzip'],
      ['vary', 'a'],
      ['connection', 'b'],
      ['set-cookie', 'b=2'],
      ['trailer', 'y'],
      ['transfer-encoding', 'chunked'],
      ['vary', 'b'],
    ]
    expect(await reply(GET, 'a', { headers })).toBe(
      'HTTP/1.1 200 OK\r\nset-cookie: a=1\r\nvary: a\r\nset-cookie: b=2\r\nvary: b\r\ntrailer: x, y\r\n' +
        'transfer-encoding: gzip, chunked\r\nconnection: a, b\r\n\r\n1\r\na\r\n0\r\n\r\n',
    )
  })

  test('row 83: the text that is kept for a map does not outlive a change of it', async () => {
    const headers = new HeaderMap({ 'x-a': '1' })
    const { ask } = served(() => new HttpResponse(null, { headers }))
    expect(await ask(GET)).toBe('HTTP/1.1 200 OK\r\nx-a: 1\r\ncontent-length: 0\r\n\r\n')
    headers.set('x-a', '2').append('content-length', '0')
    expect(await ask(GET)).toBe('HTTP/1.1 200 OK\r\nx-a: 2\r\ncontent-length: 0\r\n\r\n')
    headers.delete('x-a')
    expect(await ask(GET)).toBe('HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n')
  })

  test('row 84: the body of a head that cannot be encoded is given up, unless somebody else reads it', async () => {
    const { sender, body } = channel()
    const { ask } = served(() => new HttpResponse(body, { headers: { 'content-length': 'x' } }))
    expect(await ask(GET)).toBe(EMPTY_500)
    expect(sender.isClosed).toBe(true)
    const other = channel()
    const text = other.body.text()
    const second = served(() => new HttpResponse(other.body))
    expect(await second.ask(GET)).toBe(EMPTY_500)
    await other.sender.send('abc')
    other.sender.end()
    expect(await text).toBe('abc')
  })

  test('row 84: a head that cannot be encoded leaves nothing behind', async () => {
    let calls = 0
    const { io, ask } = served(() => {
      calls++
      if (calls === 2) return new HttpResponse('abc', { headers: { 'x-a': 'b', 'content-length': '2' } })
      return new HttpResponse(String(calls))
    })
    expect(await ask(GET + GET + GET)).toBe(
      `HTTP/1.1 200 OK\r\ncontent-length: 1\r\n\r\n1${EMPTY_500}HTTP/1.1 200 OK\r\ncontent-length: 1\r\n\r\n3`,
    )
    expect(io.ended).toBe(false)
  })
})
