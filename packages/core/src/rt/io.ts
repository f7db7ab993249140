// Io: one byte stream, as the embedder brings it. Push with explicit demand: the adapter calls the sink as bytes
// arrive, until it is paused. Nothing here knows HTTP. The two halves of the stream end apart from each other:
// `onEnd` says that the peer will send no more, `onClose` that the transport is gone.

/** The bytes were handed to the transport; the memory belongs to the caller again. */
export const TAKEN = 0
/** The bytes are held until the transport takes them; the caller must not change them. */
export const QUEUED = 1
/** As {@link QUEUED}, and the caller should write no more before `onDrain`. */
export const FULL = 2

/** What {@link Io.write} answers: {@link TAKEN}, {@link QUEUED} or {@link FULL}. */
export type WriteResult = typeof TAKEN | typeof QUEUED | typeof FULL

/** What is known of the other end. Every member may be read lazily; an adapter leaves out what it cannot know. */
export interface PeerInfo {
  /** `'tcp'`, `'tls'`, `'unix'`, `'memory'`, or a name of the adapter's own. */
  readonly transport: string
  /** The address of the other end, without its port. */
  readonly remoteAddress?: string | undefined
  readonly remotePort?: number | undefined
  /** Our own address, without its port. */
  readonly localAddress?: string | undefined
  readonly localPort?: number | undefined
  /** True when the bytes travel encrypted (TLS). */
  readonly encrypted: boolean
  /** The protocol that ALPN (RFC 7301) agreed on, for example `'h2'`. */
  readonly alpnProtocol?: string | undefined
  /** The name the client asked for by SNI (RFC 6066 §3). */
  readonly serverName?: string | undefined
}

/** The receiving side of an {@link Io}. Calls never overlap, and none comes before `start` has returned. */
export interface IoSink {
  /**
   * Bytes have arrived. The chunk is never empty.
   * @returns true when the sink keeps the memory; false lets the adapter use it again as soon as this returns.
   */
  onData(chunk: Uint8Array): boolean
  /** The peer has ended its half: no `onData` follows. Writing may go on. Comes at most once. */
  onEnd(): void
  /** After {@link FULL}: everything that was held has been taken. */
  onDrain(): void
  /**
   * Writing has failed and will not work again; reading goes on, so that an early answer can still be read.
   * @param lost how many of the bytes that were written last the transport has certainly not taken one of, those included
   * that are written from now on; left out, or 0, where nothing is certain. A client sends a request again of which
   * nothing was taken, whatever it asks for: an adapter that does not know must not guess.
   */
  onWriteError(error: Error, lost?: number): void
  /** The transport is gone: nothing is called after this. Comes exactly once. `error` is null for a clean end. */
  onClose(error: Error | null): void
}

/** One duplex byte stream. An adapter passes the suite of `packages/conformance` (`ioSuite`). */
export interface Io {
  /** What is known of the other end. */
  readonly peer: PeerInfo
  /**
   * Begins delivery to `sink`, asynchronously. A second `start` (after an upgrade) replaces the sink; what has arrived
   * since the pause goes to the new one, and so does the close, when the stream is gone already.
   */
  start(sink: IoSink): void
  /** Stops `onData` and `onEnd` until `resume`. A bounded read-ahead may be kept, so that a lost peer is noticed. */
  pause(): void
  /** Delivery goes on, never from within this call. */
  resume(): void
  /**
   * Writes bytes, or text whose characters are all below U+0100 (one byte each).
   * @param more true when another write follows in the same turn, so that the adapter may gather them.
   */
  write(data: Uint8Array | string, more?: boolean): WriteResult
  /** Ends our half after everything written so far. Reading goes on. */
  end(): void
  /**
   * Lets go of the transport without a reset: what was written is still delivered by the platform, nothing more is read.
   * `onClose` follows.
   */
  close(): void
  /** Tears the transport down now, with a reset (RST) where it has one; what is queued is dropped. `onClose` follows. */
  abort(): void
  /** Whether the stream keeps the process alive (default yes). No-ops where the platform has no such notion. */
  ref(): void
  unref(): void
}
