import { FULL } from '@hyper/core/rt'
import { expect } from 'vitest'
import type { IoCase } from './case.ts'
import { RecordingSink, turns } from './recording-sink.ts'

/** end, close and abort: how a stream goes. */
export const ENDING: readonly IoCase[] = [
  {
    name: 'end half-closes after everything written: the other half goes on',
    needs: 'isHalfOpen',
    async run({ left, right, sink, other }) {
      left.start(other)
      right.start(sink)
      const size = 1_000_000
      left.write(new Uint8Array(size))
      left.end()
      await sink.until(() => sink.has('end'))
      expect(sink.length).toBe(size)
      expect(sink.has('close')).toBe(false)
      right.write('after the end')
      await other.until(() => other.text === 'after the end')
      right.end()
      await sink.closed
      await other.closed
      expect([sink.error, other.error]).toEqual([null, null])
      expect(other.log.slice(-2)).toEqual(['end', 'close'])
    },
  },
  {
    name: 'EOF alone does not close',
    needs: 'isHalfOpen',
    async run({ left, right, sink, other }) {
      left.start(other)
      right.start(sink)
      left.end()
      await sink.until(() => sink.has('end'))
      await turns(10)
      expect(sink.log).toEqual(['end'])
      expect(other.log).toEqual([])
    },
  },
  {
    name: 'onClose comes once, and nothing comes after it',
    async run({ left, right, sink, other }) {
      left.start(other)
      right.start(sink)
      left.end()
      right.end()
      await sink.closed
      await other.closed
      right.resume()
      right.write('late')
      right.end()
      right.abort()
      right.close()
      await turns(10)
      expect(sink.log).toEqual(['end', 'close'])
      expect(other.log).toEqual(['end', 'close'])
    },
  },
  {
    name: 'held bytes and the end come before a clean close',
    async run({ left, right, sink, other }) {
      left.start(other)
      right.start(sink)
      right.pause()
      right.end()
      left.write('last words')
      left.end()
      await other.until(() => other.has('end'))
      await turns(10)
      right.resume()
      await sink.closed
      expect([sink.text, sink.error, ...sink.log.slice(-2)]).toEqual(['last words', null, 'end', 'close'])
    },
  },
  {
    name: 'close sends what was written, then the end',
    async run({ left, right, sink, other }) {
      left.start(other)
      right.start(sink)
      left.write('x'.repeat(500_000))
      left.write('head', true)
      left.close()
      await sink.until(() => sink.has('end'))
      expect(sink.length).toBe(500_004)
      right.end()
      await other.closed
      expect(other.log).toEqual(['close'])
      expect(other.error).toBeNull()
    },
  },
  {
    name: 'close inside onData ends the calls',
    async run({ left, right, sink, other }) {
      sink.onChunk = () => right.close()
      right.start(sink)
      left.start(other)
      left.write('one')
      await sink.closed
      expect(sink.log).toEqual(['data', 'close'])
      expect(sink.faults).toEqual([])
    },
  },
  {
    name: 'abort is followed by onClose, asynchronously, and drops what is queued',
    async run({ left, right, sink, other }) {
      left.start(other)
      right.start(sink)
      right.pause()
      const piece = new Uint8Array(100_000)
      while (left.write(piece) !== FULL);
      left.abort()
      expect(other.log).toEqual([])
      await other.closed
      expect(other.log).toEqual(['close'])
      right.resume()
      await sink.until(() => sink.has('close') || sink.has('end') || sink.has('writeError'))
    },
  },
  {
    name: 'abort inside onData ends the calls',
    async run({ left, right, sink, other }) {
      sink.onChunk = () => right.abort()
      right.start(sink)
      left.start(other)
      left.write('one')
      await sink.closed
      await turns(5)
      expect(sink.log).toEqual(['data', 'close'])
      expect(sink.faults).toEqual([])
    },
  },
  {
    name: 'a reset is an error and no end',
    needs: 'hasReset',
    async run({ left, right, sink, other }) {
      left.start(other)
      right.start(sink)
      left.write('half of it')
      await sink.until(() => sink.text === 'half of it')
      left.abort()
      await sink.closed
      expect(sink.has('end')).toBe(false)
      expect(sink.error).not.toBeNull()
    },
  },
  {
    name: 'abort before start still gives onClose',
    async run({ right, sink }) {
      right.abort()
      await turns(5)
      right.start(sink)
      await sink.closed
      expect(sink.log).toEqual(['close'])
    },
  },
  {
    name: 'a sink that starts after the close hears of it, and the one before hears nothing more',
    async run({ left, right, sink, other }) {
      right.start(other)
      left.start(new RecordingSink())
      left.end()
      right.end()
      await other.closed
      right.start(sink)
      await sink.closed
      await turns(5)
      expect([other.log, sink.log, sink.error]).toEqual([['end', 'close'], ['close'], null])
    },
  },
]
