import { execFileSync } from 'node:child_process'
import { realpathSync } from 'node:fs'
import { isForeign, runtimeMissing, runtimeNames, runtimeProgram } from '@hyper/runtimes'
import { expect, test } from 'vitest'

for (const name of runtimeNames) {
  const missing = runtimeMissing(name)
  test.skipIf(missing !== null)(missing ?? `${name} is what it is named after`, () => {
    const version = execFileSync(runtimeProgram(name) ?? '', ['--version'], { encoding: 'utf8' })
    expect(version).toMatch(VERSIONS[name])
  })
}

const VERSIONS = { node22: /^v22\./, node26: /^v26\./, deno: /^deno 2\./, bun: /^1\./ }

// Set by `npm run lines`: a suite that ran on the pinned Node all the same would pass for nothing.
const line = runtimeNames.find((name) => name === process.env['HYPER_LINE'])

if (line !== undefined) {
  test(`tests run on ${line}: ${process.version}`, () => {
    expect(realpathSync(process.execPath)).toBe(realpathSync(runtimeProgram(line) ?? ''))
    expect('Deno' in globalThis).toBe(line === 'deno')
    expect('Bun' in globalThis).toBe(line === 'bun')
  })

  test.skipIf(isForeign(line))(`and so does what they start as node: ${process.version}`, () => {
    expect(execFileSync('node', ['--version'], { encoding: 'utf8' }).trim()).toBe(process.version)
  })
}
