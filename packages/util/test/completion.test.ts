import { FULL, type IoSink, TAKEN } from '@hyper/core/rt'
import { toBytes, toText } from '@hyper/testkit'
import { completionIo, type CompletionSource } from '@hyper/util/completion'
import { expect, test } from 'vitest'

/** A source whose completions the test gives by hand. */
class Script implements CompletionSource {
  readonly buffers: Uint8Array[] = []
  readonly written: string[] = []
  readonly calls: string[] = []
  private readonly reads: { resolve: (length: number | null) => void; reject: (error: Error) => void }[] = []
  private readonly writes: { resolve: () => void; reject: (error: Error) => void }[] = []
  read(buffer: Uint8Array): Promise<number | null> {
    this.buffers.push(buffer)
    return new Promise((resolve, reject) => this.reads.push({ resolve, reject }))
  }
  write(bytes: Uint8Array): Promise<number> {
    const length = Math.min(bytes.length, 100_000)
    this.written.push(toText(bytes.subarray(0, length)))
    return new Promise((resolve, reject) => this.writes.push({ resolve: () => resolve(length), reject }))
  }
  closeWrite(): void {
    this.calls.push('closeWrite')
  }
  close(): void {
    this.calls.push('close')
  }
  abort(): void {
    this.calls.push('abort')
  }
  give(text: string | null): Promise<void> {
    if (text !== null) this.buffers.at(-1)?.set(toBytes(text))
    this.reads.shift()?.resolve(text === null ? null : text.length)
    return settled()
  }
  failRead(error: Error): Promise<void> {
    this.reads.shift()?.reject(error)
    return settled()
  }
  take(): Promise<void> {
    this.writes.shift()?.resolve()
    return settled()
  }
  failWrite(error: Error): Promise<void> {
    this.writes.shift()?.reject(error)
    return settled()
  }
}

function settled(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve))
}

function recorder(log: string[], keeps: () => boolean = () => false): IoSink {
  return {
    onData(chunk) {
      log.push(`data ${toText(chunk)}`)
      return keeps()
    },
    onEnd: () => void log.push('end'),
    onDrain: () => void log.push('drain'),
    onWriteError: (error) => void log.push(`write error ${error.message}`),
    onClose: (error) => void log.push(error === null ? 'close' : `close ${error.message}`),
  }
}

test('the buffer is handed over and back, and replaced when the sink keeps it', async () => {
  const source = new Script()
  const io = completionIo(source, { bufferSize: 16 })
  const log: string[] = []
  let keeps = false
  expect(source.buffers.length).toBe(0)
  io.start(recorder(log, () => keeps))
  await settled()
  await source.give('one')
  keeps = true
  await source.give('two')
  await source.give('three')
  expect(log).toEqual(['data one', 'data two', 'data three'])
  expect(source.buffers[0]?.length).toBe(16)
  expect(source.buffers[1]).toBe(source.buffers[0])
  expect(source.buffers[2]).not.toBe(source.buffers[1])
})

test('a completion of no bytes is asked again', async () => {
  const source = new Script()
  const log: string[] = []
  completionIo(source).start(recorder(log))
  await settled()
  await source.give('')
  await source.give('x')
  expect(log).toEqual(['data x'])
})

test('one read is under way at a time, also while paused, and its chunk waits', async () => {
  const source = new Script()
  const io = completionIo(source)
  const log: string[] = []
  io.start(recorder(log))
  await settled()
  io.pause()
  await source.give('held')
  expect([log, source.buffers.length]).toEqual([[], 1])
  io.resume()
  await settled()
  expect([log, source.buffers.length]).toEqual([['data held'], 2])
})

test('a lost peer is noticed while paused', async () => {
  const source = new Script()
  const io = completionIo(source)
  const log: string[] = []
  io.start(recorder(log))
  await settled()
  io.pause()
  await source.failRead(new Error('gone'))
  expect(log).toEqual(['close gone'])
  expect(source.calls).toEqual(['abort'])
})

test('writes of one turn are joined, and written to the end', async () => {
  const source = new Script()
  const io = completionIo(source)
  const log: string[] = []
  io.start(recorder(log))
  expect(io.write('a', true)).toBe(TAKEN)
  expect(io.write('b')).toBe(TAKEN)
  expect(io.write(new Uint8Array(150_000).fill(0x63))).toBe(FULL)
  await settled()
  expect(source.written.map((text) => text.length)).toEqual([100_000])
  expect(source.written[0]?.slice(0, 3)).toBe('abc')
  await source.take()
  expect(log).toEqual([])
  await source.take()
  expect(source.written.map((text) => text.length)).toEqual([100_000, 50_002])
  expect(log).toEqual(['drain'])
})

test('of a write that fails nobody knows; what the source was not given was not taken', async () => {
  for (const [behind, lost] of [
    ['', 0],
    ['behind', 6],
  ] as const) {
    const source = new Script()
    const io = completionIo(source)
    const told: unknown[] = []
    io.start({ ...recorder([]), onWriteError: (_, bytes) => void told.push(bytes) })
    io.write('first')
    await settled()
    io.write(behind)
    await source.failWrite(new Error('gone'))
    expect(told).toEqual([lost])
  }
})

test('nothing leaves while more was promised', async () => {
  const source = new Script()
  const io = completionIo(source)
  io.start(recorder([]))
  io.write('a', true)
  await settled()
  expect(source.written).toEqual([])
  io.end()
  await settled()
  expect(source.written).toEqual(['a'])
  await source.take()
  expect(source.calls).toEqual(['closeWrite'])
})

test('a failed write leaves reading alone', async () => {
  const source = new Script()
  const io = completionIo(source)
  const log: string[] = []
  io.start(recorder(log))
  io.write('x')
  await settled()
  await source.failWrite(new Error('EPIPE'))
  await source.give('413')
  await source.give(null)
  expect(log).toEqual(['write error EPIPE', 'data 413', 'end', 'close EPIPE'])
  expect(source.calls).toEqual(['close'])
})

test.each([0, -1, 1.5, NaN, Infinity, '4096'])('bufferSize %j is none', (bufferSize) => {
  expect(() => completionIo(new Script(), { bufferSize: bufferSize as number })).toThrow(
    expect.objectContaining({
      code: 'INVALID_OPTION',
      message: expect.stringMatching(/^bufferSize must be /),
    }),
  )
})
