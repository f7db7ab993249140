// Holds a run against the targets. In: samples. Out: one verdict per target whose variants were measured.
import type { Sample } from '../support/rounds.ts'
import { summarize } from '../support/statistics.ts'
import { difference, isAt, ratio } from './summary.ts'
import { TARGETS } from './targets-table.ts'
import type { Target } from './targets-table.ts'

export interface Verdict {
  readonly text: string
  readonly value: number
  readonly min: number
  readonly max: number
  readonly met: boolean
}

export function judge(samples: readonly Sample[], targets: readonly Target[] = TARGETS): Verdict[] {
  const verdicts: Verdict[] = []
  for (const target of targets) {
    const verdict = judgeOne(samples, target)
    if (verdict !== null) verdicts.push(verdict)
  }
  return verdicts
}

function judgeOne(samples: readonly Sample[], target: Target): Verdict | null {
  const place = `${target.suite}:${target.scenario}  ${target.variant}`
  switch (target.kind) {
    case 'ratio': {
      const found = ratio(samples, target, { ...target, variant: target.to }, target.key)
      if (found === null) return null
      const text = `${place}  ${target.key} ≤ ${target.atMost} × ${target.to}`
      return { text, value: found.median, min: found.min, max: found.max, met: found.median <= target.atMost }
    }
    case 'ratio-at-least': {
      const found = ratio(samples, target, { ...target, variant: target.to }, target.key)
      if (found === null) return null
      const text = `${place}  ${target.key} ≥ ${target.atLeast} × ${target.to}`
      return {
        text,
        value: found.median,
        min: found.min,
        max: found.max,
        met: found.median >= target.atLeast,
      }
    }
    case 'difference': {
      const found = difference(samples, target, { ...target, variant: target.to }, target.key)
      if (found === null) return null
      const text = `${place}  ${target.key} ≤ ${target.to} + ${target.atMost} KiB`
      return { text, value: found.median, min: found.min, max: found.max, met: found.median <= target.atMost }
    }
    case 'bound': {
      const values = samples
        .filter((each) => isAt(each, target))
        .map((each) => each.figures[target.key] ?? Number.NaN)
      if (values.length === 0) return null
      const found = summarize(values)
      const text = `${place}  ${target.key} ≤ ${target.atMost} MiB`
      return { text, value: found.max, min: found.min, max: found.max, met: found.max <= target.atMost }
    }
    case 'steady':
      return judgeSteady(samples, target)
  }
}

// The largest of the scenarios' ratios over the smallest.
function judgeSteady(
  samples: readonly Sample[],
  target: Extract<Target, { kind: 'steady' }>,
): Verdict | null {
  const ratios: number[] = []
  for (const scenario of target.scenarios) {
    const found = ratio(
      samples,
      { ...target, scenario },
      { ...target, scenario, variant: target.to },
      target.key,
    )
    if (found === null) return null
    ratios.push(found.median)
  }
  const min = Math.min(...ratios)
  const max = Math.max(...ratios)
  const text = `${target.suite}:${target.scenarios.join(', ')}  ${target.variant}  ratio to ${target.to}: largest ≤ ${target.atMost} × smallest`
  return { text, value: max / min, min, max, met: max / min <= target.atMost }
}
