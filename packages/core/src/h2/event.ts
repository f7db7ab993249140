// What an HTTP/2 machine answers to `nextEvent`. The event's values are on the machine, valid until the next call.

/** Nothing to report before more bytes come. */
export const NEED_DATA = 0
/** A head on `stream`: `request` or `response`. A body follows when `hasBody`. */
export const HEAD_EVENT = 1
/** `data` on `stream`: bytes of the body, a view of what was received. */
export const DATA_EVENT = 2
/** The message on `stream` is complete; `trailers` or null. */
export const END_EVENT = 3
/** An interim response on `stream`: `status`, `headers`. Client only. */
export const INFORMATIONAL_EVENT = 4
/** `stream` is gone: `error`. */
export const RESET_EVENT = 5
/** The connection has failed: `error`. Comes once; CLOSED follows. */
export const FAILED = 6
/** The peer takes no new streams, or has changed how many it takes. Client only. */
export const CAPACITY_EVENT = 7
/** Nothing more will be read. */
export const CLOSED_EVENT = 8

/** No event: read on. */
export const NONE = -1
