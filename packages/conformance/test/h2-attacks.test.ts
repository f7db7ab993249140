// Every HTTP/2 attack, from both sides of its limit, each against a server of its own. After each one a clean request on a new
// connection is answered at once.
import { describe, expect, test } from 'vitest'
import {
  cleanRequest,
  H2_FLOOD_ATTACKS,
  H2_FLOW_ATTACKS,
  H2_LIST_ATTACKS,
  H2_RESET_ATTACKS,
  H2_SLOW_ATTACKS,
  type H2Attack,
} from '../src/h2-attacks/index.ts'
import { startH2Reference } from './peers/h2-reference.ts'

async function attack({ settings, run }: H2Attack): Promise<string | null> {
  const server = await startH2Reference({ options: settings })
  const target = { host: '127.0.0.1', port: server.port, open: server.open, requests: server.requests }
  try {
    return (await run(target)) ?? (await cleanRequest(target))
  } finally {
    await server.close()
  }
}

function named(attacks: readonly H2Attack[]): (readonly [string, string, H2Attack])[] {
  return attacks.map((row) => [row.side, row.name, row] as const)
}

// Slowness costs waiting only, so these wait together; the others measure bytes and memory, and want the process for themselves.
describe.concurrent('slow', () => {
  test.each(named(H2_SLOW_ATTACKS))('%s the limit: %s', async (_side, _name, row) => {
    expect(await attack(row)).toBeNull()
  })
})

describe.each([
  ['resets', H2_RESET_ATTACKS],
  ['floods', H2_FLOOD_ATTACKS],
  ['flow', H2_FLOW_ATTACKS],
  ['lists', H2_LIST_ATTACKS],
])('%s', (_section, attacks) => {
  test.each(named(attacks))('%s the limit: %s', async (_side, _name, row) => {
    expect(await attack(row)).toBeNull()
  })
})
