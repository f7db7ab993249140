// A million lives of HTTP/2 connections through the drivers, made as those of test/fuzz/h2-drive.fuzz.ts from other seeds,
// held to the same invariants. HYPER_PROOF_CASES sets how many, HYPER_PROOF_SEED the first seed.

import { expect, test } from 'vitest'
import { checkDrives } from '../test/fuzz/h2-drive-run.ts'

const CASES = Number(process.env['HYPER_PROOF_CASES'] ?? 1_000_000)
const FIRST_SEED = Number(process.env['HYPER_PROOF_SEED'] ?? 1)
/** Cases of one seed; after each of them a line says how far we are. */
const BATCH = 10_000

test(`${CASES} lives of HTTP/2 connections through the drivers`, { timeout: 6 * 3_600_000 }, async () => {
  const began = performance.now()
  for (let done = 0, seed = FIRST_SEED; done < CASES; seed++) {
    const count = Math.min(BATCH, CASES - done)
    expect(await checkDrives(seed, 0, count)).toBe(null)
    done += count
    const seconds = (performance.now() - began) / 1000
    const heap = Math.round(process.memoryUsage().heapUsed / 1_048_576)
    console.log(`${done} of ${CASES} lives, ${Math.round(done / seconds)} a second, heap ${heap} MiB`)
  }
})
