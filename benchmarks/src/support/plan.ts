// What a benchmark is: scenarios, each with variants that do the same work, measured one process at a time.
import type { Starter } from './children.ts'
import type { Machine } from './machine.ts'
import type { Options } from './options.ts'

/** One figure of a run; the keys are those of {@link Scenario.metrics}. NaN where the machine cannot tell. */
export type Figures = Readonly<Record<string, number>>

export interface Metric {
  readonly key: string
  readonly title: string
  readonly unit: string
  readonly better: 'lower' | 'higher'
  readonly digits: number
}

/** `floor`: nothing can do less. `peer`: what people use today. `ours`: this engine. */
export type Role = 'floor' | 'peer' | 'ours'

export interface Variant {
  readonly name: string
  readonly role: Role
  /** Why it cannot run here, or null when it can. May build what it needs. */
  missing(): string | null
}

export interface Context {
  readonly children: Starter
  readonly machine: Machine
  readonly options: Options
}

export interface Scenario {
  readonly suite: string
  readonly name: string
  readonly title: string
  /** The first one is what the variants are compared by. */
  readonly metrics: readonly Metric[]
  readonly variants: readonly Variant[]
  /** The most rounds it takes part in; absent for all. */
  readonly rounds?: number
  /** Measures one variant once, in fresh processes. Throws when it cannot be measured. */
  run(variant: Variant, context: Context): Promise<Figures>
}

export const CPU: Metric = { key: 'cpu', title: 'CPU/req', unit: 'µs', better: 'lower', digits: 2 }
export const RATE: Metric = { key: 'rate', title: 'req/s', unit: '', better: 'higher', digits: 0 }
export const P50: Metric = { key: 'p50', title: 'p50', unit: 'µs', better: 'lower', digits: 0 }
export const P90: Metric = { key: 'p90', title: 'p90', unit: 'µs', better: 'lower', digits: 0 }
export const P99: Metric = { key: 'p99', title: 'p99', unit: 'µs', better: 'lower', digits: 0 }
export const RESIDENT: Metric = { key: 'resident', title: 'RSS', unit: 'MiB', better: 'lower', digits: 0 }
export const MEBIBYTE: number = 1024 * 1024
