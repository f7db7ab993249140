import type { Clock, Timer } from './timer.ts'

// Runtime: everything that core needs of a platform, brought once. `@hyper/util` has one per runtime
// (`nodeRuntime`, `webRuntime`); a test brings a fake one with a virtual clock.

/** Bytes to strings and back, with the platform's fast way. */
export interface TextCodec {
  /** One character per byte (ISO 8859-1) of `bytes[start, end)`. */
  latin1(bytes: Uint8Array, start: number, end: number): string
  /** UTF-8 with replacement characters, of `bytes[start, end)`; a leading byte order mark is dropped. */
  utf8(bytes: Uint8Array, start: number, end: number): string
  /** The UTF-8 bytes of a string; lone surrogates become U+FFFD. */
  encodeUtf8(text: string): Uint8Array
  /** How many bytes `encodeUtf8` gives. */
  utf8Length(text: string): number
  /** One byte per character; the caller guarantees that all are below U+0100. */
  encodeLatin1(text: string): Uint8Array
}

/** Runs work in the background and reports what it throws: hyper's `Executor`, seen as a pair. */
export interface Executor {
  /**
   * Calls `task` once, at the end of the current turn of the event loop: after all IO that is ready now, so that the
   * answers of one turn leave in one write. A microtask is too early.
   */
  defer(task: () => void): void
  /** Takes what background work has thrown (a hook, a listener, a service after its answer). Must not throw. */
  onError(error: unknown): void
}

/** What the embedder brings. */
export interface Runtime extends Executor {
  /** Monotonic and wall time. */
  readonly clock: Clock
  /** Movable deadlines. */
  readonly timer: Timer
  /** Bytes to strings and back; `plainText` where the platform has no faster way. */
  readonly text: TextCodec
  /**
   * Remembers the asynchronous context of its caller (what `AsyncLocalStorage` tells), and returns what calls a function
   * in it. Left out where a platform has no such thing.
   */
  snapshot?(): <R>(fn: () => R) => R
}
