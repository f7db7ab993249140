import { describe, expect, test } from 'vitest'
import {
  Extensions,
  extensionKey,
  HeaderMap,
  headerName,
  headerValue,
  isClientError,
  isIdempotent,
  isInformational,
  isMethod,
  isRedirection,
  isSafe,
  isServerError,
  isStatus,
  isSuccess,
  parseStatus,
  parseUri,
  Uri,
} from '../../src/http/index.ts'
import { codeOf } from '../http/code-of.ts'

const refusal = (text: string): string | null => codeOf(() => parseUri(text))

describe('URIs', () => {
  test('row 331: the four forms parse', () => {
    expect(parseUri('/some/path/here?and=then&hello#and-bye')).toMatchObject({
      form: 'origin',
      scheme: null,
      authority: null,
      host: null,
      port: null,
      path: '/some/path/here',
      query: 'and=then&hello',
    })
    expect(parseUri('http://127.0.0.1:61761/chunks')).toMatchObject({
      form: 'absolute',
      scheme: 'http',
      authority: '127.0.0.1:61761',
      host: '127.0.0.1',
      port: 61_761,
      path: '/chunks',
      query: null,
    })
    expect(parseUri('https://127.0.0.1:61761')).toMatchObject({
      form: 'absolute',
      scheme: 'https',
      path: '/',
    })
    expect(parseUri('*')).toMatchObject({
      form: 'asterisk',
      scheme: null,
      authority: null,
      path: '*',
      query: null,
    })
    expect(parseUri('localhost')).toMatchObject({
      form: 'authority',
      authority: 'localhost',
      port: null,
      path: '',
    })
    expect(parseUri('S')).toMatchObject({ form: 'authority', host: 'S' })
    expect(parseUri('localhost:3000')).toMatchObject({ form: 'authority', host: 'localhost', port: 3000 })
    expect(parseUri('HTTP://Example.org/A')).toMatchObject({
      scheme: 'http',
      authority: 'Example.org',
      path: '/A',
    })
  })

  test('row 332: fragments go, an empty path becomes a slash, an empty query stays apart but equals none', () => {
    expect(parseUri('http://127.0.0.1/#?')).toMatchObject({ path: '/', query: null })
    expect(parseUri('http://127.0.0.1#x')).toMatchObject({ path: '/', query: null })
    expect(parseUri('http://127.0.0.1?foo=bar')).toMatchObject({ path: '/', query: 'foo=bar' })
    expect(parseUri('http://127.0.0.1?foo=bar').toString()).toBe('http://127.0.0.1/?foo=bar')
    expect(parseUri('http://127.0.0.1/path?')).toMatchObject({ path: '/path', query: '' })
    expect(parseUri('http://127.0.0.1/path?').equals('http://127.0.0.1/path')).toBe(true)
    expect(parseUri('http://127.0.0.1/path?x').equals('http://127.0.0.1/path')).toBe(false)
    const shown: [string, string][] = [
      ['/', '/'],
      ['/?', '/?'],
      ['/a?b=1&c', '/a?b=1&c'],
      ['http://h?q', '/?q'],
      ['http://h', '/'],
      ['*', '*'],
      ['h:1', ''],
    ]
    for (const [text, pathAndQuery] of shown) expect(parseUri(text).pathAndQuery).toBe(pathAndQuery)
  })

  test('row 333: userinfo with or without password, percent signs in it but not in the host', () => {
    expect(parseUri('http://a:b@127.0.0.1:1234/')).toMatchObject({
      authority: 'a:b@127.0.0.1:1234',
      userinfo: 'a:b',
      host: '127.0.0.1',
      port: 1234,
    })
    expect(parseUri('http://a:b@127.0.0.1/')).toMatchObject({
      userinfo: 'a:b',
      host: '127.0.0.1',
      port: null,
    })
    expect(parseUri('http://a@127.0.0.1/')).toMatchObject({ userinfo: 'a', host: '127.0.0.1' })
    expect(parseUri('user@localhost:3000')).toMatchObject({ form: 'authority', userinfo: 'user', port: 3000 })
    expect(parseUri('a%2f:b%zz@example.com')).toMatchObject({ userinfo: 'a%2f:b%zz', host: 'example.com' })
    expect(parseUri('http://a@[::1]:80/').host).toBe('[::1]')
    for (const text of [
      'should%2frejected',
      'http://ex%61mple.com/',
      '1234%20[fe80::1:2:3:4]',
      '[fe80::1]%20',
    ]) {
      expect(refusal(text)).toBe('INVALID_TARGET')
    }
  })

  test('row 334: IPv6 literals, with a zone, and brackets in bad order', () => {
    const good = [
      '[2001:0db8:85a3:0000:0000:8a2e:0370:7334]',
      '[::1]',
      '[::]',
      '[2001:db8::2:1]',
      '[::ffff:127.0.0.1]',
      '[1:2:3:4:5:6:7::]',
      '[fe80::1:2:3:4%25eth0]',
      '[v1.a:b]',
    ]
    for (const host of good) {
      expect(parseUri(`http://${host}/`).host).toBe(host)
      expect(parseUri(`http://${host}:8008/`)).toMatchObject({ host, port: 8008 })
      expect(parseUri(host)).toMatchObject({ form: 'authority', host })
    }
    const bad = [
      '[]',
      '[',
      ']',
      '][',
      '[::1',
      '::1]',
      '[::1]]',
      '[[::1]]',
      '[]@[',
      ']o[',
      'a[::1]',
      '[::1]a',
      '[v.a]',
    ]
    const malformed = [
      '[0:1:2:3:4:5:6:7:8:9:10:11:12:13:14]',
      '[1:2:3:4:5:6:7]',
      '[1:2:3:4:5:6:7::8]',
      '[1::2::3]',
      '[:1:2:3:4:5:6:7]',
      '[12345::]',
      '[g::1]',
      '[::1.2.3]',
      '[::1.2.3.256]',
      '[1.2.3.4::]',
      '[::1%]',
      '[::1%a b]',
    ]
    for (const host of [...bad, ...malformed]) {
      expect(refusal(host), host).toBe('INVALID_TARGET')
      expect(refusal(`http://${host}/`), host).toBe('INVALID_TARGET')
    }
  })

  test('row 335: what is no URI', () => {
    const refused = [
      '',
      'http://',
      'htt:p//host',
      'hyper.rs/',
      'hyper.rs?key=val',
      '?key=val',
      'localhost/',
      'localhost?key=val',
      '\0',
      'http://[::1',
      'http://::1]',
      'localhost:8080:3030',
      'localhost:port',
      'localhost:65536',
      '@',
      'http://@/',
      'http://username:password@/wut',
      '/?foo\rbar',
      '/?foo\nbar',
      '/?<>',
      '/a b',
      '/a\tb',
      '/\\',
      'http:///path',
      'ht_tp://host/',
      '1http://host/',
      'localhost#fragment',
    ]
    for (const text of refused) expect(refusal(text), JSON.stringify(text)).toBe('INVALID_TARGET')
  })

  test('row 336: at most 65,534 bytes, and 64 for the scheme', () => {
    expect(parseUri(`/${'a'.repeat(65_533)}`).path).toHaveLength(65_534)
    expect(() => parseUri(`/${'a'.repeat(65_534)}`)).toThrow('longer than 65534')
    expect(parseUri(`${'a'.repeat(64)}://localhost/`).scheme).toBe('a'.repeat(64))
    expect(() => parseUri(`${'a'.repeat(65)}://localhost/`)).toThrow('the scheme is longer than 64')
    expect(() => parseUri(`${'a'.repeat(256)}://localhost/`)).toThrow('the scheme is longer than 64')
  })

  test('row 337: JSON and odd escapes pass, DEL and unencoded text beyond ASCII do not, a path begins with a slash', () => {
    expect(parseUri('/{"bread":"baguette"}').path).toBe('/{"bread":"baguette"}')
    expect(parseUri('/a?{"bread":"baguette"}').query).toBe('{"bread":"baguette"}')
    expect(parseUri('/a%20b%2').path).toBe('/a%20b%2')
    expect(parseUri('/qr=%3').path).toBe('/qr=%3')
    expect(parseUri('/|^`').path).toBe('/|^`')
    for (const text of ['/\x7f', '/a?\x7f', '/\x80', '/ü', '/?ü', '/😀'])
      expect(refusal(text)).toBe('INVALID_TARGET')
    expect(codeOf(() => Uri.from({ path: 'a' }))).toBe('INVALID_TARGET')
    expect(codeOf(() => Uri.from({ path: '' }))).toBe('INVALID_TARGET')
    expect(codeOf(() => Uri.from({ path: '/a?b' }))).toBe('INVALID_TARGET')
  })

  test('row 338: made of parts, of another URI, and `*` about a server', () => {
    expect(
      Uri.from({ scheme: 'http', authority: 'example.com', path: '/foo', query: 'a=1' }).toString(),
    ).toBe('http://example.com/foo?a=1')
    expect(Uri.from({ scheme: 'HTTPS', authority: 'h' })).toMatchObject({ scheme: 'https', path: '/' })
    expect(Uri.from({ authority: 'h:1' })).toMatchObject({ form: 'authority', port: 1 })
    expect(Uri.from({ path: '/x' })).toMatchObject({ form: 'origin', path: '/x', query: null })
    const original = parseUri('http://foo.com/a?b')
    expect(Uri.from(original)).toEqual(original)
    expect(original.with({ path: '/c', query: null }).toString()).toBe('http://foo.com/c')
    expect(original.with({ scheme: 'https' }).toString()).toBe('https://foo.com/a?b')
    expect(original.with({ scheme: null, authority: null })).toEqual(parseUri('/a?b'))
    const star = Uri.from({ scheme: 'https', authority: 'example.com', path: '*' })
    expect(star).toMatchObject({
      form: 'asterisk',
      scheme: 'https',
      host: 'example.com',
      path: '*',
      query: null,
    })
    expect(star.toString()).toBe('https://example.com')
    for (const parts of [
      { scheme: 'http' },
      { scheme: 'h ttp', authority: 'h' },
      { scheme: 'http', authority: 'a b' },
      { authority: 'h', path: '/' },
      { authority: 'h', query: 'q' },
      { scheme: 'http', authority: 'h', query: 'a#b' },
    ]) {
      expect(
        codeOf(() => Uri.from(parts)),
        JSON.stringify(parts),
      ).toBe('INVALID_TARGET')
    }
  })

  test('row 339: authority and path compare with strings, with an order; the authority whatever its case', () => {
    const uri = parseUri('http://Example.com/Path')
    expect(uri.hasAuthority('eXAMPLE.COM')).toBe(true)
    expect(uri.hasAuthority('example.org')).toBe(false)
    expect(parseUri('/path').hasAuthority('')).toBe(false)
    expect(uri.path).toBe('/Path')
    expect(uri.equals('HTTP://eXAMPLE.com/Path')).toBe(true)
    expect(uri.equals('http://example.com/path')).toBe(false)
    expect(uri.equals('no uri at all')).toBe(false)
    const texts = ['http://b/', '/b', 'http://A/b', 'https://a/', '/a?x', 'http://a/a', '/a']
    const sorted = texts.map((text) => parseUri(text)).sort((a, b) => a.compare(b))
    expect(sorted.map(String)).toEqual([
      '/a',
      '/a?x',
      '/b',
      'http://a/a',
      'http://A/b',
      'http://b/',
      'https://a/',
    ])
  })

  test('row 340: a port keeps its text and is compared as a number', () => {
    const uri = parseUri('http://localhost:0080/')
    expect(uri.portText).toBe('0080')
    expect(uri.port).toBe(80)
    expect(uri.toString()).toBe('http://localhost:0080/')
    expect(uri.equals('http://localhost:80/')).toBe(true)
    expect(uri.equals('http://localhost:8080/')).toBe(false)
    expect(uri.equals('http://localhost/')).toBe(false)
    expect(parseUri('http://localhost:/')).toMatchObject({ port: null, portText: '' })
    expect(parseUri('http://localhost:65535/').port).toBe(65_535)
  })
})

describe('methods, status, names and values', () => {
  test('row 341: methods are tokens, case-sensitive; which are safe and idempotent', () => {
    expect(isMethod("!#$%&'*+-.^_`|~0123456789abcxyzABCXYZ")).toBe(true)
    for (const text of [
      '',
      ' ',
      'GET ',
      'G T',
      'GET\r\n',
      '(',
      ')',
      '/',
      ':',
      'é',
      '\0',
      '\u212a',
      '"',
      '{',
    ]) {
      expect(isMethod(text), JSON.stringify(text)).toBe(false)
    }
    const table: [string, safe: boolean, idempotent: boolean][] = [
      ['GET', true, true],
      ['HEAD', true, true],
      ['OPTIONS', true, true],
      ['TRACE', true, true],
      ['PUT', false, true],
      ['DELETE', false, true],
      ['POST', false, false],
      ['PATCH', false, false],
      ['CONNECT', false, false],
      ['get', false, false],
    ]
    for (const [method, safe, idempotent] of table) {
      expect(isMethod(method)).toBe(true)
      expect([isSafe(method), isIdempotent(method)], method).toEqual([safe, idempotent])
    }
  })

  test('row 342: status from exactly three digits, classes at their edges', () => {
    const bytes = (text: string): Uint8Array => Uint8Array.from(text, (char) => char.charCodeAt(0))
    for (let status = 100; status <= 999; status++) {
      expect(parseStatus(String(status))).toBe(status)
      expect(parseStatus(bytes(String(status)))).toBe(status)
      expect(isStatus(status)).toBe(true)
    }
    for (const text of ['', '1', '20', '2000', '099', '000', '+20', ' 20', '20 ', '2x0', '2.0', '٢٠٠']) {
      expect(parseStatus(text), text).toBe(0)
    }
    expect(parseStatus(bytes('20'))).toBe(0)
    for (const status of [0, 99, 1000, 200.5, NaN, Infinity, -200]) expect(isStatus(status)).toBe(false)
    const classes = [isInformational, isSuccess, isRedirection, isClientError, isServerError]
    for (const [i, is] of classes.entries()) {
      const from = (i + 1) * 100
      expect([from - 1, from, from + 99, from + 100].map(is)).toEqual([false, true, true, false])
    }
  })

  test('row 343: field names are folded tokens of at most 65,535 characters', () => {
    expect(headerName('Content-Type')).toBe('content-type')
    expect(headerName('CONTENT-TYPE')).toBe('content-type')
    expect(headerName('X-Own')).toBe('x-own')
    expect(headerName("!#$%&'*+-.^_`|~0123456789AZaz")).toBe("!#$%&'*+-.^_`|~0123456789azaz")
    expect(headerName('a'.repeat(65_535))).toHaveLength(65_535)
    const refused = [
      '',
      ' ',
      'a b',
      'a:',
      'a\r\n',
      '"a"',
      'a"',
      'é',
      '\u212aey',
      'a\0',
      '(',
      '{',
      'a'.repeat(65_536),
    ]
    for (const text of refused) {
      expect(
        codeOf(() => headerName(text)),
        JSON.stringify(text.slice(0, 9)),
      ).toBe('INVALID_HEADER_NAME')
    }
  })

  test('row 344: TAB is allowed in a value; logs escape values and hide sensitive ones', () => {
    const map = new HeaderMap([
      ['x-tab', 'hello\tworld'],
      ['x-quote', 'a"b\\c'],
      ['x-bytes', 'é\x80'],
    ])
    expect(map.get('x-tab')).toBe('hello\tworld')
    map.append('authorization', 'Bearer secret', { sensitive: true })
    expect(String(map)).toBe(
      'HeaderMap { x-tab: "hello\\x09world", x-quote: "a\\"b\\\\c", x-bytes: "\\xe9\\x80", authorization: Sensitive }',
    )
    expect(JSON.stringify(map)).not.toContain('secret')
    const inspect = (map as unknown as Record<symbol, () => string>)[Symbol.for('nodejs.util.inspect.custom')]
    expect(inspect?.call(map)).toBe(String(map))
    expect(map.get('authorization')).toBe('Bearer secret')
    expect(String(new HeaderMap())).toBe('HeaderMap {}')
    for (const value of ['a\r\nb', 'a\nb', 'a\rb', 'a\0b', 'a\x7f', '\x1f', 'Ā', '😀', '…']) {
      expect(
        codeOf(() => headerValue(value)),
        JSON.stringify(value),
      ).toBe('INVALID_HEADER_VALUE')
      expect(codeOf(() => headerValue(`${'x'.repeat(40)}${value}`))).toBe('INVALID_HEADER_VALUE')
    }
  })
})

describe('header map and extensions', () => {
  test('row 345: removing a name with 0, 1, 2 or 3 lines leaves the others in order', () => {
    for (let lines = 0; lines <= 3; lines++) {
      const map = new HeaderMap()
      map.append('a', '1')
      for (let i = 0; i < lines; i++) map.append('gone', String(i)).append('b', String(i))
      expect(map.take('gone')).toEqual(['0', '1', '2'].slice(0, lines))
      expect(map.take('gone')).toEqual([])
      expect(map.delete('gone')).toBe(false)
      expect([...map]).toEqual([['a', '1'], ...['0', '1', '2'].slice(0, lines).map((text) => ['b', text])])
    }
    const several = new HeaderMap([
      ['one', '1'],
      ['many', 'a'],
      ['two', '2'],
      ['many', 'b'],
      ['many', 'c'],
      ['three', '3'],
    ])
    expect(several.delete('Many')).toBe(true)
    expect([...several.entries()].join(' ')).toBe('one,1 two,2 three,3')
  })

  test('row 346: drain empties the map whether or not the iterator is run', () => {
    const pairs: [string, string][] = [
      ['a', '1'],
      ['b', '2'],
      ['a', '3'],
    ]
    const run = new HeaderMap(pairs)
    expect([...run.drain()]).toEqual(pairs)
    expect(run.size).toBe(0)
    const ignored = new HeaderMap(pairs)
    ignored.drain()
    expect([...ignored]).toEqual([])
    const left = new HeaderMap(pairs)
    for (const pair of left.drain()) {
      expect(pair).toEqual(['a', '1'])
      break
    }
    expect(left.has('b')).toBe(false)
    const reused = new HeaderMap(pairs)
    const drained = reused.drain()
    reused.append('c', '4')
    expect([...drained]).toEqual(pairs)
    expect([...reused]).toEqual([['c', '4']])
    const entry = new HeaderMap(pairs)
    expect(entry.take('a')).toEqual(['1', '3'])
    expect([...entry]).toEqual([['b', '2']])
  })

  test('row 347: at most 32,768 fields, however many a caller claims to have', () => {
    const map = new HeaderMap()
    for (let i = 0; i < 32_768; i++) map.append(`x-${i}`, 'v')
    expect(codeOf(() => map.append('x-more', 'v'))).toBe('TOO_MANY_HEADERS')
    expect(map.size).toBe(32_768)
    expect(map.has('x-more')).toBe(false)
    expect(map.set('x-0', 'new').get('x-0')).toBe('new')
    map.delete('x-1')
    expect(map.append('x-more', 'v').size).toBe(32_768)
    expect(codeOf(() => map.append('x-1', 'v'))).toBe('TOO_MANY_HEADERS')
    function* endless(): Generator<[string, string]> {
      for (;;) yield ['x', 'v']
    }
    expect(codeOf(() => new HeaderMap(endless()))).toBe('TOO_MANY_HEADERS')
  })

  test('row 348: an invalid name is never found, and cannot be added', () => {
    const map = new HeaderMap({ valid: 'v' })
    for (const name of ['', 'va lid', 'valid\0', 'é', '\u212a', 'valid:']) {
      expect(map.get(name)).toBe(null)
      expect(map.first(name)).toBe(null)
      expect(map.getAll(name)).toEqual([])
      expect(map.has(name)).toBe(false)
      expect(map.delete(name)).toBe(false)
      expect(map.take(name)).toEqual([])
      expect(codeOf(() => map.set(name, 'v'))).toBe('INVALID_HEADER_NAME')
      expect(codeOf(() => map.append(name, 'v'))).toBe('INVALID_HEADER_NAME')
      expect(codeOf(() => map.markSensitive(name))).toBe('INVALID_HEADER_NAME')
    }
    expect(map.size).toBe(1)
  })

  test('row 350: extensions hold one value per key, a clone is its own, extend replaces', () => {
    const number = extensionKey<number>('value')
    const text = extensionKey<string>('value')
    const bag = new Extensions().set(number, 5).set(number, 6).set(text, 'six')
    expect([bag.get(number), bag.get(text), bag.size]).toEqual([6, 'six', 2])
    const copy = bag.clone()
    copy.set(number, 7)
    expect(copy.delete(text)).toBe(true)
    expect(copy.delete(text)).toBe(false)
    expect([bag.get(number), bag.has(text), copy.get(number), copy.has(text)]).toEqual([6, true, 7, false])
    bag.extend(copy)
    expect([bag.get(number), bag.get(text)]).toEqual([7, 'six'])
    expect(new Extensions().get(number)).toBe(undefined)
  })
})
