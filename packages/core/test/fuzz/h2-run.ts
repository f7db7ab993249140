import { frames, seededRandom, toText, type FrameField } from '@hyper/testkit'
import { H2ClientMachine, type RequestLine } from '../../src/h2/client-machine.ts'
import {
  CAPACITY_EVENT,
  CLOSED_EVENT,
  DATA_EVENT,
  END_EVENT,
  FAILED,
  HEAD_EVENT,
  INFORMATIONAL_EVENT,
  NEED_DATA,
  RESET_EVENT,
} from '../../src/h2/event.ts'
import type { Frame } from '../../src/h2/frame/index.ts'
import { clientH2Settings, serverH2Settings, type H2Settings } from '../../src/h2/options.ts'
import { H2ServerMachine } from '../../src/h2/server-machine.ts'
import { maySend } from '../../src/h2/streams/state.ts'
import type { Stream } from '../../src/h2/streams/stream.ts'
import { HeaderMap } from '../../src/http/header-map.ts'
import { TAKEN, type Io } from '../../src/rt/index.ts'
import { FrameLog } from '../h2/read-frames.ts'
import { Books } from './h2-books.ts'

// Runs random sequences of frames and calls through an HTTP/2 machine, whole and byte by byte, and says what is wrong,
// if anything. It checks:
// - nothing throws, and no sequence makes the machine tell events without end;
// - what is written can be read by a peer that keeps all tables, and DATA never exceeds the credit the peer has given
//   (h2-books.ts), nor follows the end of its stream;
// - our own windows: what was received is held, owed or given back, to the byte; none is above 2^31-1;
// - no more streams than were allowed; no stream that is closed is kept; what is queued and held adds up over the streams;
// - what is held of the input is bounded; after a failure nothing is told or written but the one GOAWAY;
// - the same sequence byte by byte gives the same output and the same events, but for when credit is announced.

const POST: RequestLine = { method: 'POST', scheme: 'http', authority: 'a', path: '/', protocol: null }
const NO_FIELDS = new HeaderMap()
const TRAILERS = new HeaderMap({ sum: '1' })

const SERVERS: readonly H2Settings[] = [
  {},
  {
    maxConcurrentStreams: 3,
    initialStreamWindowSize: 300,
    initialConnectionWindowSize: 65_535,
    maxSendBufferSize: 500,
  },
  {
    maxConcurrentStreams: 5,
    maxHeaderListSize: 200,
    maxHeaders: 6,
    adaptiveWindow: false,
    enableConnectProtocol: true,
    initialStreamWindowSize: 70_000,
  },
  {
    maxResetBurst: 3,
    maxResetRate: 1,
    maxLocalErrorResetStreams: 4,
    headerTableSize: 0,
    maxRequests: 5,
    keepAliveInterval: 1_000,
  },
].map(serverH2Settings)
const CLIENTS: readonly H2Settings[] = [
  {},
  {
    initialStreamWindowSize: 300,
    initialConnectionWindowSize: 65_535,
    maxSendBufferSize: 500,
    initialMaxSendStreams: 2,
  },
  { maxHeaderListSize: 200, maxHeaders: 6, adaptiveWindow: false, maxInformational: 2 },
  {
    maxLocalErrorResetStreams: 4,
    headerTableSize: 0,
    keepAliveInterval: 1_000,
    headersTimeout: 3_000,
    bodyIdleTimeout: 2_000,
  },
].map(clientH2Settings)

/** One step of a case: bytes from the peer, or a call. */
type Step =
  | { readonly wire: Uint8Array }
  | { readonly call: number; readonly pick: number; readonly size: number }

export interface H2Case {
  readonly isServer: boolean
  readonly settings: number
  readonly isCut: boolean
  readonly steps: readonly Step[]
}

// ------------------------------------------------------------------ cases

export function makeCase(seed: number, number: number): H2Case {
  const random = seededRandom(Math.imul(seed, 0x9e3779b1) ^ Math.imul(number + 1, 0x85ebca6b))
  const pick = (count: number): number => Math.floor(random() * count)
  const isServer = pick(3) > 0
  const steps: Step[] = []
  if (pick(20) > 0) {
    const first =
      pick(3) === 0
        ? frames.settings({ initialWindowSize: pick(4) === 0 ? 0 : pick(300) })
        : frames.settings()
    steps.push({ wire: frames.join(isServer ? frames.preface : new Uint8Array(0), first) })
    if (pick(4) > 0) steps.push({ wire: frames.settingsAck() })
  }
  const count = 2 + pick(12)
  for (let step = 0; step < count; step++) {
    const isCall = pick(5) < (isServer ? 2 : 3)
    steps.push(
      isCall ? { call: pick(16), pick: pick(8), size: sizeOf(pick) } : { wire: wireOf(pick, isServer) },
    )
  }
  return { isServer, settings: pick(4), isCut: pick(3) === 0, steps }
}

type Choose = (count: number) => number

function sizeOf(pick: Choose): number {
  const kind = pick(10)
  return kind < 7 ? pick(20) : kind < 9 ? pick(500) : pick(pick(8) === 0 ? 40_000 : 3_000)
}

function wireOf(pick: Choose, isServer: boolean): Uint8Array {
  const id = pick(30) === 0 ? pick(9) : pick(6) * 2 + 1
  switch (pick(18)) {
    case 0:
    case 1:
    case 2:
    case 3:
      return headOf(pick, id, isServer)
    case 4:
    case 5:
    case 6:
      return dataOf(pick, id)
    case 7:
      return frames.headers(id, [['sum', '1', 'index']], { endStream: pick(8) > 0 })
    case 8:
      return frames.rst(id, pick(15))
    case 9:
      return frames.windowUpdate(pick(2) * id, pick(12) === 0 ? pick(2) * 2_147_483_647 : 1 + pick(400))
    case 10:
      return frames.settings({ initialWindowSize: pick(10) === 0 ? 2_147_483_647 : pick(500) })
    case 11:
      return frames.settings(
        pick(2) === 0
          ? { headerTableSize: pick(200) }
          : { maxConcurrentStreams: pick(5), maxFrameSize: 16_384 + pick(9) },
      )
    case 12:
      return pick(2) === 0
        ? frames.ping()
        : frames.ping(['hyperbd\x02', 'hypersd\x03', 'hyperka\x01'][pick(3)]!, true)
    case 13:
      return frames.settingsAck()
    case 14:
      return frames.priority(id, pick(9))
    case 15:
      return pick(3) === 0
        ? frames.goAway(pick(9), pick(3))
        : frames.priorityUpdate(id, `u=${pick(9)}${pick(2) === 0 ? ', i' : ''}`)
    case 16:
      return brokenOf(pick, id)
    default:
      return headInPieces(pick, id, isServer)
  }
}

const ODD: readonly FrameField[] = [
  ['cookie', 'a=1'],
  ['content-length', '5'],
  ['content-length', '0'],
  ['x', 'y', 'index'],
  ['long', 'z'.repeat(100), 'index'],
  ['A', 'b'],
  ['te', 'trailers'],
  ['connection', 'close'],
  ['priority', 'u=1, i'],
  [':late', ''],
  ['secret', 's', 'never'],
  ['expect', '100-continue'],
]

function fieldsOf(pick: Choose, isServer: boolean): FrameField[] {
  const fields: FrameField[] = []
  if (isServer) {
    const method = pick(8) === 0 ? ['HEAD', 'CONNECT', 'OPTIONS'][pick(3)]! : pick(2) === 0 ? 'GET' : 'POST'
    fields.push([':method', method])
    if (method !== 'CONNECT') fields.push([':scheme', 'http'], [':path', pick(20) === 0 ? '' : '/'])
    if (pick(3) > 0) fields.push([':authority', 'a:1'])
    if (pick(20) === 0) fields.push([':protocol', 'ws'])
  } else fields.push([':status', pick(5) === 0 ? ['100', '103', '101', '204', '304', '99'][pick(6)]! : '200'])
  if (pick(4) === 0) fields.push(ODD[pick(ODD.length)]!, ODD[pick(ODD.length)]!)
  return fields
}

function headOf(pick: Choose, id: number, isServer: boolean): Uint8Array {
  const padding = pick(10) === 0 ? { padding: pick(20) } : {}
  const priority = pick(15) === 0 ? { priority: { dependency: pick(4) } } : {}
  return frames.headers(id, fieldsOf(pick, isServer), { endStream: pick(2) === 0, ...padding, ...priority })
}

function headInPieces(pick: Choose, id: number, isServer: boolean): Uint8Array {
  const block = frames.block(fieldsOf(pick, isServer))
  const at = pick(block.length)
  const first = frames.headers(id, block.subarray(0, at), { endHeaders: false, endStream: pick(2) === 0 })
  if (pick(12) === 0) return first
  return frames.join(first, frames.continuation(pick(15) === 0 ? id + 2 : id, block.subarray(at)))
}

function dataOf(pick: Choose, id: number): Uint8Array {
  const padding = pick(4) === 0 ? { padding: pick(60) } : {}
  return frames.data(id, 'd'.repeat(sizeOf(pick) % 16_000), { endStream: pick(3) === 0, ...padding })
}

function brokenOf(pick: Choose, id: number): Uint8Array {
  const payload = 'p'.repeat(pick(12))
  if (pick(3) > 0) return frames.raw(0x20 + pick(5), pick(256), pick(2) * id, payload)
  return frames.raw(pick(11), pick(256), pick(2) * id, payload)
}

// ------------------------------------------------------------------ runs

interface Outcome {
  readonly events: string
  readonly output: string
}

/** What is wrong, or null. One case in three is run byte by byte too, which costs as much as the rest. */
export function check(fuzz: H2Case): string | null {
  try {
    const whole = run(fuzz, false)
    if (!fuzz.isCut) return null
    const bytewise = run(fuzz, true)
    if (whole.events !== bytewise.events)
      return `events byte by byte:\n${bytewise.events}\nwhole:\n${whole.events}`
    if (whole.output !== bytewise.output)
      return `output byte by byte:\n${bytewise.output}\nwhole:\n${whole.output}`
    return null
  } catch (error) {
    return error instanceof Error ? (error.stack ?? error.message) : String(error)
  }
}

/** Checks the cases `from` to `to` of a seed. @returns what is wrong with the first bad one, or null */
export function checkRange(seed: number, from: number, to: number): string | null {
  const limit = Error.stackTraceLimit
  Error.stackTraceLimit = 0
  try {
    for (let number = from; number < to; number++) {
      const fuzz = makeCase(seed, number)
      if (check(fuzz) === null) continue
      Error.stackTraceLimit = limit
      return `seed ${seed}, case ${number}\n${describe(fuzz)}\n${check(fuzz)}`
    }
    return null
  } finally {
    Error.stackTraceLimit = limit
  }
}

export function describe(fuzz: H2Case): string {
  const lines = fuzz.steps.map((step) =>
    'wire' in step ? Buffer.from(step.wire).toString('hex') : JSON.stringify(step),
  )
  return [`${fuzz.isServer ? 'server' : 'client'} with settings ${fuzz.settings}`, ...lines].join('\n')
}

function run(fuzz: H2Case, bytewise: boolean): Outcome {
  const runner = new Runner(fuzz)
  for (const step of fuzz.steps) {
    if ('wire' in step) runner.feed(step.wire, bytewise)
    else runner.call(step.call, step.pick, step.size)
  }
  return runner.finish()
}

class Runner {
  private readonly machine: H2ServerMachine | H2ClientMachine
  private readonly log: FrameLog = new FrameLog()
  private readonly books: Books
  private readonly consumes: boolean
  private now: number = 1_000
  private told: string = ''
  private data: Map<number, string> = new Map()
  private output: string[] = []
  private readonly io: Pick<Io, 'write'> = {
    write: (bytes) => {
      // When credit is announced depends on the pieces; how much is in the books.
      for (const line of this.log.read(bytes as Uint8Array))
        if (!line.startsWith('WINDOW')) this.output.push(line)
      return TAKEN
    },
  }
  private failed: boolean = false

  constructor(fuzz: H2Case) {
    this.machine = fuzz.isServer
      ? new H2ServerMachine(SERVERS[fuzz.settings]!, this.now)
      : new H2ClientMachine(CLIENTS[fuzz.settings]!, this.now)
    this.consumes = fuzz.steps.length % 3 !== 0
    this.books = new Books(this.machine)
    this.log.onFrame = (frame: Frame) => this.books.sent(frame)
    if (fuzz.isServer) this.write()
    // The preface of a client is no frame; the settings behind it are in the same piece.
    else this.machine.output.clear()
  }

  private write(): void {
    while (this.machine.writeStreams());
    if (!this.machine.output.isEmpty) this.machine.output.writeTo(this.io)
  }

  feed(wire: Uint8Array, bytewise: boolean): void {
    if (this.failed) return
    this.books.given(wire)
    const size = bytewise ? (wire.length > 1_000 ? 97 : 1) : Math.max(1, wire.length)
    for (let at = 0; at < wire.length && !this.failed && !this.machine.isFinished; at += size) {
      this.machine.receive(wire.slice(at, at + size), this.now)
      this.events()
    }
    this.settle()
  }

  call(kind: number, pick: number, size: number): void {
    const { machine } = this
    const streams = [...machine.streams.values()]
    const stream = streams[pick % Math.max(1, streams.length)]
    if (kind === 0) this.passTime(pick === 0 ? 40_000 : pick * 700)
    else if (kind === 1 && pick === 0) machine.shutdown()
    else if (machine instanceof H2ClientMachine && kind < 7) this.open(machine, pick, size)
    else if (stream !== undefined) this.onStream(kind, stream, pick, size)
    this.events()
    this.settle()
  }

  private passTime(ms: number): void {
    const until = this.now + ms
    for (let round = 0; this.machine.nextDeadline <= until; round++) {
      if (round > 200) throw new Error('deadlines without end')
      this.now = Math.max(this.now, this.machine.nextDeadline)
      this.machine.handleDeadline(this.now)
      this.events()
    }
    this.now = until
    this.machine.touch(until)
  }

  private open(machine: H2ClientMachine, pick: number, size: number): void {
    if (machine.capacity === 0) return
    const method = pick === 0 ? 'HEAD' : pick === 1 ? 'CONNECT' : size % 2 === 0 ? 'GET' : 'POST'
    const line = method === 'CONNECT' ? { ...POST, method, scheme: null, path: null } : { ...POST, method }
    const stream = machine.open(line, NO_FIELDS, method === 'POST' ? -1 : 0, method === 'CONNECT')
    stream.owner = stream
  }

  private onStream(kind: number, stream: Stream, pick: number, size: number): void {
    const { machine } = this
    if (kind < 3 && machine instanceof H2ServerMachine) {
      if (pick === 1) machine.sendInformational(stream, 103, TRAILERS)
      else if (!stream.sentHead && maySend(stream.state)) {
        if (
          machine.sendHead(stream, pick === 0 ? 204 : 200, NO_FIELDS, pick > 5 ? 0 : -1, stream.isTunnel) &&
          pick === 2
        ) {
          machine.sendWhole(stream, 'w'.repeat(size))
        }
      }
    } else if (kind < 10) {
      if (stream.sentHead) machine.sendData(stream, new Uint8Array(size))
    } else if (kind < 12) {
      if (stream.sentHead) machine.sendEnd(stream, pick > 4 ? TRAILERS : null)
    } else if (kind < 13) machine.reset(stream, pick)
    else if (kind < 15) machine.consume(stream, size)
    else if (machine instanceof H2ServerMachine) machine.stopReceiving(stream)
  }

  private events(): void {
    const { machine } = this
    for (let round = 0; ; round++) {
      if (round > 5_000) throw new Error('events without end')
      const event = machine.nextEvent()
      if (event === NEED_DATA || event === CLOSED_EVENT) break
      if (this.failed) throw new Error(`event ${event} after the failure`)
      this.take(event)
    }
    this.write()
  }

  private take(event: number): void {
    const { machine } = this
    const stream = machine.stream
    switch (event) {
      case HEAD_EVENT:
        this.tell(`head ${stream!.id} ${machine.hasBody} ${machine.bodyLength}`)
        break
      case DATA_EVENT: {
        const data = toText(machine.data)
        this.data.set(stream!.id, (this.data.get(stream!.id) ?? '') + data)
        if (this.consumes) machine.consume(stream!, machine.data.length)
        break
      }
      case END_EVENT:
        this.tell(
          `end ${stream!.id} ${this.data.get(stream!.id)?.length ?? 0} ${machine.trailers?.size ?? 0}`,
        )
        break
      case RESET_EVENT:
        // How much of a message was told before it failed depends on the pieces it came in.
        this.tell(`reset ${stream!.id} ${machine.error!.code} ${machine.error!.reason}`)
        break
      case INFORMATIONAL_EVENT:
        this.tell(`info ${stream!.id}`)
        break
      case CAPACITY_EVENT:
        this.tell('capacity')
        break
      case FAILED:
        this.failed = true
        this.tell(`failed ${machine.error!.code} ${machine.error!.reason}`)
        break
      default:
        throw new Error(`event ${event}`)
    }
  }

  private tell(line: string): void {
    this.told += `${line}\n`
  }

  private settle(): void {
    this.write()
    this.books.check()
  }

  finish(): Outcome {
    const before = this.output.length
    this.machine.receive(frames.join(frames.ping(), frames.settings()), this.now)
    if (this.failed) {
      this.events()
      if (this.output.length !== before) throw new Error('output after the failure')
    }
    this.machine.receiveEnd(this.now)
    this.events()
    if (!this.log.isWhole) throw new Error('output ends inside of a frame')
    for (const stream of [...this.machine.streams.values()]) this.machine.forget(stream)
    this.books.empty()
    this.machine.close()
    if (this.machine.nextDeadline !== Infinity) throw new Error('a deadline after the end')
    return { events: this.told, output: this.output.join('\n') }
  }
}
