// The connection preface of HTTP/2 (RFC 9113 §3.4), as far as it is needed to tell the protocols apart. In: the bytes
// that a client has sent so far, chunk by chunk. Out: how many of them are the preface's, and which protocol that means.
// It never looks past the byte that decides.

const PREFACE: Uint8Array = Uint8Array.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', (letter) =>
  letter.charCodeAt(0),
)

/** From here on only a client that means HTTP/2 has come: `PRI` is reserved for it (RFC 7540 §11.6). */
const MEANT = 4

const LF = 0x0a
const SPACE = 0x20
const CASE = 0x20
const ASTERISK = 0x2a
const SLASH = 0x2f
const COLON = 0x3a
const LETTER_H = 0x68

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

/**
 * Whether a first packet begins with a line of neither protocol: three words, of which the second has no form of a
 * request target (RFC 9112 §3.2) and neither of the others is a version of HTTP. Who sends that has missed the preface, and is to
 * be told so rather than answered with 400 (RFC 9113 §3.4).
 */
export function isNeither(packet: Uint8Array): boolean {
  const target = packet.indexOf(SPACE) + 1
  const first = packet[target]
  if (target === 0 || first === SLASH || first === ASTERISK || first === SPACE) return false
  const version = packet.indexOf(SPACE, target) + 1
  const end = packet.indexOf(LF)
  if (version === 0 || end <= version || ((packet[version] ?? 0) | CASE) === LETTER_H) return false
  if (packet.subarray(0, target).includes(SLASH) || packet.subarray(target, version).includes(COLON))
    return false
  return !packet.subarray(version, end).includes(SPACE)
}

/** The first `matched` bytes of the preface, which have come before, and `chunk` behind them: a copy. */
export function withMatched(matched: number, chunk: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(matched + chunk.length)
  bytes.set(PREFACE.subarray(0, matched))
  bytes.set(chunk, matched)
  return bytes
}
