import { HyperError, type ErrorCode } from '../error/index.ts'

// Faults: what the parsers return instead of throwing. A parser answers DONE, NEED_MORE, or a negative fault number;
// the machine turns the fault into one HyperError, with the status a server answers it with.

/** The bytes so far are fine, and not all of it. */
export const NEED_MORE = 0
/** Complete. */
export const DONE = 1

export const FAULT_METHOD = -1
export const FAULT_METHOD_TOO_LONG = -2
export const FAULT_TARGET = -3
export const FAULT_TARGET_TOO_LONG = -4
export const FAULT_VERSION = -5
export const FAULT_VERSION_UNSUPPORTED = -6
export const FAULT_VERSION_H2 = -7
export const FAULT_HEADER = -8
export const FAULT_HEAD_TOO_LARGE = -9
export const FAULT_STATUS = -10
export const FAULT_CHUNK = -11
export const FAULT_EXTENSIONS_TOO_LARGE = -12
export const FAULT_TRAILERS_TOO_LARGE = -13
export const FAULT_CONTENT_LENGTH = -14
export const FAULT_CODING = -15
export const FAULT_CODING_UNSUPPORTED = -16
export const FAULT_CODING_UNEXPECTED = -17
export const FAULT_HOST = -18

// One row per fault: code, status hint for a server (0: close without a word).
const FAULTS: readonly (readonly [ErrorCode, number])[] = [
  ['PARSE_METHOD', 400],
  ['METHOD_TOO_LONG', 501], // RFC 9112 §3
  ['PARSE_TARGET', 400],
  ['TARGET_TOO_LONG', 414], // RFC 9112 §3
  ['PARSE_VERSION', 400],
  ['VERSION_UNSUPPORTED', 505], // RFC 9110 §15.6.6
  ['PARSE_VERSION_H2', 0],
  ['PARSE_HEADER', 400],
  ['HEAD_TOO_LARGE', 431], // RFC 6585 §5
  ['PARSE_STATUS', 0],
  ['PARSE_CHUNK', 400],
  ['CHUNK_EXTENSIONS_TOO_LARGE', 400],
  ['TRAILERS_TOO_LARGE', 431],
  ['CONTENT_LENGTH_INVALID', 400], // RFC 9112 §6.3
  ['TRANSFER_ENCODING_INVALID', 400], // RFC 9112 §6.3
  ['TRANSFER_ENCODING_UNSUPPORTED', 501], // RFC 9112 §6.1
  ['TRANSFER_ENCODING_UNEXPECTED', 400], // RFC 9112 §6.1
  ['HOST_INVALID', 400], // RFC 9112 §3.2
]

/** The error behind a fault of the peer. */
export function faultError(fault: number, phase: 'headers' | 'body'): HyperError {
  const row = FAULTS[-fault - 1]
  if (row === undefined) throw new RangeError(`no such fault: ${fault}`)
  return new HyperError(row[0], null, { by: 'peer', phase, statusHint: row[1] })
}
