import { describe, expect, test } from 'vitest'
import { HEX, IS_HOST, IS_TARGET, IS_VALUE, TOKEN_LOWER } from '../../src/bytes/char-table.ts'
import { compareVersions, isHostValid, METHODS, parseTarget, reasonPhrase } from '../../src/http/index.ts'

const allowed = (table: Uint8Array): string =>
  Array.from(table, (yes, c) => (yes ? String.fromCharCode(c) : '')).join('')
const ALPHANUMERIC = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'
const sorted = (text: string): string => Array.from(text).sort().join('')

describe('byte classes', () => {
  test('tokens, folded', () => {
    expect(allowed(TOKEN_LOWER)).toBe(sorted(`!#$%&'*+-.^_\`|~${ALPHANUMERIC}`))
    for (let c = 0; c < 256; c++) {
      if (TOKEN_LOWER[c]) expect(TOKEN_LOWER[c]).toBe(String.fromCharCode(c).toLowerCase().charCodeAt(0))
    }
  })

  test('field values: all but controls other than TAB', () => {
    for (let c = 0; c < 256; c++) expect(IS_VALUE[c]).toBe(c === 9 || (c >= 32 && c !== 127) ? 1 : 0)
  })

  test('targets: visible ASCII but for four', () => {
    for (let c = 0; c < 256; c++) {
      expect(IS_TARGET[c]).toBe(c > 32 && c < 127 && !'#\\<>'.includes(String.fromCharCode(c)) ? 1 : 0)
    }
  })

  test('hosts and hexadecimal digits', () => {
    expect(allowed(IS_HOST)).toBe(sorted(`!$&'()*+,-.;=_~${ALPHANUMERIC}`))
    for (let c = 0; c < 256; c++) {
      const text = String.fromCharCode(c)
      expect(HEX[c]).toBe(/[0-9a-f]/i.test(text) ? Number.parseInt(text, 16) : -1)
    }
  })
})

describe('request targets (RFC 9112 §3.2)', () => {
  test('origin form, for every method but CONNECT', () => {
    for (const method of [...METHODS, 'X-OWN']) {
      const target = parseTarget('/where?q=now', method)
      if (method === 'CONNECT') expect(target).toBe(null)
      else expect(target).toMatchObject({ form: 'origin', path: '/where', query: 'q=now', host: null })
    }
    expect(parseTarget('//host/path', 'GET')).toMatchObject({ form: 'origin', path: '//host/path' })
    expect(parseTarget('/a?b?c', 'GET')).toMatchObject({ path: '/a', query: 'b?c' })
    expect(parseTarget('/%00%0d%0a/../"{}|^`', 'GET')?.path).toBe('/%00%0d%0a/../"{}|^`')
  })

  test('absolute form, for every method but CONNECT', () => {
    expect(parseTarget('http://www.example.org/pub?x', 'GET')).toMatchObject({
      form: 'absolute',
      scheme: 'http',
      host: 'www.example.org',
      path: '/pub',
      query: 'x',
    })
    expect(parseTarget('http://www.example.org:8001', 'OPTIONS')).toMatchObject({
      form: 'absolute',
      port: 8001,
    })
    expect(parseTarget('ftp://me@host/file', 'GET')).toMatchObject({ scheme: 'ftp', userinfo: 'me' })
    for (const text of ['http://', 'http:///x', 'https://user@h/', 'urn:a:b', 'http:/h', '://h/']) {
      expect(parseTarget(text, 'GET'), text).toBe(null)
    }
    expect(parseTarget('http://http://a/', 'GET')).toMatchObject({ host: 'http', portText: '', path: '//a/' })
    expect(parseTarget('http://h/', 'CONNECT')).toBe(null)
  })

  test('authority form, for CONNECT only, with a port', () => {
    expect(parseTarget('www.example.com:80', 'CONNECT')).toMatchObject({
      form: 'authority',
      port: 80,
      path: '',
    })
    expect(parseTarget('[::1]:443', 'CONNECT')).toMatchObject({ host: '[::1]', port: 443 })
    for (const text of [
      'h',
      'h:',
      'h:0',
      'h:65536',
      'h:x',
      ':80',
      'u@h:80',
      'h:80/',
      'h:80?',
      '*',
      '/',
      '',
      '[::1]',
    ]) {
      expect(parseTarget(text, 'CONNECT'), text).toBe(null)
    }
    expect(parseTarget('h:80', 'GET')).toBe(null)
  })

  test('asterisk form, for OPTIONS only', () => {
    expect(parseTarget('*', 'OPTIONS')).toMatchObject({ form: 'asterisk', path: '*' })
    for (const method of METHODS) if (method !== 'OPTIONS') expect(parseTarget('*', method)).toBe(null)
    expect(parseTarget('*?', 'OPTIONS')).toBe(null)
  })

  test('characters that no target may hold, in every form', () => {
    for (let c = 0; c < 0x180; c++) {
      const char = String.fromCharCode(c)
      const ok = c < 256 && IS_TARGET[c] === 1
      expect(parseTarget(`/a${char}b`, 'GET') !== null, `U+${c.toString(16)}`).toBe(ok)
      expect(parseTarget(`/?${char}`, 'GET') !== null).toBe(ok)
      expect(parseTarget(`http://h/${char}`, 'GET') !== null).toBe(ok)
    }
    expect(parseTarget('', 'GET')).toBe(null)
    expect(parseTarget('path', 'GET')).toBe(null)
  })
})

describe('Host values (RFC 9110 §7.2)', () => {
  test('a host and an optional port', () => {
    const good = [
      'h',
      'example.org',
      'example.org:80',
      'h:',
      'h:0',
      'h:65535',
      '127.0.0.1:1',
      '[::1]',
      '[::1]:8080',
      'a_b',
      'x,y',
    ]
    for (const text of good) expect(isHostValid(text), text).toBe(true)
  })

  test('nothing else', () => {
    const bad = [
      '',
      ' ',
      ':80',
      'user@h',
      'h/path',
      'h?q',
      'h#f',
      'a, b',
      'a b',
      'h:80:90',
      'h:x',
      'h:-1',
      'h:65536',
      'h:+1',
    ]
    const worse = [
      'http://h',
      'h%2f',
      'é',
      '\u212a',
      'h\0',
      'h\t',
      '[::1',
      '::1',
      '[]',
      '[::1]x',
      '[::1]80',
      'h:80 ',
      'h\\',
      '"h"',
    ]
    for (const text of [...bad, ...worse]) expect(isHostValid(text), JSON.stringify(text)).toBe(false)
  })
})

describe('small tables', () => {
  test('reason phrases, none for what is not registered', () => {
    expect([200, 103, 418, 421, 425, 451, 511].map(reasonPhrase)).toEqual([
      'OK',
      'Early Hints',
      "I'm a teapot",
      'Misdirected Request',
      'Too Early',
      'Unavailable For Legal Reasons',
      'Network Authentication Required',
    ])
    for (const status of [0, 99, 299, 306, 599, 999, NaN]) expect(reasonPhrase(status)).toBe('')
  })

  test('versions in their order', () => {
    expect(compareVersions('1.0', '1.1')).toBeLessThan(0)
    expect(compareVersions('3', '2')).toBeGreaterThan(0)
    expect(compareVersions('0.9', '0.9')).toBe(0)
  })
})
