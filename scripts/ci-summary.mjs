// The last word of a full run. In: the stage results as `name=exitcode` arguments and the test reports under `.reports/`.
// Out: every skipped test by name, every failed one with what it says, every stage with its result, and one line of totals. A stage
// that ran tests counts each test; any other stage counts as one. Builtins only: it runs on whatever Node the machine has.
import { existsSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const reports = join(dirname(dirname(fileURLToPath(import.meta.url))), '.reports')
const totals = { passed: 0, failed: 0, skipped: 0 }
const lines = []
const skips = []
const failures = []

for (const argument of process.argv.slice(2)) {
  const [name = '', code = '1', seconds = '0'] = argument.split('=')
  const counts = countStage(name, code === '0')
  for (const key of Object.keys(totals)) totals[key] += counts[key]
  lines.push(
    `${counts.failed === 0 ? 'ok  ' : 'FAIL'}  ${name.padEnd(14)} ${seconds.padStart(4)} s   ${describe(counts)}`,
  )
}

if (skips.length > 0) console.log(['', 'skipped:', ...skips.map((name) => `  ${name}`)].join('\n'))
if (failures.length > 0) console.log(['', 'failed:', ...failures].join('\n'))
console.log(['', ...lines, '', describe(totals)].join('\n'))
process.exitCode = totals.failed === 0 ? 0 : 1

function countStage(name, ok) {
  const file = join(reports, `${name}.json`)
  if (!existsSync(file)) return { passed: ok ? 1 : 0, failed: ok ? 0 : 1, skipped: 0 }
  const counts = { passed: 0, failed: 0, skipped: 0 }
  for (const suite of JSON.parse(readFileSync(file, 'utf8')).testResults) countSuite(suite, counts)
  // A run can fail without a failed test: an error that no test caught, a file that did not load.
  if (!ok && counts.failed === 0) counts.failed = 1
  return counts
}

function countSuite(suite, counts) {
  const before = counts.failed
  for (const test of suite.assertionResults) {
    if (test.status === 'passed') counts.passed += 1
    else if (test.status === 'failed') noteFailure(test.fullName, test.failureMessages?.[0], counts)
    else {
      counts.skipped += 1
      skips.push(test.fullName)
    }
  }
  if (suite.status === 'failed' && counts.failed === before) noteFailure(suite.name, suite.message, counts)
}

function noteFailure(name, said, counts) {
  counts.failed += 1
  const lines = String(said ?? '')
    .split('\n')
    .slice(0, 12)
  failures.push(`  ${name}`, ...lines.map((line) => `    ${line}`))
}

function describe({ passed, failed, skipped }) {
  return `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`
}
