import { Socket } from 'node:net'
import { HttpResponse } from '@hyper/core/http'
import { describe, expect, test, vi } from 'vitest'
import {
  Client,
  type ClientOptions,
  createFetch,
  type RequestOptions,
  type VerbOptions,
} from '../src/index.ts'
import { World } from './kit.ts'

// What a program in plain JavaScript gives by mistake is told, and does not become a request without it.

const invalid = (text: string): unknown =>
  expect.objectContaining({ code: 'INVALID_OPTION', by: 'user', message: expect.stringContaining(text) })

const PEM = '# Ours\n-----BEGIN CERTIFICATE-----\n…'
const URL_A = 'https://a.test/'

describe('options of a client', () => {
  test.each([
    [{ timeout: 5_000 }, 'timeout is no option of a client; these are: timeouts, ca,'],
    [{ timeouts: { header: 5 } }, 'header is no option of timeouts; these are: connect, headers,'],
    [{ timeouts: 5 }, 'the options of timeouts must be an object, not 5'],
    [{ pool: { connections: 10 } }, 'connections is no option of pool'],
    [{ pool: null }, 'the options of pool must be an object, not null'],
    [{ rejectUnauthorized: 'false' }, 'rejectUnauthorized must be a boolean, not a string'],
    [{ connector: {} }, 'connector must be a function'],
    [{ tracer: 5 }, 'tracer must be an object'],
    [{ runtime: {} }, 'runtime must be a Runtime'],
    [{ cookies: {} }, 'cookies must be a cookie jar'],
    [{ decompress: 'br' }, 'decompress must be a boolean or an object'],
    [{ retry: 3 }, 'retry must be a boolean or an object of options, not 3'],
    [{ auth: 'me:secret' }, 'auth must be an object with `username` or `bearer`, or null, not a string'],
    [{ layers: [null] }, 'layers must be a list of layers'],
    [{ layers: () => null }, 'layers must be a function that makes a list of layers'],
    [{ layers: [() => null] }, 'a layer must give a service'],
    [{ headers: null }, 'headers must be fields'],
    [{ ca: '/etc/ssl/own.pem' }, 'ca must be certificates, as the text of a PEM file, not a string'],
    [{ ca: [PEM, Buffer.from('/etc/ssl/own.pem')] }, 'ca must be certificates, as the text of a PEM file'],
    [{ tls: { ca: 5 } }, 'tls.ca must be certificates, as the text of a PEM file, not 5'],
    [{ servername: 5 }, 'servername must be a name, not 5'],
    [{ socketPath: '' }, 'socketPath must be the path of a unix socket'],
    [{ timeouts: { connect: '5' } }, 'timeouts.connect must be a number of at least 0, not a string'],
    [{ http1: { maxHeadersize: 5 } }, 'maxHeadersize is no option of http1; these are: titleCaseHeaders,'],
    [{ http1: null }, 'http1 must be a boolean or an object of options, not null'],
    [{ http2: { maxStreams: 5 } }, 'maxStreams is no option of http2; these are: priorKnowledge,'],
    [{ http2: 'prior-knowledge' }, 'http2 must be a boolean or an object of options, not a string'],
    [{ redirect: { max: 5 } }, 'max is no option of redirect; these are: policy, maxRedirects,'],
    [
      { redirect: { maxRedirects: '5' } },
      'redirect.maxRedirects must be a number of at least 0, not a string',
    ],
    [{ redirect: null }, "redirect must be 'follow', 'manual' or 'error'"],
    [{ retry: { limit: 3 } }, 'limit is no option of retry; these are: maxRetries,'],
    [{ retry: { statuses: 503 } }, 'retry.statuses must be a list of integers, not 503'],
    [{ retry: { when: true } }, 'retry.when must be a function'],
    [{ decompress: { limit: 5 } }, 'limit is no option of decompress; these are: maxSize,'],
    [{ decompress: { decoders: { br: null } } }, 'decompress.decoders must be functions that make decoders'],
    [{ auth: { user: 'me', pass: 'secret' } }, 'auth has one of username and bearer'],
    [{ auth: { username: 'me', bearer: 'token' } }, 'auth has one of username and bearer'],
    [{ auth: { username: 'me', password: 5 } }, 'auth.username and auth.password must be strings'],
    [null, 'the options of a client must be an object, not null'],
    ['https://a.test/', 'the options of a client must be an object, not a string'],
  ])('%j', (options, text) => {
    expect(() => new Client(options as unknown as ClientOptions)).toThrow(invalid(text) as Error)
  })
})

test('certificates are text or bytes, one or several', () => {
  for (const ca of [PEM, Buffer.from(PEM), new TextEncoder().encode(PEM), [PEM, Buffer.from(PEM)]] as const)
    for (const options of [{ ca }, { tls: { ca } }])
      expect(() => new Client(options as ClientOptions)).not.toThrow()
})

describe('options of a request', () => {
  test.each([
    [{ timeout: 5_000 }, 'timeout is no option of a request; these are: method, headers, body, json,'],
    [{ timeouts: { keepAlive: 5 } }, 'keepAlive is no option of timeouts of a request'],
    [{ timeouts: null }, 'the options of timeouts of a request must be an object, not null'],
    [{ signal: new AbortController() }, 'signal must be an AbortSignal, not an object'],
    [{ onInformational: true }, 'onInformational must be a function, not a boolean'],
    [{ onDownloadProgress: {} }, 'onDownloadProgress must be a function'],
    [{ trailers: 'x' }, 'trailers must be fields'],
    [{ maxHeaderSize: '1k' }, 'maxHeaderSize must be a number of bytes, 64 at the least, not a string'],
    [{ maxHeaderSize: 63 }, 'maxHeaderSize must be a number of bytes, 64 at the least, not 63'],
    [{ headers: null }, 'headers must be fields: an object, pairs, a Headers or a HeaderMap, not null'],
    [{ headers: 'a: b' }, 'headers must be fields'],
    [{ timeouts: { headers: '5s' } }, 'timeouts.headers must be a number of at least 0, not a string'],
    [{ timeouts: { idle: NaN } }, 'timeouts.idle must be a number of at least 0, not NaN'],
    [{ expectContinue: -1 }, 'expectContinue must be a boolean or milliseconds, not -1'],
    [{ idempotent: 'yes' }, 'idempotent must be a boolean'],
    [{ expectContinue: 'yes' }, 'expectContinue must be a boolean or milliseconds'],
    [{ redirect: 'never' }, "redirect must be 'follow', 'manual' or 'error'"],
    [{ cookies: 'a=b' }, 'cookies must be a cookie jar'],
    [{ decompress: null }, 'decompress must be a boolean or an object'],
    [{ retry: 3 }, 'retry must be a boolean or an object'],
    [{ auth: 'me:secret' }, 'auth must be an object'],
    [null, 'the options of a request must be an object, not null'],
    // As other clients have it: what is to be sent comes second.
    [{ name: 'value' }, 'name is no option of a request'],
    ['some text', 'the options of a request must be an object, not a string'],
  ])('%j', async (options, text) => {
    const world = new World('http/1.1')
    for (const verb of ['request', 'get', 'head', 'post', 'put', 'patch', 'delete'] as const) {
      const asked = world.client[verb](URL_A, options as unknown as VerbOptions)
      await expect(asked).rejects.toEqual(invalid(text))
    }
    const told = options as unknown as VerbOptions
    await expect(world.client.tunnel(URL_A, 'b.test:443', told)).rejects.toEqual(invalid(text))
    if (typeof options === 'object' && options !== null) {
      const upgraded = world.client.upgrade(URL_A, { protocol: 'x', ...told })
      const its = text.replace('a request; these are: method, ', 'an upgrade; these are: protocol, http2, ')
      await expect(upgraded).rejects.toEqual(invalid(its.replace('a request', 'an upgrade')))
    }
    expect(world.dials).toEqual([])
  })

  test.each([
    [{ redirect: { max: 5 } }, 'max is no option of redirect'],
    [{ redirect: { allowDowngrade: 'yes' } }, 'redirect.allowDowngrade must be a boolean'],
    [{ retry: { limit: 3 } }, 'limit is no option of retry; these are: maxRetries,'],
    [{ retry: { budgetShare: 1 } }, 'budgetShare is no option of retry'],
    [{ decompress: { limit: 5 } }, 'limit is no option of decompress'],
    [{ auth: { user: 'me' } }, 'auth has one of username and bearer'],
  ])('of a layer, before anything is sent: %j', async (options, text) => {
    const world = new World('http/1.1')
    await expect(world.client.get(URL_A, options as never)).rejects.toEqual(invalid(text))
    expect(world.dials).toEqual([])
  })

  test('the method is that of the call, whatever the options say', async () => {
    const world = new World('http/1.1')
    const methods: string[] = []
    world.service = ({ method }) => {
      methods.push(method)
      return new HttpResponse('ok')
    }
    const options = { method: 'PUT' } as VerbOptions
    for (const verb of ['get', 'head', 'post', 'put', 'patch', 'delete'] as const)
      await world.done(world.client[verb](URL_A, options))
    expect(methods).toEqual(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE'])
  })

  test.each([
    ['CONNECT', 'CONNECT is for tunnels: client.tunnel() opens one'],
    ['G ET', 'G ET is not a method'],
  ])('%s cannot be requested', async (method, message) => {
    const { client } = new World('http/1.1')
    await expect(client.request(URL_A, { method })).rejects.toMatchObject({ code: 'INVALID_METHOD', message })
  })

  test('an upgrade names its protocol', async () => {
    const { client } = new World('http/1.1')
    for (const options of [undefined, null, {}, { protocol: 5 }])
      await expect(client.upgrade(URL_A, options as never)).rejects.toEqual(invalid('protocol must be'))
  })

  test('undefined is not given, and a layer of one’s own has symbols', async () => {
    const { client, runtime } = new World('http/1.1')
    const options = { signal: undefined, timeouts: undefined, retry: undefined, [Symbol('own')]: 1 }
    const asked = client.get(URL_A, options as RequestOptions)
    await runtime.settle()
    expect((await asked).status).toBe(200)
  })

  test('the source of a body that is not sent is told', async () => {
    const { client } = new World('http/1.1')
    for (const [url, options, code] of [
      [URL_A, { timeout: 5 }, 'INVALID_OPTION'],
      [URL_A, { method: 'G ET' }, 'INVALID_METHOD'],
      ['/a', {}, 'INVALID_TARGET'],
    ] as const) {
      const reasons: unknown[] = []
      const body = new ReadableStream({ cancel: (reason) => void reasons.push(reason) }, { highWaterMark: 0 })
      const asked = client.request(url, { body, ...(options as RequestOptions) })
      await expect(asked).rejects.toMatchObject({ code })
      expect(reasons).toEqual([expect.objectContaining({ code })])
    }
    // A function has made nothing yet, and what is no body has no source.
    const make = vi.fn(() => 'body')
    for (const body of [make, 'text', {}]) {
      const asked = client.request('/a', { body: body as () => string })
      await expect(asked).rejects.toMatchObject({ code: 'INVALID_TARGET' })
    }
    expect(make).not.toHaveBeenCalled()
  })

  test.each([[undefined], [null], [5], [{}], [{ url: URL_A }], [new Request(URL_A)]])(
    'a URL is a text or a URL, not %o',
    async (url) => {
      const { client } = new World('http/1.1')
      const text = expect.stringContaining('the URL must be a text or a URL')
      await expect(client.get(url as never)).rejects.toMatchObject({ code: 'INVALID_TARGET', message: text })
    },
  )
})

test('close() takes an object, and nothing else', async () => {
  const { client, runtime } = new World('http/1.1')
  for (const options of [5_000, null, 'now'])
    await expect(client.close(options as never)).rejects.toEqual(invalid('close() takes an object'))
  await expect(client.close({ timeout: 5 } as never)).rejects.toEqual(
    invalid('timeout is no option of close(); these are: deadline'),
  )
  const asked = client.get(URL_A)
  await runtime.settle()
  expect((await asked).status).toBe(200)
})

test.each([[undefined], [null], [new Socket()]])(
  'a connector that gives no Io is told so: %o',
  async (given) => {
    const { client, runtime } = new World('http/1.1', { connector: () => Promise.resolve(given as never) })
    const asked = client.get(URL_A)
    const refused = expect(asked).rejects.toEqual(invalid('the connector gave'))
    await runtime.settle()
    await refused
    expect(client.connections).toBe(0)
  },
)

test('rules for proxies are made into ProxyRules', () => {
  const proxy = { all: 'http://p.test:3128' } as never
  expect(() => new Client({ proxy })).toThrow(invalid('new ProxyRules({ all, no })') as Error)
})

test('createFetch takes a client, and not the options of one', () => {
  for (const given of [undefined, {}, { timeouts: {} }])
    expect(() => createFetch(given as never)).toThrow(invalid('createFetch takes a client') as Error)
})

test('a layer that gives no HttpResponse is at fault', async () => {
  for (const given of [undefined, new Response('x'), Promise.resolve(null)]) {
    const { client } = new World('http/1.1', { layers: [() => () => given as never] })
    const message = expect.stringContaining('not an HttpResponse')
    await expect(client.get(URL_A)).rejects.toMatchObject({ code: 'SERVICE_FAILED', by: 'user', message })
    await client.close()
  }
})
