// Every row of the prober against our reference server. Here only a pass will do: what the RFCs leave open is decided.
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { runProber, selectRows, type RowResult } from '../src/prober/index.ts'
import type { WatchedServer } from './peers/node-http.ts'
import { startReference } from './peers/reference.ts'

const rows = selectRows({})
const results = new Map<string, RowResult>()
let server: WatchedServer

beforeAll(async () => {
  server = await startReference()
  const { port, seen } = server
  await runProber({
    host: '127.0.0.1',
    port,
    witness: seen,
    onResult: (result) => results.set(result.name, result),
  })
}, 60_000)

afterAll(() => server.close())

test('names are unique', () => {
  expect(new Set(rows.map(({ name }) => name)).size).toBe(rows.length)
})

for (const section of new Set(rows.map((row) => row.section))) {
  describe(section, () => {
    const cases = rows.filter((row) => row.section === section)
    test.each(cases.map(({ name, rfc }) => [name, rfc]))('%s (RFC %s)', (name) => {
      const result = results.get(name)
      expect(`${result?.verdict}: ${result?.detail}`).toMatch(/^pass: /)
    })
  })
}
