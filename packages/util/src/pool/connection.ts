import type { HyperError } from '@hyper/core/error'
import { type ClientConnection, handshake, type HandshakeOptions, type SendRequest } from '@hyper/core/h1'
import {
  type ClientConnection as H2ClientConnection,
  handshake as handshakeH2,
  type HandshakeOptions as H2HandshakeOptions,
  type SendOptions as H2SendOptions,
  type SendRequest as H2SendRequest,
} from '@hyper/core/h2'
import type { Extensions, HeaderMap, HttpRequest, HttpResponse } from '@hyper/core/http'
import type { Io, Runtime } from '@hyper/core/rt'
import { keepAliveOf } from './keep-alive.ts'

// PooledConnection: a connection as a pool has it, whichever protocol it speaks. Who takes one calls `send` or `release`
// once; it goes back by itself when the response, or the stream, is complete. It holds no process open while nobody uses
// it.

/** What a connection tells the pool that it belongs to. */
export interface ConnectionHome {
  /** Nobody uses it now. @param keepFor milliseconds that its server has promised, less a margin; Infinity for none */
  rested(connection: PooledConnection, keepFor: number): void
  /** It rests already, and the server has promised something else. */
  keptFor(connection: PooledConnection, keepFor: number): void
  /** More, fewer or no requests may be sent on it than before. */
  changed(connection: PooledConnection): void
  /** It is closed. */
  closed(connection: PooledConnection): void
}

/** A connection that a pool has handed out: call `send` or `release` once. */
export abstract class PooledConnection {
  abstract readonly protocol: 'http1' | 'http2'
  readonly io: Io
  /** What its connector has said of it. */
  readonly info: Extensions
  /** When it was made, by the clock. */
  readonly madeAt: number
  /** Requests that were answered. */
  answers: number = 0
  /** Room for whoever sends to keep what it knows of this connection. */
  note: unknown = null
  /** @internal */
  home: ConnectionHome
  /** Nobody uses it. */
  protected isResting: boolean = true
  private hint: string | null = null
  protected promised: number = Infinity
  private readonly runtime: Pick<Runtime, 'defer'>
  /** It holds the process open. */
  private isHeld: boolean = false
  private isLettingGo: boolean = false
  private readonly letGo: () => void

  /** @internal */
  constructor(
    io: Io,
    info: Extensions,
    madeAt: number,
    home: ConnectionHome,
    runtime: Pick<Runtime, 'defer'>,
  ) {
    this.io = io
    this.info = info
    this.madeAt = madeAt
    this.home = home
    this.runtime = runtime
    this.letGo = () => {
      this.isLettingGo = false
      if (this.isResting) this.hold(false)
    }
    io.unref()
  }

  /** True when something was answered on it before: it may have been closed since then. */
  get isReused(): boolean {
    return this.answers > 0
  }

  /** How many more may take it now. */
  abstract get capacity(): number

  /** True when no request will ever be sent on it again. */
  abstract get isUsedUp(): boolean

  /** True when it is over. */
  abstract get isClosed(): boolean

  /** Requests under way. */
  abstract get active(): number

  /** True when extended CONNECT (RFC 8441) may be sent on it. */
  abstract get canExtendConnect(): boolean

  /**
   * Sends a request, as the sender of its protocol does. Once for each time that the connection was taken.
   * @see SendRequest.send and H2SendRequest.send of the core
   */
  abstract send(request: HttpRequest, options?: H2SendOptions): Promise<HttpResponse>

  /** Gives it back without having sent anything. */
  abstract release(): void

  /** The pool hands it to somebody. @internal */
  abstract taken(): void

  /** The head of a response has come: counts it, and learns how long the server keeps a connection that rests. */
  answered(headers: HeaderMap): void {
    this.answers++
    const hint = headers.first('keep-alive')
    if (hint === this.hint) return
    this.hint = hint
    this.promised = keepAliveOf(hint)
    if (this.isResting) this.home.keptFor(this, this.promised)
  }

  /**
   * Whether somebody waits for the response that comes over it: a connection whose response nobody reads holds no process
   * open. Of HTTP/1 alone, since over HTTP/2 others may wait for theirs.
   */
  abstract awaited(isAwaited: boolean): void

  /** Ends it once what is under way is complete. */
  abstract close(): void

  /** Ends it now. */
  abstract abort(reason?: HyperError): void

  protected rest(): void {
    this.isResting = true
    // Who sends one request after the other takes it again in this turn, and each call of these goes to the system.
    if (!this.isLettingGo) {
      this.isLettingGo = true
      this.runtime.defer(this.letGo)
    }
    this.home.rested(this, this.promised)
  }

  protected wake(): void {
    if (!this.isResting) return
    this.isResting = false
    this.hold(true)
  }

  protected hold(isHeld: boolean): void {
    if (this.isHeld === isHeld) return
    this.isHeld = isHeld
    if (isHeld) this.io.ref()
    else this.io.unref()
  }
}

/** One request at a time. */
export class H1PooledConnection extends PooledConnection {
  readonly protocol = 'http1'
  private readonly sender: SendRequest
  private readonly connection: ClientConnection

  constructor(io: Io, info: Extensions, madeAt: number, home: ConnectionHome, options: HandshakeOptions) {
    super(io, info, madeAt, home, options.runtime)
    const { connection, sender } = handshake(io, options)
    this.sender = sender
    this.connection = connection
    sender.onReady = () => this.moved()
  }

  get capacity(): number {
    return this.sender.isReady ? 1 : 0
  }

  get isUsedUp(): boolean {
    return this.sender.isClosed
  }

  get isClosed(): boolean {
    return this.connection.isClosed
  }

  get active(): number {
    return this.isResting ? 0 : 1
  }

  get canExtendConnect(): boolean {
    return false
  }

  send(request: HttpRequest, options?: H2SendOptions): Promise<HttpResponse> {
    const { sender } = this
    const answer = sender.send(request, options)
    // What could not be sent at all leaves the connection as it was.
    if (sender.isReady) this.moved()
    return answer
  }

  release(): void {
    this.moved()
  }

  taken(): void {
    this.wake()
  }

  awaited(isAwaited: boolean): void {
    if (!this.isResting) this.hold(isAwaited)
  }

  close(): void {
    this.connection.gracefulShutdown()
  }

  abort(reason?: HyperError): void {
    this.connection.abort(reason)
  }

  private moved(): void {
    if (this.sender.isClosed) this.home.closed(this)
    else if (!this.isResting && this.sender.isReady) this.rest()
  }
}

/** Many requests at a time. */
export class H2PooledConnection extends PooledConnection {
  readonly protocol = 'http2'
  private readonly sender: H2SendRequest
  private readonly connection: H2ClientConnection
  /** Handed to somebody who has not sent yet. */
  private reserved: number = 0

  constructor(io: Io, info: Extensions, madeAt: number, home: ConnectionHome, options: H2HandshakeOptions) {
    super(io, info, madeAt, home, options.runtime)
    const { connection, sender } = handshakeH2(io, options)
    this.sender = sender
    this.connection = connection
    sender.onReady = () => this.moved()
  }

  get capacity(): number {
    return this.sender.capacity - this.reserved
  }

  get isUsedUp(): boolean {
    return this.sender.isClosed
  }

  get isClosed(): boolean {
    return this.connection.isClosed
  }

  get active(): number {
    return this.connection.active + this.reserved
  }

  get canExtendConnect(): boolean {
    return this.connection.machine.peerConnectProtocol
  }

  send(request: HttpRequest, options?: H2SendOptions): Promise<HttpResponse> {
    this.reserved--
    const answer = this.sender.send(request, options)
    if (this.active === 0) this.moved()
    return answer
  }

  release(): void {
    this.reserved--
    this.moved()
  }

  taken(): void {
    this.reserved++
    this.wake()
  }

  awaited(): void {}

  close(): void {
    this.connection.gracefulShutdown()
  }

  abort(reason?: HyperError): void {
    this.connection.abort(reason)
  }

  private moved(): void {
    if (this.connection.isClosed) {
      this.home.closed(this)
      return
    }
    this.home.changed(this)
    if (!this.isResting && this.active === 0 && !this.sender.isClosed) this.rest()
  }
}
