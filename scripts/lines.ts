// Runs tests on further lines of Node, and on Deno and Bun. In: names of lines (none means all), then arguments of vitest instead of the usual choice
// of tests. Out: the exit code, and a report where HYPER_REPORT says, in which every test bears the name of its line; a line that
// this platform has no program of is a skipped test. Vitest is started as a file: its command would find the pinned Node.
import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { delimiter, dirname, join } from 'node:path'
import { isForeign, type RuntimeName, runtimeMissing, runtimeNames, runtimeProgram } from '@hyper/runtimes'
import { root } from './lib/workspace.ts'

interface Assertion {
  readonly status: string
  readonly fullName: string
}

interface Suite {
  readonly status: string
  readonly assertionResults: readonly Assertion[]
}

// What meets the platform, and probes that go through the machines. Tests of the machines themselves, random runs and attacks
// tell little new on another line. Nor do our probes against the platform's own HTTP, whose misses are not the same on every
// line: Node 26.10 even aborts now and then, where its HTTP/2 client is given broken frames.
const CHOICE: readonly string[] = [
  ...['runtimes', 'util', 'client', 'server', 'core', 'conformance'].flatMap((name) => ['--project', name]),
  ...[
    'test/{h1,h2,parity}/**',
    '*.fuzz.ts',
    '*attacks*.test.ts',
    '*-node*.test.ts',
    '*matrix.test.ts',
  ].flatMap((name) => ['--exclude', `**/${name}`]),
]

// On Deno and Bun: what runs on their own sockets. Their emulation of Node's is theirs to test. Left out is also what needs more of
// that emulation than it does: attacks over HTTP/2, where it drops what it has received as soon as a write fails, and a server of
// `node:http2` that says GOAWAY.
const FOREIGN: readonly string[] = [
  ...['runtimes', 'util', 'client', 'server', 'conformance'].flatMap((name) => ['--project', name]),
  'packages/runtimes/',
  ...['deno', 'bun'].map((name) => `.${name}.ts`),
  ...[
    ...['busy', 'client-gone', 'close', 'connect', 'context', 'fetch', 'h2', 'h2-close', 'inject', 'limits'],
    ...['places', 'proxy-protocol', 'serve', 'signals', 'tls', 'upgraded'],
  ].map((name) => `packages/server/test/${name}.test.ts`),
  ...['client', 'connections', 'context', 'giving-up', 'proxied', 'replay', 'switching', 'uploads'].map(
    (name) => `packages/client/test/${name}.test.ts`,
  ),
  ...['attacks', 'client-probes', 'h2-client-probes', 'h2-prober', 'prober', 'reference-h2', 'websocket'].map(
    (name) => `packages/conformance/test/${name}.test.ts`,
  ),
]

// Tests of sockets that know those of Bun as well (`test/here.ts` of util).
const BUN: readonly string[] = [
  ...FOREIGN,
  ...['listen', 'node/dial', 'node/node-connector', 'node/secure', 'runtime', 'server/sockets'].map(
    (name) => `packages/util/test/${name}.test.ts`,
  ),
]

process.exitCode = main(process.argv.slice(2))

function main(words: readonly string[]): number {
  const lines = runtimeNames.filter((name) => words.includes(name))
  const rest = words.filter((word) => !lines.some((name) => name === word))
  const unknown = rest.find((word) => /^(?:node\d+|deno|bun)$/.test(word))
  if (unknown !== undefined) {
    console.error(`${unknown} is not among ${runtimeNames.join(', ')}`)
    return 2
  }
  const suites: Suite[] = []
  let code = 0
  for (const name of lines.length === 0 ? runtimeNames : lines) {
    const missing = runtimeMissing(name)
    if (missing === null) {
      code = runLine(name, rest.length === 0 ? choiceOf(name) : rest, suites) || code
    } else {
      console.log(`\nskipped: ${missing}`)
      suites.push({ status: 'passed', assertionResults: [{ status: 'skipped', fullName: missing }] })
    }
  }
  const report = process.env['HYPER_REPORT']
  if (report !== undefined) writeFileSync(report, JSON.stringify({ testResults: suites }))
  return code
}

function runLine(name: RuntimeName, choice: readonly string[], suites: Suite[]): number {
  const program = runtimeProgram(name) ?? ''
  const report = process.env['HYPER_REPORT']?.replace(/(\.json)?$/, `-${name}.json`)
  if (report !== undefined) rmSync(report, { force: true })
  const version = spawnSync(program, ['--version'], { encoding: 'utf8' })
  console.log(`\n${name}: ${version.stdout.trim()}`)
  const vitest = join(root, 'node_modules', 'vitest', 'vitest.mjs')
  const result = spawnSync(program, [...flagsOf(name), vitest, 'run', ...choice], {
    cwd: root,
    stdio: ['ignore', 'inherit', 'inherit'],
    env: {
      ...process.env,
      DENO_DIR: join(root, 'node_modules', '.cache', 'deno'),
      DENO_NO_UPDATE_CHECK: '1',
      PATH: [dirname(program), process.env['PATH'] ?? ''].join(delimiter),
      HYPER_LINE: name,
      HYPER_REPORT: report,
    },
  })
  if (report !== undefined && existsSync(report)) suites.push(...named(name, report))
  return result.status ?? 1
}

function choiceOf(name: RuntimeName): readonly string[] {
  if (name === 'bun') return BUN
  return isForeign(name) ? FOREIGN : CHOICE
}

// Without its flag Bun would hand a script that asks for node to Node.
function flagsOf(name: RuntimeName): readonly string[] {
  if (name === 'deno') return ['run', '--allow-all', '--no-lock', '--node-modules-dir=manual']
  return name === 'bun' ? ['--bun'] : []
}

function named(name: RuntimeName, report: string): Suite[] {
  const { testResults } = JSON.parse(readFileSync(report, 'utf8')) as { testResults: Suite[] }
  return testResults.map((suite) => ({
    ...suite,
    assertionResults: suite.assertionResults.map((test) => ({
      ...test,
      fullName: `${name}: ${test.fullName}`,
    })),
  }))
}
