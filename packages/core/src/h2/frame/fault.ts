// Faults: what frame parsers return instead of throwing. One negative number says whether the stream or the whole
// connection is lost (RFC 9113 §5.4), and the error code to tell the peer.

const STREAM_SCOPE = 0x100

/** The connection must end with GOAWAY (RFC 9113 §5.4.1). @param reason an error code of `reason.ts` */
export function connectionFault(reason: number): number {
  return -1 - reason
}

/** The stream must end with RST_STREAM; the connection goes on (RFC 9113 §5.4.2). */
export function streamFault(reason: number): number {
  return -1 - STREAM_SCOPE - reason
}

/** Whether a fault is about one stream. */
export function isStreamFault(fault: number): boolean {
  return fault < -STREAM_SCOPE
}

/** The error code of a fault. */
export function faultReason(fault: number): number {
  const code = -1 - fault
  return code >= STREAM_SCOPE ? code - STREAM_SCOPE : code
}
