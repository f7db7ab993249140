import { channel } from '@hyper/core/body'
import { HyperError } from '@hyper/core/error'
import { extensionKey, HeaderMap, HttpResponse } from '@hyper/core/http'
import { describe, expect, test } from 'vitest'
import { redirect, type RedirectAttempt, URL_LIST } from '../../src/layers/index.ts'
import { ask, failure, Fake, reply } from './kit.ts'

const A = 'http://a.test/one?x=1'

/** Redirects the first request, and answers the rest. */
const leading = (status: number, location: string, more: Record<string, string> = {}): Fake =>
  new Fake((_, index) =>
    index === 0 ? reply(status, { location, ...more }, 'moved') : reply(200, {}, 'there'),
  )

const BODY = {
  body: 'content',
  headers: { 'content-type': 'text/plain', 'content-language': 'en', 'x-own': '1' },
}

describe('rows 377, 385: methods and content, by status', () => {
  test.each([
    [301, 'GET', 'GET', ''],
    [301, 'HEAD', 'HEAD', ''],
    [301, 'POST', 'GET', ''],
    [301, 'PUT', 'PUT', 'content'],
    [301, 'DELETE', 'DELETE', 'content'],
    [302, 'GET', 'GET', ''],
    [302, 'POST', 'GET', ''],
    [302, 'PATCH', 'PATCH', 'content'],
    [303, 'GET', 'GET', ''],
    [303, 'HEAD', 'HEAD', ''],
    [303, 'POST', 'GET', ''],
    [303, 'PUT', 'GET', ''],
    [303, 'DELETE', 'GET', ''],
    [303, 'OPTIONS', 'GET', ''],
    [307, 'GET', 'GET', ''],
    [307, 'POST', 'POST', 'content'],
    [307, 'PUT', 'PUT', 'content'],
    [308, 'POST', 'POST', 'content'],
    [308, 'HEAD', 'HEAD', ''],
  ] as const)('%i to %s sends %s with %j', async (status, method, next, body) => {
    const fake = leading(status, '/two')
    const given = method === 'GET' || method === 'HEAD' ? {} : BODY
    const response = await ask(redirect(), fake, A, { method, ...given })
    expect([response.status, await response.text()]).toEqual([200, 'there'])
    expect(fake.urls).toEqual([`${method} ${A}`, `${next} http://a.test/two`])
    expect(fake.seen[1]?.body).toBe(body)
    const fields = Object.keys(fake.seen[1]?.headers ?? {})
    if (given === BODY) expect(fields).toEqual(body === '' ? ['x-own'] : Object.keys(BODY.headers))
  })

  test.each([300, 304, 305, 306, 200, 404])('%i is returned, whatever its Location says', async (status) => {
    const fake = leading(status, '/two')
    expect((await ask(redirect(), fake, A)).status).toBe(status)
    expect(fake.seen.length).toBe(1)
  })

  test('fields about content go with it, and nothing else', async () => {
    const gone = [
      'content-encoding',
      'content-length',
      'digest',
      'expect',
      'last-modified',
      'trailer',
      'content-md5',
    ]
    const headers = Object.fromEntries([...gone, 'te', 'accept'].map((name) => [name, '7']))
    const fake = leading(303, '/two')
    await ask(redirect(), fake, A, { method: 'POST', headers, body: 'content' })
    expect(fake.seen[1]?.headers).toEqual({ te: '7', accept: '7' })
  })
})

describe('row 385: bodies that are gone', () => {
  test.each([301, 307, 308])('a stream and %i: the 3xx is returned', async (status) => {
    const fake = leading(status, '/two')
    const { body, sender } = channel()
    void sender.send('streamed').then(() => sender.end())
    const response = await ask(redirect(), fake, A, { method: 'PUT', body })
    expect([response.status, await response.text(), fake.seen.length]).toEqual([status, 'moved', 1])
    expect(response.extensions.get(URL_LIST)).toBeUndefined()
  })

  test('a stream and 303: its content is not needed', async () => {
    const fake = leading(303, '/two')
    const body = (function* () {
      yield 'streamed'
    })()
    expect((await ask(redirect(), fake, A, { method: 'POST', body })).status).toBe(200)
  })

  test('the body of the redirect is given up', async () => {
    const fake = leading(302, '/two')
    await ask(redirect(), fake, A)
    expect(fake.answers.map(({ body }) => body.used)).toEqual([true, false])
  })
})

describe('Location', () => {
  test.each([
    ['/two', 'http://a.test/two'],
    ['two?y=2', 'http://a.test/two?y=2'],
    ['?y=2', 'http://a.test/one?y=2'],
    ['//b.test/two', 'http://b.test/two'],
    ['https://b.test:8443/two', 'https://b.test:8443/two'],
    ['../../two', 'http://a.test/two'],
    ['/two#part', 'http://a.test/two'],
    ['', A],
    ['/caf\u00c3\u00a9', 'http://a.test/caf%C3%A9'],
    ['/a b|c', 'http://a.test/a%20b|c'],
    ['/two?a\\b', 'http://a.test/two?a%5Cb'],
    ['http://user:secret@a.test/two', 'http://a.test/two'],
  ])('%j leads to %s', async (location, url) => {
    const fake = leading(302, location)
    await ask(redirect(), fake, A)
    expect(fake.urls[1]).toBe(`GET ${url}`)
  })

  test.each(['http://[::1', 'http://a.test:99999/', 'http://'])(
    'row 385: %j is no URL: the 3xx is returned',
    async (location) => {
      const response = await ask(redirect(), leading(302, location), A)
      expect([response.status, await response.text()]).toEqual([302, 'moved'])
    },
  )

  test('none, or two of them: the 3xx is returned', async () => {
    const two = new HeaderMap([
      ['location', '/two'],
      ['location', '/three'],
    ])
    for (const headers of [{}, two]) {
      const fake = new Fake(() => reply(302, headers))
      expect((await ask(redirect(), fake, A)).status).toBe(302)
    }
  })

  test.each(['ftp://a.test/', 'javascript:alert(1)', 'app://callback?code=secret'])(
    '%s is REDIRECT_REFUSED, by the peer',
    async (location) => {
      const error = await failure(ask(redirect(), leading(302, location), A))
      expect(error).toMatchObject({
        code: 'REDIRECT_REFUSED',
        by: 'peer',
        phase: 'headers',
        address: 'a.test',
        attempts: 1,
      })
      expect(error.message).toContain('http://a.test/one redirects to ')
      expect(error.message).not.toContain('secret')
    },
  )
})

describe('row 377: what is dropped across origins', () => {
  const SECRET = {
    authorization: 'a',
    cookie: 'b',
    cookie2: 'c',
    'proxy-authorization': 'd',
    'www-authenticate': 'e',
    host: 'other.test',
  }
  const headers = (): HeaderMap =>
    new HeaderMap({ ...SECRET, 'x-key': 'f', 'x-plain': 'g' }).markSensitive('x-key')

  test.each([
    ['http://b.test/', false],
    ['http://a.test:8080/', false],
    ['https://a.test/one', false],
    ['http://a.test:80/two', true],
    ['/two', true],
  ])('%s keeps them: %s', async (location, isKept) => {
    const fake = leading(307, location)
    await ask(redirect(), fake, A, { headers: headers() })
    expect(fake.seen[1]?.headers).toEqual(
      isKept ? { ...SECRET, 'x-key': 'f', 'x-plain': 'g' } : { 'x-plain': 'g' },
    )
  })

  test('they never come back, and neither do side values', async () => {
    const key = extensionKey<string>('side value')
    const locations = ['/two', 'http://b.test/', A]
    const fake = new Fake(({ request }, index) => {
      if (index === 0) request.extensions.set(key, 'a secret')
      const location = locations[index]
      return location === undefined ? reply(200) : reply(302, { location })
    })
    await ask(redirect(), fake, A, { headers: headers() })
    expect(fake.seen.map((seen) => 'authorization' in seen.headers)).toEqual([true, true, false, false])
    expect(fake.seen.map(({ request }) => request.extensions.get(key) ?? null)).toEqual([
      'a secret',
      'a secret',
      null,
      null,
    ])
  })

  test('what was given is not changed', async () => {
    const given = headers()
    await ask(redirect(), leading(302, 'http://b.test/'), A, { headers: given })
    expect(given.size).toBe(8)
  })
})

describe('row 385: referer', () => {
  const S = 'https://a.test/one?x=1'
  test.each([
    ['http://user@a.test/one', '/two', 'http://a.test/one'],
    [A, 'http://b.test/', 'http://a.test/'],
    [S, 'https://a.test/two', S],
    [S, 'https://b.test/two', 'https://a.test/'],
    [S, 'http://b.test/', undefined],
    [A, 'https://b.test/', 'http://a.test/'],
  ])('from %s to %s it is %s', async (from, location, referer) => {
    const layer = redirect({ referer: true, allowDowngrade: true })
    const fake = leading(302, location)
    await ask(layer, fake, from, { headers: { referer: 'http://old.test/' } })
    expect(fake.seen[1]?.headers['referer']).toBe(referer)
  })

  test('without the option there is none, and one of the caller stays where it is safe', async () => {
    const layer = redirect({ allowDowngrade: true })
    for (const [from, given, seen] of [
      [A, {}, undefined],
      [A, { referer: 'http://own.test/' }, 'http://own.test/'],
      [S, { referer: 'https://own.test/' }, undefined],
    ] as const) {
      const fake = leading(302, 'http://b.test/')
      await ask(layer, fake, from, { headers: given })
      expect(fake.seen[1]?.headers['referer']).toBe(seen)
    }
  })
})

describe('how far', () => {
  const around = (): Fake => new Fake((_, index) => reply(302, { location: `/${index + 1}?secret` }, 'moved'))

  test('ten redirects are followed, and the list has every URL', async () => {
    const fake = new Fake((_, index) => (index < 10 ? reply(302, { location: `/${index + 1}` }) : reply(200)))
    const response = await ask(redirect(), fake, 'http://a.test/0')
    const urls = Array.from({ length: 11 }, (_, index) => `http://a.test/${index}`)
    expect([response.status, response.extensions.get(URL_LIST)]).toEqual([200, urls])
  })

  test('row 385: one more is TOO_MANY_REDIRECTS, which tells the way', async () => {
    const fake = around()
    const error = await failure(ask(redirect(), fake, 'http://a.test/0'))
    expect(error).toMatchObject({
      code: 'TOO_MANY_REDIRECTS',
      statusHint: 502,
      by: 'peer',
      phase: 'headers',
      retryable: false,
      address: 'a.test',
      attempts: 11,
    })
    const way = Array.from({ length: 12 }, (_, index) => `http://a.test/${index}`).join(' → ')
    expect(error.message).toBe(`redirected more than 10 times: ${way}`)
    expect(fake.answers.every(({ body }) => body.used)).toBe(true)
  })

  test('a long way is told in part', async () => {
    const error = await failure(ask(redirect({ maxRedirects: 100 }), around(), 'http://a.test/0'))
    expect(error.message).toContain('http://a.test/5 → … → http://a.test/96 →')
  })

  test('maxRedirects of the request wins; 0 follows none', async () => {
    const fake = around()
    const options = { redirect: { maxRedirects: 0 } }
    expect((await failure(ask(redirect(), fake, A, { options }))).code).toBe('TOO_MANY_REDIRECTS')
    expect(fake.seen.length).toBe(1)
  })

  test('a fragment is inherited, and replaced by one of a Location', async () => {
    const { FRAGMENT } = await import('../../src/layers/index.ts')
    const locations = ['/two', '/three#there', '/four']
    const fake = new Fake((_, index) =>
      index < 3 ? reply(302, { location: locations[index] ?? '' }) : reply(200),
    )
    const { ClientExchange } = await import('../../src/index.ts')
    const { HttpRequest } = await import('@hyper/core/http')
    const request = new HttpRequest('GET', 'http://a.test/one')
    request.extensions.set(FRAGMENT, '#here')
    const response = await redirect()(fake.service)(request, new ClientExchange(undefined, null))
    expect(response.extensions.get(URL_LIST)).toEqual([
      'http://a.test/one#here',
      'http://a.test/two#here',
      'http://a.test/three#there',
      'http://a.test/four#there',
    ])
  })
})

describe('who decides', () => {
  test('manual returns the 3xx', async () => {
    const fake = leading(302, '/two')
    const response = await ask(redirect(), fake, A, { options: { redirect: 'manual' } })
    expect([response.status, await response.text(), fake.seen.length]).toEqual([302, 'moved', 1])
  })

  test('error is REDIRECT_REFUSED, by the user', async () => {
    const fake = leading(302, '/two')
    const error = await failure(ask(redirect('error'), fake, A))
    expect(error).toMatchObject({ code: 'REDIRECT_REFUSED', statusHint: 0, by: 'user', attempts: 1 })
    expect(fake.answers[0]?.body.used).toBe(true)
  })

  test('row 385: a policy of one’s own sees each step, and stops, or fails, or goes on', async () => {
    const seen: RedirectAttempt[] = []
    for (const [mode, outcome] of [
      ['manual', 302],
      ['error', 'REDIRECT_REFUSED'],
    ] as const) {
      const fake = new Fake((_, index) => reply(302, { location: `http://b.test/${index}` }))
      const policy = (attempt: RedirectAttempt): 'follow' | typeof mode => {
        seen.push({ ...attempt, urls: [...attempt.urls] })
        return attempt.urls.length === 2 ? mode : 'follow'
      }
      const asked = ask(redirect(policy), fake, A, { method: 'POST', body: 'x' })
      expect(mode === 'manual' ? (await asked).status : (await failure(asked)).code).toBe(outcome)
    }
    expect(seen[1]).toEqual({
      status: 302,
      from: 'http://b.test/0',
      to: 'http://b.test/1',
      method: 'GET',
      urls: [A, 'http://b.test/0'],
    })
  })

  test('a policy may answer later, and what it throws rejects', async () => {
    const fake = leading(302, '/two')
    expect(
      (
        await ask(
          redirect(() => Promise.resolve('manual' as const)),
          fake,
          A,
        )
      ).status,
    ).toBe(302)
    const error = new Error('no')
    const policy = (): never => {
      throw error
    }
    expect(await failure(ask(redirect(policy), leading(302, '/two'), A))).toBe(error)
  })

  test('row 385: from https to http only where that is allowed, whatever the policy says', async () => {
    const S = 'https://a.test/'
    for (const given of [{}, 'follow', () => 'follow'] as const) {
      const error = await failure(ask(redirect(given as 'follow'), leading(301, A), S))
      expect(error).toMatchObject({ code: 'REDIRECT_REFUSED', statusHint: 502, by: 'peer' })
    }
    const options = { redirect: { allowDowngrade: true } }
    expect((await ask(redirect(), leading(301, A), S, { options })).status).toBe(200)
  })

  test.each([
    [{ maxRedirects: -1 }],
    [{ maxRedirects: NaN }],
    [{ allowDowngrade: 'false' as unknown as boolean }],
    ['never' as 'manual'],
  ])('%j is INVALID_OPTION', async (given) => {
    expect(() => redirect(given)).toThrow(expect.objectContaining({ code: 'INVALID_OPTION', by: 'user' }))
    const asked = ask(redirect(), leading(302, '/two'), A, { options: { redirect: given } })
    expect((await failure(asked)).code).toBe('INVALID_OPTION')
  })

  test.each([[undefined], [false], ['maybe'], [Promise.resolve(null)]])(
    'a policy says what is done, and not %j',
    async (said) => {
      const fake = leading(302, '/two')
      const asked = ask(
        redirect(() => said as 'follow'),
        fake,
        A,
      )
      const message = expect.stringContaining(
        "a policy for redirects says 'follow', 'manual' or 'error', not ",
      )
      await expect(asked).rejects.toMatchObject({ code: 'INVALID_OPTION', by: 'user', message })
      expect(fake.urls).toEqual([`GET ${A}`])
    },
  )

  test('before anything is sent', async () => {
    const fake = new Fake(() => reply(200))
    const asked = ask(redirect(), fake, A, { options: { redirect: { maxRedirects: -1 } } })
    expect((await failure(asked)).code).toBe('INVALID_OPTION')
    expect(fake.urls).toEqual([])
  })
})

describe('what goes wrong on the way', () => {
  test('an error after a redirect says so, and is not retryable: the first request was processed', async () => {
    const refused = new HyperError('CONNECT', 'nobody listens', {
      by: 'io',
      phase: 'connect',
      retryable: true,
      address: 'b.test:80',
      attempts: 1,
      elapsedMs: 7,
      cause: new Error('ECONNREFUSED'),
    })
    const fake = new Fake((_, index) => {
      if (index === 0) return reply(303, { location: 'http://b.test/' })
      throw refused
    })
    const error = await failure(ask(redirect(), fake, A, { method: 'POST', body: 'x' }))
    expect(error).toMatchObject({
      code: 'CONNECT',
      by: 'io',
      phase: 'connect',
      retryable: false,
      address: 'b.test:80',
      attempts: 2,
      elapsedMs: 7,
      cause: new Error('ECONNREFUSED'),
    })
    expect(error.message).toBe('nobody listens, after 1 redirect')
  })

  test('an error of the first request is as it was', async () => {
    const error = new HyperError('CONNECT', 'nobody listens', { by: 'io', retryable: true })
    const fake = new Fake(() => {
      throw error
    })
    expect(await failure(ask(redirect(), fake, A))).toBe(error)
  })

  test('a request that was given up goes nowhere', async () => {
    const controller = new AbortController()
    const fake = new Fake(() => {
      controller.abort(new Error('enough'))
      return reply(302, { location: '/two' })
    })
    const error = await failure(ask(redirect(), fake, A, { signal: controller.signal }))
    expect([error.code, fake.seen.length]).toEqual(['CANCELED', 1])
  })

  test('a service that answers at once stays so where nothing is redirected', async () => {
    const answer = new HttpResponse('x')
    const { ClientExchange } = await import('../../src/index.ts')
    const { HttpRequest } = await import('@hyper/core/http')
    const exchange = new ClientExchange(undefined, null)
    expect(redirect()(() => answer)(new HttpRequest('GET', A), exchange)).toBe(answer)
  })

  test('CONNECT is no matter of redirects', async () => {
    const fake = leading(302, '/two')
    expect((await ask(redirect(), fake, 'a.test:443', { method: 'CONNECT' })).status).toBe(302)
  })
})
