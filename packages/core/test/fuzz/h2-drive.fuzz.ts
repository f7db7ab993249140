// 3,000 random lives of HTTP/2 connections through the drivers; the invariants are at the top of h2-drive-run.ts. Many more
// run by `pnpm proof` (proof/h2-drive.proof.ts).

import { expect, test } from 'vitest'
import { checkDrives } from './h2-drive-run.ts'

const CASES = 3_000
const SEED = 20260301

test(`${CASES} lives of HTTP/2 connections through the drivers`, { timeout: 600_000 }, async () => {
  expect(await checkDrives(SEED, 0, CASES)).toBe(null)
})
