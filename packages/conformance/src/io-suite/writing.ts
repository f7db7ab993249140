import { FULL, QUEUED, TAKEN } from '@hyper/core/rt'
import { expect } from 'vitest'
import type { IoCase } from './case.ts'

/** What write answers, and what `more` gathers. */
export const WRITING: readonly IoCase[] = [
  {
    name: 'write answers TAKEN, QUEUED or FULL, and FULL is followed by one drain',
    async run({ left, right, sink, other }) {
      left.start(other)
      right.start(sink)
      right.pause()
      const bytes = new Uint8Array(32_768).fill(0x7a)
      let written = 0
      for (let rounds = 0; rounds < 5; rounds++) {
        const answers: number[] = []
        do {
          answers.push(left.write(bytes))
          written += bytes.length
        } while (answers.at(-1) !== FULL)
        for (const answer of answers) expect([TAKEN, QUEUED, FULL]).toContain(answer)
        right.resume()
        await other.until(() => other.count('drain') === rounds + 1)
        right.pause()
      }
      right.resume()
      await sink.until(() => sink.length === written)
      expect(other.log).toEqual(Array.from({ length: 5 }, () => 'drain'))
      expect(left.write('more')).not.toBe(FULL)
    },
  },
  {
    name: 'memory of a TAKEN write may be changed at once',
    async run({ left, right, sink, other }) {
      left.start(other)
      right.start(sink)
      const bytes = new Uint8Array(1_000).fill(0x61)
      if (left.write(bytes) === TAKEN) bytes.fill(0x62)
      await sink.until(() => sink.length === 1_000)
      expect(sink.text).toBe('a'.repeat(1_000))
    },
  },
  {
    name: 'memory that was held may be changed after the drain',
    async run({ left, right, sink, other }) {
      left.start(other)
      right.start(sink)
      right.pause()
      const bytes = new Uint8Array(100_000).fill(0x61)
      let written = 0
      for (let answer = -1; answer !== FULL; written += bytes.length) answer = left.write(bytes)
      right.resume()
      await other.until(() => other.has('drain'))
      bytes.fill(0x62)
      await sink.until(() => sink.length === written)
      expect(sink.bytes.every((byte) => byte === 0x61)).toBe(true)
    },
  },
  {
    name: 'writes with more arrive with the next one, strings and bytes in order',
    async run({ left, right, sink, other }) {
      left.start(other)
      right.start(sink)
      left.write('a', true)
      left.write('b', true)
      left.write(Uint8Array.of(0x63), true)
      left.write('\xe9', true)
      left.write(Uint8Array.of(0x65))
      left.write('f', true)
      left.write('g')
      left.write('h', true)
      left.write(Uint8Array.of(0x69))
      await sink.until(() => sink.length === 9)
      expect(sink.text).toBe('abc\xe9efghi')
    },
  },
  {
    name: 'end sends what was gathered',
    async run({ left, right, sink, other }) {
      left.start(other)
      right.start(sink)
      left.write('head', true)
      left.write(Uint8Array.of(0x21), true)
      left.end()
      await sink.until(() => sink.has('end'))
      expect(sink.text).toBe('head!')
    },
  },
  {
    name: 'gathering stops at FULL, so that the drain can come',
    async run({ left, right, sink, other }) {
      left.start(other)
      right.start(sink)
      const bytes = new Uint8Array(32_768)
      let written = 0
      let answer: number = TAKEN
      for (let round = 0; round < 100 && answer !== FULL; round++, written += bytes.length) {
        answer = left.write(bytes, true)
      }
      if (answer === FULL) await other.until(() => other.has('drain'))
      left.write('.')
      await sink.until(() => sink.length === written + 1)
    },
  },
]
