import { HttpResponse } from '@hyper/core/http'
import type { Service } from '@hyper/core/service'
import { FetchContext, type Shared } from './context.ts'
import { replyTo } from './reply.ts'

// From a fetch handler to a service. A handler that answers at once costs no promise.

/** What answers requests in the Fetch standard's terms. */
export type FetchHandler = (request: Request, context: FetchContext) => Response | Promise<Response>

/** A module or an application that has its handler as a member, as in `export default { fetch }`. */
export interface FetchObject {
  fetch: FetchHandler
}

/** The handler object of the TC55 Fetch Server draft: it is given the context alone, and may answer failures. */
export interface FetchServerObject {
  readonly [PROTOCOL]: 1
  fetch(context: FetchContext): Response | Promise<Response>
  error?(context: FetchContext, error: unknown): Response | Promise<Response>
}

/** The mark of a {@link FetchServerObject}: `Symbol.for('wintertc.server.protocol')`. */
export const PROTOCOL: unique symbol = Symbol.for('wintertc.server.protocol')

/** Makes a service of any form of handler. */
export function fetchService(given: FetchHandler | FetchObject | FetchServerObject, shared: Shared): Service {
  const handler = handlerOf(given)
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
  if (!(PROTOCOL in given)) return (request, context) => given.fetch(request, context)
  if (given.error === undefined) return (_, context) => given.fetch(context)
  return async (_, context) => {
    try {
      return await given.fetch(context)
    } catch (thrown) {
      if (given.error === undefined) throw thrown
      return given.error(context, thrown)
    }
  }
}

async function later(answer: PromiseLike<Response>, context: FetchContext): Promise<HttpResponse> {
  try {
    const reply = replyTo(await answer, context)
    return FetchContext.answered(context, reply instanceof HttpResponse ? reply : await reply)
  } catch (error) {
    FetchContext.failed(context, error)
    throw error
  }
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
