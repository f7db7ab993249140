import { HyperError } from '@hyper/core/error'
import { type ExtensionKey, extensionKey, Extensions } from '@hyper/core/http'
import type { Io } from '@hyper/core/rt'
import { MockIo, toBytes, VirtualRuntime } from '@hyper/testkit'
import {
  CONNECT_TIMINGS,
  type ConnectContext,
  type ConnectLayer,
  type Connector,
  type Destination,
  destinationOf,
  FORWARD_PROXY,
  httpTunnel,
  PROXY,
  proxied,
  type ProxyOptions,
  ProxyRules,
  socks4,
  socks4a,
  socks5,
  socks5h,
} from '@hyper/util/connect'
import { describe, expect, test } from 'vitest'

// Proxies as layers: a mock in place of the network, time is virtual.

class Bench {
  readonly runtime: VirtualRuntime = new VirtualRuntime()
  readonly ios: MockIo[] = []
  /** What the connector beneath was asked for. */
  readonly reached: Destination[] = []
  /** What TLS was asked for. */
  readonly secured: string[] = []
  readonly stop: AbortController = new AbortController()
  readonly context: ConnectContext = { signal: this.stop.signal, info: new Extensions() }
  readonly options: ProxyOptions & { readonly runtime: VirtualRuntime } = {
    runtime: this.runtime,
    secure: async (io: Io, { origin }) => {
      this.secured.push(origin)
      return io
    },
  }
  readonly inner: Connector = async (destination) => {
    this.reached.push(destination)
    const io = new MockIo()
    this.ios.push(io)
    return io
  }

  /** Connects, and lets what is on its way arrive. */
  async begin(layer: ConnectLayer, url: string, extra: object = {}): Promise<{ outcome: Promise<unknown> }> {
    const connecting = layer(this.inner)({ ...destinationOf(new URL(url)), ...extra }, this.context)
    const outcome = connecting.catch((error: unknown) => error)
    await this.runtime.settle()
    return { outcome }
  }

  io(at: number = 0): MockIo {
    return this.ios[at] as MockIo
  }
}

const resolver = {
  resolve: async () =>
    [
      { address: '2001:db8::1', family: 6 },
      { address: '192.0.2.1', family: 4 },
      { address: '192.0.2.2', family: 4 },
    ] as const,
}
const OK = 'HTTP/1.1 200 OK\r\n\r\n'

describe('row 317: httpTunnel', () => {
  test('to http: and https:, with TLS where that is wanted', async () => {
    for (const [url, secured] of [
      ['http://a.test/', []],
      ['https://a.test/', ['https://a.test']],
    ] as const) {
      const bench = new Bench()
      const { outcome } = await bench.begin(httpTunnel('http://p.test:3128', bench.options), url)
      const port = url.startsWith('https') ? 443 : 80
      expect(bench.io().take()).toBe(`CONNECT a.test:${port} HTTP/1.1\r\nhost: a.test:${port}\r\n\r\n`)
      bench.runtime.advance(5)
      bench.io().feed(OK)
      expect(await outcome).toBe(bench.io())
      expect([bench.io().paused, bench.secured]).toEqual([true, secured])
      expect(bench.reached).toEqual([
        {
          origin: 'http://p.test:3128',
          secure: false,
          host: 'p.test',
          port: 3128,
          authority: 'p.test:3128',
          alpn: ['http/1.1'],
          needsTunnel: true,
        },
      ])
      expect([bench.context.info.get(PROXY), bench.context.info.get(CONNECT_TIMINGS)?.proxyMs]).toEqual([
        'http://p.test:3128',
        5,
      ])
      expect(bench.context.info.has(FORWARD_PROXY)).toBe(false)
    }
  })

  test('user name and password of the URL, fields and user agent', async () => {
    const bench = new Bench()
    const layer = httpTunnel('http://me:secret@p.test', {
      ...bench.options,
      headers: { 'X-Tenant': '7' },
      userAgent: 'guide/1.0',
    })
    await bench.begin(layer, 'http://a.test/')
    expect(bench.io().take()).toBe(
      'CONNECT a.test:80 HTTP/1.1\r\nhost: a.test:80\r\nx-tenant: 7\r\nuser-agent: guide/1.0\r\nproxy-authorization: Basic bWU6c2VjcmV0\r\n\r\n',
    )
    expect(bench.context.info.get(PROXY)).toBe('http://p.test:80')
  })

  test('an authorization of one’s own wins', async () => {
    const bench = new Bench()
    await bench.begin(
      httpTunnel('http://me:secret@p.test', { ...bench.options, authorization: 'Bearer t' }),
      'http://a.test/',
    )
    expect(bench.io().take()).toContain('\r\nproxy-authorization: Bearer t\r\n')
  })

  test('407', async () => {
    const bench = new Bench()
    const { outcome } = await bench.begin(
      httpTunnel('http://u:secret@p.test', bench.options),
      'https://a.test/',
    )
    bench.io().feed('HTTP/1.1 407 x\r\nproxy-authenticate: Basic realm="y"\r\n\r\n')
    expect(await outcome).toMatchObject({
      code: 'PROXY',
      by: 'peer',
      phase: 'connect',
      statusHint: 502,
      reason: '407',
      retryable: true,
      address: 'p.test:80',
      message:
        'the proxy http://p.test:80 gave no way to a.test:443: it answered 407: it wants Basic credentials, or others than it got',
    })
    expect([bench.io().aborted, bench.secured]).toEqual([true, []])
  })

  test.each([
    ['its end', (io: MockIo) => io.feedEnd(), 'it closed the connection before it had answered'],
    ['a clean close', (io: MockIo) => io.feedClose(), 'it closed the connection before it had answered'],
    ['a reset', (io: MockIo) => io.feedClose(new Error('ECONNRESET')), 'the connection was lost: ECONNRESET'],
    ['nonsense', (io: MockIo) => io.feed('SSH-2.0\r\n\r\n'), 'its answer makes no sense'],
  ])('%s', async (_, happen, detail) => {
    const bench = new Bench()
    const { outcome } = await bench.begin(httpTunnel('http://p.test', bench.options), 'http://a.test/')
    happen(bench.io())
    expect(await outcome).toMatchObject({
      code: 'PROXY',
      statusHint: 502,
      reason: null,
      message: expect.stringContaining(detail),
    })
    expect(bench.runtime.timer.pending).toBe(0)
  })

  test('an answer that is early enough is read although writing has failed', async () => {
    const bench = new Bench()
    const { outcome } = await bench.begin(httpTunnel('http://p.test', bench.options), 'http://a.test/')
    bench.io().failWrites()
    bench.io().feed('HTTP/1.1 403 Forbidden\r\n\r\n')
    expect(await outcome).toMatchObject({ code: 'PROXY', statusHint: 502, reason: '403' })
  })

  test('what comes behind the head is the destination’s', async () => {
    const bench = new Bench()
    const { outcome } = await bench.begin(httpTunnel('http://p.test', bench.options), 'http://a.test/')
    bench.io().feed(`${OK}SSH-`)
    const io = (await outcome) as Io
    bench.io().feed('2.0')
    let text = ''
    io.start({
      onData: (chunk) => {
        text += Buffer.from(chunk).toString('latin1')
        return false
      },
      onEnd: () => (text += ' end'),
      onDrain: () => undefined,
      onWriteError: () => undefined,
      onClose: () => undefined,
    })
    await bench.runtime.settle()
    expect(text).toBe('SSH-2.0')
    bench.io().feedEnd()
    expect(text).toBe('SSH-2.0 end')
  })

  test('a proxy that is not there: the error says that it is the proxy', async () => {
    const { options, context } = new Bench()
    const refused = new HyperError('CONNECT', 'connecting to 192.0.2.9:80 failed: nobody listens there', {
      by: 'io',
      phase: 'connect',
      retryable: true,
    })
    const connector = httpTunnel('http://me:secret@p.test', options)(() => Promise.reject(refused))
    await expect(connector(destinationOf(new URL('http://a.test/')), context)).rejects.toMatchObject({
      code: 'CONNECT',
      phase: 'connect',
      by: 'io',
      retryable: true,
      address: 'p.test:80',
      cause: refused,
      message:
        'the proxy http://p.test:80 was not reached: connecting to 192.0.2.9:80 failed: nobody listens there',
    })
    expect(context.info.has(PROXY)).toBe(false)
  })

  test('a chain: the last proxy is the one that is named', async () => {
    const bench = new Bench()
    const { options } = bench
    const layer: ConnectLayer = (inner) =>
      httpTunnel('http://second.test', options)(httpTunnel('http://first.test', options)(inner))
    const { outcome } = await bench.begin(layer, 'https://a.test/')
    expect(bench.io().take()).toContain('CONNECT second.test:80 ')
    bench.io().feed(OK)
    await bench.runtime.settle()
    expect(bench.io().take()).toContain('CONNECT a.test:443 ')
    bench.io().feed(OK)
    await outcome
    expect([bench.context.info.get(PROXY), bench.secured]).toEqual([
      'http://second.test:80',
      ['https://a.test'],
    ])
  })

  test('plain text never goes where TLS was asked for', async () => {
    const { inner, reached, runtime, context } = new Bench()
    const connector = httpTunnel('http://p.test', { runtime })(inner)
    await expect(connector(destinationOf(new URL('https://a.test/')), context)).rejects.toMatchObject({
      code: 'INVALID_OPTION',
      retryable: false,
    })
    expect(reached).toEqual([])
  })

  test.each([
    () => httpTunnel('socks5://p.test', new Bench().options),
    () => socks5h('http://p.test', new Bench().options),
    () => socks5h(`socks5://${'u'.repeat(256)}:x@p.test`, new Bench().options),
    () => httpTunnel('http://p.test', { ...new Bench().options, headers: { 'a b': '1' } }),
    () => httpTunnel('http://p.test', { ...new Bench().options, handshakeTimeout: -1 })(new Bench().inner),
  ])('what cannot be is told at once', (make) => {
    expect(make).toThrow(HyperError)
  })
})

describe('time', () => {
  test.each([
    ['30,000 ms by default', undefined, 30_000],
    ['handshakeTimeout', 700, 700],
  ])('%s', async (_, handshakeTimeout, limit) => {
    const bench = new Bench()
    const layer = socks5h('socks5h://p.test', { ...bench.options, handshakeTimeout })
    const { outcome } = await bench.begin(layer, 'http://a.test/')
    bench.io().feed(toBytes('\x05'))
    bench.runtime.advance(limit - 1)
    await bench.runtime.settle()
    expect(bench.io().aborted).toBe(false)
    bench.runtime.advance(1)
    expect(await outcome).toMatchObject({
      code: 'CONNECT_TIMEOUT',
      by: 'peer',
      phase: 'connect',
      retryable: true,
      elapsedMs: limit,
      message: `the proxy socks5h://p.test:1080 gave no way to a.test:80 within ${limit} ms`,
    })
    expect([bench.io().aborted, bench.runtime.timer.pending]).toEqual([true, 0])
  })

  test('giving up', async () => {
    const bench = new Bench()
    const { outcome } = await bench.begin(httpTunnel('http://p.test', bench.options), 'http://a.test/')
    bench.stop.abort(new Error('enough'))
    expect(await outcome).toMatchObject({
      code: 'CANCELED',
      by: 'user',
      phase: 'connect',
      cause: { message: 'enough' },
    })
    expect([bench.io().aborted, bench.runtime.timer.pending]).toEqual([true, 0])
  })

  test('giving up while the proxy is being reached', async () => {
    const { options, stop, context } = new Bench()
    const connector = httpTunnel(
      'http://p.test',
      options,
    )(async () => {
      stop.abort()
      return new MockIo()
    })
    await expect(connector(destinationOf(new URL('http://a.test/')), context)).rejects.toMatchObject({
      code: 'CANCELED',
    })
  })
})

describe('rows 318 and 319: who looks names up', () => {
  const METHOD = toBytes('\x05\0')
  const BOUND = toBytes('\x05\0\0\x01\x7f\0\0\x01\0P')

  test('socks5h: the proxy', async () => {
    const bench = new Bench()
    const { outcome } = await bench.begin(socks5h('socks5h://p.test', bench.options), 'https://a.test/')
    bench.io().feed(METHOD)
    bench.io().feed(BOUND)
    expect(await outcome).toBe(bench.io())
    expect(bench.io().text).toBe('\x05\x01\0\x05\x01\0\x03\x06a.test\x01\xbb')
    expect(bench.secured).toEqual(['https://a.test'])
  })

  test('socks5: we; one address after the other, as long as it is the address that fails', async () => {
    const bench = new Bench()
    const layer = socks5('socks5://p.test', { ...bench.options, resolver })
    const { outcome } = await bench.begin(layer, 'http://a.test/')
    const asked: string[] = []
    for (const [at, reply] of ['\x05\x04', '\x05\x05', '\x05\0\0\x01\x7f\0\0\x01\0P'].entries()) {
      bench.io(at).feed(METHOD)
      asked.push(Buffer.from(bench.io(at).text.slice(6), 'latin1').toString('hex'))
      bench.io(at).feed(reply)
      await bench.runtime.settle()
    }
    expect(await outcome).toBe(bench.io(2))
    expect(asked).toEqual(['0420010db80000000000000000000000010050', '01c00002010050', '01c00002020050'])
    expect(bench.ios.map(({ aborted }) => aborted)).toEqual([true, true, false])
  })

  test('socks5: another failure ends it; the first one is told', async () => {
    const bench = new Bench()
    const layer = socks5('socks5://p.test', { ...bench.options, resolver })
    const { outcome } = await bench.begin(layer, 'http://a.test/')
    for (const [at, reply] of ['\x05\x04', '\x05\x02'].entries()) {
      bench.io(at).feed(METHOD)
      bench.io(at).feed(reply)
      await bench.runtime.settle()
    }
    expect(await outcome).toMatchObject({
      code: 'PROXY',
      message: 'the proxy socks5://p.test:1080 gave no way to a.test:80: host unreachable',
    })
    expect(bench.ios.length).toBe(2)
  })

  test('socks4: we, IPv4 addresses alone', async () => {
    const bench = new Bench()
    const layer = socks4('socks4://me@p.test', { ...bench.options, resolver })
    const { outcome } = await bench.begin(layer, 'http://a.test/')
    expect(bench.io().text).toBe('\x04\x01\0P\xc0\0\x02\x01me\0')
    bench.io().feed('\0\x5a\0\0\0\0\0\0')
    expect(await outcome).toBe(bench.io())
  })

  test('socks4: a name that has none', async () => {
    const bench = new Bench()
    const only6 = { resolve: async () => [{ address: '2001:db8::1', family: 6 }] as const }
    const layer = socks4('socks4://p.test', { ...bench.options, resolver: only6 })
    const { outcome } = await bench.begin(layer, 'http://a.test/')
    expect(await outcome).toMatchObject({ code: 'DNS', phase: 'dns' })
    expect(bench.ios).toEqual([])
  })

  test('socks4a: the proxy', async () => {
    const bench = new Bench()
    await bench.begin(socks4a('socks4a://p.test', bench.options), 'http://a.test/')
    expect(bench.io().text).toBe('\x04\x01\0P\0\0\0\x01\0a.test\0')
  })

  test('row 319: an IPv6 address through SOCKS4', async () => {
    const bench = new Bench()
    const { outcome } = await bench.begin(socks4a('socks4a://p.test', bench.options), 'http://[2001:db8::1]/')
    expect(await outcome).toMatchObject({
      code: 'PROXY',
      message:
        'the proxy socks4a://p.test:1080 gave no way to [2001:db8::1]:80: SOCKS4 has no IPv6 addresses',
    })
  })

  test('an address needs no resolver', async () => {
    const bench = new Bench()
    const nobody = { resolve: () => Promise.reject(new Error('not to be asked')) }
    await bench.begin(socks5('socks5://p.test', { ...bench.options, resolver: nobody }), 'http://192.0.2.7/')
    bench.io().feed(METHOD)
    expect(bench.io().text).toBe('\x05\x01\0\x05\x01\0\x01\xc0\0\x02\x07\0P')
  })
})

describe('proxied: what goes where', () => {
  const all = (bench: Bench, url: string, extra: object = {}): ConnectLayer =>
    proxied(new ProxyRules({ all: url, no: 'direct.test' }), { ...bench.options, resolver, ...extra })

  test('no proxy: as it is', async () => {
    const bench = new Bench()
    const { outcome } = await bench.begin(all(bench, 'http://p.test'), 'https://direct.test/')
    expect(await outcome).toBe(bench.io())
    expect([bench.reached[0]?.origin, bench.context.info.size]).toEqual(['https://direct.test', 0])
  })

  test('row 300: http: through an HTTP proxy is forwarded, and the connection says so', async () => {
    const bench = new Bench()
    const layer = all(bench, 'http://me:secret@p.test', {
      headers: { 'x-tenant': '7' },
      userAgent: 'guide/1.0',
    })
    const { outcome } = await bench.begin(layer, 'http://a.test/')
    expect(await outcome).toBe(bench.io())
    expect([bench.reached[0]?.origin, bench.io().text]).toEqual(['http://p.test:80', ''])
    const { headers } = bench.context.info.get(FORWARD_PROXY)!
    expect([...headers]).toEqual([
      ['x-tenant', '7'],
      ['proxy-authorization', 'Basic bWU6c2VjcmV0'],
    ])
    expect(String(headers)).not.toContain('bWU6c2VjcmV0')
    expect(bench.context.info.get(PROXY)).toBe('http://p.test:80')
  })

  test('https:, and what needs a tunnel, get one; user-agent is in CONNECT alone', async () => {
    for (const [url, extra] of [
      ['https://a.test/', {}],
      ['http://a.test/', { needsTunnel: true }],
    ] as const) {
      const bench = new Bench()
      const layer = all(bench, 'http://p.test', { headers: { 'x-tenant': '7' }, userAgent: 'guide/1.0' })
      await bench.begin(layer, url, extra)
      expect(bench.io().text).toMatch(/^CONNECT .*\r\nx-tenant: 7\r\nuser-agent: guide\/1.0\r\n\r\n$/s)
    }
  })

  test.each([
    ['socks4://p.test', '\x04\x01\0P\xc0\0\x02\x01\0'],
    ['socks4a://p.test', '\x04\x01\0P\0\0\0\x01\0a.test\0'],
    ['socks5://p.test', '\x05\x01\0'],
    ['socks5h://u:p@p.test', '\x05\x02\0\x02'],
    ['https://p.test', ''],
  ])('%s', async (url, first) => {
    const bench = new Bench()
    await bench.begin(all(bench, url), 'http://a.test/')
    expect([bench.io().text, bench.reached[0]?.secure]).toEqual([first, url.startsWith('https')])
  })

  test('proxies may be reached in another way than destinations', async () => {
    const bench = new Bench()
    const toProxy: Connector = async () => new MockIo({ transport: 'other', encrypted: false })
    const { outcome } = await bench.begin(all(bench, 'http://p.test', { toProxy }), 'http://a.test/')
    expect(((await outcome) as Io).peer.transport).toBe('other')
    expect(bench.reached).toEqual([])
  })

  test('a choice of one’s own', async () => {
    const bench = new Bench()
    const rules = new ProxyRules({ all: 'http://p.test' })
    const find = (destination: Destination): ReturnType<ProxyRules['find']> =>
      destination.host === 'a.test' ? rules.find(destination) : null
    await bench.begin(proxied({ find }, { ...bench.options, resolver }), 'http://a.test/')
    await bench.begin(proxied({ find }, { ...bench.options, resolver }), 'http://b.test/')
    expect(bench.reached.map(({ host }) => host)).toEqual(['p.test', 'b.test'])
  })

  test('credentials that cannot be sent are a rejection', async () => {
    const bench = new Bench()
    const { outcome } = await bench.begin(all(bench, `socks5://${'u'.repeat(256)}@p.test`), 'http://a.test/')
    expect(await outcome).toMatchObject({ code: 'INVALID_OPTION' })
  })
})

test('row 316: every layer’s info stays with the connection; a later value of a key replaces the earlier', async () => {
  const WHO: ExtensionKey<string> = extensionKey('who')
  const OTHER: ExtensionKey<number> = extensionKey('other')
  const naming =
    (name: string): ConnectLayer =>
    (inner) =>
    async (destination, context) => {
      const io = await inner(destination, context)
      context.info.set(WHO, name).set(OTHER, context.info.get(OTHER) ?? name.length)
      return io
    }
  const bench = new Bench()
  await bench.begin((inner) => naming('outer')(naming('in')(inner)), 'http://a.test/')
  expect([bench.context.info.get(WHO), bench.context.info.get(OTHER)]).toEqual(['outer', 2])
})
