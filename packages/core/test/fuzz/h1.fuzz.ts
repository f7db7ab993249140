// 100,000 random and mutated inputs through both HTTP/1 machines; the invariants are at the top of h1-run.ts: no throw,
// no endless events, no growth, nothing after the end, and the same events and output however the bytes come. The
// millions run by `pnpm proof` (proof/h1.proof.ts).

import { describe, expect, test } from 'vitest'
import { CORPUS } from './h1-corpus-table.ts'
import { check, checkRange } from './h1-run.ts'

const CASES = 100_000
const SEED = 20_260_101

describe('the HTTP/1 machines', () => {
  for (const fuzz of CORPUS) {
    test(`once: ${fuzz.wrong}`, () => {
      for (let after = 0; after < 3; after++) expect(check({ ...fuzz, after })).toBe(null)
    })
  }

  test(`${CASES} inputs`, { timeout: 600_000 }, () => {
    expect(checkRange(SEED, 0, CASES)).toBe(null)
  })
})
