// The HTTP/2 client probes against node:http2, whose misses are known: proof that they can fail, and that they do not fail what is
// right.
import { beforeAll, expect, test } from 'vitest'
import { runH2ClientProbes, type H2ProbeResult } from '../src/h2-client-probes/index.ts'
import { makeNodeH2Client } from './peers/node-http2-client.ts'

let results: readonly H2ProbeResult[]

beforeAll(async () => {
  results = await runH2ClientProbes({ makeClient: makeNodeH2Client, patience: 500 })
})

function verdictOf(name: string): string | undefined {
  return results.find((result) => result.name === name)?.verdict
}

test.each(['frame/ping-acknowledgement-unasked', 'frame/priority-on-connection', 'state/closed-data'])(
  'finds the known miss %s of node:http2',
  (name) => {
    expect(verdictOf(name)).toBe('fail')
  },
)

test.each([
  'message/plain',
  'message/trailers',
  'frame/ping-of-6',
  'frame/block-undecodable',
  'ending/reset-refused',
])('passes node:http2 where it is right: %s', (name) => {
  expect(verdictOf(name)).toBe('pass')
})

test('most probes pass, so they are no wall', () => {
  expect(results.filter(({ verdict }) => verdict === 'pass').length).toBeGreaterThan(60)
})
