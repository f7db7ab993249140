import { getEventListeners } from 'node:events'
import { channel } from '@hyper/core/body'
import { type ErrorCode, HyperError } from '@hyper/core/error'
import { HttpResponse } from '@hyper/core/http'
import { VirtualRuntime } from '@hyper/testkit'
import { describe, expect, test } from 'vitest'
import { contentOf } from '../../src/body/content.ts'
import { RETRIES, retry, type RetryAttempt, type RetryLayerOptions } from '../../src/layers/index.ts'
import { backoffOf } from '../../src/layers/retry-rules.ts'
import { type Ask, ask, failure, Fake, reply, type Script } from './kit.ts'

const A = 'http://a.test/'

/** What came of a request, and when (in milliseconds from the first) it was sent. */
interface Run {
  readonly outcome: HttpResponse | HyperError
  readonly times: readonly number[]
  readonly fake: Fake
  readonly runtime: VirtualRuntime
}

/** Sends one request and lets time pass until it is over. The pauses are the longest ones. */
async function run(script: Script, given: Ask = {}, options: Partial<RetryLayerOptions> = {}): Promise<Run> {
  const runtime = new VirtualRuntime()
  const began = runtime.clock.now()
  const times: number[] = []
  const fake = new Fake((seen, index) => {
    times.push(runtime.clock.now() - began)
    return script(seen, index)
  })
  let outcome: HttpResponse | HyperError | null = null
  const layer = retry({ runtime, random: () => 1, ...options })
  ask(layer, fake, A, given).then(
    (response) => (outcome = response),
    (error: HyperError) => (outcome = error),
  )
  for (let i = 0; i < 1000 && outcome === null; i++) {
    await runtime.settle()
    if (outcome === null) runtime.advance(runtime.timer.next - runtime.clock.now())
  }
  expect(runtime.timer.pending).toBe(0)
  return { outcome: outcome!, times, fake, runtime }
}

const statusOf = ({ outcome }: Run): number | string => ('status' in outcome ? outcome.status : outcome.code)

/** The given statuses, then 200. */
const statuses =
  (...list: number[]): Script =>
  (_, index) =>
    reply(list[index] ?? 200, {}, 'body')

const failing =
  (code: ErrorCode, init: Partial<ConstructorParameters<typeof HyperError>[2]> = {}): Script =>
  () => {
    throw new HyperError(code, 'it broke', { by: 'peer', attempts: 1, ...init })
  }

describe('responses', () => {
  test.each([408, 425, 429, 500, 502, 503, 504])('%i to GET is asked for again', async (status) => {
    const done = await run(statuses(status))
    expect([statusOf(done), done.times]).toEqual([200, [0, 250]])
    expect(done.fake.answers[0]?.body.used).toBe(true)
    expect((done.outcome as HttpResponse).extensions.get(RETRIES)).toBe(1)
  })

  test.each([200, 204, 301, 400, 401, 404, 409, 413, 501, 505, 507])('%i is an answer', async (status) => {
    const done = await run(statuses(status, status))
    expect([statusOf(done), done.times.length]).toEqual([status, 1])
    expect((done.outcome as HttpResponse).extensions.get(RETRIES)).toBeUndefined()
  })

  test.each([
    ['GET', true],
    ['HEAD', true],
    ['OPTIONS', true],
    ['TRACE', true],
    ['PUT', true],
    ['DELETE', true],
    ['POST', false],
    ['PATCH', false],
    ['get', false],
  ])('%s: %s', async (method, isRepeated) => {
    expect((await run(statuses(503), { method })).times.length).toBe(isRepeated ? 2 : 1)
  })

  test('a POST is, where the caller says that it is idempotent', async () => {
    const done = await run(statuses(503), { method: 'POST', body: 'x', options: { idempotent: true } })
    expect([statusOf(done), done.fake.seen.map(({ body }) => body)]).toEqual([200, ['x', 'x']])
  })

  test('twice at most, and then the response is the caller’s', async () => {
    const done = await run(statuses(503, 502, 500, 504))
    expect([statusOf(done), done.times]).toEqual([500, [0, 250, 750]])
    expect((done.outcome as HttpResponse).extensions.get(RETRIES)).toBe(2)
    expect(await (done.outcome as HttpResponse).text()).toBe('body')
  })

  test('statuses of one’s own', async () => {
    const done = await run(statuses(404, 503), {}, { statuses: [404] })
    expect([statusOf(done), done.times.length]).toEqual([503, 2])
  })
})

describe('errors', () => {
  const DONE = [
    'CLOSED',
    'GOAWAY',
    'HEADERS_TIMEOUT',
    'INCOMPLETE_MESSAGE',
    'IO',
    'SEND_TIMEOUT',
    'STREAM_RESET',
  ] as const
  test.each(DONE)('%s: GET goes again, POST does not', async (code) => {
    expect((await run(failing(code))).times).toEqual([0, 250, 750])
    expect((await run(failing(code), { method: 'POST', body: 'x' })).times).toEqual([0])
    const options = { idempotent: true }
    expect((await run(failing(code), { method: 'POST', body: 'x', options })).times.length).toBe(3)
  })

  test.each(['CONNECT', 'CONNECT_TIMEOUT', 'DNS', 'GOAWAY', 'STREAM_RESET', 'PROXY'] as const)(
    'row 386: %s that says that nothing was processed: POST too',
    async (code) => {
      const done = await run(failing(code, { retryable: true }), { method: 'POST', body: 'x' })
      expect(done.times.length).toBe(3)
    },
  )

  test.each([
    'TLS',
    'POOL_TIMEOUT',
    'HEAD_TOO_LARGE',
    'PARSE_HEADER',
    'TOO_MANY_REDIRECTS',
    'TOTAL_TIMEOUT',
  ] as const)('%s does not pass by itself', async (code) => {
    expect((await run(failing(code, { retryable: true }))).times).toEqual([0])
  })

  test('mistakes of the caller, and errors that are none of ours, are at once', async () => {
    expect((await run(failing('CLOSED', { by: 'user', retryable: true }))).times).toEqual([0])
    const error = new TypeError('a bug')
    const fake = new Fake(() => {
      throw error
    })
    expect(await failure(ask(retry({ runtime: new VirtualRuntime() }), fake, A))).toBe(error)
  })

  test('the last one tells how often', async () => {
    const { outcome } = await run(
      failing('IO', { address: 'a.test:80', elapsedMs: 3, phase: 'headers', cause: new Error('below') }),
    )
    expect(outcome).toMatchObject({
      code: 'IO',
      message: 'it broke, after 2 retries',
      by: 'peer',
      phase: 'headers',
      address: 'a.test:80',
      attempts: 3,
      elapsedMs: 3,
      cause: new Error('below'),
    })
  })

  test('retryable only where no attempt can have been processed', async () => {
    const refused = failing('CONNECT', { retryable: true })
    const mixed: Script = (seen, index) => (index === 0 ? reply(503) : refused(seen, index))
    expect((await run(refused)).outcome).toMatchObject({ code: 'CONNECT', retryable: true })
    expect((await run(mixed)).outcome).toMatchObject({ code: 'CONNECT', retryable: false })
  })
})

describe('row 370: bodies', () => {
  test('a stream goes once', async () => {
    const { body, sender } = channel()
    void sender.send('x').then(() => sender.end())
    expect((await run(statuses(503), { method: 'PUT', body })).times).toEqual([0])
  })

  test('what a function makes goes again', async () => {
    let made = 0
    const { body } = contentOf({
      body: function* () {
        yield `attempt ${++made}`
      },
    })
    const done = await run(statuses(503, 503), { method: 'PUT', body })
    expect(done.fake.seen.map((seen) => seen.body)).toEqual(['attempt 1', 'attempt 2', 'attempt 3'])
  })
})

describe('when', () => {
  test('nothing doubled any number of times is nothing', () => {
    for (const retries of [1, 1_024, 1_025, 5_000]) {
      expect(backoffOf(retries, 0, 10_000, 0.5)).toBe(0)
      expect(backoffOf(retries + 5_000, 1, 10_000, 1)).toBe(10_000)
    }
  })

  test('it doubles, up to a limit, and half of it is random', async () => {
    const script = statuses(503, 503, 503, 503, 503)
    const longest = await run(script, {}, { maxRetries: 5, delay: 100, maxDelay: 500 })
    expect(longest.times).toEqual([0, 100, 300, 700, 1200, 1700])
    const shortest = await run(script, {}, { maxRetries: 5, delay: 100, maxDelay: 500, random: () => 0 })
    expect(shortest.times).toEqual([0, 50, 150, 350, 600, 850])
  })

  const after = (value: string, options: Partial<RetryLayerOptions> = {}): Promise<Run> =>
    run((_, index) => (index === 0 ? reply(503, { 'retry-after': value }) : reply(200)), {}, options)

  test.each([
    ['0', 250],
    ['1', 1000],
    ['60', 60_000],
    // The virtual day begins at midnight.
    ['Thu, 01 Jan 2026 00:00:05 GMT', 5000],
    ['Wed, 31 Dec 2025 23:59:00 GMT', 250],
    ['soon', 250],
    ['-5', 250],
    ['1.5', 250],
    ['2026', 250],
    ['Thursday, 01-Jan-26 00:00:05 GMT', 250],
    ['', 250],
  ])('Retry-After: %s is %i ms', async (value, ms) => {
    // What cannot be understood is no wish; 2026 seconds are too long to wait.
    expect((await after(value)).times).toEqual(value === '2026' ? [0] : [0, ms])
  })

  test('a Retry-After that is too long gives the response to the caller', async () => {
    const done = await after('61')
    expect([statusOf(done), done.times]).toEqual([503, [0]])
    expect((await after('61', { maxRetryAfter: 61_000 })).times).toEqual([0, 61_000])
    expect((await after('Thu, 01 Jan 2026 01:00:00 GMT')).times).toEqual([0])
  })

  test('the pause is never shorter than ours', async () => {
    expect((await after('1', { delay: 3000 })).times).toEqual([0, 3000])
  })

  test('giving up ends the pause, and leaves nothing behind', async () => {
    const runtime = new VirtualRuntime()
    const controller = new AbortController()
    const fake = new Fake(statuses(503))
    const reason = new Error('enough')
    const asked = failure(ask(retry({ runtime }), fake, A, { signal: controller.signal }))
    await runtime.settle()
    expect(runtime.timer.pending).toBe(1)
    controller.abort(reason)
    expect(await asked).toMatchObject({ code: 'CANCELED', by: 'user', cause: reason })
    runtime.advance(1000)
    await runtime.settle()
    expect([runtime.timer.pending, fake.seen.length]).toEqual([0, 1])
  })

  test.each([
    ['a response', () => reply(503), { phase: 'headers', address: 'a.test' }],
    [
      'an error',
      failing('CONNECT', { by: 'io', phase: 'tls', address: '192.0.2.1:443', retryable: true }),
      { phase: 'tls', address: '192.0.2.1:443' },
    ],
  ] as const)('who gives up in a pause is told where it was: after %s', async (_, script, where) => {
    const runtime = new VirtualRuntime()
    const controller = new AbortController()
    const { signal } = controller
    const failed = failure(ask(retry({ runtime, random: () => 1 }), new Fake(script), A, { signal }))
    await runtime.settle()
    runtime.advance(250)
    await runtime.settle()
    runtime.advance(100)
    controller.abort(new Error('mine'))
    await runtime.settle()
    expect(await failed).toMatchObject({
      code: 'CANCELED',
      by: 'user',
      attempts: 2,
      elapsedMs: 350,
      message: expect.stringContaining('before retry 2'),
      ...where,
    })
  })

  test('a shared signal keeps no listener', async () => {
    const { signal } = new AbortController()
    const done = await run(statuses(503, 503), { signal })
    expect([statusOf(done), getEventListeners(signal, 'abort')]).toEqual([200, []])
  })

  test('what was given up before its response came is not sent again', async () => {
    const controller = new AbortController()
    const script: Script = () => {
      controller.abort()
      return reply(503)
    }
    expect((await run(script, { signal: controller.signal })).times).toEqual([0])
  })
})

describe('row 386: the budget', () => {
  /** Sends `count` requests that all fail, one after the other, without the clock moving. */
  async function storm(
    count: number,
    options: Partial<RetryLayerOptions>,
  ): Promise<{ sent: number; runtime: VirtualRuntime; again: () => Promise<number> }> {
    const runtime = new VirtualRuntime(10_000)
    const fake = new Fake(() => reply(503))
    const layer = retry({ runtime, delay: 0, maxRetries: 1, ...options })
    const more = async (requests: number): Promise<number> => {
      const before = fake.seen.length
      for (let i = 0; i < requests; i++) {
        const asked = ask(layer, fake, A)
        // A pause of no time is due at once.
        for (let turn = 0; turn < 5; turn++) await new Promise((resolve) => setImmediate(resolve))
        runtime.advance(0)
        await asked
      }
      return fake.seen.length - before
    }
    return { sent: await more(count), runtime, again: () => more(count) }
  }

  test('a fifth of the requests, and ten per second', async () => {
    expect((await storm(100, { budgetPerSecond: 0 })).sent).toBe(120)
    expect((await storm(150, {})).sent).toBe(150 + 130)
    expect((await storm(50, { budgetShare: 0, budgetPerSecond: 1 })).sent).toBe(60)
    expect((await storm(50, { budgetShare: Infinity })).sent).toBe(100)
    expect((await storm(50, { budgetShare: 0, budgetPerSecond: 0 })).sent).toBe(50)
  })

  test('over ten seconds', async () => {
    const { again, runtime, sent } = await storm(20, { budgetShare: 0, budgetPerSecond: 1 })
    expect(sent).toBe(30)
    runtime.advance(9_000)
    expect(await again()).toBe(20)
    runtime.advance(1_000)
    expect(await again()).toBe(30)
    runtime.advance(1_000_000)
    expect(await again()).toBe(30)
  })

  test('without budget the failure is the caller’s, at once', async () => {
    const done = await run(statuses(503), {}, { budgetShare: 0, budgetPerSecond: 0 })
    expect([statusOf(done), done.times]).toEqual([503, [0]])
  })
})

describe('row 386: who decides', () => {
  test('when() says what is worth it, and sees every failure', async () => {
    const seen: unknown[] = []
    const when = ({ error, request, response, retries }: RetryAttempt): boolean => {
      seen.push([request.method, response?.status ?? null, error?.code ?? null, retries])
      return response?.status !== 503
    }
    const script: Script = (given, index) =>
      index === 0 ? failing('TLS')(given, index) : reply(index === 1 ? 404 : 503)
    const done = await run(script, {}, { when })
    expect([statusOf(done), seen]).toEqual([
      503,
      [
        ['GET', null, 'TLS', 0],
        ['GET', 404, null, 1],
        ['GET', 503, null, 2],
      ],
    ])
  })

  test('it cannot make a POST safe', async () => {
    expect((await run(statuses(503), { method: 'POST' }, { when: () => true })).times).toEqual([0])
  })

  test('what when() throws rejects, and leaves no response behind', async () => {
    const { body, sender } = channel()
    const reason = new Error('when')
    const when = (): boolean => {
      throw reason
    }
    const { outcome } = await run(() => new HttpResponse(body, { status: 503 }), {}, { when })
    expect(outcome).toBe(reason)
    await expect(sender.send('more')).rejects.toThrow()
  })

  test('a request says yes, no, or how', async () => {
    expect((await run(statuses(503), { options: { retry: false } })).times).toEqual([0])
    expect((await run(statuses(503), { options: { retry: true } })).times).toEqual([0, 250])
    const done = await run(statuses(503, 503, 503), { options: { retry: { maxRetries: 3, delay: 10 } } })
    expect(done.times).toEqual([0, 10, 30, 70])
  })

  test.each([
    [{ maxRetries: -1 }],
    [{ delay: NaN }],
    [{ maxDelay: -1 }],
    [{ maxRetryAfter: -1 }],
    [{ statuses: ['503' as unknown as number] }],
    [{ budgetShare: -1 }],
    [{ budgetPerSecond: -1 }],
  ])('%j is INVALID_OPTION', (options) => {
    expect(() => retry({ runtime: new VirtualRuntime(), ...options })).toThrow(
      expect.objectContaining({ code: 'INVALID_OPTION', by: 'user' }),
    )
  })
})

test('a layer of its own needs a runtime', () => {
  const message = 'retry.runtime must be a Runtime: it pauses between attempts'
  expect(() => retry({ maxRetries: 1 } as RetryLayerOptions)).toThrow(
    expect.objectContaining({ code: 'INVALID_OPTION', message }),
  )
})

test('`when` answers at once: a promise of false would be a yes', async () => {
  const fake = new Fake(() => reply(503))
  const when = (() => Promise.resolve(false)) as never
  const asked = ask(retry({ runtime: new VirtualRuntime(), when }), fake, 'http://a.test/')
  const message = 'retry.when must answer at once, not by a promise'
  await expect(asked).rejects.toMatchObject({ code: 'INVALID_OPTION', message })
  expect(fake.urls).toEqual(['GET http://a.test/'])
})
