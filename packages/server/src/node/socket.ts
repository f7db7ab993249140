import { EventEmitter } from 'node:events'
import type { Server, ServerResponse } from 'node:http'
import { isIPv6, type Socket } from 'node:net'
import { TLSSocket } from 'node:tls'
import type { Body } from '@hyper/core/body'
import { HyperError, userError } from '@hyper/core/error'
import type { Alarm, Io, PeerInfo } from '@hyper/core/rt'
import { socketOf } from '@hyper/util/node'
import type { Host } from './host.ts'
import type { Turn } from './turn.ts'

// NodeSocket: what `request.socket` is. The bytes of a connection are the engine's; this has what applications ask a
// socket for: addresses, TLS, whether it is still there, timeouts, and a way to end it. On HTTP/1 there is one for each
// connection, on HTTP/2 one for each stream, so that to destroy it ends that request and no other.

/** How a connection is seen from here. */
export interface Link {
  readonly isIdle: boolean
  gracefulShutdown(): void
  abort(): void
}

/** What `request.socket` is: addresses, TLS and the end of a connection, without its bytes. */
export class NodeSocket extends EventEmitter {
  readonly server: Server
  readonly connecting: boolean = false
  readonly pending: boolean = false
  readonly writableHighWaterMark: number
  readonly readableHighWaterMark: number
  /** Node's messages cork their socket in order to gather; the engine does so by itself. */
  readonly writableCorked: number = 1
  readonly _writableState: { corked: number }
  /** The response that is being written. */
  _httpMessage: ServerResponse | null = null
  _hadError: boolean = false
  errored: Error | null = null
  destroyed: boolean = false
  closed: boolean = false
  /** Milliseconds, as `setTimeout` has set them; 0 is none. */
  timeout: number = 0
  /** @internal */
  link: Link | null = null
  /** @internal The request that is being answered. */
  turn: Turn | null = null
  /** @internal The body of a request that was answered before it was read to its end. */
  unread: Body | null = null
  /** @internal */
  readonly isStream: boolean
  private readonly host: Host
  private readonly io: Io
  private isEnding: boolean = false
  private alarm: Alarm | null = null
  private known: PeerInfo | null = null

  /** @internal */
  constructor(host: Host, io: Io, isStream: boolean) {
    super()
    this.host = host
    this.server = host.server
    this.io = io
    this.isStream = isStream
    this.writableHighWaterMark = host.highWaterMark
    this.readableHighWaterMark = host.highWaterMark
    this._writableState = WRITABLE_STATE
  }

  /** @internal The socket of a stream of this connection. */
  stream(): NodeSocket {
    const socket = new NodeSocket(this.host, this.io, true)
    socket.link = this.link
    return socket
  }

  // ------------------------------------------------------------------ who it is

  // Kept once read: Node forgets addresses when a connection is gone, and logs are written after that.
  private get peer(): PeerInfo {
    if (this.known === null) {
      const { transport, remoteAddress, remotePort, localAddress, localPort } = this.io.peer
      const { encrypted, alpnProtocol, serverName } = this.io.peer
      this.known = {
        transport,
        remoteAddress,
        remotePort,
        localAddress,
        localPort,
        encrypted,
        alpnProtocol,
        serverName,
      }
    }
    return this.known
  }

  get remoteAddress(): string | undefined {
    return this.peer.remoteAddress
  }

  get remotePort(): number | undefined {
    return this.peer.remotePort
  }

  get remoteFamily(): string | undefined {
    return familyOf(this.remoteAddress)
  }

  get localAddress(): string | undefined {
    return this.peer.localAddress
  }

  get localPort(): number | undefined {
    return this.peer.localPort
  }

  get localFamily(): string | undefined {
    return familyOf(this.localAddress)
  }

  address(): object {
    const { localAddress: address, localFamily: family, localPort: port } = this
    return address === undefined ? {} : { address, family, port }
  }

  /** True by TLS, undefined without, as `tls.TLSSocket` and `net.Socket` have it. As they have it, it can be set. */
  get encrypted(): boolean | undefined {
    return this.io.peer.encrypted ? true : undefined
  }

  set encrypted(value: boolean | undefined) {
    setOwn(this, 'encrypted', value)
  }

  get alpnProtocol(): string | false {
    return this.peer.alpnProtocol ?? false
  }

  set alpnProtocol(value: string | false) {
    setOwn(this, 'alpnProtocol', value)
  }

  get servername(): string | false {
    return this.peer.serverName ?? false
  }

  set servername(value: string | false) {
    setOwn(this, 'servername', value)
  }

  /** Of the connection: on HTTP/2 all its streams share it. */
  get bytesRead(): number {
    return socketOf(this.io)?.bytesRead ?? 0
  }

  /** As {@link bytesRead}. */
  get bytesWritten(): number {
    return socketOf(this.io)?.bytesWritten ?? 0
  }

  private get tls(): TLSSocket | null {
    const socket = socketOf(this.io)
    return socket instanceof TLSSocket ? socket : null
  }

  /** Whether the client's certificate is one that we trust; false where none was asked for. */
  get authorized(): boolean {
    return this.tls?.authorized ?? false
  }

  set authorized(value: boolean) {
    setOwn(this, 'authorized', value)
  }

  get authorizationError(): Error | null {
    return this.tls?.authorizationError ?? null
  }

  set authorizationError(value: Error | null) {
    setOwn(this, 'authorizationError', value)
  }

  getPeerCertificate(detailed?: boolean): object {
    return this.tls?.getPeerCertificate(detailed === true) ?? {}
  }

  getPeerX509Certificate(): object | undefined {
    return this.tls?.getPeerX509Certificate()
  }

  getCipher(): object | undefined {
    return this.tls?.getCipher()
  }

  getProtocol(): string | null {
    return this.tls?.getProtocol() ?? null
  }

  getSession(): Buffer | undefined {
    return this.tls?.getSession()
  }

  isSessionReused(): boolean {
    return this.tls?.isSessionReused() ?? false
  }

  // ------------------------------------------------------------------ whether it is there

  get readable(): boolean {
    return !this.destroyed
  }

  get writable(): boolean {
    return !this.destroyed
  }

  get readyState(): string {
    return this.destroyed ? 'closed' : 'open'
  }

  /** Whether `end` was called. */
  get writableEnded(): boolean {
    return this.isEnding
  }

  get writableFinished(): boolean {
    return this.isEnding && this.closed
  }

  get writableLength(): number {
    return 0
  }

  get bufferSize(): number {
    return 0
  }

  get writableNeedDrain(): boolean {
    return false
  }

  get readableEnded(): boolean {
    return false
  }

  get readableLength(): number {
    return 0
  }

  get allowHalfOpen(): boolean {
    return true
  }

  /** Gives the request that is being answered up; without one, ends the connection. */
  destroy(error?: Error | null): this {
    if (this.destroyed) return this
    this.destroyed = true
    if (error != null) {
      this.errored = error
      this._hadError = true
    }
    const { link, turn } = this
    if (turn !== null) turn.abandon(error ?? null)
    else if (this.isStream) this.gone(null)
    // A client in between two requests is let go without a reset.
    else if (link?.isIdle === true) link.gracefulShutdown()
    else link?.abort()
    return this
  }

  /** As `end`; nor is what is left of an upload waited for, once it is answered. */
  destroySoon(): void {
    this.end()
    this.unread?.cancel()
    this.unread = null
  }

  resetAndDestroy(): this {
    return this.destroy()
  }

  /** Finishes what runs, and ends the connection. */
  end(): this {
    this.isEnding = true
    if (!this.isStream) this.link?.gracefulShutdown()
    return this
  }

  /** @throws HyperError `INVALID_STATE`: the bytes of a connection are the engine's */
  write(): boolean {
    throw userError('INVALID_STATE', 'the bytes of a connection are the engine’s: write to the response')
  }

  /** @internal The connection, or the stream, is gone. */
  gone(error: Error | null): void {
    if (this.closed) return
    this.destroyed = true
    this.closed = true
    this.alarm?.cancel()
    this.alarm = null
    // As Node tells it: what it was destroyed with, or what the transport has failed by. Nobody has to listen.
    const failure = this.errored ?? failureOf(error)
    this.errored ??= error
    if (failure !== null && this.listenerCount('error') > 0) this.host.run(() => this.emit('error', failure))
    if (this.listenerCount('close') > 0) this.host.run(() => this.emit('close', this._hadError))
  }

  // ------------------------------------------------------------------ what is asked of sockets, and is settled elsewhere

  cork(): void {}

  uncork(): void {}

  pause(): this {
    return this
  }

  isPaused(): boolean {
    return false
  }

  resume(): this {
    return this
  }

  setNoDelay(): this {
    return this
  }

  setKeepAlive(): this {
    return this
  }

  setEncoding(): this {
    return this
  }

  ref(): this {
    this.io.ref()
    return this
  }

  unref(): this {
    this.io.unref()
    return this
  }

  // ------------------------------------------------------------------ timeouts

  /** `timeout` is emitted when nothing of a request or an answer has moved for so long; 0 turns it off. */
  setTimeout(ms: number, callback?: () => void): this {
    this.timeout = ms
    if (callback !== undefined) {
      if (ms === 0) this.off('timeout', callback)
      else this.once('timeout', callback)
    }
    if (ms > 0) {
      this.alarm ??= this.host.runtime.timer.alarm(this)
      this.touch()
    } else this.alarm?.move(Infinity)
    return this
  }

  /** @internal Something has moved. */
  touch(): void {
    if (this.timeout > 0 && !this.destroyed) this.alarm?.move(this.host.runtime.clock.now() + this.timeout)
  }

  /** @internal */
  onAlarm(): void {
    this.host.run(() => {
      this.emit('timeout')
      const { turn } = this
      const req = turn !== null && !turn.req.complete && turn.req.emit('timeout', this)
      const res = turn !== null && turn.res.emit('timeout', this)
      const server = this.server.emit('timeout', this)
      // Who listens decides; nobody does.
      if (!req && !res && !server) this.destroy()
    })
  }
}

const WRITABLE_STATE = { corked: 0 }

function failureOf(error: Error | null): Error | null {
  return error instanceof HyperError && error.code === 'IO' && error.cause instanceof Error
    ? error.cause
    : null
}

/** What is a plain property of Node's sockets: an application behind a proxy may say itself how the client came. */
function setOwn(socket: NodeSocket, name: keyof NodeSocket, value: unknown): void {
  Object.defineProperty(socket, name, { value, writable: true, enumerable: true, configurable: true })
}

/** Where a `net.Socket` is asked for: as far as the above goes it is one. */
export function asSocket(socket: NodeSocket): Socket {
  return socket as unknown as Socket
}

/** What Node says of a connection that has gone before its time. */
export function aborted(cause: unknown): Error {
  return Object.assign(new Error('aborted', cause === null ? undefined : { cause }), { code: 'ECONNRESET' })
}

/** The reason of an exchange that was given up on this side. */
export function givenUp(error: Error | null): HyperError {
  if (error instanceof HyperError) return error
  if (error === null) return userError('CANCELED', 'the request was destroyed')
  return new HyperError('CANCELED', `the request was destroyed: ${error.message}`, {
    by: 'user',
    reason: 'INTERNAL_ERROR',
    cause: error,
  })
}

function familyOf(address: string | undefined): string | undefined {
  if (address === undefined) return undefined
  return isIPv6(address) ? 'IPv6' : 'IPv4'
}
