import { HyperError, time, userError } from '@hyper/core/error'
import { FULL, TAKEN, type Alarm, type Io, type IoSink, type Runtime } from '@hyper/core/rt'

// joinIo: two streams as one, which is what a proxy makes of a CONNECT and of an upgrade. In: both, and what was read of them
// already. Out: what either sends goes to the other, no faster than that one takes it; an end of one direction is passed on
// and leaves the other alone; what breaks one resets both. It keeps no bytes of its own.

/** How {@link joinIo} watches. */
export interface JoinOptions {
  /**
   * Milliseconds in which no byte goes either way; then both are reset. Holds until both are closed: an end that does not
   * take the last bytes is let go. 0, null and Infinity turn it off. Needs `runtime`. Default: off.
   */
  readonly idleTimeout?: number | null | undefined
  /** Clock and timers, for `idleTimeout`. */
  readonly runtime?: Pick<Runtime, 'clock' | 'timer'> | undefined
}

/** How it went. */
export interface TunnelEnd {
  /** Bytes that the first has sent to the second. */
  readonly sent: number
  /** Bytes that the second has sent to the first. */
  readonly received: number
  /** What broke the tunnel; null when both directions have ended. */
  readonly error: Error | null
}

/** One end, as it was handed over: paused, or never started. */
interface End {
  readonly io: Io
  readonly leftover?: Uint8Array | undefined
}

/**
 * Joins two streams, and owns both from then on.
 * @returns how it went, once it is over; never rejects.
 * @throws HyperError `INVALID_OPTION`, and nothing is touched then
 */
export function joinIo(first: End, second: End, options: JoinOptions = {}): Promise<TunnelEnd> {
  return new Join(first.io, second.io, options).run(first.leftover, second.leftover)
}

class Join {
  private readonly first: Direction
  private readonly second: Direction
  private readonly idleTimeout: number
  private readonly clock: Runtime['clock'] | null
  private readonly alarm: Alarm | null
  private movedAt: number
  isOver: boolean
  private resolve!: (end: TunnelEnd) => void

  constructor(first: Io, second: Io, { idleTimeout, runtime }: JoinOptions) {
    const idle = time('idleTimeout', idleTimeout, Infinity)
    // Without a clock it would be none, and nobody would be told.
    if (idle !== Infinity && runtime === undefined)
      throw userError('INVALID_OPTION', 'idleTimeout needs `runtime`')
    this.first = new Direction(this, first, second)
    this.second = new Direction(this, second, first)
    this.first.back = this.second
    this.second.back = this.first
    this.idleTimeout = idle
    this.clock = runtime?.clock ?? null
    this.alarm = idle === Infinity ? null : (runtime?.timer.alarm(this) ?? null)
    this.movedAt = 0
    this.isOver = false
  }

  run(sent: Uint8Array | undefined, received: Uint8Array | undefined): Promise<TunnelEnd> {
    const end = new Promise<TunnelEnd>((resolve) => {
      this.resolve = resolve
    })
    this.moved()
    this.alarm?.move(this.movedAt + this.idleTimeout)
    this.first.begin(sent)
    this.second.begin(received)
    return end
  }

  moved(): void {
    if (this.alarm !== null && this.clock !== null) this.movedAt = this.clock.now()
  }

  onAlarm(now: number): void {
    const due = this.movedAt + this.idleTimeout
    if (now < due) this.alarm?.move(due)
    else if (this.isOver) this.reset()
    else
      this.broke(
        new HyperError('IDLE_TIMEOUT', `the tunnel was silent for ${this.idleTimeout} ms`, { by: 'peer' }),
      )
  }

  ended(): void {
    if (this.first.hasEnded && this.second.hasEnded) this.over(null)
  }

  broke(error: Error | null): void {
    if (this.isOver) return
    this.reset()
    this.over(error ?? new HyperError('CANCELED', 'one end of the tunnel has gone', { by: 'peer' }))
  }

  /** Both have ended, but one may still hold what its peer does not take: it is watched until it is gone. */
  gone(error: Error | null): void {
    if (!this.isOver) this.broke(error)
    else if (this.first.isGone && this.second.isGone) this.alarm?.cancel()
  }

  private reset(): void {
    this.alarm?.cancel()
    this.first.io.abort()
    this.second.io.abort()
  }

  private over(error: Error | null): void {
    if (this.isOver) return
    this.isOver = true
    this.resolve({ sent: this.first.bytes, received: this.second.bytes, error })
  }
}

/** What comes from `io`, on its way to `target`. */
class Direction implements IoSink {
  readonly io: Io
  bytes: number
  hasEnded: boolean
  /** `io` is closed. */
  isGone: boolean
  /** The other direction. */
  back!: Direction
  private readonly join: Join
  private readonly target: Io

  constructor(join: Join, io: Io, target: Io) {
    this.join = join
    this.io = io
    this.target = target
    this.bytes = 0
    this.hasEnded = false
    this.isGone = false
  }

  begin(leftover: Uint8Array | undefined): void {
    const isBehind = leftover !== undefined && leftover.length > 0 && this.pass(leftover) === FULL
    this.io.start(this)
    if (isBehind) this.io.pause()
  }

  onData(chunk: Uint8Array): boolean {
    const result = this.pass(chunk)
    if (result === FULL) this.io.pause()
    // What is not taken yet is held where it is.
    return result !== TAKEN
  }

  private pass(chunk: Uint8Array): number {
    this.bytes += chunk.length
    this.join.moved()
    return this.target.write(chunk)
  }

  onEnd(): void {
    this.hasEnded = true
    this.target.end()
    this.join.ended()
  }

  /** `io` has taken what it held: the other direction goes on. */
  onDrain(): void {
    this.join.moved()
    this.back.io.resume()
  }

  onWriteError(error: Error): void {
    // Nothing will be read of it any more, and the other may still have something to send.
    if (this.join.isOver) this.io.abort()
    else this.join.broke(error)
  }

  onClose(error: Error | null): void {
    this.isGone = true
    this.join.gone(error)
  }
}
