import type { Io, IoSink } from '@hyper/core/rt'
import { MockIo, toBytes, toText, VirtualRuntime } from '@hyper/testkit'
import { expect, test } from 'vitest'
import { leftoverIo } from '../../src/connect/proxy/leftover-io.ts'

class Log implements IoSink {
  readonly log: string[] = []
  onChunk: (() => void) | null = null
  onData(chunk: Uint8Array): boolean {
    this.log.push(toText(chunk))
    this.onChunk?.()
    return false
  }
  onEnd(): void {
    this.log.push('end')
  }
  onDrain(): void {
    this.log.push('drain')
  }
  onWriteError(error: Error): void {
    this.log.push(`write error ${error.message}`)
  }
  onClose(error: Error | null): void {
    this.log.push(`close ${error?.message ?? 'clean'}`)
  }
}

function make(): { io: Io; below: MockIo; runtime: VirtualRuntime; sink: Log } {
  const [below, runtime] = [new MockIo(), new VirtualRuntime()]
  return { below, runtime, io: leftoverIo(below, toBytes('left'), runtime), sink: new Log() }
}

test('the leftover first, then what comes; never within start', async () => {
  const { below, io, runtime, sink } = make()
  below.feed('over')
  io.start(sink)
  expect(sink.log).toEqual([])
  await runtime.settle()
  below.feed('!')
  below.feedEnd()
  expect(sink.log).toEqual(['left', 'over', '!', 'end'])
})

test('paused before it is delivered, it waits', async () => {
  const { below, io, runtime, sink } = make()
  io.start(sink)
  io.pause()
  below.feed('over')
  await runtime.settle()
  expect(sink.log).toEqual([])
  io.resume()
  expect(sink.log).toEqual([])
  await runtime.settle()
  expect(sink.log).toEqual(['left', 'over'])
})

test('paused by the leftover itself, the rest waits', async () => {
  const { below, io, runtime, sink } = make()
  sink.onChunk = () => io.pause()
  io.start(sink)
  below.feed('over')
  await runtime.settle()
  expect(sink.log).toEqual(['left'])
  io.resume()
  await runtime.settle()
  expect(sink.log).toEqual(['left', 'over'])
})

test('a second start goes straight to the stream below', async () => {
  const { below, io, runtime, sink } = make()
  io.start(new Log())
  await runtime.settle()
  io.pause()
  below.feed('more')
  io.start(sink)
  await runtime.settle()
  expect(sink.log).toEqual(['more'])
})

test('a second start before anything was delivered gets it all', async () => {
  const { io, runtime, sink } = make()
  const first = new Log()
  io.start(first)
  io.start(sink)
  await runtime.settle()
  expect([first.log, sink.log]).toEqual([[], ['left']])
})

test.each([
  ['a clean close waits for what comes before it', null, ['left', 'close clean']],
  ['a reset is seen at once', new Error('reset'), ['close reset']],
])('%s', async (_, error, expected) => {
  const { below, io, runtime, sink } = make()
  io.start(sink)
  io.pause()
  below.feedClose(error)
  await runtime.settle()
  expect(sink.log).toEqual(error === null ? [] : expected)
  io.resume()
  await runtime.settle()
  expect(sink.log).toEqual(expected)
})

test.each(['close', 'abort'] as const)(
  '%s of a stream whose end waits behind the leftover',
  async (leave) => {
    const { below, io, runtime, sink } = make()
    io.start(sink)
    io.pause()
    below.feedClose(null)
    await runtime.settle()
    io[leave]()
    expect(sink.log).toEqual([])
    await runtime.settle()
    io.resume()
    await runtime.settle()
    expect(sink.log).toEqual(['close clean'])
  },
)

test('close and abort: nothing more is read', async () => {
  for (const leave of ['close', 'abort'] as const) {
    const { below, io, runtime, sink } = make()
    io.start(sink)
    io[leave]()
    await runtime.settle()
    expect([sink.log, below.calls.at(-1)]).toEqual([['close clean'], leave])
  }
})

test('writing, its failure, and the rest go through', async () => {
  const { below, io, runtime, sink } = make()
  io.start(sink)
  await runtime.settle()
  below.hold()
  expect(io.write('x', true)).toBe(2)
  below.drain()
  below.failWrites(new Error('EPIPE'))
  io.ref()
  io.unref()
  io.end()
  expect([sink.log, below.text, below.writes[0]?.more, below.ended, io.peer]).toEqual([
    ['left', 'drain', 'write error EPIPE'],
    'x',
    true,
    true,
    below.peer,
  ])
  expect(below.calls.slice(-3)).toEqual(['ref', 'unref', 'end'])
})
