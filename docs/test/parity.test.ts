import { expect, test } from 'vitest'
import { tableRows } from '../tools/pages.ts'

test('rows of the parity page are in order, each once, with a reason', () => {
  const rows = tableRows('docs/parity.md', 'row')
  const numbers = rows.map(([row]) => Number(row))
  expect(numbers).toEqual([...new Set(numbers)].toSorted((a, b) => a - b))
  for (const cells of rows)
    expect(cells.length === 3 && cells.every((cell) => cell !== ''), cells[0]).toBe(true)
})
