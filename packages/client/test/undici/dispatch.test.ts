import { channel, withTrailers } from '@hyper/core/body'
import { HyperError } from '@hyper/core/error'
import { HeaderMap, HttpResponse } from '@hyper/core/http'
import { describe, expect, test } from 'vitest'
import { Client, type ClientOptions } from '../../src/index.ts'
import {
  type DispatcherOptions,
  type DispatchInterceptor,
  type HyperDispatcher,
  toDispatcher,
} from '../../src/undici/index.ts'
import { PROTOCOLS, type Protocol, World } from '../kit.ts'
import { bodyOf, dispatch, GENERATIONS, record } from './kit.ts'

// What a handler hears of a request, whichever generation it is of. The engine is at both ends, in memory, on a virtual clock.

interface Dispatching {
  readonly world: World
  readonly dispatcher: HyperDispatcher
}

function start(speaks: Protocol, options: ClientOptions = {}, own: DispatcherOptions = {}): Dispatching {
  const world = new World(speaks, options)
  return { world, dispatcher: toDispatcher(world.client, own) }
}

const origin = 'https://a.test'
const CASES = PROTOCOLS.flatMap((speaks) => GENERATIONS.map((generation) => [speaks, generation] as const))
const never = (): Promise<never> => new Promise(() => undefined)

describe.each(CASES)('%s, handlers of the %s generation', (speaks, generation) => {
  test('a response: start, head, data, end', async () => {
    const { dispatcher, world } = start(speaks)
    world.service = ({ headers, method, target }) =>
      new HttpResponse(`${method} ${target} ${headers.get('x-mine')}`, {
        headers: [
          ['x-yours', 'b'],
          ['set-cookie', 'a=1'],
          ['set-cookie', 'b=2'],
        ],
      })
    const heard = dispatch(dispatcher, generation, { origin, path: '/a?b=c', headers: { 'X-Mine': 'a' } })
    expect(heard.accepted).toBe(true)
    expect(heard.heard).toEqual(['start'])
    await world.done(heard.done)
    expect(heard.heard).toEqual(['start', 'head 200', 'data GET /a?b=c a', 'end'])
    const [head] = heard.heads
    expect(head?.raw.slice(0, 6)).toEqual(['x-yours', 'b', 'set-cookie', 'a=1', 'set-cookie', 'b=2'])
    expect(head?.reason).toBe(speaks === 'h2' ? '' : 'OK')
    if (generation === 'later')
      expect(head?.fields).toMatchObject({ 'x-yours': 'b', 'set-cookie': ['a=1', 'b=2'] })
    expect(heard.trailers).toEqual([])
  })

  test('interim responses come before it', async () => {
    const { dispatcher, world } = start(speaks)
    world.service = (_request, exchange) => {
      exchange.informational(103, { link: '</a.css>; rel=preload' })
      exchange.informational(102)
      return new HttpResponse('ok')
    }
    const heard = dispatch(dispatcher, generation, { origin })
    heard.wants = false
    await world.runtime.settle()
    // What is said of an interim response holds nothing back.
    expect(heard.heard).toEqual(['start', 'head 103', 'head 102', 'head 200'])
    expect(heard.heads[0]?.raw).toEqual(['link', '</a.css>; rel=preload'])
    heard.wants = true
    heard.resume()
    expect(heard.heard.slice(4)).toEqual(['data ok', 'end'])
  })

  test('trailers', async () => {
    const { dispatcher, world } = start(speaks)
    const trailers = new HeaderMap([
      ['digest', 'abc'],
      ['x', '1'],
      ['x', '2'],
    ])
    world.service = () =>
      new HttpResponse(withTrailers(channelOf('body'), trailers), { headers: { trailer: 'digest, x' } })
    const heard = await world.done(
      dispatch(dispatcher, generation, { origin, headers: { te: 'trailers' } }).done,
    )
    expect(heard.trailers).toEqual(['digest', 'abc', 'x', '1', 'x', '2'])
    if (generation === 'later') expect(heard.trailerFields).toEqual({ digest: 'abc', x: ['1', '2'] })
  })

  test('data waits for the handler', async () => {
    const { dispatcher, world } = start(speaks)
    const { body, sender } = channel()
    world.service = () => new HttpResponse(body)
    void sender.send('one')
    const heard = dispatch(dispatcher, generation, { origin })
    heard.wants = false
    await world.runtime.settle()
    expect(heard.heard).toEqual(['start', 'head 200'])
    heard.resume()
    await world.runtime.settle()
    expect(bodyOf(heard)).toBe('one')
    void sender.send('two')
    sender.end()
    await world.runtime.settle()
    expect(bodyOf(heard)).toBe('one')
    heard.wants = true
    heard.resume()
    await world.runtime.settle()
    expect(heard.heard.slice(-2)).toEqual(['data two', 'end'])
  })

  test('a response without a body is over, paused or not', async () => {
    const { dispatcher, world } = start(speaks)
    world.service = () => new HttpResponse(null, { status: 204 })
    const heard = dispatch(dispatcher, generation, { origin })
    heard.wants = false
    await world.runtime.settle()
    expect(heard.heard).toEqual(['start', 'head 204', 'end'])
  })

  test('redirects are not followed, codings not undone, and nothing is asked for that was not', async () => {
    const { dispatcher, world } = start(speaks)
    let asked: string[] = []
    world.service = ({ headers }) => {
      asked = [...headers.keys()]
      return new HttpResponse('not gzip', {
        status: 302,
        headers: { location: '/b', 'content-encoding': 'gzip' },
      })
    }
    const heard = await world.done(dispatch(dispatcher, generation, { origin }).done)
    expect(heard.heard).toEqual(['start', 'head 302', 'data not gzip', 'end'])
    expect(asked).toEqual(['host'])
  })

  describe('giving up', () => {
    test('as it begins: nothing is sent', async () => {
      const { dispatcher, world } = start(speaks)
      const { handler, record: heard } = record(generation)
      const reason = new Error('enough')
      heard.on = (what) => {
        if (what === 'start') heard.abort(reason)
      }
      expect(dispatcher.dispatch({ origin, path: '/', method: 'GET' }, handler)).toBe(true)
      await world.runtime.settle()
      expect(heard.heard).toEqual(['start', 'error Error'])
      expect([heard.error, world.dials]).toEqual([reason, []])
    })

    test('while it connects, without a reason: an error of undici, at once', async () => {
      const { dispatcher, world } = start(speaks)
      world.gate = never()
      const heard = dispatch(dispatcher, generation, { origin })
      await world.runtime.settle()
      heard.abort()
      expect(heard.heard).toEqual(['start', 'error UND_ERR_ABORTED'])
      expect(heard.error).toMatchObject({ name: 'AbortError' })
      await world.runtime.settle()
      expect(heard.heard).toHaveLength(2)
    })

    test('while it waits for an answer: the server is told', async () => {
      const { dispatcher, world } = start(speaks)
      let cancelled = false
      world.service = (_request, exchange) => {
        exchange.onCancel(() => {
          cancelled = true
        })
        return never()
      }
      const heard = dispatch(dispatcher, generation, { origin })
      await world.runtime.settle()
      heard.abort(new Error('enough'))
      await world.runtime.settle()
      expect([heard.heard, cancelled]).toEqual([['start', 'error Error'], true])
    })

    test('inside of the body: no data after that', async () => {
      const { dispatcher, world } = start(speaks)
      const { body, sender } = channel()
      world.service = () => new HttpResponse(body)
      void sender.send('one')
      const heard = dispatch(dispatcher, generation, { origin })
      await world.runtime.settle()
      heard.abort(new Error('enough'))
      void sender.send('two')
      await world.runtime.settle()
      expect(heard.heard).toEqual(['start', 'head 200', 'data one', 'error Error'])
    })

    test('once it is over: nothing', async () => {
      const { dispatcher, world } = start(speaks)
      const heard = await world.done(dispatch(dispatcher, generation, { origin }).done)
      heard.abort(new Error('enough'))
      expect(heard.heard.at(-1)).toBe('end')
    })

    test.each(['start', 'head 200', 'data ok'])('by throwing at "%s"', async (at) => {
      const { dispatcher, world } = start(speaks)
      const { handler, record: heard } = record(generation)
      heard.on = (what) => {
        if (what === at) throw new RangeError('mine')
      }
      dispatcher.dispatch({ origin, path: '/', method: 'GET' }, handler)
      await world.runtime.settle()
      expect(heard.heard.slice(-2)).toEqual([at, 'error RangeError'])
      expect(world.runtime.errors).toEqual([])
    })

    test('throwing at the end, and at the error', async () => {
      const { dispatcher, world } = start(speaks)
      const { handler, record: heard } = record(generation)
      heard.on = (what) => {
        if (what === 'end' || what.startsWith('error')) throw new RangeError(what)
      }
      dispatcher.dispatch({ origin, path: '/', method: 'GET' }, handler)
      await world.runtime.settle()
      expect(heard.heard.slice(-2)).toEqual(['end', 'error RangeError'])
      expect(world.runtime.errors).toEqual([new RangeError('error RangeError')])
    })
  })

  describe('timeouts', () => {
    test('a head may take 320 s, where nothing else is said', async () => {
      const { dispatcher, world } = start(speaks)
      const answer = Promise.withResolvers<HttpResponse>()
      world.service = () => answer.promise
      const heard = dispatch(dispatcher, generation, { origin })
      await world.pass(320_000)
      expect(heard.heard).toEqual(['start'])
      answer.resolve(new HttpResponse('late'))
      expect(bodyOf(await world.done(heard.done))).toBe('late')
    })

    test.each([
      ['of the client', { headers: 310_000 }, {}],
      ['of the request', {}, { headersTimeout: 310_000 }],
      ['of the request, in place of the client’s', { headers: 10 }, { headersTimeout: 310_000 }],
    ])('headers, %s', async (_, timeouts, options) => {
      const { dispatcher, world } = start(speaks, { timeouts })
      world.service = never
      const heard = dispatch(dispatcher, generation, { origin, ...options })
      await world.pass(309_000)
      expect(heard.heard).toEqual(['start'])
      await world.pass(3_000)
      expect(heard.heard).toEqual(['start', 'error UND_ERR_HEADERS_TIMEOUT'])
      expect(heard.error).toMatchObject({
        name: 'HeadersTimeoutError',
        phase: 'headers',
        address: '192.0.2.1:443',
        attempts: 1,
        retryable: false,
        cause: { name: 'HyperError', code: 'HEADERS_TIMEOUT' },
      })
    })

    test('headersTimeout 0 is no limit', async () => {
      const { dispatcher, world } = start(speaks, { timeouts: { headers: 10 } })
      world.service = never
      const heard = dispatch(dispatcher, generation, { origin, headersTimeout: 0 })
      await world.pass(1e6)
      expect(heard.heard).toEqual(['start'])
    })

    test('bodyTimeout: silence inside of the body', async () => {
      const { dispatcher, world } = start(speaks)
      const { body, sender } = channel()
      world.service = () => new HttpResponse(body)
      void sender.send('one')
      const heard = dispatch(dispatcher, generation, { origin, bodyTimeout: 5_000 })
      await world.pass(7_000)
      expect(heard.heard).toEqual(['start', 'head 200', 'data one', 'error UND_ERR_BODY_TIMEOUT'])
    })

    test('total: over everything', async () => {
      const { dispatcher, world } = start(speaks, { timeouts: { total: 1_000 } })
      const { body, sender } = channel()
      world.service = () => new HttpResponse(body)
      void sender.send('one')
      const heard = dispatch(dispatcher, generation, { origin })
      await world.pass(999)
      expect(heard.heard).toEqual(['start', 'head 200', 'data one'])
      await world.pass(1)
      expect(heard.heard.at(-1)).toBe('error UND_ERR_BODY_TIMEOUT')
      expect(heard.error?.cause).toMatchObject({ code: 'TOTAL_TIMEOUT' })
    })
  })

  describe('sending again', () => {
    test('a request that a lost connection took with it', async () => {
      const { dispatcher, world } = start(speaks)
      await world.done(dispatch(dispatcher, generation, { origin }).done)
      let asked = 0
      world.service = () => {
        asked++
        if (asked > 1) return new HttpResponse('again')
        world.ends[0]?.abort()
        return never()
      }
      const heard = await world.done(dispatch(dispatcher, generation, { origin }).done)
      expect([bodyOf(heard), asked, world.dials.length]).toEqual(['again', 2, 2])
      expect(heard.heard[0]).toBe('start')
    })

    test('a POST that may have been processed is not', async () => {
      const { dispatcher, world } = start(speaks)
      await world.done(dispatch(dispatcher, generation, { origin }).done)
      let asked = 0
      world.service = () => {
        asked++
        world.ends[0]?.abort()
        return never()
      }
      const heard = await world.done(
        dispatch(dispatcher, generation, { origin, method: 'POST', body: 'a' }).done,
      )
      expect(asked).toBe(1)
      expect(heard.error).toMatchObject({
        code: 'ECONNRESET',
        retryable: false,
        message: expect.stringContaining('POST must not be done twice'),
      })
    })

    test('but for one of which the caller says that it may be', async () => {
      const { dispatcher, world } = start(speaks)
      await world.done(dispatch(dispatcher, generation, { origin }).done)
      let asked = 0
      world.service = async (request) => {
        asked++
        if (asked > 1) return new HttpResponse(await request.text())
        world.ends[0]?.abort()
        return never()
      }
      const options = { origin, method: 'POST', body: 'a', idempotent: true }
      const heard = await world.done(dispatch(dispatcher, generation, options).done)
      expect([bodyOf(heard), asked]).toEqual(['a', 2])
    })
  })

  test('a body that fails: with the error that it failed with', async () => {
    const { dispatcher, world } = start(speaks)
    const thrown = new RangeError('no more')
    const body = (async function* () {
      yield 'one'
      throw thrown
    })()
    const heard = await world.done(dispatch(dispatcher, generation, { origin, method: 'POST', body }).done)
    expect(heard.error).toBe(thrown)
  })

  test('what is refused at once is heard of, too', async () => {
    const { dispatcher } = start(speaks)
    const heard = dispatch(dispatcher, generation, { origin, path: 'no/slash' })
    expect([heard.accepted, heard.heard]).toEqual([false, ['error UND_ERR_INVALID_ARG']])
    expect(heard.error).toMatchObject({ name: 'InvalidArgumentError', by: 'user' })
  })

  test('what is sent of the request is told to who asks', async () => {
    const { dispatcher, world } = start(speaks)
    world.service = async (request) => new HttpResponse(await request.text())
    const { handler, record: heard } = record(generation)
    const sent: string[] = []
    Object.assign(handler, {
      onBodySent: (chunk: Buffer) => sent.push(chunk.toString()),
      onRequestSent: () => sent.push('sent'),
      onResponseStarted: () => sent.push('started'),
    })
    const body = ['ab', 'cd']
    dispatcher.dispatch({ origin, path: '/', method: 'POST', body }, handler)
    await world.done(heard.done)
    expect([bodyOf(heard), sent]).toEqual(['abcd', ['ab', 'cd', 'sent', 'started']])
    sent.length = 0
    dispatcher.dispatch({ origin, path: '/', method: 'GET' }, handler)
    await world.runtime.settle()
    expect(sent).toEqual(['sent', 'started'])
  })

  test('hyper’s own codes, where they are wanted', async () => {
    const { dispatcher, world } = start(speaks, {}, { codes: 'hyper' })
    world.service = never
    const heard = dispatch(dispatcher, generation, { origin, headersTimeout: 100 })
    await world.pass(2_000)
    expect(heard.error).toBeInstanceOf(HyperError)
    expect(heard.error).toMatchObject({ code: 'HEADERS_TIMEOUT', name: 'HyperError' })
  })

  test('closing: what is under way is finished, what comes is refused', async () => {
    const { dispatcher, world } = start(speaks)
    const answer = Promise.withResolvers<HttpResponse>()
    world.service = () => answer.promise
    const heard = dispatch(dispatcher, generation, { origin })
    await world.runtime.settle()
    let isClosed = false
    const closed = dispatcher.close().then(() => {
      isClosed = true
    })
    const late = dispatch(dispatcher, generation, { origin })
    expect([late.accepted, late.heard, dispatcher.closed]).toEqual([false, ['error UND_ERR_CLOSED'], true])
    await world.runtime.settle()
    expect(isClosed).toBe(false)
    answer.resolve(new HttpResponse('ok'))
    await world.done(closed)
    expect(heard.heard.at(-1)).toBe('end')
    // The client was given: it goes on.
    expect(await world.done(world.client.get(`${origin}/`).then((response) => response.text()))).toBe('ok')
  })

  test('destroying: what is under way fails, a body at rest too', async () => {
    const { dispatcher, world } = start(speaks)
    const { body, sender } = channel()
    world.service = ({ target }) => (target === '/body' ? new HttpResponse(body) : never())
    void sender.send('one')
    const waiting = dispatch(dispatcher, generation, { origin })
    const resting = dispatch(dispatcher, generation, { origin, path: '/body' })
    resting.wants = false
    await world.runtime.settle()
    expect(resting.heard).toEqual(['start', 'head 200'])
    const why = new Error('that is all')
    await world.done(dispatcher.destroy(why))
    expect([waiting.error, resting.error]).toEqual([why, why])
    const late = dispatch(dispatcher, generation, { origin })
    expect([late.heard, dispatcher.destroyed]).toEqual([['error UND_ERR_DESTROYED'], true])
  })

  test('callbacks, for who has no promises', async () => {
    const { dispatcher, world } = start(speaks)
    const calls: unknown[] = []
    dispatcher.close((...values) => calls.push(values))
    dispatcher.destroy((...values) => calls.push(values))
    dispatcher.destroy(null, (...values) => calls.push(values))
    await world.runtime.settle()
    expect(calls).toEqual([
      [null, null],
      [null, null],
      [null, null],
    ])
  })

  test('through interceptors of either generation, the last one outermost', async () => {
    const { dispatcher, world } = start(speaks)
    world.service = ({ headers }) => new HttpResponse(headers.get('x-order') ?? '')
    const order =
      (name: string): DispatchInterceptor =>
      (next) =>
      (options, handler) =>
        next(
          {
            ...options,
            headers: {
              'x-order': `${(options.headers as { 'x-order'?: string } | undefined)?.['x-order'] ?? ''}${name}`,
            },
          },
          handler,
        )
    // As those of undici 7 do: later methods of whatever handler there is, as a DecoratorHandler calls them.
    const later: DispatchInterceptor = (next) => (options, handler) =>
      next(options, {
        onRequestStart: (controller, context) => handler.onRequestStart?.(controller, context),
        onResponseStart: (controller, status, fields, reason) =>
          handler.onResponseStart?.(controller, status, { ...fields, 'x-added': 'yes' }, reason),
        onResponseData: (controller, chunk) => handler.onResponseData?.(controller, chunk),
        onResponseEnd: (controller, trailers) => handler.onResponseEnd?.(controller, trailers),
        onResponseError: (controller, error) => handler.onResponseError?.(controller, error),
      })
    const composed = dispatcher.compose([order('a'), later], order('b'))
    const heard = await world.done(dispatch(composed, generation, { origin }).done)
    expect(bodyOf(heard)).toBe('ba')
    if (generation === 'earlier') expect(heard.heads[0]?.raw).toContain('x-added')
    else expect(heard.heads[0]?.fields).toMatchObject({ 'x-added': 'yes' })
    await world.done(composed.close())
    expect(dispatcher.closed).toBe(true)
  })
})

test('a client of its own is closed and ended with it', async () => {
  const world = new World('http/1.1')
  const dispatcher = toDispatcher({ runtime: world.runtime, connector: () => never() })
  const heard = dispatch(dispatcher, 'later', { origin })
  await world.done(dispatcher.destroy())
  expect(heard.error).toMatchObject({ code: 'UND_ERR_DESTROYED' })
})

test('what is no handler, and no interceptor, is refused', () => {
  const dispatcher = toDispatcher(new Client())
  const options = { origin, path: '/', method: 'GET' }
  expect(() => dispatcher.dispatch(options, null as never)).toThrow('a dispatch handler must be an object')
  expect(() => dispatcher.dispatch(options, {})).toThrow('a dispatch handler must have onError')
  expect(() => dispatcher.dispatch(options, { onRequestStart: () => {} })).toThrow(
    'must have onResponseError',
  )
  expect(() => dispatcher.compose('no' as never)).toThrow('an interceptor must be a function')
  expect(() => dispatcher.compose((() => 'no') as never)).toThrow('an interceptor must be a function')
  expect(() => dispatcher.request()).toThrow('call undici.request(url, { dispatcher })')
  expect(() => toDispatcher({}, { codes: 'mine' as never })).toThrow(
    "codes must be 'undici' or 'hyper', not mine",
  )
})

function channelOf(text: string): ReturnType<typeof channel>['body'] {
  const { body, sender } = channel()
  void sender.send(text)
  sender.end()
  return body
}
