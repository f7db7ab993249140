import { type Body, ThroughBody } from '@hyper/core/body'
import { userError } from '@hyper/core/error'
import type { HttpRequest, HttpResponse } from '@hyper/core/http'
import type { Layer } from '@hyper/core/service'
import { optionsOf } from '../exchange.ts'

// progress: a layer that counts the bytes of both bodies as they pass. Without a hook it is one call.

/** How far a request body has gone out. */
export interface UploadProgress {
  /** Bytes given to the connection. */
  readonly sent: number
  /** Bytes in all; null when that is not known. */
  readonly total: number | null
}

/** How far a response body has come in. */
export interface DownloadProgress {
  /** Bytes that were received, still coded where there is a content coding. */
  readonly received: number
  /** Bytes in all; null when that is not known. */
  readonly total: number | null
}

/**
 * A layer that calls hooks with the progress of bodies, once per chunk. It belongs inside of `decompress`, so that it
 * counts what travels, and inside of `redirect` and `retry`: each attempt begins at 0.
 *
 * Reads `onUploadProgress` and `onDownloadProgress` of the request's options, which are called in the async context of the
 * request. A hook that throws fails the body with
 * `BODY_FAILED`.
 */
export function progress(): Layer {
  return (inner) => (request, exchange) => {
    const options = optionsOf(exchange)
    if (options === undefined) return inner(request, exchange)
    const { onDownloadProgress, onUploadProgress } = options
    const sent = onUploadProgress === undefined ? request : watchedUpload(request, onUploadProgress)
    if (onDownloadProgress === undefined) return inner(sent, exchange)
    const told: Hook = (received, total) => onDownloadProgress({ received, total })
    const response = inner(sent, exchange)
    return response instanceof Promise
      ? response.then((settled) => watchedDownload(settled, request, told))
      : watchedDownload(response, request, told)
  }
}

type Hook = (bytes: number, total: number | null) => void

function watchedUpload(request: HttpRequest, hook: (progress: UploadProgress) => void): HttpRequest {
  return request.with({ body: new CountedBody(request.body, (sent, total) => hook({ sent, total })) })
}

function watchedDownload(response: HttpResponse, request: HttpRequest, hook: Hook): HttpResponse {
  // A 101, or a 2xx to a CONNECT, has no body but a connection.
  if (response.status === 101 || request.method === 'CONNECT') return response
  return response.with({ body: new CountedBody(response.body, hook) })
}

class CountedBody extends ThroughBody {
  private readonly hook: Hook
  private readonly total: number | null
  private passed: number

  constructor(inner: Body, hook: Hook) {
    super(inner)
    const { lower, upper } = inner.sizeHint
    this.hook = hook
    this.total = lower === upper ? upper : null
    this.passed = 0
  }

  override get isEnd(): boolean {
    return super.isEnd || (!this.used && this.inner.isEnd)
  }

  /** What could be sent again still can. */
  override again(): Body | null {
    const again = this.inner.again()
    return again === null ? null : new CountedBody(again, this.hook)
  }

  override onData(chunk: Uint8Array): void {
    if (!this.isOpen) return
    this.passed += chunk.length
    try {
      this.hook(this.passed, this.total)
    } catch (cause) {
      const error = userError('BODY_FAILED', 'the hook that is told of progress has thrown', cause)
      this.fail(error)
      this.inner.cancel(error)
      return
    }
    this.deliver(chunk)
  }
}
