// Runs tests on further lines of Node. In: names of lines (none means all), then arguments of vitest instead of the usual choice
// of tests. Out: the exit code, and a report where HYPER_REPORT says, in which every test bears the name of its line; a line that
// this platform has no program of is a skipped test. Vitest is started as a file: its command would find the pinned Node.
import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { delimiter, dirname, join } from 'node:path'
import { type RuntimeName, runtimeMissing, runtimeNames, runtimeProgram } from '@hyper/runtimes'
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

process.exitCode = main(process.argv.slice(2))

function main(words: readonly string[]): number {
  const lines = runtimeNames.filter((name) => words.includes(name))
  const rest = words.filter((word) => !lines.some((name) => name === word))
  const unknown = rest.find((word) => /^node\d+$/.test(word))
  if (unknown !== undefined) {
    console.error(`${unknown} is not among ${runtimeNames.join(', ')}`)
    return 2
  }
  const suites: Suite[] = []
  let code = 0
  for (const name of lines.length === 0 ? runtimeNames : lines) {
    const missing = runtimeMissing(name)
    if (missing === null) {
      code = runLine(name, rest.length === 0 ? CHOICE : rest, suites) || code
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
  const result = spawnSync(program, [join(root, 'node_modules', 'vitest', 'vitest.mjs'), 'run', ...choice], {
    cwd: root,
    stdio: ['ignore', 'inherit', 'inherit'],
    env: {
      ...process.env,
      PATH: [dirname(program), process.env['PATH'] ?? ''].join(delimiter),
      HYPER_LINE: name,
      HYPER_REPORT: report,
    },
  })
  if (report !== undefined && existsSync(report)) suites.push(...named(name, report))
  return result.status ?? 1
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
