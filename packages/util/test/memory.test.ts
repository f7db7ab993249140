import { FULL, TAKEN, type Io, type IoSink } from '@hyper/core/rt'
import { toText, VirtualRuntime } from '@hyper/testkit'
import { duplex, MemoryListener } from '@hyper/util/memory'
import { expect, test } from 'vitest'

function recorder(log: string[]): IoSink {
  return {
    onData: (chunk) => log.push(`data ${toText(chunk)}`) > 0,
    onEnd: () => void log.push('end'),
    onDrain: () => void log.push('drain'),
    onWriteError: () => void log.push('write error'),
    onClose: (error) => void log.push(error === null ? 'close' : `close ${error.message}`),
  }
}

function started(highWaterMark: number): {
  runtime: VirtualRuntime
  left: Io
  right: Io
  log: string[]
  other: string[]
} {
  const runtime = new VirtualRuntime()
  const [left, right] = duplex({ runtime, highWaterMark })
  const log: string[] = []
  const other: string[] = []
  right.start(recorder(log))
  left.start(recorder(other))
  runtime.turn()
  return { runtime, left, right, log, other }
}

test('on a virtual runtime everything happens in its turns', () => {
  const { runtime, left, log } = started(100)
  left.write('a')
  left.write(Uint8Array.of(0x62))
  left.end()
  expect(log).toEqual([])
  runtime.turn()
  expect(log).toEqual(['data a', 'data b', 'end'])
})

test('the high-water mark: TAKEN below, FULL above, drained when all is copied', () => {
  const { runtime, left, right, log, other } = started(4)
  right.pause()
  expect(left.write(Uint8Array.of(0x61, 0x61))).toBe(TAKEN)
  expect(left.write('bb')).toBe(TAKEN)
  const lent = Uint8Array.of(0x63)
  expect(left.write(lent)).toBe(FULL)
  runtime.turn()
  expect([log, other]).toEqual([[], []])
  right.resume()
  runtime.turn()
  runtime.turn()
  lent[0] = 0
  expect(log).toEqual(['data aa', 'data bb', 'data c'])
  expect(other).toEqual(['drain'])
})

test('close delivers what was lent, and resets a peer that goes on writing', () => {
  const { runtime, left, right, log, other } = started(2)
  right.pause()
  const lent = Uint8Array.of(0x63, 0x63, 0x63)
  expect(left.write(lent)).toBe(FULL)
  left.close()
  lent.fill(0)
  right.resume()
  runtime.turn()
  expect([log, other]).toEqual([['data ccc', 'end'], ['close']])
  expect(right.write('too late')).toBe(TAKEN)
  runtime.turn()
  expect(log.at(-1)).toBe('close read ECONNRESET')
})

test('close with unread bytes resets the peer', () => {
  const { runtime, left, right, log, other } = started(100)
  right.pause()
  left.write('unread')
  runtime.turn()
  right.close()
  runtime.turn()
  expect(log).toEqual(['close'])
  expect(other).toEqual(['close read ECONNRESET'])
})

test('a listener gives the server ends in order', async () => {
  const listener = new MemoryListener()
  const clients = [listener.connect(), listener.connect()]
  const ends: Io[] = []
  for await (const io of listener) {
    ends.push(io)
    if (ends.length === 2) break
  }
  const log: string[] = []
  ends[1]?.start(recorder(log))
  clients[1]?.write('second')
  await new Promise((resolve) => setImmediate(resolve))
  expect(log).toEqual(['data second'])
  expect(() => listener.connect()).toThrow(expect.objectContaining({ code: 'INVALID_STATE' }))
})

test('closing a listener resets what nobody took, and ends the loop', async () => {
  const listener = new MemoryListener()
  const log: string[] = []
  listener.connect().start(recorder(log))
  listener.close()
  await new Promise((resolve) => setImmediate(resolve))
  expect(log).toEqual(['close read ECONNRESET'])
  for await (const io of listener) expect.unreachable(io.peer.transport)
})

test.each([-1, NaN, '10'])('highWaterMark %j is none', (highWaterMark) => {
  expect(() => duplex({ highWaterMark: highWaterMark as number })).toThrow(
    expect.objectContaining({ code: 'INVALID_OPTION' }),
  )
})

test('highWaterMark 0: every write waits until it is read', () => {
  const { log, other, left, runtime } = started(0)
  expect([left.write('ab'), left.write(new Uint8Array([99]))]).toEqual([FULL, FULL])
  runtime.turn()
  runtime.turn()
  expect([log, other]).toEqual([['data ab', 'data c'], ['drain']])
})
