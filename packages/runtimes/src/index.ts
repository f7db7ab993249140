// Where the programs of further runtimes are. In: the name of a dependency of this package. Out: a path, or null where it has
// brought no program for this platform. Programs are never taken from `.bin`: the lines of Node fight over one name there, and
// what Deno and Bun put there is a script that needs an install step.
import { existsSync, realpathSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'

const { arch, platform } = process
const windows: boolean = platform === 'win32'
const ending: string = windows ? '.exe' : ''
const nodePlace: string = windows ? 'node/bin/node.exe' : 'node/bin/node'
const bunPlace: string = `@oven/bun-${windows ? 'windows' : platform}-${arch === 'arm64' ? 'aarch64' : arch}`

/** Where a program may be, seen from the directory that its package was installed into. */
const PLACES = {
  node22: [nodePlace],
  node26: [nodePlace],
  deno: [`@deno/${platform}-${arch}${platform === 'linux' ? '-glibc' : ''}/deno${ending}`],
  bun: [`${bunPlace}/bin/bun${ending}`, `${bunPlace}-musl/bin/bun${ending}`],
} as const satisfies Record<string, readonly string[]>

export type RuntimeName = keyof typeof PLACES

/** The further lines of Node, and then those runtimes that are not Node. */
export const runtimeNames: readonly RuntimeName[] = Object.keys(PLACES) as RuntimeName[]

/** Whether a runtime is none of the lines of Node, and has sockets of its own. */
export function isForeign(name: RuntimeName): boolean {
  return !name.startsWith('node')
}

/** The program of a runtime. */
export function runtimeProgram(name: RuntimeName): string | null {
  try {
    const manifest = realpathSync(createRequire(import.meta.url).resolve(`${name}/package.json`))
    const installed = dirname(dirname(manifest))
    return PLACES[name].map((place) => join(installed, place)).find((place) => existsSync(place)) ?? null
  } catch {
    return null
  }
}

/** Why a runtime cannot be used here; null when it can. */
export function runtimeMissing(name: RuntimeName): string | null {
  if (runtimeProgram(name) !== null) return null
  return `${name} has no program for ${platform}-${arch}`
}
