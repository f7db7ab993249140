import { FULL, TAKEN, type IoSink } from '@hyper/core/rt'
import { expect, test } from 'vitest'
import { link } from '../src/link.ts'
import { VirtualRuntime } from '../src/virtual-clock.ts'

// 8 kbit/s: a byte takes a millisecond.
const SLOW = { bandwidth: 8_000, delay: 100, sendBuffer: 1_000 }

function joined(): {
  runtime: VirtualRuntime
  near: ReturnType<typeof link>[0]
  far: ReturnType<typeof link>[0]
  heard: string[]
} {
  const runtime = new VirtualRuntime(0)
  const [near, far] = link(runtime, SLOW)
  const heard: string[] = []
  near.start(hearing('near', runtime, heard))
  far.start(hearing('far', runtime, heard))
  runtime.turn()
  return { runtime, near, far, heard }
}

function hearing(name: string, runtime: VirtualRuntime, heard: string[]): IoSink {
  const hear = (what: string): void => void heard.push(`${runtime.clock.now()} ${name} ${what}`)
  return {
    onData: (chunk) => {
      hear(`data ${chunk.length}`)
      return true
    },
    onEnd: () => hear('end'),
    onDrain: () => hear('drain'),
    onWriteError: (error) => hear(error.message),
    onClose: (error) => hear(`close ${error?.message ?? ''}`),
  }
}

test('bytes arrive after the time they take and the delay, one write behind the other', () => {
  const { runtime, near, far, heard } = joined()
  expect(near.write(new Uint8Array(200))).toBe(TAKEN)
  expect(near.write('a'.repeat(50))).toBe(TAKEN)
  expect(far.write('b')).toBe(TAKEN)
  runtime.advance(1_000)
  expect(heard).toEqual(['101 near data 1', '300 far data 200', '350 far data 50'])
  expect(far.received).toBe(250)
})

test('an end that holds its send buffer is full, and drains at half of it', () => {
  const { runtime, near, heard } = joined()
  expect(near.write(new Uint8Array(900))).toBe(TAKEN)
  expect(near.write(new Uint8Array(200))).toBe(FULL)
  runtime.advance(2_000)
  expect(heard).toEqual(['900 near drain', '1000 far data 900', '1200 far data 200'])
})

test('what arrives while nobody reads is kept, and told outside of resume', () => {
  const { runtime, near, far, heard } = joined()
  far.pause()
  near.write('abc')
  near.end()
  runtime.advance(1_000)
  expect(heard).toEqual([])
  far.resume()
  expect(heard).toEqual([])
  runtime.turn()
  expect(heard).toEqual(['1000 far data 3', '1000 far end'])
})

test('both halves ended: an end is closed once it has heard of it', () => {
  const { runtime, near, far, heard } = joined()
  near.write('abc')
  near.end()
  far.end()
  runtime.advance(1_000)
  runtime.turn()
  expect(heard).toEqual([
    '100 near end',
    '100 near close ',
    '103 far data 3',
    '103 far end',
    '103 far close ',
  ])
  expect(runtime.timer.pending).toBe(0)
})

test('a reset overtakes what has not left', () => {
  const { runtime, near, heard } = joined()
  near.write(new Uint8Array(500))
  near.abort()
  runtime.advance(1_000)
  runtime.turn()
  expect(heard.toSorted()).toEqual(['1000 far close read ECONNRESET', '1000 near close '])
})
