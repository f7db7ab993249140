import { connectionFault } from './fault.ts'
import { type Frame } from './head.ts'
import { PADDED } from './kind.ts'
import { PROTOCOL_ERROR } from './reason.ts'

// Padding (RFC 9113 §6.1): one octet says how many of the last ones are padding. What they are is not looked at.

/**
 * The octets of padding at the end of a payload whose first octet is the pad length, and where `fixed` octets more must
 * stand before the padding. @returns them, 0 for a frame that is not padded, or a fault
 */
export function paddingOf(frame: Frame, fixed: number): number {
  if (!frame.has(PADDED)) return 0
  const padding = frame.bytes[frame.start]!
  return isPaddingFit(padding, frame.length, fixed) ? padding : connectionFault(PROTOCOL_ERROR)
}

/** Whether the padding leaves room for its own length and for `fixed` octets. */
export function isPaddingFit(padding: number, length: number, fixed: number): boolean {
  return 1 + fixed + padding <= length
}
