// Every row of the HTTP/2 prober against our server, cleartext and over TLS. Only a pass will do.
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { runH2Prober, selectH2Rows, type H2RowResult } from '../src/h2-prober/index.ts'
import { lacks } from '@hyper/testkit'
import { startH2Reference, type H2Reference } from './peers/h2-reference.ts'

const rows = selectH2Rows()
const OVERTAKEN = 'flow/more-than-the-connection-window'

test('names are unique, and there are more than h2spec has', () => {
  expect(new Set(rows.map(({ name }) => name)).size).toBe(rows.length)
  expect(rows.length).toBeGreaterThan(147)
})

describe.each([
  ['cleartext', false],
  ['TLS', true],
])('%s', (_name, tls) => {
  const results = new Map<string, H2RowResult>()
  let server: H2Reference
  beforeAll(async () => {
    // A preface that comes byte by byte takes its time on a busy machine.
    server = await startH2Reference({ tls, options: { settingsTimeout: 60_000 } })
    const { port, seen } = server
    for (const result of await runH2Prober({ host: '127.0.0.1', port, tls, witness: seen, patience: 30_000 }))
      results.set(result.name, result)
  })
  afterAll(() => server.close())

  test.each(rows.map(({ name, rfc, expect: { rule } }) => [name, rule, rfc]))('%s: %s (RFC %s)', (name) => {
    const result = results.get(name)
    // Where TLS is closed with bytes that nobody has read, the reset may overtake what was said last.
    const wanted =
      tls && lacks.reset !== null && name === OVERTAKEN
        ? /^(?:pass|warn: closed without GOAWAY): /
        : /^pass: /
    expect(`${result?.verdict}: ${result?.detail}`).toMatch(wanted)
  })
})
