import type { HeaderMap } from '../../http/header-map.ts'
import type { ListLimits } from '../hpack/index.ts'
import {
  IDLE,
  nextStreamState,
  STREAM_EVENT_NAMES,
  STREAM_STATE_NAMES,
  type StreamEvent,
  type StreamState,
} from './state.ts'

// Stream: the fields of one stream, set once in the constructor. Rules live in the rooms that use them; state moves by
// the table in state.ts.

/** A content-length that was not given. */
export const NO_LENGTH = -1

export class Stream {
  readonly id: number
  state: StreamState = IDLE
  /** Whose handle it is: the driver's exchange. Opaque to the machine. */
  owner: unknown = null
  // ---------------------------------------------------------------- receiving
  /** What the peer may still send here. */
  receiveWindow: number
  /** What the window is when all is consumed. */
  receiveTarget: number
  /** Received and consumed, not announced yet. */
  receiveOwed: number = 0
  /** Received and not consumed. */
  unconsumed: number = 0
  /** What small DATA frames that are not consumed have taken of a budget (abuse.ts). */
  smallCost: number = 0
  /** Of a message with content-length: what is still to come; NO_LENGTH without. */
  expected: number = NO_LENGTH
  /** The head of the message has been received. */
  gotHead: boolean = false
  /** The request is HEAD: its response has no body. */
  isHead: boolean = false
  /** The request is a CONNECT: what follows its answer is no message. */
  isTunnel: boolean = false
  /** Interim responses so far. */
  informational: number = 0
  /** Milliseconds to the response head, for this stream only; null for the connection's. */
  headersTimeout: number | null = null
  /** What the response head may be, for this stream only; null for the connection's. */
  headLimits: ListLimits | null = null
  /** Milliseconds of silence inside the response body, for this stream only; null for the connection's. */
  bodyIdleTimeout: number | null = null
  /** We ask for no more of the body at present: its clocks stand still. */
  isHeld: boolean = false
  /** Received DATA is dropped: since when, and how much. */
  isDropping: boolean = false
  droppingSince: number = 0
  dropped: number = 0
  // ---------------------------------------------------------------- sending
  /** What we may still send here; may be negative (RFC 9113 §6.9.2). */
  sendWindow: number
  /** What waits for credit, in order; null when nothing does. */
  queue: Uint8Array[] | null = null
  queued: number = 0
  /** END_STREAM follows the queue. */
  endQueued: boolean = false
  /** Trailers follow the queue. */
  trailers: HeaderMap | null = null
  sentHead: boolean = false
  /** Of a message that announces its length: what is still to be sent; NO_LENGTH without. */
  toSend: number = NO_LENGTH
  /** The producer was told to wait. */
  isBlocked: boolean = false
  /** Urgency 0–7 (RFC 9218 §4.1). */
  urgency: number = 3
  /** Shares its turn. The RFC's default is no; streams that gave no signal take turns all the same, which is fair. */
  incremental: boolean = true
  /** In the scheduler's ring. */
  next: Stream | null = null
  isScheduled: boolean = false
  /** In its table: the next one of the same chain. */
  beside: Stream | null = null
  /** For timeouts: when the request began, when bytes last came and went, and how many have come. */
  beganAt: number = 0
  receivedAt: number = 0
  sentAt: number = 0
  receivedBytes: number = 0
  /** When the whole exchange must be over; 0 when it may take as long as it likes. */
  dueAt: number = 0

  constructor(id: number, receiveWindow: number, sendWindow: number) {
    this.id = id
    this.receiveWindow = receiveWindow
    this.receiveTarget = receiveWindow
    this.sendWindow = sendWindow
  }

  /** @throws Error for an event that the state does not allow: a mistake of this library */
  move(event: StreamEvent): void {
    const next = nextStreamState(this.state, event)
    if (next < 0) throw new Error(`${STREAM_EVENT_NAMES[event]} while ${STREAM_STATE_NAMES[this.state]}`)
    this.state = next as StreamState
  }
}
