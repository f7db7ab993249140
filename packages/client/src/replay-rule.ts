import type { HyperError } from '@hyper/core/error'
import { isIdempotent } from '@hyper/core/http'

// The replay rule: whether a request that has failed is sent again. Only when the server cannot have processed it, or when
// a connection that had served before was lost before anything of an answer had come, and doing it twice is the same as
// once. What may have been processed, and may not be processed twice, is never sent again.

/** What is known once a request has failed. */
export interface Failed {
  readonly error: HyperError
  readonly method: string
  /** What the caller has said; undefined when nothing. */
  readonly idempotent: boolean | undefined
  /** The connection had answered before. */
  readonly isReused: boolean
  /** The body can be had again, or nothing of it was taken. */
  readonly hasBody: boolean
  /** How often in a row it was not processed by connections that answered nobody else either. */
  readonly futile: number
  readonly maxReplays: number
  /** How often it was sent. */
  readonly attempts: number
}

/** Far more than any server asks for that goes on working: a request that is always refused ends some day. */
const MOST_ATTEMPTS = 1_000

/** Null when the request is to be sent again; else why not, or `''` where the error says all. */
export function whyNotAgain(failed: Failed): string | null {
  const { attempts, error, hasBody, futile, maxReplays } = failed
  if (error.retryable) {
    if (!hasBody) return 'its body cannot be had again'
    if (futile > maxReplays || attempts >= MOST_ATTEMPTS)
      return `it was refused ${attempts} ${attempts === 1 ? 'time' : 'times'}`
    return null
  }
  if (!error.unanswered) return ''
  const { idempotent = isIdempotent(failed.method), isReused, method } = failed
  if (!idempotent) {
    const why = failed.idempotent === false ? 'the caller says that it' : method
    return `it may have been processed, and ${why} must not be done twice`
  }
  if (!hasBody) return 'it may have been processed, and its body cannot be had again'
  return isReused ? null : 'its connection was a new one'
}
