// The prober as a program: `prober --host H --port P [--only text] [--json] [--slow] [--concurrency N]`.
// Exit code: 0 when no row failed, 1 when one did, 2 when it could not run.
import { parseArgs } from 'node:util'
import { runProber, type ProberReport, type RowResult } from './prober/index.ts'

const USAGE = 'usage: prober --port P [--host H] [--only text] [--json] [--slow] [--all] [--concurrency N]'
const MARKS = { pass: 'ok  ', warn: 'warn', fail: 'FAIL', skip: 'skip' } as const

process.exitCode = await main()

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      host: { type: 'string', default: '127.0.0.1' },
      port: { type: 'string' },
      only: { type: 'string' },
      json: { type: 'boolean', default: false },
      slow: { type: 'boolean', default: false },
      all: { type: 'boolean', default: false },
      concurrency: { type: 'string', default: '16' },
    },
  })
  const port = Number(values.port)
  const concurrency = Number(values.concurrency)
  if (!Number.isInteger(port) || port < 1 || !Number.isInteger(concurrency) || concurrency < 1) {
    console.error(USAGE)
    return 2
  }
  try {
    const report = await runProber({
      host: values.host,
      port,
      only: values.only,
      slow: values.slow,
      concurrency,
    })
    if (values.json) console.log(JSON.stringify({ host: values.host, port, ...report }))
    else print(report, values.all)
    return report.counts.fail === 0 ? 0 : 1
  } catch (error) {
    console.error(error instanceof Error ? error.message : String(error))
    return 2
  }
}

function print(report: ProberReport, all: boolean): void {
  let section = ''
  for (const result of report.results) {
    if (!all && result.verdict === 'pass') continue
    if (result.section !== section) {
      section = result.section
      console.log(`\n${section}`)
    }
    console.log(`  ${MARKS[result.verdict]} ${lineOf(result)}`)
  }
  const { pass, warn, fail, skip } = report.counts
  console.log(`\n${report.results.length} rows: ${pass} pass, ${warn} warn, ${fail} fail, ${skip} skipped`)
}

function lineOf(result: RowResult): string {
  return `${result.name.slice(result.section.length + 1)} [${result.rule}, RFC ${result.rfc}]: ${result.detail}`
}
