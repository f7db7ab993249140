import { describe, expect, test } from 'vitest'
import { Limits, type MakeContext, type Mode, Negotiated } from '../../src/pool/index.ts'
import { all, codeOf, isPending, Maker, quiet, type Thing } from './kit.ts'

// What a connection is, for one user or for many, is known once it is made.

type Options = Partial<ConstructorParameters<typeof Negotiated<Thing, Thing>>[0]>

function negotiated(options: Options = {}): {
  maker: Maker
  pool: Negotiated<Thing, Thing>
  learnt: Mode[]
  made(index: number, mode: Mode): Thing
} {
  const maker = new Maker()
  const learnt: Mode[] = []
  const kinds = new Map<Thing, Mode>()
  const { make, ...shared } = maker.options
  const pool = new Negotiated<Thing, Thing>({
    ...shared,
    connect: (context: MakeContext) => make(context),
    inspect: (thing) => kinds.get(thing) === 'shared',
    fallback: (thing) => thing,
    upgrade: (thing) => thing,
    onLearn: (mode) => void learnt.push(mode),
    isDead: (thing) => thing.isDead,
    ...options,
  })
  return {
    maker,
    pool,
    learnt,
    made: (index, mode) => {
      const thing = maker.calls[index]!.done()
      kinds.set(thing, mode)
      return thing
    },
  }
}

describe('row 329: negotiation', () => {
  test('row 329: one for one user: the first who waits gets it, for the others more are made', async () => {
    const { maker, pool, learnt, made } = negotiated()
    const waiting = [1, 2, 3].map(() => pool.take())
    expect(maker.calls.length).toBe(1)
    const first = made(0, 'exclusive')
    await quiet()
    expect([maker.calls.length, learnt, pool.mode]).toEqual([3, ['exclusive'], 'exclusive'])
    const others = [made(1, 'exclusive'), made(2, 'exclusive')]
    expect(await all(waiting)).toEqual([first, ...others])
    pool.cache.give(first)
    expect(pool.take()).toBe(first)
  })

  test('row 329: one for many: all who wait share it', async () => {
    const { maker, pool, learnt, made } = negotiated()
    const waiting = Array.from({ length: 50 }, () => pool.take())
    const thing = made(0, 'shared')
    expect(new Set(await all(waiting))).toEqual(new Set([thing]))
    expect([maker.calls.length, learnt, thing.taken]).toEqual([1, [], 50])
  })

  test('expected to be for one: all are made at once', async () => {
    const { maker, pool } = negotiated({ expect: 'exclusive' })
    for (let i = 0; i < 3; i++) void codeOf(pool.take())
    expect(maker.calls.length).toBe(3)
    pool.abort(new Error('over') as never)
    expect(await isPending(pool.close())).toBe(false)
  })

  test('row 302: it was for one before, and is for many now: one wins and serves all, the others are given up', async () => {
    const { maker, pool, learnt, made } = negotiated({ expect: 'exclusive' })
    const waiting = [1, 2, 3].map(() => pool.take())
    const thing = made(1, 'shared')
    expect(await all(waiting)).toEqual([thing, thing, thing])
    expect(maker.calls.map(({ context }) => context.signal.aborted)).toEqual([true, false, true])
    expect([learnt, pool.singleton.size, pool.cache.isEmpty]).toEqual([['shared'], 1, true])
    const late = made(0, 'shared')
    await quiet()
    expect([late.disposed, pool.singleton.size]).toEqual([1, 1])
  })

  test('it was for many before, and is for one now', async () => {
    const { maker, pool, learnt, made } = negotiated()
    const waiting = pool.take()
    const old = made(0, 'shared')
    await waiting
    old.isDead = true
    const two = [pool.take(), pool.take()]
    const first = made(1, 'exclusive')
    await quiet()
    const second = made(2, 'exclusive')
    expect(await all(two)).toEqual([first, second])
    expect([learnt, maker.calls.length]).toEqual([['exclusive'], 3])
  })

  test('isExclusive: one of one’s own, whatever the others are', async () => {
    const { maker, pool, made } = negotiated()
    const shared = pool.take()
    const thing = made(0, 'shared')
    await shared
    const own = pool.take({ isExclusive: true })
    expect(maker.calls[1]!.context.isExclusive).toBe(true)
    const other = made(1, 'exclusive')
    expect(await own).toBe(other)
    expect(pool.take()).toBe(thing)
    pool.cache.give(other)
    expect(pool.take({ isExclusive: true })).toBe(other)
  })

  test('isExclusive: what is for many all the same is an error', async () => {
    const { pool, made } = negotiated()
    const own = codeOf(pool.take({ isExclusive: true }))
    const thing = made(0, 'shared')
    expect([await own, thing.disposed, pool.isEmpty]).toEqual(['CONNECT', 1, true])
  })

  test('isExclusive: who waits for one of his own still does when the others share', async () => {
    const { maker, pool, made } = negotiated({ expect: 'exclusive' })
    const waiting = pool.take()
    const own = pool.take({ isExclusive: true })
    const thing = made(0, 'shared')
    expect([await waiting, await isPending(own), maker.calls[1]!.context.signal.aborted]).toEqual([
      thing,
      true,
      false,
    ])
    const other = made(1, 'exclusive')
    expect(await own).toBe(other)
  })

  test('both kinds count as one origin', async () => {
    const { maker, pool, made } = negotiated({ limits: new Limits({ maxConnectionsPerOrigin: 1 }) })
    const shared = pool.take()
    const thing = made(0, 'shared')
    await shared
    const own = pool.take({ isExclusive: true })
    expect([await isPending(own), maker.calls.length]).toEqual([true, 1])
    pool.singleton.drop(thing)
    const other = made(1, 'exclusive')
    expect(await own).toBe(other)
  })

  test('what comes after everybody has given up is dropped', async () => {
    for (const mode of ['exclusive', 'shared'] as const) {
      for (const expected of ['exclusive', 'shared'] as const) {
        const { pool, made } = negotiated({ expect: expected })
        const controller = new AbortController()
        const waiting = codeOf(pool.take({ signal: controller.signal }))
        controller.abort()
        expect(await waiting).toBe('CANCELED')
        const late = made(0, mode)
        await quiet()
        expect([mode, expected, late.disposed, pool.isEmpty]).toEqual([mode, expected, 1, true])
      }
    }
  })

  test('an error while it is not known reaches all who wait', async () => {
    const { maker, pool } = negotiated()
    const codes = [1, 2].map(() => codeOf(pool.take()))
    maker.calls[0]!.fail(new Error('no'))
    expect(await all(codes)).toEqual(['no', 'no'])
  })

  test('close and abort', async () => {
    const { pool, made } = negotiated()
    const waiting = pool.take()
    const thing = made(0, 'exclusive')
    await waiting
    const closed = pool.close()
    expect(await isPending(closed)).toBe(true)
    pool.cache.give(thing)
    await closed
    expect(thing.disposed).toBe(1)
  })
})
