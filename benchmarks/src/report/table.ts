// Plain text tables for a terminal. In: summaries and verdicts. Out: lines. Columns are aligned; nothing is coloured.
import type { Sample } from '../support/rounds.ts'
import type { Metric } from '../support/plan.ts'
import type { Summary } from '../support/statistics.ts'
import { ratio } from './summary.ts'
import type { Row, ScenarioSummary } from './summary.ts'
import type { Verdict } from './targets.ts'

/** Peers that get a column of their own, where they are among the variants. */
const COMPARED: readonly string[] = ['floor', 'node:http', 'rust-hyper', 'undici.request', 'platform']

export function scenarioTable(summary: ScenarioSummary, samples: readonly Sample[]): string {
  const { scenario, rows } = summary
  const [main] = scenario.metrics
  if (main === undefined) return ''
  const compared = COMPARED.filter((name) => rows.some((row) => row.variant === name))
  const twins = rows.some((row) => row.variant.includes('@')) ? ['× its twin'] : []
  const header = ['', ...scenario.metrics.map(heading), ...compared.map((name) => `× ${name}`), ...twins]
  const lines = [header, ...rows.map((row) => cells(row, summary, compared, samples))]
  return `${scenario.suite}:${scenario.name}  ${scenario.title}\n${align(lines)}`
}

export function verdictTable(verdicts: readonly Verdict[]): string {
  const lines = verdicts.map(({ met, text, value, min, max }) => [
    met ? 'met' : 'MISSED',
    value.toFixed(2),
    `${min.toFixed(2)}–${max.toFixed(2)}`,
    text,
  ])
  return align([['target', 'value', 'spread', ''], ...lines], 3)
}

function heading(metric: Metric): string {
  return metric.unit === '' ? metric.title : `${metric.title} (${metric.unit})`
}

function cells(
  row: Row,
  summary: ScenarioSummary,
  compared: readonly string[],
  samples: readonly Sample[],
): string[] {
  const { scenario } = summary
  const place = { suite: scenario.suite, scenario: scenario.name }
  const key = scenario.metrics[0]?.key ?? ''
  const figures = scenario.metrics.map((metric, index) =>
    figure(row.figures[metric.key], metric, index === 0),
  )
  const twin = summary.rows.find(({ variant }) => variant.startsWith(`${row.variant}@`))
  const ratios = [...compared, ...(twin === undefined ? [] : [twin.variant])].map((name) => {
    const found = ratio(samples, { ...place, variant: row.variant }, { ...place, variant: name }, key)
    return found === null ? '' : found.median.toFixed(2)
  })
  return [row.variant, ...figures, ...ratios]
}

function figure(summary: Summary | undefined, metric: Metric, spread: boolean): string {
  if (summary === undefined || Number.isNaN(summary.median)) return 'n/a'
  const text = number(summary.median, metric.digits)
  if (!spread || summary.count < 2) return text
  return `${text} (${number(summary.min, metric.digits)}–${number(summary.max, metric.digits)})`
}

export function number(value: number, digits: number): string {
  return value.toLocaleString('en-US', { minimumFractionDigits: digits, maximumFractionDigits: digits })
}

function align(lines: readonly (readonly string[])[], leftFrom = Number.POSITIVE_INFINITY): string {
  const widths: number[] = []
  for (const line of lines) {
    for (const [column, text] of line.entries()) widths[column] = Math.max(widths[column] ?? 0, text.length)
  }
  return lines
    .map((line) =>
      line
        .map((text, column) => {
          const width = widths[column] ?? 0
          return column === 0 || column >= leftFrom ? text.padEnd(width) : text.padStart(width)
        })
        .join('  ')
        .trimEnd(),
    )
    .map((line) => `  ${line}`)
    .join('\n')
}
