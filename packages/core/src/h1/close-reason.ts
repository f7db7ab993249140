// Why a connection cannot serve another message: a list of named reasons, for traces and tests, not a boolean.

/** The name of one reason. */
export type CloseReason =
  | 'peer-close' // the peer's message says close, or its version does not keep alive
  | 'our-close' // our message says close
  | 'keep-alive-off' // the option, or a shutdown that was asked for
  | 'max-requests'
  | 'until-close' // a body that ends with the connection
  | 'body-unread' // the rest of a body is not worth reading
  | 'body-unfinished' // our own message did not come to its end
  | 'odd-framing' // framing that is legal and often a sign of smuggling
  | 'tunnel-refused' // what follows may have been meant for the tunnel
  | 'eof'
  | 'peer-error'
  | 'timeout'
  | 'aborted'
  | 'switched'
