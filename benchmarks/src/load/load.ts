// Load on a server: wrk where the machine has it, else the generator beside this file. Both report the same figures.
// In: where and how much. Out: requests answered, their rate and latencies. An answer other than 2xx is an error, never a request.
import { fileURLToPath } from 'node:url'
import type { Starter } from '../support/children.ts'
import type { Machine } from '../support/machine.ts'
import { scriptPath } from '../support/scripts.ts'

export interface Work {
  readonly path: string
  readonly connections: number
  /** Requests sent at once on a connection before their answers are read. */
  readonly depth: number
  /** A JSON document to POST; null for a GET. */
  readonly body: string | null
}

/** Rates per second, latencies in microseconds. */
export interface LoadResult {
  readonly requests: number
  readonly seconds: number
  readonly p50: number
  readonly p90: number
  readonly p99: number
  readonly max: number
  readonly errors: string | null
}

const wrkScript = fileURLToPath(new URL('wrk.lua', import.meta.url))
const MICROS: Readonly<Record<string, number>> = { us: 1, ms: 1e3, s: 1e6, m: 6e7 }

/** Puts load on `port` for so many seconds. */
export async function runLoad(
  children: Starter,
  machine: Machine,
  port: number,
  work: Work,
  seconds: number,
): Promise<LoadResult> {
  const url = `http://127.0.0.1:${port}${work.path}`
  const lifetime = seconds + 15
  const environment = [`BENCH_DEPTH=${work.depth}`, `BENCH_BODY=${work.body ?? ''}`]
  if (machine.wrk === null) {
    const command = [
      process.execPath,
      scriptPath('load/generator.ts'),
      url,
      String(work.connections),
      String(seconds),
    ]
    const child = children.start(['env', ...environment, ...command], { core: machine.loadCore, lifetime })
    return parseOwn(await child.output())
  }
  const plain = work.depth === 1 && work.body === null
  const script = plain ? [] : ['-s', wrkScript]
  const options = [
    '-t1',
    `-c${work.connections}`,
    `-d${seconds}s`,
    '--timeout',
    '10s',
    '--latency',
    ...script,
  ]
  const child = children.start(['env', ...environment, 'wrk', ...options, url], {
    core: machine.loadCore,
    lifetime,
  })
  return parseWrk(await child.output())
}

/** Reads the report that wrk prints with `--latency`. */
export function parseWrk(text: string): LoadResult {
  const total = /^\s*(\d+) requests in ([\d.]+)(us|ms|s|m)\b/m.exec(text)
  if (total === null) throw new Error(`wrk said: ${text.trim()}`)
  const bad = /^\s*(Socket errors:.*|Non-2xx.*)$/gm
  const errors = [...text.matchAll(bad)].map((found) => found[1]).join('; ')
  return {
    requests: Number(total[1]),
    seconds: duration(total[2], total[3]) / 1e6,
    p50: percentileOf(text, '50'),
    p90: percentileOf(text, '90'),
    p99: percentileOf(text, '99'),
    max: slowest(text),
    errors: errors === '' ? null : errors,
  }
}

function percentileOf(text: string, share: string): number {
  const found = new RegExp(`^\\s*${share}%\\s+([\\d.]+)(us|ms|s|m)\\s*$`, 'm').exec(text)
  // wrk says 0 when too few batches came back for a percentile.
  const micros = found === null ? 0 : duration(found[1], found[2])
  return micros === 0 ? Number.NaN : micros
}

// `Latency  <avg> <stdev> <max> <share>`
function slowest(text: string): number {
  const found = /^\s*Latency\s+[\d.]+\w+\s+[\d.]+\w+\s+([\d.]+)(us|ms|s|m)\b/m.exec(text)
  return found === null ? Number.NaN : duration(found[1], found[2])
}

function duration(amount: string | undefined, unit: string | undefined): number {
  return Number(amount) * (MICROS[unit ?? ''] ?? Number.NaN)
}

/** Reads what our own generators print. */
export function parseOwn(text: string): LoadResult {
  if (!text.startsWith('{')) throw new Error(`the load generator failed: ${text}`)
  return JSON.parse(text) as LoadResult
}
