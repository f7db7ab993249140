// HTTP/2 load on a server: h2load where the machine has it, else the generator beside this file. h2load knows no percentiles
// without writing a line per request, so that those of its runs are not known.
import type { Starter } from '../support/children.ts'
import type { Machine } from '../support/machine.ts'
import { scriptPath } from '../support/scripts.ts'
import { parseOwn } from './load.ts'
import type { LoadResult } from './load.ts'

export interface H2Work {
  readonly connections: number
  /** Requests at once on each. */
  readonly streams: number
}

const UNITS: Readonly<Record<string, number>> = { us: 1e-6, ms: 1e-3, s: 1 }

/** Asks for `/` for so many seconds. */
export async function runH2Load(
  children: Starter,
  machine: Machine,
  port: number,
  { connections, streams }: H2Work,
  seconds: number,
): Promise<LoadResult> {
  const place = { core: machine.loadCore, lifetime: seconds + 15 }
  if (machine.h2load === null) {
    const numbers = [port, connections, streams, seconds].map(String)
    const child = children.start([process.execPath, scriptPath('load/h2-generator.ts'), ...numbers], place)
    return parseOwn(await child.output())
  }
  const options = ['-t1', `-c${connections}`, `-m${streams}`, `-D${seconds}`]
  const child = children.start(['h2load', ...options, `http://127.0.0.1:${port}/`], place)
  return parseH2Load(await child.output())
}

/** Reads the report that h2load prints. */
export function parseH2Load(text: string): LoadResult {
  const finished = /^finished in ([\d.]+)(us|ms|s),/m.exec(text)
  const counts =
    /^requests: \d+ total, \d+ started, (\d+) done, (\d+) succeeded, (\d+) failed, (\d+) errored, (\d+) timeout/m.exec(
      text,
    )
  const codes = /^status codes: (\d+) 2xx,/m.exec(text)
  if (finished === null || counts === null || codes === null) throw new Error(`h2load said: ${text.trim()}`)
  const [, , succeeded, failed, errored, timeout] = counts
  const bad = [failed, errored, timeout].reduce((sum, count) => sum + Number(count), 0)
  // Requests that were open when the time was over count as failed; more than that are errors.
  const others = Number(succeeded) - Number(codes[1])
  const slowest = /^time for request: +[\d.]+(?:us|ms|s) +([\d.]+)(us|ms|s)/m.exec(text)
  return {
    requests: Number(codes[1]),
    seconds: Number(finished[1]) * (UNITS[finished[2] ?? ''] ?? Number.NaN),
    p50: Number.NaN,
    p90: Number.NaN,
    p99: Number.NaN,
    max: slowest === null ? Number.NaN : Number(slowest[1]) * (UNITS[slowest[2] ?? ''] ?? Number.NaN) * 1e6,
    errors: bad > 0 || others > 0 ? `${bad} requests failed, ${others} were not answered with 2xx` : null,
  }
}
