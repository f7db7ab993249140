// Every client probe against our client.
import { beforeAll, describe, expect, test } from 'vitest'
import { ALL_PROBES, runClientProbes, type ProbeResult } from '../src/client-probes/index.ts'
import { makeOurClient } from './peers/our-client.ts'

const results = new Map<string, ProbeResult>()

beforeAll(async () => {
  for (const result of await runClientProbes({ makeClient: makeOurClient, patience: 30_000 }))
    results.set(result.name, result)
})

test('names are unique', () => {
  expect(new Set(ALL_PROBES.map(({ name }) => name)).size).toBe(ALL_PROBES.length)
})

for (const section of new Set(ALL_PROBES.map((probe) => probe.section))) {
  describe(section, () => {
    const cases = ALL_PROBES.filter((probe) => probe.section === section)
    test.each(cases.map(({ name, rfc }) => [name, rfc]))('%s (RFC %s)', (name) => {
      const result = results.get(name)
      expect(`${result?.verdict}: ${result?.detail}`).toBe('pass: as expected')
    })
  })
}
