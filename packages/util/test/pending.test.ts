import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { Pending } from '../src/runtime/pending.ts'

// Connections that something comes first on. Timers keep a process alive, so that none may be left.

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

test('those that are not through in time are ended, and then there are none', async () => {
  const pending = new Pending<object>()
  const [quick, slow] = [{}, {}]
  const log: string[] = []
  for (const [one, name] of [
    [quick, 'quick'],
    [slow, 'slow'],
  ] as const)
    expect(pending.add(one, () => log.push(name))).toBe(true)
  pending.endAfter(500)
  void pending.whenEmpty().then(() => log.push('empty'))
  expect([pending.delete(quick), pending.delete(quick)]).toEqual([true, false])
  await vi.advanceTimersByTimeAsync(499)
  expect(log).toEqual([])
  await vi.advanceTimersByTimeAsync(1)
  expect(log).toEqual(['slow', 'empty'])
  expect(pending.add({}, () => log.push('late'))).toBe(false)
  expect(log.at(-1)).toBe('late')
})

test('less time than before', async () => {
  const pending = new Pending<object>()
  let ended = 0
  pending.add({}, () => ended++)
  pending.endAfter(60_000)
  pending.endAfter(0)
  await pending.whenEmpty()
  expect([ended, vi.getTimerCount()]).toEqual([1, 0])
})

test.each([500, Infinity])(
  'once there are none, no timer is left, nor set by another call: %d',
  async (grace) => {
    const pending = new Pending<object>()
    const one = {}
    pending.add(one, () => undefined)
    pending.endAfter(grace)
    const empty = pending.whenEmpty()
    expect(vi.getTimerCount()).toBe(1)
    pending.delete(one)
    await empty
    pending.endAfter(grace)
    expect(vi.getTimerCount()).toBe(0)
  },
)
