import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { runtimeMissing, runtimeProgram } from '@hyper/runtimes'
import { beforeAll, describe, expect, test } from 'vitest'
import { CHECK_NAMES } from './cell.ts'

// Node 22, 24 and 26, each with undici 6, 7 and 8 of npm, over our dispatcher. Each cell is a process of its own, which is
// started with the sources, does every check, and has to end by itself: what is idle holds nothing open.

const NODES = [22, 24, 26] as const
const UNDICIS = [6, 7, 8] as const
const CELL = fileURLToPath(new URL('cell.ts', import.meta.url))
const run = promisify(execFile)

function programOf(node: (typeof NODES)[number]): string | null {
  return node === 24 ? process.execPath : runtimeProgram(`node${node}`)
}

function missing(node: (typeof NODES)[number]): string | null {
  return node === 24 ? null : runtimeMissing(`node${node}`)
}

describe.each(NODES)('Node %i', (node) => {
  describe.each(UNDICIS)('with undici %i', (undici) => {
    const why = missing(node)
    let results: Readonly<Record<string, string | null>> = {}

    beforeAll(async () => {
      if (why !== null) return
      const program = programOf(node) ?? ''
      const args = [
        '--conditions=source',
        '--disable-warning=ExperimentalWarning',
        CELL,
        String(node),
        String(undici),
      ]
      const { stderr, stdout } = await run(program, args, {
        timeout: 110_000,
        env: { PATH: process.env['PATH'] },
      })
      expect(stderr).toBe('')
      results = JSON.parse(stdout) as Record<string, string | null>
    })

    test.skipIf(why !== null)(why ?? 'every check was done', () => {
      expect(Object.keys(results).toSorted()).toEqual([...CHECK_NAMES].toSorted())
    })

    if (why === null) {
      test.each(CHECK_NAMES)('%s', (name) => {
        expect(results[name]).toBeNull()
      })
    }
  })
})
