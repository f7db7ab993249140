// The command line. In: arguments. Out: what to run and how long, or a message on how to say it.
import { parseArgs } from 'node:util'

export interface Options {
  /** `server`, `server:hello-64`, `client` …; empty for everything. */
  readonly filters: readonly string[]
  readonly only: readonly string[]
  readonly without: readonly string[]
  readonly rounds: number
  /** Measured seconds per variant and round, after `warmup` seconds that do not count. */
  readonly seconds: number
  readonly warmup: number
  readonly quick: boolean
  readonly ownLoad: boolean
  readonly pin: boolean
  readonly list: boolean
  /** A git reference whose engine takes part beside the one in the tree. */
  readonly against: string | null
  /** Writes the result to `benchmarks/baselines/<name>.json` too. */
  readonly saveBaseline: string | null
}

export const USAGE = `usage: pnpm bench [suite | suite:scenario]… [options]
  --rounds N           rounds, each in another order (5; quick 2)
  --seconds N          measured seconds per variant and round (2; quick 1), whole because wrk counts in them
  --warmup N           seconds before them that do not count (1)
  --quick              short rounds and small bodies: to see that it works, not to quote
  --only a,b           these variants alone
  --without a,b        all but these
  --against REF        the engine at a git reference beside this one, as ours/…@REF
  --own-load           our own load generator even where wrk is
  --no-pin             leaves processes on any core
  --save-baseline NAME keeps the result as benchmarks/baselines/NAME.json
  --list               shows suites, scenarios, variants, and what is missing here`

/** @throws TypeError for an unknown option, RangeError for a number that is none. */
export function parseOptions(args: readonly string[]): Options {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      rounds: { type: 'string' },
      seconds: { type: 'string' },
      warmup: { type: 'string' },
      quick: { type: 'boolean', default: false },
      only: { type: 'string', default: '' },
      without: { type: 'string', default: '' },
      against: { type: 'string' },
      'own-load': { type: 'boolean', default: false },
      'no-pin': { type: 'boolean', default: false },
      list: { type: 'boolean', default: false },
      'save-baseline': { type: 'string' },
    },
  })
  const { quick } = values
  return {
    filters: positionals,
    only: names(values.only),
    without: names(values.without),
    rounds: Math.ceil(amount(values.rounds, quick ? 2 : 5, 50)),
    seconds: Math.ceil(amount(values.seconds, quick ? 1 : 2, 60)),
    warmup: Math.ceil(amount(values.warmup, 1, 60)),
    quick,
    ownLoad: values['own-load'],
    pin: !values['no-pin'],
    list: values.list,
    against: values.against ?? null,
    saveBaseline: baselineName(values['save-baseline']),
  }
}

function names(text: string): string[] {
  return text.split(',').filter((name) => name !== '')
}

// Everything here is bounded, so that no run is endless by a slip of the keyboard.
function amount(text: string | undefined, otherwise: number, most: number): number {
  if (text === undefined) return otherwise
  const value = Number(text)
  if (!(value > 0) || value > most) throw new RangeError(`not a number above 0 and up to ${most}: ${text}`)
  return value
}

function baselineName(text: string | undefined): string | null {
  if (text === undefined) return null
  if (!/^[\w.-]+$/.test(text)) throw new RangeError(`not a file name: ${text}`)
  return text
}
