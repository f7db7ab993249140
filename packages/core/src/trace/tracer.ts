import type { HyperError } from '../error/index.ts'
import type { HttpRequest } from '../http/request.ts'
import type { HttpResponse } from '../http/response.ts'
import type { PeerInfo } from '../rt/index.ts'

// Tracer: who watches. The drivers call it; it can change nothing.

/**
 * Hooks that the drivers call. All optional; none costs anything when absent. They run synchronously and must not
 * throw (what they throw goes to `Runtime.onError`). Those of a client about one request run in the asynchronous context
 * in which it was sent, where the runtime knows of such (`Runtime.snapshot`).
 */
export interface Tracer {
  onConnectionStart?(connection: object, peer: PeerInfo): void
  /** `reasons` are the names of all that kept the connection from being reused. */
  onConnectionEnd?(connection: object, reasons: readonly string[], error: HyperError | null): void
  onRequestStart?(request: HttpRequest, connection: object): void
  onInformational?(request: HttpRequest, status: number): void
  onResponseStart?(request: HttpRequest, response: HttpResponse): void
  /** A client sends the request again, for the `attempts`th time; `error` is why the last time was in vain. */
  onReplay?(request: HttpRequest, error: HyperError, attempts: number): void
  /** The exchange is over; `error` is null when it succeeded. */
  onRequestEnd?(request: HttpRequest, error: HyperError | null): void
}
