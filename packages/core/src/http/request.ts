import { Body, type BodyInit, EMPTY_BODY, type TrailersInit, withTrailers } from '../body/index.ts'
import { IS_TARGET } from '../bytes/char-table.ts'
import { type HyperError, userError } from '../error/index.ts'
import { changedParts } from './changed.ts'
import { Extensions } from './extensions.ts'
import { HeaderMap, type HeadersInit } from './header-map.ts'
import { isMethod } from './method.ts'
import { parseTarget } from './target.ts'
import type { Uri } from './uri.ts'
import type { HttpVersion } from './version.ts'

// HttpRequest: one request, going out or coming in. What a caller gives is validated here; what a machine has parsed
// (`fromParsed`) is trusted. It holds values only: it never sends, reads or times anything.

/** What a request has besides its method and target. */
export interface HttpRequestInit {
  /** A {@link HeaderMap} is used as it is, not copied. Default: none. */
  readonly headers?: HeadersInit | HeaderMap | undefined
  /** Default: no body. */
  readonly body?: BodyInit | null | undefined
  /** Default `'1.1'`. */
  readonly version?: HttpVersion | undefined
  /** Sent after the body. A function is called once the body has ended. Default: those of the body, if any. */
  readonly trailers?: TrailersInit | undefined
}

/** What {@link HttpRequest.with} may replace. */
export interface HttpRequestChanges extends HttpRequestInit {
  readonly method?: string | undefined
  readonly target?: string | undefined
}

/**
 * A request. `method`, `target` and `version` are replaced by {@link with}, so that they stay valid; the headers may be
 * changed in place.
 */
export class HttpRequest {
  /** A token, case-sensitive (RFC 9110 §9.1). */
  readonly method: string
  /** The request target as it stands in the request line (RFC 9112 §3.2). */
  readonly target: string
  readonly version: HttpVersion
  readonly headers: HeaderMap
  readonly body: Body
  private parsed: Uri | null
  private bag: Extensions | null

  /**
   * @param target visible ASCII without `#`, `\`, `<` and `>`.
   * @throws HyperError `INVALID_METHOD`, `INVALID_TARGET`, or what {@link HeaderMap} throws.
   */
  constructor(method: string, target: string, init?: HttpRequestInit)
  /** @internal */
  constructor(
    method: string,
    target: string,
    init: null,
    version: HttpVersion,
    headers: HeaderMap,
    body: Body,
  )
  constructor(
    method: string,
    target: string,
    init?: HttpRequestInit | null,
    version?: HttpVersion,
    headers?: HeaderMap,
    body?: Body,
  ) {
    if (init !== null) {
      if (!isMethod(method)) throw userError('INVALID_METHOD', null)
      checkTarget(target)
    }
    this.method = method
    this.target = target
    this.version = version ?? init?.version ?? '1.1'
    this.headers = headers ?? HeaderMap.from(init?.headers)
    this.body = body ?? bodyOf(init)
    this.parsed = null
    this.bag = null
  }

  /**
   * Trusts its caller: no validation.
   * @internal
   */
  static fromParsed(
    method: string,
    target: string,
    version: HttpVersion,
    headers: HeaderMap,
    body: Body,
  ): HttpRequest {
    return new HttpRequest(method, target, null, version, headers, body)
  }

  /**
   * The target in its parts; parsed when first asked for.
   * @throws HyperError `INVALID_TARGET` when it fits none of the four forms for the method (RFC 9112 §3.2).
   */
  get uri(): Uri {
    if (this.parsed === null) {
      // An extended CONNECT has the path of its resource (RFC 8441 §4), which no other CONNECT begins with.
      const isExtended = this.method === 'CONNECT' && this.target.startsWith('/')
      this.parsed = parseTarget(this.target, isExtended ? 'GET' : this.method)
      if (this.parsed === null)
        throw userError('INVALID_TARGET', 'the target fits none of the forms for its method')
    }
    return this.parsed
  }

  /** Resolves with the trailers when the body has ended; null when there are none. Never rejects. */
  get trailers(): Promise<HeaderMap | null> {
    return this.body.trailers
  }

  /**
   * Whether there may be any {@link extensions}: asking them for one would make them.
   * @internal
   */
  get hasExtensions(): boolean {
    return this.bag !== null
  }

  /** Typed side values; made when first asked for. They never reach the wire. */
  get extensions(): Extensions {
    if (this.bag === null) this.bag = new Extensions()
    return this.bag
  }

  /**
   * A request that differs in what is named. It shares headers and body with this one where they are not replaced;
   * the extensions are copied.
   * @throws HyperError as the constructor.
   */
  with(changes: HttpRequestChanges): HttpRequest {
    const request = new HttpRequest(changes.method ?? this.method, changes.target ?? this.target, {
      ...changedParts(this, changes),
      body: changes.body === undefined ? this.body : changes.body,
    })
    request.bag = this.bag?.clone() ?? null
    return request
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
}

function bodyOf(init: HttpRequestInit | null | undefined): Body {
  if (init == null) return EMPTY_BODY
  const body = init.body == null ? EMPTY_BODY : Body.from(init.body)
  return init.trailers === undefined ? body : withTrailers(body, init.trailers)
}

function checkTarget(target: string): void {
  if (typeof target !== 'string' || target.length === 0)
    throw userError('INVALID_TARGET', 'the target is empty')
  for (let i = 0; i < target.length; i++)
    if (IS_TARGET[target.charCodeAt(i)] !== 1) throw invalidTarget(target, i)
}

/** Shows the character, not the target: a query may hold secrets. */
function invalidTarget(target: string, at: number): HyperError {
  const code = target.charCodeAt(at).toString(16).toUpperCase().padStart(4, '0')
  return userError('INVALID_TARGET', `the target has U+${code} at index ${at}: it must be percent-encoded`)
}
