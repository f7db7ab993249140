import { existsSync, globSync, readFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { expect, test } from 'vitest'

const root = dirname(dirname(import.meta.dirname))
const places = [
  '*.md',
  '.changeset/*.md',
  'benchmarks/*.md',
  'docs/*.md',
  'docs/{decisions,guide,examples}/**/*.md',
  'packages/*/*.md',
]

test('every relative link in a document leads somewhere', () => {
  const documents = places.flatMap((place) => globSync(place, { cwd: root }))
  expect(documents).toContain('README.md')
  expect(documents.flatMap((file) => brokenLinks(join(root, file)))).toEqual([])
})

function brokenLinks(file: string): string[] {
  const text = readFileSync(file, 'utf8').replaceAll(/```[\s\S]*?```/g, '')
  return [...text.matchAll(/\]\(([^)#\s]+)(?:#[^)]*)?\)/g)]
    .map(([, target = '']) => target)
    .filter((target) => !/^[a-z]+:/.test(target) && !existsSync(join(dirname(file), target)))
    .map((target) => `${relative(root, file)}: ${target}`)
}
