import { expect, test } from 'vitest'
import { RequestUrls } from '../src/fetch/request-url.ts'

const ORIGIN_FORM = [
  '/',
  '/a/b?c=d&e',
  '/a//b',
  '/a/./b',
  '/a/../b',
  '/a/..',
  '/%2e%2e/b',
  '/a/%2E/b',
  '/.hidden',
  '/a.b/c.d',
  '/a"b',
  "/a?b='c'",
  '/a^b|c`d{e}',
  '/a?b=^|`{}"',
  '/%zz?%',
  '//evil/x',
  '/?//x/../y',
  '/a;b=c,d@e:f!$&()*+=~_-',
  '/a[b]?[c]',
]

test.each(ORIGIN_FORM)('origin-form %s is serialised as the URL standard does', (target) => {
  const urls = new RequestUrls('localhost')
  expect(urls.urlOf(false, 'example.test:8080', target)).toBe(
    new URL(`http://example.test:8080${target}`).href,
  )
  expect(urls.urlOf(true, 'example.test', target)).toBe(new URL(`https://example.test${target}`).href)
})

test.each([
  ['EXAMPLE.test', 'http://example.test/'],
  ['example.test:80', 'http://example.test/'],
  ['127.1', 'http://127.0.0.1/'],
  ['[::1]:8080', 'http://[::1]:8080/'],
  ['a%zz', 'http://fallback/'],
  ['', 'http://fallback/'],
  [null, 'http://fallback/'],
])('host %s', (host, url) => {
  expect(new RequestUrls('fallback').urlOf(false, host, '/')).toBe(url)
})

test.each([
  ['http://other.test/x?y', 'http://other.test/x?y'],
  ['HTTPS://Other.Test:443/../x', 'https://other.test/x'],
  ['other.test:443', 'http://other.test:443/'],
  ['*', 'http://example.test/'],
])('target %s', (target, url) => {
  expect(new RequestUrls('fallback').urlOf(false, 'example.test', target)).toBe(url)
})

test.each([
  ['localhost', 'http://localhost'],
  ['192.0.2.1', 'http://192.0.2.1'],
  ['::1', 'http://[::1]'],
  ['2001:db8::1', 'http://[2001:db8::1]'],
  ['::', 'http://localhost'],
  ['0.0.0.0', 'http://localhost'],
  ['fe80::1%lo', 'http://localhost'],
  ['no host', 'http://localhost'],
])('a request without Host, to a server on %s, is for %s', (hostname, origin) => {
  for (const target of ['/', '/a/../b', '*', '/a'])
    expect(new RequestUrls(hostname).urlOf(false, null, target)).toBe(
      new URL(target.replace('*', '/'), origin).href,
    )
})

test('the scheme of one connection is not that of the next', () => {
  const urls = new RequestUrls('fallback')
  expect([false, true, true, false].map((secure) => urls.urlOf(secure, 'a', '/'))).toEqual([
    'http://a/',
    'https://a/',
    'https://a/',
    'http://a/',
  ])
})
