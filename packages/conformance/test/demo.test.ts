// The demo, as a person would run it.
import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'

const program = join(import.meta.dirname, '..', 'src', 'demo.ts')

test('shows eight steps and ends well, without colour in a pipe', async () => {
  const { stdout } = await promisify(execFile)(process.execPath, ['-C', 'source', program])
  expect(stdout).toContain('HTTP/1.1 400 Bad Request\\r\\n')
  expect(stdout).toMatch(/\n {2}ok {2}8 steps, [0-9,]+ requests, [0-9.]+ s\n/)
  expect(stdout).not.toContain('\u001b')
})
