// What a machine answers to `nextEvent`. The event's values are on the machine itself, one set of fields for all events,
// valid until the next call.

/** Nothing to report before more bytes come. */
export const NEED_DATA = 0
/** A head: `request` or `response`. A body follows when `hasBody`. */
export const HEAD_EVENT = 1
/** `data`: bytes of the body, a view of what was received. */
export const DATA_EVENT = 2
/** The body is complete; `trailers` or null. Comes only when there was a body. */
export const END_EVENT = 3
/** An interim response: `status`, `headers`. Client only. */
export const INFORMATIONAL_EVENT = 4
/** The next message is not read before the present exchange is done (parity row 105). */
export const PAUSED = 5
/** `error`: what came is wrong or too late. Comes once; CLOSED follows. */
export const FAILED = 6
/** The protocol was switched: take the rest with `takeLeftover`. */
export const SWITCHED_EVENT = 7
/** Nothing more will be read. */
export const CLOSED_EVENT = 8

/** One of the numbers above. */
export type EventKind =
  | typeof NEED_DATA
  | typeof HEAD_EVENT
  | typeof DATA_EVENT
  | typeof END_EVENT
  | typeof INFORMATIONAL_EVENT
  | typeof PAUSED
  | typeof FAILED
  | typeof SWITCHED_EVENT
  | typeof CLOSED_EVENT
