import { IoAround, SinkAround } from '@hyper/util/tunnel'
import { HyperError } from '@hyper/core/error'
import type { Extensions, HeaderMap, HeadersInit, HttpResponse } from '@hyper/core/http'
import {
  FULL,
  type Alarm,
  type AlarmTarget,
  type Io,
  type IoSink,
  type PeerInfo,
  type Runtime,
  type WriteResult,
} from '@hyper/core/rt'
import type { Exchange, IoParts, Service } from '@hyper/core/service'
import { failureOf } from './fetch/completion.ts'

// The silence of tunnels: connections that were upgraded, and streams of CONNECT. In: a service. Out: the same, but that what
// it takes over is reset once no byte has gone either way for too long. A peer that vanishes would hold it for ever.

export function withTunnelIdle(inner: Service, idle: number, runtime: Runtime): Service {
  return (request, exchange) => {
    if (request.method !== 'CONNECT' && !request.headers.has('upgrade')) return inner(request, exchange)
    return inner(request, new WatchedExchange(exchange, idle, runtime))
  }
}

class WatchedExchange implements Exchange {
  private readonly inner: Exchange
  private readonly idle: number
  private readonly runtime: Runtime

  constructor(inner: Exchange, idle: number, runtime: Runtime) {
    this.inner = inner
    this.idle = idle
    this.runtime = runtime
  }

  get peer(): PeerInfo {
    return this.inner.peer
  }

  get extensions(): Extensions {
    return this.inner.extensions
  }

  get cancelled(): HyperError | null {
    return this.inner.cancelled
  }

  /** As the engine's has it, for who asks. */
  get failure(): HyperError | null {
    return failureOf(this.inner)
  }

  onCancel(fn: (reason: HyperError) => void): void {
    this.inner.onCancel(fn)
  }

  informational(status: number, headers?: HeadersInit | HeaderMap): boolean {
    return this.inner.informational(status, headers)
  }

  refuse(): HttpResponse {
    return this.inner.refuse()
  }

  upgrade(): Promise<IoParts> {
    const parts = this.inner.upgrade().then(({ io, leftover }) => ({
      io: new WatchedIo(io, this.idle, this.runtime),
      leftover,
    }))
    // As the engine's own, it is never unhandled.
    parts.catch(ignore)
    return parts
  }
}

class WatchedIo extends IoAround implements AlarmTarget {
  private readonly idle: number
  private readonly clock: Runtime['clock']
  private readonly alarm: Alarm
  private movedAt: number
  private owner: Watch | null
  private failure: HyperError | null

  constructor(io: Io, idle: number, { clock, timer }: Runtime) {
    super(io)
    this.idle = idle
    this.clock = clock
    this.movedAt = clock.now()
    this.owner = null
    this.failure = null
    this.alarm = timer.alarm(this)
    this.alarm.move(this.movedAt + idle)
  }

  onAlarm(now: number): void {
    const due = this.movedAt + this.idle
    if (now < due) {
      this.alarm.move(due)
      return
    }
    this.failure = new HyperError('IDLE_TIMEOUT', `the tunnel was silent for ${this.idle} ms`, { by: 'peer' })
    this.io.abort()
  }

  override start(sink: IoSink): void {
    if (this.owner?.sink !== sink) this.owner = new Watch(sink, this)
    this.io.start(this.owner)
  }

  override write(data: Uint8Array | string, more?: boolean): WriteResult {
    const result = this.io.write(data, more)
    // What the peer does not take does not flow.
    if (result !== FULL) this.moved()
    return result
  }

  override abort(): void {
    this.alarm.cancel()
    this.io.abort()
  }

  /** A byte went either way. */
  moved(): void {
    this.movedAt = this.clock.now()
  }

  /** The transport is gone. @returns why, where that was our doing */
  gone(): HyperError | null {
    this.alarm.cancel()
    return this.failure
  }
}

class Watch extends SinkAround {
  private readonly io: WatchedIo

  constructor(sink: IoSink, io: WatchedIo) {
    super(sink)
    this.io = io
  }

  override onData(chunk: Uint8Array): boolean {
    this.io.moved()
    return super.onData(chunk)
  }

  override onDrain(): void {
    this.io.moved()
    super.onDrain()
  }

  override onClose(error: Error | null): void {
    super.onClose(this.io.gone() ?? error)
  }
}

function ignore(): void {}
