// What the checks know of the workspace: where it is, and which of its packages people install.
import { readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'

export interface Manifest {
  readonly name: string
  readonly exports: Readonly<Record<string, string | Readonly<Record<string, string>>>>
  readonly dependencies?: Readonly<Record<string, string>>
}

export interface Package {
  readonly short: string
  readonly directory: string
  readonly manifest: Manifest
}

export const root: string = dirname(dirname(import.meta.dirname))

export const publicPackages: readonly Package[] = ['core', 'util', 'client', 'server'].map((short) => {
  const directory = join(root, 'packages', short)
  return {
    short,
    directory,
    manifest: JSON.parse(readFileSync(join(directory, 'package.json'), 'utf8')) as Manifest,
  }
})
