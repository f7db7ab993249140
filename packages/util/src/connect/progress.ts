import type { ErrorPhase } from '@hyper/core/error'
import { CONNECT_PHASE, CONNECT_TIMINGS, type ConnectContext, type ConnectTimings } from './connector.ts'

// What an attempt tells of itself while it goes on: where it is, and how long each part took. Parts that come twice, as
// TLS to a proxy and through it, are added up, so that the sum is the whole time.

const NONE: ConnectTimings = { dnsMs: null, connectMs: null, proxyMs: null, tlsMs: null }

/** The attempt now waits for this. */
export function entersPhase(context: ConnectContext, phase: ErrorPhase): void {
  context.info.set(CONNECT_PHASE, phase)
}

/** A part of the attempt is done. */
export function addTiming(context: ConnectContext, part: keyof ConnectTimings, ms: number): void {
  const before = context.info.get(CONNECT_TIMINGS) ?? NONE
  context.info.set(CONNECT_TIMINGS, { ...before, [part]: (before[part] ?? 0) + ms })
}
