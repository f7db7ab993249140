// What an idle kept-alive connection costs a server: resident memory with N of them, less what there was before, over N.
// Garbage is collected first on both sides, so that it is what the connections hold.
import { runH2Load } from '../load/h2-load.ts'
import { runLoad } from '../load/load.ts'
import type { Context, Figures, Metric, Scenario } from '../support/plan.ts'
import { memoryOf } from '../support/proc.ts'
import { scriptPath } from '../support/scripts.ts'
import { GET_64 } from './server.ts'
import { settle, withServer } from './server-process.ts'
import type { RunningServer } from './server-process.ts'
import { H2_SERVERS, SERVERS } from './server-variants.ts'
import type { ServerVariant } from './server-variants.ts'

/** How the connections of one scenario come to be. */
interface Holding {
  readonly count: number
  /** The program that holds them. */
  readonly holder: string
  /** The load before the first look. */
  load(port: number, context: Context): Promise<unknown>
}

/**
 * What comes before the first look, for every variant alike, so that what grows once (compiled code, the young
 * generation) does not count as a connection's: seconds of load, then connections that are closed again.
 */
const PRIMING_SECONDS = 3
const PRIMING = 500
const LIFETIME = 90

const EACH: Metric = { key: 'each', title: 'per connection', unit: 'KiB', better: 'lower', digits: 1 }
const BEFORE: Metric = { key: 'before', title: 'RSS before', unit: 'MiB', better: 'lower', digits: 1 }
const WITH: Metric = { key: 'with', title: 'RSS with all', unit: 'MiB', better: 'lower', digits: 1 }

const HTTP1: Holding = {
  count: 5_000,
  holder: 'load/holder.ts',
  load: (port, { children, machine }) => runLoad(children, machine, port, GET_64, PRIMING_SECONDS),
}
const HTTP2: Holding = {
  count: 2_000,
  holder: 'load/h2-holder.ts',
  load: (port, { children, machine }) =>
    runH2Load(children, machine, port, { connections: 8, streams: 32 }, PRIMING_SECONDS),
}

export const MEMORY_SCENARIOS: readonly Scenario[] = [
  {
    suite: 'memory',
    name: 'idle-5000',
    title: 'Memory per idle kept-alive connection, 5,000 of them after one request each',
    metrics: [EACH, BEFORE, WITH],
    variants: SERVERS.filter(({ name }) => name !== 'hono-plain' && name !== 'ours/fetch-platform'),
    run: (variant, context) => measure(variant as ServerVariant, context, HTTP1),
  },
  {
    suite: 'h2-memory',
    name: 'idle-2000',
    title: 'Memory per idle HTTP/2 connection, 2,000 of them after one request each',
    metrics: [EACH, BEFORE, WITH],
    variants: H2_SERVERS.filter(({ name }) => name !== 'node:http2-compat'),
    run: (variant, context) => measure(variant as ServerVariant, context, HTTP2),
  },
]

function measure(variant: ServerVariant, context: Context, holding: Holding): Promise<Figures> {
  return withServer(variant, context, 'requests', LIFETIME, async (server) => {
    await holding.load(server.port, context)
    await hold(server, PRIMING, holding, context, () => Promise.resolve())
    await settle(server, variant)
    const before = residentOf(server)
    return hold(server, holding.count, holding, context, async () => {
      await settle(server, variant)
      const grown = residentOf(server)
      return {
        each: (grown - before) / holding.count / 1024,
        before: before / 1024 / 1024,
        with: grown / 1024 / 1024,
      }
    })
  })
}

async function hold<T>(
  server: RunningServer,
  count: number,
  { holder }: Holding,
  context: Context,
  use: () => Promise<T>,
): Promise<T> {
  const { children, machine } = context
  const command = [process.execPath, scriptPath(holder), String(server.port), String(count)]
  const child = children.start(command, { core: machine.loadCore, lifetime: LIFETIME })
  try {
    await child.expect('holding', 40_000)
    return await use()
  } finally {
    await child.stop()
  }
}

function residentOf(server: RunningServer): number {
  return memoryOf(server.pid)?.resident ?? Number.NaN
}
