// The programs that run in processes of their own, as plain JavaScript: types are stripped once, here, before anything starts.
// Node would strip them in each child, and the memory that this takes (30 MiB and more) would hide what a server holds.
// The built packages are copied beside them, so that a build that runs meanwhile changes nothing in the middle of a run.
// In: a path under `src`, as `servers/floor.ts`. Out: the file to run, under `results/.js`.
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { stripTypeScriptTypes } from 'node:module'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const source = fileURLToPath(new URL('..', import.meta.url))
const packages = fileURLToPath(new URL('../../../packages', import.meta.url))
const target = fileURLToPath(new URL('../../results/.js', import.meta.url))
const PACKAGES: readonly string[] = ['core', 'util', 'client', 'server']
let stripped = false

/** Where the JavaScript of a program is. */
export function scriptPath(name: string): string {
  if (!stripped) stripAll()
  stripped = true
  return join(target, name.replace(/\.ts$/, '.js'))
}

function stripAll(): void {
  silenceWarnings()
  rmSync(target, { recursive: true, force: true })
  for (const name of readdirSync(source, { recursive: true, encoding: 'utf8' })) {
    if (!name.endsWith('.ts')) continue
    const script = stripTypeScriptTypes(readFileSync(join(source, name), 'utf8'))
    const place = join(target, name.replace(/\.ts$/, '.js'))
    mkdirSync(dirname(place), { recursive: true })
    writeFileSync(place, script.replaceAll(/((?:from|import|import\() *'\.[^']*)\.ts'/g, "$1.js'"))
  }
  writeFileSync(join(target, 'package.json'), '{ "type": "module" }\n')
  for (const name of PACKAGES) copyPackage(name)
}

// A package without `dist` is left out: what needs it fails by name.
function copyPackage(name: string): void {
  const dist = join(packages, name, 'dist')
  if (!existsSync(dist)) return
  const place = join(target, 'node_modules', '@hyper', name)
  cpSync(dist, join(place, 'dist'), { recursive: true })
  cpSync(join(packages, name, 'package.json'), join(place, 'package.json'))
}

// Node warns that this call is experimental, one turn later; what it does with a `.ts` file by itself is the same thing.
function silenceWarnings(): void {
  const listeners = process.listeners('warning')
  process.removeAllListeners('warning')
  setImmediate(() => {
    for (const listener of listeners) process.on('warning', listener)
  })
}
