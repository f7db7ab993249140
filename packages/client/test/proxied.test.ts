import type { HyperError } from '@hyper/core/error'
import { HttpResponse } from '@hyper/core/http'
import { HttpProxy, SocksProxy, lacks, named, testCertificate, type HttpProxyOptions } from '@hyper/testkit'
import { listen, nodeRuntime } from '@hyper/util/node'
import { serveAuto } from '@hyper/util/server'
import { ProxyRules } from '@hyper/util/connect'
import { afterEach, expect, test, vi } from 'vitest'
import { Client, type ClientOptions } from '../src/index.ts'

// The client's own connector: proxies by option and by the environment. Proxies themselves are tested where they are made.

const cleanups: (() => unknown)[] = []
afterEach(async () => {
  vi.unstubAllEnvs()
  for (const cleanup of cleanups.splice(0)) await cleanup()
})

async function serveTls(): Promise<string> {
  const tls = await testCertificate()
  const listener = listen({ hostname: '127.0.0.1', tls }, (io) =>
    serveAuto(io, ({ target }) => new HttpResponse(target), { runtime: nodeRuntime }),
  )
  await listener.ready
  cleanups.push(() => listener.close())
  return `https://example.test:${listener.address?.port}/a`
}

async function httpProxy(options: HttpProxyOptions = {}): Promise<HttpProxy> {
  const proxy = await HttpProxy.start({ hosts: { 'example.test': '127.0.0.1' }, ...options })
  cleanups.push(() => proxy.close())
  return proxy
}

async function get(url: string, options: ClientOptions): Promise<string> {
  const client = new Client({ ca: (await testCertificate()).cert, ...options })
  cleanups.push(() => client.abort())
  return (await client.get(url)).text()
}

test('row 388: https: through a proxy, with its user name and password', async () => {
  const proxy = await httpProxy({ authorization: 'Basic bWU6c2VjcmV0' })
  expect(await get(await serveTls(), { proxy: proxy.url('me:secret') })).toBe('/a')
  expect(proxy.heads[0]).toMatch(/^CONNECT example\.test:\d+ HTTP\/1\.1\r\n/)
})

test.skipIf(lacks.tlsInTls !== null)(
  named('a proxy that is spoken to by TLS: whom the client trusts is trusted there too', lacks.tlsInTls),
  async () => {
    const proxy = await httpProxy({ tls: await testCertificate() })
    expect(await get(await serveTls(), { proxy: proxy.url() })).toBe('/a')
    expect(proxy.heads.length).toBe(1)
  },
)

test('through SOCKS', async () => {
  const proxy = await SocksProxy.start({ hosts: { 'example.test': '127.0.0.1' } })
  cleanups.push(() => proxy.close())
  expect(await get(await serveTls(), { proxy: proxy.url('socks5h') })).toBe('/a')
  expect(proxy.asked[0]).toMatch(/^5 name example\.test:/)
})

test('rules', async () => {
  const proxy = await httpProxy()
  const url = await serveTls()
  expect(await get(url, { proxy: new ProxyRules({ https: proxy.url() }) })).toBe('/a')
  expect(proxy.heads.length).toBe(1)
})

test('row 320: the environment, as it is when the client is made; null is none', async () => {
  const proxy = await httpProxy()
  const url = await serveTls()
  for (const name of ['NO_PROXY', 'no_proxy', 'https_proxy', 'ALL_PROXY', 'all_proxy'])
    vi.stubEnv(name, undefined)
  vi.stubEnv('HTTPS_PROXY', proxy.url())
  expect(await get(url, {})).toBe('/a')
  expect(proxy.heads.length).toBe(1)
  const direct = url.replace('example.test', 'localhost')
  expect(await get(direct, { proxy: null })).toBe('/a')
  vi.stubEnv('NO_PROXY', 'localhost')
  expect(await get(direct, {})).toBe('/a')
  expect(proxy.heads.length).toBe(1)
})

test('what the environment says and is no proxy is told when the client is made', () => {
  vi.stubEnv('HTTPS_PROXY', 'nonsense://p')
  expect(() => new Client()).toThrow(expect.objectContaining({ code: 'INVALID_OPTION' }))
  expect(() => new Client({ proxy: null })).not.toThrow()
})

test('a proxy that wants credentials: the error says so, and to whom', async () => {
  const proxy = await httpProxy({ authorization: 'Basic bWU6c2VjcmV0' })
  const error = await get('https://example.test/', { proxy: proxy.url() }).catch((e: HyperError) => e)
  expect(error).toMatchObject({
    code: 'PROXY',
    by: 'peer',
    phase: 'connect',
    statusHint: 502,
    reason: '407',
    retryable: true,
    message: expect.stringContaining(
      `the proxy ${proxy.url()} gave no way to example.test:443: it answered 407`,
    ),
  })
})
