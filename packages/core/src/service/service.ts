import type { HeaderMap, HeadersInit } from '../http/header-map.ts'
import type { HttpRequest } from '../http/request.ts'
import type { HttpResponse } from '../http/response.ts'
import type { HyperError } from '../error/index.ts'
import type { Io, PeerInfo } from '../rt/index.ts'
import type { Extensions } from '../http/extensions.ts'

// Service: who answers requests, and what it may do besides. Types only.

/** What is left of a connection after a switch of protocols: the stream, and what was read past the switch byte. */
export interface IoParts {
  /** Paused: `start` it with a sink of your own, after the leftover was handled. */
  readonly io: Io
  /** Bytes of the new protocol that have arrived already; `io.start` delivers what comes after them. */
  readonly leftover: Uint8Array
}

/** What a service may ask and do besides answering. One object per request. */
export interface Exchange {
  /** The other end: addresses and ports, TLS, ALPN, SNI. */
  readonly peer: PeerInfo
  /** Typed side values, shared by the layers of one exchange. */
  readonly extensions: Extensions
  /** Null while the peer may still want the answer; set once it has gone, or the connection failed. */
  readonly cancelled: HyperError | null
  /** Calls `fn` once when the exchange is cancelled (at once when it is already), never after it has succeeded. */
  onCancel(fn: (reason: HyperError) => void): void
  /**
   * Sends an interim response (RFC 9110 §15.2), for example 103.
   * @returns false when it was not sent: the peer speaks HTTP/1.0, or the final response has begun.
   * @throws HyperError `INVALID_STATUS` for 101 and for anything outside 100–199.
   */
  informational(status: number, headers?: HeadersInit | HeaderMap): boolean
  /**
   * Refuses the request as one that was not processed, at once: the client may send it again, to another server. On
   * HTTP/1 that is 503 with `connection: close`, on HTTP/2 a reset of the stream with REFUSED_STREAM (RFC 9113 §8.7).
   * After an answer has begun it does nothing.
   * @returns what the service answers with: `return exchange.refuse()`
   */
  refuse(): HttpResponse
  /**
   * Takes the connection after the answer: 101 to a request with `Upgrade`, or 2xx to a CONNECT. Call it before
   * answering; it resolves once the head of the answer is written.
   * Rejects with `NO_UPGRADE` when the request offers none or the answer declines it, with what happened when the client has gone.
   */
  upgrade(): Promise<IoParts>
}

/**
 * Answers requests. May answer at once, which costs no promise. A throw or a rejection becomes a 500, or an abort when
 * the head is out already, and a call of the runtime's `onError`.
 */
export type Service = (request: HttpRequest, exchange: Exchange) => HttpResponse | Promise<HttpResponse>

/** A service around a service. */
export type Layer = (inner: Service) => Service
