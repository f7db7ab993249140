// The servers that are compared, and how each is started. In: nothing. Out: command lines, or why one cannot run here.
import { execFileSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { runtimeMissing, runtimeProgram } from '@hyper/runtimes'
import { firstLine } from '../support/machine.ts'
import type { Role, Variant } from '../support/plan.ts'
import { scriptPath, speaksHttp2 } from '../support/scripts.ts'
import { probeHttp1, probeHttp2 } from './probe.ts'

/** Many small requests, or few large bodies: a peer that has a setting for either gets it. */
export type Purpose = 'requests' | 'bodies'

export interface ServerVariant extends Variant {
  /** The program and its arguments, for what it is about to do. Called only when nothing is missing. */
  command(purpose: Purpose): string[]
  /** Collects garbage on SIGUSR2 and says so. */
  readonly collects: boolean
  /** Has the routes that read slowly, and by iteration. */
  readonly bodies: boolean
  /** What is asked before anything is measured; throws when the answer is another than that of all others. */
  probe(port: number): Promise<void>
}

const root = fileURLToPath(new URL('../..', import.meta.url))
const file = (name: string): string => scriptPath(`servers/${name}`)
const crate = join(root, 'peers', 'hyper')
const rustProgram = join(
  crate,
  'target',
  'release',
  `hyper-peer${process.platform === 'win32' ? '.exe' : ''}`,
)
let built: string | null | undefined

export const SERVERS: readonly ServerVariant[] = [
  node('floor', 'floor', ['floor.ts'], false),
  node('ours/engine', 'ours', ['engine.ts'], true),
  node('ours/service', 'ours', ['serve.ts', 'service'], true),
  node('ours/fetch', 'ours', ['serve.ts', 'fetch'], false),
  node('ours/fetch-platform', 'ours', ['serve.ts', 'fetch-platform'], false),
  node('ours/node-shape', 'ours', ['node-http.ts', 'ours'], true),
  node('node:http', 'peer', ['node-http.ts'], true),
  node('hono', 'peer', ['hono.ts'], false),
  node('hono-plain', 'peer', ['hono.ts', 'plain'], false),
  {
    name: 'rust-hyper',
    role: 'peer',
    collects: false,
    bodies: false,
    probe: probeHttp1,
    missing: buildRust,
    command: (purpose) => (purpose === 'requests' ? [rustProgram, 'gather'] : [rustProgram]),
  },
  {
    name: 'bun',
    role: 'peer',
    collects: true,
    bodies: false,
    probe: probeHttp1,
    missing: () => runtimeMissing('bun'),
    command: () => [runtimeProgram('bun') ?? '', 'run', file('bun.ts')],
  },
  {
    name: 'deno',
    role: 'peer',
    collects: true,
    bodies: false,
    probe: probeHttp1,
    missing: () => runtimeMissing('deno'),
    command: () => denoCommand('deno.ts'),
  },
  onDeno('service'),
  onDeno('fetch'),
  onDeno('fetch-platform'),
  onBun('floor@bun', 'floor', 'bun-floor.ts'),
  onBun('ours/service@bun', 'ours', 'serve.ts', 'service'),
  onBun('ours/fetch@bun', 'ours', 'serve.ts', 'fetch'),
  onBun('ours/fetch-platform@bun', 'ours', 'serve.ts', 'fetch-platform'),
]

const rust = SERVERS.filter(({ name }) => name === 'rust-hyper')
const deno = SERVERS.filter(({ name }) => name === 'deno' || /^ours\/(?:service|fetch)@deno$/.test(name))

/** Those that speak HTTP/2 in cleartext to who begins with its preface. */
export const H2_SERVERS: readonly ServerVariant[] = [
  node('floor', 'floor', ['h2-floor.ts'], false),
  needs('core', node('ours/h2-engine', 'ours', ['h2-engine.ts'], true)),
  needs('server', node('ours/service', 'ours', ['serve.ts', 'service'], true)),
  needs('server', node('ours/fetch', 'ours', ['serve.ts', 'fetch'], false)),
  needs('server', node('ours/node-shape', 'ours', ['node-http.ts', 'ours'], false)),
  node('node:http2', 'peer', ['node-http2.ts', 'stream'], false),
  node('node:http2-compat', 'peer', ['node-http2.ts', 'compat'], false),
  ...rust.map((variant) => ({ ...variant, command: () => [rustProgram, 'http2'] })),
  ...deno,
  ...SERVERS.filter(({ name }) => /^ours\/(?:service|fetch)@bun$/.test(name)),
].map((variant) => ({ ...variant, probe: probeHttp2 }))

// What is not built yet is named as missing instead of failing.
function needs(name: 'core' | 'server', variant: ServerVariant): ServerVariant {
  const reason = (): string | null => (speaksHttp2(name) ? null : `no HTTP/2 in the built ${name} package`)
  return { ...variant, missing: () => variant.missing() ?? reason() }
}

function node(name: string, role: Role, args: readonly string[], bodies: boolean): ServerVariant {
  const [script = '', ...rest] = args
  return {
    name,
    role,
    collects: true,
    bodies,
    probe: probeHttp1,
    missing: () => (existsSync(file(script)) ? null : `${script} is not there`),
    command: () => [process.execPath, '--expose-gc', file(script), ...rest],
  }
}

/** The same program as on Node, on Deno's own sockets. */
function onDeno(mode: string): ServerVariant {
  return {
    name: `ours/${mode}@deno`,
    role: 'ours',
    collects: true,
    bodies: mode === 'service',
    probe: probeHttp1,
    missing: () => runtimeMissing('deno'),
    command: () => denoCommand('serve.ts', mode),
  }
}

/** A program on Bun: the engine on Bun's own sockets, or what stands beside it. */
function onBun(name: string, role: Role, script: string, ...args: readonly string[]): ServerVariant {
  return {
    name,
    role,
    collects: true,
    bodies: args[0] === 'service',
    probe: probeHttp1,
    missing: () => runtimeMissing('bun'),
    command: () => [runtimeProgram('bun') ?? '', 'run', file(script), ...args],
  }
}

function denoCommand(script: string, ...args: readonly string[]): string[] {
  const flags = [
    'run',
    '--allow-all',
    '--no-config',
    '--no-lock',
    '--node-modules-dir=manual',
    '--v8-flags=--expose-gc',
  ]
  const cache = `DENO_DIR=${join(root, 'results', '.deno')}`
  return [
    'env',
    cache,
    'DENO_NO_UPDATE_CHECK=1',
    runtimeProgram('deno') ?? '',
    ...flags,
    file(script),
    ...args,
  ]
}

// Built once per run; cargo sees by itself when there is nothing to do.
function buildRust(): string | null {
  if (built !== undefined) return built
  built = null
  if (firstLine('cargo', ['--version']) === null) {
    built = existsSync(rustProgram) ? null : 'no cargo on this machine'
    return built
  }
  try {
    console.error('building the Rust peer …')
    execFileSync('cargo', ['build', '--release', '--locked', '--quiet'], {
      cwd: crate,
      stdio: 'pipe',
      timeout: 600_000,
    })
  } catch (error) {
    const { stderr } = error as { stderr?: unknown }
    if (!existsSync(rustProgram)) built = `cargo build failed: ${String(stderr).trim().slice(-400)}`
  }
  return built
}
