import { expect } from 'vitest'
import type { IoCase } from './case.ts'
import { latin1, RecordingSink, turns } from './recording-sink.ts'

/** start, data, and the calls of the sink. */
export const READING: readonly IoCase[] = [
  {
    name: 'start is asynchronous',
    async run({ left, right, sink, other }) {
      left.start(other)
      left.write('early')
      await turns(3)
      right.start(sink)
      expect(sink.log).toEqual([])
      await sink.until(() => sink.text === 'early')
    },
  },
  {
    name: 'bytes arrive as they were sent, in order, and no chunk is empty',
    async run({ left, right, sink, other }) {
      right.start(sink)
      left.start(other)
      const all = Uint8Array.from({ length: 256 }, (_, index) => index)
      left.write(all)
      left.write('caf\xe9\r\n\x00')
      await sink.until(() => sink.length === 263)
      expect(sink.text).toBe(`${latin1(all)}caf\xe9\r\n\x00`)
      expect(sink.faults).toEqual([])
    },
  },
  {
    name: 'both directions work at once',
    async run({ left, right, sink, other }) {
      left.start(other)
      right.start(sink)
      left.write('ping')
      right.write('pong')
      await sink.until(() => sink.text === 'ping')
      await other.until(() => other.text === 'pong')
    },
  },
  {
    name: 'a sink that gives the memory back sees the right bytes all the same',
    async run({ left, right, sink, other }) {
      sink.keeps = false
      right.start(sink)
      left.start(other)
      for (let round = 0; round < 20; round++) {
        left.write(`round ${round};`)
        await sink.until(() => sink.text.endsWith(`round ${round};`))
      }
      expect(sink.text).toBe(Array.from({ length: 20 }, (_, round) => `round ${round};`).join(''))
    },
  },
  {
    name: 'memory that a sink keeps is not used again',
    async run({ left, right, sink, other }) {
      const kept: Uint8Array[] = []
      sink.onChunk = (chunk) => kept.push(chunk)
      right.start(sink)
      left.start(other)
      for (let round = 0; round < 10; round++) {
        left.write(`${round}`.repeat(100))
        await sink.until(() => sink.length === (round + 1) * 100)
      }
      expect(kept.map(latin1).join('')).toBe(sink.text)
    },
  },
  {
    name: 'calls never overlap, and none comes from inside a call of ours',
    async run({ left, right, sink, other }) {
      sink.onChunk = () => {
        right.write('answer')
        right.pause()
        right.resume()
        right.start(sink)
      }
      sink.atEnd = () => right.end()
      right.start(sink)
      left.start(other)
      left.write('one')
      left.write('two')
      left.end()
      await sink.closed
      await other.closed
      expect(sink.faults).toEqual([])
      expect(other.faults).toEqual([])
    },
  },
  {
    name: 'a second start replaces the sink, which gets what arrived meanwhile',
    async run({ left, right, sink, other }) {
      right.start(sink)
      left.start(other)
      sink.onChunk = () => right.pause()
      left.write('old')
      await sink.until(() => sink.text === 'old')
      left.write('new')
      await turns(5)
      const second = new RecordingSink()
      right.start(second)
      expect(second.log).toEqual([])
      await second.until(() => second.text === 'new')
      left.end()
      await second.until(() => second.has('end'))
      expect(sink.log).toEqual(['data'])
    },
  },
  {
    name: 'a start inside onData replaces the sink from the next chunk on',
    async run({ left, right, sink, other }) {
      const second = new RecordingSink()
      sink.onChunk = () => right.start(second)
      left.start(other)
      left.write('a'.repeat(100_000))
      await turns(5)
      right.start(sink)
      left.write('b')
      left.end()
      await second.until(() => second.has('end'))
      expect([sink.chunks, ...sink.log, ...second.faults]).toEqual([1, 'data'])
      expect(sink.text + second.text).toBe(`${'a'.repeat(100_000)}b`)
    },
  },
]
