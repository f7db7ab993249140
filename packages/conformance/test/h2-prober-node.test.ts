// The HTTP/2 prober against a server whose misses are known: proof that it can fail, and that it does not fail what is right.
import { afterAll, beforeAll, expect, test } from 'vitest'
import { runH2Prober, type H2RowResult } from '../src/h2-prober/index.ts'
import type { WatchedServer } from './peers/node-http.ts'
import { startNodeHttp2 } from './peers/node-http2.ts'

let server: WatchedServer
let results: readonly H2RowResult[]

beforeAll(async () => {
  server = await startNodeHttp2()
  results = await runH2Prober({ host: '127.0.0.1', port: server.port, witness: server.seen, patience: 800 })
})

afterAll(() => server.close())

function verdictOf(name: string): string | undefined {
  return results.find((result) => result.name === name)?.verdict
}

// What node:http2 is known to let through, or to answer with another error, on every line that is maintained.
test.each([
  'state/closed-by-their-reset-data',
  'state/closed-by-their-reset-headers',
  'state/closed-by-end-data',
  'state/closed-by-end-headers',
  'state/lower-stream',
  'state/more-than-max-concurrent',
  'frame/priority-depends-on-itself',
  'frame/priority-on-connection',
  'ignored/ping-acknowledgement-unasked',
  'message/empty-name',
  'preface/invalid',
])('finds the known miss %s of node:http2', (name) => {
  expect(verdictOf(name)).toBe('fail')
})

test.each([
  'works/get',
  'works/post-with-trailers',
  'works/continuation-several',
  'hpack-works/indexing-new-name-huffman-value-huffman',
  'hpack/index-0',
  'block/ping-inside',
  'frame/settings-of-3',
  'flow/window-1-sends-one-byte',
  'message/upper-case-name',
])('passes node:http2 where it is right: %s', (name) => {
  expect(verdictOf(name)).toBe('pass')
})

test('most rows pass, so the prober is no wall', () => {
  const passed = results.filter(({ verdict }) => verdict === 'pass').length
  expect(passed).toBeGreaterThan(290)
})
