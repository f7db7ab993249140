import { HyperError, type ErrorPhase } from '../error/index.ts'
import type { HeaderMap } from '../http/header-map.ts'
import type { HttpRequest } from '../http/request.ts'
import type { HttpResponse } from '../http/response.ts'
import type { AbortSignalLike } from '../rt/index.ts'

// A call: what is known of one request between `send` and the end of both bodies. It settles its promise once, and leaves
// no listener on a signal. It moves no bytes.

/** What may be said of one request. */
export interface SendOptions {
  /** Called for each interim response (RFC 9110 §15.2) but 101. */
  readonly onInformational?: ((status: number, headers: HeaderMap) => void) | undefined
  /**
   * Gives the exchange up; over HTTP/1 that costs the connection, over HTTP/2 the stream. The listener is removed when the
   * exchange ends.
   */
  readonly signal?: AbortSignalLike | undefined
  /** Milliseconds from the request's end to the response head; overrides the connection's. */
  readonly headersTimeout?: number | null | undefined
  /** Milliseconds of silence inside the response body; overrides the connection's. */
  readonly bodyIdleTimeout?: number | null | undefined
  /**
   * Bytes of the response head; overrides the connection's. Over HTTP/2 they are counted as RFC 9113 §6.5.2 does: names,
   * values, and 32 for each field. More is `HEAD_TOO_LARGE`, and costs what `signal` costs. 64 at least.
   */
  readonly maxHeadSize?: number | undefined
}

/** Call: one request on a client connection, from `send` to the end of both bodies. */
export class Call {
  readonly request: HttpRequest
  readonly promise: Promise<HttpResponse>
  response: HttpResponse | null = null
  /** Runs a function in the asynchronous context in which it was sent; null where nobody needs that, or there is none. */
  context: (<R>(fn: () => R) => R) | null = null
  private readonly options: SendOptions | null
  private readonly onAbort: (() => void) | null
  private resolve!: (response: HttpResponse) => void
  private reject!: (error: HyperError) => void

  constructor(
    request: HttpRequest,
    options: SendOptions | null,
    abort: ((error: HyperError) => void) | null,
  ) {
    this.request = request
    this.options = options
    this.promise = new Promise((resolve, reject) => {
      this.resolve = resolve
      this.reject = reject
    })
    const signal = options?.signal
    if (signal === undefined || abort === null) this.onAbort = null
    else {
      this.onAbort = () => abort(abortError(signal, this.phase))
      signal.addEventListener('abort', this.onAbort)
    }
  }

  /** Where the exchange is, for an error that ends it; null before it has begun. */
  get phase(): ErrorPhase | null {
    return this.response === null ? 'headers' : 'body'
  }

  informational(status: number, headers: HeaderMap): void {
    this.options?.onInformational?.(status, headers)
  }

  answer(response: HttpResponse): void {
    this.response = response
    this.resolve(response)
  }

  /** The response will not come. */
  fail(error: HyperError): void {
    this.over()
    this.reject(error)
  }

  /** Nothing more can be given up. */
  over(): void {
    if (this.onAbort !== null) this.options!.signal!.removeEventListener('abort', this.onAbort)
  }
}

/** The error of a call that its caller has given up; before it was sent, there is no phase. */
export function abortError(signal: AbortSignalLike, phase: ErrorPhase | null): HyperError {
  if (signal.failure != null) return signal.failure
  const cause = signal.reason
  return new HyperError('CANCELED', 'the request was aborted by its signal', { by: 'user', phase, cause })
}
