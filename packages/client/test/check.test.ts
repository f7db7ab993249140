import { describe, expect, test } from 'vitest'
import { Client, type ClientOptions, type RequestOptions, type VerbOptions } from '../src/index.ts'
import { World } from './kit.ts'

// What a program in plain JavaScript gives by mistake is told, and does not become a request without it.

const invalid = (text: string): unknown =>
  expect.objectContaining({ code: 'INVALID_OPTION', by: 'user', message: expect.stringContaining(text) })

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
    [null, 'the options of a client must be an object, not null'],
    ['https://a.test/', 'the options of a client must be an object, not a string'],
  ])('%j', (options, text) => {
    expect(() => new Client(options as unknown as ClientOptions)).toThrow(invalid(text) as Error)
  })
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
    [{ maxHeaderSize: '1k' }, 'maxHeaderSize must be a number of bytes, not a string'],
    [{ maxHeaderSize: 0 }, 'maxHeaderSize must be a number of bytes, not 0'],
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
      await expect(upgraded).rejects.toEqual(invalid(text))
    }
    expect(world.dials).toEqual([])
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

  test.each([[undefined], [null], [5], [{}], [{ url: URL_A }], [new Request(URL_A)]])(
    'a URL is a text or a URL, not %o',
    async (url) => {
      const { client } = new World('http/1.1')
      const text = expect.stringContaining('the URL must be a text or a URL')
      await expect(client.get(url as never)).rejects.toMatchObject({ code: 'INVALID_TARGET', message: text })
    },
  )
})
