// Frames that cost their sender nothing: field blocks without end, control frames, DATA without data.
import {
  ACK,
  continuation,
  data,
  filler,
  FRAME,
  frame,
  goAway,
  headers,
  ping,
  PREFACE,
  priority,
  PRIORITY_UPDATE,
  rst,
  settings,
  u32,
  UNKNOWN,
  windowUpdate,
} from '../h2-prober/frames.ts'
import { get, post, requestBlock } from '../h2-prober/requests.ts'
import { held } from '../attacks/memory.ts'
import { pour } from '../attacks/pour.ts'
import {
  attacksOf,
  begin,
  flood,
  type H2Attack,
  type H2Target,
  mustEnd,
  mustServe,
  PATIENCE,
} from './attack.ts'

const MIB = 1_048_576
const MOST_GROWTH = 24 * MIB
const MOST_TAKEN = 16 * MIB
const blocks = attacksOf('RUSTSEC-2024-0332')
const control = attacksOf('CVE-2019-9512')
const empties = attacksOf('CVE-2019-9518')

async function endlessBlock(target: H2Target, piece: Uint8Array, most: number): Promise<string | null> {
  const wire = await begin(target)
  await wire.send(headers(1, requestBlock('GET', '/'), { done: false }))
  const frames = await flood(wire, 20_000, () => piece, 10)
  if (frames > most) return `took ${frames} frames`
  return mustEnd(wire)
}

/** One frame of each kind that asks for attention and brings no data. */
const CONTROL: readonly (readonly [name: string, piece: Uint8Array, counted: boolean])[] = [
  ['PING', ping(), true],
  ['empty SETTINGS', settings(), true],
  ['full SETTINGS', settings(...Array.from({ length: 2_730 }, (): [number, number] => [0xff, 1])), false],
  ['PRIORITY', priority(3, { on: 5 }), true],
  [
    'PRIORITY in circles',
    Buffer.concat([priority(3, { on: 5 }), priority(5, { on: 7 }), priority(7, { on: 3 })]),
    true,
  ],
  ['PRIORITY_UPDATE', frame(PRIORITY_UPDATE, 0, 0, Buffer.concat([u32(1), Buffer.from('u=1')])), true],
  ['empty unknown frames', frame(UNKNOWN, 0, 0), true],
  ['unknown frames of 1 KiB', frame(UNKNOWN, 0, 0, filler(1_024)), true],
  ['PING acknowledgements', ping('unasked.', ACK), false],
]

/** As fast as the server takes it, and nothing is read. */
async function unread(target: H2Target, piece: Uint8Array, mustBeEnded: boolean): Promise<string | null> {
  const before = await held()
  const start = Buffer.concat([PREFACE, settings()]).toString('latin1')
  const many = Buffer.concat(
    Array.from({ length: Math.max(1, Math.floor(16_384 / piece.length)) }, () => piece),
  )
  const { host, port } = target
  const result = await pour(
    { host, port },
    {
      start,
      piece: many.toString('latin1'),
      total: (mustBeEnded ? 40 : 8) * MIB,
      // Where it must be ended, that comes; elsewhere the end of the stream is that nothing moves any more.
      patience: mustBeEnded ? PATIENCE : 1_500,
      read: false,
    },
  )
  const growth = (await held()) - before
  if (growth > MOST_GROWTH) return `grew by ${growth} bytes`
  if (!mustBeEnded) return null
  if (result.sent > MOST_TAKEN && piece.length < 1_000) return `took ${result.sent} bytes`
  return result.ended ? null : 'still open'
}

async function read(target: H2Target, piece: Uint8Array): Promise<string | null> {
  const wire = await begin(target)
  const frames = await flood(wire, 30_000, () => piece)
  if (frames >= 30_000) return 'took all of them'
  return mustEnd(wire)
}

async function some(target: H2Target, piece: Uint8Array): Promise<string | null> {
  const wire = await begin(target)
  await flood(wire, 3_000, () => piece)
  return mustServe(wire, 101)
}

async function dataFlood(target: H2Target, piece: Uint8Array, times: number): Promise<string | null> {
  const wire = await begin(target)
  await wire.send(post(1, '/ignore-slow'))
  const frames = await flood(wire, times, () => piece)
  if (frames >= times) return 'took all of them'
  return mustEnd(wire)
}

async function dataServed(
  target: H2Target,
  path: string,
  piece: Uint8Array,
  times: number,
): Promise<string | null> {
  const wire = await begin(target)
  await wire.send(post(1, path))
  await flood(wire, times, () => piece, 20)
  await wire.send(data(1))
  return mustServe(wire, 3)
}

export const FLOOD_ATTACKS: readonly H2Attack[] = [
  blocks.beyond('CONTINUATION of 16 KiB without end', (target) =>
    endlessBlock(target, continuation(1, filler(FRAME), false), 60),
  ),
  blocks.beyond('CONTINUATION of one byte without end', (target) =>
    endlessBlock(target, continuation(1, filler(1), false), 500),
  ),
  blocks.beyond('empty CONTINUATION without end', (target) =>
    endlessBlock(target, continuation(1, filler(0), false), 500),
  ),
  blocks.beyond('CONTINUATION without end behind trailers', async (target) => {
    const wire = await begin(target)
    await wire.send(Buffer.concat([post(1, '/ignore-slow'), headers(1, filler(0), { done: false })]))
    await flood(wire, 20_000, () => continuation(1, filler(0), false), 10)
    return mustEnd(wire)
  }),
  blocks.within('a head in six frames', async (target) => {
    const wire = await begin(target)
    const whole = requestBlock('GET', '/', ['x-long', 'a'.repeat(60_000)])
    const size = Math.ceil(whole.length / 6)
    const piece = (index: number): Buffer => whole.subarray(index * size, (index + 1) * size)
    await wire.send(headers(1, piece(0), { done: false }))
    for (let index = 1; index < 6; index++) await wire.send(continuation(1, piece(index), index === 5))
    await wire.until((w) => w.view(1).ended, PATIENCE)
    return wire.view(1).status === 200 ? mustServe(wire, 3) : wire.describe()
  }),

  ...CONTROL.map(([name, piece, counted]) =>
    control.beyond(`${counted ? 40 : 8} MiB of ${name}, and nothing is read`, (target) =>
      unread(target, piece, counted),
    ),
  ),
  control.beyond('8 MiB of WINDOW_UPDATE, and nothing is read', (target) =>
    unread(target, windowUpdate(0, 1), false),
  ),
  control.beyond('8 MiB of GOAWAY, and nothing is read', (target) => unread(target, goAway(0, 0), false)),
  control.beyond('RST_STREAM on a closed stream without end', async (target) => {
    const wire = await begin(target)
    await wire.send(get(1))
    await wire.until((w) => w.view(1).ended, PATIENCE)
    await flood(wire, 30_000, () => rst(1))
    return mustEnd(wire)
  }),
  ...CONTROL.filter(([, piece, counted]) => counted && piece.length < 1_000).map(([name, piece]) => {
    return control.beyond(`30,000 of ${name}, and all answers are read`, (target) => read(target, piece))
  }),
  ...CONTROL.filter(([, piece]) => piece.length < 1_000).map(([name, piece]) => {
    return control.within(`3,000 of ${name}`, (target) => some(target, piece))
  }),
  control.within('30,000 WINDOW_UPDATEs', async (target) => {
    const wire = await begin(target)
    await flood(wire, 30_000, () => windowUpdate(0, 1))
    return mustServe(wire, 1)
  }),

  empties.beyond('20,000 empty DATA frames', (target) =>
    dataFlood(target, data(1, '', { end: false }), 20_000),
  ),
  empties.beyond('20,000 DATA frames of padding alone', (target) =>
    dataFlood(target, data(1, '', { end: false, pad: 0 }), 20_000),
  ),
  empties.beyond('2,000 DATA frames of much padding', (target) =>
    dataFlood(target, data(1, '', { end: false, pad: 255 }), 2_000),
  ),
  empties.beyond('20,000 DATA frames of one byte that nobody reads', (target) =>
    dataFlood(target, data(1, 'x', { end: false }), 20_000),
  ),
  empties.beyond('20,000 DATA frames of one byte and padding that nobody reads', (target) =>
    dataFlood(target, data(1, 'x', { end: false, pad: 20 }), 20_000),
  ),
  empties.within('100 empty DATA frames', (target) =>
    dataServed(target, '/discard', data(1, '', { end: false }), 100),
  ),
  empties.within('20,000 DATA frames of one byte that are read', (target) =>
    dataServed(target, '/discard', data(1, 'x', { end: false }), 20_000),
  ),
  empties.within('5,000 DATA frames of one byte that come back', (target) =>
    dataServed(target, '/echo', data(1, 'x', { end: false }), 5_000),
  ),
  empties.within('90 DATA frames of one byte that nobody reads yet', (target) =>
    dataServed(target, '/ignore-slow', data(1, 'x', { end: false }), 90),
  ),
]
