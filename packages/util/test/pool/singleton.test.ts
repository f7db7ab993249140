import { describe, expect, test } from 'vitest'
import { Limits, Singleton } from '../../src/pool/index.ts'
import { all, codeOf, isPending, Maker, quiet, type Thing } from './kit.ts'

// A value that many use at once. The maker is played by hand, time is virtual.

type Options = Partial<ConstructorParameters<typeof Singleton<Thing>>[0]>

function empty(options: Options = {}): { maker: Maker; one: Singleton<Thing> } {
  const maker = new Maker()
  const one = new Singleton<Thing>({
    ...maker.options,
    isDead: (thing) => thing.isDead,
    capacityOf: (thing) => thing.capacity - thing.taken,
    ...options,
  })
  return { maker, one }
}

async function started(
  options: Options = {},
): Promise<{ maker: Maker; one: Singleton<Thing>; thing: Thing }> {
  const { maker, one } = empty(options)
  const taken = one.take()
  const thing = maker.calls[0]!.done()
  expect(await taken).toBe(thing)
  return { maker, one, thing }
}

describe('row 328: a singleton', () => {
  test('row 328: the first call makes it, those that come meanwhile wait for the same', async () => {
    const { maker, one } = empty()
    const waiting = Array.from({ length: 50 }, () => one.take())
    expect(maker.calls.length).toBe(1)
    const thing = maker.calls[0]!.done()
    expect(new Set(await all(waiting))).toEqual(new Set([thing]))
    expect([thing.taken, one.dialed, one.reused, one.size]).toEqual([50, 1, 49, 1])
  })

  test('row 328: once it is made it is had at once', async () => {
    const { maker, one, thing } = await started()
    expect([one.take(), maker.calls.length]).toEqual([thing, 1])
  })

  test('row 328: when the first gives up, the others are served all the same', async () => {
    const { maker, one } = empty()
    const controller = new AbortController()
    const first = codeOf(one.take({ signal: controller.signal }))
    const second = one.take()
    controller.abort()
    expect(await first).toBe('CANCELED')
    expect(maker.calls[0]!.context.signal.aborted).toBe(false)
    const thing = maker.calls[0]!.done()
    expect([await second, maker.calls.length]).toEqual([thing, 1])
  })

  test('row 328: when another gives up, nobody else notices', async () => {
    const { maker, one } = empty()
    const controller = new AbortController()
    const first = one.take()
    const second = codeOf(one.take({ signal: controller.signal }))
    const third = one.take()
    controller.abort()
    expect(await second).toBe('CANCELED')
    const thing = maker.calls[0]!.done()
    expect(await Promise.all([first, third])).toEqual([thing, thing])
  })

  test('row 328: when all give up, it is empty, and made anew for the next', async () => {
    const { maker, one } = empty()
    const controller = new AbortController()
    const codes = [1, 2, 3].map(() => codeOf(one.take({ signal: controller.signal })))
    controller.abort()
    expect(await Promise.all(codes)).toEqual(['CANCELED', 'CANCELED', 'CANCELED'])
    expect([maker.calls[0]!.context.signal.aborted, one.isEmpty]).toEqual([true, true])
    const late = maker.calls[0]!.done()
    await quiet()
    expect([late.disposed, one.isEmpty]).toEqual([1, true])
    const next = one.take()
    const thing = maker.calls[1]!.done()
    expect(await next).toBe(thing)
  })

  test('row 328: an error of the maker reaches all who wait, and the next call makes it anew', async () => {
    const { maker, one } = empty()
    const codes = [1, 2, 3].map(() => codeOf(one.take()))
    maker.calls[0]!.fail(new Error('no'))
    expect(await Promise.all(codes)).toEqual(['no', 'no', 'no'])
    const next = one.take()
    const thing = maker.calls[1]!.done()
    expect(await next).toBe(thing)
  })

  test('row 328: a dead value is replaced, and those who use it go on', async () => {
    const { maker, one, thing } = await started()
    thing.isDead = true
    const next = one.take()
    expect([maker.calls.length, one.size, thing.disposed]).toEqual([2, 1, 0])
    const other = maker.calls[1]!.done()
    expect([await next, one.size]).toEqual([other, 2])
    one.drop(thing)
    expect([one.size, one.take()]).toEqual([1, other])
  })
})

describe('row 309: one for a destination', () => {
  test('row 309: when it is full, requests wait in the order of arrival, and no second one is made', async () => {
    const { maker, one, thing } = await started()
    thing.capacity = 2
    void one.take()
    const order: number[] = []
    const waiting = [1, 2, 3].map(async (n) => {
      await one.take()
      order.push(n)
    })
    await quiet()
    expect([order, maker.calls.length, one.queue.size]).toEqual([[], 1, 3])
    thing.capacity = 4
    one.changed(thing)
    await quiet()
    expect(order).toEqual([1, 2])
    thing.capacity = 5
    one.changed(thing)
    await Promise.all(waiting)
    expect([order, maker.calls.length]).toEqual([[1, 2, 3], 1])
  })

  test('who waits is served before who comes', async () => {
    const { one, thing } = await started()
    thing.capacity = 1
    const first = one.take()
    thing.capacity = 2
    const second = one.take()
    one.changed(thing)
    expect([await first, await isPending(second)]).toEqual([thing, true])
  })

  test('max: one more when the others are full, and no further one', async () => {
    const { maker, one, thing } = await started({ max: 2 })
    thing.capacity = 1
    const second = one.take()
    const third = one.take()
    expect(maker.calls.length).toBe(2)
    const other = maker.calls[1]!.done()
    other.capacity = 1
    expect([await second, await isPending(third), maker.calls.length]).toEqual([other, true, 2])
    thing.capacity = 2
    one.changed(thing)
    expect(await third).toBe(thing)
  })

  test('one that was made elsewhere and is one too many is dropped', async () => {
    const { maker, one } = await started()
    const waiting = new Singleton<Thing>(maker.options).take()
    const surplus = maker.calls[1]!.done()
    await waiting
    one.share.acquire()
    one.add(surplus)
    expect([surplus.disposed, one.size]).toEqual([1, 1])
  })

  test.each([
    ['the default', undefined, 90_000],
    ['an option', 700, 700],
  ])('row 310: closed when nobody has used it for so long, %s', async (_, idleTimeout, limit) => {
    const { one, thing, maker } = await started({ idleTimeout })
    one.give(thing)
    expect(one.idleCount).toBe(1)
    maker.runtime.advance(limit - 1)
    expect([one.take(), one.idleCount]).toEqual([thing, 0])
    maker.runtime.advance(limit)
    expect(one.size).toBe(1)
    one.give(thing)
    maker.runtime.advance(limit)
    expect([one.size, thing.disposed, maker.runtime.timer.pending]).toEqual([0, 1, 0])
  })

  test('diesAt: used no more beyond its age; who uses it goes on', async () => {
    const { maker, one, thing } = await started({ diesAt: ({ name }) => (name === 'a' ? 6_000 : Infinity) })
    maker.runtime.advance(4_999)
    expect(one.take()).toBe(thing)
    maker.runtime.advance(1)
    const next = one.take()
    expect([maker.calls.length, thing.disposed, one.size]).toEqual([2, 1, 1])
    one.drop(thing)
    maker.calls[1]!.done()
    await next
    expect(one.size).toBe(1)
  })
})

describe('waiting', () => {
  test('connectTimeout is each one’s own', async () => {
    const { maker, one } = empty()
    const short = codeOf(one.take({ connectTimeout: 100 }))
    const long = one.take({ connectTimeout: 1_000 })
    maker.runtime.advance(100)
    expect(await short).toBe('CONNECT_TIMEOUT')
    maker.runtime.advance(800)
    const thing = maker.calls[0]!.done()
    expect(await long).toBe(thing)
    expect(maker.runtime.timer.pending).toBe(0)
  })

  test('poolTimeout: for room', async () => {
    const { maker, one, thing } = await started()
    thing.capacity = 1
    const waiting = one.take({ poolTimeout: 100, connectTimeout: 1 }) as Promise<Thing>
    const error = waiting.catch((reason: unknown) => reason)
    maker.runtime.advance(99)
    expect(await isPending(waiting)).toBe(true)
    maker.runtime.advance(1)
    expect(await error).toMatchObject({ code: 'POOL_TIMEOUT', phase: 'pool', elapsedMs: 100 })
  })

  test('a limit forbids to make it, until there is room', async () => {
    const limits = new Limits({ maxConnections: 1 })
    const share = limits.share({ permitted: () => undefined, evict: () => undefined, idleSince: Infinity })
    share.acquire()
    let blocked = 0
    const { maker, one } = empty({ limits, onBlocked: () => void blocked++ })
    const waiting = one.take({ connectTimeout: 100 })
    maker.runtime.advance(1_000)
    expect([maker.calls.length, blocked, await isPending(waiting)]).toEqual([0, 1, true])
    share.release()
    const thing = maker.calls[0]!.done()
    expect(await waiting).toBe(thing)
  })
})

describe('the end', () => {
  test('close: goes at once when nobody uses it, else when the last has done so', async () => {
    const { one, thing } = await started()
    let isClosed = false
    const closed = one.close().then(() => (isClosed = true))
    expect(await codeOf(new Promise((resolve) => resolve(one.take())))).toBe('none')
    await quiet()
    expect([isClosed, thing.disposed]).toEqual([false, 0])
    one.give(thing)
    await closed
    expect([thing.disposed, one.isEmpty]).toEqual([1, true])
    expect(await codeOf(one.take())).toBe('CLOSED')
  })

  test('abort: who waits fails, what is made is given up, all are dropped', async () => {
    const { maker, one } = empty()
    const waiting = codeOf(one.take())
    one.abort(Object.assign(new Error('over'), { code: 'OVER' }) as never)
    expect([await waiting, maker.calls[0]!.context.signal.aborted, one.isEmpty]).toEqual(['OVER', true, true])
  })
})
