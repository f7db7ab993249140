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

const documents = places.flatMap((place) => globSync(place, { cwd: root }))

test('every relative link in a document leads somewhere', () => {
  expect(documents).toContain('README.md')
  expect(documents.flatMap((file) => brokenLinks(join(root, file)))).toEqual([])
})

test('every link to a heading finds it', () => {
  expect(documents.flatMap((file) => lostHeadings(join(root, file)))).toEqual([])
})

const proseOf = (file: string): string => readFileSync(file, 'utf8').replaceAll(/```[\s\S]*?```/g, '')

function lostHeadings(file: string): string[] {
  return [...proseOf(file).matchAll(/\]\(([^)#\s]*)#([^)\s]+)\)/g)]
    .filter(([, target = '']) => !/^[a-z]+:/.test(target) && (target === '' || target.endsWith('.md')))
    .filter(([, target = '', anchor = '']) => {
      const page = target === '' ? file : join(dirname(file), target)
      return !existsSync(page) || !anchorsOf(page).has(anchor)
    })
    .map(([link]) => `${relative(root, file)}: ${link}`)
}

/** Headings as they are linked to: lower-case, without punctuation, hyphens for spaces. */
function anchorsOf(page: string): Set<string> {
  return new Set(
    Array.from(proseOf(page).matchAll(/^#+ (.+)$/gm), ([, heading = '']) =>
      heading
        .toLowerCase()
        .replaceAll(/[^\p{L}\p{N}\- _]/gu, '')
        .replaceAll(' ', '-'),
    ),
  )
}

function brokenLinks(file: string): string[] {
  const text = proseOf(file)
  return [...text.matchAll(/\]\(([^)#\s]+)(?:#[^)]*)?\)/g)]
    .map(([, target = '']) => target)
    .filter((target) => !/^[a-z]+:/.test(target) && !existsSync(join(dirname(file), target)))
    .map((target) => `${relative(root, file)}: ${target}`)
}
