import { HyperError, type HyperErrorChanges } from '@hyper/core/error'
import { TOTAL_KINDS, UNCONNECTED, UNDICI_KINDS, type UndiciKind } from './error-table.ts'

// Errors as handlers get them. In: a HyperError. Out: the same, coded the way that undici codes it, or as it is; either way
// `instanceof` the classes of undici holds, and what a caller's own body has thrown is the caller's own error.

/**
 * Whose codes errors have. `'undici'`: `UND_ERR_HEADERS_TIMEOUT`, `ECONNREFUSED`, …, which programs and interceptors that
 * are made for undici compare with; `'hyper'`: those of {@link HyperError}.
 */
export type DispatchCodes = 'undici' | 'hyper'

/** A failure with a code of undici or of the system. It is a {@link HyperError} otherwise; its `cause` is that error. */
export interface DispatchError extends Omit<HyperError, 'code' | 'cause'> {
  /** For example `'UND_ERR_SOCKET'` or `'ECONNREFUSED'`; the one of hyper where undici has none. */
  readonly code: string
  /** The same failure with the code of hyper. */
  readonly cause: HyperError
}

/**
 * The {@link HyperError} behind whatever a fetch, or a call of undici, has failed with: that of hyper's own code. Null
 * where there is none.
 */
export function hyperErrorOf(error: unknown): HyperError | null {
  let at: unknown = error
  for (let depth = 0; depth < DEEPEST && at instanceof Error; depth++) {
    if (at instanceof CodedError) return at.original
    if (at instanceof HyperError) return at
    at = at.cause
  }
  return null
}

/** A chain of causes may be a circle. */
const DEEPEST = 8

/** The error as a handler gets it. `kind` where the code alone does not say it. */
export function dispatchErrorOf(error: HyperError, codes: DispatchCodes, kind?: UndiciKind): Error {
  if (error.code === 'BODY_FAILED' && error.cause instanceof Error) return error.cause
  const found = kind ?? kindOf(error)
  const system = found.isOfSystem === true ? systemErrorOf(error) : null
  if (codes === 'hyper') return system === null ? branded(error, found.code) : error
  if (system === null) return branded(new CodedError(error, found.name, found.code), found.code)
  return Object.assign(new CodedError(error, 'Error', system.code), detailsOf(system))
}

function kindOf(error: HyperError): UndiciKind {
  if (error.code === 'TOTAL_TIMEOUT') return TOTAL_KINDS[error.phase ?? ''] ?? UNCONNECTED
  return UNDICI_KINDS[error.code] ?? { name: 'HyperError', code: error.code }
}

class CodedError extends HyperError {
  readonly original: HyperError

  constructor(original: HyperError, name: string, code: string) {
    super(original.code, original.message, Object.assign({}, original, { cause: original }))
    this.original = original
    hide(this, 'original', original)
    hide(this, 'name', name)
    Object.defineProperty(this, 'code', { value: code, enumerable: true, configurable: true, writable: true })
  }

  override with(changes: HyperErrorChanges): HyperError {
    const { code, name, original } = this
    const copy = new CodedError(original.with(changes), name, code)
    return Object.assign(branded(copy, code), detailsOf(this))
  }

  // The code is another one now: what it means is asked of the error that has ours.

  override isParse(): boolean {
    return this.original.isParse()
  }

  override isParseTooLarge(): boolean {
    return this.original.isParseTooLarge()
  }

  override isParseStatus(): boolean {
    return this.original.isParseStatus()
  }

  override isParseVersionH2(): boolean {
    return this.original.isParseVersionH2()
  }

  override isTimeout(): boolean {
    return this.original.isTimeout()
  }

  override isIncompleteMessage(): boolean {
    return this.original.isIncompleteMessage()
  }

  override isCanceled(): boolean {
    return this.original.isCanceled()
  }

  override isClosed(): boolean {
    return this.original.isClosed()
  }

  override isBodyWriteAborted(): boolean {
    return this.original.isBodyWriteAborted()
  }

  override isShutdown(): boolean {
    return this.original.isShutdown()
  }
}

/** By these symbols the classes of undici know their own, whichever copy has made them. */
function branded(error: HyperError, code: string): HyperError {
  const name = code.startsWith('HPE_') ? 'UND_ERR_HTTP_PARSER' : code
  if (!name.startsWith('UND_ERR_')) return error
  hide(error, Symbol.for('undici.error.UND_ERR'), true)
  hide(error, Symbol.for(`undici.error.${name}`), true)
  return error
}

function hide(target: object, key: string | symbol, value: unknown): void {
  Object.defineProperty(target, key, { value, enumerable: false, configurable: true, writable: true })
}

// ------------------------------------------------------------------ what the system has said

interface SystemError extends Error {
  readonly code: string
}

/** The innermost cause that has a code of the system, or of OpenSSL; of several addresses, that of the first. */
function systemErrorOf(error: HyperError): SystemError | null {
  let found: SystemError | null = null
  let at: unknown = error.cause
  for (let depth = 0; depth < DEEPEST && at instanceof Error; depth++) {
    if (!(at instanceof HyperError) && 'code' in at && typeof at.code === 'string') found = at as SystemError
    at = at instanceof AggregateError ? (at.errors as unknown[])[0] : at.cause
  }
  return found
}

const DETAILS = ['errno', 'syscall', 'hostname', 'port'] as const

function detailsOf(system: Error): Record<string, unknown> {
  const details: Record<string, unknown> = {}
  for (const name of DETAILS) {
    const value: unknown = Reflect.get(system, name)
    if (value !== undefined) details[name] = value
  }
  return details
}
