import { describe, expect, test } from 'vitest'
import { auth, type Auth, authorizationIn, redirect } from '../../src/layers/index.ts'
import { ask, failure, Fake, reply } from './kit.ts'

const A = 'http://a.test/'
const quiet = (): Fake => new Fake(() => reply(200))
const sent = (fake: Fake, index: number = 0): string | undefined => fake.seen[index]?.headers['authorization']

describe('what is sent', () => {
  test.each<[Auth, string]>([
    // RFC 7617 §2 and §2.1.
    [{ username: 'Aladdin', password: 'open sesame' }, 'Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ=='],
    [{ username: 'test', password: '123£' }, 'Basic dGVzdDoxMjPCow=='],
    [{ username: 'test' }, 'Basic dGVzdDo='],
    [{ username: '', password: 'a:b' }, 'Basic OmE6Yg=='],
    // RFC 6750 §2.1.
    [{ bearer: 'mF_9.B5f-4.1JqM' }, 'Bearer mF_9.B5f-4.1JqM'],
    [{ bearer: 'YQ==' }, 'Bearer YQ=='],
  ])('%j', async (given, value) => {
    const fake = quiet()
    await ask(auth(given), fake, A)
    await ask(auth(), fake, A, { options: { auth: given } })
    expect([sent(fake, 0), sent(fake, 1)]).toEqual([value, value])
  })

  test.each<[Auth]>([
    [{ username: 'a:b' }],
    [{ username: 'a\n' }],
    [{ username: 'a', password: '\u007f' }],
    [{ bearer: '' }],
    [{ bearer: 'two words' }],
    [{ bearer: 'a\r\nb: c' }],
    [{ bearer: 1 as unknown as string }],
  ])('%j is INVALID_OPTION', async (given) => {
    expect(() => auth(given)).toThrow(expect.objectContaining({ code: 'INVALID_OPTION' }))
    const fake = quiet()
    const exchange = ask(auth(), fake, A, { options: { auth: given } })
    expect([(await failure(exchange)).code, fake.seen]).toEqual(['INVALID_OPTION', []])
  })

  test('it is a secret, for logs and for compression tables', async () => {
    const fake = quiet()
    await ask(auth({ bearer: 'secret' }), fake, A)
    const { headers } = fake.seen[0]!.request
    expect([String(headers), headers.isSensitive(0)]).toEqual([
      'HeaderMap { authorization: Sensitive }',
      true,
    ])
  })
})

test('which of several: the request, then a field that is there, then the layer', async () => {
  const layer = auth({ bearer: 'layer' })
  const headers = { authorization: 'own' }
  const options = { auth: { bearer: 'request' } }
  const fake = quiet()
  await ask(layer, fake, A, { headers, options })
  await ask(layer, fake, A, { headers })
  await ask(layer, fake, A)
  await ask(layer, fake, A, { options: { auth: null } })
  expect(fake.seen.map((_, index) => sent(fake, index))).toEqual([
    'Bearer request',
    'own',
    'Bearer layer',
    undefined,
  ])
})

test('a redirect to another origin takes it away, for good', async () => {
  const locations = ['/two', 'http://b.test/', A]
  const fake = new Fake((_, index) => {
    const location = locations[index]
    return location === undefined ? reply(200) : reply(302, { location })
  })
  await ask((inner) => auth({ bearer: 'x' })(redirect()(inner)), fake, A)
  expect(fake.seen.map((_, index) => sent(fake, index))).toEqual([
    'Bearer x',
    'Bearer x',
    undefined,
    undefined,
  ])
})

test.each([
  ['http://a.test/', null],
  ['http://user@a.test/', 'user:'],
  ['http://user:pass@a.test/', 'user:pass'],
  ['http://:pass@a.test/', ':pass'],
  ['http://us%65r:p%3Ass%40@a.test/', 'user:p:ss@'],
  ['http://j%C3%BCrgen:%C3%9F@a.test/', 'jürgen:ß'],
  ['http://a%:b%zz@a.test/', 'a%:b%zz'],
])('what the user name and password of %s mean', (url, pair) => {
  const value = authorizationIn(new URL(url))
  expect(value).toBe(pair === null ? null : `Basic ${Buffer.from(pair).toString('base64')}`)
})
