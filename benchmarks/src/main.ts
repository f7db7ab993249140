// `pnpm bench`: this engine, its peers and the floors in one run on the same work. In: the command line (`support/options.ts`).
// Out: tables on stdout, JSON and an SVG chart under `benchmarks/results`. Ends with 1 when something could not be measured;
// a missed target is shown and is no failure, because machines differ.
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { chart } from './report/chart.ts'
import { resultJson } from './report/json.ts'
import type { Run } from './report/json.ts'
import { summarizeScenario } from './report/summary.ts'
import { scenarioTable, verdictTable } from './report/table.ts'
import { judge } from './report/targets.ts'
import { SCENARIOS } from './suites/index.ts'
import { Children } from './support/children.ts'
import { describeMachine, loadNames } from './support/machine.ts'
import { parseOptions, USAGE } from './support/options.ts'
import type { Options } from './support/options.ts'
import { buildOther, withTwins } from './support/other-tree.ts'
import type { Scenario, Variant } from './support/plan.ts'
import { runRounds } from './support/rounds.ts'
import { peerVersions } from './support/versions.ts'

const root = fileURLToPath(new URL('..', import.meta.url))

process.exitCode = await main(process.argv.slice(2))

async function main(args: readonly string[]): Promise<number> {
  let options: Options
  try {
    options = parseOptions(args)
  } catch (error) {
    console.error(`${(error as Error).message}\n${USAGE}`)
    return 2
  }
  const missing: { variant: string; reason: string }[] = []
  const chosen = choose(options)
  if (chosen.length === 0) {
    console.error(`nothing is called ${options.filters.join(' ')}\n${USAGE}`)
    return 2
  }
  const present = chosen.map((scenario) => withoutMissing(scenario, options, missing))
  if (options.list) {
    list(present, missing)
    return 0
  }
  const { against } = options
  if (against !== null) buildOther(against)
  const scenarios = against === null ? present : present.map((scenario) => withTwins(scenario, against))
  const run = await execute(options, scenarios, missing)
  report(run)
  return run.outcome.failures.length > 0 ? 1 : 0
}

async function execute(
  options: Options,
  scenarios: readonly Scenario[],
  missing: Run['missing'],
): Promise<Run> {
  const machine = describeMachine(options.ownLoad, options.pin)
  const children = new Children()
  const began = new Date()
  console.error(`load by ${loadNames(machine)}; load average ${machine.loadBefore.toFixed(2)}`)
  const outcome = await runRounds(scenarios, { children, machine, options }, (text) => console.error(text))
  const summaries = scenarios.map((scenario) => summarizeScenario(scenario, outcome.samples))
  const verdicts = judge(outcome.samples)
  return { began, machine, options, versions: peerVersions(), missing, summaries, verdicts, outcome }
}

function choose(options: Options): Scenario[] {
  if (options.filters.length === 0) return [...SCENARIOS]
  return SCENARIOS.filter(({ suite, name }) =>
    options.filters.some((filter) => filter === suite || filter === `${suite}:${name}`),
  )
}

function withoutMissing(
  scenario: Scenario,
  options: Options,
  missing: { variant: string; reason: string }[],
): Scenario {
  const isWanted = ({ name }: Variant): boolean =>
    (options.only.length === 0 || options.only.includes(name)) && !options.without.includes(name)
  const variants = scenario.variants.filter(isWanted).filter((variant) => {
    const reason = variant.missing()
    if (reason === null) return true
    if (!missing.some((each) => each.variant === variant.name))
      missing.push({ variant: variant.name, reason })
    return false
  })
  return { ...scenario, variants }
}

function list(scenarios: readonly Scenario[], missing: Run['missing']): void {
  for (const { suite, name, title, variants } of scenarios) {
    console.log(`${suite}:${name}  ${title}\n    ${variants.map((variant) => variant.name).join(', ')}`)
  }
  for (const { variant, reason } of missing) console.log(`missing: ${variant} (${reason})`)
}

function report(run: Run): void {
  const { machine, summaries, verdicts, outcome, options } = run
  const cores =
    machine.testCore === null
      ? 'not pinned'
      : `test on core ${machine.testCore}, load on core ${machine.loadCore}`
  const note = `${machine.cpu}, ${machine.cores} cores, ${cores}; Node ${machine.node}; load by ${loadNames(machine)}; ${options.rounds} rounds of ${options.seconds} s${options.quick ? ', quick' : ''}`
  console.log(`\n${note}`)
  console.log(
    Object.entries(run.versions)
      .map(([name, version]) => `${name} ${version}`)
      .join(', '),
  )
  for (const summary of summaries) {
    if (summary.rows.length > 0) console.log(`\n${scenarioTable(summary, outcome.samples)}`)
  }
  if (verdicts.length > 0) console.log(`\n${verdictTable(verdicts)}`)
  for (const { variant, reason } of run.missing) console.log(`skipped: ${variant} (${reason})`)
  for (const each of outcome.failures) {
    console.log(
      `failed: ${each.suite}:${each.scenario} ${each.variant}, round ${each.round + 1}: ${each.reason}`,
    )
  }
  console.log(`\n${write(run, note).join('\n')}`)
}

function write(run: Run, note: string): string[] {
  const results = join(root, 'results')
  mkdirSync(results, { recursive: true })
  const suites = [...new Set(run.summaries.map(({ scenario }) => scenario.suite))]
  const stem = join(
    results,
    `${run.began.toISOString().slice(0, 19).replaceAll(':', '-')}-${suites.join('-')}`,
  )
  const json = resultJson(run)
  const svg = chart(run.summaries, run.outcome.samples, `Side by side: ${suites.join(', ')}`, note)
  const written = [`${stem}.json`, `${stem}.svg`]
  writeFileSync(`${stem}.json`, json)
  writeFileSync(`${stem}.svg`, svg)
  if (run.options.saveBaseline !== null) {
    const baseline = join(root, 'baselines', run.options.saveBaseline)
    mkdirSync(join(root, 'baselines'), { recursive: true })
    writeFileSync(`${baseline}.json`, resultJson({ ...run, outcome: { ...run.outcome, samples: [] } }))
    writeFileSync(`${baseline}.svg`, svg)
    written.push(`${baseline}.json`, `${baseline}.svg`)
  }
  return written
}
