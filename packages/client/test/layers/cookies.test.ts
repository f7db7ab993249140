import { HeaderMap } from '@hyper/core/http'
import { stack } from '@hyper/core/service'
import { CookieJar as ToughJar } from 'tough-cookie'
import { describe, expect, test } from 'vitest'
import { COOKIE_ERRORS, type CookieJar, cookies, redirect } from '../../src/layers/index.ts'
import { ask, failure, Fake, reply } from './kit.ts'

const setting = (...lines: string[]): HeaderMap =>
  new HeaderMap(lines.map((line): [string, string] => ['set-cookie', line]))

const quiet = (): Fake => new Fake(() => reply(200))

describe('row 390: with tough-cookie as it is', () => {
  const A = 'https://a.test/shop/cart'

  const sentAfter = async (lines: string[], url: string): Promise<string | undefined> => {
    const fake = new Fake((_, index) => reply(200, index === 0 ? setting(...lines) : {}))
    const layer = cookies({ jar: new ToughJar() })
    await ask(layer, fake, A)
    await ask(layer, fake, url)
    return fake.seen[1]?.headers['cookie']
  }

  test.each([
    ['stored', ['a=1'], A, 'a=1'],
    ['several lines', ['a=1', 'b=2; Path=/'], A, 'a=1; b=2'],
    ['overwritten', ['a=1', 'a=2'], A, 'a=2'],
    ['max-age that is over', ['a=1; Max-Age=0'], A, undefined],
    ['max-age', ['a=1; Max-Age=100'], A, 'a=1'],
    ['expired', ['a=1; Expires=Wed, 21 Oct 2015 07:28:00 GMT'], A, undefined],
    ['another path', ['a=1; Path=/account'], A, undefined],
    ['its path', ['a=1; Path=/shop'], 'https://a.test/shop/other', 'a=1'],
    ['secure, and not encrypted', ['a=1; Secure'], 'http://a.test/shop/', undefined],
    ['another host', ['a=1'], 'https://b.test/shop/', undefined],
    ['a host below', ['a=1; Domain=a.test; Path=/'], 'https://www.a.test/', 'a=1'],
  ])('%s', async (_, lines, url, sent) => {
    expect(await sentAfter(lines, url)).toBe(sent)
  })

  test('a cookie for another domain is not kept, and the request goes on', async () => {
    const heard: unknown[] = []
    const onRefused = (_: unknown, cookie: string, url: string): void => void heard.push([cookie, url])
    const fake = new Fake(() => reply(200, setting('a=1; Domain=b.test', 'c=2'), 'fine'))
    const response = await ask(cookies({ jar: new ToughJar(), onRefused }), fake, A)
    const errors = response.extensions.get(COOKIE_ERRORS) ?? []
    expect([await response.text(), heard]).toEqual(['fine', [['a=1; Domain=b.test', A]]])
    expect(errors.map(String)).toEqual([expect.stringContaining('domain')])
  })

  test('row 385: re-evaluated for every URL on the way', async () => {
    const jar = new ToughJar()
    await jar.setCookie('site=b', 'http://b.test/')
    const fake = new Fake((_, index) => {
      if (index === 0) return reply(302, new HeaderMap([...setting('first=1; Path=/'), ['location', '/two']]))
      return index === 1 ? reply(302, { location: 'http://b.test/' }) : reply(200)
    })
    const layers = (inner: typeof fake.service): typeof fake.service =>
      stack([redirect(), cookies({ jar })], inner)
    await ask(layers, fake, 'http://a.test/one', { headers: { cookie: 'own=1' } })
    expect(fake.seen.map(({ headers }) => headers['cookie'])).toEqual(['own=1', 'own=1; first=1', 'site=b'])
  })
})

describe('any jar', () => {
  const jarOf = (more: Partial<CookieJar> = {}): CookieJar => ({
    getCookieString: () => 'a=1; b=2',
    setCookie: () => undefined,
    ...more,
  })

  test('that answers at once, or later, or with nothing', async () => {
    const answers: CookieJar['getCookieString'][] = [
      () => 'a=1',
      () => Promise.resolve('a=1'),
      () => '',
      () => undefined,
    ]
    for (const getCookieString of answers) {
      const fake = quiet()
      await ask(cookies({ jar: jarOf({ getCookieString }) }), fake, 'http://a.test/')
      const value = await getCookieString('')
      expect(fake.seen[0]?.headers).toEqual(value === 'a=1' ? { cookie: 'a=1' } : {})
    }
  })

  test('lines are given one after the other, before the response is', async () => {
    const log: string[] = []
    const setCookie = async (cookie: string, url: string): Promise<void> => {
      log.push(`${cookie} ${url}`)
      await new Promise((resolve) => setImmediate(resolve))
      log.push('kept')
    }
    const fake = new Fake(() => reply(200, setting('a=1', 'b=2')))
    await ask(cookies({ jar: jarOf({ setCookie }) }), fake, 'http://a.test/x?y')
    expect(log).toEqual(['a=1 http://a.test/x?y', 'kept', 'b=2 http://a.test/x?y', 'kept'])
  })

  test('a cookie of the caller wins over one of that name, and there is one field', async () => {
    const given = new HeaderMap([
      ['cookie', 'b=own'],
      ['cookie', 'c=3'],
    ])
    const fake = quiet()
    await ask(cookies({ jar: jarOf() }), fake, 'http://a.test/', { headers: given })
    expect(fake.seen[0]?.headers).toEqual({ cookie: 'b=own; c=3; a=1' })
    expect(given.getAll('cookie')).toEqual(['b=own', 'c=3'])
  })

  test('a request may bring a jar of its own, or none', async () => {
    const fake = quiet()
    const layer = cookies({ jar: jarOf() })
    await ask(layer, fake, 'http://a.test/', { options: { cookies: null } })
    await ask(layer, fake, 'http://a.test/', {
      options: { cookies: jarOf({ getCookieString: () => 'z=1' }) },
    })
    expect(fake.seen.map(({ headers }) => headers['cookie'])).toEqual([undefined, 'z=1'])
  })

  test('that cannot say what to send fails the request', async () => {
    const cause = new Error('disk')
    const getCookieString = (): Promise<string> => Promise.reject(cause)
    const fake = quiet()
    const error = await failure(ask(cookies({ jar: jarOf({ getCookieString }) }), fake, 'http://a.test/'))
    expect(error).toMatchObject({ code: 'SERVICE_FAILED', by: 'user', cause })
    expect(fake.seen).toEqual([])
  })

  test('that fails to keep one is heard of, all others are kept', async () => {
    const kept: string[] = []
    const jar = jarOf({
      setCookie: (cookie) => {
        if (cookie.startsWith('bad')) throw new Error('no')
        kept.push(cookie)
      },
    })
    const fake = new Fake(() => reply(200, setting('bad=1', 'good=2')))
    const response = await ask(cookies({ jar }), fake, 'http://a.test/')
    expect([kept, response.extensions.get(COOKIE_ERRORS)]).toEqual([['good=2'], [new Error('no')]])
  })

  test('a hook that throws rejects, and the body is given up', async () => {
    const error = new Error('strict')
    const onRefused = (): never => {
      throw error
    }
    const setCookie = (): never => {
      throw new Error('no')
    }
    const fake = new Fake(() => reply(200, setting('a=1'), 'text'))
    expect(
      await failure(ask(cookies({ jar: jarOf({ setCookie }), onRefused }), fake, 'http://a.test/')),
    ).toBe(error)
    expect(fake.answers[0]?.body.used).toBe(true)
  })
})

test.each([
  [{ jar: {} }, 'cookies.jar must be a cookie jar'],
  [new ToughJar(), 'is no option of cookies; these are: jar, onRefused'],
])('a layer of what is no jar is told when it is made: %o', (options, text) => {
  const message = expect.stringContaining(text)
  expect(() => cookies(options as never)).toThrow(
    expect.objectContaining({ code: 'INVALID_OPTION', message }),
  )
})
