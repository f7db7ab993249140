import { asGateway, BAD_GATEWAY } from '../error/error.ts'
import { HyperError } from '../error/index.ts'
import {
  FULL,
  type Alarm,
  type AlarmTarget,
  type Io,
  type IoSink,
  type Runtime,
  type WriteResult,
} from '../rt/index.ts'
import type { Tracer } from '../trace/tracer.ts'
import type { IoParts } from '../service/service.ts'
import type { Call } from './call.ts'

// Connection: what the drivers of both roles share. It carries bytes between an Io and a machine, gathers the writes of
// a turn into one, keeps one alarm for all deadlines, and reports the end once. The role's part is in the subclasses.

/** How a connection ended. */
export interface ConnectionEnd {
  /** Null when it ended as it should. */
  readonly error: HyperError | null
  /** The names of all that kept it from being reused (`CloseReason`). */
  readonly reasons: readonly string[]
}

/** What a driver needs of a machine, whatever it speaks. */
export interface DrivenMachine {
  readonly output: {
    readonly isEmpty: boolean
    readonly size: number
    writeTo(io: Io): WriteResult
    clear(): void
  }
  readonly nextDeadline: number
  readonly gaveData: boolean
  readonly isHolding: boolean
  readonly state: { readonly reasons: readonly string[] }
  receive(bytes: Uint8Array, now: number): void
  receiveEnd(now: number): void
  releaseInput(): void
  handleDeadline(now: number): void
  takeLeftover(): Uint8Array
  close(): void
}

/** Output that is held before it is written within a turn. */
const FLUSH_ABOVE = 65_536

export abstract class Connection implements IoSink, AlarmTarget {
  readonly io: Io
  protected readonly runtime: Runtime
  protected readonly tracer: Tracer | null
  protected abstract readonly machine: DrivenMachine
  /** The transport wants no more before it has drained. */
  protected isFull: boolean = false
  /** Our half is ended, or the transport is gone: nothing can be written. */
  protected isEnded: boolean = false
  protected isPumping: boolean = false
  /** Bytes that the transport was given so far. */
  protected written: number = 0
  /** Our half ends as soon as the output is written. */
  private endPending: boolean = false
  private isPaused: boolean = false
  private flushPending: boolean = false
  /** Made when first needed: an idle connection holds no closure. */
  private flushTask: (() => void) | null = null
  private readonly alarm: Alarm
  private ending: ConnectionEnd | null = null
  private closedPromise: Promise<ConnectionEnd> | null = null
  private resolveClosed: ((end: ConnectionEnd) => void) | null = null

  constructor(io: Io, runtime: Runtime, tracer: Tracer | null) {
    this.io = io
    this.runtime = runtime
    this.tracer = tracer
    this.alarm = runtime.timer.alarm(this)
  }

  /** Resolves once the connection is over; never rejects. */
  get closed(): Promise<ConnectionEnd> {
    if (this.closedPromise === null) {
      this.closedPromise =
        this.ending === null
          ? new Promise((resolve) => {
              this.resolveClosed = resolve
            })
          : Promise.resolve(this.ending)
    }
    return this.closedPromise
  }

  /** True once `closed` has its answer. */
  get isClosed(): boolean {
    return this.ending !== null
  }

  // ------------------------------------------------------------------ the Io's calls

  onData(chunk: Uint8Array): boolean {
    this.machine.receive(chunk, this.runtime.clock.now())
    this.pump()
    this.machine.releaseInput()
    return this.machine.gaveData || this.machine.isHolding
  }

  onEnd(): void {
    this.machine.receiveEnd(this.runtime.clock.now())
    this.pump()
  }

  abstract onDrain(): void
  abstract onWriteError(error: Error, lost?: number): void
  abstract onClose(error: Error | null): void

  onAlarm(now: number): void {
    this.expire(now, false)
  }

  /**
   * Time has run out for something.
   * @param isLate puts it off to the end of the turn. What is waited for may have come, and the transport has not told us of
   *   it, since the process was busy: to end an idle connection now would lose a request
   */
  protected expire(now: number, isLate: boolean): void {
    if (this.ending !== null) return
    if (isLate) {
      this.runtime.defer(() => this.expire(this.runtime.clock.now(), false))
      return
    }
    this.machine.handleDeadline(now)
    this.pump()
  }

  // ------------------------------------------------------------------ the machine's turn

  /** Takes the machine's events until it wants more, writes what it has to say, and sets the alarm. */
  protected pump(): void {
    if (this.isPumping || this.ending !== null) return
    this.isPumping = true
    this.takeEvents()
    this.isPumping = false
    this.flush()
    this.settle()
    if (this.ending === null) this.alarm.move(this.machine.nextDeadline)
  }

  /** Every event that may be taken now. */
  protected abstract takeEvents(): void
  /** After the events: what the new state asks of the transport. */
  protected abstract settle(): void
  /** What the transport's state means for the machine's clocks. */
  protected abstract stalled(isStalled: boolean): void

  // ------------------------------------------------------------------ writing

  /** Output was added: writes it at the end of the turn or of `pump`, or now when it is much. */
  protected wrote(): void {
    if (this.machine.output.size >= FLUSH_ABOVE) {
      this.flush()
      if (!this.isPumping) this.alarm.move(this.machine.nextDeadline)
    } else if (!this.flushPending && !this.isPumping) {
      this.flushPending = true
      this.flushTask ??= () => this.flushDeferred()
      this.runtime.defer(this.flushTask)
    }
  }

  private flushDeferred(): void {
    this.flushPending = false
    if (this.ending !== null) return
    this.flush()
    this.alarm.move(this.machine.nextDeadline)
  }

  /** Hands the output to the transport. */
  protected flush(): void {
    const { output } = this.machine
    if (output.isEmpty || this.isFull) return
    if (this.isEnded) {
      output.clear()
      return
    }
    const before = output.size
    const result = output.writeTo(this.io)
    this.written += before - output.size
    if (result !== FULL) return
    this.isFull = true
    this.stalled(true)
  }

  /** Where the next byte of the output stands in all that is written. */
  protected get position(): number {
    return this.written + this.machine.output.size
  }

  /** The transport has taken what it held: writes on. */
  protected drained(): void {
    this.isFull = false
    this.stalled(false)
    this.flush()
    if (this.endPending) this.endOutput()
  }

  encodeUtf8(text: string): Uint8Array {
    return this.runtime.text.encodeUtf8(text)
  }

  /** Ends our half after everything that was written. */
  protected endOutput(): void {
    if (this.isEnded) return
    this.flush()
    this.endPending = !this.machine.output.isEmpty
    if (this.endPending) return
    this.isEnded = true
    this.io.end()
  }

  /** Reads, or stops reading. */
  protected setReading(isReading: boolean): void {
    if (this.isPaused === !isReading) return
    this.isPaused = !isReading
    if (isReading) this.io.resume()
    else this.io.pause()
  }

  // ------------------------------------------------------------------ the end

  /** The connection is over for us, whatever the transport does. */
  protected finish(error: HyperError | null): void {
    if (this.ending !== null) return
    const { machine } = this
    this.alarm.cancel()
    machine.close()
    this.isEnded = true
    this.ending = { error, reasons: machine.state.reasons }
    if (this.resolveClosed !== null) this.resolveClosed(this.ending)
    if (this.tracer !== null)
      this.trace((tracer) => tracer.onConnectionEnd?.(this, machine.state.reasons, error))
  }

  /** After a switch of protocols: the stream for somebody else. */
  protected takeParts(): IoParts {
    this.setReading(false)
    this.flush()
    const parts = { io: this.io, leftover: this.machine.takeLeftover() }
    this.finish(null)
    return parts
  }

  /** Calls hooks of an observer. */
  protected trace(call: (tracer: Tracer) => void): void {
    const { tracer } = this
    if (tracer !== null) this.callHook(() => call(tracer))
  }

  /** Calls hooks about one request, in the context in which it was sent, and not that of who has opened the transport. */
  protected traceCall({ context }: Pick<Call, 'context'>, call: (tracer: Tracer) => void): void {
    if (context === null) this.trace(call)
    else context(() => this.trace(call))
  }

  /** What a hook throws is the embedder's to hear of. */
  protected callHook(hook: () => void): void {
    try {
      hook()
    } catch (error) {
      this.runtime.onError(error)
    }
  }
}

/** A transport that takes no more, as a request is told of which it has taken nothing: nobody can have processed that. */
export function unsentError(cause: Error): HyperError {
  return asGateway(ioError(cause, 'write')).with({ retryable: true })
}

/** A failure of the transport. */
export function ioError(cause: Error | null, phase: 'write' | null): HyperError {
  if (cause === null) return new HyperError('CLOSED', 'the connection was closed', { by: 'peer', phase })
  return new HyperError('IO', `the transport failed: ${cause.message}`, { by: 'io', phase, cause })
}

/** A request that cannot be sent any more: the connection is over, for `cause` if not in good order. */
export function closedError(cause: HyperError | null): HyperError {
  const by = cause?.by ?? 'peer'
  return new HyperError('CLOSED', null, {
    by,
    retryable: true,
    statusHint: by === 'user' ? 0 : BAD_GATEWAY,
    cause: cause ?? undefined,
  })
}
