import type { Io, IoSink, Runtime } from '@hyper/core/rt'
import { IoAround, SinkAround } from '@hyper/util/tunnel'
import type { Connection } from './connection.ts'

// SwitchedIo: the stream of a connection that was upgraded, as its new owner gets it. In: the stream, paused, which nobody
// listens to any more. Out: the same stream, and a promise for its end, which holds even when the owner never starts it.
// It changes nothing on the way: what one side calls, the other gets.

export class SwitchedIo extends IoAround implements Connection {
  /** Resolves when the transport is gone; never rejects. */
  readonly closed: Promise<void>
  private readonly runtime: Runtime
  private owner: Watch | null
  private isGone: boolean
  /** What nobody has heard, since no owner had started. */
  private isDrainOwed: boolean
  private resolveClosed!: () => void

  constructor(io: Io, runtime: Runtime) {
    super(io)
    this.closed = new Promise((resolve) => {
      this.resolveClosed = resolve
    })
    this.runtime = runtime
    this.owner = null
    this.isGone = false
    this.isDrainOwed = false
    // From here on its end is heard of. Nothing is delivered before the owner starts it.
    io.start({
      onData: () => false,
      onEnd() {},
      onDrain: () => {
        this.isDrainOwed = true
      },
      onWriteError() {},
      onClose: () => this.gone(),
    })
    io.pause()
  }

  override start(sink: IoSink): void {
    if (this.owner?.sink !== sink) this.owner = new Watch(sink, this)
    this.io.start(this.owner)
    // A sink is never called from within `start`.
    if (this.isDrainOwed) this.runtime.defer(() => this.drained())
  }

  /** As {@link Io} has it, and {@link Connection}: nobody is there to be told why. */
  override abort(): void {
    this.io.abort()
    // A transport that is gone, with bytes that its owner does not read, may not tell its end.
    this.gone()
  }

  /** Its protocol is not ours to end. */
  gracefulShutdown(): void {}

  /** The transport is gone. */
  gone(): void {
    this.isGone = true
    this.resolveClosed()
  }

  private drained(): void {
    if (this.isDrainOwed && !this.isGone) this.owner?.onDrain()
    this.isDrainOwed = false
  }
}

class Watch extends SinkAround {
  private readonly io: SwitchedIo

  constructor(sink: IoSink, io: SwitchedIo) {
    super(sink)
    this.io = io
  }

  override onClose(error: Error | null): void {
    this.io.gone()
    super.onClose(error)
  }
}
