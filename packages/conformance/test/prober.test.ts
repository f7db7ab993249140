// Every row of the prober against our reference server. Here only a pass will do: what the RFCs leave open is decided.
// Once where HTTP/1 is all that is spoken, and once beside HTTP/2: looking at what comes first must not soften anything.
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { runProber, selectRows, type RowResult } from '../src/prober/index.ts'
import type { WatchedServer } from './peers/node-http.ts'
import { startReference } from './peers/reference.ts'

const ROWS = selectRows({})
/** Where HTTP/2 is spoken this is no mistake, but the beginning of it. */
const PREFACE = 'framing/http2-preface'

test('names are unique', () => {
  expect(new Set(ROWS.map(({ name }) => name)).size).toBe(ROWS.length)
  expect(ROWS.map(({ name }) => name)).toContain(PREFACE)
})

describe.each([
  ['HTTP/1 alone', false, ROWS],
  ['beside HTTP/2', true, ROWS.filter(({ name }) => name !== PREFACE)],
] as const)('%s', (_, http2, rows) => {
  const results = new Map<string, RowResult>()
  let server: WatchedServer

  beforeAll(async () => {
    server = await startReference({ http2 })
    const { port, seen } = server
    await runProber({
      host: '127.0.0.1',
      port,
      witness: seen,
      patience: 30_000,
      onResult: (result) => results.set(result.name, result),
    })
  })

  afterAll(() => server.close())

  for (const section of new Set(rows.map((row) => row.section))) {
    describe(section, () => {
      const cases = rows.filter((row) => row.section === section)
      test.each(cases.map(({ name, rfc }) => [name, rfc]))('%s (RFC %s)', (name) => {
        const result = results.get(name)
        expect(`${result?.verdict}: ${result?.detail}`).toMatch(/^pass: /)
      })
    })
  }
})
