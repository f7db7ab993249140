import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { expect, test } from 'vitest'

// `./web`, `./memory`, `./completion`, `./connect`, `./server`, `./body` and `./tunnel` load where there is no Node: neither they nor what they
// share may ask for it, in the source or in what is published.

const root = dirname(import.meta.dirname)
const doors = ['web', 'memory', 'completion', 'connect', 'server', 'body', 'tunnel']

test.each(doors)('src/%s imports nothing of Node', (door) => {
  expect(platformImports(join(root, 'src', door, 'index.ts'))).toEqual([])
})

const dist = join(root, 'dist')
test.runIf(existsSync(dist)).each(doors)('dist/%s.js imports nothing of Node', (door) => {
  expect(readdirSync(dist)).toContain(`${door}.js`)
  expect(platformImports(join(dist, `${door}.js`))).toEqual([])
})

test('the doors of the platforms have the same names', () => {
  const [node, deno, bun] = ['node', 'deno', 'bun'].map((name) => exported(name))
  expect(node).toContain('listen')
  expect([deno, bun]).toEqual([node, node])
})

/** The names that a door of the platform gives. */
function exported(name: string): string[] {
  const text = readFileSync(join(root, 'src', 'platform', `${name}.ts`), 'utf8')
  const lists = [...text.matchAll(/export (?:type )?\{([^}]*)\}/g)].flatMap(([, list = '']) =>
    list.split(','),
  )
  const names = lists.map((entry) => entry.trim().split(' ').at(-1) ?? '')
  const constants = [...text.matchAll(/export const (\w+)/g)].map(([, constant = '']) => constant)
  return [...names, ...constants].filter((one) => one !== '').toSorted((a, b) => (a < b ? -1 : 1))
}

// Deno's sockets are its own: none of what it has to look like Node is loaded for them.
const small = ['node:async_hooks', 'node:buffer', 'node:dns', 'node:process', 'node:stream']

test('src/platform/deno.ts imports no sockets of Node', () => {
  expect(modules(join(root, 'src', 'platform', 'deno.ts'))).toEqual(small)
})

test.runIf(existsSync(dist))('dist/platform-deno.js imports no sockets of Node', () => {
  expect(modules(join(dist, 'platform-deno.js'))).toEqual(small)
})

function modules(file: string): string[] {
  return [...new Set(platformImports(file).map((line) => line.slice(line.indexOf(': ') + 2)))].toSorted()
}

/** Every `node:` import that is reached from a file, with the file that has it. */
function platformImports(file: string, seen: Set<string> = new Set()): string[] {
  if (seen.has(file)) return []
  seen.add(file)
  const found: string[] = []
  for (const [, specifier = ''] of readFileSync(file, 'utf8').matchAll(
    /(?:from|import)\s*\(?['"]([^'"]+)['"]/g,
  )) {
    if (specifier.startsWith('node:')) found.push(`${file}: ${specifier}`)
    else if (specifier.startsWith('.'))
      found.push(...platformImports(resolve(dirname(file), specifier), seen))
  }
  return found
}
