import { expect, test } from 'vitest'
import { blocksOf, pages, read, regionOf } from '../tools/pages.ts'

// Code on a page is code that runs: it stands in an example, word for word.

const PAGES = ['README.md', ...pages('docs/guide/*.md', 'packages/{core,util,client,server}/README.md')]

test.each(PAGES)('%s: every block of code stands in the example that it names', (page) => {
  for (const { at, file, language, region, text } of blocksOf(page)) {
    if (language !== 'ts') continue
    expect(file, `${at} names no file`).not.toBeNull()
    expect(text, at).toBe(regionOf(file ?? '', region))
  }
})

test('every region of an example stands on a page', () => {
  const shown = new Set(PAGES.flatMap(blocksOf).map(({ file, region }) => `${file}#${region}`))
  const unused = pages('docs/examples/*.ts').flatMap((file) =>
    Array.from(read(file).matchAll(/^\s*\/\/ #region (\S+)$/gm), ([, region]) => `${file}#${region}`).filter(
      (name) => !shown.has(name),
    ),
  )
  expect(unused).toEqual([])
})

// And what it is there for: a library that stands on it.
test('examples import only what is published', () => {
  const foreign = pages('docs/examples/*.ts').flatMap((file) =>
    Array.from(read(file).matchAll(/^import .*?'([^']+)'$/gm), ([, name = '']) => name)
      .filter(
        (name) =>
          !/^(?:node:|@hyper\/(?:core|util|server|client)(?:\/|$)|\.\/[\w-]+\.ts$|ws$|express$|fastify$|@connectrpc\/connect$)/.test(
            name,
          ),
      )
      .map((name) => `${file}: ${name}`),
  )
  expect(foreign).toEqual([])
})
