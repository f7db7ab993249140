import type { Io, PeerInfo, TextCodec } from '@hyper/core/rt'
import { type ByteSource, PromiseIo } from '../runtime/promise-io.ts'
import type { DenoConn } from './deno-api.ts'
import { DenoPeer } from './deno-peer.ts'
import { denoRuntime } from './deno-runtime.ts'

// denoIo: a connection of Deno's as an Io. In: a `TcpConn`, `TlsConn` or `UnixConn` that nobody else uses from then on. Out: sink
// calls. One read is under way at a time, also while paused and until 16 KiB are held, so that a peer that vanishes is noticed.
//
// Buffers: an idle connection holds one of 4 KiB, because the memory of a read that waits cannot be shared. It grows while reads
// fill it, and is small again once they do not.

const SMALL = 4_096
const LARGE = 65_536
/** So many reads in a row that would have fitted into a small buffer give a large one up. */
const PATIENCE = 16

/** What {@link denoIo} is told of a connection. */
export interface DenoIoOptions {
  /** What `handshake()` of a `TlsConn` has said. */
  readonly alpnProtocol?: string | null | undefined
}

/**
 * Makes an {@link Io} of a connection, and owns it from then on. A `TlsConn` should be past its handshake.
 *
 * - `abort` closes the connection: Deno offers no reset, so the peer may see an end. What it has sent and nobody has read makes
 *   the system send one.
 * - `onClose` has Deno's error, and null when both halves have ended, or after `close` and `abort`.
 */
export function denoIo(conn: DenoConn, options: DenoIoOptions = {}): Io {
  return new DenoIo(conn, options.alpnProtocol ?? undefined)
}

/**
 * Gives the connection of a {@link denoIo} back, for who speaks to the connection itself: TLS. The Io is dead from then on.
 * @returns null when it is no Io of ours, is in use, or has ended or failed
 * @internal
 */
export function releaseConn(io: Io): DenoConn | null {
  return io instanceof DenoIo ? io.releaseConn() : null
}

class DenoIo extends PromiseIo {
  private readonly conn: DenoConn

  constructor(conn: DenoConn, alpnProtocol: string | undefined) {
    super(new ConnSource(conn, alpnProtocol))
    this.conn = conn
  }

  releaseConn(): DenoConn | null {
    return this.release() ? this.conn : null
  }
}

class ConnSource implements ByteSource {
  readonly peer: PeerInfo
  readonly text: Pick<TextCodec, 'encodeLatin1'>
  private readonly conn: DenoConn
  private buffer: Uint8Array | null
  private size: number
  private smallReads: number
  private done: (chunk: Uint8Array | null) => void
  private readonly onRead: (length: number | null) => void
  private rest: Uint8Array
  private sent: () => void
  private readonly onWritten: (length: number) => void
  private failed: (error: unknown) => void

  constructor(conn: DenoConn, alpnProtocol: string | undefined) {
    this.peer = new DenoPeer(conn, alpnProtocol)
    this.text = denoRuntime.text
    this.conn = conn
    this.buffer = null
    this.size = SMALL
    this.smallReads = 0
    this.done = ignore
    this.onRead = (length) => this.done(length === null ? null : this.taken(length))
    this.rest = NOTHING
    this.sent = ignore
    this.onWritten = (length) => this.written(length)
    this.failed = ignore
  }

  defer(task: () => void): void {
    denoRuntime.defer(task)
  }

  ref(): void {
    this.conn.ref()
  }

  unref(): void {
    this.conn.unref()
  }

  read(done: (chunk: Uint8Array | null) => void, failed: (error: unknown) => void): void {
    this.done = done
    this.buffer ??= new Uint8Array(this.size)
    this.conn.read(this.buffer).then(this.onRead, failed)
  }

  release(kept: boolean): void {
    if (kept || this.buffer?.length !== this.size) this.buffer = null
  }

  write(bytes: Uint8Array, done: () => void, failed: (error: unknown) => void): void {
    this.rest = bytes
    this.sent = done
    this.failed = failed
    this.conn.write(bytes).then(this.onWritten, failed)
  }

  closeWrite(): Promise<void> {
    return this.conn.closeWrite()
  }

  close(): void {
    try {
      this.conn.close()
    } catch {
      // It is closed already.
    }
  }

  abort(): void {
    this.close()
  }

  private taken(length: number): Uint8Array {
    const buffer = this.buffer ?? NOTHING
    if (length === buffer.length) {
      this.size = LARGE
      this.smallReads = 0
    } else if (length > SMALL) this.smallReads = 0
    else if (this.size !== SMALL && ++this.smallReads >= PATIENCE) this.size = SMALL
    return buffer.subarray(0, length)
  }

  private written(length: number): void {
    if (length < this.rest.length) {
      this.rest = this.rest.subarray(length)
      this.conn.write(this.rest).then(this.onWritten, this.failed)
      return
    }
    this.rest = NOTHING
    this.sent()
  }
}

const NOTHING = new Uint8Array(0)

function ignore(): void {}
