import { createHash } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { fetchUrl } from '../../src/fetch/fetch-url.ts'
import { Places } from '../../src/place.ts'
import { Remembered } from '../../src/remembered.ts'
import { methodOf } from '../../src/fetch/fetch-init.ts'
import { checkIntegrity, hasIntegrity } from '../../src/fetch/integrity.ts'
import { refererOf } from '../../src/fetch/referrer.ts'

// Rules of the standard that need no server.

describe('the Referer of a request', () => {
  const SECURE = 'https://user:secret@from.example/path?query#hash'
  const PLAIN = 'http://from.example/path?query#hash'
  const whole = (url: string): string => url.replace('user:secret@', '').replace('#hash', '')
  const origin = (url: string): string => `${new URL(url).origin}/`

  // Policy; across origins, both encrypted; across origins, to where nothing is; within one origin.
  test.each([
    ['', origin, null, whole],
    ['strict-origin-when-cross-origin', origin, null, whole],
    ['no-referrer', null, null, null],
    ['no-referrer-when-downgrade', whole, null, whole],
    ['same-origin', null, null, whole],
    ['origin', origin, origin, origin],
    ['strict-origin', origin, null, origin],
    ['origin-when-cross-origin', origin, origin, whole],
    ['unsafe-url', whole, whole, whole],
  ])('%s', (policy, across, down, within) => {
    expect(refererOf(SECURE, policy, 'https://to.example/')).toBe(across?.(SECURE) ?? null)
    expect(refererOf(SECURE, policy, 'http://to.example/')).toBe(down?.(SECURE) ?? null)
    expect(refererOf(SECURE, policy, 'https://from.example/')).toBe(within?.(SECURE) ?? null)
    // Nothing is lost where nothing was encrypted, and nobody else is within this machine.
    expect(refererOf(PLAIN, policy, 'http://to.example/')).toBe(across?.(PLAIN) ?? null)
    for (const host of ['127.0.0.1', 'localhost:3000', 'a.localhost', '[::1]'])
      expect(refererOf(SECURE, policy, `http://${host}/`)).toBe(across?.(SECURE) ?? null)
  })

  test('none, and what is none', () => {
    for (const none of ['', 'about:client', 'about:blank']) expect(refererOf(none, '', PLAIN)).toBe(null)
    expect(() => refererOf('relative', '', PLAIN)).toThrow(TypeError)
  })
})

describe('integrity metadata', () => {
  const bytes = new TextEncoder().encode('content')
  const digest = (name: string): string => `${name}-${createHash(name).update(bytes).digest('base64')}`

  test.each([
    digest('sha256'),
    digest('sha384'),
    digest('sha512').toUpperCase().slice(0, 6) + digest('sha512').slice(6),
    `sha256-AAAA ${digest('sha512')}`,
    `sha512-AAAA  ${digest('sha512')}?option`,
    digest('sha512').replaceAll('+', '-').replaceAll('/', '_'),
    'md5-AAAA',
    'sha256',
    '',
  ])('holds: %s', async (metadata) => {
    await checkIntegrity(bytes, metadata)
  })

  test.each(['sha256-AAAA', `${digest('sha256')} sha384-AAAA`, `${digest('sha384')} sha512-AAAA`])(
    'does not hold: %s',
    async (metadata) => {
      await expect(checkIntegrity(bytes, metadata)).rejects.toBeInstanceOf(TypeError)
    },
  )

  test('what asks for nothing is told', () => {
    expect(['', 'md5-AAAA', 'sha256', 'xsha256-AAAA'].map(hasIntegrity)).toEqual([false, false, false, false])
    expect(hasIntegrity('md5-AAAA sha256-AAAA')).toBe(true)
  })
})

describe('URLs', () => {
  test.each([
    ['HTTP://Example.COM:80/a/../b?c#d', 'http://example.com/b?c'],
    ['https://example.com', 'https://example.com/'],
    ['http://example.com/#', 'http://example.com/'],
    ['http://ex\u00e4mple.com/\u00fc ?"#', 'http://xn--exmple-cua.com/%C3%BC%20?%22'],
    ['data:,a#b', 'data:,a'],
  ])('%s', (given, href) => {
    expect(fetchUrl(given).href).toBe(href)
    expect(fetchUrl(given)).toBe(fetchUrl(given))
  })

  test('a text that is remembered is a short one: a data: URL may be as long as a file', () => {
    const places = new Places()
    for (const [length, isKept] of [
      [2_048, true],
      [2_049, false],
    ] as const) {
      const data = 'data:,'.padEnd(length, 'x')
      expect(fetchUrl(data) === fetchUrl(data)).toBe(isKept)
      const url = 'http://a.test/?'.padEnd(length, 'x')
      expect(places.find(url) === places.find(url)).toBe(isKept)
      expect(places.find(url).target).toBe(url.slice('http://a.test'.length))
    }
  })

  test('a thousand are remembered; then the memory starts afresh', () => {
    const remembered = new Remembered<number>()
    for (let i = 1; i <= 1_000; i++) remembered.set(`text ${i}`, i)
    expect([remembered.get('text 1'), remembered.get('text 1000')]).toEqual([1, 1_000])
    remembered.set('one more', 0)
    expect([remembered.get('text 1'), remembered.get('one more')]).toEqual([undefined, 0])
  })

  test('only those of the URL are blocked: the default port and any other are free', () => {
    expect(() => fetchUrl('http://example.com:6667/')).toThrow(/port 6667 is blocked/)
    for (const port of ['80', '443', '3000', '8080', '65535']) fetchUrl(`http://example.com:${port}/`)
  })
})

test('methods', () => {
  expect(['get', 'Post', 'pUT', 'delete', 'head', 'options'].map(methodOf)).toEqual([
    'GET',
    'POST',
    'PUT',
    'DELETE',
    'HEAD',
    'OPTIONS',
  ])
  expect(['patch', 'PATCH', 'PropFind', null].map(methodOf)).toEqual(['patch', 'PATCH', 'PropFind', 'null'])
  for (const refused of ['', 'a b', 'connect', 'TRACE', 'track', 'é'])
    expect(() => methodOf(refused)).toThrow(TypeError)
})
