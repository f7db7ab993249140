import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { HeaderMap } from '../../src/http/index.ts'

// Whatever is done to a HeaderMap, it holds the same lines in the same order as a plain array to which the same was
// done, and every lookup agrees with a search of that array.

interface Line {
  readonly name: string
  readonly value: string
  readonly spelling: string
}

type Step = (map: HeaderMap, model: Line[]) => void

const NAMES = [
  'host',
  'Host',
  'set-cookie',
  'x-a',
  'X-A',
  'x-b',
  '__proto__',
  'constructor',
  'hasOwnProperty',
  'toString',
]
const name = fc.constantFrom(...NAMES)
const value = fc.stringMatching(/^[\t\x20-\x7e\x80-\xff]{0,6}$/)

const trim = (text: string): string => text.replace(/^[ \t]+|[ \t]+$/g, '')
const lines = (model: Line[], wanted: string): Line[] =>
  model.filter((line) => line.name === wanted.toLowerCase())

function removeFrom(model: Line[], wanted: string, from: number): void {
  let seen = 0
  const kept = model.filter((line) => line.name !== wanted.toLowerCase() || seen++ < from)
  model.splice(0, model.length, ...kept)
}

const append = fc.tuple(name, value, fc.boolean()).map(([n, v, keep]): Step => (map, model) => {
  map.append(n, v, { originalCase: keep })
  model.push({ name: n.toLowerCase(), value: trim(v), spelling: keep ? n : n.toLowerCase() })
})

const set = fc.tuple(name, value).map(([n, v]): Step => (map, model) => {
  map.set(n, v)
  const at = model.findIndex((line) => line.name === n.toLowerCase())
  if (at < 0) model.push({ name: n.toLowerCase(), value: trim(v), spelling: n.toLowerCase() })
  else model[at] = { ...model[at]!, value: trim(v) }
  removeFrom(model, n, 1)
})

const remove = name.map((n): Step => (map, model) => {
  expect(map.delete(n)).toBe(lines(model, n).length > 0)
  removeFrom(model, n, 0)
})

const take = name.map((n): Step => (map, model) => {
  expect(map.take(n)).toEqual(lines(model, n).map((line) => line.value))
  removeFrom(model, n, 0)
})

const many = fc
  .tuple(fc.integer({ min: 1, max: 60 }), fc.integer({ min: 0, max: 9 }))
  .map(([count, seed]): Step => (map, model) => {
    for (let i = 0; i < count; i++) {
      const filler = `f${(i * 7 + seed) % 50}`
      map.append(filler, String(i))
      model.push({ name: filler, value: String(i), spelling: filler })
    }
  })

const removeMany = fc.integer({ min: 0, max: 9 }).map((seed): Step => (map, model) => {
  for (let i = seed; i < 50; i += 3) {
    map.delete(`F${i}`)
    removeFrom(model, `f${i}`, 0)
  }
})

const clear = fc.constant<Step>((map, model) => {
  map.clear()
  model.length = 0
})

const drain = fc.constant<Step>((map, model) => {
  expect([...map.drain()]).toEqual(model.map((line) => [line.name, line.value]))
  model.length = 0
})

const copies = fc.constant<Step>((map) => {
  const copy = map.clone()
  expect(copy.equals(map)).toBe(true)
  copy.append('x-copy', '1')
  expect(copy.equals(map)).toBe(false)
  expect(map.has('x-copy')).toBe(false)
})

const step = fc.oneof(
  { weight: 8, arbitrary: append },
  { weight: 4, arbitrary: set },
  { weight: 3, arbitrary: remove },
  { weight: 2, arbitrary: take },
  { weight: 2, arbitrary: many },
  { weight: 2, arbitrary: removeMany },
  { weight: 1, arbitrary: clear },
  { weight: 1, arbitrary: drain },
  { weight: 1, arbitrary: copies },
)

function checkLookups(map: HeaderMap, model: Line[]): void {
  for (const n of [...NAMES, 'f1', 'F7', 'absent', '']) {
    const values = lines(model, n).map((line) => line.value)
    expect(map.getAll(n)).toEqual(values)
    expect(map.get(n)).toBe(values.length === 0 ? null : values.join(', '))
    expect(map.first(n)).toBe(values[0] ?? null)
    expect(map.has(n)).toBe(values.length > 0)
  }
  expect(map.size).toBe(model.length)
}

function checkLines(map: HeaderMap, model: Line[]): void {
  expect([...map]).toEqual(model.map((line) => [line.name, line.value]))
  expect([...map.keys()]).toEqual(model.map((line) => line.name))
  expect([...map.values()]).toEqual(model.map((line) => line.value))
  expect(model.map((_, i) => map.caseAt(i))).toEqual(model.map((line) => line.spelling))
  expect(map.fields()).toEqual(model.flatMap((line) => [line.name, line.value]))
}

describe('header map against a plain array', () => {
  test('row 349: any sequence of operations gives the same lines', () => {
    const run = (steps: Step[], look: boolean): void => {
      const map = new HeaderMap()
      const model: Line[] = []
      for (const take of steps) {
        map.encoded = 'stale'
        const before = JSON.stringify(model)
        take(map, model)
        if (JSON.stringify(model) !== before) expect(map.encoded).toBe(null)
        // Looking at lines closes the holes of an index: half of the runs leave them open.
        checkLookups(map, model)
        if (look) checkLines(map, model)
      }
      checkLines(map, model)
    }
    fc.assert(fc.property(fc.array(step, { maxLength: 30 }), fc.boolean(), run), {
      seed: 0x68_74_74_70,
      numRuns: 400,
    })
  })
})
