// How long a request's body is, rows 26 to 37 (RFC 9112 §6.3). Each case with what may follow it.

import { describe, expect, test } from 'vitest'
import { expectRefused, get, OK, OK_CLOSE, post, serve } from '../h1/wire.ts'

const NEXT = 'GET / 1.1 | host: a'

/** The events of a request that is read whole, with another one after it. */
function eventsOf(input: string, options = {}): string[] {
  return serve(input, { options, trailing: get() }).events
}

describe('request length', () => {
  test('row 026: without length or coding there is no body, whatever the method', () => {
    for (const method of ['GET', 'POST', 'PUT', 'DELETE', 'X']) {
      expect(eventsOf(`${method} / HTTP/1.1\r\nhost: a\r\n\r\n`)).toEqual([`${method} / 1.1 | host: a`, NEXT])
    }
    expect(eventsOf(post(['content-length: 0']))).toEqual(['POST / 1.1 | host: a | content-length: 0', NEXT])
  })

  test('row 027: chunked is read; before it, and on lines of its own, no other coding is', () => {
    expect(eventsOf(post(['transfer-encoding: chunked'], '5\r\nhello\r\n0\r\n\r\n'))).toEqual([
      'POST / 1.1 | host: a | transfer-encoding: chunked | body ?',
      'data hello',
      'end',
      NEXT,
    ])
    expectRefused(
      post(['transfer-encoding: gzip, chunked'], '0\r\n\r\n'),
      'TRANSFER_ENCODING_UNSUPPORTED',
      501,
    )
    expectRefused(
      post(['transfer-encoding: gzip', 'transfer-encoding: chunked']),
      'TRANSFER_ENCODING_UNSUPPORTED',
      501,
    )
    expectRefused(post(['transfer-encoding: br,gzip,chunked']), 'TRANSFER_ENCODING_UNSUPPORTED', 501)
  })

  test('row 027: an unusual spelling of chunked is read, and ends the connection', () => {
    const lines = ['Chunked', 'CHUNKED', '\tchunked', 'chunked ', ' chunked\t', '  chunked'].map(
      (v) => `transfer-encoding: ${v}`,
    )
    for (const line of lines) {
      const { events, output, reasons } = serve(post([line], '0\r\n\r\n'), { trailing: get() })
      expect(events[0]).toMatch(/ \| body \?$/u)
      expect(events.slice(1)).toEqual(['end', 'closed'])
      expect(output).toBe(OK_CLOSE)
      expect(reasons).toEqual(['odd-framing'])
    }
    for (const line of ['Transfer-Encoding: chunked', 'transfer-encoding:chunked']) {
      expect(serve(post([line], '0\r\n\r\n')).output).toBe(OK)
    }
  })

  test('row 028: Content-Length counts bytes, in decimal', () => {
    for (const value of ['5', '005', '0000000000000000000000005', '\t5 ']) {
      expect(eventsOf(post([`content-length: ${value}`], 'hello')).slice(1)).toEqual([
        'data hello',
        'end',
        NEXT,
      ])
    }
    expect(eventsOf(post(['content-length: 010'], '0123456789')).slice(1)).toEqual([
      'data 0123456789',
      'end',
      NEXT,
    ])
    for (let have = 0; have < 5; have++) {
      const wire = post(['content-length: 5'], 'hello'.slice(0, have))
      expect(serve(wire).output).toBe('')
      expect(serve(wire, { end: true }).events.slice(-2)).toEqual(['failed INCOMPLETE_MESSAGE 0', 'closed'])
    }
  })

  test('row 029: Content-Length with Transfer-Encoding is refused, in any order', () => {
    const both = ['content-length: 5', 'transfer-encoding: chunked']
    for (const lines of [both, both.toReversed(), ['connection: keep-alive', ...both]]) {
      const wire = post(lines, '0\r\n\r\n')
      expectRefused(wire, 'TRANSFER_ENCODING_UNEXPECTED', 400)
      const { events, output, reasons } = serve(wire, {
        options: { allowChunkedWithContentLength: true },
        trailing: get(),
      })
      expect(events[0]).not.toContain('content-length')
      expect(events.slice(1)).toEqual(['end', 'closed'])
      expect(output).toBe(OK_CLOSE)
      expect(reasons).toEqual(['odd-framing'])
    }
  })

  test('row 030: so is it among other codings', () => {
    const lines = ['transfer-encoding: gzip', 'content-length: 5', 'transfer-encoding: chunked']
    expectRefused(post(lines, '0\r\n\r\n'), 'TRANSFER_ENCODING_UNEXPECTED', 400)
    expectRefused(post(lines, '0\r\n\r\n'), 'TRANSFER_ENCODING_UNSUPPORTED', 501, {
      allowChunkedWithContentLength: true,
    })
  })

  test('row 031: equal lengths are refused unless allowed; different ones always', () => {
    const options = { allowRepeatedContentLength: true }
    for (const lines of [
      ['content-length: 2', 'content-length: 2'],
      ['content-length: 2, 2'],
      ['content-length: 2,2\t,2', 'content-length: 2'],
    ]) {
      expectRefused(post(lines, 'ab'), 'CONTENT_LENGTH_INVALID', 400)
      expect(eventsOf(post(lines, 'ab'), options).slice(1)).toEqual(['data ab', 'end', NEXT])
    }
    for (const lines of [
      ['content-length: 2', 'content-length: 3'],
      ['content-length: 5, 10'],
      ['content-length: 2,'],
      ['content-length: 2', 'content-length:'],
      ['content-length: 2,\u00a02'],
    ]) {
      expectRefused(post(lines, 'ab'), 'CONTENT_LENGTH_INVALID', 400)
      expectRefused(post(lines, 'ab'), 'CONTENT_LENGTH_INVALID', 400, options)
    }
  })

  test('row 032: a coding list that is not one final chunked is refused', () => {
    const values = [
      'gzip',
      'identity',
      'xchunked',
      'chunkedx',
      'chunked, gzip',
      'chunked,',
      ',chunked',
      ', chunked',
      'chunked, chunked',
      '',
      'chunked;p=v',
      '"chunked"',
      "'chunked'",
      'chunked chunked',
      '\u00a0chunked',
      'chunked\u0085',
      '\u00adchunked',
      'chunked\u00ff',
      'ch\u00fanked',
      'chunked\\',
      'gzip chunked',
    ]
    for (const value of values) {
      expectRefused(post([`transfer-encoding: ${value}`], '0\r\n\r\n'), 'TRANSFER_ENCODING_INVALID', 400)
    }
    for (const lines of [
      ['transfer-encoding: chunked', 'transfer-encoding: gzip'],
      ['transfer-encoding: chunked', 'transfer-encoding: chunked'],
      ['transfer-encoding: chunked', 'transfer-encoding:'],
      ['transfer-encoding:', 'transfer-encoding: chunked'],
    ]) {
      expectRefused(post(lines, '0\r\n\r\n'), 'TRANSFER_ENCODING_INVALID', 400)
    }
  })

  test('row 032: no control byte beside chunked passes, in name or value', () => {
    for (let code = 0; code < 0x20; code++) {
      const byte = String.fromCharCode(code)
      if (byte === '\t' || byte === '\n' || byte === '\r') continue
      for (const line of [
        `transfer-encoding: ${byte}chunked`,
        `transfer-encoding: chunked${byte}`,
        `transfer-encoding${byte}: chunked`,
      ]) {
        expectRefused(post([line], '0\r\n\r\n'), 'PARSE_HEADER', 400)
      }
    }
    for (const line of [
      'transfer-encoding : chunked',
      'transfer-encoding\t: chunked',
      'transfer-encoding:\r\n chunked',
      'x: 1\r\n transfer-encoding: chunked',
      'x: a\ntransfer-encoding: chunked',
      'x: a\rtransfer-encoding: chunked',
    ]) {
      expectRefused(post([line], '0\r\n\r\n'), 'PARSE_HEADER', 400)
    }
    // Names that only resemble it are fields like any other.
    for (const line of [
      'transfer_encoding: chunked',
      'content-encoding: chunked',
      'xtransfer-encoding: chunked',
    ]) {
      expect(eventsOf(post([line]))).toEqual([`POST / 1.1 | host: a | ${line}`, NEXT])
    }
  })

  test('row 033: HTTP/1.0 takes a length and no coding', () => {
    const old = (line: string): string => `POST / HTTP/1.0\r\n${line}\r\n\r\n`
    expect(serve(`${old('content-length: 2')}ab`).events).toEqual([
      'POST / 1.0 | content-length: 2 | body 2',
      'data ab',
      'end',
      'closed',
    ])
    expectRefused(old('transfer-encoding: chunked'), 'TRANSFER_ENCODING_UNEXPECTED', 400)
    expectRefused(old('transfer-encoding: chunked'), 'TRANSFER_ENCODING_UNEXPECTED', 400, {
      allowChunkedWithContentLength: true,
    })
  })

  test('row 034: a length that is no safe integer is refused', () => {
    expect(serve(post(['content-length: 9007199254740991'])).events).toEqual([
      'POST / 1.1 | host: a | content-length: 9007199254740991 | body 9007199254740991',
    ])
    for (const value of [
      '9007199254740992',
      '18446744073709551613',
      '18446744073709551616',
      '99999999999999999999',
      '9'.repeat(400),
    ]) {
      expectRefused(post([`content-length: ${value}`]), 'CONTENT_LENGTH_INVALID', 400)
    }
  })

  test('row 035: the body of a GET is read to its end, and no further', () => {
    const wire = 'GET / HTTP/1.1\r\nhost: a\r\ncontent-length: 18\r\n\r\n'
    expect(eventsOf(`${wire}GET / HTTP/1.1\r\n\r\n`)).toEqual([
      'GET / 1.1 | host: a | content-length: 18 | body 18',
      'data GET / HTTP/1.1\r\n\r\n',
      'end',
      NEXT,
    ])
  })

  test('row 036: what follows a request that says close is not read', () => {
    for (const wire of [
      get('connection: close'),
      post(['connection: close', 'content-length: 1'], 'x'),
      'GET / HTTP/1.0\r\n\r\n',
    ]) {
      const { events, output } = serve(wire, { trailing: get() })
      expect(events.at(-1)).toBe('closed')
      expect(events.filter((event) => event.includes(' / '))).toHaveLength(1)
      expect(output).toMatch(/^HTTP\/1\.[01] 200 OK\r\ncontent-length: 2\r\nconnection: close\r\n\r\nok$/u)
    }
  })

  test('row 037: the body of a POST is delivered, its end told apart', () => {
    const bytes = Array.from({ length: 256 }, (_, code) => String.fromCharCode(code)).join('')
    expect(eventsOf(post(['content-length: 256'], bytes))).toEqual([
      'POST / 1.1 | host: a | content-length: 256 | body 256',
      `data ${bytes}`,
      'end',
      NEXT,
    ])
  })
})
