import { HyperError, userError } from '@hyper/core/error'
import { serveConnection, type ConnectionEnd, type ServerConnection } from '@hyper/core/h1'
import { serveConnection as serveH2, type ServerConnection as H2Connection } from '@hyper/core/h2'
import type { Alarm, AlarmTarget, Io, IoSink } from '@hyper/core/rt'
import type { Service } from '@hyper/core/service'
import type { AutoPlan, AutoProtocol } from './options.ts'
import { IS_HTTP1, isNeither, matchPreface, protocolAfter, UNDECIDED, withMatched } from './preface.ts'

// AutoConnection: a connection whose protocol may not be known yet. While it is not, this is the sink of the Io; the byte
// that decides makes the connection proper, which takes the Io over, so that later reads pass nothing of this. It holds
// no byte meanwhile: all that have come are the preface's.

/** A connection that speaks HTTP/1 or HTTP/2: made by {@link serveAuto}. */
export class AutoConnection implements IoSink, AlarmTarget {
  private readonly io: Io
  private readonly service: Service
  private readonly plan: AutoPlan
  private inner: ServerConnection | H2Connection | null
  private speaks: AutoProtocol | null
  /** Bytes of the preface of HTTP/2 that have come. */
  private matched: number
  private alarm: Alarm | null
  /** What `gracefulShutdown` was told before the protocol was known; -1 when it was not called. */
  private grace: number
  private ending: ConnectionEnd | null
  private closedPromise: Promise<ConnectionEnd> | null
  private resolveClosed: ((end: ConnectionEnd | Promise<ConnectionEnd>) => void) | null

  /** @internal */
  constructor(io: Io, service: Service, plan: AutoPlan) {
    this.io = io
    this.service = service
    this.plan = plan
    this.inner = null
    this.speaks = null
    this.matched = 0
    this.alarm = null
    this.grace = -1
    this.ending = null
    this.closedPromise = null
    this.resolveClosed = null
  }

  /** @internal Begins to read. */
  start(): void {
    const { io, plan } = this
    const known = plan.only ?? negotiated(io)
    if (known !== null) {
      this.open(known)
      return
    }
    io.start(this)
    if (plan.sniffTimeout === Infinity) return
    this.alarm = plan.runtime.timer.alarm(this)
    this.alarm.move(plan.runtime.clock.now() + plan.sniffTimeout)
  }

  /** What is spoken; null while that is not known. */
  get protocol(): AutoProtocol | null {
    return this.speaks
  }

  /** True while no request is being read or answered. */
  get isIdle(): boolean {
    return this.inner === null || this.inner.isIdle
  }

  /** Resolves once the connection is over; never rejects. */
  get closed(): Promise<ConnectionEnd> {
    if (this.inner !== null) return this.inner.closed
    this.closedPromise ??=
      this.ending === null
        ? new Promise((resolve) => {
            this.resolveClosed = resolve
          })
        : Promise.resolve(this.ending)
    return this.closedPromise
  }

  /**
   * Finishes what runs, takes nothing new, and ends the connection.
   * @param grace milliseconds for which a connection without requests still waits for one that is on its way; also one
   *   whose protocol is not known yet. Default 0.
   */
  gracefulShutdown(grace: number = 0): void {
    const { plan } = this
    if (this.inner !== null) this.inner.gracefulShutdown(grace)
    else if (!(grace > 0)) this.leave(null, 'keep-alive-off')
    else if (this.ending === null) {
      this.grace = grace
      this.alarm ??= plan.runtime.timer.alarm(this)
      this.alarm.move(plan.runtime.clock.now() + Math.min(grace, plan.sniffTimeout))
    }
  }

  /** Ends the connection at once, with a reset where the transport has one. */
  abort(reason?: HyperError): void {
    if (this.inner !== null) this.inner.abort(reason)
    else if (this.ending === null) {
      this.io.abort()
      this.finish(reason ?? userError('CANCELED', 'the connection was aborted'), 'aborted')
    }
  }

  // ------------------------------------------------------------------ the Io's calls, while the protocol is not known

  onData(chunk: Uint8Array): boolean {
    if (this.ending !== null) return true
    const { matched } = this
    const more = matchPreface(chunk, matched)
    const protocol = protocolAfter(matched + more, more < chunk.length)
    if (protocol === UNDECIDED) {
      this.matched = matched + more
      return false
    }
    const isHttp1 = protocol === IS_HTTP1 && (matched > 0 || !isNeither(chunk))
    const connection = this.open(isHttp1 ? 'http1' : 'http2')
    if (matched === 0) return connection.onData(chunk)
    connection.onData(withMatched(matched, chunk))
    return false
  }

  onEnd(): void {
    const { matched } = this
    if (this.ending !== null) return
    if (matched === 0) {
      this.leave(null, 'eof')
      return
    }
    const connection = this.open(protocolAfter(matched, true) === IS_HTTP1 ? 'http1' : 'http2')
    connection.onData(withMatched(matched, NOTHING))
    connection.onEnd()
  }

  onDrain(): void {}

  onWriteError(): void {}

  onClose(cause: Error | null): void {
    const error = cause === null ? null : new HyperError('IO', null, { by: 'io', phase: 'headers', cause })
    this.finish(error, 'eof')
  }

  onAlarm(): void {
    // What has come, and is not told yet, is told by the end of the turn.
    if (this.grace >= 0) this.plan.runtime.defer(() => this.drained())
    else this.leave(new HyperError('IDLE_TIMEOUT', null, { by: 'peer' }), 'timeout')
  }

  // ------------------------------------------------------------------ how it goes on

  private open(protocol: AutoProtocol): ServerConnection | H2Connection {
    const { io, plan, service } = this
    this.forgetAlarm()
    this.speaks = protocol
    const inner =
      protocol === 'http1' ? serveConnection(io, service, plan.http1) : serveH2(io, service, plan.http2)
    this.inner = inner
    if (this.grace >= 0) inner.gracefulShutdown(this.grace)
    if (this.resolveClosed !== null) this.resolveClosed(inner.closed)
    this.resolveClosed = null
    return inner
  }

  private drained(): void {
    if (this.inner === null) this.leave(null, 'keep-alive-off')
  }

  private leave(error: HyperError | null, reason: string): void {
    if (this.ending !== null) return
    this.io.close()
    this.finish(error, reason)
  }

  private finish(error: HyperError | null, reason: string): void {
    if (this.ending !== null) return
    this.forgetAlarm()
    this.ending = { error, reasons: [reason] }
    if (this.resolveClosed !== null) this.resolveClosed(this.ending)
    this.resolveClosed = null
  }

  private forgetAlarm(): void {
    this.alarm?.cancel()
    this.alarm = null
  }
}

const NOTHING = new Uint8Array(0)

/** What TLS says about the protocol; null for cleartext, where nothing is said. */
function negotiated(io: Io): AutoProtocol | null {
  const { alpnProtocol, encrypted } = io.peer
  if (alpnProtocol === undefined && !encrypted) return null
  return alpnProtocol === 'h2' ? 'http2' : 'http1'
}
