import { toBytes } from '@hyper/testkit'
import { END_EVENT, HEAD_EVENT, INFORMATIONAL_EVENT } from '../../src/h1/event.ts'
import { ClientMachine, ServerMachine } from '../../src/h1/index.ts'
import type { Machine } from '../../src/h1/machine.ts'
import { HEAD } from '../../src/h1/state.ts'
import { clientSettings, serverSettings, type Settings } from '../../src/h1/options.ts'
import { HeaderMap } from '../../src/http/header-map.ts'
import { fields, play, requestLine, statusLine, type Transcript } from '../h1/wire.ts'
import { cutUp, makeCase, type FuzzCase } from './h1-cases.ts'

// Runs one fuzz case whole, byte by byte and (one in four) in random pieces, and says what is wrong with it, if anything. It checks:
// - nothing throws;
// - the number of events is bounded by the number of bytes (in `play`);
// - a reader never holds more than the limit of its section, and its buffer is at most twice that;
// - nothing is read and nothing is written after a failure or the end;
// - events, output, reasons and leftover are the same however the bytes come.

const SMALL = {
  maxHeaders: 4,
  maxHeadSize: 128,
  maxTrailerSize: 32,
  maxChunkExtensionSize: 8,
  bodyMinRate: 10,
  bodyMinRateGrace: 1,
}
const LENIENT = {
  allowBareLf: true,
  ignoreInvalidHeaders: true,
  allowRepeatedContentLength: true,
  preserveHeaderCase: true,
}

const SERVER: readonly Settings[] = [
  serverSettings({}),
  serverSettings({ ...SMALL, maxTargetLength: 12, maxMethodLength: 7, maxRequests: 3 }),
  serverSettings({
    ...LENIENT,
    allowMultipleSpaces: true,
    allowChunkedWithContentLength: true,
    allowMissingHost: true,
  }),
  serverSettings({ ...LENIENT, ...SMALL, halfClose: true, titleCaseHeaders: true }),
]
const CLIENT: readonly Settings[] = [
  clientSettings({}),
  clientSettings({ ...SMALL, maxInformational: 1, headersTimeout: 10, bodyIdleTimeout: 10 }),
  clientSettings({ ...LENIENT, allowObsFold: true, allowSpaceBeforeColon: true }),
  clientSettings({
    ...LENIENT,
    ...SMALL,
    http09Responses: true,
    allowObsFold: true,
    allowSpaceBeforeColon: true,
  }),
]

const HEADERS = new HeaderMap({ 'x-b': '2' })
const CLOSING = new HeaderMap({ connection: 'close' })
const TRAILERS = new HeaderMap({ sum: '1' })
const UPGRADING = new HeaderMap({ connection: 'upgrade', upgrade: 'echo' })
const METHODS = ['GET', 'GET', 'POST', 'HEAD', 'GET', 'CONNECT', 'GET', 'GET'] as const

/** What is wrong, or null. */
export function check(fuzz: FuzzCase): string | null {
  let whole: Transcript | null = null
  // Random pieces for one case in four: they cost as much as the rest, and find less.
  const ways = fuzz.cuts % 4 === 0 ? 3 : 2
  for (let way = 0; way < ways; way++) {
    let result: Transcript
    try {
      result = run(fuzz, cutUp(fuzz.wire, way, fuzz.cuts))
    } catch (error) {
      return `way ${way}: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`
    }
    whole ??= result
    if (!same(whole, result))
      return `way ${way}: ${JSON.stringify(result)} instead of ${JSON.stringify(whole)}`
  }
  return null
}

/** Checks the cases `from` to `to` of a seed. @returns what is wrong with the first bad one, with the case, or null */
export function checkRange(seed: number, from: number, to: number): string | null {
  const limit = Error.stackTraceLimit
  // Most cases end in an error, and its stack would cost more than the case.
  Error.stackTraceLimit = 0
  try {
    for (let number = from; number < to; number++) {
      const fuzz = makeCase(seed, number)
      if (check(fuzz) === null) continue
      Error.stackTraceLimit = limit
      return `seed ${seed}, case ${number}: ${JSON.stringify(fuzz)}\n${check(fuzz)}`
    }
    return null
  } finally {
    Error.stackTraceLimit = limit
  }
}

function run(fuzz: FuzzCase, chunks: readonly Uint8Array[]): Transcript {
  const machine = fuzz.role === 'server' ? new ServerMachine(SERVER[fuzz.settings]!) : asked(fuzz)
  const onEvent =
    machine instanceof ServerMachine ? serverPlan(machine, fuzz.plan) : clientPlan(machine, fuzz.plan)
  const watched = (event: number): string => {
    checkHeld(machine)
    return onEvent(event)
  }
  const result = play(machine, chunks, fuzz.after === 1, watched)
  const more = fuzz.after === 2 ? timePasses(machine, watched) : null
  afterEnd(machine, more ?? result)
  return more === null
    ? result
    : { ...more, events: [...result.events, ...more.events], output: result.output + more.output }
}

function timePasses(machine: Machine, onEvent: (event: number) => string): Transcript | null {
  if (machine.nextDeadline === Infinity) return null
  machine.handleDeadline(machine.nextDeadline)
  return play(machine, [], false, onEvent, true)
}

function serverPlan(machine: ServerMachine, plan: number): (event: number) => string {
  const when = plan % 4
  return (event) => {
    const isHead = event === HEAD_EVENT
    const line = isHead ? requestLine(machine) : ''
    const isComplete = event === END_EVENT || (isHead && !machine.hasBody)
    if (when === 3 ? false : when === 2 ? isHead : isComplete) answer(machine, plan)
    return line
  }
}

function answer(machine: ServerMachine, plan: number): void {
  if (machine.expectsContinue && plan % 2 === 1) machine.sendInformational(100, new HeaderMap())
  if (machine.offersUpgrade && plan >= 4) {
    if (machine.request!.method === 'CONNECT') machine.sendHead(200, null, HEADERS, 0, false)
    else machine.sendHead(101, null, UPGRADING, 0, false)
    return
  }
  const headers = plan === 6 ? CLOSING : HEADERS
  if (
    plan >= 4
      ? machine.sendHead(200, null, headers, -1, true)
      : machine.sendHead(404, null, headers, 2, false)
  ) {
    machine.sendText('ok')
    machine.sendEnd(plan >= 4 ? TRAILERS : null)
  }
}

function asked(fuzz: FuzzCase): ClientMachine {
  const machine = new ClientMachine(CLIENT[fuzz.settings]!)
  ask(machine, fuzz.plan)
  return machine
}

function ask(machine: ClientMachine, plan: number): void {
  const method = METHODS[plan]!
  if (
    machine.sendHead(
      method,
      method === 'CONNECT' ? 'a:1' : '/',
      '1.1',
      plan >= 4 ? UPGRADING : HEADERS,
      method === 'POST' ? 2 : 0,
    )
  ) {
    machine.sendText('ok')
    machine.sendEnd(null)
  }
}

function clientPlan(machine: ClientMachine, plan: number): (event: number) => string {
  let left = plan % 2 === 0 ? 0 : 2
  return (event) => {
    if (event === INFORMATIONAL_EVENT) return `interim ${machine.status}${fields(machine.headers!)}`
    const line = event === HEAD_EVENT ? statusLine(machine) : ''
    // Another request once the exchange is over, as if it had been sent before anything came: a driver would look whether
    // bytes are held, and what it did would depend on how they come.
    const { read, write } = machine.state
    if ((line !== '' || event === END_EVENT) && read === HEAD && write === HEAD && left-- > 0)
      ask(machine, plan)
    return line
  }
}

// How much of a section a machine keeps. Private fields: nobody else needs to know.
function checkHeld(machine: Machine): void {
  const reader = machine['reader']
  if (reader === null) return
  const limit = Math.max(machine.settings.maxHeadSize, machine.settings.maxTrailerSize)
  if (reader['held'] > limit) throw new Error(`${reader['held']} bytes are held`)
}

const AFTER = toBytes('GET / HTTP/1.1\r\nhost: a\r\n\r\n')

// Closed is closed: nothing that comes now is read, and nothing is written.
function afterEnd(machine: Machine, { events }: Transcript): void {
  if (events.at(-1) !== 'closed') return
  machine.receive(AFTER, 0)
  const event = machine.nextEvent()
  if (machine.isHolding || !machine.output.isEmpty || event === HEAD_EVENT)
    throw new Error(`event ${event} after the end`)
}

function same(a: Transcript, b: Transcript): boolean {
  if (a.output !== b.output || a.leftover !== b.leftover || a.events.length !== b.events.length) return false
  for (let i = 0; i < a.events.length; i++) if (a.events[i] !== b.events[i]) return false
  return a.reasons.join() === b.reasons.join()
}
