import { frames } from '@hyper/testkit'
import { describe, expect, test } from 'vitest'
import { Body } from '../../src/body/index.ts'
import { HeaderMap } from '../../src/http/header-map.ts'
import { HttpResponse } from '../../src/http/response.ts'
import { GET, POST, ServerPeer } from './client-kit.ts'
import { dialled } from './dial-kit.ts'
import { served } from './serve-kit.ts'

// RFC 9113 §8.1.1: a message whose content has another length than its content-length is malformed. Some peers end the
// whole connection for one, and whoever forwards it over HTTP/1 sends two messages. None of ours is (rows 68, 176 and 177).

const { request } = frames
const ERROR_500 = 'HEADERS 1 end :status=500'

async function answered(
  body: Body | string | null,
  length: string | readonly string[],
  { method = 'GET', status = 200 } = {},
): Promise<[lines: string[], code: unknown]> {
  const headers = [length].flat().map((value): [string, string] => ['content-length', value])
  const it = await served(() => new HttpResponse(body, { status, headers }))
  const lines = await it.send(request(1, [], { method, endStream: true }))
  const [error] = it.runtime.errors as { code?: unknown }[]
  expect(it.end).toBe(null)
  return [lines, error?.code ?? null]
}

describe('a response', () => {
  test.each([
    ['more than a text has', 'ok', '3'],
    ['less', 'ok', '1'],
    ['none, of a text', 'ok', '0'],
    ['two that are equal', 'ok', ['2', '2']],
    ['a list', 'ok', '2, 2'],
    ['no number', 'ok', '+2'],
    ['no number, of a body of unknown length', Body.from(['ok']), 'x'],
  ])('that announces %s: 500, and nothing of it goes out', async (_name, body, length) => {
    expect(await answered(body, length)).toEqual([[ERROR_500], 'UNEXPECTED_HEADER'])
  })

  test('whose body turns out shorter is reset, and never ends', async () => {
    expect(await answered(Body.from(['a', 'b']), '3')).toEqual([
      ['HEADERS 1 :status=200 content-length=3', 'RST_STREAM 1 INTERNAL_ERROR'],
      'BODY_WRITE_ABORTED',
    ])
  })

  test('whose body turns out longer is cut', async () => {
    expect(await answered(Body.from(['ab', 'cd', 'ef']), '3')).toEqual([
      ['HEADERS 1 :status=200 content-length=3', 'DATA 1 end abc'],
      null,
    ])
  })

  test('that keeps its word goes out as it is', async () => {
    expect(await answered(Body.from(['ab', 'c']), '3')).toEqual([
      ['HEADERS 1 :status=200 content-length=3', 'DATA 1 end abc'],
      null,
    ])
    expect(await answered(Body.from([]), '0')).toEqual([
      ['HEADERS 1 :status=200 content-length=0', 'DATA 1 end'],
      null,
    ])
  })

  test('to HEAD, and 304, may say the length of what does not follow', async () => {
    const says = ['HEADERS 1 end :status=200 content-length=9']
    expect(await answered(null, '9', { method: 'HEAD' })).toEqual([says, null])
    expect(await answered('ok', '9', { method: 'HEAD' })).toEqual([says, null])
    expect(await answered(null, '9', { status: 304 })).toEqual([
      ['HEADERS 1 end :status=304 content-length=9'],
      null,
    ])
  })

  test('that is known to be empty overrides a length, as over HTTP/1', async () => {
    expect(await answered(null, '5')).toEqual([['HEADERS 1 end :status=200'], null])
    expect(await answered('', '5')).toEqual([['HEADERS 1 end :status=200'], null])
  })

  // RFC 9110 §8.6, §15.3.6.
  test.each([204, 205])('%i has neither content nor a length', async (status) => {
    for (const body of ['ok', null, Body.from(['ok'])]) {
      expect(await answered(body, '2', { status })).toEqual([[`HEADERS 1 end :status=${status}`], null])
    }
  })
})

test('an interim response has no length', async () => {
  const it = await served((_, exchange) => {
    exchange.informational(103, { 'content-length': '2', link: '<a>' })
    return new HttpResponse('ok')
  })
  expect(await it.send(request(1))).toEqual([
    'HEADERS 1 :status=103 link=<a>',
    'HEADERS 1 :status=200 content-length=2',
    'DATA 1 end ok',
  ])
})

describe('a request', () => {
  test('row 176: that contradicts its body is the caller’s mistake, and nothing is written', () => {
    const peer = new ServerPeer()
    for (const [length, said] of [
      [5, '7'],
      [0, '7'],
      [-1, 'x'],
    ] as const) {
      expect(() => peer.open(POST, length, new HeaderMap({ 'content-length': said }))).toThrow(
        expect.objectContaining({ code: 'UNEXPECTED_HEADER' }),
      )
    }
    expect(peer.written()).toEqual([])
    peer.open(GET, 0, new HeaderMap({ 'content-length': '0' }))
    expect(peer.written()).toEqual([
      'HEADERS 1 end :method=GET :scheme=http :authority=a :path=/ content-length=0',
    ])
  })

  test('whose body turns out shorter is reset, and fails', async () => {
    const it = await dialled()
    const box = it.request({ method: 'POST', body: Body.from(['a']), headers: { 'content-length': '2' } })
    expect(await it.written()).toEqual([
      expect.stringMatching(/^HEADERS 1 :method=POST .*content-length=2/u),
      'RST_STREAM 1 INTERNAL_ERROR',
    ])
    expect(box.error).toMatchObject({ code: 'BODY_WRITE_ABORTED', by: 'user' })
    expect(it.connection.isClosed).toBe(false)
  })

  test('whose body turns out longer is cut', async () => {
    const it = await dialled()
    it.request({ method: 'POST', body: Body.from(['a', 'bcd']), headers: { 'content-length': '2' } })
    expect((await it.written()).slice(1)).toEqual(['DATA 1 end ab'])
  })
})
