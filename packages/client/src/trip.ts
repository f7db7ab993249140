import { EMPTY_BODY, FullBody } from '@hyper/core/body'
import type { HyperError } from '@hyper/core/error'
import type { SendOptions } from '@hyper/core/h2'
import type { HeaderMap, HttpRequest, HttpResponse } from '@hyper/core/http'
import type { AbortSignalLike } from '@hyper/core/rt'
import type { Exchange } from '@hyper/core/service'
import type { NegotiatedTakeOptions, PooledConnection } from '@hyper/util/pool'
import { type Config, timeOf, timeoutOf } from './config.ts'
import { CONNECTION, infoOf } from './connection-info.ts'
import { BoundBody, contextOf, type Run } from './context.ts'
import { EXPECT_TIME, HeldBody } from './expect.ts'
import { ClientExchange, optionsOf, signalOf } from './exchange.ts'
import { addressOf, connectFailure, failureOf, knownError } from './failure.ts'
import { Lifetime } from './lifetime.ts'
import type { RequestOptions } from './options.ts'
import type { Outgoing } from './outgoing.ts'
import type { Place } from './place.ts'
import { whyNotAgain } from './replay-rule.ts'
import { replayOf } from './replay.ts'
import { EXTENDED } from './switching.ts'
import type { UnreadBodies } from './unread.ts'

// Trip: one request through the pool: a connection, the request on it, the head of its response; and once more where the
// replay rule says so. What it fails with says where, when, how often, and why it was not sent again.

/** Who hears how a trip ends: once, and never before {@link Trip.start} has returned. */
export interface TripReceiver {
  answered(response: HttpResponse): void
  failed(error: HyperError): void
}

/** What all trips of a client share. */
export interface TripHost {
  readonly config: Config
  readonly outgoing: Outgoing
  readonly unread: UnreadBodies
  /** Of a request that says nothing of its own. */
  readonly usual: NegotiatedTakeOptions
}

export class Trip {
  private readonly host: TripHost
  /** Null once it has heard: what a connection still holds of a trip must not keep who has forgotten the response. */
  private receiver: TripReceiver | null
  private readonly exchange: Exchange
  private readonly place: Place
  private readonly options: RequestOptions | undefined
  private readonly signal: AbortSignalLike | null
  private readonly beganAt: number
  /** Of the caller, where something of theirs is called that is not a promise; else null. */
  private readonly context: Run | null
  /** The protocol of an upgrade that may go over HTTP/2; null when it may not, or when the server has none of it. */
  private extended: string | null
  private request: HttpRequest
  private connection: PooledConnection | null = null
  /** A body that waits until the server asks for it. */
  private held: HeldBody | null = null
  private isReused: boolean = false
  /** Answers on the connection before this request. */
  private answers: number = 0
  private attempts: number = 0
  private futile: number = 0
  private mayBeDone: boolean = false

  constructor(
    host: TripHost,
    request: HttpRequest,
    exchange: Exchange,
    place: Place,
    receiver: TripReceiver,
  ) {
    const { runtime } = host.config
    const { body } = request
    const isWhole = body === EMPTY_BODY || body instanceof FullBody
    this.host = host
    this.receiver = receiver
    this.exchange = exchange
    this.place = place
    this.options = optionsOf(exchange)
    this.signal = signalOf(exchange)
    this.beganAt = runtime.clock.now()
    this.extended = request.hasExtensions ? (request.extensions.get(EXTENDED) ?? null) : null
    this.context = isWhole && this.options?.onInformational === undefined ? null : contextOf(runtime)
    this.request =
      isWhole || this.context === null ? request : request.with({ body: new BoundBody(body, this.context) })
  }

  start(): void {
    this.attempts++
    let taken: PooledConnection | Promise<PooledConnection>
    try {
      taken = this.host.config.pool.take(this.place.destination, this.wants())
    } catch (error) {
      taken = Promise.reject(error)
    }
    if (!(taken instanceof Promise)) this.ride(taken)
    else
      taken.then(
        (connection) => this.ride(connection),
        (error: unknown) => this.missed(error),
      )
  }

  private ride(connection: PooledConnection): void {
    this.begin(connection)
    this.send(connection).then(
      (response) => this.arrived(response, connection),
      (error: unknown) => this.missed(error),
    )
  }

  private arrived(response: HttpResponse, connection: PooledConnection): void {
    let told: HttpResponse
    try {
      told = this.answered(response, connection)
    } catch (error) {
      // Telling a body that it is not wanted is somebody's own code.
      this.missed(error)
      return
    }
    this.take()?.answered(told)
  }

  // Goes again where that is allowed.
  private missed(error: unknown): void {
    try {
      this.again(this.connection === null ? connectFailure(error) : knownError(error))
    } catch (failure) {
      this.take()?.failed(knownError(failure))
      return
    }
    this.start()
  }

  private take(): TripReceiver | null {
    const { receiver } = this
    this.receiver = null
    return receiver
  }

  private send(connection: PooledConnection): Promise<HttpResponse> {
    const { extended, place } = this
    const { outgoing } = this.host
    let request: HttpRequest
    let options: SendOptions | undefined
    try {
      const asked = this.expecting()
      options = this.sendOptions()
      if (extended === null || connection.protocol === 'http1')
        request = outgoing.make(asked, place, connection)
      else {
        request = outgoing.makeExtended(asked, place)
        options = { ...options, protocol: extended, scheme: place.destination.secure ? 'https' : 'http' }
      }
    } catch (error) {
      // A request that makes no sense is not sent, and whoever waits for the connection gets it.
      connection.release()
      return Promise.reject(error)
    }
    return connection.send(request, options)
  }

  // The request itself, or with a body that waits for the server.
  private expecting(): HttpRequest {
    const { options, request } = this
    const given = options?.expectContinue
    this.held = null
    if (given === undefined || given === false || request.body.isEnd) return request
    const time = given === true ? EXPECT_TIME : timeOf('expectContinue', given, EXPECT_TIME)
    this.held = new HeldBody(request.body, this.host.config.runtime, time)
    const headers = request.headers.clone()
    headers.set('expect', '100-continue')
    return request.with({ headers, body: this.held })
  }

  private begin(connection: PooledConnection): void {
    this.connection = connection
    this.isReused = connection.isReused
    this.answers = connection.answers
    const { exchange, signal } = this
    if (exchange instanceof ClientExchange) exchange.peer = connection.io.peer
    if (signal instanceof Lifetime) signal.enter('headers')
  }

  private answered(response: HttpResponse, connection: PooledConnection): HttpResponse {
    this.held?.answered()
    connection.answered(response.headers)
    response.extensions.set(CONNECTION, infoOf(connection, this.isReused, this.attempts))
    if (this.signal instanceof Lifetime) this.signal.enter('body')
    const { attempts, beganAt, host, place } = this
    return host.unread.guard(response, place.destination, connection, attempts, beganAt)
  }

  // ------------------------------------------------------------------ what it asks for

  private wants(): NegotiatedTakeOptions {
    const { signal } = this
    const { usual } = this.host
    const timeouts = this.options?.timeouts
    // Most requests have none of these.
    const isExclusive = this.isSwitch
    if (signal === null && this.attempts === 1 && timeouts === undefined && !isExclusive) return usual
    return {
      signal,
      isExclusive,
      connectTimeout: timeoutOf('connect', timeouts?.connect, usual.connectTimeout ?? Infinity),
      poolTimeout: timeoutOf('pool', timeouts?.pool, usual.poolTimeout ?? Infinity),
      isFresh: this.attempts > 1,
    }
  }

  // A connection that becomes something else serves nobody else, and no proxy can forward what goes over it.
  private get isSwitch(): boolean {
    const { headers, method } = this.request
    // Over HTTP/2 a tunnel is one stream of many.
    if (method === 'CONNECT') return !this.place.destination.secure && !this.host.config.priorKnowledge
    return this.extended === null && headers !== this.host.config.headers && headers.has('upgrade')
  }

  private sendOptions(): SendOptions | undefined {
    const { exchange, options, signal } = this
    const onInformational =
      exchange instanceof ClientExchange && !exchange.hears && this.held === null
        ? undefined
        : (status: number, headers: HeaderMap) => this.interim(status, headers)
    const maxHeadSize = options?.maxHeaderSize
    const headers = options?.timeouts?.headers
    const idle = options?.timeouts?.idle
    if (
      signal === null &&
      onInformational === undefined &&
      maxHeadSize === undefined &&
      headers === undefined &&
      idle === undefined
    ) {
      return undefined
    }
    return {
      signal: signal ?? undefined,
      onInformational,
      maxHeadSize,
      headersTimeout: headers === undefined ? undefined : timeoutOf('headers', headers, Infinity),
      bodyIdleTimeout: idle === undefined ? undefined : timeoutOf('idle', idle, Infinity),
    }
  }

  private interim(status: number, headers: HeaderMap): void {
    if (status === 100) this.held?.release()
    const tell = (): void => void this.exchange.informational(status, headers)
    if (this.context === null) tell()
    else this.context(tell)
  }

  // ------------------------------------------------------------------ what may go wrong

  // Prepares the next attempt, or ends the trip. @throws HyperError
  private again(error: HyperError): void {
    if (this.extended !== null && error.code === 'NO_UPGRADE' && error.retryable) {
      // Not over HTTP/2, then.
      this.extended = null
      this.connection = null
      return
    }
    const { attempts, connection, options, request } = this
    const isSent = connection !== null
    const isUnused = !request.body.used
    const replay = isUnused ? null : replayOf(request)
    if (isSent && error.retryable) {
      // Where the connection has answered others meanwhile, or has yet to answer them after a GOAWAY, the server works its way
      // through. Without a GOAWAY others may be under way for ever, and each attempt would be refused because of them.
      const isProgress =
        connection.answers > this.answers || (error.code === 'GOAWAY' && connection.active > 0)
      this.futile = isProgress ? 0 : this.futile + 1
    }
    const why = !isSent
      ? ''
      : whyNotAgain({
          error,
          attempts,
          method: request.method,
          idempotent: options?.idempotent,
          isReused: this.isReused,
          hasBody: isUnused || replay !== null,
          futile: this.futile,
          maxReplays: this.host.config.maxReplays,
        })
    if (why !== null || this.signal?.aborted === true) throw this.failed(error, why ?? '')
    this.mayBeDone ||= !error.retryable
    if (replay !== null) this.request = replay()
    this.connection = null
    const { runtime, tracer } = this.host.config
    try {
      tracer?.onReplay?.(this.request, error, attempts + 1)
    } catch (thrown) {
      runtime.onError(thrown)
    }
  }

  private failed(error: HyperError, why: string): HyperError {
    const { attempts, beganAt, connection, mayBeDone, signal } = this
    const { clock } = this.host.config.runtime
    const cause = signal instanceof Lifetime ? signal.explain(error) : error
    const address = addressOf(connection?.io.peer) ?? error.address ?? this.place.destination.authority
    const elapsedMs = clock.now() - beganAt
    const failure = failureOf(cause, { address, attempts, elapsedMs, why, mayBeDone })
    dropBody(this.request, failure)
    return failure
  }
}

/** A body of which nothing was sent will not be read any more: its source is told. */
export function dropBody({ body }: HttpRequest, reason: unknown): void {
  if (!body.used) body.cancel(reason)
}
