// Stream states (RFC 9113 §5.1). All that moves a stream's state is here; this file knows no role, no bytes, no windows.
//
//                      ┌──────┐
//          open ───────┤ IDLE ├─────── (push is not built: no reserved states)
//                      └──────┘
//                         │ HEADERS, sent or received
//                         ▼
//                      ┌──────┐
//        receive end ──┤ OPEN ├── send end
//             │        └──────┘       │
//             ▼                       ▼
//   ┌────────────────────┐   ┌───────────────────┐
//   │ HALF_CLOSED_REMOTE │   │ HALF_CLOSED_LOCAL │
//   └────────────────────┘   └───────────────────┘
//             │ send end              │ receive end
//             ▼                       ▼
//                      ┌────────┐
//       RST, any ─────►│ CLOSED │
//                      └────────┘

export const IDLE = 0
export const OPEN = 1
export const HALF_CLOSED_REMOTE = 2
export const HALF_CLOSED_LOCAL = 3
export const CLOSED = 4
export type StreamState =
  | typeof IDLE
  | typeof OPEN
  | typeof HALF_CLOSED_REMOTE
  | typeof HALF_CLOSED_LOCAL
  | typeof CLOSED

/** HEADERS, in either direction. */
export const OPENED = 0
/** END_STREAM received. */
export const RECEIVED_END = 1
/** END_STREAM sent. */
export const SENT_END = 2
/** RST_STREAM, in either direction. */
export const RESET = 3
export type StreamEvent = typeof OPENED | typeof RECEIVED_END | typeof SENT_END | typeof RESET

const NO = -1
const EVENTS = 4

/** Rows: states; columns: events; -1 is a call that the state does not allow. */
export const STREAM_TRANSITIONS: Int8Array = Int8Array.from(
  [
    // OPENED, RECEIVED_END, SENT_END, RESET
    [OPEN, NO, NO, CLOSED], // IDLE
    [NO, HALF_CLOSED_REMOTE, HALF_CLOSED_LOCAL, CLOSED], // OPEN
    [NO, NO, CLOSED, CLOSED], // HALF_CLOSED_REMOTE
    [NO, CLOSED, NO, CLOSED], // HALF_CLOSED_LOCAL
    [NO, NO, NO, CLOSED], // CLOSED
  ].flat(),
)

/** The names of states and events, in the order of their numbers: for docs and tests. */
export const STREAM_STATE_NAMES: readonly string[] = [
  'IDLE',
  'OPEN',
  'HALF_CLOSED_REMOTE',
  'HALF_CLOSED_LOCAL',
  'CLOSED',
]
export const STREAM_EVENT_NAMES: readonly string[] = ['opened', 'received end', 'sent end', 'reset']

/** The next state, or -1 where the event is not allowed. */
export function nextStreamState(state: StreamState, event: StreamEvent): StreamState | -1 {
  return STREAM_TRANSITIONS[state * EVENTS + event] as StreamState | -1
}

/** Whether the peer may still send on the stream. */
export function mayReceive(state: StreamState): boolean {
  return state === OPEN || state === HALF_CLOSED_LOCAL
}

/** Whether we may still send on the stream. */
export function maySend(state: StreamState): boolean {
  return state === OPEN || state === HALF_CLOSED_REMOTE
}
