import { describe, expect, test } from 'vitest'
import { Cache, Limits } from '../../src/pool/index.ts'
import { codeOf, isPending, Maker, quiet, type Thing } from './kit.ts'

// Values that have one user at a time. The maker is played by hand, time is virtual.

async function started(
  options: Partial<ConstructorParameters<typeof Cache<Thing>>[0]> = {},
): Promise<{ maker: Maker; cache: Cache<Thing>; thing: Thing }> {
  const maker = new Maker()
  const cache = new Cache<Thing>({ ...maker.options, isUsable: (thing) => thing.isUsable, ...options })
  const taken = cache.take()
  const thing = maker.calls[0]!.done()
  expect(await taken).toBe(thing)
  return { maker, cache, thing }
}

describe('row 327: a cache', () => {
  test('row 327: makes a value when it is empty', async () => {
    const { cache, thing } = await started()
    expect([thing.taken, cache.size, cache.idleCount, cache.dialed, cache.reused]).toEqual([1, 1, 0, 1, 0])
  })

  test('row 327: hands a value out again after it came back, at once', async () => {
    const { cache, thing, maker } = await started()
    cache.give(thing)
    expect(cache.idleCount).toBe(1)
    expect(cache.take()).toBe(thing)
    expect([maker.calls.length, cache.idleCount, cache.reused]).toEqual([1, 0, 1])
  })

  test('row 327: who waits is served in the order of arrival', async () => {
    const { cache, thing } = await started()
    const order: string[] = []
    const waiting = ['x', 'y', 'z'].map(async (name) => {
      const got = await cache.take()
      order.push(name)
      cache.give(got)
    })
    cache.give(thing)
    await Promise.all(waiting)
    expect(order).toEqual(['x', 'y', 'z'])
  })

  test('row 327: who gives up leaves no place, no alarm and no listener, and what was made for it is given up', async () => {
    const { cache, thing, maker } = await started({})
    const controller = new AbortController()
    const first = cache.take({ signal: controller.signal, connectTimeout: 500 })
    const second = cache.take()
    const reason = new Error('enough')
    controller.abort(reason)
    await expect(first).rejects.toMatchObject({
      code: 'CANCELED',
      by: 'user',
      phase: 'connect',
      retryable: true,
      cause: reason,
    })
    expect(maker.calls.map(({ context }) => context.signal.aborted)).toEqual([false, true, false])
    expect([cache.queue.size, maker.runtime.timer.pending]).toEqual([1, 0])
    cache.give(thing)
    expect(await second).toBe(thing)
  })

  test('row 327: a value that is taken is nobody else’s, and comes back when it is not used', async () => {
    const { cache, thing, maker } = await started()
    cache.give(thing)
    expect(cache.take()).toBe(thing)
    const other = cache.take()
    expect([await isPending(other), maker.calls.length]).toEqual([true, 2])
    cache.give(thing)
    expect(await other).toBe(thing)
    // Twice is once.
    cache.give(thing)
    cache.give(thing)
    expect([cache.idleCount, cache.size]).toEqual([1, 1])
  })

  test('row 327: retain drops idle values, and those in use do not come back', async () => {
    const { cache, thing, maker } = await started()
    const second = cache.take()
    const other = maker.calls[1]!.done()
    await second
    cache.give(thing)
    cache.retain((value) => value === thing)
    expect([cache.size, other.disposed, thing.disposed]).toEqual([1, 1, 0])
    cache.give(other)
    expect(cache.idleCount).toBe(1)
    cache.retain(() => false)
    expect([cache.size, cache.idleCount, thing.disposed]).toEqual([0, 0, 1])
  })

  test('row 327: a value that comes back serves who waits', async () => {
    const { cache, thing } = await started()
    const waiting = cache.take()
    cache.give(thing)
    expect(await waiting).toBe(thing)
  })
})

describe('row 308: checkout and connect race', () => {
  test('row 308: whoever is first; what was made too late joins the pool', async () => {
    const { cache, thing, maker } = await started()
    const waiting = cache.take()
    cache.give(thing)
    expect(await waiting).toBe(thing)
    expect(maker.calls[1]!.context.signal.aborted).toBe(false)
    const late = maker.calls[1]!.done()
    await quiet()
    expect([cache.idleCount, cache.take(), late.taken]).toEqual([1, late, 1])
  })

  test('row 308: what was made for another is taken over by the next who waits', async () => {
    const { cache, thing, maker } = await started()
    const first = cache.take()
    cache.give(thing)
    await first
    const second = cache.take()
    // One for the first, whom the other has served, and one for the second.
    expect(maker.calls.length).toBe(3)
    const made = maker.calls[1]!.done()
    expect(await second).toBe(made)
    const late = maker.calls[2]!.done()
    await quiet()
    expect(cache.take()).toBe(late)
  })

  test('row 308: an error of what nobody waits for is nobody’s', async () => {
    const { cache, thing, maker } = await started()
    const waiting = cache.take()
    cache.give(thing)
    expect(await waiting).toBe(thing)
    maker.calls[1]!.fail(new Error('late'))
    await quiet()
    expect([cache.size, maker.runtime.errors]).toEqual([1, []])
  })

  test('row 308: what nobody waits for may take as long as who began it would have waited', async () => {
    const { cache, thing, maker } = await started()
    const waiting = cache.take({ connectTimeout: 500 })
    maker.runtime.advance(100)
    cache.give(thing)
    await waiting
    maker.runtime.advance(399)
    expect(maker.calls[1]!.context.signal.aborted).toBe(false)
    maker.runtime.advance(1)
    expect(maker.calls[1]!.context.signal.aborted).toBe(true)
    const late = maker.calls[1]!.done()
    await quiet()
    expect([cache.size, late.disposed]).toEqual([1, 1])
  })
})

describe('row 309: what is kept', () => {
  test('row 309: the last one used is the first to be used again', async () => {
    const { cache, thing, maker } = await started()
    const second = cache.take()
    const other = maker.calls[1]!.done()
    await second
    cache.give(thing)
    cache.give(other)
    expect([cache.take(), cache.take()]).toEqual([other, thing])
  })

  test('row 309: a value that is too old, or can no longer be used, is dropped on the way', async () => {
    const { cache, thing, maker } = await started({ idleTimeout: 1_000 })
    const second = cache.take()
    const other = maker.calls[1]!.done()
    await second
    cache.give(other)
    cache.give(thing)
    thing.isUsable = false
    expect(cache.take()).toBe(other)
    expect([thing.disposed, cache.size]).toEqual([1, 1])
    cache.give(other)
    maker.runtime.clock.moveTo(maker.runtime.clock.now() + 1_000)
    const third = cache.take()
    expect([other.disposed, cache.size, await isPending(third)]).toEqual([1, 0, true])
  })

  test('row 309: a value that was closed is not kept', async () => {
    const { cache, thing } = await started()
    cache.drop(thing)
    cache.give(thing)
    expect([cache.size, cache.idleCount, thing.disposed]).toEqual([0, 0, 0])
    const idle = await started()
    idle.thing.isUsable = false
    idle.cache.give(idle.thing)
    expect([idle.cache.idleCount, idle.thing.disposed]).toEqual([0, 1])
  })

  test.each([
    ['the default', undefined, 90_000],
    ['an option', 700, 700],
  ])('row 310: idle values are closed in time, %s', async (_, idleTimeout, limit) => {
    const { cache, thing, maker } = await started({ idleTimeout })
    cache.give(thing)
    maker.runtime.advance(limit - 1)
    expect(cache.idleCount).toBe(1)
    maker.runtime.advance(1)
    expect([cache.size, thing.disposed, maker.runtime.timer.pending]).toEqual([0, 1, 0])
  })

  test('row 310: each in its own time, also when what is promised for one is less', async () => {
    const { cache, thing, maker } = await started({ idleTimeout: 1_000 })
    const second = cache.take()
    const other = maker.calls[1]!.done()
    await second
    cache.give(thing)
    maker.runtime.advance(300)
    cache.give(other, 200)
    maker.runtime.advance(199)
    expect(cache.idleCount).toBe(2)
    maker.runtime.advance(1)
    expect([other.disposed, thing.disposed]).toEqual([1, 0])
    cache.keep(thing, 100)
    maker.runtime.advance(100)
    expect([thing.disposed, cache.size]).toEqual([1, 0])
  })

  test.each([0, null, Infinity])('idleTimeout: %s is off', async (idleTimeout) => {
    const { cache, thing, maker } = await started({ idleTimeout })
    cache.give(thing)
    maker.runtime.advance(1e12)
    expect(cache.idleCount).toBe(1)
  })

  test('row 297: a value that may not be idle at all is dropped', async () => {
    const { cache, thing } = await started()
    cache.give(thing, 0)
    expect([cache.size, thing.disposed]).toEqual([0, 1])
  })

  test('diesAt: nothing is used beyond its age', async () => {
    const born = new Map<Thing, number>()
    const maker = new Maker()
    const cache = new Cache<Thing>({ ...maker.options, diesAt: (thing) => (born.get(thing) ?? 0) + 5_000 })
    const taken = cache.take()
    const thing = maker.calls[0]!.done()
    born.set(thing, maker.runtime.clock.now())
    await taken
    for (let i = 0; i < 4; i++) {
      maker.runtime.advance(1_000)
      cache.give(thing)
      expect(cache.take()).toBe(thing)
    }
    maker.runtime.advance(999)
    cache.give(thing)
    expect(cache.idleCount).toBe(1)
    maker.runtime.advance(1)
    expect([cache.size, thing.disposed]).toEqual([0, 1])
  })
})

describe('waiting', () => {
  test('connectTimeout: until one is made', async () => {
    const maker = new Maker()
    const cache = new Cache<Thing>(maker.options)
    const waiting = codeOf(cache.take({ connectTimeout: 500 }))
    maker.runtime.advance(499)
    expect(await isPending(waiting)).toBe(true)
    maker.runtime.advance(1)
    expect(await waiting).toBe('CONNECT_TIMEOUT')
    expect([maker.calls[0]!.context.signal.aborted, cache.isEmpty]).toEqual([true, true])
    const late = maker.calls[0]!.done()
    await quiet()
    expect([late.disposed, cache.isEmpty]).toEqual([1, true])
  })

  test('poolTimeout: while a limit forbids to make one; the two are counted apart', async () => {
    const { cache, thing, maker } = await started({ limits: new Limits({ maxConnectionsPerOrigin: 1 }) })
    const first = cache.take({ poolTimeout: 500, connectTimeout: 300 }) as Promise<Thing>
    const second = cache.take({ poolTimeout: 500, connectTimeout: 300 }) as Promise<Thing>
    expect(maker.calls.length).toBe(1)
    maker.runtime.advance(400)
    cache.drop(thing)
    expect(maker.calls.length).toBe(2)
    const errors = Promise.allSettled([first, second])
    maker.runtime.advance(100)
    expect([await isPending(first), await isPending(second)]).toEqual([true, false])
    await expect(second).rejects.toMatchObject({
      code: 'POOL_TIMEOUT',
      statusHint: 504,
      phase: 'pool',
      by: 'library',
      retryable: true,
      elapsedMs: 500,
      message: expect.stringContaining('500 ms'),
    })
    maker.runtime.advance(199)
    expect(await isPending(first)).toBe(true)
    maker.runtime.advance(1)
    await expect(first).rejects.toMatchObject({
      code: 'CONNECT_TIMEOUT',
      statusHint: 504,
      phase: 'connect',
      elapsedMs: 300,
    })
    await errors
  })

  test('an error of the maker reaches who it was made for, and nobody else', async () => {
    const maker = new Maker()
    const cache = new Cache<Thing>(maker.options)
    const first = cache.take()
    const second = cache.take()
    maker.calls[1]!.fail(new Error('no'))
    await expect(second).rejects.toThrow('no')
    const thing = maker.calls[0]!.done()
    expect([await first, cache.size]).toEqual([thing, 1])
  })

  test('a maker that throws at once', async () => {
    const { runtime } = new Maker()
    const cache = new Cache<Thing>({
      runtime,
      make: () => {
        throw new Error('at once')
      },
    })
    await expect(cache.take()).rejects.toThrow('at once')
    expect(cache.isEmpty).toBe(true)
  })

  test('who is first gets what is first, whoever it was made for', async () => {
    const maker = new Maker()
    const cache = new Cache<Thing>(maker.options)
    const first = cache.take()
    const second = cache.take()
    const early = maker.calls[1]!.done()
    expect([await first, await isPending(second)]).toEqual([early, true])
    const late = maker.calls[0]!.done()
    expect(await second).toBe(late)
  })

  test('after the first was served by another’s, an error of its own reaches who waits now', async () => {
    const maker = new Maker()
    const cache = new Cache<Thing>(maker.options)
    const first = cache.take()
    const second = cache.take()
    maker.calls[1]!.done()
    await first
    maker.calls[0]!.fail(new Error('no'))
    await expect(second).rejects.toThrow('no')
  })

  test('isFresh: one that was never used', async () => {
    const { cache, thing, maker } = await started()
    cache.give(thing)
    const waiting = cache.take({ isFresh: true })
    expect(maker.calls.length).toBe(2)
    const fresh = maker.calls[1]!.done()
    expect(await waiting).toBe(fresh)
  })

  test('isFresh: an idle one makes room where there is no more', async () => {
    const { cache, thing, maker } = await started({ limits: new Limits({ maxConnectionsPerOrigin: 1 }) })
    cache.give(thing)
    const waiting = cache.take({ isFresh: true })
    expect([thing.disposed, maker.calls.length]).toEqual([1, 2])
    maker.calls[1]!.done()
    await waiting
    const next = cache.take({ isFresh: true })
    const used = (await waiting) as Thing
    cache.give(used)
    expect([used.disposed, maker.calls.length]).toEqual([1, 3])
    const last = maker.calls[2]!.done()
    expect(await next).toBe(last)
  })

  test('a signal that has fired already', async () => {
    const maker = new Maker()
    const cache = new Cache<Thing>(maker.options)
    expect(await codeOf(cache.take({ signal: AbortSignal.abort() }))).toBe('CANCELED')
    expect([maker.calls.length, cache.isEmpty]).toEqual([0, true])
  })
})

describe('the end', () => {
  test('close: idle ones go at once, who waits is served, what comes back is dropped', async () => {
    const { cache, thing, maker } = await started()
    const second = cache.take()
    const other = maker.calls[1]!.done()
    await second
    cache.give(other)
    const waiting = cache.take({ isFresh: true })
    let isClosed = false
    const closed = cache.close().then(() => (isClosed = true))
    expect([other.disposed, await codeOf(cache.take())]).toEqual([1, 'CLOSED'])
    const third = maker.calls[2]!.done()
    expect(await waiting).toBe(third)
    cache.give(third)
    await quiet()
    expect([third.disposed, isClosed]).toEqual([1, false])
    cache.give(thing)
    await closed
    expect([thing.disposed, cache.isEmpty, maker.runtime.timer.pending]).toEqual([1, true, 0])
  })

  test('abort: who waits fails, what is made is given up, all are dropped', async () => {
    const { cache, thing, maker } = await started()
    const waiting = codeOf(cache.take())
    cache.abort(Object.assign(new Error('over'), { code: 'OVER' }) as never)
    expect([await waiting, maker.calls[1]!.context.signal.aborted]).toEqual(['OVER', true])
    expect([thing.disposed, cache.isEmpty]).toEqual([1, true])
  })
})
