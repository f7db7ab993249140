// Every option of both roles: its default, both sides of its limit, and the values it cannot have.

import { toBytes } from '@hyper/testkit'
import { describe, expect, test } from 'vitest'
import {
  ClientMachine,
  ServerMachine,
  type H1ClientOptions,
  type H1ServerOptions,
} from '../../src/h1/index.ts'
import { clientSettings, serverSettings } from '../../src/h1/options.ts'
import { HeaderMap } from '../../src/http/header-map.ts'
import { HttpResponse } from '../../src/http/response.ts'
import { plainText } from '../../src/rt/index.ts'
import { codeOf } from '../http/code-of.ts'
import { connected } from './connected.ts'
import {
  drain,
  expectRefused,
  get,
  OK,
  OK_CLOSE,
  post,
  receive,
  refusal,
  serve,
  type Transcript,
} from './wire.ts'

const FLAGS = [
  'titleCaseHeaders',
  'preserveHeaderCase',
  'allowBareLf',
  'ignoreInvalidHeaders',
  'allowRepeatedContentLength',
]
const SERVER_FLAGS = [
  'halfClose',
  'keepAlive',
  'keepAliveHint',
  'autoDateHeader',
  'allowMultipleSpaces',
  'allowChunkedWithContentLength',
  'allowMissingHost',
]
const CLIENT_FLAGS = ['http09Responses', 'allowSpaceBeforeColon', 'allowObsFold']
const COUNTS: Readonly<Record<string, number>> = {
  maxHeaders: 0,
  maxHeadSize: 64,
  maxTrailerSize: 2,
  maxChunkExtensionSize: 0,
}
const SERVER_COUNTS: Readonly<Record<string, number>> = {
  ...COUNTS,
  maxTargetLength: 1,
  maxMethodLength: 1,
  maxRequests: 1,
  lingerSize: 0,
}
const CLIENT_COUNTS: Readonly<Record<string, number>> = { ...COUNTS, maxInformational: 0 }
const TIMES = ['bodyIdleTimeout', 'sendTimeout']
const SERVER_TIMES = [...TIMES, 'firstByteTimeout', 'headerReadTimeout', 'keepAliveTimeout']
const AMOUNTS = ['bodyMinRate', 'bodyMinRateGrace', 'lingerTimeout']

const asServer = (name: string, value: unknown): string | null =>
  codeOf(() => new ServerMachine({ [name]: value } as H1ServerOptions))
const asClient = (name: string, value: unknown): string | null =>
  codeOf(() => new ClientMachine({ [name]: value } as H1ClientOptions))

describe('values', () => {
  for (const [role, make, flags, counts, times, amounts] of [
    ['server', asServer, [...FLAGS, ...SERVER_FLAGS], SERVER_COUNTS, SERVER_TIMES, AMOUNTS],
    ['client', asClient, [...FLAGS, ...CLIENT_FLAGS], CLIENT_COUNTS, [...TIMES, 'headersTimeout'], []],
  ] as const) {
    for (const name of flags) {
      test(`${role} ${name} is a boolean`, () => {
        for (const value of [true, false, undefined]) expect(make(name, value)).toBe(null)
        for (const value of ['false', 0, 1, null, {}]) expect(make(name, value)).toBe('INVALID_OPTION')
      })
    }
    for (const [name, least] of Object.entries(counts)) {
      test(`${role} ${name} is an integer of at least ${least}`, () => {
        for (const value of [least, least + 1, 1e6, Infinity, undefined]) expect(make(name, value)).toBe(null)
        for (const value of [least - 1, -1, least + 0.5, Number.NaN, -Infinity, '100', null, {}])
          expect(make(name, value)).toBe('INVALID_OPTION')
      })
    }
    for (const name of times) {
      test(`${role} ${name} is a time, or off`, () => {
        for (const value of [0, 1, 0.5, 1e9, Infinity, null, undefined]) expect(make(name, value)).toBe(null)
        for (const value of [-1, Number.NaN, -Infinity, '100', {}])
          expect(make(name, value)).toBe('INVALID_OPTION')
      })
    }
    for (const name of amounts) {
      test(`${role} ${name} is a number of at least 0`, () => {
        for (const value of [0, 0.5, 1e9, Infinity, undefined]) expect(make(name, value)).toBe(null)
        for (const value of [-1, Number.NaN, '100', null, {}])
          expect(make(name, value)).toBe('INVALID_OPTION')
      })
    }
  }

  test('defaults of a server', () => {
    expect(serverSettings({})).toMatchObject({
      titleCaseHeaders: false,
      preserveHeaderCase: false,
      maxHeaders: 100,
      maxHeadSize: 65_536,
      maxTrailerSize: 16_384,
      maxChunkExtensionSize: 16_384,
      bodyIdleTimeout: 30_000,
      sendTimeout: 30_000,
      halfClose: false,
      keepAlive: true,
      autoDateHeader: true,
      maxTargetLength: 32_768,
      maxMethodLength: 64,
      maxRequests: Infinity,
      firstByteTimeout: 10_000,
      headTimeout: 30_000,
      keepAliveTimeout: 75_000,
      bodyMinRate: 240,
      bodyMinRateGrace: 5_000,
      lingerTimeout: 2_000,
      lingerSize: 65_536,
      keepAliveText: 'connection: keep-alive\r\nkeep-alive: timeout=75\r\n',
    })
    expect(Object.values(serverSettings({}).lenient)).toEqual(Array(8).fill(false))
  })

  test('defaults of a client', () => {
    expect(clientSettings({})).toMatchObject({
      titleCaseHeaders: false,
      preserveHeaderCase: false,
      maxHeaders: 100,
      maxHeadSize: 417_792,
      maxTrailerSize: 16_384,
      maxChunkExtensionSize: 16_384,
      bodyIdleTimeout: Infinity,
      sendTimeout: 30_000,
      headTimeout: Infinity,
      maxInformational: 32,
      http09Responses: false,
    })
    expect(Object.values(clientSettings({}).lenient)).toEqual(Array(8).fill(false))
  })
})

describe('limits of a server', () => {
  // maxHeaders, maxHeadSize, maxTargetLength at their defaults, maxTrailerSize and maxChunkExtensionSize: rows 8, 13 to 15,
  // 50, 58 and 59.
  test('maxMethodLength', () => {
    for (const maxMethodLength of [undefined, 1, 7]) {
      const most = maxMethodLength ?? 64
      const request = (length: number): string => `${'M'.repeat(length)} / HTTP/1.1\r\nhost: a\r\n\r\n`
      expect(serve(request(most), { options: { maxMethodLength }, trailing: request(most) }).output).toBe(
        OK + OK,
      )
      expectRefused(request(most + 1), 'METHOD_TOO_LONG', 501, { maxMethodLength })
      expectRefused('M'.repeat(most + 1), 'METHOD_TOO_LONG', 501, { maxMethodLength })
      expect(serve('M'.repeat(most), { options: { maxMethodLength } }).events).toEqual([])
    }
  })

  test('maxTargetLength', () => {
    for (const maxTargetLength of [1, 20]) {
      const request = (length: number): string => `GET /${'a'.repeat(length - 1)} HTTP/1.1\r\nhost: a\r\n\r\n`
      expect(serve(request(maxTargetLength), { options: { maxTargetLength } }).output).toBe(OK)
      expectRefused(request(maxTargetLength + 1), 'TARGET_TOO_LONG', 414, { maxTargetLength })
      expectRefused(`GET /${'a'.repeat(maxTargetLength)}`, 'TARGET_TOO_LONG', 414, { maxTargetLength })
    }
  })

  test('maxRequests', () => {
    expect(serve(get(), { options: { maxRequests: 1 }, trailing: get() })).toMatchObject({
      output: OK_CLOSE,
      reasons: ['max-requests'],
    })
    expect(serve(get() + get(), { options: { maxRequests: 2 }, trailing: get() }).output).toBe(OK + OK_CLOSE)
  })

  test('limits that are off', () => {
    const off = {
      maxHeadSize: Infinity,
      maxHeaders: Infinity,
      maxTargetLength: Infinity,
      maxMethodLength: Infinity,
      maxTrailerSize: Infinity,
      maxChunkExtensionSize: Infinity,
    }
    const head = `${'M'.repeat(500)} /${'t'.repeat(40_000)} HTTP/1.1\r\nhost: a\r\n${'x: y\r\n'.repeat(6000)}transfer-encoding: chunked\r\n\r\n`
    const machine = new ServerMachine(off)
    for (const piece of [
      head.slice(0, 70_000),
      `${head.slice(70_000)}0;${'e'.repeat(20_000)}\r\n${'t: u\r\n'.repeat(6000)}\r\n`,
    ]) {
      machine.receive(toBytes(piece), 0)
      for (let i = 0; i < 4; i++) machine.nextEvent()
    }
    expect([machine.error, machine.request?.headers.size, machine.trailers?.size]).toEqual([null, 6002, 6000])
  })

  test('allowMissingHost', () => {
    const bare = 'GET / HTTP/1.1\r\n\r\n'
    expectRefused(bare, 'HOST_INVALID', 400)
    expect(serve(bare, { options: { allowMissingHost: true } }).output).toBe(OK)
    for (const line of [
      'host:',
      'host: u@h',
      'host: h/p',
      'host: a, b',
      'host: a b',
      'host: a:x',
      'host: a:65536',
      'host: [::1',
      'host: \u00e9',
    ]) {
      for (const allowMissingHost of [false, true])
        expectRefused(`GET / HTTP/1.1\r\n${line}\r\n\r\n`, 'HOST_INVALID', 400, { allowMissingHost })
    }
    for (const line of ['host: b', 'Host: a'])
      expectRefused(get(line), 'HOST_INVALID', 400, { allowMissingHost: true })
    expect(serve('GET / HTTP/1.0\r\n\r\n').output).toBe(OK_CLOSE.replace('1.1', '1.0'))
    expectRefused('GET / HTTP/1.0\r\nhost:\r\n\r\n', 'HOST_INVALID', 400)
  })

  test('a Host that was valid, or missing, once says nothing about the next one', () => {
    const kept = 'GET / HTTP/1.0\r\nconnection: keep-alive\r\n\r\n'
    expect(serve(`${kept}GET / HTTP/1.1\r\nhost:\r\n\r\n`).events.slice(1)).toEqual([
      'failed HOST_INVALID 400',
      'closed',
    ])
    expect(serve(`${get()}GET / HTTP/1.1\r\n\r\n`).events.slice(1)).toEqual([
      'failed HOST_INVALID 400',
      'closed',
    ])
    expect(serve(`${get()}GET / HTTP/1.1\r\nhost: a\r\nhost: a\r\n\r\n`).events.slice(1)).toEqual([
      'failed HOST_INVALID 400',
      'closed',
    ])
  })

  test('autoDateHeader, in the answer of a refusal too', async () => {
    const on = connected(undefined, { autoDateHeader: true, keepAliveHint: false })
    const date = 'Thu, 01 Jan 2026 00:00:00 GMT'
    expect(await on.ask(get())).toBe(`HTTP/1.1 200 OK\r\ncontent-length: 2\r\ndate: ${date}\r\n\r\nok`)
    expect(await on.ask('X\r\n')).toBe(refusal(400, date))
    expect(await connected().ask('X\r\n')).toBe(refusal(400))
  })

  test('keepAliveHint, and what it says', async () => {
    const said = async (options: H1ServerOptions): Promise<string> =>
      (await connected(undefined, options).ask(get())).slice(36, -4)
    expect(await said({})).toBe('connection: keep-alive\r\nkeep-alive: timeout=75\r\n')
    expect(await said({ keepAliveTimeout: 1_999 })).toBe(
      'connection: keep-alive\r\nkeep-alive: timeout=1\r\n',
    )
    for (const options of [
      { keepAliveHint: false },
      { keepAliveTimeout: 999 },
      { keepAliveTimeout: 0 },
      { keepAliveTimeout: null },
    ]) {
      expect(await said(options)).toBe('')
    }
  })

  test('titleCaseHeaders and preserveHeaderCase', () => {
    const send = (machine: ServerMachine): void =>
      void machine.sendHead(200, null, new HeaderMap({ 'x-a': '1' }), 0, false)
    const head = (options: H1ServerOptions): string =>
      serve(get(), { options: { ...options, keepAliveHint: false }, send }).output
    expect(head({})).toBe('HTTP/1.1 200 OK\r\nx-a: 1\r\ncontent-length: 0\r\n\r\n')
    expect(head({ titleCaseHeaders: true })).toBe('HTTP/1.1 200 OK\r\nX-A: 1\r\nContent-Length: 0\r\n\r\n')
    expect(head({ titleCaseHeaders: true, preserveHeaderCase: true })).toBe(
      'HTTP/1.1 200 OK\r\nX-A: 1\r\nContent-Length: 0\r\n\r\n',
    )
    expect(serve(get('X-a: 1'), { options: { preserveHeaderCase: true } }).events).toEqual([
      'GET / 1.1 | host: a | X-a: 1',
    ])
  })

  test('text: the codec that is given is used for heads', () => {
    let calls = 0
    const text = {
      ...plainText,
      latin1: (bytes: Uint8Array, start: number, end: number) => (
        calls++,
        plainText.latin1(bytes, start, end)
      ),
    }
    const machine = new ServerMachine({ text })
    machine.receive(toBytes(get()), 0)
    machine.nextEvent()
    expect([calls, machine.request?.headers.get('host')]).toEqual([1, 'a'])
  })

  test('lingerSize: as much as that is skipped, or read after the end', async () => {
    for (const [size, answer] of [
      [8, OK],
      [9, OK_CLOSE],
    ] as const) {
      const it = connected(undefined, { lingerSize: 8 })
      expect(await it.ask(post([`content-length: ${size}`]))).toBe(answer)
    }
    const it = connected(() => new HttpResponse('ok'), { lingerSize: 8 })
    await it.ask(get('connection: close'))
    await it.ask('12345678')
    expect([it.io.ended, it.io.released]).toEqual([true, false])
    await it.ask('9')
    expect([it.io.released, it.code]).toEqual([true, ''])
  })
})

describe('limits of a client', () => {
  const response = (...lines: string[]): string =>
    `HTTP/1.1 200 OK\r\ncontent-length: 0\r\n${lines.map((line) => `${line}\r\n`).join('')}\r\n`
  const ends = (input: string, options: H1ClientOptions): string => receive(input, { options }).events[0]!

  test('maxHeadSize, and for one response only', () => {
    const sized = (size: number): string => response(`x: ${'a'.repeat(size - response('x: ').length)}`)
    for (const maxHeadSize of [64, 1000]) {
      expect(ends(sized(maxHeadSize), { maxHeadSize })).toMatch(/^1\.1 200/u)
      expect(ends(sized(maxHeadSize + 1), { maxHeadSize })).toBe('failed HEAD_TOO_LARGE 502')
    }
    const machine = new ClientMachine()
    for (const value of [63, -1, Number.NaN, 64.5])
      expect(codeOf(() => machine.setLimits(value, undefined))).toBe('INVALID_OPTION')
    for (const value of [-1, Number.NaN]) {
      expect(codeOf(() => machine.setLimits(undefined, value))).toBe('INVALID_OPTION')
      expect(codeOf(() => machine.setLimits(undefined, undefined, value))).toBe('INVALID_OPTION')
    }
    for (const [limit, event] of [
      [100, 6],
      [101, 1],
    ] as const) {
      const client = new ClientMachine()
      client.setLimits(limit, undefined)
      client.sendHead('GET', '/', '1.1', new HeaderMap(), 0)
      client.receive(toBytes(sized(101)), 0)
      expect(client.nextEvent()).toBe(event)
    }
  })

  test('the default of maxHeadSize', () => {
    const machine = new ClientMachine({})
    machine.sendHead('GET', '/', '1.1', new HeaderMap(), 0)
    drain(machine)
    machine.receive(toBytes(response(`x: ${'a'.repeat(417_792 - response('x: ').length)}`)), 0)
    expect(machine.nextEvent()).toBe(1)
  })

  test('maxHeaders', () => {
    const lines = (count: number): string =>
      response(...Array.from({ length: count - 1 }, (_, i) => `x${i}: 1`))
    for (const maxHeaders of [undefined, 5]) {
      expect(ends(lines(maxHeaders ?? 100), { maxHeaders })).toMatch(/^1\.1 200/u)
      expect(ends(lines((maxHeaders ?? 100) + 1), { maxHeaders })).toBe('failed HEAD_TOO_LARGE 502')
    }
  })

  test('maxInformational', () => {
    const interim = (count: number): string => 'HTTP/1.1 103 Early Hints\r\n\r\n'.repeat(count) + response()
    for (const maxInformational of [undefined, 0, 2]) {
      const most = maxInformational ?? 32
      const last = ({ events }: Transcript): string => events.at(-1)!
      expect(last(receive(interim(most), { options: { maxInformational } }))).toBe(
        '1.1 200 | content-length: 0',
      )
      expect(receive(interim(most + 1), { options: { maxInformational } }).events.slice(-2)).toEqual([
        'failed TOO_MANY_INFORMATIONAL 502',
        'closed',
      ])
    }
  })

  test('allowBareLf', () => {
    for (const wire of [
      'HTTP/1.1 204 No Content\n\n',
      'HTTP/1.1 204\nx: 1\n\r\n',
      'HTTP/1.1 204 No Content\r\nx: 1\r\n\n',
    ]) {
      expect(ends(wire, {})).toMatch(/^failed PARSE_/u)
      expect(ends(wire, { allowBareLf: true })).toMatch(/^1\.1 204/u)
    }
  })

  test('allowSpaceBeforeColon', () => {
    for (const line of ['x : 1', 'x\t : 1', 'x \t: 1']) {
      expect(ends(response(line), {})).toBe('failed PARSE_HEADER 502')
      expect(ends(response(line), { allowSpaceBeforeColon: true })).toBe('1.1 200 | content-length: 0 | x: 1')
    }
    for (const line of [' : 1', 'x y: 1', 'x y : 1', 'x '])
      expect(ends(response(line), { allowSpaceBeforeColon: true })).toBe('failed PARSE_HEADER 502')
    expect(
      ends(response('x y: 1', 'z : 2'), { allowSpaceBeforeColon: true, ignoreInvalidHeaders: true }),
    ).toBe('1.1 200 | content-length: 0 | z: 2')
  })

  test('allowObsFold', () => {
    const options = { allowObsFold: true }
    for (const [lines, value] of [
      [['x: a', ' b'], 'a b'],
      [['x: a \t', '\t b '], 'a b'],
      [['x:', ' a', '\tb'], 'a b'],
      [['x: a', ' ', ' b'], 'a b'],
      [['x: a', '  '], 'a'],
      [['x:', ' '], ''],
    ] as const) {
      expect(ends(response(...lines, 'y: 2'), {})).toBe('failed PARSE_HEADER 502')
      expect(ends(response(...lines, 'y: 2'), options)).toBe(
        `1.1 200 | content-length: 0 | x: ${value} | y: 2`,
      )
    }
    expect(ends('HTTP/1.1 200 OK\r\n x: 1\r\n\r\n', options)).toBe('failed PARSE_HEADER 502')
    expect(ends(response('x: a', ' b\x01'), options)).toBe('failed PARSE_HEADER 502')
    expect(ends('HTTP/1.1 200 OK\r\ncontent-length:\r\n 0\r\n\r\n', options)).toBe(
      '1.1 200 | content-length: 0',
    )
    expect(ends('HTTP/1.1 200 OK\r\ncontent-length: 1\r\n 0\r\n\r\n', options)).toBe(
      'failed CONTENT_LENGTH_INVALID 502',
    )
    expect(ends(response('x: a\n', ' b').replace('\n\r\n', '\n'), { ...options, allowBareLf: true })).toBe(
      '1.1 200 | content-length: 0 | x: a b',
    )
  })

  test('a fold of a line that is skipped is skipped', () => {
    const options = { allowObsFold: true, ignoreInvalidHeaders: true }
    for (const lines of [
      ['x: 1', 'bad line', ' fold', 'y: 2'],
      ['x: 1', 'z: 3', ' a\x01', ' b', 'y: 2'],
      ['x: 1', 'z: \x01', ' b', 'y: 2'],
    ]) {
      expect(ends(response(...lines), options)).toBe('1.1 200 | content-length: 0 | x: 1 | y: 2')
    }
  })

  test('a head that fails inside a fold leaves nothing for the next one', () => {
    expect(ends(response('x: a', ' b\x01'), { allowObsFold: true })).toBe('failed PARSE_HEADER 502')
    expect(serve(post(['content-length: 2'], 'ab')).events).toEqual([
      'POST / 1.1 | host: a | content-length: 2 | body 2',
      'data ab',
      'end',
    ])
  })

  test('http09Responses', () => {
    for (const wire of ['hello', 'H', 'HTTP', 'HTML/1', '\r\n', 'HTTPS/1.1']) {
      expect(receive(wire, { end: true }).events[0]).toMatch(/^failed /u)
      expect(receive(wire, { end: true, options: { http09Responses: true } }).events).toEqual([
        '0.9 200 | body ?',
        `data ${wire}`,
        'end',
        'closed',
      ])
    }
    expect(receive('HTTP/1.1 204 No Content\r\n\r\n', { options: { http09Responses: true } }).events).toEqual(
      ['1.1 204'],
    )
    expect(receive('HTTP/x', { options: { http09Responses: true } }).events).toEqual([
      'failed PARSE_VERSION 502',
      'closed',
    ])
  })

  test('titleCaseHeaders and preserveHeaderCase', () => {
    const sent = (options: H1ClientOptions, headers: HeaderMap): string => {
      const machine = new ClientMachine(options)
      machine.sendHead('GET', '/', '1.1', headers, 0)
      return drain(machine)
    }
    const headers = new HeaderMap({ 'x-a': '1' })
    expect(sent({}, headers)).toBe('GET / HTTP/1.1\r\nx-a: 1\r\n\r\n')
    expect(sent({ titleCaseHeaders: true }, headers)).toBe('GET / HTTP/1.1\r\nX-A: 1\r\n\r\n')
    expect(receive(response('X-a: 1'), { options: { preserveHeaderCase: true } }).events).toEqual([
      '1.1 200 | content-length: 0 | X-a: 1',
    ])
  })
})
