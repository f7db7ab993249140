import { describe, expect, it } from 'vitest'
import { chart } from '../src/report/chart.ts'
import { difference, ratio, summarizeScenario } from '../src/report/summary.ts'
import { scenarioTable } from '../src/report/table.ts'
import { judge } from '../src/report/targets.ts'
import type { Scenario } from '../src/support/plan.ts'
import { inOrder, runRounds } from '../src/support/rounds.ts'
import type { Sample } from '../src/support/rounds.ts'

const place = { suite: 'server', scenario: 'hello-64' }
const sample = (variant: string, round: number, cpu: number): Sample => ({
  ...place,
  variant,
  round,
  figures: { cpu },
})
// The second round ran while something else did: each ratio holds all the same.
const SAMPLES = [
  sample('floor', 0, 6),
  sample('ours/engine', 0, 6.6),
  sample('floor', 1, 12),
  sample('ours/engine', 1, 13.2),
  sample('floor', 2, 6),
  sample('ours/engine', 2, 6.3),
]
const variant = (name: string, role: 'floor' | 'ours' = 'ours'): Scenario['variants'][number] => ({
  name,
  role,
  missing: () => null,
})
const SCENARIO: Scenario = {
  ...place,
  name: 'hello-64',
  title: 'Hello <64>',
  metrics: [{ key: 'cpu', title: 'CPU/req', unit: 'µs', better: 'lower', digits: 2 }],
  variants: [variant('floor', 'floor'), variant('ours/engine')],
  run: ({ name }) => (name === 'floor' ? Promise.resolve({ cpu: 6 }) : Promise.reject(new Error('no\nway'))),
}

describe('ratios', () => {
  it('are taken within a round', () => {
    const found = ratio(SAMPLES, { ...place, variant: 'ours/engine' }, { ...place, variant: 'floor' }, 'cpu')
    expect(found?.median).toBeCloseTo(1.1)
    expect(found?.min).toBeCloseTo(1.05)
    const apart = difference(
      SAMPLES,
      { ...place, variant: 'ours/engine' },
      { ...place, variant: 'floor' },
      'cpu',
    )
    expect(apart?.median).toBeCloseTo(0.6)
  })

  it('are null when the two share no round', () => {
    const found = ratio(SAMPLES, { ...place, variant: 'ours/engine' }, { ...place, variant: 'bun' }, 'cpu')
    expect(found).toBeNull()
  })
})

describe('judge', () => {
  it('holds what was measured against its targets, and leaves out the rest', () => {
    const verdicts = judge(SAMPLES)
    expect(verdicts).toHaveLength(1)
    expect(verdicts[0]).toMatchObject({ met: true, text: 'server:hello-64  ours/engine  cpu ≤ 1.15 × floor' })
  })

  it('compares the ratios at several numbers of connections', () => {
    const scenarios = ['hello-1', 'hello-64', 'hello-1000']
    const samples = scenarios.flatMap((scenario, index) => [
      { ...sample('floor', 0, 10), scenario },
      { ...sample('ours/engine', 0, 10 + index), scenario },
    ])
    const target = {
      ...place,
      variant: 'ours/engine',
      key: 'cpu',
      kind: 'steady',
      to: 'floor',
      scenarios,
    } as const
    expect(judge(samples, [{ ...target, atMost: 1.1 }])[0]).toMatchObject({ met: false, value: 1.2 })
    expect(judge(samples, [{ ...target, atMost: 1.2 }])[0]).toMatchObject({ met: true })
  })
})

describe('tables and charts', () => {
  const summary = summarizeScenario(SCENARIO, SAMPLES)

  it('show the median, the spread and the ratio', () => {
    const lines = scenarioTable(summary, SAMPLES).split('\n')
    expect(lines[0]).toBe('server:hello-64  Hello <64>')
    expect(lines[3]).toMatch(/ours\/engine +6\.60 \(6\.30–13\.20\) +1\.10/)
  })

  it('escape what is not markup', () => {
    const svg = chart([summary], SAMPLES, 'a & b', 'note')
    expect(svg).toContain('Hello &lt;64&gt;')
    expect(svg).toContain('a &amp; b')
    expect(svg).toContain('1.10 × floor')
  })
})

describe('rounds', () => {
  it('take another order each time', () => {
    const variants = ['a', 'b', 'c'].map((name) => variant(name))
    const orders = [0, 1, 2, 3].map((round) =>
      inOrder(variants, round)
        .map((each) => each.name)
        .join(''),
    )
    expect(orders).toEqual(['abc', 'cba', 'bca', 'acb'])
  })

  it('go on after a failure, and give a variant up that has failed twice', async () => {
    const options = { rounds: 4 }
    const { samples, failures } = await runRounds([SCENARIO], { options } as never, () => undefined)
    expect(samples.map((each) => each.variant)).toEqual(['floor', 'floor', 'floor', 'floor'])
    expect(failures.map((each) => each.reason)).toEqual(['no | way', 'no | way'])
  })
})
