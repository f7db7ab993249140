import type { Incoming } from '../body/incoming.ts'
import { type HyperError, userError } from '../error/index.ts'
import { DATA_EVENT, END_EVENT } from '../h1/event.ts'
import type { ServerMachine } from '../h1/server-machine.ts'

// Request bodies at the two ends of an exchange: one that is there before the service is asked, and one that nobody has read
// when it has answered.

/** Bytes of a request body that are read while its reader is behind. */
export const READ_AHEAD = 16_384

/**
 * Fills the body whose head has just come, when all of it is here too: the service then reads it without waiting.
 * @returns whether it did; then the body has its end
 */
export function takeWholeBody(machine: ServerMachine, incoming: Incoming | null): boolean {
  if (incoming === null || !machine.hasWholeBody || machine.nextEvent() !== DATA_EVENT) return false
  incoming.push(machine.data)
  if (machine.nextEvent() !== END_EVENT) return false
  incoming.pushEnd(null)
  return true
}

/** What whoever begins to read after the answer is told; made for them alone, since an error takes longer than a request. */
export function answeredUnread(): HyperError {
  return userError('CANCELED', 'the request was answered before its body was read')
}
