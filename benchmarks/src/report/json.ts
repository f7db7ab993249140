// The machine-readable result. In: a run. Out: plain data that later runs can be compared with.
import type { Machine } from '../support/machine.ts'
import type { Options } from '../support/options.ts'
import type { Outcome } from '../support/rounds.ts'
import type { ScenarioSummary } from './summary.ts'
import type { Verdict } from './targets.ts'

/** Raised when the shape changes. */
const FORMAT = 1

export interface Run {
  readonly began: Date
  readonly machine: Machine
  readonly options: Options
  readonly versions: Readonly<Record<string, string>>
  readonly missing: readonly { readonly variant: string; readonly reason: string }[]
  readonly summaries: readonly ScenarioSummary[]
  readonly verdicts: readonly Verdict[]
  readonly outcome: Outcome
}

export function resultJson(run: Run): string {
  const { rounds, seconds, warmup, quick } = run.options
  const data = {
    format: FORMAT,
    began: run.began.toISOString(),
    machine: run.machine,
    versions: run.versions,
    options: { rounds, seconds, warmup, quick },
    missing: run.missing,
    scenarios: run.summaries.map(({ scenario, rows }) => ({
      suite: scenario.suite,
      name: scenario.name,
      title: scenario.title,
      metrics: scenario.metrics,
      rows,
    })),
    targets: run.verdicts,
    failures: run.outcome.failures,
    samples: run.outcome.samples,
  }
  return `${JSON.stringify(data, rounded, 2)}\n`
}

// Six digits are more than any figure here is worth.
function rounded(_key: string, value: unknown): unknown {
  return typeof value === 'number' && !Number.isInteger(value) ? Number(value.toPrecision(6)) : value
}
