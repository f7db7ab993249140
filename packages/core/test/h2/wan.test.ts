import { transferTime } from '@hyper/testkit'
import { expect, test } from 'vitest'

// A long and fat path, 400 Mbit/s and 100 ms: 5 MB are on their way at any time, more than the windows at the beginning.
// The time is the link's, not the machine's.

const BYTES = 100_000_000
const LINK = { bandwidth: 400_000_000, delay: 50 }
/** What the bytes alone take, and the round trip of a request. */
const LEAST = (BYTES * 8 * 1000) / LINK.bandwidth + 2 * LINK.delay

test.each(['down', 'up'] as const)(
  'a second body %s finds windows that have grown',
  async (direction) => {
    const transfer = { direction, bytes: BYTES, link: LINK, before: 1 }
    const h1 = await transferTime({ ...transfer, protocol: 'h1' })
    const h2 = await transferTime({ ...transfer, protocol: 'h2' })
    expect(h2 / h1).toBeLessThan(1.01)
  },
  120_000,
)

test.each(['down', 'up'] as const)(
  '100 MB %s over a long and fat path cost HTTP/2 at most 1.2 times what they cost HTTP/1',
  async (direction) => {
    const h1 = await transferTime({ protocol: 'h1', direction, bytes: BYTES, link: LINK })
    const h2 = await transferTime({ protocol: 'h2', direction, bytes: BYTES, link: LINK })
    expect(h1).toBeGreaterThanOrEqual(LEAST)
    expect(h1).toBeLessThan(LEAST * 1.02)
    expect(h2 / h1).toBeLessThanOrEqual(1.2)
  },
  120_000,
)
