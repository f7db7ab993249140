// What a package looks like to the person who installs it. In: the built packages. Out: a list of what is wrong, or one line.
// publint reads each package as it would be packed; then every door is opened with plain Node, its declarations are checked as a
// strict reader's compiler would, and the arrows between packages are held: core <- util <- client and server. On Deno and on Bun no door
// that people use loads what stands in for Node's sockets there.
import { execFileSync } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { publint } from 'publint'
import { formatMessage } from 'publint/utils'
import { publicPackages } from './lib/workspace.ts'
import type { Package } from './lib/workspace.ts'

const ARROWS: Readonly<Record<string, readonly string[]>> = {
  core: [],
  util: ['@hyper/core'],
  client: ['@hyper/core', '@hyper/util'],
  server: ['@hyper/core', '@hyper/util'],
}

/** These run on the sockets of the runtime itself; as do the doors of `@hyper/util` that they load. */
const OWN_SOCKETS = ['@hyper/server', '@hyper/client', '@hyper/client/layers', '@hyper/client/websocket']

/** What Deno and Bun have of Node's sockets. On Bun `node:tls` makes certificates and keys of options, which needs none of them. */
const EMULATION = {
  deno: ['node:net', 'node:tls', 'node:http', 'node:https', 'node:http2'],
  bun: ['node:net', 'node:http', 'node:https', 'node:http2'],
} as const

/** What is loaded with a built file. */
const IMPORTS = /^(?:import|export)\b[^'"]*["']([^'"]+)["']/gm

const problems: string[] = []
let doors = 0
for (const one of publicPackages) {
  checkArrows(one)
  await checkManifest(one)
  openDoors(one)
  checkTypes(one)
}
for (const runtime of ['deno', 'bun'] as const) for (const door of OWN_SOCKETS) checkLoads(runtime, door)

if (problems.length > 0) {
  console.error(problems.join('\n'))
  process.exitCode = 1
} else {
  console.log(`packages: ${publicPackages.length} are sound, ${doors} doors open`)
}

function checkArrows({ short, manifest }: Package): void {
  for (const name of Object.keys(manifest.dependencies ?? {})) {
    if (!ARROWS[short]?.includes(name)) problems.push(`${manifest.name} must not depend on ${name}`)
  }
}

async function checkManifest({ directory, manifest }: Package): Promise<void> {
  const { messages, pkg } = await publint({
    pkgDir: directory,
    level: 'suggestion',
    strict: true,
    pack: 'pnpm',
  })
  for (const message of messages)
    problems.push(`${manifest.name}: ${formatMessage(message, pkg, { color: false })}`)
}

// In a process of its own without the `source` condition: what opens is the built file, as it will be after an install.
function openDoors({ directory, manifest }: Package): void {
  for (const door of Object.keys(manifest.exports)) {
    if (door === './package.json') continue
    const specifier = join(manifest.name, door)
    const program = `const url = import.meta.resolve('${specifier}'); if (!url.includes('/dist/')) throw new Error(url); await import(url)`
    try {
      execFileSync('node', ['--input-type=module', '--eval', program], {
        cwd: directory,
        stdio: ['ignore', 'ignore', 'pipe'],
      })
      doors += 1
    } catch (error) {
      problems.push(`${specifier} does not open: ${error instanceof Error ? error.message : String(error)}`)
    }
  }
}

// The built declarations by themselves: what was left out of them must not be named in them. Core's need nothing but ECMAScript.
function checkTypes({ short, directory, manifest }: Package): void {
  const files = readdirSync(join(directory, 'dist')).filter((name) => name.endsWith('.d.ts'))
  const platform =
    short === 'core' ? ['--lib', 'es2024'] : ['--lib', 'es2024,esnext.disposable', '--types', 'node']
  const options = [
    '--ignoreConfig',
    '--noEmit',
    '--strict',
    '--exactOptionalPropertyTypes',
    '--module',
    'nodenext',
  ]
  try {
    execFileSync(
      'tsc',
      [...options, '--target', 'es2023', ...platform, ...files.map((name) => join('dist', name))],
      {
        cwd: directory,
        stdio: ['ignore', 'pipe', 'pipe'],
        encoding: 'utf8',
        shell: process.platform === 'win32',
      },
    )
  } catch (error) {
    const said = error instanceof Error && 'stdout' in error ? String(error.stdout) : String(error)
    problems.push(`${manifest.name}: its declarations do not compile\n${said}`)
  }
}

// The built files, as `exports` chooses them for a runtime. What is imported only when it is needed does not count.
function checkLoads(runtime: 'deno' | 'bun', door: string): void {
  const seen = new Set<string>()
  const queue = [fileOf(runtime, door)]
  for (let file = queue.pop(); file !== undefined; file = queue.pop()) {
    if (seen.has(file)) continue
    seen.add(file)
    for (const [, specifier = ''] of readFileSync(file, 'utf8').matchAll(IMPORTS)) {
      if (specifier.startsWith('.')) queue.push(join(dirname(file), specifier))
      else if (specifier.startsWith('@hyper/')) queue.push(fileOf(runtime, specifier))
      else if (EMULATION[runtime].some((name) => name === specifier))
        problems.push(`${door} loads ${specifier} on ${runtime}, by ${file}`)
    }
  }
}

function fileOf(runtime: string, specifier: string): string {
  const [, short, ...rest] = specifier.split('/')
  const one = publicPackages.find((candidate) => candidate.short === short)
  const entry = one?.manifest.exports[['.', ...rest].join('/')] as Conditions | undefined
  const chosen = entry?.[runtime] ?? entry?.['default']
  const path = typeof chosen === 'object' ? chosen['default'] : chosen
  if (one === undefined || typeof path !== 'string')
    throw new Error(`there is no door ${specifier} on ${runtime}`)
  return join(one.directory, path)
}

type Conditions = Readonly<Record<string, string | Readonly<Record<string, string>>>>
