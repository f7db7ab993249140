import { HttpResponse } from '@hyper/core/http'
import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import { describe, expect, test } from 'vitest'
import { type DispatchOptions, type HyperDispatcher, toDispatcher } from '../../src/undici/index.ts'
import { PROTOCOLS, type Protocol, World } from '../kit.ts'
import { bodyOf, dispatch } from './kit.ts'

// What was asked for before is not read again: what is asked for now must be sent all the same.

const origin = 'https://a.test'

interface Asking {
  readonly world: World
  readonly dispatcher: HyperDispatcher
  /** What the server has got: method, target, fields in their order, and the body. */
  ask(options: Partial<DispatchOptions>): Promise<string>
}

function asking(speaks: Protocol, tracer?: ConstructorParameters<typeof World>[1]): Asking {
  const world = new World(speaks, tracer)
  world.service = async (request) => {
    const { headers, method, target } = request
    const body = await request.text()
    const fields = Array.from(headers, ([name, value]) => `${name}=${value}`)
      .filter((field) => !field.startsWith('content-length'))
      .toSorted()
    return new HttpResponse(`${method} ${target} ${fields.join(' ')} ${body}`.trim())
  }
  const dispatcher = toDispatcher(world.client)
  const ask = async (options: Partial<DispatchOptions>): Promise<string> => {
    const heard = dispatch(dispatcher, 'later', { origin, ...options })
    await world.done(heard.done)
    if (heard.error !== null) throw heard.error
    return bodyOf(heard)
  }
  return { world, dispatcher, ask }
}

describe.each(PROTOCOLS)('%s', (speaks) => {
  test('the same again, and then something else', async () => {
    const { ask } = asking(speaks)
    const headers = { 'x-a': '1', 'x-b': '2' }
    const sent = 'GET / host=a.test x-a=1 x-b=2'
    expect(await ask({ path: '/', headers })).toBe(sent)
    expect(await ask({ path: '/', headers: { ...headers } })).toBe(sent)
    expect(await ask({ path: '/', headers: ['x-a', '1', 'x-b', '2'] })).toBe(sent)
    expect(await ask({ path: '/', headers: new Map(Object.entries(headers)) })).toBe(sent)
    expect(await ask({ path: '/', headers: { 'x-a': '1', 'x-b': '3' } })).toBe(
      'GET / host=a.test x-a=1 x-b=3',
    )
    expect(await ask({ path: '/', headers: { 'x-a': '1' } })).toBe('GET / host=a.test x-a=1')
    expect(await ask({ path: '/', headers: { 'x-a': '1', 'x-c': '2' } })).toBe(
      'GET / host=a.test x-a=1 x-c=2',
    )
    expect(await ask({ path: '/', headers: { 'x-a': ['1', '2'] } })).toBe('GET / host=a.test x-a=1 x-a=2')
    expect(await ask({ path: '/' })).toBe('GET / host=a.test')
    expect(await ask({ path: '/', headers: {} })).toBe('GET / host=a.test')
    expect(await ask({ path: '/', headers: null })).toBe('GET / host=a.test')
    expect(await ask({ path: '/', headers: { host: 'b.test' } })).toBe('GET / host=b.test')
    expect(await ask({ path: '/' })).toBe('GET / host=a.test')
  })

  test('an object that is changed is read again', async () => {
    const { ask } = asking(speaks)
    const headers: Record<string, string> = { 'x-a': '1' }
    expect(await ask({ path: '/', headers })).toBe('GET / host=a.test x-a=1')
    headers['x-a'] = '2'
    expect(await ask({ path: '/', headers })).toBe('GET / host=a.test x-a=2')
    delete headers['x-a']
    expect(await ask({ path: '/', headers })).toBe('GET / host=a.test')
  })

  test('what one request adds is not in the next', async () => {
    const { ask } = asking(speaks)
    const headers = { 'x-a': '1' }
    const sent = 'GET / host=a.test x-a=1'
    expect(await ask({ path: '/', headers })).toBe(sent)
    expect(
      await ask({ path: '/', method: 'POST', headers, body: new URLSearchParams('b=c').toString() }),
    ).toBe('POST / host=a.test x-a=1 b=c')
    const form = new FormData()
    form.append('b', 'c')
    expect(await ask({ path: '/', method: 'POST', headers, body: form as never })).toContain(
      'content-type=multipart',
    )
    expect(await ask({ path: '/', headers })).toBe(sent)
    const closing = speaks === 'h2' ? sent : 'GET / connection=close host=a.test x-a=1'
    expect(await ask({ path: '/', headers, reset: true })).toBe(closing)
    expect(await ask({ path: '/', headers: { ...headers, connection: 'close' } })).toBe(closing)
    expect(await ask({ path: '/', headers })).toBe(sent)
  })

  test('more paths and origins than are remembered, some of them long', async () => {
    const { ask } = asking(speaks)
    for (let round = 0; round < 2; round++) {
      for (let i = 0; i < 150; i++) expect(await ask({ path: `/${i}` })).toBe(`GET /${i} host=a.test`)
      for (let i = 0; i < 120; i++)
        expect(await ask({ origin: `https://a${i}.test`, path: '/' })).toBe(`GET / host=a${i}.test`)
    }
    const long = `/${'a'.repeat(300)}`
    expect(await ask({ path: long })).toBe(`GET ${long} host=a.test`)
    expect(await ask({ path: long })).toBe(`GET ${long} host=a.test`)
  })

  test('a path with a query of its own, and one whose query is given', async () => {
    const { ask } = asking(speaks)
    expect(await ask({ path: '/a', query: { b: 1 } })).toBe('GET /a?b=1 host=a.test')
    expect(await ask({ path: '/a' })).toBe('GET /a host=a.test')
    expect(await ask({ path: '/a', query: { b: 2 } })).toBe('GET /a?b=2 host=a.test')
    await expect(ask({ path: '/a b\u0000' })).rejects.toMatchObject({ code: 'UND_ERR_INVALID_ARG' })
    await expect(ask({ path: '/a b\u0000' })).rejects.toMatchObject({ code: 'UND_ERR_INVALID_ARG' })
  })

  test('what a subscriber adds is for its request alone', async () => {
    const { ask } = asking(speaks)
    expect(await ask({ path: '/' })).toBe('GET / host=a.test')
    const add = (message: unknown): void => {
      const { request } = message as { request: { addHeader(name: string, value: string): void } }
      request.addHeader('x-traced', '1')
    }
    subscribe('undici:request:create', add)
    try {
      expect(await ask({ path: '/' })).toBe('GET / host=a.test x-traced=1')
    } finally {
      unsubscribe('undici:request:create', add)
    }
    expect(await ask({ path: '/' })).toBe('GET / host=a.test')
  })

  test('what a tracer adds, too', async () => {
    let count = 0
    const tracer = {
      onRequestStart: (request: { headers: { append(name: string, value: string): unknown } }) =>
        void request.headers.append('x-count', String(++count)),
    }
    const { ask } = asking(speaks, { tracer })
    await ask({ path: '/' })
    expect(await ask({ path: '/' })).not.toContain('x-count=1')
  })
})
