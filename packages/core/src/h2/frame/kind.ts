// Frame types and flags (RFC 9113 §6, RFC 9218 §7.1).

/** Octets in front of every payload (RFC 9113 §4.1). */
export const FRAME_HEAD_SIZE = 9

export const DATA = 0x0
export const HEADERS = 0x1
export const PRIORITY = 0x2
export const RST_STREAM = 0x3
export const SETTINGS = 0x4
export const PUSH_PROMISE = 0x5
export const PING = 0x6
export const GOAWAY = 0x7
export const WINDOW_UPDATE = 0x8
export const CONTINUATION = 0x9
export const PRIORITY_UPDATE = 0x10

/** DATA, HEADERS. */
export const END_STREAM = 0x1
/** SETTINGS, PING. */
export const ACK = 0x1
/** HEADERS, PUSH_PROMISE, CONTINUATION. */
export const END_HEADERS = 0x4
/** DATA, HEADERS, PUSH_PROMISE. */
export const PADDED = 0x8
/** HEADERS. */
export const HAS_PRIORITY = 0x20

const NAMES: readonly string[] = [
  'DATA',
  'HEADERS',
  'PRIORITY',
  'RST_STREAM',
  'SETTINGS',
  'PUSH_PROMISE',
  'PING',
  'GOAWAY',
  'WINDOW_UPDATE',
  'CONTINUATION',
]

/** Whether we know what to do with a type; others are ignored (RFC 9113 §4.1, §5.5). */
export function isKnownKind(kind: number): boolean {
  return kind < NAMES.length || kind === PRIORITY_UPDATE
}

/** For logs. */
export function kindName(kind: number): string {
  return kind === PRIORITY_UPDATE ? 'PRIORITY_UPDATE' : (NAMES[kind] ?? `0x${kind.toString(16)}`)
}
