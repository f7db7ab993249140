import type { Io } from '@hyper/core/rt'
import type { RecordingSink } from './recording-sink.ts'

/** Two connected ends. */
export interface IoPair {
  readonly left: Io
  readonly right: Io
}

export interface IoSuiteOptions {
  /** Makes a fresh pair; both ends are aborted after the test. */
  readonly connect: () => Promise<IoPair>
  /** Whether `abort` reaches the peer as an error: false for transports without a reset. */
  readonly hasReset: boolean
  /** Whether `abort` is seen by a peer that has paused and holds bytes within its read-ahead. */
  readonly noticesWhilePaused: boolean
  /** False for a transport that closes with the end of its peer. Default true. */
  readonly isHalfOpen?: boolean
  /** Upper bound in bytes of what a paused end takes from a peer that goes on writing, transport buffers included. */
  readonly readAhead: number
}

/** What a case is given: a fresh pair, and a sink for each end, not started yet. */
export interface IoEnds extends IoPair {
  /** For `right`. */
  readonly sink: RecordingSink
  /** For `left`. */
  readonly other: RecordingSink
}

/** One sentence of the contract. */
export interface IoCase {
  readonly name: string
  /** Runs only where the transport can do it. */
  readonly needs?: 'hasReset' | 'noticesWhilePaused' | 'isHalfOpen'
  readonly run: (ends: IoEnds, options: IoSuiteOptions) => Promise<void>
}
