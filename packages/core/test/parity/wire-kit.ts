import { chunkings, MockIo, VirtualRuntime } from '@hyper/testkit'
import type { Chunking } from '@hyper/testkit'
import type { HyperError } from '../../src/error/index.ts'
import {
  CLOSED_EVENT,
  ClientMachine,
  DATA_EVENT,
  END_EVENT,
  FAILED,
  handshake,
  HEAD_EVENT,
  INFORMATIONAL_EVENT,
  NEED_DATA,
  PAUSED,
  serveConnection,
  SWITCHED_EVENT,
} from '../../src/h1/index.ts'
import type {
  ClientConnection,
  H1ClientOptions,
  H1ServerOptions,
  ServeOptions,
  SendRequest,
  ServerConnection,
} from '../../src/h1/index.ts'
import { HeaderMap } from '../../src/http/index.ts'
import type { Service } from '../../src/service/service.ts'
import type { Tracer } from '../../src/trace/tracer.ts'

// What the parity tests of the HTTP/1 drivers and encoders share: a connection over a MockIo on a virtual clock, and
// the events of a client machine as text, for every way to cut what it is given.

/** A server connection; heads without the fields that only say that the connection stays open, and without a date. */
export interface Served {
  readonly io: MockIo
  readonly runtime: VirtualRuntime
  readonly connection: ServerConnection
  /** Feeds, waits until nothing is left to do, and takes what was written. */
  readonly ask: (wire?: string) => Promise<string>
}

export function served(
  service: Service,
  options: Omit<ServeOptions, 'runtime'> = {},
  tracer?: Tracer,
): Served {
  const io = new MockIo()
  const runtime = new VirtualRuntime()
  const connection = serveConnection(io, service, {
    keepAliveHint: false,
    autoDateHeader: false,
    ...options,
    runtime,
    tracer,
  })
  const ask = async (wire = ''): Promise<string> => {
    if (wire !== '') io.feed(wire)
    await runtime.settle()
    return io.take()
  }
  return { io, runtime, connection, ask }
}

export const GET = 'GET / HTTP/1.1\r\nhost: a\r\n\r\n'
export const GET_10 = 'GET / HTTP/1.0\r\n\r\n'
export const HEAD = 'HEAD / HTTP/1.1\r\nhost: a\r\n\r\n'

/** What one request is answered with. */
export function answerTo(wire: string, service: Service, options?: H1ServerOptions): Promise<string> {
  return served(service, options).ask(wire)
}

/** A client connection. */
export interface Dialed {
  readonly io: MockIo
  readonly runtime: VirtualRuntime
  readonly sender: SendRequest
  readonly connection: ClientConnection
  /** Waits until nothing is left to do, and takes what was written. */
  readonly sent: () => Promise<string>
  /** Feeds, and waits until nothing is left to do. */
  readonly reply: (wire: string) => Promise<void>
}

export function dialed(options: H1ClientOptions = {}, tracer?: Tracer): Dialed {
  const io = new MockIo()
  const runtime = new VirtualRuntime()
  const { sender, connection } = handshake(io, { ...options, runtime, tracer })
  const sent = async (): Promise<string> => {
    await runtime.settle()
    return io.take()
  }
  const reply = async (wire: string): Promise<void> => {
    io.feed(wire)
    await runtime.settle()
  }
  return { io, runtime, sender, connection, sent, reply }
}

/** The error that a promise rejects with. */
export async function errorOf(promise: Promise<unknown>): Promise<HyperError> {
  try {
    await promise
  } catch (error) {
    return error as HyperError
  }
  throw new Error('it did not fail')
}

/** The error that a call throws. */
export function thrown(call: () => unknown): HyperError {
  try {
    call()
  } catch (error) {
    return error as HyperError
  }
  throw new Error('it did not throw')
}

/** The outcome of a promise without waiting for it: see `settled`. */
export interface Outcome<T> {
  state: 'pending' | 'resolved' | 'rejected'
  value: T | null
  error: HyperError | null
}

export function watch<T>(promise: Promise<T>): Outcome<T> {
  const outcome: Outcome<T> = { state: 'pending', value: null, error: null }
  promise.then(
    (value) => {
      outcome.state = 'resolved'
      outcome.value = value
    },
    (error: unknown) => {
      outcome.state = 'rejected'
      outcome.error = error as HyperError
    },
  )
  return outcome
}

export interface ClientCase {
  readonly method?: string
  readonly headers?: readonly (readonly [string, string])[]
  readonly options?: H1ClientOptions
  /** The server ends its half after the bytes. */
  readonly end?: boolean
}

/** What a client machine makes of `wire`, as one line per event; data is joined. */
export function clientEvents(wire: string, given: ClientCase = {}): string[] {
  return oneClientRun({ name: 'whole', chunks: [latin1(wire)], trailing: 0 }, given)
}

/** As `clientEvents`, for every way to cut the bytes; each must give the same. */
export function everyClientRun(wire: string, given: ClientCase = {}): string[] {
  let first: string[] | null = null
  for (const chunking of chunkings(wire)) {
    const events = oneClientRun(chunking, given)
    first ??= events
    if (events.join('\n') !== first.join('\n')) {
      throw new Error(`${chunking.name}: ${JSON.stringify(events)} instead of ${JSON.stringify(first)}`)
    }
  }
  return first!
}

function oneClientRun(chunking: Chunking, given: ClientCase): string[] {
  const machine = new ClientMachine(given.options)
  const log: string[] = []
  machine.sendHead(given.method ?? 'GET', '/', '1.1', new HeaderMap(given.headers ?? []), 0)
  for (const chunk of chunking.chunks) {
    machine.receive(chunk, 0)
    drainEvents(machine, log)
  }
  if (given.end === true) {
    machine.receiveEnd(0)
    drainEvents(machine, log)
  }
  return log
}

function drainEvents(machine: ClientMachine, log: string[]): void {
  for (;;) {
    switch (machine.nextEvent()) {
      case INFORMATIONAL_EVENT:
        log.push(`${machine.status} ${fieldsOf(machine.headers)}`.trimEnd())
        break
      case HEAD_EVENT: {
        const { status, reason, version, headers } = machine.response!
        const length = machine.hasBody ? ` body ${machine.bodyLength ?? 'unknown'}` : ''
        log.push(
          `${version} ${status}${reason === null ? '' : ` "${reason}"`} ${fieldsOf(headers)}`.trimEnd() +
            length,
        )
        break
      }
      case DATA_EVENT: {
        const text = Buffer.from(machine.data).toString('latin1')
        const last = log.length - 1
        if (log[last]?.startsWith('data ') === true) log[last] += text
        else log.push(`data ${text}`)
        break
      }
      case END_EVENT:
        log.push(`end ${fieldsOf(machine.trailers)}`.trimEnd())
        break
      case FAILED:
        log.push(`failed ${machine.error!.code}`)
        break
      case SWITCHED_EVENT:
        if (!log.includes('switched')) log.push('switched')
        return
      case CLOSED_EVENT:
        if (log.at(-1) !== 'closed') log.push('closed')
        return
      case NEED_DATA:
      case PAUSED:
        return
    }
  }
}

export function fieldsOf(headers: HeaderMap | null): string {
  return headers === null ? '' : [...headers].map(([name, value]) => `${name}=${value}`).join(' ')
}

export function latin1(text: string): Uint8Array {
  return new Uint8Array(Buffer.from(text, 'latin1'))
}

export function textOf(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('latin1')
}

/** A body of unknown length. */
export async function* stream(...parts: (string | Uint8Array)[]): AsyncGenerator<string | Uint8Array> {
  yield* parts
}
