// How long a response's body is, rows 38 to 47 (RFC 9112 §6.3), seen by a client.

import { describe, expect, test } from 'vitest'
import { receive, type ClientCase, type Transcript } from '../h1/wire.ts'

function response(lines: readonly string[], body: string = '', line: string = 'HTTP/1.1 200 OK'): string {
  return `${line}\r\n${lines.map((field) => `${field}\r\n`).join('')}\r\n${body}`
}

/** What is told of the body, and how it ends. */
function bodyOf(input: string, wire: ClientCase = {}): string[] {
  const { events } = receive(input, wire)
  return [/ \| body (\S+)$/u.exec(events[0]!)?.[1] ?? 'none', ...events.slice(1)]
}

function reused({ reasons }: Transcript): boolean {
  return reasons.length === 0
}

const STRAY = 'failed UNEXPECTED_MESSAGE 502'

function expectFailed(input: string, code: string, options: ClientCase['options'] = {}): void {
  for (const trailing of [undefined, 'x']) {
    const { events, output } = receive(input, trailing === undefined ? { options } : { options, trailing })
    expect(events).toEqual([`failed ${code} 502`, 'closed'])
    expect(output).toBe('')
  }
}

describe('response length', () => {
  test('row 038: without length or coding the body goes on until the connection ends', () => {
    for (const line of ['HTTP/1.1 200 OK', 'HTTP/1.0 200 OK']) {
      expect(bodyOf(response([], 'hello', line))).toEqual(['?', 'data hello'])
      expect(bodyOf(response([], 'hello', line), { end: true })).toEqual(['?', 'data hello', 'end', 'closed'])
      expect(bodyOf(response([], '', line), { end: true })).toEqual(['?', 'end', 'closed'])
      expect(receive(response([], 'hello', line), { end: true }).reasons).toContain('until-close')
    }
  })

  test('row 039: 204 and 304 have no body; 1xx are passed over', () => {
    for (const status of ['204 No Content', '304 Not Modified']) {
      for (const lines of [[], ['content-length: 5'], ['transfer-encoding: chunked']]) {
        const wire = response(lines, '', `HTTP/1.1 ${status}`)
        expect(bodyOf(wire)).toEqual(['none'])
        expect(reused(receive(wire))).toBe(true)
        expect(bodyOf(wire, { trailing: 'hello' })).toEqual(['none', STRAY, 'closed'])
      }
    }
    const interim =
      'HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nlink: a\r\n\r\nHTTP/1.1 199 X\r\ncontent-length: 5\r\n\r\n'
    expect(receive(interim + response(['content-length: 0'])).events).toEqual([
      'interim 100',
      'interim 103 | link: a',
      'interim 199 | content-length: 5',
      '1.1 200 | content-length: 0',
    ])
  })

  test('row 039: 101 switches who has offered it, and nobody else', () => {
    const wire = 'HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: echo\r\n\r\n'
    const headers = { connection: 'upgrade', upgrade: 'echo' }
    expect(receive(wire, { headers, trailing: 'raw' })).toEqual({
      events: ['1.1 101 | connection: upgrade | upgrade: echo', 'switched'],
      output: '',
      reasons: ['switched'],
      leftover: 'raw',
    })
    expect(receive(wire).events).toEqual(['failed PARSE_STATUS 502', 'closed'])
    expect(receive(wire, { headers: { upgrade: 'echo' } }).events).toEqual([
      'failed PARSE_STATUS 502',
      'closed',
    ])
    expect(receive(wire, { method: 'CONNECT' }).events).toEqual(['failed PARSE_STATUS 502', 'closed'])
  })

  test('row 040: Content-Length counts; signs, lists and differences are refused', () => {
    const wire = response(['content-length: 5'], 'hello')
    expect(bodyOf(wire)).toEqual(['5', 'data hello', 'end'])
    expect(reused(receive(wire))).toBe(true)
    expect(bodyOf(wire, { trailing: '!' })).toEqual(['5', 'data hello', 'end', STRAY, 'closed'])
    expect(bodyOf(response(['content-length: 5'], 'hell'), { end: true })).toEqual([
      '5',
      'data hell',
      'failed INCOMPLETE_MESSAGE 502',
      'closed',
    ])
    for (const value of ['+5', '-1', '5, 6', '', 'x', '0x5', '9007199254740992']) {
      expectFailed(response([`content-length: ${value}`]), 'CONTENT_LENGTH_INVALID')
      expectFailed(response([`content-length: ${value}`]), 'CONTENT_LENGTH_INVALID', {
        allowRepeatedContentLength: true,
      })
    }
    expectFailed(response(['content-length: 5', 'content-length: 6']), 'CONTENT_LENGTH_INVALID')
    const twice = response(['content-length: 2', 'content-length: 2'], 'ab')
    expectFailed(twice, 'CONTENT_LENGTH_INVALID')
    expect(bodyOf(twice, { options: { allowRepeatedContentLength: true } })).toEqual(['2', 'data ab', 'end'])
  })

  test('row 041: chunked is read; a coding list that does not end in it, or has more, is refused', () => {
    const wire = response(['transfer-encoding: chunked'], '2\r\nab\r\n0\r\n\r\n')
    expect(bodyOf(wire)).toEqual(['?', 'data ab', 'end'])
    expect(reused(receive(wire))).toBe(true)
    expect(bodyOf(wire, { trailing: 'x' })).toEqual(['?', 'data ab', 'end', STRAY, 'closed'])
    for (const value of [
      'gzip',
      'identity',
      'chunked, gzip',
      'chunked, chunked',
      'chunked,',
      '',
      '\u00a0chunked',
    ]) {
      expectFailed(response([`transfer-encoding: ${value}`]), 'TRANSFER_ENCODING_INVALID')
    }
    expectFailed(response(['transfer-encoding: gzip, chunked']), 'TRANSFER_ENCODING_UNSUPPORTED')
  })

  test('row 042: Content-Length with Transfer-Encoding is refused', () => {
    const both = ['content-length: 5', 'transfer-encoding: chunked']
    expectFailed(response(both, '0\r\n\r\n'), 'TRANSFER_ENCODING_UNEXPECTED')
    expectFailed(response(both.toReversed(), '0\r\n\r\n'), 'TRANSFER_ENCODING_UNEXPECTED')
  })

  test('row 043: an answer to HEAD has no body, whatever it says', () => {
    for (const lines of [
      [],
      ['content-length: 5'],
      ['transfer-encoding: chunked'],
      ['content-length: 5', 'transfer-encoding: chunked'],
    ]) {
      const wire = response(lines)
      expect(bodyOf(wire, { method: 'HEAD' })).toEqual(['none'])
      expect(reused(receive(wire, { method: 'HEAD' }))).toBe(true)
      expect(bodyOf(wire, { method: 'HEAD', trailing: 'hello' })).toEqual(['none', STRAY, 'closed'])
    }
  })

  test('row 044: 2xx to CONNECT is a tunnel; other answers are answers', () => {
    for (const lines of [[], ['content-length: 5'], ['transfer-encoding: chunked']]) {
      const done = receive(response(lines), { method: 'CONNECT', trailing: 'raw' })
      expect([done.events.slice(1), done.leftover]).toEqual([['switched'], 'raw'])
      expect(reused(done)).toBe(false)
    }
    const refused = response([], 'why', 'HTTP/1.1 407 Proxy Authentication Required')
    expect(bodyOf(refused, { method: 'CONNECT', end: true })).toEqual(['?', 'data why', 'end', 'closed'])
    const sized = response(['content-length: 3'], 'why', 'HTTP/1.1 500 Internal Server Error')
    expect(bodyOf(sized, { method: 'CONNECT' })).toEqual(['3', 'data why', 'end'])
  })

  test('row 045: a coding in HTTP/1.0 is refused', () => {
    expectFailed(
      response(['transfer-encoding: chunked'], '', 'HTTP/1.0 200 OK'),
      'TRANSFER_ENCODING_UNEXPECTED',
    )
  })

  test('row 046: 1.1 is kept unless it says close, 1.0 is not unless it says keep-alive', () => {
    const kept = (line: string, ...options: string[]): boolean =>
      reused(receive(response(['content-length: 0', ...options.map((o) => `connection: ${o}`)], '', line)))
    expect(kept('HTTP/1.1 200 OK')).toBe(true)
    expect(kept('HTTP/1.1 200 OK', 'Keep-Alive')).toBe(true)
    expect(kept('HTTP/1.1 200 OK', 'a, Close')).toBe(false)
    expect(kept('HTTP/1.1 200 OK', 'keep-alive', 'close')).toBe(false)
    expect(kept('HTTP/1.0 200 OK')).toBe(false)
    expect(kept('HTTP/1.0 200 OK', 'x')).toBe(false)
    expect(kept('HTTP/1.0 200 OK', 'Keep-Alive')).toBe(true)
    expect(kept('HTTP/1.0 200 OK', 'keep-alive, close')).toBe(false)
  })

  test('row 047: `3,3` is a length only where repeated ones are allowed', () => {
    const wire = response(['content-length: 3,3', 'content-length: 3,3'], 'abc')
    expectFailed(wire, 'CONTENT_LENGTH_INVALID')
    expect(bodyOf(wire, { options: { allowRepeatedContentLength: true } })).toEqual(['3', 'data abc', 'end'])
  })
})

describe('response heads', () => {
  test('the status line, strictly', () => {
    const events = (line: string): string[] => receive(`${line}\r\ncontent-length: 0\r\n\r\n`).events
    for (const line of ['HTTP/1.1 200', 'HTTP/1.1 200 '])
      expect(events(line)).toEqual(['1.1 200  | content-length: 0'])
    expect(events('HTTP/1.1 200 OK')).toEqual(['1.1 200 | content-length: 0'])
    expect(events('HTTP/1.1 200 \u00e9\tx  y ')).toEqual(['1.1 200 \u00e9\tx  y  | content-length: 0'])
    expect(events('HTTP/1.2 999 Odd')).toEqual(['1.1 999 Odd | content-length: 0'])
    for (const [line, code] of [
      ['HTTP/1.1 20X OK', 'PARSE_STATUS'],
      ['HTTP/1.1 20 OK', 'PARSE_STATUS'],
      ['HTTP/1.1 2000 OK', 'PARSE_STATUS'],
      ['HTTP/1.1 099 OK', 'PARSE_STATUS'],
      ['HTTP/1.1  200 OK', 'PARSE_STATUS'],
      ['HTTP/1.1\t200 OK', 'PARSE_STATUS'],
      ['HTTP/1.1 200\tOK', 'PARSE_STATUS'],
      ['HTTP/1.1 200 O\0K', 'PARSE_STATUS'],
      ['HTTP/1.1 200 O\rK', 'PARSE_STATUS'],
      ['HTTP/2.0 200 OK', 'VERSION_UNSUPPORTED'],
      ['HTTP/1.10 200 OK', 'PARSE_STATUS'],
      ['HTTP/11 200 OK', 'PARSE_VERSION'],
      ['http/1.1 200 OK', 'PARSE_VERSION'],
      [' HTTP/1.1 200 OK', 'PARSE_VERSION'],
      ['\r\nHTTP/1.1 200 OK', 'PARSE_VERSION'],
      ['ICY 200 OK', 'PARSE_VERSION'],
    ] as const) {
      expectFailed(`${line}\r\ncontent-length: 0\r\n\r\n`, code)
    }
  })

  test('an end inside the answer is INCOMPLETE_MESSAGE', () => {
    const wire = response(['transfer-encoding: chunked'], '2\r\nab\r\n0\r\n\r\n')
    for (let cut = 0; cut < wire.length; cut++) {
      expect(receive(wire.slice(0, cut), { end: true }).events.slice(-2)).toEqual([
        'failed INCOMPLETE_MESSAGE 502',
        'closed',
      ])
    }
  })
})
