import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { promisify } from 'node:util'
import { afterEach, expect, test } from 'vitest'
import { blocksOf, pages, root } from '../tools/pages.ts'

// Whoever pastes the blocks of a page one below the other has a program: every name in it was imported or made before,
// but for those that the page explains.

const LONG = 120_000

const PAGES = ['README.md', ...pages('docs/guide/*.md', 'packages/{core,util,client,server}/README.md')]

/** Said on the page: the address of some server, and the like. */
const EXPLAINED: Readonly<Record<string, string>> = {
  'docs/guide/client-layers.md': 'declare const url: string',
  'docs/guide/client.md': 'declare const url: string',
  'docs/guide/connecting.md': 'declare const cert: Buffer, port: string, proxyPort: number, url: string',
  'docs/guide/fetch.md': 'declare const url: string',
  'docs/guide/pooling.md': 'declare const url: string',
  'docs/guide/undici.md': 'declare const url: string',
  'packages/client/README.md': 'declare const url: string',
}

const cleanUp: (() => void)[] = []
afterEach(() => {
  for (const clean of cleanUp.splice(0)) clean()
})

test(
  'the blocks of a page that come from one example make a program',
  async () => {
    const directory = mkdtempSync(join(root, 'docs/examples/pasted-'))
    cleanUp.push(() => rmSync(directory, { recursive: true, force: true }))
    const files: string[] = []
    for (const page of PAGES) {
      const programs = Map.groupBy(blocksOf(page), ({ file }) => file)
      for (const [file, blocks] of programs) {
        if (file === null) continue
        const name = `${page.replaceAll(/[./]/g, '-')}-${basename(file)}`
        const code = [EXPLAINED[page] ?? '', ...blocks.map(({ text }) => text), 'export {}']
        writeFileSync(join(directory, name), code.join('\n').replaceAll("from './", "from '../"))
        files.push(name)
      }
    }
    expect(await complaints(directory, files, {})).toEqual([])
    // What a program gets that names no library: the declarations of the DOM before Node's.
    const lib = ['es2024', 'esnext.disposable', 'dom', 'dom.iterable', 'dom.asynciterable']
    expect(await complaints(directory, files, { lib })).toEqual([])
  },
  LONG,
)

/** What the compiler says of the programs, except of names that are made and not used. */
async function complaints(directory: string, files: readonly string[], given: object): Promise<string[]> {
  const compilerOptions = { noUnusedLocals: false, noUnusedParameters: false, ...given }
  const config = { extends: '../../tsconfig.json', compilerOptions, include: files }
  writeFileSync(join(directory, 'tsconfig.json'), JSON.stringify(config))
  const compiler = join(root, 'node_modules/.bin/tsc')
  const options = { shell: process.platform === 'win32' }
  const said = await promisify(execFile)(compiler, ['-p', directory, '--noEmit'], options).then(
    ({ stdout }) => stdout,
    (error: unknown) => (error as { stdout: string }).stdout,
  )
  return said.split('\n').filter((line) => line.includes(basename(directory)) && line.includes('error TS'))
}
