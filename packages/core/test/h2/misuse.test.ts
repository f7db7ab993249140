import { frames } from '@hyper/testkit'
import { describe, expect, test } from 'vitest'
import { Body, channel, type BodySender } from '../../src/body/index.ts'
import type { HyperError } from '../../src/error/index.ts'
import { HttpResponse } from '../../src/http/response.ts'
import type { Exchange, Service } from '../../src/service/service.ts'
import { dialled } from './dial-kit.ts'
import { served } from './serve-kit.ts'

// What callers and services do wrong, or late, costs one exchange, is told to whoever waits for it, and never the
// connection.

const { data, request, response, rst, settings } = frames
const POST = { method: 'POST' }
const ERROR_500 = (id: number): string => `HEADERS ${id} end :status=500`

/** A service of which each request gets the next behaviour. */
function script(...steps: Service[]): Service {
  return (message, exchange) => steps.shift()!(message, exchange)
}

/** What a body's source hears when nobody takes it. */
function told(sender: BodySender): Promise<string> {
  return sender.send('x').then(
    () => 'taken',
    (error: HyperError) => error.code,
  )
}

describe('an answer that cannot be sent', () => {
  const unsendable: [name: string, make: (body: Body) => unknown][] = [
    ['a status that is not final', (body) => new HttpResponse(body, { status: 103 })],
    ['a body that was used', (body) => (body.cancel(), new HttpResponse(body))],
    ['no response at all', () => 'text'],
    ['nothing', () => undefined],
  ]
  test.each(unsendable)('%s: 500, and its source is told', async (_name, make) => {
    const { sender, body } = channel()
    const later = channel().body
    const it = await served(script((() => make(body)) as Service, async () => make(later) as never))
    expect(await it.send(request(1), request(3))).toEqual([ERROR_500(1), ERROR_500(3)])
    expect(it.runtime.errors).toHaveLength(2)
    if (body.used) expect(await told(sender)).toMatch(/^(CANCELED|INVALID_STATUS)$/u)
    expect(it.end).toBe(null)
    expect(it.connection.isIdle).toBe(true)
  })
})

/** Says nothing of itself, not even what it is. */
const HOSTILE: object = new Proxy(
  {},
  {
    getPrototypeOf: () => {
      throw new Error('no prototype')
    },
  },
)

test('what cannot even be asked what it is, thrown or given: 500', async () => {
  const it = await served(
    script(
      () => {
        throw HOSTILE
      },
      () => HOSTILE as never,
      () => Promise.reject(HOSTILE),
      () => Promise.resolve(HOSTILE as never),
    ),
  )
  expect(await it.send(request(1), request(3))).toEqual([ERROR_500(1), ERROR_500(3)])
  expect(await it.send(request(5), request(7))).toEqual([ERROR_500(5), ERROR_500(7)])
  expect(it.runtime.errors).toHaveLength(4)
})

describe('a body of the request that is read late', () => {
  test('after the answer: it says that it is gone', async () => {
    const late = Promise.withResolvers<unknown>()
    const it = await served((message) => {
      queueMicrotask(() => void message.text().then(late.resolve, late.resolve))
      return new HttpResponse('done')
    })
    expect(await it.send(request(1, [], POST), data(1, 'abc'))).toEqual([
      'HEADERS 1 :status=200 content-length=4',
      'DATA 1 end done',
    ])
    expect(await late.promise).toMatchObject({ code: 'CANCELED', by: 'user' })
  })

  test('after the stream was reset: it says that too', async () => {
    const gate = Promise.withResolvers<void>()
    const texts: Promise<string>[] = []
    const it = await served(async (message) => {
      await gate.promise
      texts.push(message.text().catch((error: HyperError) => `${error.code} ${error.reason}`))
      return new HttpResponse()
    })
    await it.send(request(1, [], POST), data(1, 'abc'), rst(1, 'CANCEL'))
    gate.resolve()
    await it.written()
    expect(await texts[0]).toBe('STREAM_RESET CANCEL')
  })

  test('a reader that had begun goes on reading after the answer', async () => {
    const texts: Promise<string>[] = []
    const it = await served((message) => {
      texts.push(message.text())
      return new HttpResponse('soon')
    })
    await it.send(request(1, [], POST), data(1, 'ab'))
    await it.send(data(1, 'c', { endStream: true }))
    expect(await texts[0]).toBe('abc')
    expect(it.connection.isIdle).toBe(true)
  })
})

test('an echo whose client leaves is no failure of the service', async () => {
  const it = await served((message) => new HttpResponse(message.body))
  await it.send(request(1, [], POST), data(1, 'abc'))
  await it.send(rst(1, 'CANCEL'))
  await it.send(request(3, [], POST), data(3, 'abc'))
  it.io.feedClose()
  await it.written()
  expect(it.runtime.errors).toEqual([])
})

describe('a tunnel', () => {
  const connect = (id: number): Uint8Array =>
    frames.headers(id, [
      [':method', 'CONNECT'],
      [':authority', 'b:1'],
    ])

  test('whose request body was taken already is refused', async () => {
    const parts: Promise<unknown>[] = []
    const begin = (message: { body: Body }, exchange: Exchange): HttpResponse => {
      parts.push(exchange.upgrade().catch((error: HyperError) => error.code))
      message.body.start({ onData() {}, onTrailers() {}, onEnd() {}, onError() {} })
      return new HttpResponse()
    }
    const it = await served(script(begin, async (message, exchange) => begin(message, exchange)))
    expect(await it.send(connect(1), connect(3))).toEqual([ERROR_500(1), ERROR_500(3)])
    expect(await Promise.all(parts)).toEqual(['NO_UPGRADE', 'NO_UPGRADE'])
    expect(it.runtime.errors.map((error) => (error as HyperError).code)).toEqual(['BODY_USED', 'BODY_USED'])
    expect(it.end).toBe(null)
  })

  test('has no room for the body of its answer, and its source is told', async () => {
    const { sender, body } = channel()
    const it = await served((_message, exchange) => {
      void exchange.upgrade()
      return new HttpResponse(body)
    })
    expect(await it.send(connect(1))).toEqual(['HEADERS 1 :status=200'])
    expect(await told(sender)).toBe('CANCELED')
  })

  test('a 2xx to CONNECT says no length, whoever takes the stream', async () => {
    const it = await served(() => new HttpResponse('hello', { headers: { 'content-length': '5' } }))
    expect(await it.send(connect(1))).toEqual(['HEADERS 1 :status=200', 'DATA 1 end hello'])
  })
})

describe('hooks of a client that throw', () => {
  test('onReady', async () => {
    const it = await dialled({}, settings({ maxConcurrentStreams: 1 }))
    it.sender.onReady = () => {
      throw new Error('pool')
    }
    const first = it.request()
    await it.receive(response(1, 200, [], { endStream: true }))
    const second = it.request()
    await it.receive(response(3, 200, [], { endStream: true }))
    expect([first.response.status, second.response.status]).toEqual([200, 200])
    expect(it.runtime.errors.length).toBeGreaterThan(0)
    expect(it.end).toBe(null)
  })

  test('onInformational', async () => {
    const it = await dialled()
    const box = it.request(
      {},
      {
        onInformational: () => {
          throw new Error('hook')
        },
      },
    )
    await it.receive(response(1, 103), response(1, 200, [], { endStream: true }))
    expect(box.response.status).toBe(200)
    expect(it.runtime.errors).toHaveLength(1)
  })
})
