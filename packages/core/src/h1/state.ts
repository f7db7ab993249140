import type { CloseReason } from './close-reason.ts'

// State of one connection: two halves that move by the same table, and the moves that both make together. All that
// moves them is here; this file knows no role, no bytes and no IO.
//
//              begin            end
//     HEAD ──────────► BODY ──────────► DONE ──recycle──► HEAD
//       │                                │
//       └──────────── alone ────────────►├──switch──► SWITCHED
//                                        │
//     any but SWITCHED ── close ──► CLOSED
//
// Recycle happens when both halves are DONE and nothing speaks against it; otherwise both close.

export const HEAD = 0
export const BODY = 1
export const DONE = 2
export const SWITCHED = 3
export const CLOSED = 4
export type HalfState = typeof HEAD | typeof BODY | typeof DONE | typeof SWITCHED | typeof CLOSED

/** A head with a body after it. */
export const BEGIN = 0
/** A head that is a whole message. */
export const ALONE = 1
/** The body is complete. */
export const END = 2
export const RECYCLE = 3
export const SWITCH = 4
export const CLOSE = 5
export type HalfEvent =
  | typeof BEGIN
  | typeof ALONE
  | typeof END
  | typeof RECYCLE
  | typeof SWITCH
  | typeof CLOSE

const NO = -1
const EVENTS = 6

/** Rows: states; columns: events; -1 is a call that the state does not allow. */
export const TRANSITIONS: Int8Array = Int8Array.from(
  [
    // BEGIN, ALONE, END, RECYCLE, SWITCH, CLOSE
    [BODY, DONE, NO, NO, NO, CLOSED], // HEAD
    [NO, NO, DONE, NO, NO, CLOSED], // BODY
    [NO, NO, NO, HEAD, SWITCHED, CLOSED], // DONE
    [NO, NO, NO, NO, NO, SWITCHED], // SWITCHED
    [NO, NO, NO, NO, NO, CLOSED], // CLOSED
  ].flat(),
)

/** The names of states and events, in the order of their numbers: for docs and tests. */
export const STATE_NAMES: readonly string[] = ['HEAD', 'BODY', 'DONE', 'SWITCHED', 'CLOSED']
export const EVENT_NAMES: readonly string[] = ['begin', 'alone', 'end', 'recycle', 'switch', 'close']

/** The next state, or -1 where the event is not allowed. */
export function nextState(state: HalfState, event: HalfEvent): HalfState | -1 {
  return TRANSITIONS[state * EVENTS + event] as HalfState | -1
}

export class ConnectionState {
  read: HalfState = HEAD
  write: HalfState = HEAD
  /** Whether the protocol will be switched once both halves are done. */
  switching: boolean = false
  /** Why there will be no further message; empty while there may be one. */
  reasons: CloseReason[] = NONE as CloseReason[]

  /** Speaks against reuse. */
  addReason(reason: CloseReason): void {
    if (this.reasons === NONE) this.reasons = [reason]
    else if (!this.reasons.includes(reason)) this.reasons.push(reason)
  }

  get reusable(): boolean {
    return this.reasons === NONE
  }

  moveRead(event: HalfEvent): void {
    const next = nextState(this.read, event)
    if (next === NO) throw new Error(`${EVENT_NAMES[event]} while reading ${STATE_NAMES[this.read]}`)
    this.read = next
    if (next >= DONE) this.joint()
  }

  moveWrite(event: HalfEvent): void {
    const next = nextState(this.write, event)
    if (next === NO) throw new Error(`${EVENT_NAMES[event]} while writing ${STATE_NAMES[this.write]}`)
    this.write = next
    if (next >= DONE) this.joint()
  }

  // Moves that the halves make together.
  private joint(): void {
    // The other half will never be done: there is nothing to wait for.
    if (this.read === DONE && this.write === CLOSED) this.read = CLOSED
    if (this.write === DONE && this.read === CLOSED) this.write = CLOSED
    if (this.read !== DONE || this.write !== DONE) return
    const event = this.switching ? SWITCH : this.reasons === NONE ? RECYCLE : CLOSE
    if (event === SWITCH) this.addReason('switched')
    this.read = nextState(DONE, event) as HalfState
    this.write = nextState(DONE, event) as HalfState
  }
}

// Shared by all connections that may go on, so that an idle one holds no list. Never mutated.
const NONE: readonly CloseReason[] = Object.freeze([])
