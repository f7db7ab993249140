import { HttpResponse } from '@hyper/core/http'
import type { Service } from '@hyper/core/service'
import type { ConnectContext } from './connect-context.ts'
import { connectService } from './connect-service.ts'
import { FetchContext, type Shared } from './context.ts'
import { replyTo } from './reply.ts'

// From a fetch handler to a service. A handler that answers at once costs no promise.

/** What answers requests in the Fetch standard's terms. */
export type FetchHandler = (request: Request, context: FetchContext) => Response | Promise<Response>

/** A module or an application that has its handler as a member, as in `export default { fetch }`. */
export interface FetchObject {
  fetch: FetchHandler
}

/** A Response, or nothing after `context.deny()`. */
export type MaybeResponse = Response | undefined | void

/**
 * The handler object of the TC55 Fetch Server draft: it is given the context alone, has requests for tunnels apart, and may
 * answer failures.
 */
export interface FetchServerObject {
  readonly [PROTOCOL]: 1
  fetch(context: FetchContext): MaybeResponse | Promise<MaybeResponse>
  /**
   * Answers CONNECT, extended CONNECT (which is offered to HTTP/2 clients then) and HTTP/1 upgrades: accepts, denies, or
   * returns a Response. What it throws is 502. Default: 501 to a CONNECT; an upgrade goes to `fetch` as a plain request.
   */
  connect?(context: ConnectContext): MaybeResponse | Promise<MaybeResponse>
  /** Answers in place of one that has failed; undefined leaves the default answer. */
  error?(context: FetchContext, error: unknown): MaybeResponse | Promise<MaybeResponse>
}

/** The mark of a {@link FetchServerObject}: `Symbol.for('wintertc.server.protocol')`. */
export const PROTOCOL: unique symbol = Symbol.for('wintertc.server.protocol')

/** Makes a service of any form of handler. */
export function fetchService(given: FetchHandler | FetchObject | FetchServerObject, shared: Shared): Service {
  const service = serviceOf(handlerOf(given), shared)
  return isServerObject(given) ? connectService(given, service, shared) : service
}

/** Whether a handler says that it answers requests for tunnels. */
export function takesTunnels(given: FetchHandler | FetchObject | FetchServerObject | undefined): boolean {
  return given !== undefined && isServerObject(given) && given.connect !== undefined
}

function isServerObject(given: FetchHandler | FetchObject | FetchServerObject): given is FetchServerObject {
  return typeof given !== 'function' && PROTOCOL in given
}

function serviceOf(handler: FetchHandler, shared: Shared): Service {
  return (request, exchange) => {
    const context = new FetchContext(request, exchange, shared)
    try {
      const answer = handler(context.request, context)
      if (isThenable(answer)) return later(answer, context)
      const reply = replyTo(answer, context)
      return reply instanceof HttpResponse ? FetchContext.answered(context, reply) : settled(reply, context)
    } catch (error) {
      FetchContext.failed(context, error)
      throw error
    }
  }
}

function handlerOf(given: FetchHandler | FetchObject | FetchServerObject): FetchHandler {
  if (typeof given === 'function') return given
  if (!isServerObject(given)) return (request, context) => given.fetch(request, context)
  // What is nothing where there should be a Response is told by `replyTo`.
  if (given.error === undefined) return (_, context) => given.fetch(context) as Response | Promise<Response>
  return async (_, context) => {
    try {
      const answer = await given.fetch(context)
      if (answer === undefined && !FetchContext.isDenied(context))
        throw new TypeError('the fetch handler returned undefined, not a Response')
      return answer as Response
    } catch (thrown) {
      const answer = await given.error?.(context, thrown)
      if (answer === undefined && !FetchContext.isDenied(context)) throw thrown
      return answer as Response
    }
  }
}

// Not `await`: a function that waits costs more than the two that are called back.
function later(answer: PromiseLike<Response>, context: FetchContext): Promise<HttpResponse> {
  return Promise.resolve(answer).then(
    (response) => {
      try {
        const reply = replyTo(response, context)
        return reply instanceof HttpResponse ? FetchContext.answered(context, reply) : settled(reply, context)
      } catch (error) {
        FetchContext.failed(context, error)
        throw error
      }
    },
    (error: unknown) => {
      FetchContext.failed(context, error)
      throw error
    },
  )
}

async function settled(reply: Promise<HttpResponse>, context: FetchContext): Promise<HttpResponse> {
  try {
    return FetchContext.answered(context, await reply)
  } catch (error) {
    FetchContext.failed(context, error)
    throw error
  }
}

function isThenable(value: unknown): value is PromiseLike<Response> {
  return typeof value === 'object' && value !== null && 'then' in value && typeof value.then === 'function'
}
