// The connection preface of HTTP/2 (RFC 9113 §3.4), as far as it is needed to tell the protocols apart. In: the bytes
// that a client has sent so far, chunk by chunk. Out: how many of them are the preface's, and which protocol that means.
// It never looks past the byte that decides.

const PREFACE: Uint8Array = Uint8Array.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', (letter) =>
  letter.charCodeAt(0),
)

/** From here on only a client that means HTTP/2 has come: `PRI` is reserved for it (RFC 7540 §11.6). */
const MEANT = 4

/** More bytes are needed. */
export const UNDECIDED = 0
export const IS_HTTP1 = 1
export const IS_HTTP2 = 2

/** How many bytes at the head of `chunk` go on with a preface of which `matched` bytes have come. */
export function matchPreface(chunk: Uint8Array, matched: number): number {
  const most = Math.min(chunk.length, PREFACE.length - matched)
  let at = 0
  while (at < most && chunk[at] === PREFACE[matched + at]) at++
  return at
}

/**
 * What `matched` bytes of the preface mean. The first byte that differs makes it HTTP/1 (row 322), unless `PRI ` came
 * before it: that ends as a broken preface does.
 * @param isOver true when the byte after them differs, or none will come
 */
export function protocolAfter(matched: number, isOver: boolean): number {
  if (matched === PREFACE.length) return IS_HTTP2
  if (!isOver) return UNDECIDED
  return matched < MEANT ? IS_HTTP1 : IS_HTTP2
}

/** The first `matched` bytes of the preface, which have come before, and `chunk` behind them: a copy. */
export function withMatched(matched: number, chunk: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(matched + chunk.length)
  bytes.set(PREFACE.subarray(0, matched))
  bytes.set(chunk, matched)
  return bytes
}
