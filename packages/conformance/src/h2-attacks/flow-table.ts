// Games with windows, and peers that ask for much and take little.
import { setTimeout as sleep } from 'node:timers/promises'
import {
  data,
  filler,
  FLOW_CONTROL_ERROR,
  FRAME,
  HEADERS,
  INITIAL_WINDOW_SIZE,
  MAX_CONCURRENT_STREAMS,
  MAX_WINDOW,
  PREFACE,
  REFUSED_STREAM,
  RST_STREAM,
  settings,
  windowUpdate,
} from '../h2-prober/frames.ts'
import { get, post } from '../h2-prober/requests.ts'
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
const dribble = attacksOf('CVE-2019-9511')
const buffering = attacksOf('CVE-2019-9517')
const overflow = attacksOf('CVE-2026-21714')
const streams = attacksOf('CVE-2016-0150 class')
const ZERO: readonly (readonly [number, number])[] = [[INITIAL_WINDOW_SIZE, 0]]

async function flat(before: number): Promise<string | null> {
  const growth = (await held()) - before
  return growth > MOST_GROWTH ? `grew by ${growth} bytes` : null
}

/** A hundred requests for bodies without end, with no window at all. */
async function zeroWindow(target: H2Target): Promise<string | null> {
  const before = await held()
  const wire = await begin(target, ZERO)
  await flood(wire, 100, (index) => get(2 * index + 1, '/bytes/1000000000'), 100)
  await wire.until((w) => w.frames.filter(({ type }) => type === RST_STREAM).length >= 100, PATIENCE)
  const resets = wire.frames.filter(({ type }) => type === RST_STREAM).length
  const wrong = await flat(before)
  wire.destroy()
  if (wrong !== null) return wrong
  return resets >= 100 ? null : `only ${resets} streams were given up`
}

async function dribbled(target: H2Target): Promise<string | null> {
  const before = await held()
  const wire = await begin(target, ZERO)
  await wire.send(get(1, '/bytes/1048576'))
  await flood(wire, 5_000, () => windowUpdate(1, 1), 10)
  await wire.until((w) => w.frames.filter(({ stream }) => stream === 1).length > 100, PATIENCE)
  const wrong = await flat(before)
  const taken = wire.view(1).body.length
  wire.destroy()
  return wrong ?? (taken > 0 ? null : 'nothing came')
}

/** The HTTP/2 windows are wide open, and nothing is read. */
async function neverRead(target: H2Target, path: string): Promise<string | null> {
  const before = await held()
  const wide = [PREFACE, settings([INITIAL_WINDOW_SIZE, MAX_WINDOW]), windowUpdate(0, MAX_WINDOW - 65_535)]
  const asked = Array.from({ length: 100 }, (_, index) => get(2 * index + 1, path))
  const start = Buffer.concat([...wide, ...asked]).toString('latin1')
  const { host, port } = target
  // An empty frame now and then shows that the other side has gone.
  const poured = await pour({ host, port }, { start, piece: '', total: 0, patience: 1_500, read: false })
  const wrong = await flat(before)
  if (wrong !== null) return wrong
  for (let waited = 0; waited < PATIENCE && target.open() > 0; waited += 50) await sleep(50)
  return target.open() === 0 ? null : `the connection is kept (${poured.sent} bytes sent)`
}

async function thousandAtOnce(target: H2Target): Promise<string | null> {
  const wire = await begin(target)
  const most = wire.setting(MAX_CONCURRENT_STREAMS) ?? Infinity
  await flood(wire, 1_000, (index) => post(2 * index + 1, '/ignore-slow'), 1_000)
  const refused = (): number =>
    wire.frames.filter(
      ({ type, payload }) => type === RST_STREAM && payload.readUInt32BE(0) === REFUSED_STREAM,
    ).length
  await wire.until(() => refused() >= 1_000 - most, PATIENCE)
  const wrong = target.requests() > most ? `the service was called ${target.requests()} times` : null
  if (wrong !== null || refused() !== 1_000 - most) return wrong ?? `${refused()} refused: ${wire.describe()}`
  wire.destroy()
  return null
}

async function asManyAsAllowed(target: H2Target): Promise<string | null> {
  const wire = await begin(target)
  await flood(wire, 100, (index) => post(2 * index + 1, '/echo'), 100)
  await flood(wire, 100, (index) => data(2 * index + 1, 'hello'), 100)
  await wire.until((w) => w.frames.filter(({ type }) => type === HEADERS).length >= 100, PATIENCE)
  const answered = Array.from({ length: 100 }, (_, index) => wire.view(2 * index + 1).status).filter(
    (status) => status === 200,
  )
  return answered.length === 100 ? mustServe(wire, 1_001) : `${answered.length} answered`
}

export const FLOW_ATTACKS: readonly H2Attack[] = [
  buffering.beyond('100 requests with a window of zero: held, then given up', zeroWindow, {
    sendTimeout: 500,
  }),
  dribble.beyond('a body of 1 MiB byte by byte: memory stays flat', dribbled),
  dribble.within(
    'a reader that is slow, but reads',
    async (target) => {
      const wire = await begin(target, ZERO)
      await wire.send(get(1, '/bytes/10'))
      for (let index = 0; index < 10; index++) {
        await sleep(150)
        await wire.send(windowUpdate(1, 1))
      }
      await wire.until((w) => w.view(1).ended, PATIENCE)
      return wire.view(1).body.length === 10 ? mustServeWide(wire) : wire.describe()
    },
    { sendTimeout: 2_000 },
  ),
  buffering.beyond(
    '100 requests for 1 GB each, windows open, nothing read',
    (target) => neverRead(target, '/bytes/1000000000'),
    { sendTimeout: 500 },
  ),
  buffering.beyond('100 requests for 60 KB each, windows open, nothing read', (target) =>
    neverReadSmall(target),
  ),
  overflow.beyond('200 connections whose window overflows are all freed', async (target) => {
    const before = await held()
    for (let round = 0; round < 20; round++) {
      const wires = await Promise.all(Array.from({ length: 10 }, () => begin(target)))
      await Promise.all(wires.map((wire) => wire.send(Buffer.concat([get(1), windowUpdate(0, MAX_WINDOW)]))))
      const ends = await Promise.all(wires.map((wire) => mustEnd(wire, FLOW_CONTROL_ERROR)))
      const wrong = ends.find((end) => end !== null)
      if (wrong !== undefined) return wrong
    }
    for (let waited = 0; waited < PATIENCE && target.open() > 0; waited += 50) await sleep(50)
    return target.open() > 0 ? `${target.open()} connections are kept` : await flat(before)
  }),
  overflow.within('the widest window', async (target) => {
    const wire = await begin(target)
    await wire.send(windowUpdate(0, MAX_WINDOW - 65_535))
    return mustServe(wire, 1)
  }),
  streams.beyond('1,000 streams at once: all above the limit are refused', thousandAtOnce),
  streams.within('as many streams as are allowed', asManyAsAllowed),
  buffering.beyond('bodies that nobody reads stay within the connection window', async (target) => {
    const before = await held()
    const wire = await begin(target)
    for (let stream = 1; stream < 200; stream += 2) await wire.send(post(stream, '/ignore-slow'))
    const piece = (index: number): Buffer => data(2 * (index % 100) + 1, filler(FRAME), { end: false })
    await flood(wire, 4_000, piece, 20)
    const wrong = await mustEnd(wire, FLOW_CONTROL_ERROR)
    return wrong ?? (await flat(before))
  }),
]

async function mustServeWide(wire: Awaited<ReturnType<typeof begin>>): Promise<string | null> {
  await wire.send(settings([INITIAL_WINDOW_SIZE, 65_535]))
  return mustServe(wire, 3)
}

// These fit the sockets of both sides: the server may finish them all.
async function neverReadSmall(target: H2Target): Promise<string | null> {
  const before = await held()
  const wrong = await neverRead(target, '/bytes/60000')
  return wrong?.startsWith('the connection is kept') === true ? flat(before) : wrong
}
