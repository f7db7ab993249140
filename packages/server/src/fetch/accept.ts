import type { HeaderMap } from '@hyper/core/http'
import { plainText } from '@hyper/core/rt'
import { sha1 } from './sha1.ts'

// The proof that a server speaks WebSocket (RFC 6455 §4.2.2). In: the fields of a request and those of its answer, 101.
// Out: `sec-websocket-accept` among the latter, where both speak of a WebSocket. Over HTTP/2 there is no such thing.

const GUID = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11'

/** The value for a key. */
export function acceptOf(key: string): string {
  return btoa(String.fromCharCode(...sha1(plainText.encodeLatin1(key + GUID))))
}

/** Adds the field to the fields of a 101, unless its caller has. */
export function withAccept(answer: HeaderMap, request: HeaderMap): void {
  const key = request.get('sec-websocket-key')
  if (key === null || answer.has('sec-websocket-accept')) return
  if (answer.get('upgrade')?.toLowerCase() === 'websocket')
    answer.append('sec-websocket-accept', acceptOf(key))
}
