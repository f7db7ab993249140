import { HyperError } from '@hyper/core/error'
import { Extensions, HttpRequest, type HttpResponse } from '@hyper/core/http'
import type { Exchange } from '@hyper/core/service'
import { stack } from '@hyper/core/service'
import { VirtualRuntime } from '@hyper/testkit'
import { expect, test } from 'vitest'
import { REQUEST_OPTIONS, type RequestOptions } from '../../src/index.ts'
import { auth, cookies, decompress, progress, redirect, retry, URL_LIST } from '../../src/layers/index.ts'
import { failure, Fake, reply } from './kit.ts'

// Layers of a client in an exchange that is none of a client's: that of a server, which passes a request on.

class OtherExchange implements Exchange {
  readonly peer = { transport: 'none', encrypted: false } as const
  readonly extensions: Extensions
  cancelled: HyperError | null = null
  private listeners: ((reason: HyperError) => void)[] = []

  constructor(options?: RequestOptions) {
    this.extensions = new Extensions()
    if (options !== undefined) this.extensions.set(REQUEST_OPTIONS, options)
  }

  onCancel(fn: (reason: HyperError) => void): void {
    this.listeners.push(fn)
  }

  cancel(): HyperError {
    this.cancelled = new HyperError('CLOSED', 'the peer has gone', { by: 'peer' })
    for (const listener of this.listeners) listener(this.cancelled)
    return this.cancelled
  }

  informational(): boolean {
    return false
  }

  refuse(): HttpResponse {
    return reply(503)
  }

  upgrade(): Promise<never> {
    return Promise.reject(new Error('no'))
  }
}

const send = async (fake: Fake, exchange: Exchange, runtime: VirtualRuntime): Promise<HttpResponse> => {
  const layers = [auth({ bearer: 'x' }), redirect(), retry({ runtime }), cookies(), decompress(), progress()]
  return stack(layers, fake.service)(new HttpRequest('GET', 'http://a.test/'), exchange)
}

test('without options, they do what they were made for', async () => {
  const fake = new Fake((_, index) =>
    index === 0 ? reply(302, { location: '/two' }) : reply(200, {}, 'there'),
  )
  const response = await send(fake, new OtherExchange(), new VirtualRuntime())
  expect([await response.text(), response.extensions.get(URL_LIST)?.length]).toEqual(['there', 2])
  expect(fake.seen[1]?.headers).toEqual({
    authorization: 'Bearer x',
    'accept-encoding': 'gzip, deflate, br, zstd',
  })
})

test('with options in its extensions, those count', async () => {
  const fake = new Fake(() => reply(302, { location: '/two' }))
  const exchange = new OtherExchange({ redirect: 'manual', auth: null, decompress: false })
  expect((await send(fake, exchange, new VirtualRuntime())).status).toBe(302)
  expect(fake.seen.map(({ headers }) => headers)).toEqual([{}])
})

test('a pause ends when it is cancelled', async () => {
  const fake = new Fake(() => reply(503))
  const exchange = new OtherExchange()
  const runtime = new VirtualRuntime()
  const asked = failure(send(fake, exchange, runtime))
  await runtime.settle()
  expect(runtime.timer.pending).toBe(1)
  const reason = exchange.cancel()
  expect([await asked, runtime.timer.pending, fake.seen.length]).toEqual([reason, 0, 1])
})
