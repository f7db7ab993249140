import { FULL, type Io } from '@hyper/core/rt'
import { expect } from 'vitest'
import type { IoCase } from './case.ts'
import { RecordingSink, turns } from './recording-sink.ts'

/** Writes until nothing is taken any more, or `most` bytes are; returns how many were written. */
async function fill(io: Io, sink: RecordingSink, piece: string, most: number): Promise<number> {
  for (let written = 0; ;) {
    const drains = sink.count('drain')
    const answer = io.write(piece)
    written += piece.length
    if (written >= most) return written
    for (let turn = 0; answer === FULL && sink.count('drain') === drains; turn++) {
      if (turn === 100) return written
      await turns(1)
    }
  }
}

/** pause, resume, and the read-ahead. */
export const PAUSING: readonly IoCase[] = [
  {
    name: 'pause stops data and end, resume brings both',
    async run({ left, right, sink, other }) {
      right.start(sink)
      left.start(other)
      right.pause()
      left.write('held')
      left.end()
      await turns(10)
      expect(sink.log).toEqual([])
      right.resume()
      expect(sink.log).toEqual([])
      await sink.until(() => sink.has('end'))
      expect(sink.text).toBe('held')
    },
  },
  {
    name: 'pause works from inside onData, chunk by chunk',
    async run({ left, right, sink, other }) {
      sink.onChunk = () => right.pause()
      right.start(sink)
      left.start(other)
      left.write('x'.repeat(200_000))
      left.end()
      for (let chunks = 1; !sink.has('end'); chunks++) {
        await sink.until(() => sink.chunks === chunks || sink.has('end'))
        await turns(2)
        if (!sink.has('end')) expect(sink.chunks).toBe(chunks)
        right.resume()
      }
      expect(sink.length).toBe(200_000)
    },
  },
  {
    name: 'a paused end takes no more than its read-ahead',
    async run({ left, right, sink, other }, options) {
      right.start(sink)
      left.start(other)
      right.pause()
      const written = await fill(left, other, 'y'.repeat(65_536), options.readAhead * 2)
      expect(written).toBeLessThan(options.readAhead)
      expect(sink.log).toEqual([])
      right.resume()
      await sink.until(() => sink.length === written)
    },
  },
  {
    name: 'a peer that vanishes is noticed while paused',
    needs: 'noticesWhilePaused',
    async run({ left, right, sink, other }) {
      right.start(sink)
      left.start(other)
      right.pause()
      left.write('within the read-ahead')
      await turns(5)
      left.abort()
      await sink.closed
      expect(sink.log).toEqual(['close'])
      expect(sink.error).not.toBeNull()
    },
  },
]
