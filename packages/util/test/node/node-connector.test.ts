import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { type AddressInfo, createServer, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { HyperError } from '@hyper/core/error'
import { Extensions, HeaderMap, HttpRequest, HttpResponse } from '@hyper/core/http'
import { handshake } from '@hyper/core/h1'
import { handshake as h2Handshake } from '@hyper/core/h2'
import type { Io } from '@hyper/core/rt'
import type { Service } from '@hyper/core/service'
import { HttpProxy, makeTestCertificate, SocksProxy, testCertificate } from '@hyper/testkit'
import {
  CONNECT_TIMINGS,
  type ConnectContext,
  destinationOf,
  FORWARD_PROXY,
  httpTunnel,
  PROXY,
  ProxyRules,
  TLS_INFO,
} from '@hyper/util/connect'
import type { ListenOptions, nodeConnector, NodeConnectorOptions } from '@hyper/util/node'
import { serveAuto } from '@hyper/util/server'
import { afterEach, describe, expect, test } from 'vitest'
import { connectorOf, listen, runtime, secureBy } from '../here.ts'

// Everything together, on real sockets: a server of ours that answers with what it saw, proxies that are not ours.

const cleanups: (() => unknown)[] = []
afterEach(async () => {
  for (const cleanup of cleanups.splice(0)) await cleanup()
})

const service: Service = (request, exchange) =>
  new HttpResponse(
    `${request.version} ${request.method} ${request.target} ${exchange.peer.serverName ?? '-'}`,
    {
      headers: { 'x-seen': [...request.headers].map((field) => field.join('=')).join('|') },
    },
  )

async function serve(options: ListenOptions = {}): Promise<number> {
  const ios: Io[] = []
  const listener = listen(
    { hostname: options.path === undefined ? '127.0.0.1' : undefined, ...options },
    (io) => {
      ios.push(io)
      serveAuto(io, service, { runtime })
    },
  )
  await listener.ready
  cleanups.push(() => {
    for (const io of ios) io.abort()
    return listener.close()
  })
  return listener.address?.port ?? 0
}

async function serveTls(extra: ListenOptions = {}): Promise<number> {
  return serve({ ...extra, tls: { ...(await testCertificate()), alpn: ['h2', 'http/1.1'] } })
}

interface Connected {
  readonly io: Io
  readonly context: ConnectContext
}

async function connect(url: string, options: NodeConnectorOptions = {}): Promise<Connected> {
  return through(connectorOf(options), url)
}

async function through(connector: ReturnType<typeof nodeConnector>, url: string): Promise<Connected> {
  const context = { signal: new AbortController().signal, info: new Extensions() }
  const io = await connector(destinationOf(new URL(url)), context)
  cleanups.push(() => io.abort())
  return { io, context }
}

/** One request, as a transport sends it: by what ALPN says, with an absolute target to a proxy that forwards. */
async function get({ context, io }: Connected, url: string): Promise<string> {
  const { authority } = destinationOf(new URL(url))
  const forward = context.info.get(FORWARD_PROXY)
  const headers = new HeaderMap([['host', authority], ...(forward?.headers ?? [])])
  const request = new HttpRequest('GET', forward === undefined ? new URL(url).pathname : url, { headers })
  const { sender } = (io.peer.alpnProtocol === 'h2' ? h2Handshake : handshake)(io, { runtime })
  return (await sender.send(request)).text()
}

async function tls(): Promise<{ ca: string; alpn: string[] }> {
  return { ca: (await testCertificate()).cert, alpn: ['h2', 'http/1.1'] }
}

async function proxyServer(options: Parameters<typeof HttpProxy.start>[0] = {}): Promise<HttpProxy> {
  const proxy = await HttpProxy.start({ hosts: { 'example.test': '127.0.0.1' }, ...options })
  cleanups.push(() => proxy.close())
  return proxy
}

async function socksServer(options: Parameters<typeof SocksProxy.start>[0] = {}): Promise<SocksProxy> {
  const proxy = await SocksProxy.start({ hosts: { 'example.test': '127.0.0.1' }, ...options })
  cleanups.push(() => proxy.close())
  return proxy
}

const failing = (promise: Promise<unknown>): Promise<HyperError> =>
  promise.then(
    () => Promise.reject(new Error('it connected')),
    (error: HyperError) => error,
  )

describe('straight', () => {
  test('http:, by a name', async () => {
    const url = `http://localhost:${await serve()}/a`
    const connected = await connect(url)
    expect(await get(connected, url)).toBe('1.1 GET /a -')
    expect(connected.context.info.get(CONNECT_TIMINGS)).toEqual({
      dnsMs: expect.any(Number),
      connectMs: expect.any(Number),
      proxyMs: null,
      tlsMs: null,
    })
  })

  test('https: and HTTP/2 by ALPN', async () => {
    const url = `https://localhost:${await serveTls()}/a`
    const connected = await connect(url, { tls: await tls() })
    expect(await get(connected, url)).toBe('2 GET /a localhost')
    expect(connected.context.info.get(TLS_INFO)?.protocol).toBe('TLSv1.3')
    expect(connected.context.info.get(CONNECT_TIMINGS)?.tlsMs).toBeGreaterThanOrEqual(0)
  })

  test('overrides: another address, under the name of the URL', async () => {
    const port = await serveTls()
    const overrides = { 'example.test': `127.0.0.1:${port}` }
    const connected = await connect('https://example.test/', { tls: await tls(), overrides })
    expect(await get(connected, 'https://example.test/')).toBe('2 GET / example.test')
    expect(connected.context.info.get(CONNECT_TIMINGS)?.dnsMs).toBe(null)
  })

  test('one address of two does not answer: the other is there at once', async () => {
    const port = await serve()
    // Nobody is at 127.0.0.9 on that port.
    const overrides = { 'example.test': [`127.0.0.9:${port}`, `127.0.0.1:${port}`] }
    const connected = await connect('http://example.test/', { overrides })
    expect(connected.io.peer.remoteAddress).toBe('127.0.0.1')
  })

  test('nobody is there: every address is named', async () => {
    const server = createServer()
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    const { port } = server.address() as AddressInfo
    server.close()
    const overrides = { 'example.test': [`127.0.0.9:${port}`, `127.0.0.1:${port}`] }
    const error = await failing(connect('http://example.test/', { overrides }))
    expect(error).toMatchObject({
      code: 'CONNECT',
      phase: 'connect',
      retryable: true,
      address: 'example.test:80',
      message: `connecting to 127.0.0.9:${port} failed: nobody listens there (ECONNREFUSED); another address of example.test:80 failed as well`,
      cause: { code: 'ECONNREFUSED' },
    })
    expect((error.cause as AggregateError).errors.length).toBe(2)
  })

  test('row 312: a local address in one family leaves the other out', async () => {
    const port = await serve()
    const seen: string[] = []
    const resolver = {
      resolve: async (host: string) => {
        seen.push(host)
        return [
          { address: '::1', family: 6 },
          { address: '127.0.0.1', family: 4 },
        ] as const
      },
    }
    const tcp = { localAddress: '127.0.0.2' }
    const { io } = await connect(`http://example.test:${port}/`, { resolver, tcp })
    expect([io.peer.localAddress, io.peer.remoteAddress, seen]).toEqual([
      '127.0.0.2',
      '127.0.0.1',
      ['example.test'],
    ])
  })

  test('TLS sessions are resumed', async () => {
    const url = `https://localhost:${await serveTls()}/`
    const connector = connectorOf({ tls: await tls() })
    const resumed: (boolean | undefined)[] = []
    for (let i = 0; i < 2; i++) {
      const connected = await through(connector, url)
      await get(connected, url)
      resumed.push(connected.context.info.get(TLS_INFO)?.isResumed)
    }
    expect(resumed).toEqual([false, true])
  })

  test('a unix socket, plain and by TLS, whatever the URL names', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'hyper-connector-'))
    cleanups.push(() => rmSync(directory, { recursive: true }))
    const path = join(directory, 'plain')
    await serve({ path })
    const proxy = 'http://127.0.0.1:1'
    expect(
      await get(await connect('http://example.test/a', { socketPath: path, proxy }), 'http://example.test/a'),
    ).toBe('1.1 GET /a -')
    const secure = join(directory, 'tls')
    await serveTls({ path: secure })
    const connected = await connect('https://example.test/b', { socketPath: secure, tls: await tls() })
    expect(await get(connected, 'https://example.test/b')).toBe('2 GET /b example.test')
  })

  test('giving up during the handshake of TLS', async () => {
    let handle: (socket: Socket) => unknown = () => undefined
    const hello = new Promise<void>((resolve) => {
      cleanups.push(() => resolve())
      handle = (socket) => socket.on('error', () => undefined).once('data', () => resolve())
    })
    const silent = createServer((socket) => handle(socket))
    silent.listen(0, '127.0.0.1')
    await once(silent, 'listening')
    cleanups.push(() => silent.close())
    const { port } = silent.address() as AddressInfo
    const stop = new AbortController()
    const context = { signal: stop.signal, info: new Extensions() }
    const securing = connectorOf()(destinationOf(new URL(`https://127.0.0.1:${port}`)), context)
    await hello
    stop.abort()
    expect(await failing(securing)).toMatchObject({ code: 'CANCELED', phase: 'tls' })
  })
})

test.each([[5], [true], [{}], [['http://127.0.0.1:1']], [{ url: 'http://127.0.0.1:1' }]])(
  'proxy: %j is refused at once',
  (proxy) => {
    expect(() => connectorOf({ proxy: proxy as never })).toThrow(
      expect.objectContaining({
        code: 'INVALID_OPTION',
        by: 'user',
        message: expect.stringContaining('proxy'),
      }),
    )
  },
)

describe('row 317: through an HTTP proxy', () => {
  test('https: and HTTP/2 through a tunnel', async () => {
    const proxy = await proxyServer({ authorization: 'Basic bWU6c2VjcmV0' })
    const port = await serveTls()
    const url = `https://example.test:${port}/a`
    const connected = await connect(url, {
      tls: await tls(),
      proxy: proxy.url('me:secret'),
      proxyHeaders: { 'x-tenant': '7' },
      proxyUserAgent: 'guide/1.0',
    })
    expect(await get(connected, url)).toBe('2 GET /a example.test')
    expect(proxy.heads).toEqual([
      `CONNECT example.test:${port} HTTP/1.1\r\nhost: example.test:${port}\r\nx-tenant: 7\r\nuser-agent: guide/1.0\r\nproxy-authorization: Basic bWU6c2VjcmV0\r\n\r\n`,
    ])
    expect(connected.context.info.get(PROXY)).toBe(proxy.url())
    expect(connected.context.info.get(CONNECT_TIMINGS)).toEqual({
      dnsMs: null,
      connectMs: expect.any(Number),
      proxyMs: expect.any(Number),
      tlsMs: expect.any(Number),
    })
    expect(connected.io.peer).toMatchObject({ alpnProtocol: 'h2', remoteAddress: '127.0.0.1' })
  })

  test('row 300: http: is forwarded, with an absolute target', async () => {
    const proxy = await proxyServer({ authorization: 'Basic bWU6c2VjcmV0' })
    const url = `http://example.test:${await serve()}/a?b`
    const connected = await connect(url, { proxy: proxy.url('me:secret') })
    expect(await get(connected, url)).toBe('1.1 GET /a?b -')
    expect(proxy.heads[0]).toBe(
      `GET ${url} HTTP/1.1\r\nhost: ${new URL(url).host}\r\nproxy-authorization: Basic bWU6c2VjcmV0\r\n\r\n`,
    )
  })

  test('a proxy that is spoken to by TLS; TLS in TLS, and HTTP/2 inside', async () => {
    const certificate = await makeTestCertificate({ names: ['127.0.0.1'] })
    const proxy = await proxyServer({ tls: certificate })
    const url = `https://example.test:${await serveTls()}/a`
    const options = { tls: await tls(), proxy: proxy.url(), proxyTls: { ca: certificate.cert } }
    const connected = await connect(url, options)
    expect(await get(connected, url)).toBe('2 GET /a example.test')
    expect(proxy.heads[0]).toMatch(/^CONNECT example\.test:/)
    const plain = `http://example.test:${await serve()}/b`
    expect(await get(await connect(plain, options), plain)).toBe('1.1 GET /b -')
  })

  test('what is said of destinations is not said of proxies', async () => {
    const proxy = await proxyServer({ tls: await testCertificate() })
    const error = await failing(connect('https://example.test/', { tls: await tls(), proxy: proxy.url() }))
    expect(error).toMatchObject({
      code: 'TLS',
      phase: 'tls',
      retryable: true,
      message: expect.stringContaining(`the proxy ${proxy.url()} was not reached: TLS with 127.0.0.1:`),
    })
  })

  test('407, and 502 for what the proxy does not reach', async () => {
    const wants = await proxyServer({ authorization: 'Basic bWU6c2VjcmV0' })
    expect(await failing(connect('https://example.test/', { proxy: wants.url('me:wrong') }))).toMatchObject({
      code: 'PROXY',
      by: 'peer',
      statusHint: 502,
      reason: '407',
      retryable: true,
    })
    const proxy = await proxyServer({ hosts: { 'example.test': '127.0.0.9' } })
    expect(await failing(connect('https://example.test:1/', { proxy: proxy.url() }))).toMatchObject({
      code: 'PROXY',
      statusHint: 502,
      reason: '502',
    })
  })

  test('a proxy that is not there', async () => {
    const proxy = await proxyServer()
    const url = proxy.url()
    proxy.close()
    expect(await failing(connect('https://example.test/', { proxy: url }))).toMatchObject({
      code: 'CONNECT',
      message: expect.stringContaining(`the proxy ${url} was not reached: `),
      cause: { cause: { code: 'ECONNREFUSED' } },
    })
  })

  test('bytes behind the head of the answer go to TLS, which finds them wrong', async () => {
    const proxy = await proxyServer({ early: 'HTTP/1.1 400 Bad Request\r\n\r\n' })
    const url = `https://example.test:${await serveTls()}/`
    const error = await failing(connect(url, { tls: await tls(), proxy: proxy.url() }))
    expect(error).toMatchObject({ code: 'TLS', phase: 'tls' })
  })

  test('giving up while a proxy is silent: nothing stays open', async () => {
    const proxy = await proxyServer({ answer: null })
    const stop = new AbortController()
    const context = { signal: stop.signal, info: new Extensions() }
    const connecting = connectorOf({ proxy: proxy.url() })(
      destinationOf(new URL('https://example.test/')),
      context,
    )
    while (proxy.heads.length === 0) await new Promise((resolve) => setImmediate(resolve))
    stop.abort()
    expect(await failing(connecting)).toMatchObject({ code: 'CANCELED', phase: 'connect' })
    while (proxy.sockets.size > 0) await new Promise((resolve) => setImmediate(resolve))
  })

  test('as a layer over another connector', async () => {
    const proxy = await proxyServer()
    const url = `https://example.test:${await serveTls()}/a`
    const secure = secureBy(await tls())
    const connector = httpTunnel(proxy.url(), { runtime, secure })(connectorOf())
    expect(await get(await through(connector, url), url)).toBe('2 GET /a example.test')
  })

  test('rules: NO_PROXY goes straight', async () => {
    const proxy = await proxyServer()
    const url = `http://localhost:${await serve()}/a`
    const rules = ProxyRules.fromEnvironment({ HTTP_PROXY: proxy.url(), NO_PROXY: 'localhost' })
    const connected = await connect(url, { proxy: rules })
    expect(await get(connected, url)).toBe('1.1 GET /a -')
    expect([proxy.heads, connected.context.info.has(PROXY)]).toEqual([[], false])
  })
})

describe('rows 318 and 319: through a SOCKS proxy', () => {
  test.each([
    ['socks5h', '', '5 name example.test'],
    ['socks5h', 'me:secret', '5 name example.test'],
    ['socks5', '', '5 ip 127.0.0.1'],
    ['socks5', 'me:secret', '5 ip 127.0.0.1'],
    ['socks4a', 'me', '4 name example.test'],
    ['socks4', '', '4 ip 127.0.0.1'],
  ])('%s, %j: https: and HTTP/2, and http:', async (scheme, userInfo, asked) => {
    const proxy = await socksServer(userInfo === '' ? {} : { credentials: userInfo })
    const resolver = { resolve: async () => [{ address: '127.0.0.1', family: 4 }] as const }
    const options = { tls: await tls(), proxy: proxy.url(scheme, userInfo), resolver }
    const [secure, plain] = [await serveTls(), await serve()]
    const url = `https://example.test:${secure}/a`
    const connected = await connect(url, options)
    expect(await get(connected, url)).toBe('2 GET /a example.test')
    expect(connected.context.info.get(PROXY)).toBe(proxy.url(scheme))
    const http = `http://example.test:${plain}/b`
    expect(await get(await connect(http, options), http)).toBe('1.1 GET /b -')
    expect(proxy.asked).toEqual([`${asked}:${secure}`, `${asked}:${plain}`])
  })

  test('an IPv6 target', async () => {
    const proxy = await socksServer({ hosts: { '2001:db8::1': '127.0.0.1' } })
    const url = `http://[2001:db8::1]:${await serve()}/a`
    expect(await get(await connect(url, { proxy: proxy.url('socks5') }), url)).toBe('1.1 GET /a -')
    expect(proxy.asked[0]).toMatch(/^5 ip 2001:db8::1:/)
  })

  test('a name with two addresses of which the proxy reaches one', async () => {
    const proxy = await socksServer({ reply: (asked) => (asked.startsWith('127.0.0.9') ? 4 : 0) })
    const resolver = {
      resolve: async () =>
        [
          { address: '127.0.0.9', family: 4 },
          { address: '127.0.0.1', family: 4 },
        ] as const,
    }
    const url = `http://example.test:${await serve()}/a`
    const connected = await connect(url, { proxy: proxy.url('socks5'), resolver })
    expect(await get(connected, url)).toBe('1.1 GET /a -')
    expect(proxy.asked.length).toBe(2)
  })

  test.each([
    [
      'a wrong password',
      'socks5h',
      'me:wrong',
      { credentials: 'me:secret' },
      'it does not accept the user name and password',
    ],
    [
      'no password where one is wanted',
      'socks5h',
      '',
      { credentials: 'me:secret' },
      'it accepts no way of authentication that we offer',
    ],
    ['another user', 'socks4a', 'you', { credentials: 'me' }, 'our identd names somebody else'],
    ['rules', 'socks5h', '', { reply: () => 2 }, 'its rules do not allow it'],
    ['nobody there', 'socks5h', '', { hosts: { 'example.test': '127.0.0.9' } }, 'connection refused'],
  ])('%s', async (_, scheme, userInfo, options, detail) => {
    const proxy = await socksServer(options)
    const error = await failing(connect('http://example.test:1/', { proxy: proxy.url(scheme, userInfo) }))
    expect(error).toMatchObject({
      code: 'PROXY',
      by: 'peer',
      phase: 'connect',
      retryable: true,
      message: `the proxy ${proxy.url(scheme)} gave no way to example.test:1: ${detail}`,
    })
  })

  test('a proxy that never answers', async () => {
    const proxy = await socksServer({ isSilent: true })
    const options = { proxy: proxy.url('socks5h'), handshakeTimeout: 50 }
    expect(await failing(connect('http://example.test/', options))).toMatchObject({
      code: 'CONNECT_TIMEOUT',
      by: 'peer',
      phase: 'connect',
    })
  })
})

test.each([{ proxy: 'ftp://p' }, { overrides: { a: 'b' } }, { attemptDelay: 1 }, { maxSessions: -1 }])(
  'options that cannot be: %j',
  (options) => {
    expect(() => connectorOf(options as NodeConnectorOptions)).toThrow(
      expect.objectContaining({ code: 'INVALID_OPTION' }),
    )
  },
)
