import { frames, toText } from '@hyper/testkit'
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
import type { H2ClientOptions } from '../../src/h2/options.ts'
import type { Stream } from '../../src/h2/streams/stream.ts'
import { HeaderMap } from '../../src/http/header-map.ts'
import { FrameLog } from './read-frames.ts'
import { errorText, fieldsText, NO_FIELDS } from './server-kit.ts'

// A client machine and the server that talks to it, in virtual time; the counterpart of server-kit.ts.

export const GET: RequestLine = { method: 'GET', scheme: 'http', authority: 'a', path: '/', protocol: null }
export const POST: RequestLine = { ...GET, method: 'POST' }
const PREFACE = 24

export class ServerPeer {
  readonly machine: H2ClientMachine
  readonly log: FrameLog = new FrameLog()
  readonly events: string[] = []
  /** What the client said before anything else, behind its preface. */
  readonly greeting: string[]
  readonly preface: string
  now: number = 1_000

  constructor(options: H2ClientOptions = {}, settings: Uint8Array | null = frames.settings()) {
    this.machine = new H2ClientMachine({ adaptiveWindow: false, ...options }, this.now)
    const first = this.machine.output.take()!
    this.preface = toText(first.subarray(0, PREFACE))
    this.greeting = this.log.read(first.subarray(PREFACE))
    if (settings === null) return
    this.greeting.push(...this.send(settings, frames.settingsAck()))
    this.told()
  }

  /** Sends a request without a body, or the head of one with a body. */
  open(line: RequestLine = GET, length: number = 0, headers: HeaderMap = NO_FIELDS): Stream {
    return this.machine.open(line, headers, length, line.method === 'CONNECT')
  }

  send(...parts: readonly Uint8Array[]): string[] {
    this.machine.receive(frames.join(...parts), this.now)
    return this.pump()
  }

  end(): string[] {
    this.machine.receiveEnd(this.now)
    return this.pump()
  }

  after(ms: number): string[] {
    const until = this.now + ms
    const lines: string[] = []
    for (let due = this.machine.nextDeadline; due <= until; due = this.machine.nextDeadline) {
      this.now = Math.max(this.now, due)
      this.machine.handleDeadline(this.now)
      lines.push(...this.pump())
    }
    this.now = until
    this.machine.touch(until)
    return lines
  }

  pump(): string[] {
    for (;;) {
      const event = this.machine.nextEvent()
      if (event === NEED_DATA) break
      this.events.push(this.describe(event))
      if (event === CLOSED_EVENT) break
      if (event === DATA_EVENT) this.machine.consume(this.machine.stream!, this.machine.data.length)
    }
    return this.written()
  }

  written(): string[] {
    while (this.machine.writeStreams());
    const lines: string[] = []
    for (let piece = this.machine.output.take(); piece !== null; piece = this.machine.output.take()) {
      lines.push(...this.log.read(piece))
    }
    return lines
  }

  told(): string[] {
    return this.events.splice(0)
  }

  private describe(event: number): string {
    const { machine } = this
    const id = machine.stream?.id
    switch (event) {
      case HEAD_EVENT:
        return `HEAD ${id} ${machine.response!.status}${machine.hasBody ? ` body ${machine.bodyLength}` : ''}`
      case INFORMATIONAL_EVENT:
        return `INFO ${id} ${machine.status}${fieldsText(machine.headers)}`
      case DATA_EVENT:
        return `DATA ${id} ${toText(machine.data)}`
      case END_EVENT:
        return `END ${id}${fieldsText(machine.trailers)}`
      case RESET_EVENT:
        return `RESET ${id} ${errorText(machine.error!)}${machine.error!.retryable ? ' retryable' : ''}`
      case FAILED:
        return `FAILED ${errorText(machine.error!)}`
      case CAPACITY_EVENT:
        return 'CAPACITY'
      case CLOSED_EVENT:
        return 'CLOSED'
      default:
        return `EVENT ${event}`
    }
  }
}
