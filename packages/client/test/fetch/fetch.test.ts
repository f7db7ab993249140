import { inspect } from 'node:util'
import { HyperError } from '@hyper/core/error'
import { HeaderMap } from '@hyper/core/http'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import {
  Client,
  createFetch,
  fetch as sharedFetch,
  FetchError,
  type FetchFunction,
  httpResponseOf,
} from '../../src/index.ts'
import { RawServer } from '../raw-server.ts'
import type { Echoed } from './peer.ts'
import { Peer } from './peer.ts'

// What fetch has beyond the standard, and how it says that something went wrong.

let peer: Peer
let client: Client
let fetch: FetchFunction
const cleanups: (() => unknown)[] = []

beforeEach(async () => {
  peer = await Peer.start()
  client = new Client()
  fetch = client.fetch
})

afterEach(async () => {
  client.abort()
  peer.close()
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup()
})

async function caught(work: Promise<unknown>): Promise<unknown> {
  return work.then(
    () => expect.fail('it did not reject'),
    (error: unknown) => error,
  )
}

async function failure(work: Promise<unknown>): Promise<FetchError> {
  const error = await caught(work)
  expect(error).toBeInstanceOf(FetchError)
  return error as FetchError
}

async function rawServer(...script: Parameters<typeof RawServer.start>): Promise<RawServer> {
  const server = await RawServer.start(...script)
  cleanups.push(() => server.close())
  return server
}

describe('doors', () => {
  test('its type is that of the global', () => {
    const given: typeof globalThis.fetch = sharedFetch
    expect(given).toBe(sharedFetch)
  })

  test('the fetch of a client needs no this, and is one function', async () => {
    const alone = client.fetch
    expect(client.fetch).toBe(alone)
    expect(createFetch(client)).toBe(alone)
    expect(await (await alone(`${peer.url}/text`)).text()).toBe('grüße, world')
  })

  test('the shared one works by itself', async () => {
    expect(await (await sharedFetch(`${peer.url}/text`)).text()).toBe('grüße, world')
  })

  test('it rejects, and never throws', async () => {
    for (const init of ['x', { method: 'A B' }, { headers: null }, { onInformational: 5 }]) {
      const sent = fetch(peer.url, init as unknown as RequestInit)
      expect(await caught(sent)).toBeInstanceOf(TypeError)
    }
  })
})

describe('what every request says', () => {
  const echo = async (given: FetchFunction, init?: RequestInit): Promise<Record<string, string>> =>
    ((await (await given(`${peer.url}/echo`, init)).json()) as Echoed).headers

  test('accept and user-agent, unless it says otherwise', async () => {
    expect(await echo(fetch)).toMatchObject({ accept: '*/*', 'user-agent': 'hyper' })
    const headers = { accept: 'text/html', 'user-agent': 'me' }
    expect(await echo(fetch, { headers })).toMatchObject(headers)
  })

  test('what the client says wins over what fetch would say', async () => {
    const mine = new Client({ headers: { 'user-agent': 'mine', 'x-all': '1' } })
    cleanups.push(() => mine.abort())
    expect(await echo(mine.fetch)).toMatchObject({ accept: '*/*', 'user-agent': 'mine', 'x-all': '1' })
    expect(await echo(mine.fetch, { headers: { 'user-agent': 'other' } })).toMatchObject({
      'user-agent': 'other',
    })
  })

  test('fields of one connection are left out, a close is not', async () => {
    const headers = { 'keep-alive': '1', 'proxy-connection': 'x', 'transfer-encoding': 'x', upgrade: 'x' }
    const got = await echo(fetch, { headers: { ...headers, connection: 'keep-alive, upgrade' } })
    for (const name of Object.keys(headers)) expect(got).not.toHaveProperty(name)
    expect(await echo(fetch, { headers: { connection: 'Close' } })).toMatchObject({ connection: 'Close' })
  })
})

describe('beyond the standard', () => {
  test('onInformational gets the interim responses, with headers that cannot be changed', async () => {
    const seen: unknown[] = []
    const response = await fetch(`${peer.url}/hints`, {
      onInformational(status, headers) {
        seen.push(status, headers.get('link'), headers instanceof Headers)
        expect(() => headers.set('a', 'b')).toThrow(TypeError)
      },
    })
    expect(seen).toEqual([103, '</style.css>; rel=preload', true])
    expect(await response.text()).toBe('hinted')
  })

  test('trailers of the response', async () => {
    const response = await fetch(`${peer.url}/trailers`, { headers: { te: 'trailers' } })
    expect(await response.text()).toBe('content')
    const trailers = await response.trailers
    expect(trailers).toBeInstanceOf(Headers)
    expect(trailers?.get('X-Sum')).toBe('c0ffee')
    expect(await (await fetch(`${peer.url}/status/204`)).trailers).toBe(null)
  })

  test('trailers of a response that is read as a stream, and of its clone', async () => {
    const response = await fetch(`${peer.url}/trailers`)
    const copy = response.clone()
    await Promise.all([response.text(), copy.text()])
    expect((await response.trailers)?.get('x-sum')).toBe('c0ffee')
  })

  test.each([
    ['values', { 'x-sum': '1' }],
    ['a function', () => [['x-sum', '1']]],
    ['a promise', async () => new Headers({ 'x-sum': '1' })],
  ])('trailers of the request: %s', async (_, trailers) => {
    const server = await rawServer((socket, request) => {
      if (request.endsWith('0\r\nx-sum: 1\r\n\r\n'))
        socket.end('HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n')
    })
    const init = { method: 'POST', body: 'x', trailers } as Parameters<FetchFunction>[1]
    expect((await fetch(server.url, init)).status).toBe(200)
  })

  test('timeouts and the limit of the head, for one request', async () => {
    const slow = failure(fetch(`${peer.url}/no-answer`, { timeouts: { headers: 20 } }))
    expect(await slow).toMatchObject({ code: 'HEADERS_TIMEOUT', phase: 'headers', retryable: false })
    const server = await rawServer((socket) =>
      socket.write(`HTTP/1.1 200 OK\r\na: ${'x'.repeat(9000)}\r\n\r\n`),
    )
    const large = failure(fetch(server.url, { maxHeaderSize: 8192 }))
    expect(await large).toMatchObject({ code: 'HEAD_TOO_LARGE', by: 'peer' })
    expect(await failure(fetch(peer.url, { timeouts: { headers: -1 } }))).toMatchObject({
      code: 'INVALID_OPTION',
    })
  })

  test('the headers of a response are those of the engine, whatever their number', async () => {
    const lines = Array.from({ length: 90 }, (_, i) => `x-${i}: ${'v'.repeat(200)}\r\n`).join('')
    const server = await rawServer((socket) =>
      socket.write(`HTTP/1.1 200 \r\n${lines}content-length: 0\r\n\r\n`),
    )
    const { headers, statusText } = await fetch(server.url)
    expect([...headers]).toHaveLength(91)
    expect(headers.get('x-89')).toHaveLength(200)
    expect(statusText).toBe('')
  })
})

describe('errors', () => {
  test('are TypeErrors that say what happened', async () => {
    const error = await failure(fetch('http://127.0.0.1:2/'))
    expect(error).toBeInstanceOf(TypeError)
    expect(error.name).toBe('TypeError')
    expect(error.message).toMatch(
      /^connecting to 127.0.0.1:2 failed: .*ECONNREFUSED.* \(127.0.0.1:2, after \d+ ms\)$/,
    )
    expect(error).toMatchObject({ code: 'CONNECT', by: 'io', phase: 'connect', retryable: true, attempts: 1 })
    expect(error.address).toBe('127.0.0.1:2')
    expect(error.elapsedMs).toBeTypeOf('number')
    expect(error.cause).toBeInstanceOf(HyperError)
    expect(error.cause.cause).toMatchObject({ code: 'ECONNREFUSED' })
  })

  test.each([
    ['close', 'INCOMPLETE_MESSAGE', 'headers'],
    ['reset', 'IO', 'headers'],
    ['malformed', 'CONTENT_LENGTH_INVALID', 'headers'],
  ])('%s', async (path, code, phase) => {
    const error = await failure(fetch(`${peer.url}/${path}`, { method: 'POST', body: 'x' }))
    expect(error).toMatchObject({ code, phase, retryable: false })
    expect(error.message).not.toContain('fetch failed')
  })

  test('a body that is cut off', async () => {
    for (const path of ['truncated', 'truncated-chunked']) {
      const response = await fetch(`${peer.url}/${path}`)
      expect(await failure(response.text())).toMatchObject({ code: 'INCOMPLETE_MESSAGE' })
      const reader = (await fetch(`${peer.url}/${path}`)).body!.getReader()
      await reader.read()
      expect(await failure(reader.read())).toMatchObject({ code: 'INCOMPLETE_MESSAGE' })
    }
  })

  test('a request body that fails, or is of something else', async () => {
    const cause = new Error('no more')
    const failing = new ReadableStream({ pull: (controller) => controller.error(cause) })
    const error = await failure(fetch(`${peer.url}/echo`, { method: 'POST', body: failing, duplex: 'half' }))
    expect(error).toMatchObject({ code: 'BODY_FAILED', by: 'user' })
    expect(error.cause.cause).toBe(cause)
    const body = new ReadableStream({ pull: (controller) => controller.enqueue({}) })
    const odd = failure(fetch(`${peer.url}/echo`, { method: 'POST', body, duplex: 'half' }))
    expect(await odd).toMatchObject({ code: 'INVALID_BODY' })
  })

  test('a secret in a URL is shown to nobody', async () => {
    for (const url of ['http://user:secret@127.0.0.1/', 'secret', 'ftp://secret/', 'http://secret:99999/']) {
      const error = await failure(fetch(url))
      expect(error.code).toBe('INVALID_TARGET')
      expect(inspect(error.message)).not.toContain('secret')
    }
  })

  test('integrity that does not hold', async () => {
    const error = await caught(fetch(`${peer.url}/text`, { integrity: 'sha256-AAAA sha512-BBBB' }))
    expect(error).toBeInstanceOf(TypeError)
    expect((error as Error).message).toContain('its sha512 is ')
  })
})

describe('the response', () => {
  test('can be printed, and read afterwards', async () => {
    const response = await fetch(`${peer.url}/fields`)
    expect(inspect(response)).toMatch(/^Response \{\s+status: 200/)
    expect(inspect(response.headers)).toMatch(/^Headers \{/)
    expect(await response.text()).toBe('')
  })

  test('the engine’s response is behind it', async () => {
    const response = await fetch(`${peer.url}/text`)
    expect(httpResponseOf(response)).toMatchObject({ status: 200, version: '1.1' })
    expect(httpResponseOf(response.clone())).toBe(httpResponseOf(response))
    expect(httpResponseOf(new Response())).toBe(null)
  })

  test('a status beyond the platform’s', async () => {
    const server = await rawServer((socket) =>
      socket.write('HTTP/1.1 799 Odd\r\ncontent-length: 2\r\n\r\nok'),
    )
    const response = await fetch(server.url)
    expect([response.status, response.statusText, await response.text()]).toEqual([799, 'Odd', 'ok'])
  })

  test('content where there must be none is not given, and its connection not used again', async () => {
    const server = await rawServer((socket) =>
      socket.write('HTTP/1.1 205 Reset\r\ncontent-length: 2\r\n\r\nok'),
    )
    const response = await fetch(server.url)
    expect([response.body, await response.text()]).toEqual([null, ''])
  })

  test('a server that switches protocols unasked', async () => {
    const server = await rawServer((socket) =>
      socket.write('HTTP/1.1 101 Switching Protocols\r\nupgrade: x\r\nconnection: upgrade\r\n\r\n'),
    )
    const headers = { connection: 'upgrade', upgrade: 'x' }
    expect(await failure(fetch(server.url, { headers }))).toMatchObject({ by: 'peer', phase: 'headers' })
  })

  test('its stream is a byte stream whose chunks own their memory', async () => {
    const reader = (await fetch(`${peer.url}/text`)).body!.getReader({ mode: 'byob' })
    const first = await reader.read(new Uint8Array(4))
    expect(first.value?.byteLength).toBe(4)
    await reader.cancel()
    const chunk = (await (await fetch(`${peer.url}/text`)).body!.getReader().read()).value!
    expect(chunk.byteLength).toBe(chunk.buffer.byteLength)
  })

  test('arrayBuffer() is no larger than the content', async () => {
    expect((await (await fetch(`${peer.url}/bom`)).arrayBuffer()).byteLength).toBe(6)
  })
})

describe('redirects', () => {
  const to = (path: string, status = 302): string =>
    `${peer.url}/redirect/${status}?to=${encodeURIComponent(path)}`

  test('21 of them say where they went', async () => {
    const error = await failure(fetch(`${peer.url}/loop?n=21`))
    expect(error).toMatchObject({ code: 'TOO_MANY_REDIRECTS', by: 'peer', phase: 'headers' })
    expect(error.message).toContain('redirected more than 20 times')
  })

  test('one that is not wanted, and those that cannot be followed', async () => {
    const refused = { code: 'REDIRECT_REFUSED', retryable: false }
    expect(await failure(fetch(to('/text'), { redirect: 'error' }))).toMatchObject(refused)
    expect(await failure(fetch(to('ftp://peer.example/')))).toMatchObject(refused)
    expect(await failure(fetch(to('http://')))).toMatchObject(refused)
    const body = new Blob(['once']).stream()
    const sent = fetch(to('/echo', 307), { method: 'POST', body, duplex: 'half' })
    expect(await failure(sent)).toMatchObject(refused)
  })

  test('a client keeps its own limit and policy, unless the caller says otherwise', async () => {
    const few = new Client({ redirect: { maxRedirects: 1 } })
    expect(await failure(few.fetch(`${peer.url}/loop?n=2`))).toMatchObject({ code: 'TOO_MANY_REDIRECTS' })
    const seen: string[] = []
    const guarded = new Client({
      redirect({ to: next }) {
        seen.push(next)
        return next.endsWith('/text') ? 'manual' : 'follow'
      },
    })
    const response = await guarded.fetch(to(to('/text')))
    expect([response.status, response.redirected, seen.length]).toEqual([302, true, 2])
    expect((await guarded.fetch(to('/text'), { redirect: 'manual' })).status).toBe(302)
    few.abort()
    guarded.abort()
  })

  test('a signal that aborts on the way', async () => {
    const controller = new AbortController()
    const sent = fetch(to('/no-answer'), { signal: controller.signal })
    setImmediate(() => controller.abort('enough'))
    expect(await caught(sent)).toBe('enough')
  })
})

describe('credentials', () => {
  test('omit: neither cookies nor who the caller is', async () => {
    const cookies = { getCookieString: () => 'a=b', setCookie: () => undefined }
    const mine = new Client({ auth: { username: 'user', password: 'secret' }, cookies })
    const headersOf = async (init?: RequestInit): Promise<Record<string, string>> =>
      ((await (await mine.fetch(`${peer.url}/echo`, init)).json()) as Echoed).headers
    for (const credentials of [undefined, 'include', 'same-origin'] as const)
      expect(await headersOf({ ...(credentials === undefined ? {} : { credentials }) })).toMatchObject({
        authorization: 'Basic dXNlcjpzZWNyZXQ=',
        cookie: 'a=b',
      })
    const none = await headersOf({ credentials: 'omit' })
    expect([none['authorization'], none['cookie']]).toEqual([undefined, undefined])
    mine.abort()
  })
})

test('a Request of the undici package, or of another realm, is one', async () => {
  const alien = {
    url: `${peer.url}/echo`,
    method: 'PUT',
    headers: [['x-a', 'b']],
    body: null,
    bodyUsed: false,
  } as unknown as Request
  const { method, headers } = (await (await fetch(alien)).json()) as Echoed
  expect([method, headers['x-a']]).toEqual(['PUT', 'b'])
})

test('the client may be anything that sends', async () => {
  const { fetchOver } = await import('../../src/fetch/fetch.ts')
  const { HttpResponse } = await import('@hyper/core/http')
  const asked: unknown[] = []
  const made = fetchOver(
    {
      request(url, options) {
        asked.push(url, options?.method)
        return Promise.resolve(new HttpResponse('made up', { headers: new HeaderMap([['x-a', 'b']]) }))
      },
    },
    { headers: new HeaderMap(), redirect: undefined },
  )
  const response = await made('http://nobody.example/a#b', { method: 'post' })
  expect([response.headers.get('x-a'), await response.text(), response.url]).toEqual([
    'b',
    'made up',
    'http://nobody.example/a',
  ])
  expect(asked).toEqual(['http://nobody.example/a', 'POST'])
})

test('an environment that names no proxy rejects, as all that goes wrong does', async () => {
  vi.stubEnv('HTTP_PROXY', 'gopher://127.0.0.1:1')
  vi.resetModules()
  try {
    const fresh = await import('../../src/fetch/index.ts')
    const error = await fresh.fetch('http://127.0.0.1:1/').catch((thrown: unknown) => thrown)
    expect(error).toBeInstanceOf(TypeError)
    expect(error).toMatchObject({ code: 'INVALID_OPTION' })
  } finally {
    vi.unstubAllEnvs()
    vi.resetModules()
  }
})
