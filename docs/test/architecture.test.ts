import { basename, dirname, join } from 'node:path'
import { expect, test } from 'vitest'
import { pages, read } from '../tools/pages.ts'

// The list of rooms in ARCHITECTURE.md against the files of the core.

const FOLDERS = ['error', 'bytes', 'rt', 'http', 'body', 'service', 'trace', 'h1', 'h2', 'drive']

const sections = read('ARCHITECTURE.md').split(/^### /m)

test.each(FOLDERS)('every file of %s has its line, and every line its file', (folder) => {
  const section = sections.find((text) => text.startsWith(`\`${folder}\``)) ?? ''
  const listed = Array.from(section.matchAll(/^\| ([^|]+) \|/gm)).flatMap(([, cell = '']) =>
    Array.from(cell.matchAll(/`([\w/-]+\.ts)`/g), ([, name = '']) => name),
  )
  const base = `packages/core/src/${folder}/`
  const files = pages(`${base}**/*.ts`).map((file) => file.slice(base.length))
  expect(listed.toSorted()).toEqual(files.toSorted())
})

test.each([
  ['connecting', 'util/src/connect'],
  ['the pool', 'util/src/pool'],
  ['the node-shaped server', 'server/src/node'],
  ['tunnels', 'util/src/tunnel'],
  ['Bun', 'util/src/bun'],
  ['Deno', 'util/src/deno'],
])('every file of %s has its line, and every line its file', (rooms, folder) => {
  const section = read('ARCHITECTURE.md')
    .split(/^## /m)
    .find((text) => text.startsWith(`The rooms of ${rooms}`))
  const listed = Array.from((section ?? '').matchAll(/^\| ([^|]+) \|/gm)).flatMap(([, cell = '']) =>
    Array.from(cell.matchAll(/`([\w/-]+\.ts)`/g), ([, name = '']) => name),
  )
  const base = `packages/${folder}/`
  expect(listed.toSorted()).toEqual(
    pages(`${base}**/*.ts`)
      .map((file) => file.slice(base.length))
      .toSorted(),
  )
})

/** The sections of adapters and of the server; what is about accepting stands in a section of its own, by its path. */
const PARTS = [
  ...['runtime', 'node', 'web', 'memory', 'completion', 'body', 'server', 'platform'].map(
    (name) => `util/src/${name}`,
  ),
  ...['util/src/server/proxied', 'server/src', 'server/src/fetch', 'server/src/websocket'],
]

test.each(PARTS)('every file of %s has its line, and every line its file', (folder) => {
  const accepting = read('ARCHITECTURE.md')
    .split(/^## /m)
    .find((text) => text.startsWith('The rooms of accepting'))
  const listed = [
    ...rowsOf(sections.find((text) => text.startsWith(`\`${folder}\``)) ?? '').flat(),
    ...rowsOf(accepting ?? '').flatMap(([first = '', ...others]) =>
      dirname(first) === folder ? [basename(first), ...others] : [],
    ),
  ]
  const files = pages(`packages/${folder}/*.ts`).map((file) => basename(file))
  expect(listed.toSorted()).toEqual(files.toSorted())
})

/** The files that the first cell of each row names. */
function rowsOf(section: string): string[][] {
  return Array.from(section.split(/^## /m)[0]?.matchAll(/^\| ([^|]+) \|/gm) ?? [], ([, cell = '']) =>
    Array.from(cell.matchAll(/`([\w/-]+\.ts)`/g), ([, name = '']) => name),
  )
}

test('rooms import only rooms above them, but for the exceptions that are named', () => {
  const found = new Set<string>()
  for (const file of FOLDERS.flatMap((folder) => pages(`packages/core/src/${folder}/**/*.ts`))) {
    for (const [, target = ''] of read(file).matchAll(/from '(\.[^']+)'/g)) {
      const [from, to] = [roomOf(file), roomOf(join(dirname(file), target))]
      if (FOLDERS.indexOf(to) > FOLDERS.indexOf(from))
        found.add(from === 'http' ? `http to ${to}` : `${file.slice(18)} to ${to}`)
    }
  }
  expect([...found].toSorted()).toEqual(['h1/index.ts to drive', 'h2/index.ts to drive', 'http to body'])
})

function roomOf(file: string): string {
  return file.split('/')[3] ?? ''
}
