import type { HyperError } from '@hyper/core/error'
import type { HttpRequest, HttpResponse } from '@hyper/core/http'
import type { Runtime } from '@hyper/core/rt'
import type { ClientExchange } from './exchange.ts'
import { addressOf } from './failure.ts'
import { isFetchPolicy } from './fetch/fetch-redirect.ts'
import type { Redirects } from './layers/redirect.ts'
import { Lifetime } from './lifetime.ts'
import type { ClientOptions, RequestOptions } from './options.ts'

// Wanted: an answer that somebody waits for. A jar, a policy, a layer of the caller's may take for ever, and heed no signal.
// In: the answer, and who may give it up: the signal, the total time, the client's abort. Out: the answer, or the error of
// whoever gave it up. What comes after that is given up too.

/** Whether anything of a client is not its own. */
export function isForeignClient({ cookies, layers, redirect }: ClientOptions): boolean {
  return layers !== undefined || (cookies !== undefined && cookies !== null) || hasPolicy(redirect)
}

/** The same of what a request brings. */
export function isForeignRequest(options: RequestOptions | undefined): boolean {
  if (options === undefined) return false
  const { cookies, redirect } = options
  return (cookies !== undefined && cookies !== null) || hasPolicy(redirect)
}

/** The answer, as long as it is wanted. */
export function whileWanted<Answer extends HttpResponse>(
  answer: Promise<Answer>,
  request: HttpRequest,
  exchange: ClientExchange,
  runtime: Pick<Runtime, 'clock' | 'defer'>,
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    new Wanted(request, exchange, runtime, reject).follow(answer, resolve)
  })
}

class Wanted {
  private readonly request: HttpRequest
  private readonly exchange: ClientExchange
  private readonly runtime: Pick<Runtime, 'clock' | 'defer'>
  private readonly reject: (error: unknown) => void
  private readonly beganAt: number
  /** Why nobody wants it any more; null while somebody does. */
  private reason: HyperError | null
  private isOver: boolean

  constructor(
    request: HttpRequest,
    exchange: ClientExchange,
    runtime: Pick<Runtime, 'clock' | 'defer'>,
    reject: (error: unknown) => void,
  ) {
    this.request = request
    this.exchange = exchange
    this.runtime = runtime
    this.reject = reject
    this.beganAt = runtime.clock.now()
    this.reason = null
    this.isOver = false
  }

  follow<Answer extends HttpResponse>(answer: Promise<Answer>, resolve: (answer: Answer) => void): void {
    this.exchange.pauses?.add(this)
    answer.then(
      (response) => {
        // What is no response is told by whoever is given it.
        if (this.isOver) (response as Answer | undefined)?.body?.cancel(this.reason)
        else resolve(response)
        this.end()
      },
      (error: unknown) => {
        if (!this.isOver) this.reject(error)
        this.end()
      },
    )
    this.exchange.onCancel((reason) => this.giveUp(reason))
  }

  // Whatever is below may know more of it, and has this turn to say so.
  giveUp(reason: HyperError): void {
    if (this.isOver || this.reason !== null) return
    this.reason = this.explained(reason)
    this.runtime.defer(() => {
      if (this.isOver) return
      this.end()
      this.reject(this.reason)
    })
  }

  private explained(reason: HyperError): HyperError {
    const { beganAt, exchange, request, runtime } = this
    const { signal } = exchange
    const phase = reason.phase ?? (signal instanceof Lifetime ? signal.phase : null)
    const peer = addressOf(exchange.peer)
    return reason.with({
      phase: phase ?? 'headers',
      retryable: peer === null,
      address: peer ?? (URL.canParse(request.target) ? new URL(request.target).host : request.target),
      attempts: peer === null ? 0 : 1,
      elapsedMs: Math.round(runtime.clock.now() - beganAt),
    })
  }

  private end(): void {
    this.isOver = true
    this.exchange.pauses?.delete(this)
  }
}

// That of fetch itself answers at once.
function hasPolicy(redirect: Redirects | undefined): boolean {
  if (typeof redirect === 'function') return true
  const policy = typeof redirect === 'object' && redirect !== null ? redirect.policy : undefined
  return typeof policy === 'function' && !isFetchPolicy(policy)
}
