// Every HTTP/2 client probe against our client, and against one whose misses are known, so that they can fail.
import { beforeAll, describe, expect, test } from 'vitest'
import { ALL_H2_CLIENT_PROBES, runH2ClientProbes, type H2ProbeResult } from '../src/h2-client-probes/index.ts'
import { makeNodeH2Client } from './peers/node-http2-client.ts'
import { makeOurH2Client } from './peers/our-h2-client.ts'

const ours = new Map<string, H2ProbeResult>()
let nodes: readonly H2ProbeResult[]

beforeAll(async () => {
  for (const result of await runH2ClientProbes({ makeClient: makeOurH2Client })) ours.set(result.name, result)
  nodes = await runH2ClientProbes({ makeClient: makeNodeH2Client, patience: 500 })
}, 120_000)

test('names are unique, and there are more than h2specd has', () => {
  expect(new Set(ALL_H2_CLIENT_PROBES.map(({ name }) => name)).size).toBe(ALL_H2_CLIENT_PROBES.length)
  expect(ALL_H2_CLIENT_PROBES.length).toBeGreaterThan(57)
})

test.each(ALL_H2_CLIENT_PROBES.map(({ name, rfc }) => [name, rfc]))('%s (RFC %s)', (name) => {
  const result = ours.get(name)
  expect(`${result?.verdict}: ${result?.detail}`).toMatch(/^pass: /)
})

describe('against node:http2', () => {
  const verdictOf = (name: string): string | undefined =>
    nodes.find((result) => result.name === name)?.verdict

  test.each(['frame/ping-acknowledgement-unasked', 'frame/priority-on-connection', 'state/closed-data'])(
    'finds the known miss %s',
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
  ])('passes it where it is right: %s', (name) => {
    expect(verdictOf(name)).toBe('pass')
  })

  test('most probes pass, so they are no wall', () => {
    expect(nodes.filter(({ verdict }) => verdict === 'pass').length).toBeGreaterThan(60)
  })
})
