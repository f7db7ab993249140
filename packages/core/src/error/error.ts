import { ERROR_CODES, type ErrorBy, type ErrorCode, type ErrorPhase } from './kind.ts'

/** What a {@link HyperError} is made of; everything but `by` has a default. */
export interface HyperErrorInit {
  readonly by: ErrorBy
  readonly phase?: ErrorPhase | null | undefined
  readonly retryable?: boolean | undefined
  readonly statusHint?: number | undefined
  readonly address?: string | null | undefined
  readonly attempts?: number | undefined
  readonly elapsedMs?: number | null | undefined
  readonly reason?: string | null | undefined
  readonly unanswered?: boolean | undefined
  readonly cause?: unknown
}

/** What {@link HyperError.with} may change: what is left out, or undefined, stays as it is. */
export interface HyperErrorChanges extends Partial<HyperErrorInit> {
  readonly code?: ErrorCode | undefined
  readonly message?: string | undefined
}

/**
 * The one error class. Ask `code` or a predicate, never the text of `message`: the text may change in any release.
 */
export class HyperError extends Error {
  override readonly name: string = 'HyperError'
  /** Stable name of what went wrong. */
  readonly code: ErrorCode
  /** Whose doing it was. */
  readonly by: ErrorBy
  /** What was going on, or null where no phase applies. */
  readonly phase: ErrorPhase | null
  /** True when no byte of the request can have been processed, so that it may be sent again, whatever its method. */
  readonly retryable: boolean
  /**
   * The status a server should answer with; 0 when the error cannot be answered. What a client finds wrong has the status
   * of a service that has asked in its turn: 504 for what took too long, 502 for all else that is not the caller's doing
   * (RFC 9110 §15.6.3, §15.6.5).
   */
  readonly statusHint: number
  /** The peer, as `host:port` or a path, where known. */
  readonly address: string | null
  /** How often it was tried, the first time included; 0 where nothing is tried. */
  readonly attempts: number
  /** Whole milliseconds from the beginning of the request, or of what failed or timed out in it, where measured. */
  readonly elapsedMs: number | null

  /**
   * Why, in the peer's terms: the HTTP/2 error code by its name, for example `'REFUSED_STREAM'` (RFC 9113 §7); or the status
   * of an answer that gives no way, `'407'` of a proxy (`PROXY`). Null where there is none.
   */
  readonly reason: string | null
  /**
   * True when a client's connection was lost before anything of the answer had come, not even an interim response: the
   * server may have processed the request or not. Where that makes no difference (RFC 9110 §9.2.2), it may be sent again;
   * for any other request see `retryable`.
   */
  readonly unanswered: boolean

  constructor(code: ErrorCode, detail: string | null, init: HyperErrorInit) {
    super(
      detail === null ? ERROR_CODES[code] : detail,
      init.cause === undefined ? undefined : { cause: init.cause },
    )
    this.code = code
    this.by = init.by
    this.phase = init.phase ?? null
    this.retryable = init.retryable ?? false
    this.statusHint = init.statusHint ?? 0
    this.address = init.address ?? null
    this.attempts = init.attempts ?? 0
    this.elapsedMs =
      init.elapsedMs === undefined || init.elapsedMs === null ? null : Math.round(init.elapsedMs)
    this.reason = init.reason ?? null
    this.unanswered = init.unanswered ?? false
  }

  /**
   * The same error with some of it told otherwise, for who hands it on and knows more: a layer that has sent the request
   * several times, a gateway that has another status for it. `stack` stays that of the place where it arose, and `cause`
   * what was underneath: a copy never stands on top of what it was made of.
   */
  with(changes: HyperErrorChanges): HyperError {
    const { code = this.code, message = this.message, ...rest } = changes
    // What an error has of its own is what it was made of.
    const init: HyperErrorInit = Object.assign({}, this, { cause: this.cause })
    for (const [name, value] of Object.entries(rest) as [string, unknown][]) {
      if (value !== undefined) Object.assign(init, { [name]: value })
    }
    const copy = new HyperError(code, message, init)
    keepStack(copy, this)
    return copy
  }

  /** The peer's bytes could not be understood, or went over a limit of their syntax. */
  isParse(): boolean {
    return this.by === 'peer' && PARSE_CODES.has(this.code)
  }

  /** A part of the peer's message was larger than its limit. */
  isParseTooLarge(): boolean {
    return this.by === 'peer' && (this.code.endsWith('_TOO_LARGE') || this.code.endsWith('_TOO_LONG'))
  }

  /** The status line was malformed. */
  isParseStatus(): boolean {
    return this.code === 'PARSE_STATUS'
  }

  /** An HTTP/2 preface reached an HTTP/1 connection. */
  isParseVersionH2(): boolean {
    return this.code === 'PARSE_VERSION_H2'
  }

  /** The caller broke the contract: nothing is wrong with the peer. */
  isUser(): boolean {
    return this.by === 'user'
  }

  /** Something took too long; `phase` says what. */
  isTimeout(): boolean {
    return this.code.endsWith('_TIMEOUT')
  }

  /** The connection ended inside a message. */
  isIncompleteMessage(): boolean {
    return this.code === 'INCOMPLETE_MESSAGE'
  }

  /** The exchange was given up, by either side, before it was done. */
  isCanceled(): boolean {
    return this.code === 'CANCELED'
  }

  /** The connection was closed already. */
  isClosed(): boolean {
    return this.code === 'CLOSED'
  }

  /** The body given by the caller ended before its declared length. */
  isBodyWriteAborted(): boolean {
    return this.code === 'BODY_WRITE_ABORTED'
  }

  /** Closing the transport failed. */
  isShutdown(): boolean {
    return this.code === 'SHUTDOWN'
  }
}

const PARSE_CODES: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
  'PARSE_METHOD',
  'PARSE_TARGET',
  'PARSE_VERSION',
  'PARSE_VERSION_H2',
  'VERSION_UNSUPPORTED',
  'PARSE_STATUS',
  'PARSE_HEADER',
  'PARSE_CHUNK',
  'CONTENT_LENGTH_INVALID',
  'TRANSFER_ENCODING_INVALID',
  'TRANSFER_ENCODING_UNSUPPORTED',
  'TRANSFER_ENCODING_UNEXPECTED',
  'HOST_INVALID',
  'METHOD_TOO_LONG',
  'TARGET_TOO_LONG',
  'HEAD_TOO_LARGE',
  'TRAILERS_TOO_LARGE',
  'CHUNK_EXTENSIONS_TOO_LARGE',
])

/** What ends a connection without a word about its requests. */
const LOST_CODES: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
  'CLOSED',
  'IO',
  'INCOMPLETE_MESSAGE',
  'PING_TIMEOUT',
])

/**
 * What became of a connection, as one request on it is told: where that was, and whether an answer had begun. What says so
 * already, and what the caller has done wrong, stays as it is.
 */
export function placed(error: HyperError, phase: ErrorPhase | null, hasAnswer: boolean): HyperError {
  const isMistake = error.by === 'user' && !error.isCanceled()
  const isLost = !hasAnswer && !error.retryable && error.by !== 'user' && LOST_CODES.has(error.code)
  const unanswered = error.unanswered || isLost
  if (isMistake || (error.phase !== null && unanswered === error.unanswered)) return error
  return error.with({ phase: error.phase ?? phase, unanswered })
}

/**
 * What a client has found wrong with a server or with the way to it: a service that lets it escape is a gateway whose
 * answer is this status, and not the one that it would answer the same fault of its own client with.
 */
export function asGateway(error: HyperError): HyperError {
  return error.with({ statusHint: error.isTimeout() ? 504 : BAD_GATEWAY })
}

/** RFC 9110 §15.6.3. */
export const BAD_GATEWAY = 502

// The text of a stack is made when somebody looks at it, which few do.
function keepStack(copy: HyperError, original: HyperError): void {
  Object.defineProperty(copy, 'stack', {
    get: () => stackOf(original, copy.message),
    set: (value: unknown) => {
      Object.defineProperty(copy, 'stack', { value, configurable: true, writable: true })
    },
    configurable: true,
  })
}

// Where a stack begins with the message, it is that of the copy.
function stackOf({ message, stack = '' }: HyperError, shown: string): string {
  const at = stack.indexOf(message)
  if (at < 0 || stack.slice(0, at).includes('\n')) return stack
  return stack.slice(0, at) + shown + stack.slice(at + message.length)
}

/** A mistake of the caller. */
export function userError(code: ErrorCode, detail: string | null, cause?: unknown): HyperError {
  return new HyperError(code, detail, { by: 'user', cause })
}
