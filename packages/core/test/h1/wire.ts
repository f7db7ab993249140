import { chunkings, toText, type Chunking } from '@hyper/testkit'
import { expect } from 'vitest'
import {
  CLOSED_EVENT,
  DATA_EVENT,
  END_EVENT,
  FAILED,
  HEAD_EVENT,
  INFORMATIONAL_EVENT,
  NEED_DATA,
  SWITCHED_EVENT,
} from '../../src/h1/event.ts'
import {
  ClientMachine,
  ServerMachine,
  type H1ClientOptions,
  type H1ServerOptions,
} from '../../src/h1/index.ts'
import type { Machine } from '../../src/h1/machine.ts'
import { HeaderMap } from '../../src/http/header-map.ts'

// Wire cases for a machine alone. In: bytes, options, and what the caller does. Out: a transcript with one line per
// event (data that follows data is one line) and the exact output. Every case is delivered whole, byte by byte, cut at
// every place and at random ones, and all of them must give the same transcript.

export interface Transcript {
  readonly events: string[]
  /** Everything that was written. */
  readonly output: string
  /** What speaks against another message. */
  readonly reasons: readonly string[]
  /** What came after a switch of protocols. */
  readonly leftover: string
}

interface Common {
  /** Whether the peer ends its half after the bytes. Default false. */
  readonly end?: boolean
  /** More bytes than the case itself, delivered in the same chunk, apart, and beside the last byte. */
  readonly trailing?: string
}

export interface ServerCase extends Common {
  readonly options?: H1ServerOptions
  /** When a request is answered (200, `ok`): when it is complete (default), with its head, or never. */
  readonly answer?: 'complete' | 'head' | 'never'
  /** Another answer than `ok`. */
  readonly send?: (machine: ServerMachine) => void
}

export interface ClientCase extends Common {
  readonly options?: H1ClientOptions
  readonly method?: string
  readonly headers?: Readonly<Record<string, string>>
}

/** How many events one input may give: one per byte, and a few for what it ends. */
const EXTRA_EVENTS = 16

/** What a server makes of the bytes, however they are cut. */
export function serve(input: string, wire: ServerCase = {}): Transcript {
  return everyWay(input, wire, (chunking) => serveChunks(chunking.chunks, wire))
}

/** What a client makes of the bytes as the answer to a request without a body, however they are cut. */
export function receive(input: string, wire: ClientCase = {}): Transcript {
  return everyWay(input, wire, (chunking) => receiveChunks(chunking.chunks, wire))
}

function everyWay(input: string, wire: Common, run: (chunking: Chunking) => Transcript): Transcript {
  const isLong = input.length > 600
  const all = [...chunkings(input, { maxCuts: isLong ? 24 : 2048, random: isLong ? 2 : 8 })]
  const first = run(all[0]!)
  for (const chunking of all) expect(run(chunking), chunking.name).toEqual(first)
  if (wire.trailing === undefined) return first
  // Trailing bytes are told apart from the case: its own events come first, and are the same.
  const long = [...chunkings(input, { trailing: wire.trailing, random: 0, maxCuts: 1 })].filter(
    (c) => c.trailing > 0,
  )
  const whole = run(long[0]!)
  expect(whole.events.slice(0, first.events.length)).toEqual(first.events)
  for (const chunking of long) expect(run(chunking), chunking.name).toEqual(whole)
  return whole
}

export function serveChunks(chunks: readonly Uint8Array[], wire: ServerCase = {}): Transcript {
  const machine = new ServerMachine(wire.options ?? {})
  const when = wire.answer ?? 'complete'
  return play(machine, chunks, wire.end === true, (event) => {
    const isHead = event === HEAD_EVENT
    const isComplete = event === END_EVENT || (isHead && !machine.hasBody)
    const line = isHead ? requestLine(machine) : ''
    if (when === 'head' ? isHead : when === 'complete' && isComplete) answer(machine, wire)
    return line
  })
}

function answer(machine: ServerMachine, wire: ServerCase): void {
  if (wire.send !== undefined) wire.send(machine)
  else if (machine.sendHead(200, null, new HeaderMap(), 2, false)) {
    machine.sendText('ok')
    machine.sendEnd(null)
  }
}

export function receiveChunks(chunks: readonly Uint8Array[], wire: ClientCase = {}): Transcript {
  const machine = new ClientMachine(wire.options ?? {})
  machine.sendHead(wire.method ?? 'GET', '/', '1.1', new HeaderMap({ host: 'a', ...wire.headers }), 0)
  drain(machine)
  return play(machine, chunks, wire.end === true, (event) => {
    if (event === INFORMATIONAL_EVENT) return `interim ${machine.status}${fields(machine.headers!)}`
    return event === HEAD_EVENT ? statusLine(machine) : ''
  })
}

/** Feeds the chunks and takes every event, once more with `again`; `onEvent` says what a head is, and may answer it. */
export function play(
  machine: Machine,
  chunks: readonly Uint8Array[],
  end: boolean,
  onEvent: (event: number) => string,
  again: boolean = false,
): Transcript {
  const events: string[] = []
  let output = ''
  let leftover = ''
  let total = 0
  for (const chunk of chunks) total += chunk.length
  const pull = (): void => {
    for (;;) {
      const event = machine.nextEvent()
      const line = lineOf(machine, event, onEvent(event))
      output += drain(machine)
      if (event === SWITCHED_EVENT) leftover += toText(machine.takeLeftover())
      if (line !== '') push(events, line)
      if (line === '' || event === CLOSED_EVENT || event === SWITCHED_EVENT) return
      if (events.length > total + EXTRA_EVENTS) throw new Error('events without end')
    }
  }
  for (const chunk of chunks) {
    machine.receive(chunk, 0)
    pull()
  }
  if (end) machine.receiveEnd(0)
  if (end || again) pull()
  return { events, output, reasons: [...machine.state.reasons], leftover }
}

function lineOf(machine: Machine, event: number, head: string): string {
  switch (event) {
    case HEAD_EVENT:
      return head + (machine.hasBody ? ` | body ${machine.bodyLength ?? '?'}` : '')
    case INFORMATIONAL_EVENT:
      return head
    case DATA_EVENT:
      return `data ${toText(machine.data)}`
    case END_EVENT:
      return `end${machine.trailers === null ? '' : fields(machine.trailers)}`
    case FAILED:
      return `failed ${machine.error!.code} ${machine.error!.statusHint}`
    case SWITCHED_EVENT:
      return 'switched'
    case CLOSED_EVENT:
      return 'closed'
    case NEED_DATA:
    default:
      return ''
  }
}

function push(events: string[], line: string): void {
  const last = events.length - 1
  if (line.startsWith('data ') && last >= 0 && events[last]!.startsWith('data '))
    events[last] += line.slice(5)
  else if ((line !== 'closed' && line !== 'switched') || events[last] !== line) events.push(line)
}

/** A HEAD event of a server. */
export function requestLine(machine: ServerMachine): string {
  const { method, target, version, headers } = machine.request!
  return `${method} ${target} ${version}${fields(headers)}`
}

/** A HEAD event of a client. */
export function statusLine(machine: ClientMachine): string {
  const { status, reason, version, headers } = machine.response!
  return `${version} ${status}${reason === null ? '' : ` ${reason}`}${fields(headers)}`
}

/** ` | name: value` for each line, with the spelling that was kept. */
export function fields(headers: HeaderMap): string {
  let text = ''
  for (let i = 0; i < headers.size; i++) text += ` | ${headers.caseAt(i)}: ${headers.valueAt(i)}`
  return text
}

/** What a machine has to write, as text. */
export function drain(machine: Machine): string {
  let text = ''
  for (let piece = machine.output.take(); piece !== null; piece = machine.output.take()) {
    text += typeof piece === 'string' ? piece : toText(piece)
  }
  return text
}

/** A request with the given lines after the request line and Host. */
export function get(...lines: string[]): string {
  return `GET / HTTP/1.1\r\nhost: a\r\n${lines.map((line) => `${line}\r\n`).join('')}\r\n`
}

/** A POST with the given lines after the request line and Host, and what follows its head. */
export function post(lines: readonly string[], body: string = ''): string {
  return `POST / HTTP/1.1\r\nhost: a\r\n${lines.map((line) => `${line}\r\n`).join('')}\r\n${body}`
}

const KEPT = 'connection: keep-alive\r\nkeep-alive: timeout=75\r\n'
/** The answer of {@link serve} on a connection that stays open, and on one that ends. */
export const OK: string = `HTTP/1.1 200 OK\r\ncontent-length: 2\r\n${KEPT}\r\nok`
export const OK_CLOSE: string = 'HTTP/1.1 200 OK\r\ncontent-length: 2\r\nconnection: close\r\n\r\nok'

const REFUSALS: Readonly<Record<number, string>> = {
  400: 'Bad Request',
  408: 'Request Timeout',
  414: 'URI Too Long',
  431: 'Request Header Fields Too Large',
  501: 'Not Implemented',
  503: 'Service Unavailable',
  505: 'HTTP Version Not Supported',
}

/** What a machine alone (no date) writes when it refuses what came. */
export function refusal(status: number, date: string = ''): string {
  if (status === 0) return ''
  const dateLine = date === '' ? '' : `date: ${date}\r\n`
  return `HTTP/1.1 ${status} ${REFUSALS[status]!}\r\ncontent-length: 0\r\nconnection: close\r\n${dateLine}\r\n`
}

/** A server refuses the bytes, with this code and status, writes nothing else, and reads nothing after them. */
export function expectRefused(
  input: string,
  code: string,
  status: number,
  options: H1ServerOptions = {},
): void {
  for (const wire of [{ options }, { options, trailing: get() }]) {
    const { events, output } = serve(input, wire)
    expect(events).toEqual([`failed ${code} ${status}`, 'closed'])
    expect(output).toBe(refusal(status))
  }
}
