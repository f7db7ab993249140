// How every package is built, said once. In: a package directory. Out: a tsdown configuration.
// One entry per door (the `source` condition of `exports`), and everything that doors share in one chunk named like the package:
// V8 does not inline across module borders, so many small files in `src` must become few modules in `dist`.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { UserConfig } from 'tsdown'

type Door = string | { readonly source?: string }
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
    const source = typeof target === 'string' ? undefined : target.source
    if (source !== undefined) entries[door === '.' ? 'index' : door.slice(2).replaceAll('/', '-')] = source
  }
  return entries
}

// Code and declarations are bundled in one pass; each gets a chunk of its own, with a name that does not change.
function sharedChunks(packageName: string): { name: string; test: RegExp }[] {
  const name = packageName.slice(packageName.indexOf('/') + 1)
  return [
    { name: `${name}-types.d`, test: /[\\/]src[\\/].*\.d\.ts$/ },
    { name: `${name}-shared`, test: /[\\/]src[\\/].*(?<!\.d)\.ts$/ },
  ]
}
