import { FULL, type IoSink, TAKEN } from '@hyper/core/rt'
import { MockIo, toBytes, toText, VirtualRuntime } from '@hyper/testkit'
import { LateIo, type LateIoHost } from '@hyper/util/tunnel'
import { expect, test } from 'vitest'

// A stream that is used before it is there.

function late(): { io: LateIo; log: string[]; sink: IoSink; runtime: VirtualRuntime } {
  const log: string[] = []
  const runtime = new VirtualRuntime()
  const host: LateIoHost = {
    onWrite: (bytes) => log.push(`wrote ${toText(bytes)}`),
    onEnd: () => log.push('ended'),
    onGone: () => log.push('gone'),
    onResume: () => log.push('resumed'),
  }
  const sink: IoSink = {
    onData: (chunk) => {
      log.push(`data ${toText(chunk)}`)
      return false
    },
    onEnd: () => log.push('end'),
    onDrain: () => log.push('drain'),
    onWriteError: () => log.push('write error'),
    onClose: (error) => log.push(`close ${error?.message ?? null}`),
  }
  return { io: new LateIo(host, { transport: 'late', encrypted: false }, runtime), log, sink, runtime }
}

test('until it is there, owner and host speak with each other', () => {
  const { io, log, runtime, sink } = late()
  io.start(sink)
  expect(io.write('ask')).toBe(FULL)
  expect(io.write(new Uint8Array(0))).toBe(TAKEN)
  io.drained()
  io.pause()
  expect(io.isPaused).toBe(true)
  io.resume()
  io.feed(toBytes('answer'))
  io.feedEnd()
  io.end()
  io.end()
  io.finish(null)
  io.finish(new Error('late'))
  runtime.turn()
  expect(log).toEqual(['wrote ask', 'drain', 'resumed', 'data answer', 'end', 'ended', 'close null'])
  expect([io.write('x'), io.peer.transport]).toEqual([TAKEN, 'late'])
})

test('then every call goes through: early bytes, leftover, and what comes', () => {
  const { io, log, runtime, sink } = late()
  const real = new MockIo()
  io.start(sink)
  io.write('ask')
  io.bind(real, toBytes('left'), [toBytes('early')])
  expect(log).toEqual(['wrote ask'])
  runtime.turn()
  real.feed('right')
  real.deliver()
  expect(log).toEqual(['wrote ask', 'data left', 'drain', 'data right'])
  expect(io.write('out')).toBe(TAKEN)
  expect(real.writes.map(({ text }) => text)).toEqual(['early', 'out'])
  io.pause()
  io.resume()
  io.end()
  io.ref()
  io.unref()
  io.close()
  real.deliver()
  expect(real.calls.slice(-6)).toEqual(['pause', 'resume', 'end', 'ref', 'unref', 'close'])
  expect([log.at(-1), io.peer.transport]).toEqual(['close null', 'mock'])
})

test('an owner that is paused, or has ended, stays so', () => {
  const { io, runtime, sink } = late()
  const real = new MockIo()
  io.start(sink)
  io.pause()
  io.end()
  io.bind(real, new Uint8Array(0), [])
  runtime.turn()
  expect([real.paused, real.ended]).toEqual([true, true])
})

test('a stream that is full at once makes the owner wait on', () => {
  const { io, log, runtime, sink } = late()
  const real = new MockIo()
  real.answer = FULL
  io.start(sink)
  io.write('ask')
  io.bind(real, new Uint8Array(0), [toBytes('early')])
  runtime.turn()
  expect(log).toEqual(['wrote ask'])
  real.drain()
  real.deliver()
  expect(log).toEqual(['wrote ask', 'drain'])
})

test('an owner that has gone gets no stream: it is reset', () => {
  for (const way of ['abort', 'close'] as const) {
    const { io, log, runtime, sink } = late()
    const real = new MockIo()
    io.start(sink)
    io[way]()
    io[way]()
    runtime.turn()
    io.bind(real, new Uint8Array(0), [])
    io.feed(toBytes('x'))
    io.feedEnd()
    expect([log, real.aborted]).toEqual([['gone', 'close null'], true])
  }
})

test('who starts it once there will be no stream hears of that', () => {
  for (const end of ['finish', 'abort'] as const) {
    const { io, log, runtime, sink } = late()
    if (end === 'finish') io.finish(new Error('refused'))
    else io.abort()
    io.start({ ...sink, onClose: () => log.push('another') })
    io.start(sink)
    io.start(sink)
    log.length = 0
    runtime.turn()
    expect(log).toEqual([end === 'finish' ? 'close refused' : 'close null'])
  }
})

test('what was said of the process holds for the stream', () => {
  const { io, sink } = late()
  const real = new MockIo()
  io.start(sink)
  io.ref()
  io.unref()
  io.bind(real, new Uint8Array(0), [])
  expect(real.calls).toEqual(['unref', 'start'])
})
