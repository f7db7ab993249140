import { Body } from '@hyper/core/body'
import { userError } from '@hyper/core/error'
import { HeaderMap, HttpResponse } from '@hyper/core/http'
import { fromReadableStream, type ReadAhead, toHeaderMap } from '@hyper/util/web'
import type { Redirects } from '../layers/redirect.ts'
import { constantHeaders, copyInto } from '../message.ts'
import type { RequestOptions } from '../options.ts'
import { fetchErrorOf } from './fetch-error.ts'
import type { FetchInit } from './fetch-init.ts'
import { FetchRedirects } from './fetch-redirect.ts'
import { type CommonFields, type FetchRequest, readRequest } from './fetch-request.ts'
import { asResponse, type FetchResponse, LazyResponse, Received } from './fetch-response.ts'
import { checkIntegrity } from './integrity.ts'

// fetch: the standard's, over a client. In: what the standard's takes. Out: a response that passes for the platform's, or
// an error that is what the standard wants and says what happened.

/**
 * Fetches as the standard says. Rejects with the reason of the signal when that gives the request up, with a
 * {@link FetchError} when something goes wrong, and with another TypeError for what cannot be asked for.
 */
export type FetchFunction = (input: string | URL | Request, init?: FetchInit) => Promise<FetchResponse>

/** What sends the requests of a fetch; a `Client` is one. */
export interface FetchClient {
  request(url: string | URL, options?: RequestOptions): Promise<HttpResponse>
}

/** What a fetch needs to know of its client. */
export interface FetchOptions {
  /** What the client sends with every request: fetch leaves it to it. */
  readonly headers: HeaderMap
  /** The client's redirects. */
  readonly redirect: Redirects | undefined
}

/** Makes a fetch of a client. */
export function fetchOver(client: FetchClient, options: FetchOptions): FetchFunction {
  const over = new Over(client, options)
  return (input, init) => over.fetch(input, init)
}

/** What a request says, unless it or its client says otherwise (Fetch, "HTTP-network-or-cache fetch"). */
const COMMON: readonly (readonly [string, string])[] = [
  ['accept', '*/*'],
  ['user-agent', 'hyper'],
]

class Over {
  private readonly client: FetchClient
  private readonly fields: CommonFields
  private readonly redirects: FetchRedirects

  constructor(client: FetchClient, { headers, redirect }: FetchOptions) {
    this.client = client
    const own = new HeaderMap()
    for (const [name, value] of COMMON) if (!headers.has(name)) own.append(name, value)
    const all = headers.clone()
    copyInto(all, own, headers)
    this.fields = { own, all: constantHeaders(all) }
    this.redirects = new FetchRedirects(redirect)
  }

  fetch(input: string | URL | Request, init: FetchInit | undefined): Promise<FetchResponse> {
    try {
      const request = readRequest(input, init, this.fields, this.redirects)
      return request.url.isLocal ? this.local(request, input, init) : this.run(request)
    } catch (error) {
      // fetch rejects where others throw.
      return Promise.reject(error)
    }
  }

  private async run(request: FetchRequest): Promise<FetchResponse> {
    const { integrity, redirect, signal, source, url } = request
    try {
      if (signal !== null && signal.aborted) throw abandoned(request, signal.reason)
      let { options } = request
      if (source !== null) options = { ...options, body: await sourceBody(source, signal) }
      const http = await this.client.request(url.href, options)
      const refusal = this.redirects.refusalOf(http, redirect)
      if (refusal !== null) {
        http.body.cancel(refusal)
        throw refusal
      }
      const isHead = options.method === 'HEAD'
      const response = integrity === '' || isHead ? http : await checked(http, integrity)
      return this.responseOf(response, url.href, !isHead, signal)
    } catch (error) {
      throw fetchErrorOf(error, signal)
    }
  }

  /** `data:` and `blob:` URLs need no connection; the platform knows how to read them. */
  private async local(
    request: FetchRequest,
    input: string | URL | Request,
    init: FetchInit | undefined,
  ): Promise<FetchResponse> {
    const answer = await platformFetch(input, init)
    const { body, headers, status, statusText } = answer
    const http = new HttpResponse(body === null ? null : fromReadableStream(body), {
      status,
      headers: toHeaderMap(headers),
      reason: statusText,
    })
    return this.responseOf(http, request.url.href, body !== null, request.signal)
  }

  private responseOf(
    http: HttpResponse,
    asked: string,
    mayHaveBody: boolean,
    signal: AbortSignal | null,
  ): FetchResponse {
    const { body, status } = http
    // Fetch, "null body status".
    const hasBody = mayHaveBody && status !== 204 && status !== 205 && status !== 304
    const received = new Received(http, asked, hasBody, signal)
    // A connection reads a short rest, so that it can be used again; a long one costs it.
    if (!hasBody && !body.used) body.cancel(userError('CANCELED', 'a response without a body has one'))
    return asResponse(new LazyResponse(received, null))
  }
}

/** Nothing was sent, and nothing will be: what would have made the body is told. */
function abandoned(request: FetchRequest, reason: unknown): unknown {
  const { options, source } = request
  source?.cancel(reason)
  if (options.body instanceof Body) options.body.cancel(reason)
  return reason
}

/** The body of a Request: bytes that can be sent again where it is all there. */
async function sourceBody(source: ReadAhead, signal: AbortSignal | null): Promise<RequestOptions['body']> {
  return (await source.whole()) ?? source.body({ reasonOf: (reason) => fetchErrorOf(reason, signal) })
}

/** The same response, once its content is known to be what was promised. */
async function checked(http: HttpResponse, integrity: string): Promise<HttpResponse> {
  const bytes = await http.bytes()
  await checkIntegrity(bytes, integrity)
  return http.with({ body: bytes })
}

// The platform's own, whatever the global has become by now.
const platformFetch: typeof globalThis.fetch = globalThis.fetch
