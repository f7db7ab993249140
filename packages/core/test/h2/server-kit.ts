import { frames, toText } from '@hyper/testkit'
import type { HyperError } from '../../src/error/index.ts'
import {
  CLOSED_EVENT,
  DATA_EVENT,
  END_EVENT,
  FAILED,
  HEAD_EVENT,
  NEED_DATA,
  RESET_EVENT,
} from '../../src/h2/event.ts'
import type { H2ServerOptions } from '../../src/h2/options.ts'
import { H2ServerMachine } from '../../src/h2/server-machine.ts'
import type { Stream } from '../../src/h2/streams/stream.ts'
import { HeaderMap } from '../../src/http/header-map.ts'
import { FrameLog } from './read-frames.ts'

// A server machine and the client that talks to it, in virtual time. In: frames. Out: what the machine wrote, one line
// per frame, and in `events` what it told, one line per event.

export interface PeerOptions extends H2ServerOptions {
  /** Bytes are consumed as they are told. Default true. */
  readonly consumes?: boolean
  /** Each request gets 200 and no body as soon as it is complete. Default false. */
  readonly answers?: boolean
}

export const NO_FIELDS = new HeaderMap()

export class Peer {
  readonly machine: H2ServerMachine
  readonly log: FrameLog = new FrameLog()
  readonly events: string[] = []
  /** What the server said before anything else. */
  readonly greeting: string[]
  now: number = 1_000
  private readonly consumes: boolean
  private readonly answers: boolean

  /** @param settings the client's, sent with the preface and an acknowledgement; null: not yet */
  constructor(options: PeerOptions = {}, settings: Uint8Array | null = frames.settings()) {
    const { consumes = true, answers = false, ...rest } = options
    this.consumes = consumes
    this.answers = answers
    this.machine = new H2ServerMachine({ autoDateHeader: false, adaptiveWindow: false, ...rest }, this.now)
    this.greeting = this.written()
    if (settings === null) return
    this.greeting.push(...this.send(frames.preface, settings, frames.settingsAck()))
  }

  /** Bytes from the client. @returns what was written, after the streams have written what they may */
  send(...parts: readonly Uint8Array[]): string[] {
    return this.sendPieces([frames.join(...parts)])
  }

  sendPieces(pieces: Iterable<Uint8Array>): string[] {
    const lines: string[] = []
    for (const piece of pieces) {
      this.machine.receive(piece.slice(), this.now)
      lines.push(...this.pump())
    }
    return lines
  }

  /** The client ends its half. */
  end(): string[] {
    this.machine.receiveEnd(this.now)
    return this.pump()
  }

  /** Time passes, with every deadline at its own time. */
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

  /** Events, then output. */
  pump(): string[] {
    const { machine } = this
    for (;;) {
      const event = machine.nextEvent()
      const line = this.describe(event)
      if (line !== null) this.events.push(line)
      if (event === NEED_DATA || event === CLOSED_EVENT) break
      this.react(event)
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

  /** The events since the last call. */
  told(): string[] {
    return this.events.splice(0)
  }

  stream(id: number): Stream {
    const stream = this.machine.streams.get(id)
    if (stream === undefined) throw new Error(`no stream ${id}`)
    return stream
  }

  /** A response: a head, and a body when there is one. */
  respond(id: number, body: string = '', status: number = 200, headers: HeaderMap = NO_FIELDS): string[] {
    const stream = this.stream(id)
    if (this.machine.sendHead(stream, status, headers, body.length, false))
      this.machine.sendWhole(stream, body)
    return this.written()
  }

  /** The head of a response whose body is to follow. */
  begin(id: number, status: number = 200): string[] {
    this.machine.sendHead(this.stream(id), status, NO_FIELDS, -1, false)
    return this.written()
  }

  private react(event: number): void {
    const { machine } = this
    const stream = machine.stream
    if (event === DATA_EVENT && this.consumes) machine.consume(stream!, machine.data.length)
    const isComplete = event === END_EVENT || (event === HEAD_EVENT && !machine.hasBody)
    if (isComplete && this.answers) machine.sendHead(stream!, 200, NO_FIELDS, 0, false)
  }

  private describe(event: number): string | null {
    const { machine } = this
    switch (event) {
      case HEAD_EVENT: {
        const { method, target } = machine.request!
        return `HEAD ${machine.stream!.id} ${method} ${target}`
      }
      case DATA_EVENT:
        return `DATA ${machine.stream!.id} ${short(toText(machine.data))}`
      case END_EVENT:
        return `END ${machine.stream!.id}${fieldsText(machine.trailers)}`
      case RESET_EVENT:
        return `RESET ${machine.stream!.id} ${errorText(machine.error!)}`
      case FAILED:
        return `FAILED ${errorText(machine.error!)}`
      case CLOSED_EVENT:
        return 'CLOSED'
      case NEED_DATA:
        return null
      default:
        return `EVENT ${event}`
    }
  }
}

export function errorText(error: HyperError): string {
  return error.reason === null ? error.code : `${error.code} ${error.reason}`
}

export function fieldsText(headers: HeaderMap | null): string {
  return headers === null ? '' : [...headers].map(([name, value]) => ` ${name}=${value}`).join('')
}

function short(text: string): string {
  return text.length > 100 ? `[${text.length}]` : text
}
