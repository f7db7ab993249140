import { type ErrorCode, type ErrorPhase, HyperError } from '@hyper/core/error'
import type { AbortSignalLike, PeerInfo } from '@hyper/core/rt'

// Errors as a caller of the client sees them: to whom, how often tried, after how long. The engine's errors know what
// happened on one connection; here they learn the rest.

/** What a failed request can say for itself. */
export interface Circumstances {
  readonly address: string
  readonly attempts: number
  /** Since the request began. */
  readonly elapsedMs: number
  /** Why it was not sent again; `''` where the error says all. */
  readonly why: string
  /** An earlier attempt may have been processed. */
  readonly mayBeDone: boolean
}

/** The same failure of a response body with its circumstances. The server has answered: nothing is to be sent again. */
export function bodyFailureOf(
  error: HyperError,
  address: string,
  attempts: number,
  elapsedMs: number,
): HyperError {
  const told = error.with({ phase: error.phase ?? 'body' })
  return failureOf(told, { address, attempts, elapsedMs, why: '', mayBeDone: true })
}

/** A peer as errors name it; null where its address is not known. */
export function addressOf(peer: PeerInfo | undefined): string | null {
  if (peer?.remoteAddress === undefined) return null
  const { remoteAddress, remotePort } = peer
  return `${remoteAddress.includes(':') ? `[${remoteAddress}]` : remoteAddress}:${remotePort ?? ''}`
}

/** The same failure with its circumstances; an error that is not the engine's becomes `IO`. */
export function failureOf(error: HyperError, at: Circumstances): HyperError {
  const elapsedMs = Math.round(at.elapsedMs)
  const attempts = at.attempts > 1 ? `, attempt ${at.attempts}` : ''
  const why = at.why === '' ? '' : `; not sent again: ${at.why}`
  return new HyperError(
    error.code,
    `${error.message} (${at.address}, after ${elapsedMs} ms${attempts}${why})`,
    {
      by: error.by,
      // Until its head is there, a request that was given up waits for it.
      phase: error.phase ?? (error.isCanceled() ? 'headers' : null),
      retryable: error.retryable && !at.mayBeDone,
      statusHint: error.statusHint,
      address: at.address,
      attempts: at.attempts,
      elapsedMs: error.elapsedMs === null ? elapsedMs : Math.round(error.elapsedMs),
      reason: error.reason,
      unanswered: error.unanswered,
      // Not the engine's own error, which says the same once more.
      cause: error.cause,
    },
  )
}

/** What is no error of ours becomes one. */
export function knownError(error: unknown): HyperError {
  return error instanceof HyperError
    ? error
    : new HyperError('IO', textOf(error), { by: 'io', statusHint: 502, cause: error })
}

/** The caller has given the request up. */
export function canceledBy(signal: AbortSignalLike | undefined, phase: ErrorPhase | null): HyperError {
  const cause: unknown = signal?.reason
  return new HyperError('CANCELED', 'the request was given up by its signal', { by: 'user', phase, cause })
}

/** No connection: what the system has said becomes a code and a phase. Nothing can have been processed. */
export function connectFailure(error: unknown): HyperError {
  if (error instanceof HyperError) return error
  const [code, phase] = reasonOf(error)
  return new HyperError(code, textOf(error), {
    by: 'io',
    phase,
    retryable: true,
    statusHint: 502,
    cause: error,
  })
}

function reasonOf(error: unknown): [ErrorCode, ErrorPhase] {
  const { code = '', syscall = '' } = (
    typeof error === 'object' && error !== null ? error : {}
  ) as SystemError
  if (syscall === 'getaddrinfo' || code === 'ENOTFOUND' || code === 'EAI_AGAIN') return ['DNS', 'dns']
  if (syscall === 'connect' || code === 'ECONNREFUSED') return ['CONNECT', 'connect']
  return TLS_CODE.test(code) ? ['TLS', 'tls'] : ['CONNECT', 'connect']
}

interface SystemError {
  readonly code?: string
  readonly syscall?: string
}

/** The codes of OpenSSL and of Node's checks; the verification ones have no common beginning. */
const TLS_CODE = /^ERR_(SSL|TLS)|CERT|SIGNED|UNABLE_TO|EPROTO|CRL|HOSTNAME_MISMATCH/

function textOf(error: unknown): string {
  return error instanceof Error && error.message !== '' ? error.message : String(error)
}
