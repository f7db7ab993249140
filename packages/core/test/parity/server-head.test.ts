// Request heads, rows 1 to 25. A failing case names the cut of its bytes.

import { toBytes } from '@hyper/testkit'
import { describe, expect, test } from 'vitest'
import { HEAD_EVENT, NEED_DATA, ServerMachine } from '../../src/h1/index.ts'
import { codeOf } from '../http/code-of.ts'
import { drain, expectRefused, get, OK, OK_CLOSE, post, refusal, serve } from '../h1/wire.ts'

const HEAD = 'GET /echo?a=b HTTP/1.1\r\nHost: hyper.rs\r\nX-One: 1\r\n\r\n'
const HEAD_READ = 'GET /echo?a=b 1.1 | host: hyper.rs | x-one: 1'

describe('heads', () => {
  test('row 001: method, target, version and fields; exactly the head is used', () => {
    expect(serve(HEAD)).toEqual({ events: [HEAD_READ], output: OK, reasons: [], leftover: '' })
    expect(serve(HEAD, { trailing: HEAD }).events).toEqual([HEAD_READ, HEAD_READ])
    expect(serve(HEAD, { trailing: HEAD, answer: 'never' }).events).toEqual([HEAD_READ])
    const machine = new ServerMachine()
    machine.receive(toBytes(`${HEAD}rest`), 0)
    expect(machine.nextEvent()).toBe(HEAD_EVENT)
    expect(machine.isHolding).toBe(true)
    machine.receive(toBytes('!'), 0)
    expect(machine.request!.headers.size).toBe(2)
  })

  test('row 002: a head in pieces is pending, then complete', () => {
    for (let cut = 0; cut < HEAD.length; cut++) {
      expect(serve(HEAD.slice(0, cut))).toEqual({ events: [], output: '', reasons: [], leftover: '' })
    }
  })

  test('row 003: a head ends with CRLF CRLF; a bare LF ends a line only where that is allowed', () => {
    for (const wire of [
      'GET / HTTP/1.1\nhost: a\n\n',
      'GET / HTTP/1.1\r\nhost: a\n\r\n',
      get('x: 1').replace(/\r\n$/u, '\n'),
    ]) {
      const code = wire.startsWith('GET / HTTP/1.1\n') ? 'PARSE_VERSION' : 'PARSE_HEADER'
      expectRefused(wire, code, 400)
      const { events } = serve(wire, { options: { allowBareLf: true }, trailing: get() })
      expect(events[0]).toMatch(/^GET \/ 1\.1 \| host: a/u)
      expect(events[1]).toBe('GET / 1.1 | host: a')
    }
    expect(serve(`${get().slice(0, -2)}\r`).events).toEqual([])
    expectRefused(`${get().slice(0, -2)}\rX`, 'PARSE_HEADER', 400)
  })

  test('row 004: no byte of a head is looked at twice', () => {
    // The measure is in h1/linear.test.ts; here: what a head costs does not depend on how it comes.
    const long = get(`x: ${'a'.repeat(60_000)}`)
    expect(serve(long, { trailing: get() }).events).toHaveLength(2)
  })

  test('row 005: a malformed target is refused', () => {
    for (const target of [
      '',
      'no-slash',
      '/a b',
      '/a\tb',
      '/\0',
      '/\x7f',
      '/\u00e9',
      '/a#b',
      '/a\\b',
      '/<',
      '/>',
      'http://',
    ]) {
      const code = target === '/a b' ? 'PARSE_VERSION' : 'PARSE_TARGET'
      expectRefused(`GET ${target} HTTP/1.1\r\nhost: a\r\n\r\n`, code, 400)
    }
    expectRefused('GET HTTP/1.1\r\nhost: a\r\n\r\n', 'PARSE_TARGET', 400)
    for (const target of [
      '/"{}|^`',
      '/%00%0d%0a',
      '//',
      '/?',
      'http://a/',
      'http://b:8080/x?y',
      'ftp://a/',
    ]) {
      expect(serve(`GET ${target} HTTP/1.1\r\nhost: a\r\n\r\n`).events).toEqual([
        `GET ${target} 1.1 | host: a`,
      ])
    }
  })

  test('row 005: each method takes the forms of a target that belong to it', () => {
    const requests = [
      'GET *',
      'GET a:80',
      'CONNECT /',
      'CONNECT a',
      'CONNECT a:0',
      'CONNECT u@a:80',
      'CONNECT http://a/',
    ]
    for (const request of [...requests, 'GET http://u@a/', 'POST *']) {
      expectRefused(`${request} HTTP/1.1\r\nhost: a\r\n\r\n`, 'PARSE_TARGET', 400)
    }
    for (const request of ['OPTIONS *', 'CONNECT a:80', 'CONNECT [::1]:443', 'OPTIONS /', 'M-SEARCH /']) {
      expect(serve(`${request} HTTP/1.1\r\nhost: a\r\n\r\n`, { answer: 'never' }).events).toEqual([
        `${request} 1.1 | host: a`,
      ])
    }
  })

  test('row 006: several spaces in a request line only where that is allowed', () => {
    for (const [line, code] of [
      ['GET  / HTTP/1.1', 'PARSE_TARGET'],
      ['GET /  HTTP/1.1', 'PARSE_VERSION'],
      ['GET   /   HTTP/1.1', 'PARSE_TARGET'],
    ] as const) {
      const wire = `${line}\r\nhost: a\r\n\r\n`
      expectRefused(wire, code, 400)
      const options = { allowMultipleSpaces: true }
      expect(serve(wire, { options, trailing: get() }).events).toEqual(Array(2).fill('GET / 1.1 | host: a'))
    }
    for (const line of ['GET\t/ HTTP/1.1', 'GET /\tHTTP/1.1', 'GET / HTTP/1.1 ', ' GET / HTTP/1.1']) {
      for (const allowMultipleSpaces of [false, true]) {
        expect(serve(`${line}\r\nhost: a\r\n\r\n`, { options: { allowMultipleSpaces } }).output).toBe(
          refusal(400),
        )
      }
    }
  })

  test('row 007: a tab inside a value is kept, round it it is not', () => {
    expect(serve(get('x:\t a\tb \t')).events).toEqual(['GET / 1.1 | host: a | x: a\tb'])
  })

  test('row 008: 100 fields by default, and exactly what is set', () => {
    const heads = (count: number): string =>
      get(...Array.from({ length: count - 1 }, (_, i) => `x${i}: ${i}`))
    for (const [maxHeaders, most] of [
      [undefined, 100],
      [200, 200],
      [1, 1],
    ] as const) {
      expect(serve(heads(most), { options: { maxHeaders }, trailing: get() }).events).toHaveLength(2)
      expectRefused(heads(most + 1), 'HEAD_TOO_LARGE', 431, { maxHeaders })
    }
    const bare = 'GET / HTTP/1.0\r\n\r\n'
    expect(serve(bare, { options: { maxHeaders: 0 } }).events).toEqual(['GET / 1.0', 'closed'])
    expectRefused('GET / HTTP/1.0\r\nx: 1\r\n\r\n', 'HEAD_TOO_LARGE', 431, { maxHeaders: 0 })
  })

  test('row 009: a method that is no token is answered with 400', () => {
    for (const method of ['GE(T', 'G\0T', 'G\u00c9T', '(', 'GET,', ':', '\x16\x03\x01']) {
      expectRefused(`${method} / HTTP/1.1\r\nhost: a\r\n\r\n`, 'PARSE_METHOD', 400)
    }
    expect(serve("!#$%&'*+-.^_`|~09azAZ / HTTP/1.1\r\nhost: a\r\n\r\n").output).toBe(OK)
  })

  test('row 010: a Content-Length that is no number is answered with 400', () => {
    for (const value of ['foo', '', 'abc', '0x5', '0o5', '1_0', '1 0', '5.0', '5e0', '\u00b2']) {
      expectRefused(post([`content-length: ${value}`]), 'CONTENT_LENGTH_INVALID', 400)
    }
  })

  test('row 011: a Content-Length with a sign is answered with 400', () => {
    for (const value of ['+5', '-1', '-0', '+0']) {
      expectRefused(post([`content-length: ${value}`]), 'CONTENT_LENGTH_INVALID', 400)
    }
  })

  test('row 012: a field name of 64 KiB is answered with 431', () => {
    expectRefused(get(`${'x'.repeat(65_536)}: a`), 'HEAD_TOO_LARGE', 431)
    // Before its end has come.
    expectRefused(`GET / HTTP/1.1\r\n${'x'.repeat(65_536)}`, 'HEAD_TOO_LARGE', 431)
  })

  test('row 013: a target over the limit is answered with 414, before its line ends', () => {
    const target = (length: number): string => `/${'a'.repeat(length - 1)}`
    const line = (length: number): string => `GET ${target(length)} HTTP/1.1\r\nhost: a\r\n\r\n`
    expect(serve(line(32_768), { trailing: get() }).output).toBe(OK + OK)
    expectRefused(line(32_769), 'TARGET_TOO_LONG', 414)
    expectRefused(`GET ${target(32_769)}`, 'TARGET_TOO_LONG', 414)
    expect(refusal(414)).toBe('HTTP/1.1 414 URI Too Long\r\ncontent-length: 0\r\nconnection: close\r\n\r\n')
  })
})

describe('limits of a head', () => {
  const padded = (size: number): string => {
    const empty = get('x: ')
    return get(`x: ${'a'.repeat(size - empty.length)}`)
  }

  test('row 014: a head over its limit is answered with 431', () => {
    expect(padded(65_536)).toHaveLength(65_536)
    expect(serve(padded(65_536), { trailing: get() }).output).toBe(OK + OK)
    expectRefused(padded(65_537), 'HEAD_TOO_LARGE', 431)
    expectRefused(get('x: '.padEnd(70_000, 'a')), 'HEAD_TOO_LARGE', 431)
  })

  test('row 015: the limit is exact wherever the pieces are cut', () => {
    for (const maxHeadSize of [64, 100, 513, 1024]) {
      expect(serve(padded(maxHeadSize), { options: { maxHeadSize }, trailing: get() }).output).toBe(OK + OK)
      expectRefused(padded(maxHeadSize + 1), 'HEAD_TOO_LARGE', 431, { maxHeadSize })
    }
  })

  test('row 016: a limit below its least is INVALID_OPTION', () => {
    expect(codeOf(() => new ServerMachine({ maxHeadSize: 63 }))).toBe('INVALID_OPTION')
    expect(codeOf(() => new ServerMachine({ maxHeadSize: 64 }))).toBe(null)
  })

  test('row 017: an HTTP/2 preface ends the connection without a word', () => {
    expectRefused('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', 'PARSE_VERSION_H2', 0)
    expectRefused('PRI * HTTP/2.0', 'PARSE_VERSION_H2', 0)
    // What only resembles it has its answer.
    expectRefused('PRI * HTTP/2.1\r\n', 'VERSION_UNSUPPORTED', 505)
    expectRefused('PRI / HTTP/2.0\r\n', 'VERSION_UNSUPPORTED', 505)
    expectRefused('PRI * HTTP/1.1\r\nhost: a\r\n\r\n', 'PARSE_TARGET', 400)
  })

  test('row 018: every refusal has the status of its kind', () => {
    const lines: [string, string, number][] = [
      ['GET / HTTP/9.9\r\n', 'VERSION_UNSUPPORTED', 505],
      ['GET / HTTP/0.9\r\n', 'VERSION_UNSUPPORTED', 505],
      ['GET / HTTP/2.0\r\n', 'VERSION_UNSUPPORTED', 505],
      ['GET / HTTP/1\r\n', 'PARSE_VERSION', 400],
      ['GET / HTTP/01.01\r\n', 'PARSE_VERSION', 400],
      ['GET / HTTP/ 1.1\r\n', 'PARSE_VERSION', 400],
      ['GET / HTTP/1.10\r\n', 'PARSE_VERSION', 400],
      ['GET / HTTP/1.x\r\n', 'PARSE_VERSION', 400],
      ['GET / http/1.1\r\n', 'PARSE_VERSION', 400],
      ['GET / HTTPS/1.1\r\n', 'PARSE_VERSION', 400],
      ['GET / HTTP/1.1\rX', 'PARSE_VERSION', 400],
      ['GET /\r\n', 'PARSE_TARGET', 400],
      [`${'M'.repeat(65)} / HTTP/1.1\r\n`, 'METHOD_TOO_LONG', 501],
      ['GET / HTTP/1.1\r\nbad name: 1\r\n', 'PARSE_HEADER', 400],
      [post(['transfer-encoding: gzip, chunked']), 'TRANSFER_ENCODING_UNSUPPORTED', 501],
      [post(['transfer-encoding: chunked', 'content-length: 1']), 'TRANSFER_ENCODING_UNEXPECTED', 400],
      ['GET / HTTP/1.1\r\n\r\n', 'HOST_INVALID', 400],
    ]
    for (const [wire, code, status] of lines) expectRefused(wire, code, status)
    for (const minor of [1, 2, 9]) {
      expect(serve(`GET / HTTP/1.${minor}\r\nhost: a\r\n\r\n`).events).toEqual(['GET / 1.1 | host: a'])
    }
  })

  test('row 019: up to four blank lines before a request are skipped', () => {
    for (let count = 0; count <= 4; count++) {
      expect(serve('\r\n'.repeat(count) + HEAD, { trailing: HEAD }).events).toEqual([HEAD_READ, HEAD_READ])
      expect(serve('\r\n'.repeat(count), { end: true }).events).toEqual(['closed'])
      expect(serve(`${HEAD}${'\r\n'.repeat(count)}`, { end: true }).events).toEqual([HEAD_READ, 'closed'])
    }
    expect(serve('\r', { end: true }).events).toEqual(['closed'])
    expectRefused('\r\n'.repeat(5), 'PARSE_METHOD', 400)
    expectRefused('\rX', 'PARSE_METHOD', 400)
    expectRefused(`\n${HEAD}`, 'PARSE_METHOD', 400)
    expect(serve(`\n\n${HEAD}`, { options: { allowBareLf: true } }).events).toEqual([HEAD_READ])
    expectRefused('\n'.repeat(5), 'PARSE_METHOD', 400, { allowBareLf: true })
  })

  test('row 020: an end before anything is clean', () => {
    expect(serve('', { end: true })).toEqual({
      events: ['closed'],
      output: '',
      reasons: ['eof'],
      leftover: '',
    })
    expect(serve(HEAD, { end: true })).toEqual({
      events: [HEAD_READ, 'closed'],
      output: OK,
      reasons: ['eof'],
      leftover: '',
    })
  })

  test('row 021: an end inside a head is INCOMPLETE_MESSAGE, without an answer', () => {
    for (let cut = 1; cut < HEAD.length; cut++) {
      const { events, output } = serve(HEAD.slice(0, cut), { end: true })
      expect(events).toEqual(['failed INCOMPLETE_MESSAGE 0', 'closed'])
      expect(output).toBe('')
    }
    expect(serve('\r\nG', { end: true }).events).toEqual(['failed INCOMPLETE_MESSAGE 0', 'closed'])
  })

  test('row 022: the spelling of names is kept on request', () => {
    const wire = get('X-One: 1', 'x-ONE: 2', 'COOKIE: c')
    expect(serve(wire).events).toEqual(['GET / 1.1 | host: a | x-one: 1 | x-one: 2 | cookie: c'])
    expect(serve(wire, { options: { preserveHeaderCase: true } }).events).toEqual([
      'GET / 1.1 | host: a | X-One: 1 | x-ONE: 2 | COOKIE: c',
    ])
  })

  test('row 023: an upgrade is offered with HTTP/1.1, Upgrade and its connection option; by CONNECT always', () => {
    const offers = (wire: string): boolean => {
      const machine = new ServerMachine()
      machine.receive(toBytes(wire), 0)
      expect(machine.nextEvent()).toBe(HEAD_EVENT)
      return machine.offersUpgrade
    }
    expect(offers(get('connection: upgrade', 'upgrade: echo'))).toBe(true)
    expect(offers(get('connection: keep-alive, Upgrade', 'upgrade: echo'))).toBe(true)
    expect(offers(get('upgrade: echo'))).toBe(false)
    expect(offers(get('connection: upgrade'))).toBe(false)
    expect(offers('GET / HTTP/1.0\r\nconnection: upgrade\r\nupgrade: echo\r\n\r\n')).toBe(false)
    expect(offers('CONNECT a:1 HTTP/1.1\r\nhost: a:1\r\n\r\n')).toBe(true)
    expect(offers('CONNECT a:1 HTTP/1.0\r\n\r\n')).toBe(true)
  })

  test('row 024: the options of Connection are a list, trimmed, in any case', () => {
    for (const value of ['close', 'Close', 'CLOSE', 'keep-alive, close', 'a,\tclose ,b', ',close']) {
      expect(serve(get(`connection: ${value}`)).output).toBe(OK_CLOSE)
    }
    expect(serve(get('connection: a', 'connection: close')).output).toBe(OK_CLOSE)
    // Nothing but SP and TAB is white space.
    for (const value of ['closed', 'clos', '\u00a0close', 'close\u0085', 'close;a=b', '"close"']) {
      expect(serve(get(`connection: ${value}`)).output).toBe(OK)
    }
  })

  test('row 025: a line that is no field is skipped only where that is allowed', () => {
    const options = { ignoreInvalidHeaders: true }
    for (const line of [
      ': 1',
      'no colon',
      'a b: 1',
      'x : 1',
      '[x: 1',
      'caf\u00e9: 1',
      '\tx: 1',
      ' x: 1',
      'x: \x01',
      'x: \x7f',
    ]) {
      expectRefused(get(line, 'y: 2'), 'PARSE_HEADER', 400)
      expect(serve(get(line, 'y: 2'), { options, trailing: get() }).events).toEqual([
        'GET / 1.1 | host: a | y: 2',
        'GET / 1.1 | host: a',
      ])
    }
    for (const line of ['x: \0', 'x\0: 1', 'x: 1\n', 'x y\n', 'x: a\rb', 'x y\rb', 'x y\r', 'x: \x01\rb'])
      expectRefused(get(line, 'y: 2'), 'PARSE_HEADER', 400, options)
  })

  test('row 025: what is skipped leaves nothing behind', () => {
    const machine = new ServerMachine({ ignoreInvalidHeaders: true })
    machine.receive(toBytes(get('content-length: 5\x01', 'connection: close\x01', 'y: 1')), 0)
    expect(machine.nextEvent()).toBe(HEAD_EVENT)
    expect([machine.hasBody, machine.state.reusable, machine.request!.headers.size]).toEqual([false, true, 2])
    expect(machine.nextEvent()).not.toBe(NEED_DATA)
    expect(drain(machine)).toBe('')
  })
})
