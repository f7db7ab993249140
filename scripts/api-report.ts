// The public surface as a reviewed diff. In: the declarations that were built, `packages/*/dist/*.d.ts`. Out: the same text under
// `packages/*/api/`, which is committed. Without `--update` a difference fails, so that no change of the surface goes unseen.
// Beside them, `api/foreign-types.json` lists by hand every type of someone else that the surface may show: such a type is a promise
// that we do not control, so adding one is a decision, and `--update` leaves that list alone.
import { existsSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { foreignTypes } from './lib/foreign-types.ts'
import { publicPackages, root } from './lib/workspace.ts'
import type { Package } from './lib/workspace.ts'

const update = process.argv.includes('--update')
const problems: string[] = []
let doors = 0

for (const one of publicPackages) {
  const wanted = report(one)
  const directory = join(one.directory, 'api')
  const reviewed = existsSync(directory)
    ? readdirSync(directory).filter((name) => name.endsWith('.d.ts'))
    : []
  mkdirSync(directory, { recursive: true })
  for (const [name, text] of wanted) compare(join(directory, name), text)
  for (const name of reviewed) if (!wanted.has(name)) drop(join(directory, name))
  checkForeign(join(directory, 'foreign-types.json'), foreignTypes([...wanted.values()]))
  doors += wanted.size
}

if (problems.length > 0) {
  console.error(problems.join('\n\n'))
  console.error(
    `\nThe public surface differs from what was reviewed. If that is meant: pnpm api:update, and commit the difference.`,
  )
  process.exitCode = 1
} else {
  console.log(`API report: ${doors} files ${update ? 'written' : 'as reviewed'}`)
}

function report(one: Package): Map<string, string> {
  const files = new Map<string, string>()
  for (const name of declarations(one)) {
    const text = readFileSync(join(one.directory, 'dist', name), 'utf8')
    files.set(name, `${text.replace(/^\/\/# sourceMappingURL=.*$/gm, '').trimEnd()}\n`)
  }
  return files
}

function declarations(one: Package): string[] {
  const dist = join(one.directory, 'dist')
  return existsSync(dist)
    ? readdirSync(dist)
        .filter((name) => name.endsWith('.d.ts'))
        .toSorted()
    : []
}

function checkForeign(file: string, found: readonly string[]): void {
  const allowed = existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as readonly string[]) : []
  const added = found.filter((name) => !allowed.includes(name)).map((name) => `  + ${JSON.stringify(name)}`)
  const stale = allowed.filter((name) => !found.includes(name)).map((name) => `  - ${JSON.stringify(name)}`)
  if (added.length + stale.length === 0) return
  problems.push([`${relative(root, file)} (edit by hand)`, ...added, ...stale].join('\n'))
}

function compare(file: string, text: string): void {
  const before = existsSync(file) ? readFileSync(file, 'utf8') : ''
  if (before === text) return
  if (update) writeFileSync(file, text)
  else problems.push(`${relative(root, file)}\n${difference(before, text)}`)
}

function drop(file: string): void {
  if (update) rmSync(file)
  else problems.push(`${relative(root, file)} is no longer part of the surface`)
}

// Lines that left and lines that came; enough to see what changed, while the commit shows it in place.
function difference(before: string, after: string): string {
  const old = new Set(before.split('\n'))
  const now = new Set(after.split('\n'))
  const gone = [...old].filter((line) => !now.has(line)).map((line) => `  - ${line}`)
  const came = [...now].filter((line) => !old.has(line)).map((line) => `  + ${line}`)
  const all = [...gone, ...came]
  return (
    [...all.slice(0, 40), ...(all.length > 40 ? [`  … and ${all.length - 40} more`] : [])].join('\n') ||
    '  (order of lines)'
  )
}
