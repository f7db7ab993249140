// Header lists that are too long, or become so when they are unpacked.
import {
  continuation,
  COMPRESSION_ERROR,
  ENHANCE_YOUR_CALM,
  FRAME,
  headers,
  INITIAL_WINDOW_SIZE,
} from '../h2-prober/frames.ts'
import { indexed, literal } from '../h2-prober/hpack.ts'
import { get, requestBlock } from '../h2-prober/requests.ts'
import type { Wire } from '../h2-prober/wire.ts'
import { held } from '../attacks/memory.ts'
import { attacksOf, begin, type H2Attack, type H2Target, mustEnd, mustServe, PATIENCE } from './attack.ts'

const bomb = attacksOf('CVE-2016-6581')
const crumbs = attacksOf('CVE-2026-49975')
const lists = attacksOf('header list over the limit')
/** Of the dynamic table: the entry that came last. */
const NEWEST = 62
const BASE = requestBlock('GET', '/')

/** A block in as many frames as it takes. */
function inFrames(stream: number, block: Buffer): Buffer {
  const frames: Buffer[] = []
  for (let at = 0; at === 0 || at < block.length; at += FRAME) {
    const piece = block.subarray(at, at + FRAME)
    const done = at + FRAME >= block.length
    frames.push(at === 0 ? headers(stream, piece, { done }) : continuation(stream, piece, done))
  }
  return Buffer.concat(frames)
}

/** One entry, and so many references to it. */
function references(name: string, value: string, times: number): Buffer {
  const reference = indexed(NEWEST)
  return Buffer.concat([
    BASE,
    literal('indexing', name, value),
    ...Array.from({ length: times }, () => reference),
  ])
}

async function answeredWith(target: H2Target, block: Buffer, status: number): Promise<string | null> {
  const wire = await begin(target)
  await wire.send(inFrames(1, block))
  await wire.until((w) => w.view(1).ended, PATIENCE)
  return wire.view(1).status === status ? mustServe(wire, 3) : `not ${status}: ${wire.describe()}`
}

async function ends(target: H2Target, block: Buffer, streams = 1): Promise<string | null> {
  const before = await held()
  const wire: Wire = await begin(target, [[INITIAL_WINDOW_SIZE, 0]])
  for (let index = 0; index < streams && !wire.closed; index++)
    await wire.send(inFrames(2 * index + 1, block))
  const wrong = await mustEnd(wire, ENHANCE_YOUR_CALM, COMPRESSION_ERROR)
  const growth = (await held()) - before
  return wrong ?? (growth > 24 * 1_048_576 ? `grew by ${growth} bytes` : null)
}

function longList(bytes: number): Buffer {
  return requestBlock('GET', '/', ['x-long', 'a'.repeat(bytes)])
}

function manyFields(count: number): Buffer {
  return requestBlock(
    'GET',
    '/',
    ...Array.from({ length: count }, (_, index): [string, string] => [`x-${index}`, 'v']),
  )
}

export const LIST_ATTACKS: readonly H2Attack[] = [
  bomb.beyond('an entry of 3,900 bytes, 16,000 times', (target) =>
    ends(target, references('x-a', 'a'.repeat(3_900), 16_000)),
  ),
  bomb.beyond('an entry of 3,900 bytes, 16,000 times, on 64 streams', (target) =>
    ends(target, references('x-a', 'a'.repeat(3_900), 16_000), 64),
  ),
  bomb.beyond('an entry of 3,900 bytes, 30 times: a list between the limit and four times it', (target) =>
    answeredWith(target, references('x-a', 'a'.repeat(3_900), 30), 431),
  ),
  bomb.within('an entry of 3,900 bytes, 14 times', (target) =>
    answeredWith(target, references('x-a', 'a'.repeat(3_900), 14), 200),
  ),
  bomb.beyond('a Huffman string that unpacks to more than the limit', (target) => {
    return answeredWith(
      target,
      Buffer.concat([BASE, literal('plain', 'x-a', { huffman: 'a'.repeat(90_000) })]),
      431,
    )
  }),
  crumbs.beyond('15,000 references to an empty cookie, on 64 streams with no window', (target) =>
    ends(target, references('cookie', '', 15_000), 64),
  ),
  crumbs.beyond('1,000 cookie crumbs', (target) => answeredWith(target, references('cookie', '', 999), 431)),
  crumbs.within('90 cookie crumbs', (target) => answeredWith(target, references('cookie', 'a=b', 89), 200)),
  lists.beyond('70 KB: 431', (target) => answeredWith(target, longList(70_000), 431)),
  lists.beyond('300 KB: the connection ends', (target) => ends(target, longList(300_000))),
  lists.beyond('300 KB by references: the connection ends', (target) =>
    ends(target, references('x-a', 'a'.repeat(3_900), 76)),
  ),
  lists.within('60 KB', (target) => answeredWith(target, longList(60_000), 200)),
  lists.beyond('150 fields: 431', (target) => answeredWith(target, manyFields(150), 431)),
  lists.within('95 fields', (target) => answeredWith(target, manyFields(95), 200)),
  lists.beyond('431 leaves the tables in step', async (target) => {
    const wire = await begin(target)
    await wire.send(inFrames(1, Buffer.concat([longList(70_000), literal('indexing', 'x-kept', 'yes')])))
    await wire.until((w) => w.view(1).ended, PATIENCE)
    await wire.send(headers(3, Buffer.concat([requestBlock('GET', '/inspect'), indexed(NEWEST)])))
    await wire.until((w) => w.view(3).ended, PATIENCE)
    const kept = wire.view(3).body.includes('"x-kept","yes"')
    wire.destroy()
    return kept ? null : `lost: ${wire.describe()}`
  }),
  lists.beyond('trailers of 70 KB end their stream', async (target) => {
    const wire = await begin(target)
    await wire.send(get(1, '/', { end: false }))
    await wire.send(inFrames(1, Buffer.concat([literal('plain', 'x-long', 'a'.repeat(70_000))])))
    return mustServe(wire, 3)
  }),
]
