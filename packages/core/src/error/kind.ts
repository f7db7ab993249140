// The closed unions that a HyperError carries. Codes are stable: a new one is a minor release, a changed one a major.

/** Whose doing it was. */
export type ErrorBy = 'peer' | 'user' | 'library' | 'io'

/** What was going on. */
export type ErrorPhase =
  | 'dns'
  | 'connect'
  | 'tls'
  | 'pool'
  | 'write'
  | 'headers'
  | 'body'
  | 'upgrade'
  | 'close'

/** Every code with what it means. The docs' table is checked against this one. */
export const ERROR_CODES = {
  // The peer's bytes break RFC 9110 or 9112.
  PARSE_METHOD: 'the method is missing or not a token',
  PARSE_TARGET: 'the request target fits none of the four forms for its method',
  PARSE_VERSION: 'the version is malformed',
  PARSE_VERSION_H2: 'an HTTP/2 preface reached an HTTP/1 connection',
  VERSION_UNSUPPORTED: 'an HTTP version that is not spoken here',
  PARSE_STATUS: 'the status line is malformed',
  PARSE_HEADER: 'a field line is malformed',
  PARSE_CHUNK: 'the chunked coding is malformed',
  CONTENT_LENGTH_INVALID: 'Content-Length is not one decimal number, or the body does not match it',
  TRANSFER_ENCODING_INVALID: 'Transfer-Encoding is not one final chunked',
  TRANSFER_ENCODING_UNSUPPORTED: 'a transfer coding that is not spoken here',
  TRANSFER_ENCODING_UNEXPECTED:
    'Transfer-Encoding where it must not be: HTTP/1.0, or together with Content-Length',
  HOST_INVALID: 'not exactly one valid Host',
  // The peer went over a limit.
  METHOD_TOO_LONG: 'the method is longer than the limit',
  TARGET_TOO_LONG: 'the request target is longer than the limit',
  HEAD_TOO_LARGE: 'the header section has more bytes or fields than the limit',
  TRAILERS_TOO_LARGE: 'the trailer section has more bytes or fields than the limit',
  CHUNK_EXTENSIONS_TOO_LARGE: 'the chunk extensions of one body have more bytes than the limit',
  BODY_TOO_LARGE: 'the body has more bytes than the limit',
  CONTENT_CODING_INVALID: 'the content coding of a body is malformed',
  TOO_MANY_INFORMATIONAL: 'more 1xx responses than the limit',
  TOO_MANY_REDIRECTS: 'more redirects than the limit',
  // HTTP/2; `reason` names the error code (RFC 9113 §7).
  STREAM_RESET: 'the stream was reset',
  GOAWAY: 'the peer has ended the connection',
  H2_CONNECTION: 'a connection error of HTTP/2',
  // The peer was too slow.
  HEADERS_TIMEOUT: 'a head was not complete in time',
  IDLE_TIMEOUT: 'nothing happened on the connection for too long',
  BODY_TIMEOUT: 'a body stalled or came too slowly',
  SEND_TIMEOUT: 'the peer did not take our bytes in time',
  CONNECT_TIMEOUT: 'no connection in time',
  SETTINGS_TIMEOUT: 'the peer did not acknowledge our settings in time',
  PING_TIMEOUT: 'the peer did not answer a ping in time',
  TOTAL_TIMEOUT: 'the whole exchange took too long',
  // The exchange or the connection ended early.
  INCOMPLETE_MESSAGE: 'the connection ended inside a message',
  UNEXPECTED_MESSAGE: 'bytes arrived that belong to no request',
  CANCELED: 'the exchange was given up before it was done',
  CLOSED: 'the connection is closed',
  IO: 'the transport failed',
  SHUTDOWN: 'closing the transport failed',
  CONNECT: 'no connection could be made',
  DNS: 'the name could not be resolved',
  TLS: 'the TLS handshake failed',
  PROXY: 'the proxy refused to connect, or what it said makes no sense',
  POOL_TIMEOUT: 'no connection became free in time',
  POOL_FULL: 'too many requests wait for a connection',
  // The caller broke the contract.
  INVALID_METHOD: 'the given method is not a token',
  INVALID_TARGET: 'the given target or URL cannot be sent',
  INVALID_STATUS: 'the given status is not an integer from 100 to 999, or not allowed here',
  INVALID_REASON: 'the given reason phrase has characters that cannot be sent',
  INVALID_HEADER_NAME: 'the given field name is not a token',
  INVALID_HEADER_VALUE: 'the given field value has characters that cannot be sent',
  INVALID_OPTION: 'an option has a value it cannot have',
  INVALID_BODY: 'the given body cannot be sent',
  TOO_MANY_HEADERS: 'a header map may hold at most 32768 fields',
  UNEXPECTED_HEADER: 'the given framing fields contradict each other or the message',
  BODY_USED: 'the body was taken before',
  BODY_FAILED: 'the given body failed',
  BODY_WRITE_ABORTED: 'the given body ended before its declared length, or its sender was dropped',
  SERVICE_FAILED: 'the service failed',
  NO_UPGRADE: 'the message offers no upgrade',
  REDIRECT_REFUSED: 'a redirect that may not be followed',
  MANUAL_UPGRADE: 'the peer switched protocols and nobody took the connection',
  NOT_READY: 'the connection is busy with another request',
  INVALID_STATE: 'a call that the present state does not allow',
} as const

/** Stable name of what went wrong. */
export type ErrorCode = keyof typeof ERROR_CODES
