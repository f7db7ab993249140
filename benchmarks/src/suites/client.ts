// Clients under test on one core, against one fast bare server on the other: CPU per request of the client process.
import { existsSync } from 'node:fs'
import type { ClientResult } from '../clients/common.ts'
import type { Child } from '../support/children.ts'
import { CPU, MEBIBYTE, P50, P90, P99, RATE, RESIDENT } from '../support/plan.ts'
import type { Context, Figures, Role, Scenario, Variant } from '../support/plan.ts'
import { scriptPath, speaksHttp2 } from '../support/scripts.ts'

const CONNECTIONS = 50

interface ClientVariant extends Variant {
  readonly script: string
  readonly mode: readonly string[]
  /** What it asks. */
  readonly server: string
  /** Seconds that it takes until its code is compiled, where that is longer than the usual warm-up. */
  readonly warmup?: number
}

/** The platform's fetch is some thousand lines, which run ten thousand times a second at most. */
const FETCH_WARMUP = 5

const CLIENTS: readonly ClientVariant[] = [
  variant('floor', 'floor', 'floor.ts'),
  variant('ours/handshake', 'ours', 'handshake.ts'),
  variant('ours/client', 'ours', 'client.ts'),
  variant('ours/fetch', 'ours', 'client-fetch.ts'),
  variant('ours/undici-dispatch', 'ours', 'node-fetch.ts', 'dispatch'),
  variant('ours/undici-request', 'ours', 'node-fetch.ts', 'request'),
  { ...variant('ours/install-fetch', 'ours', 'node-fetch.ts', 'installed'), warmup: FETCH_WARMUP },
  { ...variant('node:fetch', 'peer', 'node-fetch.ts', 'plain'), warmup: FETCH_WARMUP },
  variant('undici.dispatch', 'peer', 'undici.ts', 'dispatch'),
  variant('undici.dispatch-clients', 'peer', 'undici.ts', 'dispatch-clients'),
  variant('undici.request', 'peer', 'undici.ts', 'request'),
  variant('undici.fetch', 'peer', 'undici.ts', 'fetch'),
  variant('node:http', 'peer', 'node-http.ts'),
]

const H2_CLIENTS: readonly ClientVariant[] = [
  variant('floor', 'floor', 'h2-floor.ts'),
  needs('core', variant('ours/h2-handshake', 'ours', 'h2-handshake.ts')),
  needs('client', variant('ours/client', 'ours', 'h2-client.ts')),
  variant('node:http2', 'peer', 'node-http2.ts'),
  variant('undici.dispatch', 'peer', 'undici-h2.ts', 'dispatch'),
  variant('undici.request', 'peer', 'undici-h2.ts', 'request'),
].map((each) => ({ ...each, server: 'servers/h2-floor.ts' }))

export const CLIENT_SCENARIOS: readonly Scenario[] = [
  {
    suite: 'client',
    name: 'get-50',
    title: 'Client: GET of 13 bytes, 50 kept-alive connections',
    metrics: [CPU, RATE, P50, P90, P99, RESIDENT],
    variants: CLIENTS,
    run: (chosen, context) => measure(chosen as ClientVariant, context),
  },
  {
    suite: 'h2-client',
    name: 'get-50',
    title: 'HTTP/2 client: GET of 13 bytes, 50 streams on one connection',
    metrics: [CPU, RATE, P50, P90, P99, RESIDENT],
    variants: H2_CLIENTS,
    run: (chosen, context) => measure(chosen as ClientVariant, context),
  },
]

// What is not built yet is named as missing instead of failing.
function needs(name: 'core' | 'client', of: ClientVariant): ClientVariant {
  const reason = (): string | null =>
    speaksHttp2(name, 'handshake') ? null : `no HTTP/2 in the built ${name} package`
  return { ...of, missing: () => of.missing() ?? reason() }
}

function variant(name: string, role: Role, script: string, ...mode: readonly string[]): ClientVariant {
  const missing = (): string | null =>
    existsSync(scriptPath(`clients/${script}`)) ? null : `clients/${script} is not there`
  return { name, role, script, mode, missing, server: 'servers/floor.ts' }
}

async function measure(
  { script, mode, server: asked, warmup: least = 0 }: ClientVariant,
  context: Context,
): Promise<Figures> {
  const { children, machine, options } = context
  const { seconds } = options
  const warmup = Math.max(options.warmup, least)
  const lifetime = warmup + seconds + 30
  const server = children.start([process.execPath, scriptPath(asked)], {
    core: machine.loadCore,
    lifetime,
  })
  let client: Child | null = null
  try {
    const port = await server.expect('listening', 20_000)
    const args = [port, String(CONNECTIONS), String(warmup), String(seconds), ...mode]
    const command = [process.execPath, scriptPath(`clients/${script}`), ...args]
    client = children.start(command, { core: machine.testCore, lifetime })
    const text = await client.expect('result', (warmup + seconds + 20) * 1000)
    const result = JSON.parse(text) as ClientResult
    if (result.requests === 0) throw new Error('no request was answered')
    return {
      cpu: (result.cpu ?? Number.NaN) / result.requests,
      rate: result.requests / result.seconds,
      p50: result.p50,
      p90: result.p90,
      p99: result.p99,
      resident: (result.resident ?? Number.NaN) / MEBIBYTE,
    }
  } finally {
    await client?.stop()
    await server.stop()
  }
}
