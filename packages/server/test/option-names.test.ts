import { type CloseOptions, type ServeOptions, type Server, serve } from '@hyper/server'
import { createServer, type NodeServerOptions } from '@hyper/server/node'
import { expect, test } from 'vitest'

// A name that nobody reads, or a value of another kind, is told when the server is made.

const fetch = (): Response => new Response('a')

test.each([
  [{ host: '127.0.0.1' }, /^host is no option of serve\(\); these are: port, hostname, /],
  [{ timeout: 1 }, /^timeout is no option of serve\(\); these are: /],
  [
    { timeouts: { header: 1 } },
    /^header is no option of timeouts; these are: handshake, headers, idle, .*, connectionAge$/,
  ],
  [{ limits: { maxBodySize: 1 } }, /^maxBodySize is no option of limits; these are: maxHeaderSize, /],
  [{ http1: { keepalive: false } }, /^keepalive is no option of http1; these are: titleCaseHeaders, /],
  [{ http2: { keepAlive: 1 } }, /^keepAlive is no option of http2; these are: initialStreamWindowSize, /],
  [
    { signals: { timeout: 1 } },
    /^timeout is no option of signals; these are: names, deadline, grace, delay$/,
  ],
  [
    { proxyProtocol: { trusted: ['::1'], timeout: 1 } },
    /^timeout is no option of proxyProtocol; these are: trusted, others, maxSize$/,
  ],
  [{ timeouts: 5_000 }, 'timeouts must be an object of options'],
  [{ limits: null }, 'limits must be an object of options'],
  [{ http1: 'off' }, 'http1 must be a boolean or an object of options'],
  [{ http2: 0 }, 'http2 must be a boolean or an object of options'],
  [{ http1: { allowBareLf: 1 } }, 'http1.allowBareLf must be a boolean'],
  [{ http2: { enableConnectProtocol: 'yes' } }, 'http2.enableConnectProtocol must be a boolean'],
  [{ hostname: 5 }, 'hostname must be an address or a name'],
  [{ hostname: '' }, 'hostname must be an address or a name'],
  [{ path: '' }, 'path must be the path of a unix socket'],
  [{ backlog: -1 }, 'backlog must be a whole number of at least 0'],
  [{ onError: console }, 'onError must be a function'],
  [{ tracer: () => {} }, 'tracer must be an object of hooks'],
  [{ signal: new AbortController() }, 'signal must be an AbortSignal'],
  [{ runtime: {} }, 'runtime must be a Runtime'],
])('%j is refused', async (options, message) => {
  await expect(serve({ fetch, ...options } as unknown as ServeOptions)).rejects.toMatchObject({
    code: 'INVALID_OPTION',
    by: 'user',
    message: typeof message === 'string' ? message : expect.stringMatching(message),
  })
})

test('an application in place of options is told how it is given', async () => {
  class App {
    readonly routes: unknown[] = []
    fetch = fetch
  }
  await expect(serve(new App() as ServeOptions)).rejects.toMatchObject({
    code: 'INVALID_OPTION',
    message: expect.stringMatching(
      /^an application is given as serve\(\{ fetch: app\.fetch \}\)\. routes is no option of serve\(\); /,
    ),
  })
})

test('an option that is undefined is not there', async () => {
  const absent = { hostname: undefined, timeouts: undefined, limits: { maxHeaders: undefined } }
  const server = await serve({ fetch, listen: false, ...absent, signal: undefined, signals: undefined })
  expect(await (await server.inject('/')).text()).toBe('a')
  await server.close()
})

test.each([
  [10_000, 'close() takes an object: close({ deadline: 10_000 })'],
  [() => {}, 'close() takes an object: close({ deadline: 10_000 })'],
  [null, 'close() takes an object: close({ deadline: 10_000 })'],
  [{ timeout: 1 }, 'timeout is no option of close(); these are: deadline, grace'],
])('close(%j) is refused, and nothing is closed', async (options, message) => {
  const server: Server = await serve({ fetch, listen: false })
  expect(() => server.close(options as CloseOptions)).toThrow(
    expect.objectContaining({ code: 'INVALID_OPTION', by: 'user', message }),
  )
  expect(server.ready).toBe(true)
  expect(await (await server.inject('/')).text()).toBe('a')
  await server.close()
})

test.each([
  [{ timeouts: { header: 1 } }, /^header is no option of timeouts; /],
  [{ limits: { maxBodySize: 1 } }, /^maxBodySize is no option of limits; /],
  [{ http2: { keepAlive: 1 } }, /^keepAlive is no option of http2; /],
  [{ onError: console }, /^onError must be a function$/],
])('a node-shaped server refuses %j, too', (options, message) => {
  expect(() => createServer(options as unknown as NodeServerOptions)).toThrow(
    expect.objectContaining({ code: 'INVALID_OPTION', message: expect.stringMatching(message) }),
  )
})
