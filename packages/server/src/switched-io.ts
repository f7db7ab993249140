import type { Io, IoSink, PeerInfo, Runtime, WriteResult } from '@hyper/core/rt'
import type { Connection } from './connection.ts'

// SwitchedIo: the stream of a connection that was upgraded, as its new owner gets it. In: the stream, paused, which nobody
// listens to any more. Out: the same stream, and a promise for its end, which holds even when the owner never starts it.
// It changes nothing on the way: what one side calls, the other gets.

export class SwitchedIo implements Io, Connection {
  /** Resolves when the transport is gone; never rejects. */
  readonly closed: Promise<void>
  private readonly io: Io
  private readonly watch: Watch
  private leave!: () => void

  constructor(io: Io, runtime: Runtime) {
    this.io = io
    this.closed = new Promise((resolve) => {
      this.leave = resolve
    })
    this.watch = new Watch(runtime, this.leave)
    // From here on its end is heard of. Nothing is delivered before the owner starts it.
    io.start(this.watch)
    io.pause()
  }

  get peer(): PeerInfo {
    return this.io.peer
  }

  start(sink: IoSink): void {
    this.watch.give(sink)
    this.io.start(this.watch)
  }

  pause(): void {
    this.io.pause()
  }

  resume(): void {
    this.io.resume()
  }

  write(data: Uint8Array | string, more?: boolean): WriteResult {
    return this.io.write(data, more)
  }

  end(): void {
    this.io.end()
  }

  close(): void {
    this.io.close()
  }

  /** As {@link Io} has it, and {@link Connection}: nobody is there to be told why. */
  abort(): void {
    this.io.abort()
    // A transport that is gone, with bytes that its owner does not read, may not tell its end.
    this.leave()
  }

  ref(): void {
    this.io.ref()
  }

  unref(): void {
    this.io.unref()
  }

  /** Its protocol is not ours to end. */
  gracefulShutdown(): void {}
}

/** The sink of the stream; it outlives those of its owner. */
class Watch implements IoSink {
  private readonly runtime: Runtime
  private readonly onGone: () => void
  private target: IoSink | null
  private isGone: boolean
  private error: Error | null
  /** What the owner has not heard, since it had not started. */
  private isCloseOwed: boolean
  private isDrainOwed: boolean

  constructor(runtime: Runtime, onGone: () => void) {
    this.runtime = runtime
    this.onGone = onGone
    this.target = null
    this.isGone = false
    this.error = null
    this.isCloseOwed = false
    this.isDrainOwed = false
  }

  give(sink: IoSink): void {
    this.target = sink
    // A sink is never called from within `start`.
    if (this.isCloseOwed || this.isDrainOwed) this.runtime.defer(() => this.catchUp(sink))
  }

  private catchUp(sink: IoSink): void {
    if (this.isCloseOwed) sink.onClose(this.error)
    else if (this.isDrainOwed && !this.isGone) sink.onDrain()
    this.isCloseOwed = false
    this.isDrainOwed = false
  }

  onData(chunk: Uint8Array): boolean {
    return this.target?.onData(chunk) ?? false
  }

  onEnd(): void {
    this.target?.onEnd()
  }

  onDrain(): void {
    if (this.target === null) this.isDrainOwed = true
    else this.target.onDrain()
  }

  onWriteError(error: Error, lost?: number): void {
    this.target?.onWriteError(error, lost)
  }

  onClose(error: Error | null): void {
    this.isGone = true
    this.error = error
    this.onGone()
    if (this.target === null) this.isCloseOwed = true
    else this.target.onClose(error)
  }
}
