// The prober against a server whose misses are known: proof that it can fail, and that it does not fail what is right.
import { afterAll, beforeAll, expect, test } from 'vitest'
import { runProber, type ProberReport } from '../src/prober/index.ts'
import { startNodeHttp, type WatchedServer } from './peers/node-http.ts'

let server: WatchedServer
let report: ProberReport

beforeAll(async () => {
  server = await startNodeHttp()
  report = await runProber({ host: '127.0.0.1', port: server.port, witness: server.seen })
})

afterAll(() => server.close())

function verdictOf(name: string): string | undefined {
  return report.results.find((result) => result.name === name)?.verdict
}

// What node:http is known to let through on every line that is maintained.
test.each([
  'host/two-different',
  'host/two-the-same',
  'host/userinfo',
  'host/path',
  'host/empty',
  'host/list',
  'request-line/asterisk-form-get',
])('finds the known miss %s of node:http', (name) => {
  expect(verdictOf(name)).toBe('fail')
})

test.each([
  'framing/bare-cr-after-request-line',
  'host/none',
  'content-length/plus',
  'transfer-encoding/chunked-then-gzip',
  'chunked/size-hex-prefix',
  'sequence/two-gets-in-one-packet',
  'chunked/single',
  'prefix/get-byte-by-byte',
])('passes node:http where it is right: %s', (name) => {
  expect(verdictOf(name)).toBe('pass')
})

test('most rows pass, so the prober is no wall', () => {
  expect(report.counts.pass).toBeGreaterThan(1_400)
  expect(report.counts.fail).toBeLessThan(150)
})
