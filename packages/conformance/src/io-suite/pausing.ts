import { FULL, type Io } from '@hyper/core/rt'
import { seededRandom } from '@hyper/testkit'
import { expect } from 'vitest'
import type { IoCase } from './case.ts'
import { latin1, type RecordingSink, turns } from './recording-sink.ts'

/** Writes `length` bytes of a sequence that goes on at `from`, as text, bytes or a gathered write. */
function writeCounted(io: Io, from: number, length: number, dice: number): number {
  const bytes = Uint8Array.from({ length }, (_, index) => (from + index) % 251)
  io.write(dice < 0.8 ? bytes : latin1(bytes), dice > 0.95 || (dice > 0.6 && dice < 0.65))
  return length
}

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
    name: 'whatever the order of pauses, writes and starts, nothing is lost, doubled or mixed up',
    async run({ left, right, sink, other }) {
      const random = seededRandom(42)
      left.start(other)
      right.start(sink)
      let sent = 0
      for (let step = 0; step < 300; step++) {
        const dice = random()
        if (dice < 0.2) right.pause()
        else if (dice < 0.45) right.resume()
        else if (dice < 0.5) right.start(sink)
        else if (dice < 0.6) await turns(1)
        else sent += writeCounted(left, sent, Math.floor(random() * 5_000), dice)
      }
      left.end()
      right.resume()
      await sink.until(() => sink.has('end'))
      expect(sink.bytes.findIndex((byte, index) => byte !== index % 251)).toBe(-1)
      expect([sink.length, ...sink.faults]).toEqual([sent])
    },
  },
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
