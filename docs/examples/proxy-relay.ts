// One request on its way through a proxy, and its answer on the way back.
// #region relay
import type { Client } from '@hyper/client'
import { HyperError } from '@hyper/core/error'
import { type HeaderMap, type HttpRequest, HttpResponse } from '@hyper/core/http'
import type { Exchange } from '@hyper/core/service'
import { hasMember, passedOn } from './proxy-hops.ts'

export interface Relay {
  /** Made with `redirect: 'manual'`, `decompress: false` and no `cookies`: what is said is said to the client of the proxy. */
  readonly client: Client
  /** What this proxy is called in `via`. */
  readonly name: string
}

/** Sends a request on to `url`; what streams in, streams out, either way, no faster than it is read. */
export async function relay(
  { client, name }: Relay,
  url: string,
  request: HttpRequest,
  exchange: Exchange,
  headers: HeaderMap,
): Promise<HttpResponse> {
  const gone = new AbortController()
  exchange.onCancel((reason) => gone.abort(reason)) // the client has left: nobody needs an answer
  try {
    const response = await client.request(url, {
      method: request.method,
      headers,
      body: request.body.isEnd ? null : request.body, // with its length, and its trailers
      signal: gone.signal,
      expectContinue: hasMember(request.headers, 'expect', '100-continue'),
      onInformational: (status, fields) => {
        if (status !== 100) exchange.informational(status, passedOn(fields, '1.1', name))
      },
    })
    return new HttpResponse(response.body, {
      status: response.status,
      reason: response.reason,
      headers: passedOn(response.headers, response.version, name),
    })
  } catch (error) {
    return failed(error)
  }
}

/** 504 for what took too long, 502 for whatever else the next hop did, 400 and the like for what its client did. */
export function failed(error: unknown): HttpResponse {
  const hint = error instanceof HyperError ? error.statusHint : 0
  return new HttpResponse(null, { status: hint >= 400 ? hint : 502 })
}
// #endregion relay
