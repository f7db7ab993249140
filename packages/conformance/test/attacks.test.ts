// Every HTTP/1 attack, from both sides of its limit, each against a reference server of its own.
import { describe, expect, test } from 'vitest'
import { FLOOD_ATTACKS, FLOW_ATTACKS, SLOW_ATTACKS, type Attack } from '../src/attacks/index.ts'
import { startReference } from './peers/reference.ts'

async function attack({ settings, run }: Attack): Promise<string | null> {
  const server = await startReference(settings)
  try {
    return await run({ host: '127.0.0.1', port: server.port })
  } finally {
    await server.close()
  }
}

function named(attacks: readonly Attack[]): (readonly [string, string, Attack])[] {
  return attacks.map((row) => [row.side, row.name, row] as const)
}

// Slowness costs waiting only, so these wait together; the others measure bytes and memory, and want the process for themselves.
describe.concurrent('slow', () => {
  test.each(named(SLOW_ATTACKS))('%s the limit: %s', async (_side, _name, row) => {
    expect(await attack(row)).toBeNull()
  })
})

describe('flood', () => {
  test.each(named(FLOOD_ATTACKS))('%s the limit: %s', async (_side, _name, row) => {
    expect(await attack(row)).toBeNull()
  })
})

describe('flow', () => {
  test.each(named(FLOW_ATTACKS))('%s the limit: %s', async (_side, _name, row) => {
    expect(await attack(row)).toBeNull()
  })
})
