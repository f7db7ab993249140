import { expect, test } from 'vitest'
import { chunkings, toBytes, toText, VirtualRuntime } from '../src/index.ts'

test('alarms fire in the order of their times, each at its own time', () => {
  const runtime = new VirtualRuntime(0)
  const fired: string[] = []
  const alarm = (name: string) => runtime.timer.alarm({ onAlarm: (now) => fired.push(`${name}@${now}`) })
  const late = alarm('late')
  const early = alarm('early')
  const never = alarm('never')
  late.move(300)
  early.move(200)
  never.move(100)
  never.cancel()
  never.move(150)
  runtime.advance(199)
  expect(fired).toEqual([])
  runtime.advance(101)
  expect(fired).toEqual(['early@200', 'late@300'])
  expect(runtime.timer.pending).toBe(0)
  expect(runtime.clock.now()).toBe(300)
})

test('a turn runs what was deferred before it, and reports what throws', () => {
  const runtime = new VirtualRuntime()
  const ran: number[] = []
  runtime.defer(() => {
    ran.push(1)
    runtime.defer(() => ran.push(3))
  })
  runtime.defer(() => {
    throw new Error('boom')
  })
  runtime.defer(() => ran.push(2))
  expect(runtime.turn()).toBe(3)
  expect(ran).toEqual([1, 2])
  expect(runtime.errors.map(String)).toEqual(['Error: boom'])
  expect(runtime.turn()).toBe(1)
  expect(ran).toEqual([1, 2, 3])
})

test('every chunking gives the same bytes', () => {
  const bytes = toBytes('GET / HTTP/1.1\r\nhost: a\r\n\r\n')
  let count = 0
  for (const { name, chunks, trailing } of chunkings(bytes, { trailing: 'rest' })) {
    const text = chunks.map(toText).join('')
    expect(text.slice(0, text.length - trailing), name).toBe(toText(bytes))
    expect(text.slice(text.length - trailing), name).toBe('rest'.slice(0, trailing))
    expect(chunks.every((chunk) => chunk.length > 0)).toBe(true)
    count++
  }
  expect(count).toBe(1 + 1 + (bytes.length - 1) + 8 + 4)
})
