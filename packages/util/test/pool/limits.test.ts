import { describe, expect, test } from 'vitest'
import { Cache, type LimitOptions, Limits, PoolMap, Singleton } from '../../src/pool/index.ts'
import { all, codeOf, Maker, quiet, type Thing } from './kit.ts'

// Several origins under one set of limits.

/** Caches that make a value as soon as they are asked to. */
function origins(
  count: number,
  options: LimitOptions,
): { limits: Limits; caches: Cache<Thing>[]; maker: Maker } {
  const limits = new Limits(options)
  const maker = new Maker()
  const make: Maker['make'] = (context) => {
    const made = maker.make(context)
    maker.calls.at(-1)!.done()
    return made
  }
  const caches = Array.from({ length: count }, () => new Cache<Thing>({ ...maker.options, make, limits }))
  return { limits, caches, maker }
}

describe('limits', () => {
  test.each([
    ['the default', {}, 256],
    ['an option', { maxConnectionsPerOrigin: 3 }, 3],
  ])('maxConnectionsPerOrigin, %s: as many, and one more waits', async (_, options, limit) => {
    const { caches, limits } = origins(2, options)
    const [one, other] = caches as [Cache<Thing>, Cache<Thing>]
    const taken = await all(Array.from({ length: limit }, () => one.take()))
    const waiting = one.take()
    await quiet()
    expect([one.size, one.queue.size, limits.pending, limits.open]).toEqual([limit, 1, 1, limit])
    await other.take()
    one.give(taken[0]!)
    expect(await waiting).toBe(taken[0])
    expect([one.size, limits.open, limits.pending]).toEqual([limit, limit + 1, 0])
  })

  test.each([
    ['the default', {}, 1_024],
    ['an option', { maxConnections: 3 }, 3],
  ])('maxConnections, %s: as many in all, and one more waits', async (_, options, limit) => {
    const { caches, limits } = origins(limit + 1, options)
    const taken = await all(caches.slice(0, limit).map((cache) => cache.take()))
    const waiting = caches[limit]!.take()
    await quiet()
    expect([limits.open, limits.pending]).toEqual([limit, 1])
    caches[0]!.drop(taken[0]!)
    expect((await waiting).taken).toBe(1)
    expect([limits.open, limits.pending]).toEqual([limit, 0])
  })

  test.each([
    ['the default', {}, 100_000],
    ['an option', { maxPending: 3 }, 3],
    ['none', { maxPending: 0 }, 0],
  ])('maxPending, %s: as many, and one more is refused', async (_, options, limit) => {
    const limits = new Limits({ ...options, maxConnectionsPerOrigin: 1 })
    const one = new Singleton<Thing>({ ...new Maker().options, limits })
    const waiting = Array.from({ length: limit }, () => codeOf(one.take()))
    expect(limits.pending).toBe(limit)
    await expect(one.take()).rejects.toMatchObject({
      code: 'POOL_FULL',
      statusHint: 503,
      phase: 'pool',
      by: 'library',
      retryable: true,
    })
    one.abort(Object.assign(new Error('over'), { code: 'OVER' }) as never)
    expect([new Set(await Promise.all(waiting)).size, limits.pending]).toEqual([limit === 0 ? 0 : 1, 0])
  })

  test.each([
    [{ maxConnections: 0 }],
    [{ maxConnectionsPerOrigin: 1.5 }],
    [{ maxPending: -1 }],
    [{ maxPending: '7' as unknown as number }],
  ])('%o cannot be', (options) => {
    expect(() => new Limits(options)).toThrow(expect.objectContaining({ code: 'INVALID_OPTION' }))
  })

  test('an idle connection of another origin makes room: the one that has been idle for longest', async () => {
    const { caches, limits, maker } = origins(3, { maxConnections: 2 })
    const [one, two, three] = caches as [Cache<Thing>, Cache<Thing>, Cache<Thing>]
    const first = await one.take()
    const second = await two.take()
    two.give(second)
    maker.runtime.advance(10)
    one.give(first)
    await three.take()
    expect([first.disposed, second.disposed, limits.open]).toEqual([0, 1, 2])
  })

  test('one that comes free is not kept idle while another origin waits', async () => {
    const { caches } = origins(2, { maxConnections: 1 })
    const [one, two] = caches as [Cache<Thing>, Cache<Thing>]
    const first = await one.take()
    const waiting = two.take()
    one.give(first)
    await waiting
    expect([first.disposed, one.size, two.size]).toEqual([1, 0, 1])
  })
})

describe('nobody starves', () => {
  test('origins are served in turn, and each in the order of arrival', async () => {
    const { caches } = origins(3, { maxConnections: 1 })
    const order: string[] = []
    const all: Promise<void>[] = []
    const ask = (origin: number, name: string): void => {
      const cache = caches[origin]!
      all.push(
        Promise.resolve(cache.take()).then(async (value) => {
          order.push(name)
          await quiet()
          cache.give(value)
        }),
      )
    }
    for (const name of ['a1', 'a2', 'a3', 'b1', 'c1', 'b2']) ask('abc'.indexOf(name[0]!), name)
    await Promise.all(all)
    expect(order).toEqual(['a1', 'b1', 'a2', 'c1', 'b2', 'a3'])
  })

  test('a burst of one origin keeps no other waiting', async () => {
    const { caches } = origins(2, { maxConnections: 4 })
    const [busy, other] = caches as [Cache<Thing>, Cache<Thing>]
    let served = 0
    const run = async (): Promise<void> => {
      const value = await busy.take()
      served++
      await quiet()
      busy.give(value)
    }
    const burst = Array.from({ length: 200 }, run)
    await quiet()
    const value = await other.take()
    expect(served).toBeLessThan(20)
    other.give(value)
    await Promise.all(burst)
    expect([served, busy.dialed]).toEqual([200, 5])
  })

  test('two origins that both have much to do share, and then use what they have', async () => {
    const { caches } = origins(2, { maxConnections: 8, maxConnectionsPerOrigin: 8 })
    const run = async (cache: Cache<Thing>): Promise<void> => {
      const value = await cache.take()
      await quiet()
      cache.give(value)
    }
    const all = caches.flatMap((cache) => Array.from({ length: 500 }, () => run(cache)))
    await quiet()
    await quiet()
    await quiet()
    expect(caches.map((cache) => cache.size)).toEqual([4, 4])
    await Promise.all(all)
    expect(caches[0]!.dialed + caches[1]!.dialed).toBeLessThan(20)
  })

  test('an origin whose one connection serves many makes room when another waits', async () => {
    const limits = new Limits({ maxConnections: 1 })
    const maker = new Maker()
    const one = new Singleton<Thing>({ ...maker.options, limits })
    const other = new Cache<Thing>({ ...maker.options, limits })
    const taken = one.take()
    const thing = maker.calls[0]!.done()
    await taken
    const waiting = other.take()
    expect(maker.calls.length).toBe(1)
    // One of its requests is complete: it takes no new ones from now on.
    one.changed(thing)
    const next = one.take()
    expect([thing.disposed, maker.calls.length]).toEqual([1, 1])
    one.drop(thing)
    const second = maker.calls[1]!.done()
    expect(await waiting).toBe(second)
    other.give(second)
    const third = maker.calls[2]!.done()
    expect([second.disposed, await next]).toEqual([1, third])
  })
})

describe('row 330: a map', () => {
  const made: string[] = []
  const mapOf = (max?: number): PoolMap<URL, { host: string; size: number }> =>
    new PoolMap({
      keyOf: (url) => url.host,
      make: ({ host }) => {
        made.push(host)
        return { host, size: 0 }
      },
      isEmpty: ({ size }) => size === 0,
      max,
    })

  test('row 330: one value for each key', () => {
    const map = mapOf()
    const value = map.get(new URL('http://a.test/x'))
    expect(map.get(new URL('http://a.test/y'))).toBe(value)
    expect([map.get(new URL('http://b.test/')).host, map.size]).toEqual(['b.test', 2])
  })

  test('row 330: retain and clear forget', () => {
    const map = mapOf()
    for (const host of 'abc') map.get(new URL(`http://${host}.test/`))
    map.retain(({ host }) => host !== 'b.test')
    expect([...map.values()].map(({ host }) => host)).toEqual(['a.test', 'c.test'])
    map.clear()
    expect(map.size).toBe(0)
  })

  test.each([
    ['the default', undefined, 1_000],
    ['an option', 10, 10],
  ])('max, %s: empty ones are forgotten when there are more', (_, max, limit) => {
    const map = mapOf(max)
    map.get(new URL('http://kept.test/')).size = 1
    for (let i = 1; i < limit; i++) map.get(new URL(`http://x${i}.test/`))
    expect(map.size).toBe(limit)
    map.get(new URL('http://last.test/'))
    expect([...map.values()].map(({ host }) => host)).toEqual(['kept.test', 'last.test'])
  })
})
