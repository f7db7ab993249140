import type { HyperError } from '@hyper/core/error'
import { HttpRequest, type HttpRequestInit, HttpResponse, type HttpResponseInit } from '@hyper/core/http'
import type { Layer, Service } from '@hyper/core/service'
import { ClientExchange, type RequestOptions } from '../../src/index.ts'

// Layers over a service in memory: the test says what is answered, and is told what was asked.

/** A request as the innermost service saw it, its body read. */
export interface Seen {
  readonly method: string
  readonly url: string
  readonly headers: Record<string, string>
  readonly body: string
  readonly request: HttpRequest
}

/** Answers the n-th request, counted from 0. */
export type Script = (seen: Seen, index: number) => HttpResponse | Promise<HttpResponse>

export class Fake {
  readonly seen: Seen[]
  readonly service: Service
  /** Bodies of responses that were made by {@link reply}, in order. */
  readonly answers: HttpResponse[]

  constructor(script: Script) {
    this.seen = []
    this.answers = []
    this.service = async (request) => {
      const { headers, method, target } = request
      const seen = {
        method,
        url: target,
        headers: Object.fromEntries(headers),
        body: await request.text(),
        request,
      }
      this.seen.push(seen)
      const answer = await script(seen, this.seen.length - 1)
      this.answers.push(answer)
      return answer
    }
  }

  get urls(): string[] {
    return this.seen.map(({ method, url }) => `${method} ${url}`)
  }
}

export interface Ask extends HttpRequestInit {
  readonly method?: string
  readonly options?: RequestOptions
  readonly signal?: AbortSignal
}

/** Sends one request through a layer. */
export async function ask(layer: Layer, fake: Fake, url: string, given: Ask = {}): Promise<HttpResponse> {
  const { method = 'GET', options, signal, ...init } = given
  const exchange = new ClientExchange(options, signal ?? null)
  return layer(fake.service)(new HttpRequest(method, url, init), exchange)
}

export function reply(
  status: number,
  headers: HttpResponseInit['headers'] = {},
  body: string = '',
): HttpResponse {
  return new HttpResponse(body, { status, headers })
}

/** What a promise rejects with. */
export async function failure(promise: Promise<unknown>): Promise<HyperError> {
  try {
    await promise
  } catch (error) {
    return error as HyperError
  }
  throw new Error('it did not fail')
}
