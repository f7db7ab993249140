// exchange.refuse(): a request that counts as not processed, over both protocols.

import { frames } from '@hyper/testkit'
import { describe, expect, test } from 'vitest'
import { HttpResponse } from '../../src/http/response.ts'
import type { Exchange, Service } from '../../src/service/service.ts'
import { connected } from '../h1/connected.ts'
import { get, post, refusal } from '../h1/wire.ts'
import { served } from '../h2/serve-kit.ts'

const REFUSED = refusal(503)
const { data, request, settings } = frames

/** Refuses what comes to `/no`, says what became of it, and answers the rest. */
function refusing(log: unknown[], late: boolean): Service {
  return async (incoming, exchange) => {
    if (incoming.target !== '/no') return new HttpResponse('ok')
    exchange.onCancel(({ by, code, reason, retryable }) => log.push([code, by, reason, retryable]))
    if (late) await Promise.resolve()
    const answer = exchange.refuse()
    log.push(answer.status)
    return answer
  }
}

for (const late of [false, true]) {
  describe(late ? 'later' : 'at once', () => {
    test('HTTP/1: 503, and the connection ends with it', async () => {
      const log: unknown[] = []
      const it = connected(refusing(log, late))
      await it.ask(get())
      expect(await it.ask(get().replace('/ ', '/no ') + get())).toBe(REFUSED)
      expect([log, it.io.ended]).toEqual([[503], true])
      it.io.feedEnd()
      await it.written()
      expect([it.code, it.end?.reasons, it.runtime.errors]).toEqual(['', ['our-close'], []])
    })

    test('HTTP/1: a body that is still on its way', async () => {
      const it = connected(refusing([], late))
      const wire = post(['content-length: 1000000'], 'abc').replace('/ ', '/no ')
      expect(await it.ask(wire)).toBe(REFUSED)
      expect([it.io.ended, it.io.aborted]).toEqual([true, false])
    })

    test('HTTP/2: REFUSED_STREAM, and the connection goes on', async () => {
      const log: unknown[] = []
      const it = await served(refusing(log, late))
      expect(await it.send(request(1, [], { path: '/no' }))).toEqual(['RST_STREAM 1 REFUSED_STREAM'])
      expect(log).toEqual([['CANCELED', 'user', 'REFUSED_STREAM', true], 503])
      expect(await it.send(request(3, [], { path: '/no', method: 'POST' }), data(3, 'late'))).toEqual([
        'RST_STREAM 3 REFUSED_STREAM',
      ])
      expect(await it.send(request(5))).toEqual(['HEADERS 5 :status=200 content-length=2', 'DATA 5 end ok'])
      expect([it.code, it.runtime.errors]).toEqual([null, []])
    })
  })
}

test('HTTP/2: as many as a client likes; they are no mistakes of its own', async () => {
  const it = await served((_, exchange) => exchange.refuse(), { maxLocalErrorResetStreams: 3 })
  for (let id = 1; id < 41; id += 2)
    expect(await it.send(request(id))).toEqual([`RST_STREAM ${id} REFUSED_STREAM`])
  expect(it.code).toBe(null)
})

test('after the answer it does nothing', async () => {
  let kept: Exchange | null = null
  const service: Service = (_, exchange) => {
    kept = exchange
    return new HttpResponse('ok')
  }
  const one = connected(service)
  await one.ask(get())
  expect(kept!.refuse().status).toBe(503)
  expect([await one.written(), one.io.ended]).toEqual(['', false])
  const two = await served(service)
  await two.send(settings({ initialWindowSize: 0 }), request(1))
  kept!.refuse()
  expect(await two.written()).toEqual([])
})

test('what is given in its place is dropped', async () => {
  const service: Service = (_, exchange) => {
    exchange.refuse()
    return new HttpResponse('but no')
  }
  expect(await connected(service).ask(get())).toBe(REFUSED)
  const it = await served(service)
  expect(await it.send(request(1))).toEqual(['RST_STREAM 1 REFUSED_STREAM'])
})

test('whoever watches sees an answer over HTTP/1, and an exchange given up over HTTP/2', async () => {
  const seen: unknown[] = []
  const tracer = {
    onResponseStart: (_: unknown, { status }: HttpResponse) => seen.push(status),
    onRequestEnd: (_: unknown, error: { reason: string | null } | null) =>
      seen.push(error === null ? null : error.reason),
  }
  await connected((_, exchange) => exchange.refuse(), { tracer }).ask(get())
  expect(seen.splice(0)).toEqual([503, null])
  const it = await served((_, exchange) => exchange.refuse(), { tracer })
  await it.send(request(1))
  expect(seen).toEqual(['REFUSED_STREAM'])
})
