// What an application gives must never become more than it says: a text with line ends, NUL or characters that do not fit in a
// byte is refused before one byte of it is written, wherever it stands (RFC 9110 §5.5, §17; the CRLF injections of many clients).
import { Client } from '@hyper/client'
import { HyperError } from '@hyper/core/error'
import { HeaderMap, HttpRequest, HttpResponse } from '@hyper/core/http'
import { serve } from '@hyper/server'
import { createServer, connect, type AddressInfo, type Server } from 'node:net'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'

const BAD: readonly (readonly [string, string])[] = [
  ['CR LF', 'a\r\nX-Injected: 1'],
  ['CR', 'a\rX-Injected: 1'],
  ['LF', 'a\nX-Injected: 1'],
  ['NUL', 'a\0b'],
  ['U+010A, whose low byte is LF', 'a\u010aX-Injected: 1'],
  ['U+560A, whose low byte is LF', 'a\u560aX-Injected: 1'],
  ['an emoji', 'a\u{1f600}'],
]

function codeOf(attempt: () => unknown): string {
  try {
    attempt()
  } catch (error) {
    if (error instanceof HyperError) return error.code
    throw error
  }
  return 'taken'
}

describe.each(BAD)('the client refuses %s', (_name, bad) => {
  let server: Server
  let received: string
  let url: string
  beforeAll(async () => {
    server = createServer((socket) => {
      socket.on('data', (chunk) => {
        received += chunk.toString('latin1')
        socket.write('HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n')
      })
      socket.on('error', () => undefined)
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`
  })
  beforeEach(() => {
    received = ''
  })
  afterAll(() => {
    server.close()
  })

  const attempts: readonly (readonly [string, (client: Client) => Promise<unknown>])[] = [
    ['as a method', (client) => client.request(url, { method: bad })],
    ['as a field name', (client) => client.get(url, { headers: { [bad]: 'v' } })],
    ['as a field value', (client) => client.get(url, { headers: { 'x-a': bad } })],
    ['as a field value in a list', (client) => client.get(url, { headers: { 'x-a': ['ok', bad] } })],
    ['as Host', (client) => client.get(url, { headers: { host: bad } })],
    ['as Content-Type', (client) => client.get(url, { headers: { 'content-type': bad } })],
    ['as Connection', (client) => client.get(url, { headers: { connection: bad } })],
    ['as a protocol to switch to', (client) => client.upgrade(url, { protocol: bad })],
    ['as the authority of a tunnel', (client) => client.tunnel(url, bad)],
  ]
  test.each(attempts)('%s, and writes nothing', async (_where, attempt) => {
    const client = new Client()
    await expect(Promise.resolve().then(() => attempt(client))).rejects.toMatchObject({
      by: 'user',
      code: /^INVALID_/,
    })
    expect(received).toBe('')
    client.abort()
  })

  test('as a part of the path, where a URL does not encode it', async () => {
    const client = new Client()
    await client.get(`${url}${bad}`).then(
      (response) => response.text(),
      () => undefined,
    )
    expect(received).not.toMatch(/\nX-Injected/)
    client.abort()
  })

  test('as a trailer, before the body is complete', async () => {
    const client = new Client()
    const trailers = (): HeaderMap => new HeaderMap([['x-t', bad]])
    await expect(
      client.post(url, { body: 'hello', trailers }).then((response) => response.text()),
    ).rejects.toThrow()
    expect(received).not.toMatch(/\nX-Injected/)
    client.abort()
  })
})

describe.each(BAD)('the server refuses %s', (_name, bad) => {
  const attempts: readonly (readonly [string, () => unknown])[] = [
    ['as a reason phrase', () => new HttpResponse(null, { reason: bad })],
    ['as a field name', () => new HttpResponse(null, { headers: { [bad]: 'v' } })],
    ['as a field value', () => new HttpResponse(null, { headers: { 'x-a': bad } })],
    ['in a map that was checked before', () => new HttpResponse().headers.set('x-a', bad)],
    ['in a map, by appending', () => new HttpResponse().headers.append('x-a', bad)],
    ['as a target', () => new HttpRequest('GET', `/${bad}`)],
    ['as a method', () => new HttpRequest(bad, '/')],
  ]
  test.each(attempts)('%s', (_where, attempt) => {
    expect(codeOf(attempt)).toMatch(/^INVALID_/)
  })
})

describe('what changes after the check', () => {
  // The value is right the first time it is looked at, and wrong the second.
  function turncoat(): { readonly 'x-a': string } {
    let looks = 0
    return {
      get 'x-a'() {
        return looks++ === 0 ? 'fine' : 'bad\r\nX-Injected: 1'
      },
    }
  }

  async function answerOf(make: () => HttpResponse): Promise<string> {
    const server = await serve({ hostname: '127.0.0.1', service: make, onError: () => undefined })
    const socket = connect(server.port, '127.0.0.1')
    let text = ''
    socket.setEncoding('latin1').on('data', (chunk: string) => (text += chunk))
    socket.on('error', () => undefined)
    socket.write('GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n')
    await new Promise((resolve) => socket.once('close', resolve))
    await server.close()
    return text
  }

  test('a getter that turns is read once', async () => {
    expect(await answerOf(() => new HttpResponse('ok', { headers: turncoat() }))).not.toContain('Injected')
  })

  test('an array that is changed later has no effect', async () => {
    const pair: [string, string] = ['x-a', 'fine']
    const text = await answerOf(() => {
      const response = new HttpResponse('ok', { headers: [pair] })
      pair[1] = 'bad\r\nX-Injected: 1'
      return response
    })
    expect(text).toContain('x-a: fine\r\n')
    expect(text).not.toContain('Injected')
  })

  test('an object that becomes text twice is refused or read once', async () => {
    let looks = 0
    const value = { toString: () => (looks++ === 0 ? 'fine' : 'bad\r\nX-Injected: 1') } as unknown as string
    const text = await answerOf(() => new HttpResponse('ok', { headers: { 'x-a': value } }))
    expect(text).toMatch(/^HTTP\/1\.1 (200|500) /)
    expect(text).not.toContain('Injected')
  })

  test('trailers that turn bad cut the answer short, and are not written', async () => {
    const trailers = (): HeaderMap => new HeaderMap([['x-t', 'bad\r\nX-Injected: 1']])
    expect(await answerOf(() => new HttpResponse('ok', { trailers }))).not.toContain('Injected')
  })
})
