import { listHas } from './list.ts'
import { SEEN_CONNECTION } from './parse/well-known.ts'

// Persistence (RFC 9112 §9.3), of a received message. What we send is decided by the head encoders.

/** Whether a received message lets the connection persist (RFC 9112 §9.3): 1.1 unless `close`, 1.0 only with `keep-alive`. */
export function peerKeepsAlive(flat: readonly string[], seen: number, minor: number): boolean {
  if ((seen & SEEN_CONNECTION) === 0) return minor === 1
  let keep = minor === 1
  for (let i = 0; i < flat.length; i += 2) {
    if (flat[i] !== 'connection') continue
    if (listHas(flat[i + 1]!, 'close')) return false
    if (listHas(flat[i + 1]!, 'keep-alive')) keep = true
  }
  return keep
}
