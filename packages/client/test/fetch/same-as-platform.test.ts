import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { Client } from '../../src/index.ts'
import { type Case, DIFFERENT, type Fetch, REDIRECTS, REFUSED, REQUESTS, RESPONSES } from './cases-table.ts'
import { Peer } from './peer.ts'

// Our fetch beside the platform's: a program must not notice which it has, but for what is listed.

const LINE = Number.parseInt(process.versions.node, 10)

let peer: Peer
let other: Peer
let client: Client

beforeAll(async () => {
  peer = await Peer.start()
  other = await Peer.start()
  client = new Client()
})

afterAll(() => {
  client.abort()
  peer.close()
  other.close()
})

/** A value, or the class of what was thrown, which is all that a program may rely on. */
async function outcome(run: Case[1], fetch: Fetch): Promise<unknown> {
  try {
    return { value: await run(fetch, peer.url, other.url) }
  } catch (error) {
    if (error instanceof DOMException) return { thrown: `DOMException ${error.name}` }
    return { thrown: error instanceof Error ? error.name : error }
  }
}

describe.each([
  ['responses', RESPONSES],
  ['requests', REQUESTS],
  ['redirects', REDIRECTS],
  ['what is refused and what fails', REFUSED],
])('%s', (_, cases) => {
  test.each(cases)('%s', async (name, run) => {
    const ours = await outcome(run, client.fetch)
    const theirs = await outcome(run, globalThis.fetch)
    const listed = DIFFERENT[name]
    const different = listed?.lines === undefined || listed.lines.includes(LINE) ? listed : undefined
    if (different === undefined) expect(ours).toEqual(theirs)
    else {
      expect(ours).toEqual(different.ours)
      expect(theirs, 'the same by now: take it off the list').not.toEqual(different.ours)
    }
  })
})

test('every difference that is listed is a case', () => {
  const names = new Set([...RESPONSES, ...REQUESTS, ...REDIRECTS, ...REFUSED].map(([name]) => name))
  expect(Object.keys(DIFFERENT).filter((name) => !names.has(name))).toEqual([])
})
