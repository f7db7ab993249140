// The server's driver over a MockIo that overwrites memory which is given back: however the bytes are cut, and whenever
// the service reads, the answers are the same.

import { chunkings } from '@hyper/testkit'
import { describe, expect, test } from 'vitest'
import { HeaderMap } from '../../src/http/header-map.ts'
import { HttpResponse } from '../../src/http/response.ts'
import type { Service } from '../../src/service/service.ts'
import { connected } from './connected.ts'
import { get, post, refusal } from './wire.ts'

const echo: Service = async (request) => {
  const text = await request.text()
  const trailers = await request.trailers
  return new HttpResponse(
    `${request.method} ${request.target} ${request.headers.get('x-a') ?? ''} ${text} ${trailers?.get('sum') ?? ''}`,
  )
}

const WIRE =
  post(['content-length: 11', 'X-A: one'], 'hello world') +
  get('x-a: two') +
  post(['transfer-encoding: chunked'], '5;a=b\r\nhello\r\n6\r\n there\r\n0\r\nsum: 42\r\n\r\n') +
  '\r\n' +
  get('x-a: three', 'connection: close')

const body = (text: string): string => `content-length: ${text.length}\r\n`
const ANSWERS = ['POST / one hello world ', 'GET / two  ', 'POST /  hello there 42'].map(
  (text) => `HTTP/1.1 200 OK\r\n${body(text)}\r\n${text}`,
)
const LAST = `HTTP/1.1 200 OK\r\n${body('GET / three  ')}connection: close\r\n\r\nGET / three  `

async function answersTo(chunks: readonly Uint8Array[], service: Service): Promise<string> {
  const it = connected(service, { keepAliveHint: false, halfClose: true })
  let text = ''
  for (const chunk of chunks) {
    it.io.feed(chunk)
    await Promise.resolve()
  }
  it.io.feedEnd()
  for (let i = 0; i < 4; i++) text += await it.written()
  expect(it.io.ended).toBe(true)
  expect(it.runtime.errors).toEqual([])
  return text
}

describe('the answers of a connection', () => {
  test('are the same however the requests are cut', async () => {
    for (const chunking of chunkings(WIRE, { trailing: get(), maxCuts: 64 })) {
      expect(await answersTo(chunking.chunks, echo), chunking.name).toBe(ANSWERS.join('') + LAST)
    }
  })

  test('are the same when nobody reads the bodies', async () => {
    const ignoring: Service = (request) => new HttpResponse(request.headers.get('x-a') ?? 'none')
    const expected = ['one', 'two', 'none']
      .map((text) => `HTTP/1.1 200 OK\r\n${body(text)}\r\n${text}`)
      .join('')
    const last = `HTTP/1.1 200 OK\r\n${body('three')}connection: close\r\n\r\nthree`
    for (const chunking of chunkings(WIRE, { trailing: 'junk', maxCuts: 64 })) {
      expect(await answersTo(chunking.chunks, ignoring), chunking.name).toBe(expected + last)
    }
  })

  test('a bad body is answered once, and nothing after it is read', async () => {
    const wire = post(['transfer-encoding: chunked'], '5\r\nhelloXX0\r\n\r\n') + get()
    for (const chunking of chunkings(wire, { maxCuts: 64 })) {
      const it = connected(echo)
      let text = ''
      for (const chunk of chunking.chunks) text += await it.ask(new TextDecoder('latin1').decode(chunk))
      expect(text, chunking.name).toBe(refusal(400))
      it.io.feedEnd()
      await it.written()
      expect([it.code, it.end?.reasons]).toEqual(['PARSE_CHUNK', ['peer-error']])
    }
  })

  test('a service that swallows the error of a body does not answer', async () => {
    const it = connected(async (request) => {
      await request.text().catch(() => undefined)
      return new HttpResponse('fine')
    })
    expect(await it.ask(post(['transfer-encoding: chunked'], 'x\r\n'))).toBe(refusal(400))
    expect(await it.written()).toBe('')
  })

  test('what a service wrote before the failure is followed by nothing', async () => {
    const it = connected(
      (request) =>
        new HttpResponse(
          (async function* () {
            yield 'a'
            yield await request.text()
          })(),
          { headers: new HeaderMap({ 'x-b': '1' }) },
        ),
      { keepAliveHint: false },
    )
    expect(await it.ask(post(['transfer-encoding: chunked']))).toBe(
      'HTTP/1.1 200 OK\r\nx-b: 1\r\ntransfer-encoding: chunked\r\n\r\n1\r\na\r\n',
    )
    expect(await it.ask('x\r\n')).toBe('')
    expect(it.code).toBe('PARSE_CHUNK')
  })
})
