// Peers that stall. They cost waiting only.
import { setTimeout as sleep } from 'node:timers/promises'
import {
  ACK,
  continuation,
  data,
  frame,
  headers,
  NO_ERROR,
  PREFACE,
  PROTOCOL_ERROR,
  settings,
  SETTINGS,
  SETTINGS_TIMEOUT,
} from '../h2-prober/frames.ts'
import { get, HELLO, post, requestBlock } from '../h2-prober/requests.ts'
import { Wire } from '../h2-prober/wire.ts'
import { attacksOf, begin, type H2Attack, type H2Target, mustEnd, mustServe, PATIENCE } from './attack.ts'

const stalled = attacksOf('CVE-2016-1546 class')
const slow = attacksOf('slow body')
const BLOCK = { headerBlockTimeout: 300 } as const
const SETTLE = { settingsTimeout: 300 } as const
const BODY = { bodyIdleTimeout: 300 } as const
/** For what must be in time: seconds remain on a machine that does something else, too. */
const AMPLE = 3_000
const WHOLE = requestBlock('GET', '/')

/** A connection that does not acknowledge SETTINGS. */
async function mute(target: H2Target): Promise<Wire> {
  const wire = new Wire(target)
  wire.acks = false
  await wire.opened
  await wire.send(Buffer.concat([PREFACE, settings()]))
  return wire
}

// A peer that is not there is told nothing.
async function mustVanish(target: H2Target): Promise<string | null> {
  const wire = await begin(target)
  await wire.until(() => false, PATIENCE)
  wire.destroy()
  return wire.closed ? null : 'still open'
}

export const SLOW_ATTACKS: readonly H2Attack[] = [
  stalled.beyond(
    'a field block that stops',
    async (target) => {
      const wire = await begin(target)
      await wire.send(headers(1, WHOLE.subarray(0, 10), { done: false }))
      return mustEnd(wire, PROTOCOL_ERROR, NO_ERROR, 0xb)
    },
    BLOCK,
  ),
  stalled.beyond(
    'a field block, byte by byte',
    async (target) => {
      const wire = await begin(target)
      await wire.send(headers(1, WHOLE.subarray(0, 10), { done: false }))
      for (let index = 0; index < 4 && !wire.closed; index++) {
        await sleep(100)
        await wire.send(continuation(1, WHOLE.subarray(10 + index, 11 + index), false))
      }
      return mustEnd(wire, PROTOCOL_ERROR, NO_ERROR, 0xb)
    },
    BLOCK,
  ),
  stalled.within(
    'a field block that comes in two parts',
    async (target) => {
      const wire = await begin(target)
      await wire.send(headers(1, WHOLE.subarray(0, 10), { done: false }))
      await sleep(150)
      await wire.send(continuation(1, WHOLE.subarray(10)))
      await wire.until((w) => w.view(1).ended, PATIENCE)
      await sleep(AMPLE)
      return wire.view(1).body.toString('latin1') === HELLO ? mustServe(wire, 3) : wire.describe()
    },
    { headerBlockTimeout: AMPLE },
  ),
  stalled.beyond(
    'SETTINGS that are never acknowledged',
    async (target) => mustEnd(await mute(target), SETTINGS_TIMEOUT),
    SETTLE,
  ),
  stalled.beyond(
    'SETTINGS that are never acknowledged, but requests are made',
    async (target) => {
      const wire = await mute(target)
      for (let index = 0; index < 10 && !wire.closed; index++) {
        await wire.send(get(2 * index + 1))
        await sleep(50)
      }
      return mustEnd(wire, SETTINGS_TIMEOUT)
    },
    SETTLE,
  ),
  stalled.within(
    'SETTINGS that are acknowledged late',
    async (target) => {
      const wire = await mute(target)
      await sleep(150)
      await wire.send(frame(SETTINGS, ACK, 0))
      await sleep(AMPLE)
      return mustServe(wire, 1)
    },
    { settingsTimeout: AMPLE },
  ),
  stalled.beyond('a connection that asks nothing', async (target) => mustEnd(await begin(target), NO_ERROR), {
    idleTimeout: 300,
  }),
  stalled.within(
    'a connection that asks now and then',
    async (target) => {
      const wire = await begin(target)
      // Longer than the limit in all.
      for (let index = 0; index < 4; index++) {
        await wire.send(get(2 * index + 1))
        await sleep(1_000)
      }
      return mustServe(wire, 99)
    },
    { idleTimeout: AMPLE },
  ),
  stalled.beyond('a peer that answers no ping', mustVanish, {
    keepAliveInterval: 200,
    keepAliveTimeout: 200,
  }),
  slow.beyond(
    'a body that stops',
    async (target) => {
      const wire = await begin(target)
      await wire.send(Buffer.concat([post(1, '/discard'), data(1, 'hello', { end: false })]))
      await wire.until((w) => w.view(1).reset >= 0 || w.view(1).status >= 400, PATIENCE)
      const { reset, status } = wire.view(1)
      return reset > 0 || status === 408 ? mustServe(wire, 3) : wire.describe()
    },
    BODY,
  ),
  slow.beyond(
    'a body, a byte at a time',
    async (target) => {
      const wire = await begin(target)
      await wire.send(post(1, '/discard'))
      for (let index = 0; index < 30 && wire.view(1).reset < 0 && wire.view(1).status === 0; index++) {
        await wire.send(data(1, 'x', { end: false }))
        await sleep(100)
      }
      await wire.until((w) => w.view(1).reset >= 0 || w.view(1).status >= 400, PATIENCE)
      const { reset, status } = wire.view(1)
      return reset > 0 || status === 408 ? mustServe(wire, 3) : wire.describe()
    },
    { bodyMinRate: 240, bodyMinRateGrace: 500 },
  ),
  slow.within(
    'a body with pauses',
    async (target) => {
      const wire = await begin(target)
      await wire.send(post(1, '/discard'))
      for (let index = 0; index < 5; index++) {
        await wire.send(data(1, 'hello', { end: false }))
        await sleep(100)
      }
      await wire.send(data(1))
      await wire.until((w) => w.view(1).ended, PATIENCE)
      return wire.view(1).body.toString('latin1') === '25\n' ? mustServe(wire, 3) : wire.describe()
    },
    { bodyIdleTimeout: 2_000 },
  ),
]
