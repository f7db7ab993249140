import { limitBody } from '@hyper/core/body'
import { HyperError } from '@hyper/core/error'
import { type HttpRequest, HttpResponse } from '@hyper/core/http'
import type { Exchange, Service } from '@hyper/core/service'

// Request bodies under a limit. In: a service. Out: a service that never sees more than `max` bytes of one body: a
// declared length beyond it is answered with 413 before the service is asked (RFC 9110 §15.5.14), and a body of unknown
// length fails with `BODY_TOO_LARGE` where it goes over; the service may answer that itself, and else 413 is sent.

export function limitedService(inner: Service, max: number): Service {
  return (request, exchange) => {
    const { lower, upper } = request.body.sizeHint
    if (lower > max) return tooLarge()
    if (upper !== null) return inner(request, exchange)
    return guarded(inner, request.with({ body: limitBody(request.body, max) }), exchange)
  }
}

async function guarded(inner: Service, request: HttpRequest, exchange: Exchange): Promise<HttpResponse> {
  try {
    return await inner(request, exchange)
  } catch (error) {
    if (isTooLarge(error)) return tooLarge()
    throw error
  }
}

/** A handler may have wrapped what its read has thrown. */
function isTooLarge(error: unknown): boolean {
  for (let cause = error, depth = 0; cause instanceof Error && depth < 8; cause = cause.cause, depth++) {
    if (cause instanceof HyperError && cause.code === 'BODY_TOO_LARGE') return true
  }
  return false
}

// Closing spares us the rest of the body; the client may still be writing it (RFC 9112 §9.6).
function tooLarge(): HttpResponse {
  return new HttpResponse(null, { status: 413, headers: { connection: 'close' } })
}
