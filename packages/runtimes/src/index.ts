// Where the programs of further runtimes are. In: the name of a dependency of this package. Out: a path, or null where it has
// brought no program for this platform. Programs are never taken from `.bin`: the lines of Node fight over one name there.
import { existsSync, realpathSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'

const windows: boolean = process.platform === 'win32'

/** Where a program may be, seen from the directory that its package was installed into. */
const PLACES = {
  node22: [windows ? 'node/bin/node.exe' : 'node/bin/node'],
  node26: [windows ? 'node/bin/node.exe' : 'node/bin/node'],
} as const satisfies Record<string, readonly string[]>

export type RuntimeName = keyof typeof PLACES

export const runtimeNames: readonly RuntimeName[] = Object.keys(PLACES) as RuntimeName[]

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
  return `${name} has no program for ${process.platform}-${process.arch}`
}
