import { type ErrorBy, type ErrorCode, type ErrorPhase, HyperError } from '@hyper/core/error'
import type { AbortSignalLike } from '@hyper/core/rt'

// Errors of connecting. Whatever it is, nothing of a request has been sent: all of them are `retryable`.

/** What is known about a failure besides its code. */
export interface FailureFacts {
  readonly phase: ErrorPhase
  /** To whom, as `host:port`, a path, or a mere name. */
  readonly address: string
  /** Default `'io'`. */
  readonly by?: ErrorBy | undefined
  readonly elapsedMs?: number | undefined
  /** In the peer's terms. */
  readonly reason?: string | undefined
  readonly cause?: unknown
}

/** No connection: why not. */
export function connectError(code: ErrorCode, detail: string, facts: FailureFacts): HyperError {
  const by = facts.by ?? 'io'
  // Of a service that has asked in its turn: RFC 9110 §15.6.3, §15.6.5.
  const statusHint = by === 'user' ? 0 : code === 'CONNECT_TIMEOUT' ? 504 : 502
  return new HyperError(code, detail, { ...facts, by, statusHint, retryable: true })
}

/** The attempt was given up by its signal. */
export function canceled(signal: AbortSignalLike, phase: ErrorPhase, address: string): HyperError {
  const cause: unknown = signal.reason
  return connectError('CANCELED', `connecting to ${address} was given up`, {
    by: 'user',
    phase,
    address,
    cause,
  })
}

/** What a dial, a resolver or a TLS of someone else's has thrown, as one of our errors; ours stay as they are. */
export function ownError(error: unknown, code: ErrorCode, phase: ErrorPhase, address: string): HyperError {
  if (error instanceof HyperError) return error
  return connectError(code, `connecting to ${address} failed: ${textOf(error)}`, {
    phase,
    address,
    cause: error,
  })
}

/** What an error says, or anything else that was thrown. */
export function textOf(error: unknown): string {
  return error instanceof Error && error.message !== '' ? error.message : String(error)
}

/** What the system means, and its code; its own words where `table` has none for the code. */
export function wordsOf(error: Error, table: ReadonlyMap<string, string>): string {
  const code = systemCode(error)
  const words = table.get(code)
  return words === undefined ? error.message : `${words} (${code})`
}

/** The `code` of an error of the system, or `''`. */
export function systemCode(error: unknown): string {
  if (typeof error !== 'object' || error === null || !('code' in error)) return ''
  return typeof error.code === 'string' ? error.code : ''
}
