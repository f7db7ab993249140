import { describe, expect, test } from 'vitest'
import { EMPTY_BODY, FullBody } from '../../src/body/index.ts'
import { extensionKey, HeaderMap, HttpRequest, HttpResponse } from '../../src/http/index.ts'
import { codeOf } from './code-of.ts'

const KEY = extensionKey<string>('test')

describe('HttpRequest', () => {
  test('has defaults, and takes what it is given', async () => {
    const plain = new HttpRequest('GET', '/')
    expect([plain.method, plain.target, plain.version, plain.headers.size]).toEqual(['GET', '/', '1.1', 0])
    expect(plain.body).toBe(EMPTY_BODY)
    const headers = new HeaderMap({ a: '1' })
    const full = new HttpRequest('post', '/x?y', { headers, body: '{"a":1}', version: '1.0' })
    expect([full.method, full.version]).toEqual(['post', '1.0'])
    expect(full.headers).toBe(headers)
    expect(await full.json()).toEqual({ a: 1 })
    expect(await new HttpRequest('PUT', '/', { body: 'é' }).bytes()).toEqual(Uint8Array.of(0xc3, 0xa9))
    expect(await new HttpRequest('PUT', '/', { body: 'é', headers: { b: '2' } }).text()).toBe('é')
  })

  test('refuses a method that is no token', () => {
    for (const method of ['', 'G T', 'GET\r\n', 'GET\0', 'é', 5 as never, undefined as never]) {
      expect(codeOf(() => new HttpRequest(method, '/'))).toBe('INVALID_METHOD')
    }
  })

  test('refuses a target that could break a request line, without showing it', () => {
    for (const target of [
      '',
      '/a b',
      '/\r\n',
      '/\n',
      '/\0',
      '/\t',
      '/\x7f',
      '/é',
      '/#',
      '/\\',
      '/<',
      '/>',
      '/Ā',
      5 as never,
    ]) {
      expect(
        codeOf(() => new HttpRequest('GET', target)),
        JSON.stringify(target),
      ).toBe('INVALID_TARGET')
    }
    expect(() => new HttpRequest('GET', '/?token=secret\r\n')).toThrow(
      /^the target has U\+000D at index 14: it must be percent-encoded$/,
    )
  })

  test('parses the target once, when asked', () => {
    const request = new HttpRequest('GET', 'http://h:1/p?q')
    expect(request.uri).toMatchObject({ form: 'absolute', host: 'h', port: 1, path: '/p', query: 'q' })
    expect(request.uri).toBe(request.uri)
    expect(new HttpRequest('CONNECT', 'h:443').uri.form).toBe('authority')
    // RFC 8441 §4: an extended CONNECT is for a resource.
    const { form, path, query } = new HttpRequest('CONNECT', '/chat?a').uri
    expect([form, path, query]).toEqual(['origin', '/chat', 'a'])
    const odd = new HttpRequest('GET', '*')
    expect(codeOf(() => odd.uri)).toBe('INVALID_TARGET')
  })

  test('fromParsed trusts its caller and sets everything', () => {
    const headers = new HeaderMap()
    const body = new FullBody('x')
    const request = HttpRequest.fromParsed('GET', '/', '1.0', headers, body)
    expect([request.headers === headers, request.body === body, request.version]).toEqual([true, true, '1.0'])
    expect(HttpRequest.fromParsed('G T', ' ', '1.1', headers, body).method).toBe('G T')
  })

  test('with replaces what is named, validates, and copies the extensions', async () => {
    const request = new HttpRequest('GET', '/a', { headers: { a: '1' }, body: 'x' })
    request.extensions.set(KEY, 'kept')
    const other = request.with({ target: '/b', version: '2' })
    expect([other.method, other.target, other.version, other.headers.get('a')]).toEqual([
      'GET',
      '/b',
      '2',
      '1',
    ])
    expect(other.headers).toBe(request.headers)
    expect(other.body).toBe(request.body)
    other.extensions.set(KEY, 'changed')
    expect(request.extensions.get(KEY)).toBe('kept')
    expect(request.with({ body: null }).body).toBe(EMPTY_BODY)
    expect(await request.with({ body: 'y', headers: {} }).text()).toBe('y')
    expect(codeOf(() => request.with({ method: 'a b' }))).toBe('INVALID_METHOD')
    expect(codeOf(() => request.with({ target: 'a b' }))).toBe('INVALID_TARGET')
  })

  test('trailers follow the body', async () => {
    const request = new HttpRequest('PUT', '/', { body: 'x', trailers: () => new HeaderMap({ sum: '1' }) })
    expect(await request.text()).toBe('x')
    expect((await request.trailers)?.get('sum')).toBe('1')
  })
})

describe('HttpResponse', () => {
  test('has defaults, and adds no field', () => {
    const plain = new HttpResponse()
    expect([plain.status, plain.reason, plain.version, plain.headers.size, plain.payload]).toEqual([
      200,
      null,
      '1.1',
      0,
      null,
    ])
    expect(plain.body).toBe(EMPTY_BODY)
    expect([...new HttpResponse('text').headers]).toEqual([])
    expect([...new HttpResponse('text', { headers: { 'Content-Type': 'text/plain' } }).headers]).toEqual([
      ['content-type', 'text/plain'],
    ])
  })

  test('keeps text and bytes as given until the body is asked for', async () => {
    const bytes = Uint8Array.of(1, 2)
    expect(new HttpResponse('Hello').payload).toBe('Hello')
    expect(new HttpResponse(bytes).payload).toBe(bytes)
    const response = new HttpResponse('Hello')
    const { body } = response
    expect(response.payload).toBe(body)
    expect(response.body).toBe(body)
    expect(await response.text()).toBe('Hello')
    expect(await new HttpResponse(bytes).bytes()).toEqual(bytes)
    expect(await new HttpResponse('[1]').json()).toEqual([1])
    expect(new HttpResponse(body).body).toBe(body)
    expect(codeOf(() => new HttpResponse(5 as never))).toBe('INVALID_BODY')
  })

  test('refuses a status that three digits cannot say', () => {
    for (const status of [0, 99, 1000, 200.5, NaN, -1, '200' as never, null as never]) {
      const code = codeOf(() => new HttpResponse(null, { status }))
      expect(code, String(status)).toBe(status === null ? null : 'INVALID_STATUS')
    }
    expect([100, 999].map((status) => new HttpResponse(null, { status }).status)).toEqual([100, 999])
  })

  test('refuses a reason phrase that could break the status line', () => {
    for (const reason of [
      'a\r\nb',
      '\n',
      '\0',
      '\x7f',
      'Ā',
      'long enough for the expression\r',
      5 as never,
    ]) {
      expect(codeOf(() => new HttpResponse(null, { reason }))).toBe('INVALID_REASON')
    }
    expect(new HttpResponse(null, { reason: '' }).reason).toBe('')
    expect(new HttpResponse(null, { reason: 'très\tbien' }).reason).toBe('très\tbien')
  })

  test('refuses bad fields', () => {
    expect(codeOf(() => new HttpResponse(null, { headers: { 'a b': '1' } }))).toBe('INVALID_HEADER_NAME')
    expect(codeOf(() => new HttpResponse(null, { headers: { a: '1\r\nb: 2' } }))).toBe('INVALID_HEADER_VALUE')
  })

  test('fromParsed trusts its caller and sets everything', () => {
    const headers = new HeaderMap()
    const response = HttpResponse.fromParsed(404, '', '1.0', headers, null)
    expect([response.status, response.reason, response.version]).toEqual([404, '', '1.0'])
    expect(response.headers).toBe(headers)
    expect(response.body).toBe(EMPTY_BODY)
    expect(HttpResponse.fromParsed(200, 'OK', '1.1', headers, new FullBody('x')).payload).toBeInstanceOf(
      FullBody,
    )
  })

  test('with replaces what is named; a new status drops the old phrase', async () => {
    const response = new HttpResponse('x', { status: 404, reason: 'Gone Fishing', headers: { a: '1' } })
    response.extensions.set(KEY, 'kept')
    expect(response.with({ status: 200 })).toMatchObject({ status: 200, reason: null })
    expect(response.with({ status: 200, reason: 'Fine' }).reason).toBe('Fine')
    const same = response.with({ headers: { b: '2' } })
    expect([same.status, same.reason, same.headers.get('b'), same.payload]).toEqual([
      404,
      'Gone Fishing',
      '2',
      'x',
    ])
    expect(same.extensions.get(KEY)).toBe('kept')
    expect(await response.with({ body: 'y' }).text()).toBe('y')
    expect(response.with({ body: null }).payload).toBe(null)
    expect(codeOf(() => response.with({ status: 1 }))).toBe('INVALID_STATUS')
  })

  test('trailers follow the body', async () => {
    const fixed = new HttpResponse('x', { trailers: new HeaderMap({ sum: '1' }) })
    expect(await fixed.text()).toBe('x')
    expect((await fixed.trailers)?.get('sum')).toBe('1')
    const later = new HttpResponse(null, { trailers: async () => new HeaderMap({ sum: '2' }) })
    expect(await later.text()).toBe('')
    expect((await later.trailers)?.get('sum')).toBe('2')
    const none = new HttpResponse('x')
    expect(await none.text()).toBe('x')
    expect(await none.trailers).toBe(null)
  })
})
