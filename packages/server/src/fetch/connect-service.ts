import { HyperError } from '@hyper/core/error'
import { type HttpRequest, HttpResponse } from '@hyper/core/http'
import type { Exchange, Service } from '@hyper/core/service'
import { ConnectContext } from './connect-context.ts'
import { FetchContext, type Shared } from './context.ts'
import { offersUpgrade } from './offers-upgrade.ts'
import { replyTo } from './reply.ts'
import type { FetchServerObject } from './service.ts'

// Who answers requests for a tunnel, where the handler is one of the Fetch Server API draft. In: such a handler, and the
// service that asks its `fetch`. Out: a service that asks `connect` for what would become something else; without one a
// CONNECT is answered with 501, and an upgrade is no more than a request (RFC 9110 §7.8).

export function connectService(given: FetchServerObject, fetch: Service, shared: Shared): Service {
  const hasConnect = given.connect !== undefined
  return (request, exchange) => {
    if (request.method === 'CONNECT') {
      if (!hasConnect) return new HttpResponse(null, { status: 501 })
    } else if (!hasConnect || !offersUpgrade(request)) return fetch(request, exchange)
    return new Promise<HttpResponse>((resolve, reject) => {
      // Whichever comes first: an accepted tunnel has its answer while the handler goes on.
      const context = new ConnectContext(request, exchange, shared, resolve)
      const connecting = new Connecting(given, fetch, context, exchange, shared)
      connecting.run(request).then(resolve, (error: unknown) => {
        FetchContext.failed(context, error)
        reject(error)
      })
    })
  }
}

/** One request at its handler. */
class Connecting {
  private readonly given: FetchServerObject
  private readonly fetch: Service
  private readonly context: ConnectContext
  private readonly shared: Shared
  private readonly exchange: Exchange

  constructor(
    given: FetchServerObject,
    fetch: Service,
    context: ConnectContext,
    exchange: Exchange,
    shared: Shared,
  ) {
    this.given = given
    this.fetch = fetch
    this.context = context
    this.shared = shared
    this.exchange = exchange
  }

  async run(request: HttpRequest): Promise<HttpResponse> {
    const { context, given } = this
    let returned: Response | undefined
    try {
      returned = (await given.connect?.(context)) ?? undefined
      this.check(returned)
    } catch (thrown) {
      if (!ConnectContext.isAccepted(context)) return await this.failed(thrown)
      ConnectContext.broke(context, thrown)
      // Its answer is out.
      this.report(thrown)
      return NOTHING
    }
    if (returned === undefined && ConnectContext.isFallen(context))
      return await this.fetch(request, this.exchange)
    return this.answer(returned)
  }

  // As work after the answer that has failed, which is told to `onError`; not what comes of a client that has gone.
  private report(thrown: unknown): void {
    if (thrown !== null && thrown === this.exchange.cancelled) return
    if (ConnectContext.isLostBy(this.context, thrown)) return
    this.shared.waitUntil(Promise.reject(thrown))
  }

  private check(returned: Response | undefined): void {
    const { context } = this
    const isSettled =
      ConnectContext.isAccepted(context) || ConnectContext.isFallen(context) || FetchContext.isDenied(context)
    if (returned === undefined ? isSettled : !ConnectContext.isFallen(context)) return
    throw new TypeError(
      returned === undefined
        ? 'the connect handler neither accepted nor denied, and returned no Response'
        : 'the connect handler returned a Response after it had given the request to fetch',
    )
  }

  private async answer(returned: Response | undefined): Promise<HttpResponse> {
    const { context } = this
    if (returned === undefined) return NOTHING
    return FetchContext.answered(context, await replyTo(returned, context))
  }

  // The draft's default is 502; an error of ours knows better, 504 of a timeout for example.
  private async failed(thrown: unknown): Promise<HttpResponse> {
    const { context, given } = this
    const answered = await given.error?.(context, thrown)
    if (answered !== undefined || FetchContext.isDenied(context)) return this.answer(answered ?? undefined)
    if (thrown instanceof HyperError && thrown.statusHint >= 500) throw thrown
    FetchContext.failed(context, thrown)
    this.report(thrown)
    return new HttpResponse(null, { status: 502 })
  }
}

/** For where the engine has its answer already: it drops this one. */
const NOTHING: HttpResponse = new HttpResponse(null, { status: 503 })
