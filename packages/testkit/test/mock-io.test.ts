import { FULL, TAKEN } from '@hyper/core/rt'
import type { IoSink } from '@hyper/core/rt'
import { expect, test } from 'vitest'
import { MockIo, toText } from '../src/index.ts'

class Log implements IoSink {
  readonly lines: string[] = []
  keep = true
  onData(chunk: Uint8Array): boolean {
    this.lines.push(`data ${toText(chunk)}`)
    return this.keep
  }
  onEnd(): void {
    this.lines.push('end')
  }
  onDrain(): void {
    this.lines.push('drain')
  }
  onWriteError(error: Error): void {
    this.lines.push(`write error ${error.message}`)
  }
  onClose(error: Error | null): void {
    this.lines.push(`close ${error === null ? 'clean' : error.message}`)
  }
}

test('start delivers what was fed before it, in a microtask', async () => {
  const io = new MockIo()
  const log = new Log()
  io.feed('early')
  io.start(log)
  expect(log.lines).toEqual([])
  await Promise.resolve()
  expect(log.lines).toEqual(['data early'])
  io.feed('now')
  expect(log.lines).toEqual(['data early', 'data now'])
})

test('pause holds data and end, resume delivers them in order', () => {
  const io = new MockIo()
  const log = new Log()
  io.start(log)
  io.pause()
  io.feed('a')
  io.feedEnd()
  expect(io.unread).toBe(2)
  io.resume()
  io.deliver()
  expect(log.lines).toEqual(['data a', 'end'])
})

test('memory that the sink gave back is overwritten', () => {
  const io = new MockIo()
  const chunks: Uint8Array[] = []
  const log = new Log()
  log.keep = false
  io.start(Object.assign(log, { onData: (chunk: Uint8Array) => chunks.push(chunk) < 0 }))
  io.feed('abc')
  expect([...(chunks[0] ?? [])]).toEqual([0xdb, 0xdb, 0xdb])
})

test('writes are recorded, held on request, and drained', () => {
  const io = new MockIo()
  const log = new Log()
  io.start(log)
  expect(io.write('caf\xe9', true)).toBe(TAKEN)
  io.hold()
  const lent = Uint8Array.of(1, 2)
  expect(io.write(lent)).toBe(FULL)
  expect(io.writes.map((write) => [write.text, write.more, write.kind])).toEqual([
    ['caf\xe9', true, 'text'],
    ['\x01\x02', false, 'bytes'],
  ])
  io.drain()
  expect(log.lines).toEqual(['drain'])
  io.hold()
  io.write(lent)
  lent[0] = 9
  expect(() => io.drain()).toThrow('memory was changed')
})

test('closes by itself after both halves have ended, and says nothing after it', async () => {
  const io = new MockIo()
  const log = new Log()
  io.start(log)
  io.feedEnd()
  io.end()
  await Promise.resolve()
  io.feed('late')
  io.feedClose()
  io.close()
  io.abort()
  await Promise.resolve()
  expect(log.lines).toEqual(['end', 'close clean'])
})

test('a write error leaves reading alone', () => {
  const io = new MockIo()
  const log = new Log()
  io.start(log)
  io.failWrites()
  io.write('lost')
  io.feed('413')
  expect(io.text).toBe('')
  expect(log.lines).toEqual(['write error write EPIPE', 'data 413'])
})

test('a write error says how much was not taken', () => {
  const told: unknown[] = []
  for (const lost of [undefined, 7]) {
    const io = new MockIo()
    io.start(Object.assign(new Log(), { onWriteError: (_: Error, bytes: number) => void told.push(bytes) }))
    io.failWrites(undefined, lost)
  }
  expect(told).toEqual([0, 7])
})
