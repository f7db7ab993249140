import { type ErrorBy, type ErrorCode, type ErrorPhase, HyperError } from '@hyper/core/error'

// What fetch rejects with. In: an error of the engine. Out: one for both worlds. The standard wants a TypeError for
// whatever goes wrong, and the reason of the signal for what was given up; a program wants a code. The message is the
// engine's: it says what happened, to whom, after how long.

/**
 * Why a fetch, or the reading of its response, has failed: a TypeError, as the standard asks, with what the
 * {@link HyperError} that is its `cause` knows.
 */
export class FetchError extends TypeError {
  declare readonly cause: HyperError
  /** Stable name of what went wrong. */
  readonly code: ErrorCode
  /** Whose doing it was. */
  readonly by: ErrorBy
  /** What was going on, or null where no phase applies. */
  readonly phase: ErrorPhase | null
  /** True when no byte of the request can have been processed, so that it may be sent again, whatever its method. */
  readonly retryable: boolean
  /** The peer, as `host:port` or a path, where known. */
  readonly address: string | null
  /** How often the request was sent. */
  readonly attempts: number
  /** Milliseconds that were waited, where measured. */
  readonly elapsedMs: number | null

  constructor(cause: HyperError) {
    super(cause.message, { cause })
    this.code = cause.code
    this.by = cause.by
    this.phase = cause.phase
    this.retryable = cause.retryable
    this.address = cause.address
    this.attempts = cause.attempts
    this.elapsedMs = cause.elapsedMs
  }
}

/** What the caller of fetch is told, and the source of a request body that nobody wants any more: the reason of the signal when that has given the request up, else a TypeError. */
export function fetchErrorOf(error: unknown, signal: AbortSignal | null): unknown {
  if (!(error instanceof HyperError)) return error
  return signal !== null && signal.aborted && isGivenUp(error) ? signal.reason : new FetchError(error)
}

function isGivenUp(error: HyperError): boolean {
  return error.code === 'CANCELED' && error.by === 'user'
}
