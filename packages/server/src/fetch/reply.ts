import { type HeaderMap, HttpResponse } from '@hyper/core/http'
import { FetchHeaders, ReadAhead, toHeaderMap } from '@hyper/util/web'
import { FetchContext } from './context.ts'
import { LazyResponse } from './response.ts'

// Reply: from the Response of a fetch handler to the engine's. In: a response of ours or of the platform's. Out: the
// response that is written: text and bytes as they are where that is known in time, else a body that pulls the stream
// no faster than the client takes it, and cancels it when the client goes.

/** The engine's response for what a handler has returned. Throws a TypeError for what is no unused Response. */
export function replyTo(
  response: Response | undefined,
  context: FetchContext,
): HttpResponse | Promise<HttpResponse> {
  // The draft's handlers return nothing then, and the engine has its answer.
  if (response === undefined && FetchContext.isDenied(context)) return new HttpResponse(null, { status: 503 })
  if (isNoTunnel(response, context)) {
    // A stream of it waits for nobody.
    response?.body?.cancel().catch(ignore)
    return new HttpResponse(null, { status: 501 })
  }
  const trailers = FetchContext.trailersOf(context)
  const reply = quickReply(response) ?? slowReply(response as Response)
  if (trailers === null) return reply
  return reply instanceof HttpResponse
    ? reply.with({ trailers })
    : reply.then((made) => made.with({ trailers }))
}

/**
 * A 2xx to a CONNECT says that there is a tunnel (RFC 9110 §9.3.6), and what follows would be taken for its bytes. A handler that
 * answers whatever it is asked has opened none.
 */
function isNoTunnel(response: Response | undefined, context: FetchContext): boolean {
  if (FetchContext.partsOf(context).request.method !== 'CONNECT') return false
  if (typeof response !== 'object' || response === null || LazyResponse.isSwitching(response)) return false
  return response.status >= 200 && response.status < 300
}

function ignore(): void {}

function quickReply(response: unknown): HttpResponse | null {
  if (typeof response !== 'object' || response === null) {
    throw new TypeError(
      `the fetch handler returned ${response === null ? 'null' : typeof response}, not a Response`,
    )
  }
  return LazyResponse.toHttp(response)
}

function slowReply(response: Response): HttpResponse | Promise<HttpResponse> {
  const { status, statusText } = response
  // `Response.error()` has status 0.
  if (!(status >= 100)) throw new TypeError(`the fetch handler returned a response with status ${status}`)
  const headers = mapOf(response.headers)
  const reason = statusText === '' ? null : statusText
  const stream = response.body
  if (stream === null) return new HttpResponse(null, { status, headers, reason })
  if (response.bodyUsed || stream.locked) {
    throw new TypeError('the fetch handler returned a response whose body was read before')
  }
  // Also for HEAD, which has the fields of a GET (RFC 9110 §9.3.2), and whose body the engine cancels: a stream of Node
  // behind it is closed only when it was begun.
  const source = new ReadAhead(stream, response.headers)
  return source.whole().then((whole) => new HttpResponse(whole ?? source.body(), { status, headers, reason }))
}

function mapOf(headers: Headers): HeaderMap {
  return FetchHeaders.is(headers) ? FetchHeaders.mapOf(headers) : toHeaderMap(headers)
}
