// The one way into the tool chain. In: a task name and its arguments. Out: the exit code of what ran.
// Runs under whatever Node the machine has (20 or later, builtins only), installs what is missing, then runs every tool on the
// Node that `package.json` pins, because some tools refuse older lines. It never asks, and reads nothing from stdin.
import { spawn, spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs'
import { delimiter, dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = dirname(dirname(fileURLToPath(import.meta.url)))
const modules = join(root, 'node_modules')
const pinnedNode = join(modules, 'node', 'bin')
const stampFile = join(modules, '.hyper-installed')
const windows = process.platform === 'win32'
const inCi = process.env.CI !== undefined && process.env.CI !== '' && process.env.CI !== 'false'

// Each step is a command line; the arguments of the task are added to the last one. A leading `!` keeps a step silent unless it fails.
const build = ['!turbo', 'run', 'build', '--output-logs=errors-only']
const conformance = join('packages', 'conformance', 'dist')
const tasks = {
  build: [build],
  demo: [build, ['node', join(conformance, 'demo.js')]],
  test: [build, ['vitest', 'run', '--project', '!interop', '--project', '!proof']],
  interop: [build, ['vitest', 'run', '--project', 'interop']],
  peers: [['node', join('scripts', 'peers.mjs')]],
  proof: [build, ['vitest', 'run', '--project', 'proof']],
  lines: [build, ['node', 'scripts/lines.ts']],
  typecheck: [
    ['!turbo', 'run', 'typecheck', '--continue', '--output-logs=errors-only'],
    ['!tsc', '-p', 'tsconfig.json'],
  ],
  lint: [['oxlint', '--type-aware', '--deny-warnings']],
  format: [['oxfmt', '.']],
  'format:check': [['oxfmt', '--check', '.']],
  api: [build, ['node', 'scripts/api-report.ts']],
  'api:update': [build, ['node', 'scripts/api-report.ts', '--update']],
  packages: [build, ['node', 'scripts/package-check.ts']],
  bench: [build, ['node', 'benchmarks/src/main.ts']],
  'reference-server': [build, ['node', join(conformance, 'reference-server.js')]],
  'reference-client': [build, ['node', join(conformance, 'reference-client.js')]],
  exec: [[]],
}
const checks = ['test', 'typecheck', 'lint', 'format:check', 'api', 'packages']

const environment = {
  ...process.env,
  PATH: [pinnedNode, join(modules, '.bin'), process.env.PATH ?? ''].join(delimiter),
  TURBO_TELEMETRY_DISABLED: '1',
  TURBO_NO_UPDATE_NOTIFIER: '1',
  DO_NOT_TRACK: '1',
  ...(process.stdout.isTTY ? {} : { NO_COLOR: '1' }),
  COREPACK_ENABLE_STRICT: '0',
  NPM_CONFIG_UPDATE_NOTIFIER: 'false',
}

process.exitCode = await main(process.argv.slice(2))

async function main([task, ...args]) {
  if (task !== 'check' && !Object.hasOwn(tasks, task ?? '')) {
    console.error(`usage: node scripts/run.mjs <${Object.keys(tasks).join(' | ')} | check> [arguments]`)
    return 2
  }
  const installed = install()
  if (installed !== 0) return installed
  for (const name of task === 'check' ? checks : [task]) {
    const code = await runTask(tasks[name], args[0] === '--' ? args.slice(1) : args)
    if (code !== 0) return code
    if (tasks[name].at(-1)[0]?.startsWith('!')) console.log(`${name}: ok`)
  }
  return 0
}

async function runTask(steps, args) {
  for (const [index, step] of steps.entries()) {
    const line = index === steps.length - 1 ? [...step, ...args] : step
    const code = line[0].startsWith('!') ? runQuietly(line) : await runInSight(line)
    if (code !== 0) return code
  }
  return 0
}

function runQuietly([tool, ...args]) {
  const result = spawnSync(tool.slice(1), args, {
    cwd: root,
    env: environment,
    stdio: ['ignore', 'pipe', 'pipe'],
    shell: windows,
  })
  if (result.status === 0) return 0
  process.stderr.write(result.stdout ?? '')
  process.stderr.write(result.stderr ?? '')
  console.error(`${tool.slice(1)} ${args.join(' ')} failed${result.error ? `: ${result.error.message}` : ''}`)
  return result.status ?? 1
}

function runInSight([tool, ...args]) {
  const child = spawn(tool, args, {
    cwd: root,
    env: environment,
    stdio: ['ignore', 'inherit', 'inherit'],
    shell: windows,
  })
  const forward = (signal) => child.kill(signal)
  process.on('SIGINT', forward).on('SIGTERM', forward)
  return new Promise((resolve) => {
    child.once('error', (error) => {
      console.error(`${tool}: ${error.message}`)
      resolve(127)
    })
    child.once('close', (code, signal) => {
      process.off('SIGINT', forward).off('SIGTERM', forward)
      resolve(code ?? (signal === null ? 1 : 128))
    })
  })
}

// Installs only when a manifest or the lockfile differs from what was installed last, so that a second run starts at once.
function install() {
  const wanted = manifestDigest()
  if (existsSync(stampFile) && readFileSync(stampFile, 'utf8') === wanted && existsSync(pinnedNode)) return 0
  console.error('installing the tool chain …')
  const { packageManager } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
  const args = [
    '-y',
    packageManager,
    'install',
    inCi ? '--frozen-lockfile' : '--no-frozen-lockfile',
    '--reporter=append-only',
  ]
  const result = spawnSync('npx', args, {
    cwd: root,
    env: { ...environment, PATH: process.env.PATH, CI: 'true' },
    stdio: ['ignore', 'pipe', 'pipe'],
    shell: windows,
  })
  if (result.status !== 0) {
    process.stderr.write(result.stdout ?? '')
    process.stderr.write(result.stderr ?? '')
    console.error('the install failed')
    return result.status ?? 1
  }
  mkdirSync(modules, { recursive: true })
  writeFileSync(stampFile, manifestDigest())
  return 0
}

function manifestDigest() {
  const hash = createHash('sha256').update(process.platform).update(process.arch)
  const files = [
    'package.json',
    'pnpm-lock.yaml',
    'pnpm-workspace.yaml',
    'benchmarks/package.json',
    'docs/package.json',
  ]
  for (const name of readdirSync(join(root, 'packages')).toSorted())
    files.push(join('packages', name, 'package.json'))
  for (const file of files) {
    const path = join(root, file)
    if (existsSync(path)) hash.update(file).update(readFileSync(path))
  }
  return hash.digest('hex')
}
