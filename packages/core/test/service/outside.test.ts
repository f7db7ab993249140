import { frames } from '@hyper/testkit'
import { describe, expect, test } from 'vitest'
import type { ServerExchange } from '../../src/drive/exchange.ts'
import { userError } from '../../src/error/index.ts'
import { HttpResponse } from '../../src/http/response.ts'
import type { Exchange, Service } from '../../src/service/service.ts'
import { connected } from '../h1/connected.ts'
import { served } from '../h2/serve-kit.ts'

// An exchange that is answered, or given up, from outside of its service: for what is called back and has no promise to keep.
// And an answer that wants no date.

const GET = 'GET / HTTP/1.1\r\nhost: a\r\n\r\n'
const options = { keepAliveHint: false }

/** A service that promises, and keeps nothing; the exchange is for others. */
function promising(): { service: Service; exchanges: ServerExchange[]; told: string[] } {
  const exchanges: ServerExchange[] = []
  const told: string[] = []
  const service: Service = (_, exchange: Exchange) => {
    exchange.onCancel((reason) => told.push(reason.code))
    exchanges.push(exchange as ServerExchange)
    return new Promise<HttpResponse>(() => {})
  }
  return { service, exchanges, told }
}

describe('HTTP/1', () => {
  test('answer is sent at once, and the connection goes on', async () => {
    const { exchanges, service, told } = promising()
    const it = connected(service, options)
    expect(await it.ask(GET)).toBe('')
    exchanges[0]!.answer(new HttpResponse('one'))
    // No promise stands between: it is written when the call returns.
    expect(it.io.take()).toBe('HTTP/1.1 200 OK\r\ncontent-length: 3\r\n\r\none')
    exchanges[0]!.answer(new HttpResponse('twice'))
    expect(await it.ask(GET)).toBe('')
    exchanges[1]!.answer(new HttpResponse('two'))
    expect(await it.written()).toBe('HTTP/1.1 200 OK\r\ncontent-length: 3\r\n\r\ntwo')
    expect(told).toEqual([])
  })

  test('abandon ends the connection; the listeners hear why, and nothing else is told', async () => {
    const { exchanges, service, told } = promising()
    const it = connected(service, options)
    await it.ask(GET)
    exchanges[0]!.abandon(userError('CANCELED', 'given up'))
    expect([await it.written(), it.io.closed, it.code, told]).toEqual(['', true, 'CANCELED', ['CANCELED']])
    exchanges[0]!.abandon(userError('CANCELED', 'again'))
    expect([told, it.runtime.errors]).toEqual([['CANCELED'], []])
  })

  test('an empty date is no date', async () => {
    const service: Service = () => new HttpResponse('x', { headers: { date: '', 'x-a': '1' } })
    const it = connected(service, { ...options, autoDateHeader: true })
    expect(await it.ask(GET)).toBe('HTTP/1.1 200 OK\r\nx-a: 1\r\ncontent-length: 1\r\n\r\nx')
  })
})

describe('HTTP/2', () => {
  test('answer, and abandon: of one stream, and no other', async () => {
    const { exchanges, service, told } = promising()
    const it = await served(service)
    await it.send(frames.request(1), frames.request(3))
    exchanges[0]!.abandon(userError('CANCELED', 'given up'))
    exchanges[1]!.answer(new HttpResponse('two'))
    expect(await it.written()).toEqual([
      'RST_STREAM 1 CANCEL',
      'HEADERS 3 :status=200 content-length=3',
      'DATA 3 end two',
    ])
    expect([told, it.code]).toEqual([['CANCELED'], null])
  })

  test('an empty date is no date', async () => {
    const service: Service = () => new HttpResponse(null, { status: 204, headers: { date: '', 'x-a': '1' } })
    const it = await served(service, { autoDateHeader: true })
    expect(await it.send(frames.request(1))).toEqual(['HEADERS 1 end :status=204 x-a=1'])
  })
})
