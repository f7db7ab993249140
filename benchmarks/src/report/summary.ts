// From samples to what is shown: medians, spreads, ratios. In: samples. Out: rows per scenario.
// Ratios are medians of the ratios within each round, because what ran minutes apart is not comparable on a noisy machine.
import type { Scenario } from '../support/plan.ts'
import type { Sample } from '../support/rounds.ts'
import { summarize } from '../support/statistics.ts'
import type { Summary } from '../support/statistics.ts'

export interface Row {
  readonly variant: string
  readonly role: 'floor' | 'peer' | 'ours'
  readonly figures: Readonly<Record<string, Summary>>
}

export interface ScenarioSummary {
  readonly scenario: Scenario
  readonly rows: readonly Row[]
}

export function summarizeScenario(scenario: Scenario, samples: readonly Sample[]): ScenarioSummary {
  const own = samples.filter((each) => each.suite === scenario.suite && each.scenario === scenario.name)
  const rows: Row[] = []
  for (const { name, role } of scenario.variants) {
    const mine = own.filter((each) => each.variant === name)
    if (mine.length === 0) continue
    const figures: Record<string, Summary> = {}
    for (const { key } of scenario.metrics) {
      const values = mine
        .map((each) => each.figures[key] ?? Number.NaN)
        .filter((value) => !Number.isNaN(value))
      figures[key] = summarize(values)
    }
    rows.push({ variant: name, role, figures })
  }
  return { scenario, rows }
}

/** A figure of one variant over the same figure of another, round by round; null when they share no round. */
export function ratio(
  samples: readonly Sample[],
  of: Omit<FigureName, 'key'>,
  to: Omit<FigureName, 'key'>,
  key: string,
): Summary | null {
  const ratios: number[] = []
  for (const sample of samples) {
    if (!isAt(sample, of)) continue
    const other = samples.find((each) => each.round === sample.round && isAt(each, to))
    const value = (sample.figures[key] ?? Number.NaN) / (other?.figures[key] ?? Number.NaN)
    if (Number.isFinite(value)) ratios.push(value)
  }
  return ratios.length === 0 ? null : summarize(ratios)
}

/** The difference of one figure between two variants, round by round; null when they share no round. */
export function difference(
  samples: readonly Sample[],
  of: Omit<FigureName, 'key'>,
  to: Omit<FigureName, 'key'>,
  key: string,
): Summary | null {
  const values: number[] = []
  for (const sample of samples) {
    if (!isAt(sample, of)) continue
    const other = samples.find((each) => each.round === sample.round && isAt(each, to))
    const value = (sample.figures[key] ?? Number.NaN) - (other?.figures[key] ?? Number.NaN)
    if (Number.isFinite(value)) values.push(value)
  }
  return values.length === 0 ? null : summarize(values)
}

export interface FigureName {
  readonly suite: string
  readonly scenario: string
  readonly variant: string
  readonly key: string
}

export function isAt(sample: Sample, place: Omit<FigureName, 'key'>): boolean {
  return (
    sample.suite === place.suite && sample.scenario === place.scenario && sample.variant === place.variant
  )
}
