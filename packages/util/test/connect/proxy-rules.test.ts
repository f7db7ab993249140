import {
  type Destination,
  destinationOf,
  type Environment,
  parseProxy,
  ProxyRules,
} from '@hyper/util/connect'
import { describe, expect, test } from 'vitest'
import { NoProxy } from '../../src/connect/proxy/no-proxy.ts'
import { basicAuthorization } from '../../src/connect/proxy/proxy-server.ts'

const to = (url: string): Destination => destinationOf(new URL(url))
const found = (environment: Environment, url: string): string | null =>
  ProxyRules.fromEnvironment(environment).find(to(url))?.url ?? null

describe('the URL of a proxy', () => {
  test.each([
    ['http://p.test:3128', 'http', 'p.test', 3128, false],
    ['http://P.Test/', 'http', 'p.test', 80, false],
    ['https://p.test/ignored?x#y', 'https', 'p.test', 443, true],
    ['https://p.test:80', 'https', 'p.test', 80, true],
    ['http://p.test:443', 'http', 'p.test', 443, false],
    ['p.test', 'http', 'p.test', 80, false],
    ['p.test:3128', 'http', 'p.test', 3128, false],
    ['192.0.2.1:3128', 'http', '192.0.2.1', 3128, false],
    ['[2001:db8::1]:3128', 'http', '2001:db8::1', 3128, false],
    ['  http://p.test:1  ', 'http', 'p.test', 1, false],
    ['socks4://p.test', 'socks4', 'p.test', 1080, false],
    ['socks4a://p.test', 'socks4a', 'p.test', 1080, false],
    ['socks5://P.test:80', 'socks5', 'p.test', 80, false],
    ['SOCKS5H://[::1]', 'socks5h', '::1', 1080, false],
  ])('row 320: %s', (url, scheme, host, port, secure) => {
    const server = parseProxy(url)
    const authority = host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`
    expect(server).toMatchObject({
      scheme,
      url: `${scheme}://${authority}`,
      username: null,
      password: null,
      destination: {
        origin: `${scheme}://${authority}`,
        host,
        port,
        secure,
        authority,
        alpn: ['http/1.1'],
        needsTunnel: true,
      },
    })
  })

  test.each([
    ['http://me:secret@p.test', 'me', 'secret', 'Basic bWU6c2VjcmV0'],
    ['http://me@p.test', 'me', null, 'Basic bWU6'],
    ['http://:secret@p.test', '', 'secret', 'Basic OnNlY3JldA=='],
    ['me:secret@p.test:3128', 'me', 'secret', 'Basic bWU6c2VjcmV0'],
    ['http://m%40e:%3A%2F%C3%A9@p.test', 'm@e', ':/é', 'Basic bUBlOjovw6k='],
    ['http://m%zz:50%@p.test', 'm%zz', '50%', 'Basic bSV6ejo1MCU='],
    ['socks5://me:secret@p.test', 'me', 'secret', 'Basic bWU6c2VjcmV0'],
    ['http://p.test', null, null, null],
  ])('row 320: who we are: %s', (url, username, password, authorization) => {
    const server = parseProxy(url)
    expect([server.username, server.password, basicAuthorization(server)]).toEqual([
      username,
      password,
      authorization,
    ])
    expect(server.url).not.toContain('@')
  })

  test.each([
    '',
    'http://',
    'ftp://p.test',
    'quic://p.test',
    'http://a b',
    'http://p.test:99999',
    'socks5://',
    'socks5://a%20b',
    '://x',
    'http://me:secret@',
  ])('what is none: %j; the message does not repeat it', (url) => {
    const error = caught(() => parseProxy(url)) as Error
    expect(error).toMatchObject({ code: 'INVALID_OPTION', by: 'user' })
    expect(error.message).not.toContain('secret')
  })
})

describe('row 320: the environment', () => {
  test.each([
    ['nothing', {}, null, null],
    ['ALL_PROXY', { ALL_PROXY: 'http://all:1' }, 'http://all:1', 'http://all:1'],
    ['HTTP_PROXY is for http: alone', { HTTP_PROXY: 'http://p:1' }, 'http://p:1', null],
    ['HTTPS_PROXY is for https: alone', { HTTPS_PROXY: 'http://s:1' }, null, 'http://s:1'],
    [
      'the specific one wins',
      { ALL_PROXY: 'http://all:1', HTTPS_PROXY: 'http://s:1' },
      'http://all:1',
      'http://s:1',
    ],
    ['lower case', { http_proxy: 'http://l:1', https_proxy: 'http://ls:1' }, 'http://l:1', 'http://ls:1'],
    ['all_proxy', { all_proxy: 'socks5h://l' }, 'socks5h://l:1080', 'socks5h://l:1080'],
    ['upper before lower case', { HTTP_PROXY: 'http://u:1', http_proxy: 'http://l:1' }, 'http://u:1', null],
    ['empty is not there', { HTTP_PROXY: '', http_proxy: 'http://l:1', ALL_PROXY: ' ' }, 'http://l:1', null],
    ['no scheme is http', { ALL_PROXY: 'p.test:8080' }, 'http://p.test:8080', 'http://p.test:8080'],
    [
      'NO_PROXY before no_proxy',
      { ALL_PROXY: 'http://all:1', NO_PROXY: 'b.test', no_proxy: '*' },
      'http://all:1',
      'http://all:1',
    ],
    ['no_proxy', { ALL_PROXY: 'http://all:1', no_proxy: 'a.test' }, null, null],
  ] as [string, Environment, string | null, string | null][])('%s', (_, environment, http, https) => {
    expect([found(environment, 'http://a.test/'), found(environment, 'https://a.test/')]).toEqual([
      http,
      https,
    ])
  })

  test('under CGI HTTP_PROXY is what a client says', () => {
    const cgi = { REQUEST_METHOD: 'GET', HTTP_PROXY: 'http://evil:1', http_proxy: 'http://evil:1' }
    expect(found(cgi, 'http://a.test/')).toBe(null)
    const rest = { ...cgi, HTTPS_PROXY: 'http://s:1', ALL_PROXY: 'http://all:1' }
    expect([found(rest, 'http://a.test/'), found(rest, 'https://a.test/')]).toEqual([
      'http://all:1',
      'http://s:1',
    ])
  })

  test('what is no proxy is not passed over', () => {
    expect(() => ProxyRules.fromEnvironment({ HTTPS_PROXY: 'gopher://p' })).toThrow(
      expect.objectContaining({
        code: 'INVALID_OPTION',
        message: expect.stringMatching(/^proxy for https: /),
      }),
    )
  })

  test('rules of one’s own', () => {
    const rules = new ProxyRules({ http: 'p:1', https: 'socks5://s', no: 'x.test' })
    expect([rules.find(to('http://a.test/'))?.url, rules.find(to('https://a.test/'))?.url]).toEqual([
      'http://p:1',
      'socks5://s:1080',
    ])
    expect([rules.find(to('https://x.test/')), rules.isEmpty, new ProxyRules({}).isEmpty]).toEqual([
      null,
      false,
      true,
    ])
  })
})

describe('row 321: NO_PROXY', () => {
  test.each([
    ['*', 'a.test', true],
    ['*', '192.0.2.1', true],
    ['x.test, *', 'a.test', true],
    ['', 'a.test', false],
    ['a.test', 'a.test', true],
    ['a.test', 'b.a.test', true],
    ['a.test', 'c.b.a.test', true],
    ['.a.test', 'a.test', true],
    ['.a.test', 'b.a.test', true],
    ['*.a.test', 'a.test', true],
    ['*.a.test', 'b.a.test', true],
    ['a.test', 'ba.test', false],
    ['.a.test', 'ba.test', false],
    ['b.a.test', 'a.test', false],
    ['A.Test', 'a.test', true],
    ['a.test', 'B.A.TEST', true],
    ['a.test.', 'a.test', true],
    ['a.test', 'a.test.', true],
    ['x.test,a.test', 'a.test', true],
    [' x.test , a.test ', 'a.test', true],
    ['x.test a.test', 'a.test', true],
    ['.', 'a.test', false],
    [',,', 'a.test', false],
    ['localhost', '127.0.0.1', false],
    // Addresses.
    ['192.0.2.1', '192.0.2.1', true],
    ['192.0.2.1', '192.0.2.11', false],
    ['192.0.2', '192.0.2.1', false],
    ['2.1', '192.0.2.1', false],
    ['2001:db8::1', '2001:DB8:0::1', true],
    ['[2001:db8::1]', '2001:db8::1', true],
    ['2001:db8::1', '2001:db8::2', false],
    ['192.0.2.1', '::ffff:192.0.2.1', true],
    // Networks.
    ['10.0.0.0/8', '10.255.3.4', true],
    ['10.0.0.0/8', '11.0.0.1', false],
    ['10.1.2.3/8', '10.9.9.9', true],
    ['192.0.2.128/25', '192.0.2.129', true],
    ['192.0.2.128/25', '192.0.2.127', false],
    ['172.16.0.0/12', '172.31.255.255', true],
    ['172.16.0.0/12', '172.32.0.0', false],
    ['0.0.0.0/0', '192.0.2.1', true],
    ['0.0.0.0/0', '2001:db8::1', false],
    ['192.0.2.1/32', '192.0.2.1', true],
    ['fd00::/8', 'fdff::1', true],
    ['fd00::/8', 'fe00::1', false],
    ['2001:db8::/33', '2001:db8:7fff::1', true],
    ['2001:db8::/33', '2001:db8:8000::1', false],
    ['::ffff:10.0.0.0/104', '10.1.1.1', true],
    ['10.0.0.0/33', '10.0.0.0', false],
    ['10.0.0.0/x', '10.0.0.0', false],
    ['10.0.0.0/8/8', '10.0.0.0', false],
    ['10.0.0.0/8', 'a.test', false],
  ])('%j: %s', (text, host, expected) => {
    expect(new NoProxy(text).matches(host, 80)).toBe(expected)
  })

  test.each([
    ['a.test:80', 'a.test', 80, true],
    ['a.test:80', 'a.test', 81, false],
    ['.a.test:8080', 'b.a.test', 8080, true],
    ['192.0.2.1:80', '192.0.2.1', 80, true],
    ['192.0.2.1:80', '192.0.2.1', 443, false],
    ['[2001:db8::1]:80', '2001:db8::1', 80, true],
    ['[2001:db8::1]:80', '2001:db8::1', 81, false],
    ['10.0.0.0/8:80', '10.0.0.1', 80, true],
    ['10.0.0.0/8:80', '10.0.0.1', 81, false],
    ['a.test', 'a.test', 12_345, true],
  ])('%j: %s port %i', (text, host, port, expected) => {
    expect(new NoProxy(text).matches(host, port)).toBe(expected)
  })
})

function caught(fn: () => unknown): unknown {
  try {
    fn()
  } catch (error) {
    return error
  }
  throw new Error('nothing was thrown')
}

test.each([
  [null, 'rules for proxies are an object: { all, http, https, no }'],
  ['http://p.test', 'rules for proxies are an object'],
  [new URL('http://p.test'), 'rules for proxies are an object'],
  [{ ftp: 'http://p.test' }, 'ftp is no rule for proxies; these are: all, http, https, no'],
  [{ all: 'http://p.test', noProxy: 'a.test' }, 'noProxy is no rule for proxies'],
])('what is no rule is told, and nothing goes past a proxy: %o', (init, text) => {
  const message = expect.stringContaining(text)
  expect(() => new ProxyRules(init as never)).toThrow(
    expect.objectContaining({ code: 'INVALID_OPTION', by: 'user', message }),
  )
})
