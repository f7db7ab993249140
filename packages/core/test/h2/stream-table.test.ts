import { seededRandom } from '@hyper/testkit'
import { expect, test } from 'vitest'
import { Stream } from '../../src/h2/streams/stream.ts'
import { StreamTable } from '../../src/h2/streams/stream-table.ts'

const stream = (id: number): Stream => new Stream(id, 0, 0)

test('a stream is found by its id, and gone once it is deleted', () => {
  const table = new StreamTable()
  const [one, other] = [stream(1), stream(17)]
  table.add(one)
  // The same chain as the first one's.
  table.add(other)
  expect(table.get(1)).toBe(one)
  expect(table.get(17)).toBe(other)
  expect(table.get(33)).toBeUndefined()
  expect(table.delete(1)).toBe(true)
  expect(table.delete(1)).toBe(false)
  expect([table.has(1), table.has(17), table.size]).toEqual([false, true, 1])
})

test('it holds what a Map would, in the order of ids, and a stream that is gone holds no other', () => {
  const random = seededRandom(7)
  const table = new StreamTable()
  const model = new Map<number, Stream>()
  let next = 1
  for (let step = 0; step < 20_000; step++) {
    const grows = random() < (step % 4_000 < 2_500 ? 0.7 : 0.2)
    if (grows || model.size === 0) {
      const added = stream(next)
      next += 2
      model.set(added.id, added)
      table.add(added)
    } else {
      const ids = [...model.keys()]
      const id = ids[Math.floor(random() * ids.length)]!
      const gone = model.get(id)!
      model.delete(id)
      expect(table.delete(id)).toBe(true)
      expect(gone.beside).toBeNull()
    }
    if (step % 500 === 0) expect(table.values()).toEqual([...model.values()])
    expect(table.size).toBe(model.size)
  }
  for (const one of table.values()) table.delete(one.id)
  expect(table.values()).toEqual([])
})
