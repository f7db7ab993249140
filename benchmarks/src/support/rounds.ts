// Runs every variant of every scenario once per round, in another order each round, and collects the figures.
// In: scenarios. Out: samples, failures included. One variant that fails does not end the run.
import type { Context, Figures, Scenario, Variant } from './plan.ts'

export interface Sample {
  readonly suite: string
  readonly scenario: string
  readonly variant: string
  readonly round: number
  readonly figures: Figures
}

export interface Failure {
  readonly suite: string
  readonly scenario: string
  readonly variant: string
  readonly round: number
  readonly reason: string
}

export interface Outcome {
  readonly samples: readonly Sample[]
  readonly failures: readonly Failure[]
}

/** A variant that failed twice in a scenario is left out of its later rounds. */
const FAILURES_ALLOWED = 2

export async function runRounds(
  scenarios: readonly Scenario[],
  context: Context,
  log: (text: string) => void,
): Promise<Outcome> {
  const samples: Sample[] = []
  const failures: Failure[] = []
  for (let round = 0; round < context.options.rounds; round += 1) {
    for (const scenario of scenarios) {
      if (round >= (scenario.rounds ?? Number.POSITIVE_INFINITY)) continue
      for (const variant of inOrder(scenario.variants, round)) {
        const place = { suite: scenario.suite, scenario: scenario.name, variant: variant.name, round }
        const before = failures.filter((each) => isSame(each, place)).length
        if (before >= FAILURES_ALLOWED) continue
        const label = `round ${round + 1}/${context.options.rounds}  ${scenario.suite}:${scenario.name}  ${variant.name}`
        try {
          const figures = await scenario.run(variant, context)
          samples.push({ ...place, figures })
          log(`${label}  ${shown(scenario, figures)}`)
        } catch (error) {
          const reason = inShort(error)
          failures.push({ ...place, reason })
          log(`${label}  failed: ${reason}`)
        }
      }
    }
  }
  return { samples, failures }
}

/** Rotates by the round and turns every second round around, so that no variant always follows the same one. */
export function inOrder(variants: readonly Variant[], round: number): Variant[] {
  const shift = variants.length === 0 ? 0 : (round >> 1) % variants.length
  const rotated = [...variants.slice(shift), ...variants.slice(0, shift)]
  return round % 2 === 0 ? rotated : rotated.toReversed()
}

function isSame(a: Omit<Failure, 'reason'>, b: Omit<Failure, 'reason'>): boolean {
  return a.suite === b.suite && a.scenario === b.scenario && a.variant === b.variant
}

function shown(scenario: Scenario, figures: Figures): string {
  const [main] = scenario.metrics
  if (main === undefined) return ''
  return `${(figures[main.key] ?? Number.NaN).toFixed(main.digits)} ${main.unit}`
}

function inShort(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error)
  const lines = text.split('\n').map((line) => line.trim())
  const telling = lines.find((line) => /^(?!Error: the process)\w*Error\b/.test(line))
  return (telling === undefined ? lines.slice(0, 3).join(' | ') : telling).slice(0, 400)
}
