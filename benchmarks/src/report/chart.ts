// An SVG chart: one panel per scenario, one bar per variant, the spread of the rounds as a whisker. In: summaries. Out: SVG text.
// Bars of a panel share one scale that begins at zero; panels do not share one.
import type { Metric } from '../support/plan.ts'
import type { Sample } from '../support/rounds.ts'
import { ratio } from './summary.ts'
import type { Row, ScenarioSummary } from './summary.ts'
import { number } from './table.ts'

const WIDTH = 860
const MARGIN = 24
const LABEL_WIDTH = 170
const VALUE_WIDTH = 190
const BAR = 16
const STEP = 24
const PANEL_HEAD = 46
const PANEL_GAP = 18
const BAR_WIDTH = WIDTH - 2 * MARGIN - LABEL_WIDTH - VALUE_WIDTH
const COLOURS = { floor: '#9aa0a6', peer: '#5b7fb5', ours: '#d9622b' } as const

export function chart(
  summaries: readonly ScenarioSummary[],
  samples: readonly Sample[],
  title: string,
  note: string,
): string {
  const panels: string[] = []
  let top = 74
  for (const summary of summaries) {
    if (summary.rows.length === 0) continue
    panels.push(`<g transform="translate(${MARGIN} ${top})">${panel(summary, samples)}</g>`)
    top += PANEL_HEAD + summary.rows.length * STEP + PANEL_GAP
  }
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}" height="${top}" viewBox="0 0 ${WIDTH} ${top}" font-family="system-ui, sans-serif" font-size="13">`,
    `<rect width="100%" height="100%" fill="#ffffff"/>`,
    `<text x="${MARGIN}" y="32" font-size="18" font-weight="600" fill="#1f2328">${escape(title)}</text>`,
    `<text x="${MARGIN}" y="53" font-size="12" fill="#59636e">${escape(note)}</text>`,
    legend(),
    ...panels,
    '</svg>\n',
  ].join('\n')
}

function legend(): string {
  const entries = [
    ['floor', 'floor'],
    ['peer', 'peers'],
    ['ours', 'this engine'],
  ] as const
  return entries
    .map(([role, text], index) => {
      const x = WIDTH - MARGIN - 240 + index * 80
      return `<rect x="${x}" y="22" width="11" height="11" rx="2" fill="${COLOURS[role]}"/><text x="${x + 16}" y="32" font-size="12" fill="#1f2328">${text}</text>`
    })
    .join('')
}

function panel({ scenario, rows }: ScenarioSummary, samples: readonly Sample[]): string {
  const [main] = scenario.metrics
  if (main === undefined) return ''
  const most = Math.max(
    ...rows.map((row) => row.figures[main.key]?.max ?? 0).filter((value) => !Number.isNaN(value)),
    1e-9,
  )
  const place = { suite: scenario.suite, scenario: scenario.name }
  const timesFloor = (variant: string): string => {
    const found = ratio(samples, { ...place, variant }, { ...place, variant: 'floor' }, main.key)
    return found === null || variant === 'floor' ? '' : `  ${found.median.toFixed(2)} × floor`
  }
  const unit = main.unit === '' ? '' : `, ${main.unit}`
  const better = `${main.title}${unit} (${main.better} is better)`
  const head =
    `<text y="12" font-size="14" font-weight="600" fill="#1f2328">${escape(scenario.title)}</text>` +
    `<text y="30" font-size="12" fill="#59636e">${escape(better)}</text>`
  return (
    head +
    rows
      .map((row, index) => bar(row, main, most, timesFloor(row.variant), PANEL_HEAD - 4 + index * STEP))
      .join('')
  )
}

function bar(row: Row, metric: Metric, most: number, times: string, y: number): string {
  const summary = row.figures[metric.key]
  const name = `<text x="${LABEL_WIDTH - 10}" y="${y + 12}" text-anchor="end" fill="#1f2328"${row.role === 'ours' ? ' font-weight="600"' : ''}>${escape(row.variant)}</text>`
  if (summary === undefined || Number.isNaN(summary.median)) return name
  const scale = (value: number): number => Math.round((Math.max(0, value) / most) * BAR_WIDTH * 10) / 10
  const left = LABEL_WIDTH
  const [from, to] = [left + scale(summary.min), left + scale(summary.max)]
  const middle = y + BAR / 2
  const whisker =
    summary.count < 2
      ? ''
      : `<path d="M${from} ${middle - 4}v8M${from} ${middle}H${to}M${to} ${middle - 4}v8" stroke="#1f2328" stroke-width="1.2" fill="none"/>`
  const text = `${number(summary.median, metric.digits)}${times}`
  return (
    name +
    `<rect x="${left}" y="${y}" width="${scale(summary.median)}" height="${BAR}" rx="2" fill="${COLOURS[row.role]}"/>` +
    whisker +
    `<text x="${Math.max(to, left + scale(summary.median)) + 8}" y="${y + 12}" font-size="12" fill="#1f2328" xml:space="preserve">${escape(text)}</text>`
  )
}

function escape(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
}
