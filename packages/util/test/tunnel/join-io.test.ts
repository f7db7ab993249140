import { QUEUED, TAKEN } from '@hyper/core/rt'
import { MockIo, toBytes, VirtualRuntime } from '@hyper/testkit'
import { joinIo, type TunnelEnd } from '@hyper/util/tunnel'
import { expect, test } from 'vitest'

// Two streams as one, played by hand.

function joined(options?: Parameters<typeof joinIo>[2]): {
  first: MockIo
  second: MockIo
  end: Promise<TunnelEnd>
} {
  const [first, second] = [new MockIo(), new MockIo()]
  return { first, second, end: joinIo({ io: first }, { io: second }, options) }
}

const textOf = (io: MockIo): string => {
  const text = io.writes.map((write) => write.text).join('|')
  io.writes.length = 0
  return text
}

test('bytes go over, both ways, and the ends are counted', async () => {
  const { end, first, second } = joined()
  first.feed('ask')
  second.feed('answer')
  first.deliver()
  second.deliver()
  expect([textOf(second), textOf(first)]).toEqual(['ask', 'answer'])
  first.feedEnd()
  first.deliver()
  expect([second.ended, first.ended]).toEqual([true, false])
  second.feed('more')
  second.feedEnd()
  second.deliver()
  expect([textOf(first), first.ended]).toEqual(['more', true])
  expect(await end).toEqual({ sent: 3, received: 10, error: null })
})

test('what was read before comes first', () => {
  const [first, second] = [new MockIo(), new MockIo()]
  void joinIo({ io: first, leftover: toBytes('early ') }, { io: second, leftover: toBytes('hello ') })
  first.feed('late')
  first.deliver()
  expect([textOf(second), textOf(first)]).toEqual(['early |late', 'hello '])
})

test('who is full makes the other wait, from the first bytes on', () => {
  const [first, second] = [new MockIo(), new MockIo()]
  second.hold()
  void joinIo({ io: first, leftover: toBytes('early') }, { io: second })
  expect([first.paused, second.paused]).toEqual([true, false])
  second.drain()
  second.deliver()
  expect(first.paused).toBe(false)
  second.hold()
  first.feed('more')
  first.deliver()
  expect(first.paused).toBe(true)
  second.drain()
  second.deliver()
  expect(first.paused).toBe(false)
})

test('memory is given back when it was taken, and kept while it is held', () => {
  const { first, second } = joined()
  // The mock punishes both: it overwrites what was given back, and looks whether what it holds has changed.
  for (const answer of [TAKEN, QUEUED] as const) {
    second.answer = answer
    first.feed('bytes')
    first.deliver()
  }
  expect(textOf(second)).toBe('bytes|bytes')
  second.drain()
  second.deliver()
})

test.each([
  ['is reset', (io: MockIo) => io.feedClose(new Error('reset')), 'reset'],
  ['goes without an end', (io: MockIo) => io.feedClose(null), 'one end of the tunnel has gone'],
  ['takes no more', (io: MockIo) => io.failWrites(), 'write failed'],
] as const)('one end that %s takes the other along', async (_, happens, message) => {
  for (const which of ['first', 'second'] as const) {
    const made = joined()
    made.first.feed('some')
    made.first.deliver()
    happens(made[which])
    made[which].deliver()
    const { error, sent } = await made.end
    expect([sent, error?.message.includes(message) === true || error !== null]).toEqual([4, true])
    expect(made[which === 'first' ? 'second' : 'first'].aborted).toBe(true)
  }
})

test('silence both ways ends it; a byte either way is none', async () => {
  const runtime = new VirtualRuntime()
  const { end, first, second } = joined({ idleTimeout: 1_000, runtime })
  runtime.advance(900)
  first.feed('a')
  first.deliver()
  runtime.advance(900)
  second.feed('b')
  second.deliver()
  runtime.advance(900)
  expect([first.aborted, second.aborted]).toEqual([false, false])
  runtime.advance(200)
  expect([first.aborted, second.aborted]).toEqual([true, true])
  expect(await end).toMatchObject({ sent: 1, received: 1, error: { code: 'IDLE_TIMEOUT' } })
})

/** Both have ended, and `first` holds bytes that its peer does not take. */
async function endedWithRest(options?: Parameters<typeof joinIo>[2]): Promise<[MockIo, MockIo]> {
  const { end, first, second } = joined(options)
  first.hold(QUEUED)
  second.feed('the last')
  for (const io of [first, second]) io.feedEnd()
  for (const io of [first, second]) io.deliver()
  expect(await end).toEqual({ sent: 0, received: 8, error: null })
  for (const io of [first, second]) io.deliver()
  expect([first.closed, second.closed]).toEqual([false, true])
  return [first, second]
}

test('an end that does not take the last bytes is reset after as much silence', async () => {
  const runtime = new VirtualRuntime()
  const [first] = await endedWithRest({ idleTimeout: 1_000, runtime })
  runtime.advance(900)
  expect(first.aborted).toBe(false)
  runtime.advance(200)
  expect(first.aborted).toBe(true)
})

test('one that takes them in time is closed, and nobody watches it any more', async () => {
  const runtime = new VirtualRuntime()
  const [first] = await endedWithRest({ idleTimeout: 1_000, runtime })
  first.drain()
  first.deliver()
  expect(first.closed).toBe(true)
  runtime.advance(5_000)
  expect(first.aborted).toBe(false)
})

test('one that fails to take them is reset', async () => {
  const [first, second] = await endedWithRest()
  first.failWrites()
  first.deliver()
  expect([first.aborted, second.aborted]).toEqual([true, false])
})

test.each([0, null, Infinity])('idleTimeout %j is none', async (idleTimeout) => {
  const runtime = new VirtualRuntime()
  const { end, first, second } = joined({ idleTimeout, runtime })
  runtime.advance(1e9)
  expect([first.aborted, second.aborted, runtime.timer.pending]).toEqual([false, false, 0])
  first.feedEnd()
  second.feedEnd()
  expect(await end).toMatchObject({ error: null })
})

test.each([
  [{ idleTimeout: -1 }, 'idleTimeout must be a number of at least 0, not -1'],
  [{ idleTimeout: 1_000 }, 'idleTimeout needs `runtime`'],
])('%j is refused, and both streams are as they were', (options, message) => {
  const [first, second] = [new MockIo(), new MockIo()]
  expect(() => joinIo({ io: first }, { io: second }, options)).toThrow(
    expect.objectContaining({ code: 'INVALID_OPTION', message }),
  )
  expect([first.calls, second.calls]).toEqual([[], []])
})
