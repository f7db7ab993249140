import { expect, test } from 'vitest'
import { ALL_PROBES } from '../../packages/conformance/src/client-probes/probes.ts'
import { ALL_ROWS } from '../../packages/conformance/src/prober/rows.ts'
import { bare, read, tableRows } from '../tools/pages.ts'

// docs/strictness.md against the prober and the options.

const PAGE = 'docs/strictness.md'
const NAMES = [...ALL_ROWS, ...ALL_PROBES].map(({ name }) => name)
const ROWS = tableRows(PAGE, 'refused')

test('every row of the prober that is named exists', () => {
  for (const [, , , , rows = ''] of ROWS) {
    const patterns = Array.from(rows.matchAll(/`([^`]+)`/g), ([, pattern = '']) => pattern)
    expect(patterns).not.toEqual([])
    for (const pattern of patterns) {
      const matcher = new RegExp(`^${pattern.split('*').map(escaped).join('.*')}$`)
      expect(
        NAMES.some((name) => matcher.test(name)),
        pattern,
      ).toBe(true)
    }
  }
})

test('every lenient option is named, and no other', () => {
  const options = read('packages/core/src/h1/options.ts').matchAll(/Lenient: [^*]*\*\/\s+readonly (\w+)\?/g)
  const named = new Set(
    ROWS.map(([, , , option]) => /^`(\w+)`/.exec(option ?? '')?.[1]).filter((name) => name !== undefined),
  )
  expect([...named].map(String).toSorted()).toEqual(
    [...new Set(Array.from(options, ([, name = '']) => name))].toSorted(),
  )
})

test('every code that is named exists', () => {
  const known = read('packages/core/src/error/kind.ts')
  for (const [code] of read(PAGE).matchAll(/`[A-Z][A-Z_]{4,}[A-Z]`/g))
    expect(known).toContain(`  ${bare(code)}:`)
})

function escaped(text: string): string {
  return text.replaceAll(/[.+?^$()[\]{}|\\]/g, String.raw`\$&`)
}
