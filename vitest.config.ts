import { existsSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { resolve } from 'node:path'
import { defineConfig } from 'vitest/config'
import type { TestProjectConfiguration } from 'vitest/config'

// Tests import workspace packages by name and get their `src`: no build stands between an edit and its test.
// On Deno and Bun they get what those would get: the doors of `exports` that are named after the runtime.
const foreign = ['deno', 'bun'].find((name) => name === process.env['HYPER_LINE'])
const own = foreign === undefined ? [] : [foreign]
// Node is given these by its command line as well, where `import` and `default` would hold for what is required, too.
const always = foreign === undefined ? [] : ['import', 'default']
const conditions = [...own, 'source', 'module', 'node', ...always]
// Neither can fork as vitest wants it, and what Deno has of `worker_threads` is not quite all.
const threads =
  foreign === undefined
    ? {}
    : { pool: 'threads' as const, setupFiles: [resolve('scripts/lib/worker-thread.ts')] }
const packages = ['core', 'util', 'client', 'server', 'testkit', 'conformance', 'runtimes']

// What adapts Deno or Bun is tested there and nowhere else: `listen.deno.ts`.
const tests = ['test/**/*.{test,fuzz}.ts', ...own.map((name) => `test/**/*.${name}.ts`)]

// The proxies of the machine are none of the tests' business.
const withoutProxies = Object.fromEntries(
  ['HTTP_PROXY', 'HTTPS_PROXY', 'ALL_PROXY'].flatMap((name) => [
    [name, ''],
    [name.toLowerCase(), ''],
  ]),
)

// What is too slow or needs a peer on the machine has a project of its own, run by `pnpm proof` and `pnpm interop`.
const projects: TestProjectConfiguration[] = [
  ...packages.map((name) => project(name, `packages/${name}`, tests)),
  project('benchmarks', 'benchmarks', ['test/**/*.test.ts']),
  project('docs', 'docs', ['test/**/*.test.ts']),
  project('scripts', 'scripts', ['test/**/*.test.ts']),
  project('interop', 'packages/conformance', ['interop/**/*.interop.ts'], { fileParallelism: false }),
  project('proof', '.', ['packages/*/proof/**/*.proof.ts'], {
    testTimeout: 3_600_000,
    fileParallelism: false,
  }),
]

const report = process.env['HYPER_REPORT']

export default defineConfig({
  test: {
    projects,
    // One less would be the default, which leaves a machine of two cores with one.
    ...(foreign === undefined ? { maxWorkers: availableParallelism() } : {}),
    passWithNoTests: true,
    reporters: report === undefined ? ['default'] : ['default', ['json', { outputFile: report }]],
  },
})

function project(
  name: string,
  root: string,
  include: string[],
  more: Record<string, unknown> = {},
): TestProjectConfiguration {
  return {
    root: existsSync(root) ? root : '.',
    resolve: { conditions },
    ssr: { resolve: { conditions, externalConditions: [...own, 'source', 'node', ...always] } },
    test: {
      name,
      include,
      environment: 'node',
      env: withoutProxies,
      // Tests wait for nothing but time that is virtual: how long they take says how busy the machine is.
      testTimeout: 120_000,
      hookTimeout: 120_000,
      expect: { poll: { timeout: 20_000 } },
      ...threads,
      ...more,
    },
  }
}
