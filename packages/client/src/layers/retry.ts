import { HyperError, userError } from '@hyper/core/error'
import {
  type ExtensionKey,
  extensionKey,
  type HttpRequest,
  HttpResponse,
  isIdempotent,
} from '@hyper/core/http'
import type { AbortSignalLike, Alarm, AlarmTarget, Runtime, Timer } from '@hyper/core/rt'
import type { Exchange, Layer, Service } from '@hyper/core/service'
import { stayAlive } from '@hyper/util/platform'
import { ClientExchange, optionsOf, type Pauses, signalOf } from '../exchange.ts'
import { addressOf, canceledBy } from '../failure.ts'
import { atLeast, type Check, check, type Checks, has, HOOK, isObject, named } from '../option.ts'
import { replayOf } from '../replay.ts'
import { RetryBudget } from './retry-budget.ts'
import { backoffOf, isPassing, RETRY_STATUSES, retryAfterOf } from './retry-rules.ts'

// retry: a layer that sends a request again, after a pause, when that is safe and may help. In: a request. Out: the first
// response that is good enough, or the last one; or the last error. The rule that needs no pause (a kept connection was
// found closed) is the transport's.

/** An attempt that has failed, one way or the other. */
export interface RetryAttempt {
  /** What was sent; its body may be gone. */
  readonly request: HttpRequest
  /** The response, or null when there is none. Its body is not to be read. */
  readonly response: HttpResponse | null
  /** The error, or null when there is a response. */
  readonly error: HyperError | null
  /** Retries so far: 0 after the first attempt. */
  readonly retries: number
}

/** When and how often a request is sent again. Times are milliseconds. */
export interface RetryOptions {
  /** Retries of one request. Default 2. */
  readonly maxRetries?: number | undefined
  /** The longest pause before the first retry; it doubles with each. A random share of up to a half is left out. Default 250. */
  readonly delay?: number | undefined
  /** The longest pause that the doubling leads to. Default 10,000. */
  readonly maxDelay?: number | undefined
  /** The longest `Retry-After` that is waited for; a longer one gives the response to the caller. Default 60,000. */
  readonly maxRetryAfter?: number | undefined
  /** Responses that count as failures. Default 408, 425, 429, 500, 502, 503, 504. */
  readonly statuses?: readonly number[] | undefined
  /**
   * Says whether a failure is worth a retry, in place of `statuses` and of what is known of errors. It cannot make one safe.
   * What it throws rejects the request.
   */
  readonly when?: ((attempt: RetryAttempt) => boolean) | undefined
}

/** What a `retry` layer is made with. */
export interface RetryLayerOptions extends RetryOptions {
  /** Clock and timers. */
  readonly runtime: Pick<Runtime, 'clock' | 'timer'>
  /** Retries for each request of the last ten seconds, over all requests of the layer. Infinity is no budget. Default 0.2. */
  readonly budgetShare?: number | undefined
  /** Retries per second that need no request beside them. Default 10. */
  readonly budgetPerSecond?: number | undefined
  /** Default `Math.random`. */
  readonly random?: (() => number) | undefined
}

/** How often the request of this response was sent again by `retry`. Absent where it was not. */
export const RETRIES: ExtensionKey<number> = extensionKey('retries')

/** Defaults of `retry`; times in milliseconds. */
export const MAX_RETRIES = 2
export const RETRY_DELAY = 250
export const MAX_RETRY_DELAY = 10_000
export const MAX_RETRY_AFTER = 60_000
export const BUDGET_SHARE = 0.2
export const BUDGET_PER_SECOND = 10

/**
 * A layer that retries. A failure is a response with one of the `statuses`, or an error that may pass.
 *
 * It is sent again only when nothing of it can have been processed (the error is `retryable`), or when the method is
 * idempotent (RFC 9110 §9.2.2) or `idempotent` of the request's options says so; and only when its body can be had again:
 * none, text, bytes, or one made by a function. A pause comes first, at least as long as a `Retry-After` asks for; giving
 * the request up ends it. All retries together stay within a budget.
 *
 * Reads `retry` and `idempotent` of the request's options. With `retry: false` in them it is one call.
 * @throws HyperError `INVALID_OPTION`
 */
export function retry(options: RetryLayerOptions): Layer {
  return createRetry(options, true)
}

/** As {@link retry}; unless `isOn`, for those requests alone whose options ask for it. */
export function createRetry(options: RetryLayerOptions, isOn: boolean): Layer {
  const defaults = rulesOf(options, DEFAULTS, LAYER_OPTIONS)
  const { random = Math.random, runtime } = options
  if (!isObject(runtime))
    throw userError('INVALID_OPTION', 'retry.runtime must be a Runtime: it pauses between attempts')
  const share = atLeast('retry.budgetShare', options.budgetShare, BUDGET_SHARE, 0)
  const perSecond = atLeast('retry.budgetPerSecond', options.budgetPerSecond, BUDGET_PER_SECOND, 0)
  const means = { runtime, random, budget: new RetryBudget(runtime.clock, share, perSecond) }
  return (inner) => (request, exchange) => {
    const given = optionsOf(exchange)?.retry
    if (given === undefined ? !isOn : given === false) return inner(request, exchange)
    if (request.method === 'CONNECT') return inner(request, exchange)
    const rules = typeof given === 'object' ? rulesOf(given, defaults, OPTIONS) : defaults
    return new Attempts(request, exchange, inner, rules, means).run()
  }
}

interface Rules {
  readonly maxRetries: number
  readonly delay: number
  readonly maxDelay: number
  readonly maxRetryAfter: number
  readonly statuses: readonly number[]
  readonly when: ((attempt: RetryAttempt) => boolean) | null
}

const DEFAULTS: Rules = {
  maxRetries: MAX_RETRIES,
  delay: RETRY_DELAY,
  maxDelay: MAX_RETRY_DELAY,
  maxRetryAfter: MAX_RETRY_AFTER,
  statuses: RETRY_STATUSES,
  when: null,
}

const OF_RULES: Record<keyof RetryOptions, Check> = {
  maxRetries: true,
  delay: true,
  maxDelay: true,
  maxRetryAfter: true,
  statuses: [(value) => Array.isArray(value) && value.every(Number.isInteger), 'a list of integers'],
  when: HOOK,
}
const OPTIONS: Checks = /* @__PURE__ */ named<RetryOptions>(OF_RULES)
const LAYER_OPTIONS: Checks = /* @__PURE__ */ named<RetryLayerOptions>({
  ...OF_RULES,
  runtime: true,
  budgetShare: true,
  budgetPerSecond: true,
  random: HOOK,
})

/** @throws HyperError `INVALID_OPTION` */
function rulesOf(given: RetryOptions, defaults: Rules, known: Checks): Rules {
  check('retry', 'retry.', given, known)
  return {
    maxRetries: atLeast('retry.maxRetries', given.maxRetries, defaults.maxRetries, 0),
    delay: atLeast('retry.delay', given.delay, defaults.delay, 0),
    maxDelay: atLeast('retry.maxDelay', given.maxDelay, defaults.maxDelay, 0),
    maxRetryAfter: atLeast('retry.maxRetryAfter', given.maxRetryAfter, defaults.maxRetryAfter, 0),
    statuses: given.statuses ?? defaults.statuses,
    when: given.when ?? defaults.when,
  }
}

/** What all requests of a layer share. */
interface Means {
  readonly runtime: Pick<Runtime, 'clock' | 'timer'>
  readonly random: () => number
  readonly budget: RetryBudget
}

/** One request, as often as it takes. */
class Attempts {
  private request: HttpRequest
  private readonly exchange: Exchange
  private readonly inner: Service
  private readonly rules: Rules
  private readonly means: Means
  private readonly again: (() => HttpRequest) | null
  private readonly isRepeatable: boolean
  private retries: number
  /** How often it was sent in the attempts that have failed without a response. */
  private sent: number
  /** Whether one of the attempts so far may have been processed. */
  private isDone: boolean
  private readonly beganAt: number

  constructor(request: HttpRequest, exchange: Exchange, inner: Service, rules: Rules, means: Means) {
    this.request = request
    this.exchange = exchange
    this.inner = inner
    this.rules = rules
    this.means = means
    this.again = replayOf(request)
    this.isRepeatable = isIdempotent(request.method) || optionsOf(exchange)?.idempotent === true
    this.retries = 0
    this.sent = 0
    this.isDone = false
    this.beganAt = means.runtime.clock.now()
  }

  async run(): Promise<HttpResponse> {
    this.means.budget.deposit()
    for (;;) {
      const outcome = await this.attempt()
      const pause = this.judged(outcome)
      if (pause === null || this.again === null) return this.result(outcome)
      // The connection reads a short rest, so that it can go on; a long one costs it.
      if (outcome instanceof HttpResponse) outcome.body.cancel()
      await this.wait(pause, outcome)
      this.retries++
      this.request = this.again()
    }
  }

  private async attempt(): Promise<HttpResponse | HyperError> {
    try {
      const response = await this.inner(this.request, this.exchange)
      this.sent++
      return response
    } catch (error) {
      if (!(error instanceof HyperError)) throw error
      this.sent += error.attempts
      return error
    }
  }

  // Where `when` throws, nobody gets the response.
  private judged(outcome: HttpResponse | HyperError): number | null {
    try {
      return this.pauseAfter(outcome)
    } catch (error) {
      if (outcome instanceof HttpResponse) outcome.body.cancel(error)
      throw error
    }
  }

  /** Milliseconds until the next attempt, or null when there is to be none. */
  private pauseAfter(outcome: HttpResponse | HyperError): number | null {
    const { budget, random, runtime } = this.means
    const { delay, maxDelay, maxRetries, maxRetryAfter } = this.rules
    const isUndone = outcome instanceof HyperError && outcome.retryable
    if (!this.isFailure(outcome) || !(this.isRepeatable || isUndone)) return null
    if (this.again === null || this.retries >= maxRetries || this.exchange.cancelled !== null) return null
    const asked = outcome instanceof HttpResponse ? retryAfterOf(outcome.headers, runtime.clock.wall()) : null
    if (asked !== null && asked > maxRetryAfter) return null
    if (!budget.withdraw()) return null
    if (!isUndone) this.isDone = true
    return Math.max(asked ?? 0, backoffOf(this.retries + 1, delay, maxDelay, random()))
  }

  private isFailure(outcome: HttpResponse | HyperError): boolean {
    const { statuses, when } = this.rules
    const isResponse = outcome instanceof HttpResponse
    if (when === null) return isResponse ? statuses.includes(outcome.status) : isPassing(outcome)
    const isWorth: unknown = when({
      request: this.request,
      response: isResponse ? outcome : null,
      error: isResponse ? null : outcome,
      retries: this.retries,
    })
    // Whatever a promise comes to, it is no `false`.
    if (has(isWorth, 'then'))
      throw userError('INVALID_OPTION', 'retry.when must answer at once, not by a promise')
    return Boolean(isWorth)
  }

  private result(outcome: HttpResponse | HyperError): HttpResponse {
    const { retries, sent } = this
    if (outcome instanceof HttpResponse) {
      if (retries > 0) outcome.extensions.set(RETRIES, retries)
      return outcome
    }
    if (retries === 0) throw outcome
    throw outcome.with({
      message: `${outcome.message}, after ${retries} ${retries === 1 ? 'retry' : 'retries'}`,
      // What was processed once is not undone by an attempt that did not arrive.
      retryable: outcome.retryable && !this.isDone,
      attempts: sent,
    })
  }

  private wait(ms: number, outcome: HttpResponse | HyperError): Promise<void> {
    const { clock, timer } = this.means.runtime
    return new Promise((resolve, reject) => {
      const giveUp = (error: HyperError): void => reject(this.givenUp(error, outcome))
      new Pause(timer, this.exchange, resolve, giveUp).begin(clock.now() + ms)
    })
  }

  /** Given up in a pause: where it had come to is what the attempt before has shown. */
  private givenUp(error: HyperError, outcome: HttpResponse | HyperError): HyperError {
    // What ends another's exchange is told as it is.
    if (!(this.exchange instanceof ClientExchange)) return error
    const isFailure = outcome instanceof HyperError
    return error.with({
      message: `${error.message}, before retry ${this.retries + 1}`,
      phase: (isFailure ? outcome.phase : null) ?? 'headers',
      retryable: error.retryable && !this.isDone,
      address: (isFailure ? outcome.address : addressOf(this.exchange.peer)) ?? hostOf(this.request.target),
      attempts: this.sent,
      elapsedMs: error.elapsedMs ?? Math.round(this.means.runtime.clock.now() - this.beganAt),
    })
  }
}

/** Of a target that is a URL, as in a client. */
function hostOf(target: string): string | null {
  return URL.canParse(target) ? new URL(target).host : null
}

/** A wait for a time that can be given up, and that leaves nothing behind. */
class Pause implements AlarmTarget {
  private readonly alarm: Alarm
  private readonly signal: AbortSignalLike | null
  private readonly pauses: Pauses | null
  private readonly resolve: () => void
  private readonly reject: (error: HyperError) => void
  private readonly onAbort: () => void
  private release: () => void

  constructor(timer: Timer, exchange: Exchange, resolve: () => void, reject: (error: HyperError) => void) {
    this.alarm = timer.alarm(this)
    this.signal = signalOf(exchange)
    this.pauses = exchange instanceof ClientExchange ? exchange.pauses : null
    this.resolve = resolve
    this.reject = reject
    this.onAbort = () => this.giveUp(exchange.cancelled ?? canceledBy(this.signal ?? undefined, null))
    this.release = ignore
  }

  begin(until: number): void {
    this.signal?.addEventListener('abort', this.onAbort)
    this.pauses?.add(this)
    // There may be no socket that keeps the process alive until the next attempt.
    this.release = stayAlive()
    this.alarm.move(until)
  }

  onAlarm(): void {
    this.end()
    this.resolve()
  }

  giveUp(error: HyperError): void {
    this.end()
    this.reject(error)
  }

  private end(): void {
    this.alarm.cancel()
    this.pauses?.delete(this)
    this.release()
    this.signal?.removeEventListener('abort', this.onAbort)
  }
}

function ignore(): void {}
