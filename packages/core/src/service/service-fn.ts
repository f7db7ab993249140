import { type BodyInit, bodyFrom } from '../body/index.ts'
import { HttpResponse } from '../http/response.ts'
import type { HttpRequest } from '../http/request.ts'
import type { Exchange, Service } from './service.ts'

// serviceFn: a service from a handler that may answer with a mere body. It adds no field and catches nothing.

/** What a handler may answer with: a response, or what the body of a 200 is made of; null is an empty one. */
export type Answer = HttpResponse | BodyInit | null

/**
 * A service from a handler that may answer with a mere body. A handler that answers at once stays synchronous.
 * A rejected or thrown answer is the service's.
 */
export function serviceFn(
  handler: (request: HttpRequest, exchange: Exchange) => Answer | Promise<Answer>,
): Service {
  return (request, exchange) => {
    const answer = handler(request, exchange)
    return answer instanceof Promise ? answer.then(toResponse) : toResponse(answer)
  }
}

function toResponse(answer: Answer): HttpResponse {
  if (answer instanceof HttpResponse) return answer
  return new HttpResponse(answer === null || typeof answer === 'string' ? answer : bodyFrom(answer))
}
