import { HyperError } from '@hyper/core/error'
import { Extensions } from '@hyper/core/http'
import type { Alarm, Io, Runtime } from '@hyper/core/rt'
import type { Connector, Destination } from '@hyper/util/connect'
import { canceledBy, connectFailure } from './failure.ts'

// One attempt to connect. In: a connector and the time it has. Out: a stream, or why there is none. What the connector
// delivers after it was given up is torn down.

/** What a {@link Dial} needs besides where to. */
export interface DialOptions {
  readonly connector: Connector
  readonly runtime: Runtime
  /** Milliseconds; Infinity for no limit. */
  readonly timeout: number
  readonly signal: AbortSignal | undefined
}

export class Dial {
  private readonly options: DialOptions
  private readonly controller: AbortController
  private readonly result: Promise<Io>
  private resolve!: (io: Io) => void
  private reject!: (error: HyperError) => void
  private readonly onAbort: () => void
  private alarm: Alarm | null
  private isOver: boolean

  constructor(options: DialOptions) {
    this.options = options
    this.controller = new AbortController()
    this.result = new Promise((resolve, reject) => {
      this.resolve = resolve
      this.reject = reject
    })
    this.onAbort = () => this.fail(canceledBy(options.signal, 'connect'))
    this.alarm = null
    this.isOver = false
  }

  /**
   * Connects, once.
   * @throws HyperError (as a rejection) `CONNECT_TIMEOUT`, `CANCELED`, `DNS`, `TLS` or `CONNECT`.
   */
  run(destination: Destination): Promise<Io> {
    const { connector, runtime, signal, timeout } = this.options
    if (signal?.aborted === true) return Promise.reject(canceledBy(signal, 'connect'))
    signal?.addEventListener('abort', this.onAbort, { once: true })
    if (timeout !== Infinity) {
      this.alarm = runtime.timer.alarm(this)
      this.alarm.move(runtime.clock.now() + timeout)
    }
    connector(destination, { signal: this.controller.signal, info: new Extensions() }).then(
      (io) => this.done(io),
      (error: unknown) => this.fail(connectFailure(error)),
    )
    return this.result
  }

  /** Ends the attempt; `run` rejects with the error. */
  giveUp(error: HyperError): void {
    this.fail(error)
  }

  /** @internal */
  onAlarm(): void {
    this.fail(
      new HyperError('CONNECT_TIMEOUT', `no connection within ${this.options.timeout} ms`, {
        by: 'peer',
        phase: 'connect',
        retryable: true,
      }),
    )
  }

  private done(io: Io): void {
    if (this.isOver) {
      io.abort()
      return
    }
    this.finish()
    this.resolve(io)
  }

  private fail(error: HyperError): void {
    if (this.isOver) return
    this.finish()
    this.reject(error)
    this.controller.abort(error)
  }

  private finish(): void {
    this.isOver = true
    this.alarm?.cancel()
    this.options.signal?.removeEventListener('abort', this.onAbort)
  }
}
