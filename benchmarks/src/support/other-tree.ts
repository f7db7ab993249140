// Another version of this engine beside the one in the tree: a git reference, taken out and built under `results/.trees`.
// In: a reference. Out: scenarios in which every variant of ours has a twin named `<variant>@<reference>`, run by the same programs.
// The working tree, its index and its branches are not touched.
import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Starter } from './children.ts'
import type { Scenario, Variant } from './plan.ts'
import { prepareOther, relocate } from './scripts.ts'

const root = fileURLToPath(new URL('../../..', import.meta.url))
const trees = fileURLToPath(new URL('../../results/.trees', import.meta.url))
const BUILD_PATIENCE = 300_000

/** Builds the packages at `reference`, unless that was done before. @throws Error with what the failing tool said */
export function buildOther(reference: string): void {
  const commit = run('git', ['rev-parse', '--verify', `${reference}^{commit}`], root).trim()
  const tree = join(trees, commit)
  const done = join(tree, '.built')
  if (!existsSync(done)) {
    console.error(`building ${reference} …`)
    rmSync(tree, { recursive: true, force: true })
    mkdirSync(tree, { recursive: true })
    const archive = join(trees, `${commit}.tar`)
    run('git', ['archive', '--output', archive, commit], root)
    run('tar', ['-xf', archive, '-C', tree], trees)
    rmSync(archive)
    run('pnpm', ['install', '--frozen-lockfile', '--ignore-scripts', '--prefer-offline'], tree)
    for (const name of ['core', 'util', 'client', 'server'])
      run('pnpm', ['run', 'build'], join(tree, 'packages', name))
    writeFileSync(done, `${reference}\n`)
  }
  prepareOther(tree)
}

/** Adds the twins. */
export function withTwins(scenario: Scenario, reference: string): Scenario {
  const originals = new Map<Variant, Variant>()
  const variants = scenario.variants.flatMap((variant) => {
    if (variant.role !== 'ours') return [variant]
    const twin = { ...variant, name: `${variant.name}@${reference}` }
    originals.set(twin, variant)
    return [variant, twin]
  })
  return {
    ...scenario,
    variants,
    run: (variant, context) => {
      const original = originals.get(variant)
      if (original === undefined) return scenario.run(variant, context)
      const { children } = context
      const relocated: Starter = { start: (command, options) => children.start(relocate(command), options) }
      return scenario.run(original, { ...context, children: relocated })
    },
  }
}

function run(program: string, args: readonly string[], cwd: string): string {
  const path = `${dirname(process.execPath)}:${join(root, 'node_modules', '.bin')}:${process.env['PATH'] ?? ''}`
  const env = { ...process.env, PATH: path, CI: 'true' }
  return execFileSync(program, args, {
    cwd,
    env,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: BUILD_PATIENCE,
  })
}
