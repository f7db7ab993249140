import { Incoming, type IncomingControl } from '../body/incoming.ts'
import { userError, type HyperError } from '../error/index.ts'
import type { H2Host } from '../h2/core.ts'
import { CLOSED_EVENT, DATA_EVENT, END_EVENT, FAILED, NEED_DATA, RESET_EVENT } from '../h2/event.ts'
import type { H2Machine } from '../h2/machine.ts'
import type { Stream } from '../h2/streams/stream.ts'
import type { HeaderMap } from '../http/header-map.ts'
import type { PeerInfo, TextCodec } from '../rt/index.ts'
import { Connection } from './connection.ts'

// H2Connection: what the drivers of both roles share over HTTP/2. Events go to the owners of their streams; all that the
// streams have to say in one turn leaves in one write; the end of the connection reaches every stream that is open.

/** Output is written when this much is held within one turn. */
const FLUSH_WITHIN_PUMP = 65_536
/** What a peer may make us say while the transport takes nothing; then it is not read from. */
const HELD_WHILE_FULL = 16_384

/** Who runs a stream: a server's exchange, a client's call. */
export interface StreamOwner {
  takeData(chunk: Uint8Array): void
  takeEnd(trailers: HeaderMap | null): void
  /** The stream has taken what it held. */
  drained(): void
  /** The reader of the body has begun, or has room again. */
  bodyWanted(): void
  /** The reader of the body has given up. */
  dropIncoming(reason: unknown): void
  /** The stream is gone, and not because its owner wanted that. */
  gone(error: HyperError): void
}

/** What a body tells the owner of its stream; made before that, since the body belongs to the message. */
export class BodyControl implements IncomingControl {
  owner: StreamOwner | null = null

  wanted(): void {
    this.owner?.bodyWanted()
  }

  cancelled(reason: unknown): void {
    this.owner?.dropIncoming(reason)
  }
}

export abstract class H2Connection extends Connection implements H2Host {
  abstract override readonly machine: H2Machine
  /** Requests that are not over. */
  protected live: number = 0
  /** The last words are written, or wait for the transport. */
  protected isEnding: boolean = false
  protected failure: HyperError | null = null
  private holdUpTo: number = 0
  /** Of the message whose head comes next. */
  private pendingIncoming: Incoming | null = null
  private pendingControl: BodyControl | null = null

  /** Begins to read, and sends what stands at the beginning. */
  start(): void {
    this.io.start(this)
    if (this.tracer !== null) this.trace((tracer) => tracer.onConnectionStart?.(this, this.peer))
    this.pump()
  }

  get peer(): PeerInfo {
    return this.io.peer
  }

  get text(): TextCodec {
    return this.runtime.text
  }

  now(): number {
    return this.runtime.clock.now()
  }

  defer(task: () => void): void {
    this.runtime.defer(task)
  }

  onHookError(error: unknown): void {
    this.runtime.onError(error)
  }

  /**
   * Takes no new requests, finishes those that run, and ends the connection (GOAWAY, RFC 9113 §6.8). A server announces
   * that first, while it has requests, and takes those that are on their way.
   * @param grace milliseconds for which a server without requests waits for them, too. Default 0.
   */
  gracefulShutdown(grace: number = 0): void {
    if (this.isClosed) return
    this.machine.touch(this.now())
    this.machine.shutdown(grace)
    this.pump()
  }

  /** Ends the connection at once, with a reset where the transport has one. */
  abort(reason?: HyperError): void {
    this.tearDown(reason ?? userError('CANCELED', 'the connection was aborted'), true)
  }

  // ------------------------------------------------------------------ events

  protected takeEvents(): void {
    const { machine } = this
    for (;;) {
      if (this.isBehind && machine.resets.length === 0) return
      const event = machine.nextEvent()
      switch (event) {
        case DATA_EVENT:
          this.owner(machine.stream!)!.takeData(machine.data)
          break
        case END_EVENT:
          this.owner(machine.stream!)!.takeEnd(machine.trailers)
          break
        case RESET_EVENT:
          this.owner(machine.stream!)?.gone(machine.error!)
          break
        case FAILED:
          this.failed(machine.error!)
          return
        case NEED_DATA:
        case CLOSED_EVENT:
          return
        default:
          this.takeRoleEvent(event)
      }
      if (machine.output.size > FLUSH_WITHIN_PUMP) this.flush()
    }
  }

  /** A head, or what else the role has. */
  protected abstract takeRoleEvent(event: number): void

  private owner(stream: Stream): StreamOwner | null {
    return stream.owner as StreamOwner | null
  }

  makeBody(_stream: Stream, length: number | null): Incoming {
    this.pendingControl = new BodyControl()
    this.pendingIncoming = new Incoming(this.pendingControl, length, this.runtime.text)
    return this.pendingIncoming
  }

  /** The body of the message whose head has come, joined to the owner of its stream; null when there is none. */
  protected takeBody(owner: StreamOwner): Incoming | null {
    const { pendingIncoming } = this
    if (pendingIncoming === null) return null
    this.pendingControl!.owner = owner
    this.pendingIncoming = null
    this.pendingControl = null
    return pendingIncoming
  }

  abstract httpDate(now: number): string

  // ------------------------------------------------------------------ the transport

  override wrote(): void {
    super.wrote()
  }

  /** Streams write in turns until the transport has enough. */
  protected override flush(): void {
    const { machine } = this
    while (!this.isFull && !this.isEnded) {
      const more = machine.writeStreams()
      super.flush()
      if (!more) break
    }
    if (this.isEnded) super.flush()
    const { drained } = machine
    while (drained.length > 0) this.owner(drained.shift()!)?.drained()
    this.flushed()
    // The last stream may end with a message that comes between reads.
    if (machine.isFinished && !this.isPumping && !this.isEnding) this.settle()
  }

  /** Streams may have ended with what was written. */
  protected flushed(): void {}

  onDrain(): void {
    this.drained()
    this.pump()
  }

  protected stalled(isStalled: boolean): void {
    this.machine.setSending(isStalled, this.now())
    this.holdUpTo = this.machine.output.size + HELD_WHILE_FULL
  }

  /**
   * The transport takes nothing, and so much waits for it that no more is read: pings and settings of a peer that does not
   * read would pile up answers. Up to there it is read: two sides that send bodies to each other, and each read only what
   * they have written off, would wait for each other for ever.
   */
  protected get isBehind(): boolean {
    const { machine } = this
    return this.isFull && machine.failure === null && machine.output.size > this.holdUpTo
  }

  // ------------------------------------------------------------------ ends

  /** The transport has our last words. After a failure they are not waited for. */
  protected get isFlushed(): boolean {
    return !this.isFull || this.isEnded || this.failure !== null
  }

  // The connection has failed: GOAWAY is written, and whoever has a stream hears of it.
  private failed(cause: HyperError): void {
    // That the peer has ended its half is what came of it.
    const error = this.failure !== null && cause.isIncompleteMessage() ? this.failure : cause
    this.failure = error
    this.cancelAll(error)
    // Nobody takes what we have to say.
    if (error.code === 'SEND_TIMEOUT' || error.code === 'PING_TIMEOUT') this.tearDown(error, true)
  }

  protected tearDown(error: HyperError | null, reset: boolean): void {
    if (this.isClosed) return
    this.failure = error
    // Who hears of the end of a stream must not take its place.
    this.isEnding = true
    this.machine.isShutDown = true
    if (error !== null) this.cancelAll(error)
    if (reset) this.io.abort()
    else {
      this.flush()
      this.io.close()
    }
    this.finish(error)
  }

  /** Every stream is gone. */
  protected cancelAll(error: HyperError): void {
    for (const stream of this.machine.streams.values()) {
      this.machine.forget(stream)
      this.owner(stream)?.gone(error)
    }
  }
}
