// The programs that run in processes of their own, as plain JavaScript: types are stripped once, here, before anything starts.
// Node would strip them in each child, and the memory that this takes (30 MiB and more) would hide what a server holds.
// The built packages are copied beside them, so that a build that runs meanwhile changes nothing in the middle of a run.
// In: a path under `src`, as `servers/floor.ts`. Out: the file to run, in a directory of this run that goes away with it.
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { stripTypeScriptTypes } from 'node:module'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const PACKAGES: readonly string[] = ['core', 'util', 'client', 'server']
/** Of these the files themselves, for what no door gives: single parts of the machines, and links on a virtual clock. */
const SOURCES: readonly string[] = ['core', 'testkit']
const source = fileURLToPath(new URL('..', import.meta.url))
const root = fileURLToPath(new URL('../../..', import.meta.url))
const runs = fileURLToPath(new URL('../../results/.runs', import.meta.url))
const target = join(runs, String(process.pid))
/** The programs over this tree's packages, and the same programs over another tree's. */
const here = join(target, 'here')
const there = join(target, 'there')
let isReady = false

/** Where the JavaScript of a program is. */
export function scriptPath(name: string): string {
  if (!isReady) prepare()
  return join(here, name.replace(/\.ts$/, '.js'))
}

/** Copies every program once more, beside the built packages of the tree at `root`. */
export function prepareOther(otherRoot: string): void {
  if (!isReady) prepare()
  stripAll(there)
  for (const name of PACKAGES) copyPackage(otherRoot, name, there)
  for (const name of SOURCES) stripPackage(otherRoot, name, there)
}

/** A command line over the packages given to {@link prepareOther}, for one over this tree's. */
export function relocate(command: readonly string[]): string[] {
  return command.map((word) => (word.startsWith(here) ? there + word.slice(here.length) : word))
}

function prepare(): void {
  isReady = true
  removeLeftovers()
  stripAll(here)
  for (const name of PACKAGES) copyPackage(root, name, here)
  for (const name of SOURCES) stripPackage(root, name, here)
  process.on('exit', () => rmSync(target, { recursive: true, force: true }))
}

function stripAll(directory: string): void {
  silenceWarnings()
  strip(source, directory)
  writeFileSync(join(directory, 'package.json'), '{ "type": "module" }\n')
}

function stripPackage(from: string, name: string, directory: string): void {
  strip(join(from, 'packages', name, 'src'), join(directory, 'packages', name, 'src'))
}

// Imports keep their places: of neighbours, and of packages' own files, which are two directories nearer than in the tree.
function strip(from: string, directory: string): void {
  if (!existsSync(from)) return
  for (const name of readdirSync(from, { recursive: true, encoding: 'utf8' })) {
    if (!name.endsWith('.ts')) continue
    const script = stripTypeScriptTypes(readFileSync(join(from, name), 'utf8'))
    const place = join(directory, name.replace(/\.ts$/, '.js'))
    mkdirSync(dirname(place), { recursive: true })
    const named = script.replaceAll(/((?:from|import|import\() *'\.[^']*)\.ts'/g, "$1.js'")
    writeFileSync(place, named.replaceAll("'../../../packages/", "'../packages/"))
  }
}

// A package without `dist` is left out: what needs it fails by name.
function copyPackage(from: string, name: string, directory: string): void {
  const dist = join(from, 'packages', name, 'dist')
  if (!existsSync(dist)) return
  const place = join(directory, 'node_modules', '@hyper', name)
  cpSync(dist, join(place, 'dist'), { recursive: true })
  cpSync(join(from, 'packages', name, 'package.json'), join(place, 'package.json'))
}

// Of runs that were killed.
function removeLeftovers(): void {
  if (!existsSync(runs)) return
  for (const pid of readdirSync(runs)) {
    if (!isAlive(Number(pid))) rmSync(join(runs, pid), { recursive: true, force: true })
  }
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch {
    return false
  }
}

// Node warns that stripping is experimental, one turn later; what it does with a `.ts` file by itself is the same thing.
function silenceWarnings(): void {
  const listeners = process.listeners('warning')
  process.removeAllListeners('warning')
  setImmediate(() => {
    for (const listener of listeners) process.on('warning', listener)
  })
}

/** Whether HTTP/2 is in what was built: a name behind the core's own door, or a package's use of that door. */
export function speaksHttp2(name: 'core' | 'server' | 'client', member: string = 'serveConnection'): boolean {
  const dist = join(root, 'packages', name, 'dist')
  if (name === 'core')
    return existsSync(join(dist, 'h2.js')) && readFileSync(join(dist, 'h2.js'), 'utf8').includes(member)
  if (!existsSync(dist)) return false
  const scripts = readdirSync(dist).filter((file) => file.endsWith('.js'))
  const sign = name === 'client' ? '@hyper/util/pool' : '@hyper/core/h2'
  return scripts.some((file) => readFileSync(join(dist, file), 'utf8').includes(sign))
}
