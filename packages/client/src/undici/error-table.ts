import type { ErrorCode } from '@hyper/core/error'

// Our codes as undici has them: the name of its class, and the code. What undici has no word for keeps ours.

/** How undici names a failure. */
export interface UndiciKind {
  readonly name: string
  readonly code: string
  /** Where the operating system, or OpenSSL, has said something, undici passes that on. */
  readonly isOfSystem?: true
}

const SOCKET: UndiciKind = { name: 'SocketError', code: 'UND_ERR_SOCKET' }
const SYSTEM: UndiciKind = { ...SOCKET, isOfSystem: true }
const CONNECT_TIMEOUT: UndiciKind = { name: 'ConnectTimeoutError', code: 'UND_ERR_CONNECT_TIMEOUT' }
const HEADERS_TIMEOUT: UndiciKind = { name: 'HeadersTimeoutError', code: 'UND_ERR_HEADERS_TIMEOUT' }
const BODY_TIMEOUT: UndiciKind = { name: 'BodyTimeoutError', code: 'UND_ERR_BODY_TIMEOUT' }
const OVERFLOW: UndiciKind = { name: 'HeadersOverflowError', code: 'UND_ERR_HEADERS_OVERFLOW' }
const ARGUMENT: UndiciKind = { name: 'InvalidArgumentError', code: 'UND_ERR_INVALID_ARG' }
const LENGTH: UndiciKind = {
  name: 'RequestContentLengthMismatchError',
  code: 'UND_ERR_REQ_CONTENT_LENGTH_MISMATCH',
}

function parser(code: string): UndiciKind {
  return { name: 'HTTPParserError', code: `HPE_${code}` }
}

export const UNDICI_KINDS: Readonly<Partial<Record<ErrorCode, UndiciKind>>> = {
  PARSE_VERSION: parser('INVALID_VERSION'),
  VERSION_UNSUPPORTED: parser('INVALID_VERSION'),
  PARSE_STATUS: parser('INVALID_STATUS'),
  PARSE_HEADER: parser('INVALID_HEADER_TOKEN'),
  PARSE_CHUNK: parser('INVALID_CHUNK_SIZE'),
  CONTENT_LENGTH_INVALID: parser('INVALID_CONTENT_LENGTH'),
  TRANSFER_ENCODING_INVALID: parser('INVALID_TRANSFER_ENCODING'),
  TRANSFER_ENCODING_UNSUPPORTED: parser('INVALID_TRANSFER_ENCODING'),
  TRANSFER_ENCODING_UNEXPECTED: parser('INVALID_TRANSFER_ENCODING'),
  HEAD_TOO_LARGE: OVERFLOW,
  TRAILERS_TOO_LARGE: OVERFLOW,
  CHUNK_EXTENSIONS_TOO_LARGE: OVERFLOW,
  BODY_TOO_LARGE: { name: 'ResponseExceededMaxSizeError', code: 'UND_ERR_RES_EXCEEDED_MAX_SIZE' },
  TOO_MANY_INFORMATIONAL: SOCKET,
  UNEXPECTED_MESSAGE: SOCKET,
  STREAM_RESET: SOCKET,
  GOAWAY: SOCKET,
  H2_CONNECTION: SOCKET,
  HEADERS_TIMEOUT,
  BODY_TIMEOUT,
  IDLE_TIMEOUT: SOCKET,
  SEND_TIMEOUT: SOCKET,
  SETTINGS_TIMEOUT: SOCKET,
  PING_TIMEOUT: SOCKET,
  CONNECT_TIMEOUT,
  POOL_TIMEOUT: CONNECT_TIMEOUT,
  // Where it struck decides; see `kindOf`.
  TOTAL_TIMEOUT: HEADERS_TIMEOUT,
  INCOMPLETE_MESSAGE: SOCKET,
  CLOSED: SYSTEM,
  IO: SYSTEM,
  SHUTDOWN: SYSTEM,
  CONNECT: SYSTEM,
  DNS: { name: 'Error', code: 'ENOTFOUND', isOfSystem: true },
  TLS: SYSTEM,
  PROXY: SYSTEM,
  CANCELED: { name: 'AbortError', code: 'UND_ERR_ABORTED' },
  INVALID_METHOD: ARGUMENT,
  INVALID_TARGET: ARGUMENT,
  INVALID_HEADER_NAME: ARGUMENT,
  INVALID_HEADER_VALUE: ARGUMENT,
  INVALID_OPTION: ARGUMENT,
  INVALID_BODY: ARGUMENT,
  BODY_USED: ARGUMENT,
  TOO_MANY_HEADERS: ARGUMENT,
  UNEXPECTED_HEADER: ARGUMENT,
  BODY_WRITE_ABORTED: LENGTH,
  NO_UPGRADE: SOCKET,
  MANUAL_UPGRADE: SOCKET,
}

/** Of a timeout over everything. */
export const TOTAL_KINDS: Readonly<Record<string, UndiciKind>> = {
  headers: HEADERS_TIMEOUT,
  write: HEADERS_TIMEOUT,
  body: BODY_TIMEOUT,
}

/** When there was no connection yet. */
export const UNCONNECTED: UndiciKind = CONNECT_TIMEOUT

/** A dispatcher that was closed, and one that was destroyed. */
export const CLOSED_KIND: UndiciKind = { name: 'ClientClosedError', code: 'UND_ERR_CLOSED' }
export const DESTROYED_KIND: UndiciKind = { name: 'ClientDestroyedError', code: 'UND_ERR_DESTROYED' }
