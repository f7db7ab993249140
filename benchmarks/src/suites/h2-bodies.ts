// Large bodies through an HTTP/2 server, on one stream and shared by 32 of one connection: throughput, and CPU per MiB.
import type { TransferResult } from '../load/transfer.ts'
import { MEBIBYTE } from '../support/plan.ts'
import type { Context, Figures, Scenario } from '../support/plan.ts'
import { cpuMicros, memoryOf, resetPeak } from '../support/proc.ts'
import { scriptPath } from '../support/scripts.ts'
import { COST, GROWTH, THROUGHPUT } from './bodies.ts'
import { settle, withServer } from './server-process.ts'
import { H2_SERVERS } from './server-variants.ts'
import type { ServerVariant } from './server-variants.ts'

interface Transfer {
  readonly path: string
  readonly streams: number
}

const SIZE = 1024 * MEBIBYTE
const QUICK_SIZE = 64 * MEBIBYTE
const PRIMING = 32 * MEBIBYTE
const PATIENCE = 120

export const H2_BODY_SCENARIOS: readonly Scenario[] = [
  scenario('down-1', 'HTTP/2: a large body down, one stream (1 GiB; quick 64 MiB)', {
    path: '/bytes/N',
    streams: 1,
  }),
  scenario('down-32', 'HTTP/2: large bodies down, 32 streams', { path: '/bytes/N', streams: 32 }),
  scenario('up-1', 'HTTP/2: a large body up, one stream', { path: '/discard', streams: 1 }),
  scenario('up-32', 'HTTP/2: large bodies up, 32 streams', { path: '/discard', streams: 32 }),
]

function scenario(name: string, title: string, transfer: Transfer): Scenario {
  return {
    suite: 'h2-bodies',
    name,
    title,
    metrics: [THROUGHPUT, COST, GROWTH],
    variants: H2_SERVERS.filter((variant) => variant.name !== 'floor'),
    run: (variant, context) => measure(variant as ServerVariant, transfer, context),
  }
}

function measure(variant: ServerVariant, transfer: Transfer, context: Context): Promise<Figures> {
  const size = context.options.quick ? QUICK_SIZE : SIZE
  return withServer(variant, context, 'bodies', 2 * PATIENCE, async (server) => {
    await move(server.port, transfer, PRIMING, context)
    await settle(server, variant)
    resetPeak(server.pid)
    const resident = memoryOf(server.pid)?.resident ?? Number.NaN
    const before = cpuMicros(server.pid) ?? Number.NaN
    const result = await move(server.port, transfer, size, context)
    const spent = (cpuMicros(server.pid) ?? Number.NaN) - before
    return {
      throughput: result.bytes / MEBIBYTE / result.seconds,
      cpu: spent / (result.bytes / MEBIBYTE),
      growth: ((memoryOf(server.pid)?.peak ?? Number.NaN) - resident) / MEBIBYTE,
    }
  })
}

async function move(
  port: number,
  { path, streams }: Transfer,
  size: number,
  { children, machine }: Context,
): Promise<TransferResult> {
  const command = [
    process.execPath,
    scriptPath('load/h2-transfer.ts'),
    String(port),
    path,
    String(size),
    String(streams),
  ]
  const child = children.start(command, { core: machine.loadCore, lifetime: PATIENCE })
  try {
    return JSON.parse(await child.expect('result', PATIENCE * 1000)) as TransferResult
  } finally {
    await child.stop()
  }
}
