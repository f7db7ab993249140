// The client probes against a client whose misses are known: proof that they can fail, and that they do not fail what is right.
import { beforeAll, expect, test } from 'vitest'
import { runClientProbes, type ProbeResult } from '../src/client-probes/index.ts'
import { makeNodeClient } from './peers/node-http-client.ts'

let results: readonly ProbeResult[]

beforeAll(async () => {
  results = await runClientProbes({ makeClient: makeNodeClient })
})

function verdictOf(name: string): string | undefined {
  return results.find((result) => result.name === name)?.verdict
}

test.each(['response-framing/coding-gzip', 'response-head/version-2.0', 'response-head/status-000'])(
  'finds the known miss %s of node:http',
  (name) => {
    expect(verdictOf(name)).toBe('fail')
  },
)

test.each([
  'response-head/plain',
  'response-head/letter-in-status',
  'response-framing/length-twice-different',
  'response-framing/chunked-cut-before-last-chunk',
  'reuse/two-good-answers-share-a-connection',
  'reuse/answer-behind-length',
])('passes node:http where it is right: %s', (name) => {
  expect(verdictOf(name)).toBe('pass')
})

test('most probes pass, so they are no wall', () => {
  expect(results.filter(({ verdict }) => verdict === 'pass').length).toBeGreaterThan(140)
})
