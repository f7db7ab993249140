// Large bodies through a server, one connection: throughput, CPU per MiB, and by how much its resident memory rises at most.
// The slow ones show backpressure: what is not taken must not pile up in the server.
import type { TransferResult } from '../load/transfer.ts'
import { SLOW_RATE } from '../servers/common.ts'
import { MEBIBYTE } from '../support/plan.ts'
import type { Context, Figures, Metric, Scenario } from '../support/plan.ts'
import { cpuMicros, memoryOf, resetPeak } from '../support/proc.ts'
import { scriptPath } from '../support/scripts.ts'
import { settle, withServer } from './server-process.ts'
import type { RunningServer } from './server-process.ts'
import { SERVERS } from './server-variants.ts'
import type { ServerVariant } from './server-variants.ts'

interface Transfer {
  /** What is asked for; `N` stands for the number of bytes. */
  readonly path: string
  /** Bytes per second that the load keeps to, 0 for no limit. */
  readonly rate: number
  readonly size: number
  readonly quickSize: number
}

const PRIMING = 16 * MEBIBYTE
const PATIENCE = 120
export const THROUGHPUT: Metric = {
  key: 'throughput',
  title: 'throughput',
  unit: 'MiB/s',
  better: 'higher',
  digits: 0,
}
export const COST: Metric = { key: 'cpu', title: 'CPU/MiB', unit: 'µs', better: 'lower', digits: 0 }
export const GROWTH: Metric = {
  key: 'growth',
  title: 'peak RSS growth',
  unit: 'MiB',
  better: 'lower',
  digits: 1,
}

const full = { rate: 0, size: 1024 * MEBIBYTE, quickSize: 64 * MEBIBYTE }
const slow = { size: 64 * MEBIBYTE, quickSize: 16 * MEBIBYTE }
const some = SERVERS.filter(({ name }) => !['floor', 'hono-plain', 'ours/fetch-platform'].includes(name))
const paced = some.filter(({ bodies }) => bodies)

export const BODY_SCENARIOS: readonly Scenario[] = [
  fast('down', 'A large body down, known length (1 GiB; quick 64 MiB)', { ...full, path: '/bytes/N' }),
  fast('up', 'A large body up, taken by the handler (1 GiB; quick 64 MiB)', { ...full, path: '/discard' }),
  fast('up-iterated', 'The same, read by a `for await` loop', { ...full, path: '/discard-iterated' }, paced),
  paceful('down-slow-reader', '64 MiB (quick 16) down to a client that reads 10 MiB/s', {
    ...slow,
    path: '/bytes/N',
    rate: SLOW_RATE,
  }),
  paceful('up-slow-writer', '64 MiB (quick 16) up from a client that writes 10 MiB/s', {
    ...slow,
    path: '/discard',
    rate: SLOW_RATE,
  }),
  paceful(
    'up-slow-reader',
    '64 MiB (quick 16) up to a handler that reads 10 MiB/s',
    { ...slow, path: '/discard-slow', rate: 0 },
    paced,
  ),
]

function fast(name: string, title: string, transfer: Transfer, variants = some): Scenario {
  const metrics = [THROUGHPUT, COST, GROWTH]
  return { suite: 'bodies', name, title, metrics, variants, run: runner(transfer) }
}

// Nothing but the rate decides how long these take, so that few rounds do.
function paceful(name: string, title: string, transfer: Transfer, variants = some): Scenario {
  const metrics = [GROWTH, THROUGHPUT, COST]
  return { suite: 'bodies', name, title, metrics, variants, rounds: 2, run: runner(transfer) }
}

function runner(transfer: Transfer): Scenario['run'] {
  return (variant, context) => measure(variant as ServerVariant, transfer, context)
}

function measure(variant: ServerVariant, transfer: Transfer, context: Context): Promise<Figures> {
  const size = context.options.quick ? transfer.quickSize : transfer.size
  return withServer(variant, context, 'bodies', 2 * PATIENCE, async (server) => {
    // The slow paths are warmed by what they share with the fast ones: the engine, not the pace.
    const priming = transfer.path === '/bytes/N' ? transfer.path : '/discard'
    await move(server, { ...transfer, path: priming, rate: 0 }, PRIMING, context)
    await settle(server, variant)
    resetPeak(server.pid)
    const resident = memoryOf(server.pid)?.resident ?? Number.NaN
    const before = cpuMicros(server.pid) ?? Number.NaN
    const result = await move(server, transfer, size, context)
    const spent = (cpuMicros(server.pid) ?? Number.NaN) - before
    return {
      throughput: result.bytes / MEBIBYTE / result.seconds,
      cpu: spent / (result.bytes / MEBIBYTE),
      growth: ((memoryOf(server.pid)?.peak ?? Number.NaN) - resident) / MEBIBYTE,
    }
  })
}

async function move(
  server: RunningServer,
  transfer: Transfer,
  size: number,
  context: Context,
): Promise<TransferResult> {
  const { children, machine } = context
  const path = transfer.path.replace('N', String(size))
  const args = [String(server.port), path, String(size), String(transfer.rate)]
  const command = [process.execPath, scriptPath('load/transfer.ts'), ...args]
  const child = children.start(command, { core: machine.loadCore, lifetime: PATIENCE })
  try {
    return JSON.parse(await child.expect('result', PATIENCE * 1000)) as TransferResult
  } finally {
    await child.stop()
  }
}
