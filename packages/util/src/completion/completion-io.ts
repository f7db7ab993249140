import { count } from '@hyper/core/error'
import type { Io, PeerInfo } from '@hyper/core/rt'
import { type ByteSource, PromiseIo } from '../runtime/promise-io.ts'

// A completion-based stream (Deno's Conn, a BYOB reader, rings like io_uring) as an Io. The one read buffer is handed to
// the source and comes back with each completion; it is used again unless the sink has kept it.

/** What {@link completionIo} drives. No two reads and no two writes are under way at the same time. */
export interface CompletionSource {
  /**
   * Reads into `buffer`, which belongs to the source until the promise settles.
   * @returns how many bytes were read; null at the end. 0 is no end: it is asked again.
   */
  read(buffer: Uint8Array): Promise<number | null>
  /** Writes at least one byte of `bytes`, which belong to the source until the promise settles; returns how many. */
  write(bytes: Uint8Array): Promise<number>
  /** Ends our half; a source without it keeps its half open until both are done. */
  closeWrite?(): Promise<void> | void
  /** Closes the stream, which makes a read or write under way settle. */
  close(): void
  /** Closes with a reset where the transport has one; `close` is called where there is none. */
  abort?(): void
  readonly peer?: PeerInfo | undefined
}

/** How {@link completionIo} reads. */
export interface CompletionOptions {
  /** Size of the read buffer in bytes, at least 1. Default 65,536. */
  readonly bufferSize?: number | undefined
}

/**
 * Makes an {@link Io} of a completion-based source, and owns it from then on.
 * @throws HyperError `INVALID_OPTION`
 */
export function completionIo(source: CompletionSource, options: CompletionOptions = {}): Io {
  // A buffer of no bytes would be filled for ever.
  const bufferSize = count('bufferSize', options.bufferSize, 65_536, 1, MOST)
  return new PromiseIo(new BufferedSource(source, bufferSize))
}

/** No stream brings as much at a time. */
const MOST = 1_073_741_824

class BufferedSource implements ByteSource {
  readonly peer: PeerInfo
  private readonly source: CompletionSource
  private readonly bufferSize: number
  /** Null while nothing was read yet, and when the sink has kept the last one. */
  private buffer: Uint8Array | null

  constructor(source: CompletionSource, bufferSize: number) {
    this.peer = source.peer ?? { transport: 'completion', encrypted: false }
    this.source = source
    this.bufferSize = bufferSize
    this.buffer = null
  }

  read(done: (chunk: Uint8Array | null) => void, failed: (error: unknown) => void): void {
    this.next().then(done, failed)
  }

  private async next(): Promise<Uint8Array | null> {
    this.buffer ??= new Uint8Array(this.bufferSize)
    const length = await this.source.read(this.buffer)
    return length === null ? null : this.buffer.subarray(0, length)
  }

  release(kept: boolean): void {
    if (kept) this.buffer = null
  }

  write(bytes: Uint8Array, done: () => void, failed: (error: unknown) => void): void {
    this.send(bytes).then(done, failed)
  }

  private async send(bytes: Uint8Array): Promise<void> {
    for (let rest = bytes; rest.length > 0;) rest = rest.subarray(await this.source.write(rest))
  }

  async closeWrite(): Promise<void> {
    await this.source.closeWrite?.()
  }

  close(): void {
    this.quietly(() => this.source.close())
  }

  abort(): void {
    this.quietly(() => (this.source.abort === undefined ? this.source.close() : this.source.abort()))
  }

  /** Closing what is closed throws in Deno, and tells nothing that matters any more. */
  private quietly(task: () => void): void {
    try {
      task()
    } catch {
      return
    }
  }
}
