// 100,000 random sequences of frames and calls through the HTTP/2 machines; the invariants are at the top of h2-run.ts.
// The millions run by `pnpm proof` (proof/h2.proof.ts).

import { expect, test } from 'vitest'
import { checkRange } from './h2-run.ts'

const CASES = 100_000
const SEED = 20_260_201

test(`${CASES} sequences through the HTTP/2 machines`, { timeout: 600_000 }, () => {
  expect(checkRange(SEED, 0, CASES)).toBe(null)
})
