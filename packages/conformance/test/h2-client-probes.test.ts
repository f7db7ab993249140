// Every HTTP/2 client probe against our client. That they can fail is shown in h2-client-probes-node.
import { beforeAll, expect, test } from 'vitest'
import { ALL_H2_CLIENT_PROBES, runH2ClientProbes, type H2ProbeResult } from '../src/h2-client-probes/index.ts'
import { makeOurH2Client } from './peers/our-h2-client.ts'

const ours = new Map<string, H2ProbeResult>()

beforeAll(async () => {
  for (const result of await runH2ClientProbes({ makeClient: makeOurH2Client, patience: 30_000 }))
    ours.set(result.name, result)
})

test('names are unique, and there are more than h2specd has', () => {
  expect(new Set(ALL_H2_CLIENT_PROBES.map(({ name }) => name)).size).toBe(ALL_H2_CLIENT_PROBES.length)
  expect(ALL_H2_CLIENT_PROBES.length).toBeGreaterThan(57)
})

test.each(ALL_H2_CLIENT_PROBES.map(({ name, rfc }) => [name, rfc]))('%s (RFC %s)', (name) => {
  const result = ours.get(name)
  expect(`${result?.verdict}: ${result?.detail}`).toMatch(/^pass: /)
})
