import {
  FULL,
  plainText,
  TAKEN,
  type Io,
  type IoSink,
  type PeerInfo,
  type Runtime,
  type WriteResult,
} from '@hyper/core/rt'
import { leftoverIo } from '../connect/proxy/leftover-io.ts'

// LateIo: a stream that is used before it is there. In: an owner, who starts it and writes; a host, who reads what is written
// and may answer; later, the stream itself. Out: until then a conversation between the two; from then on every call goes
// through. So a library that wants a socket with a handshake of HTTP/1 on it gets one, whatever the handshake really is.

/** Who speaks in place of a stream that is not there yet. The owner's calls reach it as they are made. */
export interface LateIoHost {
  /** The owner has written; the bytes are the host's. It waits for {@link LateIo.drained} or {@link LateIo.bind}. */
  onWrite(bytes: Uint8Array): void
  /** The owner has ended its half. */
  onEnd(): void
  /** The owner has let go, or torn down. */
  onGone(): void
  /** The owner wants more, after {@link LateIo.isPaused}. */
  onResume(): void
}

/** A stream that is used before it is there: by an owner, as any `Io`; by a host, until {@link LateIo.bind}. */
export class LateIo implements Io {
  /** The owner wants no more bytes for now. */
  isPaused: boolean
  private readonly host: LateIoHost
  private readonly runtime: Pick<Runtime, 'defer'>
  private readonly knownPeer: PeerInfo
  private target: Io | null
  private sink: IoSink | null
  private isEnded: boolean
  private isGone: boolean
  /** What it is gone with. */
  private error: Error | null
  /** The owner wants it to keep no process alive. */
  private isUnref: boolean

  /** @param peer what is known of the other end as long as the stream is not there */
  constructor(host: LateIoHost, peer: PeerInfo, runtime: Pick<Runtime, 'defer'>) {
    this.isPaused = false
    this.host = host
    this.runtime = runtime
    this.knownPeer = peer
    this.target = null
    this.sink = null
    this.isEnded = false
    this.isGone = false
    this.error = null
    this.isUnref = false
  }

  // ------------------------------------------------------------------ what the host calls, never from within its own calls

  /** Gives the owner, who has started, bytes as though they had come. */
  feed(bytes: Uint8Array): void {
    if (!this.isGone) this.sink?.onData(bytes)
  }

  /** The other end, as though it had come. */
  feedEnd(): void {
    if (!this.isGone) this.sink?.onEnd()
  }

  /** The owner may write again. */
  drained(): void {
    if (!this.isGone && this.target === null) this.sink?.onDrain()
  }

  /** There will be no stream. */
  finish(error: Error | null): void {
    if (this.isGone || this.target !== null) return
    this.isGone = true
    this.error = error
    this.sink?.onClose(error)
  }

  /**
   * The stream is there, paused.
   * @param leftover bytes that it has brought already
   * @param early what the owner has written for it
   */
  bind(io: Io, leftover: Uint8Array, early: readonly Uint8Array[]): void {
    if (this.isGone) {
      io.abort()
      return
    }
    const target = leftover.length === 0 ? io : leftoverIo(io, leftover, this.runtime)
    this.target = target
    if (this.isUnref) target.unref()
    let isFull = false
    for (const chunk of early) isFull = io.write(chunk) === FULL || isFull
    const { sink } = this
    if (sink !== null) {
      target.start(sink)
      if (this.isPaused) target.pause()
      // It was told to wait.
      if (!isFull) this.runtime.defer(() => sink.onDrain())
    }
    if (this.isEnded) target.end()
  }

  // ------------------------------------------------------------------ what the owner calls

  get peer(): PeerInfo {
    return this.target?.peer ?? this.knownPeer
  }

  start(sink: IoSink): void {
    const isNew = sink !== this.sink
    this.sink = sink
    this.isPaused = false
    if (this.target !== null) this.target.start(sink)
    // Who comes after the close hears of it, too.
    else if (this.isGone && isNew) this.tellClose(sink)
  }

  pause(): void {
    this.isPaused = true
    this.target?.pause()
  }

  resume(): void {
    this.isPaused = false
    if (this.target === null) this.host.onResume()
    else this.target.resume()
  }

  write(data: Uint8Array | string, more?: boolean): WriteResult {
    if (this.target !== null) return this.target.write(data, more)
    if (this.isEnded || this.isGone || data.length === 0) return TAKEN
    this.host.onWrite(typeof data === 'string' ? plainText.encodeLatin1(data) : data.slice())
    return FULL
  }

  end(): void {
    if (this.isEnded) return
    this.isEnded = true
    if (this.target !== null) this.target.end()
    else if (!this.isGone) this.host.onEnd()
  }

  close(): void {
    if (this.target !== null) this.target.close()
    else this.leave()
  }

  abort(): void {
    if (this.target !== null) this.target.abort()
    else this.leave()
  }

  ref(): void {
    this.isUnref = false
    this.target?.ref()
  }

  unref(): void {
    this.isUnref = true
    this.target?.unref()
  }

  private leave(): void {
    if (this.isGone) return
    this.isGone = true
    this.host.onGone()
    if (this.sink !== null) this.tellClose(this.sink)
  }

  private tellClose(sink: IoSink): void {
    this.runtime.defer(() => {
      // Another has taken over in the meantime, and is told by itself.
      if (sink === this.sink) sink.onClose(this.error)
    })
  }
}
