import { describe, expect, test } from 'vitest'
import { StreamFramesBody } from '../../src/body/index.ts'
import { ClientMachine, ServerMachine } from '../../src/h1/index.ts'
import { HeaderMap, HttpRequest, HttpResponse } from '../../src/http/index.ts'
import { codeOf } from '../http/code-of.ts'
import { dialed, GET, latin1, served, watch } from './wire-kit.ts'

// What JavaScript makes possible and no type forbids: text that breaks out of its line, objects that are changed after
// they were checked, characters beyond one byte, and names that objects have from birth.

const BREAKERS = [
  '\r',
  '\n',
  '\r\n',
  '\0',
  'a\r\nx-evil: 1',
  'a\nb',
  'a\rb',
  'a\0b',
  '\u010d\u010a',
  '\u0100',
  '\u2028',
  '😀',
]
const EMPTY_500 = 'HTTP/1.1 500 Internal Server Error\r\ncontent-length: 0\r\n\r\n'

/** Sets what TypeScript calls readonly. */
function mutate(object: object, name: string, value: unknown): void {
  ;(object as Record<string, unknown>)[name] = value
}

describe('what would break out of its line is refused where it is given', () => {
  for (const text of BREAKERS) {
    test(`JS-only: ${JSON.stringify(text)}`, () => {
      expect(codeOf(() => new HttpRequest(text, '/'))).toBe('INVALID_METHOD')
      expect(codeOf(() => new HttpRequest(`GET${text}`, '/'))).toBe('INVALID_METHOD')
      expect(codeOf(() => new HttpRequest('GET', `/${text}`))).toBe('INVALID_TARGET')
      expect(codeOf(() => new HttpResponse(null, { reason: `a${text}` }))).toBe('INVALID_REASON')
      expect(codeOf(() => new HeaderMap({ [text]: 'a' }))).toBe('INVALID_HEADER_NAME')
      expect(codeOf(() => new HeaderMap({ [`a${text}b`]: 'a' }))).toBe('INVALID_HEADER_NAME')
      for (const name of [
        'a',
        'host',
        'upgrade',
        'connection',
        'set-cookie',
        'trailer',
        'content-length',
        'transfer-encoding',
      ]) {
        expect(codeOf(() => new HeaderMap({ [name]: `a${text}` }))).toBe('INVALID_HEADER_VALUE')
        expect(codeOf(() => new HeaderMap().set(name, `${text}a`))).toBe('INVALID_HEADER_VALUE')
        expect(codeOf(() => new HeaderMap().append(name, `a${text}a`))).toBe('INVALID_HEADER_VALUE')
      }
    })
  }

  test('JS-only: a status that is no integer of three digits', () => {
    for (const status of [99, 1000, 200.5, Number.NaN, '200', '200 OK\r\nx-evil: 1']) {
      expect(codeOf(() => new HttpResponse(null, { status: status as number }))).toBe('INVALID_STATUS')
    }
  })
})

describe('what was changed after the check is refused before a byte is written', () => {
  const rows: readonly (readonly [string, unknown, string])[] = [
    ['method', 'GET / HTTP/1.1\r\nhost: evil\r\n\r\nGET', 'INVALID_METHOD'],
    ['method', '', 'INVALID_METHOD'],
    ['method', { toString: () => 'GET' }, 'INVALID_METHOD'],
    ['target', '/ HTTP/1.1\r\nx-evil: 1\r\n\r\n', 'INVALID_TARGET'],
    ['target', '/a b', 'INVALID_TARGET'],
    ['target', '/\u010a', 'INVALID_TARGET'],
    ['target', '', 'INVALID_TARGET'],
    ['target', ['/'], 'INVALID_TARGET'],
  ]
  for (const [name, value, code] of rows) {
    test(`JS-only: request.${name} = ${JSON.stringify(value)}`, async () => {
      const { sender, sent } = dialed()
      const request = new HttpRequest('GET', '/')
      mutate(request, name, value)
      const outcome = watch(sender.send(request))
      expect(await sent()).toBe('')
      expect(outcome.error).toMatchObject({ code, by: 'user' })
      // Nothing has happened to the connection.
      watch(sender.send(new HttpRequest('GET', '/fine')))
      expect(await sent()).toBe('GET /fine HTTP/1.1\r\n\r\n')
    })
  }

  test('JS-only: the version of a request chooses between two texts', async () => {
    const { sender, sent } = dialed()
    const request = new HttpRequest('GET', '/')
    mutate(request, 'version', '1.1\r\nx-evil: 1')
    watch(sender.send(request))
    expect(await sent()).toBe('GET / HTTP/1.1\r\n\r\n')
  })

  const responses: readonly (readonly [string, unknown, string])[] = [
    ['status', '200 OK\r\nx-evil: 1', 'INVALID_STATUS'],
    ['status', 20, 'INVALID_STATUS'],
    ['status', 200.5, 'INVALID_STATUS'],
    ['status', '204', 'INVALID_STATUS'],
    ['reason', 'OK\r\nx-evil: 1', 'INVALID_REASON'],
    ['reason', 'O\u010aK', 'INVALID_REASON'],
    ['reason', { toString: () => 'a\r\nb' }, 'INVALID_REASON'],
  ]
  for (const [name, value, code] of responses) {
    test(`JS-only: response.${name} = ${JSON.stringify(value)}`, async () => {
      const { ask, runtime } = served((request) => {
        const response = new HttpResponse('abc')
        if (request.target === '/') mutate(response, name, value)
        return response
      })
      expect(await ask(GET)).toBe(EMPTY_500)
      expect(runtime.errors).toMatchObject([{ code, by: 'user' }])
      expect(await ask('GET /a HTTP/1.1\r\nhost: a\r\n\r\n')).toBe(
        'HTTP/1.1 200 OK\r\ncontent-length: 3\r\n\r\nabc',
      )
    })
  }

  test('JS-only: headers that are no HeaderMap write nothing', async () => {
    const { sender, sent } = dialed()
    const request = new HttpRequest('GET', '/')
    mutate(request, 'headers', { 'x-a': 'b\r\nx-evil: 1' })
    const outcome = watch(sender.send(request))
    expect(await sent()).toBe('')
    expect(outcome.state).toBe('rejected')
    const { ask, runtime } = served(() => {
      const response = new HttpResponse('abc')
      mutate(response, 'headers', { 'x-a': 'b\r\nx-evil: 1' })
      return response
    })
    expect(await ask(GET)).toBe(EMPTY_500)
    expect(runtime.errors.length).toBe(1)
  })

  test('JS-only: a map that was written once is checked again with every change', async () => {
    const headers = new HeaderMap({ 'x-a': 'b' })
    const { ask } = served(() => new HttpResponse(null, { headers }))
    await ask(GET)
    expect(codeOf(() => headers.set('x-a', 'b\r\nx-evil: 1'))).toBe('INVALID_HEADER_VALUE')
    expect(await ask(GET)).toBe('HTTP/1.1 200 OK\r\nx-a: b\r\ncontent-length: 0\r\n\r\n')
  })

  test('JS-only: the machines check for themselves', () => {
    const client = new ClientMachine()
    const headers = new HeaderMap()
    expect(codeOf(() => client.sendHead('G T', '/', '1.1', headers, 0))).toBe('INVALID_METHOD')
    expect(codeOf(() => client.sendHead('GET', '/ HTTP/1.1\r\n', '1.1', headers, 0))).toBe('INVALID_TARGET')
    expect(client.output.isEmpty).toBe(true)
    expect(client.isIdle).toBe(true)
    const server = new ServerMachine()
    server.receive(latin1(GET), 0)
    server.nextEvent()
    expect(codeOf(() => server.sendHead(200, 'a\r\nb', headers, 0, false))).toBe('INVALID_REASON')
    expect(codeOf(() => server.sendHead(1e3, null, headers, 0, false))).toBe('INVALID_STATUS')
    expect(codeOf(() => server.sendInformational(1e2 + 0.5, headers))).toBe('INVALID_STATUS')
    expect(server.output.isEmpty).toBe(true)
  })
})

describe('trailers and interim responses', () => {
  test('JS-only: trailers that break out of their line cannot be made; what is no map resets the connection', async () => {
    expect(codeOf(() => new HeaderMap({ 'x-sum': 'a\r\n0\r\n\r\n' }))).toBe('INVALID_HEADER_VALUE')
    const { ask, io, runtime } = served(
      () =>
        new HttpResponse(
          new StreamFramesBody([
            { type: 'data', data: latin1('abc') },
            { type: 'trailers', trailers: { 'x-sum': 'a\r\nb' } as unknown as HeaderMap },
          ]),
        ),
    )
    expect(await ask('GET / HTTP/1.1\r\nhost: a\r\nte: trailers\r\n\r\n')).toBe(
      'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n3\r\nabc\r\n',
    )
    expect(io.aborted).toBe(true)
    expect(runtime.errors).toMatchObject([{ name: 'HyperError', by: 'user' }])
  })

  test('JS-only: an interim response with a broken status or field throws, and writes nothing', async () => {
    const codes: (string | null)[] = []
    const { ask } = served((_request, exchange) => {
      for (const status of [101, 200, 99, 100.5, '103 a\r\nb: c']) {
        codes.push(codeOf(() => exchange.informational(status as number)))
      }
      codes.push(codeOf(() => exchange.informational(103, { link: 'a\r\nb' })))
      return new HttpResponse()
    })
    expect(await ask(GET)).toBe('HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n')
    expect(codes).toEqual([...Array<string>(5).fill('INVALID_STATUS'), 'INVALID_HEADER_VALUE'])
  })
})

describe('names that every object has', () => {
  const NAMES = [
    '__proto__',
    'constructor',
    'hasownproperty',
    'tostring',
    'valueof',
    '__definegetter__',
    'then',
  ]
  const ONES = NAMES.map((name): [string, string] => [name, '1'])

  test('JS-only: they survive in both directions', async () => {
    const seen: string[] = []
    const { ask } = served((request) => {
      for (const name of NAMES) seen.push(`${name}=${request.headers.get(name)}`)
      return new HttpResponse(null, { headers: request.headers.clone() })
    })
    const lines = NAMES.map((name) => `${name}: ${name.length}\r\n`).join('')
    expect(await ask(`GET / HTTP/1.1\r\n${lines}host: a\r\n\r\n`)).toBe(
      `HTTP/1.1 200 OK\r\n${lines}host: a\r\ncontent-length: 0\r\n\r\n`,
    )
    expect(seen).toEqual(NAMES.map((name) => `${name}=${name.length}`))

    const { sender, sent, reply } = dialed()
    const outcome = watch(sender.send(new HttpRequest('GET', '/', { headers: ONES })))
    expect(await sent()).toBe(`GET / HTTP/1.1\r\n${NAMES.map((name) => `${name}: 1\r\n`).join('')}\r\n`)
    await reply(`HTTP/1.1 204 No Content\r\n${lines}\r\n`)
    expect([...outcome.value!.headers.keys()]).toEqual(NAMES)
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined()
  })

  test('JS-only: they survive as trailers and as extension methods', async () => {
    const { ask } = served((request) => {
      const trailers = new HeaderMap(ONES)
      return new HttpResponse(request.method, { trailers })
    })
    expect(await ask('constructor / HTTP/1.1\r\nhost: a\r\nte: trailers\r\n\r\n')).toBe(
      'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nB\r\nconstructor\r\n0\r\n' +
        `${NAMES.map((name) => `${name}: 1\r\n`).join('')}\r\n`,
    )
  })
})
