// wrk against our server: a short load, pipelined and not. What counts is that nothing fails.
import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'
import { describeWithPeer } from './peer.ts'
import { startReferenceServer } from './reference-server.ts'

const PIPELINE = `
init = function(args)
  local r = {}
  for i = 1, 16 do r[i] = wrk.format(nil, "/") end
  requests = table.concat(r)
end
request = function() return requests end
`

describeWithPeer('wrk', (path) => {
  async function load(...args: readonly string[]): Promise<string> {
    const server = await startReferenceServer('--quiet')
    const words = ['-t1', '-c16', '-d1s', ...args, `http://127.0.0.1:${server.port}/`]
    const { stdout } = await promisify(execFile)(path, words)
    expect(await server.stop()).toBe(0)
    return stdout
  }

  test('a second of requests on sixteen connections', async () => {
    const report = await load()
    expect(report).toMatch(/[1-9][0-9]* requests in/)
    expect(report).not.toMatch(/Socket errors|Non-2xx/)
  })

  test('a second of pipelined requests', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'hyper-wrk-'))
    const script = join(directory, 'pipeline.lua')
    writeFileSync(script, PIPELINE)
    const report = await load('-s', script)
    rmSync(directory, { recursive: true })
    expect(report).toMatch(/[1-9][0-9]* requests in/)
    expect(report).not.toMatch(/Socket errors|Non-2xx/)
  })
})
