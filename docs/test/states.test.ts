import { expect, test } from 'vitest'
import { read } from '../tools/pages.ts'
import { statesPage } from '../tools/states.ts'

test('the states page is what the table says (docs/tools/generate.ts writes it)', () => {
  expect(read('docs/states.md')).toBe(statesPage())
})

test('every reason to close is explained', () => {
  expect(statesPage()).not.toMatch(/\| `[\w-]+` \|  \|/)
})
