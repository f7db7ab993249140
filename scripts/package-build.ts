// How every package is built, said once. In: a package directory. Out: a tsdown configuration.
// One entry per door (the `source` condition of `exports`), and everything that doors share in one chunk named like the package:
// V8 does not inline across module borders, so many small files in `src` must become few modules in `dist`.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { UserConfig } from 'tsdown'

type Door = string | Conditions
/** The files of a door by their conditions; a runtime that has files of its own is a condition with conditions in it. */
interface Conditions {
  readonly [condition: string]: Door
}
interface Manifest {
  readonly name: string
  readonly exports: Readonly<Record<string, Door>>
}

export function packageBuild(directory: string, extra: UserConfig = {}): UserConfig {
  const manifest = JSON.parse(readFileSync(join(directory, 'package.json'), 'utf8')) as Manifest
  return {
    entry: doorEntries(manifest),
    format: 'esm',
    platform: 'neutral',
    // Node's own modules are never bundled; a portable package has none (the lint sees to that).
    deps: { neverBundle: [/^node:/] },
    target: 'es2023',
    fixedExtension: false,
    hash: false,
    sourcemap: true,
    clean: true,
    treeshake: true,
    // What is marked `@internal` is for the other packages of this repository, and is left out of what people see.
    dts: { oxc: { stripInternal: true }, sourcemap: false },
    failOnWarn: true,
    logLevel: 'warn',
    outputOptions: { minifyInternalExports: false, codeSplitting: { groups: sharedChunks(manifest.name) } },
    ...extra,
  }
}

function doorEntries(manifest: Manifest): Record<string, string> {
  const entries: Record<string, string> = {}
  for (const [door, target] of Object.entries(manifest.exports)) {
    if (typeof target !== 'string')
      addSources(entries, door === '.' ? 'index' : door.slice(2).replaceAll('/', '-'), target)
  }
  return entries
}

// `./platform` of Deno becomes `platform-deno`.
function addSources(entries: Record<string, string>, name: string, conditions: Conditions): void {
  for (const [condition, target] of Object.entries(conditions)) {
    if (typeof target !== 'string') addSources(entries, `${name}-${condition}`, target)
    else if (condition === 'source') entries[name] = target
  }
}

// Code and declarations are bundled in one pass; each gets a chunk of its own, with a name that does not change.
function sharedChunks(packageName: string): { name: string; test: RegExp }[] {
  const name = packageName.slice(packageName.indexOf('/') + 1)
  return [
    { name: `${name}-types.d`, test: /[\\/]src[\\/].*\.d\.ts$/ },
    { name: `${name}-shared`, test: /[\\/]src[\\/].*(?<!\.d)\.ts$/ },
  ]
}
