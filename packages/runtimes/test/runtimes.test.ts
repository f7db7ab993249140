import { execFileSync } from 'node:child_process'
import { runtimeMissing, runtimeNames, runtimeProgram } from '@hyper/runtimes'
import { expect, test } from 'vitest'

for (const name of runtimeNames) {
  const missing = runtimeMissing(name)
  test.skipIf(missing !== null)(missing ?? `${name} is of the line that it is named after`, () => {
    const version = execFileSync(runtimeProgram(name) ?? '', ['--version'], { encoding: 'utf8' })
    expect(version.slice(0, 3)).toBe(`v${name.slice(-2)}`)
  })
}

// Set by `npm run lines`: a suite that ran on the pinned Node all the same would pass for nothing.
const line = runtimeNames.find((name) => name === process.env['HYPER_LINE'])

if (line !== undefined) {
  test(`tests run on ${process.version}`, () => {
    expect(process.execPath).toBe(runtimeProgram(line))
    expect(execFileSync('node', ['--version'], { encoding: 'utf8' }).trim()).toBe(process.version)
  })
}
