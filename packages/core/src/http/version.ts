// Protocol versions as the values that a message carries. The engine speaks 1.0 and 1.1 (and later 2 and 3); 0.9 is
// what a client may be told to accept.

/** The version of a message. */
export type HttpVersion = '0.9' | '1.0' | '1.1' | '2' | '3'

const ORDER: readonly HttpVersion[] = ['0.9', '1.0', '1.1', '2', '3']

/** Below zero when `a` is the older version, above when it is the newer, 0 when they are the same. */
export function compareVersions(a: HttpVersion, b: HttpVersion): number {
  return ORDER.indexOf(a) - ORDER.indexOf(b)
}
