import { HyperError } from '@hyper/core/error'
import type { Alarm, AlarmTarget, Io } from '@hyper/core/rt'
import { type ListenTls, reloaded, type ReloadTls } from '../node/tls-acceptor.ts'
import { handshakeTimeOf } from '../runtime/listen-types.ts'
import type { BunSocketHandler, BunTls } from './bun-api.ts'
import { BunIo, IO_HANDLERS, type IoSocket } from './bun-io.ts'
import { bunRuntime } from './bun-runtime.ts'
import { listenTls, serverNameHandler } from './listen-tls.ts'

// TlsAcceptor: TLS for the side that accepts, on Bun. In: plain connections, and what came behind a header. Out: the streams inside,
// past their handshake, or why there is none. TLS is begun here on each connection, rather than by the listener: so the certificate
// can change at any time, and a header can come first.

/** Who waits for a handshake: one of the two is called, once, unless it is given up. */
export interface HandshakeEvents {
  /** The stream inside. */
  onSecure(io: Io): void
  /** The connection is gone, or closes behind an alert that says why. */
  onFailure(error: HyperError): void
}

/** One connection. */
export interface Handshake {
  begin(): void
  /** Resets it, and tells nobody. */
  giveUp(): void
}

export class TlsAcceptor {
  private readonly onFault: (error: unknown) => void
  private options: ListenTls
  private how: How

  /**
   * @param onFault what `SNICallback` has thrown, or rejected with
   * @throws HyperError `INVALID_OPTION`
   */
  constructor(options: ListenTls, onFault: (error: unknown) => void) {
    this.onFault = onFault
    this.options = options
    this.how = new How(options, onFault)
  }

  /**
   * Certificates, keys and what goes with them, for connections from now on; what is not named stays as it was.
   * @throws HyperError `INVALID_OPTION`; nothing is changed then
   */
  reload(given: ReloadTls): void {
    const options = reloaded(this.options, given)
    this.how = new How(options, this.onFault)
    this.options = options
  }

  /**
   * @param io a plain connection, which nobody reads; it is dead from the beginning of the handshake on
   * @param leftover what was read of it already, and belongs to the handshake
   */
  handshake(io: BunIo, leftover: Uint8Array, events: HandshakeEvents): Handshake {
    return new Shaking(io, leftover, this.how, events)
  }
}

/** With what connections are given their TLS: one set of handlers for all of them. */
class How {
  readonly timeout: number
  readonly tls: BunTls
  readonly handlers: BunSocketHandler<BunIo>
  /** A client without a certificate that is right is sent away. */
  readonly rejects: boolean
  readonly shaking: Map<BunIo, Shaking>

  constructor(options: ListenTls, onFault: (error: unknown) => void) {
    this.timeout = handshakeTimeOf(options.handshakeTimeout)
    this.tls = listenTls(options)
    this.rejects = options.requestCert === true && options.rejectUnauthorized !== false
    this.shaking = new Map()
    this.handlers = {
      ...IO_HANDLERS,
      ...serverNameHandler(options, onFault),
      open: (socket) => {
        // The handshake itself until here.
        const shaking = socket.data as unknown as Shaking
        const io = new BunIo(socket, true)
        socket.data = io
        this.shaking.set(io, shaking)
        shaking.inside = io
      },
      handshake: ({ data: io }, success, error) => {
        const why = success && !(this.rejects && error !== null) ? null : (error ?? REFUSED)
        this.take(io)?.settle(why)
        // Behind the alert that says why, not by a reset that would take it back.
        if (why !== null) io.close()
      },
      close: ({ data: io }, error) => {
        this.take(io)?.settle(error ?? new Error('the connection was closed'))
        io.takeClose(error ?? null)
      },
    }
  }

  take(io: BunIo): Shaking | undefined {
    const shaking = this.shaking.get(io)
    this.shaking.delete(io)
    return shaking
  }
}

const REFUSED = new Error('the certificate was refused')

/** A handshake under way, with its time. */
class Shaking implements Handshake, AlarmTarget {
  inside: BunIo | null
  private readonly io: BunIo
  private below: IoSocket | null
  private readonly leftover: Uint8Array
  private readonly how: How
  private readonly events: HandshakeEvents
  private readonly alarm: Alarm
  private isOver: boolean

  constructor(io: BunIo, leftover: Uint8Array, how: How, events: HandshakeEvents) {
    this.inside = null
    this.io = io
    this.below = null
    this.leftover = leftover
    this.how = how
    this.events = events
    this.alarm = bunRuntime.timer.alarm(this)
    this.isOver = false
  }

  begin(): void {
    const { how } = this
    const parts = [this.leftover]
    const below = this.io.release(parts)
    this.below = below
    if (below === null) {
      this.io.abort()
      this.settle(new Error('the connection ended before it'))
      return
    }
    this.alarm.move(bunRuntime.clock.now() + how.timeout)
    const initialData = Buffer.concat(parts)
    try {
      below.upgradeTLS<BunIo>({
        isServer: true,
        data: this as never,
        tls: how.tls,
        socket: how.handlers,
        ...(initialData.length === 0 ? {} : { initialData }),
      })
    } catch (error) {
      below.terminate()
      this.settle(error as Error)
    }
  }

  giveUp(): void {
    this.isOver = true
    this.alarm.cancel()
    if (this.inside !== null) this.inside.abort()
    else if (this.below !== null) this.below.terminate()
    else this.io.abort()
  }

  onAlarm(): void {
    this.settle(new Error('it took too long'))
    this.giveUp()
  }

  /** It is over: with `cause` for a failure. */
  settle(cause: Error | null): void {
    if (this.isOver) return
    this.isOver = true
    this.alarm.cancel()
    if (cause === null && this.inside !== null) this.events.onSecure(this.inside)
    else this.events.onFailure(handshakeFailed(cause ?? REFUSED))
  }
}

function handshakeFailed(cause: Error): HyperError {
  return new HyperError('TLS', `the TLS handshake failed: ${cause.message}`, {
    by: 'peer',
    phase: 'tls',
    cause,
  })
}
