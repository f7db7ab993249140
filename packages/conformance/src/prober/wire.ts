// One raw connection. In: what to send, step by step, and when enough has come back. Out: a transcript.
// It adds nothing to the bytes it is given and repairs nothing in what it receives.
import { connect, type Socket } from 'node:net'
import { parseResponses, type AnswerKind, type ParsedStream } from './response.ts'

/** Bytes (a string is Latin-1), or something to do between bytes. */
export type Step =
  | string
  | Uint8Array
  /** Waits, so that what follows travels in a packet of its own. */
  | { readonly pause: number }
  /** Waits, then notes what has arrived so far: see {@link Transcript.marks}. */
  | { readonly mark: number }
  /** Waits until so many final responses are complete (or the connection ends, or the patience does). */
  | { readonly until: number }
  /** Waits until an interim response has come (or the patience ends). */
  | { readonly interim: true }
  /** Waits until anything has come (or the patience ends). */
  | { readonly begun: true }
  /** Sends FIN. */
  | { readonly end: true }

/** What was there when a `mark` was passed. */
export interface Mark {
  readonly bytes: number
  readonly closed: boolean
}

/** Everything that happened on one connection. */
export interface Transcript extends ParsedStream {
  readonly closed: boolean
  /** The connection was reset (RST) rather than ended. */
  readonly reset: boolean
  readonly marks: readonly Mark[]
  /** Our port: with it a witness beside the service can tell which requests it saw from here. */
  readonly localPort: number
  readonly elapsedMs: number
  /** Set when no connection could be made. */
  readonly failed: string | null
}

/** One conversation. Times in milliseconds. */
export interface Conversation {
  readonly host: string
  readonly port: number
  readonly steps: readonly Step[]
  readonly kindOf: (index: number) => AnswerKind
  /** True when no more needs to arrive; surplus bytes are still noticed for `settle` longer. */
  readonly enough: (stream: ParsedStream) => boolean
  readonly settle: number
  /** The longest wait for the server after the last step. */
  readonly patience: number
}

/** Holds the conversation and hangs up. Never rejects. */
export async function converse(conversation: Conversation): Promise<Transcript> {
  const wire = new Wire(conversation)
  await wire.opened
  for (const step of conversation.steps) {
    if (wire.closed && !isMark(step)) continue
    await wire.take(step)
  }
  await wire.waitFor(() => conversation.enough(wire.parsed()), conversation.patience)
  if (!wire.closed) await wire.waitFor(() => false, conversation.settle)
  return wire.finish()
}

function isMark(step: Step): boolean {
  return typeof step === 'object' && 'mark' in step
}

class Wire {
  readonly opened: Promise<void>
  closed = false
  private readonly conversation: Conversation
  private readonly socket: Socket
  private readonly startedAt = performance.now()
  private readonly marks: Mark[] = []
  private chunks: Buffer[] = []
  private size = 0
  private stream: ParsedStream | null = null
  private reset = false
  private failed: string | null = null
  private localPort = 0
  private wake: (() => void) | null = null

  constructor(conversation: Conversation) {
    this.conversation = conversation
    this.socket = connect({
      host: conversation.host,
      port: conversation.port,
      allowHalfOpen: true,
      noDelay: true,
    })
    this.opened = new Promise((resolve) => {
      this.socket.once('connect', () => {
        this.localPort = this.socket.localPort ?? 0
        resolve()
      })
      this.socket.once('close', () => resolve())
    })
    this.socket.on('data', (chunk: Buffer) => {
      this.chunks.push(chunk)
      this.size += chunk.length
      this.stream = null
      this.wake?.()
    })
    this.socket.on('end', () => this.over())
    this.socket.on('close', () => this.over())
    this.socket.on('error', (error: NodeJS.ErrnoException) => {
      if (this.localPort === 0) this.failed = error.code ?? error.message
      if (error.code === 'ECONNRESET' || error.code === 'EPIPE') this.reset = true
      this.over()
    })
  }

  parsed(): ParsedStream {
    if (this.stream !== null) return this.stream
    const bytes = this.chunks.length === 1 ? (this.chunks[0] ?? Buffer.alloc(0)) : Buffer.concat(this.chunks)
    this.chunks = [bytes]
    this.stream = parseResponses(bytes, this.conversation.kindOf, this.closed && !this.reset)
    return this.stream
  }

  async take(step: Step): Promise<void> {
    if (typeof step === 'string' || step instanceof Uint8Array) return this.send(step)
    if ('pause' in step) return this.waitFor(() => false, step.pause)
    if ('until' in step) return this.waitFor(() => this.finals() >= step.until, this.conversation.patience)
    if ('interim' in step)
      return this.waitFor(() => this.interims() > 0 || this.finals() > 0, this.conversation.patience)
    if ('begun' in step) return this.waitFor(() => this.size > 0, this.conversation.patience)
    if ('mark' in step) {
      await this.waitFor(() => false, step.mark)
      this.marks.push({ bytes: this.size, closed: this.closed })
      return
    }
    this.socket.end()
  }

  waitFor(done: () => boolean, patience: number): Promise<void> {
    if (this.closed || done()) return Promise.resolve()
    return new Promise((resolve) => {
      const finish = (): void => {
        clearTimeout(timer)
        this.wake = null
        resolve()
      }
      const timer = setTimeout(finish, patience)
      this.wake = () => {
        if (this.closed || done()) finish()
      }
    })
  }

  finish(): Transcript {
    const { marks, localPort, failed, reset, closed } = this
    const parsed = this.parsed()
    this.socket.destroy()
    return {
      ...parsed,
      closed,
      reset,
      marks,
      localPort,
      failed,
      elapsedMs: performance.now() - this.startedAt,
    }
  }

  private async send(data: string | Uint8Array): Promise<void> {
    const bytes = typeof data === 'string' ? Buffer.from(data, 'latin1') : data
    if (this.socket.destroyed || this.socket.write(bytes)) return
    await this.waitFor(() => !this.socket.writableNeedDrain, this.conversation.patience)
  }

  private finals(): number {
    return this.parsed().responses.filter((response) => response.complete).length
  }

  private interims(): number {
    const { responses, pending } = this.parsed()
    return pending.length + responses.reduce((sum, response) => sum + response.interim.length, 0)
  }

  private over(): void {
    if (this.closed) return
    this.closed = true
    this.stream = null
    this.wake?.()
  }
}
