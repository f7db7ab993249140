// Servers under load on one core: CPU per request, requests per second, latency. Fresh process per variant and round.
import { runLoad } from '../load/load.ts'
import type { LoadResult, Work } from '../load/load.ts'
import { CPU, MEBIBYTE, P50, P90, P99, RATE, RESIDENT } from '../support/plan.ts'
import type { Context, Figures, Scenario } from '../support/plan.ts'
import { cpuMicros, memoryOf } from '../support/proc.ts'
import { DOCUMENT, withServer } from './server-process.ts'
import { SERVERS } from './server-variants.ts'
import type { ServerVariant } from './server-variants.ts'

/** One GET at a time on 64 connections. */
export const GET_64: Work = { path: '/', connections: 64, depth: 1, body: null }

export const SERVER_SCENARIOS: readonly Scenario[] = [
  scenario('hello-1', 'Hello, World!, 1 kept-alive connection', { ...GET_64, connections: 1 }),
  scenario('hello-64', 'Hello, World!, 64 kept-alive connections', GET_64),
  scenario('hello-1000', 'Hello, World!, 1,000 kept-alive connections', { ...GET_64, connections: 1000 }),
  scenario('pipeline-16', 'Hello, World!, 64 connections, 16 requests pipelined', { ...GET_64, depth: 16 }),
  scenario('json', 'JSON read and written, 1 KiB, 64 connections', {
    ...GET_64,
    path: '/json',
    body: DOCUMENT,
  }),
]

function scenario(name: string, title: string, work: Work): Scenario {
  return {
    suite: 'server',
    name,
    title,
    metrics: [CPU, RATE, P50, P90, P99, RESIDENT],
    variants: SERVERS,
    run: (variant, context) =>
      measureServer(variant as ServerVariant, context, (port, seconds) =>
        runLoad(context.children, context.machine, port, work, seconds),
      ),
  }
}

/** CPU, rate and latencies of one server under one load. */
export function measureServer(
  variant: ServerVariant,
  context: Context,
  load: (port: number, seconds: number) => Promise<LoadResult>,
): Promise<Figures> {
  const { options } = context
  const lifetime = options.seconds + options.warmup + 60
  return withServer(variant, context, 'requests', lifetime, async ({ pid, port }) => {
    await load(port, options.warmup)
    const before = cpuMicros(pid) ?? Number.NaN
    const result = await load(port, options.seconds)
    const spent = (cpuMicros(pid) ?? Number.NaN) - before
    if (result.errors !== null) throw new Error(result.errors)
    if (result.requests === 0) throw new Error('no request was answered')
    return {
      cpu: spent / result.requests,
      rate: result.requests / result.seconds,
      p50: result.p50,
      p90: result.p90,
      p99: result.p99,
      resident: (memoryOf(pid)?.resident ?? Number.NaN) / MEBIBYTE,
    }
  })
}
