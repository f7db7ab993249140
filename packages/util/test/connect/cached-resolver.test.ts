import { HyperError } from '@hyper/core/error'
import { VirtualRuntime } from '@hyper/testkit'
import {
  cachedResolver,
  type CachedResolverOptions,
  type ResolvedAddress,
  type Resolver,
} from '@hyper/util/connect'
import { describe, expect, test } from 'vitest'

// Time is virtual; the resolver beneath answers when the test says so.

type Answer = readonly ResolvedAddress[] | Error

interface Asked {
  readonly host: string
  readonly signal: AbortSignal
  answer(with_: Answer): void
}

class ManualResolver implements Resolver {
  readonly asked: Asked[] = []
  readonly forgotten: string[] = []
  resolve(host: string, signal: AbortSignal): Promise<readonly ResolvedAddress[]> {
    return new Promise((resolve, reject) => {
      const answer = (value: Answer): void => (value instanceof Error ? reject(value) : resolve(value))
      this.asked.push({ host, signal, answer })
    })
  }
  forget(host: string): void {
    this.forgotten.push(host)
  }
}

const never = new AbortController().signal
const v4 = (ttl?: number, address: string = '192.0.2.1'): ResolvedAddress => ({ address, family: 4, ttl })
const ticks = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

function make(options: Omit<CachedResolverOptions, 'runtime'> = {}): {
  below: ManualResolver
  cache: ReturnType<typeof cachedResolver>
  runtime: VirtualRuntime
} {
  const below = new ManualResolver()
  const runtime = new VirtualRuntime()
  return { below, runtime, cache: cachedResolver(below, { runtime, ...options }) }
}

/** Asks, and has the resolver beneath answer when it was asked. */
async function ask(made: ReturnType<typeof make>, host: string, answer: Answer): Promise<string> {
  const before = made.below.asked.length
  const asking = made.cache.resolve(host, never)
  made.below.asked[before]?.answer(answer)
  const result = await asking.then(
    (addresses) => addresses.map(({ address }) => address).join(' '),
    (error: HyperError) => error.code,
  )
  return `${result}${made.below.asked.length > before ? '' : ' (kept)'}`
}

test('a TTL that is no number of seconds is none', async () => {
  for (const ttl of [Number.NaN, -1, '60' as unknown as number, null as unknown as number]) {
    const made = make({ defaultTtl: 5_000 })
    await ask(made, 'a.test', [v4(ttl)])
    made.runtime.advance(4_999)
    expect(await ask(made, 'a.test', [v4()])).toBe('192.0.2.1 (kept)')
    made.runtime.advance(1)
    expect(await ask(made, 'a.test', [v4()])).toBe('192.0.2.1')
  }
})

describe('how long an answer is kept', () => {
  test('as long as its TTL says, and not a millisecond longer', async () => {
    const made = make()
    expect(await ask(made, 'a.test', [v4(30)])).toBe('192.0.2.1')
    made.runtime.advance(29_999)
    expect(await ask(made, 'a.test', [])).toBe('192.0.2.1 (kept)')
    made.runtime.advance(1)
    expect(await ask(made, 'a.test', [v4(30, '192.0.2.2')])).toBe('192.0.2.2')
  })

  test('the shortest TTL of several addresses counts', async () => {
    const made = make()
    await ask(made, 'a.test', [v4(30), v4(2), v4(60)])
    made.runtime.advance(2_000)
    expect(await ask(made, 'a.test', [v4()])).toBe('192.0.2.1')
  })

  test.each([
    ['the default for an answer without TTL', {}, undefined, 10_000],
    ['defaultTtl', { defaultTtl: 700 }, undefined, 700],
    ['the longest by default', {}, 86_400, 300_000],
    ['maxTtl', { maxTtl: 5_000 }, 60, 5_000],
    ['minTtl', { minTtl: 5_000 }, 0, 5_000],
  ])('%s', async (_, options, ttl, life) => {
    const made = make(options)
    await ask(made, 'a.test', [v4(ttl)])
    made.runtime.advance(life - 1)
    expect(await ask(made, 'a.test', [])).toBe('192.0.2.1 (kept)')
    made.runtime.advance(1)
    expect(await ask(made, 'a.test', [v4(ttl)])).toBe('192.0.2.1')
  })

  test('a TTL of 0 is not kept at all', async () => {
    const made = make()
    await ask(made, 'a.test', [v4(0)])
    expect(made.cache.size).toBe(0)
  })

  test('names are compared without case; the resolver is asked in lower case', async () => {
    const made = make()
    await ask(made, 'A.Test', [v4(30)])
    expect([await ask(made, 'a.TEST', []), made.below.asked.map(({ host }) => host)]).toEqual([
      '192.0.2.1 (kept)',
      ['a.test'],
    ])
  })
})

describe('failures', () => {
  test('are not kept: a name that has just been added is found', async () => {
    const made = make()
    const failure = new HyperError('DNS', 'no such name', { by: 'io', phase: 'dns', retryable: true })
    expect(await ask(made, 'a.test', failure)).toBe('DNS')
    expect(made.cache.size).toBe(0)
    expect(await ask(made, 'a.test', [v4()])).toBe('192.0.2.1')
  })

  test('negativeTtl keeps them', async () => {
    const made = make({ negativeTtl: 1_000 })
    expect(await ask(made, 'a.test', new Error('boom'))).toBe('DNS')
    made.runtime.advance(999)
    expect(await ask(made, 'a.test', [v4()])).toBe('DNS (kept)')
    made.runtime.advance(1)
    expect(await ask(made, 'a.test', [v4()])).toBe('192.0.2.1')
  })

  test('what is stale is not given when the lookup after it fails', async () => {
    const made = make()
    await ask(made, 'a.test', [v4(1)])
    made.runtime.advance(1_000)
    expect(await ask(made, 'a.test', new Error('boom'))).toBe('DNS')
  })

  test.each([
    ['no address', [], 'the name a.test could not be resolved: it has no address'],
    ['an error of its own', new Error('boom'), 'the name a.test could not be resolved: boom'],
    [
      'something that is no address',
      [{ address: 'b.test', family: 4 }],
      'the name a.test could not be resolved: b.test is no IPv4 address',
    ],
    [
      'nothing',
      undefined as never,
      'the name a.test could not be resolved: its resolver gave no list of { address, family }',
    ],
    [
      'texts',
      ['192.0.2.1'] as never,
      'the name a.test could not be resolved: its resolver gave no list of { address, family }',
    ],
  ] as [string, Answer, string][])('a resolver that answers with %s', async (_, answer, message) => {
    const { below, cache } = make()
    const asking = cache.resolve('a.test', never)
    below.asked[0]!.answer(answer)
    await expect(asking).rejects.toMatchObject({ code: 'DNS', phase: 'dns', retryable: true, message })
  })
})

describe('many at one time', () => {
  test('share one lookup, and its answer', async () => {
    const { below, cache } = make()
    const asking = [1, 2, 3].map(() => cache.resolve('a.test', never))
    const other = cache.resolve('b.test', never)
    expect(below.asked.map(({ host }) => host)).toEqual(['a.test', 'b.test'])
    below.asked[0]!.answer([v4()])
    below.asked[1]!.answer([v4(1, '192.0.2.9')])
    const answers = await Promise.all(asking)
    expect(answers.every((answer) => answer === answers[0])).toBe(true)
    expect((await other)[0]?.address).toBe('192.0.2.9')
  })

  test('share its failure', async () => {
    const { below, cache } = make()
    const asking = [1, 2].map(() => cache.resolve('a.test', never).catch((error: HyperError) => error.code))
    below.asked[0]!.answer(new Error('boom'))
    expect(await Promise.all(asking)).toEqual(['DNS', 'DNS'])
  })

  test('one who gives up does not disturb the others', async () => {
    const { below, cache } = make()
    const stop = new AbortController()
    const given = cache.resolve('a.test', stop.signal)
    const waiting = cache.resolve('a.test', never)
    stop.abort(new Error('changed my mind'))
    await expect(given).rejects.toMatchObject({
      code: 'CANCELED',
      by: 'user',
      phase: 'dns',
      cause: { message: 'changed my mind' },
    })
    expect(below.asked[0]!.signal.aborted).toBe(false)
    below.asked[0]!.answer([v4()])
    expect(await waiting).toHaveLength(1)
  })

  test('the lookup is given up with the last of them, and asked anew by the next', async () => {
    const { below, cache } = make()
    const stops = [new AbortController(), new AbortController()]
    const given = stops.map((stop) => cache.resolve('a.test', stop.signal).catch(() => 'given up'))
    stops[0]!.abort()
    expect(below.asked[0]!.signal.aborted).toBe(false)
    stops[1]!.abort()
    expect([await Promise.all(given), below.asked[0]!.signal.aborted]).toEqual([
      ['given up', 'given up'],
      true,
    ])
    const next = cache.resolve('a.test', never)
    expect(below.asked).toHaveLength(2)
    // The one that was given up says so late, to nobody.
    below.asked[0]!.answer(new Error('late'))
    await ticks()
    below.asked[1]!.answer([v4()])
    expect(await next).toHaveLength(1)
  })

  test('who has given up before asks nobody', async () => {
    const { below, cache } = make()
    await expect(cache.resolve('a.test', AbortSignal.abort())).rejects.toMatchObject({ code: 'CANCELED' })
    expect(below.asked).toEqual([])
  })

  test('no listener stays with a signal', async () => {
    const { below, cache } = make()
    const stop = new AbortController()
    let listeners = 0
    const { addEventListener, removeEventListener } = stop.signal
    Object.assign(stop.signal, {
      addEventListener: (...given: Parameters<typeof addEventListener>) => {
        listeners++
        addEventListener.apply(stop.signal, given)
      },
      removeEventListener: (...given: Parameters<typeof removeEventListener>) => {
        listeners--
        removeEventListener.apply(stop.signal, given)
      },
    })
    const asking = cache.resolve('a.test', stop.signal)
    expect(listeners).toBe(1)
    below.asked[0]!.answer([v4()])
    await asking
    await cache.resolve('a.test', stop.signal)
    expect(listeners).toBe(0)
  })
})

describe('how much is kept', () => {
  test('maxEntries: the one that was not asked for the longest is dropped', async () => {
    const made = make({ maxEntries: 2 })
    await ask(made, 'a.test', [v4(60)])
    await ask(made, 'b.test', [v4(60)])
    await ask(made, 'a.test', [])
    await ask(made, 'c.test', [v4(60)])
    expect(made.cache.size).toBe(2)
    expect(await ask(made, 'a.test', [])).toBe('192.0.2.1 (kept)')
    expect(await ask(made, 'b.test', [v4(60)])).toBe('192.0.2.1')
  })

  test('maxEntries: 1,000 by default; what is stale goes first', async () => {
    const made = make()
    await ask(made, 'long.test', [v4(60)])
    for (let i = 0; i < 999; i++) await ask(made, `${i}.test`, [v4(1)])
    expect(made.cache.size).toBe(1_000)
    made.runtime.advance(1_000)
    await ask(made, 'new.test', [v4(60)])
    expect(made.cache.size).toBe(2)
    expect(await ask(made, 'long.test', [])).toBe('192.0.2.1 (kept)')
  })

  test('forget and clear', async () => {
    const made = make()
    for (const host of ['a.test', 'b.test', 'c.test']) await ask(made, host, [v4(60)])
    made.cache.forget('A.test')
    expect([made.cache.size, made.below.forgotten]).toEqual([2, ['a.test']])
    made.cache.clear()
    expect(made.cache.size).toBe(0)
  })

  test.each([{ minTtl: -1 }, { maxTtl: Number.NaN }, { maxEntries: 1.5 }, { negativeTtl: '1' as never }])(
    'options that cannot be: %j',
    (options) => {
      expect(() => make(options)).toThrow(expect.objectContaining({ code: 'INVALID_OPTION' }))
    },
  )
})
