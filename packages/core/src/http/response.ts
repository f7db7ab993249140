import { Body, type BodyInit, EMPTY_BODY, type TrailersInit, withTrailers } from '../body/index.ts'
import { userError } from '../error/index.ts'
import { changedParts } from './changed.ts'
import { Extensions } from './extensions.ts'
import { HeaderMap, type HeadersInit } from './header-map.ts'
import { isFieldText } from './header-value.ts'
import { isStatus } from './status.ts'
import type { HttpVersion } from './version.ts'

// HttpResponse: one response, going out or coming in. What a caller gives is validated here; what a machine has parsed
// (`fromParsed`) is trusted. The payload is kept as it was given, so that an encoder can write a string without turning
// it into a body first. No field is ever added: not even a content type.

/** What a response has besides its payload. */
export interface HttpResponseInit {
  /** 100 to 999. Default 200. */
  readonly status?: number | undefined
  /** A {@link HeaderMap} is used as it is, not copied, and what an encoder made of it is kept. Default: none. */
  readonly headers?: HeadersInit | HeaderMap | undefined
  /** The reason phrase for HTTP/1; later versions have none. Default: the registered one. */
  readonly reason?: string | null | undefined
  /** Default `'1.1'`. */
  readonly version?: HttpVersion | undefined
  /** Sent after the body. A function is called once the body has ended. Default: those of the body, if any. */
  readonly trailers?: TrailersInit | undefined
}

/** What {@link HttpResponse.with} may replace. */
export interface HttpResponseChanges extends HttpResponseInit {
  readonly body?: BodyInit | null | undefined
}

/**
 * A response. Its status, reason and version are replaced by {@link with}, so that they stay valid; the headers may be
 * changed in place.
 */
export class HttpResponse {
  readonly status: number
  readonly headers: HeaderMap
  readonly version: HttpVersion
  /** The phrase that was given or received; null means the registered one (`reasonPhrase`). */
  readonly reason: string | null
  /**
   * What was given as body; the body itself once that was asked for. For encoders, which write a string or bytes
   * without making a body of them.
   * @internal
   */
  payload: string | Uint8Array | Body | null
  private bag: Extensions | null

  static {
    // `await using response = …` gives up what nobody has read. Not declared: the types of core name nothing beyond ES2024.
    Object.defineProperty(this.prototype, Symbol.asyncDispose, {
      value: function dispose(this: HttpResponse): Promise<void> {
        if (this.payload instanceof Body) this.payload.cancel()
        return Promise.resolve()
      },
    })
  }

  /**
   * @throws HyperError `INVALID_STATUS`, `INVALID_REASON`, or what {@link HeaderMap} throws.
   */
  constructor(payload?: BodyInit | null, init?: HttpResponseInit)
  /** @internal */
  constructor(
    payload: Body | null,
    init: null,
    status: number,
    reason: string | null,
    version: HttpVersion,
    headers: HeaderMap,
  )
  constructor(
    payload: BodyInit | null = null,
    init?: HttpResponseInit | null,
    status: number = init?.status ?? 200,
    reason: string | null = init?.reason ?? null,
    version: HttpVersion = init?.version ?? '1.1',
    headers?: HeaderMap,
  ) {
    this.status = status
    this.headers = headers ?? HeaderMap.from(init?.headers)
    this.version = version
    this.reason = reason
    this.payload = isPlain(payload) ? payload : Body.from(payload)
    this.bag = null
    if (init != null) this.complete(init)
  }

  /**
   * Trusts its caller: no validation.
   * @internal
   */
  static fromParsed(
    status: number,
    reason: string | null,
    version: HttpVersion,
    headers: HeaderMap,
    body: Body | null,
  ): HttpResponse {
    return new HttpResponse(body, null, status, reason, version, headers)
  }

  /** The body; made of what was given when first asked for. */
  get body(): Body {
    const { payload } = this
    if (payload instanceof Body) return payload
    const body = payload === null ? EMPTY_BODY : Body.from(payload)
    this.payload = body
    return body
  }

  /** Resolves with the trailers when the body has ended; null when there are none. Never rejects. */
  get trailers(): Promise<HeaderMap | null> {
    return this.body.trailers
  }

  /** Typed side values; made when first asked for. They never reach the wire. */
  get extensions(): Extensions {
    if (this.bag === null) this.bag = new Extensions()
    return this.bag
  }

  /**
   * A response that differs in what is named. It shares headers and body with this one where they are not replaced;
   * the extensions are copied. A new status drops the phrase of the old one.
   * @throws HyperError as the constructor.
   */
  with(changes: HttpResponseChanges): HttpResponse {
    const kept = changes.status === undefined ? this.reason : null
    const response = new HttpResponse(changes.body === undefined ? this.payload : changes.body, {
      ...changedParts(this, changes),
      status: changes.status ?? this.status,
      reason: changes.reason === undefined ? kept : changes.reason,
    })
    response.bag = this.bag?.clone() ?? null
    return response
  }

  /** The whole body as bytes. Rejects as the body does. */
  bytes(): Promise<Uint8Array> {
    return this.body.bytes()
  }

  /** The whole body, decoded as UTF-8. */
  text(): Promise<string> {
    return this.body.text()
  }

  /** The whole body, parsed as JSON; a SyntaxError when it is none. */
  json(): Promise<unknown> {
    return this.body.json()
  }

  private complete(init: HttpResponseInit): void {
    if (!isStatus(this.status))
      throw userError('INVALID_STATUS', `${this.status} is not an integer from 100 to 999`)
    if (this.reason !== null && !isReason(this.reason)) throw userError('INVALID_REASON', null)
    if (init.trailers !== undefined) this.payload = withTrailers(this.body, init.trailers)
  }
}

/** RFC 9112 §4: TAB, SP, visible ASCII and obs-text. */
function isReason(reason: string): boolean {
  return typeof reason === 'string' && isFieldText(reason)
}

function isPlain(payload: BodyInit | null): payload is string | Uint8Array | Body | null {
  return (
    typeof payload === 'string' ||
    payload === null ||
    payload instanceof Uint8Array ||
    payload instanceof Body
  )
}
